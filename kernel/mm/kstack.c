// SPDX-License-Identifier: MIT
/*
 * Kernel stacks. The area is cut into slots of twice the stack's size: the lower half of a slot is
 * never mapped. A freed stack stays mapped and waits for the next user, so that no other core
 * ever has to flush.
 */
#include "kernel/mm/kstack.h"
#include "kernel/arch/x86_64/image.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/phys.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"

enum { SLOT = 2 * KSTACK_SIZE, KSTACK_ORDER = 2 };
#define PAINT 0x5a5a5a5a5a5a5a5aull
_Static_assert(PAGE_SIZE << KSTACK_ORDER == KSTACK_SIZE, "stack order");

/* A free stack's first words, at its low end. */
struct idle_stack {
	struct idle_stack *next;
};

static struct idle_stack *idle[NODE_MAX]; /* under lock */
static vaddr_t next_slot = KSTACK_BASE;
static struct spinlock lock = SPINLOCK_INIT("kstack");

static vaddr_t map_new(int node)
{
	paddr_t pa = phys_alloc(KSTACK_ORDER, node);
	vaddr_t base = next_slot + KSTACK_SIZE;

	if (!pa)
		return 0;
	if (next_slot + SLOT > KSTACK_END || pt_map(root_generic, base, pa, KSTACK_SIZE, PT_W)) {
		phys_free(pa, KSTACK_ORDER);
		return 0;
	}
	next_slot += SLOT;
	return base;
}

vaddr_t kstack_alloc(int node)
{
	unsigned n = node >= 0 && node < NODE_MAX ? node : 0;
	u64 flags = spin_lock_irqsave(&lock);
	vaddr_t base = (vaddr_t)idle[n];

	if (base)
		idle[n] = idle[n]->next;
	else
		base = map_new(node);
	spin_unlock_irqrestore(&lock, flags);
	if (!base)
		return 0;
	for (u64 *p = (u64 *)base; p < (u64 *)(base + KSTACK_SIZE); p++)
		*p = PAINT;
	return base + KSTACK_SIZE;
}

void kstack_free(vaddr_t top)
{
	struct idle_stack *s = (struct idle_stack *)(top - KSTACK_SIZE);

	if (top < KSTACK_BASE + SLOT || top > next_slot || (top - KSTACK_BASE) % SLOT)
		panic("kstack_free: %016lx is not the top of a stack", top);
	u64 flags = spin_lock_irqsave(&lock);

	s->next = idle[0];
	idle[0] = s;
	spin_unlock_irqrestore(&lock, flags);
}

bool kstack_is_guard(vaddr_t addr)
{
	if (addr >= (vaddr_t)boot_stack_guard && addr < (vaddr_t)boot_stack_guard + PAGE_SIZE)
		return true;
	return addr >= KSTACK_BASE && addr < next_slot && (addr - KSTACK_BASE) % SLOT < KSTACK_SIZE;
}

u64 kstack_high_water(vaddr_t top)
{
	const u64 *p = (const u64 *)(top - KSTACK_SIZE);

	while (p < (const u64 *)top && *p == PAINT)
		p++;
	return top - (u64)p;
}

u64 kstack_count(void)
{
	return (next_slot - KSTACK_BASE) / SLOT;
}
