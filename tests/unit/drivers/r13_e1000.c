// SPDX-License-Identifier: MIT
/* The faults of the 82540 at random points. */
#include "tests/unit/drivers/model_82540.h"
#include "tests/unit/drivers/r13.h"

static struct model *model(u32 variant)
{
	struct model *m = model_82540();

	(void)variant;
	m->tick = m->run;
	return m;
}

static struct model_82540 *dev(void)
{
	return (struct model_82540 *)rig.model;
}

static u64 rx_hits(void)
{
	return dev()->rx_hits;
}

static u64 tx_hits(void)
{
	return dev()->tx_hits;
}

static void no_dd(u64 count, u64 arg)
{
	(void)arg;
	dev()->no_dd = count;
	dev()->left = count;
}

static void no_eop(u64 count, u64 arg)
{
	(void)arg;
	dev()->no_eop = count;
	dev()->left = count;
}

static void length(u64 count, u64 arg)
{
	dev()->bad_length = count ? (int)arg : -1;
	dev()->left = count;
}

static void errors(u64 count, u64 arg)
{
	dev()->rx_errors = count ? (u8)arg : 0;
	dev()->left = count;
}

static void hold(u64 count, u64 arg)
{
	(void)arg;
	dev()->hold = count;
	dev()->left = count;
}

static void jump(u64 count, u64 arg)
{
	dev()->jump = count ? (u32)arg : 0;
}

static void tx_lost(u64 count, u64 arg)
{
	(void)arg;
	dev()->tx_lost = count;
}

static void tx_stands(u64 count, u64 arg)
{
	(void)arg;
	rig.model->stall_tx = count;
}

static void reset_stuck(u64 count, u64 arg)
{
	(void)arg;
	rig.model->stuck_reset = count;
}

/* CE, SE, SEQ, RXE: what counts without checksum offload. */
static u64 some_error(void)
{
	static const u8 bits[] = { 0x01, 0x02, 0x04, 0x80 };

	return bits[r13_below(ARRAY_SIZE(bits))];
}

static u64 over(void)
{
	return 1519 + r13_below(r13_below(2) ? 402 : 0x10000 - 1519);
}

#define RX(f) .arm = (f), .hits = rx_hits
#define TX(f) .arm = (f), .hits = tx_hits
static const struct r13_fault faults[] = {
	{ "rx-dd-never", NULL, R13_RESET, .count = 1, RX(no_dd) },
	{ "rx-length", NULL, R13_FRAME, .arg = r13_bad_length, RX(length) },
	{ "rx-length-over", NULL, R13_FRAME, .arg = over, RX(length) },
	{ "rx-length-storm", NULL, R13_MAYBE, .count = 300, .arg = r13_bad_length, RX(length) },
	{ "rx-no-eop", NULL, R13_FRAME, .count = 1, RX(no_eop) },
	{ "rx-error", NULL, R13_FRAME, .arg = some_error, RX(errors) },
	{ "rx-head-jump", NULL, R13_RESET, .arg = r13_some, RX(jump) },
	{ "rx-out-of-order", NULL, R13_ORDER, .count = 1, RX(hold) },
	{ "tx-dd-never", NULL, R13_RESET, .count = ~0ull, TX(tx_lost) },
	{ "tx-hang", NULL, R13_RESET, .count = ~0ull, TX(tx_stands) },
	{ "link-flap", NULL, R13_LINK, .count = 1 },
	{ "removed", NULL, R13_GONE, .count = 1 },
	{ "reset-stuck", NULL, R13_START, .count = ~0ull, TX(reset_stuck) },
};

const struct r13_chip r13 = {
	.name = "e1000",
	.model = model,
	.reset = model_82540_reset,
	.driver = &e1000_driver,
	.vendor = 0x8086,
	.device = 0x100e,
	.queues = 1,
	.fault = faults,
	.nfaults = ARRAY_SIZE(faults),
	.length_row = "rx-length",
};
