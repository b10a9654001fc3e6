// SPDX-License-Identifier: MIT
/* show steering: who works on what a port receives, and the rules for single flows. */
#include "apps/pash/show.h"

#include "apps/lib/netaddr.h"
#include "apps/pash/table.h"
#include "libc/include/pix/dev.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QGMS = 64 };

static const char *mode_name(u16 mode)
{
	static const char *const names[] = { "run-to-completion", "rps", "pipeline", "default" };

	return mode < 4 ? names[mode] : "";
}

static void put_steer(struct json_writer *w, const struct pix_steer *p, const struct names *names)
{
	unsigned share[256] = { 0 };

	for (unsigned i = 0; i < PIX_STEER_BUCKETS; i++)
		share[p->bucket[i]]++;
	json_object(w);
	json_kv_str(w, "port", p->port ? names_of(names, p->port) : "default");
	json_kv_str(w, "mode", mode_name(p->mode));
	json_kv_bool(w, "own", p->own);
	json_key(w, "workers");
	json_array(w);
	for (unsigned i = 0; i < QGMS; i++)
		if (p->workers >> i & 1)
			json_u64(w, i);
	json_end(w);
	json_key(w, "buckets");
	json_array(w);
	for (unsigned i = 0; i < 256 && p->mode != PIX_STEER_RTC && p->port; i++) {
		if (!share[i])
			continue;
		json_object(w);
		json_kv_u64(w, "qgm", i);
		json_kv_u64(w, "count", share[i]);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

static int build_steering(struct session *s, const struct args *a, struct json_writer *w)
{
	void *array;
	u32 n;

	(void)a;
	if (show_list(s, PIX_LIST_STEER, sizeof(struct pix_steer), &array, &n))
		return -1;
	struct names *names = names_read();
	json_object(w);
	json_key(w, "steering");
	json_array(w);
	for (u32 i = 0; i < n; i++)
		put_steer(w, (struct pix_steer *)array + i, names);
	json_end(w);
	json_end(w);
	names_free(names);
	free(array);
	return 0;
}

/* "0, 1, 2" of numbers, or of the pairs of buckets. */
static void list_cell(struct table *t, const struct json *list)
{
	char text[160] = "";
	size_t n = 0;

	json_foreach(v, list)
	{
		if (n + 24 >= sizeof(text))
			break;
		if (n)
			n += (size_t)snprintf(text + n, sizeof(text) - n, ", ");
		if (v->type == JSON_OBJECT)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%llu: %llu",
					      (unsigned long long)json_get_u64(v, "qgm", 0),
					      (unsigned long long)json_get_u64(v, "count", 0));
		else
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%llu",
					      (unsigned long long)v->magnitude);
	}
	table_str(t, text);
}

static void render_steering(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { "port", "mode", "workers", "buckets by QGM", NULL };
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(p, json_get(doc, "steering"))
	{
		table_str(&t, json_get_str(p, "port", ""));
		table_printf(&t, "%s%s", json_get_str(p, "mode", ""),
			     json_get_bool(p, "own", true) ||
					     strcmp(json_get_str(p, "port", ""), "default") == 0
				     ? ""
				     : " (default)");
		list_cell(&t, json_get(p, "workers"));
		list_cell(&t, json_get(p, "buckets"));
	}
	table_end(&t, out, "no ports");
}

const struct show show_steering = { build_steering, render_steering };

static void put_flow(struct json_writer *w, const struct pix_flow *f, const struct names *names)
{
	char buf[NETADDR_IP];

	json_object(w);
	json_kv_str(w, "source", netaddr_print_ip(buf, f->src));
	json_kv_str(w, "destination", netaddr_print_ip(buf, f->dst));
	json_kv_u64(w, "protocol", f->proto);
	json_kv_u64(w, "source_port", f->sport);
	json_kv_u64(w, "destination_port", f->dport);
	json_kv_u64(w, "qgm", f->qgm);
	json_kv_str(w, "applied_by", f->ports ? "hardware" : "software");
	json_key(w, "hardware");
	json_array(w);
	for (u16 i = 1; i < 64; i++)
		if (f->ports >> i & 1)
			json_str(w, names_of(names, i));
	json_end(w);
	json_kv_u64(w, "hits", f->hits);
	json_end(w);
}

static int build_flows(struct session *s, const struct args *a, struct json_writer *w)
{
	void *array;
	u32 n;

	(void)a;
	if (show_list(s, PIX_LIST_FLOW, sizeof(struct pix_flow), &array, &n))
		return -1;
	struct names *names = names_read();
	json_object(w);
	json_key(w, "flows");
	json_array(w);
	for (u32 i = 0; i < n; i++)
		put_flow(w, (struct pix_flow *)array + i, names);
	json_end(w);
	json_end(w);
	names_free(names);
	free(array);
	return 0;
}

/* What a rule does not look at is a star. */
static void cell(struct table *t, const struct json *f, const char *key)
{
	const char *text = json_get_str(f, key, NULL);
	unsigned long long v = json_get_u64(f, key, 0);

	if (text && *text)
		table_str(t, text);
	else if (!text && v)
		table_u64(t, v);
	else
		table_str(t, "*");
}

/* "hardware: eth0, eth4", those ports whose NIC has the rule; or "software". */
static void applied_by(struct table *t, const struct json *f)
{
	char text[160];
	size_t n = (size_t)snprintf(text, sizeof(text), "%s", json_get_str(f, "applied_by", ""));
	const char *between = ": ";

	json_foreach(v, json_get(f, "hardware"))
	{
		const char *name = v->type == JSON_STRING ? v->str : "";

		if (n + strlen(name) + 4 >= sizeof(text))
			break;
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", between, name);
		between = ", ";
	}
	table_str(t, text);
}

static void render_flows(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { "source",
					       "destination",
					       ">protocol",
					       ">source port",
					       ">destination port",
					       ">QGM",
					       "applied by",
					       ">hits",
					       NULL };
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(f, json_get(doc, "flows"))
	{
		cell(&t, f, "source");
		cell(&t, f, "destination");
		cell(&t, f, "protocol");
		cell(&t, f, "source_port");
		cell(&t, f, "destination_port");
		table_u64(&t, json_get_u64(f, "qgm", 0));
		applied_by(&t, f);
		table_u64(&t, json_get_u64(f, "hits", 0));
	}
	table_end(&t, out, "no flow rules");
}

const struct show show_flows = { build_flows, render_flows };
