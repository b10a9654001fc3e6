// SPDX-License-Identifier: MIT
/*
 * The tree of names: directories, regular files, symbolic links, devices and UNIX sockets, all in
 * memory. The initramfs fills it read-only; /run and /tmp are writable. One mutex guards the tree.
 *
 * Paths given to functions here are kernel strings of at most PATH_MAX - 1 characters. Threads of
 * generic cores only.
 */
#pragma once

#include "kernel/fs/file.h"
#include "kernel/sched/mutex.h"
#include "kernel/types.h"

#define PATH_MAX 1024
#define NAME_MAX 255

enum inode_mode {
	S_IFMT = 0170000,
	S_IFSOCK = 0140000,
	S_IFLNK = 0120000,
	S_IFREG = 0100000,
	S_IFCHR = 0020000,
	S_IFDIR = 0040000,
	S_IFIFO = 0010000,
};

/* Writable regular files are tables of pages; 1 MiB each at most. */
#define RAMFS_FILE_PAGES 256

struct inode {
	u32 refs; /* atomic: the tree's own, open files, working directories, bound sockets */
	u32 mode; /* S_IFMT and permissions */
	u64 ino;
	u64 size;
	u64 mtime;     /* seconds since 1970 */
	bool readonly; /* directory: no entries may change; file: from the initramfs */
	bool unlinked; /* no longer in the tree */

	/* the tree, under vfs_lock */
	struct inode *parent;
	struct inode *next; /* sibling */
	struct inode *children;
	char *name;

	const u8 *data; /* initramfs: the bytes, for ever; symbolic link: the target */
	u8 **pages;     /* writable file: RAMFS_FILE_PAGES pointers, NULL = hole */
	int (*open)(struct file *f, unsigned flags, void *arg); /* devices */
	void *arg; /* devices: of open; sockets: of net/unix.c */
	u32 rdev;
};

extern struct mutex vfs_lock;
extern struct inode *vfs_root;

/* Start-up: the root, the initramfs, /dev, /run, /tmp. */
int vfs_init(void);
/* Its first part: the root alone. */
int vfs_tree_init(void);

struct inode *inode_get(struct inode *i);
void inode_put(struct inode *i);

/*
 * The inode of path, seen from the directory at (NULL: the root), with a reference. Follows
 * symbolic links; follow says whether also the last one. NULL with *err = -ENOENT, -ENOTDIR,
 * -ELOOP, -ENAMETOOLONG.
 */
struct inode *vfs_lookup(struct inode *at, const char *path, bool follow, int *err);

/*
 * Makes a new inode at path. open: for devices; force: also in read-only directories (start-up).
 * With a reference, or NULL with *err = -EEXIST, -EROFS, -ENOENT, -ENOMEM ...
 */
struct inode *vfs_create(struct inode *at, const char *path, u32 mode, bool force, int *err);
/* mkdir -p of all parents of path; start-up only. */
int vfs_make_parents(const char *path);

/* open(2): a file with one reference, or NULL with *err. */
struct file *vfs_open(struct inode *at, const char *path, unsigned flags, u32 mode, int *err);

/* The size of a writable regular file: 0, -EFBIG, -ENOSPC. */
int vfs_truncate(struct inode *i, u64 size);
int vfs_unlink(struct inode *at, const char *path);
int vfs_rmdir(struct inode *at, const char *path);
int vfs_rename(struct inode *oldat, const char *oldpath, struct inode *newat, const char *newpath);
/* The absolute path of a directory into buf. Its length with the NUL, or -ERANGE. */
s64 vfs_path(struct inode *dir, char *buf, size_t n);

/* struct stat of Linux x86-64, 144 bytes. */
struct stat {
	u64 st_dev;
	u64 st_ino;
	u64 st_nlink;
	u32 st_mode;
	u32 st_uid;
	u32 st_gid;
	u32 pad0;
	u64 st_rdev;
	s64 st_size;
	s64 st_blksize;
	s64 st_blocks;
	s64 st_atime, st_atime_nsec;
	s64 st_mtime, st_mtime_nsec;
	s64 st_ctime, st_ctime_nsec;
	s64 unused[3];
};
_Static_assert(sizeof(struct stat) == 144, "stat ABI");

void inode_stat(const struct inode *i, struct stat *st);
/* getdents64(2) on an open directory: bytes written to ubuf, 0 at the end, -errno. */
s64 vfs_getdents(struct file *f, void *ubuf, size_t n);
