// SPDX-License-Identifier: MIT
/*
 * Atomics with explicit order. Lock-free code uses these names only, so that a checker can
 * replace the back end. Each release at a call site names the acquire that it pairs with.
 * On x86 loads and stores are acquire and release by themselves; only fence_full() and the
 * read-modify-write operations cost an instruction.
 *
 * Back ends: the compiler's builtins; the same under ThreadSanitizer; relacy's model of C++11
 * (PIX_RELACY: tests/race/relacy/backend.hh has been included before this file).
 */
#pragma once

#include "qgm/compiler.h"

#ifndef PIX_RELACY

/* Words that several cores use by the names below; a length that only a checker fixes. */
typedef u8 atomic_u8;
typedef u32 atomic_u32;
typedef u64 atomic_u64;
#define FLEXIBLE

#define load_relaxed(p)         __atomic_load_n((p), __ATOMIC_RELAXED)
#define load_acquire(p)         __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define store_relaxed(p, v)     __atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define store_release(p, v)     __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#define exchange_acq_rel(p, v)  __atomic_exchange_n((p), (v), __ATOMIC_ACQ_REL)
#define fetch_add_relaxed(p, v) __atomic_fetch_add((p), (v), __ATOMIC_RELAXED)
#define fetch_or_acq_rel(p, v)  __atomic_fetch_or((p), (v), __ATOMIC_ACQ_REL)
#define fetch_and_acq_rel(p, v) __atomic_fetch_and((p), (v), __ATOMIC_ACQ_REL)
/* With a full fence behind it, which on x86 every locked instruction is. */
#define fetch_or_full(p, v) __atomic_fetch_or((p), (v), __ATOMIC_SEQ_CST)
#define cas_acq_rel(p, expected, v) \
	__atomic_compare_exchange_n((p), (expected), (v), false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)
/* The same from a value, true when it was that; sequentially consistent. */
#define cas_from(p, old, v) __sync_bool_compare_and_swap((p), (old), (v))
#define fence_full()        __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define fence_acquire()     __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define fence_release()     __atomic_thread_fence(__ATOMIC_RELEASE)

/* A counter with one writer: a plain add that a reader on another core may load at any time. */
static inline void counter_add(u64 *c, u64 n)
{
	store_relaxed(c, load_relaxed(c) + n);
}

static inline void cpu_pause(void)
{
	__builtin_ia32_pause();
}

#endif

/* How rings publish what they filled, and IPv6 tables a line made beside: a release store. The race
 * test plants a relaxed one. */
#ifdef PLANT_RING_RELAXED
#define store_publish(p, v) store_relaxed(p, v)
#else
#define store_publish(p, v) store_release(p, v)
#endif
