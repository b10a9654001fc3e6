// SPDX-License-Identifier: MIT
/*
 * flood: copies to all members of a VLAN (802.1Q-2022 8.6.4), and storm control: how many frames of
 * a kind that is flooded an interface may bring in. There is no spanning tree: two bridges cabled
 * in a ring would fill each other; the rates bound it, whatever the cabling. The last output
 * gets the frame itself.
 *
 * A rate is kept as one clock reading (the virtual scheduling form of a token bucket, ITU-T I.371
 * annex A): each frame moves it on by the time it stands for; what runs ahead of the clock by more
 * than an eighth of a second (at least eight frames) is dropped.
 */
#include "qgm/fe/fe.h"

enum { STORM_BURST = 8 };

static u64 account[IFACE_MAX][STORM_CLASSES];

void fe_storm_init(void)
{
	__builtin_memset(account, 0, sizeof(account));
}

bool fe_storm_pass(struct fe *fe, const struct iface *ifc, enum iface_storm cls)
{
	u64 gap = ifc->storm_gap[cls], now = fe->q->now, *at = &account[ifc->id][cls];
	u64 limit = now + MAX(gap * STORM_BURST, fe->hz / STORM_BURST);
	u64 old, next;

	if (likely(!gap) || planted(fe->q, PLANT_STORM))
		return true;
	old = load_relaxed(at);
	do {
		next = MAX(old, now) + gap;
		if (unlikely(next > limit + gap)) /* it ran ahead at a lower rate */
			next = limit;
		if (next > limit)
			return false;
	} while (!cas_acq_rel(at, &old, next));
	return true;
}

void fe_send_to(struct qgm *q, const struct tables *t, struct packet *p, const struct fe_domain *d,
		const struct iface *ifc)
{
	if (!fe_fits(p, ifc)) {
		qgm_drop(q, p, DROP_bridge_mtu);
		return;
	}
	if (d->br->tags)
		fe_retag(p, d, ifc);
	p->out_if = ifc->id;
	qgm_output(q, t, p);
}

static void send_copy(struct qgm *q, const struct tables *t, const struct packet *p,
		      const struct fe_domain *d, const struct iface *ifc)
{
	struct packet *copy = qgm_copy(q, p);

	if (copy)
		fe_send_to(q, t, copy, d, ifc);
}

void fe_flood(struct qgm *q, const struct tables *t, struct packet *p, const struct fe_domain *d,
	      u16 from, bool to_irb)
{
	const struct bridge *br = d->br;
	const struct iface *last = NULL;

	for (u32 i = 0; i < br->count; i++) {
		const struct iface *ifc = t->iface[br->iface[i]];

		if (br->iface[i] == from || !fe_member(ifc, br->id, d->vid) || !ifc->up ||
		    !fe_link_up(ifc))
			continue;
		if (last)
			send_copy(q, t, p, d, last);
		last = ifc;
	}
	if (to_irb && d->irb) {
		struct packet *re = last ? qgm_copy(q, p) : p;

		if (re)
			fe_irb_give(q, t, re, d->irb);
		if (!last)
			return;
	}
	if (last)
		fe_send_to(q, t, p, d, last);
	else
		qgm_drop(q, p, DROP_port_down);
}
