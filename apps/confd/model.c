// SPDX-License-Identifier: MIT
/* From a configuration tree to kernel structures, see model.h. */
#include "apps/confd/model.h"

#include "apps/lib/netaddr.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISTANCE_STATIC 1
#define MTU_DEFAULT     1500
#define DAD_DEFAULT     1
#define RA_NO_ROUTER    0xffff /* lifetime 0 */

void model_free(struct model *m)
{
	free(m->iface);
	free(m->route);
	free(m->steering);
	memset(m, 0, sizeof(*m));
}

int model_blank(struct model *m, const struct inventory *inv)
{
	memset(m, 0, sizeof(*m));
	m->iface = calloc(inv->count + 1, sizeof(*m->iface));
	if (!m->iface)
		return -ENOMEM;
	for (u32 i = 0; i < inv->count; i++) {
		const struct pix_iface *from = &inv->iface[i];
		struct pix_iface *to = &m->iface[m->ports];

		if (from->kind != PIX_IF_PORT)
			continue;
		to->id = to->port = from->id;
		memcpy(to->name, from->name, PIX_NAME);
		to->up = 1;
		to->mtu = inventory_mtu(inv, from) < MTU_DEFAULT ? inventory_mtu(inv, from)
								 : MTU_DEFAULT;
		m->ports++;
	}
	m->ifaces = m->ports;
	return 0;
}

static u32 number(const char *s)
{
	return s ? (u32)strtoul(s, NULL, 10) : 0;
}

/* br<N> is bridge domain N + 1. */
static u16 bridge_id(const char *word)
{
	return (u16)(number(word + 2) + 1);
}

static const struct conf_node *first(const struct conf_node *n, const char *word)
{
	const struct conf_node *k = conf_child(n, word);

	return k ? k->child : NULL;
}

/* --- VRFs --------------------------------------------------------------------------------- */

static u16 vrf_number(const struct model *m, const char *name)
{
	for (u16 i = 1; name && i < MODEL_VRFS; i++)
		if (strcmp(m->vrf[i], name) == 0)
			return i;
	return 0;
}

static void name_vrf(struct model *m, u32 table, const char *name)
{
	snprintf(m->vrf[table], sizeof(m->vrf[table]), "%s", name);
}

/* A number that depends on the name more than on the other VRFs, so that it seldom changes. */
static u32 vrf_hash(const char *name)
{
	u32 h = 2166136261u; /* FNV-1a */

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h % (MODEL_VRFS - 1);
}

/* Numbers as configured, then those of `before`, then free ones. */
static void build_vrfs(struct model *m, const struct conf_node *all, const struct model *before)
{
	const struct conf_node *n;

	for (n = all ? all->child : NULL; n; n = n->next)
		if (conf_value(n, "table"))
			name_vrf(m, number(conf_value(n, "table")), n->word);
	for (n = all ? all->child : NULL; n && before; n = n->next) {
		u16 had = vrf_number(before, n->word);

		if (had && !vrf_number(m, n->word) && !m->vrf[had][0])
			name_vrf(m, had, n->word);
	}
	for (n = all ? all->child : NULL; n; n = n->next) {
		u32 h = vrf_hash(n->word);

		for (u32 k = 0; k < MODEL_VRFS - 1 && !vrf_number(m, n->word); k++) {
			u32 table = (h + k) % (MODEL_VRFS - 1) + 1;

			if (!m->vrf[table][0])
				name_vrf(m, table, n->word);
		}
	}
}

/* --- interfaces --------------------------------------------------------------------------- */

static void build_ra(struct pix_ra *ra, const struct conf_node *n)
{
	static const char *const preferences[] = { "medium", "high", "", "low" }; /* RFC 4191 2.1 */
	const char *lifetime = conf_value(n, "lifetime"), *preference = conf_value(n, "preference");

	ra->enable = 1;
	ra->interval_s = (u16)number(conf_value(n, "interval"));
	ra->lifetime_s = lifetime && !number(lifetime) ? RA_NO_ROUTER : (u16)number(lifetime);
	ra->managed = conf_child(n, "managed") != NULL;
	ra->other = conf_child(n, "other") != NULL;
	ra->valid_s = number(conf_value(n, "valid-lifetime"));
	ra->preferred_s = number(conf_value(n, "preferred-lifetime"));
	for (u8 i = 0; preference && i < 4; i++)
		if (strcmp(preference, preferences[i]) == 0)
			ra->preference = i;
	for (const struct conf_node *v = first(n, "dns"); v && ra->dns_count < PIX_RA_DNS;
	     v = v->next)
		netaddr_parse_ip(v->word, &ra->dns[ra->dns_count++]);
}

