// SPDX-License-Identifier: MIT
/*
 * tag: which VLAN a frame belongs to, and the tags with which it leaves a member. IEEE 802.1Q-2022:
 * 6.9 (ingress: VID from the tag or the port; egress: tag or none), 8.6.2 and 8.6.4 (member set at
 * both ends), 9.6 (the tag), 16 (provider bridges: a customer's frame in a service VLAN). A
 * frame between its ingress and its egress is never without its place: the tags are replaced at
 * the egress at once, in front of the payload, so that a trunk pays no copy of them.
 *
 *	sub-interface    its tags go at the ingress and come at the egress; the rest as below
 *	TRANSPARENT      nothing is looked at; VLAN 0
 *	ACCESS           untagged and priority-tagged frames, in VLAN pvid; leave untagged
 *	TRUNK            tagged; untagged and priority-tagged ones in the native VLAN (pvid), whose
 *	                 frames leave untagged, unless the payload would then pass for tagged
 *	TUNNEL           all frames, with their tags, in service VLAN pvid; leave as they came
 */
#include "qgm/fe/fe.h"

enum {
	MACS = 12,
	ETH_HEADER = 14,
	PRIORITY = 0xf000, /* PCP and DEI, 802.1Q-2022 9.6 */
};

static inline u16 rd16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

/* In one store, since the tags are loaded again in words of this size. */
static inline void put_tag(u8 *at, u32 tpid, u32 tci)
{
	u32 tag = __builtin_bswap32(tpid << 16 | (tci & 0xffff));

	__builtin_memcpy(at, &tag, sizeof(tag));
}

/* --- ingress ---------------------------------------------------------------------------------- */

/* The tag at `d->strip` goes, and its priority is kept. */
static void strip_tag(struct fe_domain *d, u16 tci)
{
	d->strip += VLAN_TAG;
	d->priority = tci & PRIORITY;
}

/* VLAN of a frame whose next tag is `tci`, NULL: untagged (802.1Q-2022 6.9.1, 8.6.2). */
static void classify(struct fe_domain *d, const u16 *tci)
{
	const struct iface *ifc = d->ifc;
	u16 vid = tci ? *tci & VLAN_VID_MASK : 0;

	switch (ifc->vlan_mode) {
	case PIX_VLAN_TRANSPARENT:
		return;
	case PIX_VLAN_TUNNEL:
		d->vid = ifc->pvid;
		d->priority = tci ? *tci & PRIORITY : d->priority;
		return;
	case PIX_VLAN_ACCESS:
		d->vid = ifc->pvid;
		if (vid)
			d->why = DROP_vlan_tagged_on_access;
		break;
	default:
		d->vid = vid ? vid : ifc->pvid;
		if (!d->vid)
			d->why = DROP_vlan_untagged;
		else if (!fe_member(ifc, ifc->bridge, d->vid))
			d->why = DROP_vlan_not_member;
	}
	if (tci)
		strip_tag(d, *tci);
}

/* The router's station in the VLAN, for frames whose payload has no VLAN of its own. */
static const struct iface *find_irb(const struct tables *t, const struct fe_domain *d, u32 left)
{
	u16 id = d->br->irb ? d->br->irb->ifid[d->vid] : 0;
	const struct iface *irb = id ? t->iface[id] : NULL;

	for (u32 i = 0; i < left; i++) /* tags behind the domain's, the last ones of tci[] */
		if (d->tci[d->strip / VLAN_TAG + i] & VLAN_VID_MASK)
			return NULL;
	return irb && irb->up ? irb : NULL;
}

