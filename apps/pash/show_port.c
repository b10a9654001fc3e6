// SPDX-License-Identifier: MIT
/*
 * What the driver of a port tells besides the counters that all ports have: show interfaces X
 * detail (queues, module, statistics by the names of the data sheet) and show interfaces X
 * registers (read for this, by the QGM that owns the port).
 */
#include "apps/pash/show.h"

#include "apps/lib/pixdev.h"
#include "apps/pash/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void kv_text(struct json_writer *w, const char *key, const char *s, size_t room)
{
	json_key(w, key);
	json_strn(w, s, strnlen(s, room));
}

/* --- detail ---------------------------------------------------------------------------------- */

static void put_queues(struct json_writer *w, const struct pix_port *p)
{
	u32 n = p->rx_queues > p->tx_queues ? p->rx_queues : p->tx_queues;

	json_key(w, "queues");
	json_array(w);
	for (u32 i = 0; i < n && i < PIX_PORT_QUEUES; i++) {
		json_object(w);
		json_kv_u64(w, "queue", i);
		json_kv_u64(w, "qgm", p->queue_qgm[i]);
		json_kv_bool(w, "rx", i < p->rx_queues);
		json_kv_bool(w, "tx", i < p->tx_queues);
		json_kv_bool(w, "can_wake", p->wake_queues >> i & 1);
		json_end(w);
	}
	json_end(w);
	json_kv_u64(w, "irq_interval_us", p->irq_interval);
	json_kv_u64(w, "flow_slots", p->flow_slots);
	json_kv_u64(w, "flows_used", p->flows_used);
}

static void put_module(struct json_writer *w, const struct pix_module *m)
{
	json_key(w, "module");
	if (!m->present) {
		json_null(w);
		return;
	}
	json_object(w);
	json_kv_u64(w, "identifier", m->identifier);
	kv_text(w, "type", m->type, sizeof(m->type));
	kv_text(w, "vendor", m->vendor, sizeof(m->vendor));
	kv_text(w, "part", m->part, sizeof(m->part));
	kv_text(w, "serial", m->serial, sizeof(m->serial));
	kv_text(w, "revision", m->revision, sizeof(m->revision));
	kv_text(w, "warning", m->warning, sizeof(m->warning));
	json_end(w);
}

void put_port_detail(struct session *s, struct json_writer *w, const struct pix_port *p)
{
	struct pix_statistic *stat = NULL;
	void *array = NULL;
	u32 n = 0;

	(void)s;
	put_queues(w, p);
	put_module(w, &p->module);
	json_key(w, "statistics");
	json_object(w);
	if (p->statistics &&
	    pixdev_list_port(PIX_LIST_STATISTIC, p->id, sizeof(*stat), &array, &n) == 0)
		stat = array;
	for (u32 i = 0; stat && i < n; i++) {
		stat[i].name[sizeof(stat[i].name) - 1] = 0;
		json_kv_u64(w, stat[i].name, stat[i].value);
	}
	json_end(w);
	free(array);
}

static void render_queues(const struct json *i, struct text *out)
{
	const struct json *queues = json_get(i, "queues");
	unsigned long long slots = json_get_u64(i, "flow_slots", 0);
	unsigned n = 0;

	text_printf(out, "  %-8s", "queues");
	json_foreach(q, queues)
	{
		bool rx = json_get_bool(q, "rx", false), tx = json_get_bool(q, "tx", false);

		text_printf(out, "%s %llu%s of QGM %llu%s", n++ ? "," : "",
			    (unsigned long long)json_get_u64(q, "queue", 0),
			    rx && tx ? ""
			    : rx     ? " (rx)"
				     : " (tx)",
			    (unsigned long long)json_get_u64(q, "qgm", 0),
			    json_get_bool(q, "can_wake", false) ? "" : " (polled)");
	}
	text_putc(out, '\n');
	if (json_get_u64(i, "irq_interval_us", 0))
		text_printf(out, "  %-8s at least %llu us apart\n", "wakes",
			    (unsigned long long)json_get_u64(i, "irq_interval_us", 0));
	if (slots)
		text_printf(out, "  %-8s %llu of %llu flow rules\n", "filters",
			    (unsigned long long)json_get_u64(i, "flows_used", 0), slots);
}

