// SPDX-License-Identifier: MIT
/*
 * iface: interfaces and bridges in a draft of the tables (iface.h). Writer side, under the control
 * lock. Published objects never change: each edit makes new ones and retires the old with the
 * draft's epoch; what the open draft has made itself is edited in place. What follows from
 * interfaces (members of a bridge, its IRBs, a port's map) is made anew from all of them, so that
 * it does not depend on the order of the edits.
 */
#include "qgm/iface.h"

#include "qgm/env.h"
#include "qgm/fe/fdb.h"
#include "qgm/tables.h"

enum { EINVAL_ = 22, ENOMEM_ = 12 };

static void retire(struct tables *draft, const void *old)
{
	void *gone;

	if (!old)
		return;
	__builtin_memcpy(&gone, &old, sizeof(gone)); /* ours: drop the const */
	tables_retire(gone, draft->epoch, NULL);
}

/* Zeroes for the draft, or a copy of `old`, which is retired. */
static void *fresh(struct tables *draft, const void *old, size_t bytes)
{
	void *n = arena_alloc(bytes, CACHE_LINE);

	if (!n)
		return NULL;
	tables_fresh(n, NULL);
	if (old) {
		__builtin_memcpy(n, old, bytes);
		retire(draft, old);
	}
	return n;
}

static struct bridge *edit_bridge(struct tables *draft, u16 id)
{
	const struct bridge *old = draft->bridge[id];
	struct bridge *b;

	if (old && old->made == draft->epoch) {
		__builtin_memcpy(&b, &old, sizeof(b));
		return b;
	}
	b = fresh(draft, old, sizeof(*b));
	if (!b)
		return NULL;
	if (!old) {
		b->id = id;
		b->ageing_s = FDB_AGEING_DEFAULT;
	}
	b->made = draft->epoch;
	draft->bridge[id] = b;
	return b;
}

/* --- what follows from interfaces ------------------------------------------------------------- */

static bool in_bridge(const struct iface *ifc, u16 bridge)
{
	return ifc && ifc->mode == IFACE_MODE_L2 && ifc->bridge == bridge;
}

static bool is_irb(const struct iface *ifc)
{
	return ifc && ifc->kind == IFACE_IRB && ifc->mode == IFACE_MODE_L3;
}

/* The bridge's FDB is written by the QGM of its first member's port. */
static void choose_owner(const struct tables *draft, struct bridge *b)
{
	const struct iface *first = b->count ? draft->iface[b->iface[0]] : NULL;
	const struct port *p = first ? port_get(first->port) : NULL;

	if (p)
		b->owner = p->owner;
}

static bool empty(const struct vlan_set *s)
{
	u64 any = 0;

	for (u32 i = 0; i < ARRAY_SIZE(s->bits); i++)
		any |= s->bits[i];
	return !any;
}

/* *at becomes the set `want`, NULL when it is empty. */
static int set_vlans(struct tables *draft, const struct vlan_set **at, const struct vlan_set *want)
{
	const struct vlan_set *old = *at;
	struct vlan_set *n = NULL;

	if (old && !__builtin_memcmp(old, want, sizeof(*old)))
		return 0;
	if (!empty(want)) {
		n = fresh(draft, NULL, sizeof(*n));
		if (!n)
			return -ENOMEM_;
		*n = *want;
	}
	retire(draft, old);
	*at = n;
	return 0;
}

static int set_irbs(struct tables *draft, struct bridge *b)
{
	struct bridge_irb *n = NULL;
	bool any = false;

	if (b->irb && b->irb->made == draft->epoch) {
		__builtin_memcpy(&n, &b->irb, sizeof(n));
		__builtin_memset(n->ifid, 0, sizeof(n->ifid));
	}
	for (u32 id = 1; id < draft->if_count; id++) {
		const struct iface *ifc = draft->iface[id];

		if (!is_irb(ifc) || ifc->bridge != b->id)
			continue;
		if (!n)
			n = fresh(draft, NULL, sizeof(*n));
		if (!n)
			return -ENOMEM_;
		n->made = draft->epoch;
		n->ifid[ifc->vlan_outer] = (u16)id;
		any = true;
	}
	if (n != b->irb || !any)
		retire(draft, b->irb);
	b->irb = any ? n : NULL;
	return 0;
}

