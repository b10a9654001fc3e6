// SPDX-License-Identifier: MIT
/*
 * Rules about several items at once, tested before a commit: each broken one gives a sentence that
 * names the item and what it collides with.
 */
#include "apps/confd/model.h"

#include "apps/lib/netaddr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One address of the router, with its prefix and where it was configured. */
struct own {
	u32 addr;
	u8 len;
	const struct conf_node *node, *iface;
};

struct checker {
	const struct conf *conf;
	const struct inventory *inv;
	struct conf_error *err;
	struct text *warn;
	struct own *own;
	u32 owns;
};

static int fail(struct checker *k, const struct conf_node *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct checker *k, const struct conf_node *at, const char *fmt, ...)
{
	char what[CONF_ERROR_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	conf_fail(k->err, -1, "%s", what);
	if (k->err)
		k->err->line = at->line;
	return -1;
}

static const struct conf_node *top(const struct checker *k, const char *a, const char *b)
{
	const struct conf_node *n = conf_child(k->conf->root, a);

	return b ? conf_child(n, b) : n;
}

/* "there are eth0, eth1" */
static const char *list_names(const struct inventory *inv, char *buf, size_t room)
{
	size_t len = 0;

	for (u32 i = 0; i < inv->count && len + PIX_NAME + 3 < room; i++)
		if (strncmp(inv->iface[i].name, "eth", 3) == 0)
			len += (size_t)snprintf(buf + len, room - len, "%s%s",
						len ? ", " : "there are ", inv->iface[i].name);
	if (!len)
		snprintf(buf, room, "there are none");
	return buf;
}

static int check_iface(struct checker *k, const struct conf_node *n)
{
	const struct conf_node *addresses = conf_child(n, "address"), *mtu = conf_child(n, "mtu"),
			       *v;
	const char *bridge = conf_value(n, "bridge");
	char names[128];
	u32 count = 0;

	const struct pix_iface *found = inventory_find(k->inv, n->word);
	if (!found)
		return fail(k, n, "interface \"%s\" does not exist; %s", n->word,
			    list_names(k->inv, names, sizeof(names)));
	if (mtu && strtoul(mtu->child->word, NULL, 10) > k->inv->mtu[found - k->inv->iface])
		return fail(k, mtu->child, "mtu \"%s\" of %s is more than its port can do (%u)",
			    mtu->child->word, n->word, k->inv->mtu[found - k->inv->iface]);
	if (addresses && bridge)
		return fail(k, addresses->child,
			    "interface \"%s\" has both address \"%s\" and bridge \"%s\"; a bridge "
			    "port has no address",
			    n->word, addresses->child->word, bridge);
	for (v = addresses ? addresses->child : NULL; v; v = v->next) {
		struct own *own = &k->own[k->owns];

		if (++count > PIX_IF_ADDRS)
			return fail(k, v,
				    "interface \"%s\" has more than %d addresses; \"%s\" is one "
				    "too many",
				    n->word, PIX_IF_ADDRS, v->word);
		netaddr_parse_iface(v->word, &own->addr, &own->len);
		own->node = v;
		own->iface = n;
		k->owns++;
	}
	return 0;
}

static bool overlap(const struct own *a, u32 addr, u8 len)
{
	u32 mask = netaddr_mask(a->len < len ? a->len : len);

	return (a->addr & mask) == (addr & mask);
}

static int check_own(struct checker *k, const struct own *a, const struct own *b)
{
	if (a->addr == b->addr)
		return fail(k, b->node, "address \"%s\" of %s is already used: \"%s\" of %s",
			    b->node->word, b->iface->word, a->node->word, a->iface->word);
	if (!overlap(a, b->addr, b->len))
		return 0;
	if (a->iface == b->iface && a->len == b->len)
		return fail(k, b->node,
			    "addresses \"%s\" and \"%s\" of %s are in one network; one is enough",
			    a->node->word, b->node->word, a->iface->word);
	return fail(k, b->node, "address \"%s\" of %s overlaps with \"%s\" of %s", b->node->word,
		    b->iface->word, a->node->word, a->iface->word);
}

static int check_interfaces(struct checker *k)
{
	const struct conf_node *all = top(k, "interfaces", NULL), *n;

	for (n = all ? all->child : NULL; n; n = n->next)
		if (check_iface(k, n))
			return -1;
	for (u32 j = 1; j < k->owns; j++)
		for (u32 i = 0; i < j; i++)
			if (check_own(k, &k->own[i], &k->own[j]))
				return -1;
	return 0;
}

static int check_next_hop(struct checker *k, const struct conf_node *route,
			  const struct conf_node *v)
{
	u32 hop = 0;
	bool reachable = false;

	netaddr_parse_v4(v->word, &hop);
	for (u32 i = 0; i < k->owns; i++) {
		const struct own *o = &k->own[i];
		u32 mask = netaddr_mask(o->len);

		if (o->addr == hop)
			return fail(
				k, v,
				"next-hop \"%s\" of route %s is this router's own address on %s",
				v->word, route->word, o->iface->word);
		if (!overlap(o, hop, 32))
			continue;
		if (o->len < 31 && ((hop & ~mask) == 0 || (hop | mask) == 0xffffffffu))
			return fail(k, v, "next-hop \"%s\" of route %s is the %s address of \"%s\"",
				    v->word, route->word, hop & ~mask ? "broadcast" : "network",
				    o->node->word);
		reachable = true;
	}
	if (!reachable && k->warn)
		text_printf(k->warn,
			    "route %s stays inactive: next-hop \"%s\" is on no connected network\n",
			    route->word, v->word);
	return 0;
}

static int check_route(struct checker *k, const struct conf_node *n)
{
	const struct conf_node *hop = conf_child(n, "next-hop");
	const char *kind[3];
	unsigned kinds = 0;

	if (hop)
		kind[kinds++] = "next-hop";
	if (conf_child(n, "blackhole"))
		kind[kinds++] = "blackhole";
	if (conf_child(n, "unreachable"))
		kind[kinds++] = "unreachable";
	if (!kinds)
		return fail(
			k, n,
			"route \"%s\" leads nowhere: next-hop, blackhole or unreachable is missing",
			n->word);
	if (kinds > 1)
		return fail(k, n, "route \"%s\" has both \"%s\" and \"%s\"; one is enough", n->word,
			    kind[0], kind[1]);
	return hop ? check_next_hop(k, n, hop->child) : 0;
}

static int check_routes(struct checker *k)
{
	const struct conf_node *all = top(k, "routes", "static"), *n;

	for (n = all ? all->child : NULL; n; n = n->next)
		if (check_route(k, n))
			return -1;
	return 0;
}

static void warn_bridges(struct checker *k)
{
	const struct conf_node *all = top(k, "bridges", NULL), *ifs = top(k, "interfaces", NULL),
			       *n, *i;

	for (n = all ? all->child : NULL; n && k->warn; n = n->next) {
		bool used = false;

		for (i = ifs ? ifs->child : NULL; i; i = i->next) {
			const char *b = conf_value(i, "bridge");

			used |= b && strcmp(b, n->word) == 0;
		}
		if (!used)
			text_printf(k->warn, "bridge %s has no ports\n", n->word);
	}
}

int conf_check(const struct conf *c, const struct inventory *inv, struct conf_error *err,
	       struct text *warn)
{
	struct checker k = { .conf = c, .inv = inv, .err = err, .warn = warn };
	const struct conf_node *n = conf_child(c->root, "interfaces");
	u32 ifaces = 0;

	for (n = n ? n->child : NULL; n; n = n->next)
		ifaces++;
	k.own = calloc((size_t)ifaces * PIX_IF_ADDRS + 1, sizeof(*k.own));
	if (!k.own)
		return conf_fail(err, -1, "no memory to check the configuration");
	int r = check_interfaces(&k);
	if (!r)
		r = check_routes(&k);
	if (!r)
		warn_bridges(&k);
	free(k.own);
	return r;
}
