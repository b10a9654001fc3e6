// SPDX-License-Identifier: MIT
/*
 * ring: what drivers of NICs with rings of descriptors in memory share: ixgbe, ixgbevf, igb and
 * i40e, whose descriptors all are an address and one word. A driver says what that word looks like
 * (rx_format, tx_format: constants, which fold into the inline bursts) and which registers are its
 * tails; it keeps to itself all other registers, set-up and reset
 * (whose frame is drivers/net/owner/).
 *
 *	desc.h    a descriptor; how many there are
 *	rx.h      a receive ring; a burst from it
 *	refill.h  buffers for it
 *	tx.h      a transmit ring; a burst to it
 *	reclaim.h buffers of frames that were sent
 *	pair.h    one of each, for a QGM: memory, begin, drain, what the engine asks
 *	advanced.h what the descriptors of ixgbe and igb have in common
 *	watch.h   owner QGM: does a ring stand still?
 *	*_avx2.c  the ordinary part of a burst, several descriptors at a time, where the CPU can
 *
 * A ring's indices run free over 32 bits; slot = index & mask. Of the receive ring the NIC owns
 * [next, fill), of the transmit ring [clean, tail); one slot stays empty, since head = tail means
 * an empty ring to the NIC. The bursts are the queue's QGM's.
 */
#pragma once

#include "kernel/driver.h"

enum { RING_SLOTS = 512, RING_MASK = RING_SLOTS - 1 };

struct ring_desc {
	u64 addr; /* of the buffer; receive, back: hash, tags, types */
	u64 word; /* out: command, length; back: status, errors, length */
};
_Static_assert(sizeof(struct ring_desc) == 16, "the short form of all these NICs");

enum { RING_BYTES = RING_SLOTS * sizeof(struct ring_desc) };

#define RING_INLINE static inline __attribute__((always_inline))

/* The word is read once, and judged before it is used. */
static inline u64 ring_word(const struct ring_desc *desc, u32 index)
{
	return load_relaxed(&desc[index & RING_MASK].word);
}
