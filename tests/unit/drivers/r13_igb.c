// SPDX-License-Identifier: MIT
/* The faults of the 82576 at random points. */
#include "tests/unit/drivers/model_nicsim.h"
#include "tests/unit/drivers/r13.h"

static struct model *model(void)
{
	return model_nicsim("82576,mac=52:54:00:12:34:56");
}

/* What no frame in a buffer of ours can be long. */
static u64 bad_length(void)
{
	static const u16 lengths[] = { 0, 1, 13, 1523, 2048, 0x8000, 0xffff };
	u32 k = r13_below(ARRAY_SIZE(lengths) + 2);

	if (k < ARRAY_SIZE(lengths))
		return lengths[k];
	return k & 1 ? r13_below(14) : 1921 + r13_below(0x10000 - 1921);
}

static u64 some(void)
{
	return 1 + r13_below(8);
}

static const struct r13_fault faults[] = {
	{ "rx-dd-never", "rx-no-dd", R13_RESET, .count = 1 },
	{ "rx-dd-no-length", "rx-no-length", R13_FRAME, .count = 1 },
	{ "rx-length", "rx-length", R13_FRAME, .arg = bad_length },
	{ "rx-length-storm", "rx-length", R13_MAYBE, .count = 300, .arg = bad_length },
	{ "rx-no-eop", "rx-no-eop", R13_FRAME, .count = 1 },
	{ "rx-error", "rx-error", R13_FRAME, .count = 1 },
	{ "rx-head-jump", "rx-head-jump", R13_RESET, .arg = some },
	{ "rx-out-of-order", "rx-order", R13_ORDER, .count = 1 },
	{ "tx-dd-never", "tx-no-dd", R13_RESET, .count = ~0ull },
	{ "tx-hang", "tx-hang", R13_RESET, .count = ~0ull },
	{ "ecc", "ecc", R13_RESET, .count = 1 },
	{ "link-flap", NULL, R13_LINK, .count = 1 },
	{ "removed", "removed", R13_GONE, .count = 1 },
	{ "eeprom-timeout", "eeprom-timeout", R13_START, .count = ~0ull },
	{ "eeprom-checksum", "eeprom-checksum", R13_START, .count = ~0ull },
	{ "phy-timeout", "phy-timeout", R13_START, .count = ~0ull },
	{ "reset-stuck", "reset-stuck", R13_START, .count = ~0ull },
	{ "master-stuck", "master-stuck", R13_START, .count = ~0ull },
	{ "rx-enable-stuck", "rx-enable-stuck", R13_START, .count = ~0ull },
	{ "tx-enable-stuck", "tx-enable-stuck", R13_START, .count = ~0ull },
	{ "semaphore-stuck", "semaphore-stuck", R13_START, .count = ~0ull },
};

const struct r13_chip r13 = {
	.name = "igb",
	.model = model,
	.reset = r13_nicsim_reset,
	.driver = &igb_driver,
	.vendor = 0x8086,
	.device = 0x10c9,
	.queues = 2,
	.fault = faults,
	.nfaults = ARRAY_SIZE(faults),
	.length_row = 2,
};

int main(int argc, char **argv)
{
	return r13_main(argc, argv);
}
