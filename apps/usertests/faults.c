// SPDX-License-Identifier: MIT
/*
 * A program that does what it must not: each of these ends it, alone, by the signal that Linux
 * sends. Addresses of the kernel are PIX's; on Linux they are as forbidden.
 */
#include "apps/usertests/usertests.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

/* An address that the compiler cannot see through, so that it does not reason about it. */
static uintptr_t opaque(uintptr_t address)
{
	__asm__ volatile("" : "+r"(address));
	return address;
}

static bool read_at(uintptr_t address)
{
	address = opaque(address);
	return ut_fail("read %d", *(volatile const char *)address);
}

static bool write_at(uintptr_t address)
{
	address = opaque(address);
	*(volatile char *)address = 1;
	return ut_fail("wrote");
}

static bool jump_to(uintptr_t address)
{
	address = opaque(address);
	((void (*)(void))address)();
	return ut_fail("came back");
}

static bool null_read(void)
{
	return read_at(0);
}

static bool null_write(void)
{
	return write_at(8);
}

static bool null_call(void)
{
	return jump_to(0);
}

static bool kernel_text_read(void)
{
	return read_at(0xffffffff80101000);
}

static bool kernel_text_write(void)
{
	return write_at(0xffffffff80101000);
}

static bool kernel_text_call(void)
{
	return jump_to(0xffffffff80101000);
}

static bool kernel_map_write(void)
{
	return write_at(0xffff800000100000);
}

static bool dataplane_read(void)
{
	return read_at(0xffffc00000000000);
}

static bool dataplane_write(void)
{
	return write_at(0xffffc00000000000);
}

static bool kernel_stack_write(void)
{
	return write_at(0xffffd00000001000);
}

static bool noncanonical_read(void)
{
	return read_at(0x0000800000000000);
}

static bool noncanonical_write(void)
{
	return write_at(0x8000000000000000);
}

static bool noncanonical_call(void)
{
	return jump_to(0x0000800000000000);
}

static bool own_text_write(void)
{
	return write_at((uintptr_t)&own_text_write);
}

static bool rodata_write(void)
{
	static const char text[] = "constant";

	return write_at((uintptr_t)text);
}

static bool unmapped_read(void)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || munmap(p, PAGE))
		return ut_fail("mmap");
	return read_at((uintptr_t)p);
}

static bool protected_write(void)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return ut_fail("mmap");
	*p = 1;
	if (mprotect(p, PAGE, PROT_READ) || *p != 1)
		return ut_fail("mprotect");
	return write_at((uintptr_t)p);
}

static bool data_exec(void)
{
	static unsigned char code[16] __attribute__((aligned(16))) = { 0xc3 }; /* ret */

	return jump_to((uintptr_t)code);
}

static bool stack_exec(void)
{
	volatile unsigned char code[16] = { 0xc3 };

	return jump_to((uintptr_t)code);
}

