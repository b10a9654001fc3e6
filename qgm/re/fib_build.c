// SPDX-License-Identifier: MIT
/*
 * fib_build: records and nodes of a FIB (fib_layout.h) made from its book. A change of one prefix
 * builds anew what it may alter: the way down to it, and below it each node that was built over
 * another covering next hop; what comes out as it was is left as it is. Generic side, control lock
 * held.
 */
#include "qgm/re/fib_batch.h"

#include "qgm/re/errno.h"

struct change {
	u32 prefix, len;
};

static const u8 *at(const struct fib_batch *b, u32 offset)
{
	return fib_pool_at(b->pool, offset);
}

/* Is the change inside of the prefix of `bits` bits at `addr`, and longer? */
static bool inside(const struct change *c, u32 addr, u32 bits)
{
	return c && c->len > bits && !((c->prefix ^ addr) >> (32 - bits));
}

/*
 * Cut slot[0..n) into runs: their bits, and the values, last run first, packed at the end of the
 * array in reverse, so that run i is slot[n - 1 - i]. Returns how many.
 */
static u32 cut(u32 *slot, u32 n, u64 *bits)
{
	u32 runs = 1, last = slot[n - 1];

	for (u32 w = 0; w < (n + 63) / 64; w++)
		bits[w] = 0;
	for (u32 v = n - 1; v-- > 0;) {
		u32 here = slot[v];

		if (here == last)
			continue;
		bits[v >> 6] |= 1ull << (v & 63);
		slot[n - 1 - runs++] = last = here;
	}
	return runs;
}

/* --- nodes of 8 bits ------------------------------------------------------------------------- */

static u32 node_leaf(const u8 *node, u32 v)
{
	u32 i = fib_popcount(fib_load64(node + 8 * (v >> 6)) >> (v & 63)) +
		node[FIB_NODE_ABOVE + (v >> 6)];

	return fib_load32(node + FIB_NODE_LEAF + 4 * i);
}

static void node_head(u8 *head, const u64 *bits, u32 cover, u32 runs)
{
	u16 half[2] = { (u16)cover, (u16)runs };
	u32 above = 0;

	__builtin_memcpy(head, bits, 4 * sizeof(*bits));
	for (u32 w = 4; w-- > 0; above += fib_popcount(bits[w]))
		head[FIB_NODE_ABOVE + w] = (u8)above;
	__builtin_memcpy(head + FIB_NODE_COVER, half, sizeof(half));
}

static bool node_same(const u8 *node, const u8 *head, const u32 *run, u32 runs)
{
	if (__builtin_memcmp(node, head, FIB_NODE_LEAF) != 0)
		return false;
	for (u32 i = 0; i < runs; i++)
		if (fib_load32(node + FIB_NODE_LEAF + 4 * i) != run[-(int)i])
			return false;
	return true;
}

/* The leaf for painted slots: a next hop, the node that was there, or a new one. */
static u32 node_write(struct fib_batch *b, u32 *slot, u32 cover, u32 old)
{
	u8 head[FIB_NODE_LEAF];
	u64 bits[4];
	u32 runs = cut(slot, 256, bits), offset;
	u8 *node;

	if (runs == 1 && !(slot[255] & FIB_CHILD)) {
		offset = slot[255];
	} else {
		node_head(head, bits, cover, runs);
		if (old & FIB_CHILD && node_same(at(b, old ^ FIB_CHILD), head, slot + 255, runs))
			return old;
		offset = fib_draft_get(b, FIB_NODE_LEAF + 4 * runs);
		if (offset == FIB_POOL_NONE)
			return old;
		node = fib_pool_at(b->pool, offset);
		__builtin_memcpy(node, head, FIB_NODE_LEAF);
		for (u32 i = 0; i < runs; i++)
			__builtin_memcpy(node + FIB_NODE_LEAF + 4 * i, &slot[255 - i], 4);
		offset |= FIB_CHILD;
	}
	if (old & FIB_CHILD)
		fib_draft_put(b, (old ^ FIB_CHILD) << FIB_SHIFT_BITS | FIB_NODE);
	return offset;
}

/*
 * The leaf for what is below `addr` of 8 * depth bits, with the prefixes of `page`, over `cover`.
 * `old` is the leaf before. Calls itself for the next depth, so at most 3 deep.
 */
