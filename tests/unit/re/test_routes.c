// SPDX-License-Identifier: MIT
/*
 * Routes and neighbours through transactions: order of preference, gateways that come and go,
 * both families, VRFs, listings, and what is refused, with the reason.
 */
#include "tests/unit/re/ways.h"

#include "qgm/re/adj.h"

static void static_routes(void **state)
{
	struct pix_op r = op_route(IP(20, 0, 0, 0), 8, IP(10, 0, 1, 254));
	struct pix_op better = r, null0 = r;
	u64 epoch;

	(void)state;
	fake_txn((struct pix_op[]){ op_if(1, IP(10, 0, 1, 1), 24), r }, 2);
	leads(IP(20, 1, 1, 1), NH_FORWARD, 1, IP(10, 0, 1, 254));
	assert_int_equal(published4(0, IP(20, 1, 1, 1)).resolved, 0);
	fake_txn((struct pix_op[]){ op_neigh(1, IP(10, 0, 1, 254), 5) }, 1);
	assert_int_equal(published4(0, IP(20, 1, 1, 1)).resolved, 1);
	/* a gateway that is not attached: accepted, inactive until its subnet comes */
	fake_txn((struct pix_op[]){ op_route(IP(21, 0, 0, 0), 8, IP(10, 0, 2, 254)) }, 1);
	leads(IP(21, 1, 1, 1), NH_NONE, 0, 0);
	fake_txn((struct pix_op[]){ op_if(2, IP(10, 0, 2, 1), 24) }, 1);
	leads(IP(21, 1, 1, 1), NH_FORWARD, 2, IP(10, 0, 2, 254));
	/* links */
	assert_int_equal(control_link(1, false, &epoch), 0);
	assert_int_equal(epoch, tables_current()->epoch);
	fake_grace();
	leads(IP(20, 1, 1, 1), NH_NONE, 0, 0);
	leads(IP(10, 0, 1, 1), NH_NONE, 0, 0);
	leads(IP(21, 1, 1, 1), NH_FORWARD, 2, IP(10, 0, 2, 254));
	assert_int_equal(control_link(1, false, &epoch), 0);
	assert_int_equal(epoch, 0); /* nothing new */
	assert_int_equal(control_link(1, true, &epoch), 0);
	fake_grace();
	leads(IP(20, 1, 1, 1), NH_FORWARD, 1, IP(10, 0, 1, 254));
	assert_int_equal(published4(0, IP(20, 1, 1, 1)).resolved, 0); /* forgotten with the link */
	assert_int_equal(control_link(0, true, &epoch), -EINVAL_);
	assert_int_equal(control_link(FAKE_PORTS + 1, true, &epoch), -EINVAL_);
	/* distance, then the other protocol takes over; replacing */
	better.route.proto = PIX_ROUTE_BGP;
	better.route.gateway = pix_ip4(IP(10, 0, 2, 254));
	fake_txn(&better, 1);
	leads(IP(20, 1, 1, 1), NH_FORWARD, 1, IP(10, 0, 1, 254));
	fake_txn((struct pix_op[]){ del(r) }, 1);
	leads(IP(20, 1, 1, 1), NH_FORWARD, 2, IP(10, 0, 2, 254));
	fake_txn(&r, 1);
	null0.route.type = PIX_ROUTE_BLACKHOLE;
	null0.route.gateway = PIX_IP_NONE;
	fake_txn(&null0, 1);
	leads(IP(20, 1, 1, 1), NH_BLACKHOLE, 0, 0);
	/* the default route covers, a host route is covered */
	fake_txn((struct pix_op[]){ op_route(0, 0, IP(10, 0, 2, 254)),
				    op_route(IP(20, 1, 1, 1), 32, IP(10, 0, 2, 254)) },
		 2);
	leads(IP(99, 0, 0, 1), NH_FORWARD, 2, IP(10, 0, 2, 254));
	leads(IP(20, 1, 1, 1), NH_FORWARD, 2, IP(10, 0, 2, 254));
	fake_txn((struct pix_op[]){ del(op_route(IP(20, 1, 1, 1), 32, 0)) }, 1);
	leads(IP(20, 1, 1, 1), NH_BLACKHOLE, 0, 0);
	refused_one(del(op_route(IP(20, 1, 1, 1), 32, 0)), -ENOENT_);
}

