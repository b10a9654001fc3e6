// SPDX-License-Identifier: MIT
/*
 * x-pci-proxy-dev: QEMU's multi-process protocol ("mpqemu"; documented in QEMU's
 * docs/devel/multi-process.rst), this side being the remote process. One request at a time, each
 * with a RET, but for memory maps and interrupt eventfds. Host byte order.
 *
 * The answer to a BAR write goes out before the write acts: the guest's CPU goes on meanwhile.
 */
#include "tools/nicsim/attach.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/nicsim/guestmem.h"
#include "tools/nicsim/stream.h"

enum mpqemu_cmd {
	SYNC_SYSMEM,
	RET,
	PCI_CFGWRITE,
	PCI_CFGREAD,
	BAR_WRITE,
	BAR_READ,
	SET_IRQFD,
	DEVICE_RESET,
};

enum { MEM_REGIONS = 8 };

struct header {
	s32 cmd;
	u32 pad;
	u64 size;
};

struct sysmem {
	u64 gpa[MEM_REGIONS], size[MEM_REGIONS];
	s64 offset[MEM_REGIONS];
};

struct cfg_access {
	u32 addr, val;
	s32 len;
};

struct bar_access {
	u64 addr, val;
	u32 size;
	u8 memory, pad[3];
};

struct proxy {
	struct nicsim_attach a;
	struct stream s;
	struct guestmem mem;
	int irqfd, resamplefd;
};

static const u8 data_size[] = {
	[SYNC_SYSMEM] = sizeof(struct sysmem),
	[RET] = 8,
	[PCI_CFGWRITE] = sizeof(struct cfg_access),
	[PCI_CFGREAD] = sizeof(struct cfg_access),
	[BAR_WRITE] = sizeof(struct bar_access),
	[BAR_READ] = sizeof(struct bar_access),
	[SET_IRQFD] = 0,
	[DEVICE_RESET] = 0,
};

static s64 size_of(const u8 *header)
{
	struct header h;

	memcpy(&h, header, sizeof(h));
	if (h.cmd < 0 || h.cmd >= (s32)sizeof(data_size) || h.size != data_size[h.cmd])
		return -1;
	return (s64)h.size;
}

static bool answer(struct proxy *p, u64 value)
{
	struct {
		struct header h;
		u64 value;
	} m = { { RET, 0, sizeof(u64) }, value };

	return stream_write(&p->s, &m, sizeof(m));
}

static const char *sysmem(struct proxy *p)
{
	struct sysmem m;
	bool same = p->s.nfds == p->mem.n;

	memcpy(&m, p->s.data, sizeof(m));
	if (p->s.nfds > MEM_REGIONS)
		return "more than 8 memory regions";
	for (u32 i = 0; i < p->s.nfds && same; i++)
		same = guestmem_same(&p->mem, i, p->s.fds[i], m.gpa[i], m.size[i],
				     (u64)m.offset[i]);
	if (same)
		return NULL;
	guestmem_clear(&p->mem, p->a.dev);
	for (u32 i = 0; i < p->s.nfds; i++) {
		const char *why = guestmem_add(&p->mem, p->a.dev, p->s.fds[i], m.gpa[i], m.size[i],
					       (u64)m.offset[i]);

		if (why)
			return why;
	}
	return NULL;
}

static const char *set_irqfd(struct proxy *p)
{
	if (p->s.nfds != 2)
		return "interrupt eventfds are not two";
	if (p->irqfd >= 0)
		close(p->irqfd);
	if (p->resamplefd >= 0)
		close(p->resamplefd);
	p->irqfd = p->s.fds[0];
	p->resamplefd = p->s.fds[1];
	p->s.nfds = 0;
	return NULL;
}

