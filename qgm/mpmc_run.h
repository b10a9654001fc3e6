// SPDX-License-Identifier: MIT
/*
 * mpmc_run: the operations of an mpmc on a run of slots of one lap (mpmc.c has the argument). For
 * mpmc.c and its wide forms only: each includes it with MPMC_NAME(x), the names of its two.
 */
#pragma once

#include "qgm/mpmc.h"

enum { MPMC_WIDE = 16 };

typedef u8 mpmc_bytes16 __attribute__((vector_size(MPMC_WIDE), aligned(1), may_alias));

u32 mpmc_enqueue_any(struct mpmc *r, void *const *objs, u32 n, u64 *stalls);
u32 mpmc_dequeue_any(struct mpmc *r, void **objs, u32 n, u64 *stalls);
u32 mpmc_enqueue_avx2(struct mpmc *r, void *const *objs, u32 n, u64 *stalls);
u32 mpmc_dequeue_avx2(struct mpmc *r, void **objs, u32 n, u64 *stalls);
u32 mpmc_enqueue_avx512(struct mpmc *r, void *const *objs, u32 n, u64 *stalls);
u32 mpmc_dequeue_avx512(struct mpmc *r, void **objs, u32 n, u64 *stalls);

#if defined(PIX_RELACY) || defined(__SANITIZE_THREAD__)

static inline u32 mpmc_free_run(atomic_u8 *s, u8 want, u32 n)
{
	u32 i = 0;

	while (i < n && load_acquire(&s[i]) == want)
		i++; /* M3 */
	return i;
}

static inline bool mpmc_all_free(atomic_u8 *s, u8 want, u32 n)
{
	return mpmc_free_run(s, want, n) == n;
}

static inline void mpmc_set_free(atomic_u8 *s, u8 to, u32 n)
{
	for (u32 i = 0; i < n; i++)
		store_publish(&s[i], to); /* M2 */
}

#else

/*
 * Widths follow the number, here and in mpmc_set_free(), so that a look soon after a store finds it
 * in the store buffer.
 */
static inline u32 mpmc_free_wide(const u8 *s, u8 want, u32 n)
{
	typedef char bytes __attribute__((vector_size(MPMC_WIDE)));
	const mpmc_bytes16 w = want - (mpmc_bytes16){ 0 };

	for (u32 i = 0; i < n; i += MPMC_WIDE) {
		mpmc_bytes16 v = *(const mpmc_bytes16 *)(s + i);
		u32 other = ~(u32)__builtin_ia32_pmovmskb128((bytes)(v == w)) & 0xffff;

		if (other)
			return MIN(i + (u32)__builtin_ctz(other), n);
	}
	return n;
}

/* How many of n bytes from s on are `want`. May look (not write) up to 15 beyond. */
static inline u32 mpmc_free_run(u8 *s, u8 want, u32 n)
{
	u32 i = 0;

	if (n >= MPMC_WIDE) {
		i = mpmc_free_wide(s, want, n);
	} else if (n >= 8) {
		u64 v, other;

		__builtin_memcpy(&v, s, 8);
		other = v ^ want * 0x0101010101010101ull;
		i = other ? (u32)__builtin_ctzll(other) / 8 : 8;
		while (i >= 8 && i < n && load_relaxed(&s[i]) == want)
			i++;
	} else {
		while (i < n && load_relaxed(&s[i]) == want)
			i++;
	}
	fence_acquire(); /* M3 */
	return i;
}

/* The same of a run that fits registers, all or not: n is a constant, RING_HELD or RING_HELD_MAX.
 */
static inline __attribute__((always_inline)) bool mpmc_all_free(const u8 *s, u8 want, u32 n)
{
	bool all;

	if (n == 8) {
		u64 v;

		__builtin_memcpy(&v, s, 8);
		all = v == (want ? 0x0101010101010101ull : 0);
	} else {
		all = mpmc_free_wide(s, want, n) == n;
	}
	fence_acquire(); /* M3 */
	return all;
}

static inline void mpmc_set_free(u8 *s, u8 to, u32 n)
{
	const mpmc_bytes16 w = to - (mpmc_bytes16){ 0 };
	const u64 eight = to * 0x0101010101010101ull;
	u32 i = 0;

	fence_release(); /* M2 */
	for (; i + MPMC_WIDE <= n; i += MPMC_WIDE)
		*(mpmc_bytes16 *)(s + i) = w;
	if (n - i >= 8) {
		__builtin_memcpy(s + i, &eight, 8);
		i += 8;
	}
	for (; i < n; i++)
		store_relaxed(&s[i], to);
}

