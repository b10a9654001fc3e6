// SPDX-License-Identifier: MIT
/*
 * System calls on open files: reading, writing, positions, waiting; see kernel/proc/syscall.h.
 */
#include "kernel/clock.h"
#include "kernel/errno.h"
#include "kernel/fs/poll.h"
#include "kernel/fs/vfs.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/heap.h"
#include "kernel/proc/process.h"
#include "kernel/proc/syscall.h"

/* One call moves no more (MAX_RW_COUNT of Linux). */
#define RW_MAX 0x7ffff000ull

enum { IOV_MAX = 1024 };
enum { FIONCLEX = 0x5450, FIOCLEX = 0x5451, FIONBIO = 0x5421 };

struct iovec {
	u64 base;
	u64 len;
};

static s64 read_at(struct file *f, u64 ubuf, u64 n, u64 off)
{
	if (!file_readable(f))
		return -EBADF;
	if (!f->ops->read)
		return -EINVAL;
	if (!user_range_ok((void *)ubuf, n))
		return -EFAULT;
	return f->ops->read(f, (void *)ubuf, n < RW_MAX ? n : RW_MAX, off);
}

static s64 write_at(struct file *f, u64 ubuf, u64 n, u64 off)
{
	if (!file_writable(f))
		return -EBADF;
	if (!f->ops->write)
		return -EINVAL;
	if (!user_range_ok((void *)ubuf, n))
		return -EFAULT;
	return f->ops->write(f, (const void *)ubuf, n < RW_MAX ? n : RW_MAX, off);
}

/* At the file's position, which moves along. */
static s64 read_or_write(struct file *f, u64 ubuf, u64 n, bool write)
{
	s64 r = write ? write_at(f, ubuf, n, f->pos) : read_at(f, ubuf, n, f->pos);

	if (r > 0)
		f->pos += (u64)r;
	return r;
}

s64 sys_read(const struct syscall_args *a)
{
	struct file *f = fd_file((int)a->a0);

	return f ? read_or_write(f, a->a1, a->a2, false) : -EBADF;
}

s64 sys_write(const struct syscall_args *a)
{
	struct file *f = fd_file((int)a->a0);

	return f ? read_or_write(f, a->a1, a->a2, true) : -EBADF;
}

s64 sys_pread64(const struct syscall_args *a)
{
	struct file *f = fd_file((int)a->a0);

	if (!f)
		return -EBADF;
	if ((s64)a->a3 < 0)
		return -EINVAL;
	return f->ops->seek ? read_at(f, a->a1, a->a2, a->a3) : -ESPIPE;
}

s64 sys_pwrite64(const struct syscall_args *a)
{
	struct file *f = fd_file((int)a->a0);

	if (!f)
		return -EBADF;
	if ((s64)a->a3 < 0)
		return -EINVAL;
	return f->ops->seek ? write_at(f, a->a1, a->a2, a->a3) : -ESPIPE;
}

/* Piece by piece: a piece that is cut short ends the call. */
static s64 vector_io(const struct syscall_args *a, bool write)
{
	struct file *f = fd_file((int)a->a0);
	u64 n = a->a2;
	s64 done = 0;

	if (!f)
		return -EBADF;
	if (n > IOV_MAX)
		return -EINVAL;
	for (u64 i = 0; i < n; i++) {
		struct iovec v;
		s64 r = -EFAULT;
		if (copy_from_user(&v, (const void *)(a->a1 + i * sizeof(v)), sizeof(v)) == 0)
			r = v.len ? read_or_write(f, v.base, v.len, write) : 0;
		if (r < 0)
			return done ? done : r;
		done += r;
		if ((u64)r < v.len)
			break;
	}
	return done;
}

s64 sys_readv(const struct syscall_args *a)
{
	return vector_io(a, false);
}

s64 sys_writev(const struct syscall_args *a)
{
	return vector_io(a, true);
}

s64 sys_lseek(const struct syscall_args *a)
{
	struct file *f = fd_file((int)a->a0);

	if (!f)
		return -EBADF;
	return f->ops->seek ? f->ops->seek(f, (s64)a->a1, (int)a->a2) : -ESPIPE;
}

static s64 set_nonblock(struct file *f, u64 uarg)
{
	s32 on;

	if (copy_from_user(&on, (const void *)uarg, sizeof(on)) < 0)
		return -EFAULT;
	f->flags = (f->flags & ~(unsigned)O_NONBLOCK) | (on ? O_NONBLOCK : 0);
	return 0;
}

s64 sys_ioctl(const struct syscall_args *a)
{
	struct file *f = fd_file((int)a->a0);

	if (!f)
		return -EBADF;
	switch ((u32)a->a1) {
	case FIONBIO:
		return set_nonblock(f, a->a2);
	case FIOCLEX:
	case FIONCLEX:
		fd_set_cloexec((int)a->a0, (u32)a->a1 == FIOCLEX);
		return 0;
	default:
		return f->ops->ioctl ? f->ops->ioctl(f, (u32)a->a1, a->a2) : -ENOTTY;
	}
}

s64 sys_poll(const struct syscall_args *a)
{
	s32 ms = (s32)a->a2;
	u64 deadline = ms < 0 ? 0 : ms == 0 ? 1 : clock_ns() + (u64)ms * 1000000;

	return poll_files((struct pollfd *)a->a0, a->a1, deadline);
}

s64 sys_ppoll(const struct syscall_args *a)
{
	struct process *p = process_this();
	u64 deadline = 0, mask = p->mask;
	s64 ts[2];

	if (a->a2) {
		if (copy_from_user(ts, (const void *)a->a2, sizeof(ts)) < 0)
			return -EFAULT;
		if (ts[0] < 0 || ts[1] < 0 || ts[1] >= 1000000000)
			return -EINVAL;
		u64 sec = ts[0] < 1000000000 ? (u64)ts[0] : 1000000000;
		u64 ns = sec * 1000000000 + (u64)ts[1];
		deadline = ns ? clock_ns() + ns : 1;
	}
	if (a->a3) {
		s64 err = signal_procmask(2 /* SIG_SETMASK */, a->a3, 0, a->a4);
		if (err)
			return err;
	}
	s64 r = poll_files((struct pollfd *)a->a0, a->a1, deadline);
	if (a->a3 && r == -EINTR) {
		/* The handler runs under the new mask; its return brings the old one back. */
		p->saved_mask = mask;
		p->restore_mask = true;
	} else if (a->a3) {
		p->mask = mask;
	}
	return r;
}

s64 sys_getdents64(const struct syscall_args *a)
{
	struct file *f = fd_file((int)a->a0);

	return f ? vfs_getdents(f, (void *)a->a1, (u32)a->a2) : -EBADF;
}

s64 sys_fsync(const struct syscall_args *a)
{
	return fd_file((int)a->a0) ? 0 : -EBADF;
}