static void render_module(const struct json *m, struct text *out)
{
	const char *warning = json_get_str(m, "warning", "");

	text_printf(out, "  %-8s %s, %s %s, serial %s, revision %s\n", "module",
		    json_get_str(m, "type", ""), json_get_str(m, "vendor", ""),
		    json_get_str(m, "part", ""), json_get_str(m, "serial", ""),
		    json_get_str(m, "revision", ""));
	if (*warning)
		text_printf(out, "  %-8s %s\n", "warning", warning);
}

void render_port_detail(const struct json *i, struct text *out)
{
	static const char *const headers[] = { "  statistic", ">value", NULL };
	const struct json *stats = json_get(i, "statistics"), *module = json_get(i, "module");
	struct table t;

	if (!json_get(i, "queues"))
		return;
	render_queues(i, out);
	if (module && module->type == JSON_OBJECT)
		render_module(module, out);
	if (!stats || !stats->count)
		return;
	table_begin(&t, headers);
	json_foreach(v, stats)
	{
		table_printf(&t, "  %s", v->key);
		table_u64(&t, json_get_u64(stats, v->key, 0));
	}
	table_end(&t, out, "");
}

/* --- registers -------------------------------------------------------------------------------- */

/* The port of that name; 0 after a failure. */
static u16 find_port(struct session *s, const struct args *a, const char *name)
{
	void *array;
	u32 n;
	u16 id = 0;

	if (show_list(s, PIX_LIST_PORT, sizeof(struct pix_port), &array, &n))
		return 0;
	for (u32 i = 0; i < n; i++) {
		const struct pix_port *p = (const struct pix_port *)array + i;

		if (p->id && strncmp(p->name, name, PIX_NAME) == 0)
			id = p->id;
	}
	free(array);
	if (!id)
		session_fail_at(s, a->words->start[a->word[0]], "there is no port \"%.64s\"", name);
	return id;
}

static int read_registers(struct session *s, const char *name, u16 id, void **array, u32 *n)
{
	int r = pixdev_registers(id);

	if (r == -ENODEV || r == -ETIMEDOUT) {
		session_fail(s,
			     r == -ENODEV ? "the driver of %s names no registers"
					  : "the QGM of %s does not answer",
			     name);
		return -1;
	}
	if (!r)
		r = pixdev_list_port(PIX_LIST_REGISTER, id, sizeof(struct pix_register), array, n);
	if (r)
		session_fail(s, "cannot read the registers of %s: /dev/pix/stat: %s", name,
			     strerror(-r));
	return r ? -1 : 0;
}

static int build_registers(struct session *s, const struct args *a, struct json_writer *w)
{
	const char *name = args_get(a, "show interfaces <interface>");
	u16 id = find_port(s, a, name);
	void *array = NULL;
	u32 n = 0;

	if (!id || read_registers(s, name, id, &array, &n))
		return -1;
	json_object(w);
	json_kv_str(w, "name", name);
	json_key(w, "registers");
	json_array(w);
	for (u32 i = 0; i < n; i++) {
		const struct pix_register *r = (const struct pix_register *)array + i;

		json_object(w);
		kv_text(w, "name", r->name, sizeof(r->name));
		json_key(w, "offset");
		json_printf(w, "%05x", r->offset);
		json_key(w, "value");
		if (r->valid)
			json_printf(w, "%0*llx", 2 * r->bytes, (unsigned long long)r->value);
		else
			json_null(w);
		json_end(w);
	}
	json_end(w);
	json_end(w);
	free(array);
	return 0;
}

static void render_registers(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { "register", "offset", ">value", NULL };
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(r, json_get(doc, "registers"))
	{
		table_str(&t, json_get_str(r, "name", ""));
		table_str(&t, json_get_str(r, "offset", ""));
		table_str(&t, json_get_str(r, "value", "reading clears it"));
	}
	table_end(&t, out, "there are no registers");
}

const struct show show_registers = { build_registers, render_registers };
