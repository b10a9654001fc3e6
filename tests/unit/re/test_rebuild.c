// SPDX-License-Identifier: MIT
/*
 * What comes of many changes is what comes of the final configuration alone: random transactions of
 * all kinds (interfaces, both families, ECMP, neighbours, address states, VRFs), links and refused
 * allocations; now and then all is read back through the listings, built anew in an empty engine
 * from that, and compared: listings, where destinations lead, members of groups.
 */
#include "tests/unit/re/ways.h"

#include "qgm/re/ifset.h"
#include "qgm/re/rib.h"

enum { ROUNDS = 40, CHANGES = 300, SUBS = 6, ROUTES = 512, NEIGHS = 512, PROBES = 400 };

static u32 rnd(u32 n)
{
	return (u32)rand() % n;
}

/* --- random operations ------------------------------------------------------------------------ */

/* Interface ids in use: ports, then sub-interfaces, an IRB, a loopback. */
static u16 some_if(void)
{
	static const u16 ids[] = { 1, 2, 3, 4, 64, 65, 66, 67, 68, 69, 100, 101 };

	return ids[rnd(ARRAY_SIZE(ids))];
}

static struct pix_ip subnet6(u16 id, u32 host)
{
	return (struct pix_ip){ 0x20010db800000000ull | (u64)id << 16, host };
}

static struct pix_ip subnet4(u16 id, u32 host)
{
	return pix_ip4(IP(10, 0, id, host));
}

static struct pix_op random_if(void)
{
	u16 id = some_if();
	struct pix_op op = op_if(id, IP(10, 0, id, 1 + rnd(2)), (u8)(24 + rnd(2)));
	struct pix_iface *f = &op.iface;

	f->vrf = (u16)(rnd(5) == 0);
	f->up = rnd(6) != 0;
	f->v6 = (u8)rnd(2);
	f->dad = (u8)(rnd(3) == 0);
	f->mtu = rnd(3) ? 0 : 1280 + rnd(200);
	if (rnd(2))
		f->addr[f->addr_count++] =
			(struct pix_addr){ .ip = subnet6(id, 1 + rnd(2)), .len = 64 };
	if (rnd(4) == 0)
		f->addr[f->addr_count++] = (struct pix_addr){ .ip = subnet6(id, 3), .len = 64 };
	if (id >= 64 && id < 100) {
		f->kind = id < 64 + SUBS - 1 ? PIX_IF_SUB : PIX_IF_IRB;
		f->port = (u16)(1 + id % 3);
		f->vlan_outer = id;
		f->bridge = 1;
	} else if (id >= 100) {
		f->kind = PIX_IF_LOOPBACK;
	} else if (rnd(4) == 0) {
		*f = (struct pix_iface){ .id = id, .mode = PIX_IF_L2, .bridge = 1, .up = 1 };
	}
	if (rnd(8) == 0)
		*f = (struct pix_iface){ .id = id };
	return op;
}

static struct pix_op random_route(void)
{
	bool v6 = rnd(2);
	u16 via = some_if();
	struct pix_op op = op_route(0, 0, 0);
	struct pix_route *r = &op.route;

	r->vrf = (u16)(rnd(5) == 0);
	r->len = (u8)(v6 ? 32 + 8 * rnd(9) : 8 * rnd(5));
	r->addr = v6 ? (struct pix_ip){ 0x20010db800000000ull | (u64)rnd(70) << 16, 0 }
		     : pix_ip4(IP(10, 0, rnd(70), rnd(3)));
	r->addr = prefix_base(r->addr, r->len);
	r->proto = rnd(2) ? PIX_ROUTE_STATIC : PIX_ROUTE_BGP;
	r->gateway = v6 ? subnet6(via, 5 + rnd(4)) : subnet4(via, 5 + rnd(4));
	r->flags = rnd(2) ? PIX_ROUTE_PATH : 0;
	r->weight = (u8)rnd(4);
	r->distance = (u8)(rnd(3) * 30);
	if (v6 && rnd(3) == 0) {
		r->gateway = (struct pix_ip){ 0xfe80ull << 48, 5 + rnd(4) };
		r->ifid = via;
	}
	if (rnd(10) == 0) {
		r->type = (u8)(1 + rnd(2));
		r->gateway = PIX_IP_NONE;
		r->flags = 0;
		r->ifid = 0;
	}
	if (rnd(3) == 0)
		op.kind = PIX_OP_ROUTE_DEL;
	return op;
}

