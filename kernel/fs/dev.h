// SPDX-License-Identifier: MIT
/*
 * Device files: the names under /dev that lead to an open function.
 */
#pragma once

#include "kernel/fs/file.h"

/*
 * Makes path ("/dev/null", "/dev/pix/stat"; missing directories are made) a character device.
 * open() is called with a file that has flags, inode and refs set; it sets f->ops and f->priv and
 * returns 0, or an -errno and leaves nothing behind. arg is handed to it. Any time after
 * vfs_init(), from a thread or the start-up sequence; names stay for ever. 0, -EEXIST, -ENOMEM.
 */
int dev_register(const char *path, int (*open)(struct file *f, unsigned flags, void *arg),
		 void *arg);
