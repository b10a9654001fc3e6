// SPDX-License-Identifier: MIT
/*
 * IPv6 packets for this router: the extension headers (RFC 8200 4), reassembly, echo requests are
 * answered here (RFC 4443 4.2), neighbour discovery goes to arpd (RFC 4861), other ICMPv6 and what
 * somebody listens to goes to the generic partition, the rest gets an error. QGM cores.
 */
#include "qgm/core.h"
#include "qgm/re/checksum.h"
#include "qgm/re/ext6.h"
#include "qgm/re/icmp6.h"
#include "qgm/re/link.h"
#include "qgm/re/re.h"
#include "qgm/re/reasm.h"

/*
 * The request becomes the reply, from the address that was asked; a group's or an
 * anycast address's is answered from one of the interface. Extension headers are not sent back: the
 * fixed header moves to the message.
 */
static void echo_reply(struct re *re, const struct tables *t, struct packet *p, bool group)
{
	struct ipv6_hdr *ip = packet_ipv6(p), old = *ip;
	struct icmp6_hdr *icmp = (struct icmp6_hdr *)(p->data + p->l4_off);
	struct pix_ip to = pix_ip_load(old.src);
	u32 len = (u32)p->len - p->l4_off;
	struct pix_ip from;

	if (!pix_ip_none(to) && !icmp_limit_echo(&re->limits, qgm_now(re->q))) {
		qgm_drop(re->q, p, DROP_icmp_rate);
		return;
	}
	from = group ? re_source6(t, p, to) : re_answer6(t, p);
	if (pix_ip_none(to) || pix_ip_none(from)) {
		qgm_drop(re->q, p, DROP_icmp_forbidden);
		return;
	}
	p->l3_off = (u16)(p->l4_off - IPV6_HLEN);
	link_type(p, ETH_P_IPV6);
	ip = packet_ipv6(p);
	*ip = (struct ipv6_hdr){
		.vtf = old.vtf & cpu_to_be32(0xfff00000), /* version, traffic class */
		.payload_len = cpu_to_be16((u16)len),
		.next = IPPROTO_ICMPV6_,
		.hop_limit = IPV6_HOP_LIMIT_DEFAULT,
	};
	pix_ip_store(ip->src, from);
	__builtin_memcpy(ip->dst, old.src, sizeof(ip->dst));
	icmp->type = ICMP6_ECHO_REPLY;
	icmp->check = 0;
	icmp->check = checksum6(ip, icmp, len, IPPROTO_ICMPV6_);
	p->flags = (p->flags & ~(u32)PACKET_BROADCAST) | PACKET_LOCAL;
	counter_add(&re->q->c->stage[PIX_STAGE_icmp].packets, 1);
	re_route_one(re, t, p);
}

/* RFC 4861 6.1, 7.1, 8.1: what arpd need not look at. */
static bool nd_good(const struct packet *p, const struct icmp6_hdr *icmp, bool whole)
{
	return whole && packet_ipv6(p)->hop_limit == ND_HOP_LIMIT && !icmp->code &&
	       p->l4_off == p->l3_off + IPV6_HLEN && !(p->flags & PACKET_LOCAL);
}

