// SPDX-License-Identifier: MIT
/*
 * qgm/control: all or nothing, every allocation failing once, and random transactions against a
 * model that works out each destination from the configuration alone.
 */
#include "tests/unit/re/ways.h"

#include "qgm/re/adj.h"
#include "qgm/re/ifset.h"
#include "qgm/re/rib.h"

/* --- tests ----------------------------------------------------------------------------------- */

static void check_only(void **state)
{
	struct pix_op ops[2] = { op_if(1, IP(10, 0, 1, 1), 24),
				 op_route(IP(20, 0, 0, 0), 8, IP(10, 0, 1, 254)) };
	const struct tables *t = tables_current();
	long live = fake_live;
	u64 epoch;
	u32 failed;

	(void)state;
	assert_int_equal(control_txn(ops, 2, PIX_TXN_CHECK, &epoch, &failed), 0);
	assert_int_equal(epoch, t->epoch);
	assert_ptr_equal(tables_current(), t);
	assert_int_equal(fake_live, live);
	assert_int_equal(control_txn(ops, 2, 2, &epoch, &failed), -EINVAL_);
	assert_int_equal(control_txn(ops, PIX_TXN_MAX + 1, 0, &epoch, &failed), -EINVAL_);
	assert_int_equal(control_txn(ops, 0, 0, &epoch, &failed), 0);
}

/* All that the listings show. */
struct shown {
	struct pix_route routes[32];
	struct pix_neigh neigh[8];
	struct pix_iface ifs[FAKE_PORTS];
	u32 n[3], total[3], ageing;
};

static void show(struct shown *s)
{
	memset(s, 0, sizeof(*s));
	s->n[0] = fake_routes(s->routes, 32, &s->total[0]);
	s->n[1] = control_list_neigh(0, s->neigh, 8, &s->total[1]);
	s->n[2] = control_list_ifaces(0, s->ifs, FAKE_PORTS, &s->total[2]);
	s->ageing = ifset_ageing(2);
	assert_int_equal(s->total[1], adj_neighbours()->count);
}

/* A transaction of every kind of operation; allocation n fails, for every n. */
static void no_memory(void **state)
{
	struct pix_op ops[] = {
		op_if(1, IP(10, 0, 5, 1), 24),
		op_if(3, IP(10, 0, 3, 1), 24),
		op_route(IP(20, 0, 0, 0), 8, IP(10, 0, 3, 254)),
		op_route(IP(22, 0, 0, 0), 8, IP(10, 0, 5, 254)),
		del(op_route(IP(21, 0, 0, 0), 8, 0)),
		op_neigh(2, IP(10, 0, 2, 9), 8),
		op_neigh(3, IP(10, 0, 3, 254), 8),
		{ .kind = PIX_OP_NEIGH_DEL,
		  .neigh = { .ifid = 2, .addr = pix_ip4(IP(10, 0, 2, 8)) } },
		{ .kind = PIX_OP_BRIDGE_SET, .bridge = { .id = 2, .ageing_s = 20 } },
	};
	static struct shown before, after;
	u32 failed;
	bool again = true;
	u64 epoch;

	(void)state;
	fake_txn((struct pix_op[]){ op_if(1, IP(10, 0, 1, 1), 24), op_if(2, IP(10, 0, 2, 1), 24),
				    op_route(IP(20, 0, 0, 0), 8, IP(10, 0, 2, 254)),
				    op_route(IP(21, 0, 0, 0), 8, IP(10, 0, 1, 254)),
				    op_neigh(1, IP(10, 0, 1, 254), 1),
				    op_neigh(2, IP(10, 0, 2, 8), 1),
				    op_neigh(2, IP(10, 0, 2, 9), 1) },
		 7);
	show(&before);
	for (long n = 0; again; n++) {
		const struct tables *t = tables_current();
		long live = fake_live;
		int err;

		fake_failed = 0;
		fake_fail_after = n;
		err = control_txn(ops, ARRAY_SIZE(ops), 0, &epoch, &failed);
		again = fake_failed > 0;
		fake_fail_after = -1;
		if (!again) {
			assert_true(n > 25);
			assert_int_equal(err, 0);
			break;
		}
		assert_int_equal(err, -ENOMEM_);
		assert_ptr_equal(tables_current(), t);
		assert_int_equal(fake_live, live);
		show(&after);
		assert_memory_equal(&before, &after, sizeof(before));
		leads(IP(20, 1, 1, 1), NH_FORWARD, 2, IP(10, 0, 2, 254));
	}
	fake_grace();
	leads(IP(20, 1, 1, 1), NH_FORWARD, 3, IP(10, 0, 3, 254));
	leads(IP(22, 1, 1, 1), NH_FORWARD, 1, IP(10, 0, 5, 254));
	leads(IP(21, 1, 1, 1), NH_NONE, 0, 0);
	leads(IP(10, 0, 2, 8), NH_GLEAN, 2, 0);
	assert_int_equal(tables_current()->nh->chunks, 1); /* no id was lost on the way */
	for (long n = 0; n < 100; n++) {                   /* a link of which no route depends */
		int err;

		fake_failed = 0;
		fake_fail_after = n;
		err = control_link(4, false, &epoch);
		fake_fail_after = -1;
		show(&after);
		assert_int_equal(after.ifs[3].link, err != 0);
		if (!fake_failed)
			break;
		assert_int_equal(err, -ENOMEM_);
	}
	fake_grace();
	for (long n = 0; n < 100; n++) { /* and one that matters */
		int err;

		fake_failed = 0;
		fake_fail_after = n;
		err = control_link(3, false, &epoch);
		fake_fail_after = -1;
		if (!fake_failed) {
			assert_int_equal(err, 0);
			break;
		}
		assert_int_equal(err, -ENOMEM_);
		leads(IP(20, 1, 1, 1), NH_FORWARD, 3, IP(10, 0, 3, 254));
	}
	fake_grace();
	leads(IP(20, 1, 1, 1), NH_NONE, 0, 0);
}

