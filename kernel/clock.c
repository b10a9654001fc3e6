// SPDX-License-Identifier: MIT
/*
 * The TSC as the clock: calibrated once over about 10 ms against HPET (HPET 1.0a), the ACPI PM
 * timer (ACPI 6.4, 4.8.3.3) or the PIT's channel 2 (Intel 8254). The local APIC's timer is measured
 * in the same window.
 */
#include "kernel/clock.h"
#include "kernel/acpi.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/clock_init.h"
#include "kernel/lib/muldiv.h"
#include "kernel/mm/paging.h"
#include "kernel/printk.h"

enum { WINDOW_US = 10000, SAMPLES = 8 };
enum hpet_reg { HPET_PERIOD = 0x04, HPET_CONF = 0x10, HPET_COUNTER = 0xf0 };
enum { PM_TIMER_HZ = 3579545, PIT_HZ = 1193182 };
enum { PIT_CH2 = 0x42, PIT_MODE = 0x43, PIT_GATE = 0x61 };

__shared u64 tsc_hz, tsc_boot;
__shared const char *clock_source_name;
__shared static u64 ns_mult;  /* ns per cycle, 32.32 */
__shared static u64 tsc_mult; /* cycles per ns, 32.32 */

static volatile u32 *hpet;
static u16 pm_port;
static u64 pm_mask;

/* A counter that goes up at ref_hz and wraps at ref_mask + 1. */
static u64 (*ref_read)(void);
static u64 ref_hz, ref_mask;

static u64 read_hpet(void)
{
	return hpet[HPET_COUNTER / 4];
}

static u64 read_pm(void)
{
	return inl(pm_port) & pm_mask;
}

static u64 read_pit(void)
{
	outb(PIT_MODE, 0x80); /* latch channel 2 */
	u32 v = inb(PIT_CH2);

	v |= (u32)inb(PIT_CH2) << 8;
	return 0xffff - v; /* it counts down */
}

static bool choose_hpet(void)
{
	if (!acpi.hpet_base)
		return false;
	hpet = kmmio_map(acpi.hpet_base, 0x400, PT_UC | PT_W);
	if (!hpet || !hpet[HPET_PERIOD / 4] || hpet[HPET_PERIOD / 4] > 100000000)
		return false;
	hpet[HPET_CONF / 4] |= 1;
	ref_hz = 1000000000000000ull / hpet[HPET_PERIOD / 4];
	ref_mask = 0xffffffff;
	ref_read = read_hpet;
	clock_source_name = "hpet";
	return true;
}

static bool choose_pm(void)
{
	if (!acpi.pm_timer_port)
		return false;
	pm_port = acpi.pm_timer_port;
	pm_mask = ref_mask = acpi.pm_timer_32bit ? 0xffffffff : 0xffffff;
	ref_hz = PM_TIMER_HZ;
	ref_read = read_pm;
	clock_source_name = "pmtimer";
	/* Broken or absent hardware reads as a constant. */
	u64 first = read_pm();

	for (int i = 0; i < 10000; i++)
		if (read_pm() != first)
			return true;
	return false;
}

static void choose_pit(void)
{
	outb(PIT_GATE, (inb(PIT_GATE) & ~2) | 1); /* speaker off, gate on */
	outb(PIT_MODE, 0xb0);                     /* channel 2, both bytes, mode 0 */
	outb(PIT_CH2, 0xff);
	outb(PIT_CH2, 0xff);
	ref_hz = PIT_HZ;
	ref_mask = 0xffff;
	ref_read = read_pit;
	clock_source_name = "pit";
}

struct sample {
	u64 ref, tsc;
	u32 lapic;
};

/* The reference between two TSC reads; of several tries the tightest, so that a stolen vCPU shows
 * less. */
static struct sample take_sample(void)
{
	struct sample best = { 0 };
	u64 width = ~0ull;

	for (int i = 0; i < SAMPLES; i++) {
		u64 before = rdtsc(), ref = ref_read(), after = rdtsc();
		u32 lapic = lapic_read(LAPIC_TIMER_CURRENT);

		if (after - before < width) {
			width = after - before;
			best = (struct sample){ ref, before + (after - before) / 2, lapic };
		}
	}
	return best;
}

static struct sample first;

