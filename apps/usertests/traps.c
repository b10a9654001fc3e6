// SPDX-License-Identifier: MIT
/*
 * Programs that do what they must not: each has to die by the right signal, alone.
 */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "apps/usertests/ut.h"

#define KERNEL_TEXT   0xffffffff80200000ul
#define KERNEL_DATA   0xffff800000200000ul
#define NON_CANONICAL 0x0000900000000000ul

/* An address that neither the compiler nor a checker sees through. */
static unsigned long opaque(unsigned long addr)
{
	__asm__ volatile("" : "+r"(addr));
	return addr;
}

static void poke(unsigned long addr)
{
	addr = opaque(addr);
	*(volatile char *)addr = 1;
}

static void peek(unsigned long addr)
{
	addr = opaque(addr);
	(void)*(volatile char *)addr;
}

static void jump(unsigned long addr)
{
	__asm__ volatile("jmp *%0" : : "r"(addr));
}

static void null_read(void)
{
	peek(0);
}

static void null_write(void)
{
	poke(0);
}

static void null_call(void)
{
	jump(0);
}

static void kernel_read(void)
{
	peek(KERNEL_TEXT);
}

static void kernel_write(void)
{
	poke(KERNEL_DATA);
}

static void kernel_jump(void)
{
	jump(KERNEL_TEXT);
}

static void non_canonical_read(void)
{
	peek(NON_CANONICAL);
}

static void non_canonical_jump(void)
{
	jump(NON_CANONICAL);
}

static void write_text(void)
{
	poke((unsigned long)write_text);
}

static void exec_data(void)
{
	static unsigned char code[16] = { 0xc3 };

	jump((unsigned long)code);
}

static void exec_stack(void)
{
	unsigned char code[16] = { 0xc3 };

	jump((unsigned long)code);
}

static void exec_mmap(void)
{
	unsigned char *p =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	p[0] = 0xc3;
	jump((unsigned long)p);
}

static void use_after_munmap(void)
{
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	p[0] = 1;
	CHECK_EQ(munmap(p, 4096), 0);
	p[0] = 2;
}

static void write_read_only(void)
{
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	p[0] = 1;
	CHECK_EQ(mprotect(p, 4096, PROT_READ), 0);
	p[0] = 2;
}

static void privileged_cli(void)
{
	__asm__ volatile("cli");
}

static void privileged_hlt(void)
{
	__asm__ volatile("hlt");
}

static void privileged_cr3(void)
{
	unsigned long v;

	__asm__ volatile("mov %%cr3, %0" : "=r"(v));
}

static void privileged_msr(void)
{
	__asm__ volatile("rdmsr" : : "c"(0xc0000080) : "eax", "edx");
}

static void port_io(void)
{
	__asm__ volatile("outb %%al, $0x80" : : "a"(0));
}

static void invalid_opcode(void)
{
	__asm__ volatile("ud2");
}

static void divide_by_zero(void)
{
	__asm__ volatile("xor %%edx, %%edx; mov $1, %%eax; xor %%ecx, %%ecx; divl %%ecx"
			 :
			 :
			 : "eax", "ecx", "edx", "cc");
}

static void breakpoint(void)
{
	__asm__ volatile("int3");
}

static void single_step(void)
{
	__asm__ volatile("pushf; orq $0x100, (%%rsp); popf; nop; nop" : : : "memory", "cc");
}

/* A gate that only the kernel may use. */
static void software_interrupt(void)
{
	__asm__ volatile("int $0x0e");
}

static volatile int depth;

static __attribute__((noinline)) int recurse(int n)
{
	volatile char big[1024];

	memset((char *)(uintptr_t)big, n, sizeof(big));
	depth = n;
	return n < 1 << 30 ? recurse(n + 1) + big[n % 1024] : 0;
}

static void stack_overflow(void)
{
	depth = recurse(0);
}

/* The kernel must not use the user's stack pointer, whatever it is. */
static void syscall_on_bad_stack(void)
{
	long pid;

	__asm__ volatile("mov %%rsp, %%rbx\n\t"
			 "mov %[bad], %%rsp\n\t"
			 "syscall\n\t"
			 "mov %%rbx, %%rsp"
			 : "=a"(pid)
			 : "a"(SYS_getpid), [bad] "r"(KERNEL_DATA)
			 : "rbx", "rcx", "r11", "memory");
	CHECK_EQ(pid, getpid());
}

/* rt_sigreturn with rsp where no frame is. */
static void sigreturn_without_frame(void)
{
	__asm__ volatile("mov %0, %%rsp; syscall" : : "r"(64ul), "a"(SYS_rt_sigreturn));
}

struct raw_frame {
	unsigned char uc_head[40];
	unsigned long regs[23]; /* r8 ... cr2: rip is the 17th, rflags the 18th, cs.. the 19th */
	unsigned long fpstate;
	unsigned long reserved[8];
	unsigned long sigmask;
};

