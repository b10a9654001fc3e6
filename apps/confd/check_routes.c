// SPDX-License-Identifier: MIT
/* Rules about static routes, see check.h. */
#include "apps/confd/check.h"

#include "apps/lib/netaddr.h"

#include <string.h>

/* One next hop that is being looked at. */
struct hop {
	const struct conf_node *route, *node;
	struct pix_ip ip;
	const char *vrf;
	const struct routed *via; /* the interface that is named, NULL */
};

static int check_via(struct checker *k, struct hop *h)
{
	const struct conf_node *n = conf_child(h->node, "interface");

	if (!n && pix_ip_linklocal(h->ip))
		return check_fail(
			k, h->node,
			"next-hop \"%s\" of route %s is link-local: add its interface, as "
			"in \"next-hop %s interface eth0\"",
			h->node->word, h->route->word, h->node->word);
	if (!n)
		return 0;
	for (u32 i = 0; i < k->routeds && !h->via; i++)
		if (strcmp(k->routed[i].name, n->child->word) == 0)
			h->via = &k->routed[i];
	if (!h->via)
		return check_fail(
			k, n->child,
			"interface \"%s\" of next-hop %s has no address and is not routed",
			n->child->word, h->node->word);
	if (strcmp(h->via->vrf, h->vrf) != 0)
		return check_fail(k, n->child,
				  "interface \"%s\" of next-hop %s is in vrf \"%s\", the route in "
				  "\"%s\"",
				  n->child->word, h->node->word,
				  *h->via->vrf ? h->via->vrf : "default",
				  *h->vrf ? h->vrf : "default");
	return 0;
}

/* RFC 1122 3.2.1.3: addresses of an IPv4 network that no host has. */
static const char *no_host(const struct own *o, struct pix_ip ip)
{
	u32 mask, addr = pix_ip_to4(ip);

	if (!pix_ip_is4(ip) || o->len > 30)
		return NULL;
	mask = netaddr_mask(o->len);
	if (!(addr & ~mask))
		return "network";
	return (addr | mask) == 0xffffffffu ? "broadcast" : NULL;
}

static int check_next_hop(struct checker *k, struct hop *h)
{
	bool reachable = pix_ip_linklocal(h->ip);

	for (u32 i = 0; i < k->owns; i++) {
		const struct own *o = &k->own[i];
		const struct routed *on = &k->routed[o->on];

		if (strcmp(on->vrf, h->vrf) != 0 || (h->via && h->via != on))
			continue;
		if (pix_ip_eq(o->ip, h->ip))
			return check_fail(
				k, h->node,
				"next-hop \"%s\" of route %s is this router's own address on %s",
				h->node->word, h->route->word, on->name);
		if (!netaddr_covers(o->ip, o->len, h->ip))
			continue;
		if (no_host(o, h->ip))
			return check_fail(k, h->node,
					  "next-hop \"%s\" of route %s is the %s address of \"%s\"",
					  h->node->word, h->route->word, no_host(o, h->ip),
					  o->node->word);
		reachable = true;
	}
	if (!reachable && k->warn)
		text_printf(k->warn,
			    "route %s stays inactive: next-hop \"%s\" is on no connected network\n",
			    h->route->word, h->node->word);
	return 0;
}

static int check_hops(struct checker *k, const struct conf_node *n, const char *vrf)
{
	const struct conf_node *hops = conf_child(n, "next-hop"), *v;
	struct pix_ip prefix;
	u32 count = 0;
	u8 len;

	netaddr_parse_ipnet(n->word, &prefix, &len);
	for (v = hops ? hops->child : NULL; v; v = v->next) {
		struct hop h = { .route = n, .node = v, .vrf = vrf };

		netaddr_parse_ip(v->word, &h.ip);
		if (++count > PIX_ROUTE_PATHS)
			return check_fail(k, v, "route \"%s\" has more than %d next hops", n->word,
					  PIX_ROUTE_PATHS);
		if (pix_ip_is4(h.ip) != pix_ip_is4(prefix))
			return check_fail(k, v,
					  "next-hop \"%s\" of route %s is an IPv%d address, the "
					  "route is IPv%d",
					  v->word, n->word, pix_ip_is4(h.ip) ? 4 : 6,
					  pix_ip_is4(prefix) ? 4 : 6);
		if (check_via(k, &h) || check_next_hop(k, &h))
			return -1;
	}
	return 0;
}

static int check_route(struct checker *k, const struct conf_node *n, const char *vrf)
{
	const char *kind[3];
	unsigned kinds = 0;

	if (conf_child(n, "next-hop"))
		kind[kinds++] = "next-hop";
	if (conf_child(n, "blackhole"))
		kind[kinds++] = "blackhole";
	if (conf_child(n, "unreachable"))
		kind[kinds++] = "unreachable";
	if (!kinds)
		return check_fail(
			k, n,
			"route \"%s\" leads nowhere: next-hop, blackhole or unreachable is missing",
			n->word);
	if (kinds > 1)
		return check_fail(k, n, "route \"%s\" has both \"%s\" and \"%s\"; one is enough",
				  n->word, kind[0], kind[1]);
	return check_hops(k, n, vrf);
}

static int check_table(struct checker *k, const struct conf_node *routes, const char *vrf)
{
	const struct conf_node *all = conf_child(routes, "static"), *n;

	for (n = all ? all->child : NULL; n; n = n->next)
		if (check_route(k, n, vrf))
			return -1;
	return 0;
}

int check_routes(struct checker *k)
{
	const struct conf_node *vrfs = conf_child(k->conf->root, "vrfs"), *v;

	if (check_table(k, conf_child(k->conf->root, "routes"), ""))
		return -1;
	for (v = vrfs ? vrfs->child : NULL; v; v = v->next)
		if (check_table(k, conf_child(v, "routes"), v->word))
			return -1;
	return 0;
}
