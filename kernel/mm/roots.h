// SPDX-License-Identifier: MIT
/* The three page-table roots at start-up (boot CPU). */
#pragma once

#include "kernel/types.h"

/* Build root_boot and root_generic from the memory map and the image; load root_boot. */
void roots_init(paddr_t lapic_base);

/* The QGM root's view of the image and the local APIC; called by dp_init. */
void roots_map_qgm_image(void);
