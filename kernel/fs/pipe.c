// SPDX-License-Identifier: MIT
/*
 * Pipes, after pipe(7): a byte queue between two files. Writes of at most PIPE_BUF bytes are not
 * mixed with others'. The pipe lives until both ends are closed. Threads of processes only.
 */
#include "kernel/fs/pipe.h"

#include "kernel/errno.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/heap.h"
#include "kernel/proc/process.h"
#include "kernel/sched/mutex.h"

enum { PIPE_SIZE = 16384, PIPE_BUF = 4096 };

struct pipe {
	struct mutex lock;
	struct waitq wait; /* both sides: for bytes, for room, for the other end's closing */
	struct byteq q;
	u32 refs;            /* atomic: the two files */
	bool reader, writer; /* that end is open */
};

static bool can_read(const struct pipe *p)
{
	return byteq_used(&p->q) || !p->writer;
}

static s64 pipe_read(struct file *f, void *ubuf, size_t n, u64 off)
{
	struct pipe *p = f->priv;

	(void)off;
	if (n == 0)
		return 0;
	for (;;) {
		mutex_lock(&p->lock);
		s64 r = can_read(p) ? byteq_read_user(&p->q, ubuf, n, false) : -EAGAIN;
		mutex_unlock(&p->lock);
		if (r > 0)
			waitq_wake_all(&p->wait);
		if (r != -EAGAIN || (f->flags & O_NONBLOCK))
			return r;
		int err = wait_event_intr(&p->wait, can_read(p));
		if (err)
			return err;
	}
}

/* How many of n bytes must fit before a write goes on. */
static u32 room_wanted(size_t n)
{
	return n <= PIPE_BUF ? (u32)n : 1;
}

static bool can_write(const struct pipe *p, size_t n)
{
	return !p->reader || byteq_room(&p->q) >= room_wanted(n);
}

static s64 write_some(struct pipe *p, const void *ubuf, size_t n)
{
	mutex_lock(&p->lock);
	s64 r = -EAGAIN;
	if (!p->reader)
		r = -EPIPE;
	else if (byteq_room(&p->q) >= room_wanted(n))
		r = byteq_write_user(&p->q, ubuf, n);
	mutex_unlock(&p->lock);
	if (r > 0)
		waitq_wake_all(&p->wait);
	return r;
}

static s64 pipe_write(struct file *f, const void *ubuf, size_t n, u64 off)
{
	struct pipe *p = f->priv;
	size_t done = 0;
	s64 err = 0;

	(void)off;
	while (done < n && !err) {
		s64 r = write_some(p, (const u8 *)ubuf + done, n - done);
		if (r > 0)
			done += (size_t)r;
		else if (r == -EAGAIN && !(f->flags & O_NONBLOCK))
			err = wait_event_intr(&p->wait, can_write(p, n - done));
		else
			err = r;
	}
	if (done)
		return (s64)done;
	if (err == -EPIPE)
		signal_send_pid(process_this()->pid, SIGPIPE);
	return err;
}

static unsigned pipe_poll(struct file *f, struct poll_table *pt)
{
	struct pipe *p = f->priv;
	unsigned ev = 0;

	poll_wait(pt, &p->wait);
	if (file_readable(f)) {
		ev |= byteq_used(&p->q) ? POLLIN : 0;
		ev |= p->writer ? 0 : POLLHUP;
	} else {
		ev |= byteq_room(&p->q) >= PIPE_BUF ? POLLOUT : 0;
		ev |= p->reader ? 0 : POLLERR;
	}
	return ev;
}

static void pipe_release(struct file *f)
{
	struct pipe *p = f->priv;

	mutex_lock(&p->lock);
	if (file_readable(f))
		p->reader = false;
	else
		p->writer = false;
	mutex_unlock(&p->lock);
	waitq_wake_all(&p->wait);
	if (__atomic_sub_fetch(&p->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		byteq_free(&p->q);
		kfree(p);
	}
}

static const struct file_ops pipe_ops = {
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.release = pipe_release,
};

int pipe_create(struct file *end[2], unsigned flags)
{
	struct pipe *p = kzalloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	mutex_init(&p->lock);
	waitq_init(&p->wait);
	if (byteq_init(&p->q, PIPE_SIZE) < 0)
		goto err_queue;
	end[0] = file_new(&pipe_ops, p, O_RDONLY | (flags & O_NONBLOCK));
	if (!end[0])
		goto err_read;
	end[1] = file_new(&pipe_ops, p, O_WRONLY | (flags & O_NONBLOCK));
	if (!end[1])
		goto err_write;
	p->reader = p->writer = true;
	p->refs = 2;
	return 0;

err_write:
	kfree(end[0]);
err_read:
	byteq_free(&p->q);
err_queue:
	kfree(p);
	return -ENOMEM;
}
