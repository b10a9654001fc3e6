// SPDX-License-Identifier: MIT
/*
 * RE input: frames of routed interfaces (re_input) and packets made by the host stack (re_host).
 * Link-layer checks, the IPv4 header checks of RFC 1812 5.2.2 and the martian addresses of 5.3.7;
 * each failure has its own drop reason. QGM cores.
 */
#include "qgm/re/re.h"

#include "qgm/env.h"
#include "qgm/re/checksum.h"

static inline u64 load64(const u8 *p)
{
	u64 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

/* Six bytes as the low 48 bits; reads two bytes beyond. */
static inline u64 mac_load(const u8 *mac)
{
	return load64(mac) & 0xffffffffffff;
}

/* Is the frame for this station? The parser has refused bad sources and marked group addresses.
 * Reads of eight bytes stay inside: the source follows in the frame, addr_count after iface.mac. */
static inline bool for_us(const struct iface *ifc, const struct packet *p)
{
	return mac_load(p->data) == mac_load(ifc->mac) || (p->flags & PACKET_BROADCAST);
}

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

/* Does the one's complement sum of a header of 20 bytes come out as 0xffff? A sum with end-around
 * carry over 64-bit words, folded to 32 and 16 bits (RFC 1071 2(C)). */
static inline bool sum_ok(const u8 *h)
{
	u64 sum = load64(h), b = load64(h + 8);
	u32 c, s;

	__builtin_memcpy(&c, h + 16, sizeof(c));
	sum += b;
	sum += sum < b;
	sum += c;
	sum += sum < c;
	sum += sum << 32 | sum >> 32; /* upper half: low + high + carry */
	s = (u32)(sum >> 32);
	s += s << 16 | s >> 16;
	return s >> 16 == 0xffff;
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

	if (unlikely(room < IP_MIN_HLEN || ip->ver_ihl != 0x45 || !sum_ok((const u8 *)ip))) {
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

static void arp_input(struct re *re, struct packet *p)
{
	if (p->len < p->l3_off + ARP_LEN)
		qgm_drop(re->q, p, DROP_arp_bad);
	else if (unlikely(re->plants & RE_PLANT_ARP))
		qgm_consume(re->q, p);
	else
		qgm_punt(re->q, p, PIX_PUNT_ARP);
}

static inline be16 ethertype(const void *l3)
{
	be16 type;

	__builtin_memcpy(&type, (const u8 *)l3 - 2, sizeof(type));
	return type;
}

/* Everything before the lookup. True: `p` goes on to it; else it is consumed. */
static inline bool input_one(struct re *re, const struct tables *t, struct packet *p, u32 *dst)
{
	const struct iface *ifc = t->iface[p->in_if];
	const struct ipv4_hdr *ip = packet_ipv4(p);
	enum drop_reason why;

	if (unlikely(!ifc || ifc->mode != IFACE_MODE_L3)) {
		qgm_drop(re->q, p, DROP_no_interface);
		return false;
	}
	if (unlikely(!for_us(ifc, p))) {
		qgm_drop(re->q, p, DROP_not_for_us);
		return false;
	}
	if (unlikely(ethertype(ip) != cpu_to_be16(ETH_P_IP))) {
		if (ethertype(ip) == cpu_to_be16(ETH_P_ARP))
			arp_input(re, p);
		else
			qgm_drop(re->q, p, DROP_unknown_ethertype);
		return false;
	}
	why = header_check(p, ip);
	if (likely(!why))
		why = address_check(t, p, ip);
	if (unlikely(why)) {
		qgm_drop(re->q, p, why);
		return false;
	}
	*dst = be32_to_cpu(ip->dst);
	if (unlikely(ip->ver_ihl != 0x45) && options_end(re, t, p))
		return false;
	return !group_end(re, t, p, *dst);
}

void re_input(struct qgm *q, const struct tables *t, struct packet *const *p, u32 n)
{
	struct re *re = qgm_re(q);
	struct packet *go[BURST_MAX];
	u32 dst[BURST_MAX];

	while (n) {
		u32 burst = MIN(n, (u32)BURST_MAX), m = 0;

		for (u32 i = 0; i < burst; i++) {
			if (likely(input_one(re, t, p[i], &dst[m])))
				go[m++] = p[i];
		}
		re_route(re, t, go, dst, m);
		p += burst;
		n -= burst;
	}
}

/*
 * Packets of the host stack are complete but for the checksum, which may be 0 (it is filled in).
 * Their sender is trusted to be the generic partition, not to be right: the same checks as from a
 * wire, one name for all faults.
 */
static bool host_check(struct packet *p)
{
	struct ipv4_hdr *ip = packet_ipv4(p);
	u32 hlen;
	bool refused;

	p->flags |= PACKET_LOCAL;
	if (p->vrf >= VRF_MAX || p->len < p->l3_off + IP_MIN_HLEN)
		return false;
	hlen = ipv4_hlen(ip);
	if (hlen < IP_MIN_HLEN || hlen > (u32)p->len - p->l3_off)
		return false;
	if (!ip->check)
		ip->check = checksum(ip, hlen);
	if (header_check(p, ip) || martian_source(be32_to_cpu(ip->src)) ||
	    martian_destination(be32_to_cpu(ip->dst)) || ipv4_options_check(ip, &refused))
		return false;
	return true;
}

void re_host(struct qgm *q, const struct tables *t, struct packet *const *p, u32 n)
{
	struct re *re = qgm_re(q);

	for (u32 i = 0; i < n; i++) {
		if (!host_check(p[i]))
			qgm_drop(q, p[i], DROP_inject_bad);
		else if (!group_end(re, t, p[i], be32_to_cpu(packet_ipv4(p[i])->dst)))
			re_route_one(re, t, p[i]);
	}
}