static struct pix_op random_neigh(void)
{
	static const enum pix_op_kind kind[] = { PIX_OP_NEIGH_SET, PIX_OP_NEIGH_SET,
						 PIX_OP_NEIGH_SET, PIX_OP_NEIGH_DEL,
						 PIX_OP_NEIGH_FAIL };
	u16 id = some_if();
	struct pix_op op = op_neigh(id, 0, (u8)rnd(4));

	op.kind = kind[rnd(ARRAY_SIZE(kind))];
	op.neigh.addr = rnd(3) == 0 ? (struct pix_ip){ 0xfe80ull << 48, 5 + rnd(4) }
			: rnd(2)    ? subnet6(id, 5 + rnd(4))
				    : subnet4(id, 5 + rnd(4));
	return op;
}

static struct pix_op random_state(void)
{
	u16 id = some_if();
	struct pix_iface ifc;
	struct pix_op op = { .kind = PIX_OP_ADDR_STATE };

	op.addr = (struct pix_addr_op){ .ifid = id, .state = (u8)rnd(3), .ip = subnet6(id, 1) };
	if (!control_iface(id, &ifc) && ifc.addr_count)
		op.addr.ip = ifc.addr[rnd(ifc.addr_count)].ip;
	return op;
}

static u32 done, refusals, dry;

static void change(void)
{
	struct pix_op ops[6];
	u32 n = 1 + rnd(2), failed;
	u64 epoch;
	int err;

	if (rnd(6) == 0) {
		(void)control_link((u16)(1 + rnd(FAKE_PORTS)), rnd(4) != 0, &epoch);
		return;
	}
	for (u32 i = 0; i < n; i++) {
		u32 what = rnd(10);

		ops[i] = what < 2   ? random_if()
			 : what < 6 ? random_route()
			 : what < 9 ? random_neigh()
				    : random_state();
	}
	fake_failed = 0;
	if (rnd(6) == 0)
		fake_fail_after = rnd(50);
	err = control_txn(ops, n, 0, &epoch, &failed);
	fake_fail_after = -1;
	assert_true(err != -ENOMEM_ ||
		    fake_failed); /* a table that only wanted to shrink goes without */
	done += !err;
	dry += err == -ENOMEM_;
	refusals += err && err != -ENOMEM_;
	if (err && !fake_failed)
		assert_true(control_why()[0] || err == -ENOENT_);
}

/* --- what there is ------------------------------------------------------------------------------
 */

struct picture {
	struct pix_iface ifs[64];
	struct pix_route routes[ROUTES];
	struct pix_neigh neigh[NEIGHS], gateways[NEIGHS];
	u32 n_ifs, n_routes, n_neigh, n_gateways;
	struct {
		u8 kind, resolved;
		u16 ifid, port, mtu, eth_len;
		struct pix_ip gateway;
		u8 eth[22];
		struct pix_ip members[PIX_ROUTE_PATHS]; /* of a group, sorted */
	} ways[PROBES];
};

static void add_member(struct pix_ip *list, struct pix_ip ip)
{
	u32 i = 0;

	while (i < PIX_ROUTE_PATHS && !pix_ip_none(list[i]) && !pix_ip_eq(list[i], ip))
		i++;
	assert_true(i < PIX_ROUTE_PATHS);
	for (list[i] = ip; i && pix_ip_cmp(list[i], list[i - 1]) < 0; i--) {
		list[i] = list[i - 1];
		list[i - 1] = ip;
	}
}

