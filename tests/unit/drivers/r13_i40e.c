// SPDX-License-Identifier: MIT
/* The faults of the XL710 and its firmware at random points. */
#include "tests/unit/drivers/r13.h"

static u64 too_long(void)
{
	return 1921 + r13_below(0x3fff - 1921);
}

static const struct r13_fault faults[] = {
	{ "rx-dd-never", "rx-no-dd", R13_RESET, .count = 1 },
	{ "rx-dd-no-length", "rx-dd-no-length", R13_FRAME, .count = 1 },
	{ "rx-length-zero", "rx-length-zero", R13_FRAME, .count = 1 },
	{ "rx-length-over", "rx-length-over", R13_FRAME, .arg = too_long },
	{ "rx-length-ffff", "rx-length-ffff", R13_FRAME, .count = 1 },
	{ "rx-length-storm", "rx-length-ffff", R13_MAYBE, .count = 300 },
	{ "rx-no-eop", "rx-no-eop", R13_FRAME, .count = 1 },
	{ "rx-error", "rx-error", R13_FRAME, .count = 1 },
	{ "rx-out-of-order", "rx-out-of-order", R13_ORDER, .count = 1 },
	R13_TX_ROWS,
	{ "mdd-tx", "mdd-tx", R13_RESET, .count = 1 },
	{ "mdd-rx", "mdd-rx", R13_RESET, .count = 1 },
	{ "ecc", "ecc", R13_RESET, .count = 1 },
	{ "reset-global", "reset-global", R13_RESET, .count = 1, .unheard = true },
	R13_WIRE_ROWS,
	{ "aq-timeout", "aq-timeout", R13_RESET, .count = 1 },
	{ "aq-timeout-start", "aq-timeout", R13_START, .count = ~0ull },
	{ "aq-late-start", "aq-late", R13_START, .count = ~0ull },
	{ "aq-error-start", "aq-error", R13_START, .count = 1 },
	{ "aq-short-start", "aq-short", R13_START, .count = 1 },
	R13_START_ROW("nvm-error"),
	R13_START_ROW("hmc-error"),
	R13_START_ROW("reset-stuck"),
};

const struct r13_chip r13 = {
	.name = "i40e",
	.spec = "xl710,mac=52:54:00:12:34:56",
	.driver = &i40e_driver,
	.vendor = 0x8086,
	.device = 0x1583,
	.queues = 2,
	.fault = faults,
	.nfaults = ARRAY_SIZE(faults),
	.length_row = "rx-length-over",
};