static bool heap_exec(void)
{
	unsigned char *code = malloc(16);

	if (!code)
		return ut_fail("malloc");
	code[0] = 0xc3;
	return jump_to((uintptr_t)code);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winfinite-recursion"
static __attribute__((noinline)) int deeper(int n)
{
	volatile char pad[1024];

	pad[n & 1023] = (char)n;
	return deeper(n + 1) + pad[n & 1023];
}
#pragma GCC diagnostic pop

static bool stack_overflow(void)
{
	return ut_fail("depth %d", deeper(0));
}

static bool undefined_instruction(void)
{
	__asm__ volatile("ud2");
	return ut_fail("went on");
}

static bool divide_by_zero(void)
{
	volatile int zero = 0;

	return ut_fail("%d", 1000 / zero); // cppcheck-suppress zerodiv
}

static bool breakpoint(void)
{
	__asm__ volatile("int3");
	return ut_fail("went on");
}

/* Instructions that only ring 0 may execute, and ports. */
static bool do_cli(void)
{
	__asm__ volatile("cli");
	return ut_fail("went on");
}

static bool do_hlt(void)
{
	__asm__ volatile("hlt");
	return ut_fail("went on");
}

static bool do_rdmsr(void)
{
	__asm__ volatile("rdmsr" : : "c"(0xc0000080) : "eax", "edx");
	return ut_fail("went on");
}

static bool do_wrmsr(void)
{
	__asm__ volatile("wrmsr" : : "c"(0xc0000082), "a"(0), "d"(0));
	return ut_fail("went on");
}

static bool do_mov_cr3(void)
{
	unsigned long v;

	__asm__ volatile("mov %%cr3, %0" : "=r"(v));
	return ut_fail("cr3 %lx", v);
}

static bool do_lidt(void)
{
	struct {
		unsigned short limit;
		unsigned long base;
	} __attribute__((packed)) idt = { 0, 0 };

	__asm__ volatile("lidt %0" : : "m"(idt));
	return ut_fail("went on");
}

static bool do_in(void)
{
	unsigned char v;

	__asm__ volatile("inb %w1, %b0" : "=a"(v) : "d"(0x64));
	return ut_fail("port 0x64: %d", v);
}

static bool do_out(void)
{
	__asm__ volatile("outb %b0, %w1" : : "a"(0xfe), "d"(0x64)); /* would reset the machine */
	return ut_fail("went on");
}

static bool do_int_0x80(void)
{
	/* The old 32-bit door: closed on PIX. Linux has it open and answers. */
	if (!ut_on_pix())
		raise(SIGSEGV);
	__asm__ volatile("int $0x80" : : "a"(20L) : "memory");
	return ut_fail("went on");
}

static bool raise_iopl(void)
{
	unsigned long flags;

	/* POPF in ring 3 leaves IOPL and IF alone, silently. */
	__asm__ volatile("pushfq; orq $0x3000, (%%rsp); popfq; pushfq; popq %0" : "=r"(flags));
	if (flags & 0x3000)
		return ut_fail("flags %lx", flags);
	return do_cli();
}

static bool load_kernel_selector(void)
{
	__asm__ volatile("mov %w0, %%ds" : : "r"(0x08));
	return ut_fail("went on");
}

static bool killed_by_abort(void)
{
	abort();
}

#define SEGV SIGSEGV

const struct usertest fault_tests[] = {
	{ "null_read", null_read, SEGV },
	{ "null_write", null_write, SEGV },
	{ "null_call", null_call, SEGV },
	{ "kernel_text_read", kernel_text_read, SEGV },
	{ "kernel_text_write", kernel_text_write, SEGV },
	{ "kernel_text_call", kernel_text_call, SEGV },
	{ "kernel_map_write", kernel_map_write, SEGV },
	{ "kernel_stack_write", kernel_stack_write, SEGV },
	{ "dataplane_read", dataplane_read, SEGV },
	{ "dataplane_write", dataplane_write, SEGV },
	{ "noncanonical_read", noncanonical_read, SEGV },
	{ "noncanonical_write", noncanonical_write, SEGV },
	{ "noncanonical_call", noncanonical_call, SEGV },
	{ "own_text_write", own_text_write, SEGV },
	{ "rodata_write", rodata_write, SEGV },
	{ "unmapped_read", unmapped_read, SEGV },
	{ "protected_write", protected_write, SEGV },
	{ "data_exec", data_exec, SEGV },
	{ "stack_exec", stack_exec, SEGV },
	{ "heap_exec", heap_exec, SEGV },
	{ "stack_overflow", stack_overflow, SEGV },
	{ "undefined_instruction", undefined_instruction, SIGILL },
	{ "divide_by_zero", divide_by_zero, SIGFPE },
	{ "breakpoint", breakpoint, SIGTRAP },
	{ "privileged_cli", do_cli, SEGV },
	{ "privileged_hlt", do_hlt, SEGV },
	{ "privileged_rdmsr", do_rdmsr, SEGV },
	{ "privileged_wrmsr", do_wrmsr, SEGV },
	{ "privileged_mov_cr3", do_mov_cr3, SEGV },
	{ "privileged_lidt", do_lidt, SEGV },
	{ "privileged_in", do_in, SEGV },
	{ "privileged_out", do_out, SEGV },
	{ "int_0x80", do_int_0x80, SEGV },
	{ "raise_iopl", raise_iopl, SEGV },
	{ "load_kernel_selector", load_kernel_selector, SEGV },
	{ "abort", killed_by_abort, SIGABRT },
	{ NULL, NULL, 0 },
};
