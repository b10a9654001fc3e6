// SPDX-License-Identifier: MIT
/*
 * IPv4 packets for this router: fragments are put together, echo requests are answered here (RFC
 * 792, RFC 1122 3.2.2.6), other ICMP and what somebody listens to goes to the generic partition,
 * the rest gets an unreachable (RFC 1812 4.3.3.1). QGM cores.
 */
#include "qgm/re/re.h"

#include "qgm/core.h"
#include "qgm/re/checksum.h"
#include "qgm/re/reasm.h"

bool iface_broadcast(const struct iface *ifc, u32 addr)
{
	for (u32 i = 0; i < ifc->addr_count; i++) {
		u32 mask, own = pix_ip_to4(ifc->addr[i].ip);

		if (!pix_ip_is4(ifc->addr[i].ip) || ifc->addr[i].len > 30)
			continue;
		mask = ipv4_mask(ifc->addr[i].len);
		/* All ones, and the old all-zeroes form (RFC 1812 4.2.2.11 (d), 4.2.3.1). */
		if (!((addr ^ own) & mask) && ((addr | mask) == 0xffffffff || !(addr & ~mask)))
			return true;
	}
	return false;
}

/* The request becomes the reply, from the address that was asked. */
static void echo_reply(struct re *re, const struct tables *t, struct packet *p)
{
	struct ipv4_hdr *ip = packet_ipv4(p);
	struct icmp_hdr *icmp = (struct icmp_hdr *)(p->data + p->l4_off);
	be32 src = ip->src;

	if (!icmp_limit_echo(&re->limits, qgm_now(re->q))) {
		qgm_drop(re->q, p, DROP_icmp_rate);
		return;
	}
	icmp->type = ICMP_ECHO_REPLY;
	icmp->check = checksum_update(icmp->check, ICMP_ECHO_REQUEST, ICMP_ECHO_REPLY);
	ip->src = ip->dst;
	ip->dst = src;
	ip->ttl = IP_TTL_DEFAULT;
	ip->check = 0;
	ip->check = checksum(ip, ipv4_hlen(ip));
	p->flags |= PACKET_LOCAL;
	counter_add(&re->q->c->stage[PIX_STAGE_icmp].packets, 1);
	re_route_one(re, t, p);
}

static void icmp_input(struct re *re, const struct tables *t, struct packet *p)
{
	const struct icmp_hdr *icmp = (const struct icmp_hdr *)(p->data + p->l4_off);
	u32 len = (u32)p->len - p->l4_off;

	if (len < sizeof(*icmp) || checksum(icmp, len)) {
		qgm_drop(re->q, p, DROP_icmp_bad);
		return;
	}
	switch (icmp->type) {
	case ICMP_ECHO_REQUEST:
		echo_reply(re, t, p);
		return;
	case ICMP_ECHO_REPLY:
	case ICMP_DEST_UNREACH:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAM_PROBLEM:
		if (re_listens(t, PIX_PUNT_ICMP)) {
			qgm_punt(re->q, p, PIX_PUNT_ICMP);
			return;
		}
		break;
	}
	qgm_drop(re->q, p, DROP_icmp_ignored);
}

/* RFC 1122 4.1.3.4: a datagram with a wrong checksum is discarded silently. */
static bool udp_good(const struct packet *p)
{
	const struct ipv4_hdr *ip = packet_ipv4(p);
	const u8 *udp = p->data + p->l4_off;
	u32 len = (u32)p->len - p->l4_off;
	be16 udp_len, check;
	u64 sum;

	if (len < 8)
		return false;
	__builtin_memcpy(&udp_len, udp + 4, 2);
	__builtin_memcpy(&check, udp + 6, 2);
	if (be16_to_cpu(udp_len) < 8 || be16_to_cpu(udp_len) > len)
		return false;
	if (!check)
		return true;
	sum = checksum_add(&ip->src, 8, (u64)cpu_to_be16(IPPROTO_UDP_) + udp_len);
	return checksum_fold(checksum_add(udp, be16_to_cpu(udp_len), sum)) == 0xffff;
}

/* A whole datagram to an address of ours. */
static void unicast(struct re *re, const struct tables *t, struct packet *p)
{
	if (p->l4_proto == IPPROTO_ICMP_)
		icmp_input(re, t, p);
	else if (re_listens(t, PIX_PUNT_LOCAL))
		qgm_punt(re->q, p, PIX_PUNT_LOCAL);
	else if (p->l4_proto == IPPROTO_TCP_ || (p->l4_proto == IPPROTO_UDP_ && !udp_good(p)))
		qgm_drop(re->q, p, DROP_local_protocol);
	else if (p->l4_proto == IPPROTO_UDP_)
		icmp_error(re, t, p, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0, DROP_local_protocol);
	else
		icmp_error(re, t, p, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0, DROP_local_protocol);
}

void re_local(struct re *re, const struct tables *t, struct packet *p, bool broadcast)
{
	const struct iface *ifc = packet_iface(t, p);
	u32 dst = be32_to_cpu(packet_ipv4(p)->dst);

	/* A broadcast of another subnet of ours (RFC 1812 5.3.5.2), and unicast in a link-layer
	 * broadcast (RFC 1122 3.3.6), are nobody's. */
	if (broadcast ? dst != 0xffffffff && !(ifc && iface_broadcast(ifc, dst))
		      : !!(p->flags & PACKET_BROADCAST)) {
		qgm_drop(re->q, p, DROP_ip_broadcast);
		return;
	}
	if (packet_ipv4(p)->frag & cpu_to_be16(IP_MF | IP_OFFMASK)) {
		if (!reasm_admit(re, p, limits_net4(be32_to_cpu(packet_ipv4(p)->src))))
			return;
		p = reasm_ipv4(re, t, p);
		if (!p)
			return;
	}
	if (!broadcast)
		unicast(re, t, p);
	else if (!(p->flags & PACKET_LOCAL) && p->l4_proto == IPPROTO_UDP_ &&
		 re_listens(t, PIX_PUNT_LOCAL))
		qgm_punt(re->q, p, PIX_PUNT_LOCAL);
	else
		qgm_drop(re->q, p, DROP_ip_broadcast);
}
