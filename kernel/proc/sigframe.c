// SPDX-License-Identifier: MIT
/*
 * Signal frames in the layout of Linux x86-64 (arch/x86/include/uapi/asm/sigcontext.h and
 * ucontext.h, asm-generic/siginfo.h), from high to low addresses:
 *
 *   the interrupted stack, 128 bytes of red zone (System V ABI 3.2.2)
 *   XSAVE area, 64-byte aligned
 *   siginfo, ucontext
 *   return address = the restorer          <- rsp of the handler, 16n + 8
 *
 * What comes back from user memory is not trusted: selectors and flags are forced, the instruction
 * pointer must be a user address (an IRETQ to a non-canonical one would fault in the kernel), and
 * the XSAVE header is reduced to what XRSTOR accepts.
 */
#include "kernel/proc/sigframe.h"

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/errno.h"
#include "kernel/lib/string.h"
#include "kernel/proc/process.h"

struct sigcontext {
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, rflags;
	u16 cs, gs, fs, ss;
	u64 err, trapno, oldmask, cr2;
	u64 fpstate;
	u64 reserved[8];
};
_Static_assert(sizeof(struct sigcontext) == 256, "sigcontext ABI");

struct ucontext {
	u64 uc_flags;
	u64 uc_link;
	u64 ss_sp;
	s32 ss_flags;
	u32 pad;
	u64 ss_size;
	struct sigcontext mc;
	u64 sigmask;
};
_Static_assert(sizeof(struct ucontext) == 304, "ucontext ABI");

struct siginfo {
	s32 signo;
	s32 err;
	s32 code;
	s32 pad;
	u64 addr;
	u64 rest[13];
};
_Static_assert(sizeof(struct siginfo) == 128, "siginfo ABI");

struct sigframe {
	u64 restorer;
	struct ucontext uc;
	struct siginfo info;
};

enum {
	RED_ZONE = 128,
	SS_DISABLE = 2,
	SI_KERNEL = 0x80,
	XSAVE_LEGACY = 512,
	MXCSR_OFFSET = 24,
	MXCSR_VALID = 0xffff,
	/* CF PF AF ZF SF TF DF OF AC: what a user may set */
	RFLAGS_USER = 0x40dd5,
};

static void save_registers(struct sigcontext *mc, const struct trapframe *f)
{
	*mc = (struct sigcontext){
		.r8 = f->r8,
		.r9 = f->r9,
		.r10 = f->r10,
		.r11 = f->r11,
		.r12 = f->r12,
		.r13 = f->r13,
		.r14 = f->r14,
		.r15 = f->r15,
		.rdi = f->rdi,
		.rsi = f->rsi,
		.rbp = f->rbp,
		.rbx = f->rbx,
		.rdx = f->rdx,
		.rax = f->rax,
		.rcx = f->rcx,
		.rsp = f->rsp,
		.rip = f->rip,
		.rflags = f->rflags,
		.cs = (u16)f->cs,
		.ss = (u16)f->ss,
		.err = f->error,
		.trapno = f->vector,
	};
}

static void restore_registers(struct trapframe *f, const struct sigcontext *mc)
{
	f->r8 = mc->r8, f->r9 = mc->r9, f->r10 = mc->r10, f->r11 = mc->r11;
	f->r12 = mc->r12, f->r13 = mc->r13, f->r14 = mc->r14, f->r15 = mc->r15;
	f->rdi = mc->rdi, f->rsi = mc->rsi, f->rbp = mc->rbp, f->rbx = mc->rbx;
	f->rdx = mc->rdx, f->rax = mc->rax, f->rcx = mc->rcx, f->rsp = mc->rsp;
	f->rip = mc->rip;
	f->rflags = (mc->rflags & RFLAGS_USER) | RFLAGS_IF | 2;
	f->cs = SEL_UCODE;
	f->ss = SEL_UDATA;
}

/* The vector registers as they are now, to user memory. */
static int save_fpu(u64 uarea)
{
	struct thread *t = thread_this();
	u64 flags = irq_save();

	fpu_save(t->fpu);
	irq_restore(flags);
	return copy_to_user((void *)uarea, t->fpu, cpu_features.xsave_size);
}

/* Leaves an XSAVE area that XRSTOR accepts (SDM vol. 1, 13.8): components that are on, standard
 * format, reserved bits zero. */
static void sanitise_fpu(u8 *area)
{
	u32 mxcsr;

	memcpy(&mxcsr, area + MXCSR_OFFSET, sizeof(mxcsr));
	mxcsr &= MXCSR_VALID;
	memcpy(area + MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
	if (!cpu_features.xsave)
		return;
	u64 xstate_bv;
	memcpy(&xstate_bv, area + XSAVE_LEGACY, sizeof(xstate_bv));
	xstate_bv &= cpu_features.xcr0;
	memset(area + XSAVE_LEGACY, 0, 64);
	memcpy(area + XSAVE_LEGACY, &xstate_bv, sizeof(xstate_bv));
}

static int restore_fpu(u64 uarea)
{
	struct thread *t = thread_this();

	/* A switch to another thread in between would save over t->fpu: its contents count only
	 * with interrupts off. A page that is not there yet is faulted in all the same. */
	u64 flags = irq_save();
	int err = 0;
	if (!uarea)
		fpu_init_area(t->fpu);
	else
		err = copy_from_user(t->fpu, (const void *)uarea, cpu_features.xsave_size);
	if (!err) {
		sanitise_fpu(t->fpu);
		fpu_restore(t->fpu);
	}
	irq_restore(flags);
	return err;
}

int sigframe_push(struct trapframe *frame, const struct sigaction *a, int sig, u64 addr,
		  u64 old_mask)
{
	struct sigframe sf = { .restorer = a->restorer };
	u64 fp = (frame->rsp - RED_ZONE - cpu_features.xsave_size) & ~63ull;
	u64 sp = ((fp - sizeof(sf)) & ~15ull) - 8;

	if (a->handler >= USER_END || a->restorer >= USER_END || !(a->flags & SA_RESTORER))
		return -EFAULT;
	save_registers(&sf.uc.mc, frame);
	sf.uc.mc.fpstate = fp;
	sf.uc.mc.cr2 = addr;
	sf.uc.ss_flags = SS_DISABLE;
	sf.uc.sigmask = old_mask;
	sf.info.signo = sig;
	sf.info.code = addr ? 1 : SI_KERNEL;
	sf.info.addr = addr;
	if (save_fpu(fp) < 0 || copy_to_user((void *)sp, &sf, sizeof(sf)) < 0)
		return -EFAULT;

	frame->rdi = (u64)sig;
	frame->rsi = sp + offsetof(struct sigframe, info);
	frame->rdx = sp + offsetof(struct sigframe, uc);
	frame->rax = 0;
	frame->rip = a->handler;
	frame->rsp = sp;
	frame->rflags = (frame->rflags & ~(u64)(RFLAGS_DF | 0x100)) | RFLAGS_IF;
	frame->cs = SEL_UCODE;
	frame->ss = SEL_UDATA;
	return 0;
}

int sigframe_pop(struct trapframe *frame, u64 *mask)
{
	struct ucontext uc;

	/* The handler's RET took the restorer off the stack: rsp points at the ucontext. */
	if (copy_from_user(&uc, (const void *)frame->rsp, sizeof(uc)) < 0)
		return -EFAULT;
	if (uc.mc.rip >= USER_END || restore_fpu(uc.mc.fpstate) < 0)
		return -EFAULT;
	restore_registers(frame, &uc.mc);
	*mask = uc.sigmask;
	return 0;
}
