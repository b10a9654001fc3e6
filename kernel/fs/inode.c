// SPDX-License-Identifier: MIT
/*
 * Inodes and the tree they form: reference counts, lookup, creation, removal; see kernel/fs/vfs.h.
 * An entry of the tree is its inode (there are no hard links), which holds one reference while it
 * is in the tree. Threads of generic cores; the tree changes under vfs_lock only.
 */
#include "kernel/fs/vfs.h"

#include "kernel/clock.h"
#include "kernel/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/phys.h"
#include "kernel/printk.h"

enum { SYMLINK_DEPTH = 8 };

struct mutex vfs_lock;
struct inode *vfs_root;

static u64 next_ino = 1;

static struct inode *inode_new(u32 mode)
{
	struct inode *i = kzalloc(sizeof(*i));

	if (!i)
		return NULL;
	i->refs = 1;
	i->mode = mode;
	i->ino = __atomic_fetch_add(&next_ino, 1, __ATOMIC_RELAXED);
	i->mtime = clock_wall_boot() + clock_ns() / 1000000000;
	return i;
}

struct inode *inode_get(struct inode *i)
{
	__atomic_fetch_add(&i->refs, 1, __ATOMIC_RELAXED);
	return i;
}

static void free_pages(struct inode *i)
{
	if (!i->pages)
		return;
	for (unsigned p = 0; p < RAMFS_FILE_PAGES; p++)
		kfree(i->pages[p]);
	kfree(i->pages);
}

void inode_put(struct inode *i)
{
	while (i && __atomic_sub_fetch(&i->refs, 1, __ATOMIC_ACQ_REL) == 0) {
		struct inode *parent = i->parent;
		ASSERT(!i->children && i != vfs_root);
		free_pages(i);
		kfree(i->name);
		kfree(i);
		i = parent; /* a removed directory still knows its "..": it held a reference */
	}
}

static bool is_dir(const struct inode *i)
{
	return (i->mode & S_IFMT) == S_IFDIR;
}

static struct inode *find_child(const struct inode *dir, const char *name, size_t len)
{
	for (struct inode *c = dir->children; c; c = c->next)
		if (strncmp(c->name, name, len) == 0 && c->name[len] == 0)
			return c;
	return NULL;
}

/* A path being walked: the next component, and what is left behind it. */
struct walk {
	const char *name;
	size_t len;
	const char *rest; /* "" when name is the last component */
};

/* False at the end of the path. "a/" has one component; rest tells that it must be a directory. */
static bool next_component(struct walk *w)
{
	const char *p = w->rest;

	while (*p == '/')
		p++;
	w->name = p;
	while (*p && *p != '/')
		p++;
	w->len = (size_t)(p - w->name);
	w->rest = p;
	return w->len > 0;
}

static bool is_last(const struct walk *w)
{
	const char *p = w->rest;

	while (*p == '/')
		p++;
	return *p == 0;
}

/*
 * The inode of path from at, without a new reference; under vfs_lock. With want_parent the walk
 * stops before the last component, which *last receives.
 */
static struct inode *walk_path(struct inode *at, const char *path, bool follow, unsigned depth,
			       struct walk *last, int *err)
{
	struct walk w = { .rest = path };
	struct inode *i = *path == '/' || !at ? vfs_root : at;

	*err = -ENOENT;
	if (*path == 0)
		return NULL;
	while (next_component(&w)) {
		if (!is_dir(i)) {
			*err = -ENOTDIR;
			return NULL;
		}
		if (w.len > NAME_MAX) {
			*err = -ENAMETOOLONG;
			return NULL;
		}
		if (last && is_last(&w)) {
			*last = w;
			return i;
		}
		if (w.len == 1 && w.name[0] == '.')
			continue;
		if (w.len == 2 && w.name[0] == '.' && w.name[1] == '.') {
			i = i->parent ? i->parent : i;
			continue;
		}
		struct inode *c = find_child(i, w.name, w.len);
		if (!c)
			return NULL;
		if ((c->mode & S_IFMT) == S_IFLNK && (follow || !is_last(&w))) {
			if (depth == SYMLINK_DEPTH) {
				*err = -ELOOP;
				return NULL;
			}
			c = walk_path(i, (const char *)c->data, true, depth + 1, NULL, err);
			if (!c)
				return NULL;
			*err = -ENOENT;
		}
		i = c;
	}
	if (*w.rest == 0 && w.name > path && w.name[-1] == '/' && !is_dir(i)) {
		*err = -ENOTDIR;
		return NULL;
	}
	if (last) { /* "/" has no last component */
		*err = -EEXIST;
		return NULL;
	}
	*err = 0;
	return i;
}

