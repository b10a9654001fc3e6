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

struct own_addr *iface_own(struct iface *i, u32 addr)
{
	for (int k = 0; addr && k < PIX_IF_ADDRS; k++) {
		if (i->own[k].addr == addr)
			return &i->own[k];
	}
	return NULL;
}

const struct own_addr *iface_on_link(const struct iface *i, u32 addr)
{
	const struct own_addr *best = NULL;

	for (int k = 0; k < PIX_IF_ADDRS; k++) {
		const struct own_addr *o = &i->own[k];
		u32 mask = netaddr_mask(o->len);

		if (o->addr == 0 || ((o->addr ^ addr) & mask))
			continue;
		if (o->addr == addr)
			return NULL;
		/* RFC 3021: a /31 has two hosts and no broadcast */
		if (o->len < 31 && ((addr & ~mask) == 0 || (addr | mask) == ~(u32)0))
			continue;
		if (!best || o->len > best->len)
			best = o;
	}
	return best;
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

static void announce_all(struct iface *i, u64 now)
{
	for (int k = 0; k < PIX_IF_ADDRS; k++) {
		if (i->own[k].addr) {
			i->own[k].announce = ANNOUNCE_NUM;
			i->own[k].announce_at = now;
		}
	}
}

/* Replaces the own addresses; those that stay keep their history. */
static unsigned update_addresses(struct iface *i, const struct pix_iface *is, u64 now)
{
	struct own_addr fresh[PIX_IF_ADDRS];
	unsigned change = 0, n = is->addr_count < PIX_IF_ADDRS ? is->addr_count : PIX_IF_ADDRS;

	memset(fresh, 0, sizeof(fresh));
	for (unsigned k = 0; k < n; k++) {
		u32 addr = pix_ip_to4(is->addr[k].ip);
		const struct own_addr *had = iface_own(i, addr);

		if (!pix_ip_is4(is->addr[k].ip) || !netaddr_is_unicast(addr) ||
		    is->addr[k].len > 32)
			continue;
		if (had) {
			fresh[k] = *had;
			if (had->len != is->addr[k].len)
				change |= IFACE_LOST_ADDR;
		} else {
			change |= IFACE_ANNOUNCE;
			fresh[k].announce = ANNOUNCE_NUM;
			fresh[k].announce_at = now;
		}
		fresh[k].addr = addr;
		fresh[k].len = (u8)is->addr[k].len;
	}
	for (int k = 0; k < PIX_IF_ADDRS; k++) {
		bool stays = i->own[k].addr == 0;

		for (unsigned m = 0; m < n; m++)
			stays |= fresh[m].addr == i->own[k].addr;
		if (!stays)
			change |= IFACE_LOST_ADDR;
	}
	memcpy(i->own, fresh, sizeof(fresh));
	return change;
}

unsigned iface_update(struct ifaces *all, const struct pix_iface *is, u64 now, struct iface **out)
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
	change = update_addresses(i, is, now);
	if ((up && !i->up) || memcmp(i->mac, is->mac, 6) != 0) {
		announce_all(i, now);
		change |= IFACE_ANNOUNCE;
	}
	memcpy(i->mac, is->mac, 6);
	if (i->up && !up)
		change |= IFACE_WENT_DOWN;
	i->up = up;
	return up ? change : change & ~(unsigned)IFACE_ANNOUNCE;
}
