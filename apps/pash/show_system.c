// SPDX-License-Identifier: MIT
/* show version, cpu, memory, log. */
#include "apps/pash/show.h"

#include "apps/lib/pixdev.h"
#include "apps/pash/table.h"

#include <stdlib.h>
#include <string.h>

static int read_info(struct session *s, struct pix_info *info)
{
	int r = pixdev_info(info);

	if (!r)
		return 0;
	session_fail(s, "cannot read the system's data: /dev/pix/stat: %s", strerror(-r));
	return -1;
}

static const char *idle_name(u32 idle)
{
	static const char *const name[] = { "spin", "nap", "irq" };

	return idle < 3 ? name[idle] : "";
}

/* A fixed-size field that may lack its NUL. */
#define KV_FIELD(w, key, field)                                     \
	do {                                                        \
		json_key(w, key);                                   \
		json_strn(w, field, strnlen(field, sizeof(field))); \
	} while (0)

static int build_version(struct session *s, const struct args *a, struct json_writer *w)
{
	struct pix_info i;

	(void)a;
	if (read_info(s, &i))
		return -1;
	json_object(w);
	json_key(w, "version");
	json_object(w);
	KV_FIELD(w, "version", i.version);
	KV_FIELD(w, "build", i.build);
	json_kv_u64(w, "abi", i.abi);
	KV_FIELD(w, "firmware", i.firmware);
	KV_FIELD(w, "hypervisor", i.hypervisor);
	KV_FIELD(w, "cpu_model", i.cpu_model);
	json_kv_u64(w, "cpus", i.cpus);
	json_kv_u64(w, "cpus_madt", i.cpus_madt);
	json_kv_u64(w, "qgms", i.qgms);
	json_kv_u64(w, "ports", i.ports);
	json_kv_bool(w, "shared_mode", i.shared_mode);
	json_kv_str(w, "idle", idle_name(i.idle));
	json_kv_u64(w, "tsc_hz", i.tsc_hz);
	json_kv_u64(w, "uptime_ns", i.uptime_ns);
	json_kv_u64(w, "boot_ready_ns", i.boot_ready_ns);
	json_kv_u64(w, "epoch", i.epoch);
	json_end(w);
	json_end(w);
	return 0;
}

static void put_uptime(struct text *out, uint64_t s)
{
	if (s >= 86400)
		text_printf(out, "%llu d ", (unsigned long long)(s / 86400));
	text_printf(out, "%02llu:%02llu:%02llu\n", (unsigned long long)(s / 3600 % 24),
		    (unsigned long long)(s / 60 % 60), (unsigned long long)(s % 60));
}

static void render_version(const struct json *doc, const struct args *a, struct text *out)
{
	const struct json *v = json_get(doc, "version");
	const char *hypervisor = json_get_str(v, "hypervisor", "");
	unsigned long long cpus = json_get_u64(v, "cpus", 0),
			   madt = json_get_u64(v, "cpus_madt", 0);

	(void)a;
	text_printf(out, "PIX %s (%s)\n", json_get_str(v, "version", ""),
		    json_get_str(v, "build", ""));
	text_printf(out, "firmware   %s\n", json_get_str(v, "firmware", ""));
	text_printf(out, "processor  %s, %llu.%03llu GHz\n", json_get_str(v, "cpu_model", ""),
		    (unsigned long long)json_get_u64(v, "tsc_hz", 0) / 1000000000,
		    (unsigned long long)json_get_u64(v, "tsc_hz", 0) / 1000000 % 1000);
	text_printf(out, "machine    %s\n", *hypervisor ? hypervisor : "metal");
	text_printf(out, "cores      %llu", cpus);
	if (madt != cpus)
		text_printf(out, " of %llu", madt);
	if (json_get_bool(v, "shared_mode", false))
		text_puts(out, ", shared with the QGM");
	text_printf(out, "; QGMs %llu, idle policy %s\n",
		    (unsigned long long)json_get_u64(v, "qgms", 0), json_get_str(v, "idle", ""));
	text_printf(out, "ports      %llu\n", (unsigned long long)json_get_u64(v, "ports", 0));
	text_printf(out, "ready      %llu ms after the start\n",
		    (unsigned long long)json_get_u64(v, "boot_ready_ns", 0) / 1000000);
	text_puts(out, "uptime     ");
	put_uptime(out, json_get_u64(v, "uptime_ns", 0) / 1000000000);
}

const struct show show_version = { build_version, render_version };

static const char *partition_name(u32 p)
{
	static const char *const name[] = { "off", "generic", "qgm", "app" };

	return p < 4 ? name[p] : "";
}

static void put_cpu(struct json_writer *w, const struct pix_cpu *c)
{
	json_object(w);
	json_kv_u64(w, "id", c->id);
	json_kv_u64(w, "apic_id", c->apic_id);
	json_kv_u64(w, "node", c->node);
	json_kv_str(w, "partition", partition_name(c->partition));
	json_kv_s64(w, "qgm", c->qgm);
	KV_FIELD(w, "state", c->state);
	json_kv_bool(w, "napping", c->napping);
	json_kv_u64(w, "interrupts", c->interrupts);
	json_kv_u64(w, "wakes", c->wakes_device + c->wakes_ipi + c->wakes_oneshot);
	json_kv_u64(w, "wakes_device", c->wakes_device);
	json_kv_u64(w, "wakes_ipi", c->wakes_ipi);
	json_kv_u64(w, "wakes_oneshot", c->wakes_oneshot);
	json_kv_u64(w, "gap_max_ns", c->gap_max_ns);
	json_kv_u64(w, "busy_cycles", c->busy_cycles);
	json_kv_u64(w, "total_cycles", c->total_cycles);
	json_kv_u64(w, "load_permille", load_permille(c->busy_cycles, c->total_cycles));
	json_end(w);
}

