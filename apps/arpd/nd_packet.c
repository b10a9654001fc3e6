// SPDX-License-Identifier: MIT
/*
 * Neighbour discovery on the wire, see nd_packet.h. Reading goes through a cursor that checks its
 * end at each step; unknown options are skipped by their length (RFC 4861 4.6).
 */
#include "apps/arpd/nd_packet.h"

#include <string.h>

#include "apps/arpd/cursor.h"
#include "apps/lib/netaddr.h"

enum {
	ETHERTYPE_IPV6 = 0x86dd,
	IPPROTO_ICMPV6 = 58,
	ETH_HEADER = 14,
	IPV6_HEADER = 40,
	ND_HOP_LIMIT = 255,
	OPT_SOURCE_LLA = 1,
	OPT_TARGET_LLA = 2,
	OPT_PREFIX = 3,
	OPT_MTU = 5,
	OPT_RDNSS = 25,
	NA_ROUTER = 0x80,
	NA_SOLICITED = 0x40,
	NA_OVERRIDE = 0x20,
	RA_MANAGED = 0x80,
	RA_OTHER = 0x40,
	PREFIX_ON_LINK = 0x80,
	PREFIX_AUTONOMOUS = 0x40,
};

void nd_multicast_mac(u8 mac[6], struct pix_ip group)
{
	mac[0] = mac[1] = 0x33;
	for (int i = 0; i < 4; i++)
		mac[2 + i] = (u8)(group.lo >> (24 - 8 * i));
}

/* RFC 8200 8.1: pseudo header, then n bytes of message. 0 when the sum over a message holds. */
static u16 icmp6_checksum(struct pix_ip src, struct pix_ip dst, const u8 *p, size_t n)
{
	u64 sum = n + IPPROTO_ICMPV6;

	for (int i = 0; i < 64; i += 16)
		sum += (src.hi >> i & 0xffff) + (src.lo >> i & 0xffff) + (dst.hi >> i & 0xffff) +
		       (dst.lo >> i & 0xffff);
	for (; n > 1; n -= 2, p += 2)
		sum += (u64)p[0] << 8 | p[1];
	if (n)
		sum += (u64)p[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u16)~sum;
}

static bool is_station(const u8 mac[6])
{
	return !(mac[0] & 1) && (mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]);
}

static enum nd_bad take_lla(struct cursor *opt, u8 mac[6], bool *has)
{
	u8 fresh[6];

	if (opt->left != 6)
		return ND_BAD_lla;
	cursor_take(opt, fresh, 6);
	if (!is_station(fresh))
		return ND_BAD_lla;
	if (!*has)
		memcpy(mac, fresh, 6);
	*has = true;
	return ND_OK;
}

static void take_prefix(struct cursor *opt, struct nd_router *ra)
{
	u32 i = ra->prefix_count, flags;

	if (opt->left != 30 || i == ND_PREFIXES)
		return;
	ra->prefix[i].len = (u8)cursor_be(opt, 1);
	flags = cursor_be(opt, 1);
	ra->prefix[i].on_link = flags & PREFIX_ON_LINK;
	ra->prefix[i].autonomous = flags & PREFIX_AUTONOMOUS;
	ra->prefix[i].valid_s = cursor_be(opt, 4);
	ra->prefix[i].preferred_s = cursor_be(opt, 4);
	cursor_be(opt, 4);
	ra->prefix[i].ip = cursor_ip(opt);
	ra->prefix_count++;
}

static void take_rdnss(struct cursor *opt, struct nd_router *ra)
{
	cursor_be(opt, 2);
	ra->dns_lifetime_s = cursor_be(opt, 4);
	while (opt->left >= 16 && ra->dns_count < PIX_RA_DNS)
		ra->dns[ra->dns_count++] = cursor_ip(opt);
}

static enum nd_bad take_options(struct cursor *c, struct nd_packet *p)
{
	while (c->left) {
		u32 kind = cursor_be(c, 1), len = cursor_be(c, 1) * 8;
		struct cursor opt = { .p = c->p, .left = len - 2 };
		enum nd_bad bad = ND_OK;

		if (c->over || !len || len - 2 > c->left)
			return ND_BAD_option;
		c->p += len - 2;
		c->left -= len - 2;
		if (kind == OPT_SOURCE_LLA)
			bad = take_lla(&opt, p->slla, &p->has_slla);
		else if (kind == OPT_TARGET_LLA)
			bad = take_lla(&opt, p->tlla, &p->has_tlla);
		else if (kind == OPT_PREFIX)
			take_prefix(&opt, &p->ra);
		else if (kind == OPT_MTU && opt.left == 6)
			p->ra.mtu = (cursor_be(&opt, 2), cursor_be(&opt, 4));
		else if (kind == OPT_RDNSS && opt.left >= 22)
			take_rdnss(&opt, &p->ra);
		if (bad)
			return bad;
	}
	return ND_OK;
}

