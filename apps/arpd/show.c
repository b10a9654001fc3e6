// SPDX-License-Identifier: MIT
/* arpd's answers, see show.h. Runs in arpd's loop. */
#include "apps/arpd/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/arpd/inner.h"
#include "apps/lib/netaddr.h"

static int by_address(const void *x, const void *y)
{
	const struct entry *a = *(const struct entry *const *)x;
	const struct entry *b = *(const struct entry *const *)y;

	if (a->ifid != b->ifid)
		return a->ifid < b->ifid ? -1 : 1;
	return pix_ip_cmp(a->addr, b->addr);
}

static void fail(struct json_writer *w, const char *what, const char *word)
{
	json_object(w);
	json_key(w, "error");
	json_printf(w, what, word);
	json_end(w);
}

static void show_entry(struct arpd *a, const struct entry *e, struct json_writer *w, u64 now)
{
	const struct iface *i = iface_find(&a->ifaces, e->ifid);
	u64 since = e->n.confirmed ? e->n.confirmed : e->made;
	char buf[NETADDR_IP];

	json_object(w);
	json_kv_str(w, "address", netaddr_print_ip(buf, e->addr));
	json_kv_str(w, "mac", neigh_is_published(&e->n) ? netaddr_print_mac(buf, e->n.mac) : "");
	json_kv_str(w, "interface", i ? i->name : "");
	json_kv_str(w, "state", neigh_state_name(e->n.state));
	json_kv_u64(w, "age_s", (now - since) / 1000);
	if (!pix_ip_is4(e->addr))
		json_kv_bool(w, "router", e->router);
	json_end(w);
}

/* key "arp": IPv4 alone, "neighbors": both families. */
static void show_neighbours(struct arpd *a, const char *key, u16 ifid, struct pix_ip addr,
			    struct json_writer *w, u64 now)
{
	bool only4 = strcmp(key, "arp") == 0;
	const struct entry **list = malloc((a->table.count + 1) * sizeof(const struct entry *));
	size_t n = 0;

	if (!list) {
		fail(w, "%s", "out of memory");
		return;
	}
	table_foreach(e, &a->table)
	{
		if ((!ifid || e->ifid == ifid) && (pix_ip_none(addr) || pix_ip_eq(e->addr, addr)) &&
		    (!only4 || pix_ip_is4(e->addr)))
			list[n++] = e;
	}
	qsort(list, n, sizeof(const struct entry *), by_address);
	json_object(w);
	json_key(w, key);
	json_array(w);
	for (size_t k = 0; k < n; k++)
		show_entry(a, list[k], w, now);
	json_end(w);
	json_end(w);
	free(list);
}

static void show_conflicts(struct arpd *a, struct json_writer *w)
{
	json_key(w, "conflicts");
	json_array(w);
	for (int k = 0; k < IFACES_MAX; k++) {
		const struct iface *i = &a->ifaces.slot[k];

		for (int m = 0; i->id && m < PIX_IF_ADDRS; m++) {
			const struct own_addr *o = &i->own[m];
			char buf[NETADDR_IP];

			if (pix_ip_none(o->addr) || !o->conflicts)
				continue;
			json_object(w);
			json_kv_str(w, "interface", i->name);
			json_kv_str(w, "address", netaddr_print_ip(buf, o->addr));
			json_kv_str(w, "rival", netaddr_print_mac(buf, o->rival));
			json_kv_u64(w, "count", o->conflicts);
			json_kv_bool(w, "duplicate", o->state == PIX_ADDR_DUPLICATE);
			json_end(w);
		}
	}
	json_end(w);
}

static void show_counters(struct arpd *a, struct json_writer *w)
{
	json_object(w);
	json_key(w, "arp_counters");
	json_object(w);
#define X(name) json_kv_u64(w, #name, a->count.name);
	ARPD_COUNTERS(X)
#undef X
	for (unsigned bad = ARP_OK + 1; bad < ARP_BAD_COUNT; bad++) {
		char key[32];

		snprintf(key, sizeof(key), "bad_%s", arp_bad_name(bad));
		json_kv_u64(w, key, a->count.bad[bad]);
	}
	for (unsigned bad = ND_OK + 1; bad < ND_BAD_COUNT; bad++) {
		char key[32];

		snprintf(key, sizeof(key), "nd_bad_%s", nd_bad_name(bad));
		json_kv_u64(w, key, a->count.nd_bad[bad]);
	}
	json_kv_u64(w, "entries", a->table.count);
	json_kv_u64(w, "unresolved", table_census(&a->table, 0).unresolved);
	json_end(w);
	show_conflicts(a, w);
	json_end(w);
}

