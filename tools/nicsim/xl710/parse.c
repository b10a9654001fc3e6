// SPDX-License-Identifier: MIT
/*
 * The receive parser: where headers are, which packet type (PTYPE of the descriptor) and which
 * classifier type (PCTYPE of RSS and flow director) a frame has, and its checksums. Also the
 * arithmetic that the transmit side shares.
 *
 * Data sheet 332464: 7.1.9 (packet types and classifier types), 8.3.4.2 (receive checksum offload).
 * RFC 791, 8200 (IP), 768 (UDP), 9293 (TCP), 9260 (SCTP), 1071 (checksum); IEEE 802.1Q, 802.3.
 */
#include "tools/nicsim/xl710/xl710.h"

#include <string.h>

enum {
	ETH_IPV4 = 0x0800,
	ETH_ARP = 0x0806,
	ETH_VLAN = 0x8100,
	ETH_IPV6 = 0x86dd,
	ETH_MACCTL = 0x8808,
	ETH_EAPOL = 0x888e,
	ETH_SVLAN = 0x88a8,
	ETH_LLDP = 0x88cc,
	ETH_PTP = 0x88f7,
	IP_ICMP = 1,
	IP_TCP = 6,
	IP_UDP = 17,
	IP_ICMP6 = 58,
	IP_SCTP = 132,
	IP6_HOP = 0,
	IP6_ROUTE = 43,
	IP6_FRAG = 44,
	IP6_AH = 51,
	IP6_DST = 60,
	/* PTYPE, table 7-4 */
	PT_L2 = 1,
	PT_PTP = 2,
	PT_MACCTL = 5,
	PT_LLDP = 6,
	PT_EAPOL = 10,
	PT_ARP = 11,
	PT_V4 = 22, /* fragment; + 1 other, + 2 UDP, + 4 TCP, + 5 SCTP, + 6 ICMP */
	PT_V6 = 88,
};

u32 xl710_pseudo(const u8 *l3, bool v6, u8 proto, u32 len)
{
	u32 s = v6 ? nicsim_sum(l3 + 8, 32, 0) : nicsim_sum(l3 + 12, 8, 0);

	return s + proto + (len >> 16) + (len & 0xffff);
}

static u32 crc_table[256];

u32 xl710_crc32(const u8 *p, u32 len)
{
	u32 c = ~0u;

	if (crc_table[1] == 0)
		for (u32 i = 0; i < 256; i++) {
			u32 v = i;

			for (u32 b = 0; b < 8; b++)
				v = v >> 1 ^ (v & 1 ? 0xedb88320 : 0);
			crc_table[i] = v;
		}
	while (len-- > 0)
		c = crc_table[(c ^ *p++) & 0xff] ^ c >> 8;
	return ~c;
}

static u32 crc32c(const u8 *p, u32 len)
{
	u32 c = ~0u;

	while (len-- > 0) {
		c ^= *p++;
		for (u32 b = 0; b < 8; b++)
			c = c >> 1 ^ (c & 1 ? 0x82f63b78 : 0);
	}
	return ~c;
}

/* SCTP's CRC32c, computed with the field as zero (RFC 9260 6.8). */
u32 xl710_sctp_crc(const u8 *l4, u32 len)
{
	static u8 copy[NICSIM_FRAME_MAX];

	if (len > sizeof(copy) || len < 12)
		return 0;
	memcpy(copy, l4, len);
	memset(copy + 8, 0, 4);
	return crc32c(copy, len);
}

/* L4 header and its checksum; `len` bytes of it are in the datagram. */
static void parse_l4(struct xl710_pkt *p, u32 len)
{
	const u8 *l4 = p->data + p->l4, *l3 = p->data + p->l3;
	u8 base = p->v6 ? PT_V6 : PT_V4;
	bool sum_bad;

	p->payload = p->l4;
	p->ptype = (u8)(base + 1);
	p->pctype = p->v6 ? XL710_PCTYPE_IPV6_OTHER : XL710_PCTYPE_IPV4_OTHER;
	sum_bad = false;
	if (p->proto == IP_UDP && len >= 8) {
		p->ptype = (u8)(base + 2);
		p->pctype = p->v6 ? XL710_PCTYPE_IPV6_UDP : XL710_PCTYPE_IPV4_UDP;
		p->payload = p->l4 + 8;
		if (xbe16(l4 + 6) != 0)
			sum_bad = nicsim_fold(nicsim_sum(
					  l4, len, xl710_pseudo(l3, p->v6, IP_UDP, len))) != 0xffff;
	} else if (p->proto == IP_TCP && len >= 20) {
		p->ptype = (u8)(base + 4);
		p->pctype = p->v6 ? XL710_PCTYPE_IPV6_TCP : XL710_PCTYPE_IPV4_TCP;
		p->payload = p->l4 + (l4[12] >> 4) * 4u;
		sum_bad = nicsim_checksum(l4, len, xl710_pseudo(l3, p->v6, IP_TCP, len)) != 0xffff;
	} else if (p->proto == IP_SCTP && len >= 12) {
		p->ptype = (u8)(base + 5);
		p->pctype = p->v6 ? XL710_PCTYPE_IPV6_SCTP : XL710_PCTYPE_IPV4_SCTP;
		p->payload = p->l4 + 12;
		sum_bad = xget32(l4 + 8) != xl710_sctp_crc(l4, len);
	} else if (p->proto == (p->v6 ? IP_ICMP6 : IP_ICMP)) {
		p->ptype = (u8)(base + 6);
	} else if (p->proto == IP_UDP || p->proto == IP_TCP || p->proto == IP_SCTP) {
		p->l4 = 0; /* header cut off */
	}
	p->l4e = sum_bad;
}

