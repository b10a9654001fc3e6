// SPDX-License-Identifier: MIT
/* Start-up of kernel/bootinfo.h; values of `loader` are those of boot/entry.asm. */
#pragma once

#include "kernel/types.h"

enum boot_loader { BOOT_UNKNOWN, BOOT_PVH, BOOT_MULTIBOOT2 };

/* Copy everything; panics when the information makes no sense. Early tables, boot CPU. */
void bootinfo_init(u32 loader, paddr_t info);

/* Look for the configuration: module, then fw_cfg. On root_boot. */
void config_init(void);
