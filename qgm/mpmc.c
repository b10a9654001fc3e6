// SPDX-License-Identifier: MIT
/*
 * mpmc: many producers, many consumers (see mpmc.h).
 *
 * Why it is right. A run of slots [pos, pos + n) belongs to whoever moves head (tail) from pos to
 * pos + n. Before it tries, it has seen each of these slots free (full) for the lap of pos; that
 * cannot change but by the owner of the position, and head (tail) has not moved when the
 * compare-and-swap succeeds, so that the lap is the right one. The producer stores the object, then
 * the state with release (M1); the consumer that acquires it (M2) sees the object. The consumer
 * reads the object, then stores the state of the next lap with release (M3), which pairs with
 * the acquire of the producer one lap later (M4).
 *
 * A state is a byte, read and written on its own or 16 at a time: every byte is whole, and on x86
 * each load is an acquire and each store a release, whatever its width; the fences keep the
 * compiler to that. A store never touches the state of a slot that is not our own. Checkers see the
 * form with one atomic byte at a time.
 */
#include "qgm/mpmc.h"

#include "qgm/ptrcopy.h"

enum { WIDE = 16 };

typedef u8 states __attribute__((vector_size(WIDE), aligned(1), may_alias));

size_t mpmc_bytes(u32 slots)
{
	return ALIGN_UP(sizeof(struct mpmc) + (size_t)slots * (sizeof(void *) + 1) + WIDE,
			CACHE_LINE);
}

static inline u8 *state_of(struct mpmc *r)
{
	return (u8 *)&r->slot[r->mask + 1];
}

/* State of the slot of `pos`: free (0) or full (1). */
static inline u8 state(const struct mpmc *r, u32 pos, u32 full)
{
	return (u8)((pos >> r->shift) * 2 + full);
}

int mpmc_init(struct mpmc *r, u32 slots)
{
	return mpmc_init_at(r, slots, 0);
}

int mpmc_init_at(struct mpmc *r, u32 slots, u32 pos)
{
	if (slots < 2 || (slots & (slots - 1)) || slots > MPMC_SLOTS_MAX)
		return -22;
	r->head = r->tail = pos;
	r->mask = slots - 1;
	r->shift = (u32)__builtin_ctz(slots);
	for (u32 i = 0; i < slots; i++)
		state_of(r)[(pos + i) & r->mask] = state(r, pos + i, 0);
	return 0;
}

#ifdef __SANITIZE_THREAD__

static u32 ready_run(u8 *s, u8 want, u32 n)
{
	u32 i = 0;

	while (i < n && load_acquire(&s[i]) == want)
		i++; /* M2, M4 */
	return i;
}

static void set_states(u8 *s, u8 to, u32 n)
{
	for (u32 i = 0; i < n; i++)
		store_publish(&s[i], to); /* M1, M3 */
}

#else

/*
 * Widths follow the number, here and in set_states(), so that a look soon after a store finds it in
 * the store buffer.
 */
static inline u32 ready_wide(const u8 *s, u8 want, u32 n)
{
	typedef char mask __attribute__((vector_size(WIDE)));
	const states w = { want, want, want, want, want, want, want, want,
			   want, want, want, want, want, want, want, want };

	for (u32 i = 0; i < n; i += WIDE) {
		states v = *(const states *)(s + i);
		u32 other = ~(u32)__builtin_ia32_pmovmskb128((mask)(v == w)) & 0xffff;

		if (other)
			return MIN(i + (u32)__builtin_ctz(other), n);
	}
	return n;
}

static inline u64 get64(const u8 *s)
{
	u64 v;

	__builtin_memcpy(&v, s, 8);
	return v;
}

static inline void put64(u8 *s, u64 v)
{
	__builtin_memcpy(s, &v, 8);
}

/* How many of n states from s on are `want`. May look (not write) up to 15 beyond. */
static inline u32 ready_run(u8 *s, u8 want, u32 n)
{
	u64 other;
	u32 i = 0;

	if (n >= WIDE) {
		i = ready_wide(s, want, n);
	} else if (n >= 8) {
		other = get64(s) ^ want * 0x0101010101010101ull;
		i = other ? (u32)__builtin_ctzll(other) / 8 : 8;
		while (i >= 8 && i < n && load_relaxed(&s[i]) == want)
			i++;
	} else {
		while (i < n && load_relaxed(&s[i]) == want)
			i++;
	}
	fence_acquire(); /* M2, M4 */
	return i;
}

