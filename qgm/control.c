// SPDX-License-Identifier: MIT
/*
 * control: transactions of the generic partition on the data plane (control.h).
 *
 * Order inside a transaction: every operation is checked by itself; then the interfaces are made
 * as wanted and checked against each other; then their routes are derived; then routes, neighbours
 * and bridges follow in the order given, seeing the new interfaces; then what QGMs read is built.
 * Every step writes drafts and the undo log only, so that any failure leaves nothing.
 */
#include "qgm/control.h"

#include "qgm/env.h"
#include "qgm/re/adj.h"
#include "qgm/re/errno.h"
#include "qgm/re/ifset.h"
#include "qgm/re/ipv4.h"
#include "qgm/re/rib.h"
#include "qgm/re/txn.h"
#include "qgm/steer/setting.h"

int control_init(void)
{
	struct txn t;

	fib_plant_cover(env_planted("cover"));
	fib6_plant_cover(env_planted("cover6"));
	adj_init();
	rib_init();
	ifset_init();
	steer_setting_init();
	if (txn_begin(&t))
		return -ENOMEM;
	if (nh_set_punt_classes(t.nh, 1u << PIX_PUNT_ARP | 1u << PIX_PUNT_ICMP)) {
		txn_abort(&t);
		return -ENOMEM;
	}
	txn_commit(&t);
	return 0;
}

/* --- checks of one operation ---------------------------------------------------------------- */

static int route_check(const struct pix_route *r, bool add)
{
	u32 gateway = pix_ip_to4(r->gateway);

	if (r->vrf >= VRF_MAX || r->len > 32 || !pix_ip_is4(r->addr) ||
	    (pix_ip_to4(r->addr) & ~ipv4_mask(r->len)) || r->flags ||
	    (r->proto != PIX_ROUTE_STATIC && r->proto != PIX_ROUTE_BGP))
		return -EINVAL;
	if (!add)
		return 0;
	if (r->type > PIX_ROUTE_UNREACHABLE)
		return -EINVAL;
	if (r->type != PIX_ROUTE_FORWARD)
		return pix_ip_none(r->gateway) ? 0 : -EINVAL;
	/* The gateway is a unicast host. */
	if (!pix_ip_is4(r->gateway) || !(gateway >> 24) || gateway >> 24 == 127 ||
	    gateway >> 24 >= 224)
		return -EINVAL;
	return 0;
}

static bool mac_ok(const u8 *mac)
{
	static const u8 zero[6];

	return !(mac[0] & 1) && __builtin_memcmp(mac, zero, sizeof(zero)) != 0;
}

static int neigh_check(const struct pix_neigh *n, bool set)
{
	if (!ifset_get(n->ifid) || !pix_ip_is4(n->addr))
		return -EINVAL;
	return set && !mac_ok(n->mac) ? -EINVAL : 0;
}

static int op_check(const struct pix_op *op)
{
	switch (op->kind) {
	case PIX_OP_IF_SET:
		return ifset_check(&op->iface);
	case PIX_OP_ROUTE_ADD:
	case PIX_OP_ROUTE_DEL:
		return route_check(&op->route, op->kind == PIX_OP_ROUTE_ADD);
	case PIX_OP_NEIGH_SET:
	case PIX_OP_NEIGH_DEL:
	case PIX_OP_NEIGH_FAIL:
		return neigh_check(&op->neigh, op->kind == PIX_OP_NEIGH_SET);
	case PIX_OP_BRIDGE_SET:
		return op->bridge.id && op->bridge.id < BRIDGE_MAX ? 0 : -EINVAL;
	case PIX_OP_STEER_SET:
	case PIX_OP_FLOW_SET:
	case PIX_OP_FLOW_DEL:
		return 0; /* when executed */
	default:
		return -EINVAL;
	}
}

/* --- execution ------------------------------------------------------------------------------ */

static int route_add(struct txn *t, const struct pix_route *r)
{
	static const u8 kind[] = {
		[PIX_ROUTE_FORWARD] = NH_FORWARD,
		[PIX_ROUTE_BLACKHOLE] = NH_BLACKHOLE,
		[PIX_ROUTE_UNREACHABLE] = NH_UNREACHABLE,
	};
	u8 distance = r->distance;

	if (!distance)
		distance = r->proto == PIX_ROUTE_BGP ? RIB_DISTANCE_BGP : RIB_DISTANCE_STATIC;
	if (r->type == PIX_ROUTE_FORWARD && ifset_owner(r->vrf, pix_ip_to4(r->gateway)))
		return -EINVAL;
	return rib_add(t, r->vrf, pix_ip_to4(r->addr), r->len, r->proto, distance, kind[r->type], 0,
		       pix_ip_to4(r->gateway));
}

static int neigh_set(struct txn *t, const struct pix_neigh *n)
{
	if (!ifset_neighbour_ok(n->ifid, pix_ip_to4(n->addr)))
		return -EINVAL;
	return adj_neigh_set(t, n->ifid, pix_ip_to4(n->addr), n->mac);
}