/* Routes of one gateway hang in a list: a rollback in the middle of it leaves it whole. */
static void rollback_links(void **state)
{
	struct pix_op r[3], bad = del(op_route(IP(99, 0, 0, 0), 8, 0)), ops[2];
	u64 epoch;

	(void)state;
	fake_txn((struct pix_op[]){ op_if(1, IP(10, 0, 1, 1), 24) }, 1);
	for (u32 gone = 0; gone < 3; gone++) {
		for (u32 i = 0; i < 3; i++) {
			r[i] = op_route(IP(20 + i, 0, 0, 0), 8, IP(10, 0, 1, 254));
			fake_txn(&r[i], 1);
		}
		for (u32 i = 0; i < 3; i++) {
			ops[0] = del(r[i]);
			ops[1] = bad;
			refused(ops, 2, 1, -ENOENT_);
		}
		fake_txn((struct pix_op[]){ del(r[gone]) }, 1);
		assert_int_equal(control_link(1, false, &epoch), 0);
		fake_grace();
		for (u32 i = 0; i < 3; i++)
			leads(IP(20 + i, 1, 1, 1), NH_NONE, 0, 0);
		assert_int_equal(control_link(1, true, &epoch), 0);
		fake_grace();
		for (u32 i = 0; i < 3; i++)
			leads(IP(20 + i, 1, 1, 1), i == gone ? NH_NONE : NH_FORWARD,
			      i == gone ? 0 : 1, i == gone ? 0 : IP(10, 0, 1, 254));
	}
}

static u64 prefixes(void)
{
	u64 n;

	(void)rib_bytes(&n);
	return n;
}

/* Ids and counts come back however often a transaction of one operation fails. */
static void rollback_counts(void **state)
{
	struct pix_op ops[] = { op_route(IP(30, 0, 0, 0), 8, IP(10, 0, 1, 253)),
				op_neigh(1, IP(10, 0, 1, 252), 1) };
	u64 epoch;
	u32 at;

	(void)state;
	fake_txn((struct pix_op[]){ op_if(1, IP(10, 0, 1, 1), 24) }, 1);
	for (u32 round = 0; round < 40; round++) {
		for (u32 i = 0; i < 2; i++) {
			for (long n = 0;; n++) {
				fake_failed = 0;
				fake_fail_after = n;
				/* the last allocations fail in the operation behind it */
				if (!control_txn(&ops[i], 1, PIX_TXN_CHECK, &epoch, &at))
					break;
				assert_true(fake_failed);
			}
			fake_fail_after = -1;
			assert_int_equal(adj_neighbours()->count, 0);
			assert_int_equal(prefixes(), 4);
		}
	}
	fake_txn(ops, 2);
	assert_int_equal(tables_current()->nh->chunks, 1);
}

/* --- random transactions against a model -------------------------------------------------------
 */

enum { MODEL_ROUTES = 40, MODEL_NEIGH = 40 };

struct model {
	struct {
		u32 addr, len;
		u16 vrf;
		bool set, up, link;
	} ifs[FAKE_PORTS + 1];
	struct {
		struct pix_route r;
		bool there;
	} routes[MODEL_ROUTES];
	struct {
		u32 addr;
		u16 ifid;
		bool there;
	} neigh[MODEL_NEIGH];
};

static struct model now, next;

static bool model_active(const struct model *m, u16 i)
{
	return m->ifs[i].set && m->ifs[i].up && m->ifs[i].link;
}

