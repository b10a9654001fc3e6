// SPDX-License-Identifier: MIT
/*
 * show interfaces: an interface's configuration and, where it has one, its port; NICs that no
 * driver takes come last with the reason. Descriptions are confd's.
 */
#include "apps/pash/show.h"

#include "apps/lib/netaddr.h"
#include "apps/pash/confd.h"
#include "apps/pash/table.h"
#include "libc/include/pix/dev.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void kv_field(struct json_writer *w, const char *key, const char *s, size_t room)
{
	json_key(w, key);
	json_strn(w, s, strnlen(s, room));
}

static void kv_mac(struct json_writer *w, const char *key, const u8 mac[6])
{
	char buf[NETADDR_MAC];

	json_kv_str(w, key, netaddr_print_mac(buf, mac));
}

static void put_port(struct json_writer *w, const struct pix_port *p)
{
	kv_field(w, "driver", p->driver, sizeof(p->driver));
	kv_field(w, "reason", p->reason, sizeof(p->reason));
	json_kv_u64(w, "owner", p->owner);
	json_key(w, "pci");
	json_printf(w, "%02x:%02x.%x", p->bdf >> 8, p->bdf >> 3 & 31, p->bdf & 7);
	json_key(w, "vendor");
	json_printf(w, "%04x", p->vendor);
	json_key(w, "device");
	json_printf(w, "%04x", p->device);
	json_kv_bool(w, "running", p->running);
	json_kv_bool(w, "full_duplex", p->full_duplex);
	json_kv_bool(w, "can_wake", p->can_wake);
	json_kv_u64(w, "speed_mbps", p->speed_mbps);
	json_kv_u64(w, "rx_queues", p->rx_queues);
	json_kv_u64(w, "tx_queues", p->tx_queues);
	json_kv_u64(w, "rx", p->rx);
	json_kv_u64(w, "rx_bytes", p->rx_bytes);
	json_kv_u64(w, "tx", p->tx);
	json_kv_u64(w, "tx_bytes", p->tx_bytes);
	json_kv_u64(w, "drops", p->drops);
	json_kv_u64(w, "rx_missed", p->rx_missed);
	json_kv_u64(w, "rx_crc", p->rx_crc);
	json_kv_u64(w, "rx_length", p->rx_length);
	json_kv_u64(w, "rx_nobuf", p->rx_nobuf);
	json_kv_u64(w, "tx_errors", p->tx_errors);
	json_kv_u64(w, "tx_aborted", p->tx_aborted);
	json_kv_u64(w, "resets", p->resets);
	json_kv_u64(w, "bad_descriptor", p->bad_descriptor);
	json_kv_u64(w, "link_changes", p->link_changes);
}

static const char *mode_name(u16 mode)
{
	static const char *const name[] = { "unused", "l3", "l2" };

	return mode < 3 ? name[mode] : "";
}

static void put_addresses(struct json_writer *w, const struct pix_iface *i)
{
	char buf[NETADDR_PREFIX];

	json_key(w, "addresses");
	json_array(w);
	for (u32 k = 0; k < i->addr_count && k < PIX_IF_ADDRS; k++)
		json_str(w, netaddr_print_prefix(buf, pix_ip_to4(i->addr[k].ip), i->addr[k].len));
	json_end(w);
}

static void put_iface(struct json_writer *w, const struct pix_iface *i, const struct pix_port *p,
		      const char *description)
{
	char bridge[16] = "";

	if (i->mode == PIX_IF_L2)
		snprintf(bridge, sizeof(bridge), "br%u", i->bridge - 1u);
	json_object(w);
	json_kv_u64(w, "id", i->id);
	json_kv_str(w, "name", i->name);
	json_kv_str(w, "mode", mode_name(i->mode));
	json_kv_bool(w, "up", i->up);
	json_kv_bool(w, "link", i->link);
	json_kv_u64(w, "mtu", i->mtu);
	kv_mac(w, "mac", i->mac);
	json_kv_u64(w, "vrf", i->vrf);
	json_kv_str(w, "bridge", bridge);
	put_addresses(w, i);
	json_kv_str(w, "description", description);
	if (p)
		put_port(w, p);
	json_end(w);
}