static int op_execute(struct txn *t, const struct pix_op *op)
{
	int err;

	switch (op->kind) {
	case PIX_OP_ROUTE_ADD:
		return route_add(t, &op->route);
	case PIX_OP_ROUTE_DEL:
		return rib_del(t, op->route.vrf, pix_ip_to4(op->route.addr), op->route.len,
			       op->route.proto);
	case PIX_OP_NEIGH_SET:
		return neigh_set(t, &op->neigh);
	case PIX_OP_NEIGH_DEL:
		return adj_neigh_del(t, op->neigh.ifid, pix_ip_to4(op->neigh.addr));
	case PIX_OP_NEIGH_FAIL:
		err = adj_neigh_del(t, op->neigh.ifid, pix_ip_to4(op->neigh.addr));
		return err == -ENOENT ? 0 : err;
	case PIX_OP_BRIDGE_SET:
		return ifset_bridge(t, op->bridge.id, op->bridge.ageing_s);
	case PIX_OP_STEER_SET:
		return steer_set(t, &op->steer);
	case PIX_OP_FLOW_SET:
		return steer_flow_set(t, &op->flow);
	case PIX_OP_FLOW_DEL:
		return steer_flow_del(t, &op->flow);
	default:
		return 0; /* interfaces are done before */
	}
}

/* Interfaces first. The index of the operation that fails is left in *at. */
static int interfaces_execute(struct txn *t, const struct pix_op *ops, u32 n, u32 *at)
{
	int err = 0;

	for (*at = 0; *at < n; ++*at) {
		if (ops[*at].kind == PIX_OP_IF_SET)
			err = ifset_apply(t, &ops[*at].iface);
		if (err)
			return err;
	}
	for (*at = 0; *at < n; ++*at) {
		if (ops[*at].kind == PIX_OP_IF_SET)
			err = ifset_agree(ops[*at].iface.id);
		if (err)
			return err;
	}
	*at = 0;
	return ifset_derive(t);
}

static int execute(struct txn *t, const struct pix_op *ops, u32 n, u32 *at)
{
	int err = interfaces_execute(t, ops, n, at);

	if (err)
		return err;
	for (*at = 0; *at < n; ++*at) {
		err = op_execute(t, &ops[*at]);
		if (err)
			return err;
	}
	*at = 0;
	err = t->steer_dirty ? steer_build(t) : 0;
	if (!err)
		err = ifset_build(t);
	return err ? err : txn_build(t);
}

static u64 finish(struct txn *t, bool publish)
{
	if (publish && t->changed)
		return txn_commit(t);
	txn_abort(t);
	return tables_current()->epoch;
}

int control_txn(struct pix_op *ops, u32 n, u32 flags, u64 *epoch, u32 *failed)
{
	struct txn t;
	u32 at;
	int err;

	*failed = 0;
	if (n > PIX_TXN_MAX || (flags & ~PIX_TXN_CHECK))
		return -EINVAL;
	for (u32 i = 0; i < n; i++)
		ops[i].error = 0;
	for (u32 i = 0; i < n; i++) {
		err = op_check(&ops[i]);
		if (err) {
			*failed = i;
			ops[i].error = err;
			return err;
		}
	}
	if (txn_begin(&t))
		return -ENOMEM;
	err = execute(&t, ops, n, &at);
	if (err) {
		txn_abort(&t);
		*failed = at;
		if (at < n)
			ops[at].error = err;
		return err;
	}
	*epoch = finish(&t, !(flags & PIX_TXN_CHECK));
	return 0;
}

int control_link(u16 port, bool up, u64 *epoch)
{
	struct txn t;
	int err;

	*epoch = 0;
	if (!ifset_get(port))
		return -EINVAL;
	if (!!ifset_get(port)->link == up)
		return 0;
	if (txn_begin(&t))
		return -ENOMEM;
	err = ifset_link(&t, port, up);
	if (!err)
		err = ifset_derive(&t);
	if (!err)
		err = ifset_build(&t);
	if (!err)
		err = txn_build(&t);
	if (err)
		txn_abort(&t);
	else
		*epoch = finish(&t, true);
	return err;
}

int control_listen(u32 classes, u64 *epoch)
{
	struct txn t;

	*epoch = 0;
	if (classes >> PIX_PUNT_CLASSES)
		return -EINVAL;
	if (tables_current()->nh->punt_classes == classes)
		return 0;
	if (txn_begin(&t))
		return -ENOMEM;
	if (nh_set_punt_classes(t.nh, classes)) {
		txn_abort(&t);
		return -ENOMEM;
	}
	*epoch = txn_commit(&t);
	return 0;
}

int control_source(u16 vrf, u32 dst, u32 *src)
{
	const struct tables *t = tables_current();
	const struct pix_iface *cfg;
	const struct adjacency *adj;
	u32 id, to;

	id = vrf < VRF_MAX && t->fib[vrf] ? fib_lookup(t->fib[vrf], dst) : 0;
	if (!id)
		return -ENOENT;
	adj = nh_get(t->nh, id);
	if (adj->kind == NH_LOCAL) {
		*src = dst;
		return 0;
	}
	cfg = ifset_get(adj->ifid);
	if (!cfg || !cfg->addr_count)
		return -ENOENT;
	to = adj->kind == NH_FORWARD ? pix_ip_to4(adj->gateway) : dst;
	*src = pix_ip_to4(cfg->addr[0].ip);
	for (u32 i = 0; i < cfg->addr_count; i++)
		if (!((pix_ip_to4(cfg->addr[i].ip) ^ to) & ipv4_mask(cfg->addr[i].len)))
			*src = pix_ip_to4(cfg->addr[i].ip);
	return 0;
}
