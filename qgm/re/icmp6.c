// SPDX-License-Identifier: MIT
/* ICMPv6 errors (icmp6.h). QGM cores. */
#include "qgm/re/icmp6.h"

#include "qgm/core.h"
#include "qgm/re/checksum.h"
#include "qgm/re/ext6.h"
#include "qgm/re/link.h"
#include "qgm/re/re.h"

be16 checksum6(const struct ipv6_hdr *ip, const void *data, u32 len, u8 proto)
{
	/* The pseudo-header: both addresses, length and next header as 32-bit words. */
	u64 sum = checksum_add(ip->src, 32, (u64)cpu_to_be32(len) + cpu_to_be32(proto));

	return (be16)~checksum_fold(checksum_add(data, len, sum));
}

/* RFC 4443 2.4 (e): about what no error may be sent. */
static bool forbidden(const struct packet *p, u8 type, u8 code)
{
	const struct ipv6_hdr *ip = packet_ipv6(p);
	struct pix_ip src = pix_ip_load(ip->src);
	bool exception = type == ICMP6_PACKET_TOO_BIG ||
			 (type == ICMP6_PARAM_PROB && code == ICMP6_PARAMPROB_OPTION);
	u32 at;
	int proto;

	if (!exception && ((p->flags & PACKET_BROADCAST) || ip->dst[0] == 0xff)) /* (3)-(5) */
		return true;
	if (pix_ip_none(src) || pix_ip6_multicast(src)) /* (6) */
		return true;
	proto = ext6_upper(p, &at);
	if (proto != IPPROTO_ICMPV6_)
		return proto == EXT6_LATER;
	return at < p->len && (!(p->data[at] & ICMP6_INFOMSG_MASK) || p->data[at] == ND_REDIRECT);
}

/* Bits that two addresses have in common from the start. */
static u32 common(struct pix_ip a, struct pix_ip b)
{
	if (a.hi != b.hi)
		return (u32)__builtin_clzll(a.hi ^ b.hi);
	return a.lo == b.lo ? 128 : 64 + (u32)__builtin_clzll(a.lo ^ b.lo);
}

/* Of an interface's valid addresses: of the scope of `to`, with the longest common prefix. */
static struct pix_ip source_on(const struct iface *ifc, struct pix_ip to)
{
	struct pix_ip best = PIX_IP_NONE;
	u32 best_bits = 0;

	for (u32 i = 0; i < ifc->addr_count; i++) {
		const struct iface_addr *a = &ifc->addr[i];
		u32 bits = common(a->ip, to) + 1;

		if (a->state != PIX_ADDR_VALID || pix_ip_is4(a->ip) ||
		    pix_ip_linklocal(a->ip) != pix_ip_linklocal(to))
			continue;
		if (bits > best_bits) {
			best = a->ip;
			best_bits = bits;
		}
	}
	return ip6_unscoped(best);
}

struct pix_ip re_source6(const struct tables *t, const struct packet *p, struct pix_ip to)
{
	const struct iface *ifc = packet_iface(t, p);
	struct pix_ip src = PIX_IP_NONE;

	if (ifc)
		src = source_on(ifc, ip6_unscoped(to));
	/* A link with link-local addresses only: any other address of this VRF. */
	for (u32 i = 1; i < t->if_count && pix_ip_none(src) && !pix_ip_linklocal(to); i++) {
		ifc = t->iface[i];
		if (ifc && ifc->mode == IFACE_MODE_L3 && ifc->vrf == p->vrf)
			src = source_on(ifc, to);
	}
	return src;
}

static bool has_addr(const struct iface *ifc, struct pix_ip addr)
{
	for (u32 i = 0; i < ifc->addr_count; i++)
		if (pix_ip_eq(ip6_unscoped(ifc->addr[i].ip), addr))
			return true;
	return false;
}

struct pix_ip re_answer6(const struct tables *t, const struct packet *p)
{
	struct pix_ip dst = ip6_unscoped(packet_dst6(p));
	const struct iface *ifc = packet_iface(t, p);

