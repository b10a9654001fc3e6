// SPDX-License-Identifier: MIT
/*
 * The open-file object and its reference count; see kernel/fs/file.h. Threads of generic cores.
 */
#include "kernel/fs/file.h"

#include "kernel/fs/vfs.h"
#include "kernel/mm/heap.h"
#include "kernel/printk.h"

struct file *file_new(const struct file_ops *ops, void *priv, unsigned flags)
{
	struct file *f = kzalloc(sizeof(*f));

	if (!f)
		return NULL;
	f->ops = ops;
	f->priv = priv;
	f->flags = flags;
	f->refs = 1;
	return f;
}

struct file *file_get(struct file *f)
{
	__atomic_fetch_add(&f->refs, 1, __ATOMIC_RELAXED);
	return f;
}

void file_put(struct file *f)
{
	if (__atomic_sub_fetch(&f->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	if (f->ops && f->ops->release)
		f->ops->release(f);
	inode_put(f->inode);
	kfree(f);
}