/* Can addr be a neighbour on interface i? */
static bool model_host(const struct model *m, u16 i, u32 addr)
{
	u32 mask = ipv4_mask(m->ifs[i].len);

	return model_active(m, i) && !((addr ^ m->ifs[i].addr) & mask) && addr != m->ifs[i].addr &&
	       (addr & ~mask) && (addr | mask) != 0xffffffff;
}

static bool model_resolved(const struct model *m, u16 ifid, u32 addr)
{
	for (u32 k = 0; k < MODEL_NEIGH; k++)
		if (m->neigh[k].there && m->neigh[k].ifid == ifid && m->neigh[k].addr == addr)
			return true;
	return false;
}

static struct way4 model_way(const struct model *m, u16 vrf, u32 dst)
{
	struct way4 best = { 0 };
	int best_len = -1, best_distance = 999;

	for (u16 i = 1; i <= FAKE_PORTS; i++) {
		u32 mask = ipv4_mask(m->ifs[i].len);

		if (!model_active(m, i) || m->ifs[i].vrf != vrf || ((dst ^ m->ifs[i].addr) & mask))
			continue;
		if (dst == m->ifs[i].addr)
			return (struct way4){ NH_LOCAL, 0, 0, 0 };
		if (!(dst & ~mask) || (dst | mask) == 0xffffffff)
			return (struct way4){ NH_BROADCAST, 0, 0, 0 };
		best = (struct way4){ NH_GLEAN, 0, i, 0 };
		best_len = (int)m->ifs[i].len;
		best_distance = 0;
	}
	for (u32 k = 0; k < MODEL_ROUTES; k++) {
		const struct pix_route *r = &m->routes[k].r;
		u16 via = 0;

		if (!m->routes[k].there || r->vrf != vrf ||
		    ((dst ^ pix_ip_to4(r->addr)) & ipv4_mask(r->len)))
			continue;
		if ((int)r->len < best_len || (r->len == best_len && r->distance >= best_distance))
			continue;
		for (u16 i = 1; i <= FAKE_PORTS; i++)
			if (m->ifs[i].vrf == vrf && model_host(m, i, pix_ip_to4(r->gateway)))
				via = i;
		if (r->type == PIX_ROUTE_FORWARD && !via)
			continue;
		best_len = r->len;
		best_distance = r->distance;
		if (r->type == PIX_ROUTE_FORWARD)
			best = (struct way4){ NH_FORWARD,
					      model_resolved(m, via, pix_ip_to4(r->gateway)), via,
					      pix_ip_to4(r->gateway) };
		else
			best = (struct way4){ r->type == PIX_ROUTE_BLACKHOLE ? NH_BLACKHOLE
									     : NH_UNREACHABLE,
					      0, 0, 0 };
	}
	if (best.kind == NH_GLEAN && model_resolved(m, best.ifid, dst))
		best = (struct way4){ NH_FORWARD, 1, best.ifid, dst };
	return best;
}

static u32 rnd(u32 n)
{
	return (u32)rand() % n;
}

/* One random operation on `next`; false: it came to nothing. */
static bool random_op(struct pix_op *op)
{
	u32 k = rnd(MODEL_ROUTES), what = rnd(10);
	u16 i = (u16)(1 + rnd(FAKE_PORTS));
	struct pix_route *r = &next.routes[k].r;

	if (what == 0) {
		/* subnets 10.0.<i>.0/24 or parts of them: never overlapping */
		*op = op_if(i, IP(10, 0, i, 1) + rnd(3) * 64, 24 + rnd(3));
		op->iface.up = rnd(4) != 0;
		op->iface.vrf = (u16)(rnd(6) == 0);
		for (k = 0; k < MODEL_NEIGH; k++) /* another VRF: other neighbours */
			if (next.neigh[k].ifid == i && next.ifs[i].vrf != op->iface.vrf)
				next.neigh[k].there = false;
		next.ifs[i].addr = pix_ip_to4(op->iface.addr[0].ip);
		next.ifs[i].len = op->iface.addr[0].len;
		next.ifs[i].vrf = op->iface.vrf;
		next.ifs[i].up = op->iface.up;
		next.ifs[i].set = true;
		return true;
	}
	if (what < 3) {
		k = rnd(MODEL_NEIGH);
		*op = op_neigh(next.neigh[k].ifid, next.neigh[k].addr, (u8)rnd(3));
		if (next.neigh[k].there) {
			op->kind = PIX_OP_NEIGH_DEL;
			next.neigh[k].there = false;
			return true;
		}
		next.neigh[k].ifid = op->neigh.ifid = i;
		next.neigh[k].addr = IP(10, 0, i, rnd(256));
		op->neigh.addr = pix_ip4(next.neigh[k].addr);
		if (model_resolved(&next, i, next.neigh[k].addr) ||
		    !model_host(&next, i, next.neigh[k].addr))
			return false;
		next.neigh[k].there = true;
		return true;
	}
	*op = (struct pix_op){ .kind = PIX_OP_ROUTE_DEL, .route = *r };
	if (next.routes[k].there) {
		next.routes[k].there = false;
		return true;
	}
	*r = (struct pix_route){
		.vrf = (u16)(rnd(6) == 0),
		.len = (u8)rnd(33),
		.proto = rnd(2) ? PIX_ROUTE_STATIC : PIX_ROUTE_BGP,
		.gateway = pix_ip4(IP(10, 0, i, rnd(256))),
		.distance = (u8)(1 + k), /* no ties */
	};
	r->addr = pix_ip4(IP(10 + rnd(2), 0, rnd(5), rnd(256)) & ipv4_mask(r->len));
	if (rnd(8) == 0) {
		r->type = (u8)(1 + rnd(2));
		r->gateway = PIX_IP_NONE;
	}
	for (u16 o = 1; o <= FAKE_PORTS; o++)
		if (!pix_ip_none(r->gateway) && next.ifs[o].addr == pix_ip_to4(r->gateway))
			return false;
	for (u32 o = 0; o < MODEL_ROUTES; o++)
		if (next.routes[o].there && pix_ip_eq(next.routes[o].r.addr, r->addr) &&
		    next.routes[o].r.len == r->len && next.routes[o].r.vrf == r->vrf &&
		    next.routes[o].r.proto == r->proto)
			return false;
	next.routes[k].there = true;
	*op = (struct pix_op){ .kind = PIX_OP_ROUTE_ADD, .route = *r };
	return true;
}

