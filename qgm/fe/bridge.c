// SPDX-License-Identifier: MIT
/*
 * bridge: the forwarding engine's learning switch (IEEE 802.1Q-2022 8.6, without spanning tree).
 * Runs on the QGM that received the frame, a burst at a time:
 *
 *	domains       (bridge, VID) of each frame, and what it may not do
 *	sources       one bulk lookup; stations that are new or moved are learned
 *	destinations  one bulk lookup of unicast addresses
 *	outputs       one member, all of them, or the router's station; tags as the member has them
 *
 * Frames come in trains: of a run of frames with the same address one is looked up. Link-local
 * control frames never come here (parse.c).
 */
#include "qgm/env.h"
#include "qgm/fe/fe.h"
#include "qgm/stages.h"

#define INLINE   inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))

void *fe_create(struct qgm *q, u32 node)
{
	const struct qgm_plan *plan = qgm_the_plan();
	struct fe *fe = env_alloc(ENV_PRIVATE, sizeof(*fe), CACHE_LINE, node);

	if (!fe)
		return NULL;
	fe->q = q;
	fe->hz = env_clock_hz();
	if (q->id < plan->owners) {
		fe->own = fdb_create(plan->fdb_buckets, node);
		if (!fe->own)
			return NULL;
		fe->own->seconds = q->now / fe->hz;
	}
	fe_learn_init(fe);
	if (!q->id)
		fe_storm_init();
	q->door->fdb = fe->own;
	return fe;
}

/* --- domains ---------------------------------------------------------------------------------- */

static inline bool same_domain(const struct fe_domain *d, const struct packet *p)
{
	return d->in_if == p->in_if && d->l3_off == p->l3_off && d->tci[0] == p->vlan_outer &&
	       d->tci[1] == p->vlan_inner;
}

static void set_domain(const struct qgm *q, const struct tables *t, struct fe_domain *d,
		       const struct packet *p)
{
	d->in_if = p->in_if;
	d->l3_off = p->l3_off;
	d->tci[0] = p->vlan_outer;
	d->tci[1] = p->vlan_inner;
	fe_domain_find(q, t, d, p);
}

/*
 * Domains of the frames of one bridge at the front of p[0..n), in b->domain[] and domain_of[];
 * those that do not get in are dropped. Returns how many frames were looked at; *left of them
 * are in `in`.
 */
static u32 domains(struct qgm *q, const struct tables *t, struct fe_burst *b,
		   struct packet *const *p, u32 n, struct packet **in, u32 *left)
{
	const struct bridge *br = NULL;
	u32 at = 0, i;

	*left = 0;
	for (i = 0; i < n; i++) {
		struct fe_domain *d = &b->domain[at];

		if (unlikely(!i || !same_domain(d, p[i]))) {
			if (i)
				d = &b->domain[at + 1];
			set_domain(q, t, d, p[i]);
			if (i && d->br != br)
				return i;
			br = d->br;
			at += i != 0;
		}
		if (unlikely(d->why)) {
			qgm_drop(q, p[i], d->why);
			continue;
		}
		b->domain_of[*left] = (u8)at;
		in[(*left)++] = p[i];
	}
	return i;
}

/*
 * What a burst is like. The loops below are compiled for each, with what the others need left out.
 *	ONE     one domain: what a port without tags has
 *	TRUNK   from one trunk, each frame with one tag, of VLANs that the trunk carries
 *	MIXED   anything
 */
enum burst_kind { ONE, TRUNK, MIXED };

enum { TAGGED_L3 = 14 + VLAN_TAG }; /* what is behind one tag */

/* The domain of frame i. TRUNK: the one of the burst, made that of the frame. */
static inline const struct fe_domain *domain(const struct tables *t, struct fe_burst *b,
					     const struct packet *p, u32 i, enum burst_kind kind)
{
	struct fe_domain *d = b->domain;
	u16 id;

	if (kind == MIXED)
		return &b->domain[b->domain_of[i]];
	if (kind == ONE)
		return d;
	d->tci[0] = p->vlan_outer;
	d->vid = p->vlan_outer & VLAN_VID_MASK;
	d->priority = p->vlan_outer & 0xf000;
	d->tpid = (u16)(p->data[12] << 8 | p->data[13]);
	if (unlikely(d->br->irb)) {
		id = d->br->irb->ifid[d->vid];
		d->irb = id && t->iface[id]->up ? t->iface[id] : NULL;
	}
	return d;
}

