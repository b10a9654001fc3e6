// SPDX-License-Identifier: MIT
/*
 * show conservation: no unexplained packet. A numbered snapshot of all QGMs, then three laws:
 *
 *	per QGM     rx + ring_in + made + copies = tx + ring_out + drops + consumed + held
 *	per port    the differences of all ports add up to the packets in rings between QGMs
 *	per pool    free + in_nic + in_rings + held = size
 */
#include "apps/pash/show.h"

#include "apps/lib/pixdev.h"
#include "apps/pash/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct verdict {
	struct text why;
	s64 port_sum;
	unsigned long long lost;
};

static void blame(struct verdict *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void blame(struct verdict *v, const char *fmt, ...)
{
	char buf[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	text_printf(&v->why, "%s%s", v->why.len ? "; " : "", buf);
}

static int put_qgms(struct session *s, struct json_writer *w, struct verdict *v)
{
	void *array;
	u32 n;

	if (show_list(s, PIX_LIST_CONSERVATION, sizeof(struct pix_conservation), &array, &n))
		return -1;
	json_key(w, "qgms");
	json_array(w);
	for (u32 i = 0; i < n; i++) {
		const struct pix_conservation *c = (struct pix_conservation *)array + i;
		u64 left = c->rx + c->ring_in + c->made + c->copies;
		u64 right = c->tx + c->ring_out + c->drops + c->consumed + c->held;

		json_object(w);
		json_kv_u64(w, "qgm", c->qgm);
		json_kv_u64(w, "rx", c->rx);
		json_kv_u64(w, "ring_in", c->ring_in);
		json_kv_u64(w, "made", c->made);
		json_kv_u64(w, "copies", c->copies);
		json_kv_u64(w, "tx", c->tx);
		json_kv_u64(w, "ring_out", c->ring_out);
		json_kv_u64(w, "drops", c->drops);
		json_kv_u64(w, "consumed", c->consumed);
		json_kv_u64(w, "held", c->held);
		json_kv_s64(w, "difference", (s64)(left - right));
		json_end(w);
		if (left != right)
			blame(v, "qgm %u: difference %lld", c->qgm, (long long)(left - right));
		else if (c->difference)
			blame(v, "qgm %u: reports difference %lld", c->qgm,
			      (long long)c->difference);
	}
	json_end(w);
	free(array);
	return 0;
}

static int put_ports(struct session *s, struct json_writer *w, struct verdict *v)
{
	void *array;
	u32 n;

	if (show_list(s, PIX_LIST_PORT_LAW, sizeof(struct pix_port_law), &array, &n))
		return -1;
	json_key(w, "ports");
	json_array(w);
	for (u32 i = 0; i < n; i++) {
		struct pix_port_law *p = (struct pix_port_law *)array + i;

		p->name[PIX_NAME - 1] = 0;
		json_object(w);
		json_kv_u64(w, "port", p->port);
		json_kv_str(w, "name", p->name);
		json_kv_u64(w, "rx", p->rx);
		json_kv_u64(w, "copies", p->copies);
		json_kv_u64(w, "tx", p->tx);
		json_kv_u64(w, "dropped", p->dropped);
		json_kv_u64(w, "consumed", p->consumed);
		json_kv_u64(w, "held", p->held);
		json_kv_s64(w, "difference", p->difference);
		json_end(w);
		v->port_sum += p->difference;
	}
	json_end(w);
	free(array);
	return 0;
}

/* All buffers as one, with where they are. */
static void put_all(struct json_writer *w, const struct pix_pool *p, unsigned long long *lost)
{
	s64 difference = (s64)p->size - p->free - p->in_nic - p->in_rings - p->held;

	json_object(w);
	json_kv_u64(w, "id", p->id);
	json_kv_u64(w, "node", p->node);
	json_kv_u64(w, "buf_size", p->buf_size);
	json_kv_u64(w, "size", p->size);
	json_kv_u64(w, "free", p->free);
	json_kv_u64(w, "in_nic", p->in_nic);
	json_kv_u64(w, "in_rings", p->in_rings);
	json_kv_u64(w, "held", p->held);
	json_kv_s64(w, "difference", difference);
	json_end(w);
	if (lost && difference)
		*lost += (unsigned long long)(difference < 0 ? -difference : difference);
}

static void put_class(struct json_writer *w, const struct pix_pool *p)
{
	json_object(w);
	json_kv_u64(w, "node", p->node);
	json_kv_u64(w, "buf_size", p->buf_size);
	json_kv_u64(w, "size", p->size);
	json_kv_u64(w, "free", p->free);
	json_kv_u64(w, "used", p->size - p->free);
	json_end(w);
}

int show_pools(struct session *s, struct json_writer *w, unsigned long long *lost)
{
	void *array;
	u32 n;

	if (show_list(s, PIX_LIST_POOL, sizeof(struct pix_pool), &array, &n))
		return -1;
	json_key(w, "pools");
	json_array(w);
	if (n)
		put_all(w, array, lost);
	json_end(w);
	json_key(w, "classes");
	json_array(w);
	for (u32 i = 1; i < n; i++)
		put_class(w, (struct pix_pool *)array + i);
	json_end(w);
	free(array);
	return 0;
}

static void put_verdict(struct json_writer *w, const struct pix_snapshot *snap, struct verdict *v)
{
	if (snap->missing)
		blame(v, "%u QGM%s did not answer", snap->missing, snap->missing == 1 ? "" : "s");
	if (v->lost || snap->buffers_lost)
		blame(v, "%llu buffers unaccounted for", v->lost ? v->lost : snap->buffers_lost);
	if (v->port_sum != (s64)snap->in_rings)
		blame(v, "ports miss %lld packets, rings hold %lld", (long long)v->port_sum,
		      (long long)snap->in_rings);
	if (!v->why.len && snap->violations)
		blame(v, "the kernel counts %u violations", snap->violations);
	json_kv_bool(w, "holds", !v->why.len);
	json_kv_str(w, "why", text_str(&v->why));
	json_kv_u64(w, "seq", snap->seq);
	json_kv_u64(w, "answered", snap->qgms);
	json_kv_u64(w, "missing", snap->missing);
	json_kv_s64(w, "in_rings", (s64)snap->in_rings);
	json_kv_u64(w, "violations", snap->violations);
	json_kv_u64(w, "buffers_lost", snap->buffers_lost);
}

static int build_conservation(struct session *s, const struct args *a, struct json_writer *w)
{
	struct pix_snapshot snap;
	struct verdict v = { 0 };
	int r = pixdev_snapshot(&snap);

	(void)a;
	if (r) {
		session_fail(s, "cannot take a snapshot: /dev/pix/stat: %s", strerror(-r));
		return -1;
	}
	json_object(w);
	json_key(w, "conservation");
	json_object(w);
	r = put_qgms(s, w, &v) || put_ports(s, w, &v) || show_pools(s, w, &v.lost) ? -1 : 0;
	if (!r)
		put_verdict(w, &snap, &v);
	json_end(w);
	json_end(w);
	text_free(&v.why);
	return r;
}

void render_pools(const struct json *doc, struct text *out)
{
	static const char *const headers[] = { ">buffers", ">free",       ">in NICs", ">in rings",
					       ">held",    ">difference", NULL };
	static const char *const keys[] = { "size", "free",       "in_nic", "in_rings",
					    "held", "difference", NULL };
	static const char *const class_headers[] = { ">node",   ">bytes", ">buffers",
						     ">in use", ">free",  NULL };
	static const char *const class_keys[] = {
		"node", "buf_size", "size", "used", "free", NULL
	};
	struct table t;

	table_begin(&t, headers);
	json_foreach(p, json_get(doc, "pools")) table_keys(&t, p, keys);
	table_end(&t, out, "no buffer pools");
	text_putc(out, '\n');
	table_begin(&t, class_headers);
	json_foreach(p, json_get(doc, "classes")) table_keys(&t, p, class_keys);
	table_end(&t, out, NULL);
}

static void render_conservation(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const qgm_headers[] = {
		">qgm",      ">rx",    ">ring in",  ">made", ">copies",     "=", ">tx",
		">ring out", ">drops", ">consumed", ">held", ">difference", NULL
	};
	static const char *const left[] = { "qgm", "rx", "ring_in", "made", "copies", NULL };
	static const char *const right[] = { "tx",   "ring_out",   "drops", "consumed",
					     "held", "difference", NULL };
	static const char *const port_headers[] = { "port",        ">rx",      ">copies",   "=",
						    ">tx",         ">dropped", ">consumed", ">held",
						    ">difference", NULL };
	static const char *const port_left[] = { "name", "rx", "copies", NULL };
	static const char *const port_right[] = { "tx",   "dropped",    "consumed",
						  "held", "difference", NULL };
	const struct json *c = json_get(doc, "conservation");
	struct table t;

	(void)a;
	table_begin(&t, qgm_headers);
	json_foreach(q, json_get(c, "qgms"))
	{
		table_keys(&t, q, left);
		table_str(&t, "=");
		table_keys(&t, q, right);
	}
	table_end(&t, out, "no QGM answered");
	text_putc(out, '\n');
	table_begin(&t, port_headers);
	json_foreach(p, json_get(c, "ports"))
	{
		table_keys(&t, p, port_left);
		table_str(&t, "=");
		table_keys(&t, p, port_right);
	}
	table_end(&t, out, "no ports");
	text_putc(out, '\n');
	render_pools(c, out);
	uint64_t answered = json_get_u64(c, "answered", 0);

	text_printf(out,
		    "\nsnapshot %llu, %llu QGM%s answered, %lld packets in rings between QGMs\n",
		    (unsigned long long)json_get_u64(c, "seq", 0), (unsigned long long)answered,
		    answered == 1 ? "" : "s", (long long)json_get_s64(c, "in_rings", 0));
	if (json_get_bool(c, "holds", false))
		text_puts(out, "conservation: holds\n");
	else
		text_printf(out, "conservation: VIOLATED (%s)\n", json_get_str(c, "why", ""));
}

const struct show show_conservation = { build_conservation, render_conservation };
