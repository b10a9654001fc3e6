// SPDX-License-Identifier: MIT
/*
 * IPv6 fragmentation (RFC 8200 4.5) by the source, which is us: an answer made here (echo reply)
 * that is larger than the MTU of its next hop goes in fragments. It has no extension headers. As in
 * fragment.c the packet becomes the first fragment, and nothing is sent before all are made. QGM
 * cores.
 */
#include "qgm/re/re.h"

enum { HEAD = IPV6_HLEN + sizeof(struct ipv6_fragment) };

/* Complete a fragment whose fixed header is at `ip`: `bytes` of payload from `from` on. */
static void finish(struct packet *p, u32 from, u32 bytes, bool more, u8 next, u32 id)
{
	struct ipv6_hdr *ip = packet_ipv6(p);

	ip->next = IPPROTO_FRAGMENT_;
	ip->payload_len = cpu_to_be16((u16)(sizeof(struct ipv6_fragment) + bytes));
	*(struct ipv6_fragment *)(ip + 1) = (struct ipv6_fragment){
		.next = next,
		.offset = cpu_to_be16((u16)(from | (more ? IP6_MORE : 0))),
		.id = cpu_to_be32(id),
	};
	p->l4_off = (u16)(p->l3_off + IPV6_HLEN);
	p->l4_proto = IPPROTO_FRAGMENT_;
	p->len = (u16)(p->l3_off + HEAD + bytes);
}

/* A later fragment with payload [from, from + bytes) of `p`. NULL: no buffer. */
static struct packet *make_one(struct re *re, const struct packet *p, u32 from, u32 bytes,
			       bool more, u32 id)
{
	struct packet *e = qgm_make_for(re->q, ETH_HLEN + HEAD + bytes);

	if (!e)
		return NULL;
	e->l3_off = ETH_HLEN;
	e->vrf = p->vrf;
	e->in_if = p->in_if;
	e->nh_id = p->nh_id;
	e->nh_gen = p->nh_gen;
	e->flags = p->flags;
	*packet_ipv6(e) = *packet_ipv6(p);
	__builtin_memcpy(e->data + ETH_HLEN + HEAD, (u8 *)(packet_ipv6(p) + 1) + from, bytes);
	finish(e, from, bytes, more, packet_ipv6(p)->next, id);
	return e;
}

/* Make room for the fragment header in `p` itself: its fixed header moves into the headroom. */
static void open_first(struct packet *p)
{
	struct ipv6_hdr ip = *packet_ipv6(p);

	p->data -= sizeof(struct ipv6_fragment);
	p->len = (u16)(p->len + sizeof(struct ipv6_fragment));
	*packet_ipv6(p) = ip;
}

void re_fragment6(struct re *re, const struct tables *t, struct packet *p,
		  const struct adjacency *adj)
{
	u32 payload = packet_l3_len(p) - IPV6_HLEN;
	u32 mtu = MIN(adj->mtu, qgm_make_room(re->q) - ETH_HLEN), n = 1;
	u32 step = mtu > HEAD + 8 ? (mtu - (u32)HEAD) & ~7u : 8;
	struct packet *out[FRAGMENTS_MAX] = { p };
	u32 id = re->ip6_id++;

	if (payload > step * FRAGMENTS_MAX) {
		qgm_drop(re->q, p, DROP_mtu_exceeded);
		return;
	}
	for (u32 from = step; from < payload; from += step, n++) {
		u32 bytes = MIN(step, payload - from);

		out[n] = make_one(re, p, from, bytes, from + bytes < payload, id);
		if (!out[n]) {
			while (n--)
				qgm_drop(re->q, out[n], DROP_no_buffer);
			return;
		}
	}
	open_first(p);
	finish(p, 0, step, true, packet_ipv6(p)->next, id);
	re_fragments_send(re, t, out, n, adj);
}
