// SPDX-License-Identifier: MIT
/*
 * What a switch without spanning tree and with strangers on it must bear: storms, loops, floods of
 * addresses. Known unicast loses nothing; what is refused has a name.
 */
#include "tests/unit/unit.h"

#include "tests/unit/fe/rig.h"

static struct rig r;

static struct fdb *table(void)
{
	struct fdb *f;

	memcpy(&f, &ctl_block()->qgm[0].fdb, sizeof(f));
	return f;
}

/* `n` frames of text at once, `step` apart in source addresses. */
static void burst(u32 port, const char *text, u32 n, u32 step)
{
	struct rig_frame f = rig_frame(text);

	for (u32 k = 0; k < n; k++) {
		if (step) {
			f.data[9] = (u8)(k >> 8);
			f.data[10] = (u8)k;
		}
		if (k % 128 == 0)
			rig_clear(&r);
		rig_put(&r, port, &f);
		if (k % 128 == 127 || k == n - 1)
			world_settle(&r.w, 3, 2000);
	}
	rig_run(&r);
}

/* --- storms ------------------------------------------------------------------------------------
 */

static void storm_classes(void **state)
{
	static const struct {
		const char *frame;
		enum drop_reason why;
	} cls[STORM_CLASSES] = {
		[STORM_BROADCAST] = { "* 11 0800", DROP_storm_broadcast },
		[STORM_MULTICAST] = { "m 11 0800", DROP_storm_multicast },
		[STORM_UNKNOWN] = { "99 11 0800", DROP_storm_unknown },
	};

	(void)state;
	for (u32 c = 0; c < STORM_CLASSES; c++) {
		struct iface i[] = { rig_port(1, PIX_VLAN_ACCESS, 10),
				     rig_port(2, PIX_VLAN_ACCESS, 10) };
		u64 in, start;

		rig_make(&r, 2, 2, "");
		i[0].storm[c] = 1000;
		rig_set(&r, i, 2);
		/* 0.01 s of clock pass here at most: an eighth of a second's worth gets in. */
		start = env_clock();
		burst(1, cls[c].frame, 500, 0);
		in = 500 - world_drops(&r.w, cls[c].why);
		assert_in_range(in, 124, 126 + 1000 * (env_clock() - start) / env_clock_hz());
		assert_int_equal(world_drops_all(&r.w), world_drops(&r.w, cls[c].why));
		/* The other classes, the other interface and known stations are not touched. */
		for (u32 o = 0; o < STORM_CLASSES; o++) {
			u64 before = world_drops_all(&r.w);

			burst(o == c ? 2 : 1, o == c ? "* 22 0800" : cls[o].frame, 200, 0);
			assert_int_equal(world_drops_all(&r.w), before);
		}
		u64 before = world_drops_all(&r.w);

		burst(1, "22 11 0800", 200, 0);
		assert_int_equal(world_drops_all(&r.w), before);
		/* In the long run the rate that was asked for: 10 s, twice as much as allowed. */
		before = world_drops(&r.w, cls[c].why);
		start = env_clock();
		u32 sent = 0;

		while (env_clock() - start < 10 * env_clock_hz()) {
			struct rig_frame f = rig_frame(cls[c].frame);

			rig_clear(&r);
			for (u32 k = 0; k < 20; k++, sent++)
				rig_put(&r, 1, &f);
			host_clock_advance(env_clock_hz() / 100);
			world_settle(&r.w, 2, 100);
		}
		in = sent - (world_drops(&r.w, cls[c].why) - before);
		assert_in_range(in, 9900, 10200);
		assert_null(world_law(&r.w));
	}
}

/* A port with a queue for each of three QGMs: they have one account. */
static u32 queued[3];

static u32 source_of(struct memport *m, u32 queue, u8 *data, u32 room)
{
	struct rig_frame f = rig_frame("* 11 0800");

	(void)room;
	if (m->port->id != 1 || !queued[queue])
		return 0;
	queued[queue]--;
	f.data[11] = (u8)queue;
	memcpy(data, f.data, f.len);
	return f.len;
}

