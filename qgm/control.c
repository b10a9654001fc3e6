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

#include "qgm/control_route.h"
#include "qgm/env.h"
#include "qgm/re/adj.h"
#include "qgm/re/errno.h"
#include "qgm/re/ifset.h"
#include "qgm/re/ipv6.h"
#include "qgm/re/paths.h"
#include "qgm/re/refuse.h"
#include "qgm/re/rib.h"
#include "qgm/re/txn.h"
#include "qgm/steer/setting.h"

int control_init(void)
{
	struct txn t;

	fib_plant((env_planted("cover") ? FIB_PLANT_COVER : 0) |
		  (env_planted("fib-reuse") ? FIB_PLANT_REUSE : 0) |
		  (env_planted("fib-replay") ? FIB_PLANT_REPLAY : 0) |
		  (env_planted("fib-early") ? FIB_PLANT_EARLY : 0));
	fib6_plant((env_planted("cover6") ? FIB6_PLANT_COVER : 0) |
		   (env_planted("fib6-reuse") ? FIB6_PLANT_REUSE : 0) |
		   (env_planted("fib6-early") ? FIB6_PLANT_EARLY : 0) |
		   (env_planted("fib6-patch") ? FIB6_PLANT_PATCH : 0) |
		   (env_planted("fib6-torn") ? FIB6_PLANT_TORN : 0) |
		   (env_planted("fib6-jump") ? FIB6_PLANT_JUMP : 0));
	paths_plant_shuffle(env_planted("ecmp-shuffle"));
	adj_init();
	rib_init();
	ifset_init();
	steer_setting_init();
	if (txn_begin(&t))
		return -ENOMEM;
	if (nh_set_punt_classes(t.nh, 1u << PIX_PUNT_ARP | 1u << PIX_PUNT_ND | 1u << PIX_PUNT_ICMP |
					      1u << PIX_PUNT_ICMP6)) {
		txn_abort(&t);
		return -ENOMEM;
	}
	txn_commit(&t);
	return 0;
}

const char *control_why(void)
{
	return refuse_why();
}

/* --- checks of one operation ---------------------------------------------------------------- */

static bool mac_ok(const u8 *mac)
{
	static const u8 zero[6];

	return !(mac[0] & 1) && __builtin_memcmp(mac, zero, sizeof(zero)) != 0;
}

static int neigh_check(const struct pix_neigh *n, bool set)
{
	if (!n->ifid || n->ifid >= IFACE_MAX)
		return refuse(-EINVAL, "no such interface");
	if (pix_ip_none(n->addr) || (!pix_ip_is4(n->addr) && pix_ip6_multicast(n->addr)))
		return refuse(-EINVAL, "a neighbour has a unicast address");
	if (set && !mac_ok(n->mac))
		return refuse(-EINVAL, "a neighbour has a unicast MAC address");
	return 0;
}

static int addr_check(const struct pix_addr_op *a)
{
	if (a->state > PIX_ADDR_DUPLICATE)
		return refuse(-EINVAL, "no such state of an address");
	return 0;
}

static int op_check(const struct pix_op *op)
{
	switch (op->kind) {
	case PIX_OP_IF_SET:
		return ifset_check(&op->iface);
	case PIX_OP_ROUTE_ADD:
	case PIX_OP_ROUTE_DEL:
		return control_route_check(&op->route, op->kind == PIX_OP_ROUTE_ADD);
	case PIX_OP_NEIGH_SET:
	case PIX_OP_NEIGH_DEL:
	case PIX_OP_NEIGH_FAIL:
		return neigh_check(&op->neigh, op->kind == PIX_OP_NEIGH_SET);
	case PIX_OP_BRIDGE_SET:
		return op->bridge.id && op->bridge.id < BRIDGE_MAX
			       ? 0
			       : refuse(-EINVAL, "no such bridge");
	case PIX_OP_ADDR_STATE:
		return addr_check(&op->addr);
	case PIX_OP_STEER_SET:
	case PIX_OP_FLOW_SET:
	case PIX_OP_FLOW_DEL:
		return 0; /* when executed */
	default:
		return refuse(-EINVAL, "no such operation");
	}
}

