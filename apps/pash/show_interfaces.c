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

static const char *kind_name(u8 kind)
{
	static const char *const name[] = { "port", "sub", "irb", "loopback" };

	return kind < 4 ? name[kind] : "";
}

static const char *vlan_mode_name(u8 mode)
{
	static const char *const name[] = { "transparent", "access", "trunk", "tunnel" };

	return mode < 4 ? name[mode] : "";
}

static void put_addresses(struct json_writer *w, const struct pix_iface *i)
{
	static const char *const states[] = { "valid", "tentative", "duplicate" };
	char buf[NETADDR_NET];

	json_key(w, "addresses");
	json_array(w);
	for (u32 k = 0; k < i->addr_count && k < PIX_IF_ADDRS; k++)
		json_str(w, netaddr_print_ipnet(buf, i->addr[k].ip, i->addr[k].len));
	json_end(w);
	json_key(w, "address_states");
	json_array(w);
	for (u32 k = 0; k < i->addr_count && k < PIX_IF_ADDRS; k++)
		json_str(w, i->addr[k].state < 3 ? states[i->addr[k].state] : "");
	json_end(w);
}

/* What a port of a bridge does. */
static void put_switched(struct json_writer *w, const struct pix_iface *i)
{
	json_kv_str(w, "vlan_mode", vlan_mode_name(i->vlan_mode));
	json_kv_u64(w, "pvid", i->pvid);
	json_key(w, "vlans");
	json_array(w);
	for (u32 k = 0; k < i->vlan_count && k < PIX_IF_VLANS; k++) {
		if (i->vlan[k].from == i->vlan[k].to)
			json_printf(w, "%u", i->vlan[k].from);
		else
			json_printf(w, "%u-%u", i->vlan[k].from, i->vlan[k].to);
	}
	json_end(w);
	json_kv_u64(w, "storm_broadcast", i->storm_broadcast);
	json_kv_u64(w, "storm_multicast", i->storm_multicast);
	json_kv_u64(w, "storm_unknown", i->storm_unknown);
	json_kv_u64(w, "mac_limit", i->mac_limit);
}

static void put_count(struct json_writer *w, const struct pix_if_count *c)
{
	json_kv_u64(w, "rx", c->rx);
	json_kv_u64(w, "rx_bytes", c->rx_bytes);
	json_kv_u64(w, "tx", c->tx);
	json_kv_u64(w, "tx_bytes", c->tx_bytes);
}

/* `p`: of a port; `c`: of a sub-interface; else NULL. */
static void put_iface(struct session *s, struct json_writer *w, const struct pix_iface *i,
		      const struct pix_port *p, const struct pix_if_count *c,
		      const char *description, bool detail)
{
	static const char *const urpf[] = { "off", "loose", "strict" };
	char bridge[16] = "";

	if (i->mode == PIX_IF_L2 || i->kind == PIX_IF_IRB)
		snprintf(bridge, sizeof(bridge), "br%u", i->bridge - 1u);
	json_object(w);
	json_kv_u64(w, "id", i->id);
	json_kv_str(w, "name", i->name);
	json_kv_str(w, "kind", kind_name(i->kind));
	json_kv_str(w, "mode", mode_name(i->mode));
	json_kv_bool(w, "up", i->up);
	/* Until its driver has told, a port is taken to have light; one that does not run has none.
	 */
	json_kv_bool(w, "link", i->link && (!p || p->running));
	json_kv_u64(w, "mtu", i->mtu);
	kv_mac(w, "mac", i->mac);
	json_kv_u64(w, "vrf", i->vrf);
	json_kv_str(w, "vrf_name", vrf_names_of(s, i->vrf));
	json_kv_str(w, "bridge", bridge);
	json_kv_u64(w, "vlan", i->vlan_outer);
	json_kv_u64(w, "inner_vlan", i->vlan_inner);
	json_kv_str(w, "urpf", i->urpf < 3 ? urpf[i->urpf] : "");
	json_kv_bool(w, "ipv6", i->v6);
	put_addresses(w, i);
	if (i->mode == PIX_IF_L2)
		put_switched(w, i);
	json_kv_str(w, "description", description);
	if (p)
		put_port(w, p);
	if (c)
		put_count(w, c);
	if (p && detail)
		put_port_detail(s, w, p);
	json_end(w);
}

