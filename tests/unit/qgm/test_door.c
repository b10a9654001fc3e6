// SPDX-License-Identifier: MIT
/*
 * qgm/inject.c, qgm/punt.c, qgm/commands.c, qgm/parse.c: what passes between the engine and the
 * generic partition, and frames by their ingress interface. Bad input of the partition is counted.
 */
#include "tests/unit/unit.h"

#include "qgm/control.h"
#include "tools/host/world.h"

static struct world w;
static u8 last[2048];
static u32 last_len, sent;

static void sink(struct memport *m, const u8 *data, u32 len)
{
	(void)m;
	memcpy(last, data, len);
	last_len = len;
	sent++;
}

static int setup(void **state)
{
	(void)state;
	host_reset();
	world_make(&w, 32ull << 20, 2, 4);
	world_bridge(&w, 1, 1);
	world_bridge(&w, 2, 1);
	for (u32 i = 1; i <= 4; i++)
		w.m[i]->sink = sink;
	sent = 0;
	world_settle(&w, 3, 50);
	return 0;
}

/* Ports 3 and 4 routed: 10.3.0.1/24 and 10.4.0.1/24. */
static void routed(void)
{
	struct pix_op ops[2];
	u64 epoch;
	u32 failed;

	memset(ops, 0, sizeof(ops));
	for (u16 i = 0; i < 2; i++) {
		ops[i].kind = PIX_OP_IF_SET;
		ops[i].iface = (struct pix_iface){
			.id = (u16)(3 + i), .mode = PIX_IF_L3, .up = 1, .addr_count = 1
		};
		ops[i].iface.addr[0] =
			(struct pix_addr){ .ip = pix_ip4(0x0a000001u | (3u + i) << 16), .len = 24 };
	}
	assert_int_equal(control_txn(ops, 2, 0, &epoch, &failed), 0);
	world_settle(&w, 3, 50);
}

static void inject(u16 qgm, u16 len, u16 ifid, u8 cls, u32 vrf, u8 first)
{
	struct frame_slot *s = framering_reserve(ctl_block()->qgm[qgm].inject);

	assert_non_null(s);
	memset(s->data, 0, FRAME_SLOT_DATA);
	s->data[0] = first;
	s->len = len;
	s->ifid = ifid;
	s->cls = cls;
	s->vrf = vrf;
	framering_commit(ctl_block()->qgm[qgm].inject);
	world_settle(&w, 3, 50);
}

static void inject_frames(void **state)
{
	(void)state;
	inject(0, 60, 1, INJECT_FRAME, 0, 0xab);
	assert_int_equal(sent, 1);
	assert_int_equal(last_len, 60);
	assert_int_equal(last[0], 0xab);
	inject(0, 60, 2, INJECT_FRAME, 0, 0xcd); /* port 2 is QGM 1's: by ring */
	assert_int_equal(sent, 2);
	assert_int_equal(WORLD_SUM(&w, ring_out), 1);
	assert_int_equal(WORLD_SUM(&w, made), 2);
	assert_int_equal(WORLD_SUM(&w, port[0].rx), 2);
	assert_int_equal(WORLD_SUM(&w, port[0].tx), 2);
	assert_null(world_law(&w));
}

static void inject_bad(void **state)
{
	static const struct {
		u16 len, ifid;
		u8 cls;
		u32 vrf;
	} bad[] = {
		{ 0, 1, INJECT_FRAME, 0 },
		{ 13, 1, INJECT_FRAME, 0 },
		{ FRAME_SLOT_DATA + 1, 1, INJECT_FRAME, 0 },
		{ 65535, 1, INJECT_FRAME, 0 },
		{ FRAME_SLOT_DATA, 1, INJECT_FRAME, 0 }, /* larger than a buffer */
		{ 60, 0, INJECT_FRAME, 0 },
		{ 60, IFACE_MAX, INJECT_FRAME, 0 },
		{ 60, 65535, INJECT_FRAME, 0 },
		{ 60, 99, INJECT_FRAME, 0 },
		{ 19, 0, INJECT_IP, 0 },
		{ 1910, 0, INJECT_IP, 0 }, /* no room for the Ethernet header */
		{ 60, 0, INJECT_IP, VRF_MAX },
		{ 60, 0, INJECT_IP, ~0u },
		{ 60, 1, 2, 0 },
		{ 60, 1, 255, 0 },
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		inject(0, bad[i].len, bad[i].ifid, bad[i].cls, bad[i].vrf, 0x45);
		assert_int_equal(world_drops(&w, DROP_inject_bad), i + 1);
	}
	assert_int_equal(sent, 0);
	assert_int_equal(WORLD_SUM(&w, made), ARRAY_SIZE(bad));
	assert_null(world_law(&w));
	/* An interface that is not bound, and one whose port has no link: other names. */
	world_bridge(&w, 2, 0);
	inject(0, 60, 2, INJECT_FRAME, 0, 0);
	assert_int_equal(world_drops(&w, DROP_no_interface), 1);
	w.m[1]->port->link = w.m[1]->link = false;
	inject(0, 60, 1, INJECT_FRAME, 0, 0);
	assert_int_equal(world_drops(&w, DROP_port_down), 1);
	assert_null(world_law(&w));
}