/* --- execution ------------------------------------------------------------------------------ */

static int neigh_execute(struct txn *t, const struct pix_op *op)
{
	const struct pix_neigh *n = &op->neigh;
	struct pix_ip addr = ip6_scoped(n->addr, n->ifid);
	int err;

	if (!ifset_get(n->ifid))
		return refuse(-EINVAL, "no such interface");
	switch (op->kind) {
	case PIX_OP_NEIGH_SET:
		if (!ifset_neighbour_ok(n->ifid, addr))
			return refuse(-EINVAL, "not an address of a neighbour on this interface");
		return adj_neigh_set(t, n->ifid, addr, n->mac);
	case PIX_OP_NEIGH_DEL:
		return adj_neigh_del(t, n->ifid, addr);
	default:
		err = adj_neigh_del(t, n->ifid, addr);
		if (err && err != -ENOENT)
			return err;
		return adj_neigh_failed(t, n->ifid, addr);
	}
}

/* Execute the operation at *at, and with a route those behind it that belong to it: then *at moves
 * to the last. Interfaces and their addresses are done before. */
static int op_execute(struct txn *t, const struct control_ops *ops, u32 *at)
{
	const struct pix_op *op = control_op(ops, *at);

	switch (op->kind) {
	case PIX_OP_ROUTE_ADD:
	case PIX_OP_ROUTE_DEL:
		return control_route_execute(t, ops, at);
	case PIX_OP_NEIGH_SET:
	case PIX_OP_NEIGH_DEL:
	case PIX_OP_NEIGH_FAIL:
		return neigh_execute(t, op);
	case PIX_OP_BRIDGE_SET:
		return ifset_bridge(t, &op->bridge);
	case PIX_OP_STEER_SET:
		return steer_set(t, &op->steer);
	case PIX_OP_FLOW_SET:
		return steer_flow_set(t, &op->flow);
	case PIX_OP_FLOW_DEL:
		return steer_flow_del(t, &op->flow);
	default:
		return 0;
	}
}

static int interface_execute(struct txn *t, const struct pix_op *op)
{
	if (op->kind == PIX_OP_IF_SET)
		return ifset_apply(t, &op->iface);
	if (op->kind != PIX_OP_ADDR_STATE)
		return 0;
	if (!ifset_get(op->addr.ifid))
		return refuse(-ENOENT, "no such interface");
	return ifset_addr_state(t, &op->addr);
}

/* Interfaces first. The index of the operation that fails is left in *at. */
static int interfaces_execute(struct txn *t, const struct control_ops *ops, u32 *at)
{
	int err = 0;

	for (*at = 0; *at < ops->n; ++*at) {
		err = interface_execute(t, control_op(ops, *at));
		if (err)
			return err;
	}
	for (*at = 0; *at < ops->n; ++*at) {
		const struct pix_op *op = control_op(ops, *at);

		if (op->kind == PIX_OP_IF_SET)
			err = ifset_agree(op->iface.id);
		if (err)
			return err;
	}
	*at = 0;
	return ifset_derive(t);
}

static int build(struct txn *t)
{
	int err = t->steer_dirty ? steer_build(t) : 0;

	if (!err)
		err = ifset_build(t);
	if (!err)
		err = paths_build(t);
	return err ? err : txn_build(t);
}

static int execute(struct txn *t, const struct control_ops *ops, u32 *at)
{
	int err = interfaces_execute(t, ops, at);

	if (err)
		return err;
	for (*at = 0; *at < ops->n; ++*at) {
		err = op_execute(t, ops, at);
		if (err)
			return err;
	}
	*at = 0;
	return build(t);
}

