// SPDX-License-Identifier: MIT
/* fib6_jump: a hash of the nodes where ways into networks begin (fib6_jump.h). Open addressing;
 * what a removal leaves is filled from behind. Generic side, control lock held. */
#include "qgm/re/fib6_jump.h"

#include "qgm/env.h"
#include "qgm/re/fib6_trie.h"

enum {
	SLOTS_MIN = 1024,
	WORTH = 1024, /* prefixes from which on there is a table, and */
	LITTLE = 256, /* below which there is none any more */
	PAUSE = 1024, /* batches between two attempts to get memory */
};

static bool plant_jump __generic;

void f6_jump_plant(bool on)
{
	plant_jump = on;
}

/* The length goes where no network has bits. */
static u64 id_of(struct pix_ip key, u32 bits)
{
	return (key.hi & ~0ull << (64 - bits)) | bits;
}

static u32 home(const struct f6_jump *j, u64 id)
{
	return (u32)(id * 0x9e3779b97f4a7c15ull >> j->shift);
}

/* The slot of `id`, or the free one where it would be. */
static u32 find(const struct f6_jump *j, u64 id)
{
	u32 mask = f6_jump_slots(j) - 1, i = home(j, id);

	while (j->slot[i].id && j->slot[i].id != id)
		i = (i + 1) & mask;
	return i;
}

struct f6_prefix *f6_jump_get(const struct f6_jump *j, struct pix_ip key, u32 len)
{
	if (!j->slot)
		return NULL;
	for (u32 k = 0; k < F6_JUMPS; k++) {
		u32 bits = f6_jump_bits(k);
		struct f6_prefix *n;

		if (len < bits)
			continue;
		n = j->slot[find(j, id_of(key, bits))].n;
		if (n)
			return n;
	}
	return NULL;
}

static void drop(struct f6_jump *j)
{
	env_heap_free(j->slot, f6_jump_bytes(j));
	*j = (struct f6_jump){ 0 };
}

/* Does the way into the network of `bits` bits that has `n` begin with it? */
static bool is_first(const struct f6_prefix *n, u32 bits)
{
	return n->len >= bits && n->parent && n->parent->len < bits;
}

void f6_jump_made(struct f6_jump *j, struct f6_prefix *n)
{
	for (u32 k = 0; k < F6_JUMPS && j->slot; k++) {
		u32 bits = f6_jump_bits(k), i;

		if (!is_first(n, bits))
			continue;
		i = find(j, id_of(n->key, bits));
		if (!j->slot[i].id && ++j->used > f6_jump_slots(j) / 4 * 3) {
			drop(j);
			return;
		}
		j->slot[i] = (struct f6_jump_slot){ id_of(n->key, bits), n };
	}
}

/* What follows a slot that becomes free moves up, as far as it may stand there. */
static void slot_free(struct f6_jump *j, u32 i)
{
	u32 mask = f6_jump_slots(j) - 1;

	for (u32 k = (i + 1) & mask; j->slot[k].id; k = (k + 1) & mask) {
		u32 from = home(j, j->slot[k].id);

		if (((k - from) & mask) < ((k - i) & mask))
			continue; /* its place is behind the gap */
		j->slot[i] = j->slot[k];
		i = k;
	}
	j->slot[i] = (struct f6_jump_slot){ 0 };
	j->used--;
}

void f6_jump_gone(struct f6_jump *j, const struct f6_prefix *n, struct f6_prefix *child)
{
	for (u32 k = 0; k < F6_JUMPS && j->slot && likely(!plant_jump); k++) {
		u32 bits = f6_jump_bits(k), i;

		if (!is_first(n, bits))
			continue;
		i = find(j, id_of(n->key, bits));
		if (child)
			j->slot[i].n = child;
		else
			slot_free(j, i);
	}
}

/* The next node on a walk through all of fewer than 40 bits and those right below them. */
static struct f6_prefix *next(struct f6_prefix *n)
{
	if (n->len < f6_jump_bits(0)) {
		if (n->child[0])
			return n->child[0];
		if (n->child[1])
			return n->child[1];
	}
	for (; n->parent; n = n->parent)
		if (n == n->parent->child[0] && n->parent->child[1])
			return n->parent->child[1];
	return NULL;
}

static u32 count(struct f6_prefix *root)
{
	u32 sum = 0;

	for (struct f6_prefix *n = root; n; n = next(n))
		for (u32 k = 0; k < F6_JUMPS; k++)
			sum += is_first(n, f6_jump_bits(k));
	return sum;
}

void f6_jump_fit(struct f6_jump *j, struct f6_prefix *root, u32 prefixes)
{
	u32 slots = SLOTS_MIN, had = f6_jump_slots(j), used;

	if (prefixes < (had ? LITTLE : WORTH)) {
		drop(j);
		return;
	}
	if (had && (had == SLOTS_MIN || j->used > had / 8))
		return;
	if (j->pause) {
		j->pause--;
		return;
	}
	used = count(root);
	while (used > slots / 4 * 3)
		slots *= 2;
	drop(j);
	j->slot = env_heap_alloc(slots * sizeof(*j->slot));
	if (!j->slot) {
		j->pause = PAUSE;
		return;
	}
	j->shift = (u32)__builtin_clz(slots) + 33;
	for (struct f6_prefix *n = root; n; n = next(n))
		f6_jump_made(j, n);
}
