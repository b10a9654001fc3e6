// SPDX-License-Identifier: MIT
/*
 * The generic side of QGM cores: making their state, unparking them, giving them vectors and lines.
 * Boot CPU, start-up, on root_boot.
 */
#include "kernel/arch/x86_64/core.h"
#include "kernel/arch/x86_64/core_state.h"
#include "kernel/arch/x86_64/ioapic.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/clock.h"
#include "kernel/errno.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/split_init.h"
#include "kernel/printk.h"
#include "qgm/atomic.h"

enum { IST_STACK = 8192 };

/* Vectors may be asked for before the core starts: whoever comes first makes the state. */
static struct core_state *state_of(struct cpu *c)
{
	static bool idt_filled;
	struct core_state *st = c->core;

	if (st || dp_sealed())
		return st;
	if (!idt_filled)
		core_idt_fill();
	idt_filled = true;
	st = dp_alloc(DP_PRIVATE, sizeof(*st), CACHE_LINE, c->node);
	if (!st)
		return NULL;
	st->irqs = dp_alloc(DP_COUNTERS, sizeof(*st->irqs), CACHE_LINE, c->node);
	st->stack = dp_stack_alloc(CORE_STACK_SIZE, c->node);
	st->ist_fault = dp_stack_alloc(IST_STACK, c->node);
	st->ist_nmi = dp_stack_alloc(IST_STACK, c->node);
	if (!st->irqs || !st->stack || !st->ist_fault || !st->ist_nmi)
		return NULL;
	st->self = st;
	st->id = c->id;
	st->tss.ist[IST_FAULT - 1] = st->ist_fault;
	st->tss.ist[IST_NMI - 1] = st->ist_nmi;
	desc_fill(&st->gdt, &st->tss);
	c->core = st;
	c->core_irqs = st->irqs;
	return st;
}

/* On the AP itself, interrupts off: nothing of the generic partition is used afterwards. */
static void become_qgm(struct cpu *c)
{
	struct core_state *st = c->core;

	core_enter(st, st->stack, root_qgm);
}

int core_start(struct cpu *c, void (*fn)(void *arg), void *arg)
{
	struct core_state *st;
	u64 end;

	if (!c->online || c->partition != PART_QGM || c->qgm_running || !fn)
		return -EINVAL;
	st = state_of(c);
	if (!st)
		return -ENOMEM;
	st->fn = fn;
	st->arg = arg;
	c->qgm_running = true;
	store_release(&c->unpark, become_qgm);
	ipi_send(c, IPI_WAKE);
	end = rdtsc() + tsc_hz;
	while (!load_acquire(&st->running)) {
		if ((s64)(end - rdtsc()) <= 0)
			return -ETIMEDOUT;
		cpu_pause();
	}
	return 0;
}

int core_vector_alloc(struct cpu *c)
{
	struct core_state *st = state_of(c);

	if (!st)
		return -ENOMEM;
	if (CORE_VEC_EDGE + st->edge_count > VEC_DEVICE_LAST)
		return -ENOSPC;
	return CORE_VEC_EDGE + st->edge_count++;
}

int core_route_gsi(u32 gsi, struct cpu *c, bool level)
{
	struct core_state *st = state_of(c);
	bool is_level;
	int vector, err;

	if (!st)
		return -ENOMEM;
	/* What the line is, the MADT may know better: ask, masked, before a vector is chosen. */
	err = ioapic_route(gsi, VEC_SPURIOUS, c->apic_id, level, true, &is_level);
	if (err)
		return err;
	irq_forget_gsi(gsi);
	if (!is_level) {
		vector = core_vector_alloc(c);
		if (vector < 0)
			return vector;
		return ioapic_route(gsi, vector, c->apic_id, level, false, NULL);
	}
	for (u32 i = 0; i < st->level_count; i++)
		if (st->level_gsi[i] == gsi)
			return ioapic_route(gsi, CORE_VEC_LEVEL + i, c->apic_id, level, false,
					    NULL);
	if (st->level_count == CORE_LEVEL_LINES)
		return -ENOSPC;
	st->level_gsi[st->level_count] = gsi;
	vector = CORE_VEC_LEVEL + st->level_count++;
	return ioapic_route(gsi, vector, c->apic_id, level, false, NULL);
}