static inline u64 domain_key(const struct fe_burst *b, const struct packet *p, u32 i,
			     enum burst_kind kind)
{
	if (kind == MIXED)
		return b->domain[b->domain_of[i]].key;
	if (kind == ONE)
		return b->domain[0].key;
	return b->bridge_key | (u64)(p->vlan_outer & VLAN_VID_MASK) << 48;
}

/* --- stations --------------------------------------------------------------------------------- */

/*
 * Keys of the sources, src[0..nsrc), and of the destinations, dst[0..ndst], of which the first is
 * nobody's: run[i] is the destination of frame i; group frames have 0. Of a run of frames with the
 * same address there is one key. Their lines are asked for. TRUNK: not 0 when a frame is not as
 * such a burst has them (802.1Q-2022 6.9.1: the tag's VID; 8.6.2: the port is in the VLAN's member
 * set); then nothing has happened.
 */
static INLINE u32 keys(struct fe_burst *b, struct packet *const *p, u32 n, enum burst_kind kind)
{
	const struct fdb *f = b->domain[0].fdb;
	const struct vlan_set *vlans = b->domain[0].ifc->vlans;
	u16 in_if = b->domain[0].in_if;
	u64 last = 0; /* no station's key */
	u32 s = 0, r = 0, odd = 0;

	b->dst[0] = 0;
	for (u32 i = 0; i < n; i++) {
		u64 domain = domain_key(b, p[i], i, kind);
		u64 src = fdb_key_frame(domain, p[i]->data + 6);
		u64 dst = fdb_key_frame(domain, p[i]->data);

		if (kind == TRUNK) {
			u32 vid = p[i]->vlan_outer & VLAN_VID_MASK; /* 0 is in no set */

			odd |= (u32)(p[i]->in_if ^ in_if) | (u32)(p[i]->l3_off ^ TAGGED_L3);
			odd |= !vlan_set_has(vlans, vid);
		}
		if (src != last || (kind == MIXED && p[i]->in_if != b->from[s - 1])) {
			if (kind == MIXED) {
				b->first[s] = (u8)i;
				b->from[s] = p[i]->in_if;
			}
			b->src_at[s] = fdb_ask(f, src);
			b->src[s++] = last = src;
		}
		if (unlikely(p[i]->flags & PACKET_BROADCAST)) {
			b->run[i] = 0;
			continue;
		}
		if (dst != b->dst[r]) {
			b->dst_at[++r] = fdb_ask(f, dst);
			b->dst[r] = dst;
		}
		b->run[i] = (u8)r;
	}
	b->nsrc = s;
	b->ndst = r;
	return odd;
}

/* Are all of id[0..n) `want`? Four at a time; room for four behind them. */
static inline bool all_are(u16 *id, u32 n, u16 want)
{
	u64 four = want * 0x0001000100010001ull, odd = 0, w;

	__builtin_memcpy(id + n, &four, sizeof(four));
	for (u32 i = 0; i < n; i += 4) {
		__builtin_memcpy(&w, id + i, sizeof(w));
		odd |= w ^ four;
	}
	return !odd;
}

static NOINLINE void learn_new(struct qgm *q, struct fe *fe, const u16 *known, enum burst_kind kind)
{
	struct fe_burst *b = &fe->burst;

	for (u32 i = 0; i < b->nsrc; i++) {
		const struct fe_domain *d = b->domain;

		if (kind == MIXED)
			d += b->domain_of[b->first[i]];
		if (known[i] != d->in_if)
			fe_learn(q, fe, d, b->src[i], d->in_if);
	}
}

