// SPDX-License-Identifier: MIT
/*
 * Buddy allocator, one per NUMA node (Knuth, TAOCP vol. 1, 2.5). One state byte per page tells
 * whether the page begins a free or an allocated block and of which order; free blocks are
 * linked through their own first bytes, by the direct map. Blocks go up to 1 GiB, so that a big
 * machine starts without touching all of its memory.
 */
#include "kernel/mm/phys.h"
#include "kernel/arch/x86_64/image.h"
#include "kernel/lib/string.h"
#include "kernel/mm/memmap.h"
#include "kernel/mm/phys_init.h"
#include "kernel/printk.h"
#include "kernel/smp.h"
#include "kernel/spinlock.h"

enum { ST_ORDER = 0x1f, ST_SLAB = 0x20, ST_USED = 0x40, ST_FREE = 0x80 };

struct free_block {
	struct free_block *next, **pprev;
};

struct node {
	struct free_block *free[PHYS_ORDER_MAX + 1]; /* under lock */
	u64 free_pages, total_pages;
};

static struct node nodes[NODE_MAX];
static unsigned nnodes;
static u8 *state; /* one byte per page up to max_pfn */
static u64 max_pfn;
static struct mem_range ranges[MEMMAP_MAX]; /* for node_of */
static unsigned nranges;
static struct spinlock lock = SPINLOCK_INIT("phys");

static u64 pfn_of(paddr_t pa)
{
	return pa >> PAGE_SHIFT;
}

/* Node of a managed page, or -1. */
static int node_of(paddr_t pa)
{
	unsigned lo = 0, hi = nranges;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (pa < ranges[mid].base)
			hi = mid;
		else if (pa - ranges[mid].base >= ranges[mid].len)
			lo = mid + 1;
		else
			return ranges[mid].node;
	}
	return -1;
}

static void push(struct node *n, paddr_t pa, unsigned order)
{
	struct free_block *b = phys_to_virt(pa);

	b->next = n->free[order];
	b->pprev = &n->free[order];
	if (b->next)
		b->next->pprev = &b->next;
	n->free[order] = b;
	state[pfn_of(pa)] = ST_FREE | order;
}

static void unlink(struct free_block *b)
{
	*b->pprev = b->next;
	if (b->next)
		b->next->pprev = b->pprev;
}

/* Put a block back and join it with its buddy as long as that is free as a whole. Lock held. */
static void give(paddr_t pa, unsigned order, int node)
{
	struct node *n = &nodes[node];

	n->free_pages += 1ull << order;
	for (; order < PHYS_ORDER_MAX; order++) {
		paddr_t buddy = pa ^ ((u64)PAGE_SIZE << order);

		if (pfn_of(buddy) >= max_pfn || state[pfn_of(buddy)] != (ST_FREE | order) ||
		    node_of(buddy) != node)
			break;
		unlink(phys_to_virt(buddy));
		state[pfn_of(buddy)] = 0;
		state[pfn_of(pa)] = 0;
		if (buddy < pa)
			pa = buddy;
	}
	push(n, pa, order);
}

/* Lock held. */
static paddr_t take(struct node *n, unsigned order)
{
	unsigned o = order;
	paddr_t pa;

	while (o <= PHYS_ORDER_MAX && !n->free[o])
		o++;
	if (o > PHYS_ORDER_MAX)
		return 0;
	pa = (paddr_t)n->free[o] - DIRECT_MAP;
	unlink(n->free[o]);
	while (o > order) {
		o--;
		push(n, pa + ((u64)PAGE_SIZE << o), o);
	}
	state[pfn_of(pa)] = ST_USED | order;
	n->free_pages -= 1ull << order;
	return pa;
}

paddr_t phys_alloc(unsigned order, int node)
{
	paddr_t pa = 0;

	if (order > PHYS_ORDER_MAX)
		return 0;
	if (node < 0 || (unsigned)node >= nnodes)
		node = (unsigned)cpu_this()->node < nnodes ? cpu_this()->node : 0;
	u64 flags = spin_lock_irqsave(&lock);

	for (unsigned i = 0; i < nnodes && !pa; i++)
		pa = take(&nodes[(node + i) % nnodes], order);
	spin_unlock_irqrestore(&lock, flags);
	return pa;
}