static void storm_queues(void **state)
{
	struct iface i[] = { rig_port(1, PIX_VLAN_TRANSPARENT, 0),
			     rig_port(2, PIX_VLAN_TRANSPARENT, 0) };
	u64 let_in, total = 0;

	(void)state;
	host_reset();
	memset(&r, 0, sizeof(r));
	world_make_queues(&r.w, 32ull << 20, 3, 2, 3, 3);
	assert_int_equal(r.w.m[1]->port->rx_queues, 3);
	r.w.m[1]->source_of = source_of;
	i[0].storm[STORM_BROADCAST] = 800;
	rig_set(&r, i, 2);
	for (u32 k = 0; k < 400; k++) { /* 4 s, five times as much as allowed */
		for (u32 q = 0; q < 3; q++)
			queued[q] = 13;
		total += 39;
		host_clock_advance(env_clock_hz() / 100);
		world_settle(&r.w, 2, 100);
	}
	let_in = total - world_drops(&r.w, DROP_storm_broadcast);
	assert_int_equal(WORLD_SUM(&r.w, rx), total);
	for (u32 q = 0; q < 3; q++)
		assert_int_equal(r.w.q[q]->c->rx, total / 3);
	assert_in_range(let_in, 4 * 800, 4 * 800 + 200); /* an eighth of a second at the start */
	assert_int_equal(rig_stations(), 3);
	assert_null(world_law(&r.w));
}

/*
 * Ports 1 and 2 are cabled together; what goes out of one comes into the other. One broadcast from
 * port 3 goes round for ever, in both directions, and port 3 gets a copy at each pass.
 */
static struct rig_frame cable[2][4096];
static u32 put_at[2], take_at[2];

static void cable_in(struct memport *m, const u8 *data, u32 len)
{
	u32 to = m->port->id == 1; /* index of the other end's source */
	struct rig_frame *f = &cable[to][put_at[to] % 4096];

	if (put_at[to] - take_at[to] == 4096)
		return;
	f->len = len;
	memcpy(f->data, data, len);
	put_at[to]++;
}

static u32 cable_out(struct memport *m, u8 *data, u32 room)
{
	u32 at = m->port->id == 2;
	struct rig_frame *f = &cable[at][take_at[at] % 4096];

	(void)room;
	if (take_at[at] == put_at[at])
		return 0;
	take_at[at]++;
	memcpy(data, f->data, f->len);
	return f->len;
}

static u64 loop_for(u32 seconds)
{
	struct rig_frame f = rig_frame("* 33 0800");
	u64 until = env_clock() + seconds * env_clock_hz(), seen = 0;

	rig_clear(&r);
	rig_put(&r, 3, &f);
	while (env_clock() < until) {
		host_clock_advance(env_clock_hz() / 2000);
		world_turn(&r.w);
		seen += r.out_n[3];
		r.out_n[3] = 0;
	}
	return seen;
}

static void loop(void **state)
{
	bool planted_bug = *(bool *)*state;
	struct iface i[] = { rig_port(1, PIX_VLAN_TRANSPARENT, 0),
			     rig_port(2, PIX_VLAN_TRANSPARENT, 0),
			     rig_port(3, PIX_VLAN_TRANSPARENT, 0) };
	u64 seen;

	rig_make(&r, 2, 3, planted_bug ? "storm" : "");
	memset(put_at, 0, sizeof(put_at));
	memset(take_at, 0, sizeof(take_at));
	for (u32 k = 1; k <= 2; k++) {
		r.w.m[k]->sink = cable_in;
		r.w.m[k]->source = cable_out;
		i[k - 1].storm[STORM_BROADCAST] = 50;
	}
	rig_set(&r, i, 3);
	/* Two directions of 50 a second, and an eighth of a second (at least 8) at the start. */
	seen = loop_for(5);
	if (planted_bug) {
		assert_true(seen > 5000);
		return;
	}
	assert_in_range(seen, 1, 2 * (5 * 50 + 8 + 1));
	assert_true(world_drops(&r.w, DROP_storm_broadcast) > 0);
	/* A cable pulled: the law holds, and the switch works. */
	r.w.m[1]->sink = r.w.m[2]->sink = NULL;
	world_settle(&r.w, 4, 2000);
	assert_null(world_law(&r.w));
}

