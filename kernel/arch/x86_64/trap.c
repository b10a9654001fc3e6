// SPDX-License-Identifier: MIT
/*
 * Traps of generic cores: who handles what. Called by trap_entry.asm with the frame on the kernel
 * stack (or an IST stack), interrupts off.
 */
#include "kernel/arch/x86_64/trap.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/desc.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/arch/x86_64/traps.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/kstack.h"
#include "kernel/mm/layout.h"
#include "kernel/panic.h"
#include "kernel/printk.h"
#include "kernel/sched/thread.h"
#include "kernel/smp.h"
#include "kernel/stackguard.h"

extern const u64 trap_stubs[256];
extern const struct ex_entry ex_table_start[], ex_table_end[];

/* Read-only once the roots are built: a stray write cannot redirect a trap. */
__shared static struct idt_gate idt[256] __attribute__((aligned(16)));
static struct gdt boot_gdt;
static struct tss boot_tss;
static u8 early_ist[4096] __attribute__((aligned(16))); /* until traps_init_cpu */

static bool (*user_fault)(struct trapframe *f, u64 addr, u64 err);
static void (*user_trap)(struct trapframe *f, u64 addr);
static void (*user_return)(struct trapframe *f);

static const char *const trap_names[32] = {
	[0] = "divide error",
	[1] = "debug exception",
	[2] = "NMI",
	[3] = "breakpoint",
	[4] = "overflow",
	[5] = "bound range exceeded",
	[6] = "invalid opcode",
	[7] = "device not available",
	[8] = "double fault",
	[10] = "invalid TSS",
	[11] = "segment not present",
	[12] = "stack segment fault",
	[13] = "general protection fault",
	[14] = "page fault",
	[16] = "x87 error",
	[17] = "alignment check",
	[18] = "machine check",
	[19] = "SIMD error",
	[20] = "virtualization exception",
	[21] = "control protection exception",
};

void trap_set_user_fault(bool (*fn)(struct trapframe *f, u64 addr, u64 err))
{
	user_fault = fn;
}

void trap_set_user_trap(void (*fn)(struct trapframe *f, u64 addr))
{
	user_trap = fn;
}

void trap_set_user_return(void (*fn)(struct trapframe *f))
{
	user_return = fn;
}

void trap_set_kernel_stack(vaddr_t top)
{
	struct cpu *c = cpu_this();

	((struct tss *)c->tss)->rsp[0] = top;
	c->kernel_rsp = top;
}

static const struct ex_entry *ex_find(u64 rip)
{
	for (const struct ex_entry *e = ex_table_start; e < ex_table_end; e++)
		if ((u64)&e->insn + (s64)e->insn == rip)
			return e;
	return NULL;
}

bool ex_table_fixup(struct trapframe *f)
{
	const struct ex_entry *e = ex_find(f->rip);

	if (!e)
		return false;
	f->rip = (u64)&e->fixup + (s64)e->fixup;
	return true;
}

static void __noreturn kernel_fault(struct trapframe *f, u64 addr)
{
	const char *name =
		f->vector < 32 && trap_names[f->vector] ? trap_names[f->vector] : "exception";

	if (f->vector == TRAP_UD && stackguard_tripped(f->rip))
		panic_frame(f, "stack protector: a function's frame was overwritten");
	if (f->vector != TRAP_PF)
		panic_frame(f, "%s in the kernel", name);
	if (kstack_is_guard(addr))
		panic_frame(f, "kernel stack overflow at %016lx", addr);
	panic_frame(f, "page fault in the kernel: %s of %016lx%s",
		    f->error & PF_I   ? "execution"
		    : f->error & PF_W ? "write"
				      : "read",
		    addr, f->error & PF_P ? " (not allowed)" : " (not mapped)");
}

static void page_fault(struct trapframe *f)
{
	u64 addr = read_cr2();
	bool user = trap_from_user(f);

	/* In kernel mode only the marked user copies may touch user addresses. */
	if (addr < USER_TOP && user_fault && (user || ex_find(f->rip))) {
		if (f->rflags & RFLAGS_IF)
			irq_on();
		if (user_fault(f, addr, f->error)) {
			irq_off();
			return;
		}
		irq_off();
	}
	if (user && user_trap) {
		irq_on();
		user_trap(f, addr);
		irq_off();
		return;
	}
	if (user || !ex_table_fixup(f))
		kernel_fault(f, addr);
}

static void exception(struct trapframe *f)
{
	if (f->vector == TRAP_PF) {
		page_fault(f);
		return;
	}
	if (trap_from_user(f) && user_trap) {
		irq_on();
		user_trap(f, 0);
		irq_off();
		return;
	}
	/* A user copy with a non-canonical address is #GP, not #PF. */
	if (f->vector == TRAP_GP && ex_table_fixup(f))
		return;
	kernel_fault(f, 0);
}

void trap_dispatch(struct trapframe *f)
{
	if (f->vector < 32)
		exception(f);
	else
		irq_dispatch(f);
	if (trap_from_user(f) && user_return)
		user_return(f);
}

/* NMI, double fault, machine check: on their own stacks, anything may be half done. */
void trap_dispatch_ist(struct trapframe *f)
{
	if (f->vector == TRAP_NMI) {
		if (panic_in_progress()) {
			irq_off();
			for (;;)
				__asm__ volatile("hlt");
		}
		cpu_this()->nmis++;
		return;
	}
	if (f->vector == TRAP_DF && kstack_is_guard(read_cr2()))
		panic_frame(f, "kernel stack overflow at %016lx", read_cr2());
	kernel_fault(f, read_cr2());
}

void traps_init(void)
{
	struct cpu *c = &cpus[0];

	for (unsigned v = 0; v < 256; v++)
		desc_gate(&idt[v], trap_stubs[v],
			  v == TRAP_NMI  ? IST_NMI
			  : v == TRAP_DF ? IST_DF
			  : v == TRAP_MC ? IST_MC
					 : IST_NONE);
	idt[TRAP_BP].type |= 3 << 5; /* DPL 3: INT3 is for user programs too */
	for (int i = 0; i < 7; i++)
		boot_tss.ist[i] = (u64)early_ist + sizeof(early_ist);
	desc_fill(&boot_gdt, &boot_tss);
	c->tss = &boot_tss;
	desc_load(&boot_gdt, idt);
	wrmsr(MSR_GS_BASE, (u64)c);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
}

int traps_alloc_cpu(struct cpu *c)
{
	struct gdt *g = c == &cpus[0] ? &boot_gdt : kzalloc(sizeof(*g));
	struct tss *t = c == &cpus[0] ? &boot_tss : kzalloc(sizeof(*t));
	vaddr_t df = kstack_alloc(c->node), nmi = df, mc = df;

	/* A core that only parks until it becomes a QGM needs no three emergency stacks. */
	if (c->partition != PART_QGM && df) {
		nmi = kstack_alloc(c->node);
		mc = kstack_alloc(c->node);
	}
	if (!g || !t || !df || !nmi || !mc)
		return -1;
	t->ist[IST_DF - 1] = df;
	t->ist[IST_NMI - 1] = nmi;
	t->ist[IST_MC - 1] = mc;
	desc_fill(g, t);
	c->gdt = g;
	c->tss = t;
	return 0;
}

void traps_load_cpu(struct cpu *c)
{
	desc_load(c->gdt, idt);
	wrmsr(MSR_GS_BASE, (u64)c);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
}
