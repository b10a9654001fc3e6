// SPDX-License-Identifier: MIT
/*
 * poll(2); see kernel/fs/poll.h. The first round enters the wait queues, then the thread marks
 * itself as sleeping, looks at every file again, and only then gives the core away: an event
 * between the two looks undoes the mark, so none is lost. Threads of processes only.
 */
#include "kernel/fs/poll.h"

#include "kernel/clock.h"
#include "kernel/errno.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/heap.h"
#include "kernel/proc/process.h"

/* A file may stand in two queues (a socket: its own and its peer's). */
enum { QUEUES_PER_FILE = 2, POLL_RETRY_NS = 10000000 };

void poll_wait(struct poll_table *pt, struct waitq *wq)
{
	if (!pt)
		return;
	if (pt->count == pt->capacity) {
		pt->full = true;
		return;
	}
	waitq_add(wq, &pt->entry[pt->count++]);
}

unsigned file_poll(struct file *f, struct poll_table *pt)
{
	if (!f->ops->poll)
		return POLLIN | POLLOUT;
	return f->ops->poll(f, pt);
}

static u32 scan(struct pollfd *fds, u64 n, struct poll_table *pt)
{
	u32 ready = 0;

	for (u64 i = 0; i < n; i++) {
		fds[i].revents = 0;
		if (fds[i].fd < 0)
			continue;
		struct file *f = fd_file(fds[i].fd);
		unsigned want = (u16)fds[i].events | POLLERR | POLLHUP;
		unsigned got = f ? file_poll(f, pt) & want : POLLNVAL;
		fds[i].revents = (s16)got;
		ready += got != 0;
	}
	return ready;
}

static s64 poll_loop(struct pollfd *fds, u64 n, u64 deadline, struct poll_table *pt)
{
	u32 ready = scan(fds, n, deadline == 1 ? NULL : pt);

	while (!ready && deadline != 1) {
		thread_prepare_sleep();
		ready = scan(fds, n, NULL);
		if (ready || wait_interrupted()) {
			thread_cancel_sleep();
			return ready ? (s64)ready : -EINTR;
		}
		u64 until = deadline;
		if (pt->full) {
			until = clock_ns() + POLL_RETRY_NS;
			if (deadline && deadline < until)
				until = deadline;
		}
		wait_block_until(until);
		if (deadline && clock_ns() >= deadline)
			deadline = 1;
		ready = scan(fds, n, NULL);
	}
	return ready;
}

s64 poll_files(struct pollfd *ufds, u64 n, u64 deadline)
{
	if (n > FD_MAX)
		return -EINVAL;
	size_t bytes = n * sizeof(struct pollfd);
	struct poll_table pt = { .capacity = (u32)n * QUEUES_PER_FILE };
	struct pollfd *fds = kmalloc(bytes + 1);
	pt.entry = kmalloc(pt.capacity * sizeof(*pt.entry) + 1);
	s64 r = !fds || !pt.entry ? -ENOMEM : copy_from_user(fds, ufds, bytes);

	if (r == 0)
		r = poll_loop(fds, n, deadline, &pt);
	for (u32 i = 0; i < pt.count; i++)
		waitq_remove(&pt.entry[i]);
	if (r >= 0 && copy_to_user(ufds, fds, bytes) < 0)
		r = -EFAULT;
	kfree(pt.entry);
	kfree(fds);
	return r;
}
