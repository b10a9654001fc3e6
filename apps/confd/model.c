// SPDX-License-Identifier: MIT
/* From a configuration tree to kernel structures, and from two models to operations. */
#include "apps/confd/model.h"

#include "apps/lib/netaddr.h"
#include "apps/lib/pixdev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISTANCE_STATIC 1
#define MTU_DEFAULT     1500

static void read_mtus(struct inventory *inv)
{
	const struct pix_port *port;
	void *array;
	u32 ports;

	if (pixdev_list(PIX_LIST_PORT, sizeof(*port), &array, &ports))
		ports = 0;
	port = array;
	for (u32 i = 0; i < inv->count; i++) {
		inv->mtu[i] = MTU_DEFAULT;
		for (u32 k = 0; k < ports; k++)
			if (port[k].id && port[k].id == inv->iface[i].id && port[k].mtu)
				inv->mtu[i] = port[k].mtu;
	}
	free(array);
}

int inventory_read(struct inventory *inv)
{
	void *array;
	int r = pixdev_list(PIX_LIST_IFACE, sizeof(struct pix_iface), &array, &inv->count);

	inv->mtu = NULL;
	inv->iface = array;
	if (r) {
		inv->count = 0;
		return r;
	}
	inv->mtu = calloc(inv->count + 1, sizeof(*inv->mtu));
	if (!inv->mtu) {
		inventory_free(inv);
		return -ENOMEM;
	}
	for (u32 i = 0; i < inv->count; i++)
		inv->iface[i].name[PIX_NAME - 1] = 0;
	read_mtus(inv);
	return 0;
}

void inventory_free(struct inventory *inv)
{
	free(inv->iface);
	free(inv->mtu);
	memset(inv, 0, sizeof(*inv));
}

const struct pix_iface *inventory_find(const struct inventory *inv, const char *name)
{
	for (u32 i = 0; i < inv->count; i++)
		if (strcmp(inv->iface[i].name, name) == 0)
			return &inv->iface[i];
	return NULL;
}

void model_free(struct model *m)
{
	free(m->iface);
	free(m->route);
	memset(m, 0, sizeof(*m));
}