/* `whole`: it came in one piece (RFC 6980 5: neighbour discovery must). */
static void icmp6_input(struct re *re, const struct tables *t, struct packet *p, bool group,
			bool whole)
{
	const struct icmp6_hdr *icmp = (const struct icmp6_hdr *)(p->data + p->l4_off);
	u32 len = (u32)p->len - p->l4_off;

	if (len < sizeof(*icmp) || checksum6(packet_ipv6(p), icmp, len, IPPROTO_ICMPV6_)) {
		qgm_drop(re->q, p, DROP_icmp_bad);
		return;
	}
	switch (icmp->type) {
	case ICMP6_ECHO_REQUEST:
		echo_reply(re, t, p, group);
		return;
	case ND_ROUTER_SOLICIT:
	case ND_ROUTER_ADVERT:
	case ND_NEIGHBOR_SOLICIT:
	case ND_NEIGHBOR_ADVERT:
	case ND_REDIRECT:
		if (!nd_good(p, icmp, whole))
			qgm_drop(re->q, p, DROP_nd_bad);
		else if (unlikely(re->plants & RE_PLANT_ARP))
			qgm_consume(re->q, p);
		else
			qgm_punt(re->q, p, PIX_PUNT_ND);
		return;
	case MLD_LISTENER_QUERY:
	case MLD_LISTENER_REPORT:
	case MLD_LISTENER_DONE:
	case MLD2_LISTENER_REPORT:
		qgm_drop(re->q, p, DROP_mld_ignored);
		return;
	}
	if ((icmp->type == ICMP6_ECHO_REPLY || !(icmp->type & ICMP6_INFOMSG_MASK)) &&
	    re_listens(t, PIX_PUNT_ICMP6))
		qgm_punt(re->q, p, PIX_PUNT_ICMP6);
	else
		qgm_drop(re->q, p, DROP_icmp_ignored);
}

/* RFC 8200 8.1: over IPv6 a UDP datagram without a right checksum is nobody's. */
static bool udp_good(const struct packet *p)
{
	const u8 *udp = p->data + p->l4_off;
	u32 len = (u32)p->len - p->l4_off, udp_len;

	if (len < 8)
		return false;
	udp_len = (u32)udp[4] << 8 | udp[5];
	return udp_len >= 8 && udp_len <= len && (udp[6] | udp[7]) &&
	       !checksum6(packet_ipv6(p), udp, udp_len, IPPROTO_UDP_);
}

static void upper(struct re *re, const struct tables *t, struct packet *p, const struct ext6 *x,
		  bool group, bool whole)
{
	p->l4_off = (u16)(p->l3_off + x->off);
	p->l4_proto = x->proto;
	if (x->proto == IPPROTO_ICMPV6_) {
		icmp6_input(re, t, p, group, whole);
	} else if (x->proto == IPPROTO_NONE_) {
		qgm_drop(re->q, p, DROP_local_protocol);
	} else if (re_listens(t, PIX_PUNT_LOCAL)) {
		qgm_punt(re->q, p, PIX_PUNT_LOCAL);
	} else if (group) {
		qgm_drop(re->q, p, DROP_ip6_multicast);
	} else if (x->proto == IPPROTO_TCP_ || (x->proto == IPPROTO_UDP_ && !udp_good(p))) {
		qgm_drop(re->q, p, DROP_local_protocol);
	} else if (x->proto == IPPROTO_UDP_) {
		icmp6_error(re, t, p, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOPORT, 0,
			    DROP_local_protocol);
	} else {
		icmp6_error(re, t, p, ICMP6_PARAM_PROB, ICMP6_PARAMPROB_NEXTHEADER, x->next_at,
			    DROP_local_protocol);
	}
}

void re_local6(struct re *re, const struct tables *t, struct packet *p, bool group)
{
	bool whole = true;

	/* Unicast in a frame to all (RFC 1122 3.3.6 says it for IPv4). */
	if (!group && (p->flags & PACKET_BROADCAST)) {
		qgm_drop(re->q, p, DROP_ip6_broadcast);
		return;
	}
	while (p) {
		struct ext6 x = ext6_start(p);

		switch (ext6_walk(p, &x, group)) {
		case EXT6_UPPER:
			upper(re, t, p, &x, group, whole);
			return;
		case EXT6_FRAGMENT:
			/* The whole has one fragment header less, so that this ends. */
			if (!reasm_admit(re, p, limits_net6(packet_ipv6(p))))
				return;
			p = reasm_ipv6(re, t, p, &x);
			whole = false;
			break;
		default:
			ext6_refuse(re, t, p, &x);
			return;
		}
	}
}
