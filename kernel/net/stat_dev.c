// SPDX-License-Identifier: MIT
/*
 * /dev/pix/stat: what there is to see, as arrays of the structures of libc/include/pix/dev.h.
 * Counters are read while their QGM writes them: each is exact at some moment of the call, not all
 * at the same one; PIX_IOC_SNAPSHOT gives the consistent view.
 */
#include "kernel/clock.h"
#include "kernel/errno.h"
#include "kernel/fs/dev.h"
#include "kernel/lib/string.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/heap.h"
#include "kernel/net/door.h"
#include "kernel/net/stat.h"
#include "kernel/sched/thread.h"

/*
 * One kind of list: fill() writes up to max elements from number start on into out (kernel memory)
 * and says how many there are in all; returns how many were written. Control lock held.
 */
struct list_kind {
	u32 elem_size;
	u32 (*fill)(u32 start, void *out, u32 max, u32 *total);
	/* Instead: goes on at a cursor. */
	u32 (*walk)(u64 cursor[4], void *out, u32 max, u32 *total);
};

#define KIND(type, fn)                                  \
	{                                               \
		.elem_size = sizeof(type), .fill = (fn) \
	}

static const struct list_kind kinds[] = {
	[PIX_LIST_CPU] = KIND(struct pix_cpu, stat_cpus),
	[PIX_LIST_PORT] = KIND(struct pix_port, stat_ports),
	[PIX_LIST_IFACE] = KIND(struct pix_iface, stat_ifaces),
	[PIX_LIST_QGM] = KIND(struct pix_qgm, stat_qgms),
	[PIX_LIST_DROP] = KIND(struct pix_drop, stat_drops),
	[PIX_LIST_ROUTE] = { .elem_size = sizeof(struct pix_route), .walk = stat_routes },
	[PIX_LIST_NEIGH] = KIND(struct pix_neigh, stat_neighs),
	[PIX_LIST_MAC] = KIND(struct pix_mac, stat_macs),
	[PIX_LIST_BRIDGE] = KIND(struct pix_bridge, stat_bridges),
	[PIX_LIST_POOL] = KIND(struct pix_pool, stat_pools),
	[PIX_LIST_CONSERVATION] = KIND(struct pix_conservation, stat_conservation),
	[PIX_LIST_PORT_LAW] = KIND(struct pix_port_law, stat_port_law),
	[PIX_LIST_STEER] = KIND(struct pix_steer, stat_steer),
	[PIX_LIST_FLOW] = KIND(struct pix_flow, stat_flows),
	[PIX_LIST_GATEWAY] = KIND(struct pix_neigh, stat_gateways),
	[PIX_LIST_IF_COUNT] = KIND(struct pix_if_count, stat_if_counts),
	[PIX_LIST_TABLE] = KIND(struct pix_table, stat_tables),
	[PIX_LIST_STATISTIC] = { .elem_size = sizeof(struct pix_statistic),
				 .walk = stat_statistics },
	[PIX_LIST_REGISTER] = { .elem_size = sizeof(struct pix_register), .walk = stat_registers },
};

enum { CHUNK_BYTES = 16384, REGISTERS_TIMEOUT_NS = 1000000000 };

/* Up to `want` elements into buf. */
static u32 fill(const struct list_kind *k, struct pix_list *l, void *buf, u32 want)
{
	u32 got;

	mutex_lock(&control_lock);
	if (k->walk)
		got = k->walk(l->cursor, buf, want, &l->total);
	else
		got = k->fill(l->start + l->count, buf, want, &l->total);
	mutex_unlock(&control_lock);
	return got;
}

/* A walk that begins at an element number: what is in front of it is passed over. */
static void skip(const struct list_kind *k, struct pix_list *l, void *buf, u32 per_chunk)
{
	u32 left = l->start, got = 1;

	if (!k->walk || l->cursor[0] | l->cursor[1] | l->cursor[2] | l->cursor[3])
		return;
	for (; left && got; left -= got)
		got = fill(k, l, buf, MIN(left, per_chunk));
}

