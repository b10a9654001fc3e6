// SPDX-License-Identifier: MIT
/*
 * fib6: a trie of 8-bit strides (fib6.h). Lookup runs on QGM cores over published, immutable nodes;
 * everything else is the writer's, under the control lock.
 *
 * A node keeps, besides its 256 slots, the list of the prefixes that end in it (at most 511), on
 * the writer's heap. A prefix of in-node length l (0..8; 0 only for 0.0.0.0/0 in the root) and
 * leading bits v has the number (1 << l) | v: a complete binary tree in heap order, so that
 * number >> 1 is the next shorter prefix and ascending numbers are ascending lengths.
 */
#include "qgm/re/fib6.h"

#include "qgm/env.h"
#include "qgm/packet.h"
#include "qgm/re/errno.h"

struct fib6_node {
	struct gobj obj; /* obj.heap: struct pfx[cap], ascending */
	u64 serial;      /* batch that made the node and may write it */
	u16 prefixes;
	u16 cap;
	u16 children;
	u16 pad[5];
	u64 slot[256]; /* child pointer << 16 | next-hop id */
};
_Static_assert(offsetof(struct fib6_node, slot) == CACHE_LINE, "slots start on a line");

struct pfx {
	u16 number;
	u16 nh;
};

struct fib6_batch {
	struct fib6 *fib;
	struct garbage *g;
	u64 serial;
};

static u64 serial_last __generic;
static bool plant_cover __generic;

void fib6_plant_cover(bool on)
{
	plant_cover = on;
}

/* Pointers are canonical: their upper 16 bits repeat bit 47, so 48 bits hold them. */
static inline struct fib6_node *slot_child(u64 slot)
{
	return (struct fib6_node *)(uintptr_t)((s64)slot >> 16);
}

static inline u32 slot_nh(u64 slot)
{
	return slot & 0xffff;
}

static inline u64 slot_make(const struct fib6_node *child, u32 nh)
{
	return (u64)(uintptr_t)child << 16 | nh;
}

static inline u32 stride(struct pix_ip addr, u32 depth)
{
	return (depth < 8 ? addr.hi >> (56 - 8 * depth) : addr.lo >> (120 - 8 * depth)) & 0xff;
}

/* --- lookup --------------------------------------------------------------------------------- */

u32 fib6_lookup(const struct fib6 *f, struct pix_ip dst)
{
	const struct fib6_node *node = f->root;
	u32 best = 0;

	for (u32 depth = 0; node; depth++) {
		u64 slot = node->slot[stride(dst, depth)];

		if (slot_nh(slot))
			best = slot_nh(slot);
		node = slot_child(slot);
	}
	return best;
}

/*
 * Level by level over the burst: the walkers that have a child go on, packed to the front; the line
 * that each needs next is requested before the next level starts.
 */
static void lookup_group(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n)
{
	const struct fib6_node *node[BURST_MAX];
	u8 who[BURST_MAX];
	u32 live = n;

	for (u32 i = 0; i < n; i++) {
		node[i] = f->root;
		who[i] = (u8)i;
		nh_id[i] = 0;
		prefetch(&f->root->slot[stride(dst[i], 0)]);
	}
	for (u32 depth = 0; live; depth++) {
		u32 on = 0;

		for (u32 k = 0; k < live; k++) {
			u32 i = who[k];
			u64 slot = node[k]->slot[stride(dst[i], depth)];
			const struct fib6_node *child = slot_child(slot);

			nh_id[i] = slot_nh(slot) ? slot_nh(slot) : nh_id[i];
			if (child) {
				prefetch(&child->slot[stride(dst[i], depth + 1)]); /* depth < 15 */
				node[on] = child;
				who[on++] = (u8)i;
			}
		}
		live = on;
	}
}

void fib6_lookup_burst(const struct fib6 *f, const struct pix_ip *dst, u32 *nh_id, u32 n)
{
	if (!f->root) {
		for (u32 i = 0; i < n; i++)
			nh_id[i] = 0;
		return;
	}
	for (u32 i = 0; i < n; i += BURST_MAX)
		lookup_group(f, dst + i, nh_id + i, MIN(n - i, (u32)BURST_MAX));
}

/* --- prefixes of one node ------------------------------------------------------------------- */

static struct pfx *pfx_list(const struct fib6_node *node)
{
	return node->obj.heap;
}

