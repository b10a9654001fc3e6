// SPDX-License-Identifier: MIT
/*
 * The IPv4 and IPv6 tables as a whole: bytes, and the time to load them from empty. Time is CPU
 * time of this thread; each round starts from a table that does not exist.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tools/bench/cases.h"
#include "tools/bench/fib4.h"
#include "tools/bench/fib6.h"

enum { MIB = 1 << 20 };

static struct series one(double v)
{
	struct series s = { 0 };

	series_add(&s, v);
	return s;
}

/* Retired objects go when the QGM has passed the epoch. */
static u64 settled(struct hosted *h)
{
	for (u32 i = 0; i < 8; i++) {
		hosted_settle(h);
		tables_reclaim();
	}
	return arena_used();
}

void case_fib_memory(void)
{
	struct hosted h;
	struct routes r;
	struct peer_lpm *l4;
	struct peer_lpm6 *l6;
	struct series a, b;
	const struct fib *f;
	const struct fib6 *f6;
	char note[160];
	u64 before;

	routes_load(&r, true, true);
	hosted_tables(&h, 512);
	peer_start(options.core, 1000, NULL);
	before = settled(&h);
	f = fib4_publish(r.v4, r.n4);
	a = one((double)fib_bytes(f) / MIB);
	l4 = fib4_peer(PEER_FIB_2B_SCALAR, &r);
	if (!l4)
		report_cannot("rte_fib");
	b = one((double)peer_lpm_table_bytes(l4) / MIB);
	snprintf(note, sizeof(note),
		 "what lookups read; with the writer's books PIX %.1f (arena grew %.1f), peer %.1f",
		 (double)(fib_bytes(f) + fib_heap_bytes(f)) / MIB,
		 (double)(settled(&h) - before) / MIB, (double)peer_lpm_bytes(l4) / MIB);
	report_series("fib-memory/v4", "MiB", &a, "rte_fib 2B", &b, 0.2, note);
	before = settled(&h);
	f6 = fib6_publish_mapped(r.v6, r.n6, NULL);
	a = one((double)fib6_bytes(f6) / MIB);
	l6 = fib6_peer(PEER_FIB6_SCALAR, &r);
	if (!l6)
		report_cannot("rte_fib6");
	b = one((double)peer_lpm6_table_bytes(l6) / MIB);
	snprintf(note, sizeof(note),
		 "what lookups read; with the writer's books PIX %.1f (arena grew %.1f), peer %.1f",
		 (double)(fib6_bytes(f6) + fib6_heap_bytes(f6)) / MIB,
		 (double)(settled(&h) - before) / MIB, (double)peer_lpm6_bytes(l6) / MIB);
	report_series("fib-memory/v6", "MiB", &a, "rte_fib6 4B", &b, 0.2, note);
}

static double seconds_pix(const struct routes *r)
{
	struct hosted h;
	u64 t0;

	hosted_tables(&h, 512);
	t0 = measure_cpu_ns();
	fib4_publish(r->v4, r->n4);
	return (double)(measure_cpu_ns() - t0) / 1e9;
}

static double seconds_peer(enum peer_lpm_kind kind, const struct routes *r)
{
	u64 t0 = measure_cpu_ns();
	struct peer_lpm *l = fib4_peer_new(kind, r);
	double s = (double)(measure_cpu_ns() - t0) / 1e9;

	if (!l)
		report_cannot("%s", peer_lpm_name(kind));
	if (kind == PEER_LPM)
		fib4_keep_lpm(l, r);
	peer_lpm_free(l);
	return s;
}

void case_fib4_load(void)
{
	struct series pix = { 0 }, peer = { 0 };
	struct routes r;
	struct naive *t;

	routes_load(&r, true, false);
	t = naive_make(&r);
	full4.keys = keys_make4(&r, t, KEYS_UNIFORM, 43);
	peer_start(options.core, 1200, NULL);
	for (u32 i = 0; i <= options.rounds; i++) {
		double a = seconds_pix(&r), b = seconds_peer(PEER_FIB_2B_SCALAR, &r);

		if (!i) /* warm-up */
			continue;
		series_add(&pix, a);
		series_add(&peer, b);
	}
	fib4_check_pix(t);
	report_series(
		"fib4-load", "s", &pix, "rte_fib 2B", &peer, 1.0,
		"1,069,950 routes as one batch, from empty; PIX with its memory zeroed before");
}

void case_fib4_load_lpm(void)
{
	struct series pix, peer;
	struct routes r;

	routes_load(&r, true, false);
	peer_start(options.core, 512, NULL);
	pix = one(seconds_pix(&r));
	peer = one(seconds_peer(PEER_LPM, &r));
	report_series("fib4-load-lpm", "s", &pix, "rte_lpm", &peer, 1.0, "once");
}
