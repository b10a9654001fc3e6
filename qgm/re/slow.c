// SPDX-License-Identifier: MIT
/*
 * RE slow path: what each kind of next hop means for a packet that cannot simply be rewritten (RFC
 * 1812 5.2, 5.3; RFC 8200 3, RFC 4443): own addresses, routes that refuse, TTL, MTU, neighbours
 * that are not resolved. QGM cores.
 */
#include "qgm/re/icmp6.h"
#include "qgm/re/re.h"

void re_slow4(struct re *re, const struct tables *t, struct packet *p, const struct adjacency *adj)
{
	const struct ipv4_hdr *ip = packet_ipv4(p);

	switch (adj->kind) {
	case NH_LOCAL:
		re_local(re, t, p, false);
		return;
	case NH_BROADCAST:
		re_local(re, t, p, true);
		return;
	case NH_BLACKHOLE:
		qgm_drop(re->q, p, DROP_blackhole);
		return;
	case NH_UNREACHABLE:
		icmp_error(re, t, p, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, DROP_unreachable);
		return;
	case NH_GLEAN:
	case NH_FORWARD:
		break;
	default:
		qgm_drop(re->q, p, DROP_stale_nexthop);
		return;
	}
	/* RFC 1812 5.3.4: what came as a link-layer broadcast is not forwarded. */
	if (p->flags & PACKET_BROADCAST) {
		qgm_drop(re->q, p, DROP_ip_broadcast);
	} else if (!(p->flags & PACKET_LOCAL) && ip->ttl <= 1) {
		icmp_error(re, t, p, ICMP_TIME_EXCEEDED, 0, 0, DROP_ttl_expired);
	} else if (packet_l3_len(p) > adj->mtu) {
		struct icmp_hdr h = { .frag.mtu = cpu_to_be16(adj->mtu) };

		if (ip->frag & cpu_to_be16(IP_DF))
			icmp_error(re, t, p, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, h.rest,
				   DROP_mtu_exceeded);
		else
			re_fragment(re, t, p, adj);
	} else {
		re_wait(re, p, adj);
	}
}

void re_slow6(struct re *re, const struct tables *t, struct packet *p, const struct adjacency *adj)
{
	switch (adj->kind) {
	case NH_LOCAL:
		re_local6(re, t, p, false);
		return;
	case NH_BLACKHOLE:
		qgm_drop(re->q, p, DROP_blackhole);
		return;
	case NH_UNREACHABLE:
		icmp6_error(re, t, p, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_REJECT, 0,
			    DROP_unreachable);
		return;
	case NH_GLEAN:
	case NH_FORWARD:
		break;
	default:
		qgm_drop(re->q, p, DROP_stale_nexthop);
		return;
	}
	if (p->flags & PACKET_BROADCAST) {
		qgm_drop(re->q, p, DROP_ip6_broadcast);
	} else if (!(p->flags & PACKET_LOCAL) && packet_ipv6(p)->hop_limit <= 1) {
		icmp6_error(re, t, p, ICMP6_TIME_EXCEEDED, ICMP6_TIME_EXCEED_TRANSIT, 0,
			    DROP_ttl_expired);
	} else if (packet_l3_len(p) <= adj->mtu) {
		re_wait(re, p, adj);
	} else if ((p->flags & PACKET_LOCAL) && p->in_port != PORT_HOST) {
		re_fragment6(re, t, p, adj); /* an answer of ours */
	} else {
		icmp6_error(re, t, p, ICMP6_PACKET_TOO_BIG, 0, adj->mtu, DROP_mtu_exceeded);
	}
}

struct pix_ip re_gleaned(const struct packet *p)
{
	return packet_is6(p) ? packet_dst6(p) : pix_ip4(be32_to_cpu(packet_ipv4(p)->dst));
}

void re_wait(struct re *re, struct packet *p, const struct adjacency *adj)
{
	neigh_wait(re, p, adj->ifid, adj->kind == NH_GLEAN ? re_gleaned(p) : adj->gateway);
}
