// SPDX-License-Identifier: MIT
/*
 * The CPUs: who they are, which partition owns them, how to reach them.
 */
#pragma once

#include "kernel/types.h"

enum { CPU_MAX = 128 };

enum partition { PART_OFF, PART_GENERIC, PART_QGM, PART_APP };

struct thread;
struct core_irqs;
struct core_state;

/*
 * One per CPU, in generic memory. On generic cores %gs points at it (kernel mode); offsets of
 * the first fields are known to assembly (CPU_SELF ... in kernel/arch/x86_64/cpu.inc).
 */
struct cpu {
	struct cpu *self;      /* 0:  for %gs:0 */
	u64 kernel_rsp;        /* 8:  top of the current thread's kernel stack (syscall entry) */
	u64 user_rsp;          /* 16: scratch of the syscall entry */
	struct thread *thread; /* 24: the running thread; sched's */
	u32 id;                /* 0.. in MADT order, boot CPU first */
	u32 apic_id;
	u32 acpi_uid;
	int node; /* NUMA node, dense from 0 */
	enum partition partition;
	u32 qgm_id;       /* dense among PART_QGM, else ~0u */
	bool online;      /* came up at boot */
	bool qgm_running; /* core_start() was done */
	bool shared_qgm;  /* one-CPU mode: a generic core whose thread runs QGM 0 */
	u32 irq_depth;    /* nesting of interrupt handlers on this generic core */
	void *sched;      /* per-CPU data of the scheduler */
	void *gdt;
	void *tss; /* struct tss of this generic core */
	u64 ticks; /* timer ticks taken */
	u64 irqs;  /* interrupts taken, all vectors */
	u64 nmis;
	struct core_irqs *core_irqs; /* QGM cores: counters, readable here (core.h) */
	struct core_state *core; /* QGM cores: private state; not dereferenced by generic code */
	void (*unpark)(struct cpu *c); /* parked AP: what to run next */
	vaddr_t park_stack;            /* AP: stack top that it was started on */
} __attribute__((aligned(64)));

extern struct cpu cpus[CPU_MAX];
extern u32 ncpus;            /* online CPUs: cpus[0..ncpus-1] */
extern u32 ncpus_online;     /* of them came up at boot */
extern u32 nqgm;             /* QGMs: PART_QGM cores, or 1 in the shared mode */
extern bool smp_shared_mode; /* one CPU (or no qgm core given): QGM 0 is a kernel thread */

/* The CPU we run on. Generic cores in kernel mode only. */
static inline struct cpu *cpu_this(void)
{
	struct cpu *c;

	__asm__ volatile("mov %%gs:0, %0" : "=r"(c));
	return c;
}

/* The CPU that runs QGM q (in shared mode: the generic core that hosts it). NULL: no such QGM. */
struct cpu *cpu_of_qgm(u32 q);

/* A fixed interrupt with this vector. From generic cores, any context. */
void ipi_send(struct cpu *c, u8 vector);

/* Vectors that generic code may send (lapic.h has all). */
enum ipi_vector {
	IPI_RESCHED = 0xf0, /* look at the run queue: sched_ipi() */
	IPI_WAKE = 0xf2,    /* leave HLT; on a generic core also net_wake_irq() */
};

/* A QGM has something for the generic partition. Interrupt context; kernel/net implements it. */
void net_wake_irq(void);

/*
 * Parse a `pix.cores=` value into partition[0..ncpu-1] (in: the default for each; cores not named
 * become PART_OFF). "generic:0,qgm:1-3+5,app:4"; ranges join with +, and a piece without a name
 * continues the one before. Returns 0 or -EINVAL with *err_at the offset of the bad character:
 * unknown name, core out of range, core named twice, CPU 0 not generic. Pure.
 */
int cores_parse(const char *text, u32 ncpu, enum partition *part, size_t *err_at);
