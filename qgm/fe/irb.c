// SPDX-License-Identifier: MIT
/*
 * irb: the router's own station in a VLAN of a bridge (integrated routing and bridging). Frames to
 * its address, and copies of group frames, go to the routing engine as if they had come in on the
 * interface IRB; what the routing engine sends out of it is looked up like any station's frame.
 */
#include "qgm/fe/fe.h"

void fe_irb_flush(struct qgm *q, const struct tables *t)
{
	struct fe *fe = q->fe;
	u32 n = fe->burst.res;

	if (!n)
		return;
	fe->burst.res = 0;
	qgm_stage(q, PIX_STAGE_fe, 0); /* up to here; packets are counted by who calls us */
	re_input(q, t, fe->burst.to_re, n);
	qgm_stage(q, PIX_STAGE_re, n);
}

void fe_irb_give(struct qgm *q, const struct tables *t, struct packet *p, const struct iface *irb)
{
	struct fe *fe = q->fe;

	if (fe->burst.res == BURST_MAX)
		fe_irb_flush(q, t);
	p->in_if = irb->id;
	p->vrf = irb->vrf;
	fe->burst.to_re[fe->burst.res++] = p;
}

/* The domain of an IRB's frames: untagged, from no member. */
static struct fe_domain domain_of(const struct tables *t, const struct iface *irb)
{
	struct fe_domain d = { .vid = irb->vlan_outer };

	d.br = fe_bridge(t, irb->bridge);
	d.fdb = d.br ? fe_fdb_of(d.br) : NULL;
	if (!d.fdb)
		return d;
	d.key = fdb_domain(d.br->id, d.vid);
	d.tpid = d.br->service && vlan_set_has(d.br->service, d.vid) ? VLAN_TPID_S : VLAN_TPID_C;
	return d;
}

void fe_send(struct qgm *q, const struct tables *t, struct packet *p)
{
	const struct iface *irb = p->out_if < t->if_count ? t->iface[p->out_if] : NULL;
	const struct iface *out = NULL;
	struct fe_domain d;
	u16 id;

	if (unlikely(!irb || irb->kind != IFACE_IRB || irb->mode != IFACE_MODE_L3)) {
		qgm_drop(q, p, DROP_no_interface);
		return;
	}
	d = domain_of(t, irb);
	if (unlikely(!d.fdb || !irb->up)) {
		qgm_drop(q, p, d.fdb ? DROP_interface_down : DROP_no_interface);
		return;
	}
	if (!(p->data[0] & 1)) {
		id = fdb_lookup(d.fdb, fdb_key_frame(d.key, p->data), false);
		out = id ? t->iface[id] : NULL;
	}
	if (likely(out && fe_member(out, irb->bridge, d.vid)))
		fe_send_to(q, t, p, &d, out);
	else
		fe_flood(q, t, p, &d, 0, false);
}
