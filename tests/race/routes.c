// SPDX-License-Identifier: MIT
/*
 * Routes and neighbours: the table writer commits transaction after transaction while QGMs on
 * threads of their own look up, queue and rewrite. What leaves is addressed to a station that
 *exists; nothing is read that is being written or was freed. Routes have one path or several
 *(ECMP).
 *
 *	4 ports, 10.0.<port>.1/24; gateways .10-.13 on each; 20.<n>.0.0/16 behind one of them
 */
#include "tests/race/race.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "qgm/control.h"
#include "qgm/re/checksum.h"
#include "qgm/re/ipv4.h"
#include "tools/host/world.h"

enum { PORTS = 4, QGMS = 2, COMMITS = 6000, GATEWAYS = 4, PREFIXES = 40 };

static struct world w;
static bool stop;
static u32 wrong, refused;
static u64 out, rng[PORTS + 1], writer_rng = 99;

static u32 rnd(u64 *s, u32 n)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return (u32)(*s >> 20) % n;
}

static u32 gateway(u32 port, u32 n)
{
	return 0x0a00000au | port << 8 | n;
}

static u32 source(struct memport *m, u8 *data, u32 room)
{
	u32 id = m->port->id;
	u32 dst = 0x14000000u | rnd(&rng[id], PREFIXES) << 16 | rnd(&rng[id], 65536);
	struct ipv4_hdr *ip = (struct ipv4_hdr *)(data + ETH_HLEN);

	(void)room;
	if (load_relaxed(&stop))
		return 0;
	if (!rnd(&rng[id], 8))
		dst = gateway(1 + rnd(&rng[id], PORTS), rnd(&rng[id], GATEWAYS));
	memcpy(data, m->port->mac, ETH_ALEN);
	memcpy(data + ETH_ALEN, "\x02\xbb\0\0\0\1\x08\0", 8);
	*ip = (struct ipv4_hdr){ .ver_ihl = 0x45,
				 .total_len = cpu_to_be16(46),
				 .ttl = 64,
				 .proto = 253,
				 .src = cpu_to_be32(0x1e000001u + id),
				 .dst = cpu_to_be32(dst) };
	ip->check = checksum(ip, sizeof(*ip));
	return 60;
}

static void sink(struct memport *m, const u8 *data, u32 len)
{
	const struct ipv4_hdr *ip = (const struct ipv4_hdr *)(data + ETH_HLEN);

	fetch_add_relaxed(&out, 1);
	if (len != 60 || data[0] != 2 || data[1] != 0xcc || data[4] != m->port->id ||
	    data[5] >= GATEWAYS || ip->ttl != 63 || checksum(ip, sizeof(*ip)))
		fetch_add_relaxed(&wrong, 1);
}

static void *reader(void *arg)
{
	while (!load_relaxed(&stop))
		qgm_turn(arg);
	return NULL;
}

static struct pix_op neighbour(u32 port, u32 n, enum pix_op_kind kind)
{
	struct pix_op op = { .kind = kind, .neigh = { .ifid = (u16)port } };

	op.neigh.addr = pix_ip4(gateway(port, n));
	memcpy(op.neigh.mac, (const u8[]){ 2, 0xcc, 0, 0, (u8)port, (u8)n }, ETH_ALEN);
	return op;
}

static struct pix_op random_op(void)
{
	u32 port = 1 + rnd(&writer_rng, PORTS), n = rnd(&writer_rng, GATEWAYS);
	struct pix_op op = { .kind = PIX_OP_ROUTE_ADD };

	if (rnd(&writer_rng, 4) == 0)
		return neighbour(port, n,
				 rnd(&writer_rng, 3) ? PIX_OP_NEIGH_SET : PIX_OP_NEIGH_FAIL);
	op.route =
		(struct pix_route){ .addr = pix_ip4(0x14000000u | rnd(&writer_rng, PREFIXES) << 16),
				    .len = (u8)(16 + rnd(&writer_rng, 3) * 4),
				    .proto = PIX_ROUTE_STATIC,
				    .gateway = pix_ip4(gateway(port, n)) };
	if (rnd(&writer_rng, 2)) /* ECMP: a path more or less */
		op.route.flags = PIX_ROUTE_PATH;
	if (rnd(&writer_rng, 3) == 0)
		op.kind = PIX_OP_ROUTE_DEL;
	return op;
}

static void commit(struct pix_op *ops, u32 n)
{
	u64 epoch;
	u32 failed;
	int err = control_txn(ops, n, 0, &epoch, &failed);

	/* -ENOENT: there was no such route; -ENOMEM: readers are slow to pass the epochs */
	if (err && err != -2 && err != -12)
		fetch_add_relaxed(&wrong, 1);
	if (err)
		refused++;
	while (tables_pending() > 200 && !tables_reclaim())
		sched_yield();
}

static void *writer(void *arg)
{
	(void)arg;
	for (u32 n = 0; n < COMMITS; n++) {
		struct pix_op ops[4];
		u32 k = 0;

		for (u32 want = 1 + rnd(&writer_rng, 4); k < want; k++)
			ops[k] = random_op();
		commit(ops, k);
	}
	store_relaxed(&stop, true);
	return NULL;
}

int race_routes(void)
{
	struct race_thread t[QGMS + 1];
	const char *law;

	world_make(&w, 64ull << 20, QGMS, PORTS);
	for (u16 id = 1; id <= PORTS; id++) {
		struct pix_op op = { .kind = PIX_OP_IF_SET };

		op.iface = (struct pix_iface){
			.id = id,
			.mode = PIX_IF_L3,
			.up = 1,
			.addr_count = 1,
			.addr = { { .ip = pix_ip4(0x0a000001u | (u32)id << 8), .len = 24 } }
		};
		commit(&op, 1);
		rng[id] = 7 + id;
		w.m[id]->source = source;
		w.m[id]->sink = sink;
		for (u32 n = 0; n < GATEWAYS; n++) {
			op = neighbour(id, n, PIX_OP_NEIGH_SET);
			commit(&op, 1);
		}
	}
	for (u32 i = 0; i < QGMS; i++)
		t[i] = (struct race_thread){ reader, w.q[i] };
	t[QGMS] = (struct race_thread){ writer, NULL };
	race_threads(t, QGMS + 1);
	world_settle(&w, 4, 1000);
	law = world_law(&w);
	printf("%lu packets out, %u wrong, %u transactions refused; law: %s\n", out, wrong, refused,
	       law ? law : "holds");
	return law || wrong || out < COMMITS || refused > COMMITS / 2 ? 2 : 0;
}
