// SPDX-License-Identifier: MIT
/* The printf family: the formatter into a stream, a descriptor, a bounded or an allocated string.
 */
#include "libc/src/format.h"
#include "libc/src/stdio.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A stream, with a block of its own when the stream has no buffer: one line, one write. */
struct stream_sink {
	FILE *f;
	size_t used;
	bool failed;
	char block[256];
};

static void stream_flush(struct stream_sink *k)
{
	if (k->used && file_write(k->f, k->block, k->used) != k->used)
		k->failed = true;
	k->used = 0;
}

static void stream_out(void *ctx, const char *s, size_t n)
{
	struct stream_sink *k = ctx;

	if (k->f->mode != _IONBF) {
		if (file_write(k->f, s, n) != n)
			k->failed = true;
		return;
	}
	while (n) {
		size_t m = sizeof(k->block) - k->used;

		m = n < m ? n : m;
		memcpy(k->block + k->used, s, m);
		k->used += m;
		s += m;
		n -= m;
		if (k->used == sizeof(k->block))
			stream_flush(k);
	}
}

int vfprintf(FILE *restrict f, const char *restrict fmt, va_list ap)
{
	struct stream_sink k = { .f = f };
	int n = format(stream_out, &k, fmt, ap);

	stream_flush(&k);
	return k.failed ? -1 : n;
}

int vdprintf(int fd, const char *restrict fmt, va_list ap)
{
	struct pix_file f = { .fd = fd, .flags = FILE_WRITE, .mode = _IONBF, .unget = EOF };

	return vfprintf(&f, fmt, ap);
}

struct string_sink {
	char *s;
	size_t size, used;
};

static void string_out(void *ctx, const char *s, size_t n)
{
	struct string_sink *k = ctx;

	if (k->used + 1 < k->size) {
		size_t room = k->size - 1 - k->used;

		room = n < room ? n : room;
		memcpy(k->s + k->used, s, room);
		k->used += room;
	}
}

int vsnprintf(char *restrict s, size_t n, const char *restrict fmt, va_list ap)
{
	struct string_sink k = { .s = s, .size = n };
	int r = format(string_out, &k, fmt, ap);

	if (n)
		s[k.used] = '\0';
	return r;
}

int vsprintf(char *restrict s, const char *restrict fmt, va_list ap)
{
	return vsnprintf(s, SIZE_MAX, fmt, ap);
}

int vasprintf(char **out, const char *restrict fmt, va_list ap)
{
	int n = vsnprintf(NULL, 0, fmt, ap);

	*out = n < 0 ? NULL : malloc((size_t)n + 1);
	return *out ? vsnprintf(*out, (size_t)n + 1, fmt, ap) : -1;
}

int vprintf(const char *restrict fmt, va_list ap)
{
	return vfprintf(stdout, fmt, ap);
}

#define FORWARD(call)              \
	do {                       \
		va_list ap;        \
		int r_;            \
                                   \
		va_start(ap, fmt); \
		r_ = call;         \
		va_end(ap);        \
		return r_;         \
	} while (0)

int printf(const char *restrict fmt, ...)
{
	FORWARD(vfprintf(stdout, fmt, ap));
}

int fprintf(FILE *restrict f, const char *restrict fmt, ...)
{
	FORWARD(vfprintf(f, fmt, ap));
}

int dprintf(int fd, const char *restrict fmt, ...)
{
	FORWARD(vdprintf(fd, fmt, ap));
}

int sprintf(char *restrict s, const char *restrict fmt, ...)
{
	FORWARD(vsprintf(s, fmt, ap));
}

int snprintf(char *restrict s, size_t n, const char *restrict fmt, ...)
{
	FORWARD(vsnprintf(s, n, fmt, ap));
}

int asprintf(char **out, const char *restrict fmt, ...)
{
	FORWARD(vasprintf(out, fmt, ap));
}

void perror(const char *s)
{
	int err = errno;

	if (s && *s)
		fprintf(stderr, "%s: %s\n", s, strerror(err));
	else
		fprintf(stderr, "%s\n", strerror(err));
}
