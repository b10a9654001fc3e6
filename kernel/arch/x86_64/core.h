// SPDX-License-Identifier: MIT
/*
 * QGM cores: what runs underneath a QGM. Own GDT, IDT, TSS and stacks in DP_PRIVATE memory,
 * root_qgm, no tick. Interrupts are off but inside core_halt(); handlers count and acknowledge,
 * nothing else.
 */
#pragma once

#include "kernel/types.h"
#include "kernel/smp.h"

/* One line per core in DP_COUNTERS; written by that core's handlers only. */
struct core_irqs {
	u64 device;  /* MSI and GSI vectors */
	u64 ipi;     /* wake IPIs */
	u64 oneshot; /* LAPIC timer */
	u64 nmi;
	u64 spurious;    /* LAPIC spurious vector and vectors nobody allocated */
	u64 fault;       /* 1: an exception stopped the core */
	u64 last_vector; /* of the newest device interrupt */
	u64 reserved;
} __attribute__((aligned(64)));

enum { CORE_STACK_SIZE = 65536 };

/*
 * Run fn(arg) on CPU c (online, PART_QGM, parked) for ever. Allocates from DP_PRIVATE: start-up
 * only, before dp_seal, boot CPU. Sets c->core_irqs. Waits until the core has switched (at most 1
 * s). 0, -EINVAL, -ENOMEM, -ETIMEDOUT. fn returning is a core fault.
 */
int core_start(struct cpu *c, void (*fn)(void *arg), void *arg);

/* --- on the QGM core itself --- */

/* sti; hlt; cli. Everything pending is taken before it returns. */
void core_halt(void);

/* Interrupt this core after `cycles` TSC cycles (0: disarm). One at a time; later arms replace. */
void core_oneshot(u64 cycles);

/* Re-arm a level line after its device was polled: must precede the next core_halt(). */
void core_unmask_gsi(u32 gsi);

/* Send the wake IPI. Any core of either partition. */
void core_wake(u32 apic_id);

/* Send a fixed interrupt with this vector (irq_alloc_msi) to a generic core. Any core. */
void core_ipi(u32 apic_id, u8 vector);

/*
 * An exception on a QGM core, on its IST stack. Stops this QGM only; must not return. The frame's
 * memory is private to the core. Implemented in kernel/net/core_env.c.
 */
struct trapframe;
void core_fault(struct trapframe *f);

/* --- generic side, start-up --- */

/* A vector (edge: MSI, MSI-X) on QGM core c, which counts as `device`. -ENOSPC. */
int core_vector_alloc(struct cpu *c);

/*
 * Route an IOAPIC line to QGM core c and unmask it. Level: it fires once, then stays quiet until
 * the core calls core_unmask_gsi(gsi) (done with a deferred EOI: no IOAPIC access from the core).
 * At most 16 level lines per core. 0, -ENODEV, -ENOSPC.
 */
int core_route_gsi(u32 gsi, struct cpu *c, bool level);