static void put_ra(const struct iface *i, struct json_writer *w, u64 now)
{
	static const char *const preferences[] = { "medium", "high", "", "low" };
	const struct ra_state *ra = &i->ra;
	struct nd_router told = { 0 };
	char buf[NETADDR_NET];

	json_object(w);
	json_kv_str(w, "interface", i->name);
	json_kv_bool(w, "active", i->up && iface_link_local(i));
	json_kv_u64(w, "interval_s", ra->conf.interval_s ? ra->conf.interval_s : 600);
	json_kv_u64(w, "lifetime_s", ra_lifetime(i));
	json_kv_str(w, "preference", preferences[ra->conf.preference & 3]);
	json_kv_bool(w, "managed", ra->conf.managed);
	json_kv_bool(w, "other", ra->conf.other);
	json_key(w, "prefixes");
	json_array(w);
	ra_prefixes(&told, i);
	for (u32 k = 0; k < told.prefix_count; k++)
		json_str(w, netaddr_print_ipnet(buf, told.prefix[k].ip, told.prefix[k].len));
	json_end(w);
	json_key(w, "dns");
	json_array(w);
	for (u32 k = 0; k < ra->conf.dns_count; k++)
		json_str(w, netaddr_print_ip(buf, ra->conf.dns[k]));
	json_end(w);
	json_kv_u64(w, "sent", ra->sent);
	json_kv_u64(w, "solicited", ra->solicited);
	json_kv_u64(w, "next_in_s", ra->next_at > now ? (ra->next_at - now + 999) / 1000 : 0);
	json_end(w);
}

static void show_ra(struct arpd *a, u16 ifid, struct json_writer *w, u64 now)
{
	json_object(w);
	json_key(w, "router_advertisements");
	json_array(w);
	for (int k = 0; k < IFACES_MAX; k++) {
		const struct iface *i = &a->ifaces.slot[k];

		if (i->id && i->ra.conf.enable && (!ifid || i->id == ifid))
			put_ra(i, w, now);
	}
	json_end(w);
	json_end(w);
}

static struct iface *iface_named(struct arpd *a, const char *name)
{
	for (int k = 0; k < IFACES_MAX; k++) {
		if (a->ifaces.slot[k].id && strcmp(a->ifaces.slot[k].name, name) == 0)
			return &a->ifaces.slot[k];
	}
	return NULL;
}

void arpd_show(struct arpd *a, const struct json *request, struct json_writer *w, u64 now)
{
	const char *cmd = json_get_str(request, "cmd", "");
	const char *name = json_get_str(request, "interface", NULL);
	const char *text = json_get_str(request, "address", NULL);
	const struct iface *i = name ? iface_named(a, name) : NULL;
	struct pix_ip addr = PIX_IP_NONE;
	u16 ifid = i ? i->id : 0;

	if (name && !i) {
		fail(w, "no interface '%s'", name);
	} else if (text && netaddr_parse_ip(text, &addr)) {
		fail(w, "'%s' is not an IPv4 or IPv6 address", text);
	} else if (strcmp(cmd, "show arp") == 0) {
		show_neighbours(a, "arp", ifid, addr, w, now);
	} else if (strcmp(cmd, "show neighbors") == 0) {
		show_neighbours(a, "neighbors", ifid, addr, w, now);
	} else if (strcmp(cmd, "show arp counters") == 0) {
		show_counters(a, w);
	} else if (strcmp(cmd, "show router-advertisement") == 0) {
		show_ra(a, ifid, w, now);
	} else if (strcmp(cmd, "clear arp") == 0) {
		json_object(w);
		json_kv_u64(w, "cleared", arpd_clear(a, ifid, addr));
		json_end(w);
	} else {
		fail(w, "unknown command '%s'", cmd);
	}
}
