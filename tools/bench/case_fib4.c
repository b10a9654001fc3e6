// SPDX-License-Identifier: MIT
/*
 * IPv4 longest-prefix match with the full table: bursts of 32 lookups by four sets of keys,
 * dependent lookups, memory, load from empty. Before anything is timed, each side's answers to all
 * keys are compared with the naive table's.
 */
#include "tools/bench/fib4.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "qgm/re/errno.h"
#include "tools/bench/cases.h"
#include "tools/bench/peer/peer.h"

enum { BURST = 32, CHAIN = 1024 };

struct fib4 full4;

/* --- the sides ------------------------------------------------------------------------------- */

static u64 pix_bursts(void *arg, u64 lookups)
{
	const struct fib *f = full4.fib;
	u32 nh[BURST];
	static u32 at;

	(void)arg;
	for (u64 done = 0; done < lookups; done += BURST) {
		fib_lookup_burst(f, full4.keys + at, nh, BURST);
		__asm__ volatile("" : : "r"(nh) : "memory");
		at = (at + BURST) % KEYS;
	}
	return (lookups + BURST - 1) / BURST * BURST;
}

static u64 peer_bursts(void *arg, u64 lookups)
{
	const struct peer_lpm *l = arg;
	static u32 at;

	peer_lpm_select(l);
	for (u64 done = 0; done < lookups; done += BURST) {
		peer_lpm_burst(l, full4.keys + at, BURST);
		at = (at + BURST) % KEYS;
	}
	return (lookups + BURST - 1) / BURST * BURST;
}

static u64 pix_chain(void *arg, u64 lookups)
{
	u32 last = 0;
	static u32 at;
	u64 n = (lookups + CHAIN - 1) / CHAIN * CHAIN;

	(void)arg;
	for (u64 i = 0; i < n; i++) {
		last = fib_lookup(full4.fib, full4.keys[at] + (last >> 24));
		at = (at + 1) % KEYS;
	}
	__asm__ volatile("" : : "r"(last));
	return n;
}

static u64 peer_chain(void *arg, u64 lookups)
{
	const struct peer_lpm *l = arg;
	static u32 at;
	u64 n = (lookups + CHAIN - 1) / CHAIN * CHAIN;

	peer_lpm_select(l);
	for (u64 i = 0; i < n; i += CHAIN) {
		peer_lpm_chain(l, full4.keys + at, CHAIN);
		at = (at + CHAIN) % KEYS;
	}
	return n;
}

/* --- correctness ----------------------------------------------------------------------------- */

void fib4_check_pix(const struct naive *t)
{
	u32 nh[BURST];

	full4.fib = tables_current()->fib[0];
	for (u32 i = 0; i < KEYS; i += BURST) {
		fib_lookup_burst(full4.fib, full4.keys + i, nh, BURST);
		for (u32 k = 0; k < BURST; k++) {
			u32 want = naive_lookup4(t, full4.keys[i + k]);

			if (nh[k] != want || fib_lookup(full4.fib, full4.keys[i + k]) != want)
				report_wrong("fib4: %08x: next hop %u, naive table says %u",
					     full4.keys[i + k], nh[k], want);
		}
	}
}

void fib4_check_peer(const struct naive *t, const struct peer_lpm *l, const char *name)
{
	u32 nh[BURST];

	peer_lpm_select(l);
	for (u32 i = 0; i < KEYS; i += BURST) {
		peer_lpm_lookup(l, full4.keys + i, nh, BURST);
		for (u32 k = 0; k < BURST; k++) {
			u32 want = naive_lookup4(t, full4.keys[i + k]);

			if (nh[k] != want)
				report_wrong("%s: %08x: next hop %u, naive table says %u", name,
					     full4.keys[i + k], nh[k], want);
		}
	}
}

/* --- tables ---------------------------------------------------------------------------------- */

void fib4_load(struct hosted *h, const struct routes *r)
{
	u64 before = arena_used();

	full4.fib = fib4_publish(r->v4, r->n4);
	for (u32 i = 0; i < 4; i++)
		hosted_settle(h);
	tables_reclaim();
	full4.bytes = arena_used() - before;
	if (getenv("BENCH_PLANT")) { /* the check of the answers must see it */
		struct route4 wrong = { full4.keys ? full4.keys[KEYS / 2] : r->v4[0].addr, 32,
					200 };

		full4.fib = fib4_publish(&wrong, 1);
	}
}

const struct fib *fib4_publish(const struct route4 *v, u32 n)
{
	return fib4_publish_mapped(v, n, NULL);
}

/* One try: 0, or the error that it was aborted for. */
static int publish(const struct route4 *v, u32 n, const u32 *id)
{
	struct fib_batch *b;
	struct txn t;
	int err = txn_begin(&t);

	if (err)
		return err;
	b = txn_fib(&t, 0);
	err = b ? 0 : -ENOMEM;
	for (u32 i = 0; !err && i < n; i++)
		err = v[i].nh ? fib_add(b, v[i].addr, v[i].len, id ? id[v[i].nh] : v[i].nh)
			      : fib_del(b, v[i].addr, v[i].len);
	if (err)
		txn_abort(&t);
	else
		txn_commit(&t);
	return err;
}