static void route_errors(void **state)
{
	struct pix_op op, ops[3];

	(void)state;
	fake_txn((struct pix_op[]){ op_if(1, IP(10, 0, 1, 1), 24) }, 1);
#define BADR(field, value)                                    \
	op = op_route(IP(20, 0, 0, 0), 8, IP(10, 0, 1, 254)); \
	op.route.field = value;                               \
	refused_one(op, -EINVAL_)
	BADR(vrf, VRF_MAX);
	BADR(len, 33);
	BADR(addr, pix_ip4(IP(20, 0, 0, 1)));
	BADR(proto, PIX_ROUTE_CONNECTED);
	BADR(proto, PIX_ROUTE_LOCAL);
	BADR(proto, 17);
	BADR(type, 3);
	BADR(type, PIX_ROUTE_BLACKHOLE); /* with a gateway */
	BADR(gateway, PIX_IP_NONE);
	BADR(gateway, pix_ip4(IP(127, 0, 0, 1)));
	BADR(gateway, pix_ip4(IP(224, 0, 0, 1)));
	BADR(gateway, pix_ip4(IP(10, 0, 1, 1))); /* own */
	/* one bad operation: the good ones before and after leave nothing */
	ops[0] = op_route(IP(20, 0, 0, 0), 8, IP(10, 0, 1, 254));
	ops[1] = del(op_route(IP(30, 0, 0, 0), 8, 0));
	ops[2] = op_if(2, IP(10, 0, 2, 1), 24);
	refused(ops, 3, 1, -ENOENT_);
	leads(IP(20, 1, 1, 1), NH_NONE, 0, 0);
	leads(IP(10, 0, 2, 1), NH_NONE, 0, 0);
	fake_txn(ops, 1);
	leads(IP(20, 1, 1, 1), NH_FORWARD, 1, IP(10, 0, 1, 254));
}

static void neighbours(void **state)
{
	const u64 before = tables_current()->epoch;
	struct pix_op op;
	struct pix_neigh list[4];
	u64 epoch;
	u32 failed, total;

	(void)state;
	fake_txn((struct pix_op[]){ op_if(1, IP(10, 0, 1, 1), 24) }, 1);
	assert_int_equal(tables_current()->epoch, before + 1);
	refused_one(op_neigh(1, IP(10, 0, 1, 1), 1), -EINVAL_);
	refused_one(op_neigh(1, IP(10, 0, 1, 0), 1), -EINVAL_);
	refused_one(op_neigh(1, IP(10, 0, 1, 255), 1), -EINVAL_);
	refused_one(op_neigh(1, IP(10, 0, 2, 9), 1), -EINVAL_);
	refused_one(op_neigh(2, IP(10, 0, 1, 9), 1), -EINVAL_);
	refused_one(op_neigh(0, IP(10, 0, 1, 9), 1), -EINVAL_);
	op = op_neigh(1, IP(10, 0, 1, 9), 1);
	op.neigh.mac[0] = 1;
	refused_one(op, -EINVAL_);
	memset(op.neigh.mac, 0, 6);
	refused_one(op, -EINVAL_);
	op = op_neigh(1, IP(10, 0, 1, 9), 1);
	op.kind = PIX_OP_NEIGH_DEL;
	refused_one(op, -ENOENT_);
	op.kind = PIX_OP_NEIGH_FAIL;
	fake_txn(&op, 1);
	assert_int_equal(tables_current()->epoch, before + 1); /* nothing to publish */
	op.kind = PIX_OP_NEIGH_SET;
	fake_txn(&op, 1);
	assert_int_equal(tables_current()->epoch, before + 2);
	leads(IP(10, 0, 1, 9), NH_FORWARD, 1, IP(10, 0, 1, 9));
	assert_int_equal(control_txn(&op, 1, 0, &epoch, &failed), 0); /* a refresh */
	assert_int_equal(epoch, before + 2);
	fake_grace();
	assert_int_equal(control_list_neigh(0, list, 4, &total), 1);
	assert_int_equal(total, 1);
	assert_int_equal(list[0].ifid, 1);
	assert_int_equal(pix_ip_to4(list[0].addr), IP(10, 0, 1, 9));
	assert_memory_equal(list[0].mac, "\x02\xaa\0\0\0\x01", 6);
	/* a static host route is stronger than the neighbour's */
	fake_txn((struct pix_op[]){ op_route(IP(10, 0, 1, 9), 32, IP(10, 0, 1, 77)) }, 1);
	leads(IP(10, 0, 1, 9), NH_FORWARD, 1, IP(10, 0, 1, 77));
	fake_txn((struct pix_op[]){ del(op_route(IP(10, 0, 1, 9), 32, 0)) }, 1);
	leads(IP(10, 0, 1, 9), NH_FORWARD, 1, IP(10, 0, 1, 9));
	/* and so is one that is more specific than the subnet; a shorter one is not */
	fake_txn((struct pix_op[]){ op_route(IP(10, 0, 1, 0), 28, IP(10, 0, 1, 77)),
				    op_route(IP(10, 0, 0, 0), 23, IP(10, 0, 1, 77)) },
		 2);
	leads(IP(10, 0, 1, 9), NH_FORWARD, 1, IP(10, 0, 1, 77));
	fake_txn((struct pix_op[]){ op_neigh(1, IP(10, 0, 1, 10), 1) }, 1);
	leads(IP(10, 0, 1, 10), NH_FORWARD, 1, IP(10, 0, 1, 77));
	fake_txn((struct pix_op[]){ del(op_route(IP(10, 0, 1, 0), 28, 0)) }, 1);
	leads(IP(10, 0, 1, 9), NH_FORWARD, 1, IP(10, 0, 1, 9));
	leads(IP(10, 0, 1, 10), NH_FORWARD, 1, IP(10, 0, 1, 10));
	/* the subnet shrinks away from it */
	fake_txn((struct pix_op[]){ op_if(1, IP(10, 0, 1, 1), 30) }, 1);
	leads(IP(10, 0, 1, 9), NH_NONE, 0, 0);
	assert_int_equal(control_list_neigh(0, list, 4, &total), 0);
}

