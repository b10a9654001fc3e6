// SPDX-License-Identifier: MIT
/*
 * Starting the application processors (SDM vol. 3A, 8.4.4): INIT to all, 10 ms in which the boot
 * CPU calibrates its clock, start-up IPI to all, and a second one to those that did not answer. All
 * waits are for all CPUs together. An AP then parks, halted, until its partition wants it.
 */
#include "kernel/acpi.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/image.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/arch/x86_64/trap.h"
#include "kernel/arch/x86_64/traps.h"
#include "kernel/bootinfo.h"
#include "kernel/clock.h"
#include "kernel/lib/string.h"
#include "kernel/mm/kstack.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/phys.h"
#include "kernel/plant.h"
#include "kernel/printk.h"
#include "kernel/sched/thread.h"
#include "kernel/smp_init.h"
#include "qgm/atomic.h"

extern const u8 trampoline_start[], trampoline_end[];
extern const u8 trampoline_gdtr[], trampoline_far32[], trampoline_far64[], trampoline_cr3[];
extern u8 early_pml4[];

u64 ap_stacks[CPU_MAX];
u32 ap_next_index;
static u32 aps_up;

/* A page of RAM below 640 KiB that no boot module lies in; page 0 belongs to the BIOS. */
static paddr_t low_page(void)
{
	for (paddr_t pa = 0x90000; pa >= PAGE_SIZE; pa -= PAGE_SIZE) {
		bool ram = false, busy = false;

		for (unsigned i = 0; i < boot_info.nmem; i++) {
			const struct boot_mem *m = &boot_info.mem[i];
			bool inside = pa >= m->base && pa + PAGE_SIZE <= m->base + m->len;
			bool touches = pa < m->base + m->len && pa + PAGE_SIZE > m->base;

			ram |= inside && m->type == BOOT_MEM_RAM;
			busy |= touches && m->type != BOOT_MEM_RAM;
		}
		for (unsigned i = 0; i < boot_info.nmodules; i++)
			busy |= pa < boot_info.modules[i].base + boot_info.modules[i].len &&
				pa + PAGE_SIZE > boot_info.modules[i].base;
		if (ram && !busy)
			return pa;
	}
	return 0;
}

static void patch(u8 *page, const u8 *symbol, u32 add, unsigned skip)
{
	u8 *at = page + (symbol - trampoline_start) + skip;
	u32 v;

	memcpy(&v, at, sizeof(v));
	v += add;
	memcpy(at, &v, sizeof(v));
}

static void install_trampoline(paddr_t pa)
{
	u8 *page = phys_to_virt(pa);

	memcpy(page, trampoline_start, trampoline_end - trampoline_start);
	patch(page, trampoline_gdtr, pa, 2);
	patch(page, trampoline_far32, pa, 0);
	patch(page, trampoline_far64, pa, 0);
	patch(page, trampoline_cr3, (u32)(u64)early_pml4, 0);
}

void smp_send_init(void)
{
	for (u32 i = 1; i < ncpus; i++)
		lapic_icr(cpus[i].apic_id, ICR_ASSERT | ICR_INIT);
}

static bool wait_for_all(u32 want, u64 ns)
{
	u64 end = rdtsc() + clock_ns_to_tsc(ns);

	while (load_acquire(&aps_up) < want) {
		if ((s64)(end - rdtsc()) <= 0)
			return false;
		cpu_pause();
	}
	return true;
}

static bool prepare(void)
{
	for (u32 i = 1; i < ncpus; i++) {
		ap_stacks[i - 1] = kstack_alloc(cpus[i].node);
		if (!ap_stacks[i - 1] || traps_alloc_cpu(&cpus[i]))
			return false;
	}
	return true;
}

/* Start-up IPIs to the APs that are not up. Planted bug `ap_lost`: the last one gets none. */
static void send_startup(paddr_t page)
{
	u32 end = planted("ap_lost") ? ncpus - 1 : ncpus;

	for (u32 i = 1; i < end; i++)
		if (!load_acquire(&cpus[i].online))
			lapic_icr(cpus[i].apic_id,
				  ICR_ASSERT | ICR_STARTUP | (u32)(page >> PAGE_SHIFT));
}

void smp_start(void)
{
	paddr_t page = low_page();
	u32 want = ncpus - 1;

	if (!want)
		return;
	if (!page || !prepare())
		panic("smp: no memory to start %u CPUs", want);
	install_trampoline(page);
	send_startup(page);
	if (!wait_for_all(want, 200000)) {
		send_startup(page);
		wait_for_all(want, 1000000000);
	}
	ncpus_online = load_acquire(&aps_up) + 1;
	printk("smp: %u of %u CPUs up\n", ncpus_online, ncpus);
	if (ncpus_online == ncpus)
		return;
	for (u32 i = 1; i < ncpus; i++) {
		if (cpus[i].online)
			continue;
		printk("smp: CPU %u (APIC id %u) did not start\n", i, cpus[i].apic_id);
		smp_lost(&cpus[i]);
	}
	smp_renumber();
}

/* Halted until unpark is set; the wake IPI only ends the HLT. */
static void __noreturn park(struct cpu *c)
{
	for (;;) {
		void (*next)(struct cpu *);

		irq_off();
		next = load_acquire(&c->unpark); /* pairs with the release of who unparks */
		if (next)
			next(c);
		__asm__ volatile("sti; hlt");
	}
}

void ap_main(u32 index)
{
	struct cpu *c = NULL;
	u32 id;

	cpu_setup();
	/* In xAPIC mode the id is readable at once; in x2APIC mode only after the switch. */
	lapic_init_cpu();
	id = lapic_id();
	for (u32 i = 1; i < ncpus; i++)
		if (cpus[i].apic_id == id)
			c = &cpus[i];
	if (!c)
		for (;;)
			__asm__ volatile("cli; hlt");
	c->park_stack = ap_stacks[index];
	traps_load_cpu(c);
	store_release(&c->online, true);
	__atomic_fetch_add(&aps_up, 1, __ATOMIC_RELEASE);
	park(c);
}

static void enter_scheduler(struct cpu *c)
{
	pt_load(root_generic);
	trap_set_kernel_stack(c->park_stack);
	lapic_tick_start();
	sched_run_ap();
}

void smp_release_generic(void)
{
	for (u32 i = 1; i < ncpus; i++) {
		if (!cpus[i].online || cpus[i].partition != PART_GENERIC)
			continue;
		store_release(&cpus[i].unpark, enter_scheduler);
		ipi_send(&cpus[i], IPI_WAKE);
	}
}
