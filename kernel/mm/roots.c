// SPDX-License-Identifier: MIT
/*
 * The kernel halves of the roots: direct map, image by sections, local APIC.
 *
 * Global pages (PT_G) are used only where root_generic and root_boot agree: the shared mode
 * switches between these two on one CPU. What differs (.shared, .qgm.data, the window) is not.
 */
#include "kernel/mm/roots.h"
#include "kernel/arch/x86_64/image.h"
#include "kernel/bootinfo.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/memmap.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/split_init.h"
#include "kernel/printk.h"

static paddr_t lapic_page;

static void map(paddr_t root, vaddr_t va, paddr_t pa, u64 len, unsigned flags)
{
	int err = len ? pt_map(root, va, pa, len, flags) : 0;

	if (err)
		panic("start-up page tables: cannot map %016lx..%016lx: error %d", va, va + len - 1,
		      -err);
}

/* Part of the image between two linker symbols. */
static void map_image(paddr_t root, const char *from, const char *to, unsigned flags)
{
	vaddr_t va = (vaddr_t)from & PAGE_MASK, end = ALIGN_UP((vaddr_t)to, (u64)PAGE_SIZE);

	map(root, va, va - KERNEL_BASE, end - va, flags);
}

/*
 * All RAM but the image (its text and read-only data must have no writable alias) and the
 * data-plane region; the first MiB too, for the trampoline.
 */
static void map_direct(void)
{
	static struct memmap ram; /* too big for the stack */
	paddr_t base;
	u64 len;
	int node;

	for (unsigned i = 0; i < boot_info.nmem; i++)
		if (boot_info.mem[i].type == BOOT_MEM_RAM)
			memmap_add(&ram, boot_info.mem[i].base, boot_info.mem[i].len);
	memmap_add(&ram, 0, 0xa0000);
	memmap_remove(&ram, (paddr_t)image_start, image_end - image_start);
	for (unsigned i = 0; dp_region(i, &base, &len, &node); i++)
		memmap_remove(&ram, base, len);
	for (unsigned i = 0; i < ram.n; i++) {
		if (ram.r[i].base + ram.r[i].len > DIRECT_END - DIRECT_MAP)
			break;
		map(root_generic, DIRECT_MAP + ram.r[i].base, ram.r[i].base, ram.r[i].len,
		    PT_W | PT_G);
	}
	for (vaddr_t va = DIRECT_MAP; va < DIRECT_END; va += 512 * PAGE_1G)
		pt_share_slot(root_boot, root_generic, va);
}

static void map_kernel_image(paddr_t root, bool boot)
{
	map_image(root, text_start, text_end, PT_X | PT_G);
	map_image(root, rodata_start, rodata_end, PT_G);
	map_image(root, shared_data_start, shared_data_end, boot ? PT_W : 0);
	if (boot)
		map_image(root, qgm_data_start, qgm_data_end, PT_W);
	map_image(root, data_start, boot_stack_guard, PT_W | PT_G);
	map_image(root, boot_stack_guard + PAGE_SIZE, data_limit, PT_W | PT_G);
	map(root, FIXMAP_LAPIC, lapic_page, PAGE_SIZE, PT_W | PT_UC);
}

void roots_init(paddr_t lapic_base)
{
	lapic_page = lapic_base;
	root_generic = pt_new_root();
	root_boot = pt_new_root();
	if (!root_generic || !root_boot || pt_own_slot(root_generic, KMMIO_BASE) ||
	    pt_own_slot(root_generic, DP_WINDOW) || pt_own_slot(root_boot, DP_WINDOW))
		panic("no memory for the start-up page tables");
	pt_share_slot(root_boot, root_generic, KMMIO_BASE);
	map_direct();
	map_kernel_image(root_generic, false);
	map_kernel_image(root_boot, true);
	pt_load(root_boot);
}

void roots_map_qgm_image(void)
{
	map_image(root_qgm, text_start, text_end, PT_X);
	map_image(root_qgm, rodata_start, initramfs_start, 0);
	map_image(root_qgm, shared_data_start, shared_data_end, 0);
	map_image(root_qgm, qgm_data_start, qgm_data_end, PT_W);
	map(root_qgm, FIXMAP_LAPIC, lapic_page, PAGE_SIZE, PT_W | PT_UC);
}
