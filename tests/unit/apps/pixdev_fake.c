// SPDX-License-Identifier: MIT
/* The double of /dev/pix: see pixdev_fake.h. */
#include "tests/unit/apps/pixdev_fake.h"

#include "apps/lib/netaddr.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake fake;

static void add_port(u16 id, const char *name, const char *driver, u16 bdf)
{
	struct pix_port *p = &fake.port[fake.ports++];

	p->id = id;
	snprintf(p->name, sizeof(p->name), "%s", name);
	snprintf(p->driver, sizeof(p->driver), "%s", driver);
	p->bdf = bdf;
	p->vendor = 0x8086;
	p->device = 0x100e;
	memcpy(p->mac, "\x52\x54\0\0\0", 5);
	p->mac[5] = (u8)(0x10 + fake.ports);
	p->link = p->full_duplex = p->running = p->can_wake = 1;
	p->speed_mbps = 1000;
	p->mtu = 1500;
	p->rx_queues = p->tx_queues = 1;
	if (!id)
		return;
	struct pix_iface *i = &fake.iface[fake.ifaces++];
	i->id = i->port = id;
	memcpy(i->name, p->name, sizeof(i->name));
	memcpy(i->mac, p->mac, sizeof(i->mac));
	i->mtu = 1500;
	i->up = i->link = 1;
}

static void add_engine(void)
{
	fake.qgm[0] = (struct pix_qgm){ .id = 0,
					.cpu = 1,
					.epoch = 3,
					.busy_cycles = 125,
					.total_cycles = 1000,
					.gap_max_ns = 12345,
					.rx = 100,
					.made = 2,
					.tx = 90,
					.drops = 7,
					.consumed = 4,
					.held = 1,
					.ports = 6 };
	fake.qgm[0].stage_packets[0] = 100;
	fake.qgm[0].stage_cycles[0] = 4200;
	fake.qgm[0].punted[0] = 3;
	fake.qgms = 1;
	fake.law[0] = (struct pix_conservation){
		.rx = 100, .made = 2, .tx = 90, .drops = 7, .consumed = 4, .held = 1
	};
	fake.laws = 1;
	fake.port_law[0] = (struct pix_port_law){ .port = 0, .name = "host", .rx = 2, .tx = 2 };
	fake.port_law[1] = (struct pix_port_law){ .port = 1,
						  .name = "eth0",
						  .rx = 100,
						  .tx = 88,
						  .dropped = 7,
						  .consumed = 4,
						  .held = 1 };
	fake.port_laws = 2;
	fake.pool[0] = (struct pix_pool){
		.buf_size = 2048, .size = 1000, .free = 700, .in_nic = 299, .held = 1
	};
	fake.pool[1] = (struct pix_pool){ .id = 1, .buf_size = 2048, .size = 800, .free = 510 };
	fake.pool[2] = (struct pix_pool){ .id = 2, .buf_size = 10240, .size = 200, .free = 190 };
	fake.pools = 3;
	fake.snapshot = (struct pix_snapshot){ .seq = 7, .qgms = 1 };
	fake.drop[0] = (struct pix_drop){ "none", "not dropped", 0 };
	fake.drop[1] = (struct pix_drop){ "runt", "frame shorter than an Ethernet header", 0 };
	fake.drop[2] = (struct pix_drop){ "ttl_expired", "TTL ran out in transit", 7 };
	fake.drops = 3;
	fake.table[0] = (struct pix_table){
		.vrf = 3, .prefixes = 3, .rib_bytes = 96, .fib_prefixes = 2, .fib_bytes = 2048
	};
	fake.table[1] = (struct pix_table){ .vrf = 3, .v6 = 1, .prefixes = 1, .fib_prefixes = 1 };
	fake.tables = 2;
}

void fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.info = (struct pix_info){ .abi = 1,
				       .version = "0.1.0",
				       .build = "test",
				       .firmware = "PVH",
				       .cpu_model = "a CPU",
				       .cpus = 2,
				       .cpus_madt = 2,
				       .qgms = 1,
				       .ports = 2,
				       .idle = PIX_IDLE_NAP,
				       .tsc_hz = 2400000000,
				       .uptime_ns = 93784000000000,
				       .boot_ready_ns = 290000000,
				       .mem_total = 256 << 20,
				       .mem_free = 200 << 20,
				       .dp_total = 64 << 20,
				       .dp_free = 1536,
				       .epoch = 3 };
	fake.cpu[0] = (struct pix_cpu){
		.partition = PIX_CPU_GENERIC, .qgm = -1, .interrupts = 42, .state = "up"
	};
	fake.cpu[1] = (struct pix_cpu){ .id = 1,
					.apic_id = 1,
					.partition = PIX_CPU_QGM,
					.wakes_device = 5,
					.wakes_ipi = 2,
					.wakes_oneshot = 1,
					.gap_max_ns = 2500000,
					.busy_cycles = 1,
					.total_cycles = 8,
					.state = "up",
					.napping = 1 };
	fake.cpus = 2;
	add_port(1, "eth0", "e1000", 2 << 3);
	add_port(2, "eth1", "virtio-net", 3 << 3);
	add_port(0, "", "", 4 << 3);
	snprintf(fake.port[2].reason, sizeof(fake.port[2].reason), "no driver for 8086:100e");
	fake.port[0].statistics = 2;
	fake.port[0].module = (struct pix_module){ .present = 1,
						   .type = "SFP+ 10GBASE-SR",
						   .vendor = "ACME",
						   .part = "X-1",
						   .serial = "0042",
						   .revision = "A",
						   .warning = "not of the list" };
	fake.port[0].wake_queues = 1;
	fake.port[0].rx = 100;
	fake.port[0].tx = 88;
	fake.port[0].drops = 7;
	add_engine();
	fake.log = "first line\nsecond line\n";
}

int pixdev_info(struct pix_info *out)
{
	*out = fake.info;
	return fake.error;
}

int pixdev_list(enum pix_what what, u32 elem_size, void **array, u32 *count)
{
	static const struct {
		const void *from;
		const u32 *count;
		u32 size;
	} lists[] = {
#define TABLE(what_, field, number) [what_] = { fake.field, &fake.number, sizeof(fake.field[0]) }
		TABLE(PIX_LIST_CPU, cpu, cpus),
		TABLE(PIX_LIST_PORT, port, ports),
		TABLE(PIX_LIST_IFACE, iface, ifaces),
		TABLE(PIX_LIST_QGM, qgm, qgms),
		TABLE(PIX_LIST_DROP, drop, drops),
		TABLE(PIX_LIST_ROUTE, route, routes),
		TABLE(PIX_LIST_MAC, mac, macs),
		TABLE(PIX_LIST_BRIDGE, bridge, bridges),
		TABLE(PIX_LIST_POOL, pool, pools),
		TABLE(PIX_LIST_CONSERVATION, law, laws),
		TABLE(PIX_LIST_PORT_LAW, port_law, port_laws),
		TABLE(PIX_LIST_STEER, steer, steers),
		TABLE(PIX_LIST_FLOW, flow, flows),
		TABLE(PIX_LIST_TABLE, table, tables),
		TABLE(PIX_LIST_IF_COUNT, if_count, if_counts),
	};

	*array = NULL;
	*count = 0;
	if (fake.error)
		return fake.error;
	if (elem_size != lists[what].size)
		return -EINVAL;
	*count = *lists[what].count;
	if (!*count)
		return 0;
	*array = malloc((size_t)*count * elem_size);
	memcpy(*array, lists[what].from, (size_t)*count * elem_size);
	return 0;
}

static u16 dumped; /* the port whose registers were read last */

int pixdev_registers(u16 port)
{
	dumped = port;
	return fake.error ? fake.error : port == 1 ? 0 : -ENODEV;
}

