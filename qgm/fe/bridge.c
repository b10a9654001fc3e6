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

static void sources(struct qgm *q, struct fe *fe, struct packet *const *p, u32 n)
{
	struct fe_burst *b = &fe->burst;
	u32 runs = 0;

	for (u32 i = 0; i < n; i++) {
		const struct fe_domain *d = &b->domain[b->domain_of[i]];
		u64 key = fdb_key_frame(d->key, p[i]->data + 6);

		if (runs && key == b->key[runs - 1] && p[i]->in_if == b->from[runs - 1])
			continue;
		b->run[runs] = (u8)i;
		b->from[runs] = p[i]->in_if;
		b->key[runs++] = key;
	}
	fdb_lookup_bulk(b->domain[0].fdb, b->key, b->found, runs, true);
	for (u32 i = 0; i < runs; i++) {
		if (unlikely(b->found[i] != b->from[i]))
			fe_learn(q, fe, &b->domain[b->domain_of[b->run[i]]], b->key[i], b->from[i]);
	}
}

/* --- destinations ----------------------------------------------------------------------------- */

/* b->found[b->run[i]]: the interface of frame i; group frames have run 0, which is nowhere. */
static void destinations(struct fe_burst *b, struct packet *const *p, u32 n)
{
	u32 runs = 1;

	b->key[0] = 0; /* no station's */
	for (u32 i = 0; i < n; i++) {
		const struct fe_domain *d = &b->domain[b->domain_of[i]];
		u64 key;

		if (unlikely(p[i]->flags & PACKET_BROADCAST)) {
			b->run[i] = 0;
			continue;
		}
		key = fdb_key_frame(d->key, p[i]->data);
		if (runs == 1 || key != b->key[runs - 1])
			b->key[runs++] = key;
		b->run[i] = (u8)(runs - 1);
	}
	if (runs > 1)
		fdb_lookup_bulk(b->domain[0].fdb, b->key + 1, b->found + 1, runs - 1, false);
	b->found[0] = 0;
}

/* --- outputs ---------------------------------------------------------------------------------- */

static void way_flush(struct qgm *q, const struct tables *t, struct fe_burst *b)
{
	u32 n = stage_hook(q, t, HOOK_FORWARD, b->way, b->ways);

	b->ways = 0;
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

static void outputs(struct qgm *q, const struct tables *t, struct fe *fe, struct packet *const *p,
		    u32 n)
{
	struct fe_burst *b = &fe->burst;

	for (u32 i = 0; i < n; i++) {
		const struct fe_domain *d = &b->domain[b->domain_of[i]];
		u16 out = b->found[b->run[i]];
		const struct iface *ifc = t->iface[out]; /* [0]: none */

		if (unlikely(d->irb && b->run[i] && for_irb(d->irb, p[i]))) {
			fe_irb_give(q, t, p[i], d->irb);
		} else if (unlikely(!fe_member(ifc, d->br->id, d->vid))) {
			to_all(q, t, fe, p[i], d);
		} else if (unlikely(out == p[i]->in_if)) {
			qgm_drop(q, p[i], DROP_same_port);
		} else if (unlikely(!fe_fits(p[i], ifc))) {
			qgm_drop(q, p[i], DROP_bridge_mtu);
		} else {
			if (d->br->tags)
				fe_retag(p[i], d, ifc);
			p[i]->out_if = out;
			b->way[b->ways++] = p[i];
		}
	}
}

void fe_input(struct qgm *q, const struct tables *t, struct packet *const *p, u32 n)
{
	struct fe *fe = q->fe;
	struct packet *in[BURST_MAX];

	while (n) {
		u32 left, took = domains(q, t, &fe->burst, p, MIN(n, (u32)BURST_MAX), in, &left);

		if (likely(left)) {
			sources(q, fe, in, left);
			destinations(&fe->burst, in, left);
			outputs(q, t, fe, in, left);
			way_flush(q, t, &fe->burst);
		}
		fe_irb_flush(q, t);
		p += took;
		n -= took;
	}
}