void fe_domain_find(const struct qgm *q, const struct tables *t, struct fe_domain *d,
		    const struct packet *p)
{
	const struct iface *ifc = t->iface[d->in_if];
	u32 tags = (d->l3_off - ETH_HEADER) / VLAN_TAG, own = 0;
	u32 from = 0;

	d->ifc = ifc;
	d->br = fe_bridge(t, ifc->bridge);
	d->fdb = d->br ? fe_fdb_of(d->br) : NULL;
	d->why = d->fdb ? DROP_none : DROP_no_interface;
	d->vid = d->priority = 0;
	d->strip = 0;
	d->irb = NULL;
	if (!d->fdb)
		return;
	if (ifc->kind == IFACE_SUB)
		own = ifc->vlan_inner ? 2 : 1;
	for (u32 i = 0; i < MIN(own, tags); i++)
		strip_tag(d, d->tci[i]);
	from = d->strip;
	classify(d, own < tags ? &d->tci[own] : NULL);
	/* The VLAN's own tag keeps its type; a new one is a service tag in a service VLAN. */
	d->tpid =
		d->br->service && vlan_set_has(d->br->service, d->vid) ? VLAN_TPID_S : VLAN_TPID_C;
	if (d->strip > from && d->tci[own] & VLAN_VID_MASK)
		d->tpid = rd16(p->data + MACS + from);
	if (planted(q, PLANT_VLAN_TAG))
		d->strip = 0;
	d->tagged_payload = tags * VLAN_TAG > d->strip;
	d->key = fdb_domain(d->br->id, planted(q, PLANT_FDB_VLAN) ? 0 : d->vid);
	d->irb = find_irb(t, d, tags - MIN(tags, d->strip / VLAN_TAG));
}

/* --- egress ----------------------------------------------------------------------------------- */

/* A sub-interface's tags at `at`: with an inner one the outer is a service tag. Bytes. */
static u32 sub_tags(u8 *at, const struct iface *ifc, u16 priority)
{
	if (ifc->kind != IFACE_SUB)
		return 0;
	if (!ifc->vlan_inner) {
		put_tag(at, VLAN_TPID_C, (u32)priority | ifc->vlan_outer);
		return VLAN_TAG;
	}
	put_tag(at, VLAN_TPID_S, (u32)priority | ifc->vlan_outer);
	put_tag(at + VLAN_TAG, VLAN_TPID_C, (u32)priority | ifc->vlan_inner);
	return 2 * VLAN_TAG;
}

/* Put `n` bytes of tags in the place of `strip`; the addresses move. */
static void replace(struct packet *p, u32 strip, const u8 *tags, u32 n)
{
	u8 *d = p->data + strip - n;
	u64 dst;
	u32 src;

	if (strip != n) {
		__builtin_memcpy(&dst, p->data, sizeof(dst));
		__builtin_memcpy(&src, p->data + 8, sizeof(src));
		__builtin_memcpy(d, &dst, sizeof(dst));
		__builtin_memcpy(d + 8, &src, sizeof(src));
		p->data = d;
		p->len = (u16)(p->len + n - strip);
		p->l3_off = (u16)(p->l3_off + n - strip);
		if (p->l4_off)
			p->l4_off = (u16)(p->l4_off + n - strip);
	}
	for (u32 i = 0; i < n; i += VLAN_TAG)
		__builtin_memcpy(d + MACS + i, tags + i, VLAN_TAG);
}

void fe_retag(struct packet *p, const struct fe_domain *d, const struct iface *ifc)
{
	u8 tags[3 * VLAN_TAG];
	u32 n = sub_tags(tags, ifc, d->priority);

	/* 802.1Q-2022 8.6.4, 6.9.2: the native VLAN is untagged; never so that a tag of the payload
	 * would be taken for the VLAN's. */
	if (ifc->vlan_mode == PIX_VLAN_TRUNK && (d->vid != ifc->pvid || d->tagged_payload)) {
		put_tag(tags + n, d->tpid, (u32)d->priority | d->vid);
		n += VLAN_TAG;
	}
	if (n || d->strip)
		replace(p, d->strip, tags, n);
}

void fe_push_sub(struct packet *p, const struct iface *ifc)
{
	u8 tags[2 * VLAN_TAG];
	u32 n = sub_tags(tags, ifc, 0);

	replace(p, 0, tags, n);
}
