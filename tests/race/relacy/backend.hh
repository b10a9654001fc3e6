// SPDX-License-Identifier: MIT
/*
 * The third back end of qgm/atomic.h: relacy, which runs small tests through all interleavings and
 * all values that C++11 allows a load to return. Included before the sources under test, which are
 * then compiled as C++: the same text as in the image. Words that cores share are rl::atomic; what
 * tests hand over is rl::var, so that an access without order is reported as a race.
 */
#pragma once

#include <relacy/relacy.hpp>

#define PIX_RELACY
#define _Static_assert static_assert

#include "qgm/compiler.h"

typedef rl::atomic<u8> atomic_u8;
typedef rl::atomic<u32> atomic_u32;
typedef rl::atomic<u64> atomic_u64;
#define FLEXIBLE 2 /* slots of the rings under test */

#define load_relaxed(p)        (*(p))($).load(rl::mo_relaxed)
#define load_acquire(p)        (*(p))($).load(rl::mo_acquire)
#define store_relaxed(p, v)    (*(p))($).store((v), rl::mo_relaxed)
#define store_release(p, v)    (*(p))($).store((v), rl::mo_release)
#define exchange_acq_rel(p, v) (*(p))($).exchange((v), rl::mo_acq_rel)
#define fence_full()           rl::atomic_thread_fence(rl::mo_seq_cst, $)
#define fence_acquire()        rl::atomic_thread_fence(rl::mo_acquire, $)
#define fence_release()        rl::atomic_thread_fence(rl::mo_release, $)

static inline void cpu_pause(void)
{
	rl::yield(1, $);
}

static inline bool cas_from(atomic_u64 *p, u64 old, u64 v)
{
	return (*p)($).compare_exchange_strong(old, v, rl::mo_acq_rel);
}

/* On x86 one locked instruction; here what it promises. */
static inline void fetch_or_full(atomic_u64 *p, u64 v)
{
	(*p)($).fetch_or(v, rl::mo_acq_rel);
	rl::atomic_thread_fence(rl::mo_seq_cst, $);
}

/* counter_add() of qgm/atomic.h is not for models. */
