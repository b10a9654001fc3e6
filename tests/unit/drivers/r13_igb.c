// SPDX-License-Identifier: MIT
/* The faults of the 82576 at random points. */
#include "tests/unit/drivers/r13.h"

static const struct r13_fault faults[] = {
	R13_RX_ROWS,   R13_TX_ROWS,    { "ecc", "ecc", R13_RESET, .count = 1 },
	R13_WIRE_ROWS, R13_START_ROWS,
};

const struct r13_chip r13 = {
	.name = "igb",
	.spec = "82576,mac=52:54:00:12:34:56",
	.driver = &igb_driver,
	.vendor = 0x8086,
	.device = 0x10c9,
	.queues = 2,
	.fault = faults,
	.nfaults = ARRAY_SIZE(faults),
	.length_row = "rx-length",
};
