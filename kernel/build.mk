# SPDX-License-Identifier: MIT
# The generic partition and the machine under both. Each sub-room adds one KERNEL_SRC line.

# machine: start-up, traps, memory, time, the log
KERNEL_SRC += $(addprefix kernel/,main.c acpi.c bootinfo.c clock.c cmdline.c config.c console.c cores.c \
	early_serial.c ksym.c panic.c power.c printk.c selftest.c smp.c spinlock.c stackguard.c weak.c \
	lib/format.c lib/string.c mm/heap.c mm/kstack.c mm/memmap.c mm/paging.c mm/phys.c mm/roots.c \
	mm/split.c mm/split_verify.c) \
	$(addprefix kernel/arch/x86_64/,cpu.c desc.c ioapic.c irq.c lapic.c qgmcore.c smp_start.c trap.c \
	core_idle.c core_trap.c)
KERNEL_ASM += $(addprefix kernel/arch/x86_64/,core_entry.asm trampoline.asm trap_entry.asm)

# memcpy's own loop must not become a call of memcpy.
$(B)/obj/kernel/lib/string.o: OBJ_EXTRA = -fno-tree-loop-distribute-patterns

# drivers: the door for device drivers
KERNEL_SRC += kernel/driver.c kernel/driver_irq.c
