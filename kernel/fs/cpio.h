// SPDX-License-Identifier: MIT
/*
 * Reader of cpio archives in the "newc" format (magic 070701), as `cpio -o -H newc` writes them:
 * the initramfs. Pure: works on bytes in memory, also on the host. Reference: cpio(5), and
 * Documentation/driver-api/early-userspace/buffer-format.rst of Linux.
 */
#pragma once

#include "kernel/types.h"

struct cpio_reader {
	const u8 *data;
	size_t size;
	size_t off;        /* of the next header; always a multiple of 4 */
	const char *error; /* after a negative return: what is wrong */
};

struct cpio_entry {
	const char
		*name; /* relative, without "./" or "/" in front; "" for the root; in the archive */
	const u8 *data; /* size bytes, in the archive */
	u32 size;
	u32 mode; /* S_IFMT and permission bits */
	u32 mtime;
};

void cpio_open(struct cpio_reader *r, const void *data, size_t size);

/*
 * The next entry. 1: *e is filled in; 0: the trailer was reached; -EINVAL: the archive is damaged
 * (r->error says how), e.g. truncated, a bad magic or number, a name with ".." in it.
 */
int cpio_next(struct cpio_reader *r, struct cpio_entry *e);
