// SPDX-License-Identifier: MIT
/*
 * ICMP of ping sockets (ping.h): AF_INET, SOCK_DGRAM, IPPROTO_ICMP. RFC 792; RFC 1122 3.2.2.
 */
#include "kernel/errno.h"
#include "kernel/lib/string.h"
#include "kernel/net/ping.h"
#include "qgm/re/checksum.h"

enum {
	ICMP_ECHOREPLY = 0,
	ICMP_DEST_UNREACH = 3,
	ICMP_ECHO = 8,
	ICMP_TIME_EXCEEDED = 11,
	IPPROTO_ICMP = 1,
	IP_HEADER = 20,
	SOL_IP = 0,
	IP_TTL = 2,
	IP_RECVTTL = 12,
	IP_RECVERR = 11,
};

struct sockaddr_in {
	u16 family;
	be16 port;
	be32 addr;
	u8 zero[8];
};

static u16 ip_id;

static u16 get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static struct ping_addr from_wire(const u8 *addr)
{
	be32 a;

	memcpy(&a, addr, sizeof(a));
	return (struct ping_addr){ .ip = pix_ip4(be32_to_cpu(a)) };
}

static int address(const struct sockaddr_buf *a, struct ping_addr *out)
{
	struct sockaddr_in in;

	if (a->len < sizeof(in))
		return -EINVAL;
	memcpy(&in, a->bytes, sizeof(in));
	if (in.family != AF_INET)
		return -EAFNOSUPPORT;
	*out = (struct ping_addr){ .ip = in.addr ? pix_ip4(be32_to_cpu(in.addr)) : PIX_IP_NONE };
	return 0;
}

static u32 name(struct sockaddr_buf *a, const struct ping_addr *from, u16 port)
{
	struct sockaddr_in in = { .family = AF_INET, .port = cpu_to_be16(port) };

	in.addr = cpu_to_be32(pix_ip_to4(from->ip));
	memcpy(a->bytes, &in, sizeof(in));
	return sizeof(in);
}

static void finish(u8 *ip, u32 n, u8 ttl, struct pix_ip src, struct pix_ip dst)
{
	be32 s = cpu_to_be32(pix_ip_to4(src)), d = cpu_to_be32(pix_ip_to4(dst));
	u8 *icmp = ip + IP_HEADER;
	u16 sum, id;

	icmp[2] = icmp[3] = 0;
	sum = checksum(icmp, n);
	memcpy(icmp + 2, &sum, 2);
	memset(ip, 0, IP_HEADER);
	ip[0] = 0x45;
	ip[2] = (u8)((n + IP_HEADER) >> 8);
	ip[3] = (u8)(n + IP_HEADER);
	id = fetch_add_relaxed(&ip_id, 1);
	ip[4] = (u8)(id >> 8);
	ip[5] = (u8)id;
	ip[8] = ttl;
	ip[9] = IPPROTO_ICMP;
	memcpy(ip + 12, &s, 4);
	memcpy(ip + 16, &d, 4);
	sum = checksum(ip, IP_HEADER);
	memcpy(ip + 10, &sum, 2);
}

static const struct ping_family family = {
	.domain = AF_INET,
	.protocol = IPPROTO_ICMP,
	.echo_request = ICMP_ECHO,
	.header = IP_HEADER,
	.level = SOL_IP,
	.ttl_option = IP_TTL,
	.recverr_option = IP_RECVERR,
	.recvhops_option = IP_RECVTTL,
	.hops_control = IP_TTL,
	.address = address,
	.name = name,
	.finish = finish,
};

/* --- receive (door thread) ------------------------------------------------------------------- */

static int error_of(u8 type, u8 code)
{
	static const int unreach[] = { ENETUNREACH, EHOSTUNREACH, ENOPROTOOPT, ECONNREFUSED,
				       EMSGSIZE };

	if (type == ICMP_TIME_EXCEEDED)
		return EHOSTUNREACH;
	return code < ARRAY_SIZE(unreach) ? unreach[code] : EHOSTUNREACH;
}

/* An error quotes our packet: IP header, then at least 8 bytes of our ICMP message. */
static void receive_error(const u8 *icmp, u32 len, const struct ping_addr *from)
{
	const u8 *inner = icmp + ICMP_HEADER;
	u32 ihl;

	if (len < ICMP_HEADER + IP_HEADER + ICMP_HEADER)
		return;
	ihl = (inner[0] & 15) * 4u;
	if (inner[0] >> 4 != 4 || ihl < IP_HEADER || len < ICMP_HEADER + ihl + ICMP_HEADER ||
	    inner[9] != IPPROTO_ICMP || inner[ihl] != ICMP_ECHO)
		return;
	ping_error(&family, get16(inner + ihl + 4), from, icmp, len, error_of(icmp[0], icmp[1]));
}

void icmp_receive(const u8 *ip, u32 len)
{
	struct ping_addr from;
	u32 ihl, total;
	const u8 *icmp;

	if (len < IP_HEADER || ip[0] >> 4 != 4)
		return;
	ihl = (ip[0] & 15) * 4u;
	total = get16(ip + 2);
	if (ihl < IP_HEADER || total > len || total < ihl + ICMP_HEADER || ip[9] != IPPROTO_ICMP)
		return;
	icmp = ip + ihl;
	len = total - ihl;
	if (checksum(icmp, len) != 0)
		return;
	from = from_wire(ip + 12);
	from.hops = ip[8];
	if (icmp[0] == ICMP_DEST_UNREACH || icmp[0] == ICMP_TIME_EXCEEDED)
		receive_error(icmp, len, &from);
	else if (icmp[0] == ICMP_ECHOREPLY)
		ping_deliver(&family, get16(icmp + 4), &from, icmp, len);
}

static int create(struct socket *so)
{
	return ping_create(so, &family);
}

int icmp_init(void)
{
	return socket_register_family(AF_INET, SOCK_DGRAM, IPPROTO_ICMP, create);
}
