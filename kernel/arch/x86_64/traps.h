// SPDX-License-Identifier: MIT
/* Start-up of the trap tables of generic (and not yet started) cores: for start-up code only. */
#pragma once

#include "kernel/smp.h"

struct trapframe;

/* Boot CPU, before anything can fault: IDT, GDT, TSS in static memory, GS base. */
void traps_init(void);

/* Boot CPU: GDT, TSS and emergency stacks of c. 0 or -1 (no memory). */
int traps_alloc_cpu(struct cpu *c);

/* On c itself: load what traps_alloc_cpu made. */
void traps_load_cpu(struct cpu *c);

/* Called by trap_entry.asm. */
void trap_dispatch(struct trapframe *f);
void trap_dispatch_ist(struct trapframe *f);

/* Vectors 32..255 (irq.c). */
void irq_dispatch(struct trapframe *f);
