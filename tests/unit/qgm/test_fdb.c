// SPDX-License-Identifier: MIT
/* qgm/fe/fdb.c, qgm/parse.c, qgm/steer.c: stations, headers, hashes. */
#include "tests/unit/unit.h"

#include "qgm/core.h"
#include "qgm/cpu.h"
#include "qgm/fe/fdb.h"
#include "tools/host/host.h"

static u64 seed = 0x2545f4914f6cdd1dull;

static u64 rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static u64 key_of(u32 n)
{
	u8 mac[6] = { 2, 0, (u8)(n >> 24), (u8)(n >> 16), (u8)(n >> 8), (u8)n };

	return fdb_key(n % 31 + 1, n % 4095, mac);
}

static bool keep_all(void *arg, u64 key, u16 ifid, u32 idle_s)
{
	(void)key;
	(void)ifid;
	return idle_s < *(u32 *)arg;
}

static void learn_lookup_move(void **state)
{
	struct fdb *f;

	(void)state;
	host_reset();
	assert_null(fdb_create(100, 0));
	f = fdb_create(128, 0);
	for (u32 i = 0; i < 400; i++) {
		assert_int_equal(fdb_lookup(f, key_of(i), true), 0);
		assert_true(fdb_learn(f, key_of(i), (u16)(1 + i % 511), NULL, false));
	}
	assert_int_equal(f->count, 400);
	for (u32 i = 0; i < 400; i++)
		assert_int_equal(fdb_lookup(f, key_of(i), false), 1 + i % 511);
	/* Same address in another bridge is another station. */
	assert_int_equal(fdb_lookup(f, key_of(5) ^ 1ull << 48, false), 0);
	for (u32 i = 0; i < 400; i++)
		assert_true(fdb_learn(f, key_of(i), 7, NULL, false));
	assert_int_equal(f->count, 400);
	for (u32 i = 0; i < 400; i++)
		assert_int_equal(fdb_lookup(f, key_of(i), false), 7);
	fdb_learn(f, key_of(1), 9, NULL, true); /* planted: stays where it was */
	assert_int_equal(fdb_lookup(f, key_of(1), false), 7);
}

/* A flood of addresses: learning stops when buckets are full, who is known stays known. */
static void full(void **state)
{
	struct fdb *f;
	u32 learned = 0, known = 0;

	(void)state;
	host_reset();
	f = fdb_create(128, 0);
	for (u32 i = 0; i < 600; i++)
		known += fdb_learn(f, key_of(i), 3, NULL, false);
	assert_true(known > 580); /* two choices fill well: 600 of 768 */
	for (u32 i = 1000; i < 100000; i++)
		learned += fdb_learn(f, key_of(i), 4, NULL, false);
	assert_int_equal(known + learned, f->count);
	assert_true(f->count <= 768 && f->count > 740);
	assert_true(f->full > 90000);
	for (u32 i = 0; i < 600; i++)
		known -= fdb_lookup(f, key_of(i), false) == 3;
	assert_int_equal(known, 0);
}

static void ageing(void **state)
{
	struct fdb *f;
	u32 limit = 10, total;

	(void)state;
	host_reset();
	f = fdb_create(128, 0);
	fdb_sweep(f, 0, ~0u, 100, keep_all, &limit);
	for (u32 i = 0; i < 100; i++)
		fdb_learn(f, key_of(i), 1, NULL, false);
	for (u64 s = 101; s < 109; s++) {
		for (u32 i = 0; i < 50; i++) /* the first half keeps talking */
			assert_int_equal(fdb_lookup(f, key_of(i), true), 1);
		for (u32 i = 50; i < 100; i++) /* the others are only talked to */
			assert_int_equal(fdb_lookup(f, key_of(i), false), 1);
		assert_int_equal(fdb_sweep(f, 0, ~0u, s, keep_all, &limit), 0);
	}
	assert_int_equal(f->count, 100);
	fdb_sweep(f, 0, ~0u, 112, keep_all, &limit);
	assert_int_equal(f->count, 50);
	for (u32 i = 0; i < 100; i++)
		assert_int_equal(fdb_lookup(f, key_of(i), false), i < 50);
	fdb_sweep(f, 0, ~0u, 500, keep_all, &limit);
	assert_int_equal(f->count, 0);
	(void)total;
	/* In pieces: every bucket once. */
	fdb_learn(f, key_of(1), 1, NULL, false);
	u32 at = 0, calls = 0;
	do {
		at = fdb_sweep(f, at, 10, 501, keep_all, &limit);
		calls++;
	} while (at);
	assert_int_equal(calls, 13);
}

