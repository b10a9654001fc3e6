// SPDX-License-Identifier: MIT
/*
 * RE input of IPv4: the header checks of RFC 1812 5.2.2 and the martian addresses of 5.3.7; each
 * failure has its own drop reason. QGM cores.
 */
#include "qgm/re/checksum.h"
#include "qgm/re/re.h"

/* RFC 1812 4.2.2.11, 5.3.7: sources that cannot be. */
static inline bool martian_source(u32 src)
{
	u32 top = src >> 24;

	return top == 0 || top == 127 || top >= 224;
}

/* RFC 1812 5.3.7: destinations that are never on a wire; 255.255.255.255 is not among them. */
static inline bool martian_destination(u32 dst)
{
	u32 top = dst >> 24;

	return top == 0 || top == 127 || (top >= 240 && dst != 0xffffffff);
}

/* RFC 1812 5.2.2 (1)-(5) for headers that are not the usual 20 bytes, or are broken. */
static enum drop_reason header_check_rare(const struct ipv4_hdr *ip, u32 room)
{
	u32 hlen;

	if (room < IP_MIN_HLEN)
		return DROP_ip_truncated;
	if (ip->ver_ihl >> 4 != 4)
		return DROP_ip_version;
	hlen = ipv4_hlen(ip);
	if (hlen < IP_MIN_HLEN || hlen > room)
		return DROP_ip_header_length;
	if (checksum_fold(checksum_add(ip, hlen, 0)) != 0xffff)
		return DROP_ip_checksum;
	return DROP_none;
}

/* RFC 1812 5.2.2 (1)-(5) on what is behind the link header. Sets p->len to the datagram's end. */
static inline enum drop_reason header_check(struct packet *p, const struct ipv4_hdr *ip)
{
	u32 off = p->l3_off, room = p->len > off ? p->len - off : 0;
	u32 hlen = IP_MIN_HLEN, total;

	if (unlikely(room < IP_MIN_HLEN || ip->ver_ihl != 0x45 || !checksum_ok20(ip))) {
		enum drop_reason why = header_check_rare(ip, room);

		if (why)
			return why;
		hlen = ipv4_hlen(ip);
	}
	total = be16_to_cpu(ip->total_len);
	if (unlikely(total < hlen))
		return DROP_ip_total_length;
	if (unlikely(total > room))
		return DROP_ip_truncated;
	p->len = (u16)(off + total); /* without the link's padding */
	p->l4_off = (u16)(off + hlen);
	p->l4_proto = ip->proto;
	return DROP_none;
}

/* Is `src` an own address, or a broadcast address of an attached subnet? */
static bool own_source(const struct tables *t, u16 vrf, u32 src)
{
	u32 id = fib_lookup(t->fib[vrf], src);
	u8 kind = id ? nh_get(t->nh, id)->kind : NH_NONE;

	return kind == NH_LOCAL || kind == NH_BROADCAST;
}

static inline enum drop_reason address_check(const struct tables *t, const struct packet *p,
					     const struct ipv4_hdr *ip)
{
	u32 src = be32_to_cpu(ip->src), dst = be32_to_cpu(ip->dst);
	const struct fib *f = t->fib[p->vrf];

	if (unlikely(martian_source(src)))
		return DROP_ip_source;
	if (unlikely(f && fib_maybe_own(f, src) && own_source(t, p->vrf, src)))
		return DROP_ip_source;
	if (unlikely(martian_destination(dst)))
		return DROP_ip_destination;
	return DROP_none;
}

/* Refused or malformed options; a malformed one is told to the sender (RFC 1812 4.3.3.5). */
static bool options_end(struct re *re, const struct tables *t, struct packet *p)
{
	bool refused;
	u32 at = ipv4_options_check(packet_ipv4(p), &refused);

	if (!at)
		return false;
	if (refused)
		qgm_drop(re->q, p, DROP_ip_options);
	else
		icmp_error(re, t, p, ICMP_PARAM_PROBLEM, 0, at, DROP_ip_options);
	return true;
}

/* RFC 3927 2.7: link-local addresses end at the router. */
static inline bool linklocal(u32 addr)
{
	return addr >> 16 == 0xa9fe;
}

/* A link-local packet is for us or for nobody. True: consumed. */
static bool linklocal_end(struct re *re, const struct tables *t, struct packet *p, u32 dst)
{
	const struct fib *f = t->fib[p->vrf];
	u32 id = f ? fib_lookup(f, dst) : 0;
	u8 kind = id ? nh_get(t->nh, id)->kind : NH_NONE;

	if (kind == NH_LOCAL || kind == NH_BROADCAST)
		return false;
	qgm_drop(re->q, p, DROP_ip_linklocal);
	return true;
}

/* 255.255.255.255 and multicast are not looked up. True: consumed. */
static bool group_end(struct re *re, const struct tables *t, struct packet *p, u32 dst)
{
	if (likely(dst < 0xe0000000))
		return false;
	if (dst == 0xffffffff)
		re_local(re, t, p, true);
	else
		qgm_drop(re->q, p, DROP_ip_multicast);
	return true;
}

/* Everything before the lookup. True: `p` goes on to it; else it is consumed. */
static inline bool input_one(struct re *re, const struct tables *t, struct packet *p, u32 *dst)
{
	const struct ipv4_hdr *ip = packet_ipv4(p);
	enum drop_reason why = header_check(p, ip);

	if (likely(!why))
		why = address_check(t, p, ip);
	if (unlikely(why)) {
		qgm_drop(re->q, p, why);
		return false;
	}
	*dst = be32_to_cpu(ip->dst);
	if (unlikely(ip->ver_ihl != 0x45) && options_end(re, t, p))
		return false;
	if (group_end(re, t, p, *dst))
		return false;
	return likely(!linklocal(*dst) && !linklocal(be32_to_cpu(ip->src))) ||
	       !linklocal_end(re, t, p, *dst);
}

void re_input4(struct re *re, const struct tables *t, struct packet *const *p, u32 n, bool urpf)
{
	struct packet *go[BURST_MAX];
	u32 dst[BURST_MAX], m = 0;

	for (u32 i = 0; i < n; i++) {
		if (likely(input_one(re, t, p[i], &dst[m])))
			go[m++] = p[i];
	}
	if (unlikely(urpf))
		m = urpf4(re, t, go, dst, m);
	re_route4(re, t, go, dst, m);
}

/* The same checks as from a wire: its sender is trusted to be the generic partition, not to be
 * right. */
static bool host_ok(struct packet *p)
{
	struct ipv4_hdr *ip = packet_ipv4(p);
	u32 hlen;
	bool refused;

	if (p->len < p->l3_off + IP_MIN_HLEN)
		return false;
	hlen = ipv4_hlen(ip);
	if (hlen < IP_MIN_HLEN || hlen > packet_l3_len(p))
		return false;
	if (!ip->check)
		ip->check = checksum(ip, hlen);
	return !header_check(p, ip) && !martian_source(be32_to_cpu(ip->src)) &&
	       !martian_destination(be32_to_cpu(ip->dst)) && !ipv4_options_check(ip, &refused);
}

void re_host4(struct re *re, const struct tables *t, struct packet *p)
{
	if (!host_ok(p))
		qgm_drop(re->q, p, DROP_inject_bad);
	else if (!group_end(re, t, p, be32_to_cpu(packet_ipv4(p)->dst)))
		re_route_one(re, t, p);
}