/* The fixed part behind type, code and checksum. */
static void take_body(struct cursor *c, struct nd_packet *p)
{
	u32 flags;

	switch (p->type) {
	case ND_ROUTER_SOLICIT:
		cursor_be(c, 4);
		break;
	case ND_ROUTER_ADVERT:
		p->ra.hop_limit = (u8)cursor_be(c, 1);
		flags = cursor_be(c, 1);
		p->ra.managed = flags & RA_MANAGED;
		p->ra.other = flags & RA_OTHER;
		p->ra.preference = flags >> 3 & 3;
		p->ra.lifetime_s = (u16)cursor_be(c, 2);
		cursor_be(c, 4); /* reachable time, retrans timer */
		cursor_be(c, 4);
		break;
	case ND_NEIGHBOR_SOLICIT:
	case ND_NEIGHBOR_ADVERT:
		flags = cursor_be(c, 1);
		cursor_be(c, 3);
		p->target = cursor_ip(c);
		if (p->type == ND_NEIGHBOR_ADVERT) {
			p->router = flags & NA_ROUTER;
			p->solicited = flags & NA_SOLICITED;
			p->override = flags & NA_OVERRIDE;
		}
		break;
	default: /* redirect: reserved, target, destination */
		cursor_be(c, 4);
		p->target = cursor_ip(c);
		cursor_ip(c);
	}
}

/* RFC 4861 6.1.1, 6.1.2, 7.1.1, 7.1.2, 8.1: who may send what to whom. */
static enum nd_bad check_addresses(const struct nd_packet *p)
{
	bool group = pix_ip6_multicast(p->dst), nobody = pix_ip_none(p->src);

	if (!nobody && !netaddr_is_host(p->src))
		return ND_BAD_src;
	if (pix_ip_none(p->dst) || (!group && !netaddr_is_host(p->dst)))
		return ND_BAD_dst;
	switch (p->type) {
	case ND_ROUTER_SOLICIT:
		return nobody && p->has_slla ? ND_BAD_src : ND_OK;
	case ND_ROUTER_ADVERT:
	case ND_REDIRECT:
		return pix_ip_linklocal(p->src) ? ND_OK : ND_BAD_src;
	case ND_NEIGHBOR_SOLICIT:
		if (!netaddr_is_host(p->target))
			return ND_BAD_target;
		if (nobody && !pix_ip_eq(p->dst, netaddr_solicited_node(p->target)))
			return ND_BAD_dst;
		return nobody && p->has_slla ? ND_BAD_src : ND_OK;
	default:
		if (!netaddr_is_host(p->target))
			return ND_BAD_target;
		if (nobody)
			return ND_BAD_src;
		return group && p->solicited ? ND_BAD_dst : ND_OK;
	}
}

enum nd_bad nd_parse(const u8 *frame, size_t n, struct nd_packet *p)
{
	struct cursor c = { .p = frame, .left = n };
	u32 type, word, len, next, hops, code;
	const u8 *icmp;
	enum nd_bad bad;

	memset(p, 0, sizeof(*p));
	cursor_take(&c, p->eth_dst, 6);
	cursor_take(&c, p->eth_src, 6);
	type = cursor_be(&c, 2);
	word = cursor_be(&c, 4);
	len = cursor_be(&c, 2);
	next = cursor_be(&c, 1);
	hops = cursor_be(&c, 1);
	p->src = cursor_ip(&c);
	p->dst = cursor_ip(&c);
	if (c.over)
		return ND_BAD_short;
	if (type != ETHERTYPE_IPV6 || word >> 28 != 6)
		return ND_BAD_type;
	if (next != IPPROTO_ICMPV6)
		return ND_BAD_next;
	if (len > c.left || len < 8)
		return ND_BAD_short;
	if (hops != ND_HOP_LIMIT)
		return ND_BAD_hop_limit;
	icmp = c.p;
	c.left = len; /* what follows is Ethernet's padding */
	if (icmp6_checksum(p->src, p->dst, icmp, len) != 0)
		return ND_BAD_checksum;
	p->type = (u8)cursor_be(&c, 1);
	code = cursor_be(&c, 1);
	cursor_be(&c, 2);
	if (p->type < ND_ROUTER_SOLICIT || p->type > ND_REDIRECT)
		return ND_BAD_message;
	if (code)
		return ND_BAD_code;
	take_body(&c, p);
	if (c.over)
		return ND_BAD_short;
	bad = take_options(&c, p);
	return bad ? bad : check_addresses(p);
}

