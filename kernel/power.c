// SPDX-License-Identifier: MIT
/* Power off by ACPI S5 (ACPI 6.4, 4.8.3.2, 7.4.2.1), reset by the first means that works. */
#include "kernel/power.h"
#include "kernel/acpi.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/mm/paging.h"

enum { PM1_SLP_EN = 1 << 13 };

static void __noreturn stop(void)
{
	irq_off();
	for (;;)
		__asm__ volatile("hlt");
}

void power_off(void)
{
	irq_off();
	if (acpi.pm1a_cnt && acpi.s5_valid) {
		outw(acpi.pm1a_cnt, acpi.s5_typa << 10 | PM1_SLP_EN);
		if (acpi.pm1b_cnt)
			outw(acpi.pm1b_cnt, acpi.s5_typb << 10 | PM1_SLP_EN);
	}
	outw(0x604, PM1_SLP_EN);  /* QEMU q35, pc under SeaBIOS */
	outw(0xb004, PM1_SLP_EN); /* QEMU pc under OVMF, older QEMU */
	stop();
}

static void settle(void)
{
	for (int i = 0; i < 100000; i++)
		outb(0x80, 0);
}

void power_reset(void)
{
	static const struct {
		u16 limit;
		u64 base;
	} __packed no_idt = { 0, 0 };

	irq_off();
	if (acpi.reset_supported && acpi.reset_space == 1) {
		outb((u16)acpi.reset_addr, acpi.reset_value);
		settle();
	}
	outb(0xcf9, 0x02); /* PCI reset control register: hard reset, then go */
	outb(0xcf9, 0x06);
	settle();
	if (acpi.has_8042) {
		outb(0x64, 0xfe); /* keyboard controller: pulse the reset line */
		settle();
	}
	__asm__ volatile("lidt %0; int3" : : "m"(no_idt));
	stop();
}
