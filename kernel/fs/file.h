// SPDX-License-Identifier: MIT
/*
 * Open files: what a file descriptor of a process refers to.
 *
 * A file is made by an open (VFS, device) or by pipe(), socket() and so on; fork and dup share it
 * by reference. The kind of file is its table of operations. Operations run in the calling
 * process's thread on a generic core, interrupts on, without locks held, and may sleep; two
 * processes that share a file may be inside at once. Buffers are USER pointers: use
 * copy_from_user() and copy_to_user() of kernel/mm/aspace.h, nothing else touches them.
 */
#pragma once

#include "kernel/types.h"

struct file;
struct inode;
struct poll_table;
struct waitq;
struct vma;

/*
 * Any operation may be NULL: read, write -> -EINVAL; ioctl -> -ENOTTY; mmap -> -ENODEV;
 * poll -> always readable and writable; seek -> -ESPIPE.
 */
struct file_ops {
	/* Up to n bytes to ubuf; the count, 0 at the end of the file, or -errno. off is the file
	 * position, which the caller advances by the count (streams ignore it). */
	s64 (*read)(struct file *f, void *ubuf, size_t n, u64 off);
	s64 (*write)(struct file *f, const void *ubuf, size_t n, u64 off);
	/* 0 or a positive value, or -errno. arg is a value or a user pointer, as cmd says. */
	int (*ioctl)(struct file *f, unsigned cmd, unsigned long arg);
	/* The POLL* events that hold now. Enters pt (if not NULL) into each wait queue whose
	 * wake-up may change the answer, by poll_wait(). */
	unsigned (*poll)(struct file *f, struct poll_table *pt);
	/*
	 * Maps len bytes (a multiple of 4096) from file offset off into the caller: calls
	 * aspace_map_device(va, ...) for [va, va + len). prot are PROT_* bits.
	 */
	int (*mmap)(struct file *f, u64 va, u64 len, int prot, u64 off);
	/* The new position, or -errno. whence: SEEK_SET 0, SEEK_CUR 1, SEEK_END 2. */
	s64 (*seek)(struct file *f, s64 off, int whence);
	/* The last reference is gone: frees priv. Sleeping is allowed. */
	void (*release)(struct file *f);
};

struct file {
	const struct file_ops *ops;
	void *priv; /* of the operations' owner */
	struct inode *inode;
	unsigned flags; /* O_ACCMODE, O_NONBLOCK, O_APPEND; by fcntl() while open */
	u32 refs;       /* atomic */
	u64 pos;        /* file position of seekable files */
};

/* fcntl.h of Linux x86-64, as far as the kernel looks at it. */
enum open_flags {
	O_RDONLY = 0,
	O_WRONLY = 01,
	O_RDWR = 02,
	O_ACCMODE = 03,
	O_CREAT = 0100,
	O_EXCL = 0200,
	O_NOCTTY = 0400,
	O_TRUNC = 01000,
	O_APPEND = 02000,
	O_NONBLOCK = 04000,
	O_DIRECTORY = 0200000,
	O_NOFOLLOW = 0400000,
	O_CLOEXEC = 02000000,
};

/* poll.h of Linux. */
enum poll_events {
	POLLIN = 0x001,
	POLLPRI = 0x002,
	POLLOUT = 0x004,
	POLLERR = 0x008,
	POLLHUP = 0x010,
	POLLNVAL = 0x020,
	POLLRDHUP = 0x2000,
};

/* A new file with one reference; NULL: no memory. */
struct file *file_new(const struct file_ops *ops, void *priv, unsigned flags);
struct file *file_get(struct file *f);
/* Drops a reference; the last one calls release and frees the file. */
void file_put(struct file *f);

static inline bool file_readable(const struct file *f)
{
	return (f->flags & O_ACCMODE) != O_WRONLY;
}

static inline bool file_writable(const struct file *f)
{
	return (f->flags & O_ACCMODE) != O_RDONLY;
}

/* For poll operations: wake the polling thread when wq is woken. pt may be NULL (just asking). */
void poll_wait(struct poll_table *pt, struct waitq *wq);