void clock_calibrate_begin(void)
{
	if (!choose_hpet() && !choose_pm())
		choose_pit();
	lapic_write(LAPIC_TIMER_DIVIDE, TIMER_DIVIDE_1);
	lapic_write(LAPIC_LVT_TIMER, LVT_MASKED);
	lapic_write(LAPIC_TIMER_INITIAL, ~0u);
	first = take_sample();
}

void clock_calibrate_end(void)
{
	u64 want = ref_hz * WINDOW_US / 1000000, ref;
	struct sample last;

	while (((ref_read() - first.ref) & ref_mask) < want)
		__builtin_ia32_pause();
	last = take_sample();
	ref = (last.ref - first.ref) & ref_mask;
	tsc_hz = mul_div(last.tsc - first.tsc, ref_hz, ref);
	lapic_timer_hz = (u64)(first.lapic - last.lapic) * ref_hz / ref;
	lapic_write(LAPIC_TIMER_INITIAL, 0);
	if (!tsc_hz || !lapic_timer_hz)
		panic("clock: calibration against %s failed", clock_source_name);
	ns_mult = mul_div(1000000000, 1ull << 32, tsc_hz);
	tsc_mult = mul_div(tsc_hz, 1ull << 32, 1000000000);
	printk("clock: TSC %lu.%03lu MHz, LAPIC timer %lu MHz, by %s%s\n", tsc_hz / 1000000,
	       tsc_hz / 1000 % 1000, lapic_timer_hz / 1000000, clock_source_name,
	       cpu_features.invariant_tsc ? "" : " (TSC not declared invariant)");
}

u64 clock_tsc_to_ns(u64 cycles)
{
	return mul_shift32(cycles, ns_mult);
}

u64 clock_ns_to_tsc(u64 ns)
{
	return mul_shift32(ns, tsc_mult);
}

u64 clock_ns(void)
{
	return clock_tsc_to_ns(rdtsc());
}

void clock_delay_ns(u64 ns)
{
	u64 end = rdtsc() + clock_ns_to_tsc(ns);

	while ((s64)(end - rdtsc()) > 0)
		__builtin_ia32_pause();
}

/* --- CMOS clock (Motorola MC146818) --- */

enum { RTC_INDEX = 0x70, RTC_DATA = 0x71 };
enum rtc_reg {
	RTC_SEC = 0,
	RTC_MIN = 2,
	RTC_HOUR = 4,
	RTC_DAY = 7,
	RTC_MON = 8,
	RTC_YEAR = 9,
	RTC_A = 10,
	RTC_B = 11
};

static u8 rtc(enum rtc_reg r)
{
	outb(RTC_INDEX, r);
	return inb(RTC_DATA);
}

static u64 rtc_field(enum rtc_reg r, bool binary)
{
	u8 v = rtc(r);

	return binary ? v : (v >> 4) * 10u + (v & 15);
}

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
static u64 days_from_civil(u64 y, u64 m, u64 d)
{
	static const u16 before[12] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	u64 leaps = (y - 1) / 4 - (y - 1) / 100 + (y - 1) / 400 - 477;
	bool leap = (y % 4 == 0 && y % 100) || y % 400 == 0;

	return (y - 1970) * 365 + leaps + before[m - 1] + (leap && m > 2) + d - 1;
}

static u64 wall_boot;

void clock_wall_init(void)
{
	u64 sec, min, hour, day, mon, year;
	bool binary = rtc(RTC_B) & 4;

	/* Register A bit 7: an update is under way and fields may be torn; it lasts 2 ms. */
	for (int i = 0; i < 10000 && (rtc(RTC_A) & 0x80); i++)
		;
	sec = rtc_field(RTC_SEC, binary);
	min = rtc_field(RTC_MIN, binary);
	hour = rtc_field(RTC_HOUR, binary);
	day = rtc_field(RTC_DAY, binary);
	mon = rtc_field(RTC_MON, binary);
	year = 2000 + rtc_field(RTC_YEAR, binary);
	if (sec > 59 || min > 59 || hour > 23 || !day || day > 31 || !mon || mon > 12)
		return;
	wall_boot = days_from_civil(year, mon, day) * 86400 + hour * 3600 + min * 60 + sec;
	wall_boot -= clock_ns() / 1000000000;
}

u64 clock_wall_boot(void)
{
	return wall_boot;
}
