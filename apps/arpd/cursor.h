// SPDX-License-Identifier: MIT
/*
 * Bounded reading and writing of wire formats. A reader that passes its end gives zeros and says so
 * at the end; a writer that passes its end writes nothing more and says so, too.
 */
#pragma once

#include <pix/ip.h>
#include <string.h>

struct cursor {
	const u8 *p;
	size_t left;
	bool over; /* a read passed the end; it gave zeros */
};

static inline void cursor_take(struct cursor *c, void *to, size_t n)
{
	if (c->over || n > c->left) {
		c->over = true;
		memset(to, 0, n);
		return;
	}
	memcpy(to, c->p, n);
	c->p += n;
	c->left -= n;
}

static inline u32 cursor_be(struct cursor *c, size_t n)
{
	u8 b[4] = { 0 };
	u32 v = 0;

	cursor_take(c, b, n);
	for (size_t i = 0; i < n; i++)
		v = v << 8 | b[i];
	return v;
}

static inline struct pix_ip cursor_ip(struct cursor *c)
{
	u8 b[16];

	cursor_take(c, b, sizeof(b));
	return pix_ip_load(b);
}

struct writer {
	u8 *p;
	size_t used, room;
	bool over;
};

static inline void writer_put(struct writer *w, const void *from, size_t n)
{
	if (w->over || n > w->room - w->used) {
		w->over = true;
		return;
	}
	memcpy(w->p + w->used, from, n);
	w->used += n;
}

static inline void writer_be(struct writer *w, u32 v, size_t n)
{
	u8 b[4];

	for (size_t i = n; i-- > 0; v >>= 8)
		b[i] = (u8)v;
	writer_put(w, b, n);
}

static inline void writer_ip(struct writer *w, struct pix_ip ip)
{
	u8 b[16];

	pix_ip_store(b, ip);
	writer_put(w, b, sizeof(b));
}
