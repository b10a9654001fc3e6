// SPDX-License-Identifier: MIT
/*
 * vfio-user: the server's side of QEMU's docs/interop/vfio-user.rst, version 0.0, for
 * vfio-user-pci of QEMU >= 10.1: regions (BARs, configuration space), DMA by shared memory, INTx,
 * MSI and MSI-X by eventfds. QEMU emulates the MSI-X table; we see enable bits and eventfds.
 */
#include "tools/nicsim/attach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/nicsim/guestmem.h"
#include "tools/nicsim/stream.h"

enum vfio_user_cmd {
	CMD_VERSION = 1,
	CMD_DMA_MAP = 2,
	CMD_DMA_UNMAP = 3,
	CMD_DEVICE_GET_INFO = 4,
	CMD_GET_REGION_INFO = 5,
	CMD_GET_IRQ_INFO = 7,
	CMD_SET_IRQS = 8,
	CMD_REGION_READ = 9,
	CMD_REGION_WRITE = 10,
	CMD_DEVICE_RESET = 13,
};

enum {
	FLAG_REPLY = 1,
	FLAG_NO_REPLY = 0x10,
	FLAG_ERROR = 0x20,
	CONFIG_REGION = 7,
	REGIONS = 9,
	IRQ_INTX = 0,
	IRQ_MSI = 1,
	IRQ_MSIX = 2,
	IRQS = 5,
	IRQ_EVENTFD = 1,
	IRQ_MASKABLE = 2,
	IRQ_AUTOMASKED = 4,
	IRQ_NORESIZE = 8,
	SET_NONE = 1,
	SET_EVENTFD = 4,
	SET_MASK = 8,
	SET_UNMASK = 16,
	SET_TRIGGER = 32,
	UNMAP_ALL = 2,
	VECTORS = 2048,
	TRANSFER = 1 << 20,
};

struct header {
	u16 id, cmd;
	u32 size; /* with the header */
	u32 flags;
	u32 error;
};

struct vfio {
	struct nicsim_attach a;
	struct stream s;
	bool listening;
	struct guestmem mem;
	int line; /* eventfd of INTx, -1 */
	bool line_masked, line_level;
	int msi;
	int vector[VECTORS]; /* -1: none */
	bool lost[VECTORS];  /* raised while there was no eventfd */
};

static s64 size_of(const u8 *header)
{
	struct header h;

	memcpy(&h, header, sizeof(h));
	if (h.size < sizeof(h) || (h.flags & 0xf))
		return -1;
	return (s64)h.size - (s64)sizeof(h);
}

/* --- interrupts ----------------------------------------------------------------------------- */

static void signal_fd(int fd)
{
	u64 one = 1;

	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: it is signalled anyway */
}

static void irq(void *arg, struct nicsim_dev *dev, u16 vector, bool level)
{
	struct vfio *v = arg;

	if (vector == NICSIM_NO_VECTOR) {
		v->line_level = level;
		if (level && !v->line_masked && v->line >= 0) {
			v->line_masked = true;
			signal_fd(v->line);
		}
	} else if (!nicsim_msix_on(dev)) {
		signal_fd(v->msi);
	} else if (vector < VECTORS) {
		if (v->vector[vector] < 0)
			v->lost[vector] = true;
		signal_fd(v->vector[vector]);
	}
}

static void replace(int *at, int fd)
{
	if (*at >= 0)
		close(*at);
	*at = fd;
}

static void vectors_close(struct vfio *v)
{
	for (u32 i = 0; i < VECTORS; i++) {
		replace(&v->vector[i], -1);
		v->lost[i] = false;
	}
}

static void line_unmask(struct vfio *v)
{
	v->line_masked = false;
	irq(v, v->a.dev, NICSIM_NO_VECTOR, v->line_level);
}

