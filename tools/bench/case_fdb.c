// SPDX-License-Identifier: MIT
/*
 * Bulk lookups of 32 stations (bridge, VID, MAC address) in a table of 65,536 and of a million,
 * against rte_hash_lookup_bulk_data with keys of the same 8 bytes. One key in 16 is unknown. All
 * answers are checked first.
 */
#include <stdio.h>
#include <stdlib.h>

#include "qgm/fe/fdb.h"
#include "tools/bench/cases.h"
#include "tools/bench/hosted.h"
#include "tools/bench/peer/peer.h"
#include "tools/bench/routes.h"

enum { BULK = 32 };

static struct fdb *fdb;
static u64 *keys;  /* KEYS of them */
static u16 *wants; /* interface of each, 0 unknown */

static u64 run_pix(void *arg, u64 n)
{
	static u32 at;
	u16 out[BULK];
	u64 done = 0;

	(void)arg;
	for (; done < n; done += BULK) {
		fdb_lookup_bulk(fdb, keys + at, out, BULK, false);
		__asm__ volatile("" : : "r"(out) : "memory");
		at = (at + BULK) % KEYS;
	}
	return done;
}

static u64 run_peer(void *arg, u64 n)
{
	static u32 at;
	u32 out[BULK];
	u64 done = 0;

	for (; done < n; done += BULK) {
		peer_hash_lookup(arg, keys + at, out, BULK);
		__asm__ volatile("" : : "r"(out) : "memory");
		at = (at + BULK) % KEYS;
	}
	return done;
}

static u64 station(u32 i)
{
	u64 h = (i + 1) * 0x9e3779b97f4a7c15ull;
	u8 mac[6] = {
		2, (u8)(h >> 56), (u8)(h >> 48), (u8)(h >> 40), (u8)(h >> 32), (u8)(h >> 24)
	};

	return fdb_key(1, 1 + i % 4094, mac);
}

static void check(struct peer_hash *peer)
{
	u32 theirs[BULK];
	u16 ours[BULK];

	for (u32 i = 0; i < KEYS; i += BULK) {
		fdb_lookup_bulk(fdb, keys + i, ours, BULK, false);
		peer_hash_lookup(peer, keys + i, theirs, BULK);
		for (u32 k = 0; k < BULK; k++) {
			u32 want = wants[i + k];

			if (ours[k] != want || theirs[k] != (want ? want : UINT32_MAX))
				report_wrong("fdb: key %u: interface %u, peer %u, right is %u",
					     i + k, ours[k], theirs[k], want);
		}
	}
}

static void run(const char *bench, u32 stations)
{
	struct peer_hash *peer;
	u64 seed = 11;
	u32 buckets = 2, lost = 0;
	char note[200];
	u16 *has;

	memory_engine(256 << 20, PAGES_BEST, NULL);
	peer_start(options.core, 512, NULL);
	while (buckets * 4 < stations)
		buckets *= 2;
	fdb = fdb_create(buckets, 0);
	peer = peer_hash_create(2 * stations);
	keys = malloc(KEYS * sizeof(*keys));
	wants = malloc(KEYS * sizeof(*wants));
	has = calloc(stations, sizeof(*has));
	if (!fdb || !keys || !wants || !has)
		report_cannot("fdb: out of memory");
	for (u32 i = 0; i < stations; i++) {
		u16 to = (u16)(1 + i % 500);

		/* A full pair of buckets: not learned, and so unknown to the peer, too. */
		if (!fdb_learn(fdb, station(i), to, NULL, false)) {
			lost++;
			continue;
		}
		has[i] = to;
		if (!peer_hash_add(peer, station(i), to))
			report_cannot("rte_hash: full");
	}
	if (lost > stations / 1000)
		report_wrong("fdb: %u of %u stations found no room", lost, stations);
	for (u32 i = 0; i < KEYS; i++) {
		u32 s = (u32)(rng_next(&seed) % stations);
		bool known = rng_next(&seed) % 16;

		keys[i] = station(known ? s : stations + s);
		wants[i] = known ? has[s] : 0;
	}
	check(peer);
	snprintf(note, sizeof(note),
		 "%u stations in %u buckets, %u without room, bulk 32, 1 of 16 "
		 "unknown",
		 stations, buckets, lost);
	report_sides(&(struct report){ bench, "cycles", REPORT_CYCLES, 1, 0.5, note },
		     (struct side[]){ { "pix", run_pix, NULL, { 0 } },
				      { "rte_hash bulk", run_peer, peer, { 0 } } },
		     2);
}

void case_fdb_64k(void)
{
	run("fdb-64k", 65536);
}

void case_fdb_1m(void)
{
	run("fdb-1m", 1000000);
}
