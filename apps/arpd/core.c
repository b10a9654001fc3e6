// SPDX-License-Identifier: MIT
/*
 * What arpd does with misses, frames, interface changes and time (see core.h). Reception follows
 * RFC 826 "Packet reception" with RFC 5227's cases in front: our own frame, a rival for our
 * address, a probe.
 */
#include "apps/arpd/core.h"

#include <stdio.h>
#include <string.h>

#include "apps/lib/netaddr.h"

static const u8 broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

void arpd_init(struct arpd *a, const struct arpd_io *io, u32 seed)
{
	memset(a, 0, sizeof(*a));
	a->io = *io;
	a->seed = seed | 1;
	table_init(&a->table);
}

static u32 next_random(struct arpd *a)
{
	a->seed ^= a->seed << 13; /* xorshift32, Marsaglia */
	a->seed ^= a->seed >> 17;
	a->seed ^= a->seed << 5;
	return a->seed;
}

static void due_at(struct arpd *a, u64 when)
{
	if (when && (!a->next_due || when < a->next_due))
		a->next_due = when;
}

static bool transmit(struct arpd *a, const struct iface *i, const struct arp_packet *p)
{
	u8 frame[ARP_FRAME_LEN];

	arp_build(frame, p);
	if (a->io.send(a->io.ctx, i->id, frame, sizeof(frame)) == 0)
		return true;
	a->count.tx_error++;
	return false;
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

static void ask(struct arpd *a, struct iface *i, const struct entry *e, const u8 *dst, u64 now)
{
	const struct own_addr *from = iface_on_link(i, e->addr);

	if (!from)
		return;
	if (!iface_may_ask(i, now)) {
		a->count.rate_limited++;
		return;
	}
	if (send_request(a, i, from->addr, e->addr, dst))
		a->count.tx_request++;
}

static void engine(struct arpd *a, enum pix_op_kind kind, const struct entry *e)
{
	a->io.engine(a->io.ctx, kind, e->ifid, e->addr, kind == PIX_OP_NEIGH_SET ? e->n.mac : NULL);
}

/* One step of an entry and what follows from it. The entry may be gone afterwards. */
static void step(struct arpd *a, struct iface *i, struct entry *e, enum neigh_event event,
		 const u8 *mac, u64 now)
{
	struct neigh_input in = {
		.event = event, .mac = mac, .now = now, .jitter = next_random(a)
	};
	unsigned act = neigh_step(&e->n, &in);

	if (act & NEIGH_PUBLISH) {
		a->count.published++;
		engine(a, PIX_OP_NEIGH_SET, e);
	}
	if (act & NEIGH_WITHDRAW) {
		a->count.withdrawn++;
		engine(a, PIX_OP_NEIGH_DEL, e);
	}
	if (act & NEIGH_FAIL) {
		a->count.failed++;
		engine(a, PIX_OP_NEIGH_FAIL, e);
	}
	if (act & NEIGH_BROADCAST)
		ask(a, i, e, broadcast, now);
	if (act & NEIGH_UNICAST)
		ask(a, i, e, e->n.mac, now);
	if (act & NEIGH_FLAP)
		a->count.flap++;
	if (act & NEIGH_FORGET)
		table_remove(&a->table, e);
	else
		due_at(a, e->n.deadline);
}

/* Forgets an entry whatever its state, and tells the engine. */
static void drop_entry(struct arpd *a, struct entry *e)
{
	if (neigh_is_published(&e->n)) {
		a->count.withdrawn++;
		engine(a, PIX_OP_NEIGH_DEL, e);
	} else if (e->n.state == NEIGH_INCOMPLETE) {
		a->count.failed++;
		engine(a, PIX_OP_NEIGH_FAIL, e);
	}
	table_remove(&a->table, e);
}

/* A new entry; the oldest unresolved one makes room. NULL: the table is full of resolved ones. */
static struct entry *make_room_and_add(struct arpd *a, u16 ifid, u32 addr, u64 now)
{
	bool full = a->table.count == TABLE_MAX;
	struct entry *oldest = NULL;

	if (full || a->table.count >= TABLE_UNRESOLVED_MAX) {
		u32 n = table_unresolved(&a->table, &oldest);

		if (oldest && (full || n >= TABLE_UNRESOLVED_MAX)) {
			a->count.evicted++;
			drop_entry(a, oldest);
		}
	}
	return table_add(&a->table, ifid, addr, now);
}

static struct iface *live_iface(struct arpd *a, u16 ifid)
{
	struct iface *i = iface_find(&a->ifaces, ifid);

	if (i && i->up)
		return i;
	a->count.rx_unknown_if++;
	return NULL;
}

void arpd_miss(struct arpd *a, u16 ifid, u32 addr, u64 now)
{
	struct iface *i = live_iface(a, ifid);
	struct entry *e = NULL;

	a->count.miss++;
	if (i && !iface_on_link(i, addr)) {
		a->count.miss_off_link++;
		i = NULL;
	}
	if (i) {
		e = table_find(&a->table, ifid, addr);
		if (!e)
			e = make_room_and_add(a, ifid, addr, now);
		if (!e)
			a->count.table_full++;
	}
	if (e)
		step(a, i, e, NEIGH_EV_MISS, NULL, now);
	else
		a->io.engine(a->io.ctx, PIX_OP_NEIGH_FAIL, ifid, addr, NULL);
}

/* RFC 5227 2.4 (b): one announcement in defence per DEFEND_INTERVAL, and the operator is told. */
static void conflict(struct arpd *a, struct iface *i, struct own_addr *o, const u8 *sha, u64 now)
{
	char text[128], ip[NETADDR_V4], mac[NETADDR_MAC];

	a->count.conflict++;
	o->conflicts++;
	memcpy(o->rival, sha, 6);
	if (o->defended && now - o->defended < DEFEND_INTERVAL_MS)
		return;
	o->defended = now;
	snprintf(text, sizeof(text), "%s: address %s is also used by %s", i->name,
		 netaddr_print_v4(ip, o->addr), netaddr_print_mac(mac, sha));
	a->io.log(a->io.ctx, text);
	if (send_request(a, i, o->addr, o->addr, broadcast))
		a->count.tx_announce++;
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
	struct entry *e = table_find(&a->table, i->id, p->spa);
	bool solicited = p->op == ARES_OP_REPLY && for_us && memcmp(p->tha, i->mac, 6) == 0;

	if (!iface_on_link(i, p->spa)) {
		a->count.rx_off_link++;
		return;
	}
	if (!e && p->op == ARES_OP_REPLY) {
		a->count.rx_unsolicited++;
		return;
	}
	if (!e && for_us) {
		e = make_room_and_add(a, i->id, p->spa, now);
		if (!e)
			a->count.table_full++;
	}
	if (e)
		step(a, i, e, solicited ? NEIGH_EV_REPLY : NEIGH_EV_HEARD, p->sha, now);
}

void arpd_frame(struct arpd *a, u16 ifid, const u8 *frame, size_t n, u64 now)
{
	struct iface *i = live_iface(a, ifid);
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
	own = iface_own(i, p.spa);
	if (own) {
		conflict(a, i, own, p.sha, now);
		return;
	}
	for_us = iface_own(i, p.tpa) != NULL;
	if (p.spa)
		learn(a, i, &p, for_us, now);
	if (p.op == ARES_OP_REQUEST && for_us)
		answer(a, i, &p);
	else if (p.op == ARES_OP_REQUEST && p.spa != p.tpa)
		a->count.rx_not_ours++;
}

void arpd_message(struct arpd *a, const struct pix_neigh_msg *m, size_t n, u64 now)
{
	if (n < sizeof(*m) || n - sizeof(*m) < m->len) {
		a->count.bad_message++;
		return;
	}
	if (m->kind == PIX_EV_NEIGH_MISS)
		arpd_miss(a, m->ifid, pix_ip_to4(m->addr), now);
	else if (m->kind == PIX_EV_ARP_FRAME)
		arpd_frame(a, m->ifid, m->frame, m->len, now);
	else if (m->kind != PIX_EV_IF_CHANGE)
		a->count.bad_message++;
}

/* Entries of an interface: all of them, or those whose address is no longer on-link. */
static void forget_of(struct arpd *a, const struct iface *i, bool all)
{
	table_foreach(e, &a->table)
	{
		if (e->ifid == i->id && (all || !iface_on_link(i, e->addr)))
			drop_entry(a, e);
	}
}

void arpd_iface(struct arpd *a, const struct pix_iface *is, u64 now)
{
	struct iface *i;
	unsigned change = iface_update(&a->ifaces, is, now, &i);

	if (!i)
		return;
	if (change & IFACE_WENT_DOWN)
		forget_of(a, i, true);
	else if (change & IFACE_LOST_ADDR)
		forget_of(a, i, false);
	if (change & IFACE_ANNOUNCE)
		due_at(a, now);
}

void arpd_iface_gone(struct arpd *a, u16 ifid, u64 now)
{
	struct iface *i = iface_find(&a->ifaces, ifid);

	(void)now;
	if (!i)
		return;
	forget_of(a, i, true);
	memset(i, 0, sizeof(*i));
}

void arpd_adopt(struct arpd *a, const struct pix_neigh *n, u64 now)
{
	struct iface *i = iface_find(&a->ifaces, n->ifid);
	u32 addr = pix_ip_to4(n->addr);
	struct entry *e;

	if (!i || !n->state || !pix_ip_is4(n->addr) || table_find(&a->table, n->ifid, addr))
		return;
	e = table_add(&a->table, n->ifid, addr, now);
	if (!e)
		return;
	memcpy(e->n.mac, n->mac, 6);
	e->n.state = NEIGH_DELAY;
	e->n.changed = e->n.confirmed = now;
	e->n.deadline = now + 1 + next_random(a) % NEIGH_DELAY_MS;
	due_at(a, e->n.deadline);
}

unsigned arpd_clear(struct arpd *a, u16 ifid, u32 addr)
{
	unsigned n = 0;

	table_foreach(e, &a->table)
	{
		if ((ifid && e->ifid != ifid) || (addr && e->addr != addr))
			continue;
		drop_entry(a, e);
		n++;
	}
	return n;
}

/*
 * RFC 5227 2.1.1 and 2.3: probe, wait, then announce twice. A router's configured address is in
 * use at once, so we send the first probe (it makes a rival answer) together with the first
 * announcement, and only report a conflict.
 */
static void announce(struct arpd *a, struct iface *i, struct own_addr *o, u64 now)
{
	if (o->announce == ANNOUNCE_NUM && send_request(a, i, 0, o->addr, broadcast))
		a->count.tx_announce++;
	if (send_request(a, i, o->addr, o->addr, broadcast))
		a->count.tx_announce++;
	o->announce--;
	o->announce_at = now + ANNOUNCE_INTERVAL_MS;
}

static void announce_due(struct arpd *a, struct iface *i, u64 now)
{
	for (int k = 0; i->up && k < PIX_IF_ADDRS; k++) {
		struct own_addr *o = &i->own[k];

		if (o->addr && o->announce && o->announce_at <= now)
			announce(a, i, o, now);
		if (o->addr && o->announce)
			due_at(a, o->announce_at);
	}
}

int arpd_timers(struct arpd *a, u64 now)
{
	if (!a->next_due || a->next_due > now)
		return a->next_due ? (int)(a->next_due - now) : -1;
	a->next_due = 0;
	for (int k = 0; k < IFACES_MAX; k++) {
		if (a->ifaces.slot[k].id)
			announce_due(a, &a->ifaces.slot[k], now);
	}
	table_foreach(e, &a->table)
	{
		struct iface *i = iface_find(&a->ifaces, e->ifid);

		if (!i)
			drop_entry(a, e);
		else if (e->n.deadline && e->n.deadline <= now)
			step(a, i, e, NEIGH_EV_TIMER, NULL, now);
		else
			due_at(a, e->n.deadline);
	}
	if (!a->next_due)
		return -1;
	return a->next_due > now ? (int)(a->next_due - now) : 0;
}
