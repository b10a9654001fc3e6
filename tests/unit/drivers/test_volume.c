// SPDX-License-Identifier: MIT
/*
 * Volume: frames of all sizes with sequence numbers through a driver on its chip's model and out
 * again, as fast as this goes in one process, and every one accounted for: what the wire offered is
 * what came out plus what the NIC dropped by name, per flow in order; the data sheet's counters say
 * the same. `volume COUNT`; `make long-volume` takes 10^8.
 *
 *	generator --nicsim_rx--> model --ring--> driver rx, tx --ring--> model --> sink
 *
 * Now and then more arrives than rings and packet buffer hold, so that drops are part of it.
 */
#include <stdlib.h>
#include <time.h>

#include "tests/unit/drivers/mq_chip.h"
#include "tools/nicsim/sim.h"
#include "tools/nicsim/wire.h"

enum {
	FLOWS = 64,
	BURST = 64,
	PAYLOAD = 42,
	TRAILER = 8,
	SHORTEST = 60,
	LONGEST = 1514,
	FLOOD_EVERY = 20000, /* bursts */
	FLOOD = 12000,       /* frames: more than all rings and 512 KiB hold */
	STEP_EVERY = 500,    /* bursts: 10 ms of the bench's clock */
	BURST_NS = 20000,
};

static u64 want = 200000;
static u8 head[FLOWS][64];
static u8 frame[LONGEST + TRAILER];
static u64 sizes_seen[LONGEST / 64 + 1];

static struct volume {
	u64 made, made_bytes, refused; /* offered to the NIC; what it said it did not take */
	u64 came, came_bytes, gaps;
	u64 next[FLOWS], seen[FLOWS]; /* sequence numbers */
	u64 wrong;
	char why[120];
} v;

static u64 mark(u64 seq, u32 flow, u32 len)
{
	return (seq * 0x9e3779b97f4a7c15ull) ^ ((u64)flow << 48) ^ len;
}

/* Frame n: three of four short, every fourth of any size. */
static u32 size_of(u64 n)
{
	return n & 3 ? SHORTEST + (u32)(n * 7 % 131)
		     : SHORTEST + (u32)((n >> 2) * 131 % (LONGEST - SHORTEST + 1));
}

static void flows_make(void)
{
	for (u32 i = 0; i < FLOWS; i++) {
		const struct mq_flow f = { .src = 0x0a000000 + i * 77,
					   .dst = 0x0a010000 + i,
					   .sport = (u16)(1000 + i * 13),
					   .dport = (u16)(2000 + i),
					   .proto = 17 };

		mq_frame(head[i], 60, &f, 0);
	}
}

static void put16(u8 *p, u32 x)
{
	p[0] = (u8)(x >> 8);
	p[1] = (u8)x;
}

/* RFC 1624: the header's checksum was made for a frame of 60 bytes. */
static void resize(u8 *f, u32 len)
{
	u32 sum = (u32)f[24] << 8 | f[25];

	sum = (~sum & 0xffff) + (~46u & 0xffff) + (len - 14);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(f + 24, ~sum & 0xffff);
	put16(f + 16, len - 14);
	put16(f + 38, len - 34);
}

static void generate(struct nicsim_dev *dev)
{
	u32 flow = (u32)(v.made * 29 % FLOWS), len = size_of(v.made);
	u64 seq = v.next[flow]++, m = mark(seq, flow, len);

	memcpy(frame, head[flow], PAYLOAD);
	resize(frame, len);
	memcpy(frame + PAYLOAD, &seq, 8);
	memcpy(frame + len - TRAILER, &m, 8);
	v.made++;
	v.made_bytes += len;
	v.refused += !nicsim_rx(dev, frame, len);
}

static void say(const char *what, u64 a, u64 b)
{
	if (!v.wrong++)
		snprintf(v.why, sizeof(v.why), "%s: %llu, %llu", what, (unsigned long long)a,
			 (unsigned long long)b);
}

static void sink(void *arg, const u8 *f, u32 len)
{
	u32 flow = (u32)f[37] - (2000 & 255) + ((u32)f[36] << 8) - (2000 & 0xff00);
	u64 seq, m;

	(void)arg;
	if (len < SHORTEST || f[12] != 8 || f[13] || flow >= FLOWS) {
		say("a frame that nobody made", len, flow);
		return;
	}
	memcpy(&seq, f + PAYLOAD, 8);
	memcpy(&m, f + len - TRAILER, 8);
	if (m != mark(seq, flow, len))
		say("content", seq, len);
	if (seq < v.seen[flow])
		say("order", seq, v.seen[flow]);
	v.gaps += seq - v.seen[flow];
	v.seen[flow] = seq + 1;
	v.came++;
	v.came_bytes += len;
	sizes_seen[len / 64]++;
}

