// SPDX-License-Identifier: MIT
/*
 * qgm/re/paths: resilient hashing. Buckets are dealt by weight; who leaves moves only its own
 * flows, who comes takes no more than its share; then the same through transactions, links and
 * neighbours that do not answer, seen in the published group.
 */
#include "tests/unit/re/frames.h"

#include "qgm/re/paths.h"

/* --- dealing alone -----------------------------------------------------------------------------
 */

enum { BUCKETS = 1024 };

static u32 rnd(u32 n)
{
	return (u32)rand() % n;
}

static u32 share(const u16 *bucket, u32 n, u16 id)
{
	u32 held = 0;

	for (u32 i = 0; i < n; i++)
		held += bucket[i] == id;
	return held;
}

/* Every bucket has a member, every member its share but for rounding. */
static void dealt(const u16 *bucket, u32 n, const u16 *id, const u8 *weight, u32 members)
{
	u32 total = 0, sum = 0;

	for (u32 i = 0; i < members; i++)
		total += weight[i];
	for (u32 i = 0; i < members; i++) {
		u32 held = share(bucket, n, id[i]), due = n * weight[i] / total;

		sum += held;
		assert_in_range(held, due ? due - 1 : 0, due + 2);
	}
	assert_int_equal(sum, n);
}

static void removal_moves_its_own_only(void **state)
{
	(void)state;
	for (u32 round = 0; round < 400; round++) {
		u32 members = 2 + rnd(PIX_ROUTE_PATHS - 1), n = 64u << rnd(5), gone = rnd(members);
		u16 id[PIX_ROUTE_PATHS], bucket[BUCKETS] = { 0 }, was[BUCKETS], out;
		u8 weight[PIX_ROUTE_PATHS];

		for (u32 i = 0; i < members; i++) {
			id[i] = (u16)(100 + i);
			weight[i] = (u8)(round & 1 ? 1 : 1 + rnd(3));
		}
		paths_deal(bucket, n, id, weight, members);
		dealt(bucket, n, id, weight, members);
		memcpy(was, bucket, sizeof(was));
		out = id[gone];
		members--;
		id[gone] = id[members];
		weight[gone] = weight[members];
		paths_deal(bucket, n, id, weight, members);
		dealt(bucket, n, id, weight, members);
		for (u32 b = 0; b < n; b++) {
			assert_true(bucket[b] != out);
			if (was[b] != out)
				assert_int_equal(bucket[b], was[b]);
		}
	}
}

static void addition_takes_its_share_only(void **state)
{
	(void)state;
	for (u32 round = 0; round < 400; round++) {
		u32 members = 1 + rnd(PIX_ROUTE_PATHS - 1), n = 64u << rnd(5), moved = 0;
		u16 id[PIX_ROUTE_PATHS], bucket[BUCKETS] = { 0 }, was[BUCKETS];
		u8 weight[PIX_ROUTE_PATHS];

		for (u32 i = 0; i < members; i++) {
			id[i] = (u16)(100 + i);
			weight[i] = 1;
		}
		paths_deal(bucket, n, id, weight, members);
		memcpy(was, bucket, sizeof(was));
		id[members] = 7;
		weight[members++] = 1;
		paths_deal(bucket, n, id, weight, members);
		dealt(bucket, n, id, weight, members);
		for (u32 b = 0; b < n; b++) {
			moved += bucket[b] != was[b];
			if (bucket[b] != was[b])
				assert_int_equal(bucket[b], 7);
		}
		assert_true(moved <= n / members + 1);
	}
}

/* The planted bug moves flows of members that stay: what the checks above look at. */
static void planted_shuffle(void **state)
{
	u16 id[] = { 100, 101, 102 }, bucket[64] = { 0 }, was[64];
	u8 weight[] = { 1, 1, 1 };
	u32 moved = 0;

	(void)state;
	paths_deal(bucket, 64, id, weight, 3);
	memcpy(was, bucket, sizeof(was));
	paths_plant_shuffle(true);
	paths_deal(bucket, 64, id, weight, 2);
	paths_plant_shuffle(false);
	for (u32 b = 0; b < 64; b++)
		moved += was[b] != 102 && bucket[b] != was[b];
	assert_true(moved > 0);
}

