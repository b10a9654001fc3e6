// SPDX-License-Identifier: MIT
/* Interfaces and own addresses, see iface.h. */
#include "apps/arpd/iface.h"

#include <string.h>

#include "apps/lib/netaddr.h"

struct iface *iface_find(struct ifaces *all, u16 id)
{
	for (int i = 0; id && i < IFACES_MAX; i++) {
		if (all->slot[i].id == id)
			return &all->slot[i];
	}
	return NULL;
}

static struct iface *iface_enter(struct ifaces *all, u16 id, u64 now)
{
	for (int i = 0; i < IFACES_MAX; i++) {
		struct iface *f = &all->slot[i];

		if (f->id == 0) {
			memset(f, 0, sizeof(*f));
			f->id = id;
			f->tokens = IFACE_BURST * 1000;
			f->filled_at = now;
			return f;
		}
	}
	return NULL;
}

struct own_addr *iface_own(struct iface *i, struct pix_ip addr)
{
	for (int k = 0; !pix_ip_none(addr) && k < PIX_IF_ADDRS; k++) {
		if (pix_ip_eq(i->own[k].addr, addr))
			return &i->own[k];
	}
	return NULL;
}

const struct own_addr *iface_anycast(const struct iface *i, struct pix_ip addr)
{
	for (int k = 0; k < PIX_IF_ADDRS && !pix_ip_is4(addr); k++) {
		const struct own_addr *o = &i->own[k];

		if (!pix_ip_none(o->addr) && !pix_ip_is4(o->addr) && o->len < 127 &&
		    o->state == PIX_ADDR_VALID && pix_ip_eq(netaddr_network(o->addr, o->len), addr))
			return o;
	}
	return NULL;
}

/* addr may be a host's in the subnet of o, which covers it. */
static bool is_host_of(const struct own_addr *o, struct pix_ip addr)
{
	u32 mask, a = pix_ip_to4(addr);

	if (!pix_ip_is4(addr)) /* RFC 4291 2.6.1: the first is all routers'; RFC 6164: but /127 */
		return o->len >= 127 || !pix_ip_eq(netaddr_network(addr, o->len), addr);
	mask = netaddr_mask(o->len); /* RFC 3021: a /31 has two hosts and no broadcast */
	return o->len >= 31 || ((a & ~mask) && (a | mask) != ~(u32)0);
}

const struct own_addr *iface_on_link(const struct iface *i, struct pix_ip addr)
{
	const struct own_addr *best = NULL;

	for (int k = 0; k < PIX_IF_ADDRS; k++) {
		const struct own_addr *o = &i->own[k];

		if (pix_ip_none(o->addr) || !netaddr_covers(o->addr, o->len, addr))
			continue;
		if (pix_ip_eq(o->addr, addr))
			return NULL;
		if (!is_host_of(o, addr))
			continue;
		if (!best || o->len > best->len)
			best = o;
	}
	return best;
}

const struct own_addr *iface_link_local(const struct iface *i)
{
	for (int k = 0; k < PIX_IF_ADDRS; k++) {
		const struct own_addr *o = &i->own[k];

		if (pix_ip_linklocal(o->addr) && o->state == PIX_ADDR_VALID)
			return o;
	}
	return NULL;
}

const struct own_addr *iface_source(const struct iface *i, struct pix_ip addr)
{
	const struct own_addr *o = iface_on_link(i, addr);

	if (o && o->state == PIX_ADDR_VALID)
		return o;
	return pix_ip_is4(addr) ? NULL : iface_link_local(i);
}

bool iface_may_ask(struct iface *i, u64 now)
{
	u64 gain = (now - i->filled_at) * IFACE_RATE;

	i->filled_at = now;
	i->tokens = i->tokens + gain > IFACE_BURST * 1000 ? IFACE_BURST * 1000 : i->tokens + gain;
	if (i->tokens < 1000)
		return false;
	i->tokens -= 1000;
	return true;
}

/*
 * An address that appeared, or whose link did. A tentative one is probed first (RFC 4862 5.4);
 * `quiet` ms go by before the first word, so that stations that start together do not speak
 * together (5.4.2).
 */
static void start_address(const struct iface *i, struct own_addr *o, u64 now, u64 quiet)
{
	o->announce = ANNOUNCE_NUM;
	o->due_at = now;
	o->probes = 0;
	if (pix_ip_is4(o->addr) || o->state != PIX_ADDR_TENTATIVE)
		return;
	o->probes = i->dad ? i->dad : 1;
	o->due_at = now + quiet;
}

