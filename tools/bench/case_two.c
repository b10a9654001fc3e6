// SPDX-License-Identifier: MIT
/*
 * Two cores: two QGMs with two null ports each against two threads of testpmd's loop; and the same
 * packets run to completion on both against a pipeline of receiver and worker.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "tools/bench/cases.h"
#include "tools/bench/hosted.h"
#include "tools/bench/macswap.h"
#include "tools/bench/peer/peer.h"

enum { CHUNK = 1 << 15, CHUNKS_MAX = 4096, FLOW_AT = 22 };

struct worker {
	bench_fn run;
	void *arg;
	unsigned core;
	bool peer;
	double cycles; /* out: median of CPU cycles a packet over the chunks */
};

static bool stop_all;
static unsigned running;

static void *work(void *arg)
{
	struct worker *w = arg;
	double chunk[CHUNKS_MAX];
	u32 n = 0;

	measure_pin(w->core);
	if (w->peer)
		peer_thread();
	__atomic_fetch_add(&running, 1, __ATOMIC_SEQ_CST);
	while (!load_acquire(&stop_all)) {
		u64 t0 = measure_cpu_ns(), done = w->run(w->arg, CHUNK);

		if (n < CHUNKS_MAX)
			chunk[n++] =
				(double)(measure_cpu_ns() - t0) * measure_tsc_ghz() / (double)done;
	}
	w->cycles = stats_median(chunk, n);
	return NULL;
}