const char *nd_bad_name(enum nd_bad bad)
{
	static const char *const names[ND_BAD_COUNT] = { [ND_OK] = "ok",
#define X(name) [ND_BAD_##name] = #name,
							 ND_BAD_NAMES(X)
#undef X
	};

	return bad < ND_BAD_COUNT ? names[bad] : "?";
}

static void put_lla(struct writer *w, u32 kind, const u8 mac[6])
{
	writer_be(w, kind, 1);
	writer_be(w, 1, 1);
	writer_put(w, mac, 6);
}

static void put_router(struct writer *w, const struct nd_router *ra)
{
	writer_be(w, ra->hop_limit, 1);
	writer_be(w,
		  (ra->managed ? RA_MANAGED : 0u) | (ra->other ? RA_OTHER : 0u) |
			  (ra->preference & 3u) << 3,
		  1);
	writer_be(w, ra->lifetime_s, 2);
	writer_be(w, 0, 4);
	writer_be(w, 0, 4);
}

static void put_router_options(struct writer *w, const struct nd_router *ra)
{
	if (ra->mtu) {
		writer_be(w, OPT_MTU << 8 | 1, 2);
		writer_be(w, 0, 2);
		writer_be(w, ra->mtu, 4);
	}
	for (u32 i = 0; i < ra->prefix_count && i < ND_PREFIXES; i++) {
		writer_be(w, OPT_PREFIX << 8 | 4, 2);
		writer_be(w, ra->prefix[i].len, 1);
		writer_be(w,
			  (ra->prefix[i].on_link ? PREFIX_ON_LINK : 0u) |
				  (ra->prefix[i].autonomous ? PREFIX_AUTONOMOUS : 0u),
			  1);
		writer_be(w, ra->prefix[i].valid_s, 4);
		writer_be(w, ra->prefix[i].preferred_s, 4);
		writer_be(w, 0, 4);
		writer_ip(w, ra->prefix[i].ip);
	}
	if (ra->dns_count) {
		writer_be(w, OPT_RDNSS << 8 | (1 + 2 * ra->dns_count), 2);
		writer_be(w, 0, 2);
		writer_be(w, ra->dns_lifetime_s, 4);
		for (u32 i = 0; i < ra->dns_count && i < PIX_RA_DNS; i++)
			writer_ip(w, ra->dns[i]);
	}
}

static void put_message(struct writer *w, const struct nd_packet *p)
{
	writer_be(w, p->type, 1);
	writer_be(w, 0, 3); /* code, checksum */
	if (p->type == ND_ROUTER_ADVERT) {
		put_router(w, &p->ra);
	} else {
		writer_be(w,
			  (p->router ? NA_ROUTER : 0u) | (p->solicited ? NA_SOLICITED : 0u) |
				  (p->override ? NA_OVERRIDE : 0u),
			  1);
		writer_be(w, 0, 3);
		if (p->type != ND_ROUTER_SOLICIT)
			writer_ip(w, p->target);
	}
	if (p->has_slla)
		put_lla(w, OPT_SOURCE_LLA, p->slla);
	if (p->has_tlla)
		put_lla(w, OPT_TARGET_LLA, p->tlla);
	if (p->type == ND_ROUTER_ADVERT)
		put_router_options(w, &p->ra);
}

size_t nd_build(u8 frame[ND_FRAME_MAX], const struct nd_packet *p)
{
	struct writer w = { .p = frame, .room = ND_FRAME_MAX };
	u8 *icmp = frame + ETH_HEADER + IPV6_HEADER;
	size_t len;
	u16 sum;

	memset(frame, 0, ND_FRAME_MAX);
	writer_put(&w, p->eth_dst, 6);
	writer_put(&w, p->eth_src, 6);
	writer_be(&w, ETHERTYPE_IPV6, 2);
	writer_be(&w, 6u << 28, 4);
	writer_be(&w, 0, 2);
	writer_be(&w, IPPROTO_ICMPV6, 1);
	writer_be(&w, ND_HOP_LIMIT, 1);
	writer_ip(&w, p->src);
	writer_ip(&w, p->dst);
	put_message(&w, p);
	if (w.over)
		return 0;
	len = w.used - ETH_HEADER - IPV6_HEADER;
	frame[ETH_HEADER + 4] = (u8)(len >> 8);
	frame[ETH_HEADER + 5] = (u8)len;
	sum = icmp6_checksum(p->src, p->dst, icmp, len);
	icmp[2] = (u8)(sum >> 8);
	icmp[3] = (u8)sum;
	return w.used;
}
