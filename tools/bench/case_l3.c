// SPDX-License-Identifier: MIT
/*
 * The router: the whole path between two null ports with the full table, against a DPDK loop of
 * equal duties (peer_l3.c) over the same frames. 64 neighbours, half of them behind each port.
 * Nothing may be dropped, and both must send the same share out of each port.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench/cases.h"
#include "tools/bench/fib4.h"
#include "tools/bench/fib6.h"

enum { NEIGHBOURS = 64, LEN = 60 };

static struct peer_l3_neighbour neighbours[NEIGHBOURS];
static u8 (*patches)[NULL_PATCH]; /* what makes a frame different: its destination */
static u8 model[64];

static u64 run_qgm(void *arg, u64 packets)
{
	struct qgm *q = arg;
	u64 start = q->c->tx, end = start + packets;

	while (q->c->tx < end)
		qgm_turn(q);
	return q->c->tx - start;
}

/* Neighbour i (0..63) is station 2 + i of the subnet of port 1 + i % 2. */
static struct pix_ip neighbour_addr(u32 i, bool six)
{
	u32 port = 1 + i % 2;

	if (six)
		return (struct pix_ip){ 0xfd00000000000000ull | (u64)port << 32, 2 + i };
	return pix_ip4(0x0a000002u + (port << 16) + i);
}

static void make_neighbours(bool six)
{
	struct pix_op ops[NEIGHBOURS];

	memset(ops, 0, sizeof(ops));
	for (u32 i = 0; i < NEIGHBOURS; i++) {
		struct peer_l3_neighbour *n = &neighbours[i];

		*n = (struct peer_l3_neighbour){ { 2, 0, 0, 0, 1, (u8)i },
						 { 2, 0, 0, 9, 9, 1 },
						 i % 2 };
		ops[i].kind = PIX_OP_NEIGH_SET;
		ops[i].neigh.ifid = (u16)(1 + i % 2);
		ops[i].neigh.addr = neighbour_addr(i, six);
		memcpy(ops[i].neigh.mac, n->dst, 6);
	}
	hosted_txn(ops, NEIGHBOURS);
}

static void put_checksum(u8 *ip)
{
	u32 sum = 0;

	for (u32 i = 0; i < 20; i += 2)
		sum += (u32)ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	ip[10] = (u8)(sum >> 8);
	ip[11] = (u8)sum;
}

/* Frames come in on both ports: all have the address of one, which both sides accept. */
static void make_model4(void)
{
	memcpy(model, (const u8[]){ 2, 0, 0,    9, 9, 1,  2, 0, 0, 0, 7,  7,
				    8, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17 },
	       24);
}

/* TTL, protocol, checksum, source, destination, two bytes of ports. */
enum { PATCH4_AT = 22, PATCH6_AT = 38 };

static void make_patch4(u8 *patch, u32 dst, u32 number)
{
	u8 d[64];

	memcpy(d, model, sizeof(d));
	memcpy(d + 26,
	       (const u8[]){ 198, 18, (u8)(number >> 8), (u8)number, (u8)(dst >> 24),
			     (u8)(dst >> 16), (u8)(dst >> 8), (u8)dst },
	       8);
	put_checksum(d + 14);
	memcpy(patch, d + PATCH4_AT, NULL_PATCH);
}

static void put64(u8 *p, u64 v)
{
	v = __builtin_bswap64(v);
	memcpy(p, &v, 8);
}

static void make_model6(void)
{
	memcpy(model, (const u8[]){ 2, 0,    0,    9,    9, 1, 2, 0, 0, 0,  7,
				    7, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 6, 17, 64 },
	       22);
	put64(model + 22, 0x20010db800000000ull);
	put64(model + 30, 1);
}

static void make_patch6(u8 *patch, struct pix_ip dst)
{
	put64(patch, dst.hi);
	put64(patch + 8, dst.lo);
}

