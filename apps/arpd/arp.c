// SPDX-License-Identifier: MIT
/*
 * ARP in arpd's core. Reception follows RFC 826 "Packet reception" with RFC 5227's cases in front:
 * our own frame, a rival for our address, a probe.
 */
#include "apps/arpd/inner.h"

#include <string.h>

static const u8 broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

static bool transmit(struct arpd *a, const struct iface *i, const struct arp_packet *p)
{
	u8 frame[ARP_FRAME_LEN];

	arp_build(frame, p);
	return arpd_send(a, i, frame, sizeof(frame));
}

/* A request for tpa from spa (0: a probe, RFC 5227 2.1.1) to one station or to all. */
static bool send_request(struct arpd *a, const struct iface *i, u32 spa, u32 tpa, const u8 *dst)
{
	struct arp_packet p = { .op = ARES_OP_REQUEST, .spa = spa, .tpa = tpa };

	memcpy(p.eth_dst, dst, 6);
	memcpy(p.eth_src, i->mac, 6);
	memcpy(p.sha, i->mac, 6);
	return transmit(a, i, &p);
}

void arp_ask(struct arpd *a, struct iface *i, struct pix_ip addr, const u8 *dst)
{
	const struct own_addr *from = iface_source(i, addr);

	if (!from)
		a->count.no_source++;
	else if (send_request(a, i, pix_ip_to4(from->addr), pix_ip_to4(addr),
			      dst ? dst : broadcast))
		a->count.tx_request++;
}

/*
 * RFC 5227 2.1.1 and 2.3: probe, wait, then announce twice. A router's configured address is in
 * use at once, so we send the first probe (it makes a rival answer) together with the first
 * announcement, and only report a conflict.
 */
void arp_announce(struct arpd *a, struct iface *i, struct own_addr *o, u64 now)
{
	u32 addr = pix_ip_to4(o->addr);

	if (o->announce == ANNOUNCE_NUM && send_request(a, i, 0, addr, broadcast))
		a->count.tx_announce++;
	if (send_request(a, i, addr, addr, broadcast))
		a->count.tx_announce++;
	o->announce--;
	o->due_at = now + ANNOUNCE_INTERVAL_MS;
}

static void answer(struct arpd *a, const struct iface *i, const struct arp_packet *q)
{
	struct arp_packet p = { .op = ARES_OP_REPLY, .spa = q->tpa, .tpa = q->spa };

	memcpy(p.eth_dst, q->sha, 6);
	memcpy(p.eth_src, i->mac, 6);
	memcpy(p.sha, i->mac, 6);
	memcpy(p.tha, q->sha, 6);
	if (transmit(a, i, &p))
		a->count.tx_reply++;
}

/*
 * RFC 826: merge what the sender says of itself if it is known; enter it if we are the target of
 * its request. A reply confirms both directions only if it was sent to us.
 */
static void learn(struct arpd *a, struct iface *i, const struct arp_packet *p, bool for_us, u64 now)
{
	struct pix_ip addr = pix_ip4(p->spa);
	struct entry *e = table_find(&a->table, i->id, addr);
	bool solicited = p->op == ARES_OP_REPLY && for_us && memcmp(p->tha, i->mac, 6) == 0;

	if (!iface_on_link(i, addr)) {
		a->count.rx_off_link++;
		return;
	}
	if (!e && p->op == ARES_OP_REPLY) {
		a->count.rx_unsolicited++;
		return;
	}
	if (!e && for_us)
		e = arpd_learn(a, i, addr, now);
	if (e)
		arpd_step(
			a, i, e,
			(struct neigh_input){ .event = solicited ? NEIGH_EV_REPLY : NEIGH_EV_HEARD,
					      .mac = p->sha,
					      .now = now });
}

void arpd_arp_frame(struct arpd *a, u16 ifid, const u8 *frame, size_t n, u64 now)
{
	struct iface *i = arpd_live_iface(a, ifid);
	struct own_addr *own;
	struct arp_packet p;
	enum arp_bad bad;
	bool for_us;

	a->count.rx++;
	if (!i)
		return;
	bad = arp_parse(frame, n, &p);
	if (bad != ARP_OK) {
		a->count.bad[bad]++;
		return;
	}
	if (memcmp(p.sha, i->mac, 6) == 0) {
		a->count.rx_own++;
		return;
	}
	if (p.op == ARES_OP_REQUEST)
		a->count.rx_request++;
	else
		a->count.rx_reply++;
	own = iface_own(i, pix_ip4(p.spa));
	if (own) {
		if (arpd_conflict(a, i, own, p.sha, now) &&
		    send_request(a, i, p.spa, p.spa, broadcast))
			a->count.tx_announce++;
		return;
	}
	for_us = iface_own(i, pix_ip4(p.tpa)) != NULL;
	if (p.spa)
		learn(a, i, &p, for_us, now);
	if (p.op == ARES_OP_REQUEST && for_us)
		answer(a, i, &p);
	else if (p.op == ARES_OP_REQUEST && p.spa != p.tpa)
		a->count.rx_not_ours++;
}