/* Chunk by chunk through a kernel buffer, so that the control lock is never held over a copy. */
static int list_copy(const struct list_kind *k, struct pix_list *l)
{
	u32 per_chunk = CHUNK_BYTES / k->elem_size;
	u8 *buf = kmalloc(CHUNK_BYTES);
	int err = 0;

	if (!buf)
		return -ENOMEM;
	l->count = 0;
	skip(k, l, buf, per_chunk);
	for (;;) {
		u32 want = MIN(per_chunk, l->max - l->count);
		u32 got = fill(k, l, buf, want);

		err = copy_to_user((u8 *)l->buf + (u64)l->count * k->elem_size, buf,
				   (size_t)got * k->elem_size);
		if (err)
			break;
		l->count += got;
		if (!got || got < want || l->count == l->max)
			break;
	}
	kfree(buf);
	return err;
}

static int list_ioctl(unsigned long arg)
{
	struct pix_list l;
	int err;

	if (copy_from_user(&l, (void *)arg, sizeof(l)))
		return -EFAULT;
	if (l.what >= ARRAY_SIZE(kinds) || l.elem_size != kinds[l.what].elem_size)
		return -EINVAL;
	if (l.start + l.max < l.start)
		return -EINVAL;
	err = list_copy(&kinds[l.what], &l);
	if (err)
		return err;
	return copy_to_user((void *)arg, &l, sizeof(l));
}

static int info_ioctl(unsigned long arg)
{
	struct pix_info *i = kmalloc(sizeof(*i));
	u32 size;
	int err;

	if (!i)
		return -ENOMEM;
	err = copy_from_user(&size, (void *)arg, sizeof(size));
	if (!err && size != sizeof(*i))
		err = -EINVAL;
	if (!err) {
		memset(i, 0, sizeof(*i));
		i->size = size;
		stat_info(i);
		err = copy_to_user((void *)arg, i, sizeof(*i));
	}
	kfree(i);
	return err;
}

static int snapshot_ioctl(unsigned long arg)
{
	struct pix_snapshot s;
	int err = door_snapshot(&s);

	return err ? err : copy_to_user((void *)arg, &s, sizeof(s));
}

/* Registers are the owner's to read: ask it, wait until it has been through all of them. */
static int registers_ioctl(unsigned long id)
{
	struct port *p = id && id < port_count() ? port_get((u16)id) : NULL;
	struct ctl_cmd cmd = { .kind = CTL_PORT_REGS, .a = (u16)id };
	u64 end = clock_ns() + REGISTERS_TIMEOUT_NS;
	s64 rounds;
	int err;

	if (!p)
		return -ENODEV;
	err = door_command(p->owner, &cmd, REGISTERS_TIMEOUT_NS, &rounds);
	if (err)
		return err;
	if (rounds < 0)
		return (int)rounds;
	while ((s32)(load_acquire(&p->regs.rounds) - (u32)rounds) < 0) {
		if (clock_ns() > end)
			return -ETIMEDOUT;
		thread_sleep_ns(1000000);
	}
	return 0;
}

static int stat_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	(void)f;
	switch (cmd) {
	case PIX_IOC_INFO:
		return info_ioctl(arg);
	case PIX_IOC_LIST:
		return list_ioctl(arg);
	case PIX_IOC_SNAPSHOT:
		return snapshot_ioctl(arg);
	case PIX_IOC_REGISTERS:
		return registers_ioctl(arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_ops stat_ops = { .ioctl = stat_ioctl };

static int stat_open(struct file *f, unsigned flags, void *arg)
{
	(void)arg;
	if ((flags & O_ACCMODE) != O_RDONLY)
		return -EACCES;
	f->ops = &stat_ops;
	return 0;
}

int stat_dev_init(void)
{
	return dev_register("/dev/pix/stat", stat_open, NULL);
}
