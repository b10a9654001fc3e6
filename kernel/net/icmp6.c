// SPDX-License-Identifier: MIT
/*
 * ICMPv6 of ping sockets (ping.h): AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6. RFC 4443, RFC 8200.
 */
#include "kernel/errno.h"
#include "kernel/lib/string.h"
#include "kernel/net/ping.h"
#include "qgm/iface.h"
#include "qgm/re/checksum.h"
#include "qgm/re/ipv6.h"

enum {
	SOL_IPV6 = 41,
	IPV6_UNICAST_HOPS = 16,
	IPV6_RECVHOPLIMIT = 51,
	IPV6_HOPLIMIT = 52,
	IPV6_MULTICAST_HOPS = 18,
	IPV6_RECVERR = 25,
	EXTENSIONS_MAX = 8,
};

struct sockaddr_in6 {
	u16 family;
	be16 port;
	be32 flowinfo;
	u8 addr[16];
	u32 scope_id; /* interface id */
};

static u16 get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

/* Addresses that mean something on one interface only. */
static bool needs_scope(struct pix_ip a)
{
	return pix_ip_linklocal(a) || (pix_ip6_multicast(a) && ip6_multicast_scope(a) <= 2);
}

static int address(const struct sockaddr_buf *a, struct ping_addr *out)
{
	struct sockaddr_in6 in;

	if (a->len < sizeof(in))
		return -EINVAL;
	memcpy(&in, a->bytes, sizeof(in));
	if (in.family != AF_INET6)
		return -EAFNOSUPPORT;
	*out = (struct ping_addr){ .ip = pix_ip_load(in.addr) };
	if (pix_ip_is4(out->ip) || in.scope_id >= IFACE_MAX)
		return -EINVAL;
	if (needs_scope(out->ip)) {
		if (!in.scope_id)
			return -EINVAL;
		out->ifid = (u16)in.scope_id;
	}
	return 0;
}

static u32 name(struct sockaddr_buf *a, const struct ping_addr *from, u16 port)
{
	struct sockaddr_in6 in = { .family = AF_INET6, .port = cpu_to_be16(port) };

	pix_ip_store(in.addr, from->ip);
	in.scope_id = from->ifid;
	memcpy(a->bytes, &in, sizeof(in));
	return sizeof(in);
}

/* The upper-layer checksum with its pseudo-header (RFC 8200 8.1); 0 over a valid message. */
static be16 icmp6_sum(const void *addresses, const void *icmp, u32 len)
{
	struct {
		be32 len, next;
	} pseudo = { cpu_to_be32(len), cpu_to_be32(IPPROTO_ICMPV6_) };
	u64 sum = checksum_add(addresses, 32, 0);

	sum = checksum_add(&pseudo, sizeof(pseudo), sum);
	return (be16)~checksum_fold(checksum_add(icmp, len, sum));
}

static void finish(u8 *pkt, u32 n, u8 ttl, struct pix_ip src, struct pix_ip dst)
{
	struct ipv6_hdr ip = {
		.vtf = cpu_to_be32(6u << 28),
		.payload_len = cpu_to_be16((u16)n),
		.next = IPPROTO_ICMPV6_,
		.hop_limit = ttl,
	};
	u8 *icmp = pkt + IPV6_HLEN;
	be16 sum;

	pix_ip_store(ip.src, src);
	pix_ip_store(ip.dst, dst);
	memcpy(pkt, &ip, sizeof(ip));
	icmp[2] = icmp[3] = 0;
	sum = icmp6_sum(pkt + offsetof(struct ipv6_hdr, src), icmp, n);
	memcpy(icmp + 2, &sum, 2);
}

static const struct ping_family family = {
	.domain = AF_INET6,
	.protocol = IPPROTO_ICMPV6_,
	.echo_request = ICMP6_ECHO_REQUEST,
	.header = IPV6_HLEN,
	.level = SOL_IPV6,
	.ttl_option = IPV6_UNICAST_HOPS,
	.multicast_option = IPV6_MULTICAST_HOPS,
	.recverr_option = IPV6_RECVERR,
	.recvhops_option = IPV6_RECVHOPLIMIT,
	.hops_control = IPV6_HOPLIMIT,
	.address = address,
	.name = name,
	.finish = finish,
};

/* --- receive (door thread) ------------------------------------------------------------------- */

/* As Linux has them (its table of ICMPv6 errors). */
static int error_of(u8 type, u8 code)
{
	static const int unreach[] = { ENETUNREACH,  EACCES, EHOSTUNREACH, EHOSTUNREACH,
				       ECONNREFUSED, EACCES, EACCES };

	switch (type) {
	case ICMP6_DST_UNREACH:
		return code < ARRAY_SIZE(unreach) ? unreach[code] : EPROTO;
	case ICMP6_PACKET_TOO_BIG:
		return EMSGSIZE;
	case ICMP6_TIME_EXCEEDED:
		return EHOSTUNREACH;
	default:
		return EPROTO;
	}
}

/* Offset of the ICMPv6 message behind the header and extension headers of a whole packet that is
 * `len` bytes long; 0: there is none. */
static u32 find_icmp(const u8 *ip, u32 len)
{
	u32 at = IPV6_HLEN;
	u8 next;

	if (len < IPV6_HLEN || ip[0] >> 4 != 6)
		return 0;
	next = ip[offsetof(struct ipv6_hdr, next)];
	for (u32 i = 0; i < EXTENSIONS_MAX; i++) {
		if (next == IPPROTO_ICMPV6_)
			return at + ICMP_HEADER <= len ? at : 0;
		if (next != IPPROTO_HOPOPTS_ && next != IPPROTO_DSTOPTS_ &&
		    next != IPPROTO_ROUTING_)
			return 0;
		if (at + 8 > len)
			return 0;
		next = ip[at];
		at += (ip[at + 1] + 1u) * 8;
	}
	return 0;
}

/* An error quotes as much of our packet as it can hold. */
static void receive_error(const u8 *icmp, u32 len, const struct ping_addr *from)
{
	const u8 *inner = icmp + ICMP_HEADER;
	u32 at = find_icmp(inner, len - ICMP_HEADER);

	if (!at || inner[at] != ICMP6_ECHO_REQUEST)
		return;
	ping_error(&family, get16(inner + at + 4), from, icmp, len, error_of(icmp[0], icmp[1]));
}

void icmp6_receive(const u8 *ip, u32 len, u16 ifid)
{
	struct ping_addr from;
	const u8 *icmp;
	u32 at, total;

	if (len < IPV6_HLEN)
		return;
	total = IPV6_HLEN + get16(ip + offsetof(struct ipv6_hdr, payload_len));
	if (total > len)
		return;
	at = find_icmp(ip, total);
	if (!at)
		return;
	icmp = ip + at;
	len = total - at;
	if (icmp6_sum(ip + offsetof(struct ipv6_hdr, src), icmp, len) != 0)
		return;
	from.ip = ip6_unscoped(pix_ip_load(ip + offsetof(struct ipv6_hdr, src)));
	from.ifid = pix_ip_linklocal(from.ip) ? ifid : 0;
	from.hops = ip[offsetof(struct ipv6_hdr, hop_limit)];
	if (!(icmp[0] & ICMP6_INFOMSG_MASK))
		receive_error(icmp, len, &from);
	else if (icmp[0] == ICMP6_ECHO_REPLY)
		ping_deliver(&family, get16(icmp + 4), &from, icmp, len);
}

static int create(struct socket *so)
{
	return ping_create(so, &family);
}

int icmp6_init(void)
{
	return socket_register_family(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6_, create);
}
