// SPDX-License-Identifier: MIT
/*
 * Sleeping until a condition holds.
 *
 * The sleeper announces itself on the queue, tests the condition, and only then sleeps; a waker
 * makes the condition true first and then wakes the queue. Both sides take the queue's lock, so no
 * wake-up is lost. Wakers may be interrupt handlers; sleepers are threads of generic cores that
 * hold no spinlock.
 */
#pragma once

#include "kernel/errno.h"
#include "kernel/spinlock.h"
#include "kernel/types.h"

struct thread;

struct waitq {
	struct spinlock lock;
	struct wait_entry *head; /* under lock */
};

/* One sleeper on one queue; lives on the sleeper's stack (or in a poll_table). */
struct wait_entry {
	struct wait_entry *next, **pprev;
	struct waitq *wq;
	struct thread *thread;
};

void waitq_init(struct waitq *wq);

/* Enters and leaves a queue without changing the thread's state: for waits on several queues. */
void waitq_add(struct waitq *wq, struct wait_entry *e);
void waitq_remove(struct wait_entry *e);

/* Wakes every sleeper. Any context, interrupts on or off. */
void waitq_wake_all(struct waitq *wq);

/*
 * The steps of wait_event(), for loops of their own: waitq_prepare() enters the queue and marks the
 * caller as sleeping, wait_block() gives the core away unless a wake-up came since, waitq_finish()
 * leaves the queue and marks the caller as running.
 */
void waitq_prepare(struct waitq *wq, struct wait_entry *e);
void waitq_finish(struct wait_entry *e);
void wait_block(void);
/* As wait_block(), at the latest until clock_ns() reaches deadline (0 = none). False: time is up.
 */
bool wait_block_until(u64 deadline_ns);

/* True if the calling process has a signal to take (or is being killed). */
bool wait_interrupted(void);

/* Sleeps until cond is true. Only for conditions that will surely come. */
#define wait_event(wq, cond)                        \
	do {                                        \
		struct wait_entry we_;              \
		for (;;) {                          \
			waitq_prepare((wq), &we_);  \
			if (cond) {                 \
				waitq_finish(&we_); \
				break;              \
			}                           \
			wait_block();               \
			waitq_finish(&we_);         \
		}                                   \
	} while (0)

/* As wait_event(); the value is 0, or -EINTR when a signal came before cond was true. */
#define wait_event_intr(wq, cond) wait_event_deadline((wq), (cond), 0)

/*
 * As wait_event_intr() with an end: clock_ns() reaching deadline gives -ETIMEDOUT. 0 = no end.
 */
#define wait_event_deadline(wq, cond, deadline)                           \
	({                                                                \
		struct wait_entry we_;                                    \
		int we_err_ = 0;                                          \
		for (;;) {                                                \
			waitq_prepare((wq), &we_);                        \
			if (cond) {                                       \
				waitq_finish(&we_);                       \
				break;                                    \
			}                                                 \
			bool we_in_time_ = true;                          \
			if (wait_interrupted())                           \
				we_err_ = -EINTR;                         \
			else                                              \
				we_in_time_ = wait_block_until(deadline); \
			waitq_finish(&we_);                               \
			if (!we_err_ && !we_in_time_ && !(cond))          \
				we_err_ = -ETIMEDOUT;                     \
			if (we_err_)                                      \
				break;                                    \
		}                                                         \
		we_err_;                                                  \
	})
