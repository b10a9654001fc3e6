// SPDX-License-Identifier: MIT
/* The contents of the lists of /dev/pix/stat: machine, CPUs, ports, QGMs, drops, the law. */
#include "kernel/net/stat.h"

#include "kernel/acpi.h"
#include "kernel/arch/x86_64/core.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/bootinfo.h"
#include "kernel/clock.h"
#include "kernel/driver.h"
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"
#include "kernel/mm/phys.h"
#include "kernel/mm/split.h"
#include "kernel/net/door.h"
#include "kernel/net/ready.h"
#include "kernel/net/snapshot.h"
#include "qgm/control.h"
#include "qgm/fe/fdb.h"
#include "qgm/ifcount.h"
#include "qgm/steer/setting.h"

#ifndef PIX_VERSION
#define PIX_VERSION "0.1.0"
#endif
#ifndef PIX_BUILD
#define PIX_BUILD "unknown build"
#endif

static const char *firmware_name(void)
{
	if (!strcmp(boot_info.loader, "pvh"))
		return "PVH";
	return boot_info.uefi ? "UEFI (multiboot2)" : "BIOS (multiboot2)";
}

void stat_info(struct pix_info *i)
{
	struct phys_stats mem;

	i->abi = PIX_ABI_VERSION;
	strlcpy(i->version, PIX_VERSION, sizeof(i->version));
	strlcpy(i->build, PIX_BUILD, sizeof(i->build));
	strlcpy(i->firmware, firmware_name(), sizeof(i->firmware));
	strlcpy(i->hypervisor, cpu_features.hypervisor_id, sizeof(i->hypervisor));
	strlcpy(i->cpu_model, cpu_features.brand, sizeof(i->cpu_model));
	i->cpus = ncpus_online;
	i->cpus_madt = acpi.ncpus;
	i->qgms = ctl_block()->qgm_count;
	i->ports = port_count() - 1u;
	i->shared_mode = smp_shared_mode;
	i->idle = net_idle_policy();
	i->tsc_hz = tsc_hz;
	i->uptime_ns = clock_ns();
	i->boot_ready_ns = net_ready_ns();
	phys_stats(&mem);
	i->mem_total = mem.total_pages * PAGE_SIZE;
	i->mem_free = mem.free_pages * PAGE_SIZE;
	i->dp_total = dp_total_bytes(NODE_ANY);
	i->dp_free = dp_free_bytes(NODE_ANY);
	i->epoch = load_relaxed(&ctl_block()->epoch); /* the root may be freed under us */
	i->arena_used = arena_used();
}

/* Elements are generated one by one; element `n` of a list of known length. */
static u32 each(u32 start, void *out, u32 max, u32 total, size_t size, void (*one)(u32 n, void *e))
{
	u32 i;

	for (i = 0; i < max && start + i < total; i++) {
		u8 *e = (u8 *)out + i * size;

		memset(e, 0, size);
		one(start + i, e);
	}
	return i;
}

/* --- CPUs ------------------------------------------------------------------------------------ */

static void qgm_load(u16 qgm, struct pix_cpu *c)
{
	const struct ctl_qgm *q = &ctl_block()->qgm[qgm];

	c->qgm = qgm;
	c->napping = load_relaxed(&q->napping);
	c->gap_max_ns = clock_tsc_to_ns(load_relaxed(&q->counters->gap_max));
	c->busy_cycles = load_relaxed(&q->counters->busy_cycles);
	c->total_cycles = load_relaxed(&q->counters->total_cycles);
	strlcpy(c->state, load_relaxed(&q->up) ? "up" : "down", sizeof(c->state));
}

static void one_cpu(u32 n, void *e)
{
	const struct cpu *cpu = &cpus[n];
	const struct core_irqs *irqs = cpu->core_irqs;
	struct pix_cpu *c = e;

	c->id = cpu->id;
	c->apic_id = cpu->apic_id;
	c->node = (u32)cpu->node;
	c->partition = cpu->partition == PART_GENERIC ? PIX_CPU_GENERIC
		       : cpu->partition == PART_QGM   ? PIX_CPU_QGM
		       : cpu->partition == PART_APP   ? PIX_CPU_APP
						      : PIX_CPU_OFF;
	c->qgm = -1;
	strlcpy(c->state, cpu->partition == PART_OFF ? "halted" : "up", sizeof(c->state));
	if (irqs) {
		c->wakes_device = load_relaxed(&irqs->device);
		c->wakes_ipi = load_relaxed(&irqs->ipi);
		c->wakes_oneshot = load_relaxed(&irqs->oneshot);
		c->interrupts = load_relaxed(&irqs->nmi) + load_relaxed(&irqs->spurious);
	} else {
		c->interrupts = load_relaxed(&cpu->irqs);
	}
	if (cpu->partition == PART_QGM)
		qgm_load((u16)cpu->qgm_id, c);
	else if (cpu->shared_qgm)
		qgm_load(0, c);
}

