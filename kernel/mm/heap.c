// SPDX-License-Identifier: MIT
/*
 * The heap. A slab is 16 KiB of one size class with a header and a bitmap of free objects, so
 * that a double free is seen at once; bigger requests are blocks of the physical allocator.
 */
#include "kernel/mm/heap.h"
#include "kernel/lib/string.h"
#include "kernel/mm/phys.h"
#include "kernel/mm/phys_init.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"

enum {
	SLAB_ORDER = 2,
	SLAB_BYTES = PAGE_SIZE << SLAB_ORDER,
	CLASS_MIN_SHIFT = 5,
	CLASSES = 7, /* 32 .. 2048 */
	SLAB_HEADER = 128,
	SLAB_MAGIC = 0x51ab51ab,
	POISON = 0xdd,
};

struct slab {
	u32 magic;
	u16 class, nfree;
	struct slab *next, **pprev;                         /* list of slabs with free objects */
	u64 free[SLAB_BYTES / (1 << CLASS_MIN_SHIFT) / 64]; /* bit set: object is free */
};
_Static_assert(sizeof(struct slab) <= SLAB_HEADER, "slab header");

static struct slab *partial[CLASSES]; /* under lock */
static struct heap_stats stats;
static struct spinlock lock = SPINLOCK_INIT("heap");

static unsigned class_size(unsigned class)
{
	return 1u << (CLASS_MIN_SHIFT + class);
}

static unsigned class_objects(unsigned class)
{
	return (SLAB_BYTES - SLAB_HEADER) / class_size(class);
}

static void list_add(struct slab *s)
{
	s->next = partial[s->class];
	s->pprev = &partial[s->class];
	if (s->next)
		s->next->pprev = &s->next;
	partial[s->class] = s;
}

static void list_del(struct slab *s)
{
	*s->pprev = s->next;
	if (s->next)
		s->next->pprev = s->pprev;
}

/* Lock held. */
static struct slab *slab_new(unsigned class)
{
	paddr_t pa = phys_alloc(SLAB_ORDER, NODE_ANY);
	struct slab *s;

	if (!pa)
		return NULL;
	phys_mark(pa, SLAB_ORDER, PHYS_SLAB);
	s = phys_to_virt(pa);
	memset(s, 0, SLAB_HEADER);
	s->magic = SLAB_MAGIC;
	s->class = class;
	s->nfree = class_objects(class);
	for (unsigned i = 0; i < s->nfree; i++)
		s->free[i / 64] |= 1ull << (i % 64);
	list_add(s);
	stats.slab_pages += 1 << SLAB_ORDER;
	return s;
}

/* Lock held. */
static void *slab_take(unsigned class)
{
	struct slab *s = partial[class];
	unsigned word = 0, bit;

	if (!s)
		s = slab_new(class);
	if (!s)
		return NULL;
	while (!s->free[word])
		word++;
	bit = __builtin_ctzll(s->free[word]);
	s->free[word] &= ~(1ull << bit);
	if (!--s->nfree)
		list_del(s);
	stats.objects++;
	return (u8 *)s + SLAB_HEADER + (u64)(word * 64 + bit) * class_size(class);
}

/* Lock held. */
static void slab_give(struct slab *s, void *p)
{
	u64 off = (u8 *)p - (u8 *)s - SLAB_HEADER;
	unsigned i = off / class_size(s->class);

	if (s->magic != SLAB_MAGIC || (u8 *)p < (u8 *)s + SLAB_HEADER ||
	    off % class_size(s->class) || i >= class_objects(s->class))
		panic("kfree: %p is not the start of an object", p);
	if (s->free[i / 64] & 1ull << (i % 64))
		panic("kfree: %p is free already", p);
	memset(p, POISON, class_size(s->class));
	s->free[i / 64] |= 1ull << (i % 64);
	stats.objects--;
	if (!s->nfree++)
		list_add(s);
	/* Keep one empty slab per class, give the others back. */
	if (s->nfree == class_objects(s->class) && (s->next || partial[s->class] != s)) {
		paddr_t pa = virt_to_phys(s);

		list_del(s);
		s->magic = 0;
		phys_mark(pa, SLAB_ORDER, PHYS_PLAIN);
		phys_free(pa, SLAB_ORDER);
		stats.slab_pages -= 1 << SLAB_ORDER;
	}
}

static void *large_alloc(size_t n)
{
	unsigned order = 0;
	paddr_t pa;

	while (order <= PHYS_ORDER_MAX && (u64)PAGE_SIZE << order < n)
		order++;
	if (order > PHYS_ORDER_MAX)
		return NULL;
	pa = phys_alloc(order, NODE_ANY);
	if (!pa)
		return NULL;
	__atomic_fetch_add(&stats.large_pages, 1ull << order, __ATOMIC_RELAXED);
	return phys_to_virt(pa);
}

void *kmalloc(size_t n)
{
	unsigned class = 0;
	void *p;

	if (n > class_size(CLASSES - 1))
		return large_alloc(n);
	while (class_size(class) < n)
		class ++;
	u64 flags = spin_lock_irqsave(&lock);

	p = slab_take(class);
	spin_unlock_irqrestore(&lock, flags);
	return p;
}

void *kzalloc(size_t n)
{
	void *p = kmalloc(n);

	if (p)
		memset(p, 0, n);
	return p;
}

void kfree(void *p)
{
	paddr_t pa;
	int order;

	if (!p)
		return;
	if ((u64)p < DIRECT_MAP || (u64)p >= DIRECT_END)
		panic("kfree: %p is not heap memory", p);
	pa = virt_to_phys(p);
	if (phys_is_slab(pa)) {
		u64 flags = spin_lock_irqsave(&lock);

		slab_give((struct slab *)ALIGN_DOWN((u64)p, (u64)SLAB_BYTES), p);
		spin_unlock_irqrestore(&lock, flags);
		return;
	}
	order = phys_block_order(pa);
	if (order < 0)
		panic("kfree: %p is not the start of an allocation", p);
	__atomic_fetch_sub(&stats.large_pages, 1ull << order, __ATOMIC_RELAXED);
	phys_free(pa, order);
}

void heap_stats(struct heap_stats *s)
{
	u64 flags = spin_lock_irqsave(&lock);

	*s = stats;
	spin_unlock_irqrestore(&lock, flags);
}
