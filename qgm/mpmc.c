// SPDX-License-Identifier: MIT
/*
 * mpmc: many producers, many consumers (see mpmc.h).
 *
 * Why it is right. A run of slots [pos, pos + n) belongs to whoever moves head (tail) from pos to
 * pos + n; before it tries, it has seen each of these slots free (full) by an acquire of seq, and
 * that cannot change but by the owner of the position. The producer stores the object, then seq
 * with release (M1); the consumer that acquires it (M2) sees the object. The consumer reads the
 * object, then stores seq for the next lap with release (M3), which pairs with the acquire of the
 * producer one lap later (M4).
 */
#include "qgm/mpmc.h"

size_t mpmc_bytes(u32 slots)
{
	return ALIGN_UP(sizeof(struct mpmc) + (size_t)slots * sizeof(struct mpmc_slot), CACHE_LINE);
}

int mpmc_init(struct mpmc *r, u32 slots)
{
	if (slots < 2 || (slots & (slots - 1)) || slots > 1u << 30)
		return -22;
	r->head = r->tail = 0;
	r->mask = slots - 1;
	for (u32 i = 0; i < slots; i++)
		r->slot[i] = (struct mpmc_slot){ .seq = i };
	return 0;
}

/* How many slots from pos on, at most n, have the seq that `lead` (0 free, 1 full) asks for. */
static u32 ready_run(struct mpmc *r, u32 pos, u32 lead, u32 n)
{
	u32 i = 0;

	while (i < n && load_acquire(&r->slot[(pos + i) & r->mask].seq) == pos + i + lead)
		i++; /* M2, M4 */
	return i;
}

/*
 * Reserve up to n slots by moving *index. `other` is the index on the other side: when it says
 * that there is something, but the slot is not ready, a peer is in the middle of its operation.
 */
static u32 reserve(struct mpmc *r, u32 *index, const u32 *other, u32 lead, u32 n, u32 *start,
		   u64 *stalls)
{
	for (u32 spin = 0; spin < MPMC_SPINS; spin++) {
		u32 pos = load_relaxed(index);
		u32 run = ready_run(r, pos, lead, n);

		if (run) {
			if (cas_acq_rel(index, &pos, pos + run)) {
				*start = pos;
				return run;
			}
			cpu_pause();
			continue;
		}
		u32 limit = load_acquire(other) + (lead ? 0 : r->mask + 1);

		if (load_relaxed(index) == pos && (s32)(limit - pos) <= 0)
			return 0; /* truly empty or full */
		cpu_pause();
	}
	(*stalls)++;
	return 0;
}

u32 mpmc_enqueue(struct mpmc *r, void *const *objs, u32 n, u64 *stalls)
{
	u32 done = 0;

	while (done < n) {
		u32 pos, run = reserve(r, &r->head, &r->tail, 0, n - done, &pos, stalls);

		if (!run)
			break;
		for (u32 i = 0; i < run; i++) {
			struct mpmc_slot *s = &r->slot[(pos + i) & r->mask];

			s->obj = objs[done + i];
			store_publish(&s->seq, pos + i + 1); /* M1 */
		}
		done += run;
	}
	return done;
}

u32 mpmc_dequeue(struct mpmc *r, void **objs, u32 n, u64 *stalls)
{
	u32 done = 0;

	while (done < n) {
		u32 pos, run = reserve(r, &r->tail, &r->head, 1, n - done, &pos, stalls);

		if (!run)
			break;
		for (u32 i = 0; i < run; i++) {
			struct mpmc_slot *s = &r->slot[(pos + i) & r->mask];

			objs[done + i] = s->obj;
			store_release(&s->seq, pos + i + r->mask + 1); /* M3 */
		}
		done += run;
	}
	return done;
}

u32 mpmc_count(const struct mpmc *r)
{
	u32 tail = load_acquire(&r->tail);
	u32 n = load_acquire(&r->head) - tail;

	return n > r->mask + 1 ? r->mask + 1 : n;
}
