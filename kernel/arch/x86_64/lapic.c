// SPDX-License-Identifier: MIT
/* Set-up of the local APIC on each CPU, and the generic side's IPIs. */
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/clock.h"
#include "kernel/printk.h"

enum { APIC_BASE_ENABLE = 1 << 11, APIC_BASE_X2 = 1 << 10 };

__shared bool lapic_x2;
__shared u64 lapic_timer_hz;

void lapic_init(void)
{
	/* Firmware may have switched to x2APIC mode already; there is no way back but a reset. */
	lapic_x2 = cpu_features.x2apic;
	printk("lapic: %s mode\n", lapic_x2 ? "x2apic" : "xapic");
}

void lapic_init_cpu(void)
{
	u64 base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	wrmsr(MSR_APIC_BASE, base);
	if (lapic_x2)
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2);
	lapic_write(LAPIC_TPR, 0);
	lapic_write(LAPIC_LVT_TIMER, LVT_MASKED);
	lapic_write(LAPIC_LVT_LINT0, LVT_MASKED);
	lapic_write(LAPIC_LVT_LINT1, LVT_NMI);
	lapic_write(LAPIC_LVT_ERROR, VEC_ERROR);
	if ((lapic_read(LAPIC_VERSION) >> 16 & 0xff) >= 4)
		lapic_write(LAPIC_LVT_PERF, LVT_MASKED);
	lapic_write(LAPIC_SVR, SVR_ENABLE | VEC_SPURIOUS);
	lapic_write(LAPIC_ESR, 0);
	lapic_eoi();
}

void lapic_tick_start(void)
{
	lapic_write(LAPIC_TIMER_DIVIDE, TIMER_DIVIDE_1);
	lapic_write(LAPIC_LVT_TIMER, LVT_PERIODIC | VEC_TIMER);
	lapic_write(LAPIC_TIMER_INITIAL, (u32)(lapic_timer_hz / TICK_HZ));
}

/* One-shot from the first call on: the scheduler asks again at every tick. */
void clock_tick_in(u64 ns)
{
	u64 count = ns * lapic_timer_hz / 1000000000;

	lapic_write(LAPIC_LVT_TIMER, VEC_TIMER);
	lapic_write(LAPIC_TIMER_INITIAL, count ? (u32)count : 1);
}

void ipi_send(struct cpu *c, u8 vector)
{
	lapic_icr(c->apic_id, ICR_ASSERT | vector);
}

void lapic_stop_others(void)
{
	for (u32 i = 0; i < ncpus; i++)
		if (&cpus[i] != cpu_this() && cpus[i].online && !cpus[i].qgm_running)
			lapic_icr(cpus[i].apic_id, ICR_ASSERT | ICR_NMI);
}