/* Interfaces changed: neighbours that are not on them any more are forgotten. */
static void model_flush(struct model *m)
{
	for (u32 k = 0; k < MODEL_NEIGH; k++)
		if (!model_host(m, m->neigh[k].ifid, m->neigh[k].addr))
			m->neigh[k].there = false;
}

static void compare(const struct model *m)
{
	for (u32 k = 0; k < 300; k++) {
		u32 dst = IP(10 + rnd(2), 0, rnd(6), rnd(256));
		u16 vrf = (u16)(k % 8 == 0);
		struct way4 want = model_way(m, vrf, dst), got = published4(vrf, dst);

		assert_int_equal(got.kind, want.kind);
		assert_int_equal(got.ifid, want.ifid);
		assert_int_equal(got.gateway, want.gateway);
		assert_int_equal(got.resolved, want.resolved);
	}
}

static void random_links(void)
{
	u16 i = (u16)(1 + rnd(FAKE_PORTS));
	bool up = rnd(2);
	u64 epoch;

	next = now;
	next.ifs[i].link = up;
	if (rnd(4) == 0)
		fake_fail_after = rnd(30);
	fake_failed = 0;
	if (!control_link(i, up, &epoch)) {
		now = next;
		model_flush(&now);
	} else {
		assert_true(fake_failed);
	}
	fake_fail_after = -1;
}

static void fuzz(void **state)
{
	static struct pix_op ops[12];
	u32 published_n = 0, failed_n = 0;

	(void)state;
	memset(&now, 0, sizeof(now));
	for (u16 i = 1; i <= FAKE_PORTS; i++)
		now.ifs[i].link = true;
	for (u32 k = 0; k < MODEL_NEIGH; k++)
		now.neigh[k].ifid = 1;
	for (int round = 0; round < 3000; round++) {
		u32 n = 0, at;
		u64 epoch;
		int err;

		next = now;
		for (u32 want = rnd(10); want; want--) {
			struct model keep = next;

			if (random_op(&ops[n])) {
				n++;
				/* what follows sees the interface as it will be */
				if (ops[n - 1].kind == PIX_OP_IF_SET && n > 1) {
					next = keep;
					n--;
				} else if (ops[n - 1].kind == PIX_OP_IF_SET) {
					model_flush(&next);
				}
			} else {
				next = keep;
			}
		}
		fake_failed = 0;
		if (rnd(3) == 0)
			fake_fail_after = rnd(60);
		err = control_txn(ops, n, 0, &epoch, &at);
		fake_fail_after = -1;
		if (err == -ENOMEM_) {
			assert_true(fake_failed);
			failed_n++;
		} else if (err) {
			/* a gateway that is an own address now: the model's interfaces moved on */
			assert_int_equal(err, -EINVAL_);
		} else {
			now = next;
			published_n++;
		}
		compare(&now);
		if (rnd(3) == 0) {
			random_links();
			compare(&now);
		}
		if (rnd(2))
			fake_grace();
	}
	fake_grace();
	printf("%u published, %u out of memory\n", published_n, failed_n);
	assert_true(published_n > 1000 && failed_n > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WAYS(check_only),     WAYS(no_memory),       WAYS(fuzz),
		WAYS(rollback_links), WAYS(rollback_counts),
	};

	printf("seed 1812\n");
	srand(1812);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
