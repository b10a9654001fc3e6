// SPDX-License-Identifier: MIT
/*
 * learn: stations come and go (802.1Q-2022 8.7, 8.8.3). The FDB is written by the QGM that owns the
 * bridge; others send it what they learn by message, at most one per station and turn. Ageing and
 * flushing walk the table a part of it a turn.
 *
 * Learning stops at the limits of the interface and of the bridge, and when memory is full; who is
 * known stays known as long as it speaks, whatever others send.
 */
#include "qgm/env.h"
#include "qgm/fe/fe.h"

enum {
	SWEEP_BUCKETS = 256,  /* a turn */
	SWEEP_EVERY = 65536,  /* buckets; a larger table is swept in so many seconds more */
	FLUSH_BUCKETS = 4096, /* a turn */
};

static struct fdb *tables_of[QGM_MAX]; /* by owner */

static void sweep(struct qgm *q, struct timer *timer);
static void flush(struct qgm *q, struct timer *timer);

void fe_learn_init(struct fe *fe)
{
	fe->sweep.fn = sweep;
	fe->flush.fn = flush;
	tables_of[fe->q->id] = fe->own;
}

struct fdb *fe_fdb_of(const struct bridge *br)
{
	return tables_of[br->owner];
}

/* --- learning --------------------------------------------------------------------------------- */

static void learn_here(struct qgm *q, struct fe *fe, const struct bridge *br, u64 key,
		       const struct iface *ifc)
{
	struct fdb_limit limit = { ifc->mac_limit, br->mac_limit };

	fdb_learn(fe->own, key, ifc->id, &limit, planted(q, PLANT_FDB_STALE));
	if (!timer_armed(&fe->sweep))
		timer_arm(&q->wheel, &fe->sweep, q->now + fe->hz);
}

/* Send a station to the owner once a turn. */
static void learn_there(struct qgm *q, struct fe *fe, const struct bridge *br, u64 key, u16 ifid)
{
	u64 *slot = &fe->sent[key * 0x9e3779b97f4a7c15ull >> 60];
	u64 sign = key * 512 + ifid; /* equal for two stations: one of them is sent next turn */
	struct qgm_msg m = {
		.kind = QGM_MSG_LEARN, .ifid = ifid, .bridge = br->id, .vid = fdb_key_vid(key)
	};

	if (fe->sent_turn != q->c->turns) {
		__builtin_memset(fe->sent, 0, sizeof(fe->sent));
		fe->sent_turn = q->c->turns;
	}
	if (*slot == sign)
		return;
	*slot = sign;
	key &= 0x0000fffffffffffeull;
	__builtin_memcpy(m.mac, &key, sizeof(m.mac));
	qgm_send(q, br->owner, &m); /* full: the station's next frame will bring it */
}

void fe_learn(struct qgm *q, struct fe *fe, const struct fe_domain *d, u64 key, u16 ifid)
{
	if (d->fdb == fe->own)
		learn_here(q, fe, d->br, key, d->ifc);
	else
		learn_there(q, fe, d->br, key, ifid);
}

void fe_message(struct qgm *q, const struct tables *t, const struct qgm_msg *m)
{
	struct fe *fe = q->fe;
	const struct bridge *br = fe_bridge(t, m->bridge);
	const struct iface *ifc = m->ifid < t->if_count ? t->iface[m->ifid] : NULL;

	/* The sender may have seen another epoch. */
	if (!fe->own || !br || br->owner != q->id || !fe_member(ifc, m->bridge, m->vid))
		return;
	learn_here(q, fe, br, fdb_key(m->bridge, m->vid, m->mac), ifc);
}

/* --- ageing ----------------------------------------------------------------------------------- */

static bool keep_fresh(void *arg, u64 key, u16 ifid, u32 idle_s)
{
	const struct fe *fe = arg;
	const struct tables *t = fe->q->t;
	const struct bridge *br = fe_bridge(t, fdb_key_bridge(key));
	const struct iface *ifc = t->iface[ifid];

	return br && br->owner == fe->q->id && fe_member(ifc, br->id, fdb_key_vid(key)) &&
	       idle_s < br->ageing_s && fe_link_up(ifc);
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
		timer_arm(&q->wheel, timer, q->now + fe->hz * (1 + fe->own->mask / SWEEP_EVERY));
}

/* --- flushing --------------------------------------------------------------------------------- */

static bool keep_other(void *arg, u64 key, u16 ifid, u32 idle_s)
{
	const u16 *flushed = arg;

	(void)key;
	(void)idle_s;
	return *flushed && ifid != *flushed;
}

static void flush(struct qgm *q, struct timer *timer)
{
	struct fe *fe = q->fe;

	fe->flush_at = fdb_sweep(fe->own, fe->flush_at, FLUSH_BUCKETS, q->now / fe->hz, keep_other,
				 &fe->flush_if);
	if (fe->flush_at)
		timer_arm(&q->wheel, timer, q->now);
	else if (timer_armed(timer))
		timer_cancel(&q->wheel, timer);
}

void fe_flush(struct qgm *q, u16 ifid)
{
	struct fe *fe = q->fe;

	if (!fe->own || !fe->own->count)
		return;
	/* Another one is under way: together they forget more than they must. */
	fe->flush_if = timer_armed(&fe->flush) && fe->flush_if != ifid ? 0 : ifid;
	fe->flush_at = 0;
	flush(q, &fe->flush);
}
