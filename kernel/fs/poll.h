// SPDX-License-Identifier: MIT
/*
 * poll(2): waiting for events on several files at once.
 */
#pragma once

#include "kernel/fs/file.h"
#include "kernel/sched/wait.h"

/* The queues that one poll() entered. Lives on the polling thread's stack. */
struct poll_table {
	struct wait_entry *entry;
	u32 count, capacity;
	bool full; /* a queue found no place: the caller falls back to looking again in a while */
};

/* struct pollfd of the ABI. */
struct pollfd {
	s32 fd;
	s16 events;
	s16 revents;
};
_Static_assert(sizeof(struct pollfd) == 8, "pollfd ABI");

/*
 * poll() on n entries at ufds for the calling process, at the latest until deadline (clock_ns();
 * 0 = none; 1 = do not wait). The number of entries with events, or -EFAULT, -EINTR, -EINVAL,
 * -ENOMEM.
 */
s64 poll_files(struct pollfd *ufds, u64 n, u64 deadline);

/* The events of one file now. */
unsigned file_poll(struct file *f, struct poll_table *pt);
