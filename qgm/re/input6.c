// SPDX-License-Identifier: MIT
/*
 * RE input of IPv6: the header checks of RFC 8200 3, the addresses that may not be on a wire (RFC
 * 4291 2, 2.5, 2.7), the scope of link-local addresses (RFC 4007) and multicast; each failure has
 * its own drop reason. QGM cores.
 */
#include "qgm/re/ext6.h"
#include "qgm/re/icmp6.h"
#include "qgm/re/link.h"
#include "qgm/re/prefix.h"
#include "qgm/re/re.h"

/* RFC 8200 3 on what is behind the link header. Sets p->len to the packet's end. */
static inline enum drop_reason header_check(struct packet *p)
{
	const struct ipv6_hdr *ip = packet_ipv6(p);
	u32 off = p->l3_off, room = p->len > off ? p->len - off : 0, total;

	if (unlikely(room < IPV6_HLEN))
		return DROP_ip6_truncated;
	if (unlikely(!packet_is6(p)))
		return DROP_ip6_version;
	total = IPV6_HLEN + be16_to_cpu(ip->payload_len);
	if (unlikely(total > room))
		return DROP_ip6_truncated;
	p->len = (u16)(off + total); /* without the link's padding */
	p->l4_off = (u16)(off + IPV6_HLEN);
	p->l4_proto = ip->next;
	return DROP_none;
}

/* Unicast and not of ::/64, link-local or beyond: nothing special about it. */
static inline bool ordinary(struct pix_ip a)
{
	return a.hi - 1 < (0xfe80ull << 48) - 1;
}

/* Bits 10..63 of a link-local address are zero (RFC 4291 2.5.6): here they name the interface. */
static bool linklocal_bad(struct pix_ip a)
{
	return pix_ip_linklocal(a) && a.hi << 10;
}

static bool own_source(const struct tables *t, const struct packet *p, struct pix_ip src)
{
	const struct fib6 *f = t->fib6[p->vrf];
	u32 id;

	if (!f || likely(!fib6_maybe_own(f, src)))
		return false;
	id = fib6_lookup(f, src);
	return id && nh_get(t->nh, id)->kind == NH_LOCAL;
}

/* Neighbour discovery to a group from one of our addresses is a duplicate of it: arpd must see it
 * (RFC 4862 5.4). What it claims to be is checked later. */
static bool maybe_nd(const struct packet *p)
{
	return p->l4_proto == IPPROTO_ICMPV6_ && p->len > p->l4_off &&
	       p->data[p->l4_off] >= ND_ROUTER_SOLICIT && p->data[p->l4_off] <= ND_REDIRECT;
}

/* Hop-by-hop options, right behind the header, are for every router (RFC 8200 4.3). True: `p` ended
 * there. */
static bool options_end(struct re *re, const struct tables *t, struct packet *p, bool group)
{
	struct ext6 x;

	if (likely(p->l4_proto != IPPROTO_HOPOPTS_))
		return false;
	x = ext6_start(p);
	if (ext6_options(p, &x, group))
		return false;
	ext6_refuse(re, t, p, &x);
	return true;
}

/*
 * A source or destination that does not leave the link, or the unspecified source of a host that
 * has no address yet: such a packet ends here or nowhere (RFC 4007 9, RFC 4291 2.5.2).
 */
static void confined(struct re *re, const struct tables *t, struct packet *p, struct pix_ip src,
		     struct pix_ip dst)
{
	const struct fib6 *f = t->fib6[p->vrf];
	u32 id = f ? fib6_lookup(f, ip6_scoped(dst, p->in_if)) : 0;

	if (id && nh_get(t->nh, id)->kind == NH_LOCAL)
		re_local6(re, t, p, false);
	else if (unlikely(re->plants & RE_PLANT_SCOPE))
		re_route_one(re, t, p);
	else if (pix_ip_none(src))
		qgm_drop(re->q, p, DROP_ip6_source);
	else if (pix_ip_linklocal(dst))
		qgm_drop(re->q, p, DROP_ip6_scope);
	else
		icmp6_error(re, t, p, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_BEYONDSCOPE, 0,
			    DROP_ip6_scope);
}

bool iface_group6(const struct iface *ifc, struct pix_ip group)
{
	if (group.hi != IP6_ALL_NODES.hi)
		return false;
	if (group.lo == IP6_ALL_NODES.lo || group.lo == IP6_ALL_ROUTERS.lo)
		return true;
	for (u32 i = 0; i < ifc->addr_count; i++) {
		const struct iface_addr *a = &ifc->addr[i];

		if (pix_ip_is4(a->ip))
			continue;
		if (group.lo == ip6_solicited_node(a->ip).lo)
			return true;
		if (a->len < 127 && /* the routers' anycast address, RFC 4291 2.6.1 */
		    group.lo == ip6_solicited_node(prefix_base(a->ip, a->len)).lo)
			return true;
	}
	return false;
}

