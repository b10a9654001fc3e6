// SPDX-License-Identifier: MIT
/*
 * Device interrupts of generic cores. One vector space serves all generic cores; a vector has a
 * short list of handlers. Changes are made under a lock, handlers are found without one: a list
 * only grows at its head, and removal clears the function.
 */
#include "kernel/arch/x86_64/irq.h"
#include "kernel/arch/x86_64/ioapic.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/arch/x86_64/trap.h"
#include "kernel/arch/x86_64/traps.h"
#include "kernel/clock.h"
#include "kernel/errno.h"
#include "kernel/mm/heap.h"
#include "kernel/printk.h"
#include "kernel/sched/thread.h"
#include "kernel/spinlock.h"
#include "qgm/atomic.h"

struct handler {
	irq_fn fn; /* NULL: removed */
	void *arg;
	struct handler *next;
};

enum { GSI_MAX = 256 };

static struct handler *handlers[256];
static u8 gsi_vector[GSI_MAX]; /* 0: not routed by us */
static bool gsi_level[GSI_MAX];
static unsigned next_vector = VEC_DEVICE;
static u64 unexpected;
static struct spinlock lock = SPINLOCK_INIT("irq");

/* Lock held. */
static int add_handler(u8 vector, irq_fn fn, void *arg)
{
	struct handler *h = kzalloc(sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->fn = fn;
	h->arg = arg;
	h->next = handlers[vector];
	store_release(&handlers[vector], h); /* pairs with the acquire in run_handlers */
	return 0;
}

static int new_vector(void)
{
	return next_vector <= VEC_DEVICE_LAST ? (int)next_vector++ : -ENOSPC;
}

static int install(u32 gsi, bool level, irq_fn fn, void *arg)
{
	int vector, err;

	if (gsi >= GSI_MAX)
		return -ENODEV;
	if (gsi_vector[gsi]) {
		if (!gsi_level[gsi] && handlers[gsi_vector[gsi]])
			return -EBUSY;
		err = add_handler(gsi_vector[gsi], fn, arg);
		ioapic_mask(gsi, false);
		return err;
	}
	vector = new_vector();
	if (vector < 0)
		return vector;
	err = add_handler(vector, fn, arg);
	if (err)
		return err;
	err = ioapic_route(gsi, vector, cpus[0].apic_id, level, false, &gsi_level[gsi]);
	if (err)
		return err;
	gsi_vector[gsi] = vector;
	return 0;
}

int irq_install_gsi(u32 gsi, bool level, irq_fn fn, void *arg)
{
	u64 flags = spin_lock_irqsave(&lock);
	int err = install(gsi, level, fn, arg);

	spin_unlock_irqrestore(&lock, flags);
	return err;
}

int irq_install_isa(u8 irq, irq_fn fn, void *arg)
{
	bool level;
	u32 gsi = ioapic_isa_gsi(irq, &level);

	return irq_install_gsi(gsi, level, fn, arg);
}

void irq_remove_gsi(u32 gsi, irq_fn fn, void *arg)
{
	u64 flags = spin_lock_irqsave(&lock);
	bool left = false;

	if (gsi < GSI_MAX && gsi_vector[gsi]) {
		for (struct handler *h = handlers[gsi_vector[gsi]]; h; h = h->next) {
			if (h->fn == fn && h->arg == arg)
				store_relaxed(&h->fn, NULL);
			left |= h->fn != NULL;
		}
		if (!left) {
			ioapic_mask(gsi, true);
			/* The line may go to another core next (core_route_gsi). */
			handlers[gsi_vector[gsi]] = NULL;
		}
	}
	spin_unlock_irqrestore(&lock, flags);
}

void irq_mask_gsi(u32 gsi)
{
	ioapic_mask(gsi, true);
}

void irq_unmask_gsi(u32 gsi)
{
	ioapic_mask(gsi, false);
}

u32 irq_gsi_count(void)
{
	return ioapic_gsi_count();
}

void irq_forget_gsi(u32 gsi)
{
	u64 flags = spin_lock_irqsave(&lock);

	if (gsi < GSI_MAX)
		gsi_vector[gsi] = 0;
	spin_unlock_irqrestore(&lock, flags);
}

void irq_msi_message(const struct cpu *c, u8 vector, u64 *addr, u32 *data)
{
	*addr = 0xfee00000ull | (u64)(c->apic_id & 0xff) << 12;
	*data = vector;
}

int irq_alloc_msi(struct cpu *c, irq_fn fn, void *arg, u64 *addr, u32 *data)
{
	u64 flags = spin_lock_irqsave(&lock);
	int vector = new_vector();
	int err = vector < 0 ? vector : add_handler(vector, fn, arg);

	spin_unlock_irqrestore(&lock, flags);
	if (!err)
		irq_msi_message(c, vector, addr, data);
	return err;
}

static void run_handlers(u8 vector)
{
	struct handler *h = load_acquire(&handlers[vector]);

	if (!h)
		unexpected++;
	for (; h; h = h->next) {
		irq_fn fn = load_relaxed(&h->fn);

		if (fn)
			fn(h->arg);
	}
}

void irq_dispatch(struct trapframe *f)
{
	struct cpu *c = cpu_this();

	if (f->vector == VEC_SPURIOUS || f->vector < VEC_DEVICE)
		return; /* no EOI for these */
	c->irqs++;
	c->irq_depth++;
	if (f->vector == VEC_TIMER) {
		c->ticks++;
		lapic_eoi();
		sched_tick();
	} else {
		if (f->vector <= VEC_DEVICE_LAST)
			run_handlers(f->vector);
		else if (f->vector == IPI_WAKE)
			net_wake_irq();
		lapic_eoi();
	}
	c->irq_depth--;
	sched_irq_exit(trap_from_user(f));
}
