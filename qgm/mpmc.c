// SPDX-License-Identifier: MIT
/*
 * mpmc: many producers, many consumers (see mpmc.h).
 *
 * Why it is right. A run of slots [pos, pos + n) belongs to whoever moves head (tail) from pos to
 * pos + n. Before it tries, a producer has seen each of these slots free for the lap of pos, a
 * consumer full. That cannot change but by the owner of the position, and head (tail) has not moved
 * when the compare-and-swap succeeds, since positions never come back: so the lap is the right one.
 *
 * One bit tells laps enough. The byte of a slot says "free for lap l" from when the consumer of lap
 * l - 1 emptied it until the consumer of lap l does; and head comes to lap l only after a
 * producer has seen it free for lap l - 1. So at head it says l - 1 or l, never l - 2. For the same
 * reason the slot at tail was filled in lap l - 1 or is in lap l. That a core whose loads may be
 * served late sees no older value either takes an order: it acquires head (M4) from the
 * compare-and-swap that moved it (M1), which continues those before it, the one of the producer of
 * lap l - 1 among them; and what that one has read, no later load goes behind. Where loads are
 * done in order, as on x86, it comes for nothing.
 *
 * The producer stores a slot with release (R1); the consumer that acquires it (A1) sees the object.
 * The consumer has read the slot before it moves tail, and so before it stores the byte with
 * release (M2), which pairs with the acquire of the producer one lap later (M3). What a consumer
 * read of a slot before its compare-and-swap failed is thrown away.
 *
 * A core that stops between its compare-and-swap and its stores holds up who comes to its
 * slots: consumers at once, producers a lap later. They spin, count a stall and go.
 *
 * A byte is read and written on its own or 16 at a time: every byte is whole, and on x86 each
 * load is an acquire and each store a release, whatever its width; the fences keep the compiler
 * to that. A store never touches the byte or slot of another owner. Checkers see the form with one
 * atomic byte or slot at a time: ThreadSanitizer, and the model of tests/race/relacy, which serves
 * loads as late as C11 allows.
 */
#define MPMC_NAME(x) x##_any

#include "qgm/mpmc_run.h"

#include "qgm/cpu.h"

size_t mpmc_bytes(u32 slots)
{
	return ALIGN_UP(sizeof(struct mpmc) + (size_t)slots * (sizeof(u64) + 1) + MPMC_WIDE,
			CACHE_LINE);
}

int mpmc_init(struct mpmc *r, u32 slots)
{
	return mpmc_init_at(r, slots, 0);
}

int mpmc_init_at(struct mpmc *r, u32 slots, u64 pos)
{
	u32 wide = cpu_wide();

	if (slots < 2 || (slots & (slots - 1)) || slots > MPMC_SLOTS_MAX)
		return -22;
	store_relaxed(&r->head, pos);
	store_relaxed(&r->tail, pos);
	r->slots = slots;
	r->enqueue = wide & CPU_AVX512 ? mpmc_enqueue_avx512
		     : wide & CPU_AVX2 ? mpmc_enqueue_avx2
				       : mpmc_enqueue_any;
	r->dequeue = wide & CPU_AVX512 ? mpmc_dequeue_avx512
		     : wide & CPU_AVX2 ? mpmc_dequeue_avx2
				       : mpmc_dequeue_any;
	for (u32 i = 0; i < slots; i++) {
		u32 at = (u32)(pos + i) & (slots - 1);

		store_relaxed(&r->slot[at], !mpmc_flag(r, pos + i));
		store_relaxed(&mpmc_free(r)[at], !mpmc_flag(r, pos + i));
	}
	return 0;
}

/* Up to n from pos on, none beyond the end of the lap. 0: none is ready, or another core took it.
 */
static u32 try_enqueue(struct mpmc *r, u64 pos, void *const *objs, u32 n)
{
	u32 at = (u32)pos & (r->slots - 1);
	u64 f = mpmc_flag(r, pos);

	n = mpmc_free_run(mpmc_free(r) + at, !f, MIN(n, r->slots - at));
	if (!n || !cas_from(&r->head, pos, pos + n))
		return 0;
	ring_fill(r->slot + at, objs, n, f);
	return n;
}

static u32 try_dequeue(struct mpmc *r, u64 pos, void **objs, u32 n)
{
	u32 at = (u32)pos & (r->slots - 1);
	u64 f = mpmc_flag(r, pos);

	n = ring_take(r->slot + at, objs, MIN(n, r->slots - at), f);
	if (!n || !cas_from(&r->tail, pos, pos + n))
		return 0;
	mpmc_set_free(mpmc_free(r) + at, (u8)f, n);
	return n;
}

/*
 * Nothing was ready at pos: is there nothing indeed, by the index of the other side, which may
 * only be asked now, since its line is that side's? Else a peer is in the middle of its operation.
 */
static bool nothing(const atomic_u64 *index, u64 pos, const atomic_u64 *other, u32 slots)
{
	u64 limit = load_acquire(other) + slots;

	return load_relaxed(index) == pos && (s64)(limit - pos) <= 0;
}

u32 mpmc_enqueue_part(struct mpmc *r, u64 pos, u32 ready, void *const *objs, u32 n, u64 *stalls)
{
	u32 done = 0, spins = 0;

	if (ready && ready < n && cas_from(&r->head, pos, pos + ready)) {
		ring_fill(r->slot + ((u32)pos & (r->slots - 1)), objs, ready, mpmc_flag(r, pos));
		return ready;
	}
	while (done < n) {
		u32 got;

		pos = load_index(&r->head);
		got = try_enqueue(r, pos, objs + done, n - done);
		done += got;
		if (got)
			continue;
		if (load_relaxed(&r->head) == pos &&
		    (done || nothing(&r->head, pos, &r->tail, r->slots)))
			break;
		if (++spins == MPMC_SPINS) {
			(*stalls)++;
			break;
		}
		cpu_pause();
	}
	return done;
}

u32 mpmc_dequeue_part(struct mpmc *r, u64 pos, u32 ready, void **objs, u32 n, u64 *stalls)
{
	u32 done = 0, spins = 0;

	if (ready && ready < n && cas_from(&r->tail, pos, pos + ready)) {
		mpmc_set_free(mpmc_free(r) + ((u32)pos & (r->slots - 1)), (u8)mpmc_flag(r, pos),
			      ready);
		return ready;
	}
	while (done < n) {
		u32 got;

		pos = load_index(&r->tail);
		got = try_dequeue(r, pos, objs + done, n - done);
		done += got;
		if (got)
			continue;
		if (load_relaxed(&r->tail) == pos && (done || nothing(&r->tail, pos, &r->head, 0)))
			break;
		if (++spins == MPMC_SPINS) {
			(*stalls)++;
			break;
		}
		cpu_pause();
	}
	return done;
}

u32 mpmc_count(const struct mpmc *r)
{
	u64 tail = load_acquire(&r->tail);
	u64 n = load_acquire(&r->head) - tail;

	return (u32)MIN(n, (u64)r->slots);
}
