// SPDX-License-Identifier: MIT
/*
 * bridge: the forwarding engine's learning switch (IEEE 802.1D-2004 clauses 7.7 to 7.9, without
 * spanning tree). Runs on the QGM that received the frame. The FDB is written by the QGM that owns
 * the bridge; others send it what they learn by message, at most one per station and turn.
 *
 * Frames to the reserved group addresses 01-80-C2-00-00-0X (802.1D table 7-10) are never
 * forwarded. Flooding copies: the last output gets the frame itself.
 */
#include "qgm/core.h"
#include "qgm/env.h"
#include "qgm/fe/fdb.h"
#include "qgm/stages.h"

enum {
	SWEEP_BUCKETS = 256, /* a turn */
	LEARN_MEMORY = 16,   /* stations just sent to the owner, to not send them again */
};

struct fe {
	struct qgm *q;
	struct fdb *own; /* NULL: this QGM owns no port and no bridge */
	struct timer sweep;
	u32 sweep_at;
	u64 hz;
	u64 sent_turn; /* turn of the keys in sent[] */
	u64 sent[LEARN_MEMORY];
};

static struct fdb *tables_of[QGM_MAX]; /* by owner */

static void sweep(struct qgm *q, struct timer *timer);

void *fe_create(struct qgm *q, u32 node)
{
	const struct qgm_plan *plan = qgm_the_plan();
	struct fe *fe = env_alloc(ENV_PRIVATE, sizeof(*fe), CACHE_LINE, node);

	if (!fe)
		return NULL;
	fe->q = q;
	fe->hz = env_clock_hz();
	fe->sweep.fn = sweep;
	tables_of[q->id] = NULL;
	if (q->id < plan->owners) {
		fe->own = fdb_create(plan->fdb_buckets, node);
		if (!fe->own)
			return NULL;
		fe->own->seconds = q->now / fe->hz;
	}
	tables_of[q->id] = fe->own;
	q->door->fdb = fe->own;
	return fe;
}

/* --- learning and ageing --------------------------------------------------------------------- */

static void learn_here(struct qgm *q, struct fe *fe, u64 key, u16 ifid)
{
	fdb_learn(fe->own, key, ifid, planted(q, PLANT_FDB_STALE));
	if (!timer_armed(&fe->sweep))
		timer_arm(&q->wheel, &fe->sweep, q->now + fe->hz);
}

/* Send a station to the owner once a turn. */
static void learn_there(struct qgm *q, struct fe *fe, const struct bridge *br, u64 key, u16 ifid)
{
	u64 *slot = &fe->sent[key * 0x9e3779b97f4a7c15ull >> 60];
	u64 sign = key ^ (u64)ifid << 53;
	struct qgm_msg m = { .kind = QGM_MSG_LEARN, .ifid = ifid, .bridge = br->id };

	if (fe->sent_turn != q->c->turns) {
		__builtin_memset(fe->sent, 0, sizeof(fe->sent));
		fe->sent_turn = q->c->turns;
	}
	if (*slot == sign)
		return;
	*slot = sign;
	for (u32 i = 0; i < 6; i++)
		m.mac[i] = (u8)(key >> (40 - 8 * i));
	qgm_send(q, br->owner, &m); /* full: the station's next frame will bring it */
}

/* True: the table changes. */
static inline bool learn(struct qgm *q, struct fe *fe, const struct bridge *br, struct fdb *f,
			 u64 key, u16 ifid)
{
	if (likely(fdb_lookup(f, key, true) == ifid))
		return false;
	if (f == fe->own)
		learn_here(q, fe, key, ifid);
	else
		learn_there(q, fe, br, key, ifid);
	return true;
}

static const struct bridge *bridge_of(const struct tables *t, u16 id)
{
	return id < BRIDGE_MAX ? t->bridge[id] : NULL;
}

/* Is the interface a member of that bridge now? */
static bool is_member(const struct tables *t, u16 ifid, u16 bridge)
{
	const struct iface *ifc = ifid < t->if_count ? t->iface[ifid] : NULL;

	return ifc && ifc->mode == IFACE_MODE_L2 && ifc->bridge == bridge;
}

void fe_message(struct qgm *q, const struct tables *t, const struct qgm_msg *m)
{
	struct fe *fe = q->fe;
	const struct bridge *br = bridge_of(t, m->bridge);

	/* The sender may have seen another epoch. */
	if (!fe->own || !br || br->owner != q->id || !is_member(t, m->ifid, m->bridge))
		return;
	learn_here(q, fe, fdb_key(m->bridge, m->mac), m->ifid);
}

static bool link_up(const struct iface *ifc)
{
	const struct port *p = port_get(ifc->port);

	return p && load_relaxed(&p->state) == PORT_RUNNING && load_relaxed(&p->link);
}

static bool keep_fresh(void *arg, u16 bridge, u16 ifid, u32 idle_s)
{
	const struct fe *fe = arg;
	const struct tables *t = fe->q->t;
	const struct bridge *br = bridge_of(t, bridge);

	return br && br->owner == fe->q->id && is_member(t, ifid, bridge) &&
	       idle_s < br->ageing_s && link_up(t->iface[ifid]);
}

/* Every second over the whole table, a part of it a turn. Stops when the table is empty. */
static void sweep(struct qgm *q, struct timer *timer)
{
	struct fe *fe = q->fe;

	fe->sweep_at =
		fdb_sweep(fe->own, fe->sweep_at, SWEEP_BUCKETS, q->now / fe->hz, keep_fresh, fe);
	if (fe->sweep_at)
		timer_arm(&q->wheel, timer, q->now);
	else if (fe->own->count)
		timer_arm(&q->wheel, timer, q->now + fe->hz);
}