/* One element per interface, in service and without a use. */
static int model_blank(struct model *m, const struct inventory *inv)
{
	memset(m, 0, sizeof(*m));
	m->iface = calloc(inv->count + 1, sizeof(*m->iface));
	if (!m->iface)
		return -ENOMEM;
	m->ifaces = inv->count;
	for (u32 i = 0; i < inv->count; i++) {
		m->iface[i].id = inv->iface[i].id;
		memcpy(m->iface[i].name, inv->iface[i].name, PIX_NAME);
		m->iface[i].up = 1;
		m->iface[i].mtu = inv->mtu[i];
	}
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

static void build_iface(struct pix_iface *i, const struct conf_node *n)
{
	const struct conf_node *addresses = conf_child(n, "address");
	const char *bridge = conf_value(n, "bridge"), *mtu = conf_value(n, "mtu");

	if (mtu)
		i->mtu = number(mtu);
	i->up = !conf_child(n, "disable");
	if (bridge) {
		i->mode = PIX_IF_L2;
		i->bridge = bridge_id(bridge);
		return;
	}
	for (const struct conf_node *v = addresses ? addresses->child : NULL; v; v = v->next) {
		struct pix_addr *a = &i->addr[i->addr_count];
		u32 addr = 0;
		u8 len = 0;

		if (i->addr_count == PIX_IF_ADDRS)
			break;
		netaddr_parse_iface(v->word, &addr, &len);
		a->ip = pix_ip4(addr);
		a->len = len;
		i->addr_count++;
		i->mode = PIX_IF_L3;
	}
}

static int route_compare(const void *pa, const void *pb)
{
	const struct pix_route *a = pa, *b = pb;

	int order = pix_ip_cmp(a->addr, b->addr);

	if (order)
		return order;
	return (int)a->len - (int)b->len;
}

static void build_route(struct pix_route *r, const struct conf_node *n)
{
	const char *hop = conf_value(n, "next-hop"), *distance = conf_value(n, "distance");

	u32 addr = 0, gateway = 0;

	netaddr_parse_prefix(n->word, &addr, &r->len);
	r->addr = pix_ip4(addr);
	r->proto = PIX_ROUTE_STATIC;
	r->distance = distance ? (u8)number(distance) : DISTANCE_STATIC;
	if (hop && netaddr_parse_v4(hop, &gateway) == 0)
		r->gateway = pix_ip4(gateway);
	else
		r->type = conf_child(n, "blackhole") ? PIX_ROUTE_BLACKHOLE : PIX_ROUTE_UNREACHABLE;
}

static int build_routes(struct model *m, const struct conf_node *all)
{
	u32 count = 0;

	for (const struct conf_node *n = all ? all->child : NULL; n; n = n->next)
		count++;
	m->route = calloc(count + 1, sizeof(*m->route));
	if (!m->route)
		return -ENOMEM;
	for (const struct conf_node *n = all ? all->child : NULL; n; n = n->next)
		build_route(&m->route[m->routes++], n);
	qsort(m->route, m->routes, sizeof(*m->route), route_compare);
	return 0;
}

int model_build(struct model *m, const struct conf *c, const struct inventory *inv,
		struct conf_error *err)
{
	const struct conf_node *ifs = conf_child(c->root, "interfaces");
	const struct conf_node *bridges = conf_child(c->root, "bridges");
	const struct conf_node *routes = conf_child(conf_child(c->root, "routes"), "static");

	if (model_blank(m, inv) || build_routes(m, routes)) {
		model_free(m);
		return conf_fail(err, -1, "no memory to apply the configuration");
	}
	for (u32 i = 0; i < m->ifaces; i++) {
		const struct conf_node *n = conf_child(ifs, m->iface[i].name);

		if (n)
			build_iface(&m->iface[i], n);
	}
	for (const struct conf_node *n = bridges ? bridges->child : NULL; n; n = n->next)
		m->ageing[bridge_id(n->word)] = number(conf_value(n, "ageing"));
	return 0;
}

int model_read(struct model *m, const struct inventory *inv)
{
	struct pix_route *route;
	void *array;
	u32 count;
	int r = model_blank(m, inv);

	if (r)
		return r;
	for (u32 i = 0; i < inv->count; i++) {
		struct pix_iface *to = &m->iface[i];
		const struct pix_iface *from = &inv->iface[i];

		to->mode = from->mode;
		to->bridge = from->bridge;
		to->mtu = from->mtu;
		to->up = from->up || from->mode == PIX_IF_UNUSED; /* the kernel says 0 for those */
		to->addr_count = from->addr_count <= PIX_IF_ADDRS ? from->addr_count : PIX_IF_ADDRS;
		memcpy(to->addr, from->addr, sizeof(to->addr));
	}
	r = pixdev_list(PIX_LIST_ROUTE, sizeof(struct pix_route), &array, &count);
	if (r) {
		model_free(m);
		return r;
	}
	route = array;
	for (u32 i = 0; i < count; i++)
		if (route[i].proto == PIX_ROUTE_STATIC && route[i].vrf == 0)
			route[m->routes++] = route[i];
	m->route = route;
	if (m->routes)
		qsort(m->route, m->routes, sizeof(*m->route), route_compare);
	return 0;
}

static bool iface_same(const struct pix_iface *a, const struct pix_iface *b)
{
	return a->mode == b->mode && a->bridge == b->bridge && a->mtu == b->mtu && a->up == b->up &&
	       a->addr_count == b->addr_count &&
	       memcmp(a->addr, b->addr, a->addr_count * sizeof(a->addr[0])) == 0;
}

static bool route_same(const struct pix_route *a, const struct pix_route *b)
{
	return pix_ip_eq(a->gateway, b->gateway) && a->type == b->type &&
	       a->distance == b->distance;
}

/* Some address of `from` is not kept by `to`: it has to go before another interface may take it. */
static bool gives_up(const struct pix_iface *from, const struct pix_iface *to)
{
	for (u32 i = 0; i < from->addr_count; i++) {
		bool kept = false;

		for (u32 j = 0; j < to->addr_count; j++)
			kept |= memcmp(&from->addr[i], &to->addr[j], sizeof(to->addr[j])) == 0;
		if (!kept)
			return true;
	}
	return false;
}

/* What stays of an interface in the first half of a change: addresses that both have. */
static struct pix_iface kept_part(const struct pix_iface *from, const struct pix_iface *to)
{
	struct pix_iface kept = *to;

	kept.addr_count = 0;
	memset(kept.addr, 0, sizeof(kept.addr));
	for (u32 i = 0; i < from->addr_count; i++)
		for (u32 j = 0; j < to->addr_count; j++)
			if (memcmp(&from->addr[i], &to->addr[j], sizeof(to->addr[j])) == 0)
				kept.addr[kept.addr_count++] = from->addr[i];
	if (kept.mode == PIX_IF_L3 && !kept.addr_count)
		kept.mode = PIX_IF_UNUSED;
	return kept;
}

static u32 diff_ifaces(const struct model *a, const struct model *b, struct pix_op *ops)
{
	u32 n = 0;

	for (u32 i = 0; i < b->ifaces; i++)
		if (gives_up(&a->iface[i], &b->iface[i]))
			ops[n++] =
				(struct pix_op){ .kind = PIX_OP_IF_SET,
						 .iface = kept_part(&a->iface[i], &b->iface[i]) };
	u32 first = n;
	for (u32 i = 0; i < b->ifaces; i++) {
		bool done = false;

		if (iface_same(&a->iface[i], &b->iface[i]))
			continue;
		for (u32 k = 0; k < first; k++)
			done |= ops[k].iface.id == b->iface[i].id &&
				iface_same(&ops[k].iface, &b->iface[i]);
		if (!done)
			ops[n++] = (struct pix_op){ .kind = PIX_OP_IF_SET, .iface = b->iface[i] };
	}
	return n;
}

static u32 diff_bridges(const struct model *a, const struct model *b, struct pix_op *ops)
{
	u32 n = 0;

	for (u32 i = 0; i < sizeof(b->ageing) / sizeof(b->ageing[0]); i++)
		if (a->ageing[i] != b->ageing[i])
			ops[n++] = (struct pix_op){ .kind = PIX_OP_BRIDGE_SET,
						    .bridge = { .id = (u16)i,
								.ageing_s = b->ageing[i] } };
	return n;
}

/* Walk both sorted lists; removed routes when del, new and changed ones otherwise. */
static u32 diff_routes(const struct model *a, const struct model *b, bool del, struct pix_op *ops)
{
	u32 i = 0, j = 0, n = 0;

	while (i < a->routes || j < b->routes) {
		int d = i == a->routes   ? 1
			: j == b->routes ? -1
					 : route_compare(&a->route[i], &b->route[j]);

		if (del && d < 0)
			ops[n++] =
				(struct pix_op){ .kind = PIX_OP_ROUTE_DEL, .route = a->route[i] };
		else if (!del && (d > 0 || (d == 0 && !route_same(&a->route[i], &b->route[j]))))
			ops[n++] =
				(struct pix_op){ .kind = PIX_OP_ROUTE_ADD, .route = b->route[j] };
		i += d <= 0;
		j += d >= 0;
	}
	return n;
}

int model_diff(const struct model *a, const struct model *b, struct pix_op **ops)
{
	size_t most = 2 * (size_t)b->ifaces + sizeof(b->ageing) / sizeof(b->ageing[0]) + a->routes +
		      b->routes + 1;
	struct pix_op *op = calloc(most, sizeof(*op));
	u32 n = 0;

	*ops = op;
	if (!op || a->ifaces != b->ifaces) {
		free(op);
		*ops = NULL;
		return -1;
	}
	n += diff_routes(a, b, true, op);
	n += diff_ifaces(a, b, op + n);
	n += diff_bridges(a, b, op + n);
	n += diff_routes(a, b, false, op + n);
	return (int)n;
}

char *op_subject(char *buf, size_t n, const struct pix_op *op)
{
	char prefix[NETADDR_PREFIX];

	switch (op->kind) {
	case PIX_OP_IF_SET:
		snprintf(buf, n, "interface %.*s", PIX_NAME - 1, op->iface.name);
		break;
	case PIX_OP_ROUTE_ADD:
	case PIX_OP_ROUTE_DEL:
		snprintf(buf, n, "route %s",
			 netaddr_print_prefix(prefix, pix_ip_to4(op->route.addr), op->route.len));
		break;
	case PIX_OP_BRIDGE_SET:
		snprintf(buf, n, "bridge br%u", op->bridge.id - 1u);
		break;
	default:
		snprintf(buf, n, "operation %u", op->kind);
	}
	return buf;
}
