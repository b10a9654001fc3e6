// SPDX-License-Identifier: MIT
/* show ip route, ipv6 route, routes summary. A route with several paths is several rows. */
#include "apps/pash/show.h"

#include "apps/lib/netaddr.h"
#include "apps/pash/table.h"
#include "apps/pash/vrfs.h"
#include "libc/include/pix/dev.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROTOS 4

static const char *const proto_names[PROTOS] = { "connected", "local", "static", "bgp" };

static const char *type_name(u8 t)
{
	static const char *const name[] = { "forward", "blackhole", "unreachable" };

	return t < 3 ? name[t] : "";
}

/* --- routes --------------------------------------------------------------------------------- */

/* What is asked for. */
struct query {
	bool v6;
	int vrf;
	const char *which; /* as typed, NULL: all */
	struct pix_ip addr;
	int len; /* of the prefix; of the longest match of an address; -1: nothing matches */
};

static void put_route(struct json_writer *w, const struct pix_route *r, const struct names *names,
		      const struct json_doc *vrfs)
{
	char prefix[NETADDR_NET], gateway[NETADDR_IP];

	json_object(w);
	json_kv_str(w, "prefix", netaddr_print_ipnet(prefix, r->addr, r->len));
	json_kv_str(w, "protocol", r->proto < PROTOS ? proto_names[r->proto] : "");
	json_kv_str(w, "type", type_name(r->type));
	json_kv_str(w, "gateway", netaddr_print_ip(gateway, r->gateway));
	json_kv_str(w, "interface", names_of(names, r->ifid));
	json_kv_u64(w, "distance", r->distance);
	json_kv_bool(w, "active", r->active);
	json_kv_u64(w, "vrf", r->vrf);
	json_kv_str(w, "vrf_name", vrfs_name(vrfs, r->vrf));
	json_kv_u64(w, "path", r->path);
	json_kv_u64(w, "paths", r->paths ? r->paths : 1);
	json_kv_u64(w, "weight", r->weight ? r->weight : 1);
	json_end(w);
}

static int route_order(const void *pa, const void *pb)
{
	const struct pix_route *a = pa, *b = pb;

	if (a->vrf != b->vrf)
		return a->vrf < b->vrf ? -1 : 1;
	int order = pix_ip_cmp(a->addr, b->addr);

	if (order)
		return order;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	if (a->distance != b->distance)
		return (int)a->distance - (int)b->distance;
	return a->proto != b->proto ? (int)a->proto - (int)b->proto : (int)a->path - (int)b->path;
}

static bool in_table(const struct query *q, const struct pix_route *r)
{
	return pix_ip_is4(r->addr) != q->v6 && (q->vrf == ALL_VRFS || q->vrf == r->vrf);
}

/* Length of the longest active match of an address; -1: none. */
static int longest(const struct pix_route *r, u32 n, const struct query *q)
{
	int len = -1;

	for (u32 i = 0; i < n; i++)
		if (in_table(q, &r[i]) && r[i].active &&
		    netaddr_covers(r[i].addr, r[i].len, q->addr) && r[i].len > len)
			len = r[i].len;
	return len;
}

static bool wanted(const struct query *q, const struct pix_route *r)
{
	return in_table(q, r) &&
	       (!q->which || (r->len == q->len && netaddr_covers(r->addr, r->len, q->addr)));
}

/* The words of the line; 0, or -1 when there is no such VRF. */
static int read_query(struct session *s, const struct args *a, const struct json_doc *vrfs,
		      struct query *q)
{
	const char *vrf = NULL;

	memset(q, 0, sizeof(*q));
	q->v6 = strncmp(a->command->path, "show ipv6", 9) == 0;
	for (unsigned i = 0; i < a->count; i++) {
		if (a->row[i]->type == WORD_VRF)
			vrf = a->value[i];
		else
			q->which = a->value[i];
	}
	q->vrf = vrfs_table(vrfs, vrf);
	if (q->vrf != NO_VRF)
		return 0;
	session_fail(s, "there is no vrf \"%.32s\"", vrf);
	return -1;
}

static int build_routes(struct session *s, const struct args *a, struct json_writer *w)
{
	struct json_doc vrfs;
	struct query q;
	struct pix_route *r;
	void *array;
	u32 n;
	u8 len = 0;

	vrfs_read(s, &vrfs);
	if (read_query(s, a, &vrfs, &q) || show_list(s, PIX_LIST_ROUTE, sizeof(*r), &array, &n)) {
		json_doc_free(&vrfs);
		return -1;
	}
	r = array;
	if (n)
		qsort(r, n, sizeof(*r), route_order);
	if (q.which && netaddr_parse_ipnet(q.which, &q.addr, &len) == 0)
		q.len = len;
	else if (q.which && netaddr_parse_ip(q.which, &q.addr) == 0)
		q.len = longest(r, n, &q);
	struct names *names = names_read();
	json_object(w);
	json_key(w, "routes");
	json_array(w);
	for (u32 i = 0; i < n; i++)
		if (wanted(&q, &r[i]))
			put_route(w, &r[i], names, &vrfs);
	json_end(w);
	json_end(w);
	names_free(names);
	free(r);
	json_doc_free(&vrfs);
	return 0;
}