/* --- in the tables -----------------------------------------------------------------------------
 */

enum { PORTS_USED = 4 };

static int setup(void **state)
{
	(void)state;
	fake_start();
	for (u16 i = 1; i <= PORTS_USED; i++)
		fake_txn(&(struct pix_op){ 0 }, 0);
	for (u16 i = 1; i <= PORTS_USED; i++) {
		struct pix_op op = op_if(i, IP(10, 0, i, 1), 24);

		fake_txn(&op, 1);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_stop();
	return 0;
}

/* A path of 20.0.0.0/8 through 10.0.<i>.<host>. */
static struct pix_op path(u16 i, u8 host)
{
	struct pix_op op = op_route(IP(20, 0, 0, 0), 8, IP(10, 0, i, host));

	op.route.flags = PIX_ROUTE_PATH;
	return op;
}

static const struct nh_group *group(void)
{
	const struct tables *t = tables_current();
	u32 id = fib_lookup(t->fib[0], IP(20, 1, 1, 1));
	const struct adjacency *adj = id ? nh_get(t->nh, id) : NULL;

	return adj && adj->kind == NH_GROUP ? adj->group : NULL;
}

static u32 group_id(void)
{
	return fib_lookup(tables_current()->fib[0], IP(20, 1, 1, 1));
}

/* Gateway of bucket b, and a copy of all. */
static u32 gateway(const struct nh_group *g, u32 b)
{
	const struct adjacency *adj = nh_get(tables_current()->nh, g->bucket[b]);

	assert_int_equal(adj->kind, NH_FORWARD);
	return pix_ip_to4(adj->gateway);
}

struct picture {
	u32 n, gw[NH_BUCKETS_MAX];
};

static void take(struct picture *p)
{
	const struct nh_group *g = group();

	assert_non_null(g);
	p->n = g->mask + 1;
	for (u32 b = 0; b < p->n; b++)
		p->gw[b] = gateway(g, b);
}

static u32 held(const struct picture *p, u32 gw)
{
	u32 n = 0;

	for (u32 b = 0; b < p->n; b++)
		n += p->gw[b] == gw;
	return n;
}

/* From `a` to `b` only the flows of `gone` moved (any flow: the arrays may differ in size). */
static void only_of(const struct picture *a, const struct picture *b, u32 gone)
{
	for (u32 hash = 0; hash < NH_BUCKETS_MAX; hash++) {
		u32 from = a->gw[hash & (a->n - 1)], to = b->gw[hash & (b->n - 1)];

		assert_true(to != gone);
		if (from != gone)
			assert_int_equal(to, from);
	}
}

static void same(const struct picture *a, const struct picture *b)
{
	assert_int_equal(a->n, b->n);
	assert_memory_equal(a->gw, b->gw, a->n * sizeof(a->gw[0]));
}

static struct picture before, after;

static void paths_come_and_go(void **state)
{
	struct pix_op ops[] = { path(1, 9), path(2, 9), path(3, 9), path(4, 9) }, op;

	(void)state;
	fake_txn(ops, 4);
	take(&before);
	assert_true(before.n >= 64);
	for (u16 i = 1; i <= 4; i++)
		assert_int_equal(held(&before, IP(10, 0, i, 9)), before.n / 4);
	/* one path taken out: its flows move, no others */
	op = path(3, 9);
	op.kind = PIX_OP_ROUTE_DEL;
	fake_txn(&op, 1);
	take(&after);
	only_of(&before, &after, IP(10, 0, 3, 9));
	/* the same set again, written out: nothing moves (one change, not four) */
	ops[0].route.flags = 0;
	ops[2] = ops[3];
	before = after;
	fake_txn(ops, 3);
	take(&after);
	same(&before, &after);
	/* all but one: a route of a single path has no group */
	ops[0] = path(1, 9);
	ops[0].route.flags = 0;
	fake_txn(ops, 1);
	assert_null(group());
	assert_int_equal(group_id() != 0, 1);
}

/* A link goes: the members behind it leave in that epoch, under the group's own id. */
static void links(void **state)
{
	struct pix_op ops[] = { path(1, 9), path(2, 9), path(3, 9) };
	struct picture first;
	u64 epoch;
	u32 id;

	(void)state;
	fake_txn(ops, 3);
	take(&before);
	first = before;
	id = group_id();
	assert_int_equal(control_link(2, false, &epoch), 0);
	fake_grace();
	take(&after);
	only_of(&before, &after, IP(10, 0, 2, 9));
	assert_int_equal(group_id(), id);
	before = after;
	assert_int_equal(control_link(3, false, &epoch), 0);
	fake_grace();
	take(&after);
	only_of(&before, &after, IP(10, 0, 3, 9));
	assert_int_equal(held(&after, IP(10, 0, 1, 9)), after.n);
	assert_int_equal(group_id(), id); /* no FIB entry was touched */
	/* the last one: the route is not usable; then all come back */
	assert_int_equal(control_link(1, false, &epoch), 0);
	fake_grace();
	assert_int_equal(group_id(), 0);
	assert_int_equal(nh_get(tables_current()->nh, id)->kind, NH_NONE);
	for (u16 i = 1; i <= 3; i++)
		assert_int_equal(control_link(i, true, &epoch), 0);
	fake_grace();
	take(&after);
	for (u16 i = 1; i <= 3; i++)
		assert_in_range(held(&after, IP(10, 0, i, 9)), after.n / 3, after.n / 3 + 1);
	assert_int_equal(first.n, after.n);
}

/* A gateway that does not answer gets no flows while others do; it is listed for arpd. */
static void silent_gateways(void **state)
{
	struct pix_op ops[] = { path(1, 9), path(2, 9), op_neigh(1, IP(10, 0, 1, 9), 1),
				op_neigh(2, IP(10, 0, 2, 9), 2) };
	struct pix_op fail = op_neigh(2, IP(10, 0, 2, 9), 0);
	struct pix_neigh list[4];
	u32 total;

	(void)state;
	fake_txn(ops, 4);
	take(&before);
	assert_int_equal(control_list_gateways(0, list, 4, &total), 0);
	fail.kind = PIX_OP_NEIGH_FAIL;
	fake_txn(&fail, 1);
	take(&after);
	only_of(&before, &after, IP(10, 0, 2, 9));
	assert_int_equal(control_list_gateways(0, list, 4, &total), 1);
	assert_int_equal(list[0].state, PIX_NEIGH_FAILED);
	assert_int_equal(list[0].ifid, 2);
	assert_int_equal(pix_ip_to4(list[0].addr), IP(10, 0, 2, 9));
	/* nobody answers: all take part again, so that packets can ask */
	fail.neigh.ifid = 1;
	fail.neigh.addr = pix_ip4(IP(10, 0, 1, 9));
	fake_txn(&fail, 1);
	take(&after);
	assert_int_equal(held(&after, IP(10, 0, 2, 9)), after.n / 2);
	fake_txn(&ops[3], 1);
	take(&after);
	assert_int_equal(held(&after, IP(10, 0, 2, 9)), after.n);
	fake_txn(&ops[2], 1);
	take(&after);
	assert_int_equal(held(&after, IP(10, 0, 2, 9)), after.n / 2);
}

static void weights(void **state)
{
	struct pix_op ops[] = { path(1, 9), path(2, 9) };

	(void)state;
	ops[1].route.weight = 3;
	fake_txn(ops, 2);
	take(&before);
	assert_int_equal(held(&before, IP(10, 0, 1, 9)), before.n / 4);
	assert_int_equal(held(&before, IP(10, 0, 2, 9)), before.n * 3 / 4);
	ops[1].route.weight = 1; /* the same path: its weight alone changes */
	fake_txn(&ops[1], 1);
	take(&after);
	assert_int_equal(held(&after, IP(10, 0, 1, 9)), after.n / 2);
	for (u32 b = 0; b < before.n; b++)
		if (before.gw[b] == IP(10, 0, 1, 9))
			assert_int_equal(after.gw[b], IP(10, 0, 1, 9));
}

static void many_paths(void **state)
{
	struct pix_op ops[PIX_ROUTE_PATHS + 1];
	struct pix_route r[64];
	u32 total, failed, n, seen = 0;
	u64 epoch;

	(void)state;
	for (u32 i = 0; i <= PIX_ROUTE_PATHS; i++)
		ops[i] = path((u16)(1 + i % 4), (u8)(10 + i));
	assert_int_equal(control_txn(ops, PIX_ROUTE_PATHS + 1, 0, &epoch, &failed), -28);
	assert_int_equal(failed, PIX_ROUTE_PATHS);
	assert_string_equal(control_why(), "a route has at most 16 paths");
	assert_int_equal(group_id(), 0);
	fake_txn(ops, PIX_ROUTE_PATHS);
	take(&before);
	for (u32 i = 0; i < PIX_ROUTE_PATHS; i++)
		assert_int_equal(held(&before, IP(10, 0, 1 + i % 4, 10 + i)),
				 before.n / PIX_ROUTE_PATHS);
	n = fake_routes(r, 64, &total);
	assert_int_equal(n, total);
	for (u32 i = 0; i < n; i++) {
		if (r[i].proto != PIX_ROUTE_STATIC)
			continue;
		assert_int_equal(r[i].paths, PIX_ROUTE_PATHS);
		assert_int_equal(r[i].path, seen);
		assert_int_equal(r[i].active, 1);
		seen++;
	}
	assert_int_equal(seen, PIX_ROUTE_PATHS);
	ops[0].route.gateway = pix_ip4(IP(10, 0, 9, 9));
	ops[0].kind = PIX_OP_ROUTE_DEL;
	assert_int_equal(control_txn(ops, 1, 0, &epoch, &failed), -2);
	assert_string_equal(control_why(), "the route has no such path");
}

/* Two routes with the same paths have one group; each allocation failing leaves both as they are.
 */
static void no_memory(void **state)
{
	struct pix_op ops[] = { path(1, 9), path(2, 9), path(3, 9) }, more[6];
	u32 id, failed;
	bool again = true;
	u64 epoch;

	(void)state;
	fake_txn(ops, 3);
	take(&before);
	id = group_id();
	for (u32 i = 0; i < 3; i++) {
		more[i] = ops[i];
		more[i].route.addr = pix_ip4(IP(30, 0, 0, 0));
		more[3 + i] = path((u16)(2 + i), 77);
	}
	for (long n = 0; again; n++) {
		long live = fake_live;
		int err;

		fake_failed = 0;
		fake_fail_after = n;
		err = control_txn(more, 6, 0, &epoch, &failed);
		again = fake_failed > 0;
		fake_fail_after = -1;
		if (!again) {
			assert_int_equal(err, 0);
			assert_true(n > 10);
			break;
		}
		assert_int_equal(err, -12);
		assert_int_equal(fake_live, live);
		assert_int_equal(group_id(), id);
		take(&after);
		same(&before, &after);
	}
	fake_grace();
	/* 30/8 has the first set and its id; 20/8 has six paths, and kept three sixths of its flows
	 */
	assert_int_equal(fib_lookup(tables_current()->fib[0], IP(30, 1, 1, 1)), id);
	assert_true(group_id() != id);
	take(&after);
	u32 kept = 0;

	for (u32 b = 0; b < after.n; b++)
		kept += after.gw[b] == before.gw[b & (before.n - 1)];
	assert_in_range(kept, after.n / 2 - 3, after.n / 2 + 3);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(removal_moves_its_own_only),
		cmocka_unit_test(addition_takes_its_share_only),
		cmocka_unit_test(planted_shuffle),
		T(paths_come_and_go),
		T(links),
		T(silent_gateways),
		T(weights),
		T(many_paths),
		T(no_memory),
	};

	printf("seed 2992\n");
	srand(2992);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
