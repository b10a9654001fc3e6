// SPDX-License-Identifier: MIT
/*
 * I/O APICs (Intel 82093AA data sheet, section 3). Generic cores only, under an own lock; QGM
 * cores never touch them (core.h).
 */
#pragma once

#include "kernel/types.h"

/* Map and count all I/O APICs of the MADT, mask every line. 0, -ENODEV without one. */
int ioapic_init(void);

/*
 * Program gsi: vector, target, trigger and polarity, unmasked or not. Polarity and trigger of the
 * MADT's overrides win over `level`. *is_level says what it became (may be NULL). 0 or -ENODEV.
 */
int ioapic_route(u32 gsi, u8 vector, u32 apic_id, bool level, bool masked, bool *is_level);
void ioapic_mask(u32 gsi, bool masked);

/* One past the highest GSI. */
u32 ioapic_gsi_count(void);
/* GSI of an ISA interrupt by the overrides; *level as it is to be triggered. */
u32 ioapic_isa_gsi(u8 irq, bool *level);