/* Look up both; learn sources that are new or have moved. The answers are for run[]. */
static INLINE void stations(struct qgm *q, struct fe *fe, enum burst_kind kind)
{
	struct fe_burst *b = &fe->burst;
	struct fdb *f = b->domain[0].fdb;
	u16 known[BURST_MAX + 4];

	fdb_answer(f, b->src, b->src_at, known, b->nsrc, true);
	if (kind == MIXED || unlikely(!all_are(known, b->nsrc, b->domain[0].in_if)))
		learn_new(q, fe, known, kind);
	fdb_answer(f, b->dst + 1, b->dst_at + 1, b->found + 1, b->ndst, false);
	b->found[0] = 0;
}

/* --- outputs ---------------------------------------------------------------------------------- */

static void way_flush(struct qgm *q, const struct tables *t, struct fe_burst *b)
{
	u32 n = b->ways;

	b->ways = 0;
	if (likely(!stage_hooked(HOOK_FORWARD))) {
		qgm_output_burst(q, b->way, n);
		return;
	}
	n = stage_hook(q, t, HOOK_FORWARD, b->way, n);
	for (u32 i = 0; i < n; i++)
		qgm_output(q, t, b->way[i]);
}

/* Is the frame for the router's station? */
static inline bool for_irb(const struct iface *irb, const struct packet *p)
{
	u64 a, b;

	__builtin_memcpy(&a, irb->mac, sizeof(a)); /* two bytes beyond may be read */
	__builtin_memcpy(&b, p->data, sizeof(b));
	return !((a ^ b) << 16);
}

/* A frame for nobody in particular, or for nobody known. */
static void to_all(struct qgm *q, const struct tables *t, struct fe *fe, struct packet *p,
		   const struct fe_domain *d)
{
	static const enum drop_reason why[STORM_CLASSES] = {
		[STORM_BROADCAST] = DROP_storm_broadcast,
		[STORM_MULTICAST] = DROP_storm_multicast,
		[STORM_UNKNOWN] = DROP_storm_unknown,
	};
	bool group = p->flags & PACKET_BROADCAST;
	enum iface_storm cls = STORM_UNKNOWN;

	if (group)
		cls = __builtin_memcmp(p->data, "\xff\xff\xff\xff\xff\xff", 6) ? STORM_MULTICAST
									       : STORM_BROADCAST;
	way_flush(q, t, &fe->burst);
	if (unlikely(!fe_storm_pass(fe, d->ifc, cls)))
		qgm_drop(q, p, why[cls]);
	else
		fe_flood(q, t, p, d, p->in_if, group);
}

/* On its way to a member. From trunk to trunk the tag stays as it is, but in the native VLAN. */
static inline void to_member(const struct tables *t, struct fe_burst *b, struct packet *p, u32 i,
			     const struct iface *ifc, enum burst_kind kind)
{
	if (b->domain[0].br->tags) {
		bool same = kind == TRUNK && ifc->kind == IFACE_PORT &&
			    ifc->vlan_mode == PIX_VLAN_TRUNK &&
			    (p->vlan_outer & VLAN_VID_MASK) != ifc->pvid;

		if (!same)
			fe_retag(p, domain(t, b, p, i, kind), ifc);
	}
	p->out_if = ifc->id;
	p->out_port = ifc->port;
	b->way[b->ways++] = p;
}

/* A frame that does not simply go to one member whose port was seen up in this burst. */
static NOINLINE void output_odd(struct qgm *q, const struct tables *t, struct fe *fe,
				struct packet *p, u32 i, enum burst_kind kind)
{
	struct fe_burst *b = &fe->burst;
	const struct fe_domain *d = domain(t, b, p, i, kind);
	const struct iface *ifc = t->iface[b->found[b->run[i]]];

	if (d->irb && b->run[i] && for_irb(d->irb, p)) {
		fe_irb_give(q, t, p, d->irb);
	} else if (!fe_member(ifc, d->br->id, d->vid)) {
		to_all(q, t, fe, p, d);
	} else if (ifc->id == d->in_if) {
		qgm_drop(q, p, DROP_same_port);
	} else if (!fe_fits(p, ifc)) {
		qgm_drop(q, p, DROP_bridge_mtu);
	} else if (!ifc->up) {
		qgm_drop(q, p, DROP_interface_down);
	} else if (!fe_link_up(ifc)) {
		qgm_drop(q, p, DROP_port_down);
	} else {
		b->ports_up |= 1ull << ifc->port;
		to_member(t, b, p, i, ifc, kind);
	}
}

