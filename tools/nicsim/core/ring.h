// SPDX-License-Identifier: MIT
/*
 * A descriptor ring as Intel's MACs from the 82575 on have it, receive and transmit alike: 16-byte
 * descriptors, head and tail, and ENABLE (bit 25 of RXDCTL or TXDCTL) that takes effect after a
 * while. What a driver may not do is reported here: a ring that is none, head or tail written in a
 * wrong state, a tail outside of the ring or moved back. Also the faults of rings that models have
 * in common. Called by the models of the 82599 and the 82576.
 *
 * `owner` is the function whose memory the ring is in and who is told of errors; faults are armed
 * at `dev`, the port. They differ where a virtual function has the ring.
 */
#pragma once

#include "tools/nicsim/device.h"

enum { NICSIM_RING_ENABLE = 1 << 25, NICSIM_RING_DESC = 16 };

struct nicsim_ring {
	u64 base;
	u32 size, head, tail; /* descriptors */
	u64 due;              /* ns: when a change of ENABLE is done */
	bool on, turning_on, turning_off;
	bool read_back; /* the driver has seen ENABLE as 1 */
	bool hung;      /* nothing that hardware could go on from */
};

/* A name for messages: the ring of queue `index`, 'R' or 'T'. */
struct nicsim_ring_name {
	char way;
	u32 index;
};

static inline u32 nicsim_ring_next(const struct nicsim_ring *r, u32 i)
{
	return i + 1 == r->size ? 0 : i + 1;
}

/* Descriptors from the head up to `tail`. */
static inline u32 nicsim_ring_posted(const struct nicsim_ring *r, u32 tail)
{
	return tail >= r->head ? tail - r->head : tail + r->size - r->head;
}

/* xDCTL was written: ENABLE follows at `due`. */
void nicsim_ring_enable(struct nicsim_ring *r, bool enable, u64 due);
/* What xDCTL reads as, `v` being what was written. */
u32 nicsim_ring_control(struct nicsim_ring *r, u32 v);
/* Time has passed. True: it starts now, the model is to call nicsim_ring_start(); not while the
 * fault `stuck` is armed, nor for a function that is removed. */
bool nicsim_ring_starts(struct nicsim_dev *dev, struct nicsim_dev *owner, struct nicsim_ring *r,
			const char *stuck);
/* On, with what its registers say. False: it is no ring of at most `max` descriptors in memory;
 * reported, and it hangs. */
bool nicsim_ring_start(struct nicsim_dev *owner, struct nicsim_ring *r,
		       struct nicsim_ring_name name, u64 base, u32 bytes, u32 max);
/* xDH was written. */
void nicsim_ring_head(struct nicsim_dev *owner, struct nicsim_ring *r, struct nicsim_ring_name name,
		      u32 v);
/* xDT was written. True: the engine may have work. */
bool nicsim_ring_tail(struct nicsim_dev *owner, struct nicsim_ring *r, struct nicsim_ring_name name,
		      u32 tail);

/* --- faults ---------------------------------------------------------------------------------- */

/* `fault` is armed: the head runs ahead of what was done, by its argument (0: one). */
void nicsim_ring_skip(struct nicsim_dev *dev, struct nicsim_ring *r, const char *fault);

/* A write-back (16 bytes) that comes after the next one: fault rx-order. */
struct nicsim_held {
	bool valid;
	u32 index, d[4];
};
/* True: it is kept back. */
bool nicsim_hold(struct nicsim_dev *dev, struct nicsim_held *h, u32 index, const u32 *d);

/*
 * What a device gets wrong in a receive write-back on command (rx-no-dd, rx-no-length, rx-length,
 * rx-no-eop, rx-error with `error` unless the fault says else): in the dwords with length (low
 * half) and status (EOP: bit 1). False: it is never written.
 */
bool nicsim_rx_spoil(struct nicsim_dev *dev, u32 *len, u32 *status, bool last, u32 error);

/* Transmit head into memory at `at` (TDWBAL, TDWBAH), or what tx-head-wb says; tx-no-dd: not. */
void nicsim_tx_head(struct nicsim_dev *dev, struct nicsim_dev *owner, u64 at, u32 head);
