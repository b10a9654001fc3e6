// SPDX-License-Identifier: MIT
/* What the CPU can do, and the control registers that every CPU gets. */
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/lib/string.h"

__shared struct cpu_features cpu_features;
__shared u8 cpu_features_smap, cpu_features_nx; /* for assembly */

enum { XCR0_X87 = 1, XCR0_SSE = 2, XCR0_AVX = 4, XCR0_AVX512 = 0xe0 };

/*
 * Page attribute table: entries 0-3 as at reset (WB, WT, UC-, UC), entry 4 (PAT bit alone) = WC.
 * SDM vol. 3A, 11.12.
 */
#define PAT_VALUE 0x0007040100070406ull

static void xsetbv(u64 v)
{
	__asm__ volatile("xsetbv" : : "c"(0), "a"((u32)v), "d"((u32)(v >> 32)));
}

static void detect_brand(struct cpu_features *f)
{
	u32 max, b, c, d, regs[12];

	cpuid(0x80000000, 0, &max, &b, &c, &d);
	if (max < 0x80000004)
		return;
	for (u32 i = 0; i < 3; i++)
		cpuid(0x80000002 + i, 0, regs + 4 * i, regs + 4 * i + 1, regs + 4 * i + 2,
		      regs + 4 * i + 3);
	memcpy(f->brand, regs, 48);
}

/* Leaf 1: family and the older features. */
static void detect_basic(struct cpu_features *f)
{
	u32 a, b, c, d;

	cpuid(1, 0, &a, &b, &c, &d);
	f->family = a >> 8 & 15;
	f->model = a >> 4 & 15;
	f->stepping = a & 15;
	if (f->family == 15 || f->family == 6)
		f->model |= a >> 12 & 0xf0;
	if (f->family == 15)
		f->family += a >> 20 & 0xff;
	f->mce = d >> 7 & 1;
	f->pge = d >> 13 & 1;
	f->x2apic = c >> 21 & 1;
	f->popcnt = c >> 23 & 1;
	f->tsc_deadline = c >> 24 & 1;
	f->xsave = c >> 26 & 1;
	f->avx = c >> 28 & 1;
	f->rdrand = c >> 30 & 1;
	f->hypervisor = c >> 31;
}

/* Leaf 7 and the extended leaves. */
static void detect_extended(struct cpu_features *f, u32 max)
{
	u32 a, b, c, d, ext;

	if (max >= 7) {
		cpuid(7, 0, &a, &b, &c, &d);
		f->fsgsbase = b & 1;
		f->avx2 = b >> 5 & 1;
		f->smep = b >> 7 & 1;
		f->bmi2 = b >> 8 & 1;
		f->avx512f = b >> 16 & 1;
		f->smap = b >> 20 & 1;
		f->umip = c >> 2 & 1;
		f->pku = c >> 3 & 1;
		f->pks = c >> 31;
	}
	cpuid(0x80000000, 0, &ext, &b, &c, &d);
	cpuid(0x80000001, 0, &a, &b, &c, &d);
	f->nx = d >> 20 & 1;
	f->page1g = d >> 26 & 1;
	if (ext >= 0x80000007) {
		cpuid(0x80000007, 0, &a, &b, &c, &d);
		f->invariant_tsc = d >> 8 & 1;
	}
	f->phys_bits = 36;
	if (ext >= 0x80000008) {
		cpuid(0x80000008, 0, &a, &b, &c, &d);
		f->phys_bits = a & 0xff;
	}
}

static void detect_xsave(struct cpu_features *f)
{
	u32 a, b, c, d;

	f->xsave_size = 512;
	if (!f->xsave) {
		f->avx = f->avx2 = f->avx512f = false;
		return;
	}
	cpuid(0xd, 0, &a, &b, &c, &d);
	f->xcr0 = XCR0_X87 | XCR0_SSE;
	if (f->avx && (a & XCR0_AVX))
		f->xcr0 |= XCR0_AVX;
	if (f->avx512f && (a & XCR0_AVX512) == XCR0_AVX512)
		f->xcr0 |= XCR0_AVX512;
	write_cr4(read_cr4() | CR4_OSXSAVE);
	xsetbv(f->xcr0);
	cpuid(0xd, 0, &a, &b, &c, &d); /* EBX: size for the XCR0 just set */
	f->xsave_size = b;
}

void cpu_detect(void)
{
	struct cpu_features *f = &cpu_features;
	u32 max, a, regs[3];

	cpuid(0, 0, &max, regs, regs + 2, regs + 1);
	memcpy(f->vendor, regs, 12);
	detect_basic(f);
	detect_extended(f, max);
	detect_brand(f);
	detect_xsave(f);
	if (f->hypervisor) {
		cpuid(0x40000000, 0, &a, regs, regs + 1, regs + 2);
		memcpy(f->hypervisor_id, regs, 12);
	}
	cpu_features_smap = f->smap;
	cpu_features_nx = f->nx;
}

void cpu_setup(void)
{
	const struct cpu_features *f = &cpu_features;
	u64 cr4 = read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT;

	if (f->nx)
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	write_cr0((read_cr0() & ~(u64)(CR0_EM | CR0_TS | 3ull << 29)) | CR0_MP | CR0_NE | CR0_WP);
	if (f->mce)
		cr4 |= CR4_MCE;
	if (f->pge)
		cr4 |= CR4_PGE;
	if (f->smep)
		cr4 |= CR4_SMEP;
	if (f->smap)
		cr4 |= CR4_SMAP;
	if (f->umip)
		cr4 |= CR4_UMIP;
	if (f->xsave)
		cr4 |= CR4_OSXSAVE;
	write_cr4(cr4);
	if (f->xsave)
		xsetbv(f->xcr0);
	wrmsr(MSR_PAT, PAT_VALUE);
	__asm__ volatile("fninit");
}

void fpu_save(void *area)
{
	if (cpu_features.xsave)
		__asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(-1), "d"(-1) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

void fpu_restore(const void *area)
{
	if (cpu_features.xsave)
		__asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"(-1), "d"(-1) : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

void fpu_init_area(void *area)
{
	u8 *p = area;

	memset(p, 0, cpu_features.xsave_size);
	p[0] = 0x7f, p[1] = 0x03;   /* FCW: all x87 exceptions masked (SDM vol. 1, 8.1.5) */
	p[24] = 0x80, p[25] = 0x1f; /* MXCSR: all SSE exceptions masked (10.2.3) */
	/* XSTATE_BV = 0 would load initial values; x87 and SSE bits make XRSTOR take ours. */
	if (cpu_features.xsave)
		p[512] = XCR0_X87 | XCR0_SSE;
}
