// SPDX-License-Identifier: MIT
/*
 * parse: Ethernet header and up to two VLAN tags (IEEE 802.1Q-2022 9.5), and the ingress interface.
 * What it leaves is written at fe_input() in qgm.h. Untrusted bytes: every read is behind a check
 * of the length.
 */
#include "qgm/core.h"

enum {
	ETH_HEADER = 14,
	TPID_C = 0x8100, /* 802.1Q-2022 table 9-1 */
	TPID_S = 0x88a8,
	VID_MASK = 0x0fff,
};

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

/*
 * The interface of a port, the same for a whole burst. Until there are sub-interfaces it takes all
 * frames: a bridge passes tags through; a routed interface takes priority-tagged frames (VID 0)
 * only.
 */
struct ingress {
	enum drop_reason why; /* none of the frames gets in */
	u16 ifid, vrf;
	bool routed;
};

static struct ingress find_ingress(const struct tables *t, u16 port)
{
	u16 id = t->port_if[port];
	const struct iface *ifc = id ? t->iface[id] : NULL;

	if (!ifc || ifc->mode == IFACE_MODE_NONE)
		return (struct ingress){ .why = DROP_no_interface };
	return (struct ingress){
		.why = ifc->up ? DROP_none : DROP_interface_down,
		.ifid = id,
		.vrf = ifc->vrf,
		.routed = ifc->mode == IFACE_MODE_L3,
	};
}

/* A frame with tags. */
static enum drop_reason parse_tagged(const struct ingress *in, struct packet *p)
{
	if (!parse_tags(p))
		return DROP_runt;
	if (in->routed && ((p->vlan_outer | p->vlan_inner) & VID_MASK))
		return DROP_no_interface;
	return DROP_none;
}

static inline enum drop_reason parse_one(const struct ingress *in, struct packet *p)
{
	const u8 *d = p->data;
	u64 source; /* bytes 6 to 13: source address, then the type; little-endian */

	if (unlikely(p->len < ETH_HEADER))
		return DROP_runt;
	__builtin_memcpy(&source, d + 6, sizeof(source));
	if (unlikely(source & 1 || !(source << 16)))
		return DROP_bad_source_mac;
	p->in_if = in->ifid;
	p->vrf = in->vrf;
	p->l3_off = ETH_HEADER;
	if (d[0] & 1)
		p->flags |= PACKET_BROADCAST;
	if (unlikely(is_tag(__builtin_bswap16((u16)(source >> 48))))) {
		enum drop_reason why = parse_tagged(in, p);

		if (why)
			return why;
	}
	return in->why;
}

u32 parse_burst(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	/* One port a burst (ports.c). */
	struct ingress in = find_ingress(t, p[0]->in_port);
	u32 left = 0;

	for (u32 i = 0; i < n; i++) {
		enum drop_reason why = parse_one(&in, p[i]);

		if (likely(why == DROP_none))
			p[left++] = p[i];
		else
			qgm_drop(q, p[i], why);
	}
	return left;
}
