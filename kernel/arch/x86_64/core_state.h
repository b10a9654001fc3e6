// SPDX-License-Identifier: MIT
/*
 * Private state of a QGM core, in DP_PRIVATE memory: tables, counters, interrupt lines. Written by
 * the boot CPU at start-up, then by its core only.
 */
#pragma once

#include "kernel/arch/x86_64/core.h"
#include "kernel/arch/x86_64/desc.h"
#include "kernel/arch/x86_64/trap.h"

/* Level lines use one priority class, so that at most one of them is in service at a time. */
enum {
	CORE_VEC_LEVEL = 0x30, /* 0x30..0x3f */
	CORE_LEVEL_LINES = 16,
	CORE_VEC_EDGE = 0x40, /* 0x40..0xef */
};

struct core_state {
	struct core_state *self; /* %gs:0 */
	struct core_irqs *irqs;
	void (*fn)(void *arg);
	void *arg;
	u32 id;            /* CPU id */
	u32 level_pending; /* GSI + 1 of the level interrupt whose EOI is owed; 0: none */
	u32 level_gsi[CORE_LEVEL_LINES]; /* vector - CORE_VEC_LEVEL -> GSI */
	u32 level_count, edge_count;
	bool running; /* on the core's own root, about to call fn */
	vaddr_t stack, ist_fault, ist_nmi;
	struct gdt gdt;
	struct tss tss;
	struct trapframe fault; /* registers of the exception that stopped the core */
	u64 fault_cr2;
};

/* The state of the core we run on. QGM cores only. */
static inline struct core_state *core_this(void)
{
	struct core_state *st;

	__asm__ volatile("mov %%gs:0, %0" : "=r"(st));
	return st;
}

/* core_entry.asm */
void core_enter(struct core_state *st, u64 stack_top, u64 root) __noreturn;
extern const u64 core_stubs[256];

/* core_trap.c: called by assembly, or at start-up by the boot CPU. */
void core_main(struct core_state *st) __noreturn;
void core_trap(struct trapframe *f);
void core_idt_fill(void);
