// SPDX-License-Identifier: MIT
/*
 * /dev/pix/neigh: the messages for the neighbour daemon (libc/include/pix/dev.h). The door thread
 * produces, one process consumes. Messages queue from boot on, so that the first ARP request is
 * answered as soon as the daemon runs, and while it restarts. The queue is bounded; what does not
 * fit is counted and lost (the engine repeats a miss after its own interval).
 */
#include "kernel/errno.h"
#include "kernel/fs/dev.h"
#include "kernel/lib/string.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/heap.h"
#include "kernel/net/door.h"
#include "kernel/sched/wait.h"
#include "libc/include/pix/dev.h"

enum { NEIGH_QUEUE = 256, NEIGH_FRAME_MAX = 1514 };

/* Each kind has room of its own, so that a flood of one does not shut out the others. */
static const u8 quota[] = {
	[PIX_EV_NEIGH_MISS] = 64,
	[PIX_EV_IF_CHANGE] = 32,
	[PIX_EV_ARP_FRAME] = 80,
	[PIX_EV_ND_FRAME] = 80,
};

struct msg {
	struct pix_neigh_msg h;
	u8 frame[NEIGH_FRAME_MAX];
};

static struct {
	struct spinlock lock;
	struct waitq wq;
	bool open;
	u32 head, tail; /* free running, under lock */
	u64 lost;
	u32 queued[ARRAY_SIZE(quota)]; /* of each kind */
	struct msg *slot[NEIGH_QUEUE]; /* each kmalloc'ed to its size */
} dev;

void neigh_dev_event(u16 kind, u16 ifid, struct pix_ip addr, const void *frame, u32 len)
{
	struct msg *m;
	bool queued = false;

	if (len > NEIGH_FRAME_MAX || kind >= ARRAY_SIZE(quota))
		return;
	m = kmalloc(sizeof(m->h) + len);
	if (m) {
		m->h = (struct pix_neigh_msg){
			.kind = kind, .ifid = ifid, .addr = addr, .len = len
		};
		if (len)
			memcpy(m->h.frame, frame, len);
	}

	u64 flags = spin_lock_irqsave(&dev.lock);

	if (m && dev.queued[kind] < quota[kind] && dev.head - dev.tail < NEIGH_QUEUE) {
		dev.queued[kind]++;
		dev.slot[dev.head++ % NEIGH_QUEUE] = m;
		queued = true;
	} else {
		dev.lost++;
	}
	spin_unlock_irqrestore(&dev.lock, flags);
	if (queued)
		waitq_wake_all(&dev.wq);
	else
		kfree(m);
}

static struct msg *take(void)
{
	struct msg *m = NULL;
	u64 flags = spin_lock_irqsave(&dev.lock);

	if (dev.tail != dev.head) {
		m = dev.slot[dev.tail++ % NEIGH_QUEUE];
		dev.queued[m->h.kind]--;
	}
	spin_unlock_irqrestore(&dev.lock, flags);
	return m;
}

static bool pending(void)
{
	return load_acquire(&dev.head) != load_acquire(&dev.tail);
}

static s64 neigh_read(struct file *f, void *ubuf, size_t n, u64 off)
{
	struct msg *m;
	s64 len;

	(void)off;
	if (n < sizeof(m->h) + NEIGH_FRAME_MAX)
		return -EINVAL; /* room for any message, so that none is cut */
	while (!(m = take())) {
		if (f->flags & O_NONBLOCK)
			return -EAGAIN;

		int err = wait_event_intr(&dev.wq, pending());

		if (err)
			return err;
	}
	len = (s64)(sizeof(m->h) + m->h.len);
	if (copy_to_user(ubuf, m, (size_t)len))
		len = -EFAULT;
	kfree(m);
	return len;
}

static s64 neigh_write(struct file *f, const void *ubuf, size_t n, u64 off)
{
	struct msg *m;
	int err;

	(void)f;
	(void)off;
	if (n < sizeof(m->h) + 14 || n > sizeof(*m))
		return -EINVAL;
	m = kmalloc(n);
	if (!m)
		return -ENOMEM;
	err = copy_from_user(m, ubuf, n);
	if (!err && ((m->h.kind != PIX_EV_ARP_FRAME && m->h.kind != PIX_EV_ND_FRAME) ||
		     m->h.len != n - sizeof(m->h)))
		err = -EINVAL;
	if (!err)
		err = door_inject(INJECT_FRAME, m->h.ifid, 0, m->h.frame, m->h.len);
	kfree(m);
	return err ? err : (s64)n;
}

static int neigh_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	(void)f;
	if (cmd != PIX_IOC_TXN)
		return -ENOTTY;
	return txn_ioctl(arg, 1u << PIX_OP_NEIGH_SET | 1u << PIX_OP_NEIGH_DEL |
				      1u << PIX_OP_NEIGH_FAIL | 1u << PIX_OP_ADDR_STATE);
}

static unsigned neigh_poll(struct file *f, struct poll_table *pt)
{
	(void)f;
	poll_wait(pt, &dev.wq);
	return POLLOUT | (pending() ? POLLIN : 0);
}

static void neigh_release(struct file *f)
{
	(void)f;
	u64 flags = spin_lock_irqsave(&dev.lock);

	dev.open = false;
	spin_unlock_irqrestore(&dev.lock, flags);
}

static const struct file_ops neigh_ops = {
	.read = neigh_read,
	.write = neigh_write,
	.ioctl = neigh_ioctl,
	.poll = neigh_poll,
	.release = neigh_release,
};

static int neigh_open(struct file *f, unsigned flags, void *arg)
{
	int err = 0;

	(void)flags;
	(void)arg;
	u64 irq = spin_lock_irqsave(&dev.lock);

	if (dev.open)
		err = -EBUSY;
	else
		dev.open = true;
	spin_unlock_irqrestore(&dev.lock, irq);
	if (!err)
		f->ops = &neigh_ops;
	return err;
}

int neigh_dev_init(void)
{
	waitq_init(&dev.wq);
	return dev_register("/dev/pix/neigh", neigh_open, NULL);
}