u32 stat_cpus(u32 start, void *out, u32 max, u32 *total)
{
	*total = ncpus;
	return each(start, out, max, ncpus, sizeof(struct pix_cpu), one_cpu);
}

/* --- ports ----------------------------------------------------------------------------------- */

static const char *port_trouble(const struct port *p)
{
	switch (p->state) {
	case PORT_FAILED:
		return "failed: the device does not answer";
	case PORT_STARTING:
		return "starting";
	case PORT_STOPPED:
		return "stopped";
	default:
		return load_relaxed(&ctl_block()->qgm[p->owner].up) ? "" : "down: its QGM stopped";
	}
}

static void port_traffic(struct pix_port *out)
{
	u16 id = out->id;

	for (u16 i = 0; i < ctl_block()->qgm_count; i++) {
		const struct qgm_counters *c = ctl_block()->qgm[i].counters;

		out->rx += load_relaxed(&c->port[id].rx);
		out->rx_bytes += load_relaxed(&c->port[id].rx_bytes);
		out->tx += load_relaxed(&c->port[id].out);
		out->tx_bytes += load_relaxed(&c->port[id].out_bytes);
		out->drops += load_relaxed(&c->port[id].dropped);
	}
}

/* What its queues counted each for itself. */
static void port_queues(const struct port *p, struct pix_port *out)
{
	u32 n = MAX(p->rx_queues, p->tx_queues);

	for (u32 i = 0; i < n && i < PORT_QUEUES; i++) {
		const struct port_queue_counters *c = &p->qnic[i];

		out->rx_nobuf += load_relaxed(&c->rx_nobuf);
		out->rx_crc += load_relaxed(&c->rx_errors);
		out->tx_errors += load_relaxed(&c->tx_errors);
		out->bad_descriptor += load_relaxed(&c->bad_descriptor);
		out->queue_qgm[i] = p->queue_qgm[i];
		if (port_queue_wakes(p, i))
			out->wake_queues |= 1u << i;
	}
}

static void port_module(const struct port *p, struct pix_module *out)
{
	struct port_module m;

	if (!port_module_get(p, &m) || !m.present)
		return;
	out->present = 1;
	out->identifier = m.identifier;
	strlcpy(out->type, m.type, sizeof(out->type));
	strlcpy(out->vendor, m.vendor, sizeof(out->vendor));
	strlcpy(out->part, m.part, sizeof(out->part));
	strlcpy(out->serial, m.serial, sizeof(out->serial));
	strlcpy(out->revision, m.revision, sizeof(out->revision));
	strlcpy(out->warning, m.warning, sizeof(out->warning));
}

static void fill_port(const struct port *p, struct pix_port *out)
{
	out->id = p->id;
	out->owner = p->owner;
	strlcpy(out->name, p->name, sizeof(out->name));
	strlcpy(out->driver, p->ops->name, sizeof(out->driver));
	strlcpy(out->reason, port_trouble(p), sizeof(out->reason));
	memcpy(out->mac, p->mac, 6);
	out->bdf = p->pci_bdf;
	out->vendor = p->pci_vendor;
	out->device = p->pci_device;
	out->link = p->link;
	out->full_duplex = p->full_duplex;
	out->running = p->state == PORT_RUNNING;
	out->can_wake = p->can_wake;
	out->speed_mbps = p->speed_mbps;
	out->mtu = p->mtu;
	out->mtu_max = p->mtu_max;
	out->rx_queues = p->rx_queues;
	out->tx_queues = p->tx_queues;
	out->rx_missed = p->nic.rx_missed;
	out->rx_crc = p->nic.rx_crc;
	out->rx_length = p->nic.rx_length;
	out->rx_nobuf = p->nic.rx_nobuf;
	out->tx_errors = p->nic.tx_errors;
	out->tx_aborted = p->tx_aborted;
	out->resets = p->nic.resets;
	out->bad_descriptor = p->nic.bad_descriptor;
	out->link_changes = p->nic.link_changes;
	out->irq_interval = p->irq_interval;
	out->flow_slots = p->flow_slots;
	out->flows_used = load_relaxed(&p->flows_used);
	out->statistics = p->stats.count;
	out->registers = p->regs.count;
	port_queues(p, out);
	port_module(p, &out->module);
	port_traffic(out);
}

