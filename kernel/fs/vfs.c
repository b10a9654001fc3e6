// SPDX-License-Identifier: MIT
/*
 * open(2) on the tree, what can be done with open regular files and directories, and the start-up
 * that fills the tree from the initramfs; see kernel/fs/vfs.h. Regular files of the initramfs are
 * read where they lie in the image; files in /run and /tmp are tables of pages.
 */
#include "kernel/fs/vfs.h"

#include "kernel/errno.h"
#include "kernel/fs/cpio.h"
#include "kernel/fs/dev.h"
#include "kernel/lib/string.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/heap.h"
#include "kernel/printk.h"
#include "kernel/proc/process.h"

/* The section .initramfs, by the linker script. */
extern const u8 initramfs_start[], initramfs_end[];

/* --- regular files --- */

static s64 regular_read(struct file *f, void *ubuf, size_t n, u64 off)
{
	struct inode *i = f->inode;
	size_t done = 0;

	mutex_lock(&vfs_lock);
	if (off >= i->size)
		n = 0;
	else if (n > i->size - off)
		n = i->size - off;
	int err = 0;
	if (i->data) {
		err = copy_to_user(ubuf, i->data + off, n);
		done = n;
	}
	while (!err && done < n) {
		u64 at = off + done;
		size_t part = PAGE_SIZE - at % PAGE_SIZE;
		if (part > n - done)
			part = n - done;
		const u8 *page = i->pages[at / PAGE_SIZE];
		err = page ? copy_to_user((u8 *)ubuf + done, page + at % PAGE_SIZE, part)
			   : zero_user((u8 *)ubuf + done, part);
		done += part;
	}
	mutex_unlock(&vfs_lock);
	return err ? err : (s64)done;
}

/* The page of a writable file at this index, made if it is not there. NULL: no memory. */
static u8 *page_for_write(struct inode *i, u64 index)
{
	if (!i->pages[index] && user_memory_left())
		i->pages[index] = kzalloc(PAGE_SIZE);
	return i->pages[index];
}

static s64 write_locked(struct inode *i, const u8 *ubuf, size_t n, u64 off)
{
	const u64 limit = (u64)RAMFS_FILE_PAGES * PAGE_SIZE;
	size_t done = 0;
	int err = 0;

	if (off >= limit)
		return -EFBIG;
	if (n > limit - off)
		n = limit - off;
	if (!i->pages)
		i->pages = kzalloc(RAMFS_FILE_PAGES * sizeof(*i->pages));
	if (!i->pages)
		return -ENOSPC;
	while (done < n) {
		u64 at = off + done;
		size_t part = PAGE_SIZE - at % PAGE_SIZE;
		if (part > n - done)
			part = n - done;
		u8 *page = page_for_write(i, at / PAGE_SIZE);
		err = page ? copy_from_user(page + at % PAGE_SIZE, ubuf + done, part) : -ENOSPC;
		if (err)
			break;
		done += part;
		if (at + part > i->size)
			i->size = at + part;
	}
	return done ? (s64)done : err;
}

static s64 regular_write(struct file *f, const void *ubuf, size_t n, u64 off)
{
	struct inode *i = f->inode;

	if (n == 0)
		return 0;
	mutex_lock(&vfs_lock);
	if (f->flags & O_APPEND)
		off = i->size;
	s64 r = write_locked(i, ubuf, n, off);
	if (r > 0 && (f->flags & O_APPEND))
		f->pos = off; /* the caller adds r */
	mutex_unlock(&vfs_lock);
	return r;
}

static s64 regular_seek(struct file *f, s64 off, int whence)
{
	s64 base = whence == 0 ? 0 : whence == 1 ? (s64)f->pos : (s64)f->inode->size;
	s64 pos;

	if (whence < 0 || whence > 2)
		return -EINVAL;
	if (__builtin_add_overflow(base, off, &pos))
		return -EOVERFLOW;
	if (pos < 0)
		return -EINVAL;
	f->pos = (u64)pos;
	return pos;
}

static int regular_mmap(struct file *f, u64 va, u64 len, int prot, u64 off)
{
	struct inode *i = f->inode;
	struct vma v = { .start = va,
			 .end = va + len,
			 .prot = (u8)prot,
			 .kind = VMA_FILE,
			 .file = i->data,
			 .file_off = off,
			 .file_end = i->size };

	/* Only the bytes of the initramfs stay where they are for ever. */
	if (!i->data)
		return -ENODEV;
	return aspace_map(aspace_current(), &v);
}

