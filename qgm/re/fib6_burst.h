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

/* An address of the burst on its way: the node that it needs next. */
struct f6_at {
	u32 at;    /* byte of the node's line, or of the directory's entry */
	u32 value; /* of the node */
	u8 depth;
	u8 who;
};

/* Go on with value v: a result, or `next` (one more live address, which the return value counts).
 */
static inline u32 f6_go(const struct fib6 *f, u32 v, struct pix_ip dst, u32 depth, u32 who,
			u32 *nh_id, struct f6_at *next)
{
	u32 at;

	nh_id[who] = v ? v : f->fallback;
	depth = MIN(depth + f6_used(v), 127u);
	at = v & F6_NODE ? f6_at_of(v, f6_bits(dst, depth)) : 0;
	*next = (struct f6_at){ at, v, (u8)depth, (u8)who };
	prefetch(f->base + at);
	return v >> 31;
}

static inline u32 f6_next(const struct fib6 *f, const struct f6_at *a, struct pix_ip dst)
{
	const void *at = f->base + a->at;
	const struct f6_line *l = at;
	bool wide = a->value & F6_WIDE;
	u32 run;

	if (a->value & F6_DIR)
		return f6_entry(at);
	run = F6_SEARCH(l, f6_bits(dst, a->depth), wide);
	return wide ? f6_entry(&l->value[run]) : f6_narrow(l, run);
}

static inline void f6_live(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id,
			   struct f6_at *at, u32 live)
{
	while (live) {
		u32 left = 0;

		for (u32 k = 0; k < live; k++) {
			struct f6_at a = at[k];

			u32 v = f6_next(f, &a, dst[a.who]);

			left += f6_go(f, v, dst[a.who], a.depth, a.who, nh_id, &at[left]);
		}
		live = left;
	}
}

static void f6_group(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n)
{
	struct f6_at at[BURST_MAX + 1];
	u32 live = 0;

	/* The first directory is in the first cache. */
	for (u32 i = 0; i < n; i++) {
		u32 v = f->root;

		if (v & F6_DIR)
			v = f6_step(f->base, v, dst[i].hi);
		live += f6_go(f, v, dst[i], 0, i, nh_id, &at[live]);
	}
	f6_live(f, dst, nh_id, at, live);
}

static inline void f6_burst(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n)
{
	if (!(f->root & F6_NODE)) {
		for (u32 i = 0; i < n; i++)
			nh_id[i] = f->root ? f->root : f->fallback;
		return;
	}
	for (u32 i = 0; i < n; i += BURST_MAX)
		f6_group(f, dst + i, nh_id + i, MIN(n - i, (u32)BURST_MAX));
}