static void put_hop(struct table *t, const struct json *r)
{
	const char *type = json_get_str(r, "type", ""), *gateway = json_get_str(r, "gateway", "");
	unsigned long long weight = json_get_u64(r, "weight", 1);

	if (strcmp(type, "forward") != 0)
		table_str(t, type);
	else if (!*gateway)
		table_str(t, strcmp(json_get_str(r, "protocol", ""), "local") == 0 ? "this router"
										   : "direct");
	else if (weight > 1)
		table_printf(t, "%s weight %llu", gateway, weight);
	else
		table_str(t, gateway);
}

static void render_routes(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { "",         "prefix",    "protocol", ">distance",
					       "next hop", "interface", "vrf",      NULL };
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(r, json_get(doc, "routes"))
	{
		table_str(&t, json_get_bool(r, "active", false) ? "*" : "");
		if (json_get_u64(r, "path", 0)) { /* one more path of the route above */
			table_str(&t, "");
			table_str(&t, "");
			table_str(&t, "");
		} else {
			table_str(&t, json_get_str(r, "prefix", ""));
			table_str(&t, json_get_str(r, "protocol", ""));
			table_u64(&t, json_get_u64(r, "distance", 0));
		}
		put_hop(&t, r);
		table_str(&t, json_get_str(r, "interface", ""));
		table_str(&t, json_get_str(r, "vrf_name", ""));
	}
	table_end(&t, out, "no route");
}

const struct show show_routes = { build_routes, render_routes };

/* --- summary -------------------------------------------------------------------------------- */

struct summary {
	u64 routes[PROTOS], active[PROTOS], paths;
	struct pix_table size;
};

static void put_summary(struct json_writer *w, const char *vrf, bool v6, const struct summary *c)
{
	u64 routes = 0, active = 0;

	for (unsigned i = 0; i < PROTOS; i++) {
		routes += c->routes[i];
		active += c->active[i];
	}
	json_object(w);
	json_kv_str(w, "vrf_name", vrf);
	json_kv_str(w, "family", v6 ? "ipv6" : "ipv4");
	for (unsigned i = 0; i < PROTOS; i++)
		json_kv_u64(w, proto_names[i], c->routes[i]);
	json_kv_u64(w, "routes", routes);
	json_kv_u64(w, "active", active);
	json_kv_u64(w, "paths", c->paths);
	json_kv_u64(w, "rib_bytes", c->size.rib_bytes);
	json_kv_u64(w, "fib_prefixes", c->size.fib_prefixes);
	json_kv_u64(w, "fib_bytes", c->size.fib_bytes);
	json_end(w);
}

static int build_summary(struct session *s, const struct args *a, struct json_writer *w)
{
	static struct summary count[16][2];
	struct json_doc vrfs;
	struct pix_route *r;
	void *array;
	u32 n;

	(void)a;
	if (show_list(s, PIX_LIST_ROUTE, sizeof(*r), &array, &n))
		return -1;
	r = array;
	memset(count, 0, sizeof(count));
	for (u32 i = 0; i < n; i++) {
		struct summary *c = &count[r[i].vrf & 15][!pix_ip_is4(r[i].addr)];

		c->paths++;
		if (r[i].path || r[i].proto >= PROTOS)
			continue;
		c->routes[r[i].proto]++;
		c->active[r[i].proto] += r[i].active;
	}
	free(r);
	if (show_list(s, PIX_LIST_TABLE, sizeof(struct pix_table), &array, &n))
		return -1;
	for (u32 i = 0; i < n; i++) {
		const struct pix_table *t = (struct pix_table *)array + i;

		count[t->vrf & 15][t->v6 & 1].size = *t;
	}
	free(array);
	vrfs_read(s, &vrfs);
	json_object(w);
	json_key(w, "summary");
	json_array(w);
	for (u16 vrf = 0; vrf < 16; vrf++)
		for (int v6 = 0; v6 < 2; v6++)
			if (!vrf || count[vrf][v6].paths)
				put_summary(w, vrf ? vrfs_name(&vrfs, vrf) : "", v6,
					    &count[vrf][v6]);
	json_end(w);
	json_end(w);
	json_doc_free(&vrfs);
	return 0;
}

static void render_summary(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { "vrf",     "family", ">connected", ">local",
					       ">static", ">bgp",   ">routes",    ">active",
					       ">paths",  ">RIB",   ">FIB",       NULL };
	static const char *const keys[] = { "family", "connected", "local", "static", "bgp",
					    "routes", "active",    "paths", NULL };
	char bytes[FORMAT_BYTES];
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(r, json_get(doc, "summary"))
	{
		const char *vrf = json_get_str(r, "vrf_name", "");

		table_str(&t, *vrf ? vrf : "default");
		table_keys(&t, r, keys);
		table_str(&t, format_bytes(bytes, json_get_u64(r, "rib_bytes", 0)));
		table_str(&t, format_bytes(bytes, json_get_u64(r, "fib_bytes", 0)));
	}
	table_end(&t, out, "no route");
}

const struct show show_route_summary = { build_summary, render_summary };
