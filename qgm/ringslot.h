// SPDX-License-Identifier: MIT
/*
 * ringslot: slots of rings (ring.h, mpmc.h) that say themselves whether they are full: a pointer to
 * an even address, and in bit 0 a flag that is 1 in one lap of the ring and 0 in the next. Runs of
 * them are filled and taken with the widest registers that the file which includes this is compiled
 * for.
 *
 * What was written before ring_fill() is seen by who finds a slot full in ring_take(): slots are
 * read and written whole, one or several at a time, and on x86 every load is an acquire and
 * every store a release, whatever its width; the fences keep the compiler to that. Checkers see the
 * form with one atomic slot at a time.
 */
#pragma once

#include "qgm/atomic.h"

enum { RING_LINE = CACHE_LINE / 8, RING_AHEAD = 8 * RING_LINE };

/* An odd address would be taken for an object of another lap. */
static inline void ring_even(const void *obj)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	if ((u64)obj & 1)
		__builtin_trap();
#else
	(void)obj;
#endif
}

#if defined(PIX_RELACY) || defined(__SANITIZE_THREAD__)

static inline void ring_fill(atomic_u64 *slot, void *const *objs, u32 n, u64 flag)
{
	for (u32 i = 0; i < n; i++) {
		ring_even(objs[i]);
		store_publish(&slot[i], (u64)objs[i] | flag); /* R1 */
	}
}

static inline u32 ring_take(atomic_u64 *slot, void **objs, u32 n, u64 flag)
{
	for (u32 i = 0; i < n; i++) {
		u64 v = load_acquire(&slot[i]) ^ flag; /* A1 */

		if (v & 1)
			return i;
		objs[i] = (void *)v;
	}
	return n;
}

#ifdef PIX_RELACY
enum { RING_HELD = 2, RING_HELD_MAX = 2 };
#else
enum { RING_HELD = RING_LINE, RING_HELD_MAX = 4 * RING_LINE };
#endif

struct ring_held {
	u64 v[RING_HELD_MAX];
};

static inline void ring_hold(struct ring_held *h, void *const *objs, u32 n, u64 flag)
{
	for (u32 i = 0; i < n; i++) {
		ring_even(objs[i]);
		h->v[i] = (u64)objs[i] | flag;
	}
}

static inline void ring_fill_held(atomic_u64 *slot, const struct ring_held *h, u32 n)
{
	for (u32 i = 0; i < n; i++)
		store_publish(&slot[i], h->v[i]); /* R1 */
}

static inline bool ring_see(struct ring_held *h, atomic_u64 *slot, u32 n, u64 flag)
{
	for (u32 i = 0; i < n; i++) {
		h->v[i] = load_acquire(&slot[i]) ^ flag; /* A1 */
		if (h->v[i] & 1)
			return false;
	}
	return true;
}

static inline void ring_take_held(void **objs, const struct ring_held *h, u32 n)
{
	for (u32 i = 0; i < n; i++)
		objs[i] = (void *)h->v[i];
}

#else

#if defined(__AVX512F__) && defined(__AVX512DQ__)
enum { RING_WIDE = 8 };
#elif defined(__AVX2__)
enum { RING_WIDE = 4 };
#else
enum { RING_WIDE = 2 };
#endif

typedef u64 ring_wide __attribute__((vector_size(RING_WIDE * 8), aligned(8), may_alias));

/* Is bit 0 of any element set? */
static inline bool ring_odd(ring_wide v)
{
#if defined(__AVX512F__) && defined(__AVX512DQ__)
	typedef long long signs __attribute__((vector_size(64)));

	return __builtin_ia32_cvtq2mask512((signs)(v << 63));
#elif defined(__AVX2__)
	typedef double signs __attribute__((vector_size(32)));

	return __builtin_ia32_movmskpd256((signs)(v << 63));
#else
	typedef double signs __attribute__((vector_size(16)));

	return __builtin_ia32_movmskpd((signs)(v << 63));
#endif
}

