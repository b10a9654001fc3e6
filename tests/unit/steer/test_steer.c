// SPDX-License-Identifier: MIT
/*
 * Steering piece by piece: indirection tables, what flow a frame is of, flow rules, settings as
 * transactions, queues dealt to QGMs, QGMs that stop and come back, frames that find no room.
 */
#include "tests/unit/unit.h"

#include "qgm/control.h"
#include "qgm/steer/setting.h"
#include "qgm/steer/steer.h"
#include "tools/host/world.h"

static u32 noise(u32 *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* --- indirection tables --- */

static void table(void **state)
{
	struct reta r;
	u32 seed = 5;

	(void)state;
	assert_int_equal(reta_init(&r, 100), -22);
	assert_int_equal(reta_init(&r, 1024), -22);
	assert_int_equal(reta_init(&r, 512), 0);
	u64 before = 0;

	for (u32 round = 0; round < 2000; round++) {
		u64 members = before;
		u32 count[64] = { 0 }, n, moved, lo = ~0u, hi = 0, least = 0;
		u8 old[RETA_MAX];

		do /* one leaves or comes, or all is new */
			members = round % 10 ? members ^ 1ull << noise(&seed) % 64
					     : (u64)noise(&seed) << 40 ^ noise(&seed);
		while (!members);
		memcpy(old, r.entry, sizeof(old));
		n = reta_members(members);
		moved = reta_spread(r.entry, 512, members);
		for (u32 i = 0; i < 512; i++) {
			assert_true(r.entry[i] < 64 && members >> r.entry[i] & 1);
			count[r.entry[i]]++;
			moved -= r.entry[i] != old[i];
			/* Entries of those who left must move, and no more than the shares ask. */
			least += old[i] >= 64 || !(members >> old[i] & 1);
		}
		assert_int_equal(moved, 0); /* each was counted, none for nothing */
		for (u32 m = 0; m < 64; m++) {
			if (!(members >> m & 1))
				continue;
			lo = MIN(lo, count[m]);
			hi = MAX(hi, count[m]);
		}
		assert_true(hi - lo <= 1);
		if (before && round % 10) { /* one member more or less */
			u32 changed = 0;

			for (u32 i = 0; i < 512; i++)
				changed += r.entry[i] != old[i];
			assert_true(changed <= 512 / n + 1 + (least ? 64 : 0));
		}
		before = members;
	}
}

/* --- flows --- */

static u8 bytes[256];

static struct packet frame(u32 len)
{
	return (struct packet){ .data = bytes, .len = (u16)len };
}

/* Ethernet with `tags` VLAN tags, then the type; returns where it ends. */
static u32 ethernet(u32 tags, u16 type)
{
	u32 off = 12;

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, (const u8[]){ 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 }, 12);
	for (u32 i = 0; i < tags; i++, off += 4)
		memcpy(bytes + off,
		       (const u8[]){ i + 1 < tags ? 0x88 : 0x81, i + 1 < tags ? 0xa8 : 0, 0, 7 },
		       4);
	bytes[off] = (u8)(type >> 8);
	bytes[off + 1] = (u8)type;
	return off + 2;
}

static u32 udp4(u32 tags, bool back, u16 fragment)
{
	u32 at = ethernet(tags, 0x0800);
	u8 *ip = bytes + at;
	static const u8 a[2][4] = { { 10, 0, 0, 1 }, { 10, 9, 8, 7 } };

	ip[0] = 0x45;
	ip[6] = (u8)(fragment >> 8);
	ip[7] = (u8)fragment;
	ip[9] = 17;
	memcpy(ip + 12, a[back], 4);
	memcpy(ip + 16, a[!back], 4);
	memcpy(ip + 20, back ? (const u8[]){ 0, 53, 4, 210 } : (const u8[]){ 4, 210, 0, 53 }, 4);
	return at + 28;
}