static void start_all(struct iface *i, u64 now, u32 jitter)
{
	for (int k = 0; k < PIX_IF_ADDRS; k++) {
		struct own_addr *o = &i->own[k];

		if (!pix_ip_none(o->addr))
			start_address(i, o, now, jitter % MAX_RTR_SOLICITATION_DELAY_MS);
	}
}

static bool usable(const struct pix_addr *a)
{
	return netaddr_is_host(a->ip) && a->len <= netaddr_bits(a->ip);
}

/* An address that stays: what the engine says of it against what we know. */
static void keep_address(struct own_addr *o, const struct pix_addr *is, u64 now, unsigned *change)
{
	if (o->len != is->len)
		*change |= IFACE_LOST_ADDR;
	o->len = is->len;
	if (pix_ip_is4(o->addr) || o->state == is->state)
		return;
	*change |= IFACE_ANNOUNCE;
	if (is->state != PIX_ADDR_TENTATIVE) { /* somebody else decided */
		o->state = is->state;
		o->probes = 0;
	} else { /* our verdict is under way, or was lost */
		o->report = true;
		o->due_at = now;
	}
}

/* Replaces the own addresses; those that stay keep their history. */
static unsigned update_addresses(struct iface *i, const struct pix_iface *is, u64 now)
{
	struct own_addr fresh[PIX_IF_ADDRS];
	unsigned change = 0, n = is->addr_count < PIX_IF_ADDRS ? is->addr_count : PIX_IF_ADDRS;

	memset(fresh, 0, sizeof(fresh));
	for (unsigned k = 0; k < n; k++) {
		const struct own_addr *had = iface_own(i, is->addr[k].ip);

		if (!usable(&is->addr[k]))
			continue;
		if (had) {
			fresh[k] = *had;
			keep_address(&fresh[k], &is->addr[k], now, &change);
			continue;
		}
		fresh[k].addr = is->addr[k].ip;
		fresh[k].len = is->addr[k].len;
		fresh[k].state = pix_ip_is4(is->addr[k].ip) ? PIX_ADDR_VALID : is->addr[k].state;
		start_address(i, &fresh[k], now, 0);
		change |= IFACE_ANNOUNCE;
	}
	for (int k = 0; k < PIX_IF_ADDRS; k++) {
		bool stays = pix_ip_none(i->own[k].addr);

		for (unsigned m = 0; m < n; m++)
			stays |= pix_ip_eq(fresh[m].addr, i->own[k].addr);
		if (!stays)
			change |= IFACE_LOST_ADDR;
	}
	memcpy(i->own, fresh, sizeof(fresh));
	return change;
}

/* RFC 4862 5.4: detection starts anew with the link, but for addresses that the engine uses. */
static void restart_detection(struct iface *i, const struct pix_iface *is)
{
	for (int k = 0; k < PIX_IF_ADDRS; k++) {
		struct own_addr *o = &i->own[k];

		for (u32 m = 0; m < is->addr_count && m < PIX_IF_ADDRS; m++)
			if (pix_ip_eq(is->addr[m].ip, o->addr) && !pix_ip_is4(o->addr))
				o->state = is->addr[m].state;
		o->report = false;
	}
}

unsigned iface_update(struct ifaces *all, const struct pix_iface *is, u64 now, u32 jitter,
		      struct iface **out)
{
	struct iface *i = iface_find(all, is->id);
	static const u8 none[6];
	bool up = is->mode == PIX_IF_L3 && is->up && is->link && memcmp(is->mac, none, 6) != 0;
	unsigned change;

	if (!i)
		i = iface_enter(all, is->id, now);
	*out = i;
	if (!i)
		return IFACE_SAME;
	memcpy(i->name, is->name, PIX_NAME);
	i->name[PIX_NAME - 1] = '\0';
	i->dad = is->dad;
	i->mtu = is->mtu;
	change = update_addresses(i, is, now);
	if ((up && !i->up) || memcmp(i->mac, is->mac, 6) != 0) {
		if (up && !i->up) {
			i->up_at = now;
			restart_detection(i, is);
		}
		memcpy(i->mac, is->mac, 6);
		start_all(i, now, jitter);
		change |= IFACE_ANNOUNCE;
	}
	if (i->up && !up)
		change |= IFACE_WENT_DOWN;
	i->up = up;
	return up ? change : change & ~(unsigned)IFACE_ANNOUNCE;
}
