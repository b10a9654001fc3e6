// SPDX-License-Identifier: MIT
/* show qgm, drops. */
#include "apps/pash/show.h"

#include "apps/pash/table.h"
#include "libc/include/pix/dev.h"

#include <stdlib.h>
#include <string.h>

static const char *const stage_names[PIX_STAGES] = {
#define X(name) #name,
	PIX_STAGE_NAMES(X)
#undef X
};

static const char *const punt_names[PIX_PUNT_CLASSES] = {
	[PIX_PUNT_ARP] = "arp",     [PIX_PUNT_ND] = "nd",       [PIX_PUNT_ICMP] = "icmp",
	[PIX_PUNT_ICMP6] = "icmp6", [PIX_PUNT_LOCAL] = "local", [PIX_PUNT_CONTROL] = "control",
};

static void put_stages(struct json_writer *w, const struct pix_qgm *q)
{
	json_key(w, "punted");
	json_object(w);
	for (unsigned i = 0; i < PIX_PUNT_CLASSES; i++)
		json_kv_u64(w, punt_names[i], q->punted[i]);
	json_end(w);
	json_key(w, "stages");
	json_object(w);
	for (unsigned i = 0; i < PIX_STAGES; i++) {
		json_key(w, stage_names[i]);
		json_object(w);
		json_kv_u64(w, "packets", q->stage_packets[i]);
		json_kv_u64(w, "cycles", q->stage_cycles[i]);
		json_end(w);
	}
	json_end(w);
}

static void put_qgm(struct json_writer *w, const struct pix_qgm *q, const struct names *names)
{
	static const char *const state[] = { "up", "napping", "down" };

	json_object(w);
	json_kv_u64(w, "id", q->id);
	json_kv_u64(w, "cpu", q->cpu);
	json_kv_u64(w, "node", q->node);
	json_kv_str(w, "state", q->state < 3 ? state[q->state] : "");
	/* a core that sleeps holds no epoch */
	json_kv_s64(w, "epoch", q->epoch == UINT64_MAX ? -1 : (s64)q->epoch);
	json_kv_u64(w, "turns", q->turns);
	json_kv_u64(w, "turns_empty", q->turns_empty);
	json_kv_u64(w, "busy_cycles", q->busy_cycles);
	json_kv_u64(w, "total_cycles", q->total_cycles);
	json_kv_u64(w, "load_permille", load_permille(q->busy_cycles, q->total_cycles));
	json_kv_u64(w, "gap_max_ns", q->gap_max_ns);
	json_kv_u64(w, "rx", q->rx);
	json_kv_u64(w, "ring_in", q->ring_in);
	json_kv_u64(w, "made", q->made);
	json_kv_u64(w, "copies", q->copies);
	json_kv_u64(w, "tx", q->tx);
	json_kv_u64(w, "ring_out", q->ring_out);
	json_kv_u64(w, "drops", q->drops);
	json_kv_u64(w, "consumed", q->consumed);
	json_kv_u64(w, "held", q->held);
	json_kv_u64(w, "steered", q->steered);
	json_kv_u64(w, "moves", q->steer_moves);
	put_stages(w, q);
	json_key(w, "ports");
	json_array(w);
	for (unsigned i = 1; i < 64; i++)
		if (q->ports >> i & 1)
			json_str(w, names_of(names, i));
	json_end(w);
	json_end(w);
}

static int build_qgm(struct session *s, const struct args *a, struct json_writer *w)
{
	void *array;
	u32 n;

	(void)a;
	if (show_list(s, PIX_LIST_QGM, sizeof(struct pix_qgm), &array, &n))
		return -1;
	struct names *names = names_read();
	json_object(w);
	json_key(w, "qgms");
	json_array(w);
	for (u32 i = 0; i < n; i++)
		put_qgm(w, (struct pix_qgm *)array + i, names);
	json_end(w);
	json_end(w);
	names_free(names);
	free(array);
	return 0;
}

