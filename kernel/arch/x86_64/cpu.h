// SPDX-License-Identifier: MIT
/*
 * CPU features, model specific registers, control registers, port I/O (Intel SDM vol. 2, 3A and 4).
 */
#pragma once

#include "kernel/types.h"

/* Found on the boot CPU; readable by both partitions. */
struct cpu_features {
	char vendor[13];
	char brand[49];
	u32 family, model, stepping;
	bool mce, nx, smep, smap, umip, pge, page1g, x2apic, tsc_deadline, invariant_tsc, xsave,
		fsgsbase;
	bool avx, avx2, avx512f, pku, pks, rdrand, popcnt, bmi2;
	bool hypervisor;        /* CPUID.1:ECX[31] */
	char hypervisor_id[13]; /* CPUID.40000000h, "" on metal */
	u32 phys_bits;
	u64 xcr0;       /* what XCR0 is set to on each CPU; 0 without XSAVE */
	u32 xsave_size; /* bytes of an XSAVE area for xcr0 (512 for FXSAVE) */
};
extern struct cpu_features cpu_features;
extern u8 cpu_features_smap, cpu_features_nx; /* single bytes for assembly */

/* Runs under a hypervisor: the default idle policy is nap. */
static inline bool cpu_is_virtual(void)
{
	return cpu_features.hypervisor;
}

void cpu_detect(void);
/* Set CR0, CR4, EFER, XCR0, PAT of this CPU: protections and vector state. Each CPU once. */
void cpu_setup(void);

enum msr {
	MSR_APIC_BASE = 0x1b,
	MSR_TSC_DEADLINE = 0x6e0,
	MSR_PAT = 0x277,
	MSR_X2APIC = 0x800,
	MSR_EFER = 0xc0000080,
	MSR_STAR = 0xc0000081,
	MSR_LSTAR = 0xc0000082,
	MSR_SFMASK = 0xc0000084,
	MSR_FS_BASE = 0xc0000100,
	MSR_GS_BASE = 0xc0000101,
	MSR_KERNEL_GS_BASE = 0xc0000102,
};
enum { EFER_SCE = 1 << 0, EFER_LME = 1 << 8, EFER_NXE = 1 << 11 };
enum { CR0_MP = 1 << 1, CR0_EM = 1 << 2, CR0_TS = 1 << 3, CR0_NE = 1 << 5, CR0_WP = 1 << 16 };
enum {
	CR4_MCE = 1 << 6,
	CR4_PGE = 1 << 7,
	CR4_OSFXSR = 1 << 9,
	CR4_OSXMMEXCPT = 1 << 10,
	CR4_UMIP = 1 << 11,
	CR4_FSGSBASE = 1 << 16,
	CR4_OSXSAVE = 1 << 18,
	CR4_SMEP = 1 << 20,
	CR4_SMAP = 1 << 21,
};
enum { RFLAGS_IF = 1 << 9, RFLAGS_DF = 1 << 10, RFLAGS_AC = 1 << 18 };

static inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
	return ((u64)hi << 32) | lo;
}

static inline void wrmsr(u32 msr, u64 v)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32)) : "memory");
}

static inline void cpuid(u32 leaf, u32 sub, u32 *a, u32 *b, u32 *c, u32 *d)
{
	__asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d) : "a"(leaf), "c"(sub));
}

#define CR_ACCESS(n)                                                       \
	static inline u64 read_cr##n(void)                                 \
	{                                                                  \
		u64 v;                                                     \
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(v));          \
		return v;                                                  \
	}                                                                  \
	static inline void write_cr##n(u64 v)                              \
	{                                                                  \
		__asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory"); \
	}
CR_ACCESS(0)
CR_ACCESS(2)
CR_ACCESS(3)
CR_ACCESS(4)
#undef CR_ACCESS

static inline void outb(u16 port, u8 v)
{
	__asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline void outw(u16 port, u16 v)
{
	__asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

static inline void outl(u16 port, u32 v)
{
	__asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port));
}

static inline u8 inb(u16 port)
{
	u8 v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline u16 inw(u16 port)
{
	u16 v;

	__asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

static inline u32 inl(u16 port)
{
	u32 v;

	__asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
	return v;
}

/*
 * Kernel access to user pages under SMAP: between these two only. No-ops without SMAP (the
 * features are read at boot). Copies in .ex_table code use them.
 */
static inline void user_access_begin(void)
{
	if (cpu_features.smap)
		__asm__ volatile("stac" : : : "cc", "memory");
}

static inline void user_access_end(void)
{
	if (cpu_features.smap)
		__asm__ volatile("clac" : : : "cc", "memory");
}

/* XSAVE (or FXSAVE) area of cpu_features.xsave_size bytes, 64-byte aligned. */
void fpu_save(void *area);
void fpu_restore(const void *area);
/* Fill an area with the initial state (x87 and SSE control words at their defaults). */
void fpu_init_area(void *area);
