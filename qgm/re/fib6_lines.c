// SPDX-License-Identifier: MIT
/* fib6_lines: lines of a table made from runs (fib6_job.h; fib6_line.h has the layout). Generic
 * side, control lock held. */
#include "qgm/re/fib6_job.h"

bool f6_line_fill(struct f6_line *l, const struct runs *r, u32 index, u32 split)
{
	u32 low = (1u << split) - 1, from = (u32)((u64)index << (F6_BITS - split));

	if (r->over || r->deep || r->nh_high > F6_NARROW_NH)
		return false;
	*l = (struct f6_line){ 0 };
	for (u32 i = 0; i < F6_ENDS; i++)
		l->end[i] = (s32)(~0u ^ 1u << 31);
	for (u32 i = 0; i < r->n; i++) {
		u32 first = r->run[i].first;

		if (first & low)
			return false; /* deeper than this node's lines look */
		if (i)
			l->end[i - 1] = (s32)((from + (first >> split) - 1) ^ 1u << 31);
		l->nh[i] = (u8)r->run[i].nh;
	}
	return true;
}

static u32 narrow_make(struct f6_build *b, const struct runs *r, u32 used)
{
	u32 line = f6_piece(b, 0);

	if (line == F6_NONE)
		return 0;
	(void)f6_line_fill((struct f6_line *)f6_mem(b, line), r, 0, 0);
	return f6_value_lines(line, 0, used);
}

u32 f6_wide_make(struct f6_build *b, const struct runs *r, const struct f6_place *p, u32 used,
		 u32 old)
{
	struct f6_line was = { 0 }, *l;
	u32 line, kept = 0;

	if (f6_is_wide(old)) {
		was = *(struct f6_line *)f6_mem(b, f6_node_line(old));
		f6_pool_drop(&b->w->pool, f6_node_line(old));
	} else {
		f6_tree_drop(b, old);
	}
	line = f6_piece(b, 0);
	if (line == F6_NONE)
		return 0;
	l = (struct f6_line *)f6_mem(b, line);
	*l = (struct f6_line){ 0 };
	for (u32 i = 0; i < F6_WIDE_RUNS; i++)
		l->wide_end[i] = (s32)((i + 1 < r->n ? r->run[i + 1].first - 1 : ~0u) ^ 1u << 31);
	for (u32 i = 0; i < r->n; i++) {
		const struct run *run = &r->run[i];
		const struct f6_prefix *n = run->child;
		u32 bits, at, v;

		l->value[i] = run->nh;
		if (!n)
			continue;
		bits = MIN(n->len - p->depth, (u32)F6_BITS);
		at = f6_is_wide(old) ? f6_search(&was, (u64)run->first << 32, true) : 0;
		v = was.value[at];
		if (v & F6_NODE && f6_used(v) == bits && !(kept >> at & 1))
			kept |= 1u << at;
		else
			v = 0;
		l->value[i] = v;
		if (v && !run->force && !(n->flags & F6T_ANY))
			continue;
		f6_job_add(b, &(struct f6_job){
				      .p = { f6_key(n->key, p->depth + bits), p->depth + bits, n,
					     run->nh, run->force },
				      .at = (u32)((u8 *)&l->value[i] - b->w->pool.now.mem),
				      .old = v,
				      .used = (u8)bits,
			      });
	}
	for (u32 i = 0; i < F6_WIDE_RUNS; i++)
		if (!(kept >> i & 1))
			f6_tree_drop(b, was.value[i]);
	return f6_value_wide(line, used);
}

bool f6_line_make(struct f6_build *b, const struct runs *r, const struct f6_place *p, u32 used,
		  u32 old, u32 *v)
{
	if (r->over)
		return false;
	if (!r->deep && r->nh_high <= F6_NARROW_NH) {
		f6_tree_drop(b, old);
		*v = r->n == 1 ? r->run[0].nh : narrow_make(b, r, used);
		return true;
	}
	if (r->n > F6_WIDE_RUNS)
		return false;
	if (r->n == 1 && !r->deep) {
		f6_tree_drop(b, old);
		*v = r->run[0].nh;
	} else {
		*v = f6_wide_make(b, r, p, used, old);
	}
	return true;
}
