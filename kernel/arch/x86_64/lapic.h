// SPDX-License-Identifier: MIT
/*
 * The local APIC, in xAPIC or x2APIC mode (Intel SDM vol. 3A, chapter 11). Register access is
 * inline and needs only .shared and the fixed page, so that both partitions use it.
 */
#pragma once

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/mm/layout.h"
#include "kernel/smp.h"
#include "kernel/types.h"

/* Offsets in the xAPIC page; the x2APIC MSR is 0x800 + offset / 16. Table 11-6. */
enum lapic_reg {
	LAPIC_ID = 0x020,
	LAPIC_VERSION = 0x030,
	LAPIC_TPR = 0x080,
	LAPIC_EOI = 0x0b0,
	LAPIC_LDR = 0x0d0,
	LAPIC_SVR = 0x0f0,
	LAPIC_ISR = 0x100,
	LAPIC_ESR = 0x280,
	LAPIC_LVT_CMCI = 0x2f0,
	LAPIC_ICR_LOW = 0x300,
	LAPIC_ICR_HIGH = 0x310,
	LAPIC_LVT_TIMER = 0x320,
	LAPIC_LVT_THERMAL = 0x330,
	LAPIC_LVT_PERF = 0x340,
	LAPIC_LVT_LINT0 = 0x350,
	LAPIC_LVT_LINT1 = 0x360,
	LAPIC_LVT_ERROR = 0x370,
	LAPIC_TIMER_INITIAL = 0x380,
	LAPIC_TIMER_CURRENT = 0x390,
	LAPIC_TIMER_DIVIDE = 0x3e0,
};

enum {
	SVR_ENABLE = 1 << 8,
	LVT_MASKED = 1 << 16,
	LVT_PERIODIC = 1 << 17,
	LVT_NMI = 4 << 8,
	TIMER_DIVIDE_1 = 0xb,
	ICR_NMI = 4 << 8,
	ICR_INIT = 5 << 8,
	ICR_STARTUP = 6 << 8,
	ICR_PENDING = 1 << 12,
	ICR_ASSERT = 1 << 14,
	ICR_ALL_BUT_SELF = 3 << 18,
};

/* The vectors of both partitions' tables. */
enum vector {
	VEC_LEGACY = 0x20, /* 16 vectors of the masked 8259s: spurious only */
	VEC_DEVICE = 0x30,
	VEC_DEVICE_LAST = 0xef,
	/* 0xf0.. enum ipi_vector */
	VEC_TIMER = 0xf8,
	VEC_ERROR = 0xfe,
	VEC_SPURIOUS = 0xff,
};

extern bool lapic_x2;      /* x2APIC mode on all CPUs */
extern u64 lapic_timer_hz; /* counts a second with divider 1 */

static inline u32 lapic_read(enum lapic_reg r)
{
	if (lapic_x2)
		return (u32)rdmsr(MSR_X2APIC + r / 16);
	return *(volatile u32 *)(FIXMAP_LAPIC + r);
}

static inline void lapic_write(enum lapic_reg r, u32 v)
{
	if (lapic_x2)
		wrmsr(MSR_X2APIC + r / 16, v);
	else
		*(volatile u32 *)(FIXMAP_LAPIC + r) = v;
}

static inline u32 lapic_id(void)
{
	u32 v = lapic_read(LAPIC_ID);

	return lapic_x2 ? v : v >> 24;
}

static inline void lapic_eoi(void)
{
	lapic_write(LAPIC_EOI, 0);
}

/*
 * Write the interrupt command register: `command` is the low half. Waits until an earlier command
 * was accepted (bounded). Interrupts are kept off between the two writes of xAPIC mode.
 */
static inline void lapic_icr(u32 apic_id, u32 command)
{
	if (lapic_x2) {
		/* Earlier stores must be visible to the target: WRMSR does not order (11.12.3). */
		__asm__ volatile("mfence; lfence" : : : "memory");
		wrmsr(MSR_X2APIC + LAPIC_ICR_LOW / 16, (u64)apic_id << 32 | command);
		return;
	}
	u64 flags = irq_save();

	for (int i = 0; i < 100000 && (lapic_read(LAPIC_ICR_LOW) & ICR_PENDING); i++)
		__builtin_ia32_pause();
	lapic_write(LAPIC_ICR_HIGH, apic_id << 24);
	lapic_write(LAPIC_ICR_LOW, command);
	irq_restore(flags);
}

/* Boot CPU: choose the mode. The fixed page is mapped already. */
void lapic_init(void);
/* Each CPU: enable it, mask all local vectors. Also loads root-independent state only. */
void lapic_init_cpu(void);

/* Periodic interrupts at TICK_HZ on this generic core. */
void lapic_tick_start(void);

/* NMI to every online core of the generic and app partitions but this one. For panic. */
void lapic_stop_others(void);