/* Only a line can leave: the protocol has no messages. */
static void irq(void *arg, struct nicsim_dev *dev, u16 vector, bool level)
{
	struct proxy *p = arg;
	u64 one = 1;

	(void)dev;
	if (vector == NICSIM_NO_VECTOR && level && p->irqfd >= 0 &&
	    write(p->irqfd, &one, sizeof(one)) < 0)
		p->a.dev->interrupts--; /* nobody counts it */
}

static const char *cfg(struct proxy *p, bool write)
{
	struct cfg_access c;

	memcpy(&c, p->s.data, sizeof(c));
	if (c.addr >= NICSIM_CFG || (c.len != 1 && c.len != 2 && c.len != 4))
		return "a configuration access outside of the space";
	if (write)
		nicsim_cfg_write(p->a.dev, c.addr, (u32)c.len, c.val);
	answer(p, write ? 0 : nicsim_cfg_read(p->a.dev, c.addr, (u32)c.len));
	return NULL;
}

static const char *bar(struct proxy *p, bool write)
{
	struct bar_access b;
	u64 off = 0;
	int n;

	memcpy(&b, p->s.data, sizeof(b));
	if (b.size != 1 && b.size != 2 && b.size != 4 && b.size != 8)
		return "a BAR access of a wrong width";
	n = nicsim_bar_at(p->a.dev, b.addr, !b.memory, &off);
	if (write) {
		if (!answer(p, 0))
			return NULL;
		if (n >= 0)
			nicsim_bar_write(p->a.dev, (u32)n, off, b.size, b.val);
	} else {
		answer(p, n >= 0 ? nicsim_bar_read(p->a.dev, (u32)n, off, b.size) : ~0ull);
	}
	if (n < 0)
		nicsim_error(p->a.dev, NICSIM_E_ACCESS, "no BAR at bus address %llx",
			     (unsigned long long)b.addr);
	return NULL;
}

static const char *message(struct proxy *p)
{
	struct header h;

	memcpy(&h, p->s.header, sizeof(h));
	p->a.requests++;
	switch (h.cmd) {
	case SYNC_SYSMEM:
		return sysmem(p);
	case PCI_CFGWRITE:
	case PCI_CFGREAD:
		return cfg(p, h.cmd == PCI_CFGWRITE);
	case BAR_WRITE:
	case BAR_READ:
		return bar(p, h.cmd == BAR_WRITE);
	case SET_IRQFD:
		return set_irqfd(p);
	case DEVICE_RESET:
		nicsim_reset(p->a.dev);
		answer(p, 0);
		return NULL;
	default:
		return "an answer without a question";
	}
}

/* At most one message a call, so that all ports of the machine have their turn. */
static bool proxy_serve(struct nicsim_attach *a)
{
	struct proxy *p = (struct proxy *)a;
	int r = stream_read(&p->s, size_of);
	const char *why = r == -2 ? "a message of an unknown kind or a wrong length" : NULL;

	if (r == 1) {
		why = message(p);
		stream_done(&p->s);
	}
	if (why)
		snprintf(a->why, sizeof(a->why), "%s", why);
	return r >= 0 && !why;
}

static void proxy_destroy(struct nicsim_attach *a)
{
	struct proxy *p = (struct proxy *)a;

	guestmem_clear(&p->mem, a->dev);
	a->dev->irq = NULL;
	stream_free(&p->s);
	if (p->irqfd >= 0)
		close(p->irqfd);
	if (p->resamplefd >= 0)
		close(p->resamplefd);
	free(p);
}

static const struct nicsim_attach_ops ops = { "proxy", proxy_serve, proxy_destroy };

struct nicsim_attach *nicsim_attach_proxy(struct nicsim_dev *dev, int fd)
{
	struct proxy *p = calloc(1, sizeof(*p));

	if (!p || !stream_init(&p->s, fd)) {
		free(p);
		return NULL;
	}
	p->a = (struct nicsim_attach){ .ops = &ops, .dev = dev, .fd = fd };
	p->irqfd = p->resamplefd = -1;
	dev->irq = irq;
	dev->irq_arg = p;
	return &p->a;
}
