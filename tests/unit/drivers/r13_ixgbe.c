// SPDX-License-Identifier: MIT
/* The faults of the 82599 at random points. */
#include "tests/unit/drivers/r13.h"

/* A head outside of the ring. */
static u64 bad_head(void)
{
	return 512 + (r13_below(2) ? r13_below(1024) : r13_any() >> 1);
}

static const struct r13_fault faults[] = {
	R13_RX_ROWS,
	{ "rx-hang", "rx-hang", R13_RESET, .count = ~0ull },
	R13_TX_ROWS,
	{ "tx-head-jump", "tx-head-wb", R13_MAYBE, .arg = bad_head },
	{ "ecc", "ecc", R13_RESET, .count = 1 },
	R13_WIRE_ROWS,
	R13_START_ROWS,
	R13_START_ROW("i2c-nak"),
	R13_START_ROW("sfp-absent"),
	R13_START_ROW("secrx-stuck"),
	R13_START_ROW("fdir-stuck"),
};

const struct r13_chip r13 = {
	.name = "ixgbe",
	.spec = "82599,mac=52:54:00:12:34:56",
	.driver = &ixgbe_driver,
	.vendor = 0x8086,
	.device = 0x10fb,
	.queues = 2,
	.fault = faults,
	.nfaults = ARRAY_SIZE(faults),
	.length_row = "rx-length",
};