static u32 node_build(struct fib_batch *b, const struct fib_page *page, u32 addr, u32 depth,
		      u32 cover, u32 old, const struct change *c)
{
	u32 slot[256];

	if (old & FIB_CHILD && !inside(c, addr, 8 * depth) &&
	    (fib_load16(at(b, old ^ FIB_CHILD) + FIB_NODE_COVER) == cover ||
	     unlikely(fib_plants & FIB_PLANT_COVER)))
		return old;
	fib_page_paint(page, 0, 0, cover, slot);
	for (u32 w = 0; page->kids && w < 4; w++) {
		for (u64 set = page->kids->bits[w]; set; set &= set - 1) {
			u32 v = w * 64 + (u32)__builtin_ctzll(set);
			u32 was = old & FIB_CHILD ? node_leaf(at(b, old ^ FIB_CHILD), v) : 0;

			slot[v] = node_build(b, fib_page_kid(page, v), addr | v << (24 - 8 * depth),
					     depth + 1, slot[v], was, c);
		}
	}
	return b->err ? old : node_write(b, slot, cover, old);
}

/* --- records of a /18 ------------------------------------------------------------------------ */

static const u8 *record_at(const struct fib_batch *b, u32 entry)
{
	return at(b, entry >> FIB_SHIFT_BITS);
}

static u32 wide_leaf(const u8 *rec, u32 v)
{
	u32 i = fib_popcount(fib_load64(rec + FIB_WIDE_BITS) >> v);

	return fib_load32(rec + FIB_WIDE_LEAF + 4 * i);
}

/* Records that many /18s share and that stay: those of one next hop. */
static bool is_common(const struct fib_batch *b, u32 entry)
{
	const u8 *rec = record_at(b, entry);

	return entry >> FIB_SHIFT_BITS < FIB_SHARED_BYTES ||
	       (entry & FIB_WIDE && !fib_load64(rec + FIB_WIDE_BITS) &&
		!(fib_load32(rec + FIB_WIDE_LEAF) & FIB_CHILD));
}

/* The largest shift so that all in slot[v << shift .. (v + 1) << shift) is the same. */
static u32 shift_of(const u32 *slot)
{
	/* Slots v where v and v + 1 are of the same 2^(shift + 1), not of the same 2^shift. */
	static const u64 inner[FIB_UNIFORM] __generic = {
		0x5555555555555555ull, 0x2222222222222222ull, 0x0808080808080808ull,
		0x0080008000800080ull, 0x0000800000008000ull, 0x0000000080000000ull,
	};
	u64 differ = 0; /* bit v: slot v and the next */
	u32 shift = 0;

	for (u32 v = 0; v < 63; v++)
		differ |= (u64)(slot[v] != slot[v + 1]) << v;
	while (shift < FIB_UNIFORM && !(differ & inner[shift]))
		shift++;
	return shift;
}

static u32 encode_narrow(u8 *out, const u32 *slot, u32 shift)
{
	u32 n = 64u >> shift;

	for (u32 i = 0; i < n; i++)
		out[i] = (u8)slot[i << shift];
	return n;
}

/* Overwrites the slots. */
static u32 encode_wide(u8 *out, u32 *slot)
{
	u64 bits;
	u32 runs = cut(slot, 64, &bits);

	__builtin_memset(out, 0, FIB_WIDE_BITS);
	out[0] = FIB_ESCAPE;
	__builtin_memcpy(out + FIB_WIDE_BITS, &bits, sizeof(bits));
	for (u32 i = 0; i < runs; i++)
		__builtin_memcpy(out + FIB_WIDE_LEAF + 4 * i, &slot[63 - i], 4);
	return FIB_WIDE_LEAF + 4 * runs;
}

/* The entry of a new record. */
static u32 record_new(struct fib_batch *b, const u8 *bytes, u32 n, u32 shift)
{
	u32 offset = fib_draft_get(b, n);

	if (offset == FIB_POOL_NONE)
		return FIB_POOL_NONE;
	__builtin_memcpy(fib_pool_at(b->pool, offset), bytes, n);
	return offset << FIB_SHIFT_BITS | shift;
}

static void block_set(struct fib_batch *b, u32 i, u32 entry)
{
	u32 old = b->dir[i];

	if (entry == FIB_POOL_NONE || entry == old)
		return;
	if (!is_common(b, old))
		fib_draft_put(b, old);
	fib_draft_set(b, i, entry);
}

