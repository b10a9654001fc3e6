// SPDX-License-Identifier: MIT
/* fib6_runs: what a line is made of (fib6_runs.h). */
#include "qgm/re/fib6_runs.h"

static bool plant_cover __generic;

void f6_runs_plant(bool on)
{
	plant_cover = on;
}

static bool run_add(struct runs *r, u64 end, const struct f6_prefix *child, u32 used, u32 nh,
		    bool force)
{
	if (!child && r->n && r->last == nh) {
		r->n--; /* the same: the run before ends here */
	} else if (r->n == r->max) {
		r->n++;
		return false;
	}
	if (r->border)
		r->border[r->n++] = (u32)end;
	else
		r->run[r->n++] = (struct run){ child, (u32)end, (u16)nh, (u8)used, force };
	r->last = child ? F6_NODE : nh;
	return true;
}

bool f6_pushes(const struct f6_prefix *n)
{
	return n->len && n->flags & F6T_CHANGED && likely(!plant_cover);
}

static bool listed(const struct f6_prefix *n, const struct f6_prefix *const *list, u32 count)
{
	for (u32 i = 0; i < count; i++)
		if (list[i] == n)
			return true;
	return false;
}

/* Bits used up by the child of the line in which n lies, 0: there is none worth it. */
static u32 child_like(const struct runs *r, const struct f6_prefix *n, u64 first)
{
	u32 v = r->like->value[f6_search(r->like, first << 32)];

	return v & F6_NODE && n->len >= r->depth + f6_used(v) && n->count > 1 ? f6_used(v) : 0;
}

bool f6_runs_of(struct runs *r, const struct f6_prefix *n, u64 lo, u64 hi, u32 nh, bool force,
		bool whole)
{
	u64 first, last;
	u32 used;
	bool ok, child;

	if (!n || !n->count)
		return run_add(r, hi, NULL, 0, nh, false);
	first = f6_bits(n->key, r->depth) >> 32;
	used = r->like ? child_like(r, n, first) : 0;
	child = used != 0;
	used = child ? used : MIN(n->len - r->depth, (u32)F6_BITS);
	first &= ~0ull << (F6_BITS - used);
	last = first + (1ull << (F6_BITS - used)) - 1;
	if (first > lo && !run_add(r, first - 1, NULL, 0, nh, false))
		return false;
	whole = whole || listed(n, r->whole, r->nwhole);
	if (!child && f6_is_lone(n) && n->len <= r->depth + F6_BITS) {
		ok = run_add(r, last, NULL, 0, f6_inherits(n, nh), false);
	} else if (!child && used < F6_BITS && (whole || listed(n, r->open, r->nopen))) {
		u64 half = first + (last - first + 1) / 2;
		u32 inner = f6_inherits(n, nh);
		bool push = force || f6_pushes(n);

		ok = f6_runs_of(r, n->child[0], first, half - 1, inner, push, whole) &&
		     f6_runs_of(r, n->child[1], half, last, inner, push, whole);
	} else {
		ok = run_add(r, last, n, used, nh, force);
	}
	return ok && (last == hi || run_add(r, hi, NULL, 0, nh, false));
}