struct inode *vfs_lookup(struct inode *at, const char *path, bool follow, int *err)
{
	mutex_lock(&vfs_lock);
	struct inode *i = walk_path(at, path, follow, 0, NULL, err);
	if (i)
		inode_get(i);
	mutex_unlock(&vfs_lock);
	return i;
}

static bool is_dot_name(const struct walk *w)
{
	return w->name[0] == '.' && (w->len == 1 || (w->len == 2 && w->name[1] == '.'));
}

static void attach(struct inode *dir, struct inode *i)
{
	struct inode **p = &dir->children;

	while (*p) /* directories list in the order of creation */
		p = &(*p)->next;
	*p = i;
	i->next = NULL;
	i->parent = inode_get(dir);
}

static void detach(struct inode *i)
{
	struct inode **p = &i->parent->children;

	while (*p != i)
		p = &(*p)->next;
	*p = i->next;
	i->next = NULL;
}

static struct inode *create_locked(struct inode *at, const char *path, u32 mode, bool force,
				   int *err)
{
	struct walk last;
	struct inode *dir = walk_path(at, path, true, 0, &last, err);

	if (!dir)
		return NULL;
	if (is_dot_name(&last) || find_child(dir, last.name, last.len)) {
		*err = -EEXIST;
		return NULL;
	}
	if (*last.rest && (mode & S_IFMT) != S_IFDIR) {
		*err = -ENOENT;
		return NULL;
	}
	if (dir->unlinked || (dir->readonly && !force)) {
		*err = dir->unlinked ? -ENOENT : -EROFS;
		return NULL;
	}
	if (!force && !user_memory_left()) {
		*err = -ENOSPC;
		return NULL;
	}
	struct inode *i = inode_new(mode);
	char *name = kmalloc(last.len + 1);
	if (!i || !name) {
		kfree(i);
		kfree(name);
		*err = -ENOMEM;
		return NULL;
	}
	memcpy(name, last.name, last.len);
	name[last.len] = 0;
	i->name = name;
	attach(dir, i);
	*err = 0;
	return inode_get(i);
}

struct inode *vfs_create(struct inode *at, const char *path, u32 mode, bool force, int *err)
{
	mutex_lock(&vfs_lock);
	struct inode *i = create_locked(at, path, mode, force, err);
	mutex_unlock(&vfs_lock);
	return i;
}

int vfs_make_parents(const char *path)
{
	char dir[PATH_MAX];
	int err;

	for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		size_t n = (size_t)(p - path);
		if (n >= sizeof(dir))
			return -ENAMETOOLONG;
		memcpy(dir, path, n);
		dir[n] = 0;
		struct inode *i = vfs_create(NULL, dir, S_IFDIR | 0755, true, &err);
		if (i) {
			i->readonly = true;
			inode_put(i);
		} else if (err != -EEXIST) {
			return err;
		}
	}
	return 0;
}

/* The entry that unlink, rmdir or rename is about; under vfs_lock. */
static struct inode *find_entry(struct inode *at, const char *path, int *err)
{
	struct walk last;
	struct inode *dir = walk_path(at, path, true, 0, &last, err);

	if (!dir) {
		if (*err == -EEXIST)
			*err = -EBUSY;
		return NULL;
	}
	if (is_dot_name(&last)) {
		*err = -EINVAL;
		return NULL;
	}
	struct inode *i = find_child(dir, last.name, last.len);
	*err = !i ? -ENOENT : *last.rest && !is_dir(i) ? -ENOTDIR : dir->readonly ? -EROFS : 0;
	return *err ? NULL : i;
}

static void remove_entry(struct inode *i)
{
	detach(i);
	i->unlinked = true;
	inode_put(i);
}

