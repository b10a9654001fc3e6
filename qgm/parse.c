// SPDX-License-Identifier: MIT
/*
 * parse: Ethernet header and up to two VLAN tags (IEEE 802.1Q-2022 9.5), and the ingress interface.
 * What it leaves is written at fe_input() in qgm.h. Untrusted bytes: every read is behind a check
 * of the length.
 */
#include "qgm/core.h"

enum {
	ETH_HEADER = 14,
	ETHERTYPE_IP = 0x0800,
	TPID_C = 0x8100, /* 802.1Q-2022 table 9-1 */
	TPID_S = 0x88a8,
	VID_MASK = 0x0fff,
};

static inline u64 rd64(const u8 *p)
{
	u64 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static inline u16 rd16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline bool is_tag(u16 type)
{
	return type == TPID_C || type == TPID_S;
}

/* Tags, and where what follows them starts. False: cut inside a tag. */
static bool parse_tags(struct packet *p)
{
	u16 *tci[2] = { &p->vlan_outer, &p->vlan_inner };
	u32 off = ETH_HEADER;

	for (u32 i = 0; i < 2 && is_tag(rd16(p->data + off - 2)); i++) {
		if (p->len < off + 4)
			return false;
		*tci[i] = rd16(p->data + off);
		off += 4;
	}
	p->l3_off = (u16)off;
	return true;
}

/* The interface of the frame's port and tags: until there are sub-interfaces, the port's own. A
 * bridge passes tags through; a routed interface takes priority-tagged frames (VID 0) only. */
static inline enum drop_reason find_interface(const struct tables *t, struct packet *p)
{
	u16 id = t->port_if[p->in_port];
	const struct iface *ifc = id ? t->iface[id] : NULL;

	if (unlikely(!ifc || ifc->mode == IFACE_MODE_NONE))
		return DROP_no_interface;
	if (unlikely(!ifc->up))
		return DROP_interface_down;
	if (unlikely(p->l3_off != ETH_HEADER) && ifc->mode == IFACE_MODE_L3 &&
	    ((p->vlan_outer | p->vlan_inner) & VID_MASK))
		return DROP_no_interface;
	p->in_if = id;
	p->vrf = ifc->vrf;
	return DROP_none;
}

static inline enum drop_reason parse_one(const struct tables *t, struct packet *p)
{
	const u8 *d = p->data;

	if (unlikely(p->len < ETH_HEADER))
		return DROP_runt;
	/* Eight bytes of which the source MAC is the first six; the other two are the EtherType. */
	if (unlikely(d[6] & 1 || !(rd64(d + 6) << 16)))
		return DROP_bad_source_mac;
	if (d[0] & 1)
		p->flags |= PACKET_BROADCAST;
	p->l3_off = ETH_HEADER;
	if (unlikely(rd16(d + 12) != ETHERTYPE_IP) && is_tag(rd16(d + 12)) && !parse_tags(p))
		return DROP_runt;
	return find_interface(t, p);
}

u32 parse_burst(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	u32 left = 0;

	for (u32 i = 0; i < n; i++) {
		enum drop_reason why = parse_one(t, p[i]);

		if (likely(why == DROP_none))
			p[left++] = p[i];
		else
			qgm_drop(q, p[i], why);
	}
	return left;
}
