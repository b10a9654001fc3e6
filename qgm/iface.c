// SPDX-License-Identifier: MIT
/*
 * iface: interfaces and bridges in a draft of the tables (iface.h). Writer side, under the control
 * lock. Published objects never change: each edit makes new ones and retires the old with the
 * draft's epoch.
 */
#include "qgm/iface.h"

#include "qgm/fe/fdb.h"
#include "qgm/tables.h"

enum { EINVAL_ = 22, ENOMEM_ = 12 };

/* A copy of `old` (NULL: zeroes) for the draft. */
static void *fresh_copy(struct tables *draft, const void *old, size_t bytes)
{
	void *n = arena_alloc(bytes, CACHE_LINE);
	void *gone;

	if (!n)
		return NULL;
	tables_fresh(n, NULL);
	if (old) {
		__builtin_memcpy(n, old, bytes);
		__builtin_memcpy(&gone, &old, sizeof(gone)); /* ours: drop the const */
		tables_retire(gone, draft->epoch, NULL);
	}
	return n;
}

static struct bridge *edit_bridge(struct tables *draft, u16 id)
{
	const struct bridge *old = draft->bridge[id];
	struct bridge *b = fresh_copy(draft, old, sizeof(*b));

	if (!b)
		return NULL;
	if (!old) {
		b->id = id;
		b->ageing_s = FDB_AGEING_DEFAULT;
	}
	draft->bridge[id] = b;
	return b;
}

/* The bridge's FDB is written by the QGM of its first member's port. */
static void choose_owner(const struct tables *draft, struct bridge *b)
{
	const struct iface *first = b->count ? draft->iface[b->iface[0]] : NULL;
	const struct port *p = first ? port_get(first->port) : NULL;

	if (p)
		b->owner = p->owner;
}

static int leave(struct tables *draft, u16 bridge, u16 ifid)
{
	struct bridge *b = edit_bridge(draft, bridge);
	u32 n = 0;

	if (!b)
		return -ENOMEM_;
	for (u32 i = 0; i < b->count; i++) {
		if (b->iface[i] != ifid)
			b->iface[n++] = b->iface[i];
	}
	b->count = (u16)n;
	choose_owner(draft, b);
	return 0;
}

/* Members stay in order of their ids, so that the same configuration gives the same table. */
static int join(struct tables *draft, u16 bridge, u16 ifid)
{
	struct bridge *b = edit_bridge(draft, bridge);
	u32 at;

	if (!b)
		return -ENOMEM_;
	if (b->count == BRIDGE_PORTS)
		return -EINVAL_;
	for (at = b->count; at && b->iface[at - 1] > ifid; at--)
		b->iface[at] = b->iface[at - 1];
	b->iface[at] = ifid;
	b->count++;
	choose_owner(draft, b);
	return 0;
}

static bool valid(const struct iface *w)
{
	if (!w->id || w->id >= IFACE_MAX || !port_get(w->port) || w->addr_count > IFACE_ADDRS ||
	    w->vrf >= VRF_MAX)
		return false;
	if (w->mode == IFACE_MODE_L2)
		return w->bridge && w->bridge < BRIDGE_MAX;
	return w->mode == IFACE_MODE_L3 || w->mode == IFACE_MODE_NONE;
}

int iface_set(struct tables *draft, const struct iface *want)
{
	const struct iface *old;
	struct iface *n;
	u16 from, to;
	int err = 0;

	if (!valid(want))
		return -EINVAL_;
	old = draft->iface[want->id];
	n = fresh_copy(draft, old, sizeof(*n));
	if (!n)
		return -ENOMEM_;
	from = old && old->mode == IFACE_MODE_L2 ? old->bridge : 0;
	to = want->mode == IFACE_MODE_L2 ? want->bridge : 0;
	u16 gen = (u16)(n->gen + 1);

	*n = *want;
	n->gen = gen;
	draft->iface[want->id] = n;
	if (want->id >= draft->if_count)
		draft->if_count = (u16)(want->id + 1);
	draft->port_if[want->port] = want->id;
	if (from && from != to)
		err = leave(draft, from, want->id);
	if (!err && to && from != to)
		err = join(draft, to, want->id);
	return err;
}

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