/* Network function number n that no driver took. */
static struct device *undriven(u32 n)
{
	struct device *d;

	for (unsigned i = 0; (d = device_get(i)); i++) {
		if (d->class_code >> 16 == PCI_CLASS_NETWORK && !d->driver && n-- == 0)
			return d;
	}
	return NULL;
}

static void fill_undriven(const struct device *d, struct pix_port *out)
{
	strlcpy(out->reason, d->reason, sizeof(out->reason));
	out->bdf = d->bdf;
	out->vendor = d->vendor;
	out->device = d->device;
}

static void one_port(u32 n, void *e)
{
	u32 nics = port_count() - 1u;

	if (n < nics) {
		fill_port(port_get((u16)(n + 1)), e);
		return;
	}

	const struct device *d = undriven(n - nics);

	if (d)
		fill_undriven(d, e);
}

u32 stat_ports(u32 start, void *out, u32 max, u32 *total)
{
	u32 extra = 0;

	while (undriven(extra))
		extra++;
	*total = port_count() - 1u + extra;
	return each(start, out, max, *total, sizeof(struct pix_port), one_port);
}

/* The port of a list's cursor, whose next element is number cursor[1]; NULL when there is none. */
static const struct port *port_at(const u64 cursor[4])
{
	return cursor[0] && cursor[0] < port_count() ? port_get((u16)cursor[0]) : NULL;
}

u32 stat_statistics(u64 cursor[4], void *out, u32 max, u32 *total)
{
	const struct port *p = port_at(cursor);
	struct pix_statistic *s = out;
	u32 n = 0;

	*total = p ? p->stats.count : 0;
	for (; n < max && cursor[1] < *total; n++, cursor[1]++) {
		memset(&s[n], 0, sizeof(s[n]));
		strlcpy(s[n].name, p->stats.name[cursor[1]], sizeof(s[n].name));
		s[n].value = load_relaxed(&p->stats.value[cursor[1]]);
	}
	return n;
}

u32 stat_registers(u64 cursor[4], void *out, u32 max, u32 *total)
{
	const struct port *p = port_at(cursor);
	struct pix_register *r = out;
	u32 n = 0;

	*total = p && load_acquire(&p->regs.rounds) ? p->regs.count : 0;
	for (; n < max && cursor[1] < *total; n++, cursor[1]++) {
		const struct port_reg *reg = &p->regs.table[cursor[1]];

		memset(&r[n], 0, sizeof(r[n]));
		strlcpy(r[n].name, reg->name, sizeof(r[n].name));
		r[n].offset = reg->off;
		r[n].bytes = reg->bytes;
		r[n].valid = !reg->clears;
		r[n].value = load_relaxed(&p->regs.value[cursor[1]]);
	}
	return n;
}

/* --- QGMs, drops, the law -------------------------------------------------------------------- */

static u64 ports_of(u16 qgm)
{
	u64 map = 0;

	for (u16 i = 1; i < port_count(); i++) {
		if (port_get(i)->owner == qgm)
			map |= 1ull << i;
	}
	return map;
}

static void one_qgm(u32 n, void *e)
{
	const struct ctl_qgm *q = &ctl_block()->qgm[n];
	const struct qgm_counters *c = q->counters;
	const struct cpu *cpu = cpu_of_qgm(n);
	struct pix_qgm *out = e;

	out->id = (u16)n;
	out->cpu = (u16)cpu->id;
	out->node = (u16)cpu->node;
	out->state = !load_relaxed(&q->up) ? 2 : load_relaxed(&q->napping) ? 1 : 0;
	out->epoch = load_relaxed(&c->epoch);
	out->turns = load_relaxed(&c->turns);
	out->turns_empty = load_relaxed(&c->turns_empty);
	out->busy_cycles = load_relaxed(&c->busy_cycles);
	out->total_cycles = load_relaxed(&c->total_cycles);
	out->gap_max_ns = clock_tsc_to_ns(load_relaxed(&c->gap_max));
	out->steered = load_relaxed(&c->steered);
	out->steer_moves = load_relaxed(&c->steer_moves);
	out->rx = load_relaxed(&c->rx);
	out->ring_in = load_relaxed(&c->ring_in);
	out->made = load_relaxed(&c->made);
	out->copies = load_relaxed(&c->copies);
	out->tx = load_relaxed(&c->tx);
	out->ring_out = load_relaxed(&c->ring_out);
	out->consumed = load_relaxed(&c->consumed);
	out->held = load_relaxed(&c->held);
	for (u32 i = 0; i < DROP_COUNT; i++)
		out->drops += load_relaxed(&c->drops[i]);
	for (u32 i = 0; i < PIX_PUNT_CLASSES; i++)
		out->punted[i] = load_relaxed(&c->punted[i]);
	for (u32 i = 0; i < PIX_STAGES; i++) {
		out->stage_packets[i] = load_relaxed(&c->stage[i].packets);
		out->stage_cycles[i] = load_relaxed(&c->stage[i].cycles);
	}
	out->ports = ports_of((u16)n);
}

