// SPDX-License-Identifier: MIT
/*
 * RE input: frames of routed interfaces (re_input) and packets made by the host stack (re_host).
 * Usual packets go through fast.c; for the others link-layer checks, ARP, and the split by family;
 * what follows is input4.c and input6.c. QGM cores.
 */
#include "qgm/re/fast.h"

#include "qgm/core.h"
#include "qgm/re/link.h"
#include "qgm/re/re.h"

/* Six bytes as the low 48 bits; reads two bytes beyond. */
static inline u64 mac_load(const u8 *mac)
{
	u64 v;

	__builtin_memcpy(&v, mac, sizeof(v));
	return v & 0xffffffffffff;
}

static void arp_input(struct re *re, struct packet *p)
{
	if (p->len < p->l3_off + ARP_LEN)
		qgm_drop(re->q, p, DROP_arp_bad);
	else if (unlikely(re->plants & RE_PLANT_ARP))
		qgm_consume(re->q, p);
	else
		qgm_punt(re->q, p, PIX_PUNT_ARP);
}

static inline be16 ethertype(const struct packet *p)
{
	be16 type;

	__builtin_memcpy(&type, p->data + p->l3_off - 2, sizeof(type));
	return type;
}

/* The frames of a burst by family. */
struct sorted {
	struct packet *v4[BURST_MAX], *v6[BURST_MAX];
	u32 n4, n6;
};

/* Neither IPv4 nor IPv6 on an interface that has it. */
static void other(struct re *re, struct packet *p)
{
	if (ethertype(p) == cpu_to_be16(ETH_P_ARP))
		arp_input(re, p);
	else if (ethertype(p) == cpu_to_be16(ETH_P_IPV6))
		qgm_drop(re->q, p, DROP_ip6_off);
	else
		qgm_drop(re->q, p, DROP_unknown_ethertype);
}

/* p[0..n) came in on one interface, with the station address `mac`. The parser has refused bad
 * sources and marked group addresses. Reads of eight bytes stay inside: the source follows in the
 * frame, addr_count after iface.mac. */
static inline void sort(struct re *re, const struct iface *ifc, struct packet *const *p, u32 n,
			struct sorted *s)
{
	u64 mac = mac_load(ifc->mac);

	for (u32 i = 0; i < n; i++) {
		be16 type = ethertype(p[i]);

		if (unlikely(mac_load(p[i]->data) != mac && !(p[i]->flags & PACKET_BROADCAST)))
			qgm_drop(re->q, p[i], DROP_not_for_us);
		else if (likely(type == cpu_to_be16(ETH_P_IP)))
			s->v4[s->n4++] = p[i];
		else if (likely(type == cpu_to_be16(ETH_P_IPV6) && ifc->v6))
			s->v6[s->n6++] = p[i];
		else
			other(re, p[i]);
	}
}

/* What is not usual among the frames of one interface: headers, addresses, lookup, one by one. */
static __attribute__((noinline)) void general(struct re *re, const struct tables *t,
					      const struct iface *ifc, struct packet *const *p,
					      u32 n)
{
	struct sorted s;

	s.n4 = s.n6 = 0;
	sort(re, ifc, p, n, &s);
	if (s.n4)
		re_input4(re, t, s.v4, s.n4, ifc->urpf != 0);
	if (s.n6)
		re_input6(re, t, s.v6, s.n6, ifc->urpf != 0);
}

/* Frames of one interface, n <= BURST_MAX. The family of the first is tried first. */
static inline void run(struct re *re, const struct tables *t, const struct iface *ifc,
		       struct packet *const *p, u32 n)
{
	struct packet *rest[BURST_MAX];
	bool six = ethertype(p[0]) == cpu_to_be16(ETH_P_IPV6);
	u32 left = six ? re_fast6(re, t, ifc, p, n, rest) : re_fast4(re, t, ifc, p, n, rest);

	if (likely(!left))
		return;
	left = six ? re_fast4(re, t, ifc, rest, left, rest)
		   : re_fast6(re, t, ifc, rest, left, rest);
	if (left)
		general(re, t, ifc, rest, left);
}

u32 re_received(struct qgm *q, const struct tables *t, const struct receive_mark *m,
		struct packet *const *p, u32 n, struct packet **rest, u64 *bytes)
{
	be16 type;
	u32 left;

	__builtin_memcpy(&type, p[0]->data + ETH_HLEN - sizeof(type), sizeof(type));
	left = type == cpu_to_be16(ETH_P_IPV6) ? re_fresh6(qgm_re(q), t, m, p, n, rest, bytes)
					       : re_fresh4(qgm_re(q), t, m, p, n, rest, bytes);
	return left;
}

void re_input_whole(struct qgm *q, const struct tables *t, struct packet *const *p, u32 n)
{
	const struct iface *ifc = t->iface[p[0]->in_if];

	if (likely(ifc && ifc->mode == IFACE_MODE_L3)) {
		run(qgm_re(q), t, ifc, p, n);
		return;
	}
	for (u32 i = 0; i < n; i++)
		qgm_drop(q, p[i], DROP_no_interface);
}

void re_input(struct qgm *q, const struct tables *t, struct packet *const *p, u32 n)
{
	for (u32 m; n; p += m, n -= m) {
		u32 most = MIN(n, (u32)BURST_MAX);

		for (m = 1; m < most && p[m]->in_if == p[0]->in_if; m++)
			;
		re_input_whole(q, t, p, m);
	}
}

void re_host(struct qgm *q, const struct tables *t, struct packet *const *p, u32 n)
{
	struct re *re = qgm_re(q);

	for (u32 i = 0; i < n; i++) {
		p[i]->flags |= PACKET_LOCAL;
		if (p[i]->vrf >= VRF_MAX || p[i]->len <= p[i]->l3_off) {
			qgm_drop(q, p[i], DROP_inject_bad);
			continue;
		}
		link_type(p[i], packet_is6(p[i]) ? ETH_P_IPV6 : ETH_P_IP);
		if (packet_is6(p[i]))
			re_host6(re, t, p[i]);
		else
			re_host4(re, t, p[i]);
	}
}
