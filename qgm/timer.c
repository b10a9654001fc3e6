// SPDX-License-Identifier: MIT
/* timer: the hierarchical wheel of one QGM (timer.h). */
#include "qgm/timer.h"

enum { SLOT_BITS = 6 };

void timer_wheel_init(struct timer_wheel *w, u64 now, u64 hz)
{
	*w = (struct timer_wheel){ .shift = 0 };
	while ((2ull << w->shift) * 1000 <= hz)
		w->shift++;
	w->tick = now >> w->shift;
	w->due_tail = &w->due;
}

static void unlink(struct timer_wheel *w, struct timer *t)
{
	*t->pprev = t->next;
	if (t->next)
		t->next->pprev = t->pprev;
	if (t->level == TIMER_LEVELS) {
		if (w->due_tail == &t->next)
			w->due_tail = t->pprev;
	} else if (!w->slot[t->level][t->slot]) {
		w->occupied[t->level] &= ~(1ull << t->slot);
	}
	t->pprev = NULL;
}

static void link_due(struct timer_wheel *w, struct timer *t)
{
	t->level = TIMER_LEVELS;
	t->next = NULL;
	t->pprev = w->due_tail;
	*w->due_tail = t;
	w->due_tail = &t->next;
}

static void link_slot(struct timer_wheel *w, struct timer *t)
{
	u64 delta = t->tick - w->tick, top = (1ull << (SLOT_BITS * TIMER_LEVELS)) - 1;
	u64 at = delta > top ? w->tick + top : t->tick; /* beyond the wheel: comes round again */
	u8 level = 0;

	while (level < TIMER_LEVELS - 1 && (MIN(delta, top) >> (SLOT_BITS * (level + 1))))
		level++;
	t->level = level;
	t->slot = (u8)(at >> (SLOT_BITS * level) & (TIMER_SLOTS - 1));

	struct timer **head = &w->slot[level][t->slot];

	t->next = *head;
	if (t->next)
		t->next->pprev = &t->next;
	t->pprev = head;
	*head = t;
	w->occupied[level] |= 1ull << t->slot;
}

static void place(struct timer_wheel *w, struct timer *t)
{
	if (t->tick <= w->tick)
		link_due(w, t);
	else
		link_slot(w, t);
}

void timer_arm(struct timer_wheel *w, struct timer *t, u64 when)
{
	if (t->pprev)
		unlink(w, t);
	else
		w->armed++;
	t->tick = (when >> w->shift) + 1; /* the tick in which `when` has passed */
	place(w, t);
}

void timer_cancel(struct timer_wheel *w, struct timer *t)
{
	if (!t->pprev)
		return;
	unlink(w, t);
	w->armed--;
}

/* The first tick after w->tick at which a slot comes up; ~0 when all are empty. */
static u64 next_event(const struct timer_wheel *w)
{
	u64 best = ~0ull;

	for (u32 l = 0; l < TIMER_LEVELS; l++) {
		u64 pos = w->tick >> (SLOT_BITS * l);
		u32 from = (u32)(pos + 1) & (TIMER_SLOTS - 1);
		u64 bits = w->occupied[l];

		if (!bits)
			continue;
		bits = from ? bits >> from | bits << (TIMER_SLOTS - from) : bits;

		u64 at = (pos + 1 + (u32)__builtin_ctzll(bits)) << (SLOT_BITS * l);

		best = MIN(best, at);
	}
	return best;
}

/* The slots that come up at tick w->tick: upper levels move down, level 0 becomes due. */
static void turn_slots(struct timer_wheel *w)
{
	for (u32 l = TIMER_LEVELS; l-- > 0;) {
		if (w->tick & ((1ull << (SLOT_BITS * l)) - 1))
			continue;

		u32 s = (u32)(w->tick >> (SLOT_BITS * l)) & (TIMER_SLOTS - 1);
		struct timer *t = w->slot[l][s], *next;

		w->slot[l][s] = NULL;
		w->occupied[l] &= ~(1ull << s);
		for (; t; t = next) {
			next = t->next;
			place(w, t);
		}
	}
}

u32 timer_run(struct timer_wheel *w, struct qgm *q, u64 now, u32 max)
{
	u64 target = now >> w->shift;
	u32 fired = 0;

	while (w->tick < target) {
		u64 at = next_event(w);

		if (at > target) {
			w->tick = target;
			break;
		}
		w->tick = at;
		turn_slots(w);
	}
	while (w->due && fired < max) {
		struct timer *t = w->due;

		unlink(w, t);
		w->armed--;
		fired++;
		t->fn(q, t);
	}
	return fired;
}

u64 timer_next(const struct timer_wheel *w)
{
	if (w->due)
		return 0;
	if (!w->armed)
		return ~0ull;
	return next_event(w) << w->shift;
}
