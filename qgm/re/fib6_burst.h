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

/* Where one address of the burst stands. */
struct f6_at {
	u32 v;     /* value reached */
	u32 depth; /* bits used up */
};

/* One step of a node, while no more than 48 bits are used up: 16 more are in the first word. */
static inline void f6_step(const u8 *base, struct f6_at *at, u64 hi)
{
	u64 h = hi << at->depth;
	const struct f6_line *l = f6_line_of(base, at->v, h);

	at->v = f6_value(l, F6_SEARCH(l, h));
	at->depth += l->shift;
}

static inline const u32 *f6_entry(const u8 *base, u32 dir, u64 hi, u32 depth)
{
	u64 index = hi << depth >> (64 - F6_DIR_BITS);

	return (const u32 *)(base + (u64)f6_dir_line(dir) * F6_LINE) + index;
}

static inline void f6_request(const u8 *base, const struct f6_at *at, u64 hi)
{
	prefetch(f6_line_of(base, at->v, hi << at->depth));
}

static void f6_group(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n)
{
	const u8 *base = f->base;
	struct f6_at at[BURST_MAX];
	const u32 *entry[BURST_MAX];
	u8 who[BURST_MAX];
	u32 left = 0;

	if (f->root & F6_DIR) {
		for (u32 i = 0; i < n; i++) {
			const u32 *e = f6_entry(base, f->root, dst[i].hi, 0);
			const u32 *deeper = f6_entry(base, *e, dst[i].hi, 8);

			at[i].depth = *e & F6_DIR ? 16 : 8;
			e = *e & F6_DIR ? deeper : e;
			deeper = f6_entry(base, *e, dst[i].hi, 16);
			at[i].depth = *e & F6_DIR ? 24 : at[i].depth;
			entry[i] = *e & F6_DIR ? deeper : e;
			prefetch(entry[i]);
		}
		for (u32 i = 0; i < n; i++) {
			at[i].v = *entry[i];
			f6_request(base, &at[i], dst[i].hi);
		}
	} else {
		for (u32 i = 0; i < n; i++) {
			at[i] = (struct f6_at){ f->root, 0 };
			f6_request(base, &at[i], dst[i].hi);
		}
	}
	for (u32 i = 0; i < n; i++) {
		if (at[i].v & F6_NODE) {
			f6_step(base, &at[i], dst[i].hi);
			f6_request(base, &at[i], dst[i].hi);
		}
	}
	for (u32 i = 0; i < n; i++) {
		if (at[i].v & F6_NODE)
			f6_step(base, &at[i], dst[i].hi);
		nh_id[i] = at[i].v ? at[i].v : f->fallback;
		who[left] = (u8)i;
		left += at[i].v >> 23;
	}
	for (u32 k = 0; k < left; k++) {
		u32 i = who[k], v = f6_walk(base, at[i].v, dst[i], at[i].depth);

		nh_id[i] = v ? v : f->fallback;
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
