// SPDX-License-Identifier: MIT
/*
 * fib6_burst: the burst lookup of IPv6 destinations, compiled once for each instruction set: the
 * file that includes this says by F6_SEARCH how the run of a key is found in a line. Internal to
 * qgm/re/fib6*; runs on QGM cores.
 */
#pragma once

#include "qgm/packet.h"
#include "qgm/re/fib6_line.h"

#ifndef F6_SEARCH
#define F6_SEARCH f6_search
#endif

/* An address of the burst on its way: the line that it needs next. */
struct f6_at {
	u64 h;    /* the address from the node's depth on */
	u32 line; /* number */
	u8 depth;
	u8 who;
};

static inline const struct f6_line *f6_at_line(const struct fib6 *f, const struct f6_at *a)
{
	return (const struct f6_line *)(f->base + (u64)a->line * F6_LINE);
}

static inline const u32 *f6_entry(const u8 *base, u32 dir, u64 hi, u32 depth)
{
	u64 index = hi << depth >> (64 - F6_DIR_BITS);

	return (const u32 *)(base + (u64)f6_dir_line(dir) * F6_LINE) + index;
}

/* Go on with value v: a result, or `next` (one more live address, which the return value counts).
 */
static inline u32 f6_go(const struct fib6 *f, u32 v, u64 h, u32 depth, u32 who, u32 *nh_id,
			struct f6_at *next)
{
	u32 line = f6_line_of(v, h);

	nh_id[who] = v ? v : f->fallback;
	*next = (struct f6_at){ h, line, (u8)depth, (u8)who };
	prefetch(f->base + (u64)line * F6_LINE);
	return v >> 31;
}

/* Up to three levels of directories, of which the first two are in the first cache. */
static inline u32 f6_enter(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n,
			   struct f6_at *at)
{
	const u32 *entry[BURST_MAX];
	u8 depth[BURST_MAX];
	u32 left = 0;

	if (!(f->root & F6_DIR)) {
		for (u32 i = 0; i < n; i++)
			left += f6_go(f, f->root, dst[i].hi, 0, i, nh_id, &at[left]);
		return left;
	}
	for (u32 i = 0; i < n; i++) {
		const u32 *e = f6_entry(f->base, f->root, dst[i].hi, 0);
		const u32 *deeper = f6_entry(f->base, *e, dst[i].hi, 8);
		u32 d = *e & F6_DIR ? 16 : 8;

		e = *e & F6_DIR ? deeper : e;
		deeper = f6_entry(f->base, *e, dst[i].hi, 16);
		depth[i] = (u8)(*e & F6_DIR ? 24 : d);
		entry[i] = *e & F6_DIR ? deeper : e;
		prefetch(entry[i]);
	}
	for (u32 i = 0; i < n; i++)
		left += f6_go(f, *entry[i], dst[i].hi << depth[i], depth[i], i, nh_id, &at[left]);
	return left;
}

static void f6_group(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n)
{
	struct f6_at at[BURST_MAX + 1];
	u32 live = f6_enter(f, dst, nh_id, n, at);
	while (live) {
		u32 left = 0;

		for (u32 k = 0; k < live; k++) {
			struct f6_at a = at[k];
			const struct f6_line *line = f6_at_line(f, &a);
			u32 v = line->value[F6_SEARCH(line, a.h)];
			u32 depth = MIN(a.depth + f6_used(v), 127u);

			left += f6_go(f, v, f6_bits(dst[a.who], depth), depth, a.who, nh_id,
				      &at[left]);
		}
		live = left;
	}
}

static inline void f6_burst(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n)
{
	if (!f->root) {
		for (u32 i = 0; i < n; i++)
			nh_id[i] = f->fallback;
		return;
	}
	for (u32 i = 0; i < n; i += BURST_MAX)
		f6_group(f, dst + i, nh_id + i, MIN(n - i, (u32)BURST_MAX));
}
