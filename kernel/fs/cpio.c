// SPDX-License-Identifier: MIT
/*
 * Reader of newc archives; see kernel/fs/cpio.h. The archive is part of the image, yet a build can
 * go wrong: every length is checked against what is left before it is used.
 */
#include "kernel/fs/cpio.h"

#include "kernel/errno.h"
#include "kernel/lib/string.h"

/* The header is 6 bytes of magic and 13 numbers of 8 hexadecimal digits, in this order. */
enum newc_field {
	C_INO,
	C_MODE,
	C_UID,
	C_GID,
	C_NLINK,
	C_MTIME,
	C_FILESIZE,
	C_DEVMAJOR,
	C_DEVMINOR,
	C_RDEVMAJOR,
	C_RDEVMINOR,
	C_NAMESIZE,
	C_CHECK,
	C_FIELDS
};

#define NEWC_MAGIC     "070701"
#define NEWC_MAGIC_LEN 6
#define NEWC_HEADER    (NEWC_MAGIC_LEN + C_FIELDS * 8)
#define NEWC_NAME_MAX  4096

static int hex_digit(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool parse_fields(const u8 *h, u32 field[C_FIELDS])
{
	h += NEWC_MAGIC_LEN;
	for (unsigned i = 0; i < C_FIELDS; i++) {
		u32 v = 0;
		for (unsigned k = 0; k < 8; k++) {
			int d = hex_digit(*h++);
			if (d < 0)
				return false;
			v = v << 4 | (u32)d;
		}
		field[i] = v;
	}
	return true;
}

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/* Whether a component of the path is "..": such a name could leave the tree. */
static bool has_dotdot(const char *name)
{
	for (const char *p = name; *p;) {
		size_t n = 0;
		while (p[n] && p[n] != '/')
			n++;
		if (n == 2 && p[0] == '.' && p[1] == '.')
			return true;
		p += n;
		while (*p == '/')
			p++;
	}
	return false;
}

static int bad(struct cpio_reader *r, const char *why)
{
	r->error = why;
	return -EINVAL;
}

void cpio_open(struct cpio_reader *r, const void *data, size_t size)
{
	*r = (struct cpio_reader){ .data = data, .size = size };
}

int cpio_next(struct cpio_reader *r, struct cpio_entry *e)
{
	u32 field[C_FIELDS];
	const u8 *h = r->data + r->off;
	size_t left = r->size - r->off;

	if (left < NEWC_HEADER)
		return bad(r, "archive ends inside a header");
	if (memcmp(h, NEWC_MAGIC, NEWC_MAGIC_LEN) != 0)
		return bad(r, "bad magic");
	if (!parse_fields(h, field))
		return bad(r, "bad number in a header");

	size_t namesize = field[C_NAMESIZE];
	if (namesize == 0 || namesize > NEWC_NAME_MAX || namesize > left - NEWC_HEADER)
		return bad(r, "bad name length");
	const char *name = (const char *)h + NEWC_HEADER;
	if (memchr(name, 0, namesize) != name + namesize - 1)
		return bad(r, "name not ended by its NUL");

	size_t data_off = align4(NEWC_HEADER + namesize);
	if (strcmp(name, "TRAILER!!!") == 0)
		return 0;
	if (data_off > left || field[C_FILESIZE] > left - data_off)
		return bad(r, "archive ends inside a file");
	size_t next = align4(data_off + field[C_FILESIZE]);
	if (next > left)
		return bad(r, "archive ends inside a file");

	while (name[0] == '/' || (name[0] == '.' && (name[1] == '/' || name[1] == 0)))
		name++;
	if (has_dotdot(name))
		return bad(r, "name with ..");

	*e = (struct cpio_entry){
		.name = name,
		.data = h + data_off,
		.size = field[C_FILESIZE],
		.mode = field[C_MODE],
		.mtime = field[C_MTIME],
	};
	r->off += next;
	return 1;
}
