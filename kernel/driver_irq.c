// SPDX-License-Identifier: MIT
/*
 * Interrupts of network devices: who is woken by which line. They only end a QGM's sleep.
 *
 *	MSI, MSI-X        device -> vector of the owner's core
 *	line, one QGM     IOAPIC -> owner's core (core_route_gsi)
 *	line, more QGMs   IOAPIC -> boot CPU: mask, IPI to each QGM on the line; the first of them
 *that goes to sleep again sends the boot CPU a vector: unmask. A QGM that is busy takes no
 *interrupt, so it cannot pass a shared line on to its neighbours. one-CPU mode      IOAPIC -> this
 *CPU: mask, net_device_irq(); unmasked by dev_irq_rearm()
 *
 * There is no AML interpreter, so no _PRT: the line of a device is found by asking the device to
 * assert it and looking which of the possible lines fires. On q35 two do: the one of the 8259
 * (config register 3Ch) and one of 16..23; the higher is taken and the other stays masked.
 *
 * Boot CPU, but dev_irq_rearm(): the owner QGM, which may not touch this file's variables.
 */
#include "kernel/driver.h"
#include "kernel/arch/x86_64/core.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/clock.h"
#include "kernel/errno.h"
#include "kernel/mm/split.h"
#include "kernel/printk.h"
#include "kernel/smp.h"

enum {
	IRQ_LINES_MAX = 32,
	IRQ_LINE_DEVICES = 16,
	ISA_IRQS = 16,
	PROBE_LINES_MAX = 24,
	PROBE_TIMEOUT_NS = 5000000,
	PROBE_SETTLE_NS = 100000, /* the second line of a pair fires with the first */
};

/* A line and the devices on it. */
struct irq_line {
	u32 gsi;
	u32 count;
	struct dev_irq *irq[IRQ_LINE_DEVICES];
};

static struct irq_line lines[IRQ_LINES_MAX];
static unsigned nlines;

__weak void net_device_irq(u16 qgm)
{
	struct cpu *c = cpu_of_qgm(qgm);

	if (c)
		core_wake(c->apic_id);
}

static struct dev_irq *irq_of(struct device *d, u16 qgm)
{
	if (!d->irq)
		d->irq = dp_alloc(DP_CTL, sizeof(*d->irq), CACHE_LINE, d->node);
	if (d->irq)
		d->irq->qgm = qgm;
	return d->irq;
}

/* --- messages ------------------------------------------------------------------------------ */

static void message_local(void *arg)
{
	net_device_irq(((struct dev_irq *)arg)->qgm);
}

/* An address and data that reach the CPU of the QGM. */
static int message_for(struct dev_irq *irq, u64 *addr, u32 *data)
{
	struct cpu *c = cpu_of_qgm(irq->qgm);
	int vector;

	if (!c)
		return -ENODEV;
	if (smp_shared_mode)
		return irq_alloc_msi(c, message_local, irq, addr, data);
	vector = core_vector_alloc(c);
	if (vector < 0)
		return vector;
	irq_msi_message(c, (u8)vector, addr, data);
	return 0;
}

static int attach_message(struct device *d, struct dev_irq *irq, bool msix, u16 entry)
{
	u64 addr;
	u32 data;
	int err;

	if (!irq)
		return -ENOMEM;
	err = message_for(irq, &addr, &data);
	if (!err)
		err = msix ? pci_msix_set(d, entry, addr, data) : pci_msi_set(d, addr, data);
	if (!err)
		irq->kind = DEV_IRQ_MSG;
	return err;
}

int dev_irq_attach_msix(struct device *d, u16 entry, u16 qgm)
{
	if (!d->cap_msix || entry >= d->msix_entries)
		return -ENODEV;
	return attach_message(d, irq_of(d, qgm), true, entry);
}

int dev_irq_attach_msi(struct device *d, u16 qgm)
{
	if (!d->cap_msi)
		return -ENODEV;
	return attach_message(d, irq_of(d, qgm), false, 0);
}

int dev_irq_attach_vector(struct device *d, u16 entry, u16 qgm)
{
	struct dev_irq *irq;

	if (!d->cap_msix || entry >= d->msix_entries)
		return -ENODEV;
	irq = dp_alloc(DP_CTL, sizeof(*irq), CACHE_LINE, d->node);
	if (irq)
		irq->qgm = qgm;
	return attach_message(d, irq, true, entry);
}

/* --- lines: the self test ------------------------------------------------------------------ */

struct line_probe {
	u32 gsi;
	u32 fired;
	const struct dev_irq_test *test;
};

static void probe_handler(void *arg)
{
	struct line_probe *p = arg;

	irq_mask_gsi(p->gsi);
	p->test->quiet(p->test->arg);
	store_relaxed(&p->fired, 1);
}

static unsigned probe_candidates(const struct device *d, struct line_probe *p)
{
	unsigned n = 0;
	u32 end = irq_gsi_count();

	if (d->irq_line > 2 && d->irq_line < ISA_IRQS)
		p[n++].gsi = d->irq_line;
	for (u32 gsi = ISA_IRQS; gsi < end && gsi < 24 && n < PROBE_LINES_MAX; gsi++)
		p[n++].gsi = gsi;
	return n;
}

static bool probe_fired(struct line_probe *p, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (load_relaxed(&p[i].fired))
			return true;
	return false;
}

