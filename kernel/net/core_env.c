// SPDX-License-Identifier: MIT
/*
 * qgm/env.h for the image. Called on QGM cores (root_qgm), by the boot CPU, and by generic threads
 * that run objects of qgm/ (the table writer, the one-CPU mode), so nothing here may depend on the
 * caller's root unless it has asked which one it is.
 */
#include "qgm/env.h"
#include "qgm/atomic.h"

#include "kernel/arch/x86_64/core.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/trap.h"
#include "kernel/clock.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/split.h"
#include "kernel/net/core_env.h"
#include "kernel/net/door.h"
#include "kernel/plant.h"
#include "kernel/printk.h"
#include "kernel/lib/string.h"

__boot_const static u32 qgm_apic[QGM_MAX];
__boot_const static u32 generic_apic;
__boot_const static bool shared;
__boot_const static struct core_log *the_log;
__boot_const static struct core_crash *the_crashes;

static const enum dp_kind kinds[] = {
	[ENV_PRIVATE] = DP_PRIVATE, [ENV_CTL] = DP_CTL,   [ENV_COUNTERS] = DP_COUNTERS,
	[ENV_ARENA] = DP_ARENA,     [ENV_PUNT] = DP_PUNT,
};

int core_env_init(void)
{
	the_log = dp_alloc(DP_CTL, sizeof(*the_log), CACHE_LINE, 0);
	the_crashes = dp_alloc(DP_COUNTERS, sizeof(*the_crashes) * QGM_MAX, CACHE_LINE, 0);
	if (!the_log || !the_crashes)
		return -12; /* ENOMEM */
	shared = smp_shared_mode;
	generic_apic = cpus[0].apic_id;
	for (u32 i = 0; i < nqgm && i < QGM_MAX; i++)
		qgm_apic[i] = cpu_of_qgm(i)->apic_id;
	return 0;
}

void *env_alloc(enum env_mem mem, size_t bytes, size_t align, u32 node)
{
	return dp_alloc(kinds[mem], bytes, align, (int)node);
}

u64 env_iova_delta(const void *va)
{
	return dp_paddr(va) - (u64)va; /* no IOMMU is programmed: bus addresses are physical */
}

u64 env_clock(void)
{
	return rdtsc();
}

u64 env_clock_hz(void)
{
	return tsc_hz;
}

/* Runs this code on root_qgm, where nothing generic may be touched? */
static bool on_qgm_core(void)
{
	return (read_cr3() & PAGE_MASK) == root_qgm;
}

void env_wake(u32 qgm)
{
	if (shared) {
		if (qgm == ENV_GENERIC)
			door_kick();
		else
			shared_kick();
		return;
	}
	if (qgm == ENV_GENERIC)
		core_wake(generic_apic);
	else if (qgm < QGM_MAX)
		core_wake(qgm_apic[qgm]);
}

const struct core_crash *core_crash_get(u32 qgm)
{
	return the_crashes && qgm < QGM_MAX && the_crashes[qgm].set ? &the_crashes[qgm] : NULL;
}

/* All 32 bits of the LAPIC id where CPUID has them (leaf 0BH, SDM vol. 3A 10.12.8.1). */
static u32 this_apic_id(void)
{
	u32 a, b, c, d;

	cpuid(0, 0, &a, &b, &c, &d);
	if (a >= 0xb) {
		cpuid(0xb, 0, &a, &b, &c, &d);
		if (b)
			return d;
	}
	cpuid(1, 0, &a, &b, &c, &d);
	return b >> 24;
}

/* The QGM whose core this is: found by its LAPIC id, once, on the way to the end. */
static u32 this_qgm(void)
{
	u32 id = this_apic_id();

	for (u32 i = 0; i < QGM_MAX; i++) {
		if (qgm_apic[i] == id)
			return i;
	}
	return 0;
}

static __noreturn void core_stop(const char *what, const char *file, int line,
				 const struct trapframe *f)
{
	u32 id = this_qgm();
	struct core_crash *c = &the_crashes[id];
	struct ctl *ctl = ctl_block();

	__asm__ volatile("cli");
	c->what = what;
	c->file = file;
	c->line = line;
	if (f) {
		c->rip = f->rip;
		c->rsp = f->rsp;
		c->rbp = f->rbp;
		c->vector = f->vector;
		c->error = f->error;
		c->cr2 = read_cr2();
	}
	store_release(&c->set, 1); /* pairs with the door thread's load in report_crashes() */
	ctl->qgm[id].up = 0;
	store_release(&ctl->qgm[id].counters->epoch, ~0ull);
	env_wake(ENV_GENERIC);
	for (;;)
		__asm__ volatile("cli; hlt");
}

void env_panic(const char *file, int line, const char *what)
{
	if (!on_qgm_core())
		panic("%s:%d: engine: %s", file, line, what);
	core_stop(what, file, line, NULL);
}

void core_fault(struct trapframe *f)
{
	core_stop("exception", "", 0, f);
}

void env_log(u32 qgm, const char *text)
{
	u32 n = fetch_add_relaxed(&the_log->head, 1);
	struct core_log_line *l = &the_log->line[n % CORE_LOG_LINES];

	store_release(&l->seq, 0);
	l->qgm = qgm;
	for (u32 i = 0; i < sizeof(l->text) - 1; i++) {
		l->text[i] = text[i];
		if (!text[i])
			break;
	}
	l->text[sizeof(l->text) - 1] = 0;
	store_release(&l->seq, n + 1); /* pairs with the load in core_log_next() */
}

bool core_log_next(u32 *pos, u32 *qgm, char *text, size_t n)
{
	u32 head = load_acquire(&the_log->head);

	if (*pos == head)
		return false;
	if (head - *pos > CORE_LOG_LINES)
		*pos = head - CORE_LOG_LINES;

	struct core_log_line *l = &the_log->line[*pos % CORE_LOG_LINES];

	if (load_acquire(&l->seq) != *pos + 1)
		return false; /* being written */
	*qgm = l->qgm;
	n = MIN(n, sizeof(l->text));
	memcpy(text, l->text, n);
	text[n - 1] = 0;
	(*pos)++;
	return true;
}

bool env_planted(const char *name)
{
	return planted(name);
}

void *env_heap_alloc(size_t bytes)
{
	return kzalloc(bytes);
}

void env_heap_free(void *p, size_t bytes)
{
	(void)bytes;
	kfree(p);
}