/* Port 1 counts and names registers, once they were read. */
int pixdev_list_port(enum pix_what what, u16 port, u32 elem_size, void **array, u32 *count)
{
	static const struct pix_statistic stats[] = { { "GPRC", 100 }, { "MPC", 3 } };
	static const struct pix_register regs[] = { { "CTRL", 0, 4, 1, { 0 }, 0x140240 },
						    { "ICR", 0xc0, 4, 0, { 0 }, 0 } };
	const void *from = what == PIX_LIST_STATISTIC ? (const void *)stats : regs;

	*array = NULL;
	*count = 0;
	if (fake.error)
		return fake.error;
	if (elem_size != (what == PIX_LIST_STATISTIC ? sizeof(stats[0]) : sizeof(regs[0])))
		return -EINVAL;
	if (port != 1 || (what == PIX_LIST_REGISTER && dumped != 1))
		return 0;
	*count = 2;
	*array = malloc(2 * (size_t)elem_size);
	memcpy(*array, from, 2 * (size_t)elem_size);
	return 0;
}

int pixdev_snapshot(struct pix_snapshot *out)
{
	*out = fake.snapshot;
	return fake.error;
}

static struct pix_iface *find_iface(u16 id)
{
	for (u32 i = 0; i < fake.ifaces; i++)
		if (fake.iface[i].id == id)
			return &fake.iface[i];
	return NULL;
}

static bool same_key(const struct pix_route *a, const struct pix_route *b)
{
	return pix_ip_eq(a->addr, b->addr) && a->len == b->len && a->proto == b->proto &&
	       a->vrf == b->vrf;
}

/* Two interfaces of one table that are in use have no address in common, but for link-local. */
static bool collides(const struct pix_iface *a, const struct pix_iface *b)
{
	if (a->id == b->id || a->vrf != b->vrf || a->mode != PIX_IF_L3 || b->mode != PIX_IF_L3)
		return false;
	for (u32 i = 0; i < a->addr_count; i++)
		for (u32 k = 0; k < b->addr_count; k++)
			if (pix_ip_eq(a->addr[i].ip, b->addr[k].ip) &&
			    !pix_ip_linklocal(a->addr[i].ip))
				return true;
	return false;
}

/* The engine adds the link-local address as the last when IPv6 is on. */
static int add_link_local(struct pix_iface *i)
{
	for (u32 k = 0; k < i->addr_count; k++)
		if (pix_ip_linklocal(i->addr[k].ip))
			return 0;
	if (i->addr_count == PIX_IF_ADDRS)
		return -ENOSPC;
	i->addr[i->addr_count].ip = netaddr_link_local(i->mac);
	i->addr[i->addr_count++].len = 64;
	return 0;
}

/* As the kernel does: no address may be in two places, at any step of the sequence. */
static int apply_iface(const struct pix_iface *to)
{
	struct pix_iface *i = find_iface(to->id), mac = { 0 };

	for (u32 k = 0; k < fake.ifaces; k++)
		if (collides(&fake.iface[k], to))
			return -EEXIST;
	if (to->mode == PIX_IF_UNUSED && (to->addr_count || to->v6 || to->vrf || to->urpf))
		return -EINVAL;
	if (to->kind != PIX_IF_PORT && to->mode == PIX_IF_UNUSED) { /* it is gone */
		if (!i)
			return -ENOENT;
		*i = fake.iface[--fake.ifaces];
		return 0;
	}
	if (!i && (to->kind == PIX_IF_PORT || to->id < 64 || fake.ifaces == FAKE_IFACES))
		return to->kind == PIX_IF_PORT ? -ENODEV : -ENOSPC;
	if (!i)
		i = &fake.iface[fake.ifaces++];
	else if (i->kind != to->kind || strcmp(i->name, to->name) != 0)
		return -EINVAL;
	else
		memcpy(mac.mac, i->mac, 6);
	*i = *to;
	memcpy(i->mac, mac.mac, 6);
	i->link = 1;
	i->mtu = to->mtu ? to->mtu : 1500;
	for (u32 k = 0; k < i->addr_count; k++)
		i->addr[k].state = i->dad && !pix_ip_is4(i->addr[k].ip) ? PIX_ADDR_TENTATIVE : 0;
	return i->v6 ? add_link_local(i) : 0;
}

static bool same_path(const struct pix_route *a, const struct pix_route *b)
{
	return same_key(a, b) && pix_ip_eq(a->gateway, b->gateway) && a->ifid == b->ifid;
}

