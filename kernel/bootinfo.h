// SPDX-License-Identifier: MIT
/*
 * What the boot loader said, copied out of its memory into ours before anything else runs.
 * Sources: PVH start info (Xen docs/misc/pvh.pandoc, hvm_start_info v1) and Multiboot2 1.6+ tags.
 */
#pragma once

#include "kernel/types.h"

enum {
	BOOT_MEM_MAX = 512,
	BOOT_MODULES_MAX = 8,
};

/* Types of memory ranges: the ACPI address range types (ACPI 6.4, table 15.4). */
enum boot_mem_type {
	BOOT_MEM_RAM = 1,
	BOOT_MEM_RESERVED = 2,
	BOOT_MEM_ACPI = 3,
	BOOT_MEM_NVS = 4,
	BOOT_MEM_BAD = 5,
};

struct boot_mem {
	paddr_t base;
	u64 len;
	u32 type; /* enum boot_mem_type, or a firmware's own number: treated as reserved */
};

struct boot_module {
	paddr_t base;
	u64 len;
	char name[64]; /* multiboot2: the module's string; PVH: its command line */
};

/* An RGB linear framebuffer, or type FB_NONE. */
enum boot_fb_type { FB_NONE, FB_RGB, FB_TEXT };

struct boot_fb {
	enum boot_fb_type type;
	paddr_t base;
	u32 pitch;  /* bytes per row */
	u32 width;  /* pixels, or columns for FB_TEXT */
	u32 height; /* pixels, or rows for FB_TEXT */
	u8 bpp;
	u8 red_pos, red_size, green_pos, green_size, blue_pos, blue_size;
};

struct boot_info {
	const char *loader; /* "pvh", "multiboot2" */
	char cmdline[2048];
	paddr_t rsdp;     /* 0: not given by the loader */
	u8 rsdp_copy[36]; /* multiboot2 gives a copy of the RSDP rather than its address */
	bool rsdp_copied;
	bool uefi; /* the loader ran under UEFI */
	unsigned nmem;
	struct boot_mem mem[BOOT_MEM_MAX];
	unsigned nmodules;
	struct boot_module modules[BOOT_MODULES_MAX];
	struct boot_fb fb;
};

/* Filled by the time kernel_main's start-up table runs; read-only afterwards. */
extern struct boot_info boot_info;

/*
 * The start-up configuration text: from a module named "pix.config", else from QEMU's fw_cfg
 * file opt/pix/config. NULL when there is none; else *len bytes followed by a NUL. Any generic
 * core, after the start-up step "config".
 */
const char *boot_config(size_t *len);