/* Members are in order of their ids, so that the same configuration gives the same table. */
static int follow_bridge(struct tables *draft, u16 id, bool irbs)
{
	struct bridge *b = edit_bridge(draft, id);
	struct vlan_set service = { 0 };
	bool tags = false;
	int err;

	if (!b)
		return -ENOMEM_;
	b->count = 0;
	for (u32 i = 1; i < draft->if_count; i++) {
		const struct iface *ifc = draft->iface[i];

		if (!in_bridge(ifc, id))
			continue;
		b->iface[b->count++] = (u16)i;
		tags |= ifc->kind == IFACE_SUB || ifc->vlan_mode != PIX_VLAN_TRANSPARENT;
		if (ifc->vlan_mode == PIX_VLAN_TUNNEL)
			vlan_set_add(&service, ifc->pvid);
	}
	choose_owner(draft, b);
	err = set_vlans(draft, &b->service, &service);
	if (!err && irbs)
		err = set_irbs(draft, b);
	b->tags = tags || b->irb;
	return err;
}

static bool is_sub(const struct iface *ifc, u16 port)
{
	return ifc && ifc->kind == IFACE_SUB && ifc->mode != IFACE_MODE_NONE && ifc->port == port;
}

/* The port's untagged interface and its map. */
static int follow_port(struct tables *draft, u16 port)
{
	const struct vlan_map *old = draft->vlan[port];
	struct vlan_map *m = NULL;
	u32 subs = 0, inners = 0, mask;
	size_t bytes;

	draft->port_if[port] = 0;
	for (u32 id = 1; id < draft->if_count; id++) {
		const struct iface *ifc = draft->iface[id];

		if (ifc && ifc->kind == IFACE_PORT && ifc->port == port)
			draft->port_if[port] = (u16)id;
		subs += is_sub(ifc, port);
		inners += is_sub(ifc, port) && ifc->vlan_inner;
	}
	if (!subs && !old)
		return 0;
	bytes = vlan_map_bytes(inners, &mask);
	if (subs && old && old->made == draft->epoch && old->inner_mask == mask) {
		__builtin_memcpy(&m, &old, sizeof(m));
		__builtin_memset(m, 0, bytes);
	} else {
		if (subs && !(m = fresh(draft, NULL, bytes)))
			return -ENOMEM_;
		retire(draft, old);
		draft->vlan[port] = m;
	}
	if (!m)
		return 0;
	m->made = draft->epoch;
	m->inner_mask = mask;
	for (u32 id = 1; id < draft->if_count; id++) {
		const struct iface *ifc = draft->iface[id];

		if (is_sub(ifc, port))
			vlan_map_add(m, ifc->vlan_outer, ifc->vlan_inner, (u16)id);
	}
	return 0;
}

static int follow(struct tables *draft, const struct iface *ifc)
{
	int err = 0;

	if ((ifc->kind == IFACE_PORT || ifc->kind == IFACE_SUB) && port_get(ifc->port))
		err = follow_port(draft, ifc->port);
	if (!err && (in_bridge(ifc, ifc->bridge) || is_irb(ifc)))
		err = follow_bridge(draft, ifc->bridge, is_irb(ifc));
	return err;
}

/* --- one interface ---------------------------------------------------------------------------- */

static bool vid_ok(u32 vid)
{
	return vid >= 1 && vid <= VLAN_VID_MAX;
}

