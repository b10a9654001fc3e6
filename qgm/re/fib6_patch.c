// SPDX-License-Identifier: MIT
/*
 * fib6_patch: see fib6_patch.h. A prefix with nothing longer below it is one range of keys with one
 * next hop. Where a directory has entries for just this range, they are set; where one entry is
 * for more than it, the range is cut into the entry's line, or into a new line if there is none.
 * No prefix but those above it is looked at. Wide lines, prefixes over longer ones, lines that
 * would have too many runs: those are the builder's.
 */
#include "qgm/re/fib6_patch.h"

#include "qgm/re/fib6_line.h"
#include "qgm/re/fib6_runs.h"

enum { MOST = 12 }; /* prefixes at and below the one that changes */

#define TOP (1u << 31) /* ends are stored with the top bit turned over */

/* The runs of a line: ends[i] is the last key of run i, the last one's the line's last key. */
struct cut {
	u32 n;
	u32 end[F6_RUNS + 4];
	u32 nh[F6_RUNS + 4];
};

/* What covers `n`, as lines have it: 0 stands for the default route. */
static u32 inherited(const struct f6_prefix *n)
{
	for (n = n->parent; n; n = n->parent)
		if (n->nh && n->len)
			return n->nh;
	return 0;
}

static void emit(struct cut *c, u32 end, u32 nh)
{
	if (c->n && c->nh[c->n - 1] == nh) {
		c->end[c->n - 1] = end;
		return;
	}
	c->end[c->n] = end;
	c->nh[c->n++] = nh;
}

/* The runs of `from` with [first, last] set to nh. `begin`: the line's first key. */
static void set_range(struct cut *to, const struct cut *from, u32 begin, u32 first, u32 last,
		      u32 nh)
{
	to->n = 0;
	for (u32 i = 0; i < from->n; i++) {
		u32 end = from->end[i];

		if (begin < first)
			emit(to, MIN(end, first - 1), from->nh[i]);
		if (begin <= last && end >= first)
			emit(to, MIN(end, last), nh);
		if (end > last)
			emit(to, end, from->nh[i]);
		begin = end + 1;
	}
}

/* In the bits behind `depth` the prefix `n` has the next hop nh, and the longer ones below it have
 * theirs. False: it does not fit. */
static bool set_tree(struct cut *c, u32 begin, u32 depth, const struct f6_prefix *n, u32 nh)
{
	u32 bits = n->len - depth, first = (u32)(f6_bits(n->key, depth) >> 32);
	struct cut was = *c;

	if (bits > F6_BITS || nh > F6_NARROW_NH)
		return false;
	set_range(c, &was, begin, first, bits == F6_BITS ? first : first | ~0u >> bits, nh);
	if (c->n > F6_RUNS)
		return false;
	for (u32 i = 0; i < 2; i++) {
		const struct f6_prefix *child = n->child[i];

		if (child && child->count &&
		    !set_tree(c, begin, depth, child, child->nh ? child->nh : nh))
			return false;
	}
	return true;
}

static void line_read(struct cut *c, const struct f6_line *l, u32 last)
{
	c->n = 0;
	for (u32 i = 0; i < F6_ENDS; i++) {
		u32 end = (u32)l->end[i] ^ TOP;

		if (end >= last)
			break;
		c->end[c->n] = end;
		c->nh[c->n++] = l->nh[i];
	}
	c->end[c->n] = last;
	c->nh[c->n] = l->nh[c->n];
	c->n++;
}

static void line_write(struct f6_line *l, const struct cut *c)
{
	*l = (struct f6_line){ 0 };
	for (u32 i = 0; i < F6_ENDS; i++)
		l->end[i] = (s32)((i + 1 < c->n ? c->end[i] : ~0u) ^ TOP);
	for (u32 i = 0; i < c->n; i++)
		l->nh[i] = (u8)c->nh[i];
}

static struct f6_line *line_at(const struct fib6_writer *w, u32 line)
{
	return (struct f6_line *)(w->pool.now.mem + (u64)line * F6_LINE);
}

static void entry_set(struct fib6_writer *w, u32 at, u32 v)
{
	*(u32 *)(w->pool.now.mem + at) = v;
	f6_pool_wrote(&w->pool, at / F6_LINE, 1);
}

/* Where the change is on its way down: the value `v` at byte `at` of the pool, of a node whose
 * first key bit is `depth`. */
struct spot {
	u32 v, at, depth;
	u32 bits; /* of the directory that has `v` */
};