/* --- floods of addresses ------------------------------------------------------------------------
 */

/* Stations 0x30.. on port 3 and 0x40.. on port 4 know each other; none of their frames is lost. */
static void talk(u32 frames)
{
	u64 got = 0;

	for (u32 k = 0; k < frames; k++) {
		char text[32];
		struct rig_frame f;

		if (k % 64 == 0)
			rig_clear(&r);
		snprintf(text, sizeof(text), "%02x %02x 0800", 0x40 + k % 16, 0x30 + k / 16 % 16);
		f = rig_frame(text);
		rig_put(&r, 3, &f);
		snprintf(text, sizeof(text), "%02x %02x 0800", 0x30 + k % 16, 0x40 + k / 16 % 16);
		f = rig_frame(text);
		rig_put(&r, 4, &f);
		if (k % 64 != 63 && k != frames - 1)
			continue;
		world_settle(&r.w, 3, 2000);
		got += r.out_n[3] + r.out_n[4];
		assert_int_equal(r.out_n[1] + r.out_n[2], 0); /* not flooded: known */
	}
	assert_int_equal(got, 2 * frames);
}

static void introduce(void)
{
	for (u32 k = 0; k < 16; k++) {
		char text[32];

		snprintf(text, sizeof(text), "* %02x 0800", 0x30 + k);
		rig_send(&r, 3, text);
		snprintf(text, sizeof(text), "* %02x 0800", 0x40 + k);
		rig_send(&r, 4, text);
	}
	assert_int_equal(rig_stations(), 32);
}

static void guarded(u32 nqgm, u32 iface_limit, u32 bridge_limit)
{
	struct iface i[] = { rig_port(1, PIX_VLAN_TRANSPARENT, 0),
			     rig_port(2, PIX_VLAN_TRANSPARENT, 0),
			     rig_port(3, PIX_VLAN_TRANSPARENT, 0),
			     rig_port(4, PIX_VLAN_TRANSPARENT, 0) };

	rig_make(&r, nqgm, 4, "");
	i[0].mac_limit = iface_limit;
	rig_set(&r, i, 4);
	struct tables *draft = tables_begin();

	assert_int_equal(bridge_set_limit(draft, 1, bridge_limit), 0);
	tables_commit(draft);
	introduce();
}

/* Why stations of bridge 1 were not learned, as `show bridges` has it. */
static void assert_refused(u64 full, u64 port, u64 bridge)
{
	u64 n[PIX_REFUSED_COUNT];
	u32 stations;

	fdb_count(1, &stations, n);
	assert_int_equal(stations, rig_stations());
	assert_int_equal(n[PIX_REFUSED_FULL], full);
	assert_int_equal(n[PIX_REFUSED_PORT], port);
	assert_int_equal(n[PIX_REFUSED_BRIDGE], bridge);
}