/* A bucket whose owner stopped in the middle of a change: unknown, not for ever. */
static void odd_version(void **state)
{
	struct fdb *f;

	(void)state;
	host_reset();
	f = fdb_create(128, 0);
	fdb_learn(f, key_of(1), 5, NULL, false);
	for (u32 i = 0; i < 128; i++)
		f->bucket[i].version |= 1;
	assert_int_equal(fdb_lookup(f, key_of(1), false), 0);
	for (u32 i = 0; i < 128; i++)
		f->bucket[i].version++;
	assert_int_equal(fdb_lookup(f, key_of(1), false), 5);
}

/*
 * Random learning, moving, forgetting, one by one and in bulk, against a plain array; by each of
 * the wide forms that this CPU has. Never the wrong answer; a station is missing only if learning
 * said so.
 */
enum { MANY = 2000 };

struct truth {
	u16 ifid[MANY]; /* 0: not there */
	u32 count;
};

static bool keep_odd(void *arg, u64 key, u16 ifid, u32 idle_s)
{
	struct truth *t = arg;
	u32 n = 0;

	(void)idle_s;
	while (key_of(n) != key)
		n++;
	assert_int_equal(t->ifid[n], ifid);
	assert_int_equal(fdb_key_bridge(key), n % 31 + 1);
	assert_int_equal(fdb_key_vid(key), n % 4095);
	if (rnd() % 4)
		return true;
	t->ifid[n] = 0;
	t->count--;
	return false;
}

static void check_bulk(struct fdb *f, const struct truth *t)
{
	u64 key[150] = { 0 };
	u16 ifid[150];
	u32 id[150], n = (u32)rnd() % 151;

	for (u32 i = 0; i < n; i++) {
		id[i] = (u32)rnd() % MANY;
		key[i] = key_of(id[i]);
	}
	fdb_lookup_bulk(f, key, ifid, n, rnd() & 1);
	for (u32 i = 0; i < n; i++)
		assert_int_equal(ifid[i], t->ifid[id[i]]);
}

static void fuzz(void **state)
{
	static struct truth t;
	u32 refused = 0, sum = 0;

	cpu_wide_limit(*(u32 *)*state);
	host_reset();
	memset(&t, 0, sizeof(t));
	struct fdb *f = fdb_create(256, 0);

	for (u32 i = 0; i < 60000; i++) {
		u32 n = (u32)rnd() % MANY;
		u16 ifid = (u16)(1 + rnd() % 511);

		if (fdb_learn(f, key_of(n), ifid, NULL, false)) {
			t.count += !t.ifid[n];
			t.ifid[n] = ifid;
		} else {
			assert_int_equal(t.ifid[n], 0); /* who is known stays */
			assert_true(t.count > 256 * FDB_WAYS * 3 / 4);
			refused++;
		}
		assert_int_equal(f->count, t.count);
		if (i % 16 == 0)
			check_bulk(f, &t);
		n = (u32)rnd() % MANY;
		assert_int_equal(fdb_lookup(f, key_of(n), i & 1), t.ifid[n]);
		if (i % 3000 == 2999)
			fdb_sweep(f, 0, ~0u, i, keep_odd, &t);
	}
	assert_true(refused > 0);
	assert_int_equal(f->full, refused);
	for (u32 i = 0; i < IFACE_MAX; i++)
		sum += f->by_iface[i];
	assert_int_equal(sum, t.count);
	for (u32 i = 0; i < BRIDGE_MAX; i++)
		sum -= f->by_bridge[i];
	assert_int_equal(sum, 0);
	cpu_wide_limit(~0u);
}

/* A port's map against a list of what was put in. */
static void vlan_maps(void **state)
{
	static struct {
		u16 outer, inner, ifid;
	} sub[448];
	u32 mask;

	(void)state;
	for (u32 round = 0; round < 50; round++) {
		u32 n = (u32)rnd() % 449, inners = 0, vids = 1 + (u32)rnd() % 40;

		for (u32 i = 0; i < n; i++) {
			sub[i].outer = (u16)(1 + rnd() % vids * 100);
			sub[i].inner = rnd() % 4 ? (u16)(1 + rnd() % 4094) : 0;
			sub[i].ifid = (u16)(64 + i);
			inners += sub[i].inner != 0;
		}
		struct vlan_map *m = calloc(1, vlan_map_bytes(inners, &mask));

		m->inner_mask = mask;
		for (u32 i = 0; i < n; i++)
			vlan_map_add(m, sub[i].outer, sub[i].inner, sub[i].ifid);
		for (u32 k = 0; k < 20000; k++) {
			u32 pick = n ? (u32)rnd() % n : 0, tags = 1 + (k & 1);
			u16 outer = n && k % 3 ? sub[pick].outer : (u16)(rnd() % 4096);
			u16 inner = n && k % 5 ? sub[pick].inner : (u16)(rnd() % 4096);
			u16 want = 0, exact = 0;

			for (u32 i = 0; i < n; i++) {
				if (sub[i].outer != outer)
					continue;
				if (!sub[i].inner)
					want = sub[i].ifid; /* of two the later */
				else if (tags == 2 && sub[i].inner == inner)
					exact = sub[i].ifid;
			}
			assert_int_equal(vlan_map_find(m, tags, outer | 0x6000u, inner | 0x2000u),
					 exact ? exact : want);
		}
		free(m);
	}
}

