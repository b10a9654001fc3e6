// SPDX-License-Identifier: MIT
/* Published ways and refused transactions (ways.h). */
#include "tests/unit/re/ways.h"

int ways_setup(void **state)
{
	(void)state;
	fake_start();
	return 0;
}

int ways_teardown(void **state)
{
	(void)state;
	fake_stop();
	return 0;
}

const struct adjacency *published(u16 vrf, struct pix_ip dst)
{
	const struct tables *t = tables_current();
	u32 id = 0;

	if (pix_ip_is4(dst) && t->fib[vrf])
		id = fib_lookup(t->fib[vrf], pix_ip_to4(dst));
	if (!pix_ip_is4(dst) && t->fib6[vrf])
		id = fib6_lookup(t->fib6[vrf], dst);
	return id ? nh_get(t->nh, id) : NULL;
}

struct way4 published4(u16 vrf, u32 dst)
{
	const struct adjacency *a = published(vrf, pix_ip4(dst));
	struct way4 w = { 0 };

	if (a)
		w = (struct way4){ a->kind, a->resolved, a->ifid, pix_ip_to4(a->gateway) };
	return w;
}

void leads(u32 dst, u8 kind, u16 ifid, u32 gateway)
{
	struct way4 w = published4(0, dst);

	assert_int_equal(w.kind, kind);
	assert_int_equal(w.ifid, ifid);
	assert_int_equal(w.gateway, gateway);
}

void leads6(const char *dst, u8 kind, u16 ifid, const char *gateway)
{
	const struct adjacency *a = published(0, ip6_scoped(ip6(dst), ifid));
	struct pix_ip gw = gateway ? ip6_scoped(ip6(gateway), ifid) : PIX_IP_NONE;

	if (kind == NH_NONE) {
		assert_null(a);
		return;
	}
	assert_non_null(a);
	assert_int_equal(a->kind, kind);
	if (kind == NH_GLEAN || kind == NH_FORWARD)
		assert_int_equal(a->ifid, ifid);
	assert_true(pix_ip_eq(a->gateway, gw));
}

void refused(struct pix_op *ops, u32 n, u32 at, int err)
{
	u64 epoch = tables_current()->epoch, out = 77;
	const struct tables *t = tables_current();
	long live = fake_live;
	u32 failed = 99;

	assert_int_equal(control_txn(ops, n, 0, &out, &failed), err);
	assert_int_equal(failed, at);
	assert_int_equal(ops[at].error, err);
	for (u32 i = 0; i < n; i++)
		if (i != at)
			assert_int_equal(ops[i].error, 0);
	assert_ptr_equal(tables_current(), t);
	assert_int_equal(tables_current()->epoch, epoch);
	assert_int_equal(fake_live, live);
}

void refused_one(struct pix_op op, int err)
{
	refused(&op, 1, 0, err);
}

void refused_why(struct pix_op op, int err, const char *why)
{
	refused(&op, 1, 0, err);
	assert_string_equal(control_why(), why);
}

struct pix_op del(struct pix_op op)
{
	op.kind = PIX_OP_ROUTE_DEL;
	return op;
}

struct pix_op op_if6(u16 id, const char *addr, u8 len)
{
	struct pix_op op = op_if(id, 0, 0);

	op.iface.v6 = 1;
	op.iface.addr_count = addr != NULL;
	op.iface.addr[0] = (struct pix_addr){ .len = len };
	if (addr)
		op.iface.addr[0].ip = ip6(addr);
	return op;
}

struct pix_op op_route6(const char *addr, u8 len, const char *gateway)
{
	struct pix_op op = op_route(0, len, 0);

	op.route.addr = ip6(addr);
	if (gateway)
		op.route.gateway = ip6(gateway);
	return op;
}

struct pix_op op_neigh6(u16 ifid, const char *addr, u8 mac_last)
{
	struct pix_op op = op_neigh(ifid, 0, mac_last);

	op.neigh.addr = ip6(addr);
	return op;
}