/* Behind these extension headers (each of 8 bytes); 0 ends the list. */
static u32 udp6(const u8 *headers, bool back)
{
	u32 at = ethernet(0, 0x86dd);
	u8 *ip = bytes + at, *next = ip + 6;
	u32 off = 40;

	ip[0] = 0x60;
	memcpy(ip + (back ? 24 : 8),
	       (const u8[]){ 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 16);
	memcpy(ip + (back ? 8 : 24),
	       (const u8[]){ 0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 }, 16);
	for (; *headers != 0xff; headers++) {
		*next = *headers;
		next = ip + off;
		if (*headers == 44)
			ip[off + 3] = 1; /* more fragments */
		off += 8;
	}
	*next = 17;
	memcpy(ip + off, back ? (const u8[]){ 0, 53, 4, 210 } : (const u8[]){ 4, 210, 0, 53 }, 4);
	return at + off + 8;
}

static u32 hash_of(u32 len)
{
	struct packet p = frame(len);

	return flow_hash(&p);
}

static void hashes(void **state)
{
	static const u8 none[] = { 0xff }, some[] = { 0, 60, 43, 60, 0xff },
			frag[] = { 0, 44, 0xff };
	u32 plain = hash_of(udp4(0, false, 0)), six, cut;

	(void)state;
	assert_int_equal(hash_of(udp4(0, true, 0)), plain);      /* both ways */
	assert_int_equal(hash_of(udp4(1, false, 0)), plain);     /* tags do not count */
	assert_int_equal(hash_of(udp4(2, true, 0x4000)), plain); /* nor does DF */
	cut = hash_of(udp4(0, false, 0x2000));
	assert_int_not_equal(cut, plain);
	assert_int_equal(hash_of(udp4(1, true, 0x0001)), cut); /* any fragment of it */
	bytes[14 + 4 + 9] = 6;                                 /* addresses only */
	assert_int_equal(hash_of(46), cut);
	six = hash_of(udp6(none, false));
	assert_int_equal(hash_of(udp6(none, true)), six);
	assert_int_equal(hash_of(udp6(some, false)), six);
	assert_int_equal(hash_of(udp6(some, true)), six);
	cut = hash_of(udp6(frag, false));
	assert_int_not_equal(cut, six);
	assert_int_equal(hash_of(udp6(frag, true)), cut);
	udp4(0, false, 0);
	bytes[35]++; /* another port */
	assert_int_not_equal(hash_of(42), plain);
}

/* Any bytes of any length: no read outside of the frame, never 0. */
static void hostile(void **state)
{
	u32 seed = 3;

	(void)state;
	for (u32 i = 0; i < 200000; i++) {
		static const u16 types[] = { 0x0800, 0x86dd, 0x8100, 0x88a8, 0 };
		u32 len = noise(&seed) % 120;
		u8 *copy = malloc(len + 1);
		struct packet p = { .data = copy, .len = (u16)len };
		struct flow_key key;

		for (u32 k = 0; k < len; k++)
			copy[k] = (u8)noise(&seed);
		for (u32 k = 12; k + 2 <= len && k < 24; k += 4) {
			u16 type = types[noise(&seed) % 5];

			copy[k] = (u8)(type >> 8);
			copy[k + 1] = (u8)type;
			if (type == 0x86dd && k + 10 < len) {
				copy[k + 2] = 0x60;
				copy[k + 8] = (u8[]){ 0, 43, 44, 51, 60, 17 }[noise(&seed) % 6];
			}
		}
		if (noise(&seed) % 4 == 0)
			p.l3_off = (u16)(noise(&seed) % 80);
		memmove(copy, copy, len);
		p.data = realloc(copy, len ? len : 1);
		assert_int_not_equal(flow_hash(&p), 0);
		(void)flow_key(&p, &key);
		free(p.data);
	}
}

/* --- rules --- */

static struct flow_key key_of(u32 len)
{
	struct packet p = frame(len);
	struct flow_key key;

	assert_true(flow_key(&p, &key));
	return key;
}

static void rules(void **state)
{
	struct steer_rules *s = malloc(steer_rules_bytes(STEER_RULES)),
			   *copy = malloc(steer_rules_bytes(STEER_RULES));
	struct flow_key k = key_of(udp4(0, false, 0)), open;

	(void)state;
	steer_rules_begin(s, STEER_RULES);
	assert_false(steer_rules_copy(copy, s, ~0ull)); /* none */
	assert_true(pix_ip_eq(k.src, pix_ip4(0x0a000001)) && pix_ip_eq(k.dst, pix_ip4(0x0a090807)));
	assert_int_equal(k.sport, 1234);
	assert_int_equal(k.dport, 53);
	assert_int_equal(k.proto, 17);
	assert_int_equal(steer_rule_qgm(s, &k), STEER_NOBODY);
	open = k;
	steer_close(&open, STEER_OPEN_SRC | STEER_OPEN_SPORT);
	assert_true(steer_add_rule(s, &open, STEER_OPEN_SRC | STEER_OPEN_SPORT, 3, 7));
	assert_int_equal(steer_rule_qgm(s, &k), 3);
	assert_true(steer_add_rule(s, &k, 0, 2, 8)); /* the closer match wins */
	assert_int_equal(steer_rule_qgm(s, &k), 2);
	k.sport++;
	assert_int_equal(steer_rule_qgm(s, &k), 3);
	k.dport++;
	assert_int_equal(steer_rule_qgm(s, &k), STEER_NOBODY);
	for (u32 i = 2; i < STEER_RULES; i++) {
		k.sport = (u16)(5000 + i);
		assert_true(steer_add_rule(s, &k, 0, (u8)(i % 7), (u16)i));
	}
	assert_false(steer_add_rule(s, &k, 0, 1, 0));
	for (u32 i = 2; i < STEER_RULES; i++) {
		k.sport = (u16)(5000 + i);
		assert_int_equal(steer_rule_qgm(s, &k), i % 7);
	}
	/* The copy that a QGM keeps: rules of those that are down are nobody's. */
	assert_true(steer_rules_copy(copy, s, ~(1ull << 3)));
	for (u32 i = 2; i < STEER_RULES; i++) {
		const struct steer_rule *r;

		k.sport = (u16)(5000 + i);
		r = steer_find_rule(copy, &k);
		assert_int_equal(r ? r->qgm : STEER_NOBODY, i % 7 == 3 ? STEER_NOBODY : i % 7);
		assert_true(!r || r->count == i);
	}
	free(s);
	free(copy);
}

/* A table of any size is found in, full too; one that lies about itself leads nobody out of it. */
static void rules_of_any_size(void **state)
{
	struct steer_rules *copy = malloc(steer_rules_bytes(STEER_RULES));
	struct flow_key k = key_of(udp4(0, false, 0));

	(void)state;
	for (u32 room = 1; room <= 70; room++) {
		struct steer_rules *s = malloc(steer_rules_bytes(room));
		u16 *slot;

		steer_rules_begin(s, room);
		slot = (u16 *)(s->rule + s->room);
		for (u32 i = 0; i < room; i++) {
			k.sport = (u16)i;
			assert_true(steer_add_rule(s, &k, 0, 1, (u16)i));
		}
		k.sport = 7777;
		assert_false(steer_add_rule(s, &k, 0, 1, 0));
		assert_true(steer_rules_copy(copy, s, 2));
		assert_null(steer_find_rule(copy, &k));
		for (u32 i = 0; i < room; i++) {
			k.sport = (u16)i;
			assert_int_equal(steer_find_rule(copy, &k)->count, i);
		}
		for (u32 i = 0; i < s->slots; i++)
			slot[i] = (u16)(slot[i] ? slot[i] + 0x8000 : 0);
		s->nrules = s->slots = 0xffff;
		s->nmasks = 0xff;
		for (u32 i = 0; i < room; i++)
			s->rule[i].count = 0xffff;
		assert_true(steer_rules_copy(copy, s, 2));
		assert_int_equal(copy->nrules, room);
		for (u32 i = 0; i < room; i++)
			assert_true(copy->rule[i].count < STEER_RULES);
		k.sport = 0;
		assert_null(steer_find_rule(copy, &k));
		s->room = STEER_RULES + 1;
		assert_false(steer_rules_copy(copy, s, 2));
		free(s);
	}
	free(copy);
}

/* --- settings --- */

static struct world w;

static int one(struct pix_op op)
{
	u64 epoch;
	u32 failed;

	return control_txn(&op, 1, 0, &epoch, &failed);
}

static int set(u16 port, u16 mode, u64 workers)
{
	return one((struct pix_op){ .kind = PIX_OP_STEER_SET,
				    .steer = { .port = port, .mode = mode, .workers = workers } });
}

static int flow(u32 kind, struct pix_flow f)
{
	return one((struct pix_op){ .kind = kind, .flow = f });
}

static void settings(void **state)
{
	struct pix_flow f = { .dst = pix_ip4(0x0a000001), .proto = 17, .dport = 53, .qgm = 2 },
			out[4];
	struct pix_steer list[8];
	u32 total;

	(void)state;
	host_reset();
	world_make(&w, 32ull << 20, 3, 3);
	assert_int_equal(set(0, PIX_STEER_DEFAULT, 0), -22);
	assert_int_equal(set(4, PIX_STEER_RPS, 0), -22);
	assert_int_equal(set(1, PIX_STEER_RPS, 8), -22);
	assert_int_equal(set(1, 9, 0), -22);
	assert_int_equal(set(1, PIX_STEER_PIPELINE, 1), -22); /* its own receiver only */
	assert_int_equal(set(0, PIX_STEER_RPS, 0), 0);
	assert_int_equal(set(2, PIX_STEER_PIPELINE, 0), 0);
	assert_int_equal(steer_list(0, list, 8, &total), 4);
	assert_int_equal(total, 4);
	assert_int_equal(list[1].mode, PIX_STEER_RPS);
	assert_int_equal(list[1].workers, 7);
	assert_int_equal(list[2].mode, PIX_STEER_PIPELINE);
	assert_int_equal(list[2].own, 1);
	assert_int_equal(list[2].workers, 5); /* QGM 1 receives on port 2 */
	for (u32 i = 0; i < PIX_STEER_BUCKETS; i++)
		assert_true(list[2].bucket[i] == 0 || list[2].bucket[i] == 2);
	assert_int_equal(set(2, PIX_STEER_DEFAULT, 0), 0);
	steer_list(0, list, 8, &total);
	assert_int_equal(list[2].mode, PIX_STEER_RPS);
	assert_int_equal(list[2].own, 0);
	/* Flow rules. */
	assert_int_equal(flow(PIX_OP_FLOW_SET, (struct pix_flow){ .qgm = 1 }), -22);
	assert_int_equal(flow(PIX_OP_FLOW_SET, (struct pix_flow){ .proto = 1, .dport = 5 }), -22);
	assert_int_equal(flow(PIX_OP_FLOW_SET, (struct pix_flow){ .proto = 17, .qgm = 3 }), -22);
	assert_int_equal(flow(PIX_OP_FLOW_DEL, f), -2);
	assert_int_equal(flow(PIX_OP_FLOW_SET, f), 0);
	f.qgm = 1;
	assert_int_equal(flow(PIX_OP_FLOW_SET, f), 0);
	assert_int_equal(steer_list_flows(0, out, 4, &total), 1);
	assert_int_equal(out[0].qgm, 1);
	for (u32 i = 1; i < PIX_FLOWS_MAX; i++) {
		f.dport = (u16)(100 + i);
		assert_int_equal(flow(PIX_OP_FLOW_SET, f), 0);
	}
	f.dport = 9;
	assert_int_equal(flow(PIX_OP_FLOW_SET, f), -28);
	f.dport = 53;
	assert_int_equal(flow(PIX_OP_FLOW_DEL, f), 0);
	steer_list_flows(0, out, 4, &total);
	assert_int_equal(total, PIX_FLOWS_MAX - 1);
	/* A transaction that fails later leaves nothing of this. */
	struct pix_op ops[2] = { { .kind = PIX_OP_STEER_SET, .steer = { .mode = PIX_STEER_RTC } },
				 { .kind = PIX_OP_FLOW_DEL, .flow = f } };
	u64 epoch;
	u32 failed;

	assert_int_equal(control_txn(ops, 2, 0, &epoch, &failed), -2);
	assert_int_equal(failed, 1);
	steer_list(0, list, 8, &total);
	assert_int_equal(list[0].mode, PIX_STEER_RPS);
}

/* --- in the world --- */

static u64 left;
static u32 flows_n;

/* UDP from port 1 to port 2 of a bridge, one flow after another. */
static u32 source(struct memport *m, u8 *data, u32 room)
{
	u32 n;

	(void)room;
	if (!left || m->port->id != 1)
		return 0;
	n = udp4(0, false, 0);
	bytes[34] = (u8)(left % flows_n >> 8);
	bytes[35] = (u8)(left % flows_n);
	left--;
	memcpy(data, bytes, n);
	return n;
}

static void start(u32 nqgm, u32 nports)
{
	host_reset();
	world_make(&w, 32ull << 20, nqgm, nports);
	for (u16 i = 1; i <= 2; i++) {
		world_bridge(&w, i, 1);
		w.m[i]->source = source;
	}
	flows_n = 256;
	left = 0;
	world_settle(&w, 5, 100);
}

static void run(u64 frames)
{
	left = frames;
	while (left)
		world_turn(&w);
	world_settle(&w, 20, 1000);
	assert_null(world_law(&w));
}

/* Frames that each QGM worked on since the last call. */
static void worked(u64 *out)
{
	static u64 before[QGM_MAX];

	for (u32 i = 0; i < w.nqgm; i++) {
		u64 now = w.q[i]->c->stage[PIX_STAGE_parse].packets;

		out[i] = now - before[i];
		before[i] = now;
	}
}

static void spread(void **state)
{
	u64 n[QGM_MAX];

	(void)state;
	start(4, 2);
	worked(n);
	run(20000);
	worked(n);
	assert_int_equal(n[0], 20000); /* run to completion */
	assert_int_equal(set(0, PIX_STEER_RPS, 0), 0);
	world_settle(&w, 50, 1000);
	run(20000);
	worked(n);
	for (u32 i = 0; i < 4; i++)
		assert_true(n[i] > 2000); /* 256 flows in 128 buckets */
	assert_int_equal(n[0] + n[1] + n[2] + n[3], 20000);
	assert_int_equal(set(1, PIX_STEER_PIPELINE, 0xc), 0);
	world_settle(&w, 50, 1000);
	run(20000);
	worked(n);
	assert_int_equal(n[0] + n[1], 0); /* rx core 0, workers 2 and 3, tx core 1 */
	assert_int_equal(n[2] + n[3], 20000);
	assert_int_equal(flow(PIX_OP_FLOW_SET, (struct pix_flow){ .proto = 17, .qgm = 1 }), 0);
	world_settle(&w, 50, 1000);
	run(1000);
	worked(n);
	assert_int_equal(n[1], 1000); /* the rule holds whatever the mode */
	assert_int_equal(world_drops_all(&w), 0);
	assert_int_equal(memport_sent(w.m[2]), 61000);
}

/* Frames by rule: `show steering flows` counts what each steered since it was set. */
static void hits(void **state)
{
	struct pix_flow udp = { .proto = 17, .qgm = 1 }, seven = { .proto = 17, .sport = 7 };
	struct pix_flow out[4];
	u32 total;

	(void)state;
	start(3, 2);
	assert_int_equal(flow(PIX_OP_FLOW_SET, udp), 0);
	world_settle(&w, 50, 1000);
	run(1000);
	assert_int_equal(flow(PIX_OP_FLOW_SET, seven), 0); /* closer */
	udp.qgm = 2; /* the same rule with another worker counts on */
	assert_int_equal(flow(PIX_OP_FLOW_SET, udp), 0);
	world_settle(&w, 50, 1000);
	run(2560);
	assert_int_equal(steer_list_flows(0, out, 4, &total), 2);
	assert_int_equal(out[0].hits, 1000 + 2550);
	assert_int_equal(out[1].hits, 10);
	assert_int_equal(WORLD_SUM(&w, flow_hits[out[1].count]), 10);
	/* One that goes and comes again starts from 0; the others count on. */
	assert_int_equal(flow(PIX_OP_FLOW_DEL, seven), 0);
	assert_int_equal(flow(PIX_OP_FLOW_SET, seven), 0);
	world_settle(&w, 50, 1000);
	run(256);
	steer_list_flows(0, out, 4, &total);
	assert_int_equal(out[0].hits, 1000 + 2550 + 255);
	assert_int_equal(out[1].hits, 1);
	for (u32 i = 0; i < 2 * PIX_FLOWS_MAX; i++) { /* counters go round */
		assert_int_equal(flow(PIX_OP_FLOW_DEL, seven), 0);
		assert_int_equal(flow(PIX_OP_FLOW_SET, seven), 0);
		if (i % 16 == 0) /* what was published before is given back */
			world_settle(&w, 5, 1000);
	}
	steer_list_flows(0, out, 4, &total);
	assert_int_not_equal(out[0].count, out[1].count);
	assert_int_equal(out[0].hits, 1000 + 2550 + 255);
	assert_int_equal(out[1].hits, 0);
}

/* A worker that stops: its flows go to the others at once; when it is back, it gets flows again. */
static void leaves(void **state)
{
	u64 n[QGM_MAX];

	(void)state;
	start(3, 2);
	assert_int_equal(set(0, PIX_STEER_RPS, 0), 0);
	assert_int_equal(flow(PIX_OP_FLOW_SET, (struct pix_flow){ .src = pix_ip4(0x0a000001),
								  .proto = 17,
								  .sport = 7,
								  .qgm = 2 }),
			 0);
	world_settle(&w, 50, 1000);
	run(10000);
	worked(n);
	assert_true(n[2] > 1000);
	ctl_block()->qgm[2].up = 0;
	left = 10000;
	while (left) {
		host_clock_advance(10000);
		qgm_turn(w.q[0]);
		qgm_turn(w.q[1]);
	}
	for (u32 i = 0; i < 100; i++) {
		host_clock_advance(10000);
		qgm_turn(w.q[0]);
		qgm_turn(w.q[1]);
	}
	worked(n);
	assert_int_equal(n[2], 0);
	assert_int_equal(n[0] + n[1], 10000);
	assert_int_equal(world_drops_all(&w), 0);
	ctl_block()->qgm[2].up = 1;
	host_clock_advance(env_clock_hz() / 50);
	world_settle(&w, 50, 1000);
	run(10000);
	worked(n);
	assert_true(n[2] > 1000);
	assert_int_equal(world_drops_all(&w), 0);
}

/* While steering changes and a QGM stands still, frames wait, up to a bound. */
static void full(void **state)
{
	(void)state;
	start(3, 2);
	assert_int_equal(set(0, PIX_STEER_RPS, 0), 0);
	world_settle(&w, 50, 1000);
	assert_int_equal(set(0, PIX_STEER_RPS, 1), 0);
	left = 20000;
	while (left) { /* QGM 2 makes no turn */
		host_clock_advance(1000);
		qgm_turn(w.q[0]);
		qgm_turn(w.q[1]);
	}
	assert_true(w.q[0]->c->held > 100);
	assert_true(world_drops(&w, DROP_steer_full) > 100);
	assert_true(w.q[0]->steer->moving);
	world_settle(&w, 50, 1000);
	assert_false(w.q[0]->steer->moving);
	assert_int_equal(WORLD_SUM(&w, held), 0);
	assert_null(world_law(&w));
	assert_int_equal(memport_sent(w.m[2]), 20000 - world_drops_all(&w));
}

static void queues(void **state)
{
	const struct port *p;

	(void)state;
	host_reset();
	world_make_queues(&w, 48ull << 20, 3, 2, 8, 2);
	p = w.m[2]->port;
	assert_int_equal(p->rx_queues, 3);
	assert_int_equal(p->tx_queues, 2);
	assert_int_equal(p->owner, 1);
	assert_int_equal(p->queue_qgm[0], 1);
	assert_int_equal(p->queue_qgm[1], 2);
	assert_int_equal(p->queue_qgm[2], 0);
	assert_int_equal(w.q[1]->tx_by[2], 1);
	assert_int_equal(w.q[2]->tx_by[2], 2);
	assert_int_equal(w.q[0]->tx_by[2], 1); /* no Tx queue of its own: the third in turn */
	assert_int_equal(w.q[0]->queue_of[2], QGM_NO_QUEUE);
	for (u32 i = 0; i < 3; i++)
		assert_int_equal(w.q[i]->nqueues, 2);
	assert_null(world_law(&w));
}

/* What the port's own RSS brings to a queue. */
static u32 source_of(struct memport *m, u32 queue, u8 *data, u32 room)
{
	struct packet p = frame(0);

	(void)room;
	if (!left || m->port->id != 1)
		return 0;
	p.len = (u16)udp4(0, false, 0);
	bytes[34] = (u8)(left % flows_n >> 8);
	bytes[35] = (u8)(left % flows_n);
	if (memport_queue(m, flow_hash(&p)) != queue)
		return 0;
	left--;
	memcpy(data, bytes, p.len);
	return p.len;
}

static void start_queues(u16 rx, u16 tx)
{
	host_reset();
	world_make_queues(&w, 48ull << 20, 3, 2, rx, tx);
	for (u16 i = 1; i <= 2; i++) {
		world_bridge(&w, i, 1);
		w.m[i]->source_of = source_of;
	}
	flows_n = 256;
	left = 0;
	world_settle(&w, 5, 100);
	host_clock_advance(env_clock_hz() / 50); /* the owners look again who is up */
	world_settle(&w, 5, 100);
}

/* The NIC spreads over its queues; when a QGM stops, over those of the others. */
static void rss(void **state)
{
	struct memport *m;
	u64 before[3];

	(void)state;
	start_queues(8, 8);
	m = w.m[1];
	assert_true(m->spreads >= 1);
	run(9000);
	for (u32 i = 0; i < 3; i++) {
		assert_true(m->q[i].received > 1500);
		before[i] = m->q[i].received;
		assert_true(w.q[i]->c->port[1].rx == m->q[i].received); /* queue i: QGM i */
	}
	assert_int_equal(WORLD_SUM(&w, ring_out), 0); /* each sends by a queue of its own */
	ctl_block()->qgm[1].up = 0;
	host_clock_advance(env_clock_hz() / 50);
	for (u32 i = 0; i < 3; i++) {
		qgm_turn(w.q[0]);
		qgm_turn(w.q[2]);
	}
	left = 9000;
	while (left) {
		host_clock_advance(10000);
		qgm_turn(w.q[0]);
		qgm_turn(w.q[2]);
	}
	assert_int_equal(m->q[1].received, before[1]);
	assert_true(m->q[0].received + m->q[2].received == before[0] + before[2] + 9000);
	ctl_block()->qgm[1].up = 1;
	host_clock_advance(env_clock_hz() / 50);
	world_settle(&w, 5, 100);
	run(9000);
	assert_true(m->q[1].received > before[1] + 1500);
}

/* A port of several queues stops and starts under load: each QGM takes back what is its own. */
static void stopped(void **state)
{
	(void)state;
	start_queues(3, 2);
	for (u32 round = 0; round < 20; round++) {
		left = 400;
		while (left > 100)
			world_turn(&w);
		w.m[2]->tx_stuck = round & 1; /* frames are in its rings */
		left = 100;
		while (left)
			world_turn(&w);
		assert_int_equal(
			world_command(&w, 1, (struct ctl_cmd){ .kind = CTL_PORT_STOP, .a = 2 }), 0);
		world_settle(&w, 5, 1000);
		assert_int_equal(w.m[2]->port->state, PORT_STOPPED);
		for (u32 i = 0; i < 3; i++)
			assert_int_equal(w.m[2]->q[i].nposted + w.m[2]->q[i].tx_head -
						 w.m[2]->q[i].tx_tail,
					 0);
		assert_null(world_law(&w));
		w.m[2]->tx_stuck = false;
		assert_int_equal(
			world_command(&w, 1, (struct ctl_cmd){ .kind = CTL_PORT_START, .a = 2 }),
			0);
		world_settle(&w, 5, 1000);
		assert_int_equal(w.m[2]->port->state, PORT_RUNNING);
	}
	assert_true(w.m[2]->port->tx_aborted > 0);
	run(1000);
	assert_int_equal(WORLD_SUM(&w, tx),
			 memport_sent(w.m[1]) + memport_sent(w.m[2]) + w.m[2]->port->tx_aborted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(hashes),
		cmocka_unit_test(hostile),
		cmocka_unit_test(rules),
		cmocka_unit_test(rules_of_any_size),
		cmocka_unit_test(settings),
		cmocka_unit_test(spread),
		cmocka_unit_test(hits),
		cmocka_unit_test(leaves),
		cmocka_unit_test(full),
		cmocka_unit_test(queues),
		cmocka_unit_test(rss),
		cmocka_unit_test(stopped),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	host_reset();
	return r;
}
