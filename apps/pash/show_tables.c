// SPDX-License-Identifier: MIT
/* show ip route, arp, mac, bridges. */
#include "apps/pash/show.h"

#include "apps/lib/netaddr.h"
#include "apps/lib/rpc.h"
#include "apps/pash/table.h"
#include "libc/include/pix/dev.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARPD_TIMEOUT_MS 3000

static const char *proto_name(u8 p)
{
	static const char *const name[] = { "connected", "local", "static", "bgp" };

	return p < 4 ? name[p] : "";
}

static const char *type_name(u8 t)
{
	static const char *const name[] = { "forward", "blackhole", "unreachable" };

	return t < 3 ? name[t] : "";
}

static void put_route(struct json_writer *w, const struct pix_route *r, const struct names *names)
{
	char prefix[NETADDR_PREFIX], gateway[NETADDR_V4] = "";

	if (!pix_ip_none(r->gateway))
		netaddr_print_v4(gateway, pix_ip_to4(r->gateway));
	json_object(w);
	json_kv_str(w, "prefix", netaddr_print_prefix(prefix, pix_ip_to4(r->addr), r->len));
	json_kv_str(w, "protocol", proto_name(r->proto));
	json_kv_str(w, "type", type_name(r->type));
	json_kv_str(w, "gateway", gateway);
	json_kv_str(w, "interface", names_of(names, r->ifid));
	json_kv_u64(w, "distance", r->distance);
	json_kv_bool(w, "active", r->active);
	json_kv_u64(w, "vrf", r->vrf);
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
	return (int)a->distance - (int)b->distance;
}

static bool covers(const struct pix_route *r, u32 addr)
{
	return r->len <= 32 && ((pix_ip_to4(r->addr) ^ addr) & netaddr_mask(r->len)) == 0;
}

/* Length of the longest active match of an address; -1: none. */
static int longest(const struct pix_route *r, u32 n, u32 addr)
{
	int len = -1;

	for (u32 i = 0; i < n; i++)
		if (r[i].active && covers(&r[i], addr) && r[i].len > len)
			len = r[i].len;
	return len;
}

static int build_routes(struct session *s, const struct args *a, struct json_writer *w)
{
	const char *which = args_get(a, "show ip route <prefix>");
	struct pix_route *r;
	void *array;
	u32 n, addr = 0;
	u8 len = 0;
	int want = -1;

	if (show_list(s, PIX_LIST_ROUTE, sizeof(*r), &array, &n))
		return -1;
	r = array;
	if (n)
		qsort(r, n, sizeof(*r), route_order);
	if (which && netaddr_parse_iface(which, &addr, &len) == 0)
		want = len;
	else if (which && netaddr_parse_v4(which, &addr) == 0)
		want = longest(r, n, addr);
	struct names *names = names_read();
	json_object(w);
	json_key(w, "routes");
	json_array(w);
	for (u32 i = 0; i < n; i++)
		if (!which || (r[i].len == want && covers(&r[i], addr)))
			put_route(w, &r[i], names);
	json_end(w);
	json_end(w);
	names_free(names);
	free(r);
	return 0;
}

static void render_routes(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { "",         "prefix",    "protocol", ">distance",
					       "next hop", "interface", NULL };
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(r, json_get(doc, "routes"))
	{
		const char *type = json_get_str(r, "type", ""),
			   *gateway = json_get_str(r, "gateway", "");

		table_str(&t, json_get_bool(r, "active", false) ? "*" : "");
		table_str(&t, json_get_str(r, "prefix", ""));
		table_str(&t, json_get_str(r, "protocol", ""));
		table_u64(&t, json_get_u64(r, "distance", 0));
		table_str(&t, strcmp(type, "forward") != 0 ? type
			      : *gateway                   ? gateway
			      : strcmp(json_get_str(r, "protocol", ""), "local") == 0
				      ? "this router"
				      : "direct");
		table_str(&t, json_get_str(r, "interface", ""));
	}
	table_end(&t, out, "no route");
}

const struct show show_routes = { build_routes, render_routes };

