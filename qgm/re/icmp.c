// SPDX-License-Identifier: MIT
/* ICMP errors and their rate limit (icmp.h). QGM cores. */
#include "qgm/re/icmp.h"

#include "qgm/core.h"
#include "qgm/re/checksum.h"
#include "qgm/re/link.h"
#include "qgm/re/re.h"

void icmp_limits_init(struct icmp_limits *l, u64 hz)
{
	limits_init(&l->errors, hz, ICMP_RATE_TOTAL, ICMP_BURST_TOTAL, ICMP_RATE_SOURCE,
		    ICMP_BURST_SOURCE, true);
	l->echo = limit_make(hz, ICMP_RATE_ECHO, ICMP_BURST_ECHO);
}

bool icmp_limit_echo(struct icmp_limits *l, u64 now)
{
	if (!limit_has(&l->echo, l->echo_full, now))
		return false;
	limit_take(&l->echo, &l->echo_full, now);
	return true;
}

/* RFC 1122 3.2.2, RFC 1812 4.3.2.7: about what no error may be sent. Martian sources are gone. */
static bool forbidden(const struct packet *p)
{
	const struct ipv4_hdr *ip = packet_ipv4(p);

	if ((p->flags & PACKET_BROADCAST) || (ip->frag & cpu_to_be16(IP_OFFMASK)) ||
	    be32_to_cpu(ip->dst) >= 0xe0000000)
		return true;
	if (ip->proto != IPPROTO_ICMP_)
		return false;
	if (p->len <= p->l4_off)
		return true; /* cannot tell */
	switch (p->data[p->l4_off]) {
	case ICMP_DEST_UNREACH:
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAM_PROBLEM:
		return true;
	}
	return false;
}

/*
 * RFC 1812 4.3.2.4: the source is an address of the interface; we take the one in the sender's
 * subnet, else the first. To our own host stack the error seems to come from its own address. 0:
 * the interface has none (any more).
 */
static u32 error_source(const struct tables *t, const struct packet *p)
{
	const struct iface *ifc = p->in_if < IFACE_MAX ? t->iface[p->in_if] : NULL;
	u32 to = be32_to_cpu(packet_ipv4(p)->src), first = 0;

	if (p->flags & PACKET_LOCAL)
		return to;
	if (!ifc || !ifc->addr_count)
		return 0;
	for (u32 i = 0; i < ifc->addr_count; i++) {
		u32 own = pix_ip_to4(ifc->addr[i].ip);

		if (!pix_ip_is4(ifc->addr[i].ip))
			continue;
		if (!((to ^ own) & ipv4_mask(ifc->addr[i].len)))
			return own;
		first = first ? first : own;
	}
	return first;
}

/* Fill `e` with the error about `p`. */
static void build(struct re *re, struct packet *e, const struct packet *p, u32 src, u8 type,
		  u8 code, be32 rest)
{
	const struct ipv4_hdr *about = packet_ipv4(p);
	struct ipv4_hdr *ip = (struct ipv4_hdr *)(e->data + ETH_HLEN);
	struct icmp_hdr *icmp = (struct icmp_hdr *)(ip + 1);
	u32 head = sizeof(*ip) + sizeof(*icmp);
	u32 quote = MIN((u32)p->len - p->l3_off, ICMP_ERROR_MAX - head);

	*ip = (struct ipv4_hdr){
		.ver_ihl = 0x45,
		.tos = ICMP_ERROR_TOS,
		.total_len = cpu_to_be16((u16)(head + quote)),
		.id = cpu_to_be16(re->ip_id++),
		.ttl = IP_TTL_DEFAULT,
		.proto = IPPROTO_ICMP_,
		.src = cpu_to_be32(src),
		.dst = about->src,
	};
	ip->check = checksum(ip, sizeof(*ip));
	*icmp = (struct icmp_hdr){ .type = type, .code = code, .rest = rest };
	__builtin_memcpy(icmp + 1, about, quote);
	icmp->check = checksum(icmp, sizeof(*icmp) + quote);
	e->len = (u16)(ETH_HLEN + head + quote);
	e->l3_off = ETH_HLEN;
	link_type(e, ETH_P_IP);
	e->l4_off = ETH_HLEN + sizeof(*ip);
	e->l4_proto = IPPROTO_ICMP_;
	e->vrf = p->vrf;
	e->flags |= PACKET_LOCAL;
}

void icmp_error(struct re *re, const struct tables *t, struct packet *p, u8 type, u8 code,
		be32 rest, enum drop_reason why)
{
	u32 src = error_source(t, p);
	struct packet *e;

	/* Answers of ours that do not get through end under their own fault. */
	if ((p->flags & PACKET_LOCAL) && (p->in_port != PORT_HOST || forbidden(p))) {
		qgm_drop(re->q, p, why);
		return;
	}
	if (!src || forbidden(p)) {
		qgm_drop(re->q, p, DROP_icmp_forbidden);
		return;
	}
	if (!limits_take(&re->limits.errors, limits_net4(be32_to_cpu(packet_ipv4(p)->src)),
			 qgm_now(re->q))) {
		qgm_drop(re->q, p, DROP_icmp_rate);
		return;
	}
	e = qgm_make(re->q);
	if (!e) {
		qgm_drop(re->q, p, DROP_no_buffer);
		return;
	}
	build(re, e, p, src, type, code, rest);
	qgm_drop(re->q, p, why);
	counter_add(&re->q->c->stage[PIX_STAGE_icmp].packets, 1);
	re_route_one(re, t, e);
}
