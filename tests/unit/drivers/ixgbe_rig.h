// SPDX-License-Identifier: MIT
/* What the tests of the ixgbe driver share: it on the model of the 82599. */
#pragma once

#include "tests/unit/drivers/model_nicsim.h"
#include "tests/unit/drivers/mq.h"
#include "tests/unit/unit.h"

enum { IXGBE_RING = 512, IXGBE_BUFFERS = 8192 };

static inline struct mq_setup ixgbe_setup_of(u32 queues, bool jumbo)
{
	return (struct mq_setup){ .model = model_nicsim("82599,mac=52:54:00:12:34:56"),
				  .driver = &ixgbe_driver,
				  .vendor = 0x8086,
				  .device = 0x10fb,
				  .queues = queues,
				  .buffers = IXGBE_BUFFERS,
				  .jumbo = jumbo,
				  .irq = true };
}

static inline void ixgbe_begin(u32 queues, bool jumbo)
{
	struct mq_setup s = ixgbe_setup_of(queues, jumbo);

	mq_begin(&s);
}

/* A frame that is no IP: the hash does not see it, queue 0 gets it. */
static inline bool ixgbe_inject(u32 len, u32 seed)
{
	static u8 f[16384];

	frame_fill(f, len, seed);
	return rig.model->inject(rig.model, f, len);
}