/* The GSI that the device asserts, or -ENODEV. */
static int line_find(struct device *d, const struct dev_irq_test *test)
{
	struct line_probe p[PROBE_LINES_MAX] = { 0 };
	bool installed[PROBE_LINES_MAX] = { 0 };
	unsigned n = probe_candidates(d, p);
	u64 end, flags;
	int gsi = -ENODEV;

	for (unsigned i = 0; i < n; i++) {
		p[i].test = test;
		installed[i] = irq_install_gsi(p[i].gsi, true, probe_handler, &p[i]) == 0;
	}
	flags = irq_save();
	irq_on();
	end = clock_ns() + PROBE_TIMEOUT_NS;
	test->trigger(test->arg);
	while (!probe_fired(p, n) && clock_ns() < end)
		cpu_pause();
	clock_delay_ns(PROBE_SETTLE_NS);
	test->quiet(test->arg);
	irq_off();
	irq_restore(flags);
	for (unsigned i = 0; i < n; i++) {
		if (!installed[i])
			continue;
		irq_remove_gsi(p[i].gsi, probe_handler, &p[i]);
		if (p[i].fired)
			gsi = (int)p[i].gsi; /* ascending: the highest stays */
	}
	return gsi;
}

static struct irq_line *line_of(u32 gsi)
{
	for (unsigned i = 0; i < nlines; i++)
		if (lines[i].gsi == gsi)
			return &lines[i];
	if (nlines == IRQ_LINES_MAX)
		return NULL;
	lines[nlines].gsi = gsi;
	return &lines[nlines++];
}

int dev_irq_attach_intx(struct device *d, u16 qgm, const struct dev_irq_test *test, bool *can_wake)
{
	struct dev_irq *irq;
	struct irq_line *l;
	int gsi;

	if (!d->irq_pin)
		return -ENODEV;
	irq = irq_of(d, qgm);
	if (!irq)
		return -ENOMEM;
	pci_intx_enable(d, true);
	gsi = line_find(d, test);
	l = gsi < 0 ? NULL : line_of((u32)gsi);
	if (!l || l->count == IRQ_LINE_DEVICES) {
		pci_intx_enable(d, false);
		dev_log(d, "no interrupt line found, its QGM wakes by the clock");
		return -ENODEV;
	}
	irq->gsi = (u32)gsi;
	irq->can_wake = can_wake;
	l->irq[l->count++] = irq;
	return 0;
}

/* --- lines: routing ------------------------------------------------------------------------ */

/* On the boot CPU: mask, wake everybody on the line. */
static void line_handler(void *arg)
{
	struct irq_line *l = arg;

	irq_mask_gsi(l->gsi);
	for (u32 i = 0; i < l->count; i++)
		store_relaxed(&l->irq[i]->masked, 1);
	for (u32 i = 0; i < l->count; i++)
		net_device_irq(l->irq[i]->qgm);
}

/* On the boot CPU, asked for by a QGM that goes to sleep. */
static void line_unmask(void *arg)
{
	irq_unmask_gsi(((struct irq_line *)arg)->gsi);
}

static bool line_has_one_qgm(const struct irq_line *l)
{
	for (u32 i = 1; i < l->count; i++)
		if (l->irq[i]->qgm != l->irq[0]->qgm)
			return false;
	return true;
}

static int line_route_boot_cpu(struct irq_line *l, enum dev_irq_kind *kind)
{
	u64 addr;
	u32 data = 0;
	int err;

	if (!smp_shared_mode) {
		err = irq_alloc_msi(&cpus[0], line_unmask, l, &addr, &data);
		if (err)
			return err;
	}
	for (u32 i = 0; i < l->count; i++) {
		l->irq[i]->apic_id = cpus[0].apic_id;
		l->irq[i]->vector = (u8)data; /* MSI data 7:0 (SDM vol. 3A, 11.11.2) */
	}
	*kind = smp_shared_mode ? DEV_IRQ_LOCAL : DEV_IRQ_SHARED;
	return irq_install_gsi(l->gsi, true, line_handler, l);
}

void dev_irq_commit(void)
{
	for (unsigned i = 0; i < nlines; i++) {
		struct irq_line *l = &lines[i];
		enum dev_irq_kind kind = DEV_IRQ_CORE;
		int err;

		if (!smp_shared_mode && line_has_one_qgm(l))
			err = core_route_gsi(l->gsi, cpu_of_qgm(l->irq[0]->qgm), true);
		else
			err = line_route_boot_cpu(l, &kind);
		for (u32 n = 0; n < l->count; n++) {
			l->irq[n]->kind = err ? DEV_IRQ_NONE : kind;
			if (err)
				*l->irq[n]->can_wake = false;
		}
		if (err)
			printk("irq: line %u cannot be routed (error %d)\n", l->gsi, -err);
	}
}

void dev_irq_rearm(struct dev_irq *irq)
{
	if (irq->kind == DEV_IRQ_CORE) {
		core_unmask_gsi(irq->gsi);
		return;
	}
	if (!load_relaxed(&irq->masked))
		return;
	store_relaxed(&irq->masked, 0);
	if (irq->kind == DEV_IRQ_SHARED)
		core_ipi(irq->apic_id, (u8)irq->vector);
	else if (irq->kind == DEV_IRQ_LOCAL)
		irq_unmask_gsi(irq->gsi);
}
