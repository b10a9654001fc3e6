// SPDX-License-Identifier: MIT
/* /dev/pix/log: the kernel log as a file, from its oldest byte to its newest. */
#include "kernel/errno.h"
#include "kernel/fs/dev.h"
#include "kernel/mm/aspace.h"
#include "kernel/net/door.h"
#include "kernel/printk.h"

static s64 log_dev_read(struct file *f, void *ubuf, size_t n, u64 off)
{
	char piece[256];
	u64 *pos = (u64 *)&f->priv; /* absolute position of the next byte */
	s64 done = 0;

	(void)off;
	while ((size_t)done < n) {
		u64 next;
		size_t got = log_read(*pos, piece, MIN(sizeof(piece), n - (size_t)done), &next);

		if (!got)
			break;
		if (copy_to_user((char *)ubuf + done, piece, got))
			return done ? done : -EFAULT;
		*pos = next;
		done += (s64)got;
	}
	return done;
}

static const struct file_ops log_ops = { .read = log_dev_read };

static int log_dev_open(struct file *f, unsigned flags, void *arg)
{
	(void)arg;
	if ((flags & O_ACCMODE) != O_RDONLY)
		return -EACCES;
	f->ops = &log_ops;
	f->priv = NULL;
	return 0;
}

int log_dev_init(void)
{
	return dev_register("/dev/pix/log", log_dev_open, NULL);
}