static void listings(void **state)
{
	struct control_routes at = { .end = 0 };
	struct pix_route r[16], one;
	struct pix_iface ifc[8];
	struct pix_op bgp = op_route(IP(10, 0, 1, 0), 24, IP(10, 0, 2, 9));
	struct pix_ip src;
	u32 total;

	(void)state;
	bgp.route.proto = PIX_ROUTE_BGP;
	fake_txn((struct pix_op[]){ op_if(1, IP(10, 0, 1, 1), 24), op_if(2, IP(10, 0, 2, 1), 24),
				    op_route(IP(20, 0, 0, 0), 8, IP(10, 0, 2, 254)),
				    op_route(IP(21, 0, 0, 0), 8, IP(10, 0, 7, 254)), bgp,
				    op_neigh(2, IP(10, 0, 2, 9), 9) },
		 6);
	assert_int_equal(fake_routes(r, 16, &total), 7);
	assert_int_equal(total, 7);
	assert_int_equal(r[0].proto, PIX_ROUTE_CONNECTED);
	assert_int_equal(pix_ip_to4(r[0].addr), IP(10, 0, 1, 0));
	assert_int_equal(r[0].ifid, 1);
	assert_int_equal(r[0].active, 1);
	assert_int_equal(r[1].proto, PIX_ROUTE_BGP);
	assert_int_equal(r[1].active, 0); /* usable, but not the best */
	assert_int_equal(r[1].distance, 20);
	assert_int_equal(r[2].proto, PIX_ROUTE_LOCAL);
	assert_int_equal(r[2].ifid, 1);
	assert_int_equal(r[2].len, 32);
	assert_int_equal(pix_ip_to4(r[5].addr), IP(20, 0, 0, 0));
	assert_int_equal(pix_ip_to4(r[5].gateway), IP(10, 0, 2, 254));
	assert_int_equal(r[5].ifid, 2);
	assert_int_equal(r[5].active, 1);
	assert_int_equal(r[5].distance, 1);
	assert_int_equal(r[6].ifid, 0);
	assert_int_equal(r[6].active, 0);
	for (u32 i = 0; i < 7; i++) { /* one by one */
		assert_int_equal(control_list_routes(&at, &one, 1, &total), 1);
		assert_memory_equal(&one, &r[i], sizeof(one));
	}
	assert_int_equal(control_list_routes(&at, &one, 1, &total), 0);
	assert_int_equal(control_list_ifaces(0, ifc, 8, &total), FAKE_PORTS);
	assert_string_equal(ifc[1].name, "eth1");
	assert_int_equal(pix_ip_to4(ifc[1].addr[0].ip), IP(10, 0, 2, 1));
	assert_int_equal(ifc[3].mode, PIX_IF_UNUSED);
	assert_int_equal(control_iface(2, ifc), 0);
	assert_int_equal(control_iface(0, ifc), -ENOENT_);
	assert_int_equal(control_source(0, pix_ip4(IP(20, 1, 1, 1)), 0, &src), 0);
	assert_int_equal(pix_ip_to4(src), IP(10, 0, 2, 1));
	assert_int_equal(control_source(0, pix_ip4(IP(10, 0, 1, 50)), 0, &src), 0);
	assert_int_equal(pix_ip_to4(src), IP(10, 0, 1, 1));
	assert_int_equal(control_source(0, pix_ip4(IP(10, 0, 2, 1)), 0, &src), 0);
	assert_int_equal(pix_ip_to4(src), IP(10, 0, 2, 1));
	assert_int_equal(control_source(0, pix_ip4(IP(99, 0, 0, 1)), 0, &src), -ENOENT_);
}