static int build_arp(struct session *s, const struct args *a, struct json_writer *w)
{
	struct json_doc doc = { 0 };
	int r = rpc_query("arpd.sock", "{\"cmd\":\"show arp\"}", &doc, ARPD_TIMEOUT_MS);
	const char *error = json_get_str(doc.root, "error", NULL);

	(void)a;
	if (!r && json_get(doc.root, "arp"))
		json_value(w, doc.root);
	else if (error)
		session_fail(s, "arpd: %s", error);
	else
		session_fail(s, "arpd does not answer: %s", r ? strerror(-r) : "unexpected reply");
	r = r || !json_get(doc.root, "arp") ? -1 : 0;
	json_doc_free(&doc);
	return r;
}

static void render_arp(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = {
		"address", "mac", "interface", "state", ">age", NULL
	};
	static const char *const keys[] = { "address", "mac", "interface", "state", NULL };
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(n, json_get(doc, "arp"))
	{
		table_keys(&t, n, keys);
		table_printf(&t, "%llu s", (unsigned long long)json_get_u64(n, "age_s", 0));
	}
	table_end(&t, out, "no neighbours");
}

const struct show show_arp = { build_arp, render_arp };

static int build_mac(struct session *s, const struct args *a, struct json_writer *w)
{
	char mac[NETADDR_MAC];
	void *array;
	u32 n;

	(void)a;
	if (show_list(s, PIX_LIST_MAC, sizeof(struct pix_mac), &array, &n))
		return -1;
	struct names *names = names_read();
	json_object(w);
	json_key(w, "macs");
	json_array(w);
	for (u32 i = 0; i < n; i++) {
		const struct pix_mac *m = (struct pix_mac *)array + i;

		json_object(w);
		json_key(w, "bridge");
		json_printf(w, "br%d", (int)m->bridge - 1);
		json_kv_str(w, "mac", netaddr_print_mac(mac, m->mac));
		json_kv_str(w, "interface", names_of(names, m->ifid));
		json_kv_u64(w, "age_s", m->age_s);
		json_end(w);
	}
	json_end(w);
	json_end(w);
	names_free(names);
	free(array);
	return 0;
}

static void render_mac(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { "bridge", "mac", "interface", ">age", NULL };
	static const char *const keys[] = { "bridge", "mac", "interface", NULL };
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(n, json_get(doc, "macs"))
	{
		table_keys(&t, n, keys);
		table_printf(&t, "%llu s", (unsigned long long)json_get_u64(n, "age_s", 0));
	}
	table_end(&t, out, "no station learned");
}

const struct show show_mac = { build_mac, render_mac };

static int build_bridges(struct session *s, const struct args *a, struct json_writer *w)
{
	void *array;
	u32 n;

	(void)a;
	if (show_list(s, PIX_LIST_BRIDGE, sizeof(struct pix_bridge), &array, &n))
		return -1;
	json_object(w);
	json_key(w, "bridges");
	json_array(w);
	for (u32 i = 0; i < n; i++) {
		const struct pix_bridge *b = (struct pix_bridge *)array + i;

		json_object(w);
		json_key(w, "name");
		json_printf(w, "br%d", (int)b->id - 1);
		json_kv_u64(w, "owner", b->owner);
		json_kv_u64(w, "ageing_s", b->ageing_s);
		json_kv_u64(w, "members", b->members);
		json_kv_u64(w, "macs", b->macs);
		json_end(w);
	}
	json_end(w);
	json_end(w);
	free(array);
	return 0;
}

static void render_bridges(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { "bridge",  ">ports",     ">stations",
					       ">ageing", ">owner QGM", NULL };
	static const char *const keys[] = { "name", "members", "macs", NULL };
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(b, json_get(doc, "bridges"))
	{
		table_keys(&t, b, keys);
		table_printf(&t, "%llu s", (unsigned long long)json_get_u64(b, "ageing_s", 0));
		table_u64(&t, json_get_u64(b, "owner", 0));
	}
	table_end(&t, out, "no bridges");
}

const struct show show_bridges = { build_bridges, render_bridges };