/* A NIC without a driver has no interface. */
static void put_unclaimed(struct json_writer *w, const struct pix_port *p)
{
	struct pix_iface none = { .mtu = p->mtu };

	memcpy(none.mac, p->mac, sizeof(none.mac));
	memcpy(none.name, p->name, PIX_NAME);
	none.name[PIX_NAME - 1] = 0;
	put_iface(w, &none, p, "");
}

static const struct pix_port *port_of(const struct pix_port *p, u32 n, const struct pix_iface *i)
{
	for (u32 k = 0; k < n; k++)
		if (p[k].id && p[k].id == i->id)
			return &p[k];
	return NULL;
}

static int build_interfaces(struct session *s, const struct args *a, struct json_writer *w)
{
	const char *only = args_get(a, "show interfaces <interface>");
	struct json_doc conf = { 0 };
	void *ifs, *ports;
	u32 n, np;
	bool found = false;

	if (show_list(s, PIX_LIST_IFACE, sizeof(struct pix_iface), &ifs, &n))
		return -1;
	if (show_list(s, PIX_LIST_PORT, sizeof(struct pix_port), &ports, &np)) {
		free(ifs);
		return -1;
	}
	confd_show_json(s, "interfaces", &conf); /* without confd there are no descriptions */
	json_object(w);
	json_key(w, "interfaces");
	json_array(w);
	for (u32 k = 0; k < n; k++) {
		struct pix_iface *i = (struct pix_iface *)ifs + k;

		i->name[PIX_NAME - 1] = 0;
		if (only && strcmp(only, i->name) != 0)
			continue;
		found = true;
		put_iface(w, i, port_of(ports, np, i),
			  json_get_str(json_get(json_get(conf.root, "configuration"), i->name),
				       "description", ""));
	}
	for (u32 k = 0; k < np && !only; k++)
		if (!((struct pix_port *)ports)[k].id)
			put_unclaimed(w, (struct pix_port *)ports + k);
	json_end(w);
	json_end(w);
	json_doc_free(&conf);
	free(ifs);
	free(ports);
	if (only && !found) {
		session_fail_at(s, a->words->start[a->word[0]], "there is no interface \"%.64s\"",
				only);
		return -1;
	}
	return 0;
}

static const char *state_of(const struct json *i)
{
	const struct json *driver = json_get(i, "driver");

	if (driver && !*json_get_str(i, "driver", ""))
		return "no driver";
	/* an unused interface is neither in nor out of service */
	if (!json_get_bool(i, "up", false) && strcmp(json_get_str(i, "mode", ""), "unused") != 0)
		return "disabled";
	if (driver && !json_get_bool(i, "running", true))
		return "stopped";
	return json_get_bool(i, "link", false) ? "up" : "no link";
}

static const char *address_of(const struct json *i, size_t k)
{
	const struct json *v = json_at(json_get(i, "addresses"), k);

	return v && v->type == JSON_STRING ? v->str : "";
}