static const struct file_ops regular_ops = {
	.read = regular_read,
	.write = regular_write,
	.seek = regular_seek,
	.mmap = regular_mmap,
};

/* Zeroes the file's bytes from size on, in the pages that are there. */
static void cut_pages(struct inode *i, u64 size)
{
	for (u64 p = 0; i->pages && p < RAMFS_FILE_PAGES; p++) {
		u64 start = p * PAGE_SIZE;
		if (!i->pages[p] || start + PAGE_SIZE <= size)
			continue;
		if (start < size) {
			memset(i->pages[p] + (size - start), 0, PAGE_SIZE - (size - start));
			continue;
		}
		kfree(i->pages[p]);
		i->pages[p] = NULL;
	}
}

int vfs_truncate(struct inode *i, u64 size)
{
	int err = 0;

	if (size > (u64)RAMFS_FILE_PAGES * PAGE_SIZE)
		return -EFBIG;
	mutex_lock(&vfs_lock);
	if (!i->pages && size)
		i->pages = kzalloc(RAMFS_FILE_PAGES * sizeof(*i->pages));
	if (!i->pages && size)
		err = -ENOSPC;
	if (!err) {
		cut_pages(i, size);
		i->size = size;
	}
	mutex_unlock(&vfs_lock);
	return err;
}

/* --- directories --- */

static s64 directory_read(struct file *f, void *ubuf, size_t n, u64 off)
{
	(void)f;
	(void)ubuf;
	(void)n;
	(void)off;
	return -EISDIR;
}

static s64 directory_seek(struct file *f, s64 off, int whence)
{
	if (whence != 0 || off < 0)
		return -EINVAL;
	f->pos = (u64)off;
	return off;
}

static const struct file_ops directory_ops = {
	.read = directory_read,
	.seek = directory_seek,
};

/* The n-th entry of a directory: ".", "..", then the children. Under vfs_lock. */
static const struct inode *nth_entry(const struct inode *dir, u64 n, const char **name)
{
	if (n == 0) {
		*name = ".";
		return dir;
	}
	if (n == 1) {
		*name = "..";
		return dir->parent ? dir->parent : dir;
	}
	const struct inode *c = dir->children;
	for (n -= 2; c && n; n--)
		c = c->next;
	if (c)
		*name = c->name;
	return c;
}

/* struct linux_dirent64: ino, off, reclen, type, then the name. */
enum { DIRENT_NAME = 19, DIRENT_MAX = DIRENT_NAME + NAME_MAX + 1 + 7 };

static size_t fill_dirent(u8 *d, const struct inode *i, const char *name, u64 next)
{
	size_t len = strlen(name) + 1;
	u16 reclen = (u16)((DIRENT_NAME + len + 7) & ~7u);

	memset(d, 0, reclen);
	memcpy(d, &i->ino, 8);
	memcpy(d + 8, &next, 8);
	memcpy(d + 16, &reclen, 2);
	d[18] = (u8)((i->mode & S_IFMT) >> 12);
	memcpy(d + DIRENT_NAME, name, len);
	return reclen;
}

s64 vfs_getdents(struct file *f, void *ubuf, size_t n)
{
	struct inode *dir = f->inode;
	u8 d[DIRENT_MAX];
	size_t done = 0;
	s64 err = 0;

	if (f->ops != &directory_ops)
		return -ENOTDIR;
	mutex_lock(&vfs_lock);
	for (;;) {
		const char *name = NULL;
		const struct inode *i = nth_entry(dir, f->pos, &name);
		if (!i)
			break;
		size_t len = fill_dirent(d, i, name, f->pos + 1);
		if (len > n - done) {
			err = -EINVAL; /* when not even one fits */
			break;
		}
		err = copy_to_user((u8 *)ubuf + done, d, len);
		if (err)
			break;
		done += len;
		f->pos++;
	}
	mutex_unlock(&vfs_lock);
	return done ? (s64)done : err;
}

/* --- open --- */

static int check_open(const struct inode *i, unsigned flags)
{
	u32 kind = i->mode & S_IFMT;
	bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);

	if (kind == S_IFLNK)
		return -ELOOP; /* O_NOFOLLOW */
	if (kind == S_IFSOCK)
		return -ENXIO;
	if ((flags & O_DIRECTORY) && kind != S_IFDIR)
		return -ENOTDIR;
	if (kind == S_IFDIR && (writes || (flags & O_CREAT)))
		return -EISDIR;
	if (kind == S_IFREG && writes && i->readonly)
		return -EROFS;
	return 0;
}

