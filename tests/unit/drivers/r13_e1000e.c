// SPDX-License-Identifier: MIT
/* The faults of the 82574 at random points. */
#include "tests/unit/drivers/r13.h"

/* Longer than what the NIC was told that it may write. */
static u64 too_long(void)
{
	return 1519 + r13_below(r13_below(2) ? 402 : 0xffff - 1519);
}

static const struct r13_fault faults[] = {
	{ "rx-dd-never", "rx-no-dd", R13_RESET, .count = 1 },
	{ "rx-length-zero", "rx-length-zero", R13_FRAME, .count = 1 },
	{ "rx-length-over", "rx-length-over", R13_FRAME, .arg = too_long },
	{ "rx-length-ffff", "rx-length-ffff", R13_FRAME, .count = 1 },
	{ "rx-length-storm", "rx-length-ffff", R13_MAYBE, .count = 300 },
	{ "rx-no-eop", "rx-no-eop", R13_FRAME, .count = 1 },
	{ "rx-error", "rx-error", R13_FRAME, .count = 1 },
	{ "rx-head-jump", "rx-head-jump", R13_RESET, .arg = r13_some },
	{ "rx-out-of-order", "rx-order", R13_ORDER, .count = 1 },
	R13_TX_ROWS,
	R13_WIRE_ROWS,
	R13_START_ROW("reset-stuck"),
};

const struct r13_chip r13 = {
	.name = "e1000e",
	.spec = "82574,mac=52:54:00:12:34:56",
	.driver = &e1000e_driver,
	.vendor = 0x8086,
	.device = 0x10d3,
	.queues = 2,
	.fault = faults,
	.nfaults = ARRAY_SIZE(faults),
	.length_row = "rx-length-over",
};