/* Packets and cycles per packet of each stage, all QGMs together. */
static void render_stages(const struct json *qgms, struct text *out)
{
	static const char *const headers[] = { "stage", ">packets", ">cycles per packet", NULL };
	struct table t;

	table_begin(&t, headers);
	for (unsigned i = 0; i < PIX_STAGES; i++) {
		uint64_t packets = 0, cycles = 0;

		json_foreach(q, qgms)
		{
			const struct json *stage = json_get(json_get(q, "stages"), stage_names[i]);

			packets += json_get_u64(stage, "packets", 0);
			cycles += json_get_u64(stage, "cycles", 0);
		}
		if (!packets)
			continue;
		table_str(&t, stage_names[i]);
		table_u64(&t, packets);
		table_u64(&t, cycles / packets);
	}
	if (t.rows || t.column > t.columns)
		text_putc(out, '\n');
	table_end(&t, out, "");
}

static void render_qgm(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { ">qgm",         ">cpu",      "state",    ">load",
					       ">longest gap", ">rx",       ">tx",      ">drops",
					       ">ring in",     ">ring out", ">steered", ">moves",
					       ">punted",      ">epoch",    "ports",    NULL };
	static const char *const counts[] = { "rx",       "tx",      "drops", "ring_in",
					      "ring_out", "steered", "moves", NULL };
	const struct json *qgms = json_get(doc, "qgms");
	struct table t;
	char ns[FORMAT_BYTES];

	(void)a;
	table_begin(&t, headers);
	json_foreach(q, qgms)
	{
		uint64_t load = json_get_u64(q, "load_permille", 0), punted = 0;
		struct text ports = { 0 };

		table_u64(&t, json_get_u64(q, "id", 0));
		table_u64(&t, json_get_u64(q, "cpu", 0));
		table_str(&t, json_get_str(q, "state", ""));
		table_printf(&t, "%llu.%llu%%", (unsigned long long)load / 10,
			     (unsigned long long)load % 10);
		table_str(&t, format_ns(ns, json_get_u64(q, "gap_max_ns", 0)));
		table_keys(&t, q, counts);
		json_foreach(p, json_get(q, "punted")) punted += p->magnitude;
		table_u64(&t, punted);
		if (json_get_s64(q, "epoch", -1) < 0)
			table_str(&t, "asleep");
		else
			table_u64(&t, json_get_u64(q, "epoch", 0));
		json_foreach(p, json_get(q, "ports"))
			text_printf(&ports, "%s%s", ports.len ? " " : "", p->str);
		table_str(&t, text_str(&ports));
		text_free(&ports);
	}
	table_end(&t, out, "no QGM runs");
	render_stages(qgms, out);
}

const struct show show_qgm = { build_qgm, render_qgm };

static int build_drops(struct session *s, const struct args *a, struct json_writer *w)
{
	struct pix_drop *d;
	void *array;
	u64 total = 0;
	u32 n;

	(void)a;
	if (show_list(s, PIX_LIST_DROP, sizeof(*d), &array, &n))
		return -1;
	d = array;
	json_object(w);
	json_key(w, "drops");
	json_object(w);
	for (u32 i = 0; i < n; i++) {
		d[i].name[sizeof(d[i].name) - 1] = 0;
		d[i].sentence[sizeof(d[i].sentence) - 1] = 0;
		if (strcmp(d[i].name, "none") == 0)
			continue;
		json_kv_u64(w, d[i].name, d[i].count);
		total += d[i].count;
	}
	json_end(w);
	json_kv_u64(w, "total", total);
	json_key(w, "sentences");
	json_object(w);
	for (u32 i = 0; i < n; i++)
		if (strcmp(d[i].name, "none") != 0)
			json_kv_str(w, d[i].name, d[i].sentence);
	json_end(w);
	json_end(w);
	free(d);
	return 0;
}

static void render_drops(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { ">packets", "reason", "which means", NULL };
	const struct json *sentences = json_get(doc, "sentences");
	struct table t;

	(void)a;
	table_begin(&t, headers);
	json_foreach(d, json_get(doc, "drops"))
	{
		if (d->type != JSON_INT || !d->magnitude)
			continue;
		table_u64(&t, d->magnitude);
		table_str(&t, d->key);
		table_str(&t, json_get_str(sentences, d->key, ""));
	}
	table_end(&t, out, "no packet was dropped");
}

const struct show show_drops = { build_drops, render_drops };