static u64 finish(struct txn *t, bool publish)
{
	if (publish && t->changed)
		return txn_commit(t);
	txn_abort(t);
	return tables_current()->epoch;
}

static int check(const struct control_ops *ops, u32 *failed)
{
	for (u32 i = 0; i < ops->n; i++)
		control_op(ops, i)->error = 0;
	for (u32 i = 0; i < ops->n; i++) {
		int err = op_check(control_op(ops, i));

		if (err) {
			*failed = i;
			control_op(ops, i)->error = err;
			return err;
		}
	}
	return 0;
}

static int transact(const struct control_ops *ops, u32 flags, u64 *epoch, u32 *failed)
{
	struct txn t;
	u32 at;
	int err;

	*failed = 0;
	refuse_clear();
	if (ops->n > PIX_TXN_MAX || (flags & ~PIX_TXN_CHECK))
		return -EINVAL;
	err = check(ops, failed);
	if (err)
		return err;
	if (txn_begin(&t))
		return -ENOMEM;
	err = execute(&t, ops, &at);
	if (err) {
		if (err == -ENOMEM)
			refuse(err, "not enough memory for the tables");
		txn_abort(&t);
		*failed = at;
		if (at < ops->n)
			control_op(ops, at)->error = err;
		return err;
	}
	*epoch = finish(&t, !(flags & PIX_TXN_CHECK));
	return 0;
}

int control_txn(struct pix_op *ops, u32 n, u32 flags, u64 *epoch, u32 *failed)
{
	struct control_ops all = { .array = ops, .n = n };

	return transact(&all, flags, epoch, failed);
}

int control_txn_pieces(struct pix_op *const *piece, u32 n, u32 flags, u64 *epoch, u32 *failed)
{
	struct control_ops all = { .piece = piece, .n = n };

	return transact(&all, flags, epoch, failed);
}

int control_link(u16 port, bool up, u64 *epoch)
{
	struct txn t;
	int err;

	*epoch = 0;
	if (port >= PORT_MAX || !ifset_get(port))
		return -EINVAL;
	if (!!ifset_get(port)->link == up)
		return 0;
	if (txn_begin(&t))
		return -ENOMEM;
	err = ifset_link(&t, port, up);
	if (!err)
		err = ifset_derive(&t);
	if (!err)
		err = build(&t);
	if (err)
		txn_abort(&t);
	else
		*epoch = finish(&t, true);
	return err;
}

u64 control_promiscuous(void)
{
	u64 ports = 0;

	for (u16 id = ifset_next(0); id; id = ifset_next(id))
		if (ifset_get(id)->mode == PIX_IF_L2)
			ports |= 1ull << ifset_get(id)->port;
	return ports;
}

static void add_vlans(u64 *vlans, u32 first, u32 last)
{
	for (u32 vid = first; vid <= last && vid < 64 * PORT_VLAN_WORDS; vid++)
		vlans[vid / 64] |= 1ull << vid % 64;
}

void control_port_vlans(u16 port, u64 vlans[PORT_VLAN_WORDS])
{
	__builtin_memset(vlans, 0, PORT_VLAN_WORDS * sizeof(*vlans));
	for (u16 id = ifset_next(0); id; id = ifset_next(id)) {
		const struct pix_iface *c = ifset_get(id);

		if (c->mode == PIX_IF_UNUSED || c->port != port)
			continue;
		if (c->vlan_outer)
			add_vlans(vlans, c->vlan_outer, c->vlan_outer);
		for (u32 i = 0; c->mode == PIX_IF_L2 && i < c->vlan_count; i++)
			add_vlans(vlans, c->vlan[i].from, c->vlan[i].to);
	}
}

u32 control_port_mtu(u16 port)
{
	u32 mtu = 0;

	for (u16 id = ifset_next(0); id; id = ifset_next(id))
		if (ifset_get(id)->mode != PIX_IF_UNUSED && ifset_get(id)->port == port)
			mtu = MAX(mtu, ifset_get(id)->mtu);
	return mtu;
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