#endif

#ifdef MPMC_NAME

/* Any number. */
static __attribute__((noinline)) u32 enqueue_run(struct mpmc *r, void *const *objs, u32 n,
						 u64 *stalls)
{
	u64 pos = load_index(&r->head), f = mpmc_flag(r, pos);
	u32 at = (u32)pos & (r->slots - 1), ready = 0;
	atomic_u64 *slot = r->slot + at;

	if (unlikely(at + n > r->slots || (ready = mpmc_free_run(mpmc_free(r) + at, !f, n)) < n ||
		     !cas_from(&r->head, pos, pos + n)))
		return mpmc_enqueue_part(r, pos, ready, objs, n, stalls);
	ring_fill(slot, objs, n, f);
	return n;
}

/* Pointers are taken before the slots are reserved: behind that, loads would wait for it. */
static __attribute__((noinline)) u32 dequeue_run(struct mpmc *r, void **objs, u32 n, u64 *stalls)
{
	u64 pos = load_index(&r->tail), f = mpmc_flag(r, pos);
	u32 at = (u32)pos & (r->slots - 1), ready = 0;
	atomic_u8 *s = mpmc_free(r) + at;

	for (u32 i = 0; i < n; i += RING_LINE)
		prefetch(&r->slot[(at + RING_AHEAD + i) & (r->slots - 1)]);
	if (unlikely(at + n > r->slots || (ready = ring_take(r->slot + at, objs, n, f)) < n ||
		     !cas_from(&r->tail, pos, pos + n)))
		return mpmc_dequeue_part(r, pos, ready, objs, n, stalls);
	mpmc_set_free(s, (u8)f, n);
	return n;
}

/*
 * A run that fits registers: n is a constant, RING_HELD or RING_HELD_MAX. A locked instruction
 * starts when all before it is done and stored, so that as little as can be lies between two of
 * them: no saved registers, no store that could be made behind it.
 */
static inline __attribute__((always_inline)) u32 enqueue_held(struct mpmc *r, void *const *objs,
							      u32 n, u64 *stalls)
{
	u64 pos = load_index(&r->head), slots = r->slots, at = pos & (slots - 1),
	    f = !(pos & slots);
	struct ring_held h;

	ring_hold(&h, objs, n, f);
	if (unlikely(at + n > slots || !mpmc_all_free(mpmc_free(r) + at, !f, n) ||
		     !cas_from(&r->head, pos, pos + n)))
		return enqueue_run(r, objs, n, stalls);
	ring_fill_held(r->slot + at, &h, n);
	return n;
}

static inline __attribute__((always_inline)) u32 dequeue_held(struct mpmc *r, void **objs, u32 n,
							      u64 *stalls)
{
	u64 pos = load_index(&r->tail), slots = r->slots, at = pos & (slots - 1),
	    f = !(pos & slots);
	struct ring_held h;

	if (unlikely(at + n > slots || !ring_see(&h, r->slot + at, n, f) ||
		     !cas_from(&r->tail, pos, pos + n)))
		return dequeue_run(r, objs, n, stalls);
	ring_take_held(objs, &h, n);
	mpmc_set_free(mpmc_free(r) + at, (u8)f, n);
	for (u32 i = 0; i < n; i += RING_LINE)
		prefetch(&r->slot[(at + RING_AHEAD + i) & (slots - 1)]);
	return n;
}

static __attribute__((noinline)) u32 enqueue_most(struct mpmc *r, void *const *objs, u64 *stalls)
{
	return enqueue_held(r, objs, RING_HELD_MAX, stalls);
}

static __attribute__((noinline)) u32 dequeue_most(struct mpmc *r, void **objs, u64 *stalls)
{
	return dequeue_held(r, objs, RING_HELD_MAX, stalls);
}

u32 MPMC_NAME(mpmc_enqueue)(struct mpmc *r, void *const *objs, u32 n, u64 *stalls)
{
	if (n == RING_HELD)
		return enqueue_held(r, objs, RING_HELD, stalls);
	if (n == RING_HELD_MAX)
		return enqueue_most(r, objs, stalls);
	return enqueue_run(r, objs, n, stalls);
}

u32 MPMC_NAME(mpmc_dequeue)(struct mpmc *r, void **objs, u32 n, u64 *stalls)
{
	if (n == RING_HELD)
		return dequeue_held(r, objs, RING_HELD, stalls);
	if (n == RING_HELD_MAX)
		return dequeue_most(r, objs, stalls);
	return dequeue_run(r, objs, n, stalls);
}

#endif