/* Index of the first prefix with a number >= `number`. */
static u32 pfx_find(const struct fib6_node *node, u32 number)
{
	const struct pfx *list = pfx_list(node);
	u32 lo = 0, hi = node->prefixes;

	while (lo < hi) {
		u32 mid = (lo + hi) / 2;

		if (list[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static u32 pfx_get(const struct fib6_node *node, u32 number)
{
	u32 i = pfx_find(node, number);

	return i < node->prefixes && pfx_list(node)[i].number == number ? pfx_list(node)[i].nh : 0;
}

static int pfx_put(struct fib6_node *node, u32 number, u32 nh)
{
	u32 i = pfx_find(node, number);
	struct pfx *list = pfx_list(node);

	if (i < node->prefixes && list[i].number == number) {
		list[i].nh = (u16)nh;
		return 0;
	}
	if (node->prefixes == node->cap) {
		u16 cap = node->cap ? node->cap * 2 : 4;

		list = garbage_heap(&node->obj, cap * sizeof(*list));
		if (!list)
			return -ENOMEM;
		node->cap = cap;
	}
	for (u32 k = node->prefixes; k > i; k--)
		list[k] = list[k - 1];
	list[i] = (struct pfx){ .number = (u16)number, .nh = (u16)nh };
	node->prefixes++;
	return 0;
}

static void pfx_remove(struct fib6_node *node, u32 number)
{
	struct pfx *list = pfx_list(node);

	node->prefixes--;
	for (u32 k = pfx_find(node, number); k < node->prefixes; k++)
		list[k] = list[k + 1];
}

static void paint(struct fib6_node *node, u32 number, u32 nh)
{
	u32 len = 31 - (u32)__builtin_clz(number);
	u32 span = 256u >> len;
	u32 first = (number & ((1u << len) - 1)) * span;

	for (u32 s = first; s < first + span; s++)
		node->slot[s] = (node->slot[s] & ~0xffffull) | nh;
}

/* Is the prefix `number` inside of `outer` (or the same)? */
static bool inside(u32 number, u32 outer)
{
	int up = __builtin_clz(outer) - __builtin_clz(number);

	return up >= 0 && number >> up == outer;
}

/* Write the slots below `number` anew: the longest prefix covering it, then those inside. */
static void repaint(struct fib6_node *node, u32 number)
{
	const struct pfx *list = pfx_list(node);
	u32 nh = pfx_get(node, number);

	if (!plant_cover)
		for (u32 up = number >> 1; !nh && up; up >>= 1)
			nh = pfx_get(node, up);
	paint(node, number, nh);
	for (u32 i = pfx_find(node, number + 1); i < node->prefixes; i++)
		if (inside(list[i].number, number))
			paint(node, list[i].number, list[i].nh);
}

/* --- batches -------------------------------------------------------------------------------- */

static struct fib6_node *node_new(struct fib6_batch *b)
{
	struct fib6_node *node = garbage_alloc(b->g, sizeof(*node));

	if (node)
		node->serial = b->serial;
	return node;
}

/* A node of this batch that stands for `node`: itself or a copy. NULL: no memory. */
static struct fib6_node *node_own(struct fib6_batch *b, struct fib6_node *node)
{
	struct fib6_node *copy;

	if (!node)
		return node_new(b);
	if (node->serial == b->serial)
		return node;
	copy = node_new(b);
	if (!copy)
		return NULL;
	if (node->cap) {
		if (!garbage_heap(&copy->obj, node->cap * sizeof(struct pfx)))
			return NULL;
		__builtin_memcpy(copy->obj.heap, node->obj.heap,
				 node->prefixes * sizeof(struct pfx));
	}
	copy->prefixes = node->prefixes;
	copy->cap = node->cap;
	copy->children = node->children;
	__builtin_memcpy(copy->slot, node->slot, sizeof(copy->slot));
	garbage_drop(b->g, &node->obj);
	return copy;
}

/* Depth of the node in which a prefix of this length ends, and its number there. */
static u32 place(struct pix_ip prefix, u8 len, u32 *number)
{
	u32 depth = len ? (len - 1u) / 8 : 0;
	u32 bits = len - 8 * depth;

	*number = 1u << bits | stride(prefix, depth) >> (8 - bits);
	return depth;
}

/* The nodes from the root to `depth`, all owned by the batch. False: no memory. */
static bool path_own(struct fib6_batch *b, struct pix_ip prefix, u32 depth, struct fib6_node **path)
{
	for (u32 d = 0; d <= depth; d++) {
		struct fib6_node *old, *node;
		u64 *slot = d ? &path[d - 1]->slot[stride(prefix, d - 1)] : NULL;

		/* The batch owns a root that is not const yet; published ones are copied first. */
		old = d ? slot_child(*slot) : (struct fib6_node *)(uintptr_t)b->fib->root;
		node = node_own(b, old);
		if (!node)
			return false;
		if (slot) {
			path[d - 1]->children += !old;
			*slot = slot_make(node, slot_nh(*slot));
		} else {
			b->fib->root = node;
		}
		path[d] = node;
	}
	return true;
}

static const struct fib6_node *node_find(const struct fib6 *f, struct pix_ip prefix, u32 depth)
{
	const struct fib6_node *node = f->root;

	for (u32 d = 0; node && d < depth; d++)
		node = slot_child(node->slot[stride(prefix, d)]);
	return node;
}

static bool bad_prefix(struct pix_ip prefix, u8 len)
{
	struct pix_ip mask = pix_ip_mask(len);

	return len > 128 || (prefix.hi & ~mask.hi) || (prefix.lo & ~mask.lo);
}

u32 fib6_get(const struct fib6_batch *b, struct pix_ip prefix, u8 len)
{
	const struct fib6_node *node;
	u32 number, depth;

	if (bad_prefix(prefix, len))
		return 0;
	depth = place(prefix, len, &number);
	node = node_find(b->fib, prefix, depth);
	return node ? pfx_get(node, number) : 0;
}

int fib6_add(struct fib6_batch *b, struct pix_ip prefix, u8 len, u32 nh)
{
	struct fib6_node *path[16];
	u32 number, depth, before;

	if (bad_prefix(prefix, len) || !nh || nh > FIB6_NH_MAX)
		return -EINVAL;
	before = fib6_get(b, prefix, len);
	if (before == nh)
		return 0;
	depth = place(prefix, len, &number);
	if (!path_own(b, prefix, depth, path) || pfx_put(path[depth], number, nh))
		return -ENOMEM;
	b->fib->count += !before;
	repaint(path[depth], number);
	return 0;
}

int fib6_del(struct fib6_batch *b, struct pix_ip prefix, u8 len)
{
	struct fib6_node *path[16];
	u32 number, depth;

	if (bad_prefix(prefix, len))
		return -EINVAL;
	if (!fib6_get(b, prefix, len))
		return -ENOENT;
	depth = place(prefix, len, &number);
	if (!path_own(b, prefix, depth, path))
		return -ENOMEM;
	pfx_remove(path[depth], number);
	b->fib->count--;
	repaint(path[depth], number);
	for (u32 d = depth; !path[d]->prefixes && !path[d]->children; d--) {
		garbage_drop(b->g, &path[d]->obj);
		if (!d) {
			b->fib->root = NULL;
			break;
		}
		path[d - 1]->children--;
		path[d - 1]->slot[stride(prefix, d - 1)] &= 0xffff;
	}
	return 0;
}

void fib6_own_clear(struct fib6_batch *b)
{
	__builtin_memset(b->fib->own, 0, sizeof(b->fib->own));
}

void fib6_own_add(struct fib6_batch *b, struct pix_ip addr)
{
	u32 h = fib6_own_hash(addr);

	b->fib->own[h >> 6] |= 1ull << (h & 63);
}

struct fib6_batch *fib6_begin(const struct fib6 *cur, u32 vrf, struct garbage *g)
{
	struct fib6_batch *b = env_heap_alloc(sizeof(*b));

	if (!b)
		return NULL;
	b->fib = garbage_alloc(g, sizeof(*b->fib));
	if (!b->fib) {
		env_heap_free(b, sizeof(*b));
		return NULL;
	}
	b->g = g;
	b->serial = ++serial_last;
	b->fib->vrf = vrf;
	if (cur) {
		b->fib->root = cur->root;
		b->fib->count = cur->count;
		__builtin_memcpy(b->fib->own, cur->own, sizeof(cur->own));
		/* The writer owns published objects too; const is for the readers. */
		garbage_drop(g, (struct gobj *)(uintptr_t)&cur->obj);
	}
	return b;
}

const struct fib6 *fib6_commit(struct fib6_batch *b)
{
	const struct fib6 *f = b->fib;

	env_heap_free(b, sizeof(*b));
	return f;
}

void fib6_abort(struct fib6_batch *b)
{
	env_heap_free(b, sizeof(*b));
}

static void count_bytes(const struct fib6_node *node, u64 *arena, u64 *heap)
{
	*arena += sizeof(*node);
	*heap += node->obj.heap_bytes;
	for (u32 i = 0; i < 256; i++)
		if (slot_child(node->slot[i]))
			count_bytes(slot_child(node->slot[i]), arena, heap);
}

u64 fib6_bytes(const struct fib6 *f)
{
	u64 arena = sizeof(*f), heap = 0;

	if (f->root)
		count_bytes(f->root, &arena, &heap);
	return arena;
}

u64 fib6_heap_bytes(const struct fib6 *f)
{
	u64 arena = 0, heap = 0;

	if (f->root)
		count_bytes(f->root, &arena, &heap);
	return heap;
}