/* Multicast is not routed: to ourselves, or nowhere. */
static void multicast(struct re *re, const struct tables *t, struct packet *p, struct pix_ip dst)
{
	const struct iface *ifc = packet_iface(t, p);

	if (ip6_multicast_scope(dst) <= 1) /* reserved, interface-local: RFC 4291 2.7 */
		qgm_drop(re->q, p, DROP_ip6_destination);
	else if (ifc && iface_group6(ifc, dst))
		re_local6(re, t, p, true);
	else if (ext6_mld(p))
		qgm_drop(re->q, p, DROP_mld_ignored);
	else
		qgm_drop(re->q, p, DROP_ip6_multicast);
}

static bool bad_source(struct pix_ip a)
{
	/* ::1, IPv4-mapped and -compatible (RFC 4291 2.5.3, 2.5.5); multicast (2.7). */
	return (!a.hi && a.lo) || pix_ip6_multicast(a) || linklocal_bad(a);
}

static bool bad_destination(struct pix_ip a)
{
	return !a.hi || linklocal_bad(a);
}

/* Addresses that are not both ordinary. True: routed all the same; else consumed. */
static bool special(struct re *re, const struct tables *t, struct packet *p, struct pix_ip src,
		    struct pix_ip dst)
{
	bool group = pix_ip6_multicast(dst);

	if (bad_source(src) ||
	    (own_source(t, p, ip6_scoped(src, p->in_if)) && !(group && maybe_nd(p)))) {
		qgm_drop(re->q, p, DROP_ip6_source);
		return false;
	}
	if (bad_destination(dst)) {
		qgm_drop(re->q, p, DROP_ip6_destination);
		return false;
	}
	if (options_end(re, t, p, group))
		return false;
	if (group) {
		multicast(re, t, p, dst);
		return false;
	}
	if (pix_ip_linklocal(src) || pix_ip_linklocal(dst) || pix_ip_none(src)) {
		confined(re, t, p, src, dst);
		return false;
	}
	return true;
}

/* Everything before the lookup. True: `p` goes on to it; else it is consumed. */
static inline bool input_one(struct re *re, const struct tables *t, struct packet *p,
			     struct pix_ip *dst)
{
	enum drop_reason why = header_check(p);
	struct pix_ip src;

	if (unlikely(why)) {
		qgm_drop(re->q, p, why);
		return false;
	}
	src = pix_ip_load(packet_ipv6(p)->src);
	*dst = pix_ip_load(packet_ipv6(p)->dst);
	if (unlikely(!ordinary(src) || !ordinary(*dst)))
		return special(re, t, p, src, *dst);
	if (unlikely(own_source(t, p, src))) {
		qgm_drop(re->q, p, DROP_ip6_source);
		return false;
	}
	return !options_end(re, t, p, false);
}

void re_input6(struct re *re, const struct tables *t, struct packet *const *p, u32 n, bool urpf)
{
	struct packet *go[BURST_MAX];
	struct pix_ip dst[BURST_MAX];
	u32 m = 0;

	for (u32 i = 0; i < n; i++) {
		if (likely(input_one(re, t, p[i], &dst[m])))
			go[m++] = p[i];
	}
	if (unlikely(urpf))
		m = urpf6(re, t, go, dst, m);
	re_route6(re, t, go, dst, m);
}

/* Out of the interface that the sender named, to the group's MAC address (RFC 2464 7). */
static void host_multicast(struct re *re, const struct tables *t, struct packet *p,
			   struct pix_ip dst)
{
	const struct iface *ifc = packet_iface(t, p);
	u8 mac[ETH_ALEN], *eth;
	u32 len;

	if (!ifc || ifc->mode != IFACE_MODE_L3 || !ifc->up || ip6_multicast_scope(dst) <= 1) {
		qgm_drop(re->q, p, DROP_ip6_multicast);
		return;
	}
	if (packet_l3_len(p) > ifc->mtu) {
		qgm_drop(re->q, p, DROP_mtu_exceeded);
		return;
	}
	ip6_multicast_mac(mac, dst);
	len = link_hlen(ifc);
	eth = (u8 *)packet_ipv6(p) - len;
	link_write(ifc, eth, mac, ETH_P_IPV6);
	p->len = (u16)(packet_l3_len(p) + len);
	p->data = eth;
	p->l3_off = (u16)len;
	p->out_if = ifc->id;
	p->out_port = ifc->port;
	re_emit(re, t, p);
}

void re_host6(struct re *re, const struct tables *t, struct packet *p)
{
	struct pix_ip src, dst;

	if (p->in_if >= IFACE_MAX || header_check(p))
		goto bad;
	src = pix_ip_load(packet_ipv6(p)->src);
	dst = pix_ip_load(packet_ipv6(p)->dst);
	if (bad_source(src) || bad_destination(dst) || (pix_ip_linklocal(dst) && !p->in_if))
		goto bad;
	if (pix_ip6_multicast(dst))
		host_multicast(re, t, p, dst);
	else
		re_route_one(re, t, p);
	return;
bad:
	qgm_drop(re->q, p, DROP_inject_bad);
}
