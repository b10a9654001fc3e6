// SPDX-License-Identifier: MIT
/*
 * Fragmentation (RFC 791 3.2, RFC 1812 5.2.6): a packet without DF that is larger than the next
 * hop's MTU goes as several. The packet itself becomes the first fragment; the others are made, in
 * order, before anything is sent, so that a dry pool loses the whole packet and not a part. QGM
 * cores.
 */
#include "qgm/re/re.h"

#include "qgm/re/checksum.h"

enum { IPOPT_COPIED = 0x80 }; /* RFC 791 3.1: the option is in every fragment */

/* The header of later fragments: of the options only those that are copied. Returns its length. */
static u32 later_header(const struct ipv4_hdr *ip, struct ipv4_hdr *to)
{
	const u8 *from = (const u8 *)ip;
	u8 *h = (u8 *)to;
	u32 end = ipv4_hlen(ip), len = IP_MIN_HLEN, at = IP_MIN_HLEN;

	__builtin_memcpy(h, from, IP_MIN_HLEN);
	while (at < end && from[at] != IPOPT_EOL) {
		u32 n = from[at] == IPOPT_NOP ? 1 : from[at + 1]; /* checked at input */

		if (from[at] & IPOPT_COPIED) {
			__builtin_memcpy(h + len, from + at, n);
			len += n;
		}
		at += n;
	}
	while (len % 4)
		h[len++] = IPOPT_EOL;
	to->ver_ihl = (u8)(0x40 | len / 4);
	return len;
}

/* Complete a fragment's header: `bytes` of payload, offset and flags as they are on the wire. */
static void finish(struct packet *p, u32 bytes, u32 frag)
{
	struct ipv4_hdr *ip = packet_ipv4(p);
	u32 total = ipv4_hlen(ip) + bytes;

	ip->total_len = cpu_to_be16((u16)total);
	ip->frag = cpu_to_be16((u16)frag);
	ip->check = 0;
	ip->check = checksum(ip, ipv4_hlen(ip));
	p->len = (u16)(p->l3_off + total);
}

/* A later fragment with payload [from, from + bytes) of `p`. NULL: no buffer. */
static struct packet *make_one(struct re *re, const struct packet *p, u32 from, u32 bytes, u32 frag)
{
	struct packet *e = qgm_make_for(re->q, ETH_HLEN + ipv4_hlen(packet_ipv4(p)) + bytes);
	u32 hlen;

	if (!e)
		return NULL;
	hlen = later_header(packet_ipv4(p), (struct ipv4_hdr *)(e->data + ETH_HLEN));
	__builtin_memcpy(e->data + ETH_HLEN + hlen, p->data + p->l4_off + from, bytes);
	e->l3_off = ETH_HLEN;
	e->l4_off = (u16)(ETH_HLEN + hlen);
	e->l4_proto = p->l4_proto;
	e->vrf = p->vrf;
	e->in_if = p->in_if;
	e->nh_id = p->nh_id;
	e->nh_gen = p->nh_gen;
	e->flags = p->flags; /* of a forwarded packet: the TTL counts down */
	finish(e, bytes, frag);
	return e;
}

/* All fragments into out[]; returns how many, 0: no buffer (then nothing is left of them). */
static u32 cut(struct re *re, struct packet *p, u32 step, struct packet **out)
{
	u32 frag = be16_to_cpu(packet_ipv4(p)->frag);
	u32 payload = (u32)p->len - p->l4_off, n = 1;

	for (u32 from = step; from < payload; from += step, n++) {
		u32 bytes = MIN(step, payload - from);
		u32 more = from + bytes < payload ? IP_MF : 0;

		out[n] = make_one(re, p, from, bytes, (frag + from / 8) | more);
		if (!out[n]) {
			while (--n)
				qgm_drop(re->q, out[n], DROP_no_buffer);
			return 0;
		}
	}
	finish(p, step, frag | IP_MF);
	out[0] = p;
	return n;
}

void re_fragment(struct re *re, const struct tables *t, struct packet *p,
		 const struct adjacency *adj)
{
	u32 mtu = MIN(adj->mtu, qgm_make_room(re->q) - ETH_HLEN);
	u32 step = (mtu - ipv4_hlen(packet_ipv4(p))) & ~7u; /* an MTU is 68 at least */
	struct packet *out[FRAGMENTS_MAX];
	u32 n;

	if ((u32)p->len - p->l4_off > step * FRAGMENTS_MAX) {
		qgm_drop(re->q, p, DROP_mtu_exceeded);
		return;
	}
	n = cut(re, p, step, out);
	if (!n) {
		qgm_drop(re->q, p, DROP_no_buffer);
		return;
	}
	re_fragments_send(re, t, out, n, adj);
}

void re_fragments_send(struct re *re, const struct tables *t, struct packet *const *out, u32 n,
		       const struct adjacency *adj)
{
	if (adj->resolved) {
		re_rewrite(re, t, out, n);
		return;
	}
	for (u32 i = 0; i < n; i++)
		re_wait(re, out[i], adj);
}
