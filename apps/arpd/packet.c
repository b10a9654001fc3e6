// SPDX-License-Identifier: MIT
/*
 * The ARP packet (RFC 826 "Packet format"): ar$hrd, ar$pro, ar$hln, ar$pln, ar$op, ar$sha, ar$spa,
 * ar$tha, ar$tpa. Reading goes through a cursor that checks its end at each step.
 */
#include "apps/arpd/packet.h"

#include <string.h>

#include "apps/arpd/cursor.h"
#include "apps/lib/netaddr.h"

enum { ETHERTYPE_ARP = 0x0806, ETHERTYPE_IPV4 = 0x0800, ARES_HRD_ETHERNET = 1 };

static bool is_zero(const u8 mac[6])
{
	return !(mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]);
}

enum arp_bad arp_parse(const u8 *frame, size_t n, struct arp_packet *p)
{
	struct cursor c = { .p = frame, .left = n };
	u32 type, hrd, pro, hln, pln;

	cursor_take(&c, p->eth_dst, 6);
	cursor_take(&c, p->eth_src, 6);
	type = cursor_be(&c, 2);
	hrd = cursor_be(&c, 2);
	pro = cursor_be(&c, 2);
	hln = cursor_be(&c, 1);
	pln = cursor_be(&c, 1);
	p->op = (u16)cursor_be(&c, 2);
	cursor_take(&c, p->sha, 6);
	p->spa = cursor_be(&c, 4);
	cursor_take(&c, p->tha, 6);
	p->tpa = cursor_be(&c, 4);
	if (c.over)
		return ARP_BAD_short;
	if (type != ETHERTYPE_ARP)
		return ARP_BAD_type;
	if (hrd != ARES_HRD_ETHERNET)
		return ARP_BAD_hrd;
	if (pro != ETHERTYPE_IPV4)
		return ARP_BAD_pro;
	if (hln != 6)
		return ARP_BAD_hln;
	if (pln != 4)
		return ARP_BAD_pln;
	if (p->op != ARES_OP_REQUEST && p->op != ARES_OP_REPLY)
		return ARP_BAD_op;
	if ((p->sha[0] & 1) || is_zero(p->sha))
		return ARP_BAD_sha;
	if (p->spa != 0 && !netaddr_is_unicast(p->spa)) /* 0: a probe, RFC 5227 1.1 */
		return ARP_BAD_spa;
	if (!netaddr_is_unicast(p->tpa) && (p->tpa != 0 || p->op != ARES_OP_REPLY))
		return ARP_BAD_tpa; /* 0: the answer to a probe */
	return ARP_OK;
}

const char *arp_bad_name(enum arp_bad bad)
{
	static const char *const names[ARP_BAD_COUNT] = { [ARP_OK] = "ok",
#define X(name) [ARP_BAD_##name] = #name,
							  ARP_BAD_NAMES(X)
#undef X
	};

	return bad < ARP_BAD_COUNT ? names[bad] : "?";
}

static u8 *put_be(u8 *to, u32 v, unsigned n)
{
	for (unsigned i = n; i-- > 0; v >>= 8)
		to[i] = (u8)v;
	return to + n;
}

void arp_build(u8 frame[ARP_FRAME_LEN], const struct arp_packet *p)
{
	u8 *to = frame;

	memset(frame, 0, ARP_FRAME_LEN);
	memcpy(to, p->eth_dst, 6);
	memcpy(to + 6, p->eth_src, 6);
	to = put_be(to + 12, ETHERTYPE_ARP, 2);
	to = put_be(to, ARES_HRD_ETHERNET, 2);
	to = put_be(to, ETHERTYPE_IPV4, 2);
	to = put_be(to, 6, 1);
	to = put_be(to, 4, 1);
	to = put_be(to, p->op, 2);
	memcpy(to, p->sha, 6);
	to = put_be(to + 6, p->spa, 4);
	memcpy(to, p->tha, 6);
	put_be(to + 6, p->tpa, 4);
}