static void trigger_set(struct vfio *v, u32 index, u32 vector, int fd)
{
	if (index == IRQ_INTX) {
		replace(&v->line, fd);
		v->line_masked = false;
		irq(v, v->a.dev, NICSIM_NO_VECTOR, v->line_level);
	} else if (index == IRQ_MSI) {
		replace(&v->msi, fd);
	} else {
		replace(&v->vector[vector], fd);
		if (fd >= 0 && v->lost[vector]) {
			v->lost[vector] = false;
			signal_fd(fd);
		}
	}
}

static u32 irq_count(const struct nicsim_dev *dev, u32 index)
{
	if (index == IRQ_INTX)
		return dev->model->pin && !dev->pf;
	if (index == IRQ_MSI)
		return dev->cap_msi != 0;
	return index == IRQ_MSIX ? dev->msix_vectors : 0;
}

static u32 set_irqs(struct vfio *v, u64 len)
{
	struct {
		u32 argsz, flags, index, start, count;
	} r;
	u32 have;

	if (len < sizeof(r))
		return EINVAL;
	memcpy(&r, v->s.data, sizeof(r));
	have = r.index < IRQS ? irq_count(v->a.dev, r.index) : 0;
	if (r.index > IRQ_MSIX)
		return r.count ? EINVAL : 0;
	if (r.start > have || r.count > have - r.start || have > VECTORS)
		return EINVAL;
	if (r.flags & (SET_MASK | SET_UNMASK)) {
		if (r.index == IRQ_INTX && (r.flags & SET_UNMASK))
			line_unmask(v);
		else if (r.index == IRQ_INTX)
			v->line_masked = true;
		return 0;
	}
	if (!(r.flags & SET_TRIGGER))
		return EINVAL;
	if ((r.flags & SET_NONE) && !r.count) { /* all of the index off */
		if (r.index == IRQ_MSIX)
			vectors_close(v);
		else
			trigger_set(v, r.index, 0, -1);
		return 0;
	}
	if (!(r.flags & SET_EVENTFD) || (v->s.nfds && v->s.nfds != r.count))
		return EINVAL;
	for (u32 i = 0; i < r.count; i++)
		trigger_set(v, r.index, r.start + i, v->s.nfds ? v->s.fds[i] : -1);
	v->s.nfds = 0;
	return 0;
}

/* --- memory --------------------------------------------------------------------------------- */

static u32 dma_map(struct vfio *v, u64 len)
{
	struct {
		u32 argsz, flags;
		u64 offset, gpa, size;
	} r;

	if (len != sizeof(r) || v->s.nfds > 1)
		return EINVAL;
	memcpy(&r, v->s.data, sizeof(r));
	if (!v->s.nfds)
		return 0; /* not shared (ROM): no RAM for us */
	return guestmem_add(&v->mem, v->a.dev, v->s.fds[0], r.gpa, r.size, r.offset) ? EINVAL : 0;
}

static u32 dma_unmap(struct vfio *v, u64 len)
{
	struct {
		u32 argsz, flags;
		u64 gpa, size;
	} r;

	if (len < sizeof(r))
		return EINVAL;
	memcpy(&r, v->s.data, sizeof(r));
	if (r.flags & UNMAP_ALL)
		guestmem_clear(&v->mem, v->a.dev);
	else
		guestmem_del(&v->mem, v->a.dev, r.gpa, r.size);
	return 0;
}

/* --- regions -------------------------------------------------------------------------------- */

struct access {
	u64 offset;
	u32 region, count;
};

static u64 region_size(const struct nicsim_dev *dev, u32 region)
{
	if (region < NICSIM_BARS)
		return dev->bar[region].size;
	return region == CONFIG_REGION ? NICSIM_CFG : 0;
}

static void config_access(struct nicsim_dev *dev, u64 off, u8 *buf, u32 count, bool write)
{
	while (count) {
		u32 n = count >= 4 && !(off & 3) ? 4 : count >= 2 && !(off & 1) ? 2 : 1, x = 0;

		if (write) {
			memcpy(&x, buf, n);
			nicsim_cfg_write(dev, (u32)off, n, x);
		} else {
			x = nicsim_cfg_read(dev, (u32)off, n);
			memcpy(buf, &x, n);
		}
		off += n;
		buf += n;
		count -= n;
	}
}

