// SPDX-License-Identifier: MIT
/*
 * What happens when a user program faults: pages on demand, a signal handler, or the end of that
 * process alone, with one line on the console. Called by the trap code in the process's thread.
 */
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/arch/x86_64/trap.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/layout.h"
#include "kernel/printk.h"
#include "kernel/proc/process.h"

/*
 * A fault of kernel code on a user address is one of the copy routines', with SMAP lifted; anything
 * else is a kernel bug that must not be papered over by mapping a page.
 */
static bool from_copy_routine(const struct trapframe *f, u64 err)
{
	if (err & PF_I)
		return false;
	return !cpu_features.smap || (f->rflags & RFLAGS_AC);
}

static bool user_fault(struct trapframe *f, u64 addr, u64 err)
{
	struct aspace *as = aspace_current();

	if (!as || addr >= USER_TOP || (err & PF_RSVD))
		return false;
	if (!trap_from_user(f) && !from_copy_routine(f, err))
		return false;
	return aspace_fault(as, addr, err) == FAULT_OK;
}

static const struct fault_kind {
	int signal;
	const char *name;
} fault_kinds[32] = {
	[TRAP_DE] = { SIGFPE, "divide error" },    [TRAP_DB] = { SIGTRAP, "debug trap" },
	[TRAP_BP] = { SIGTRAP, "breakpoint" },     [4] = { SIGSEGV, "overflow" },
	[5] = { SIGSEGV, "bound range" },          [TRAP_UD] = { SIGILL, "invalid opcode" },
	[TRAP_NM] = { SIGFPE, "no coprocessor" },  [11] = { SIGBUS, "segment not present" },
	[12] = { SIGBUS, "stack segment fault" },  [TRAP_GP] = { SIGSEGV, "general protection" },
	[TRAP_PF] = { SIGSEGV, "page fault" },     [TRAP_MF] = { SIGFPE, "x87 error" },
	[TRAP_AC] = { SIGBUS, "alignment check" }, [TRAP_XM] = { SIGFPE, "SIMD error" },
};

static void report_page_fault(const struct process *p, const struct trapframe *f, u64 addr)
{
	const char *how = f->error & PF_I ? "exec" : f->error & PF_W ? "write" : "read";

	printk("proc: %s[%u] killed: page fault at 0x%lx rip 0x%lx (%s)\n", p->name, p->pid,
	       (unsigned long)addr, (unsigned long)f->rip, how);
}

/* Whether the page was allowed, so that only memory was missing. */
static bool out_of_memory(const struct trapframe *f, u64 addr)
{
	return f->vector == TRAP_PF && addr < USER_TOP &&
	       aspace_fault(aspace_current(), addr, f->error) == FAULT_NO_MEMORY;
}

static void user_trap(struct trapframe *f, u64 addr)
{
	struct process *p = process_this();
	struct fault_kind kind = { SIGSEGV, "exception" };

	irq_on();
	if (f->vector < 32 && fault_kinds[f->vector].name)
		kind = fault_kinds[f->vector];
	if (out_of_memory(f, addr)) {
		printk("proc: %s[%u] killed: out of memory at 0x%lx rip 0x%lx\n", p->name, p->pid,
		       (unsigned long)addr, (unsigned long)f->rip);
		process_exit(SIGKILL);
	}
	if (signal_fault(f, kind.signal, addr)) {
		irq_off();
		return;
	}
	if (f->vector == TRAP_PF)
		report_page_fault(p, f, addr);
	else
		printk("proc: %s[%u] killed: %s rip 0x%lx error 0x%lx\n", p->name, p->pid,
		       kind.name, (unsigned long)f->rip, (unsigned long)f->error);
	process_exit(kind.signal);
}

void fault_init(void)
{
	trap_set_user_fault(user_fault);
	trap_set_user_trap(user_trap);
	trap_set_user_return(process_user_return);
}
