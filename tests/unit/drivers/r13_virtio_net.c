// SPDX-License-Identifier: MIT
/*
 * The faults of a virtio-net device at random points, on each kind of virtqueue. What no driver can
 * see is not here: a buffer that the device never gives back, an id or an index that is wrong and
 * could be right.
 */
#include "tests/unit/drivers/model_virtio.h"
#include "tests/unit/drivers/r13.h"

enum { SPLIT, PAIRS, PACKED, MERGE, KINDS, HDR = 12, DST_LOW = 33 };

static const char *const kinds[KINDS] = { "split", "pairs", "packed", "merge" };

static struct model *model(u32 kind)
{
	static const u64 more[KINDS] = {
		[PAIRS] = MODEL_MQ | MODEL_RSS | MODEL_EVENT,
		[PACKED] = MODEL_MQ | MODEL_RSS | MODEL_EVENT | MODEL_PACKED,
	};
	struct model *m = model_virtio_with(more[kind], more[kind] ? 2 : 1);
	struct model_virtio *d = (struct model_virtio *)m;

	d->wanted = kind == MERGE ? MODEL_MRG : 0;
	d->hash_at = DST_LOW;
	m->tick = m->run;
	return m;
}

static struct model_virtio *dev(void)
{
	return (struct model_virtio *)rig.model;
}

static u64 hits(void)
{
	return dev()->hits;
}

static u64 status_hits(void)
{
	return dev()->status_hits;
}

static void rx_id(u64 count, u64 arg)
{
	dev()->lie_id = count ? (s64)arg : -1;
	dev()->left = count;
}

static void rx_length(u64 count, u64 arg)
{
	dev()->lie_len = count ? (s64)arg : -1;
	dev()->left = count;
}

static void rx_index(u64 count, u64 arg)
{
	dev()->lie_index = count ? (int)arg : 0;
	dev()->left = count;
}

static void rx_buffers(u64 count, u64 arg)
{
	dev()->lie_buffers = count ? (int)arg : 0;
	dev()->left = count;
}

static void rx_swap(u64 count, u64 arg)
{
	(void)arg;
	dev()->swap = count;
	dev()->left = count;
}

static void tx_id(u64 count, u64 arg)
{
	dev()->lie_tx_id = count ? (s64)arg : -1;
	dev()->left = count;
}

static void tx_twice(u64 count, u64 arg)
{
	(void)arg;
	dev()->tx_twice = count;
	dev()->left = count;
}

static void tx_lost(u64 count, u64 arg)
{
	(void)arg;
	dev()->tx_lost = count;
	dev()->left = count;
}

static void tx_stands(u64 count, u64 arg)
{
	(void)arg;
	rig.model->stall_tx = count;
}

static void needs_reset(u64 count, u64 arg)
{
	(void)arg;
	dev()->needs_reset = count;
}

static void reset_stuck(u64 count, u64 arg)
{
	(void)arg;
	rig.model->stuck_reset = count;
}

static void refuse(u64 count, u64 arg)
{
	(void)arg;
	dev()->refuse = count;
}

static void mute(u64 count, u64 arg)
{
	(void)arg;
	dev()->mute = count;
}

static void nack(u64 count, u64 arg)
{
	dev()->nack = count ? (u8)arg : 0;
}

/* Not an id of the ring; 16 bits of it are one of the packed ring's. */
static u64 bad_id(void)
{
	return 256 + r13_below(0x10000 - 256);
}

/* Shorter than the header, or longer than the buffer. */
static u64 bad_length(void)
{
	static const u32 lengths[] = { 0, 1, HDR - 1, 1920 + HDR + 1, 0xffff, ~0u };

	return lengths[r13_below(ARRAY_SIZE(lengths))];
}

/* No Ethernet header is in it: as a neighbour may send it. */
static u64 runt(void)
{
	return HDR + r13_below(14);
}

/* More entries than there are. */
static u64 bad_index(void)
{
	return 256 + r13_below(0x8000);
}

/* None, or more than there are: the honest number is 1. */
static u64 bad_buffers(void)
{
	return r13_below(4) ? 16 + r13_below(0xff00) : (u64)-1;
}

static u64 no(void)
{
	return 1 + r13_below(255);
}

#define TOLD(f) .arm = (f), .hits = hits
#define NO_CTRL 1 << SPLIT | 1 << MERGE
/* A device may wait for the host's network as long as it likes. */
enum { PATIENCE_MS = 10250 };

static const struct r13_fault faults[] = {
	{ "rx-id", NULL, R13_RESET, .arg = bad_id, TOLD(rx_id) },
	{ "rx-length", NULL, R13_RESET, .arg = bad_length, TOLD(rx_length) },
	{ "rx-runt", NULL, R13_FRAME, .arg = runt, TOLD(rx_length) },
	{ "rx-index", NULL, R13_RESET, .arg = bad_index, TOLD(rx_index), .not_of = 1 << PACKED },
	{ "rx-buffers", NULL, R13_RESET, .arg = bad_buffers, TOLD(rx_buffers),
	  .not_of = ~(1u << MERGE) },
	{ "rx-out-of-order", NULL, R13_ORDER, .count = 1, TOLD(rx_swap), .not_of = 1 << MERGE },
	{ "tx-id", NULL, R13_RESET, .arg = bad_id, TOLD(tx_id) },
	/* On a packed ring the second one lies where the driver writes next: nothing is used from
	 * then on, as below. */
	{ "tx-twice", NULL, R13_RESET, .count = 1, TOLD(tx_twice), .not_of = 1 << PACKED },
	{ "tx-never-used", NULL, R13_RESET, .count = ~0ull, TOLD(tx_lost),
	  .notice_ms = PATIENCE_MS },
	{ "tx-hang", NULL, R13_RESET, .count = ~0ull, TOLD(tx_stands), .notice_ms = PATIENCE_MS },
	{ "needs-reset", NULL, R13_RESET, .count = 1, .arm = needs_reset, .hits = status_hits },
	R13_WIRE_ROWS,
	{ "reset-stuck", NULL, R13_START, .count = ~0ull, TOLD(reset_stuck) },
	{ "features-refused", NULL, R13_START, .count = ~0ull, TOLD(refuse) },
	{ "ctrl-mute", NULL, R13_START, .count = ~0ull, TOLD(mute), .not_of = NO_CTRL },
	{ "ctrl-refuses", NULL, R13_START, .arg = no, TOLD(nack), .not_of = NO_CTRL },
};

const struct r13_chip r13 = {
	.name = "virtio-net",
	.model = model,
	.variants = kinds,
	.nvariants = KINDS,
	.reset = model_virtio_reset,
	.driver = &virtio_net_driver,
	.vendor = 0x1af4,
	.device = 0x1041,
	.queues = 2,
	.first_poll = true,
	.fault = faults,
	.nfaults = ARRAY_SIZE(faults),
	.length_row = "rx-length",
};
