// SPDX-License-Identifier: MIT
/*
 * System calls that take paths, and those about what paths name; see kernel/proc/syscall.h.
 */
#include "kernel/errno.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/string.h"
#include "kernel/mm/aspace.h"
#include "kernel/net/socket.h"
#include "kernel/proc/process.h"
#include "kernel/proc/syscall.h"

enum at_flags {
	AT_FDCWD = -100,
	AT_SYMLINK_NOFOLLOW = 0x100,
	AT_REMOVEDIR = 0x200,
	AT_EMPTY_PATH = 0x1000,
};

/* 0, -EFAULT, -ENAMETOOLONG, or -ENOENT for the empty path. */
static int get_path(u64 upath, char path[PATH_MAX])
{
	s64 n = strncpy_from_user(path, (const char *)upath, PATH_MAX);

	return n < 0 ? (int)n : n == 0 ? -ENOENT : 0;
}

/* The directory that relative paths start from; no reference is taken. */
static struct inode *base_dir(int dirfd, const char *path, int *err)
{
	*err = 0;
	if (dirfd == AT_FDCWD || path[0] == '/')
		return process_this()->cwd;
	struct file *f = fd_file(dirfd);
	if (!f)
		*err = -EBADF;
	else if (!f->inode || (f->inode->mode & S_IFMT) != S_IFDIR)
		*err = -ENOTDIR;
	return *err ? NULL : f->inode;
}

static s64 open_at(int dirfd, u64 upath, unsigned flags, u32 mode)
{
	char path[PATH_MAX];
	int err = get_path(upath, path);

	if (err)
		return err;
	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	struct inode *at = base_dir(dirfd, path, &err);
	if (err)
		return err;
	struct file *f = vfs_open(at, path, flags, mode & ~process_this()->umask, &err);
	if (!f)
		return err;
	int fd = fd_install(f, 0, flags & O_CLOEXEC);
	if (fd < 0)
		file_put(f);
	return fd;
}

s64 sys_open(const struct syscall_args *a)
{
	return open_at(AT_FDCWD, a->a0, (unsigned)a->a1, (u32)a->a2);
}

s64 sys_openat(const struct syscall_args *a)
{
	return open_at((int)a->a0, a->a1, (unsigned)a->a2, (u32)a->a3);
}

s64 sys_creat(const struct syscall_args *a)
{
	return open_at(AT_FDCWD, a->a0, O_WRONLY | O_CREAT | O_TRUNC, (u32)a->a1);
}

/* The inode that (dirfd, path) names, with a reference. */
static struct inode *lookup_at(int dirfd, u64 upath, bool follow, int *err)
{
	char path[PATH_MAX];

	*err = get_path(upath, path);
	if (*err)
		return NULL;
	struct inode *at = base_dir(dirfd, path, err);
	return *err ? NULL : vfs_lookup(at, path, follow, err);
}

static s64 put_stat(const struct stat *st, u64 ustat)
{
	return copy_to_user((void *)ustat, st, sizeof(*st));
}

static s64 stat_at(int dirfd, u64 upath, u64 ustat, bool follow)
{
	struct stat st;
	int err;
	struct inode *i = lookup_at(dirfd, upath, follow, &err);

	if (!i)
		return err;
	inode_stat(i, &st);
	inode_put(i);
	return put_stat(&st, ustat);
}

static s64 stat_fd(int fd, u64 ustat)
{
	struct file *f = fd_file(fd);
	struct stat st;

	if (!f)
		return -EBADF;
	if (f->inode) {
		inode_stat(f->inode, &st);
	} else {
		memset(&st, 0, sizeof(st));
		st.st_mode = 0600 | (socket_of_file(f) ? S_IFSOCK : S_IFIFO);
		st.st_nlink = 1;
		st.st_blksize = PAGE_SIZE;
	}
	return put_stat(&st, ustat);
}

s64 sys_stat(const struct syscall_args *a)
{
	return stat_at(AT_FDCWD, a->a0, a->a1, true);
}

s64 sys_lstat(const struct syscall_args *a)
{
	return stat_at(AT_FDCWD, a->a0, a->a1, false);
}

s64 sys_fstat(const struct syscall_args *a)
{
	return stat_fd((int)a->a0, a->a1);
}