u32 stat_qgms(u32 start, void *out, u32 max, u32 *total)
{
	*total = ctl_block()->qgm_count;
	return each(start, out, max, *total, sizeof(struct pix_qgm), one_qgm);
}

static void one_drop(u32 n, void *e)
{
	struct pix_drop *d = e;

	strlcpy(d->name, drop_infos[n].name, sizeof(d->name));
	strlcpy(d->sentence, drop_infos[n].sentence, sizeof(d->sentence));
	for (u16 i = 0; i < ctl_block()->qgm_count; i++)
		d->count += load_relaxed(&ctl_block()->qgm[i].counters->drops[n]);
}

u32 stat_drops(u32 start, void *out, u32 max, u32 *total)
{
	*total = DROP_COUNT;
	return each(start, out, max, *total, sizeof(struct pix_drop), one_drop);
}

static void one_law(u32 n, void *e)
{
	if (!snapshot_law((u16)n, e))
		((struct pix_conservation *)e)->qgm = (u16)n;
}

u32 stat_conservation(u32 start, void *out, u32 max, u32 *total)
{
	*total = ctl_block()->qgm_count;
	return each(start, out, max, *total, sizeof(struct pix_conservation), one_law);
}

static void one_port_law(u32 n, void *e)
{
	struct pix_port_law *l = e;
	const struct port *p = n ? port_get((u16)n) : NULL;

	snapshot_port_law((u16)n, l);
	strlcpy(l->name, p ? p->name : "host", sizeof(l->name));
}

u32 stat_port_law(u32 start, void *out, u32 max, u32 *total)
{
	*total = port_count();
	return each(start, out, max, *total, sizeof(struct pix_port_law), one_port_law);
}

static void one_pool(u32 n, void *e)
{
	snapshot_pool(n, e);
}

u32 stat_pools(u32 start, void *out, u32 max, u32 *total)
{
	*total = snapshot_pools();
	return each(start, out, max, *total, sizeof(struct pix_pool), one_pool);
}

/* --- tables ---------------------------------------------------------------------------------- */

u32 stat_ifaces(u32 start, void *out, u32 max, u32 *total)
{
	return control_list_ifaces(start, out, max, total);
}

u32 stat_routes(u64 cursor[4], void *out, u32 max, u32 *total)
{
	struct control_routes at;
	u32 n;

	_Static_assert(sizeof(at) == 4 * sizeof(cursor[0]), "a cursor holds it");
	memcpy(&at, cursor, sizeof(at));
	if (at.vrf >= VRF_MAX || at.len > 128) /* what a user made up */
		return 0;
	n = control_list_routes(&at, out, max, total);
	memcpy(cursor, &at, sizeof(at));
	return n;
}

u32 stat_tables(u32 start, void *out, u32 max, u32 *total)
{
	return control_list_tables(start, out, max, total);
}

u32 stat_gateways(u32 start, void *out, u32 max, u32 *total)
{
	return control_list_gateways(start, out, max, total);
}

u32 stat_neighs(u32 start, void *out, u32 max, u32 *total)
{
	return control_list_neigh(start, out, max, total);
}

u32 stat_bridges(u32 start, void *out, u32 max, u32 *total)
{
	struct pix_bridge *b = out;
	u32 n = control_list_bridges(start, b, max, total);

	for (u32 i = 0; i < n; i++)
		fdb_count(b[i].id, &b[i].macs, b[i].refused);
	return n;
}

u32 stat_macs(u32 start, void *out, u32 max, u32 *total)
{
	return fdb_list(start, out, max, total);
}

u32 stat_steer(u32 start, void *out, u32 max, u32 *total)
{
	return steer_list(start, out, max, total);
}

u32 stat_if_counts(u32 start, void *out, u32 max, u32 *total)
{
	return ifcount_list(start, out, max, total);
}

u32 stat_flows(u32 start, void *out, u32 max, u32 *total)
{
	return steer_list_flows(start, out, max, total);
}