/* The engine's next-hop ids of the neighbours, by route next hop 1..64. */
static void hop_ids(u32 *id, bool six)
{
	const struct tables *t = tables_current();

	for (u32 i = 0; i < NEIGHBOURS; i++) {
		struct pix_ip a = neighbour_addr(i, six);

		id[i + 1] = six ? fib6_lookup(t->fib6[0], a) : fib_lookup(t->fib[0], (u32)a.lo);
		if (!id[i + 1])
			report_cannot("neighbour %u has no route", i);
	}
}

/* The share of the frames that leaves by each port is the same on both sides, and right. */
static void check(struct hosted *h, const struct peer_l3 *peer, double want)
{
	u64 out[3] = { 0, h->q[0]->c->port[1].out, h->q[0]->c->port[2].out };
	double pix = (double)out[1] / (double)(out[1] + out[2]);
	double theirs = (double)peer_l3_sent(peer, 0) /
			(double)(peer_l3_sent(peer, 0) + peer_l3_sent(peer, 1));

	hosted_check(h, 0);
	if (peer_l3_dropped(peer))
		report_wrong("peer dropped %lu packets", peer_l3_dropped(peer));
	if (pix < want - 0.01 || pix > want + 0.01 || theirs < want - 0.01 || theirs > want + 0.01)
		report_wrong("%.3f of the packets should leave by port 1: PIX %.3f, peer %.3f",
			     want, pix, theirs);
}

static void measure(struct hosted *h, u32 at, const char *bench, struct side *s, u32 n,
		    const struct peer_l3 *peer, double want, const char *what)
{
	const struct null_frame template = { model, LEN };
	char note[200];

	for (u32 i = 1; i <= 2; i++)
		null_port_generate_patched(h->port[i], &template, at,
					   (const u8(*)[NULL_PATCH])patches, KEYS, ~0ull, 32);
	snprintf(note, sizeof(note), "%s, 64 neighbours, burst 32, %d frames; PIX in %s", what,
		 KEYS, h->pages);
	report_sides(&(struct report){ bench, "Mpps", REPORT_RATE, 1, 1.5, note }, s, n);
	for (u32 i = 1; i <= 2; i++)
		null_port_generate_bare(h->port[i], 0, 0, 1);
	hosted_settle(h);
	check(h, peer, want);
}

static void make_world(struct hosted *h, u32 mb, bool six)
{
	hosted_make(h, mb, 1, 2, PAGES_BEST);
	hosted_bind(h, PIX_IF_L3, six);
	make_neighbours(six);
}