/* --- both families ---------------------------------------------------------------------------- */

static void routes6(void **state)
{
	struct pix_op ll = op_route6("2001:db8:a::", 48, "fe80::9"), r;
	u64 epoch;

	(void)state;
	fake_txn((struct pix_op[]){ op_if6(1, "2001:db8:1::1", 64), op_if6(2, NULL, 0),
				    op_route6("2001:db8:9::", 48, "2001:db8:1::9"),
				    op_route6("::", 0, "2001:db8:1::8") },
		 4);
	leads6("2001:db8:9::1", NH_FORWARD, 1, "2001:db8:1::9");
	leads6("2001:db8:77::1", NH_FORWARD, 1, "2001:db8:1::8");
	leads6("2001:db8:1::9", NH_GLEAN, 1, NULL);
	fake_txn((struct pix_op[]){ op_neigh6(1, "2001:db8:1::9", 9) }, 1);
	assert_int_equal(published(0, ip6("2001:db8:9::1"))->resolved, 1);
	/* a link-local gateway says on which link */
	refused_why(ll, -EINVAL_, "a link-local gateway needs an interface");
	ll.route.ifid = 2;
	fake_txn(&ll, 1);
	leads6("2001:db8:a::1", NH_FORWARD, 2, "fe80::9");
	assert_int_equal(control_link(2, false, &epoch), 0);
	fake_grace();
	leads6("2001:db8:a::1", NH_FORWARD, 1, "2001:db8:1::8"); /* the default */
	assert_int_equal(control_link(2, true, &epoch), 0);
	fake_grace();
	leads6("2001:db8:a::1", NH_FORWARD, 2, "fe80::9");
	/* the same prefix lengths of both families are no neighbours of each other */
	fake_txn(
		(struct pix_op[]){ op_if(3, IP(10, 0, 3, 1), 24), op_route(0, 0, IP(10, 0, 3, 9)) },
		2);
	leads(IP(8, 8, 8, 8), NH_FORWARD, 3, IP(10, 0, 3, 9));
	fake_txn((struct pix_op[]){ del(op_route6("::", 0, NULL)) }, 1);
	leads(IP(8, 8, 8, 8), NH_FORWARD, 3, IP(10, 0, 3, 9));
	leads6("2001:db8:77::1", NH_NONE, 0, NULL);
	/* what is wrong with it */
#define BADR6(field, value, why)                            \
	r = op_route6("2001:db8:b::", 48, "2001:db8:1::9"); \
	r.route.field = value;                              \
	refused_why(r, -EINVAL_, why)
	BADR6(len, 129, "the prefix length is too large");
	BADR6(len, 40, "the prefix has bits beyond its length");
	BADR6(addr, ip6("ff02::"), "no routes for link-local and multicast prefixes");
	BADR6(addr, ip6("fe80::"), "no routes for link-local and multicast prefixes");
	BADR6(gateway, pix_ip4(IP(10, 0, 3, 9)), "the gateway is of another family");
	BADR6(gateway, ip6("ff02::1"), "the gateway is not a unicast address");
	BADR6(gateway, ip6("::1"), "the gateway is not a unicast address");
	BADR6(gateway, ip6("2001:db8:1::1"), "the gateway is an own address");
	BADR6(ifid, 200, "the interface is not one of the route's VRF");
	BADR6(ifid, IFACE_MAX, "no such interface");
	BADR6(flags, 2, "no such flags of a route");
	BADR6(weight, 17, "a weight is 1..16");
	BADR6(type, 3, "no such type of route");
	BADR6(type, PIX_ROUTE_BLACKHOLE, "a route that does not forward has no gateway");
	BADR6(vrf, VRF_MAX, "no such VRF");
	BADR6(proto, PIX_ROUTE_CONNECTED, "a route that is set is static or BGP");
	refused_why(op_neigh6(1, "ff02::1", 1), -EINVAL_, "a neighbour has a unicast address");
	refused_why(op_neigh6(1, "2001:db8:1::1", 1), -EINVAL_,
		    "not an address of a neighbour on this interface");
	refused_why(op_neigh6(1, "2001:db8:2::1", 1), -EINVAL_,
		    "not an address of a neighbour on this interface");
}

