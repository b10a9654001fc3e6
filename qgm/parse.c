// SPDX-License-Identifier: MIT
/*
 * parse: Ethernet header and up to two VLAN tags (IEEE 802.1Q-2022 9.5), and the ingress interface:
 * (port, outer VID, inner VID) -> interface. A port without sub-interfaces has one interface for
 * all frames; else its map (vlan.h) says which. A tag with VID 0 carries a priority only (9.6): a
 * routed interface takes it as untagged. What a bridge does with tags is fe/tag.c's.
 *
 * Frames to 01-80-C2-00-00-0X (802.1Q-2022 table 8-1: spanning tree, LACP, LLDP, pause) are for
 * this machine's control plane on any interface that is up, and are never forwarded.
 *
 * What it leaves is written at fe_input() in qgm.h. Untrusted bytes: every read is behind a check
 * of the length.
 */
#include "qgm/core.h"
#include "qgm/ifcount.h"

enum {
	ETH_HEADER = 14,
	PARSE_PUNT = DROP_COUNT, /* no drop: a control frame */
};

static inline u16 rd16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline bool is_tag(u16 type)
{
	return type == VLAN_TPID_C || type == VLAN_TPID_S;
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

/* The interface of a port, the same for a whole burst, and its map of sub-interfaces. */
struct ingress {
	enum drop_reason why; /* none of the frames gets in */
	u16 ifid, vrf;
	bool routed; /* a tag with a VID is not this interface's */
	const struct vlan_map *map;
};

static struct ingress find_ingress(const struct tables *t, u16 port)
{
	u16 id = t->port_if[port];
	const struct iface *ifc = id ? t->iface[id] : NULL;

	if (!ifc || ifc->mode == IFACE_MODE_NONE)
		return (struct ingress){
			.why = DROP_no_interface,
			.routed = true,
			.map = t->vlan[port],
		};
	return (struct ingress){
		.why = ifc->up ? DROP_none : DROP_interface_down,
		.ifid = id,
		.vrf = ifc->vrf,
		.routed = ifc->mode == IFACE_MODE_L3,
		.map = t->vlan[port],
	};
}

/* A frame with tags: whose? */
static enum drop_reason parse_tagged(const struct tables *t, const struct ingress *in,
				     struct packet *p)
{
	const struct iface *ifc;
	u32 tags, own;
	u16 id = 0;

	if (!parse_tags(p))
		return DROP_runt;
	tags = (p->l3_off - ETH_HEADER) / VLAN_TAG;
	if (in->map && p->vlan_outer & VLAN_VID_MASK)
		id = vlan_map_find(in->map, tags, p->vlan_outer, p->vlan_inner);
	if (!id) {
		if (in->routed && (p->vlan_outer | p->vlan_inner) & VLAN_VID_MASK)
			return DROP_no_interface;
		return in->why;
	}
	ifc = t->iface[id];
	own = ifc->vlan_inner ? 2 : 1;
	p->in_if = id;
	p->vrf = ifc->vrf;
	if (ifc->mode == IFACE_MODE_L3 && tags > own && p->vlan_inner & VLAN_VID_MASK)
		return DROP_no_interface;
	return ifc->up ? DROP_none : DROP_interface_down;
}

static inline bool is_control(const u8 *dst)
{
	u64 v;

	__builtin_memcpy(&v, dst, sizeof(v)); /* little-endian: 01-80-C2-00-00-0X, two bytes more */
	return (v & 0xf0ffffffffff) == 0xc28001;
}

/* A frame that is not the usual one: why it ends here, DROP_none: it does not. */
static __attribute__((noinline)) u32 parse_rare(const struct tables *t, const struct ingress *in,
						struct packet *p)
{
	const u8 *d = p->data;
	u32 why = in->why;
	u64 source;

	if (p->len < ETH_HEADER)
		return DROP_runt;
	__builtin_memcpy(&source, d + 6, sizeof(source));
	if (source & 1 || !(source << 16))
		return DROP_bad_source_mac;
	p->in_if = in->ifid;
	p->vrf = in->vrf;
	p->l3_off = ETH_HEADER;
	if (is_tag(rd16(d + 12)))
		why = parse_tagged(t, in, p);
	if (d[0] & 1) {
		p->flags |= PACKET_BROADCAST;
		if (!why && is_control(d))
			return PARSE_PUNT;
	}
	return why;
}

static inline u64 load64(const u8 *p)
{
	u64 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

/* As a tag's TPID lies in memory. */
static inline bool is_tag_be(u16 type)
{
	return type == __builtin_bswap16(VLAN_TPID_C) || type == __builtin_bswap16(VLAN_TPID_S);
}

/* The usual frame is long enough, from a station, to a station, with no tag or one. Where its
 * payload starts, 0: it is not usual. */
static inline u32 usual(const struct packet *p)
{
	const u8 *d = p->data;
	u64 source = load64(d + 6); /* and the type; little-endian */
	u16 inner;

	if (unlikely((source | d[0]) & 1 || !(source << 16) || p->len < ETH_HEADER))
		return 0;
	if (likely(!is_tag_be((u16)(source >> 48))))
		return ETH_HEADER;
	__builtin_memcpy(&inner, d + ETH_HEADER + 2, sizeof(inner)); /* a buffer is longer */
	return likely(p->len >= ETH_HEADER + VLAN_TAG && !is_tag_be(inner)) ? ETH_HEADER + VLAN_TAG
									    : 0;
}

/* Whose is the frame with one tag? False: the long way says why it is nobody's. */
static inline bool tagged_if(const struct tables *t, const struct ingress *in, struct packet *p)
{
	u16 tci = rd16(p->data + ETH_HEADER), vid = tci & VLAN_VID_MASK;
	u16 id = in->map && vid ? in->map->outer[vid] & VLAN_MAP_IF : 0;

	p->vlan_outer = tci;
	if (id) {
		p->in_if = id;
		p->vrf = t->iface[id]->vrf;
		return t->iface[id]->up;
	}
	p->in_if = in->ifid;
	p->vrf = in->vrf;
	return !in->why && !(in->routed && vid);
}

/* Frames without tags into an open interface, up to the first that is something else. */
static inline u32 parse_plain(const struct ingress *in, struct packet *const *p, u32 n)
{
	u16 ifid = in->ifid, vrf = in->vrf;
	u32 i = 0;

	for (; i < n && likely(usual(p[i]) == ETH_HEADER); i++) {
		p[i]->in_if = ifid;
		p[i]->vrf = vrf;
		p[i]->l3_off = ETH_HEADER;
	}
	return i;
}

u32 parse_burst(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	/* One port a burst (ports.c). */
	struct ingress in = find_ingress(t, p[0]->in_port);
	bool open = !in.why;
	u32 left = open ? parse_plain(&in, p, n) : 0;

	for (u32 i = left; i < n; i++) {
		struct packet *f = p[i];
		u32 off = usual(f), why;

		if (likely(off == ETH_HEADER && open)) {
			f->in_if = in.ifid;
			f->vrf = in.vrf;
			f->l3_off = ETH_HEADER;
			p[left++] = f;
			continue;
		}
		if (likely(off == ETH_HEADER + VLAN_TAG && tagged_if(t, &in, f))) {
			f->l3_off = ETH_HEADER + VLAN_TAG;
			p[left++] = f;
			continue;
		}
		why = parse_rare(t, &in, f);
		if (why == DROP_none)
			p[left++] = f;
		else if (why == PARSE_PUNT)
			qgm_punt(q, f, PIX_PUNT_CONTROL);
		else
			qgm_drop(q, f, (enum drop_reason)why);
	}
	if (unlikely(in.map))
		ifcount_rx(q, p, left);
	return left;
}

static void stamp(struct packet *const *p, u32 n, u16 in_port, u64 now, u64 *bytes)
{
	for (u32 i = 0; i < n; i++) {
		p[i]->in_port = in_port;
		p[i]->timestamp = now;
		*bytes += p[i]->len;
	}
}

bool parse_received(struct qgm *q, const struct tables *t, u16 port, struct packet *const *p, u32 n,
		    u64 *bytes)
{
	const struct ingress in = find_ingress(t, port);
	const struct receive_mark m = {
		.in_port = port, .in_if = in.ifid, .vrf = in.vrf, .now = q->now
	};

	*bytes = 0;
	if (unlikely(in.why)) {
		stamp(p, n, port, q->now, bytes);
		return false;
	}
	return likely(q->receive(&m, p, n, bytes));
}

u32 parse_routed(struct qgm *q, const struct tables *t, u16 port, struct packet *const *p, u32 n,
		 struct packet **rest, u64 *bytes)
{
	const struct ingress in = find_ingress(t, port);
	const struct receive_mark m = {
		.in_port = port, .in_if = in.ifid, .vrf = in.vrf, .now = q->now
	};

	if (in.why || !in.routed || in.map)
		return RE_FRESH_NOT;
	return re_received(q, t, &m, p, n, rest, bytes);
}
