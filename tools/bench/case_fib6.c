// SPDX-License-Identifier: MIT
/*
 * IPv6 longest-prefix match with the full table: bursts of 32 lookups by two sets of keys. Before
 * anything is timed, each side's answers to all keys are compared with the naive table's.
 */
#include "tools/bench/fib6.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qgm/re/errno.h"
#include "tools/bench/cases.h"

enum { BURST = 32, TBL8 = 160000 };

struct fib6_full full6;

static void wire_of(struct pix_ip a, u8 *out)
{
	u64 hi = __builtin_bswap64(a.hi), lo = __builtin_bswap64(a.lo);

	memcpy(out, &hi, 8);
	memcpy(out + 8, &lo, 8);
}

static void make_wire(void)
{
	u8(*w)[16] = malloc(KEYS * sizeof(*w));

	if (!w)
		report_cannot("out of memory");
	for (u32 i = 0; i < KEYS; i++)
		wire_of(full6.keys[i], w[i]);
	full6.wire = (const uint8_t(*)[16])w;
}

static u64 pix_bursts(void *arg, u64 lookups)
{
	const struct fib6 *f = full6.fib;
	u32 nh[BURST];
	static u32 at;

	(void)arg;
	for (u64 done = 0; done < lookups; done += BURST) {
		fib6_lookup_burst(f, full6.keys + at, nh, BURST);
		__asm__ volatile("" : : "r"(nh) : "memory");
		at = (at + BURST) % KEYS;
	}
	return (lookups + BURST - 1) / BURST * BURST;
}

static u64 peer_bursts(void *arg, u64 lookups)
{
	const struct peer_lpm6 *l = arg;
	static u32 at;

	peer_lpm6_select(l);
	for (u64 done = 0; done < lookups; done += BURST) {
		peer_lpm6_burst(l, full6.wire + at, BURST);
		at = (at + BURST) % KEYS;
	}
	return (lookups + BURST - 1) / BURST * BURST;
}

static void check_pix(const struct naive *t)
{
	u32 nh[BURST];

	for (u32 i = 0; i < KEYS; i += BURST) {
		fib6_lookup_burst(full6.fib, full6.keys + i, nh, BURST);
		for (u32 k = 0; k < BURST; k++) {
			struct pix_ip a = full6.keys[i + k];
			u32 want = naive_lookup6(t, a);

			if (nh[k] != want || fib6_lookup(full6.fib, a) != want)
				report_wrong("fib6: %016lx%016lx: next hop %u, naive table says %u",
					     a.hi, a.lo, nh[k], want);
		}
	}
}

void fib6_check_peer(const struct naive *t, const struct peer_lpm6 *l, const char *name)
{
	u32 nh[BURST];

	if (!full6.wire)
		make_wire();
	peer_lpm6_select(l);
	for (u32 i = 0; i < KEYS; i += BURST) {
		peer_lpm6_lookup(l, full6.wire + i, nh, BURST);
		for (u32 k = 0; k < BURST; k++) {
			u32 want = naive_lookup6(t, full6.keys[i + k]);

			if (nh[k] != want)
				report_wrong("%s: key %u: next hop %u, naive table says %u", name,
					     i + k, nh[k], want);
		}
	}
}

/* One try: 0, or the error that it was aborted for. */
static int publish(const struct route6 *v, u32 n, const u32 *id)
{
	struct fib6_batch *b;
	struct txn t;
	int err = txn_begin(&t);

	if (err)
		return err;
	b = txn_fib6(&t, 0);
	err = b ? 0 : -ENOMEM;
	for (u32 i = 0; !err && i < n; i++)
		err = v[i].nh ? fib6_add(b, v[i].addr, v[i].len, id ? id[v[i].nh] : v[i].nh)
			      : fib6_del(b, v[i].addr, v[i].len);
	if (err)
		txn_abort(&t);
	else
		txn_commit(&t);
	return err;
}

/* No memory: a reader that does not run holds what was retired; wait for it, as a writer does. */
const struct fib6 *fib6_publish_mapped(const struct route6 *v, u32 n, const u32 *id)
{
	int err;

	for (u32 i = 0; (err = publish(v, n, id)) == -ENOMEM && i < 10000; i++) {
		usleep(100);
		tables_reclaim();
	}
	if (err)
		report_cannot("fib6: a batch of %u: error %d", n, err);
	return tables_current()->fib6[0];
}

struct peer_lpm6 *fib6_peer(enum peer_lpm6_kind kind, const struct routes *r)
{
	struct peer_lpm6 *l = peer_lpm6_create(kind, r->n6 + 4096, TBL8);
	u8 wire[16];

	for (u32 i = 0; l && i < r->n6; i++) {
		wire_of(r->v6[i].addr, wire);
		if (!peer_lpm6_add(l, wire, r->v6[i].len, r->v6[i].nh))
			report_cannot("%s: route %u", peer_lpm6_name(kind), i);
	}
	return l;
}

static void run(enum keys_kind kind, const char *bench, double target)
{
	struct side s[1 + PEER_LPM6_KINDS];
	struct peer_lpm6 *l, *base = NULL;
	struct hosted h;
	struct routes r;
	struct naive *t;
	char note[160];
	u32 n = 1;

	routes_load(&r, false, true);
	t = naive_make(&r);
	full6.keys = keys_make6(&r, kind, 42 + kind);
	hosted_tables(&h, 512);
	full6.fib = fib6_publish_mapped(r.v6, r.n6, NULL);
	check_pix(t);
	peer_start(options.core, 1900, NULL);
	s[0] = (struct side){ .name = "pix", .run = pix_bursts };
	for (u32 k = 0; k < PEER_LPM6_KINDS; k++) {
		l = k == PEER_FIB6_AVX512 ? (base ? peer_lpm6_alias(base, k) : NULL)
					  : fib6_peer(k, &r);
		if (k == PEER_FIB6_SCALAR)
			base = l;
		if (!l) {
			report_say("%s does not run here", peer_lpm6_name(k));
			continue;
		}
		fib6_check_peer(t, l, peer_lpm6_name(k));
		s[n++] = (struct side){ .name = peer_lpm6_name(k), .run = peer_bursts, .arg = l };
	}
	naive_free(t);
	snprintf(note, sizeof(note), "%u routes, keys %s, seed %u, %d keys checked; %s", r.n6,
		 keys_name(kind), 42u + kind, KEYS, h.pages);
	report_sides(&(struct report){ bench, "Mlookup/s", REPORT_RATE, 1, target, note }, s, n);
}

void case_fib6_uniform(void)
{
	run(KEYS_UNIFORM, "fib6-uniform", 1.5);
}

void case_fib6_zipf(void)
{
	run(KEYS_ZIPF, "fib6-zipf", 1.2);
}