static u32 region_access(struct vfio *v, const struct access *r, u8 *buf, bool write)
{
	u64 size = region_size(v->a.dev, r->region), x = 0;

	if (r->offset > size || r->count > size - r->offset)
		return EINVAL;
	if (r->region == CONFIG_REGION) {
		config_access(v->a.dev, r->offset, buf, r->count, write);
		return 0;
	}
	if (r->count != 1 && r->count != 2 && r->count != 4 && r->count != 8)
		return EINVAL;
	if (write) {
		memcpy(&x, buf, r->count);
		nicsim_bar_write(v->a.dev, r->region, r->offset, r->count, x);
	} else {
		x = nicsim_bar_read(v->a.dev, r->region, r->offset, r->count);
		memcpy(buf, &x, r->count);
	}
	return 0;
}

/* --- messages ------------------------------------------------------------------------------- */

/* What goes back after the header, and how much. */
struct reply {
	u8 data[64];
	const u8 *more; /* after data */
	u32 len, more_len;
};

static void reply_put(struct reply *r, const void *buf, u32 len)
{
	memcpy(r->data + r->len, buf, len);
	r->len += len;
}

static u32 version(const struct vfio *v, u64 len, struct reply *out)
{
	static const char caps[] =
		"{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":1048576}}";
	u16 number[2] = { 0, 0 }, asked[2];

	if (len < sizeof(asked))
		return EINVAL;
	memcpy(asked, v->s.data, sizeof(asked));
	if (asked[0] != 0)
		return EINVAL;
	reply_put(out, number, sizeof(number));
	out->more = (const u8 *)caps;
	out->more_len = sizeof(caps);
	return 0;
}

static u32 region_info(const struct vfio *v, u64 len, struct reply *out)
{
	struct {
		u32 argsz, flags, index, cap;
		u64 size, offset;
	} r;

	if (len < 16)
		return EINVAL;
	memset(&r, 0, sizeof(r));
	memcpy(&r, v->s.data, MIN(len, (u64)sizeof(r)));
	if (r.index >= REGIONS)
		return EINVAL;
	r.argsz = sizeof(r);
	r.cap = 0;
	r.offset = 0;
	r.size = region_size(v->a.dev, r.index);
	r.flags = r.size ? 3 : 0; /* read, write */
	reply_put(out, &r, sizeof(r));
	return 0;
}

static u32 irq_info(const struct vfio *v, u64 len, struct reply *out)
{
	static const u32 flags[IRQS] = { IRQ_EVENTFD | IRQ_MASKABLE | IRQ_AUTOMASKED,
					 IRQ_EVENTFD | IRQ_NORESIZE, IRQ_EVENTFD | IRQ_NORESIZE, 0,
					 0 };
	u32 r[4];

	if (len < sizeof(r))
		return EINVAL;
	memcpy(r, v->s.data, sizeof(r));
	if (r[2] >= IRQS)
		return EINVAL;
	r[0] = sizeof(r);
	r[1] = flags[r[2]];
	r[3] = irq_count(v->a.dev, r[2]);
	reply_put(out, r, sizeof(r));
	return 0;
}

static bool answer(struct vfio *v, const struct header *h, const struct reply *out, u32 error)
{
	struct header back = { h->id, h->cmd, sizeof(back), FLAG_REPLY, error };

	if (h->flags & FLAG_NO_REPLY)
		return true;
	if (error)
		back.flags |= FLAG_ERROR;
	else
		back.size += out->len + out->more_len;
	if (!stream_write(&v->s, &back, sizeof(back)))
		return false;
	return error || (stream_write(&v->s, out->data, out->len) &&
			 stream_write(&v->s, out->more, out->more_len));
}

