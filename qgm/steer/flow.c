// SPDX-License-Identifier: MIT
/* flow: hash and key of a frame's flow (flow.h). */
#include "qgm/steer/flow.h"

enum {
	ETH_HEADER = 14,
	ETHERTYPE_IP = 0x0800,
	ETHERTYPE_IPV6 = 0x86dd,
	TPID_C = 0x8100, /* 802.1Q-2022 table 9-1 */
	TPID_S = 0x88a8,
	IP_HEADER = 20,
	IP_FRAGMENT = 0x3fff, /* RFC 791 3.1: MF and the offset */
	IP6_HEADER = 40,
	IP6_HEADERS_MAX = 8, /* extension headers looked behind */
};

/* IANA protocol numbers; RFC 8200 4.1 has the extension headers. */
enum {
	PROTO_HOPOPT = 0,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_DCCP = 33,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_AH = 51,
	PROTO_DSTOPTS = 60,
	PROTO_SCTP = 132,
	PROTO_MOBILITY = 135,
	PROTO_UDPLITE = 136,
	PROTO_HIP = 139,
	PROTO_SHIM6 = 140,
};

/* Where the parts of a flow lie. */
struct place {
	const u8 *src;   /* the destination follows; NULL: no IP */
	const u8 *ports; /* NULL: none */
	u8 len;          /* of an address */
	u8 proto;        /* 0: fragment */
};

static inline u32 rd32(const u8 *p)
{
	u32 v;

	__builtin_memcpy(&v, p, 4);
	return v;
}

static inline u64 rd64(const u8 *p)
{
	u64 v;

	__builtin_memcpy(&v, p, 8);
	return v;
}

static inline u16 rd16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline bool has_ports(u8 proto)
{
	return proto == PROTO_TCP || proto == PROTO_UDP || proto == PROTO_SCTP ||
	       proto == PROTO_DCCP || proto == PROTO_UDPLITE;
}

/* Offset of what follows the Ethernet header and up to two tags; its type in *type. */
static u32 find_l3(const struct packet *p, u16 *type)
{
	u32 off = p->l3_off;

	*type = 0;
	if (off >= ETH_HEADER && off <= p->len) {
		*type = rd16(p->data + off - 2);
		return off;
	}
	if (p->len < ETH_HEADER)
		return p->len;
	off = ETH_HEADER;
	*type = rd16(p->data + 12);
	for (u32 i = 0; i < 2 && (*type == TPID_C || *type == TPID_S); i++) {
		if (p->len < off + 4)
			return p->len;
		*type = rd16(p->data + off + 2);
		off += 4;
	}
	return off;
}

static struct place place4(const u8 *ip, u32 room)
{
	struct place f = { .src = ip + 12, .len = 4, .proto = ip[9] };
	u32 hlen = (ip[0] & 15u) * 4;

	if (rd16(ip + 6) & IP_FRAGMENT)
		f.proto = 0;
	else if (hlen >= IP_HEADER && room >= hlen + 4 && has_ports(f.proto))
		f.ports = ip + hlen;
	return f;
}

/* Length of the extension header at h; 0: what follows is none that we look behind. */
static u32 extension(u8 proto, const u8 *h)
{
	switch (proto) {
	case PROTO_HOPOPT:
	case PROTO_ROUTING:
	case PROTO_DSTOPTS:
	case PROTO_MOBILITY:
	case PROTO_HIP:
	case PROTO_SHIM6:
		return h[1] * 8u + 8;
	case PROTO_AH: /* RFC 4302 2.2: in words of 4 bytes, minus 2 */
		return h[1] * 4u + 8;
	default:
		return 0;
	}
}

static struct place place6(const u8 *ip, u32 room)
{
	struct place f = { .src = ip + 8, .len = 16, .proto = ip[6] };
	u32 off = IP6_HEADER;

	for (u32 i = 0; i < IP6_HEADERS_MAX && f.proto != PROTO_FRAGMENT; i++) {
		u32 skip;

		if (room < off + 8)
			return f;
		skip = extension(f.proto, ip + off);
		if (!skip) {
			if (has_ports(f.proto))
				f.ports = ip + off;
			return f;
		}
		f.proto = ip[off];
		off += skip;
	}
	if (f.proto == PROTO_FRAGMENT)
		f.proto = 0;
	return f;
}

static struct place find(const struct packet *p)
{
	u16 type;
	u32 off = find_l3(p, &type), room = p->len - off;
	const u8 *ip = p->data + off;

	/* Locally made packets have no type yet: the version says it. */
	if (room >= IP_HEADER && ip[0] >> 4 == 4 && (type == ETHERTYPE_IP || !type))
		return place4(ip, room);
	if (room >= IP6_HEADER && ip[0] >> 4 == 6 && (type == ETHERTYPE_IPV6 || !type))
		return place6(ip, room);
	return (struct place){ 0 };
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

static u32 hash_mac(const struct packet *p)
{
	const u8 *d = p->data;
	u32 a, b;

	if (p->len < 12)
		return 1;
	a = rd32(d);
	b = rd32(d + 6);
	return mix(a ^ b, a + b, (u32)(rd16(d + 4) ^ rd16(d + 10)));
}

/* One IPv6 address in 32 bits. */
static inline u32 fold(const u8 *a)
{
	u64 h = rd64(a) * 0x9e3779b97f4a7c15ull ^ rd64(a + 8) * 0xc2b2ae3d27d4eb4full;

	return (u32)(h >> 32) ^ (u32)h;
}

static inline u32 hash_place(const struct place *f)
{
	u32 a, b, ports = 0;

	if (f->ports) {
		u32 s = rd16(f->ports), d = rd16(f->ports + 2);

		ports = (s ^ d) << 16 | ((s + d) & 0xffff);
	}
	a = f->len == 4 ? rd32(f->src) : fold(f->src);
	b = f->len == 4 ? rd32(f->src + 4) : fold(f->src + 16);
	return mix(a ^ b, a + b, ports + f->proto);
}

u32 flow_hash(const struct packet *p)
{
	struct place f = find(p);

	return likely(f.src) ? hash_place(&f) : hash_mac(p);
}

static struct pix_ip address(const u8 *a, u32 len)
{
	if (len == 4)
		return pix_ip4(__builtin_bswap32(rd32(a)));
	return (struct pix_ip){ .hi = __builtin_bswap64(rd64(a)),
				.lo = __builtin_bswap64(rd64(a + 8)) };
}

bool flow_key(const struct packet *p, struct flow_key *key)
{
	struct place f = find(p);

	*key = (struct flow_key){ 0 };
	if (!f.src)
		return false;
	key->src = address(f.src, f.len);
	key->dst = address(f.src + f.len, f.len);
	key->proto = f.proto;
	if (f.ports) {
		key->sport = rd16(f.ports);
		key->dport = rd16(f.ports + 2);
	}
	return true;
}
