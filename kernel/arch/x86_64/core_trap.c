// SPDX-License-Identifier: MIT
/*
 * QGM cores: their interrupt table and what interrupts do there, which is to count and acknowledge.
 * This file's data lies in .qgm.*; it calls nothing of the generic partition.
 */
#include "kernel/arch/x86_64/core_state.h"
#include "kernel/arch/x86_64/lapic.h"
#include "qgm/atomic.h"

/* Read-only once the roots are built: a stray write cannot redirect a trap. */
__shared static struct idt_gate idt[256] __attribute__((aligned(16)));

void core_idt_fill(void)
{
	for (unsigned v = 0; v < 256; v++)
		desc_gate(&idt[v], core_stubs[v],
			  v == TRAP_NMI ? IST_NMI
			  : v < 32      ? IST_FAULT
					: IST_NONE);
}

/* First code on the core's own root. */
void core_main(struct core_state *st)
{
	desc_load(&st->gdt, idt);
	wrmsr(MSR_GS_BASE, (u64)st);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	store_release(&st->running, true); /* pairs with the acquire in core_start */
	st->fn(st->arg);
	__builtin_trap();
}

static void exception(struct core_state *st, struct trapframe *f)
{
	st->fault = *f;
	st->fault_cr2 = read_cr2();
	store_release(&st->irqs->fault, 1);
	core_fault(f);
	for (;;)
		__asm__ volatile("cli; hlt");
}

void core_trap(struct trapframe *f)
{
	struct core_state *st = core_this();
	struct core_irqs *n = st->irqs;

	if (f->vector == TRAP_NMI) {
		counter_add(&n->nmi, 1);
	} else if (f->vector < 32) {
		exception(st, f);
	} else if (f->vector == VEC_SPURIOUS) {
		counter_add(&n->spurious, 1);
	} else if (f->vector == IPI_WAKE) {
		counter_add(&n->ipi, 1);
		lapic_eoi();
	} else if (f->vector == VEC_TIMER) {
		counter_add(&n->oneshot, 1);
		lapic_eoi();
	} else if (f->vector >= CORE_VEC_LEVEL && f->vector < CORE_VEC_LEVEL + st->level_count) {
		/* The EOI is owed until the device was polled: the line stays quiet meanwhile. */
		counter_add(&n->device, 1);
		store_relaxed(&n->last_vector, f->vector);
		st->level_pending = st->level_gsi[f->vector - CORE_VEC_LEVEL] + 1;
	} else if (f->vector >= CORE_VEC_EDGE && f->vector < CORE_VEC_EDGE + st->edge_count) {
		counter_add(&n->device, 1);
		store_relaxed(&n->last_vector, f->vector);
		lapic_eoi();
	} else {
		counter_add(&n->spurious, 1);
		lapic_eoi();
	}
}