static void sleep_ms(u64 ms)
{
	struct timespec t = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

/* Both at once for a slice; the sum of their rates in Mpps. */
static double both(struct worker *w)
{
	pthread_t t[2];

	stop_all = false;
	running = 0;
	for (u32 i = 0; i < 2; i++)
		if (pthread_create(&t[i], NULL, work, &w[i]))
			report_cannot("no thread");
	while (load_acquire(&running) < 2)
		sleep_ms(1);
	sleep_ms(2 * options.slice_ms);
	store_release(&stop_all, true);
	for (u32 i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	return measure_tsc_ghz() * 1e3 * (1 / w[0].cycles + 1 / w[1].cycles);
}

static double alone(struct worker *w)
{
	pthread_t t;

	stop_all = false;
	running = 0;
	if (pthread_create(&t, NULL, work, w))
		report_cannot("no thread");
	sleep_ms(2 * options.slice_ms);
	store_release(&stop_all, true);
	pthread_join(t, NULL);
	return measure_tsc_ghz() * 1e3 / w->cycles;
}

static u64 run_qgm(void *arg, u64 packets)
{
	struct qgm *q = arg;
	u64 start = q->c->tx, end = start + packets;

	while (q->c->tx < end)
		qgm_turn(q);
	return q->c->tx - start;
}

static const u8 frame[CACHE_LINE] = {
	2,  0, 0, 0, 0, 2,  2,  0, 0, 0,   0,  1, 8, 0,   0x45, 0, 0,
	46, 0, 0, 0, 0, 64, 17, 0, 0, 198, 18, 0, 1, 198, 18,   0, 2
};

/* All buffers of the pool get the frame; the pool has fewer than these. */
static void fill_pool(struct qgm *q)
{
	static struct packet *p[65536];
	u32 n = 0, got;

	while (n + BURST_MAX <= ARRAY_SIZE(p) && (got = pool_get(q->pc, p + n, BURST_MAX)) > 0) {
		for (u32 i = 0; i < got; i++)
			memcpy(p[n + i]->data, frame, sizeof(frame));
		n += got;
	}
	for (u32 i = 0; i < n; i += BURST_MAX)
		pool_put(q->pc, p + i, MIN(n - i, (u32)BURST_MAX));
}

/* `port` 0: all that have no setting of their own. */
static void steer(u16 port, u16 mode)
{
	struct pix_op op;

	memset(&op, 0, sizeof(op));
	op.kind = PIX_OP_STEER_SET;
	op.steer.port = port;
	op.steer.mode = mode;
	if (mode == PIX_STEER_PIPELINE)
		op.steer.workers = 2;
	hosted_txn(&op, 1);
}

/* Ports 1 and 3 are QGM 0's, 2 and 4 QGM 1's. */
static void make(struct hosted *h)
{
	hosted_make(h, 128, 2, 4, PAGES_BEST);
	hosted_bind(h, PIX_IF_L2, false);
	steer(0, PIX_STEER_RTC);
	hosted_settle(h);
	fill_pool(h->q[0]);
	stage_hook_bind(HOOK_INGRESS, macswap_hook);
	macswap_way[1] = 3;
	macswap_way[3] = 1;
	macswap_way[2] = 4;
	macswap_way[4] = 2;
}

static void stop(struct hosted *h)
{
	for (u32 i = 1; i <= h->nports; i++)
		null_port_generate_bare(h->port[i], 0, 0, 1);
	hosted_settle(h);
}

void case_null_fwd_2core(void)
{
	const char *vdevs[] = { "net_null0,size=60,copy=0", "net_null1,size=60,copy=0",
				"net_null2,size=60,copy=0", "net_null3,size=60,copy=0", NULL };
	struct series rate[2] = { 0 }, scaling[2] = { 0 };
	struct worker w[2][2];
	struct hosted h;

	if (options.core == options.core2)
		report_cannot("two cores are needed");
	peer_start(options.core, 256, vdevs);
	make(&h);
	for (u32 i = 1; i <= 4; i++)
		null_port_generate_bare(h.port[i], 60, ~0ull, 32);
	for (u32 i = 0; i < 2; i++) {
		unsigned core = i ? options.core2 : options.core;

		w[0][i] = (struct worker){ run_qgm, h.q[i], core, false, 0 };
		w[1][i] = (struct worker){ peer_fwd_run,
					   peer_fwd_create(2 * i, 2 * i + 1, 32, PEER_FWD_MACSWAP),
					   core, true, 0 };
	}
	for (u32 r = 0; r <= options.rounds; r++) {
		for (u32 side = 0; side < 2; side++) {
			double one = alone(&w[side][0]), two = both(w[side]);

			if (!r) /* warm-up */
				continue;
			series_add(&rate[side], two);
			series_add(&scaling[side], two / one);
		}
	}
	stop(&h);
	hosted_check(&h, 0);
	report_series("null-fwd-2core", "Mpps", &rate[0], "testpmd macswap, 2 threads", &rate[1],
		      1.5, "two ports a core, burst 32; packets by CPU time of each thread");
	report_series("null-fwd-2core/scaling", "times one core", &scaling[0],
		      "testpmd macswap, 2 threads", &scaling[1], 1.0,
		      "both cores : one core alone");
}

/* --- run to completion against a pipeline ---------------------------------------------------- */

static void *turn_for_ever(void *arg)
{
	struct worker *w = arg;

	measure_pin(w->core);
	while (!load_acquire(&stop_all))
		qgm_turn(w->arg);
	return NULL;
}

/* Packets of one port through both cores; the best of the windows of 2 ms, since in most of them
 * somebody else has one of the two cores. */
static double windows(struct hosted *h)
{
	struct worker w[2] = { { NULL, h->q[0], options.core, false, 0 },
			       { NULL, h->q[1], options.core2, false, 0 } };
	double best = 0;
	pthread_t t[2];

	stop_all = false;
	for (u32 i = 0; i < 2; i++)
		if (pthread_create(&t[i], NULL, turn_for_ever, &w[i]))
			report_cannot("no thread");
	sleep_ms(20);
	for (u32 i = 0; i < options.slice_ms; i++) {
		u64 n0 = hosted_sent(h), t0 = measure_tsc();
		double rate;

		sleep_ms(2);
		rate = (double)(hosted_sent(h) - n0) / (double)(measure_tsc() - t0);
		if (rate > best)
			best = rate;
	}
	store_release(&stop_all, true);
	for (u32 i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	return best * measure_tsc_ghz() * 1e3;
}

static u8 flows[256][NULL_PATCH];

void case_pipeline(void)
{
	const struct null_frame template = { frame, 60 };
	struct series rtc = { 0 }, pipe = { 0 }, rtc2 = { 0 };
	struct hosted h;

	if (options.core == options.core2)
		report_cannot("two cores are needed");
	make(&h);
	for (u32 i = 0; i < ARRAY_SIZE(flows); i++) {
		memcpy(flows[i], frame + FLOW_AT, NULL_PATCH);
		flows[i][29 - FLOW_AT] = (u8)i; /* source address */
	}
	for (u32 r = 0; r <= options.rounds; r++) {
		for (u32 way = 0; way < 3; way++) {
			double rate;

			stop(&h);
			steer(1, way == 1 ? PIX_STEER_PIPELINE : PIX_STEER_RTC);
			hosted_settle(&h);
			null_port_generate_patched(h.port[1], &template, FLOW_AT,
						   (const u8(*)[NULL_PATCH])flows, 256, ~0ull, 32);
			if (way == 2)
				null_port_generate_patched(h.port[2], &template, FLOW_AT,
							   (const u8(*)[NULL_PATCH])flows, 256,
							   ~0ull, 32);
			rate = windows(&h);
			if (r)
				series_add(way == 0 ? &rtc : way == 1 ? &pipe : &rtc2, rate);
		}
	}
	stop(&h);
	report_series("pipeline", "Mpps", &pipe, "run to completion, one core", &rtc, 0,
		      "one port: receiver and worker on two cores : one core does all");
	report_series("pipeline/two-ports", "Mpps", &pipe, "run to completion, two cores", &rtc2, 0,
		      "the same two cores, each with a port of its own");
	report_point("pipeline", "\"one core\" %.2f", series_median(&rtc));
	report_point("pipeline", "\"pipeline\" %.2f", series_median(&pipe));
	report_point("pipeline", "\"two cores\" %.2f", series_median(&rtc2));
}