static void run4(const char *bench, enum keys_kind kind)
{
	static const char *vdevs[] = { "net_null0,size=60,copy=0", "net_null1,size=60,copy=0",
				       NULL };
	enum peer_lpm_kind kinds[] = { PEER_FIB_2B_AVX512, PEER_FIB_2B_SCALAR, PEER_LPM };
	struct side s[4] = { { .name = NULL } };
	struct peer_traffic in;
	struct peer_lpm *fib = NULL;
	struct peer_l3 *peer = NULL;
	struct hosted h;
	struct routes r;
	struct naive *t;
	u32 id[NEIGHBOURS + 1], n = 1, port1 = 0;

	routes_load(&r, true, false);
	t = naive_make(&r);
	full4.keys = keys_make4(&r, t, kind, 42 + kind);
	patches = memory_map(KEYS * sizeof(*patches), PAGES_BEST, NULL);
	make_model4();
	for (u32 i = 0; i < KEYS; i++) {
		/* Martians and multicast of the covered space go elsewhere. */
		u32 dst = full4.keys[i], top = dst >> 24;

		if (top == 0 || top == 10 || top == 127 || top >= 224)
			dst = full4.keys[0];
		make_patch4(patches[i], dst, i);
		port1 += naive_lookup4(t, dst) % 2;
	}
	make_world(&h, 512, false);
	hop_ids(id, false);
	fib4_publish_mapped(r.v4, r.n4, id);
	if (!options.profile)
		peer_start(options.core, options.full ? 1000 : 700, vdevs);
	in = (struct peer_traffic){ model, (const uint8_t(*)[16])patches, KEYS, PATCH4_AT };
	s[0] = (struct side){ .name = "pix", .run = run_qgm, .arg = h.q[0] };
	for (u32 i = 0; !options.profile && i < ARRAY_SIZE(kinds); i++) {
		struct peer_lpm *l;

		if (kinds[i] == PEER_LPM && !options.full)
			continue;
		/* One table, looked up in two ways. */
		l = kinds[i] == PEER_FIB_2B_SCALAR && fib ? peer_lpm_alias(fib, kinds[i])
							  : fib4_peer(kinds[i], &r);
		if (!l)
			continue;
		fib = fib ? fib : l;
		fib4_check_peer(t, l, peer_lpm_name(kinds[i]));
		peer = peer_l3_create(0, 1, l, NULL, &in, neighbours, NEIGHBOURS);
		s[n++] = (struct side){ .name = peer_lpm_name(kinds[i]),
					.run = peer_l3_run,
					.arg = peer };
	}
	if (n == 1 && !options.profile)
		report_cannot("no peer");
	measure(&h, PATCH4_AT, bench, s, n, s[1].arg, (double)port1 / KEYS,
		"1,069,950 IPv4 routes");
}

void case_l3fwd4_random(void)
{
	run4("l3fwd4-random", KEYS_RANDOM);
}

void case_l3fwd4_zipf(void)
{
	run4("l3fwd4-zipf", KEYS_ZIPF);
}

void case_l3fwd6_random(void)
{
	static const char *vdevs[] = { "net_null0,size=60,copy=0", "net_null1,size=60,copy=0",
				       NULL };
	struct side s[3] = { { .name = NULL } };
	struct peer_traffic in;
	struct peer_l3 *peer;
	struct hosted h;
	struct routes r;
	struct naive *t;
	u32 id[NEIGHBOURS + 1], n = 1, port1 = 0;

	routes_load(&r, false, true);
	t = naive_make(&r);
	full6.keys = keys_make6(&r, KEYS_UNIFORM, 43);
	patches = memory_map(KEYS * sizeof(*patches), PAGES_BEST, NULL);
	make_model6();
	for (u32 i = 0; i < KEYS; i++) {
		struct pix_ip dst = full6.keys[i];

		if (dst.hi >> 61 != 1) /* global unicast */
			dst = full6.keys[0];
		make_patch6(patches[i], dst);
		port1 += naive_lookup6(t, dst) % 2;
	}
	make_world(&h, 512, true);
	hop_ids(id, true);
	fib6_publish_mapped(r.v6, r.n6, id);
	if (!options.profile)
		peer_start(options.core, 1600, vdevs);
	in = (struct peer_traffic){ model, (const uint8_t(*)[16])patches, KEYS, PATCH6_AT };
	s[0] = (struct side){ .name = "pix", .run = run_qgm, .arg = h.q[0] };
	for (u32 kind = PEER_FIB6_AVX512; !options.profile; kind = PEER_LPM6) {
		struct peer_lpm6 *l = fib6_peer(kind, &r);

		if (l) {
			fib6_check_peer(t, l, peer_lpm6_name(kind));
			peer = peer_l3_create(0, 1, NULL, l, &in, neighbours, NEIGHBOURS);
			s[n++] = (struct side){ .name = peer_lpm6_name(kind),
						.run = peer_l3_run,
						.arg = peer };
		}
		if (kind == PEER_LPM6)
			break;
	}
	if (n == 1 && !options.profile)
		report_cannot("no peer");
	measure(&h, PATCH6_AT, "l3fwd6-random", s, n, s[1].arg, (double)port1 / KEYS,
		"220,103 IPv6 routes");
}
