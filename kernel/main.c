// SPDX-License-Identifier: MIT
/*
 * From the first C line to the idle loop: one table of start-up steps, in order. Each room adds its
 * line here; a step that fails panics with a reason, or says what is missing and goes on.
 */
#include "kernel/acpi.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/image.h"
#include "kernel/arch/x86_64/ioapic.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/arch/x86_64/trap.h"
#include "kernel/arch/x86_64/traps.h"
#include "kernel/bootinfo.h"
#include "kernel/bootinfo_init.h"
#include "kernel/clock.h"
#include "kernel/clock_init.h"
#include "kernel/cmdline.h"
#include "kernel/driver.h"
#include "kernel/early_serial.h"
#include "kernel/fs/memdev.h"
#include "kernel/fs/tty.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/string.h"
#include "kernel/mm/kstack.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/memmap.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/phys.h"
#include "kernel/mm/phys_init.h"
#include "kernel/mm/roots.h"
#include "kernel/mm/split_init.h"
#include "kernel/net/door.h"
#include "kernel/net/socket.h"
#include "kernel/printk.h"
#include "kernel/proc/process.h"
#include "kernel/sched/thread.h"
#include "kernel/selftest.h"
#include "kernel/smp_init.h"
#include "kernel/stackguard.h"

void kernel_main(u32 loader, paddr_t info, u64 tsc);

/* --- on the early tables: everything below 4 GiB is readable at DIRECT_MAP --- */

static const void *early_map(paddr_t pa, u64 len)
{
	if (pa >= 4ull << 30 || len > (4ull << 30) - pa)
		return NULL;
	return (const void *)(DIRECT_MAP + pa);
}

/* The RSDP in the BIOS areas (ACPI 6.4, 5.2.5.1), for loaders that do not tell. */
static const void *scan_rsdp(paddr_t from, paddr_t to)
{
	for (paddr_t pa = from; pa < to; pa += 16)
		if (!memcmp(early_map(pa, 8), "RSD PTR ", 8))
			return early_map(pa, 36);
	return NULL;
}

static void acpi_init(void)
{
	const void *rsdp = NULL;
	paddr_t ebda;
	int err;

	if (boot_info.rsdp_copied)
		rsdp = boot_info.rsdp_copy;
	else if (boot_info.rsdp)
		rsdp = early_map(boot_info.rsdp, 36);
	if (!rsdp) {
		memcpy(&ebda, early_map(0x40e, 2), 2);
		ebda = (ebda & 0xffff) << 4;
		if (ebda >= 0x80000 && ebda < 0xa0000)
			rsdp = scan_rsdp(ebda, ebda + 1024);
	}
	if (!rsdp)
		rsdp = scan_rsdp(0xe0000, 0x100000);
	err = acpi_parse(rsdp, 36, early_map, &acpi);
	if (err)
		printk("acpi: no usable tables (error %d): one CPU, legacy devices\n", -err);
	if (acpi.bad_tables)
		printk("acpi: %u damaged tables skipped\n", acpi.bad_tables);
}

/* RAM that is free: not below 1 MiB (trampoline, firmware), not the image, not a module. */
static void memory_init(void)
{
	for (unsigned i = 0; i < boot_info.nmem; i++)
		if (boot_info.mem[i].type == BOOT_MEM_RAM)
			memmap_add(&memmap, boot_info.mem[i].base, boot_info.mem[i].len);
	/* Firmware maps may contradict themselves: what is reserved somewhere stays reserved. */
	for (unsigned i = 0; i < boot_info.nmem; i++)
		if (boot_info.mem[i].type != BOOT_MEM_RAM)
			memmap_remove(&memmap, boot_info.mem[i].base, boot_info.mem[i].len);
	memmap_remove(&memmap, 0, 1 << 20);
	memmap_remove(&memmap, (paddr_t)image_start, image_end - image_start);
	for (unsigned i = 0; i < boot_info.nmodules; i++)
		memmap_remove(&memmap, boot_info.modules[i].base, boot_info.modules[i].len);
	smp_assign_nodes();
	printk("memory: %lu MiB free at boot, %u ranges\n", memmap_bytes(&memmap, -1) >> 20,
	       memmap.n);
}

static void paging_init(void)
{
	dp_deal();
	roots_init(acpi.lapic_base);
	phys_init(&memmap);
	dp_init();
}

/* --- on root_boot --- */