static void parse_v4(struct xl710_pkt *p)
{
	const u8 *h = p->data + p->l3;
	u32 room = p->len - p->l3, ihl, total;

	if (room < 20 || h[0] >> 4 != 4)
		return;
	ihl = (h[0] & 15) * 4u;
	total = xbe16(h + 2);
	if (ihl < 20 || ihl > room || total < ihl || total > room)
		return;
	p->v4 = p->l3l4p = true;
	p->proto = h[9];
	p->ipe = nicsim_checksum(h, ihl, 0) != 0xffff;
	p->payload = p->l3 + ihl;
	if ((xbe16(h + 6) & 0x3fff) != 0) {
		p->frag = true;
		p->ptype = PT_V4;
		p->pctype = XL710_PCTYPE_FRAG_IPV4;
		return;
	}
	p->l4 = p->l3 + ihl;
	parse_l4(p, total - ihl);
}

static void parse_v6(struct xl710_pkt *p)
{
	const u8 *h = p->data + p->l3;
	u32 room = p->len - p->l3, end, at;
	u8 next;

	if (room < 40 || h[0] >> 4 != 6 || xbe16(h + 4) + 40u > room)
		return;
	p->v6 = p->l3l4p = true;
	end = p->l3 + 40 + xbe16(h + 4);
	at = p->l3 + 40;
	next = h[6];
	while (next == IP6_HOP || next == IP6_ROUTE || next == IP6_DST || next == IP6_FRAG ||
	       next == IP6_AH) {
		const u8 *e = p->data + at;

		if (end - at < 8)
			break;
		p->v6ext |= next == IP6_ROUTE || next == IP6_DST;
		if (next == IP6_FRAG) {
			p->frag = true;
			p->proto = e[0];
			p->payload = at + 8;
			p->ptype = PT_V6;
			p->pctype = XL710_PCTYPE_FRAG_IPV6;
			return;
		}
		at += next == IP6_AH ? (e[1] + 2u) * 4 : (e[1] + 1u) * 8;
		next = e[0];
		if (at > end)
			return;
	}
	p->proto = next;
	p->l4 = at;
	parse_l4(p, end - at);
}

void xl710_parse(struct xl710_pkt *p, const u8 *data, u32 len)
{
	u32 at = 12;

	memset(p, 0, sizeof(*p));
	p->data = data;
	p->len = len;
	p->ptype = PT_L2;
	p->pctype = XL710_PCTYPE_L2;
	p->ethertype = xbe16(data + at);
	for (u32 tags = 0;
	     tags < 2 && at + 6 <= len && (p->ethertype == ETH_VLAN || p->ethertype == ETH_SVLAN);
	     tags++) {
		if (p->ethertype == ETH_VLAN && tags == 0) {
			p->tagged = true;
			p->tci = xbe16(data + at + 2);
		}
		at += 4;
		p->ethertype = xbe16(data + at);
	}
	p->l3 = at + 2;
	p->payload = p->l3;
	switch (p->ethertype) {
	case ETH_IPV4:
		parse_v4(p);
		break;
	case ETH_IPV6:
		parse_v6(p);
		break;
	case ETH_ARP:
		p->ptype = PT_ARP;
		break;
	case ETH_LLDP:
		p->ptype = PT_LLDP;
		break;
	case ETH_PTP:
		p->ptype = PT_PTP;
		break;
	case ETH_EAPOL:
		p->ptype = PT_EAPOL;
		break;
	case ETH_MACCTL:
		p->ptype = PT_MACCTL;
		break;
	}
	if (!p->v4 && !p->v6 && p->ethertype < 0x600)
		p->ethertype = 0; /* a length */
}