/* A NIC without a driver has no interface. */
static void put_unclaimed(struct session *s, struct json_writer *w, const struct pix_port *p)
{
	struct pix_iface none = { .mtu = p->mtu };

	memcpy(none.mac, p->mac, sizeof(none.mac));
	memcpy(none.name, p->name, PIX_NAME);
	none.name[PIX_NAME - 1] = 0;
	put_iface(s, w, &none, p, NULL, "", false);
}

static const struct pix_if_count *count_of(const struct pix_if_count *c, u32 n,
					   const struct pix_iface *i)
{
	for (u32 k = 0; k < n; k++)
		if (c[k].ifid == i->id)
			return &c[k];
	return NULL;
}

static const struct pix_port *port_of(const struct pix_port *p, u32 n, const struct pix_iface *i)
{
	for (u32 k = 0; k < n; k++)
		if (p[k].id && p[k].id == i->id)
			return &p[k];
	return NULL;
}

/* Ports with their sub-interfaces behind them, then stations of bridges, then the loopback. */
static int iface_order(const void *pa, const void *pb)
{
	const struct pix_iface *a = pa, *b = pb;
	bool port_a = a->kind == PIX_IF_PORT || a->kind == PIX_IF_SUB,
	     port_b = b->kind == PIX_IF_PORT || b->kind == PIX_IF_SUB;

	if (port_a != port_b || !port_a)
		return port_a != port_b         ? (port_a ? -1 : 1)
		       : a->kind != b->kind     ? (int)a->kind - (int)b->kind
		       : a->bridge != b->bridge ? (int)a->bridge - (int)b->bridge
						: (int)a->vlan_outer - (int)b->vlan_outer;
	if (a->port != b->port)
		return (int)a->port - (int)b->port;
	if (a->kind != b->kind)
		return (int)a->kind - (int)b->kind;
	return a->vlan_outer != b->vlan_outer ? (int)a->vlan_outer - (int)b->vlan_outer
					      : (int)a->vlan_inner - (int)b->vlan_inner;
}

/* Of eth0, eth0.100 or eth0.100.200, from confd's tree. */
static const char *description_of(const struct json *interfaces, const char *name)
{
	static const char *const tags[] = { "vif", "vif-c" };
	char word[PIX_NAME];

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(name, "."), name);
	interfaces = json_get(interfaces, word);
	for (int i = 0; i < 2 && (name = strchr(name, '.')); i++) {
		name++;
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(name, "."), name);
		interfaces = json_get(json_get(interfaces, tags[i]), word);
	}
	return json_get_str(interfaces, "description", "");
}

static int build_interfaces(struct session *s, const struct args *a, struct json_writer *w)
{
	const char *only = args_get(a, "show interfaces <interface>");
	bool detail = strcmp(a->command->path, "show interfaces <interface> detail") == 0;
	struct json_doc conf = { 0 };
	void *ifs, *ports, *counts;
	u32 n, np, nc;
	bool found = false;

	if (show_list(s, PIX_LIST_IFACE, sizeof(struct pix_iface), &ifs, &n))
		return -1;
	if (show_list(s, PIX_LIST_PORT, sizeof(struct pix_port), &ports, &np)) {
		free(ifs);
		return -1;
	}
	if (show_list(s, PIX_LIST_IF_COUNT, sizeof(struct pix_if_count), &counts, &nc)) {
		free(ifs);
		free(ports);
		return -1;
	}
	if (n)
		qsort(ifs, n, sizeof(struct pix_iface), iface_order);
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
		put_iface(s, w, i, port_of(ports, np, i), count_of(counts, nc, i),
			  description_of(json_get(conf.root, "configuration"), i->name), detail);
	}
	for (u32 k = 0; k < np && !only; k++)
		if (!((struct pix_port *)ports)[k].id)
			put_unclaimed(s, w, (struct pix_port *)ports + k);
	json_end(w);
	json_end(w);
	json_doc_free(&conf);
	free(ifs);
	free(ports);
	free(counts);
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

