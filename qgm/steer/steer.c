// SPDX-License-Identifier: MIT
/*
 * steer: the symmetric flow hash: both directions of a flow get the same number. IPv4: addresses,
 * protocol, and ports of TCP, UDP and SCTP unless the packet is a fragment (then addresses and
 * protocol only, so that all fragments of a datagram agree). Anything else: the MAC addresses.
 * Software steering (RPS) will send a burst's packets to other QGMs from here; today every
 * packet stays, and the stage is left out (qgm.hash_wanted): who wants the hash takes
 * packet_hash().
 */
#include "qgm/core.h"

enum {
	ETHERTYPE_IP = 0x0800,
	IP_HEADER = 20,
	IP_FRAGMENT = 0x3fff, /* RFC 791 3.1: MF and the offset */
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_SCTP = 132,
};

static inline u32 rd32(const u8 *p)
{
	u32 v;

	__builtin_memcpy(&v, p, 4);
	return v;
}

static inline u16 rd16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

/* Fold three symmetric words into 32 well-mixed bits; never 0. */
static inline u32 mix(u32 a, u32 b, u32 c)
{
	u64 h = ((u64)a << 32 | b) * 0x9e3779b97f4a7c15ull;

	h ^= h >> 29;
	h = (h + c) * 0xbf58476d1ce4e5b9ull;
	h ^= h >> 32;
	return (u32)h ? (u32)h : 1;
}

static u32 hash_mac(const u8 *d)
{
	u32 a = rd32(d), b = rd32(d + 6);

	return mix(a ^ b, a + b, (u32)(rd16(d + 4) ^ rd16(d + 10)));
}

u32 flow_hash(const struct packet *p)
{
	const u8 *ip = p->data + p->l3_off;
	u32 room = (u32)p->len - p->l3_off, hlen, src, dst, ports = 0;
	u8 proto;

	if (p->len < p->l3_off + IP_HEADER || rd16(ip - 2) != ETHERTYPE_IP || ip[0] >> 4 != 4)
		return hash_mac(p->data);
	hlen = (ip[0] & 15u) * 4;
	proto = ip[9];
	src = rd32(ip + 12);
	dst = rd32(ip + 16);
	if (!(rd16(ip + 6) & IP_FRAGMENT) && hlen >= IP_HEADER && room >= hlen + 4 &&
	    (proto == PROTO_TCP || proto == PROTO_UDP || proto == PROTO_SCTP)) {
		u32 a = rd16(ip + hlen), b = rd16(ip + hlen + 2);

		ports = (a ^ b) << 16 | ((a + b) & 0xffff);
	}
	return mix(src ^ dst, src + dst, ports + proto);
}

u32 steer_burst(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	(void)q;
	(void)t;
	for (u32 i = 0; i < n; i++)
		p[i]->hash = flow_hash(p[i]);
	return n;
}
