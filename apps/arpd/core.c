// SPDX-License-Identifier: MIT
/*
 * What arpd does with misses, interface changes and time (see core.h): the neighbours of both
 * families, whatever protocol finds them.
 */
#include "apps/arpd/inner.h"

#include <stdio.h>
#include <string.h>

#include "apps/lib/netaddr.h"

void arpd_init(struct arpd *a, const struct arpd_io *io, u32 seed)
{
	memset(a, 0, sizeof(*a));
	a->io = *io;
	a->seed = seed | 1;
	table_init(&a->table);
}

u32 arpd_random(struct arpd *a)
{
	a->seed ^= a->seed << 13; /* xorshift32, Marsaglia */
	a->seed ^= a->seed >> 17;
	a->seed ^= a->seed << 5;
	return a->seed;
}

void arpd_due(struct arpd *a, u64 when)
{
	if (when && (!a->next_due || when < a->next_due))
		a->next_due = when;
}

bool arpd_send(struct arpd *a, const struct iface *i, const u8 *frame, size_t n)
{
	if (a->io.send(a->io.ctx, i->id, frame, n) == 0)
		return true;
	a->count.tx_error++;
	return false;
}

/* dst NULL: everybody. Within the interface's rate. */
static void ask(struct arpd *a, struct iface *i, const struct entry *e, const u8 *dst, u64 now)
{
	if (!iface_on_link(i, e->addr))
		return;
	if (!iface_may_ask(i, now))
		a->count.rate_limited++;
	else if (pix_ip_is4(e->addr))
		arp_ask(a, i, e->addr, dst);
	else
		nd_ask(a, i, e->addr, dst);
}

static void engine(struct arpd *a, enum pix_op_kind kind, const struct entry *e)
{
	a->io.engine(a->io.ctx, kind, e->ifid, e->addr, kind == PIX_OP_NEIGH_SET ? e->n.mac : NULL);
}

