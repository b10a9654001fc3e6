// SPDX-License-Identifier: MIT
/* show arp, neighbors, router-advertisement, mac, bridges. */
#include "apps/pash/show.h"

#include "apps/lib/netaddr.h"
#include "apps/lib/rpc.h"
#include "apps/pash/table.h"
#include "libc/include/pix/dev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARPD_TIMEOUT_MS 3000

/* arpd's answer to {"cmd":CMD[,"interface":NAME]} is the document; `key` has to be in it. */
static int ask_arpd(struct session *s, const char *cmd, const char *interface, const char *key,
		    struct json_writer *w)
{
	struct json_doc doc = { 0 };
	struct json_writer q;
	const char *error;
	int r;

	json_begin(&q, 1024);
	json_object(&q);
	json_kv_str(&q, "cmd", cmd);
	if (interface)
		json_kv_str(&q, "interface", interface);
	json_end(&q);
	r = json_finish(&q) ? rpc_query("arpd.sock", json_finish(&q), &doc, ARPD_TIMEOUT_MS)
			    : -ENOMEM;
	json_free(&q);
	error = json_get_str(doc.root, "error", NULL);
	if (!r && json_get(doc.root, key))
		json_value(w, doc.root);
	else if (error)
		session_fail(s, "arpd: %s", error);
	else
		session_fail(s, "arpd does not answer: %s", r ? strerror(-r) : "unexpected reply");
	r = r || !json_get(doc.root, key) ? -1 : 0;
	json_doc_free(&doc);
	return r;
}

static int build_arp(struct session *s, const struct args *a, struct json_writer *w)
{
	(void)a;
	return ask_arpd(s, "show arp", NULL, "arp", w);
}

static int build_neighbors(struct session *s, const struct args *a, struct json_writer *w)
{
	return ask_arpd(s, "show neighbors", args_get(a, "show neighbors <interface>"), "neighbors",
			w);
}

/* Of both: the table is the only member. */
static void render_neighbors(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { "address", "mac", "interface", "state",
					       ">age",    "",    NULL };
	static const char *const keys[] = { "address", "mac", "interface", "state", NULL };
	const struct json *list = json_get(doc, "neighbors");
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(n, list ? list : json_get(doc, "arp"))
	{
		table_keys(&t, n, keys);
		table_printf(&t, "%llu s", (unsigned long long)json_get_u64(n, "age_s", 0));
		table_str(&t, json_get_bool(n, "router", false) ? "router" : "");
	}
	table_end(&t, out, "no neighbours");
}

const struct show show_arp = { build_arp, render_neighbors };
const struct show show_neighbors = { build_neighbors, render_neighbors };

static int build_ra(struct session *s, const struct args *a, struct json_writer *w)
{
	return ask_arpd(s, "show router-advertisement",
			args_get(a, "show router-advertisement <interface>"),
			"router_advertisements", w);
}

static void put_list(struct text *out, const char *label, const struct json *list)
{
	unsigned n = 0;

	json_foreach(v, list) text_printf(out, "%s%s", n++ ? ", " : label, v->str);
	if (n)
		text_putc(out, '\n');
}

static void render_ra(const struct json *doc, const struct args *a, struct text *out)
{
	bool any = false;

	(void)a;
	json_foreach(r, json_get(doc, "router_advertisements"))
	{
		any = true;
		text_printf(out,
			    "%s %s: every %llu s, lifetime %llu s, preference %s%s%s\n"
			    "  sent %llu, solicited %llu, next in %llu s\n",
			    json_get_str(r, "interface", ""),
			    json_get_bool(r, "active", false) ? "advertises" : "is silent",
			    (unsigned long long)json_get_u64(r, "interval_s", 0),
			    (unsigned long long)json_get_u64(r, "lifetime_s", 0),
			    json_get_str(r, "preference", ""),
			    json_get_bool(r, "managed", false) ? ", managed" : "",
			    json_get_bool(r, "other", false) ? ", other" : "",
			    (unsigned long long)json_get_u64(r, "sent", 0),
			    (unsigned long long)json_get_u64(r, "solicited", 0),
			    (unsigned long long)json_get_u64(r, "next_in_s", 0));
		put_list(out, "  prefixes ", json_get(r, "prefixes"));
		put_list(out, "  name servers ", json_get(r, "dns"));
	}
	if (!any)
		text_puts(out, "no interface advertises\n");
}

const struct show show_ra = { build_ra, render_ra };

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
		json_kv_u64(w, "vlan", m->vid);
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
	static const char *const headers[] = {
		"bridge", ">vlan", "mac", "interface", ">age", NULL
	};
	static const char *const keys[] = { "mac", "interface", NULL };
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(n, json_get(doc, "macs"))
	{
		unsigned long long vlan = json_get_u64(n, "vlan", 0);

		table_str(&t, json_get_str(n, "bridge", ""));
		if (vlan)
			table_u64(&t, vlan);
		else
			table_str(&t, "");
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
		json_kv_u64(w, "mac_limit", b->mac_limit);
		json_kv_u64(w, "members", b->members);
		json_kv_u64(w, "macs", b->macs);
		json_kv_u64(w, "refused_full", b->refused[PIX_REFUSED_FULL]);
		json_kv_u64(w, "refused_port_limit", b->refused[PIX_REFUSED_PORT]);
		json_kv_u64(w, "refused_bridge_limit", b->refused[PIX_REFUSED_BRIDGE]);
		json_end(w);
	}
	json_end(w);
	json_end(w);
	free(array);
	return 0;
}

static void render_bridges(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = {
		"bridge",      ">ports",        ">stations", ">limit",     ">refused: full",
		">port limit", ">bridge limit", ">ageing",   ">owner QGM", NULL
	};
	static const char *const refused[] = { "refused_full", "refused_port_limit",
					       "refused_bridge_limit", NULL };
	static const char *const keys[] = { "name", "members", "macs", NULL };
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(b, json_get(doc, "bridges"))
	{
		unsigned long long limit = json_get_u64(b, "mac_limit", 0);

		table_keys(&t, b, keys);
		if (limit)
			table_u64(&t, limit);
		else
			table_str(&t, "");
		table_keys(&t, b, refused);
		table_printf(&t, "%llu s", (unsigned long long)json_get_u64(b, "ageing_s", 0));
		table_u64(&t, json_get_u64(b, "owner", 0));
	}
	table_end(&t, out, "no bridges");
}

const struct show show_bridges = { build_bridges, render_bridges };