/* A neighbour's host route must not hide a route inside of the subnet, in IPv6 as in IPv4. */
static void neighbours6(void **state)
{
	(void)state;
	fake_txn((struct pix_op[]){ op_if6(1, "2001:db8:1::1", 64),
				    op_neigh6(1, "2001:db8:1::10", 1),
				    op_neigh6(1, "2001:db8:1::77", 2) },
		 3);
	leads6("2001:db8:1::10", NH_FORWARD, 1, "2001:db8:1::10");
	fake_txn((struct pix_op[]){ op_route6("2001:db8:1::", 123, "2001:db8:1::77"),
				    op_route6("2001:db8::", 32, "2001:db8:1::77") },
		 2);
	leads6("2001:db8:1::10", NH_FORWARD, 1, "2001:db8:1::77");
	leads6("2001:db8:1::77", NH_FORWARD, 1, "2001:db8:1::77");
	fake_txn((struct pix_op[]){ del(op_route6("2001:db8:1::", 123, NULL)) }, 1);
	leads6("2001:db8:1::10", NH_FORWARD, 1, "2001:db8:1::10");
}

/* --- VRFs --------------------------------------------------------------------------------------
 */

static struct pix_op in_vrf(struct pix_op op, u16 vrf)
{
	if (op.kind == PIX_OP_IF_SET)
		op.iface.vrf = vrf;
	else
		op.route.vrf = vrf;
	return op;
}

/* The same addresses, neighbours and routes twice; each leads out of its own VRF's interface. */
static void vrfs(void **state)
{
	struct pix_op r = op_route(IP(20, 0, 0, 0), 8, IP(10, 0, 1, 9)), other;
	struct pix_iface ifc;

	(void)state;
	fake_txn((struct pix_op[]){ op_if(1, IP(10, 0, 1, 1), 24),
				    in_vrf(op_if(2, IP(10, 0, 1, 1), 24), 5), r, in_vrf(r, 5),
				    op_neigh(1, IP(10, 0, 1, 9), 1),
				    op_neigh(2, IP(10, 0, 1, 9), 2) },
		 6);
	assert_int_equal(published4(0, IP(20, 1, 1, 1)).ifid, 1);
	assert_int_equal(published4(5, IP(20, 1, 1, 1)).ifid, 2);
	assert_int_equal(published4(5, IP(20, 1, 1, 1)).resolved, 1);
	assert_int_equal(published(0, pix_ip4(IP(20, 1, 1, 1)))->eth[5], 1);
	assert_int_equal(published(5, pix_ip4(IP(20, 1, 1, 1)))->eth[5], 2);
	/* a route names interfaces of its own VRF only */
	other = in_vrf(op_route(IP(21, 0, 0, 0), 8, IP(10, 0, 1, 9)), 5);
	other.route.ifid = 1;
	refused_why(other, -EINVAL_, "the interface is not one of the route's VRF");
	other.route.ifid = 2;
	fake_txn(&other, 1);
	assert_int_equal(published4(5, IP(21, 1, 1, 1)).ifid, 2);
	/* the interface moves: the route that names it stays behind, not usable */
	fake_txn((struct pix_op[]){ in_vrf(op_if(2, IP(10, 0, 1, 1), 24), 6) }, 1);
	assert_int_equal(published4(5, IP(21, 1, 1, 1)).kind, NH_NONE);
	assert_int_equal(published4(5, IP(20, 1, 1, 1)).kind, NH_NONE);
	assert_int_equal(published4(6, IP(10, 0, 1, 9)).kind, NH_GLEAN);
	assert_int_equal(published4(0, IP(20, 1, 1, 1)).ifid, 1);
	assert_int_equal(control_iface(2, &ifc), 0);
	assert_int_equal(ifc.vrf, 6);
	/* gone with all it had: the teardown finds every leak */
	fake_txn((struct pix_op[]){ del(in_vrf(r, 5)), del(other) }, 2);
}

