// SPDX-License-Identifier: MIT
/*
 * timer: one hierarchical wheel per QGM, driven by the one clock reading of each turn. Owner QGM
 * only. A tick is a power of two of cycles near 1 ms. A timer fires at the first turn after its
 * time, never before, rounded up to a tick. Timers are embedded in what they time; no allocation.
 *
 *	level 0: 64 slots of 1 tick      level 1: 64 slots of 64 ticks     ... level 4: 64^4 ticks
 *
 * A timer of level n > 0 moves one level down when its slot comes up (Varghese and Lauck, 1987,
 * scheme 7). Empty slots are skipped by bit maps, so that a long sleep costs nothing.
 */
#pragma once

#include "qgm/compiler.h"

struct qgm;
struct timer;

typedef void (*timer_fn)(struct qgm *q, struct timer *t);

struct timer {
	struct timer *next;
	struct timer **pprev; /* NULL: not armed */
	u64 tick;             /* when, in ticks */
	timer_fn fn;
	u8 level; /* where it hangs; TIMER_LEVELS = due list */
	u8 slot;
};

enum { TIMER_LEVELS = 5, TIMER_SLOTS = 64 };

struct timer_wheel {
	u64 tick;  /* all before and at this tick have been moved to `due` */
	u32 shift; /* cycles of a tick, as a power of two */
	u32 armed;
	u64 occupied[TIMER_LEVELS];
	struct timer *slot[TIMER_LEVELS][TIMER_SLOTS];
	struct timer *due, **due_tail;
};

/* Start at clock `now`; `hz` cycles per second. */
void timer_wheel_init(struct timer_wheel *w, u64 now, u64 hz);

/* Fire t->fn (set by the caller) at clock `when` or the first turn after. Re-arming moves it. */
void timer_arm(struct timer_wheel *w, struct timer *t, u64 when);

void timer_cancel(struct timer_wheel *w, struct timer *t);

static inline bool timer_armed(const struct timer *t)
{
	return t->pprev != NULL;
}

/* Advance to clock `now` (an older one counts as no time passed) and fire at most `max` timers;
 * the rest fires at the next turns. Returns how many fired. */
u32 timer_run(struct timer_wheel *w, struct qgm *q, u64 now, u32 max);

/* Clock at which timer_run() may next have something to do; ~0 when nothing is armed. Not later
 * than the earliest timer. */
u64 timer_next(const struct timer_wheel *w);
