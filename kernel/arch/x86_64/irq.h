// SPDX-License-Identifier: MIT
/*
 * Device interrupts of generic cores. Handlers run with interrupts off on one generic core (the
 * boot CPU unless said); EOI and masking are done here. Vectors 0x30..0xef.
 */
#pragma once

#include "kernel/types.h"
#include "kernel/smp.h"

typedef void (*irq_fn)(void *arg);

/*
 * Route global system interrupt `gsi` to the boot CPU, unmask it. Several handlers may share a
 * level-triggered line. Level lines from PCI are active low by the specification; QEMU's and the
 * MADT's overrides of ISA lines 5, 9, 10, 11 say active high: an override of the gsi wins. 0,
 * -ENODEV (no IOAPIC has it), -EBUSY (routed otherwise), -ENOSPC (no vector).
 */
int irq_install_gsi(u32 gsi, bool level, irq_fn fn, void *arg);

/* ISA interrupt 0..15 by the MADT's overrides; edge, active high unless it says otherwise. */
int irq_install_isa(u8 irq, irq_fn fn, void *arg);

/* Take the handler off; masks the line when it was the last. */
void irq_remove_gsi(u32 gsi, irq_fn fn, void *arg);

/* Mask or unmask at the IOAPIC. */
void irq_mask_gsi(u32 gsi);
void irq_unmask_gsi(u32 gsi);
u32 irq_gsi_count(void);
/* Start-up: the line has been given to another table (core_route_gsi). */
void irq_forget_gsi(u32 gsi);

/*
 * A vector on generic CPU c for a message-signalled interrupt; *addr and *data are what the device
 * writes (SDM vol. 3A, 11.11). 0, -ENOSPC.
 */
int irq_alloc_msi(struct cpu *c, irq_fn fn, void *arg, u64 *addr, u32 *data);

/* MSI address and data for a vector of any CPU (core_vector_alloc gives those of QGM cores). */
void irq_msi_message(const struct cpu *c, u8 vector, u64 *addr, u32 *data);

static inline bool irq_enabled(void)
{
	u64 f;

	__asm__ volatile("pushfq; popq %0" : "=r"(f));
	return f & 0x200;
}

/* Disable interrupts and return the old flags; restore them. */
static inline u64 irq_save(void)
{
	u64 f;

	__asm__ volatile("pushfq; popq %0; cli" : "=r"(f) : : "memory");
	return f;
}

static inline void irq_restore(u64 f)
{
	if (f & 0x200)
		__asm__ volatile("sti" : : : "memory");
}

static inline void irq_on(void)
{
	__asm__ volatile("sti" : : : "memory");
}

static inline void irq_off(void)
{
	__asm__ volatile("cli" : : : "memory");
}
