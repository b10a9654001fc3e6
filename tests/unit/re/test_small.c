// SPDX-License-Identifier: MIT
/*
 * Tables as large as the Internet's in a data-plane region of 96 MiB (plan.h): what its arena is
 * given, and that 1,000,000 IPv4 and 200,000 IPv6 routes go into it, with lengths as in those
 * tables. The image's own arena, epochs and pools.
 */
#include "tests/unit/unit.h"

#include "qgm/arena.h"
#include "qgm/control.h"
#include "qgm/plan.h"
#include "qgm/re/fib.h"
#include "qgm/re/fib6.h"
#include "qgm/re/nexthop.h"
#include "tools/host/world.h"

enum { ROUTES4 = 1000000, ROUTES6 = 200000, REGION = 96 << 20 };

static struct world w;
static u64 seed = 4711;

static u64 rnd(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1dull;
}

static void plans(void **state)
{
	struct qgm_plan p;

	(void)state;
	qgm_plan(96ull << 20, 1, 2, 2, &p);
	assert_int_equal(p.arena_bytes, 32 << 20);
	assert_true(p.pool_count >= 2 * 2048 + 4096);
	/* too small for such a table: the shares stay */
	qgm_plan(32ull << 20, 1, 2, 2, &p);
	assert_in_range(p.arena_bytes, 3 << 20, 4 << 20);
	/* buffers for many queues come first */
	qgm_plan(96ull << 20, 4, 6, 24, &p);
	assert_in_range(p.arena_bytes, 11 << 20, 12 << 20);
	/* large enough anyway */
	qgm_plan(1ull << 30, 1, 2, 2, &p);
	assert_in_range(p.arena_bytes, 127 << 20, 128 << 20);
	/* whatever the size, all of it together fits */
	for (u64 mib = 8; mib <= 2048; mib += 8) {
		qgm_plan(mib << 20, 2, 4, 8, &p);
		assert_true(p.arena_bytes + (u64)p.pool_count * (2048 + 160) +
				    (u64)p.jumbo_count * (10240 + 160) <=
			    (mib << 20) * 7 / 8);
	}
}

/* One transaction; QGMs go on, so that the tables before it are freed. */
static void txn(struct pix_op *ops, u32 n)
{
	u64 epoch;
	u32 failed;
	int r = control_txn(ops, n, 0, &epoch, &failed);

	if (r)
		fail_msg("control_txn: %d at operation %u, arena %llu of %llu KiB", r, failed,
			 (unsigned long long)arena_used() >> 10,
			 (unsigned long long)arena_size() >> 10);
	world_turn(&w);
	tables_reclaim();
}

/* Prefix number i: all over the place, which is harder on the FIB than the Internet's. */
static u64 mixed(u32 i)
{
	u64 h = (i + 1) * 0x9e3779b97f4a7c15ull;

	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ull;
	return h ^ h >> 27;
}

static struct pix_route route4(u32 i)
{
	static const u8 len[] = { 24, 24, 24, 24, 24, 24, 22, 22, 23, 23, 21, 20, 24, 24, 24, 24 };
	u8 l = len[i & 15];
	u32 at = 0x14000000 + (u32)(mixed(i) >> 34);

	return (struct pix_route){
		.addr = pix_ip4(at >> (32 - l) << (32 - l)),
		.len = l,
		.proto = PIX_ROUTE_BGP,
		.gateway = pix_ip4(0x0a000164 + (u32)(rnd() >> 61)),
	};
}

static struct pix_route route6(u32 i)
{
	static const u8 len[] = { 48, 48, 48, 48, 44, 40, 36, 32 };
	u8 l = len[i & 7];
	u64 at = 0x2400000000000000ull | mixed(i) >> 8;

	return (struct pix_route){
		.addr = { at >> (64 - l) << (64 - l), 0 },
		.len = l,
		.proto = PIX_ROUTE_BGP,
		.gateway = { 0x20010db800010000ull, 0x100 + (rnd() >> 61) },
	};
}

static void load(struct pix_route (*route)(u32), u32 n)
{
	static struct pix_op ops[PIX_TXN_MAX];

	for (u32 i = 0; i < n;) {
		u32 k = 0;

		for (; k < PIX_TXN_MAX && i < n; k++, i++)
			ops[k] = (struct pix_op){ .kind = PIX_OP_ROUTE_ADD, .route = route(i) };
		txn(ops, k);
	}
}

static void full_tables(void **state)
{
	struct pix_op op = { .kind = PIX_OP_IF_SET };
	const struct tables *t;
	struct pix_table sizes[4];
	u32 total;

	(void)state;
	host_reset();
	world_make(&w, REGION, 1, 2);
	op.iface = (struct pix_iface){ .id = 1, .mode = PIX_IF_L3, .up = 1, .v6 = 1 };
	op.iface.addr[0] = (struct pix_addr){ .ip = pix_ip4(0x0a000101), .len = 24 };
	op.iface.addr[1] = (struct pix_addr){ .ip = { 0x20010db800010000ull, 1 }, .len = 64 };
	op.iface.addr_count = 2;
	txn(&op, 1);
	load(route4, ROUTES4);
	load(route6, ROUTES6);
	t = tables_current();
	for (u32 i = 0; i < ROUTES4; i += 1001)
		assert_true(fib_lookup(t->fib[0], pix_ip_to4(route4(i).addr)) >= NH_ID_FIRST);
	for (u32 i = 0; i < ROUTES6; i += 1001)
		assert_true(fib6_lookup(t->fib6[0], route6(i).addr) >= NH_ID_FIRST);
	assert_int_equal(control_list_tables(0, sizes, 4, &total), 2);
	printf("%llu + %llu prefixes: %llu KiB of an arena of %llu\n",
	       (unsigned long long)sizes[0].prefixes, (unsigned long long)sizes[1].prefixes,
	       (unsigned long long)arena_used() >> 10, (unsigned long long)arena_size() >> 10);
	assert_true(sizes[0].prefixes > 600000 && sizes[1].prefixes > 100000);
	assert_null(world_law(&w));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans),
		cmocka_unit_test(full_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
