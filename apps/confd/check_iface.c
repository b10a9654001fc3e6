// SPDX-License-Identifier: MIT
/* Rules about interfaces and their addresses, see check.h. */
#include "apps/confd/check.h"

#include "apps/lib/netaddr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IPV6_MTU_MIN 1280 /* RFC 8200 5 */

/* "there are eth0, eth1" */
static const char *list_names(const struct inventory *inv, char *buf, size_t room)
{
	size_t len = 0;

	for (u32 i = 0; i < inv->count && len + PIX_NAME + 3 < room; i++)
		if (inv->iface[i].kind == PIX_IF_PORT)
			len += (size_t)snprintf(buf + len, room - len, "%s%s",
						len ? ", " : "there are ", inv->iface[i].name);
	if (!len)
		snprintf(buf, room, "there are none");
	return buf;
}

static u32 number(const struct conf_node *value)
{
	return value ? (u32)strtoul(value->word, NULL, 10) : 0;
}

static const struct conf_node *value_of(const struct conf_node *n, const char *word)
{
	const struct conf_node *k = conf_child(n, word);

	return k ? k->child : NULL;
}

/* What makes an interface a routed one, and does not go with a bridge. */
static const struct conf_node *routed_item(const struct conf_node *n)
{
	static const char *const words[] = { "address", "ipv6", "dad", "router-advertisement",
					     "vrf",     "urpf" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (conf_child(n, words[i]))
			return conf_child(n, words[i]);
	return NULL;
}

static int collect_addresses(struct checker *k, const struct conf_node *n, const char *name)
{
	struct routed *r = &k->routed[k->routeds];
	const char *vrf = conf_value(n, "vrf");
	bool v6 = conf_child(n, "ipv6") || conf_child(n, "router-advertisement"), own_ll = false;
	u32 count = 0, mtu = number(value_of(n, "mtu"));
	const struct conf_node *v;

	for (v = value_of(n, "address"); v; v = v->next) {
		struct own *own = &k->own[k->owns];

		if (++count > PIX_IF_ADDRS)
			return check_fail(
				k, v,
				"interface \"%s\" has more than %d addresses; \"%s\" is one "
				"too many",
				name, PIX_IF_ADDRS, v->word);
		netaddr_parse_ipnet(v->word, &own->ip, &own->len);
		own->node = v;
		own->on = k->routeds;
		v6 |= !pix_ip_is4(own->ip);
		own_ll |= pix_ip_linklocal(own->ip);
		k->owns++;
	}
	if (!count && !v6)
		return 0;
	if (v6 && !own_ll && count == PIX_IF_ADDRS)
		return check_fail(k, value_of(n, "address"),
				  "interface \"%s\" has %d addresses and no room for its "
				  "link-local one",
				  name, PIX_IF_ADDRS);
	if (v6 && mtu && mtu < IPV6_MTU_MIN)
		return check_fail(k, value_of(n, "mtu"),
				  "mtu \"%u\" of %s is too small: IPv6 needs at least %d", mtu,
				  name, IPV6_MTU_MIN);
	*r = (struct routed){ .node = n, .vrf = vrf ? vrf : "" };
	snprintf(r->name, sizeof(r->name), "%s", name);
	k->routeds++;
	return 0;
}

static int check_ra(struct checker *k, const struct conf_node *ra, const char *name)
{
	u32 interval = number(value_of(ra, "interval")), dns = 0;
	const struct conf_node *lifetime = value_of(ra, "lifetime"),
			       *valid = value_of(ra, "valid-lifetime"),
			       *preferred = value_of(ra, "preferred-lifetime"), *v;

	/* RFC 4861 6.2.1 AdvDefaultLifetime */
	if (lifetime && number(lifetime) && number(lifetime) < (interval ? interval : 600))
		return check_fail(k, lifetime,
				  "lifetime \"%s\" of %s is less than the interval (%u s): hosts "
				  "would lose this router in between",
				  lifetime->word, name, interval ? interval : 600);
	if (preferred && number(preferred) > (valid ? number(valid) : 2592000))
		return check_fail(k, preferred,
				  "preferred-lifetime \"%s\" of %s is more than valid-lifetime",
				  preferred->word, name);
	for (v = value_of(ra, "dns"); v; v = v->next)
		if (++dns > PIX_RA_DNS)
			return check_fail(k, v, "%s announces more than %d name servers", name,
					  PIX_RA_DNS);
	return 0;
}

/* What all routed interfaces have in common. */
static int check_routed(struct checker *k, const struct conf_node *n, const char *name)
{
	const struct conf_node *ra = conf_child(n, "router-advertisement"),
			       *vrf = value_of(n, "vrf"), *vrfs = conf_child(k->conf->root, "vrfs");

	if (vrf && !conf_child(vrfs, vrf->word))
		return check_fail(k, vrf,
				  "vrf \"%s\" of %s does not exist; it is made by: set vrfs %s",
				  vrf->word, name, vrf->word);
	if (ra && check_ra(k, ra, name))
		return -1;
	return collect_addresses(k, n, name);
}

static int check_vlan(struct checker *k, const struct conf_node *n, const char *name)
{
	static const char *const kinds[] = { "access", "trunk", "tunnel" };
	const struct conf_node *vlan = conf_child(n, "vlan"), *v, *found = NULL;
	char list[CONF_WORD * 2];
	struct pix_vlan_range range[PIX_IF_VLANS];
	size_t len = 0;

	for (int i = 0; vlan && i < 3; i++) {
		v = conf_child(vlan, kinds[i]);
		if (v && found)
			return check_fail(k, v, "%s has both \"vlan %s\" and \"vlan %s\"", name,
					  found->word, v->word);
		found = v ? v : found;
	}
	if (conf_child(vlan, "native") && (!found || strcmp(found->word, "trunk") != 0))
		return check_fail(k, conf_child(vlan, "native"),
				  "\"vlan native\" of %s is of a trunk; \"vlan trunk\" is missing",
				  name);
	for (v = value_of(vlan, "trunk"); v; v = v->next) {
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", len ? "," : "",
					v->word);
		if (len >= CONF_WORD || value_vlans(list, range, PIX_IF_VLANS) < 0)
			return check_fail(k, v, "\"vlan trunk\" of %s has more than %d ranges",
					  name, PIX_IF_VLANS);
	}
	return 0;
}