static void probe(struct picture *p, u32 i, u16 vrf, struct pix_ip dst)
{
	const struct adjacency *a = published(vrf, dst);

	if (!a)
		return;
	p->ways[i].kind = a->kind;
	if (a->kind == NH_GROUP) {
		for (u32 b = 0; b <= a->group->mask; b++) {
			const struct adjacency *m =
				nh_get(tables_current()->nh, a->group->bucket[b]);

			assert_int_equal(m->kind, NH_FORWARD);
			add_member(p->ways[i].members, m->gateway);
		}
		return;
	}
	p->ways[i].resolved = a->resolved;
	p->ways[i].ifid = a->ifid;
	p->ways[i].port = a->port;
	p->ways[i].mtu = a->mtu;
	p->ways[i].eth_len = a->eth_len;
	p->ways[i].gateway = a->gateway;
	memcpy(p->ways[i].eth, a->eth, sizeof(a->eth));
}

static void take(struct picture *p)
{
	u32 total;

	memset(p, 0, sizeof(*p));
	p->n_ifs = control_list_ifaces(0, p->ifs, ARRAY_SIZE(p->ifs), &total);
	assert_int_equal(p->n_ifs, total);
	p->n_routes = fake_routes(p->routes, ROUTES, &total);
	assert_int_equal(p->n_routes, total);
	p->n_neigh = control_list_neigh(0, p->neigh, NEIGHS, &total);
	p->n_gateways = control_list_gateways(0, p->gateways, NEIGHS, &total);
	for (u32 i = 0; i < PROBES; i++) {
		u16 vrf = (u16)(i % 5 == 0), id = (u16)(i * 7 % 102);
		u32 host = i / 2 % 10;

		if (i % 3 == 0)
			probe(p, i, vrf, subnet4(id, host));
		else if (i % 3 == 1)
			probe(p, i, vrf, subnet6(id, host));
		else
			probe(p, i, vrf, ip6_scoped((struct pix_ip){ 0xfe80ull << 48, host }, id));
	}
}

/* --- built anew ---------------------------------------------------------------------------------
 */

static void must(struct pix_op op)
{
	u64 epoch;
	u32 failed;
	int err = control_txn(&op, 1, 0, &epoch, &failed);

	if (err)
		fprintf(stderr, "operation %u: %d %s\n", op.kind, err, control_why());
	assert_int_equal(err, 0);
	fake_grace();
}

static void rebuild(const struct picture *p)
{
	u64 epoch;

	for (u32 i = 0; i < p->n_ifs; i++) {
		struct pix_op op = { .kind = PIX_OP_IF_SET, .iface = p->ifs[i] };
		struct pix_iface *f = &op.iface;

		/* the link-local address is the engine's doing */
		if (f->addr_count && pix_ip_linklocal(f->addr[f->addr_count - 1].ip))
			f->addr_count--;
		must(op);
	}
	for (u32 i = 0; i < p->n_ifs; i++)
		for (u32 k = 0; k < p->ifs[i].addr_count; k++)
			if (!pix_ip_is4(p->ifs[i].addr[k].ip))
				must((struct pix_op){ .kind = PIX_OP_ADDR_STATE,
						      .addr = { .ifid = p->ifs[i].id,
								.state = p->ifs[i].addr[k].state,
								.ip = p->ifs[i].addr[k].ip } });
	for (u32 i = 0; i < p->n_ifs; i++)
		if (p->ifs[i].kind == PIX_IF_PORT && !p->ifs[i].link)
			assert_int_equal(control_link(p->ifs[i].id, false, &epoch), 0);
	fake_grace();
	for (u32 i = 0; i < p->n_neigh; i++)
		must((struct pix_op){ .kind = PIX_OP_NEIGH_SET, .neigh = p->neigh[i] });
	for (u32 i = 0; i < p->n_routes; i++) {
		struct pix_op op = { .kind = PIX_OP_ROUTE_ADD, .route = p->routes[i] };

		if (op.route.proto != PIX_ROUTE_STATIC && op.route.proto != PIX_ROUTE_BGP)
			continue;
		op.route.flags = op.route.path ? PIX_ROUTE_PATH : 0;
		if (!pix_ip_linklocal(op.route.gateway))
			op.route.ifid = 0;
		must(op);
	}
	for (u32 i = 0; i < p->n_gateways; i++)
		if (p->gateways[i].state == PIX_NEIGH_FAILED)
			must((struct pix_op){ .kind = PIX_OP_NEIGH_FAIL, .neigh = p->gateways[i] });
}

