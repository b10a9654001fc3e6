// SPDX-License-Identifier: MIT
/*
 * The faults of a virtual function of the 82599 at random points. What befalls the whole device is
 * its host's; frames that do not come at all, no function can miss. While its host does not let it
 * run, the port has no link and asks again.
 */
#include "tests/unit/drivers/r13.h"

static u64 bad_head(void)
{
	return 512 + (r13_below(2) ? r13_below(1024) : r13_any() >> 1);
}

#define PARKS(name)                                                  \
	{                                                            \
		name, name, R13_START, .count = ~0ull, .parks = true \
	}
static const struct r13_fault faults[] = {
	R13_RX_ROWS,
	R13_TX_ROWS,
	{ "tx-head-jump", "tx-head-wb", R13_MAYBE, .arg = bad_head },
	R13_WIRE_ROWS,
	PARKS("rx-enable-stuck"),
	PARKS("tx-enable-stuck"),
	PARKS("mailbox-mute"),
};

const struct r13_chip r13 = {
	.name = "ixgbevf",
	.spec = "82599,mac=52:54:00:12:34:56,vfs=2",
	.guest = true,
	.driver = &ixgbevf_driver,
	.vendor = 0x8086,
	.device = 0x10ed,
	.queues = 2,
	.fault = faults,
	.nfaults = ARRAY_SIZE(faults),
	.length_row = "rx-length",
};