static void sigreturn_to(unsigned long rip, unsigned long rflags, unsigned long cs)
{
	static struct raw_frame f;
	static char stack[4096];

	f.regs[15] = (unsigned long)(stack + sizeof(stack) - 64);
	f.regs[16] = rip;
	f.regs[17] = rflags;
	f.regs[18] = cs;
	__asm__ volatile("mov %0, %%rsp; syscall" : : "r"(&f), "a"(SYS_rt_sigreturn) : "memory");
}

static void sigreturn_non_canonical(void)
{
	sigreturn_to(NON_CANONICAL, 0x202, 0x33);
}

static void sigreturn_kernel(void)
{
	sigreturn_to(KERNEL_TEXT, 0x202, 0x08);
}

static void after_sigreturn(void)
{
	unsigned long flags;
	unsigned cs;

	__asm__ volatile("pushf; pop %0; mov %%cs, %1" : "=r"(flags), "=r"(cs));
	/* IOPL 0, IF on, ring 3, whatever the frame said. */
	_exit((flags & 0x3200) == 0x200 && (cs & 3) == 3 ? 0 : 1);
}

static void sigreturn_flags(void)
{
	sigreturn_to((unsigned long)after_sigreturn, 0x3000, 0x08);
}

/* A handler address in the kernel: the delivery itself must kill. */
static void handler_in_kernel(void)
{
	struct sigaction act = { .sa_handler = (void (*)(int))KERNEL_TEXT };

	CHECK_EQ(sigaction(SIGUSR1, &act, NULL), 0);
	kill(getpid(), SIGUSR1);
}

/* A handler, but no stack to run it on. */
static void handler_without_stack(void)
{
	struct sigaction act = { .sa_handler = SIG_DFL };

	act.sa_handler = (void (*)(int))after_sigreturn;
	CHECK_EQ(sigaction(SIGSEGV, &act, NULL), 0);
	__asm__ volatile("mov %0, %%rsp; push %%rax" : : "r"(KERNEL_DATA));
}

const struct test tests_traps[] = {
	{ "fault-null-read", null_read, SIGSEGV, 0 },
	{ "fault-null-write", null_write, SIGSEGV, 0 },
	{ "fault-null-call", null_call, SIGSEGV, 0 },
	{ "fault-kernel-read", kernel_read, SIGSEGV, 0 },
	{ "fault-kernel-write", kernel_write, SIGSEGV, 0 },
	{ "fault-kernel-jump", kernel_jump, SIGSEGV, 0 },
	{ "fault-non-canonical-read", non_canonical_read, SIGSEGV, 0 },
	{ "fault-non-canonical-jump", non_canonical_jump, SIGSEGV, 0 },
	{ "fault-write-text", write_text, SIGSEGV, 0 },
	{ "fault-exec-data", exec_data, SIGSEGV, 0 },
	{ "fault-exec-stack", exec_stack, SIGSEGV, 0 },
	{ "fault-exec-mmap", exec_mmap, SIGSEGV, 0 },
	{ "fault-use-after-munmap", use_after_munmap, SIGSEGV, 0 },
	{ "fault-write-read-only", write_read_only, SIGSEGV, 0 },
	{ "fault-cli", privileged_cli, SIGSEGV, 0 },
	{ "fault-hlt", privileged_hlt, SIGSEGV, 0 },
	{ "fault-cr3", privileged_cr3, SIGSEGV, 0 },
	{ "fault-msr", privileged_msr, SIGSEGV, 0 },
	{ "fault-port", port_io, SIGSEGV, 0 },
	{ "fault-invalid-opcode", invalid_opcode, SIGILL, 0 },
	{ "fault-divide", divide_by_zero, SIGFPE, 0 },
	{ "fault-breakpoint", breakpoint, SIGTRAP, 0 },
	{ "fault-single-step", single_step, SIGTRAP, 0 },
	{ "fault-software-interrupt", software_interrupt, SIGSEGV, 0 },
	{ "fault-stack-overflow", stack_overflow, SIGSEGV, 0 },
	{ "fault-syscall-on-bad-stack", syscall_on_bad_stack, 0, 0 },
	{ "fault-sigreturn-without-frame", sigreturn_without_frame, SIGSEGV, 0 },
	{ "fault-sigreturn-non-canonical", sigreturn_non_canonical, SIGSEGV, 0 },
	{ "fault-sigreturn-kernel", sigreturn_kernel, SIGSEGV, 0 },
	{ "fault-sigreturn-flags", sigreturn_flags, 0, UT_PIX },
	{ "fault-handler-in-kernel", handler_in_kernel, SIGSEGV, 0 },
	{ "fault-handler-without-stack", handler_without_stack, SIGSEGV, 0 },
	{ NULL, NULL, 0, 0 },
};