	if (ifc && has_addr(ifc, dst))
		return dst;
	for (u32 i = 1; i < t->if_count; i++) {
		ifc = t->iface[i];
		if (ifc && ifc->mode == IFACE_MODE_L3 && ifc->vrf == p->vrf && has_addr(ifc, dst))
			return dst;
	}
	return re_source6(t, p, pix_ip_load(packet_ipv6(p)->src)); /* anycast */
}

/* RFC 4443 2.2 (a): who was asked answers; else who found the fault. */
static struct pix_ip error_source(const struct tables *t, const struct packet *p)
{
	struct pix_ip dst = packet_dst6(p);
	const struct fib6 *f = t->fib6[p->vrf];
	u32 id = f && dst.hi >> 56 != 0xff ? fib6_lookup(f, dst) : 0;

	if (p->flags & PACKET_LOCAL) /* to our own host stack: from its own address */
		return pix_ip_load(packet_ipv6(p)->src);
	if (id && nh_get(t->nh, id)->kind == NH_LOCAL)
		return re_answer6(t, p);
	return re_source6(t, p, pix_ip_load(packet_ipv6(p)->src));
}

/* Fill `e` with the error about `p`. */
static void build(struct packet *e, const struct packet *p, struct pix_ip src, u8 type, u8 code,
		  u32 rest)
{
	const struct ipv6_hdr *about = packet_ipv6(p);
	struct ipv6_hdr *ip = (struct ipv6_hdr *)(e->data + ETH_HLEN);
	struct icmp6_hdr *icmp = (struct icmp6_hdr *)(ip + 1);
	u32 head = sizeof(*ip) + sizeof(*icmp); /* in all no more than the smallest MTU: 2.4 (c) */
	u32 quote = MIN(packet_l3_len(p), IPV6_MIN_MTU - head);

	*ip = (struct ipv6_hdr){
		.vtf = cpu_to_be32(6u << 28),
		.payload_len = cpu_to_be16((u16)(sizeof(*icmp) + quote)),
		.next = IPPROTO_ICMPV6_,
		.hop_limit = IPV6_HOP_LIMIT_DEFAULT,
	};
	pix_ip_store(ip->src, src);
	__builtin_memcpy(ip->dst, about->src, sizeof(ip->dst));
	*icmp = (struct icmp6_hdr){ .type = type, .code = code, .rest = cpu_to_be32(rest) };
	__builtin_memcpy(icmp + 1, about, quote);
	icmp->check = checksum6(ip, icmp, sizeof(*icmp) + quote, IPPROTO_ICMPV6_);
	e->len = (u16)(ETH_HLEN + head + quote);
	e->l3_off = ETH_HLEN;
	link_type(e, ETH_P_IPV6);
	e->l4_off = ETH_HLEN + sizeof(*ip);
	e->l4_proto = IPPROTO_ICMPV6_;
	e->vrf = p->vrf;
	e->in_if = p->in_if; /* the scope of a link-local destination */
	e->flags |= PACKET_LOCAL;
}

void icmp6_error(struct re *re, const struct tables *t, struct packet *p, u8 type, u8 code,
		 u32 rest, enum drop_reason why)
{
	struct pix_ip src;
	struct packet *e;

	/* Answers of ours that do not get through end under their own fault. */
	if ((p->flags & PACKET_LOCAL) && (p->in_port != PORT_HOST || forbidden(p, type, code))) {
		qgm_drop(re->q, p, why);
		return;
	}
	src = error_source(t, p);
	if (pix_ip_none(src) || forbidden(p, type, code)) {
		qgm_drop(re->q, p, DROP_icmp_forbidden);
		return;
	}
	if (!limits_take(&re->limits.errors, limits_net6(packet_ipv6(p)), qgm_now(re->q))) {
		qgm_drop(re->q, p, DROP_icmp_rate);
		return;
	}
	e = qgm_make(re->q);
	if (!e) {
		qgm_drop(re->q, p, DROP_no_buffer);
		return;
	}
	build(e, p, src, type, code, rest);
	qgm_drop(re->q, p, why);
	counter_add(&re->q->c->stage[PIX_STAGE_icmp].packets, 1);
	re_route_one(re, t, e);
}
