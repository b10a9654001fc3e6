// SPDX-License-Identifier: MIT
/*
 * nexthop: the writer's side of the next-hop table (nexthop.h). Copies lazily: a batch that edits
 * nothing gives back the table it began with. Control lock held.
 */
#include "qgm/re/nexthop.h"

#include "qgm/env.h"
#include "qgm/re/errno.h"
#include "qgm/re/ipv4.h"

static u64 serial_last __generic;

static const struct nh_table *batch_table(const struct nh_batch *b)
{
	return b->draft ? b->draft : b->cur;
}

/* Make the draft's directory hold at least `chunks` entries. */
static int own_table(struct nh_batch *b, u32 chunks)
{
	const struct nh_table *from = batch_table(b);
	struct nh_table *t;

	if (b->draft && b->draft->chunks >= chunks)
		return 0;
	if (from && from->chunks > chunks)
		chunks = from->chunks;
	t = garbage_alloc(b->g, sizeof(*t) + chunks * sizeof(t->chunk[0]));
	if (!t)
		return -ENOMEM;
	t->chunks = chunks;
	if (from) {
		t->punt_classes = from->punt_classes;
		for (u32 i = 0; i < from->chunks; i++)
			t->chunk[i] = from->chunk[i];
		garbage_drop(b->g, (struct gobj *)(uintptr_t)&from->obj);
	}
	for (u32 i = from ? from->chunks : 0; i < chunks; i++) {
		struct nh_chunk *c = garbage_alloc(b->g, sizeof(*c));

		if (!c)
			return -ENOMEM;
		c->serial = b->serial;
		t->chunk[i] = c;
	}
	b->draft = t;
	return 0;
}

static struct nh_chunk *own_chunk(struct nh_batch *b, u32 i)
{
	struct nh_chunk *old = (struct nh_chunk *)(uintptr_t)b->draft->chunk[i], *c;

	if (old->serial == b->serial)
		return old;
	c = garbage_alloc(b->g, sizeof(*c));
	if (!c)
		return NULL;
	c->serial = b->serial;
	__builtin_memcpy(c->adj, old->adj, sizeof(c->adj));
	garbage_drop(b->g, &old->obj);
	b->draft->chunk[i] = c;
	return c;
}

int nh_open(struct nh_batch *b, const struct nh_table *cur, struct garbage *g)
{
	static const u8 fixed[] = { NH_LOCAL, NH_BROADCAST, NH_BLACKHOLE, NH_UNREACHABLE };

	*b = (struct nh_batch){ .g = g, .cur = cur, .serial = ++serial_last };
	if (cur)
		return 0;
	for (u32 i = 0; i < ARRAY_SIZE(fixed); i++) {
		struct adjacency adj = { .kind = fixed[i] };

		if (nh_set(b, NH_ID_LOCAL + i, &adj))
			return -ENOMEM;
	}
	return 0;
}

struct nh_batch *nh_begin(const struct nh_table *cur, struct garbage *g)
{
	struct nh_batch *b = env_heap_alloc(sizeof(*b));

	if (!b)
		return NULL;
	if (nh_open(b, cur, g)) {
		env_heap_free(b, sizeof(*b));
		return NULL;
	}
	b->heap = true;
	return b;
}

const struct adjacency *nh_peek(const struct nh_batch *b, u32 id)
{
	static const struct adjacency none;
	const struct nh_table *t = batch_table(b);

	return t && nh_valid(t, id) ? nh_get(t, id) : &none;
}

static bool same(const struct adjacency *a, const struct adjacency *b)
{
	if (a->kind == NH_GROUP && b->kind == NH_GROUP)
		return a->group == b->group;
	return a->kind == b->kind && a->resolved == b->resolved && a->ifid == b->ifid &&
	       a->mtu == b->mtu && pix_ip_eq(a->gateway, b->gateway) && a->port == b->port &&
	       a->eth_len == b->eth_len && !__builtin_memcmp(a->eth, b->eth, sizeof(a->eth));
}

int nh_set(struct nh_batch *b, u32 id, const struct adjacency *adj)
{
	const struct adjacency *old = nh_peek(b, id);
	struct adjacency *slot;
	struct nh_chunk *c;
	u16 gen = old->gen;

	if (!id || id >= NH_MAX)
		return -EINVAL;
	if (same(old, adj))
		return 0;
	if (own_table(b, id / NH_CHUNK + 1))
		return -ENOMEM;
	c = own_chunk(b, id / NH_CHUNK);
	if (!c)
		return -ENOMEM;
	slot = &c->adj[id % NH_CHUNK];
	if (slot->kind == NH_GROUP) /* never with the same array: see same() */
		garbage_drop(b->g, (struct gobj *)(uintptr_t)&slot->group->obj);
	*slot = *adj;
	slot->gen = gen + 1;
	slot->fast_mtu = adj->resolved && adj->port ? adj->mtu : 0;
	slot->plain_len = 0;
	if (slot->fast_mtu && slot->eth_len == ETH_HLEN)
		slot->plain_len = (u16)(slot->fast_mtu + ETH_HLEN);
	return 0;
}

int nh_set_group(struct nh_batch *b, u32 id, const u16 *bucket, u32 n)
{
	const struct adjacency *old = nh_peek(b, id);
	struct nh_group *g;

	if (!n || n > NH_BUCKETS_MAX || (n & (n - 1)))
		return -EINVAL;
	if (old->kind == NH_GROUP && old->group->mask == n - 1 &&
	    !__builtin_memcmp(old->group->bucket, bucket, n * sizeof(*bucket)))
		return 0;
	g = garbage_alloc(b->g, sizeof(*g) + n * sizeof(*bucket));
	if (!g)
		return -ENOMEM;
	g->mask = n - 1;
	__builtin_memcpy(g->bucket, bucket, n * sizeof(*bucket));
	return nh_set(b, id, &(struct adjacency){ .kind = NH_GROUP, .group = g });
}

int nh_set_punt_classes(struct nh_batch *b, u32 classes)
{
	if (batch_table(b) && batch_table(b)->punt_classes == classes)
		return 0;
	if (own_table(b, 1))
		return -ENOMEM;
	b->draft->punt_classes = classes;
	return 0;
}

const struct nh_table *nh_commit(struct nh_batch *b)
{
	const struct nh_table *t = batch_table(b);

	nh_abort(b);
	return t;
}

void nh_abort(struct nh_batch *b)
{
	if (b->heap)
		env_heap_free(b, sizeof(*b));
}