static bool region_message(struct vfio *v, const struct header *h, u64 len, bool write)
{
	struct reply out = { .more = v->s.data + sizeof(struct access) };
	struct access r;
	u32 error = EINVAL;

	if (len >= sizeof(r)) {
		memcpy(&r, v->s.data, sizeof(r));
		reply_put(&out, &r, sizeof(r));
		if (r.count <= TRANSFER && (!write || len == sizeof(r) + (u64)r.count)) {
			if (!write)
				out.more_len = r.count;
			error = region_access(v, &r, v->s.data + sizeof(r), write);
		}
	}
	return answer(v, h, &out, error);
}

static bool message(struct vfio *v)
{
	struct reply out = { .len = 0 };
	struct header h;
	u32 error = 0;
	u64 len;

	memcpy(&h, v->s.header, sizeof(h));
	len = h.size - sizeof(h);
	v->a.requests++;
	switch (h.cmd) {
	case CMD_VERSION:
		error = version(v, len, &out);
		break;
	case CMD_DMA_MAP:
		error = dma_map(v, len);
		break;
	case CMD_DMA_UNMAP:
		error = dma_unmap(v, len);
		if (!error)
			reply_put(&out, v->s.data, 24);
		break;
	case CMD_DEVICE_GET_INFO:
		reply_put(&out, (const u32[]){ 16, 3 /* reset, PCI */, REGIONS, IRQS }, 16);
		break;
	case CMD_GET_REGION_INFO:
		error = region_info(v, len, &out);
		break;
	case CMD_GET_IRQ_INFO:
		error = irq_info(v, len, &out);
		break;
	case CMD_SET_IRQS:
		error = set_irqs(v, len);
		break;
	case CMD_REGION_READ:
	case CMD_REGION_WRITE:
		return region_message(v, &h, len, h.cmd == CMD_REGION_WRITE);
	case CMD_DEVICE_RESET:
		nicsim_reset(v->a.dev);
		break;
	default:
		error = ENOTSUP;
	}
	return answer(v, &h, &out, error);
}

static bool accept_one(struct vfio *v)
{
	int fd = accept(v->a.fd, NULL, NULL);

	if (fd < 0)
		return errno == EAGAIN || errno == EINTR;
	close(v->a.fd);
	v->a.fd = fd;
	v->s.fd = fd;
	v->listening = false;
	return true;
}

static bool vfio_serve(struct nicsim_attach *a)
{
	struct vfio *v = (struct vfio *)a;
	int r;

	if (v->listening)
		return accept_one(v);
	/* posted writes come in runs; a bounded number, so that all ports have their turn */
	for (u32 i = 0; i < 16; i++) {
		r = stream_read(&v->s, size_of);
		if (r == -2)
			snprintf(a->why, sizeof(a->why), "a message of a wrong length or kind");
		if (r <= 0)
			return r == 0;
		if (!message(v))
			return false;
		stream_done(&v->s);
	}
	return true;
}

static void vfio_destroy(struct nicsim_attach *a)
{
	struct vfio *v = (struct vfio *)a;

	guestmem_clear(&v->mem, a->dev);
	a->dev->irq = NULL;
	if (v->listening)
		close(a->fd);
	stream_free(&v->s);
	vectors_close(v);
	replace(&v->line, -1);
	replace(&v->msi, -1);
	free(v);
}

static const struct nicsim_attach_ops ops = { "vfio", vfio_serve, vfio_destroy };

struct nicsim_attach *nicsim_attach_vfio(struct nicsim_dev *dev, int fd, bool listening)
{
	struct vfio *v = calloc(1, sizeof(*v));

	if (!v || !stream_init(&v->s, listening ? -1 : fd)) {
		free(v);
		return NULL;
	}
	v->a = (struct nicsim_attach){ .ops = &ops, .dev = dev, .fd = fd };
	v->listening = listening;
	v->line = v->msi = -1;
	for (u32 i = 0; i < VECTORS; i++)
		v->vector[i] = -1;
	dev->irq = irq;
	dev->irq_arg = v;
	dev->irq_host = true;
	return &v->a;
}
