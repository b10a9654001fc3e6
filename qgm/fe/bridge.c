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
			d->in_if = p[i]->in_if;
			d->l3_off = p[i]->l3_off;
			d->tci[0] = p[i]->vlan_outer;
			d->tci[1] = p[i]->vlan_inner;
			fe_domain_find(q, t, d, p[i]);
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

/* --- sources ---------------------------------------------------------------------------------- */

/* Domain of frame i. `one`: all frames are of the first; a constant where this is inlined. */
static inline const struct fe_domain *domain(const struct fe_burst *b, u32 i, bool one)
{
	return one ? b->domain : &b->domain[b->domain_of[i]];
}

static inline __attribute__((always_inline)) void sources(struct qgm *q, struct fe *fe,
							  struct packet *const *p, u32 n, bool one)
{
	struct fe_burst *b = &fe->burst;
	u64 last = 0; /* no station's key */
	u32 runs = 0;

	for (u32 i = 0; i < n; i++) {
		u64 key = fdb_key_frame(domain(b, i, one)->key, p[i]->data + 6);

		if (key == last && (one || p[i]->in_if == b->from[runs - 1]))
			continue;
		if (!one) {
			b->first[runs] = (u8)i;
			b->from[runs] = p[i]->in_if;
		}
		b->key[runs++] = last = key;
	}
	fdb_lookup_bulk(b->domain[0].fdb, b->key, b->found, runs, true);
	for (u32 i = 0; i < runs; i++) {
		u16 from = one ? b->domain[0].in_if : b->from[i];

		if (unlikely(b->found[i] != from))
			fe_learn(q, fe, domain(b, one ? 0 : b->first[i], one), b->key[i], from);
	}
}

/* --- destinations ----------------------------------------------------------------------------- */

/* b->found[b->run[i]]: the interface of frame i; group frames have run 0, which is nowhere. */
static inline __attribute__((always_inline)) void
destinations(struct fe_burst *b, struct packet *const *p, u32 n, bool one)
{
	u32 runs = 0;

	b->key[0] = 0; /* no station's */
	for (u32 i = 0; i < n; i++) {
		u64 key;

		if (unlikely(p[i]->flags & PACKET_BROADCAST)) {
			b->run[i] = 0;
			continue;
		}
		key = fdb_key_frame(domain(b, i, one)->key, p[i]->data);
		if (key != b->key[runs])
			b->key[++runs] = key;
		b->run[i] = (u8)runs;
	}
	if (runs)
		fdb_lookup_bulk(b->domain[0].fdb, b->key + 1, b->found + 1, runs, false);
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

/* One member. Ports that were looked at in this burst need no second look. */
static inline void to_member(struct qgm *q, struct fe_burst *b, struct packet *p,
			     const struct fe_domain *d, const struct iface *ifc)
{
	if (unlikely(!(b->ports_up >> ifc->port & 1))) {
		if (!fe_link_up(ifc)) {
			qgm_drop(q, p, DROP_port_down);
			return;
		}
		b->ports_up |= 1ull << ifc->port;
	}
	if (unlikely(!ifc->up)) {
		qgm_drop(q, p, DROP_interface_down);
		return;
	}
	if (d->br->tags)
		fe_retag(p, d, ifc);
	p->out_if = ifc->id;
	p->out_port = ifc->port;
	b->way[b->ways++] = p;
}

static inline __attribute__((always_inline)) void outputs(struct qgm *q, const struct tables *t,
							  struct fe *fe, struct packet *const *p,
							  u32 n, bool one)
{
	struct fe_burst *b = &fe->burst;

	b->ports_up = 0;
	for (u32 i = 0; i < n; i++) {
		const struct fe_domain *d = domain(b, i, one);
		u16 out = b->found[b->run[i]];
		const struct iface *ifc = t->iface[out]; /* [0]: none */

		if (unlikely(d->irb && b->run[i] && for_irb(d->irb, p[i])))
			fe_irb_give(q, t, p[i], d->irb);
		else if (unlikely(!fe_member(ifc, d->br->id, d->vid)))
			to_all(q, t, fe, p[i], d);
		else if (unlikely(out == d->in_if))
			qgm_drop(q, p[i], DROP_same_port);
		else if (unlikely(!fe_fits(p[i], ifc)))
			qgm_drop(q, p[i], DROP_bridge_mtu);
		else
			to_member(q, b, p[i], d, ifc);
	}
}

static inline __attribute__((always_inline)) void forward(struct qgm *q, const struct tables *t,
							  struct fe *fe, struct packet *const *p,
							  u32 n, bool one)
{
	sources(q, fe, p, n, one);
	destinations(&fe->burst, p, n, one);
	outputs(q, t, fe, p, n, one);
	if (fe->burst.ways)
		way_flush(q, t, &fe->burst);
}

/* A burst of one domain: what a port without tags has, and the code without the others. */
static __attribute__((noinline)) void forward_one(struct qgm *q, const struct tables *t,
						  struct fe *fe, struct packet *const *p, u32 n)
{
	forward(q, t, fe, p, n, true);
}

static __attribute__((noinline)) void forward_mixed(struct qgm *q, const struct tables *t,
						    struct fe *fe, struct packet *const *p, u32 n)
{
	forward(q, t, fe, p, n, false);
}

void fe_input(struct qgm *q, const struct tables *t, struct packet *const *p, u32 n)
{
	struct fe *fe = q->fe;
	struct packet *in[BURST_MAX];

	while (n) {
		u32 left, took = domains(q, t, &fe->burst, p, MIN(n, (u32)BURST_MAX), in, &left);

		if (likely(left && !fe->burst.domain_of[left - 1]))
			forward_one(q, t, fe, in, left);
		else if (left)
			forward_mixed(q, t, fe, in, left);
		fe_irb_flush(q, t);
		p += took;
		n -= took;
	}
}