/* Items of bridge ports on an interface that is none. */
static int check_switched(struct checker *k, const struct conf_node *n, const char *name)
{
	static const char *const words[] = { "vlan", "storm-control", "mac-limit" };
	const char *bridge = conf_value(n, "bridge");
	const struct conf_node *other = routed_item(n);

	for (size_t i = 0; !bridge && i < sizeof(words) / sizeof(words[0]); i++)
		if (conf_child(n, words[i]))
			return check_fail(k, conf_child(n, words[i]),
					  "\"%s\" of %s is of a port of a bridge; \"bridge\" is "
					  "missing",
					  words[i], name);
	if (!bridge)
		return 0;
	if (other && strcmp(other->word, "address") == 0)
		return check_fail(
			k, other->child,
			"interface \"%s\" has both address \"%s\" and bridge \"%s\"; a bridge "
			"port has no address (that of the bridge is: set interfaces %s address)",
			name, other->child->word, bridge, bridge);
	if (other)
		return check_fail(k, other,
				  "interface \"%s\" has both \"%s\" and bridge \"%s\"; a bridge "
				  "port is not routed",
				  name, other->word, bridge);
	return check_vlan(k, n, name);
}

static int check_mtu(struct checker *k, const struct conf_node *n, const char *name, u32 most)
{
	const struct conf_node *mtu = value_of(n, "mtu");

	if (mtu && number(mtu) > most)
		return check_fail(k, mtu, "mtu \"%s\" of %s is more than its port can do (%u)",
				  mtu->word, name, most);
	return 0;
}

/* Words that this kind of interface does not know. */
static int refuse(struct checker *k, const struct conf_node *n, const char *what,
		  const char *const *words)
{
	for (; *words; words++)
		if (conf_child(n, *words))
			return check_fail(k, conf_child(n, *words), "%s \"%s\" has no \"%s\"", what,
					  n->word, *words);
	return 0;
}