static inline void ring_fill(u64 *slot, void *const *objs, u32 n, u64 flag)
{
	const ring_wide f = flag - (ring_wide){ 0 };

	for (u32 i = 0; i < n; i++)
		ring_even(objs[i]);
	fence_release(); /* R1 */
	for (; n >= RING_LINE; n -= RING_LINE, slot += RING_LINE, objs += RING_LINE) {
#pragma GCC unroll 4
		for (u32 i = 0; i < RING_LINE; i += RING_WIDE)
			*(ring_wide *)(slot + i) = *(const ring_wide *)(objs + i) | f;
	}
	for (u32 i = 0; i < n; i++)
		store_relaxed(&slot[i], (u64)objs[i] | flag);
}

/* A line's worth of slots if all are full. Writes objs in any case. */
static inline bool ring_take_line(const u64 *slot, void **objs, ring_wide f)
{
	ring_wide any = { 0 };

#pragma GCC unroll 4
	for (u32 i = 0; i < RING_LINE; i += RING_WIDE) {
		ring_wide v = *(const ring_wide *)(slot + i) ^ f;

		*(ring_wide *)(objs + i) = v;
		any |= v;
	}
	return !ring_odd(any);
}

/* Up to n pointers out of slots that are full in the lap of `flag`, until one is not; how many. */
static inline u32 ring_take(const u64 *slot, void **objs, u32 n, u64 flag)
{
	const ring_wide f = flag - (ring_wide){ 0 };
	u32 i = 0;

	while (i + RING_LINE <= n && ring_take_line(slot + i, objs + i, f))
		i += RING_LINE;
	for (; i < n; i++) {
		u64 v = load_relaxed(&slot[i]) ^ flag;

		if (v & 1)
			break;
		objs[i] = (void *)v;
	}
	fence_acquire(); /* A1 */
	return i;
}

/*
 * A run of as many slots as registers hold, in registers: what is loaded before a locked
 * instruction does not wait for it, what is stored behind it is not waited for. n is a constant, a
 * line or RING_HELD_MAX.
 */
enum { RING_HELD = RING_LINE, RING_HELD_MAX = RING_WIDE == 2 ? RING_LINE : 4 * RING_LINE };

struct ring_held {
	ring_wide v[RING_HELD_MAX / RING_WIDE];
};

#define RING_EACH(i, n) _Pragma("GCC unroll 8") for (u32 i = 0; i < (n) / RING_WIDE; i++)

static inline __attribute__((always_inline)) void ring_hold(struct ring_held *h, void *const *objs,
							    u32 n, u64 flag)
{
	for (u32 i = 0; i < n; i++)
		ring_even(objs[i]);
	RING_EACH(i, n)
	h->v[i] = ((const ring_wide *)objs)[i] | (flag - (ring_wide){ 0 });
}

static inline __attribute__((always_inline)) void ring_fill_held(u64 *slot,
								 const struct ring_held *h, u32 n)
{
	fence_release(); /* R1 */
	RING_EACH(i, n)
	((ring_wide *)slot)[i] = h->v[i];
}

/* Are all full in the lap of `flag`? */
static inline __attribute__((always_inline)) bool ring_see(struct ring_held *h, const u64 *slot,
							   u32 n, u64 flag)
{
	ring_wide any = { 0 };

	RING_EACH(i, n)
	{
		h->v[i] = ((const ring_wide *)slot)[i] ^ (flag - (ring_wide){ 0 });
		any |= h->v[i];
	}
	fence_acquire(); /* A1 */
	return !ring_odd(any);
}

static inline __attribute__((always_inline)) void ring_take_held(void **objs,
								 const struct ring_held *h, u32 n)
{
	RING_EACH(i, n)
	((ring_wide *)objs)[i] = h->v[i];
}

#endif