static void limits(void **state)
{
	(void)state;
	/* Of the interface: 10 of 1000, the others' are as they were. */
	guarded(1, 10, 0);
	burst(1, "* 11 0800", 1000, 1);
	assert_int_equal(rig_stations(), 32 + 10);
	assert_int_equal(table()->limited_iface, 990);
	assert_refused(0, 990, 0);
	assert_int_equal(table()->by_iface[1], 10);
	talk(1000);
	/* A station may not move there, but those that are there may leave, and make room. */
	rig_send(&r, 1, "* 30 0800");
	assert_int_equal(rig_where(0, 0x30), 3);
	rig_send(&r, 2, "* 11 0800"); /* number 0 */
	assert_int_equal(rig_where(0, 0x11), 2);
	assert_int_equal(table()->by_iface[1], 9);
	rig_send(&r, 1, "* 31 0800");
	assert_int_equal(rig_where(0, 0x31), 1);
	/* Of the bridge. */
	guarded(1, 0, 40);
	burst(1, "* 11 0800", 500, 1);
	burst(2, "* 12 0800", 500, 1);
	assert_int_equal(rig_stations(), 40);
	assert_int_equal(table()->by_bridge[1], 40);
	assert_int_equal(table()->limited_bridge, 992);
	assert_refused(0, 0, 992);
	rig_send(&r, 1, "* 30 0800"); /* known in the bridge: may move */
	assert_int_equal(rig_where(0, 0x30), 1);
	assert_int_equal(table()->by_bridge[1], 40);
	/* Room again when they have aged. */
	struct tables *draft = tables_begin();

	assert_int_equal(bridge_set_ageing(draft, 1, 10), 0);
	tables_commit(draft);
	rig_pass(&r, 13);
	assert_int_equal(rig_stations(), 0);
	assert_int_equal(table()->by_bridge[1] + table()->by_iface[1] + table()->by_iface[3], 0);
	burst(1, "* 11 0800", 50, 1);
	assert_int_equal(rig_stations(), 40);
}

/* More addresses than there is memory, for as long as stations take to age (macof). */
static void macof(void **state)
{
	u32 room;

	guarded(*(u32 *)*state, 0, 0);
	room = (table()->mask + 1) * FDB_WAYS;
	for (u32 round = 0; round < 8; round++) {
		struct rig_frame f = rig_frame("* 11 0800");

		for (u32 k = 0; k < room / 4; k++) {
			u32 v = round * (room / 4) + k;

			memcpy(f.data + 6, (const u8[]){ 6, 7, (u8)(v >> 16), (u8)(v >> 8), (u8)v },
			       5);
			if (k % 240 == 0)
				rig_clear(&r);
			rig_put(&r, 1, &f);
			if (k % 240 == 239)
				world_settle(&r.w, 2, 1000);
		}
		world_settle(&r.w, 3, 1000);
		rig_clear(&r);
		talk(500);
		rig_pass(&r, 50); /* 400 s in all: who is silent ages, the talkers do not */
		talk(500);
	}
	assert_true(rig_stations() <= room);
	assert_null(world_law(&r.w));
}

/* The table refuses when both buckets of a newcomer are full; who is known stays. */
static void table_full(void **state)
{
	struct fdb *f;
	u64 key[1536], kept = 0;

	(void)state;
	host_reset();
	f = fdb_create(256, 0);
	for (u32 k = 0; k < 1536; k++) {
		const u8 mac[6] = { 2, 0, 0, 1, (u8)(k >> 8), (u8)k };

		key[k] = fdb_key(1 + k % 31, k % 4095, mac);
		if (k < 900)
			assert_true(fdb_learn(f, key[k], (u16)(1 + k % 500), NULL, false));
	}
	for (u32 k = 0; k < 50000; k++) {
		const u8 mac[6] = { 2, 0, 0, 2, (u8)(k >> 8), (u8)k };

		fdb_learn(f, fdb_key(1, 1, mac), 7, NULL, false);
	}
	assert_true(f->full > 48000);
	assert_true(f->refused[1][PIX_REFUSED_FULL] > 48000);
	assert_int_equal(f->refused[1][PIX_REFUSED_PORT] + f->refused[1][PIX_REFUSED_BRIDGE], 0);
	for (u32 k = 0; k < 900; k++)
		kept += fdb_lookup(f, key[k], false) == 1 + k % 500;
	assert_int_equal(kept, 900);
}

static u32 one = 1, two = 2;
static bool yes = true, no;

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(storm_classes),
		cmocka_unit_test(storm_queues),
		cmocka_unit_test_prestate(loop, &no),
		cmocka_unit_test_prestate(loop, &yes),
		cmocka_unit_test(limits),
		cmocka_unit_test_prestate(macof, &one),
		cmocka_unit_test_prestate(macof, &two),
		cmocka_unit_test(table_full),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	host_reset();
	return rc;
}