static bool l2_ok(const struct iface *w)
{
	if (!w->bridge || w->bridge >= BRIDGE_MAX || w->vlan_count > PIX_IF_VLANS)
		return false;
	for (u32 i = 0; i < w->vlan_count; i++)
		if (!vid_ok(w->vlan[i].from) || !vid_ok(w->vlan[i].to) ||
		    w->vlan[i].from > w->vlan[i].to)
			return false;
	switch (w->vlan_mode) {
	case PIX_VLAN_TRANSPARENT:
		return true;
	case PIX_VLAN_ACCESS:
	case PIX_VLAN_TUNNEL:
		return vid_ok(w->pvid);
	case PIX_VLAN_TRUNK:
		return !w->pvid || vid_ok(w->pvid);
	default:
		return false;
	}
}

static bool kind_ok(const struct iface *w)
{
	switch (w->kind) {
	case IFACE_PORT:
		return port_get(w->port);
	case IFACE_SUB:
		return port_get(w->port) && vid_ok(w->vlan_outer) &&
		       (!w->vlan_inner || vid_ok(w->vlan_inner));
	case IFACE_IRB:
		return w->mode != IFACE_MODE_L2 && w->bridge && w->bridge < BRIDGE_MAX &&
		       (!w->vlan_outer || vid_ok(w->vlan_outer));
	case IFACE_LOOPBACK:
		return w->mode != IFACE_MODE_L2;
	default:
		return false;
	}
}

static bool valid(const struct iface *w)
{
	return w->id && w->id < IFACE_MAX && w->addr_count <= IFACE_ADDRS && w->vrf < VRF_MAX &&
	       w->mode <= IFACE_MODE_L2 && kind_ok(w) && (w->mode != IFACE_MODE_L2 || l2_ok(w));
}

/* Allowed VLANs of a trunk; the native one is always among them. */
static struct vlan_set allowed(const struct iface *w)
{
	struct vlan_set s = { 0 };

	if (w->mode != IFACE_MODE_L2 || w->vlan_mode != PIX_VLAN_TRUNK)
		return s;
	for (u32 i = 0; i < w->vlan_count; i++)
		for (u32 vid = w->vlan[i].from; vid <= w->vlan[i].to; vid++)
			vlan_set_add(&s, vid);
	if (w->pvid)
		vlan_set_add(&s, w->pvid);
	return s;
}

int iface_set(struct tables *draft, const struct iface *want)
{
	const struct iface *old;
	const struct vlan_set *vlans;
	struct vlan_set set;
	struct iface was, *n;
	int err = 0;

	if (!valid(want))
		return -EINVAL_;
	old = draft->iface[want->id];
	was = old ? *old : (struct iface){ 0 };
	n = fresh(draft, NULL, sizeof(*n));
	if (!n)
		return -ENOMEM_;
	retire(draft, old);
	*n = *want;
	n->gen = (u16)(was.gen + 1);
	set = allowed(want);
	vlans = was.vlans;
	err = set_vlans(draft, &vlans, &set);
	n->vlans = vlans;
	for (u32 i = 0; i < STORM_CLASSES; i++)
		n->storm_gap[i] = want->storm[i] ? MAX(env_clock_hz() / want->storm[i], 1ull) : 0;
	draft->iface[want->id] = n;
	if (want->id >= draft->if_count)
		draft->if_count = (u16)(want->id + 1);
	if (!err && old)
		err = follow(draft, &was);
	return err ? err : follow(draft, n);
}

/* --- bridges ---------------------------------------------------------------------------------- */

int bridge_set_ageing(struct tables *draft, u16 bridge, u32 ageing_s)
{
	struct bridge *b;

	if (!bridge || bridge >= BRIDGE_MAX || !ageing_s)
		return -EINVAL_;
	b = edit_bridge(draft, bridge);
	if (!b)
		return -ENOMEM_;
	b->ageing_s = ageing_s;
	return 0;
}

int bridge_set_limit(struct tables *draft, u16 bridge, u32 mac_limit)
{
	struct bridge *b;

	if (!bridge || bridge >= BRIDGE_MAX)
		return -EINVAL_;
	b = edit_bridge(draft, bridge);
	if (!b)
		return -ENOMEM_;
	b->mac_limit = mac_limit;
	return 0;
}
