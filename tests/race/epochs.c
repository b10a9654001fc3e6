// SPDX-License-Identifier: MIT
/*
 * Tables and FDB: a writer replaces what readers look at. QGMs turn, nap and wake on threads of
 * their own; an ingress hook reads objects of the root of the turn. Freed memory is filled with a
 * pattern, which a reader without grace period sees, and ThreadSanitizer too.
 */
#include "tests/race/race.h"

#include <sched.h>
#include <stdio.h>

#include "qgm/fe/fdb.h"
#include "qgm/stages.h"
#include "tools/host/world.h"

enum { COMMITS = 8000, READERS = 2, STATIONS = 64 };

static struct world w;
static bool stop;
static u32 wrong;
static u64 looks;

/* A burst as an engine would use it: many looks at one root. */
static u32 look(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	(void)q;
	(void)p;
	for (u32 i = 0; i < 64; i++) {
		const struct iface *ifc = t->iface[1 + i % 4];

		/* The writer gives all four interfaces the same MTU in each epoch. */
		if (ifc && ifc->mtu != t->iface[1]->mtu)
			fetch_add_relaxed(&wrong, 1);
	}
	fetch_add_relaxed(&looks, 1);
	return n;
}

static u32 source(struct memport *m, u8 *data, u32 room)
{
	(void)m;
	(void)room;
	__builtin_memset(data, 0, 60);
	data[6] = 2;
	data[12] = 0x08;
	return 60;
}

static void *reader(void *arg)
{
	struct qgm *q = arg;
	u64 deadline;

	for (u32 i = 0; !load_relaxed(&stop); i++) {
		qgm_turn(q);
		if (i % 64 == 0) {
			if (qgm_sleep_begin(q, &deadline))
				sched_yield();
			qgm_sleep_end(q);
		}
	}
	return NULL;
}

static void *writer(void *arg)
{
	(void)arg;
	for (u32 n = 0; n < COMMITS; n++) {
		struct tables *draft = tables_begin();

		for (u16 i = 1; i <= 4; i++) {
			struct iface want = { .id = i,
					      .port = i,
					      .kind = IFACE_PORT,
					      .mode = IFACE_MODE_L2,
					      .bridge = (u16)(1 + n % 2),
					      .mtu = (u16)(1000 + n % 500),
					      .up = true };

			if (iface_set(draft, &want))
				fetch_add_relaxed(&wrong, 1);
		}
		tables_commit(draft);
		while (tables_pending() > 200 && !tables_reclaim())
			sched_yield();
	}
	store_relaxed(&stop, true);
	return NULL;
}

int race_tables(void)
{
	struct race_thread t[READERS + 1];

	world_make(&w, 32ull << 20, READERS, 4);
	stage_hook_bind(HOOK_INGRESS, look);
	for (u16 i = 1; i <= 4; i++) {
		world_bridge(&w, i, 1);
		w.m[i]->source = source;
	}
	for (u32 i = 0; i < READERS; i++)
		t[i] = (struct race_thread){ reader, w.q[i] };
	t[READERS] = (struct race_thread){ writer, NULL };
	race_threads(t, READERS + 1);
	stage_hook_bind(HOOK_INGRESS, NULL);
	printf("%lu bursts looked, %u wrong\n", looks, wrong);
	return wrong || looks < COMMITS / 8 ? 2 : 0;
}

/*
 * --- FDB: stations move, come and go, are moved from bucket to bucket to make room; readers see
 * where one was or is, or nothing, and never where another one is ----------------------------
 */

enum { FDB_STATIONS = 600, FDB_BUCKETS = 128, FDB_BULK = 64 };

static struct fdb *fdb;

static u64 station(u32 i)
{
	const u8 mac[6] = { 2, 0, 0, 0, (u8)(i >> 8), (u8)i };

	return fdb_key(1 + i % 3, 7, mac);
}

/* Interfaces that a station is ever on tell which it is. */
static bool plausible(u32 i, u16 ifid)
{
	return !ifid || ifid == 1 + i % 250 || ifid == 251 + i % 250;
}

static void *fdb_reader(void *arg)
{
	u64 seed = 88172645463325252ull + (u64)(uintptr_t)arg, key[FDB_BULK], seen = 0;
	u16 ifid[FDB_BULK];
	u32 id[FDB_BULK];

	while (!load_relaxed(&stop)) {
		for (u32 k = 0; k < FDB_BULK; k++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			id[k] = (u32)seed % FDB_STATIONS;
			key[k] = station(id[k]);
		}
		if (seed & 1)
			fdb_lookup_bulk(fdb, key, ifid, FDB_BULK, seed & 2);
		for (u32 k = 0; k < FDB_BULK; k++) {
			if (!(seed & 1))
				ifid[k] = fdb_lookup(fdb, key[k], seed & 2);
			seen += ifid[k] != 0;
			if (!plausible(id[k], ifid[k]))
				fetch_add_relaxed(&wrong, 1);
		}
	}
	fetch_add_relaxed(&looks, seen);
	return NULL;
}

static bool keep_some(void *arg, u64 key, u16 ifid, u32 idle_s)
{
	(void)idle_s;
	return (key >> 40 ^ ifid ^ *(u32 *)arg) % 3;
}

static void *fdb_owner(void *arg)
{
	(void)arg;
	for (u32 n = 0; n < 300000; n++) {
		u32 i = (u32)(n * 0x9e3779b1u >> 8) % FDB_STATIONS;

		fdb_learn(fdb, station(i), (u16)((n >> 9 & 1 ? 1 : 251) + i % 250), NULL, false);
		if (n % 200 == 0)
			fdb_sweep(fdb, n / 200 % FDB_BUCKETS, 16, n / 5000, keep_some, &n);
	}
	store_relaxed(&stop, true);
	return NULL;
}

int race_fdb(void)
{
	const struct race_thread t[] = { { fdb_reader, NULL },
					 { fdb_reader, (void *)1 },
					 { fdb_owner, NULL } };

	fdb = fdb_create(FDB_BUCKETS, 0);
	race_threads(t, 3);
	printf("%lu found, %u wrong\n", looks, wrong);
	return wrong || looks < 10000 ? 2 : 0;
}