/* One burst of each queue through the driver; how many frames. */
static u32 forward(void)
{
	struct packet *pkt[BURST];
	u32 total = 0;

	for (u32 q = 0; q < mq.queues; q++) {
		u32 n = mq_rx(q, pkt, BURST);

		if (n && rig.port->ops->tx(rig.port, q, pkt, n) != n)
			say("Tx ring full", q, n);
		rig.port->ops->reclaim(rig.port, q, mq.pc[q]);
		total += n;
	}
	return total;
}

static void pass_time(u64 bursts)
{
	rig.now += BURST_NS;
	rig_tick();
	if (bursts % STEP_EVERY == 0)
		rig.port->ops->step(rig.port, rig.now);
}

static u64 statistic(const char *name)
{
	for (u32 i = 0; i < rig.port->stats.count; i++)
		if (!strcmp(rig.port->stats.name[i], name))
			return rig.port->stats.value[i];
	return 0;
}

/* Of all good frames: Intel's one register, the XL710's of unicast, vmxnet3's of unicast. */
static u64 good(bool out)
{
	return out ? statistic("GPTC") + statistic("UPTC") + statistic("ucastPktsTxOK")
		   : statistic("GPRC") + statistic("UPRC") + statistic("ucastPktsRxOK");
}

static void run(struct nicsim_dev *dev)
{
	for (u64 bursts = 1; v.made < want && !v.wrong; bursts++) {
		u32 n = bursts % FLOOD_EVERY == FLOOD_EVERY / 2 ? FLOOD : BURST;

		for (u32 i = 0; i < n && v.made < want; i++)
			generate(dev);
		while (forward())
			;
		pass_time(bursts);
	}
	/* the last counts: a step reads a few registers */
	for (u32 i = 0; i < 300; i++) {
		forward();
		rig.now += 10000000;
		rig_tick();
		rig.port->ops->step(rig.port, rig.now);
	}
}

static void test_volume(void **state)
{
	struct timespec a, b;
	struct nicsim_dev *dev;
	struct port_nic_counters c;
	double seconds;
	u64 dropped;

	(void)state;
	chip_begin(0, false);
	dev = model_nicsim_dev(rig.model);
	nicsim_wire_destroy(dev->wire);
	dev->wire = NULL;
	assert_true(nicsim_wire_function(dev, sink, NULL));
	flows_make();
	clock_gettime(CLOCK_MONOTONIC, &a);
	run(dev);
	clock_gettime(CLOCK_MONOTONIC, &b);
	seconds = (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec);
	c = rig_nic();
	dropped = c.rx_missed + c.rx_nobuf;
	for (u32 i = 0; i < FLOWS; i++)
		v.gaps += v.next[i] - v.seen[i];
	print_message(
		"%s: %llu frames of %u..%u bytes offered, %llu came, %llu dropped by the NIC; "
		"%.1f s, %.2f Mpps\n",
		chip.name, (unsigned long long)v.made, SHORTEST, LONGEST,
		(unsigned long long)v.came, (unsigned long long)dropped, seconds,
		(double)v.made / seconds / 1e6);
	if (v.wrong)
		fail_msg("%s (%llu such)", v.why, (unsigned long long)v.wrong);
	assert_int_equal(v.made, v.came + dropped);
	assert_int_equal(v.gaps, dropped);
	assert_int_equal(good(true), v.came);
	assert_int_equal(c.rx_nobuf + c.bad_descriptor + c.resets + c.tx_errors, 0);
	for (u32 i = 0; i <= LONGEST / 64; i++)
		assert_true(i == 0 || sizes_seen[i] > 0);
	if (want > (u64)FLOOD_EVERY * BURST)
		assert_true(dropped > 0);
	print_message("counted by the chip: %llu in, %llu out; refused by it: %llu\n",
		      (unsigned long long)good(false), (unsigned long long)good(true),
		      (unsigned long long)v.refused);
	mq_end();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_volume) };

	if (argc > 1)
		want = strtoull(argv[1], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
