// SPDX-License-Identifier: MIT
/* Descriptor tables: GDT, IDT, TSS (Intel SDM vol. 3A, 3.4.5, 6.14.1, 7.7). */
#pragma once

#include "kernel/types.h"

struct tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7]; /* ist[n - 1] is IST n */
	u64 reserved2;
	u16 reserved3;
	u16 iomap;
} __packed;
_Static_assert(sizeof(struct tss) == 104, "TSS layout");

enum ist { IST_NONE, IST_DF, IST_NMI, IST_MC, IST_FAULT };

struct gdt {
	u64 entry[7]; /* null, kernel code, kernel data, user data, user code, TSS (two) */
};

struct idt_gate {
	u16 offset0;
	u16 selector;
	u8 ist;
	u8 type;
	u16 offset1;
	u32 offset2;
	u32 reserved;
};
_Static_assert(sizeof(struct idt_gate) == 16, "IDT gate layout");

/* Fill a GDT whose TSS descriptor points at t, and the TSS's fixed parts. Any core, pure. */
void desc_fill(struct gdt *g, struct tss *t);

/* One interrupt gate (interrupts off on entry), ring 0. */
void desc_gate(struct idt_gate *g, u64 handler, enum ist ist);

/* LGDT, LIDT, LTR and reload of the segment registers of this core. GS and FS bases become 0. */
void desc_load(const struct gdt *g, const struct idt_gate *idt);
