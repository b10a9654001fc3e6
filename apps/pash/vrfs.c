// SPDX-License-Identifier: MIT
/* VRFs by name and number, and show vrfs. */
#include "apps/pash/vrfs.h"

#include "apps/pash/confd.h"
#include "apps/pash/show.h"
#include "apps/pash/table.h"
#include "libc/include/pix/dev.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vrfs_read(struct session *s, struct json_doc *doc)
{
	if (confd_call(s, "{\"op\":\"vrfs\"}", doc))
		memset(doc, 0, sizeof(*doc));
}

const char *vrfs_name(const struct json_doc *vrfs, unsigned table)
{
	json_foreach(v, json_get(vrfs->root, "vrfs"))
	{
		if (json_get_u64(v, "table", 0) == table)
			return json_get_str(v, "name", "");
	}
	return "";
}

int vrfs_table(const struct json_doc *vrfs, const char *name)
{
	if (!name || strcmp(name, "default") == 0)
		return 0;
	if (strcmp(name, "all") == 0)
		return ALL_VRFS;
	json_foreach(v, json_get(vrfs->root, "vrfs"))
	{
		if (strcmp(json_get_str(v, "name", ""), name) == 0)
			return (int)json_get_u64(v, "table", 0);
	}
	return NO_VRF;
}

const char *vrf_names_of(struct session *s, unsigned table)
{
	static char name[PIX_NAME];
	struct json_doc doc;

	if (!table)
		return "";
	vrfs_read(s, &doc);
	snprintf(name, sizeof(name), "%s", vrfs_name(&doc, table));
	json_doc_free(&doc);
	return name;
}

/* --- show vrfs ------------------------------------------------------------------------------ */

/* What the engine has of all VRFs. */
struct used {
	void *iface, *route;
	unsigned ifaces, routes;
};

static void put_vrf(struct json_writer *w, const char *name, u64 number, const struct used *u)
{
	const struct pix_iface *i = u->iface;
	const struct pix_route *r = u->route;
	u64 active[2] = { 0, 0 };

	for (unsigned k = 0; k < u->routes; k++)
		if (r[k].vrf == number && r[k].active && !r[k].path)
			active[!pix_ip_is4(r[k].addr)]++;
	json_object(w);
	json_kv_str(w, "name", name);
	json_kv_u64(w, "table", number);
	json_kv_u64(w, "ipv4_routes", active[0]);
	json_kv_u64(w, "ipv6_routes", active[1]);
	json_key(w, "interfaces");
	json_array(w);
	for (unsigned k = 0; k < u->ifaces; k++)
		if (i[k].vrf == number)
			json_str(w, i[k].name);
	json_end(w);
	json_end(w);
}

static int build_vrfs(struct session *s, const struct args *a, struct json_writer *w)
{
	struct used u = { 0 };
	struct json_doc doc;
	int r = -1;

	(void)a;
	if (confd_call(s, "{\"op\":\"vrfs\"}", &doc) || !json_get(doc.root, "vrfs")) {
		session_fail(s, "confd does not answer");
		goto out;
	}
	if (show_list(s, PIX_LIST_IFACE, sizeof(struct pix_iface), &u.iface, &u.ifaces) ||
	    show_list(s, PIX_LIST_ROUTE, sizeof(struct pix_route), &u.route, &u.routes))
		goto out;
	json_object(w);
	json_key(w, "vrfs");
	json_array(w);
	json_foreach(v, json_get(doc.root, "vrfs"))
		put_vrf(w, json_get_str(v, "name", ""), json_get_u64(v, "table", 0), &u);
	json_end(w);
	json_end(w);
	r = 0;
out:
	free(u.iface);
	free(u.route);
	json_doc_free(&doc);
	return r;
}

static void render_vrfs(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { "vrf",          ">table",     ">IPv4 routes",
					       ">IPv6 routes", "interfaces", NULL };
	static const char *const keys[] = { "name", "table", "ipv4_routes", "ipv6_routes", NULL };
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(v, json_get(doc, "vrfs"))
	{
		bool any = false;

		table_keys(&t, v, keys);
		json_foreach(i, json_get(v, "interfaces"))
		{
			for (unsigned k = 0; any && k < 4; k++) /* one more row */
				table_str(&t, "");
			table_str(&t, i->str);
			any = true;
		}
		if (!any)
			table_str(&t, "");
	}
	table_end(&t, out, "no VRF but the default one");
}

const struct show show_vrfs = { build_vrfs, render_vrfs };
