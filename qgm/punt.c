// SPDX-License-Identifier: MIT
/*
 * punt: copies of packets for the generic partition, each class with a meter of its own (token
 * bucket), so that no flood of one class starves another or the partition (RFC 6192). What lies in
 * the slot: ARP, ND and CONTROL: the Ethernet frame without VLAN tags; ICMP, ICMP6 and LOCAL: the
 * IP packet.
 */
#include "qgm/core.h"
#include "qgm/env.h"

static const struct {
	u32 rate;  /* packets a second and QGM */
	u32 burst; /* packets */
} limits[PIX_PUNT_CLASSES] = {
	[PIX_PUNT_ARP] = { 2000, 512 },     [PIX_PUNT_ND] = { 2000, 512 },
	[PIX_PUNT_ICMP] = { 5000, 1024 },   [PIX_PUNT_ICMP6] = { 5000, 1024 },
	[PIX_PUNT_LOCAL] = { 20000, 2048 }, [PIX_PUNT_CONTROL] = { 500, 64 },
};

void punt_init(struct qgm *q)
{
	for (u32 i = 0; i < PIX_PUNT_CLASSES; i++) {
		q->meter[i].tokens = ~0ull >> 1; /* filled up to the burst at first use */
		q->meter[i].last = q->now;
	}
}

/* One packet of the class now? Tokens are cycles: a packet costs hz / rate of them. */
static bool meter_pass(struct qgm *q, enum pix_punt_class cls)
{
	u64 cost = env_clock_hz() / limits[cls].rate;
	u64 full = cost * limits[cls].burst;
	u64 tokens = q->meter[cls].tokens + (q->now - q->meter[cls].last);

	tokens = MIN(tokens, full);
	q->meter[cls].last = q->now;
	q->meter[cls].tokens = tokens;
	if (tokens < cost)
		return false;
	q->meter[cls].tokens = tokens - cost;
	return true;
}

/* Without tags in front of what follows the Ethernet header. */
static void fill(struct frame_slot *s, const struct packet *p, enum pix_punt_class cls)
{
	u32 skip = p->l3_off, head = 0;

	if (cls == PIX_PUNT_ARP || cls == PIX_PUNT_ND || cls == PIX_PUNT_CONTROL) {
		head = 12; /* addresses */
		skip = p->l3_off >= 14 ? p->l3_off - 2u : 12;
		__builtin_memcpy(s->data, p->data, head);
	}
	__builtin_memcpy(s->data + head, p->data + skip, p->len - skip);
	s->len = (u16)(head + p->len - skip);
	s->ifid = p->in_if;
	s->port = p->in_port;
	s->cls = (u8)cls;
	s->pad = 0;
	s->vrf = p->vrf;
	s->pad2 = 0;
}

void qgm_punt(struct qgm *q, struct packet *p, enum pix_punt_class cls)
{
	struct frame_slot *s;

	if (!meter_pass(q, cls)) {
		qgm_drop(q, p, DROP_punt_rate);
		return;
	}
	s = p->len <= FRAME_SLOT_DATA ? frame_end_reserve(&q->punt) : NULL;
	if (!s) {
		qgm_drop(q, p, DROP_punt_full);
		return;
	}
	fill(s, p, cls);
	framering_commit(q->punt.ring);
	q->generic_news = true;
	counter_add(&q->c->punted[cls], 1);
	counter_add(&q->c->stage[PIX_STAGE_punt].packets, 1);
	qgm_consume(q, p);
}