static void render_list(const struct json *list, struct text *out)
{
	static const char *const headers[] = { "interface", "state", "mode", "address",
					       ">mtu",      ">rx",   ">tx",  ">drops",
					       "driver",    "pci",   NULL };
	static const char *const numbers[] = { "mtu", "rx", "tx", "drops", "driver", "pci", NULL };
	struct table t;

	table_begin(&t, headers);
	json_foreach(i, list)
	{
		const char *name = json_get_str(i, "name", ""), *mode = json_get_str(i, "mode", "");

		table_str(&t, *name ? name : "-");
		table_str(&t, state_of(i));
		table_str(&t, strcmp(mode, "l2") == 0 ? json_get_str(i, "bridge", "") : mode);
		table_str(&t, address_of(i, 0));
		table_keys(&t, i, numbers);
		for (size_t k = 1; *address_of(i, k); k++) {
			for (int c = 0; c < 3; c++)
				table_str(&t, "");
			table_str(&t, address_of(i, k));
			for (int c = 0; c < 6; c++)
				table_str(&t, "");
		}
	}
	table_end(&t, out, "there are no interfaces");
	json_foreach(i, list)
	{
		if (*json_get_str(i, "reason", ""))
			text_printf(out, "%s at %s: %s\n",
				    *json_get_str(i, "name", "") ? json_get_str(i, "name", "")
								 : "NIC",
				    json_get_str(i, "pci", ""), json_get_str(i, "reason", ""));
	}
}

static void line(struct text *out, const struct json *i, const char *label, const char *const *keys)
{
	text_printf(out, "  %-8s", label);
	for (; *keys; keys++) {
		const char *name = strchr(*keys, ':');
		char key[32];

		snprintf(key, sizeof(key), "%.*s", (int)(name - *keys), *keys);
		text_printf(out, " %s %llu%s", name + 1,
			    (unsigned long long)json_get_u64(i, key, 0), keys[1] ? "," : "");
	}
	text_putc(out, '\n');
}

static void render_detail(const struct json *i, struct text *out)
{
	static const char *const rx[] = { "rx:packets",
					  "rx_bytes:bytes",
					  "rx_missed:missed",
					  "rx_crc:CRC errors",
					  "rx_length:length errors",
					  "rx_nobuf:no buffer",
					  NULL };
	static const char *const tx[] = { "tx:packets", "tx_bytes:bytes", "tx_errors:errors",
					  "tx_aborted:aborted", NULL };
	static const char *const events[] = { "drops:drops", "link_changes:link changes",
					      "resets:resets", "bad_descriptor:bad descriptors",
					      NULL };
	const char *description = json_get_str(i, "description", ""),
		   *mode = json_get_str(i, "mode", "");

	text_printf(out, "%s is %s", json_get_str(i, "name", ""), state_of(i));
	if (*json_get_str(i, "reason", ""))
		text_printf(out, ": %s", json_get_str(i, "reason", ""));
	text_putc(out, '\n');
	if (*description)
		text_printf(out, "  %-8s %s\n", "text", description);
	text_printf(out, "  %-8s %s%s%s, MTU %llu, MAC %s\n", "mode", mode,
		    *json_get_str(i, "bridge", "") ? " " : "", json_get_str(i, "bridge", ""),
		    (unsigned long long)json_get_u64(i, "mtu", 0), json_get_str(i, "mac", ""));
	for (size_t k = 0; *address_of(i, k); k++)
		text_printf(out, "  %-8s %s\n", "address", address_of(i, k));
	if (!json_get(i, "driver"))
		return;
	text_printf(out, "  %-8s %s at %s (%s:%s), owner QGM %llu, %llu Mb/s %s duplex%s\n", "port",
		    json_get_str(i, "driver", ""), json_get_str(i, "pci", ""),
		    json_get_str(i, "vendor", ""), json_get_str(i, "device", ""),
		    (unsigned long long)json_get_u64(i, "owner", 0),
		    (unsigned long long)json_get_u64(i, "speed_mbps", 0),
		    json_get_bool(i, "full_duplex", false) ? "full" : "half",
		    json_get_bool(i, "can_wake", false) ? "" : ", cannot wake a sleeping core");
	line(out, i, "rx", rx);
	line(out, i, "tx", tx);
	line(out, i, "events", events);
}

static void render_interfaces(const struct json *doc, const struct args *a, struct text *out)
{
	const struct json *list = json_get(doc, "interfaces");

	if (args_get(a, "show interfaces <interface>"))
		render_detail(json_at(list, 0), out);
	else
		render_list(list, out);
}

const struct show show_interfaces = { build_interfaces, render_interfaces };