/* The range of the prefix in lines v. */
static bool in_lines(struct fib6_writer *w, const struct spot *s, const struct f6_prefix *n, u32 nh)
{
	u32 split = f6_split(s->v), below = n->len - s->depth, line = f6_node_line(s->v);
	u32 first = (u32)(f6_bits(n->key, s->depth) >> 32), begin = 0, end = ~0u;
	struct cut now;

	if (below < split)
		return false;
	if (split) {
		u32 index = first >> (F6_BITS - split);

		line += index;
		begin = index << (F6_BITS - split);
		end = begin | ~0u >> split;
	}
	line_read(&now, line_at(w, line), end);
	if (!set_tree(&now, begin, s->depth, n, nh))
		return false;
	if (now.n == 1 && !split) {
		if (!s->bits || f6_used(s->v) != s->bits)
			return false; /* the root, or several entries have it */
		entry_set(w, s->at, now.nh[0]);
		f6_pool_drop(&w->pool, line);
		return true;
	}
	line_write(line_at(w, line), &now);
	f6_pool_wrote(&w->pool, line, 1);
	return true;
}

/* The line that entry `index` of a directory would share with others near it; 0: none. F6_WIDE:
 * nothing that can be changed here. */
static u32 shared_line(const u32 *entry, u32 bits, u32 index)
{
	u32 from = index & ~((1u << F6_SHARE) - 1);

	for (u32 i = from; i < from + (1u << F6_SHARE); i++) {
		u32 v = entry[i], k = bits - f6_used(v);

		if ((v & (F6_NODE | F6_DIR)) == F6_NODE && i >> k == index >> k)
			return v & F6_WIDE || f6_split(v) ? F6_WIDE : v;
	}
	return 0;
}

/* The prefix is within an entry that is a next hop until now: a line is needed. */
static bool in_entry(struct fib6_writer *w, const struct spot *s, u32 index, const u32 *entry,
		     const struct f6_prefix *n, u32 nh)
{
	u32 old = entry[index], v = shared_line(entry, s->bits, index), k = 0, line;
	u32 at = s->at, depth, first;
	struct cut now = { .n = 1, .end = { ~0u }, .nh = { old } }, was;

	if (old == nh && f6_is_lone(n))
		return true;
	if (v == F6_WIDE || old > F6_NARROW_NH || nh > F6_NARROW_NH)
		return false;
	if (v) {
		k = s->bits - f6_used(v);
		if (!k)
			return false;
		/* What the line says of this entry was not looked at. */
		line_read(&was, line_at(w, f6_node_line(v)), ~0u);
		first = (index & ((1u << k) - 1)) << (F6_BITS - k);
		set_range(&now, &was, 0, first, first | ~0u >> k, old);
		if (now.n > F6_RUNS)
			return false;
	}
	depth = s->depth + s->bits - k;
	if (!set_tree(&now, 0, depth, n, nh))
		return false;
	line = v ? f6_node_line(v) : f6_pool_take(&w->pool, 0);
	if (line == F6_NONE)
		return false;
	line_write(line_at(w, line), &now);
	f6_pool_wrote(&w->pool, line, 1);
	entry_set(w, at, v ? v : f6_value_lines(line, 0, s->bits));
	return true;
}

/* `count` entries from byte `at` on are just this prefix. */
static bool in_entries(struct fib6_writer *w, u32 at, u32 count, u32 nh)
{
	const u32 *e = (const u32 *)(w->pool.now.mem + at);

	for (u32 i = 0; i < count; i++)
		if (e[i] & F6_NODE)
			return false;
	for (u32 i = 0; i < count; i++)
		entry_set(w, at + i * (u32)sizeof(u32), nh);
	return true;
}

bool f6_patch(struct fib6_writer *w, u32 root, const struct f6_prefix *n)
{
	struct spot s = { .v = root };
	u32 nh = n->nh ? n->nh : inherited(n);

	if (!(root & F6_NODE) || !n->len || n->count > MOST || !f6_pool_own(&w->pool))
		return false;
	for (;;) {
		u32 bits, below, index, *dir;

		s.depth += f6_used(s.v);
		if (s.depth >= n->len || s.depth > 127)
			return false;
		if (!(s.v & F6_DIR))
			return !(s.v & F6_WIDE) && in_lines(w, &s, n, nh);
		bits = f6_dir_bits(s.v);
		below = n->len - s.depth;
		index = (u32)(f6_bits(n->key, s.depth) >> (64 - bits));
		dir = (u32 *)line_at(w, f6_node_line(s.v));
		s.at = f6_node_line(s.v) * F6_LINE + index * (u32)sizeof(u32);
		s.bits = bits;
		if (below <= bits && !(dir[index] & F6_NODE) && f6_is_lone(n))
			return in_entries(w, s.at, 1u << (bits - below), nh);
		if (below < bits || (below == bits && !(dir[index] & F6_NODE)))
			return false;
		if (!(dir[index] & F6_NODE))
			return in_entry(w, &s, index, dir, n, nh);
		s.v = dir[index];
	}
}