s64 sys_newfstatat(const struct syscall_args *a)
{
	char first;

	if (a->a3 & ~(u64)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (a->a3 & AT_EMPTY_PATH) {
		if (copy_from_user(&first, (const void *)a->a1, 1) < 0)
			return -EFAULT;
		if (!first)
			return stat_fd((int)a->a0, a->a2);
	}
	return stat_at((int)a->a0, a->a1, a->a2, !(a->a3 & AT_SYMLINK_NOFOLLOW));
}

/* Everybody is the superuser: a file is accessible if it exists, writable if its kind allows it. */
static s64 access_at(int dirfd, u64 upath, u32 mode)
{
	enum { X_OK = 1, W_OK = 2, R_OK = 4 };
	int err;

	if (mode & ~(u32)(X_OK | W_OK | R_OK))
		return -EINVAL;
	struct inode *i = lookup_at(dirfd, upath, true, &err);
	if (!i)
		return err;
	u32 kind = i->mode & S_IFMT;
	if ((mode & W_OK) && i->readonly && (kind == S_IFREG || kind == S_IFDIR))
		err = -EROFS;
	if ((mode & X_OK) && kind == S_IFREG && !(i->mode & 0111))
		err = -EACCES;
	inode_put(i);
	return err;
}

s64 sys_access(const struct syscall_args *a)
{
	return access_at(AT_FDCWD, a->a0, (u32)a->a1);
}

s64 sys_faccessat(const struct syscall_args *a)
{
	return access_at((int)a->a0, a->a1, (u32)a->a2);
}

s64 sys_readlink(const struct syscall_args *a)
{
	int err;

	if ((s64)a->a2 <= 0)
		return -EINVAL;
	struct inode *i = lookup_at(AT_FDCWD, a->a0, false, &err);
	if (!i)
		return err;
	s64 r = -EINVAL;
	if ((i->mode & S_IFMT) == S_IFLNK) {
		u64 n = i->size < a->a2 ? i->size : a->a2;
		r = copy_to_user((void *)a->a1, i->data, n) < 0 ? -EFAULT : (s64)n;
	}
	inode_put(i);
	return r;
}

s64 sys_getcwd(const struct syscall_args *a)
{
	char path[PATH_MAX];
	s64 n = vfs_path(process_this()->cwd, path, sizeof(path));

	if (n < 0 || (u64)n > a->a1)
		return -ERANGE;
	return copy_to_user((void *)a->a0, path, (size_t)n) < 0 ? -EFAULT : n;
}

s64 sys_chdir(const struct syscall_args *a)
{
	struct process *p = process_this();
	int err;
	struct inode *i = lookup_at(AT_FDCWD, a->a0, true, &err);

	if (!i)
		return err;
	if ((i->mode & S_IFMT) != S_IFDIR) {
		inode_put(i);
		return -ENOTDIR;
	}
	inode_put(p->cwd);
	p->cwd = i;
	return 0;
}

s64 sys_mkdir(const struct syscall_args *a)
{
	struct process *p = process_this();
	char path[PATH_MAX];
	int err = get_path(a->a0, path);

	if (err)
		return err;
	u32 mode = S_IFDIR | ((u32)a->a1 & 0777 & ~p->umask);
	inode_put(vfs_create(p->cwd, path, mode, false, &err));
	return err;
}

s64 sys_rmdir(const struct syscall_args *a)
{
	char path[PATH_MAX];
	int err = get_path(a->a0, path);

	return err ? err : vfs_rmdir(process_this()->cwd, path);
}

s64 sys_unlink(const struct syscall_args *a)
{
	char path[PATH_MAX];
	int err = get_path(a->a0, path);

	return err ? err : vfs_unlink(process_this()->cwd, path);
}

s64 sys_unlinkat(const struct syscall_args *a)
{
	char path[PATH_MAX];
	int err = get_path(a->a1, path);

	if (err)
		return err;
	if (a->a2 & ~(u64)AT_REMOVEDIR)
		return -EINVAL;
	struct inode *at = base_dir((int)a->a0, path, &err);
	if (err)
		return err;
	return a->a2 & AT_REMOVEDIR ? vfs_rmdir(at, path) : vfs_unlink(at, path);
}

s64 sys_rename(const struct syscall_args *a)
{
	/* Two paths are too much for one stack frame. */
	char oldpath[PATH_MAX / 2], newpath[PATH_MAX / 2];
	struct inode *cwd = process_this()->cwd;
	s64 n = strncpy_from_user(oldpath, (const char *)a->a0, sizeof(oldpath));
	s64 m = n < 0 ? n : strncpy_from_user(newpath, (const char *)a->a1, sizeof(newpath));

	if (n < 0 || m < 0)
		return n < 0 ? n : m;
	return vfs_rename(cwd, oldpath, cwd, newpath);
}

s64 sys_ftruncate(const struct syscall_args *a)
{
	struct file *f = fd_file((int)a->a0);

	if (!f)
		return -EBADF;
	if (!file_writable(f) || !f->inode || (f->inode->mode & S_IFMT) != S_IFREG)
		return -EINVAL;
	return vfs_truncate(f->inode, a->a1);
}

s64 sys_umask(const struct syscall_args *a)
{
	struct process *p = process_this();
	u32 old = p->umask;

	p->umask = (u32)a->a0 & 0777;
	return old;
}