static bool keep_other(void *arg, u16 bridge, u16 ifid, u32 idle_s)
{
	const u16 *flushed = arg;

	(void)bridge;
	(void)idle_s;
	return *flushed && ifid != *flushed;
}

void fe_flush(struct qgm *q, u16 ifid)
{
	struct fe *fe = q->fe;

	if (fe->own && fe->own->count)
		fdb_sweep(fe->own, 0, fe->own->mask + 1, q->now / fe->hz, keep_other, &ifid);
}

/* --- forwarding ------------------------------------------------------------------------------- */

/* Unicast on its way, for the forward hook; flushed before a flood, so that order is kept. */
struct way {
	struct packet *p[BURST_MAX];
	u32 n;
	/* The burst's last source and destination: frames come in trains. 0: none. */
	u64 src, dst;
	u16 dst_if;
};

static void way_flush(struct qgm *q, const struct tables *t, struct way *w)
{
	u32 n = stage_hook(q, t, HOOK_FORWARD, w->p, w->n);

	for (u32 i = 0; i < n; i++)
		qgm_output(q, t, w->p[i]);
	w->n = 0;
}

static bool fits(const struct tables *t, const struct packet *p, u16 ifid)
{
	return (u32)p->len - p->l3_off <= t->iface[ifid]->mtu;
}

static void send_to(struct qgm *q, const struct tables *t, struct packet *p, u16 ifid)
{
	if (!fits(t, p, ifid)) {
		qgm_drop(q, p, DROP_bridge_mtu);
		return;
	}
	p->out_if = ifid;
	qgm_output(q, t, p);
}

static void flood(struct qgm *q, const struct tables *t, const struct bridge *br, struct packet *p)
{
	u16 last = 0;

	for (u32 i = 0; i < br->count; i++) {
		u16 id = br->iface[i];
		const struct iface *ifc = t->iface[id];

		if (id == p->in_if || !ifc || !ifc->up || !link_up(ifc))
			continue;
		if (last) {
			struct packet *copy = qgm_copy(q, p);

			if (copy)
				send_to(q, t, copy, last);
		}
		last = id;
	}
	if (last)
		send_to(q, t, p, last);
	else
		qgm_drop(q, p, DROP_port_down);
}

static bool is_control(const u8 *dst)
{
	return dst[0] == 0x01 && dst[1] == 0x80 && dst[2] == 0xc2 && !dst[3] && !dst[4] &&
	       dst[5] < 0x10;
}

static void forward(struct qgm *q, const struct tables *t, struct packet *p, struct way *w)
{
	struct fe *fe = q->fe;
	u16 id = t->iface[p->in_if]->bridge, out = 0;
	u64 src;
	const struct bridge *br = bridge_of(t, id);
	struct fdb *f = br ? tables_of[br->owner] : NULL;

	if (unlikely(!f)) {
		qgm_drop(q, p, DROP_no_interface);
		return;
	}
	if (unlikely(is_control(p->data))) {
		qgm_drop(q, p, DROP_bridge_control);
		return;
	}
	src = fdb_key_frame(id, p->data + 6);
	if (src != w->src) {
		w->src = src;
		if (learn(q, fe, br, f, src, p->in_if))
			w->dst = 0;
	}
	if (!(p->flags & PACKET_BROADCAST)) {
		u64 dst = fdb_key_frame(id, p->data);

		if (dst != w->dst || dst == src) {
			w->dst = dst;
			w->dst_if = fdb_lookup(f, dst, false);
		}
		out = w->dst_if;
	}
	if (unlikely(!out || !is_member(t, out, id))) {
		way_flush(q, t, w);
		flood(q, t, br, p);
	} else if (unlikely(out == p->in_if)) {
		qgm_drop(q, p, DROP_same_port);
	} else if (unlikely(!fits(t, p, out))) {
		qgm_drop(q, p, DROP_bridge_mtu);
	} else {
		p->out_if = out;
		w->p[w->n++] = p;
	}
}

void fe_input(struct qgm *q, const struct tables *t, struct packet *const *p, u32 n)
{
	struct way w;

	w.n = 0;
	w.src = w.dst = 0;
	for (u32 i = 0; i < n; i++) {
		const struct bridge *br = bridge_of(t, t->iface[p[i]->in_if]->bridge);
		const struct fdb *f = br ? tables_of[br->owner] : NULL;

		if (likely(f)) {
			fdb_prefetch(f, fdb_key_frame(br->id, p[i]->data));
			fdb_prefetch(f, fdb_key_frame(br->id, p[i]->data + 6));
		}
	}
	for (u32 i = 0; i < n; i++)
		forward(q, t, p[i], &w);
	way_flush(q, t, &w);
}

void fe_send(struct qgm *q, const struct tables *t, struct packet *p)
{
	const struct iface *irb = p->out_if < t->if_count ? t->iface[p->out_if] : NULL;
	const struct bridge *br = irb && irb->kind == IFACE_IRB ? bridge_of(t, irb->bridge) : NULL;
	struct fdb *f = br ? tables_of[br->owner] : NULL;
	u16 out = 0;

	if (unlikely(!f || !irb->up)) {
		qgm_drop(q, p, f ? DROP_interface_down : DROP_no_interface);
		return;
	}
	p->in_if = irb->id; /* not among the members: flooded to all */
	if (!(p->data[0] & 1))
		out = fdb_lookup(f, fdb_key_frame(br->id, p->data), false);
	if (out && is_member(t, out, br->id))
		send_to(q, t, p, out);
	else
		flood(q, t, br, p);
}
