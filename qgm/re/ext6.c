// SPDX-License-Identifier: MIT
/* ext6: the chain of IPv6 extension headers (ext6.h). QGM cores. */
#include "qgm/re/ext6.h"

#include "qgm/re/icmp6.h"
#include "qgm/re/re.h"

struct ext6 ext6_start(const struct packet *p)
{
	return (struct ext6){
		.off = IPV6_HLEN,
		.next_at = __builtin_offsetof(struct ipv6_hdr, next),
		.proto = packet_ipv6(p)->next,
	};
}

static bool refuse(struct ext6 *x, enum drop_reason why)
{
	x->tell = false;
	x->why = why;
	return false;
}

static bool refuse_tell(struct ext6 *x, enum drop_reason why, u8 code, u32 pointer)
{
	x->tell = true;
	x->why = why;
	x->code = code;
	x->pointer = (u16)pointer;
	return false;
}

/* The length of the header at x->off, which starts with next header and length; 0: cut off. */
static u32 header_length(const struct packet *p, const struct ext6 *x)
{
	u32 room = packet_l3_len(p), len;
	const struct ipv6_ext *h = (const void *)((const u8 *)packet_ipv6(p) + x->off);

	if (x->off + 8u > room)
		return 0;
	len = x->proto == IPPROTO_FRAGMENT_ ? 8 : (h->len + 1u) * 8;
	return x->off + len <= room ? len : 0;
}

static void step(const struct packet *p, struct ext6 *x, u32 len)
{
	x->proto = ((const u8 *)packet_ipv6(p))[x->off];
	x->next_at = x->off;
	x->off = (u16)(x->off + len);
}

/* An option that we do not know: what its sender wants then (RFC 8200 4.2). */
static bool unknown_option(struct ext6 *x, u8 type, u32 at, bool group, enum drop_reason why)
{
	switch (type & IP6OPT_TYPE_MASK) {
	case IP6OPT_TYPE_SKIP:
		return true;
	case IP6OPT_TYPE_FORCEICMP:
		return refuse_tell(x, why, ICMP6_PARAMPROB_OPTION, at);
	case IP6OPT_TYPE_ICMP:
		if (!group)
			return refuse_tell(x, why, ICMP6_PARAMPROB_OPTION, at);
	}
	return refuse(x, why);
}

bool ext6_options(const struct packet *p, struct ext6 *x, bool group)
{
	enum drop_reason why = x->proto == IPPROTO_HOPOPTS_ ? DROP_ip6_hop_by_hop : DROP_ip6_header;
	const u8 *h = (const u8 *)packet_ipv6(p);
	u32 len = header_length(p, x), end = x->off + len, at = x->off + 2u;
	u32 padding = 0, options = 0;

	if (!len)
		return refuse(x, why);
	while (at < end) {
		u32 bytes = h[at] == IP6OPT_PAD1 ? 1 : at + 1 < end ? h[at + 1] + 2u : 256 + 2;

		if (at + bytes > end)
			return refuse(x, why);
		if (h[at] <= IP6OPT_PADN) {
			padding += bytes;
		} else {
			padding = 0;
			options++;
			if (h[at] != IP6OPT_ROUTER_ALERT &&
			    !unknown_option(x, h[at], at, group, why))
				return false;
		}
		if (padding > EXT6_PADDING || options > EXT6_OPTIONS)
			return refuse(x, why);
		at += bytes;
	}
	step(p, x, len);
	return true;
}

/* A routing header: nothing is left to visit, or we refuse to take part (RFC 8200 4.4, RFC 5095).
 */
static bool routing(const struct packet *p, struct ext6 *x, u32 len)
{
	const struct ipv6_routing *h = (const void *)((const u8 *)packet_ipv6(p) + x->off);

	if (h->segments_left)
		return refuse_tell(x, DROP_ip6_routing, ICMP6_PARAMPROB_HEADER, x->off + 2u);
	step(p, x, len);
	return true;
}

enum ext6_end ext6_walk(const struct packet *p, struct ext6 *x, bool group)
{
	for (u32 i = 0; i < EXT6_HEADERS; i++) {
		u32 len = 0;
		bool good;

		switch (x->proto) {
		case IPPROTO_HOPOPTS_:
		case IPPROTO_DSTOPTS_:
		case IPPROTO_ROUTING_:
		case IPPROTO_FRAGMENT_:
			len = header_length(p, x);
			if (!len) {
				refuse(x, DROP_ip6_header);
				return EXT6_SHORT;
			}
		}
		switch (x->proto) {
		case IPPROTO_HOPOPTS_: /* behind the fixed header only, RFC 8200 4.1 */
			if (x->off == IPV6_HLEN)
				good = ext6_options(p, x, group);
			else
				good = refuse_tell(x, DROP_ip6_header, ICMP6_PARAMPROB_NEXTHEADER,
						   x->next_at);
			break;
		case IPPROTO_DSTOPTS_:
			good = ext6_options(p, x, group);
			break;
		case IPPROTO_ROUTING_:
			good = routing(p, x, len);
			break;
		case IPPROTO_FRAGMENT_:
			return EXT6_FRAGMENT;
		default:
			return EXT6_UPPER;
		}
		if (!good)
			return EXT6_REFUSED;
	}
	refuse(x, DROP_ip6_header);
	return EXT6_REFUSED;
}

void ext6_refuse(struct re *re, const struct tables *t, struct packet *p, const struct ext6 *x)
{
	if (x->tell)
		icmp6_error(re, t, p, ICMP6_PARAM_PROB, x->code, x->pointer, x->why);
	else
		qgm_drop(re->q, p, x->why);
}

int ext6_upper(const struct packet *p, u32 *at)
{
	struct ext6 x = ext6_start(p);

	for (u32 i = 0; i < EXT6_HEADERS; i++) {
		u32 len;

		switch (x.proto) {
		case IPPROTO_HOPOPTS_:
		case IPPROTO_DSTOPTS_:
		case IPPROTO_ROUTING_:
		case IPPROTO_FRAGMENT_:
			break;
		default:
			*at = p->l3_off + x.off;
			return x.proto;
		}
		len = header_length(p, &x);
		if (!len)
			return EXT6_LOST;
		if (x.proto == IPPROTO_FRAGMENT_) {
			const struct ipv6_fragment *f =
				(const void *)((const u8 *)packet_ipv6(p) + x.off);

			if (f->offset & cpu_to_be16(IP6_OFFMASK))
				return EXT6_LATER;
		}
		step(p, &x, len);
	}
	return EXT6_LOST;
}

bool ext6_mld(const struct packet *p)
{
	u32 at;

	if (ext6_upper(p, &at) != IPPROTO_ICMPV6_ || at >= p->len)
		return false;
	switch (p->data[at]) {
	case MLD_LISTENER_QUERY:
	case MLD_LISTENER_REPORT:
	case MLD_LISTENER_DONE:
	case MLD2_LISTENER_REPORT:
		return true;
	}
	return false;
}
