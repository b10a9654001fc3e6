// SPDX-License-Identifier: MIT
/* The faults of vmxnet3 at random points, with one receive queue and with more. */
#include "tests/unit/drivers/r13.h"

/* A descriptor that is not in the ring. */
static u64 bad_index(void)
{
	return 256 + r13_below(0xfff - 256);
}

/* 14 bits; more than what the buffer was posted with. */
static u64 too_long(void)
{
	return 1523 + r13_below(r13_below(2) ? 398 : 0x3fff - 1523);
}

static const struct r13_fault faults[] = {
	{ "rx-dd-never", "rx-no-dd", R13_RESET, .count = 1 },
	{ "rx-length-zero", "rx-length-zero", R13_FRAME, .count = 1 },
	{ "rx-length-over", "rx-length-over", R13_FRAME, .arg = too_long },
	{ "rx-length-storm", "rx-length-over", R13_MAYBE, .count = 300, .arg = too_long },
	{ "rx-no-eop", "rx-no-eop", R13_FRAME, .count = 1 },
	{ "rx-error", "rx-error", R13_FRAME, .count = 1 },
	{ "rx-index", "rx-index", R13_RESET, .arg = bad_index },
	{ "rx-queue", "rx-queue", R13_RESET, .count = 1 },
	{ "rx-skip", "rx-skip", R13_ORDER, .count = 1 },
	{ "rx-out-of-order", "rx-order", R13_ORDER, .count = 1 },
	R13_TX_ROWS,
	{ "tx-index", "tx-index", R13_RESET, .arg = bad_index },
	{ "queue-error", "queue-error", R13_RESET, .count = 1 },
	R13_WIRE_ROWS,
	R13_START_ROW("reset-stuck"),
};
static const char *const variants[] = { "revisions=1", "revisions=3" };

const struct r13_chip r13 = {
	.name = "vmxnet3",
	.spec = "vmxnet3,mac=52:54:00:12:34:56",
	.variants = variants,
	.nvariants = ARRAY_SIZE(variants),
	.driver = &vmxnet3_driver,
	.vendor = 0x15ad,
	.device = 0x07b0,
	.queues = 2,
	.fault = faults,
	.nfaults = ARRAY_SIZE(faults),
	.length_row = "rx-length-over",
};