/* It has an address, or IPv6 at least: without either it does not exist as a routed interface. */
static bool is_routed(const struct conf_node *n)
{
	return conf_child(n, "address") || conf_child(n, "ipv6") ||
	       conf_child(n, "router-advertisement");
}

static void build_routed(struct pix_iface *i, const struct conf_node *n, const struct model *m)
{
	const struct conf_node *ra = conf_child(n, "router-advertisement");
	const char *urpf = conf_value(n, "urpf"), *dad = conf_value(n, "dad");

	i->mode = PIX_IF_L3;
	i->vrf = vrf_number(m, conf_value(n, "vrf"));
	if (urpf)
		i->urpf = strcmp(urpf, "strict") == 0 ? PIX_URPF_STRICT : PIX_URPF_LOOSE;
	i->v6 = conf_child(n, "ipv6") || ra;
	for (const struct conf_node *v = first(n, "address"); v && i->addr_count < PIX_IF_ADDRS;
	     v = v->next) {
		struct pix_addr *a = &i->addr[i->addr_count++];

		netaddr_parse_ipnet(v->word, &a->ip, &a->len);
		i->v6 |= !pix_ip_is4(a->ip);
	}
	if (i->v6)
		i->dad = dad ? (u8)number(dad) : DAD_DEFAULT;
	if (ra)
		build_ra(&i->ra, ra);
}

/* Ranges of all values of the list, sorted and joined. */
static void build_trunk(struct pix_iface *i, const struct conf_node *v)
{
	char list[CONF_WORD];
	size_t len = 0;

	for (; v && len < sizeof(list); v = v->next)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", len ? "," : "",
					v->word);
	int n = value_vlans(list, i->vlan, PIX_IF_VLANS);
	i->vlan_count = n > 0 ? (u16)n : 0;
}

static void build_switched(struct pix_iface *i, const struct conf_node *n)
{
	const struct conf_node *vlan = conf_child(n, "vlan"), *trunk = first(vlan, "trunk"),
			       *storm = conf_child(n, "storm-control");
	const char *access = conf_value(vlan, "access"), *tunnel = conf_value(vlan, "tunnel");

	i->mode = PIX_IF_L2;
	i->bridge = bridge_id(conf_value(n, "bridge"));
	if (trunk) {
		i->vlan_mode = PIX_VLAN_TRUNK;
		i->pvid = (u16)number(conf_value(vlan, "native"));
		build_trunk(i, trunk);
	} else if (access || tunnel) {
		i->vlan_mode = access ? PIX_VLAN_ACCESS : PIX_VLAN_TUNNEL;
		i->pvid = (u16)number(access ? access : tunnel);
	}
	i->storm_broadcast = number(conf_value(storm, "broadcast"));
	i->storm_multicast = number(conf_value(storm, "multicast"));
	i->storm_unknown = number(conf_value(storm, "unknown"));
	i->mac_limit = number(conf_value(n, "mac-limit"));
}

static void build_port(struct pix_iface *i, const struct conf_node *n, const struct model *m)
{
	const char *mtu = conf_value(n, "mtu");

	if (mtu)
		i->mtu = number(mtu);
	i->up = !conf_child(n, "disable");
	if (conf_child(n, "bridge"))
		build_switched(i, n);
	else if (is_routed(n))
		build_routed(i, n, m);
}

/* The id that this interface has now, or one that nobody has. 0: there is none left. */
static u16 choose_id(const struct model *m, const struct inventory *inv, const char *name)
{
	const struct pix_iface *is = inventory_find(inv, name);

	if (is)
		return is->id;
	for (u16 id = IF_ID_FIRST; id <= IF_ID_LAST; id++) {
		bool taken = false;

		for (u32 i = 0; i < inv->count && !taken; i++)
			taken = inv->iface[i].id == id;
		for (u32 i = m->ports; i < m->ifaces && !taken; i++)
			taken = m->iface[i].id == id;
		if (!taken)
			return id;
	}
	return 0;
}