void arpd_step(struct arpd *a, struct iface *i, struct entry *e, struct neigh_input in)
{
	unsigned act;

	in.jitter = arpd_random(a);
	act = neigh_step(&e->n, &in);
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
		ask(a, i, e, NULL, in.now);
	if (act & NEIGH_UNICAST)
		ask(a, i, e, e->n.mac, in.now);
	if (act & NEIGH_FLAP)
		a->count.flap++;
	if (act & NEIGH_FORGET)
		table_remove(&a->table, e);
	else
		arpd_due(a, e->n.deadline);
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

static void evict(struct arpd *a, struct entry *e)
{
	a->count.evicted++;
	drop_entry(a, e);
}

/*
 * Room for a new entry. One that packets wait for (miss) takes the place of an unresolved one only;
 * one that spoke to us may also take that of a resolved one that never answered us. False: there is
 * none.
 */
static bool make_room(struct arpd *a, u16 ifid, bool miss)
{
	struct table_census all, of_if;
	bool full, full_if;

	if (a->table.count < TABLE_UNRESOLVED_IF)
		return true;
	all = table_census(&a->table, 0);
	of_if = table_census(&a->table, ifid);
	full = all.entries >= TABLE_MAX;
	full_if = of_if.entries >= TABLE_IF_MAX;
	if (of_if.oldest && (full_if || of_if.unresolved >= TABLE_UNRESOLVED_IF)) {
		evict(a, of_if.oldest);
		return true;
	}
	if (!full && !full_if && all.unresolved < TABLE_UNRESOLVED_MAX)
		return true;
	if (!full_if && all.oldest) {
		evict(a, all.oldest);
		return true;
	}
	if (!miss && of_if.unproven) {
		evict(a, of_if.unproven);
		return true;
	}
	return false;
}

static struct entry *add_entry(struct arpd *a, u16 ifid, struct pix_ip addr, bool miss, u64 now)
{
	struct entry *e = make_room(a, ifid, miss) ? table_add(&a->table, ifid, addr, now) : NULL;

	if (!e)
		a->count.table_full++;
	return e;
}

struct entry *arpd_learn(struct arpd *a, struct iface *i, struct pix_ip addr, u64 now)
{
	return add_entry(a, i->id, addr, false, now);
}

struct iface *arpd_live_iface(struct arpd *a, u16 ifid)
{
	struct iface *i = iface_find(&a->ifaces, ifid);

	if (i && i->up)
		return i;
	a->count.rx_unknown_if++;
	return NULL;
}

void arpd_miss(struct arpd *a, u16 ifid, struct pix_ip addr, u64 now)
{
	struct iface *i = arpd_live_iface(a, ifid);
	struct entry *e = NULL;

	a->count.miss++;
	if (i && !iface_on_link(i, addr)) {
		a->count.miss_off_link++;
		i = NULL;
	}
	if (i) {
		e = table_find(&a->table, ifid, addr);
		if (!e)
			e = add_entry(a, ifid, addr, true, now);
	}
	if (e)
		arpd_step(a, i, e, (struct neigh_input){ .event = NEIGH_EV_MISS, .now = now });
	else
		a->io.engine(a->io.ctx, PIX_OP_NEIGH_FAIL, ifid, addr, NULL);
}

void arpd_gateway(struct arpd *a, u16 ifid, struct pix_ip addr, u64 now)
{
	struct iface *i = iface_find(&a->ifaces, ifid);
	struct entry *e;

	if (!i || !i->up || !iface_on_link(i, addr))
		return;
	e = table_find(&a->table, ifid, addr);
	if (!e)
		e = add_entry(a, ifid, addr, true, now);
	if (!e || e->n.state == NEIGH_INCOMPLETE)
		return;
	a->count.gateway++;
	arpd_step(a, i, e, (struct neigh_input){ .event = NEIGH_EV_MISS, .now = now });
}

/* RFC 5227 2.4 (b): one announcement in defence per DEFEND_INTERVAL, and the operator is told. */
bool arpd_conflict(struct arpd *a, struct iface *i, struct own_addr *o, const u8 *mac, u64 now)
{
	char text[128], ip[NETADDR_IP], rival[NETADDR_MAC];

	a->count.conflict++;
	o->conflicts++;
	memcpy(o->rival, mac, 6);
	if (o->defended && now - o->defended < DEFEND_INTERVAL_MS)
		return false;
	o->defended = now;
	snprintf(text, sizeof(text), "%s: address %s is also used by %s", i->name,
		 netaddr_print_ip(ip, o->addr), netaddr_print_mac(rival, mac));
	a->io.log(a->io.ctx, text);
	return true;
}

void arpd_message(struct arpd *a, const struct pix_neigh_msg *m, size_t n, u64 now)
{
	if (n < sizeof(*m) || n - sizeof(*m) < m->len) {
		a->count.bad_message++;
		return;
	}
	switch (m->kind) {
	case PIX_EV_NEIGH_MISS:
		arpd_miss(a, m->ifid, m->addr, now);
		break;
	case PIX_EV_ARP_FRAME:
		arpd_arp_frame(a, m->ifid, m->frame, m->len, now);
		break;
	case PIX_EV_ND_FRAME:
		arpd_nd_frame(a, m->ifid, m->frame, m->len, now);
		break;
	case PIX_EV_IF_CHANGE:
		break;
	default:
		a->count.bad_message++;
	}
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
	unsigned change = iface_update(&a->ifaces, is, now, arpd_random(a), &i);

	if (!i)
		return;
	if (change & IFACE_WENT_DOWN)
		forget_of(a, i, true);
	else if (change & IFACE_LOST_ADDR)
		forget_of(a, i, false);
	if (change & IFACE_ANNOUNCE)
		arpd_due(a, now);
	ra_update(a, i, &is->ra, change != IFACE_SAME, now);
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
	struct entry *e;

	if (!i || n->state != PIX_NEIGH_RESOLVED || table_find(&a->table, n->ifid, n->addr))
		return;
	e = table_add(&a->table, n->ifid, n->addr, now);
	if (!e)
		return;
	memcpy(e->n.mac, n->mac, 6);
	e->n.state = NEIGH_DELAY;
	e->n.changed = e->n.confirmed = now;
	e->n.deadline = now + 1 + arpd_random(a) % NEIGH_DELAY_MS;
	arpd_due(a, e->n.deadline);
}

unsigned arpd_clear(struct arpd *a, u16 ifid, struct pix_ip addr)
{
	unsigned n = 0;

	table_foreach(e, &a->table)
	{
		if ((ifid && e->ifid != ifid) || (!pix_ip_none(addr) && !pix_ip_eq(e->addr, addr)))
			continue;
		drop_entry(a, e);
		n++;
	}
	return n;
}

/* One own address: its verdict, its probes, its announcements. */
static void address_due(struct arpd *a, struct iface *i, struct own_addr *o, u64 now)
{
	if (o->report) {
		o->report = false;
		a->io.addr_state(a->io.ctx, i->id, o->addr, o->state);
	}
	if (o->due_at <= now) {
		if (o->state == PIX_ADDR_TENTATIVE)
			dad_step(a, i, o, now);
		else if (o->announce && pix_ip_is4(o->addr))
			arp_announce(a, i, o, now);
		else if (o->announce && o->state == PIX_ADDR_VALID)
			nd_announce(a, i, o, now);
	}
	if (o->state == PIX_ADDR_TENTATIVE || (o->announce && o->state == PIX_ADDR_VALID))
		arpd_due(a, o->due_at);
}

int arpd_timers(struct arpd *a, u64 now)
{
	if (!a->next_due || a->next_due > now)
		return a->next_due ? (int)(a->next_due - now) : -1;
	a->next_due = 0;
	for (int k = 0; k < IFACES_MAX; k++) {
		struct iface *i = &a->ifaces.slot[k];

		for (int m = 0; i->id && i->up && m < PIX_IF_ADDRS; m++)
			if (!pix_ip_none(i->own[m].addr))
				address_due(a, i, &i->own[m], now);
		if (i->id)
			ra_due(a, i, now);
	}
	table_foreach(e, &a->table)
	{
		struct iface *i = iface_find(&a->ifaces, e->ifid);

		if (!i)
			drop_entry(a, e);
		else if (e->n.deadline && e->n.deadline <= now)
			arpd_step(a, i, e,
				  (struct neigh_input){ .event = NEIGH_EV_TIMER, .now = now });
		else
			arpd_due(a, e->n.deadline);
	}
	if (!a->next_due)
		return -1;
	return a->next_due > now ? (int)(a->next_due - now) : 0;
}

void arpd_stop(struct arpd *a, u64 now)
{
	for (int k = 0; k < IFACES_MAX; k++)
		if (a->ifaces.slot[k].id)
			ra_stop(a, &a->ifaces.slot[k], now);
}
