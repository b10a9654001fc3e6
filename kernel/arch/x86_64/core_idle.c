// SPDX-License-Identifier: MIT
/* Sleeping and waking of QGM cores: HLT, the one-shot timer, the wake IPI, owed EOIs. */
#include "kernel/arch/x86_64/core_state.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/clock.h"
#include "kernel/lib/muldiv.h"

void core_halt(void)
{
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

void core_oneshot(u64 cycles)
{
	u64 count;

	if (!cycles) {
		lapic_write(LAPIC_TIMER_INITIAL, 0);
		lapic_write(LAPIC_LVT_TIMER, LVT_MASKED | VEC_TIMER);
		return;
	}
	if (cycles > tsc_hz * 60)
		cycles = tsc_hz * 60;
	count = mul_div(cycles, lapic_timer_hz, tsc_hz);
	if (!count)
		count = 1;
	if (count > 0xffffffff)
		count = 0xffffffff;
	lapic_write(LAPIC_TIMER_DIVIDE, TIMER_DIVIDE_1);
	lapic_write(LAPIC_LVT_TIMER, VEC_TIMER); /* bits 18:17 = 0: one-shot */
	lapic_write(LAPIC_TIMER_INITIAL, (u32)count);
}

void core_unmask_gsi(u32 gsi)
{
	struct core_state *st = core_this();

	if (st->level_pending != gsi + 1)
		return;
	st->level_pending = 0;
	lapic_eoi();
}

void core_ipi(u32 apic_id, u8 vector)
{
	lapic_icr(apic_id, ICR_ASSERT | vector);
}

void core_wake(u32 apic_id)
{
	core_ipi(apic_id, IPI_WAKE);
}
