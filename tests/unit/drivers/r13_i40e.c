// SPDX-License-Identifier: MIT
/* The faults of the XL710 and its firmware at random points. */
#include "tests/unit/drivers/model_nicsim.h"
#include "tests/unit/drivers/r13.h"

static struct model *model(void)
{
	return model_nicsim("xl710,mac=52:54:00:12:34:56");
}

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
	{ "tx-dd-never", "tx-no-dd", R13_RESET, .count = ~0ull },
	{ "tx-hang", "tx-hang", R13_RESET, .count = ~0ull },
	{ "mdd-tx", "mdd-tx", R13_RESET, .count = 1 },
	{ "mdd-rx", "mdd-rx", R13_RESET, .count = 1 },
	{ "ecc", "ecc", R13_RESET, .count = 1 },
	{ "reset-global", "reset-global", R13_RESET, .count = 1, .unheard = true },
	{ "link-flap", NULL, R13_LINK, .count = 1 },
	{ "removed", "removed", R13_GONE, .count = 1 },
	{ "aq-timeout", "aq-timeout", R13_RESET, .count = 1 },
	{ "aq-timeout-start", "aq-timeout", R13_START, .count = ~0ull },
	{ "aq-late-start", "aq-late", R13_START, .count = ~0ull },
	{ "aq-error-start", "aq-error", R13_START, .count = 1 },
	{ "aq-short-start", "aq-short", R13_START, .count = 1 },
	{ "nvm-error", "nvm-error", R13_START, .count = ~0ull },
	{ "hmc-error", "hmc-error", R13_START, .count = ~0ull },
	{ "reset-stuck", "reset-stuck", R13_START, .count = ~0ull },
};

const struct r13_chip r13 = {
	.name = "i40e",
	.model = model,
	.reset = r13_nicsim_reset,
	.driver = &i40e_driver,
	.vendor = 0x8086,
	.device = 0x1583,
	.queues = 2,
	.fault = faults,
	.nfaults = ARRAY_SIZE(faults),
	.length_row = 3,
};

int main(int argc, char **argv)
{
	return r13_main(argc, argv);
}