void phys_free(paddr_t pa, unsigned order)
{
	int node = node_of(pa);
	u64 flags;

	if (node < 0)
		panic("phys_free: %016lx is not RAM of the generic partition", pa);
	flags = spin_lock_irqsave(&lock);
	if ((state[pfn_of(pa)] & ~ST_SLAB) != (ST_USED | order))
		panic("phys_free: %016lx order %u: not an allocated block (state %02x)", pa, order,
		      state[pfn_of(pa)]);
	give(pa, order, node);
	spin_unlock_irqrestore(&lock, flags);
}

paddr_t phys_alloc_zero(int node)
{
	paddr_t pa = phys_alloc(0, node);

	if (pa)
		memset(phys_to_virt(pa), 0, PAGE_SIZE);
	return pa;
}

paddr_t virt_to_phys(const void *va)
{
	u64 a = (u64)va;

	if (a >= DIRECT_MAP && a < DIRECT_END)
		return a - DIRECT_MAP;
	if (a >= KERNEL_BASE && a < (u64)data_limit)
		return a - KERNEL_BASE;
	panic("virt_to_phys: %p is neither in the direct map nor in the image", va);
}

void phys_stats(struct phys_stats *s)
{
	u64 flags = spin_lock_irqsave(&lock);

	*s = (struct phys_stats){ .nodes = nnodes };
	for (unsigned i = 0; i < nnodes; i++) {
		s->total_pages += nodes[i].total_pages;
		s->free_pages += nodes[i].free_pages;
	}
	spin_unlock_irqrestore(&lock, flags);
}

void phys_mark(paddr_t pa, unsigned order, enum phys_mark mark)
{
	for (u64 i = 0; i < 1ull << order; i++) {
		u8 *s = &state[pfn_of(pa) + i];

		*s = mark == PHYS_SLAB ? *s | ST_SLAB : *s & ~ST_SLAB;
	}
}

int phys_block_order(paddr_t pa)
{
	if ((pa & ~PAGE_MASK) || node_of(pa) < 0 || !(state[pfn_of(pa)] & ST_USED))
		return -1;
	return state[pfn_of(pa)] & ST_ORDER;
}

bool phys_is_slab(paddr_t pa)
{
	return node_of(pa) >= 0 && (state[pfn_of(pa)] & ST_SLAB);
}

bool phys_managed(paddr_t pa)
{
	return node_of(pa) >= 0;
}

bool phys_ready(void)
{
	return nnodes != 0;
}

/* Cut a range into naturally aligned blocks. */
static void add_range(const struct mem_range *r)
{
	paddr_t pa = r->base, end = r->base + r->len;

	nodes[r->node].total_pages += r->len >> PAGE_SHIFT;
	while (pa < end) {
		unsigned order = PHYS_ORDER_MAX;

		while (pa & (((u64)PAGE_SIZE << order) - 1) || pa + ((u64)PAGE_SIZE << order) > end)
			order--;
		give(pa, order, r->node);
		pa += (u64)PAGE_SIZE << order;
	}
}

void phys_init(struct memmap *m)
{
	paddr_t table;
	unsigned max_node = 0;

	max_pfn = pfn_of(m->r[m->n - 1].base + m->r[m->n - 1].len);
	table = memmap_take(m, max_pfn, PAGE_SIZE, ~0ull, -1);
	if (!table)
		panic("no room for the page state table (%lu bytes)", max_pfn);
	state = phys_to_virt(table);
	memset(state, 0, max_pfn);
	nranges = m->n;
	for (unsigned i = 0; i < m->n; i++) {
		ranges[i] = m->r[i];
		if ((unsigned)m->r[i].node > max_node)
			max_node = m->r[i].node;
	}
	for (unsigned i = 0; i < nranges; i++)
		add_range(&ranges[i]);
	nnodes = max_node + 1;
	m->n = 0;
}
