// SPDX-License-Identifier: MIT
/* What init and arpd know: services and their restarts, ARP counters and conflicts. */
#include "apps/pash/show.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "apps/lib/rpc.h"
#include "apps/pash/commands.h"
#include "apps/pash/table.h"

enum { TIMEOUT_MS = 3000 };

/* Asks the daemon behind a socket. 0 with doc (to be freed by the caller in any case), or -1 after
 * session_fail() when it does not answer, or answers with an error. */
static int ask(struct session *s, const char *socket_name, const char *request,
	       struct json_doc *doc)
{
	int r = rpc_query(socket_name, request, doc, TIMEOUT_MS);
	const char *error = json_get_str(doc->root, "error", NULL);

	if (r)
		session_fail(s, "%.*s does not answer: %s", (int)strcspn(socket_name, "."),
			     socket_name, strerror(-r));
	else if (error)
		session_fail(s, "%s", error);
	return r || error ? -1 : 0;
}

/* The daemon's answer is the document. */
static int pass_on(struct session *s, const char *socket_name, const char *request,
		   struct json_writer *w)
{
	struct json_doc doc = { 0 };
	int r = ask(s, socket_name, request, &doc);

	if (!r)
		json_value(w, doc.root);
	json_doc_free(&doc);
	return r;
}

static int build_services(struct session *s, const struct args *a, struct json_writer *w)
{
	(void)a;
	return pass_on(s, "init.sock", "{\"cmd\":\"show services\"}", w);
}

/* How it ended last time: "", "status 1", "signal 11 (Segmentation fault)". */
static void put_end(struct table *t, const struct json *service)
{
	int status = (int)json_get_s64(service, "last_status", 0);

	if (json_get_u64(service, "restarts", 0) == 0)
		table_str(t, "");
	else if (WIFSIGNALED(status))
		table_printf(t, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		table_printf(t, "status %d", WEXITSTATUS(status));
}

static void render_services(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { "service",   "program",  ">pid", ">up",
					       ">restarts", "last end", NULL };
	static const char *const keys[] = { "name", "program", "pid", NULL };
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(n, json_get(doc, "services"))
	{
		table_keys(&t, n, keys);
		table_printf(&t, "%llu s", (unsigned long long)json_get_u64(n, "uptime_s", 0));
		table_u64(&t, json_get_u64(n, "restarts", 0));
		put_end(&t, n);
	}
	table_end(&t, out, "no services");
}

const struct show show_services = { build_services, render_services };

static int build_arp_counters(struct session *s, const struct args *a, struct json_writer *w)
{
	(void)a;
	return pass_on(s, "arpd.sock", "{\"cmd\":\"show arp counters\"}", w);
}

static void render_arp_counters(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { ">count", "what", NULL };
	static const char *const keys[] = { "interface", "address", "rival", "count", NULL };
	static const char *const conflict_headers[] = { "interface", "address", "also used by",
							">seen", NULL };
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(c, json_get(doc, "arp_counters"))
	{
		if (c->type != JSON_INT || !c->magnitude)
			continue;
		table_u64(&t, c->magnitude);
		table_str(&t, c->key);
	}
	table_end(&t, out, "nothing counted");
	if (!json_at(json_get(doc, "conflicts"), 0))
		return;
	text_printf(out, "\n");
	table_begin(&t, conflict_headers);
	json_foreach(c, json_get(doc, "conflicts")) table_keys(&t, c, keys);
	table_end(&t, out, "");
}

const struct show show_arp_counters = { build_arp_counters, render_arp_counters };

void cmd_restart(struct session *s, const struct args *a)
{
	struct json_doc doc = { 0 };
	struct json_writer q;

	json_begin(&q, 1024);
	json_object(&q);
	json_kv_str(&q, "cmd", "restart");
	json_kv_str(&q, "service", a->value[0]);
	json_end(&q);
	if (json_finish(&q))
		ask(s, "init.sock", json_finish(&q), &doc);
	json_doc_free(&doc);
	json_free(&q);
}

void cmd_clear_arp(struct session *s, const struct args *a)
{
	struct json_doc doc = { 0 };

	(void)a;
	if (!ask(s, "arpd.sock", "{\"cmd\":\"clear arp\"}", &doc))
		text_printf(&s->out, "%llu neighbours forgotten\n",
			    (unsigned long long)json_get_u64(doc.root, "cleared", 0));
	json_doc_free(&doc);
}