static struct file *open_inode(struct inode *i, unsigned flags, int *err)
{
	u32 kind = i->mode & S_IFMT;
	struct file *f = file_new(kind == S_IFDIR ? &directory_ops : &regular_ops, NULL,
				  flags & (O_ACCMODE | O_NONBLOCK | O_APPEND));

	if (!f) {
		*err = -ENOMEM;
		return NULL;
	}
	f->inode = inode_get(i);
	*err = 0;
	if (kind == S_IFCHR) {
		f->ops = NULL;
		*err = i->open(f, flags, i->arg);
	} else if (kind == S_IFREG && (flags & O_TRUNC)) {
		vfs_truncate(i, 0);
	}
	if (*err) {
		f->ops = NULL; /* the device has nothing to release */
		file_put(f);
		return NULL;
	}
	return f;
}

struct file *vfs_open(struct inode *at, const char *path, unsigned flags, u32 mode, int *err)
{
	bool made = false;
	struct inode *i = vfs_lookup(at, path, !(flags & O_NOFOLLOW), err);

	if (!i && *err == -ENOENT && (flags & O_CREAT)) {
		i = vfs_create(at, path, S_IFREG | (mode & 0777), false, err);
		made = i != NULL;
		if (!i && *err == -EEXIST) /* another process was faster */
			i = vfs_lookup(at, path, !(flags & O_NOFOLLOW), err);
	}
	if (!i)
		return NULL;
	struct file *f = NULL;
	if (!made && (flags & O_CREAT) && (flags & O_EXCL))
		*err = -EEXIST;
	else
		*err = check_open(i, flags);
	if (!*err)
		f = open_inode(i, flags, err);
	inode_put(i);
	return f;
}

/* --- devices --- */

int dev_register(const char *path, int (*open)(struct file *f, unsigned flags, void *arg),
		 void *arg)
{
	static u32 next_minor = 1;
	int err = vfs_make_parents(path);

	if (err)
		return err;
	struct inode *i = vfs_create(NULL, path, S_IFCHR | 0666, true, &err);
	if (!i)
		return err;
	i->open = open;
	i->arg = arg;
	i->rdev = 10 << 8 | (next_minor++ & 0xff);
	inode_put(i);
	return 0;
}

/* --- start-up --- */

static int add_entry(const struct cpio_entry *e)
{
	char path[PATH_MAX];
	int err;

	if (e->name[0] == 0)
		return 0;
	path[0] = '/';
	if (strlcpy(path + 1, e->name, sizeof(path) - 1) >= sizeof(path) - 1)
		return -ENAMETOOLONG;
	err = vfs_make_parents(path);
	if (err)
		return err;
	struct inode *i = vfs_create(NULL, path, e->mode & (S_IFMT | 07777), true, &err);
	if (!i)
		return err == -EEXIST && (e->mode & S_IFMT) == S_IFDIR ? 0 : err;
	i->readonly = true;
	i->mtime = e->mtime;
	i->size = e->size;
	i->data = e->data;
	if ((e->mode & S_IFMT) == S_IFLNK) {
		/* The target in the archive has no NUL. */
		char *target = kzalloc(e->size + 1);
		if (!target)
			return -ENOMEM;
		memcpy(target, e->data, e->size);
		i->data = (const u8 *)target;
	}
	inode_put(i);
	return 0;
}

static int load_initramfs(void)
{
	struct cpio_reader r;
	struct cpio_entry e;
	unsigned n = 0;
	int more;

	cpio_open(&r, initramfs_start, (size_t)(initramfs_end - initramfs_start));
	while ((more = cpio_next(&r, &e)) > 0) {
		int err = add_entry(&e);
		if (err) {
			printk("initramfs: %s: error %d\n", e.name, -err);
			return err;
		}
		n++;
	}
	if (more < 0) {
		printk("initramfs: %s at byte %lu\n", r.error, (unsigned long)r.off);
		return more;
	}
	printk("initramfs: %u entries, %lu bytes\n", n,
	       (unsigned long)(initramfs_end - initramfs_start));
	return 0;
}

static int make_writable_dir(const char *path)
{
	int err;
	struct inode *i = vfs_create(NULL, path, S_IFDIR | 0777, true, &err);

	if (!i)
		i = vfs_lookup(NULL, path, true, &err);
	if (!i)
		return err;
	i->readonly = false;
	inode_put(i);
	return 0;
}

int vfs_init(void)
{
	int err = vfs_tree_init();

	if (!err)
		err = load_initramfs();
	if (!err)
		err = make_writable_dir("/run");
	if (!err)
		err = make_writable_dir("/tmp");
	return err;
}
