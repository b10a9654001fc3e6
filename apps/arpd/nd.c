// SPDX-License-Identifier: MIT
/*
 * Neighbour discovery in arpd's core (RFC 4861 7): asking, answering for own addresses, and what
 * others say of themselves. We are a router: advertisements have the router flag, redirects and
 * other routers' advertisements change nothing (8.2, 6.2.7).
 */
#include "apps/arpd/inner.h"

#include <string.h>

#include "apps/lib/netaddr.h"

static bool transmit(struct arpd *a, const struct iface *i, struct nd_packet *p, const u8 *dst)
{
	u8 frame[ND_FRAME_MAX];

	memcpy(p->eth_src, i->mac, 6);
	if (dst)
		memcpy(p->eth_dst, dst, 6);
	else
		nd_multicast_mac(p->eth_dst, p->dst);
	return arpd_send(a, i, frame, nd_build(frame, p));
}

/* 7.2.2: to the solicited-node group, or to the station itself when it is only confirmed. */
void nd_ask(struct arpd *a, struct iface *i, struct pix_ip addr, const u8 *dst)
{
	const struct own_addr *from = iface_source(i, addr);
	struct nd_packet p = { .type = ND_NEIGHBOR_SOLICIT, .target = addr, .has_slla = true };

	if (!from) {
		a->count.no_source++;
		return;
	}
	p.src = from->addr;
	p.dst = dst ? addr : netaddr_solicited_node(addr);
	memcpy(p.slla, i->mac, 6);
	if (transmit(a, i, &p, dst))
		a->count.nd_tx_solicit++;
}

/*
 * 7.2.4, 7.2.6: of an own address; to nobody in particular when dst is all nodes. Of the routers'
 * anycast address in its subnet it does not override: of several answers the first stays (7.2.7;
 * the random delay there is to spread answers of many, routers of a link are few).
 */
static void advertise(struct arpd *a, const struct iface *i, const struct own_addr *o,
		      struct pix_ip target, struct pix_ip dst, const u8 *mac)
{
	struct nd_packet p = { .type = ND_NEIGHBOR_ADVERT,
			       .src = o->addr,
			       .dst = dst,
			       .target = target,
			       .router = true,
			       .solicited = !pix_ip6_multicast(dst),
			       .override = pix_ip_eq(target, o->addr),
			       .has_tlla = true };

	memcpy(p.tlla, i->mac, 6);
	if (transmit(a, i, &p, mac))
		a->count.nd_tx_advert++;
}

static void send_advert(struct arpd *a, const struct iface *i, const struct own_addr *o,
			struct pix_ip dst, const u8 *mac)
{
	advertise(a, i, o, o->addr, dst, mac);
}

void nd_announce(struct arpd *a, struct iface *i, struct own_addr *o, u64 now)
{
	send_advert(a, i, o, ND_ALL_NODES, NULL);
	o->announce--;
	o->due_at = now + ANNOUNCE_INTERVAL_MS;
}

/* Somebody gives its link-layer address with a solicitation (7.2.3, 6.2.6). */
static struct entry *learn(struct arpd *a, struct iface *i, const struct nd_packet *p, u64 now)
{
	struct entry *e = table_find(&a->table, i->id, p->src);

	if (!p->has_slla)
		return e;
	if (!iface_on_link(i, p->src)) {
		a->count.rx_off_link++;
		return NULL;
	}
	if (!e)
		e = arpd_learn(a, i, p->src, now);
	if (e)
		arpd_step(a, i, e,
			  (struct neigh_input){
				  .event = NEIGH_EV_HEARD, .mac = p->slla, .now = now });
	return e;
}

static void on_solicit(struct arpd *a, struct iface *i, const struct nd_packet *p, u64 now)
{
	struct own_addr *o = iface_own(i, p->target), *rival = iface_own(i, p->src);
	const struct own_addr *any = o ? NULL : iface_anycast(i, p->target);
	const struct entry *e;
	const u8 *mac = p->eth_src;

	a->count.nd_rx_solicit++;
	if (rival) {
		if (arpd_conflict(a, i, rival, p->eth_src, now) && rival->state == PIX_ADDR_VALID)
			send_advert(a, i, rival, ND_ALL_NODES, NULL);
		return;
	}
	if (!o && !any) {
		a->count.rx_not_ours++;
		return;
	}
	if (any && pix_ip_none(p->src)) /* nobody may probe it: 2.6.1 has no owner of its own */
		return;
	if (o && o->state == PIX_ADDR_TENTATIVE && pix_ip_none(p->src))
		dad_duplicate(a, i, o, p->eth_src); /* RFC 4862 5.4.3: somebody probes it, too */
	if (o && o->state != PIX_ADDR_VALID)
		return;
	if (pix_ip_none(p->src)) {
		send_advert(a, i, o, ND_ALL_NODES, NULL);
		return;
	}
	e = learn(a, i, p, now);
	if (p->has_slla)
		mac = p->slla;
	else if (e && neigh_is_published(&e->n))
		mac = e->n.mac;
	advertise(a, i, o ? o : any, p->target, p->src, mac);
}

static void on_advert(struct arpd *a, struct iface *i, const struct nd_packet *p, u64 now)
{
	struct own_addr *o = iface_own(i, p->target);
	struct entry *e;

	a->count.nd_rx_advert++;
	if (o && o->state == PIX_ADDR_TENTATIVE) {
		dad_duplicate(a, i, o, p->has_tlla ? p->tlla : p->eth_src);
		return;
	}
	if (o) {
		if (arpd_conflict(a, i, o, p->has_tlla ? p->tlla : p->eth_src, now) &&
		    o->state == PIX_ADDR_VALID)
			send_advert(a, i, o, ND_ALL_NODES, NULL);
		return;
	}
	e = table_find(&a->table, i->id, p->target);
	if (!e) { /* 7.2.5: nobody asked */
		a->count.rx_unsolicited++;
		return;
	}
	e->router = p->router;
	arpd_step(a, i, e,
		  (struct neigh_input){ .event = NEIGH_EV_ADVERT,
					.mac = p->has_tlla ? p->tlla : NULL,
					.solicited = p->solicited,
					.override = p->override,
					.now = now });
}

void arpd_nd_frame(struct arpd *a, u16 ifid, const u8 *frame, size_t n, u64 now)
{
	struct iface *i = arpd_live_iface(a, ifid);
	struct nd_packet p;
	enum nd_bad bad;

	a->count.nd_rx++;
	if (!i)
		return;
	bad = nd_parse(frame, n, &p);
	if (bad != ND_OK) {
		a->count.nd_bad[bad]++;
		return;
	}
	if (memcmp(p.eth_src, i->mac, 6) == 0) {
		a->count.rx_own++;
		return;
	}
	switch (p.type) {
	case ND_NEIGHBOR_SOLICIT:
		on_solicit(a, i, &p, now);
		break;
	case ND_NEIGHBOR_ADVERT:
		on_advert(a, i, &p, now);
		break;
	case ND_ROUTER_SOLICIT:
		a->count.nd_rx_router_solicit++;
		if (!pix_ip_none(p.src))
			learn(a, i, &p, now);
		ra_solicited(a, i, now);
		break;
	case ND_ROUTER_ADVERT:
		a->count.nd_rx_router_advert++;
		break;
	default:
		a->count.nd_rx_redirect++;
	}
}