static int build_cpu(struct session *s, const struct args *a, struct json_writer *w)
{
	void *array;
	u32 n;

	(void)a;
	if (show_list(s, PIX_LIST_CPU, sizeof(struct pix_cpu), &array, &n))
		return -1;
	json_object(w);
	json_key(w, "cpus");
	json_array(w);
	for (u32 i = 0; i < n; i++)
		put_cpu(w, (struct pix_cpu *)array + i);
	json_end(w);
	json_end(w);
	free(array);
	return 0;
}

static void render_cpu(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { ">cpu",    ">node", "partition",   ">qgm",
					       "state",   ">load", ">interrupts", ">wakes",
					       ">device", ">ipi",  ">one-shot",   ">longest gap",
					       NULL };
	static const char *const wakes[] = { "interrupts", "wakes",         "wakes_device",
					     "wakes_ipi",  "wakes_oneshot", NULL };
	struct table t;
	char ns[FORMAT_BYTES];

	(void)a;
	table_begin(&t, headers);
	json_foreach(c, json_get(doc, "cpus"))
	{
		int64_t qgm = json_get_s64(c, "qgm", -1);
		uint64_t load = json_get_u64(c, "load_permille", 0);

		table_u64(&t, json_get_u64(c, "id", 0));
		table_u64(&t, json_get_u64(c, "node", 0));
		table_str(&t, json_get_str(c, "partition", ""));
		if (qgm < 0)
			table_str(&t, "-");
		else
			table_u64(&t, (unsigned long long)qgm);
		table_str(&t, json_get_bool(c, "napping", false) ? "napping"
								 : json_get_str(c, "state", ""));
		table_printf(&t, "%llu.%llu%%", (unsigned long long)load / 10,
			     (unsigned long long)load % 10);
		table_keys(&t, c, wakes);
		table_str(&t, qgm < 0 ? "-" : format_ns(ns, json_get_u64(c, "gap_max_ns", 0)));
	}
	table_end(&t, out, "no cores are listed");
}

const struct show show_cpu = { build_cpu, render_cpu };

static int build_memory(struct session *s, const struct args *a, struct json_writer *w)
{
	struct pix_snapshot snap;
	struct pix_info i;
	int r = pixdev_snapshot(&snap); /* pools are counted by it */

	(void)a;
	if (r) {
		session_fail(s, "cannot take a snapshot: /dev/pix/stat: %s", strerror(-r));
		return -1;
	}
	if (read_info(s, &i))
		return -1;
	json_object(w);
	json_key(w, "memory");
	json_object(w);
	json_kv_u64(w, "mem_total", i.mem_total);
	json_kv_u64(w, "mem_free", i.mem_free);
	json_kv_u64(w, "dp_total", i.dp_total);
	json_kv_u64(w, "dp_free", i.dp_free);
	json_kv_u64(w, "arena_used", i.arena_used);
	json_end(w);
	if (show_pools(s, w, NULL))
		return -1;
	json_end(w);
	return 0;
}

static void render_memory(const struct json *doc, const struct args *a, struct text *out)
{
	static const char *const headers[] = { "memory", ">total", ">free", ">used", NULL };
	const struct json *m = json_get(doc, "memory");
	struct table t;
	char b[FORMAT_BYTES];

	(void)a;
	table_begin(&t, headers);
	for (int i = 0; i < 2; i++) {
		uint64_t total = json_get_u64(m, i ? "dp_total" : "mem_total", 0);
		uint64_t left = json_get_u64(m, i ? "dp_free" : "mem_free", 0);

		table_str(&t, i ? "data plane" : "generic");
		table_str(&t, format_bytes(b, total));
		table_str(&t, format_bytes(b, left));
		table_str(&t, format_bytes(b, total > left ? total - left : 0));
	}
	table_str(&t, "table arenas");
	table_str(&t, "");
	table_str(&t, "");
	table_str(&t, format_bytes(b, json_get_u64(m, "arena_used", 0)));
	table_end(&t, out, NULL);
	text_putc(out, '\n');
	render_pools(doc, out);
}

const struct show show_memory = { build_memory, render_memory };

static int build_log(struct session *s, const struct args *a, struct json_writer *w)
{
	char *log;
	size_t len;
	int r = pixdev_log(&log, &len);

	(void)a;
	if (r) {
		session_fail(s, "cannot read the log: /dev/pix/log: %s", strerror(-r));
		return -1;
	}
	json_object(w);
	json_key(w, "log");
	json_array(w);
	for (size_t i = 0; i < len;) {
		const char *end = memchr(log + i, '\n', len - i);
		size_t n = end ? (size_t)(end - log) - i : len - i;

		json_strn(w, log + i, n && log[i + n - 1] == '\r' ? n - 1 : n);
		i += n + 1;
	}
	json_end(w);
	json_end(w);
	free(log);
	return 0;
}

static void render_log(const struct json *doc, const struct args *a, struct text *out)
{
	(void)a;
	json_foreach(line, json_get(doc, "log"))
	{
		text_puts(out, line->str);
		text_putc(out, '\n');
	}
}

const struct show show_log = { build_log, render_log };