/* --- listings and limits -------------------------------------------------------------------------
 */

/* A listing goes on where it was, whatever comes and goes meanwhile: what stays is seen once. */
static void cursor(void **state)
{
	struct control_routes at = { .end = 0 };
	u32 seen[100] = { 0 }, total, n = 0;
	struct pix_route r[3];

	(void)state;
	fake_txn((struct pix_op[]){ op_if(1, IP(10, 0, 1, 1), 24) }, 1);
	for (u32 i = 0; i < 100; i++)
		fake_txn((struct pix_op[]){ op_route(IP(20, i, 0, 0), 16, IP(10, 0, 1, 9)) }, 1);
	for (u32 turn = 0;; turn++) {
		u32 got = control_list_routes(&at, r, 3, &total);

		for (u32 i = 0; i < got; i++)
			if (pix_ip_to4(r[i].addr) >> 24 == 20)
				seen[pix_ip_to4(r[i].addr) >> 16 & 255]++;
		n += got;
		if (!got)
			break;
		/* the one just seen goes, some in front and behind come and go */
		fake_txn((struct pix_op[]){ del(
				 op_route(pix_ip_to4(r[got - 1].addr), r[got - 1].len, 0)) },
			 r[got - 1].proto == PIX_ROUTE_STATIC);
		fake_txn((struct pix_op[]){ op_route(IP(19, turn, 0, 0), 16, IP(10, 0, 1, 9)),
					    op_route(IP(21, turn, 0, 0), 16, IP(10, 0, 1, 9)) },
			 2);
	}
	for (u32 i = 0; i < 100; i++)
		assert_int_equal(seen[i], 1);
	assert_true(n >= 102);
}

static void neighbour_limit(void **state)
{
	u32 failed, n = 0, total;
	struct pix_op op;
	u64 epoch;

	(void)state;
	op = op_if(1, IP(10, 1, 0, 1), 16);
	fake_txn(&op, 1);
	fake_txn((struct pix_op[]){ op_if(2, IP(10, 0, 2, 1), 24) }, 1);
	for (op = op_neigh(1, IP(10, 1, 0, 2), 1); n < 5000; n++) {
		op.neigh.addr = pix_ip4(IP(10, 1, 0, 2) + n);
		if (control_txn(&op, 1, 0, &epoch, &failed))
			break;
		fake_grace();
	}
	assert_int_equal(n, NEIGH_IF_MAX);
	refused_why(op, -ENOSPC_, "too many neighbours");
	fake_txn((struct pix_op[]){ op_neigh(2, IP(10, 0, 2, 9), 1) }, 1); /* another link */
	op.neigh.addr = pix_ip4(IP(10, 1, 0, 2));
	fake_txn(&op, 1); /* one that is known */
	op.kind = PIX_OP_NEIGH_DEL;
	fake_txn(&op, 1);
	op = op_neigh(1, IP(10, 1, 99, 99), 1);
	fake_txn(&op, 1);
	(void)control_list_neigh(0, NULL, 0, &total);
	assert_int_equal(total, NEIGH_IF_MAX + 1);
	/* the link takes them all away */
	assert_int_equal(control_link(1, false, &epoch), 0);
	fake_grace();
	(void)control_list_neigh(0, NULL, 0, &total);
	assert_int_equal(total, 1);
}

