// SPDX-License-Identifier: MIT
/* fib6_runs: what a line is made of (fib6_runs.h). */
#include "qgm/re/fib6_runs.h"

static bool plant_cover __generic;

void f6_runs_plant(bool on)
{
	plant_cover = on;
}

bool f6_pushes(const struct f6_prefix *n)
{
	return n->len && n->flags & F6T_CHANGED && likely(!plant_cover);
}

/* From key `at` on. What begins at the same key takes the place of what was put before. */
static void put(struct runs *r, u64 at, u32 nh, const struct f6_prefix *child, bool force)
{
	if (at > ~0u || r->over)
		return;
	if (r->n && r->run[r->n - 1].first == at)
		r->n--;
	if (r->n && !child && !r->run[r->n - 1].child && r->run[r->n - 1].nh == nh)
		return;
	if (r->n == r->max) {
		r->over = true;
		return;
	}
	r->run[r->n++] = (struct run){ child, (u32)at, (u16)nh, force };
}

static void visit(struct runs *r, const struct f6_prefix *n, u32 depth, u32 nh, bool force)
{
	u32 inner = f6_inherits(n, nh), bits = n->len - depth;
	u64 first, last;

	if (!n->count || r->over)
		return;
	first = f6_bits(n->key, depth) >> 32;
	if (bits > F6_BITS || (bits == F6_BITS && !f6_is_lone(n))) {
		put(r, first, nh, n, force);
		put(r, first + 1, nh, NULL, false);
		return;
	}
	last = first + (1ull << (F6_BITS - bits)) - 1;
	if (n->nh)
		put(r, first, inner, NULL, false);
	for (u32 i = 0; i < 2; i++)
		if (n->child[i])
			visit(r, n->child[i], depth, inner, force || f6_pushes(n));
	if (n->nh)
		put(r, last + 1, nh, NULL, false);
}

/* Do the first `bits` bits agree? */
static bool agree(struct pix_ip a, struct pix_ip b, u32 bits)
{
	struct pix_ip mask = pix_ip_mask(bits);

	return !((a.hi ^ b.hi) & mask.hi) && !((a.lo ^ b.lo) & mask.lo);
}

struct f6_place f6_place_in(const struct f6_place *p, struct pix_ip key, u32 depth)
{
	struct f6_place in = *p;
	const struct f6_prefix *n = p->top;

	in.key = f6_key(key, depth);
	in.depth = depth;
	while (n && n->len < depth && agree(n->key, key, n->len)) {
		in.nh = f6_inherits(n, in.nh);
		in.force |= f6_pushes(n);
		n = n->child[f6_bit(key, n->len)];
	}
	in.top = n && n->len >= depth && agree(n->key, key, depth) ? n : NULL;
	return in;
}

bool f6_runs_of(struct runs *r, const struct f6_place *p)
{
	r->n = 0;
	r->over = false;
	r->deep = 0;
	r->nh_high = 0;
	put(r, 0, p->nh, NULL, false);
	if (p->top)
		visit(r, p->top, p->depth, p->nh, p->force);
	for (u32 i = 0; i < r->n; i++) {
		r->deep += r->run[i].child != NULL;
		r->nh_high = MAX(r->nh_high, (u32)r->run[i].nh);
	}
	return !r->over;
}

void f6_runs_gap(struct runs *r, const struct f6_place *p)
{
	u32 bits = MIN(p->top->len - p->depth, (u32)F6_BITS);
	u64 first = f6_bits(p->top->key, p->depth) >> 32 & ~0ull << (F6_BITS - bits);

	r->n = 0;
	r->over = false;
	r->deep = 1;
	r->nh_high = p->nh;
	put(r, 0, p->nh, NULL, false);
	put(r, first, p->nh, p->top, p->force);
	put(r, first + (1ull << (F6_BITS - bits)), p->nh, NULL, false);
}