/* One more interface that is no port: like `kind` (identity and MTU), configured by n. */
static int add_iface(struct model *m, const struct inventory *inv, const struct conf_node *n,
		     const struct pix_iface *like)
{
	const char *mtu = conf_value(n, "mtu");
	struct pix_iface *more, *i;

	if (!is_routed(n))
		return 0;
	more = realloc(m->iface, (m->ifaces + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	m->iface = more;
	i = &m->iface[m->ifaces];
	*i = *like;
	i->id = choose_id(m, inv, like->name);
	if (!i->id)
		return -ENOSPC;
	i->up = !conf_child(n, "disable");
	if (mtu)
		i->mtu = number(mtu);
	build_routed(i, n, m);
	m->ifaces++;
	return 0;
}

/* eth0.100 and eth0.100.200, below the port whose identity is in *like. */
static int add_subs(struct model *m, const struct inventory *inv, const struct conf_node *n,
		    const struct pix_iface *port)
{
	int r = 0;

	for (const struct conf_node *v = first(n, "vif"); v && !r; v = v->next) {
		const char *mtu = conf_value(v, "mtu");
		struct pix_iface like = { .kind = PIX_IF_SUB, .port = port->id, .mtu = port->mtu };

		like.vlan_outer = (u16)number(v->word);
		snprintf(like.name, sizeof(like.name), "%.9s.%.4s", port->name, v->word);
		r = add_iface(m, inv, v, &like);
		if (mtu)
			like.mtu = number(mtu);
		for (const struct conf_node *c = first(v, "vif-c"); c && !r; c = c->next) {
			like.vlan_inner = (u16)number(c->word);
			snprintf(like.name, sizeof(like.name), "%.5s.%.4s.%.4s", port->name,
				 v->word, c->word);
			r = add_iface(m, inv, c, &like);
		}
	}
	return r;
}

/* The router's own stations in a bridge: untagged, and in VLANs. */
static int add_irbs(struct model *m, const struct inventory *inv, const struct conf_node *n)
{
	struct pix_iface like = { .kind = PIX_IF_IRB, .mtu = MTU_DEFAULT };
	int r;

	like.bridge = bridge_id(n->word);
	snprintf(like.name, sizeof(like.name), "%.9s", n->word);
	r = add_iface(m, inv, n, &like);
	if (conf_value(n, "mtu"))
		like.mtu = number(conf_value(n, "mtu"));
	for (const struct conf_node *v = first(n, "vif"); v && !r; v = v->next) {
		like.vlan_outer = (u16)number(v->word);
		snprintf(like.name, sizeof(like.name), "%.9s.%.4s", n->word, v->word);
		r = add_iface(m, inv, v, &like);
	}
	return r;
}

static int build_ifaces(struct model *m, const struct conf_node *ifs, const struct inventory *inv)
{
	static const struct pix_iface loopback = { .kind = PIX_IF_LOOPBACK,
						   .name = "lo",
						   .mtu = MTU_DEFAULT };
	int r = 0;

	for (u32 i = 0; i < m->ports; i++) {
		const struct conf_node *n = conf_child(ifs, m->iface[i].name);

		if (n)
			build_port(&m->iface[i], n, m);
	}
	for (u32 i = 0; i < m->ports && !r; i++) {
		const struct pix_iface port = m->iface[i]; /* the array moves as it grows */

		r = add_subs(m, inv, conf_child(ifs, port.name), &port);
	}
	for (const struct conf_node *n = ifs ? ifs->child : NULL; n && !r; n = n->next) {
		if (strncmp(n->word, "br", 2) == 0)
			r = add_irbs(m, inv, n);
		else if (strcmp(n->word, "lo") == 0)
			r = add_iface(m, inv, n, &loopback);
	}
	return r;
}

/* --- routes ------------------------------------------------------------------------------- */

int route_compare(const void *pa, const void *pb)
{
	const struct pix_route *a = pa, *b = pb;
	int order;

	if (a->vrf != b->vrf)
		return a->vrf < b->vrf ? -1 : 1;
	order = pix_ip_cmp(a->addr, b->addr);
	if (!order)
		order = (int)a->len - (int)b->len;
	if (!order)
		order = pix_ip_cmp(a->gateway, b->gateway);
	return order ? order : (int)a->ifid - (int)b->ifid;
}

static u16 iface_id(const struct model *m, const char *name)
{
	for (u32 i = 0; name && i < m->ifaces; i++)
		if (strcmp(m->iface[i].name, name) == 0)
			return m->iface[i].id;
	return 0;
}

/* Elements of one route: its next hops, or the one that discards. */
static u32 route_paths(const struct conf_node *n)
{
	u32 count = 0;

	for (const struct conf_node *v = first(n, "next-hop"); v; v = v->next)
		count++;
	return count ? count : 1;
}

static void build_route(struct model *m, const struct conf_node *n, u16 vrf)
{
	const struct conf_node *hop = first(n, "next-hop");
	const char *distance = conf_value(n, "distance");
	struct pix_route r = { .vrf = vrf, .proto = PIX_ROUTE_STATIC };

	netaddr_parse_ipnet(n->word, &r.addr, &r.len);
	r.distance = distance ? (u8)number(distance) : DISTANCE_STATIC;
	if (!hop) {
		r.type = conf_child(n, "blackhole") ? PIX_ROUTE_BLACKHOLE : PIX_ROUTE_UNREACHABLE;
		m->route[m->routes++] = r;
	}
	for (; hop; hop = hop->next) {
		netaddr_parse_ip(hop->word, &r.gateway);
		r.ifid = iface_id(m, conf_value(hop, "interface"));
		r.weight = conf_value(hop, "weight") ? (u8)number(conf_value(hop, "weight")) : 1;
		m->route[m->routes++] = r;
	}
}

static int build_routes(struct model *m, const struct conf *c)
{
	const struct conf_node *vrfs = conf_child(c->root, "vrfs"), *v, *n;
	const struct conf_node *all = conf_child(conf_child(c->root, "routes"), "static");
	u32 count = 0;

	for (n = all ? all->child : NULL; n; n = n->next)
		count += route_paths(n);
	for (v = vrfs ? vrfs->child : NULL; v; v = v->next)
		for (n = first(conf_child(v, "routes"), "static"); n; n = n->next)
			count += route_paths(n);
	m->route = calloc(count + 1, sizeof(*m->route));
	if (!m->route)
		return -ENOMEM;
	for (n = all ? all->child : NULL; n; n = n->next)
		build_route(m, n, 0);
	for (v = vrfs ? vrfs->child : NULL; v; v = v->next)
		for (n = first(conf_child(v, "routes"), "static"); n; n = n->next)
			build_route(m, n, vrf_number(m, v->word));
	qsort(m->route, m->routes, sizeof(*m->route), route_compare);
	return 0;
}

int model_build(struct model *m, const struct conf *c, const struct inventory *inv,
		const struct model *before, struct conf_error *err)
{
	const struct conf_node *bridges = conf_child(c->root, "bridges");
	int r = model_blank(m, inv);

	if (!r) {
		build_vrfs(m, conf_child(c->root, "vrfs"), before);
		r = build_ifaces(m, conf_child(c->root, "interfaces"), inv);
	}
	if (!r)
		r = build_routes(m, c);
	if (!r)
		r = steering_build(m, c, inv);
	if (r) {
		model_free(m);
		return r == -ENOSPC ? conf_fail(err, -1,
						"there are more than %d sub-interfaces and bridge "
						"interfaces",
						IF_ID_LAST - IF_ID_FIRST + 1)
				    : conf_fail(err, -1, "no memory to apply the configuration");
	}
	for (const struct conf_node *n = bridges ? bridges->child : NULL; n; n = n->next) {
		struct pix_bridge *b = &m->bridge[bridge_id(n->word)];

		b->ageing_s = number(conf_value(n, "ageing"));
		b->mac_limit = number(conf_value(n, "mac-limit"));
	}
	return 0;
}