int vfs_unlink(struct inode *at, const char *path)
{
	int err;

	mutex_lock(&vfs_lock);
	struct inode *i = find_entry(at, path, &err);
	if (i && is_dir(i))
		err = -EISDIR;
	else if (i)
		remove_entry(i);
	mutex_unlock(&vfs_lock);
	return err;
}

int vfs_rmdir(struct inode *at, const char *path)
{
	int err;

	mutex_lock(&vfs_lock);
	struct inode *i = find_entry(at, path, &err);
	if (i && !is_dir(i))
		err = -ENOTDIR;
	else if (i && i->children)
		err = -ENOTEMPTY;
	else if (i)
		remove_entry(i);
	mutex_unlock(&vfs_lock);
	return err;
}

/* Whether a is b or lies above it. */
static bool is_ancestor(const struct inode *a, const struct inode *b)
{
	for (; b; b = b->parent)
		if (a == b)
			return true;
	return false;
}

/* Whether i may take the place of old (same kind, nothing lost); 0 or -errno. */
static int check_replace(const struct inode *i, const struct inode *old)
{
	if (is_dir(old) && !is_dir(i))
		return -EISDIR;
	if (!is_dir(old) && is_dir(i))
		return -ENOTDIR;
	return old->children ? -ENOTEMPTY : 0;
}

static int rename_locked(struct inode *oldat, const char *oldpath, struct inode *newat,
			 const char *newpath)
{
	struct walk last;
	int err;
	struct inode *i = find_entry(oldat, oldpath, &err);

	if (!i)
		return err;
	struct inode *dir = walk_path(newat, newpath, true, 0, &last, &err);
	if (!dir)
		return err == -EEXIST ? -EBUSY : err;
	if (is_dot_name(&last) || (is_dir(i) && is_ancestor(i, dir)))
		return -EINVAL;
	if (dir->readonly)
		return -EROFS;
	struct inode *old = find_child(dir, last.name, last.len);
	if (old == i)
		return 0;
	if (old) {
		err = check_replace(i, old);
		if (err)
			return err;
	}
	char *name = kmalloc(last.len + 1);
	if (!name)
		return -ENOMEM;
	memcpy(name, last.name, last.len);
	name[last.len] = 0;
	if (old)
		remove_entry(old);
	struct inode *old_dir = i->parent;
	detach(i);
	kfree(i->name);
	i->name = name;
	attach(dir, i);
	inode_put(old_dir);
	return 0;
}

int vfs_rename(struct inode *oldat, const char *oldpath, struct inode *newat, const char *newpath)
{
	mutex_lock(&vfs_lock);
	int err = rename_locked(oldat, oldpath, newat, newpath);
	mutex_unlock(&vfs_lock);
	return err;
}

s64 vfs_path(struct inode *dir, char *buf, size_t n)
{
	char *end = buf + n, *p = end;

	if (n < 2)
		return -ERANGE;
	*--p = 0;
	mutex_lock(&vfs_lock);
	for (struct inode *i = dir; i->parent; i = i->parent) {
		size_t len = strlen(i->name);
		if ((size_t)(p - buf) < len + 1) {
			mutex_unlock(&vfs_lock);
			return -ERANGE;
		}
		p -= len;
		memcpy(p, i->name, len);
		*--p = '/';
	}
	mutex_unlock(&vfs_lock);
	if (*p == 0)
		*--p = '/';
	memmove(buf, p, (size_t)(end - p));
	return end - p;
}

void inode_stat(const struct inode *i, struct stat *st)
{
	memset(st, 0, sizeof(*st));
	st->st_dev = 1;
	st->st_ino = i->ino;
	st->st_nlink = i->unlinked ? 0 : is_dir(i) ? 2 : 1;
	st->st_mode = i->mode;
	st->st_rdev = i->rdev;
	st->st_size = (s64)i->size;
	st->st_blksize = PAGE_SIZE;
	st->st_blocks = (s64)((i->size + 511) / 512);
	st->st_atime = st->st_mtime = st->st_ctime = (s64)i->mtime;
}

/* Start-up: the root itself. */
int vfs_tree_init(void)
{
	mutex_init(&vfs_lock);
	vfs_root = inode_new(S_IFDIR | 0755);
	if (!vfs_root)
		return -ENOMEM;
	vfs_root->readonly = true;
	return 0;
}
