// SPDX-License-Identifier: MIT
/* qgm/arena.c, qgm/tables.c, qgm/iface.c: the allocator, epochs and grace periods, drafts. */
#include "tests/unit/unit.h"

#include "qgm/arena.h"
#include "qgm/poison.h"
#include "tools/host/world.h"

static struct world w;

static int setup(void **state)
{
	(void)state;
	host_reset();
	world_make(&w, 32ull << 20, 2, 4);
	world_settle(&w, 3, 50);
	return 0;
}

static int setup_arena(void **state)
{
	(void)state;
	host_reset();
	return arena_init(1 << 20, 0);
}

static void arena_random(void **state)
{
	enum { N = 300 };
	static struct {
		u8 *p;
		size_t n;
	} a[N];
	unsigned seed = 5;
	u32 refused = 0;

	(void)state;
	for (u32 step = 0; step < 60000; step++) {
		u32 i = (u32)rand_r(&seed) % N;

		if (a[i].p) {
			for (size_t k = 0; k < a[i].n; k += 61)
				assert_int_equal(a[i].p[k], (u8)i);
			arena_free(a[i].p);
			a[i].p = NULL;
		} else {
			size_t align = (size_t)16 << rand_r(&seed) % 9; /* up to 4 KiB */

			a[i].n = 1 + (size_t)rand_r(&seed) % (rand_r(&seed) % 8 ? 600 : 40000);
			a[i].p = arena_alloc(a[i].n, align);
			if (!a[i].p) {
				refused++;
				continue;
			}
			assert_int_equal((u64)a[i].p & (align - 1), 0);
			assert_int_equal((u64)a[i].p & 63, 0);
			for (size_t k = 0; k < a[i].n; k++)
				assert_int_equal(a[i].p[k], 0);
			memset(a[i].p, (int)i, a[i].n);
		}
		if (step % 256 == 0)
			assert_true(arena_check());
	}
	for (u32 i = 0; i < N; i++)
		arena_free(a[i].p);
	assert_true(arena_check());
	assert_int_equal(arena_used(), 0);
	assert_true(refused > 0);                               /* it was full at times */
	assert_non_null(arena_alloc(arena_size() * 7 / 8, 64)); /* and is whole again */
}

static void arena_traps(void **state)
{
	void *p = arena_alloc(100, 64);

	(void)state;
	arena_free(NULL);
	arena_free(p);
	if (!host_panic_catch()) {
		arena_free(p);
		fail_msg("second free went unseen");
	}
	assert_null(arena_alloc(2 << 20, 64));
}

static u32 freed;

static void count_free(void *p)
{
	freed++;
	arena_free(p);
}

/* An object is freed when each running QGM has passed a quiescent point, and not before. */
static void grace_period(void **state)
{
	struct tables *draft = tables_begin();
	void *p = arena_alloc(64, 64);
	u64 epoch;

	(void)state;
	freed = 0;
	tables_retire(p, draft->epoch, count_free);
	epoch = tables_commit(draft);
	assert_int_equal(tables_current()->epoch, epoch);
	assert_false(tables_epoch_reached(epoch));
	tables_reclaim();
	assert_int_equal(freed, 0);
	qgm_turn(w.q[0]);
	tables_reclaim();
	assert_int_equal(freed, 0); /* QGM 1 may still read it */
	qgm_turn(w.q[1]);
	assert_true(tables_epoch_reached(epoch));
	assert_true(tables_reclaim() >= 1);
	assert_int_equal(freed, 1);
	assert_int_equal(tables_pending(), 0);
}

/* QGMs that sleep or are down hold nothing; one that wakes loads the new root. */
static void offline(void **state)
{
	u64 deadline, epoch;

	(void)state;
	assert_true(qgm_sleep_begin(w.q[0], &deadline));
	ctl_block()->qgm[1].up = 0;
	epoch = tables_commit(tables_begin());
	assert_true(tables_epoch_reached(epoch));
	assert_int_equal(tables_pending(), 0);
	qgm_sleep_end(w.q[0]);
	assert_false(tables_epoch_reached(epoch)); /* online, has not turned yet */
	qgm_turn(w.q[0]);
	assert_true(tables_epoch_reached(epoch));
	assert_int_equal(w.q[0]->epoch, epoch);
}