static INLINE void outputs(struct qgm *q, const struct tables *t, struct fe *fe,
			   struct packet *const *p, u32 n, enum burst_kind kind)
{
	struct fe_burst *b = &fe->burst;
	const struct fe_domain *first = b->domain;
	u16 bridge = first->br->id, in_if = first->in_if;
	bool irbs = first->br->irb;

	b->ports_up = 0;
	for (u32 i = 0; i < n; i++) {
		u16 out = b->found[b->run[i]], vid = first->vid;
		const struct iface *ifc = t->iface[out]; /* [0]: none */

		if (kind == TRUNK)
			vid = p[i]->vlan_outer & VLAN_VID_MASK;
		if (kind == MIXED) {
			vid = b->domain[b->domain_of[i]].vid;
			in_if = p[i]->in_if;
		}
		if (likely(!irbs && fe_member(ifc, bridge, vid) && out != in_if &&
			   fe_fits(p[i], ifc) && ifc->up && b->ports_up >> ifc->port & 1))
			to_member(t, b, p[i], i, ifc, kind);
		else
			output_odd(q, t, fe, p[i], i, kind);
	}
}

/* False: nothing has happened, since the burst is not of that kind. */
static INLINE bool forward(struct qgm *q, const struct tables *t, struct fe *fe,
			   struct packet *const *p, u32 n, enum burst_kind kind)
{
	if (keys(&fe->burst, p, n, kind) && kind == TRUNK)
		return false;
	stations(q, fe, kind);
	outputs(q, t, fe, p, n, kind);
	if (fe->burst.ways)
		way_flush(q, t, &fe->burst);
	return true;
}

static NOINLINE void forward_one(struct qgm *q, const struct tables *t, struct fe *fe,
				 struct packet *const *p, u32 n)
{
	forward(q, t, fe, p, n, ONE);
}

static NOINLINE bool forward_trunk(struct qgm *q, const struct tables *t, struct fe *fe,
				   struct packet *const *p, u32 n)
{
	struct fe_domain *d = fe->burst.domain;

	fe->burst.bridge_key = fdb_domain(d->br->id, 0);
	d->strip = VLAN_TAG;
	d->tagged_payload = false;
	d->irb = NULL;
	return forward(q, t, fe, p, n, TRUNK);
}

static NOINLINE void forward_mixed(struct qgm *q, const struct tables *t, struct fe *fe,
				   struct packet *const *p, u32 n)
{
	forward(q, t, fe, p, n, MIXED);
}

/* False: it is not such a burst. */
static bool try_trunk(struct qgm *q, const struct tables *t, struct fe *fe, struct packet *const *p,
		      u32 n)
{
	const struct iface *ifc = t->iface[p[0]->in_if];
	struct fe_domain *d = fe->burst.domain;

	if (ifc->kind != IFACE_PORT || ifc->vlan_mode != PIX_VLAN_TRUNK || !ifc->vlans ||
	    p[0]->l3_off != TAGGED_L3 || unlikely(q->plant & (PLANT_FDB_VLAN | PLANT_VLAN_TAG)))
		return false;
	set_domain(q, t, d, p[0]);
	return likely(!d->why) && forward_trunk(q, t, fe, p, n);
}

void fe_input(struct qgm *q, const struct tables *t, struct packet *const *p, u32 n)
{
	struct fe *fe = q->fe;
	struct fe_burst *b = &fe->burst;
	struct packet *in[BURST_MAX];

	while (n) {
		u32 took = MIN(n, (u32)BURST_MAX), left;

		if (!try_trunk(q, t, fe, p, took)) {
			took = domains(q, t, b, p, took, in, &left);
			if (likely(left && !b->domain_of[left - 1]))
				forward_one(q, t, fe, in, left);
			else if (left)
				forward_mixed(q, t, fe, in, left);
		}
		fe_irb_flush(q, t);
		p += took;
		n -= took;
	}
}