static void inject_dry(void **state)
{
	struct packet *p[64];
	static struct packet *all[8192];
	u32 n = 0, k;

	(void)state;
	while ((k = pool_get(w.q[0]->pc, p, 64))) {
		memcpy(all + n, p, k * sizeof(p[0]));
		n += k;
	}
	inject(0, 60, 1, INJECT_FRAME, 0, 0);
	assert_int_equal(world_drops(&w, DROP_no_buffer), 1);
	for (u32 i = 0; i < n; i += 64)
		pool_put(w.q[0]->pc, all + i, MIN(64u, n - i));
	assert_null(world_law(&w));
}

/* --- punt ----------------------------------------------------------------------------------------
 */

static u8 frame[2048];
static u32 frame_len, frame_count;

static u32 source(struct memport *m, u8 *data, u32 room)
{
	(void)m;
	if (!frame_count || frame_len > room)
		return 0;
	frame_count--;
	memcpy(data, frame, frame_len);
	return frame_len;
}

/* An ARP request into port 3, with a priority tag if wanted. */
static void arp(bool tag)
{
	static const u8 head[] = { 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 9 };
	static const u8 body[] = { 8, 6, 0, 1, 8, 0, 6, 4, 0, 1 };
	u32 at = 12;

	memset(frame, 0, sizeof(frame));
	memcpy(frame, head, 12);
	if (tag) {
		memcpy(frame + 12, (const u8[]){ 0x81, 0, 0xe0, 0 }, 4);
		at += 4;
	}
	memcpy(frame + at, body, sizeof(body));
	frame_len = 64;
	w.m[3]->source = source;
}

static u32 punted(bool look)
{
	struct framering *r = ctl_block()->qgm[0].punt;
	const struct frame_slot *s;
	u32 n = 0;

	while ((s = framering_peek(r))) {
		if (look) {
			assert_int_equal(s->cls, PIX_PUNT_ARP);
			assert_int_equal(s->ifid, 3);
			assert_int_equal(s->port, 3);
			assert_memory_equal(s->data, frame, 12);
			assert_int_equal(s->data[12], 8); /* no tag any more */
			assert_int_equal(s->data[13], 6);
		}
		framering_release(r);
		n++;
	}
	return n;
}

static void punt(void **state)
{
	u32 slots = qgm_the_plan()->punt_slots, n = 0;

	(void)state;
	routed();
	arp(false);
	frame_count = 1;
	world_settle(&w, 3, 50);
	assert_int_equal(punted(true), 1);
	arp(true);
	frame_count = 1;
	world_settle(&w, 3, 50);
	assert_int_equal(punted(true), 1);
	assert_int_equal(WORLD_SUM(&w, consumed), 2);
	/* Nobody reads: the ring fills, then drops by name. */
	frame_count = slots + 10;
	world_settle(&w, 3, 1000);
	assert_int_equal(world_drops(&w, DROP_punt_full) + world_drops(&w, DROP_punt_rate), 10);
	assert_int_equal(punted(true), slots);
	/* A flood: the meter lets its burst and its rate through, the rest is dropped by name. */
	host_clock_advance(env_clock_hz());
	u64 rate = world_drops(&w, DROP_punt_rate);

	for (u32 i = 0; i < 100000; i++) {
		frame_count = 1;
		world_turn(&w); /* 10 us: a second in all, 100,000 packets */
		n += punted(false);
	}
	assert_in_range(n, 2000 + 512 - 20, 2000 + 512 + 20);
	assert_int_equal(world_drops(&w, DROP_punt_rate) - rate, 100000 - n);
	assert_null(world_law(&w));
}

/* Tags on a routed interface: VID 0 is untagged, any other belongs to no interface. */
static void tags(void **state)
{
	(void)state;
	routed();
	arp(true);
	frame[15] = 5;
	frame_count = 1;
	world_settle(&w, 3, 50);
	assert_int_equal(world_drops(&w, DROP_no_interface), 1);
	/* On a bridge tags pass through. */
	memcpy(frame, (const u8[]){ 2, 0, 0, 0, 0, 77 }, 6);
	w.m[3]->source = NULL;
	w.m[1]->source = source;
	frame_count = 1;
	sent = 0;
	world_settle(&w, 3, 50);
	assert_int_equal(sent, 1);
	assert_memory_equal(last, frame, 64);
	assert_null(world_law(&w));
}

