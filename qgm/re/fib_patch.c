// SPDX-License-Identifier: MIT
/*
 * fib_patch: a change of one prefix as stores of bytes (fib.h, docs/decisions/0025). Where all /24s
 * of the prefix have bytes of their own in the narrow record of their /18, and no longer prefix is
 * below, nothing has to be made: the bytes are stored where readers look. Each destination has one
 * byte, so that it gets the former next hop or the new one. Generic side, control lock held.
 */
#include "qgm/atomic.h"
#include "qgm/re/fib_batch.h"

enum { PAGE_BITS = 16, NARROW_BITS = 24, SLOTS = 64 };

/* Prefixes of the page that are longer than number `n` (a prefix of l bits in it), and inside. */
static bool has_longer(const struct fib_page *p, u32 n, u32 l)
{
	for (u32 k = 1; l + k <= 8; k++) {
		u32 first = n << k, count = 1u << k;
		u64 mask = count < 64 ? (1ull << count) - 1 : ~0ull;

		for (u32 at = first; at < first + count; at += 64)
			if (p->bits[at >> 6] >> (at & 63) & mask)
				return true;
	}
	return false;
}

/* The next hop of what only prefix number `n` covers, or of what covers it. */
static u32 covering(struct fib_book *k, const struct fib_page *p, u32 prefix, u32 n)
{
	for (; n >= 2; n >>= 1)
		if (fib_page_has(p, n))
			return fib_page_nh(p, n);
	return fib_book_cover(k, prefix, 2);
}

/* Would a record of half the bytes say the same? Then it is to be made anew. */
static bool can_shrink(const u8 *rec, u32 bytes)
{
	for (u32 i = 0; i < bytes; i += 2)
		if (rec[i] != rec[i + 1])
			return false;
	return true;
}

bool fib_patch_find(struct fib_batch *b)
{
	const struct fib_undo *u = &b->undo[0];
	u32 entry = b->dir[b->pending], shift = entry & FIB_SHIFT_MASK;
	u32 at = entry >> FIB_SHIFT_BITS, l = u->len - PAGE_BITS, slots, n, nh;
	const struct fib_page *p;
	u8 rec[SLOTS];

	if (entry & FIB_WIDE || at < FIB_SHARED_BYTES || u->len + shift > NARROW_BITS)
		return false;
	p = fib_book_page(&b->books->book, u->prefix, 2);
	n = 1u << l | (u->prefix >> 8 & 255) >> (8 - l);
	if (!p || has_longer(p, n, l))
		return false;
	nh = covering(&b->books->book, p, u->prefix, n);
	if (nh >= FIB_ESCAPE)
		return false;
	slots = 1u << (NARROW_BITS - u->len);
	b->patch_at = (u->prefix >> 8 & (SLOTS - 1)) >> shift;
	b->patch_n = slots >> shift;
	b->patch_nh = (u8)nh;
	__builtin_memcpy(rec, fib_pool_at(b->pool, at), SLOTS >> shift);
	__builtin_memset(rec + b->patch_at, b->patch_nh, b->patch_n);
	b->patch_at += at;
	if (!can_shrink(rec, SLOTS >> shift))
		return true;
	b->patch_n = 0;
	return false;
}

void fib_patch_store(struct fib_batch *b)
{
	u8 *at = fib_pool_at(b->pool, b->patch_at);

	for (u32 i = 0; i < b->patch_n; i++)
		store_relaxed(&at[i], b->patch_nh); /* walk_narrow() */
}