/* A /18 with one next hop. */
static void block_uniform(struct fib_batch *b, u32 i, u32 nh)
{
	u8 bytes[FIB_WIDE_LEAF + 4 * 64];
	u32 slot[64];

	if (nh < FIB_ESCAPE) {
		block_set(b, i, nh << FIB_SHIFT_BITS | FIB_UNIFORM);
		return;
	}
	if (!b->common[nh]) {
		u32 entry;

		for (u32 v = 0; v < 64; v++)
			slot[v] = nh;
		entry = record_new(b, bytes, encode_wide(bytes, slot), FIB_WIDE | FIB_UNIFORM);
		if (entry == FIB_POOL_NONE)
			return;
		b->common[nh] = entry;
	}
	block_set(b, i, b->common[nh]);
}

static void block_write(struct fib_batch *b, u32 i, u32 *slot)
{
	u8 bytes[FIB_WIDE_LEAF + 4 * 64];
	u32 old = b->dir[i], n, top = 0, shift = shift_of(slot);

	for (u32 v = 0; v < 64; v++)
		top = MAX(top, slot[v]);
	if (shift == FIB_UNIFORM && !(top & FIB_CHILD)) {
		block_uniform(b, i, top);
		return;
	}
	if (top >= FIB_ESCAPE) {
		n = encode_wide(bytes, slot);
		shift = FIB_WIDE | FIB_UNIFORM;
	} else {
		n = encode_narrow(bytes, slot, shift);
	}
	if ((old & FIB_SHIFT_MASK) == shift && fib_record_bytes(b->pool, old) == n &&
	    !__builtin_memcmp(record_at(b, old), bytes, n))
		return;
	block_set(b, i, record_new(b, bytes, n, shift));
}

static void block_build(struct fib_batch *b, u32 i, const struct fib_page *page, u32 cover,
			const struct change *c)
{
	u32 slot[64];
	bool wide = b->dir[i] & FIB_WIDE;

	fib_page_paint(page, 2, i & 3, cover, slot);
	if (page->kids)
		for (u64 set = page->kids->bits[i & 3]; set; set &= set - 1) {
			u32 v = (u32)__builtin_ctzll(set);
			u32 was = wide ? wide_leaf(record_at(b, b->dir[i]), v) : 0;

			slot[v] = node_build(b, fib_page_kid(page, (i & 3) * 64 + v),
					     i << 14 | v << 8, 3, slot[v], was, c);
		}
	if (!b->err)
		block_write(b, i, slot);
}

bool fib_block_deep(const struct fib_batch *b, u32 block)
{
	const struct fib_page *page = fib_book_page(&b->books->book, block << 14, 2);

	return page && page->kids && page->kids->bits[block & 3];
}

/* --- a change -------------------------------------------------------------------------------- */

/* Blocks first..first+n-1. */
static void build_blocks(struct fib_batch *b, u32 first, u32 n, const struct change *c)
{
	for (u32 i = first; i < first + n && !b->err;) {
		const struct fib_page *page = fib_book_page(&b->books->book, i << 14, 2);
		u32 cover = fib_book_cover(&b->books->book, i << 14, 2);
		u32 end = MIN((i | 3) + 1, first + n); /* of this /16 */

		for (; i < end && !b->err; i++) {
			if (page)
				block_build(b, i, page, cover, c);
			else
				block_uniform(b, i, cover);
		}
	}
}

void fib_build_block(struct fib_batch *b, u32 block)
{
	build_blocks(b, block, 1, &(struct change){ block << 14, FIB_BITS_LARGE });
}

/* Entries first..first+n-1 of a small FIB. */
static void build_entries(struct fib_batch *b, u32 first, u32 n, const struct change *c)
{
	for (u32 i = first; i < first + n && !b->err; i++) {
		const struct fib_page *root = b->books->book.root;
		const struct fib_page *page = root ? fib_page_kid(root, i) : NULL;
		u32 leaf = fib_book_cover(&b->books->book, i << 24, 1);

		if (page)
			leaf = node_build(b, page, i << 24, 1, leaf, b->dir[i], c);
		if (!b->err)
			fib_draft_set(b, i, leaf);
	}
}

static void build(struct fib_batch *b, const struct change *c, u32 prefix, u32 len)
{
	u32 more = b->bits > len ? b->bits - len : 0;

	if (b->bits == FIB_BITS_LARGE)
		build_blocks(b, prefix >> (32 - b->bits), 1u << more, c);
	else
		build_entries(b, prefix >> (32 - b->bits), 1u << more, c);
}

void fib_build(struct fib_batch *b, u32 prefix, u32 len)
{
	build(b, &(struct change){ prefix, len }, prefix, len);
}

void fib_build_all(struct fib_batch *b)
{
	build(b, NULL, 0, 0);
}