/* Administratively down. */
static void interface_down(void **state)
{
	struct tables *draft = tables_begin();
	struct iface want = *tables_current()->iface[1];

	(void)state;
	want.up = false;
	assert_int_equal(iface_set(draft, &want), 0);
	tables_commit(draft);
	arp(false);
	w.m[1]->source = source;
	w.m[3]->source = NULL;
	frame_count = 1;
	world_settle(&w, 3, 50);
	assert_int_equal(world_drops(&w, DROP_interface_down), 1);
	inject(0, 60, 1, INJECT_FRAME, 0, 0);
	assert_int_equal(world_drops(&w, DROP_interface_down), 2);
	assert_null(world_law(&w));
}

/* Answers come in the order of the commands, and a snapshot is answered with its number. */
static void commands(void **state)
{
	struct ctl_qgm *d = &ctl_block()->qgm[0];
	struct pix_event ev;
	u64 next = 1;

	(void)state;
	while (msgring_get(d->event, &ev))
		;
	for (u64 i = 1; i <= 50; i++) {
		struct ctl_cmd cmd = { .kind = i % 5 ? CTL_FDB_FLUSH : CTL_SNAPSHOT, .seq = i };

		cmd.arg[0] = 1000 + i;
		assert_true(msgring_put(d->cmd, &cmd));
	}
	for (u32 t = 0; t < 200 && next <= 50; t++) {
		world_turn(&w);
		while (msgring_get(d->event, &ev)) {
			assert_int_equal(ev.kind, PIX_EV_ACK);
			assert_int_equal(ev.seq, next++);
		}
	}
	assert_int_equal(next, 51);
	assert_int_equal(d->snapshot->seq, 1050);
}

static u32 noise(u32 *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8 | *seed << 24;
}

/* The generic side writes anything into all that it may write of the door, between any two turns:
 * the QGM stays inside of the rings (AddressSanitizer), and its own books stay right. */
static void scribbled(void **state)
{
	static struct ctl_qgm kept;
	struct ctl_qgm *d = &ctl_block()->qgm[0];
	u32 seed = 7;

	(void)state;
	routed();
	kept = *d;
	for (u32 i = 0; i < 20000; i++) {
		struct msgring *const rings[] = { kept.cmd, kept.event };
		struct framering *const frames[] = { kept.punt, kept.inject };
		u32 k = i & 1;

		rings[k]->mask = noise(&seed);
		rings[k]->head = noise(&seed) >> noise(&seed) % 32;
		rings[k]->tail = noise(&seed) >> noise(&seed) % 32;
		rings[k]->head_cached = noise(&seed);
		frames[k]->mask = noise(&seed);
		frames[k]->head = frames[k]->tail + noise(&seed) % 8;
		frames[k]->slot[frames[k]->tail % 8].len = (u16)noise(&seed);
		frames[k]->slot[frames[k]->tail % 8].ifid = (u16)noise(&seed);
		frames[k]->slot[frames[k]->tail % 8].cls = (u8)noise(&seed) % 4;
		d->cmd = d->event = (void *)(u64)noise(&seed);
		d->punt = d->inject = (void *)(u64)noise(&seed);
		d->snapshot = (void *)(u64)noise(&seed);
		d->counters = (void *)(u64)noise(&seed);
		if (i % 64 == 0) {
			struct pix_event ev = { .kind = PIX_EV_LINK };

			(void)qgm_event(w.q[0], &ev);
		}
		qgm_turn(w.q[0]);
	}
	*d = kept;
	d->up = 1;
	assert_int_equal(msgring_init(d->cmd, w.q[0]->cmd.mask + 1), 0);
	assert_int_equal(msgring_init(d->event, w.q[0]->event.mask + 1), 0);
	assert_int_equal(framering_init(d->punt, w.q[0]->punt.mask + 1), 0);
	assert_int_equal(framering_init(d->inject, w.q[0]->inject.mask + 1), 0);
	assert_true(world_drops(&w, DROP_inject_bad) > 1000); /* it did look */
	assert_null(world_law(&w));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(inject_frames, setup),
		cmocka_unit_test_setup(inject_bad, setup),
		cmocka_unit_test_setup(inject_dry, setup),
		cmocka_unit_test_setup(punt, setup),
		cmocka_unit_test_setup(tags, setup),
		cmocka_unit_test_setup(interface_down, setup),
		cmocka_unit_test_setup(commands, setup),
		cmocka_unit_test_setup(scribbled, setup),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	host_reset();
	return r;
}