static struct picture before, after;

/* A link-local path whose interface is gone, or of another VRF, cannot be written down again, nor a
 * gateway that has become an own address: such routes go first. */
static void drop_unspeakable(void)
{
	struct pix_route r[ROUTES];
	u32 total, n = fake_routes(r, ROUTES, &total);

	for (u32 i = 0; i < n; i++) {
		struct pix_op op = { .kind = PIX_OP_ROUTE_DEL, .route = r[i] };

		if ((r[i].proto != PIX_ROUTE_STATIC && r[i].proto != PIX_ROUTE_BGP) ||
		    r[i].type != PIX_ROUTE_FORWARD)
			continue;
		if (!rib_own(r[i].vrf, r[i].gateway) &&
		    (!pix_ip_linklocal(r[i].gateway) || r[i].ifid))
			continue;
		if (i && r[i].path && pix_ip_eq(r[i].addr, r[i - 1].addr))
			continue; /* gone with the first, or the first is to go, too */
		must(op);
		i += r[i].paths - 1u - r[i].path;
	}
}

static bool speakable(void)
{
	struct pix_route r[ROUTES];
	u32 total, n = fake_routes(r, ROUTES, &total);

	for (u32 i = 0; i < n; i++)
		if (r[i].type == PIX_ROUTE_FORWARD && r[i].proto >= PIX_ROUTE_STATIC &&
		    (rib_own(r[i].vrf, r[i].gateway) ||
		     (pix_ip_linklocal(r[i].gateway) && !r[i].ifid)))
			return false;
	return true;
}

static void changes_and_rebuilds(void **state)
{
	u32 compared = 0;

	(void)state;
	for (u32 round = 0; round < ROUNDS; round++) {
		fake_start();
		for (u32 i = 0; i < CHANGES; i++) {
			change();
			if (rnd(2))
				fake_grace();
		}
		fake_grace();
		drop_unspeakable();
		if (!speakable()) {
			fake_stop();
			continue;
		}
		take(&before);
		fake_stop(); /* finds leaks */
		fake_start();
		rebuild(&before);
		take(&after);
		assert_int_equal(before.n_ifs, after.n_ifs);
		for (u32 i = 0; i < before.n_ifs; i++)
			assert_memory_equal(&before.ifs[i], &after.ifs[i], sizeof(before.ifs[0]));
		assert_int_equal(before.n_routes, after.n_routes);
		for (u32 i = 0; i < before.n_routes; i++)
			assert_memory_equal(&before.routes[i], &after.routes[i],
					    sizeof(before.routes[0]));
		assert_int_equal(before.n_neigh, after.n_neigh);
		assert_memory_equal(before.neigh, after.neigh, sizeof(before.neigh));
		assert_int_equal(before.n_gateways, after.n_gateways);
		assert_memory_equal(before.gateways, after.gateways, sizeof(before.gateways));
		for (u32 i = 0; i < PROBES; i++)
			assert_memory_equal(&before.ways[i], &after.ways[i],
					    sizeof(before.ways[0]));
		fake_stop();
		compared++;
	}
	printf("%u transactions, %u refused, %u out of memory; %u compared\n", done, refusals, dry,
	       compared);
	assert_true(compared > ROUNDS / 3 && done > 3000 && dry > 150);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(changes_and_rebuilds) };

	printf("seed 8201\n");
	srand(8201);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