/* No memory: a reader that does not run holds what was retired; wait for it, as a writer does. */
const struct fib *fib4_publish_mapped(const struct route4 *v, u32 n, const u32 *id)
{
	int err;

	for (u32 i = 0; (err = publish(v, n, id)) == -ENOMEM && i < 10000; i++) {
		usleep(100);
		tables_reclaim();
	}
	if (err)
		report_cannot("fib: a batch of %u: error %d", n, err);
	return tables_current()->fib[0];
}

struct peer_lpm *fib4_peer_new(enum peer_lpm_kind kind, const struct routes *r)
{
	struct peer_lpm *l = peer_lpm_create(kind, r->n4 + 4096);

	for (u32 i = 0; l && i < r->n4; i++) {
		if (!peer_lpm_add(l, r->v4[i].addr, r->v4[i].len, r->v4[i].nh))
			report_cannot("%s: route %u", peer_lpm_name(kind), i);
	}
	return l;
}

/* FNV-1a of the routes. */
static u64 routes_key(const struct routes *r)
{
	u64 key = 0xcbf29ce484222325ull;

	for (u32 i = 0; i < r->n4; i++) {
		u64 v = (u64)r->v4[i].addr << 16 | (u64)r->v4[i].len << 8 | r->v4[i].nh;

		key = (key ^ v) * 0x100000001b3ull;
	}
	return key;
}

static const char *lpm_file(void)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/rte_lpm.tables", options.outdir);
	return path;
}

bool fib4_keep_lpm(const struct peer_lpm *l, const struct routes *r)
{
	return peer_lpm_save(l, lpm_file(), routes_key(r));
}

struct peer_lpm *fib4_peer(enum peer_lpm_kind kind, const struct routes *r)
{
	struct peer_lpm *l;

	if (kind != PEER_LPM)
		return fib4_peer_new(kind, r);
	l = peer_lpm_create(kind, r->n4 + 4096);
	if (l && peer_lpm_load(l, lpm_file(), routes_key(r)))
		return l;
	if (l)
		peer_lpm_free(l);
	report_say("rte_lpm takes minutes to load; its table is kept in %s", lpm_file());
	l = fib4_peer_new(kind, r);
	if (l && !fib4_keep_lpm(l, r))
		report_say("%s cannot be written", lpm_file());
	return l;
}

/* PIX and every form of the peer over one set of keys. rte_lpm's table takes minutes to build and
 * its lookups are those of rte_fib 4B without the wide code: it is in the full set only. */
static u32 make_sides(struct side *s, const struct naive *t, const struct routes *r, bool chain)
{
	bench_fn fn = chain ? peer_chain : peer_bursts;
	struct peer_lpm *base = NULL;
	u32 n = 1;

	s[0] = (struct side){ .name = "pix", .run = chain ? pix_chain : pix_bursts };
	for (u32 kind = 0; kind < PEER_LPM_KINDS; kind++) {
		bool wide = kind == PEER_FIB_2B_AVX512 || kind == PEER_FIB_4B_AVX512;
		struct peer_lpm *l;

		if (kind == PEER_LPM && !options.full)
			continue;
		if (wide && chain) /* one address at a time is the scalar code */
			continue;
		l = wide ? (base ? peer_lpm_alias(base, kind) : NULL) : fib4_peer(kind, r);
		base = wide ? NULL : l;
		if (!l) {
			report_say("%s does not run here", peer_lpm_name(kind));
			continue;
		}
		fib4_check_peer(t, l, peer_lpm_name(kind));
		s[n++] = (struct side){ .name = peer_lpm_name(kind), .run = fn, .arg = l };
	}
	return n;
}

static void run(enum keys_kind kind, const char *bench, double target, bool chain)
{
	struct side s[1 + PEER_LPM_KINDS];
	struct hosted h;
	struct routes r;
	struct naive *t;
	char note[160];
	u32 n;

	routes_load(&r, true, false);
	t = naive_make(&r);
	full4.keys = keys_make4(&r, t, kind, 42 + kind);
	hosted_tables(&h, 512);
	fib4_load(&h, &r);
	fib4_check_pix(t);
	peer_start(options.core, 1400, NULL);
	n = make_sides(s, t, &r, chain);
	naive_free(t);
	snprintf(note, sizeof(note), "%u routes, keys %s, seed %u, %d keys checked; %s", r.n4,
		 keys_name(kind), 42u + kind, KEYS, h.pages);
	report_sides(&(struct report){ bench, chain ? "cycles" : "Mlookup/s",
				       chain ? REPORT_CYCLES : REPORT_RATE, 1, target, note },
		     s, n);
}

void case_fib4_random(void)
{
	run(KEYS_RANDOM, "fib4-random", 2.5, false);
}

void case_fib4_uniform(void)
{
	run(KEYS_UNIFORM, "fib4-uniform", 1.5, false);
}

void case_fib4_zipf(void)
{
	run(KEYS_ZIPF, "fib4-zipf", 1.0, false);
}

void case_fib4_hot(void)
{
	run(KEYS_HOT, "fib4-hot", 1.0, false);
}

void case_fib4_latency(void)
{
	run(KEYS_UNIFORM, "fib4-latency", 1.0, true);
}
