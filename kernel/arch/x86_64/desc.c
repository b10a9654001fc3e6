// SPDX-License-Identifier: MIT
/* Descriptor tables of generic and QGM cores; no state of its own. */
#include "kernel/arch/x86_64/desc.h"
#include "kernel/arch/x86_64/trap.h"

struct table_reg {
	u16 limit;
	u64 base;
} __packed;

enum { GATE_INTERRUPT = 0x8e };

void desc_fill(struct gdt *g, struct tss *t)
{
	u64 base = (u64)t;

	g->entry[0] = 0;
	g->entry[1] = 0x00af9b000000ffff; /* 64-bit code, DPL 0 */
	g->entry[2] = 0x00cf93000000ffff; /* data, DPL 0 */
	g->entry[3] = 0x00cff3000000ffff; /* data, DPL 3 */
	g->entry[4] = 0x00affb000000ffff; /* 64-bit code, DPL 3 */
	g->entry[5] = (sizeof(*t) - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 |
		      (base >> 24 & 0xff) << 56;
	g->entry[6] = base >> 32;
	t->iomap = sizeof(*t); /* no I/O bitmap */
}

void desc_gate(struct idt_gate *g, u64 handler, enum ist ist)
{
	*g = (struct idt_gate){
		.offset0 = (u16)handler,
		.selector = SEL_KCODE,
		.ist = ist,
		.type = GATE_INTERRUPT,
		.offset1 = (u16)(handler >> 16),
		.offset2 = (u32)(handler >> 32),
	};
}

void desc_load(const struct gdt *g, const struct idt_gate *idt)
{
	struct table_reg gdtr = { sizeof(*g) - 1, (u64)g };
	struct table_reg idtr = { 256 * sizeof(*idt) - 1, (u64)idt };

	__asm__ volatile("lgdt %0" : : "m"(gdtr));
	__asm__ volatile("lidt %0" : : "m"(idtr));
	__asm__ volatile("pushq %0\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n"
			 "1:\n\t"
			 "movw %w1, %%ds\n\t"
			 "movw %w1, %%es\n\t"
			 "movw %w1, %%ss\n\t"
			 "xorl %%eax, %%eax\n\t"
			 "movw %%ax, %%fs\n\t"
			 "movw %%ax, %%gs"
			 :
			 : "i"(SEL_KCODE), "r"(SEL_KDATA)
			 : "rax", "memory");
	__asm__ volatile("ltr %w0" : : "r"(SEL_TSS));
}
