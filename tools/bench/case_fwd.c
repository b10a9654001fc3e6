// SPDX-License-Identifier: MIT
/*
 * Forwarding between null ports with the smallest duty, a swap of the MAC addresses: the whole turn
 * of a QGM (pool, Rx, parse, hook, output, Tx, reclaim, counters, conservation, port steps,
 * commands, quiescent point) against the loop of dpdk-testpmd over net_null.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench/cases.h"
#include "tools/bench/hosted.h"
#include "tools/bench/macswap.h"
#include "tools/bench/peer/peer.h"

enum { MEMORY_MB = 128 };

static u8 frame[2048] __cacheline;
static struct null_frame template = { frame, 60 };

static u64 run_qgm(void *arg, u64 packets)
{
	struct qgm *q = arg;
	u64 start = q->c->tx, end = start + packets;

	while (q->c->tx < end)
		qgm_turn(q);
	return q->c->tx - start;
}

static void make_frame(void)
{
	for (u32 i = 0; i < sizeof(frame); i++)
		frame[i] = (u8)i;
	memcpy(frame, (const u8[]){ 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0 }, 14);
}

/* All buffers of the pool get the frame. */
static void fill_pool(struct qgm *q)
{
	static struct packet *p[65536];
	u32 n = 0, got;

	while (n + BURST_MAX <= ARRAY_SIZE(p) && (got = pool_get(q->pc, p + n, BURST_MAX)) > 0) {
		for (u32 i = 0; i < got; i++)
			memcpy(p[n + i]->data, frame, sizeof(frame) - PACKET_HEADROOM);
		n += got;
	}
	for (u32 i = 0; i < n; i += BURST_MAX)
		pool_put(q->pc, p + i, MIN(n - i, (u32)BURST_MAX));
}

struct fwd {
	u16 len;
	bool copy;
	u32 burst;
};

/* With `copy` port 1 copies what comes in and what goes out, as net_null with copy=1 does, and port
 * 2 nothing: each packet is copied once. */
static void generate(struct hosted *h, const struct fwd *f)
{
	template.len = f->len;
	null_port_generate_bare(h->port[2], f->len, ~0ull, f->burst);
	if (f->copy)
		null_port_generate(h->port[1], &template, 1, ~0ull, f->burst);
	else
		null_port_generate_bare(h->port[1], f->len, ~0ull, f->burst);
	null_port_read_sent(h->port[1], f->copy);
}

static void make(struct hosted *h, u32 nqgm, u32 nports, enum pages pages)
{
	make_frame();
	hosted_make(h, MEMORY_MB, nqgm, nports, pages);
	hosted_bind(h, PIX_IF_L2, false);
	fill_pool(h->q[0]);
	stage_hook_bind(HOOK_INGRESS, macswap_hook);
}

static void stop(struct hosted *h)
{
	for (u32 i = 1; i <= h->nports; i++)
		null_port_generate_bare(h->port[i], 0, 0, 1);
	hosted_settle(h);
	hosted_check(h, 0);
}

/* PIX on one core against testpmd's loop, one burst size. */
static void one_core(const char *bench, struct fwd f, double target, const char *peer_name,
		     struct peer_fwd *peer)
{
	struct hosted h;
	char note[200];

	make(&h, 1, 2, PAGES_BEST);
	macswap_way[1] = 2;
	macswap_way[2] = 1;
	generate(&h, &f);
	snprintf(note, sizeof(note), "burst %u, two null ports, %u bytes%s; PIX in %s", f.burst,
		 f.len + 4u, f.copy ? ", payload copied once" : "", h.pages);
	report_sides(&(struct report){ bench, "Mpps", REPORT_RATE, 1, target, note },
		     (struct side[]){ { "pix", run_qgm, h.q[0], { 0 } },
				      { peer_name, peer_fwd_run, peer, { 0 } } },
		     2);
	stop(&h);
}

void case_null_fwd_64(void)
{
	const char *vdevs[] = { "net_null0,size=60,copy=0", "net_null1,size=60,copy=0", NULL };

	peer_start(options.core, 128, vdevs);
	one_core("null-fwd-64/burst32", (struct fwd){ 60, false, 32 }, 1.5, "testpmd macswap",
		 peer_fwd_create(0, 1, 32, PEER_FWD_MACSWAP));
	one_core("null-fwd-64/burst64", (struct fwd){ 60, false, 64 }, 1.5, "testpmd macswap",
		 peer_fwd_create(0, 1, 64, PEER_FWD_MACSWAP));
}

void case_null_fwd_copy(void)
{
	/* Frames go 0 -> 1 and 1 -> 0: with copy=1 on one side each is copied once. */
	const char *vdevs[] = { "net_null0,size=60,copy=1", "net_null1,size=60,copy=0", NULL };

	peer_start(options.core, 128, vdevs);
	one_core("null-fwd-64-copy", (struct fwd){ 60, true, 32 }, 1.5, "testpmd macswap",
		 peer_fwd_create(0, 1, 32, PEER_FWD_MACSWAP));
}

void case_null_fwd_1500(void)
{
	const char *vdevs[] = { "net_null0,size=1500,copy=1", "net_null1,size=1500,copy=0", NULL };

	peer_start(options.core, 128, vdevs);
	one_core("null-fwd-1500", (struct fwd){ 1500, true, 32 }, 1.2, "testpmd macswap",
		 peer_fwd_create(0, 1, 32, PEER_FWD_MACSWAP));
}

/* --- huge pages versus 4 KiB ----------------------------------------------------------------- */

void case_pages(void)
{
	struct hosted h;
	struct series s[2] = { 0 };
	struct fwd f = { 60, true, 32 };

	/* One engine a process: in turns, each made anew for its round. */
	for (u32 r = 0; r < 2 * options.rounds; r++) {
		struct side side = { "pix", NULL, NULL, { 0 } };
		u32 rounds = options.rounds;

		make(&h, 1, 2, r & 1 ? PAGES_4K : PAGES_BEST);
		macswap_way[1] = 2;
		macswap_way[2] = 1;
		generate(&h, &f);
		side = (struct side){ "pix", run_qgm, h.q[0], { 0 } };
		options.rounds = 5;
		measure_sides(&side, 1);
		options.rounds = rounds;
		stop(&h);
		series_add(&s[r & 1], measure_tsc_ghz() * 1e3 / series_median(&side.cycles));
	}
	report_series("huge-pages", "Mpps", &s[0], "PIX in 4 KiB pages", &s[1], 0,
		      "null-fwd-64-copy in 2 MiB pages : in 4 KiB pages");
}