/* "2001:db8::1/64 tentative"; "" beyond the last. Valid until the next call. */
static const char *address_of(const struct json *i, size_t k)
{
	static char text[NETADDR_NET + 16];
	const struct json *v = json_at(json_get(i, "addresses"), k),
			  *state = json_at(json_get(i, "address_states"), k);

	if (!v || v->type != JSON_STRING)
		return "";
	if (!state || state->type != JSON_STRING || strcmp(state->str, "valid") == 0)
		return v->str;
	snprintf(text, sizeof(text), "%s %s", v->str, state->str);
	return text;
}

/* "l3", "br0" of its port, "vrf red". */
static void mode_cell(struct table *t, const struct json *i)
{
	const char *mode = json_get_str(i, "mode", ""), *vrf = json_get_str(i, "vrf_name", "");

	if (strcmp(mode, "l2") == 0)
		table_str(t, json_get_str(i, "bridge", ""));
	else if (*vrf)
		table_printf(t, "vrf %s", vrf);
	else
		table_str(t, mode);
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
		const char *name = json_get_str(i, "name", "");

		table_str(&t, *name ? name : "-");
		table_str(&t, state_of(i));
		mode_cell(&t, i);
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

/* What kind of interface it is, behind which port or bridge, in which table. */
static void render_place(const struct json *i, struct text *out)
{
	const char *kind = json_get_str(i, "kind", ""), *vrf = json_get_str(i, "vrf_name", ""),
		   *urpf = json_get_str(i, "urpf", "off"), *name = json_get_str(i, "name", "");
	unsigned long long vlan = json_get_u64(i, "vlan", 0),
			   inner = json_get_u64(i, "inner_vlan", 0);

	if (strcmp(kind, "sub") == 0) {
		text_printf(out, "  %-8s VLAN %llu", "on", vlan);
		if (inner)
			text_printf(out, ", inner VLAN %llu", inner);
		text_printf(out, " of %.*s\n", (int)strcspn(name, "."), name);
	} else if (strcmp(kind, "irb") == 0) {
		text_printf(out, "  %-8s the router's own in %s", "station",
			    json_get_str(i, "bridge", ""));
		if (vlan)
			text_printf(out, ", VLAN %llu", vlan);
		text_putc(out, '\n');
	}
	if (*vrf)
		text_printf(out, "  %-8s %s (table %llu)\n", "vrf", vrf,
			    (unsigned long long)json_get_u64(i, "vrf", 0));
	if (strcmp(urpf, "off") != 0 && *urpf)
		text_printf(out, "  %-8s %s\n", "urpf", urpf);
}

/* Tags and limits of a bridge's port. */
static void render_switched(const struct json *i, struct text *out)
{
	static const char *const storms[] = { "storm_broadcast:broadcast",
					      "storm_multicast:multicast", "storm_unknown:unknown",
					      "mac_limit:stations" };
	const char *mode = json_get_str(i, "vlan_mode", "transparent");
	unsigned long long pvid = json_get_u64(i, "pvid", 0);
	unsigned n = 0;

	text_printf(out, "  %-8s %s", "vlan", mode);
	json_foreach(v, json_get(i, "vlans")) text_printf(out, "%s%s", n++ ? "," : " ", v->str);
	if (pvid)
		text_printf(out, "%s %llu", strcmp(mode, "trunk") == 0 ? ", native" : "", pvid);
	text_putc(out, '\n');
	for (int k = n = 0; k < 4; k++) {
		const char *name = strchr(storms[k], ':');
		char key[32];

		snprintf(key, sizeof(key), "%.*s", (int)(name - storms[k]), storms[k]);
		if (json_get_u64(i, key, 0))
			text_printf(out, "%s%s %llu", n++ ? ", " : "  limits   ", name + 1,
				    (unsigned long long)json_get_u64(i, key, 0));
	}
	if (n)
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
	static const char *const sub_rx[] = { "rx:packets", "rx_bytes:bytes", NULL };
	static const char *const sub_tx[] = { "tx:packets", "tx_bytes:bytes", NULL };
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
	render_place(i, out);
	if (strcmp(mode, "l2") == 0)
		render_switched(i, out);
	for (size_t k = 0; *address_of(i, k); k++)
		text_printf(out, "  %-8s %s\n", "address", address_of(i, k));
	if (!json_get(i, "driver")) {
		if (json_get(i, "rx")) {
			line(out, i, "rx", sub_rx);
			line(out, i, "tx", sub_tx);
		}
		return;
	}
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
	render_port_detail(i, out);
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