static void drafts(void **state)
{
	u64 used, epoch = tables_current()->epoch;
	const struct tables *root = tables_current();
	struct tables *draft;

	(void)state;
	tables_reclaim();
	used = arena_used();
	/* Abort: nothing has changed, nothing is lost. */
	draft = tables_begin();
	struct iface want = { .id = 2,
			      .kind = IFACE_PORT,
			      .port = 2,
			      .mode = IFACE_MODE_L2,
			      .bridge = 3,
			      .mtu = 1500 };
	assert_int_equal(iface_set(draft, &want), 0);
	want.bridge = 4;
	assert_int_equal(iface_set(draft, &want), 0); /* twice in one draft */
	assert_non_null(draft->bridge[3]);
	assert_int_equal(draft->bridge[3]->count, 0);
	assert_int_equal(draft->bridge[4]->iface[0], 2);
	tables_abort(draft);
	assert_ptr_equal(tables_current(), root);
	assert_int_equal(tables_current()->epoch, epoch);
	assert_int_equal(arena_used(), used);
	assert_true(arena_check());
	/* The same twice, committed: the second edit's leftovers are freed at once. */
	draft = tables_begin();
	want.bridge = 3;
	iface_set(draft, &want);
	want.bridge = 4;
	iface_set(draft, &want);
	assert_int_equal(tables_commit(draft), epoch + 1);
	assert_int_equal(tables_current()->iface[2]->bridge, 4);
	world_settle(&w, 3, 20);
	tables_reclaim();
	draft = tables_begin();
	want.mode = IFACE_MODE_NONE;
	iface_set(draft, &want);
	tables_commit(draft);
	world_settle(&w, 3, 20);
	tables_reclaim();
	assert_int_equal(tables_current()->bridge[4]->count, 0);
	assert_int_equal(tables_pending(), 0);
	if (!host_panic_catch()) { /* two drafts at once */
		tables_begin();
		tables_begin();
		fail_msg("two drafts");
	}
}

static void generations(void **state)
{
	struct iface want = { .id = 1,
			      .kind = IFACE_PORT,
			      .port = 1,
			      .mode = IFACE_MODE_L3,
			      .mtu = 1500,
			      .up = true };
	u64 base = 0;

	(void)state;
	for (u32 i = 0; i < 500; i++) {
		struct tables *draft = tables_begin();
		u16 old = tables_current()->iface[1] ? tables_current()->iface[1]->gen : 0;

		want.mode = i & 1 ? IFACE_MODE_L2 : IFACE_MODE_L3;
		want.bridge = (u16)(1 + i % 3);
		assert_int_equal(iface_set(draft, &want), 0);
		tables_commit(draft);
		assert_int_equal(tables_current()->iface[1]->gen, (u16)(old + 1));
		world_settle(&w, 2, 10);
		tables_reclaim();
		if (i == 99)
			base = arena_used();
		if (i > 99 && i % 6 == 99 % 6)
			assert_int_equal(arena_used(), base); /* no leak */
	}
}

static void bad_interfaces(void **state)
{
	static const struct iface bad[] = {
		{ .id = 0, .kind = IFACE_PORT, .port = 1 },
		{ .id = IFACE_MAX, .kind = IFACE_PORT, .port = 1 },
		{ .id = 1, .kind = IFACE_PORT, .port = 99 },
		{ .id = 1, .kind = IFACE_PORT, .port = 0 },
		{ .id = 1, .kind = IFACE_PORT, .port = 1, .vrf = VRF_MAX },
		{ .id = 1, .kind = IFACE_PORT, .port = 1, .mode = IFACE_MODE_L2, .bridge = 0 },
		{ .id = 1,
		  .kind = IFACE_PORT,
		  .port = 1,
		  .mode = IFACE_MODE_L2,
		  .bridge = BRIDGE_MAX },
		{ .id = 1, .kind = IFACE_PORT, .port = 1, .mode = 9 },
		{ .id = 64, .kind = IFACE_SUB, .port = 1 },
		{ .id = 64, .kind = IFACE_SUB, .port = 1, .vlan_outer = 4095 },
		{ .id = 64, .kind = IFACE_SUB, .port = 0, .vlan_outer = 5 },
		{ .id = 64, .kind = IFACE_SUB, .port = 1, .vlan_outer = 5, .vlan_inner = 4095 },
		{ .id = 64, .kind = IFACE_IRB, .mode = IFACE_MODE_L3 },
		{ .id = 64, .kind = IFACE_IRB, .mode = IFACE_MODE_L2, .bridge = 1 },
		{ .id = 64, .kind = IFACE_IRB, .mode = IFACE_MODE_L3, .bridge = BRIDGE_MAX },
		{ .id = 64,
		  .kind = IFACE_IRB,
		  .mode = IFACE_MODE_L3,
		  .bridge = 1,
		  .vlan_outer = 4095 },
		{ .id = 64, .kind = IFACE_LOOPBACK, .mode = IFACE_MODE_L2, .bridge = 1 },
		{ .id = 64, .kind = IFACE_NONE, .port = 1 },
		{ .id = 1,
		  .kind = IFACE_PORT,
		  .port = 1,
		  .mode = IFACE_MODE_L2,
		  .bridge = 1,
		  .vlan_mode = PIX_VLAN_ACCESS },
		{ .id = 1,
		  .kind = IFACE_PORT,
		  .port = 1,
		  .mode = IFACE_MODE_L2,
		  .bridge = 1,
		  .vlan_mode = PIX_VLAN_TUNNEL,
		  .pvid = 4095 },
		{ .id = 1,
		  .kind = IFACE_PORT,
		  .port = 1,
		  .mode = IFACE_MODE_L2,
		  .bridge = 1,
		  .vlan_mode = PIX_VLAN_TRUNK,
		  .vlan_count = 1,
		  .vlan = { { 5, 4 } } },
		{ .id = 1,
		  .kind = IFACE_PORT,
		  .port = 1,
		  .mode = IFACE_MODE_L2,
		  .bridge = 1,
		  .vlan_mode = PIX_VLAN_TRUNK,
		  .vlan_count = PIX_IF_VLANS + 1 },
		{ .id = 1,
		  .kind = IFACE_PORT,
		  .port = 1,
		  .mode = IFACE_MODE_L2,
		  .bridge = 1,
		  .vlan_mode = 4 },
		{ .id = 1, .kind = IFACE_PORT, .port = 1, .addr_count = IFACE_ADDRS + 1 },
	};
	struct tables *draft = tables_begin();

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(iface_set(draft, &bad[i]), -22);
	assert_int_equal(bridge_set_ageing(draft, 0, 300), -22);
	assert_int_equal(bridge_set_ageing(draft, BRIDGE_MAX, 300), -22);
	assert_int_equal(bridge_set_ageing(draft, 1, 0), -22);
	tables_abort(draft);
}