static inline void set_states(u8 *s, u8 to, u32 n)
{
	const states w = { to, to, to, to, to, to, to, to, to, to, to, to, to, to, to, to };
	u32 i = 0;

	fence_release(); /* M1, M3 */
	for (; i + WIDE <= n; i += WIDE)
		*(states *)(s + i) = w;
	if (n - i >= 8) {
		put64(s + i, to * 0x0101010101010101ull);
		i += 8;
	}
	for (; i < n; i++)
		store_relaxed(&s[i], to);
}

#endif

/*
 * Reserve up to n slots by moving *index, none beyond the end of the lap. `other` is the index on
 * the other side: when it says that there is something, but the slot is not ready, a peer is in the
 * middle of its operation.
 */
static u32 reserve(struct mpmc *r, u32 *index, const u32 *other, u32 full, u32 n, u32 *start,
		   u64 *stalls)
{
	for (u32 spin = 0; spin < MPMC_SPINS; spin++) {
		u32 pos = load_relaxed(index), at = pos & r->mask;
		u32 run =
			ready_run(state_of(r) + at, state(r, pos, full), MIN(n, r->mask + 1 - at));

		if (likely(run)) {
			if (likely(cas_from(index, pos, pos + run))) {
				*start = pos;
				return run;
			}
			cpu_pause();
			continue;
		}
		u32 limit = load_acquire(other) + (full ? 0 : r->mask + 1);

		if (load_relaxed(index) == pos && (s32)(limit - pos) <= 0)
			return 0; /* truly empty or full */
		cpu_pause();
	}
	(*stalls)++;
	return 0;
}

/* A run of slots of one lap, worked out before the compare-and-swap: loads behind it wait. */
struct run {
	void **slot;
	u8 *state;
	u8 ready, after; /* states before and after the operation */
};

static inline struct run run_at(struct mpmc *r, u32 pos, u32 full)
{
	u32 at = pos & r->mask;
	u8 ready = state(r, pos, full);

	return (struct run){ r->slot + at, state_of(r) + at, ready, (u8)(ready + 1) };
}

static inline void fill(const struct run *k, void *const *objs, u32 n)
{
	ptrcopy(k->slot, objs, n);
	set_states(k->state, k->after, n);
}

static inline void drain(const struct run *k, void **objs, u32 n)
{
	ptrcopy(objs, k->slot, n);
	set_states(k->state, k->after, n); /* full, lap l, plus 1: free, lap l + 1 */
}

/* Piece by piece: the end of a lap, a full ring, another core in between. */
static __attribute__((noinline)) u32 enqueue_slow(struct mpmc *r, void *const *objs, u32 n,
						  u64 *stalls)
{
	u32 done = 0, pos;
	struct run k;

	while (done < n) {
		u32 run = reserve(r, &r->head, &r->tail, 0, n - done, &pos, stalls);

		if (!run)
			break;
		k = run_at(r, pos, 0);
		fill(&k, objs + done, run);
		done += run;
	}
	return done;
}

static __attribute__((noinline)) u32 dequeue_slow(struct mpmc *r, void **objs, u32 n, u64 *stalls)
{
	u32 done = 0, pos;
	struct run k;

	while (done < n) {
		u32 run = reserve(r, &r->tail, &r->head, 1, n - done, &pos, stalls);

		if (!run)
			break;
		k = run_at(r, pos, 1);
		drain(&k, objs + done, run);
		done += run;
	}
	return done;
}

/* All n slots from pos on are of this lap and ready. */
static inline bool all_ready(const struct mpmc *r, const struct run *k, u32 pos, u32 n)
{
	return (pos & r->mask) + n <= r->mask + 1 && ready_run(k->state, k->ready, n) == n;
}

u32 mpmc_enqueue(struct mpmc *r, void *const *objs, u32 n, u64 *stalls)
{
	u32 pos = load_relaxed(&r->head);
	struct run k = run_at(r, pos, 0);

	if (unlikely(!all_ready(r, &k, pos, n) || !cas_from(&r->head, pos, pos + n)))
		return enqueue_slow(r, objs, n, stalls);
	fill(&k, objs, n);
	return n;
}

u32 mpmc_dequeue(struct mpmc *r, void **objs, u32 n, u64 *stalls)
{
	u32 pos = load_relaxed(&r->tail);
	struct run k = run_at(r, pos, 1);

	if (unlikely(!all_ready(r, &k, pos, n) || !cas_from(&r->tail, pos, pos + n)))
		return dequeue_slow(r, objs, n, stalls);
	drain(&k, objs, n);
	return n;
}

u32 mpmc_count(const struct mpmc *r)
{
	u32 tail = load_acquire(&r->tail);
	u32 n = load_acquire(&r->head) - tail;

	return n > r->mask + 1 ? r->mask + 1 : n;
}