/* Takes away what `same` finds. Returns how many elements that were. */
static u32 drop_routes(const struct pix_route *r,
		       bool (*same)(const struct pix_route *, const struct pix_route *))
{
	u32 gone = 0;

	for (u32 k = 0; k < fake.routes;) {
		if (!same(&fake.route[k], r)) {
			k++;
			continue;
		}
		fake.route[k] = fake.route[--fake.routes];
		gone++;
	}
	return gone;
}

/* What a listing says of the paths of each route. */
static void number_paths(void)
{
	for (u32 i = 0; i < fake.routes; i++) {
		struct pix_route *r = &fake.route[i];

		r->path = r->paths = 0;
		r->active = 1;
		for (u32 k = 0; k < fake.routes; k++) {
			if (!same_key(&fake.route[k], r))
				continue;
			r->path += k < i;
			r->paths++;
		}
	}
}

static int apply_route(bool del, const struct pix_route *r)
{
	bool path = r->flags & PIX_ROUTE_PATH;
	u32 gone = drop_routes(r, path ? same_path : same_key);

	number_paths();
	if (del)
		return gone ? 0 : -ENOENT;
	if (fake.routes == FAKE_ROUTES)
		return -ENOSPC;
	if (!pix_ip_none(r->gateway) && pix_ip_linklocal(r->gateway) && !find_iface(r->ifid))
		return -EINVAL;
	/* As the kernel: only what forwards has paths; what it lists has a weight. */
	if (r->type != PIX_ROUTE_FORWARD && (path || !pix_ip_none(r->gateway)))
		return -EINVAL;
	fake.route[fake.routes] = *r;
	if (!r->weight)
		fake.route[fake.routes].weight = 1;
	fake.route[fake.routes++].flags = 0;
	number_paths();
	return 0;
}

static int apply_op(const struct pix_op *op)
{
	switch (op->kind) {
	case PIX_OP_IF_SET:
		return apply_iface(&op->iface);
	case PIX_OP_ROUTE_ADD:
	case PIX_OP_ROUTE_DEL:
		return apply_route(op->kind == PIX_OP_ROUTE_DEL, &op->route);
	case PIX_OP_STEER_SET:
	case PIX_OP_FLOW_SET:
	case PIX_OP_FLOW_DEL:
		return 0;
	case PIX_OP_BRIDGE_SET:
		return op->bridge.id && op->bridge.id < 32 ? 0 : -EINVAL;
	}
	return -EINVAL;
}

int pixdev_txn(struct pix_op *ops, u32 count, u32 flags, u64 *epoch, u32 *failed,
	       char why[PIXDEV_WHY])
{
	static struct fake before;

	*failed = count;
	*epoch = fake.epoch;
	snprintf(why, PIXDEV_WHY, "%s", fake.txn_why ? fake.txn_why : "");
	if (fake.error)
		return fake.error;
	if (fake.txn_error && fake.txn_error != -ETIMEDOUT) {
		int e = fake.txn_error;

		*failed = fake.txn_failed;
		if (*failed < count)
			ops[*failed].error = e;
		fake.txn_error = 0;
		return e;
	}
	before = fake;
	for (u32 i = 0; i < count; i++) {
		int e = apply_op(&ops[i]);

		if (e) {
			fake = before;
			ops[i].error = e;
			*failed = i;
			return -EINVAL;
		}
	}
	if (flags & PIX_TXN_CHECK) {
		fake = before;
		fake.checks++;
		return 0;
	}
	fake.ops = count < FAKE_OPS ? count : FAKE_OPS;
	memcpy(fake.op, ops, fake.ops * sizeof(ops[0]));
	fake.txns++;
	*epoch = ++fake.epoch;
	if (!fake.txn_error)
		return 0;
	fake.txn_error = 0;
	return -ETIMEDOUT; /* published, not acknowledged by all */
}

int pixdev_boot_config(char **text, size_t *len, char source[32])
{
	*text = strdup(fake.boot ? fake.boot : "");
	*len = strlen(*text);
	snprintf(source, 32, "test");
	return fake.error;
}

int pixdev_ready(void)
{
	return 0;
}

int pixdev_log(char **text, size_t *len)
{
	if (fake.error)
		return fake.error;
	*text = strdup(fake.log);
	*len = strlen(*text);
	return 0;
}