/*
 * Interfaces of all kinds, set at random, some drafts aborted: members, routed stations and maps of
 * VLANs must be what the interfaces say, and in the end no byte is left.
 */
enum { IDS = 40 };

static u64 rnd(void)
{
	static u64 seed = 0x2545f4914f6cdd1dull;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static struct iface random_iface(u16 id)
{
	struct iface i = { .id = id, .mtu = 1500, .up = true };
	u16 vid = (u16)(1 + rnd() % 4094);

	if (id <= 4) {
		i.kind = IFACE_PORT;
		i.port = id;
		i.mode = (u8)(rnd() % 3);
	} else if (rnd() % 3) {
		i.kind = IFACE_SUB;
		i.port = (u16)(1 + rnd() % 4);
		i.vlan_outer = (u16)(id * 100); /* no two are the same */
		i.vlan_inner = rnd() % 2 ? vid : 0;
		i.mode = (u8)(rnd() % 3);
	} else {
		i.kind = rnd() % 4 ? IFACE_IRB : IFACE_LOOPBACK;
		i.vlan_outer = i.kind == IFACE_IRB ? (u16)(id * 100) : 0;
		i.mode = rnd() % 3 ? IFACE_MODE_L3 : IFACE_MODE_NONE;
	}
	i.bridge = (u16)(1 + rnd() % 3);
	i.vlan_mode = (u8)(rnd() % 4);
	i.pvid = vid;
	i.vlan_count = 2;
	i.vlan[0] = (struct pix_vlan_range){ vid, (u16)MIN(vid + 50u, 4094u) };
	i.vlan[1] = (struct pix_vlan_range){ 4094, 4094 };
	return i;
}

static bool in_ranges(const struct iface *i, u32 vid)
{
	return vid == i->pvid || (vid >= i->vlan[0].from && vid <= i->vlan[0].to) || vid == 4094;
}

static void check_iface(const struct tables *t, const struct iface *i, u32 *members, u32 *irbs)
{
	const struct bridge *b = t->bridge[i->bridge];
	u32 found = 0;

	if (i->mode == IFACE_MODE_L2) {
		for (u32 k = 0; k < b->count; k++)
			found += b->iface[k] == i->id;
		assert_int_equal(found, 1);
		members[i->bridge]++;
		if (i->kind == IFACE_SUB || i->vlan_mode)
			assert_true(b->tags);
		if (i->vlan_mode == PIX_VLAN_TUNNEL)
			assert_true(vlan_set_has(b->service, i->pvid));
	}
	assert_int_equal(i->vlans != NULL,
			 i->mode == IFACE_MODE_L2 && i->vlan_mode == PIX_VLAN_TRUNK);
	for (u32 vid = 0; i->vlans && vid < 4096; vid++)
		assert_int_equal(vlan_set_has(i->vlans, vid), in_ranges(i, vid));
	if (i->kind == IFACE_IRB && i->mode == IFACE_MODE_L3) {
		assert_int_equal(b->irb->ifid[i->vlan_outer], i->id);
		assert_true(b->tags);
		irbs[i->bridge]++;
	}
	if (i->kind == IFACE_SUB) {
		const struct vlan_map *m = t->vlan[i->port];
		u16 want = i->mode == IFACE_MODE_NONE ? 0 : i->id;

		assert_int_equal(
			m ? vlan_map_find(m, i->vlan_inner ? 2 : 1, i->vlan_outer, i->vlan_inner)
			  : 0,
			want);
	}
}

static void check_tables(const struct tables *t)
{
	u32 members[4] = { 0 }, irbs[4] = { 0 }, subs[5] = { 0 };

	for (u32 id = 1; id < t->if_count; id++) {
		const struct iface *i = t->iface[id];

		if (!i)
			continue;
		check_iface(t, i, members, irbs);
		subs[i->port] += i->kind == IFACE_SUB && i->mode != IFACE_MODE_NONE;
	}
	for (u32 p = 1; p <= 4; p++)
		assert_int_equal(t->vlan[p] != NULL, subs[p] != 0);
	for (u32 b = 1; b < 4; b++) {
		u32 n = 0;

		if (!t->bridge[b])
			continue;
		assert_int_equal(t->bridge[b]->count, members[b]);
		for (u32 v = 0; t->bridge[b]->irb && v < 4096; v++)
			n += t->bridge[b]->irb->ifid[v] != 0;
		assert_int_equal(n, irbs[b]);
		assert_int_equal(t->bridge[b]->irb != NULL, irbs[b] != 0);
	}
}

static void all_kinds(void **state)
{
	u64 used = 0;

	(void)state;
	for (u32 round = 0; round < 6; round++) {
		for (u32 k = 0; k < 400; k++) {
			struct tables *draft = tables_begin();

			for (u32 n = (u32)rnd() % 8; n; n--) {
				struct iface want = random_iface((u16)(1 + rnd() % IDS));

				assert_int_equal(iface_set(draft, &want), 0);
				check_tables(draft);
			}
			if (rnd() % 4)
				tables_commit(draft);
			else
				tables_abort(draft);
			check_tables(tables_current());
			world_settle(&w, 2, 10);
			tables_reclaim();
		}
		assert_true(arena_check());
		/* All unbound: what is left does not grow from round to round. */
		struct tables *draft = tables_begin();

		for (u16 id = 1; id <= IDS; id++) {
			struct iface none = random_iface(id);

			none.mode = IFACE_MODE_NONE;
			assert_int_equal(iface_set(draft, &none), 0);
		}
		tables_commit(draft);
		world_settle(&w, 2, 10);
		tables_reclaim();
		check_tables(tables_current());
		if (!round)
			used = arena_used();
		assert_in_range(arena_used(), used - 512, used + 512); /* blocks have some slack */
	}
}

/* Planted: freed without a grace period. A reader that still looks sees the pattern. */
static void no_grace(void **state)
{
	bool bug = *(bool *)*state;
	struct tables *draft;
	u32 *p;

	host_reset();
	host_plant(bug ? "no-grace" : "");
	world_make(&w, 32ull << 20, 2, 4);
	world_settle(&w, 3, 50);
	p = arena_alloc(64, 64);
	*p = 42;
	draft = tables_begin();
	tables_retire(p, draft->epoch, NULL);
	tables_commit(draft);
	memory_allow(p, 64); /* look at it all the same */
	assert_int_equal(*p == 42, !bug);
}

/* A QGM that sleeps over held packets is woken by a commit, others are not. */
static void commit_wakes(void **state)
{
	u64 deadline;

	(void)state;
	w.q[1]->c->held = 1;
	assert_true(qgm_sleep_begin(w.q[0], &deadline));
	assert_true(qgm_sleep_begin(w.q[1], &deadline));
	tables_commit(tables_begin());
	assert_int_equal(host_wakes(0), 0);
	assert_int_equal(host_wakes(1), 1);
	w.q[1]->c->held = 0;
}

static bool yes = true, no;

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(arena_random, setup_arena),
		cmocka_unit_test_setup(arena_traps, setup_arena),
		cmocka_unit_test_setup(grace_period, setup),
		cmocka_unit_test_setup(offline, setup),
		cmocka_unit_test_setup(drafts, setup),
		cmocka_unit_test_setup(generations, setup),
		cmocka_unit_test_setup(bad_interfaces, setup),
		cmocka_unit_test_setup(all_kinds, setup),
		cmocka_unit_test_prestate(no_grace, &no),
		cmocka_unit_test_prestate(no_grace, &yes),
		cmocka_unit_test_setup(commit_wakes, setup),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	host_reset();
	return r;
}