static void table_sizes(void **state)
{
	struct pix_table t[4];
	u32 total;

	(void)state;
	fake_txn((struct pix_op[]){ op_if(1, IP(10, 0, 1, 1), 24), op_if6(2, "2001:db8:1::1", 64) },
		 2);
	assert_int_equal(control_list_tables(0, t, 4, &total), 2);
	assert_int_equal(total, 2);
	assert_int_equal(t[0].v6, 0);
	assert_int_equal(t[0].prefixes, 4);
	assert_int_equal(t[0].fib_prefixes, 4);
	assert_true(t[0].rib_bytes > 0 && t[0].fib_bytes > 0);
	assert_int_equal(t[1].v6, 1);
	assert_int_equal(t[1].prefixes, 6);
	assert_int_equal(control_list_tables(1, t, 4, &total), 1);
	assert_int_equal(t[0].v6, 1);
}

/* --- sources ------------------------------------------------------------------------------------
 */

static void source_is(const char *dst, u16 ifid, const char *src)
{
	struct pix_ip got;

	assert_int_equal(control_source(0, ip6(dst), ifid, &got), 0);
	assert_true(pix_ip_eq(got, ip6(src)));
}

/* RFC 6724 5, for a router. */
static void sources(void **state)
{
	struct pix_op lo = op_if(90, IP(192, 0, 2, 1), 32), op = op_if6(1, "2001:db8:1::1", 64);
	struct pix_ip got;

	(void)state;
	lo.iface.kind = PIX_IF_LOOPBACK;
	lo.iface.addr[1] = (struct pix_addr){ .ip = ip6("2001:db8:ff::1"), .len = 128 };
	lo.iface.addr_count = 2;
	op.iface.addr[1] = (struct pix_addr){ .ip = ip6("2001:db8:2::1"), .len = 64 };
	op.iface.addr_count = 2;
	fake_txn((struct pix_op[]){ op, op_if6(2, NULL, 0), lo,
				    op_route6("2001:db8:2:8000::", 49, "2001:db8:1::9"),
				    op_route6("2001:db8:f0::", 48, "2001:db8:1::9") },
		 5);
	source_is("2001:db8:1::77", 0, "2001:db8:1::1");
	source_is("2001:db8:2::77", 0, "2001:db8:2::1");
	source_is("2001:db8:1::1", 0, "2001:db8:1::1");      /* rule 1 */
	source_is("2001:db8:2:9000::7", 0, "2001:db8:2::1"); /* rule 8 */
	source_is("2001:db8:f0::7", 0, "2001:db8:1::1");     /* rule 5 before rule 8 */
	source_is("fe80::7", 1, "fe80::ff:fe00:11");         /* rule 2 */
	source_is("fe80::7", 2, "fe80::ff:fe00:12");
	source_is("ff02::1", 2, "fe80::ff:fe00:12");
	/* a link without a global address: another interface's */
	op = op_route6("2001:db8:e::", 48, "fe80::9");
	op.route.ifid = 2;
	fake_txn(&op, 1);
	assert_int_equal(control_source(0, ip6("2001:db8:e::7"), 0, &got), 0);
	assert_true(!pix_ip_linklocal(got));
	assert_int_equal(control_source(0, ip6("2001:dead::1"), 0, &got), -ENOENT_);
	assert_int_equal(control_source(VRF_MAX, ip6("2001:db8:1::77"), 0, &got), -ENOENT_);
	assert_int_equal(control_source(0, pix_ip4(IP(192, 0, 2, 1)), 0, &got), 0);
	assert_int_equal(pix_ip_to4(got), IP(192, 0, 2, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WAYS(static_routes), WAYS(route_errors),    WAYS(neighbours),  WAYS(listings),
		WAYS(routes6),       WAYS(neighbours6),     WAYS(vrfs),        WAYS(sources),
		WAYS(cursor),        WAYS(neighbour_limit), WAYS(table_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
