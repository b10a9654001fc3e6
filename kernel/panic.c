// SPDX-License-Identifier: MIT
/*
 * The end of the generic partition: stop the other generic and app cores (QGM cores go on with the
 * tables they have), then say why on every console. Runs on the core that failed, any context.
 */
#include "kernel/panic.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/arch/x86_64/trap.h"
#include "kernel/cmdline.h"
#include "kernel/power.h"
#include "kernel/printk.h"
#include "kernel/smp.h"
#include "qgm/atomic.h"

static u32 panicking; /* cpu id + 1 of the first core that panicked */

static const char *partition_name(enum partition p)
{
	static const char *const names[] = {
		[PART_OFF] = "off",
		[PART_GENERIC] = "generic",
		[PART_QGM] = "qgm",
		[PART_APP] = "app",
	};

	return p <= PART_APP ? names[p] : "?";
}

bool panic_in_progress(void)
{
	return load_acquire(&panicking) != 0;
}

/* First caller goes on; a second core, or a panic inside panic, stops here. */
static void enter(void)
{
	u32 none = 0, me = cpu_this()->id + 1;

	irq_off();
	if (!cas_acq_rel(&panicking, &none, me)) {
		if (none == me) {
			printk_break_locks();
			printk("panic: another fault while reporting the first\n");
		}
		for (;;)
			__asm__ volatile("hlt");
	}
	lapic_stop_others();
	printk_break_locks();
}

static void headline(const char *fmt, va_list ap)
{
	struct cpu *c = cpu_this();

	printk("\npanic: ");
	vprintk(fmt, ap);
	printk("\n  core %u (APIC id %u), partition %s%s\n", c->id, c->apic_id,
	       partition_name(c->partition), c->shared_qgm ? " (shared with QGM 0)" : "");
}

static void __noreturn finish(void)
{
	printk("panic: the generic partition has stopped\n");
	if (cmdline_has("pix.panic_off"))
		power_off();
	for (;;)
		__asm__ volatile("hlt");
}

static void print_registers(const struct trapframe *f)
{
	printk("  rip %016lx  rsp %016lx  rflags %016lx  cs %02lx ss %02lx\n", f->rip, f->rsp,
	       f->rflags, f->cs, f->ss);
	printk("  rax %016lx  rbx %016lx  rcx %016lx  rdx %016lx\n", f->rax, f->rbx, f->rcx,
	       f->rdx);
	printk("  rsi %016lx  rdi %016lx  rbp %016lx\n", f->rsi, f->rdi, f->rbp);
	printk("  r8  %016lx  r9  %016lx  r10 %016lx  r11 %016lx\n", f->r8, f->r9, f->r10, f->r11);
	printk("  r12 %016lx  r13 %016lx  r14 %016lx  r15 %016lx\n", f->r12, f->r13, f->r14,
	       f->r15);
	printk("  cr0 %016lx  cr2 %016lx  cr3 %016lx  cr4 %016lx\n", read_cr0(), read_cr2(),
	       read_cr3(), read_cr4());
	printk("  vector %lu  error %lx\n", f->vector, f->error);
}

/* The registers that a plain panic() can still know: its caller's. */
static void print_own_registers(u64 rip, u64 rbp)
{
	u64 rsp, rflags;

	__asm__ volatile("mov %%rsp, %0" : "=r"(rsp));
	__asm__ volatile("pushfq; popq %0" : "=r"(rflags));
	printk("  rip %016lx  rsp %016lx  rbp %016lx  rflags %016lx\n", rip, rsp, rbp, rflags);
	printk("  cr0 %016lx  cr2 %016lx  cr3 %016lx  cr4 %016lx\n", read_cr0(), read_cr2(),
	       read_cr3(), read_cr4());
}

void panic(const char *fmt, ...)
{
	u64 rip = (u64)__builtin_return_address(0) - 1;
	u64 rbp = *(u64 *)__builtin_frame_address(0);
	va_list ap;

	enter();
	va_start(ap, fmt);
	headline(fmt, ap);
	va_end(ap);
	print_own_registers(rip, rbp);
	backtrace_print(rip, rbp);
	finish();
}

void panic_frame(const struct trapframe *f, const char *fmt, ...)
{
	va_list ap;

	enter();
	va_start(ap, fmt);
	headline(fmt, ap);
	va_end(ap);
	print_registers(f);
	if (!trap_from_user(f))
		backtrace_print(f->rip, f->rbp);
	finish();
}