static void cpus_init(void)
{
	lapic_init();
	lapic_init_cpu();
	smp_list();
	smp_deal();
	/* The 10 ms after INIT serve the calibration. */
	smp_send_init();
	clock_calibrate_begin();
	if (traps_alloc_cpu(&cpus[0]))
		panic("no memory for trap stacks");
	traps_load_cpu(&cpus[0]);
	if (ioapic_init())
		printk("ioapic: none usable, no device interrupts\n");
	clock_calibrate_end();
	smp_start();
}

static void banner_cpus(void)
{
	const struct cpu_features *f = &cpu_features;
	u32 count[4] = { 0 };

	for (u32 i = 0; i < ncpus; i++)
		count[cpus[i].partition]++;
	printk("cpu: %s, %u core%s: %u generic, %u qgm%s, %u app, %u off\n",
	       f->brand[0] ? f->brand : f->vendor, ncpus, ncpus == 1 ? "" : "s",
	       count[PART_GENERIC], count[PART_QGM], smp_shared_mode ? " (shared mode)" : "",
	       count[PART_APP], count[PART_OFF]);
	printk("cpu: hypervisor %s, nx %u smep %u smap %u umip %u avx2 %u avx512f %u\n",
	       f->hypervisor ? f->hypervisor_id : "none", f->nx, f->smep, f->smap, f->umip, f->avx2,
	       f->avx512f);
}

static void scheduler_init(void)
{
	trap_set_kernel_stack((vaddr_t)boot_stack_top);
	sched_init();
	/* Start-up code goes on reaching both sides until dp_seal(). */
	thread_set_root(thread_this(), root_boot);
	lapic_tick_start();
	irq_on();
}

static void seal(void)
{
	thread_set_root(thread_this(), 0);
	dp_seal();
}

static void done(void)
{
	printk("boot: start-up done after %lu ms\n", clock_ns() / 1000000);
}

/* A step is one of two kinds: it cannot fail (or panics itself), or returns 0 or -errno. */
static const struct step {
	const char *name;
	void (*fn)(void);
	int (*try)(void);
} steps[] = {
	{ "acpi", .fn = acpi_init },
	{ "memory", .fn = memory_init },
	{ "paging", .fn = paging_init },
	{ "cpus", .fn = cpus_init },
	{ "banner", .fn = banner_cpus },
	{ "wall clock", .fn = clock_wall_init },
	{ "config", .fn = config_init },
	{ "scheduler", .fn = scheduler_init },
	{ "generic cores", .fn = smp_release_generic },
	{ "pci", .fn = pci_init },
	{ "uart", .fn = uart_init },
	{ "display", .fn = display_init },
	{ "keyboard", .fn = keyboard_init },
	{ "net", .try = net_init },
	{ "net start", .try = net_start },
	{ "self-test", .fn = selftest_run },
	{ "seal", .fn = seal },
	{ "files", .try = vfs_init },
	{ "devices", .try = memdev_init },
	{ "terminal", .try = tty_init },
	{ "sockets", .try = socket_init },
	{ "net devices", .try = net_dev_init },
	{ "processes", .try = proc_init },
	{ "init", .try = proc_start_init },
	{ "crash test", .fn = selftest_crash },
	{ "done", .fn = done },
};

static void run_step(const struct step *s)
{
	u64 before = rdtsc();
	int err = 0;

	if (s->fn)
		s->fn();
	else
		err = s->try();
	if (err)
		panic("start-up step \"%s\" failed: error %d", s->name, -err);
	if (cmdline_has("pix.bootlog") && tsc_hz)
		printk("boot: %s took %lu us\n", s->name, clock_tsc_to_ns(rdtsc() - before) / 1000);
}

__attribute__((no_stack_protector)) void kernel_main(u32 loader, paddr_t info, u64 tsc)
{
	cpus[0].self = &cpus[0];
	cpus[0].online = true;
	cpus[0].partition = PART_GENERIC;
	cpus[0].qgm_id = ~0u;
	traps_init();
	early_serial_init();
	printk("PIX starting\n");
	tsc_boot = tsc;
	cpu_detect();
	cpu_setup();
	stackguard_init();
	bootinfo_init(loader, info);
	cmdline_init(boot_info.cmdline);
	printk("boot: %s%s, command line \"%s\"\n", boot_info.loader,
	       boot_info.uefi ? " (UEFI)" : "", boot_info.cmdline);
	for (unsigned i = 0; i < ARRAY_SIZE(steps); i++)
		run_step(&steps[i]);
	sched_idle_loop();
}