/* --- parse and steer -----------------------------------------------------------------------------
 */

static u8 bytes[256];

static u32 hash(u32 len, u32 l3)
{
	struct packet p = { .data = bytes, .len = (u16)len, .l3_off = (u16)l3 };

	return flow_hash(&p);
}

static void ipv4(u8 proto, u32 src, u32 dst, u16 sport, u16 dport, u16 frag)
{
	static const u8 head[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 60 };

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, head, sizeof(head));
	bytes[20] = (u8)(frag >> 8);
	bytes[21] = (u8)frag;
	bytes[23] = proto;
	for (u32 i = 0; i < 4; i++) {
		bytes[26 + i] = (u8)(src >> (24 - 8 * i));
		bytes[30 + i] = (u8)(dst >> (24 - 8 * i));
	}
	bytes[34] = (u8)(sport >> 8);
	bytes[35] = (u8)sport;
	bytes[36] = (u8)(dport >> 8);
	bytes[37] = (u8)dport;
}

static void symmetric(void **state)
{
	u32 spread[64] = { 0 };

	(void)state;
	for (u32 i = 0; i < 20000; i++) {
		u32 a = (u32)rnd(), b = (u32)rnd(), there;
		u16 s = (u16)rnd(), d = (u16)rnd();
		u8 proto = (u8[]){ 6, 17, 132, 1, 50 }[i % 5];

		ipv4(proto, a, b, s, d, 0);
		there = hash(74, 14);
		ipv4(proto, b, a, d, s, 0);
		assert_int_equal(hash(74, 14), there);
		assert_int_not_equal(there, 0);
		spread[there & 63]++;
		/* All fragments of a datagram agree, whatever bytes stand where the ports were. */
		ipv4(proto, a, b, s, d, 0x2000);
		there = hash(74, 14);
		ipv4(proto, a, b, (u16)~s, (u16)~d, 0x00b9);
		assert_int_equal(hash(74, 14), there);
	}
	for (u32 i = 0; i < 64; i++)
		assert_in_range(spread[i], 230, 400); /* 312 each */
	/* Neighbouring addresses and ports spread as well. */
	memset(spread, 0, sizeof(spread));
	for (u32 i = 0; i < 6400; i++) {
		ipv4(17, 0x0a000001 + i % 80, 0x0a010001, (u16)(1000 + i / 80), 53, 0);
		spread[hash(74, 14) & 63]++;
	}
	for (u32 i = 0; i < 64; i++)
		assert_in_range(spread[i], 50, 160);
}

/* Random bytes of every length in a block of exactly that length: no read beyond it. */
static void random_bytes(void **state)
{
	(void)state;
	for (u32 i = 0; i < 200000; i++) {
		u32 len = 14 + (u32)rnd() % 60;
		u8 *exact = malloc(len);
		struct packet p = { .data = exact, .len = (u16)len, .l3_off = 14 };

		for (u32 k = 0; k < len; k++)
			exact[k] = (u8)rnd();
		if (i & 1) {
			exact[12] = 8;
			exact[13] = 0;
			if (len > 14)
				exact[14] = (u8)(0x40 | (rnd() & 15));
		}
		assert_int_not_equal(flow_hash(&p), 0);
		free(exact);
	}
}

static u32 plain, avx2 = CPU_AVX2, all = ~0u;

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(learn_lookup_move),
		cmocka_unit_test(full),
		cmocka_unit_test(ageing),
		cmocka_unit_test(odd_version),
		cmocka_unit_test_prestate(fuzz, &plain),
		cmocka_unit_test_prestate(fuzz, &avx2),
		cmocka_unit_test_prestate(fuzz, &all),
		cmocka_unit_test(vlan_maps),
		cmocka_unit_test(symmetric),
		cmocka_unit_test(random_bytes),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	host_reset();
	return r;
}
