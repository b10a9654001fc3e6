// SPDX-License-Identifier: MIT
/*
 * The stack protector's guard value and what happens when it was overwritten. The trap it raises is
 * handled by the core's own table: a generic core panics, a QGM core stops its QGM.
 */
#include "kernel/stackguard.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/clock.h"

extern uintptr_t __stack_chk_guard;
void __stack_chk_fail(void);

__shared uintptr_t __stack_chk_guard = 0x595e9fbd94fda766ull;

void __stack_chk_fail(void)
{
	__builtin_trap();
}

bool stackguard_tripped(u64 rip)
{
	return rip - (u64)__stack_chk_fail < 16;
}

/* Not protected itself: it changes the guard under its own feet. */
__attribute__((no_stack_protector)) void stackguard_init(void)
{
	u64 v = rdtsc() * 0x9e3779b97f4a7c15ull, r;
	u8 ok = 0;

	if (cpu_features.rdrand)
		for (int i = 0; i < 10 && !ok; i++)
			__asm__ volatile("rdrand %0; setc %1" : "=r"(r), "=qm"(ok) : : "cc");
	if (ok)
		v ^= r;
	/* A zero byte stops string functions before they can copy the guard. */
	__stack_chk_guard = v & ~0xffull;
}