static int check_vifs(struct checker *k, const struct conf_node *n, const char *parent, u32 mtu,
		      const char *tag)
{
	for (const struct conf_node *v = value_of(n, tag); v; v = v->next) {
		char name[64];

		if (snprintf(name, sizeof(name), "%s.%s", parent, v->word) >= PIX_NAME)
			return check_fail(k, v, "the name \"%s\" is longer than %d characters",
					  name, PIX_NAME - 1);
		if (check_mtu(k, v, name, mtu) || check_routed(k, v, name) ||
		    check_vifs(k, v, name, mtu, "vif-c"))
			return -1;
	}
	return 0;
}

static int check_port(struct checker *k, const struct conf_node *n)
{
	const struct pix_iface *found = inventory_port(k->inv, n->word);
	char names[128];
	u32 mtu;

	if (!found)
		return check_fail(k, n, "interface \"%s\" does not exist; %s", n->word,
				  list_names(k->inv, names, sizeof(names)));
	mtu = inventory_mtu(k->inv, found);
	return check_mtu(k, n, n->word, mtu) || check_switched(k, n, n->word) ||
			       check_routed(k, n, n->word) || check_vifs(k, n, n->word, mtu, "vif")
		       ? -1
		       : 0;
}

static int check_irb(struct checker *k, const struct conf_node *n)
{
	static const char *const foreign[] = { "bridge", "vlan", "storm-control", "mac-limit",
					       NULL };
	const struct conf_node *v;

	if (refuse(k, n, "bridge", foreign) || check_routed(k, n, n->word))
		return -1;
	for (v = value_of(n, "vif"); v; v = v->next)
		if (conf_child(v, "vif-c"))
			return check_fail(
				k, conf_child(v, "vif-c"),
				"bridge \"%s\" has VLANs of one tag; \"vif-c\" is of ports",
				n->word);
	return check_vifs(k, n, n->word, 9216, "vif");
}

static int check_iface(struct checker *k, const struct conf_node *n)
{
	static const char *const foreign[] = {
		"bridge", "vlan", "storm-control",        "mac-limit", "vif",
		"mtu",    "urpf", "router-advertisement", NULL
	};

	if (strncmp(n->word, "br", 2) == 0)
		return check_irb(k, n);
	if (strcmp(n->word, "lo") != 0)
		return check_port(k, n);
	return refuse(k, n, "interface", foreign) || check_routed(k, n, n->word) ? -1 : 0;
}

static bool overlap(const struct own *a, const struct own *b)
{
	u8 len = a->len < b->len ? a->len : b->len;

	return netaddr_covers(a->ip, len, b->ip);
}

static int check_own(struct checker *k, const struct own *a, const struct own *b)
{
	const char *on_a = k->routed[a->on].name, *on_b = k->routed[b->on].name;

	if (strcmp(k->routed[a->on].vrf, k->routed[b->on].vrf) != 0)
		return 0;
	if (a->on != b->on && pix_ip_linklocal(a->ip)) /* each link has its own */
		return 0;
	if (pix_ip_eq(a->ip, b->ip))
		return check_fail(k, b->node, "address \"%s\" of %s is already used: \"%s\" of %s",
				  b->node->word, on_b, a->node->word, on_a);
	if (!overlap(a, b))
		return 0;
	if (a->on == b->on && a->len == b->len && !pix_ip_is4(a->ip))
		return 0; /* common with IPv6: renumbering, services with an address of their own */
	if (a->on == b->on && a->len == b->len)
		return check_fail(
			k, b->node,
			"addresses \"%s\" and \"%s\" of %s are in one network; one is enough",
			a->node->word, b->node->word, on_a);
	return check_fail(k, b->node, "address \"%s\" of %s overlaps with \"%s\" of %s",
			  b->node->word, on_b, a->node->word, on_a);
}

int check_interfaces(struct checker *k)
{
	const struct conf_node *all = conf_child(k->conf->root, "interfaces"), *n;

	for (n = all ? all->child : NULL; n; n = n->next)
		if (check_iface(k, n))
			return -1;
	for (u32 j = 1; j < k->owns; j++)
		for (u32 i = 0; i < j; i++)
			if (check_own(k, &k->own[i], &k->own[j]))
				return -1;
	return 0;
}
