// SPDX-License-Identifier: MIT
/*
 * System calls on file descriptors themselves; see kernel/proc/syscall.h.
 */
#include "kernel/errno.h"
#include "kernel/fs/pipe.h"
#include "kernel/mm/aspace.h"
#include "kernel/proc/process.h"
#include "kernel/proc/syscall.h"

enum fcntl_cmd {
	F_DUPFD = 0,
	F_GETFD = 1,
	F_SETFD = 2,
	F_GETFL = 3,
	F_SETFL = 4,
	F_DUPFD_CLOEXEC = 1030,
	FD_CLOEXEC = 1,
};

s64 sys_close(const struct syscall_args *a)
{
	return fd_close((int)a->a0);
}

static s64 dup_from(struct file *f, int from, bool cloexec)
{
	int fd = fd_install(file_get(f), from, cloexec);

	if (fd < 0)
		file_put(f);
	return fd;
}

s64 sys_dup(const struct syscall_args *a)
{
	struct file *f = fd_file((int)a->a0);

	return f ? dup_from(f, 0, false) : -EBADF;
}

s64 sys_dup2(const struct syscall_args *a)
{
	struct file *f = fd_file((int)a->a0);

	if (!f)
		return -EBADF;
	if ((int)a->a0 == (int)a->a1)
		return (int)a->a1;
	return fd_replace((int)a->a1, f, false);
}

s64 sys_dup3(const struct syscall_args *a)
{
	struct file *f = fd_file((int)a->a0);

	if ((a->a2 & ~(u64)O_CLOEXEC) || (int)a->a0 == (int)a->a1)
		return -EINVAL;
	return f ? fd_replace((int)a->a1, f, a->a2 & O_CLOEXEC) : -EBADF;
}

s64 sys_fcntl(const struct syscall_args *a)
{
	int fd = (int)a->a0;
	struct file *f = fd_file(fd);
	const unsigned settable = O_NONBLOCK | O_APPEND;

	if (!f)
		return -EBADF;
	switch ((u32)a->a1) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		if (a->a2 >= FD_MAX)
			return -EINVAL;
		return dup_from(f, (int)a->a2, (u32)a->a1 == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return fd_get_cloexec(fd) ? FD_CLOEXEC : 0;
	case F_SETFD:
		fd_set_cloexec(fd, a->a2 & FD_CLOEXEC);
		return 0;
	case F_GETFL:
		return f->flags;
	case F_SETFL:
		f->flags = (f->flags & ~settable) | ((unsigned)a->a2 & settable);
		return 0;
	default:
		return -EINVAL;
	}
}

s64 fd_install_pair(struct file *const f[2], bool cloexec, u64 ufds)
{
	s32 fd[2];

	fd[0] = fd_install(f[0], 0, cloexec);
	if (fd[0] < 0) {
		file_put(f[0]);
		file_put(f[1]);
		return fd[0];
	}
	fd[1] = fd_install(f[1], 0, cloexec);
	if (fd[1] < 0) {
		fd_close(fd[0]);
		file_put(f[1]);
		return fd[1];
	}
	if (copy_to_user((void *)ufds, fd, sizeof(fd)) < 0) {
		fd_close(fd[0]);
		fd_close(fd[1]);
		return -EFAULT;
	}
	return 0;
}

static s64 make_pipe(u64 ufds, unsigned flags)
{
	struct file *end[2];

	if (flags & ~(unsigned)(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	int err = pipe_create(end, flags);
	return err ? err : fd_install_pair(end, flags & O_CLOEXEC, ufds);
}

s64 sys_pipe(const struct syscall_args *a)
{
	return make_pipe(a->a0, 0);
}

s64 sys_pipe2(const struct syscall_args *a)
{
	return make_pipe(a->a0, (unsigned)a->a1);
}
