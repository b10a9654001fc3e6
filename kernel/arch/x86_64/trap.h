// SPDX-License-Identifier: MIT
/*
 * Traps and interrupts of generic cores: the frame, and who may handle what.
 *
 * Selectors (Intel SDM vol. 3A, 3.4; laid out for SYSCALL/SYSRET with STAR = 0x0010000800000000):
 *   0x08 kernel code, 0x10 kernel data, 0x1b user data, 0x23 user code, 0x28 TSS
 */
#pragma once

#include "kernel/types.h"

enum selector {
	SEL_KCODE = 0x08,
	SEL_KDATA = 0x10,
	SEL_UDATA = 0x1b,
	SEL_UCODE = 0x23,
	SEL_TSS = 0x28
};

/* As the entry code pushes it; rip..ss by the CPU. Also the layout of a fresh user frame. */
struct trapframe {
	u64 r15, r14, r13, r12, r11, r10, r9, r8;
	u64 rdi, rsi, rbp, rbx, rdx, rcx, rax;
	u64 vector, error;
	u64 rip, cs, rflags, rsp, ss;
};

enum trap_vector {
	TRAP_DE = 0,
	TRAP_DB = 1,
	TRAP_NMI = 2,
	TRAP_BP = 3,
	TRAP_UD = 6,
	TRAP_NM = 7,
	TRAP_DF = 8,
	TRAP_GP = 13,
	TRAP_PF = 14,
	TRAP_MF = 16,
	TRAP_AC = 17,
	TRAP_MC = 18,
	TRAP_XM = 19,
};

/* Page fault error code (SDM vol. 3A, 4.7). */
enum { PF_P = 1, PF_W = 2, PF_U = 4, PF_RSVD = 8, PF_I = 16 };

static inline bool trap_from_user(const struct trapframe *f)
{
	return (f->cs & 3) == 3;
}

/*
 * Page faults with a user address, from user or kernel mode (user copies). Returns true when it
 * mapped something and the access is to be retried. Runs with interrupts as they were at the fault.
 */
void trap_set_user_fault(bool (*fn)(struct trapframe *f, u64 addr, u64 err));

/*
 * A fault in user mode that nobody resolved (vector, error and frame; addr = CR2 for page
 * faults): the process layer kills the process, and does not return if it died.
 */
void trap_set_user_trap(void (*fn)(struct trapframe *f, u64 addr));

/* Called before each return to user mode, interrupts off: signals, rescheduling. */
void trap_set_user_return(void (*fn)(struct trapframe *f));

/* Restore all registers from f and IRETQ (swapgs when it goes to user mode). */
void trap_return(struct trapframe *f) __noreturn;

/* Kernel stack that traps from user mode of this CPU start on: TSS.RSP0 and cpu->kernel_rsp. */
void trap_set_kernel_stack(vaddr_t top);

/*
 * One entry of .ex_table: a fault at `insn` continues at `fixup`. Both relative to their own
 * address. In C: EX_TABLE("1b", "2b") inside an asm statement. In NASM, in section .ex_table:
 * `dd insn - $` and `dd fixup - $`.
 */
struct ex_entry {
	s32 insn, fixup;
};
#define EX_TABLE(insn, fixup)                                                                      \
	".pushsection .ex_table,\"a\"\n\t.balign 4\n\t.long " insn " - .\n\t.long " fixup " - .\n" \
	"\t.popsection\n"

/* If f->rip is in the table, set it to the fixup and return true. */
bool ex_table_fixup(struct trapframe *f);
