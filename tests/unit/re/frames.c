// SPDX-License-Identifier: MIT
/* Frames for the routing engine's tests (frames.h). */
#include "tests/unit/re/frames.h"

u16 frame_sum(const void *data, size_t len, u32 start)
{
	const u8 *p = data;
	u32 sum = start;

	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (u32)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u16)~sum;
}

struct ipv4_hdr *frame_ip(void *f)
{
	return (struct ipv4_hdr *)((u8 *)f + ETH_HLEN);
}

void frame_fix(u8 *f)
{
	struct ipv4_hdr *ip = frame_ip(f);

	ip->check = 0;
	ip->check = cpu_to_be16(frame_sum(ip, (ip->ver_ihl & 15u) * 4u, 0));
}

u16 frame_ipv4(u8 *f, u16 port, u32 src, u32 dst, u8 proto, u8 ttl, u16 payload)
{
	struct ipv4_hdr *ip = frame_ip(f);

	memcpy(f, fake_port_mac, 6);
	f[5] += (u8)port;
	memcpy(f + 6, "\x02\xbb\0\0\0\1", 6);
	f[12] = 8;
	f[13] = 0;
	*ip = (struct ipv4_hdr){ .ver_ihl = 0x45,
				 .total_len = cpu_to_be16((u16)(20 + payload)),
				 .id = cpu_to_be16(0x1234),
				 .ttl = ttl,
				 .proto = proto,
				 .src = cpu_to_be32(src),
				 .dst = cpu_to_be32(dst) };
	for (u16 i = 0; i < payload; i++)
		f[34 + i] = (u8)(i * 7 + 1);
	frame_fix(f);
	return (u16)(34 + payload);
}

u16 frame_icmp(u8 *f, u16 port, u32 src, u32 dst, u8 type, u8 code, u16 payload)
{
	u16 len = frame_ipv4(f, port, src, dst, 1, 64, (u16)(8 + payload));
	u16 sum;

	f[34] = type;
	f[35] = code;
	f[36] = f[37] = 0;
	sum = frame_sum(f + 34, 8u + payload, 0);
	f[36] = (u8)(sum >> 8);
	f[37] = (u8)sum;
	return len;
}

u16 frame_udp(u8 *f, u16 port, u32 src, u32 dst, u8 ttl, u16 payload)
{
	u16 len = frame_ipv4(f, port, src, dst, 17, ttl, (u16)(8 + payload));
	u16 n = (u16)(8 + payload), sum;

	f[34] = 0x82;
	f[35] = 0x35; /* traceroute's ports */
	f[36] = 0x82;
	f[37] = 0x9a;
	f[38] = (u8)(n >> 8);
	f[39] = (u8)n;
	f[40] = f[41] = 0;
	sum = frame_sum(f + 34, n,
			(src >> 16) + (src & 0xffff) + (dst >> 16) + (dst & 0xffff) + 17 + n);
	f[40] = (u8)(sum >> 8);
	f[41] = (u8)sum;
	return len;
}

void check_ip(const struct fate *fate, u32 src, u32 dst, u8 ttl)
{
	const struct ipv4_hdr *ip = frame_ip((void *)(uintptr_t)fate->frame);

	assert_int_equal(frame_sum(ip, (ip->ver_ihl & 15u) * 4u, 0), 0);
	assert_int_equal(be32_to_cpu(ip->src), src);
	assert_int_equal(be32_to_cpu(ip->dst), dst);
	assert_int_equal(ip->ttl, ttl);
	assert_int_equal(be16_to_cpu(ip->total_len) + ETH_HLEN, fate->len);
}

void check_icmp_error(const struct fate *fate, u32 src, u32 dst, u8 type, u8 code, u32 rest,
		      const u8 *frame, u16 len)
{
	const struct ipv4_hdr *ip = frame_ip((void *)(uintptr_t)fate->frame);
	const u8 *icmp = fate->frame + 34;
	u32 original = be16_to_cpu(frame_ip((void *)(uintptr_t)frame)->total_len);
	u32 quote = original < 548 ? original : 548;

	(void)len;
	assert_int_equal(fate->kind, FATE_OUT);
	check_ip(fate, src, dst, 64);
	assert_int_equal(ip->ver_ihl, 0x45);
	assert_int_equal(ip->tos, 0xc0);
	assert_int_equal(ip->proto, 1);
	assert_int_equal(ip->frag, 0);
	assert_int_equal(fate->len, 14 + 20 + 8 + quote);
	assert_int_equal(icmp[0], type);
	assert_int_equal(icmp[1], code);
	assert_int_equal(icmp[4] << 24 | icmp[5] << 16 | icmp[6] << 8 | icmp[7], rest);
	assert_int_equal(frame_sum(icmp, 8 + quote, 0), 0);
	assert_memory_equal(icmp + 8, frame + 14, quote);
}
