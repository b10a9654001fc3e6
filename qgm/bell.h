// SPDX-License-Identifier: MIT
/*
 * bell: the protocol by which producers tell a consumer of several rings that there is something,
 * and by which it sleeps without losing a wake-up. Used by bells.c, turn.c and sleep.c, and by the
 * model in tests/race/relacy.
 *
 *	producer                                 consumer
 *	enqueue                                  take: exchange(inbound, 0)       (I2)
 *	fence_full, once for all receivers       fence_full
 *	bit clear? set it              (I1)      look into the rings of the bits
 *	full fence (part of I1)
 *	napping? wake it               (I3)      nap: napping = 1, fence_full     (S1)
 *	                                         inbound clear: sleep
 *
 * Nothing stays in a ring without its bit: the producer saw the bit clear and set it, or it saw it
 * set, before the consumer's exchange; then the two fences make the consumer's look see the entry.
 * Nobody sleeps over a bit: of the producer's bit and look at `napping`, and the consumer's
 * `napping` and look at the bits, with a full fence in each, one of the two sees the other's.
 */
#pragma once

#include "qgm/atomic.h"

/* Producer, after the fence: true: the consumer may sleep, wake it. */
static inline bool bell_ring(atomic_u64 *inbound, const atomic_u32 *napping, u64 own)
{
	if (!(load_relaxed(inbound) & own))
		fetch_or_full(inbound, own); /* I1 */
	return load_relaxed(napping);        /* I3 */
}

/* Consumer: bits of the rings to look into. */
static inline u64 bell_take(atomic_u64 *inbound)
{
	u64 bits;

	if (likely(!load_relaxed(inbound)))
		return 0;
	bits = exchange_acq_rel(inbound, 0); /* I2 */
	fence_full();
	return bits;
}

/* Consumer, before its last look at all sources. */
static inline void bell_nap(atomic_u32 *napping)
{
	store_relaxed(napping, 1);
#ifndef PLANT_NAP_FENCE
	fence_full(); /* S1 */
#endif
}
