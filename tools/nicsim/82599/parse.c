// SPDX-License-Identifier: MIT
/* Headers of a frame as the chip's parser sees them (data sheet 7.1.6): VLAN tags, Ethernet II or
 * SNAP, IPv4 with options, IPv6 with its extension headers, TCP, UDP, SCTP. What does not parse is
 * "no such header". */
#include "tools/nicsim/82599/n599.h"

#include <string.h>

enum { TYPE_IP4 = 0x0800, TYPE_IP6 = 0x86dd };

static void l4(struct n599_pkt *p, u32 off)
{
	u32 room = p->l3_end > off ? p->l3_end - off : 0;

	if (p->proto == 6 && room >= 20)
		p->tcp = true;
	else if (p->proto == 17 && room >= 8)
		p->udp = true;
	else if (p->proto == 132 && room >= 12)
		p->sctp = true;
	else
		return;
	p->l4 = (u16)off;
}

static void ip4(struct n599_pkt *p, u32 off)
{
	const u8 *h = p->data + off;
	u32 hlen, total, frag;

	if (off + 20 > p->len || h[0] >> 4 != 4)
		return;
	hlen = (h[0] & 15) * 4u;
	total = nicsim_get16(h + 2);
	if (hlen < 20 || total < hlen || off + total > p->len)
		return;
	p->ip4 = true;
	p->l3 = (u16)off;
	p->l3_end = (u16)(off + total);
	p->options = hlen > 20;
	p->proto = h[9];
	frag = nicsim_get16(h + 6);
	p->fragment = frag & 0x3fff;
	if (!p->fragment)
		l4(p, off + hlen);
}

/* Extension headers that the chip steps over: hop-by-hop, routing, destination, fragment. */
static void ip6(struct n599_pkt *p, u32 off)
{
	const u8 *h = p->data + off;
	u32 end, at = off + 40;
	u8 next;

	if (off + 40 > p->len || h[0] >> 4 != 6)
		return;
	end = at + nicsim_get16(h + 4);
	if (end > p->len)
		return;
	p->ip6 = true;
	p->l3 = (u16)off;
	p->l3_end = (u16)end;
	next = h[6];
	while ((next == 0 || next == 43 || next == 44 || next == 60) && at + 8 <= end) {
		p->options = true;
		if (next == 44) {
			p->fragment = true;
			next = p->data[at];
			at += 8;
			break;
		}
		next = p->data[at];
		at += 8u + p->data[at + 1] * 8u;
	}
	p->proto = next;
	if (!p->fragment && at <= end)
		l4(p, at);
}

void n599_parse(struct n599_pkt *p, const u8 *frame, u32 len, u16 vet, u16 exvet)
{
	u32 off = 12;

	memset(p, 0, sizeof(*p));
	p->data = frame;
	p->len = len;
	if (len < 14)
		return;
	if (exvet && nicsim_get16(frame + off) == exvet && off + 6 <= len) {
		p->outer = true;
		off += 4;
	}
	if (nicsim_get16(frame + off) == vet && off + 6 <= len) {
		p->tagged = true;
		p->tci = (u16)nicsim_get16(frame + off + 2);
		p->tag = (u16)off;
		off += 4;
	}
	p->ethertype = (u16)nicsim_get16(frame + off);
	off += 2;
	if (p->ethertype <= 1500 && off + 8 <= len && frame[off] == 0xaa &&
	    frame[off + 1] == 0xaa && frame[off + 2] == 3) {
		p->snap = true;
		p->ethertype = (u16)nicsim_get16(frame + off + 6);
		off += 8;
	}
	if (p->ethertype == TYPE_IP4)
		ip4(p, off);
	else if (p->ethertype == TYPE_IP6)
		ip6(p, off);
}
