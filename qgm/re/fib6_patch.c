// SPDX-License-Identifier: MIT
/*
 * fib6_patch: see fib6_patch.h. A prefix with nothing longer below it is one range of keys with one
 * next hop. Where a directory has entries for just this range, they are set; where one entry is
 * for more than it, the range is cut into the entry's line, or into a new line if there is none.
 * No prefix but those above it is looked at. New borders in wide lines, prefixes over many longer
 * ones, lines that would have too many runs: those are the builder's.
 */
#include "qgm/re/fib6_patch.h"

#include "qgm/atomic.h"
#include "qgm/re/fib6_line.h"
#include "qgm/re/fib6_runs.h"

enum { MOST = 12 }; /* prefixes at and below the one that changes */

static u32 plants __generic;

void f6_patch_plant(u32 mask)
{
	plants = mask;
}

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
	for (u32 i = 0; i < 2 && likely(!(plants & FIB6_PLANT_PATCH)); i++) {
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

/* The change, and where it is on its way down: the value `v` at byte `at` of the pool, of a node
 * whose first key bit is `depth`. */
struct spot {
	struct fib6_writer *w;
	struct f6_stage *stage; /* NULL: the block is the batch's own */
	const struct f6_prefix *n;
	u32 nh; /* of the prefix, or what covers it */
	u32 v, at, depth;
	u32 dir;  /* byte of the pool of the directory that has `v`, and */
	u32 bits; /* its bits; 0: `v` is the root */
};

static void entries_store(struct fib6_writer *w, const struct f6_entries *e)
{
	for (u32 at = e->at; at < e->at + e->n * (u32)sizeof(u32); at += (u32)sizeof(u32)) {
		u32 *entry = (u32 *)(w->pool.now.mem + at);

		if (e->only != F6_EACH && *entry != e->only && at != e->self)
			continue;
		store_publish(entry, e->v); /* f6_entry() */
		f6_pool_wrote(&w->pool, at / F6_LINE, 1);
	}
}

static void entries_set(const struct spot *s, const struct f6_entries *e)
{
	if (s->stage)
		s->stage->entries = *e;
	else
		entries_store(s->w, e);
}

/* All entries of the spot's block that have `only`, and with it the spot's (`self`), get v. */
static void block_set(const struct spot *s, u32 only, bool self, u32 v)
{
	u32 k = only ? s->bits - f6_used(only) : 0, size = (u32)sizeof(u32) << k;
	u32 first = s->dir + (s->at - s->dir) / size * size;

	entries_set(s, &(struct f6_entries){ first, 1u << k, only, self ? s->at : F6_NONE, v });
}

/* A line with the runs `now` in the place of the one at `line`, which is number `index` of the
 * node `v` (0: of none, and there is no line yet). Returns the node's value; 0: no memory. */
static u32 line_put(const struct spot *s, u32 v, u32 index, const struct cut *now)
{
	u32 split = v ? f6_split(v) : 0, line = v ? f6_node_line(v) : F6_NONE, old = line;
	bool beside = !v || (s->stage && likely(!(plants & FIB6_PLANT_TORN)));
	struct f6_pool *p = &s->w->pool;

	if (beside) {
		line = s->stage ? f6_pool_take_here(p, split) : f6_pool_take(p, split);
		if (line == F6_NONE)
			return 0;
		if (split)
			__builtin_memcpy(line_at(s->w, line), line_at(s->w, old),
					 (size_t)F6_LINE << split);
		if (v)
			f6_pool_set_mark(p, line, f6_pool_mark(p, old));
	}
	if (s->stage && beside) {
		s->stage->taken = line;
		s->stage->gone = old;
	}
	line_write(line_at(s->w, line + index), now);
	f6_pool_wrote(p, line + index, 1);
	return f6_value_lines(line, split, v ? f6_used(v) : s->bits);
}

/* Has the line at `line` all borders of `now` already? Then its bytes are all that changes. `last`
 * is its last key. */
static bool line_bytes(const struct spot *s, u32 line, const struct cut *now, u32 last)
{
	struct f6_stage *stage = s->stage;
	struct cut was;
	u32 run = 0;

	if (!stage)
		return false;
	line_read(&was, line_at(s->w, line), last);
	for (u32 i = 0; i < was.n; i++) {
		if (now->end[run] < was.end[i])
			return false;
		stage->nh[i] = (u8)now->nh[run];
		run += now->end[run] == was.end[i];
	}
	stage->line = line;
	stage->runs = was.n;
	return true;
}

/* The range of the prefix in lines v. */
static bool in_lines(const struct spot *s)
{
	u32 split = f6_split(s->v), below = s->n->len - s->depth, line = f6_node_line(s->v);
	u32 first = (u32)(f6_bits(s->n->key, s->depth) >> 32), begin = 0, end = ~0u, index = 0, v;
	struct cut now;

	if (below < split)
		return false;
	if (split) {
		index = first >> (F6_BITS - split);
		begin = index << (F6_BITS - split);
		end = begin | ~0u >> split;
	}
	line_read(&now, line_at(s->w, line + index), end);
	if (!set_tree(&now, begin, s->depth, s->n, s->nh))
		return false;
	if (now.n == 1 && !split) {
		if (!s->bits)
			return false; /* the root */
		block_set(s, s->v, false, now.nh[0]);
		if (s->stage)
			s->stage->gone = line;
		else
			f6_pool_drop(&s->w->pool, line);
		return true;
	}
	if (line_bytes(s, line + index, &now, end))
		return true;
	if (s->stage && !s->bits)
		return false;
	v = line_put(s, s->v, index, &now);
	if (v && v != s->v)
		block_set(s, s->v, false, v);
	return v;
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
static bool in_entry(const struct spot *s, u32 index, const u32 *entry)
{
	u32 old = entry[index], v = shared_line(entry, s->bits, index), k = 0, first, new;
	struct cut now = { .n = 1, .end = { ~0u }, .nh = { old } }, was;

	if (old == s->nh && f6_is_lone(s->n))
		return true;
	if (v == F6_WIDE || old > F6_NARROW_NH || s->nh > F6_NARROW_NH)
		return false;
	if (v) {
		k = s->bits - f6_used(v);
		if (!k)
			return false;
		/* What the line says of this entry was not looked at. */
		line_read(&was, line_at(s->w, f6_node_line(v)), ~0u);
		first = (index & ((1u << k) - 1)) << (F6_BITS - k);
		set_range(&now, &was, 0, first, first | ~0u >> k, old);
		if (now.n > F6_RUNS)
			return false;
	}
	if (!set_tree(&now, 0, s->depth + s->bits - k, s->n, s->nh))
		return false;
	new = line_put(s, v, 0, &now);
	if (new)
		block_set(s, v, true, new);
	return new;
}

/* `count` entries from the spot's on are just this prefix. */
static bool in_entries(const struct spot *s, u32 count)
{
	const u32 *e = (const u32 *)(s->w->pool.now.mem + s->at);

	for (u32 i = 0; i < count; i++)
		if (e[i] & F6_NODE)
			return false;
	entries_set(s, &(struct f6_entries){ s->at, count, F6_EACH, F6_NONE, s->nh });
	return true;
}

/* Runs of the wide line `l` from number `run` on are just this prefix. */
static bool in_runs(const struct spot *s, const struct f6_line *l, u32 run)
{
	u32 below = s->n->len - s->depth, first = (u32)(f6_bits(s->n->key, s->depth) >> 32), n = 0;
	u32 begin = run ? ((u32)l->wide_end[run - 1] ^ TOP) + 1 : 0;
	u32 last = first | (u32)(0xffffffffull >> MIN(below, (u32)F6_BITS));

	if (below > F6_BITS || !f6_is_lone(s->n) || begin != first)
		return false;
	for (; run + n < F6_WIDE_RUNS; n++) {
		u32 end = (u32)l->wide_end[run + n] ^ TOP;

		if (l->value[run + n] & F6_NODE || end > last)
			return false;
		if (end < last)
			continue;
		entries_set(s, &(struct f6_entries){ s->at, n + 1, F6_EACH, F6_NONE, s->nh });
		return true;
	}
	return false;
}

/* Through a wide line. */
static bool in_wide(struct spot *s, bool *further)
{
	const struct f6_line *l = line_at(s->w, f6_node_line(s->v));
	u32 run = f6_search(l, f6_bits(s->n->key, s->depth), true);

	s->v = l->value[run];
	s->bits = f6_used(s->v); /* a run has its child alone */
	s->dir = s->at = (u32)((const u8 *)&l->value[run] - s->w->pool.now.mem);
	*further = s->v & F6_NODE;
	return *further || in_runs(s, l, run);
}

/* The way down to what has to change. */
static bool descend(struct spot *s)
{
	const struct f6_prefix *n = s->n;

	for (;;) {
		u32 below, index, *dir;

		s->depth += f6_used(s->v);
		if (s->depth > n->len || s->depth > 127)
			return false;
		if (s->depth == n->len) /* all of a node */
			return !(s->v & (F6_DIR | F6_WIDE)) && in_lines(s);
		if (!(s->v & F6_DIR)) {
			bool further = false,
			     done = s->v & F6_WIDE ? in_wide(s, &further) : in_lines(s);

			if (!further)
				return done;
			continue;
		}
		s->bits = f6_dir_bits(s->v);
		s->dir = f6_node_line(s->v) * F6_LINE;
		below = n->len - s->depth;
		index = (u32)(f6_bits(n->key, s->depth) >> (64 - s->bits));
		dir = (u32 *)line_at(s->w, f6_node_line(s->v));
		s->at = s->dir + index * (u32)sizeof(u32);
		if (below <= s->bits && !(dir[index] & F6_NODE) && f6_is_lone(n))
			return in_entries(s, 1u << (s->bits - below));
		if (below < s->bits || (below == s->bits && !(dir[index] & F6_NODE)))
			return false;
		if (!(dir[index] & F6_NODE))
			return in_entry(s, index, dir);
		s->v = dir[index];
	}
}

bool f6_patch(struct fib6_writer *w, u32 root, const struct f6_prefix *n, struct f6_stage *stage)
{
	struct spot s = { .w = w, .stage = stage, .n = n, .nh = n->nh, .v = root };

	if (!(root & F6_NODE) || !n->len)
		return false;
	if (n->len < F6_LATE)
		f6_trie_catch_up(&w->trie);
	if (n->count > MOST)
		return false;
	if (stage) {
		if (w->pool.now.mem != w->pool.live)
			return false;
		*stage = (struct f6_stage){ .taken = F6_NONE, .gone = F6_NONE };
	} else if (!f6_pool_own(&w->pool)) {
		return false;
	}
	if (!s.nh)
		s.nh = inherited(n);
	return descend(&s);
}

void f6_patch_store(struct fib6_writer *w, const struct f6_stage *s, u64 epoch)
{
	struct f6_line *l = line_at(w, s->line);
	bool reuse = plants & FIB6_PLANT_REUSE;

	f6_pool_in_place(&w->pool);
	for (u32 i = 0; i < s->runs; i++)
		if (l->nh[i] != s->nh[i])
			store_relaxed(&l->nh[i], s->nh[i]); /* f6_narrow() */
	if (s->runs)
		f6_pool_wrote(&w->pool, s->line, 1);
	entries_store(w, &s->entries);
	if (s->gone != F6_NONE)
		f6_pool_leave(&w->pool, s->gone, unlikely(reuse) ? 0 : epoch);
}

void f6_patch_forget(struct fib6_writer *w, const struct f6_stage *s)
{
	if (s->taken != F6_NONE)
		f6_pool_drop(&w->pool, s->taken);
}
