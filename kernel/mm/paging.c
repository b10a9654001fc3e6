// SPDX-License-Identifier: MIT
/*
 * Four-level page tables. Tables of root_generic, root_boot and processes are pages of the generic
 * partition, seen by the direct map; those of root_qgm lie in the data-plane region, out of
 * the reach of the generic partition's allocator, seen by the window of root_boot only.
 */
#include "kernel/mm/paging.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/image.h"
#include "kernel/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/memmap.h"
#include "kernel/mm/phys.h"
#include "kernel/mm/phys_init.h"
#include "kernel/mm/split_init.h"
#include "kernel/printk.h"

#define PTE_P    (1ull << 0)
#define PTE_W    (1ull << 1)
#define PTE_U    (1ull << 2)
#define PTE_PWT  (1ull << 3)
#define PTE_PCD  (1ull << 4)
#define PTE_A    (1ull << 5)
#define PTE_D    (1ull << 6)
#define PTE_PS   (1ull << 7)
#define PTE_PAT  (1ull << 7) /* in a 4 KiB entry */
#define PTE_G    (1ull << 8)
#define PTE_AVL  9
#define PTE_PATL (1ull << 12) /* in a large entry */
#define PTE_NX   (1ull << 63)
#define PTE_ADDR 0x000ffffffffff000ull

enum { ENTRIES = 512, LEVELS = 4 };

paddr_t root_generic, root_qgm, root_boot;

static u64 *table_at(paddr_t pa)
{
	void *window = dp_table_virt(pa);

	return window ? window : phys_to_virt(pa);
}

/* A zeroed table page for this root, or 0. */
static paddr_t table_alloc(paddr_t root)
{
	paddr_t pa;

	if (root && root == root_qgm)
		return dp_table_alloc();
	pa = phys_ready() ? phys_alloc(0, NODE_ANY)
			  : memmap_take(&memmap, PAGE_SIZE, PAGE_SIZE, 1ull << 32, -1);
	if (pa)
		memset(table_at(pa), 0, PAGE_SIZE);
	return pa;
}

/* Bytes that one entry of this level (1: page table .. 4: PML4) covers. */
static u64 level_span(int level)
{
	return 1ull << (PAGE_SHIFT + 9 * (level - 1));
}

static unsigned index_at(vaddr_t va, int level)
{
	return va >> (PAGE_SHIFT + 9 * (level - 1)) & (ENTRIES - 1);
}

static u64 leaf_bits(unsigned flags, int level)
{
	u64 e = PTE_P | PTE_A | PTE_D;

	if (flags & PT_W)
		e |= PTE_W;
	if (flags & PT_U)
		e |= PTE_U;
	if (flags & PT_UC)
		e |= PTE_PCD | PTE_PWT;
	if (flags & PT_WC)
		e |= level > 1 ? PTE_PATL : PTE_PAT;
	if ((flags & PT_G) && cpu_features.pge)
		e |= PTE_G;
	if (!(flags & PT_X) && cpu_features.nx)
		e |= PTE_NX;
	if (level > 1)
		e |= PTE_PS;
	return e | (u64)(flags / PT_AVL0 & 7) << PTE_AVL;
}

static unsigned leaf_flags(u64 e, int level)
{
	unsigned flags = (e >> PTE_AVL & 7) * PT_AVL0;

	if (e & PTE_W)
		flags |= PT_W;
	if (e & PTE_U)
		flags |= PT_U;
	if (e & PTE_PCD)
		flags |= PT_UC;
	if (e & (level > 1 ? PTE_PATL : PTE_PAT))
		flags |= PT_WC;
	if (e & PTE_G)
		flags |= PT_G;
	if (!(e & PTE_NX))
		flags |= PT_X;
	return flags;
}

static paddr_t leaf_addr(u64 e, int level)
{
	return e & PTE_ADDR & ~(level_span(level) - 1);
}

static bool is_leaf(u64 e, int level)
{
	return level == 1 || (e & PTE_PS);
}

/*
 * The entry for va at `level`, making the tables above it when `make`. NULL: absent, out of
 * memory (*err -ENOMEM), or a larger page is in the way (*err -EEXIST).
 */
static u64 *entry_for(paddr_t root, vaddr_t va, int level, bool make, int *err)
{
	u64 *t = table_at(root);

	*err = -ENOENT;
	for (int l = LEVELS; l > level; l--) {
		u64 *e = &t[index_at(va, l)];

		if (!(*e & PTE_P)) {
			paddr_t pa = make ? table_alloc(root) : 0;

			if (!pa) {
				*err = make ? -ENOMEM : -ENOENT;
				return NULL;
			}
			*e = pa | PTE_P | PTE_W | (va < USER_TOP ? PTE_U : 0);
		} else if (is_leaf(*e, l)) {
			*err = -EEXIST;
			return NULL;
		}
		t = table_at(*e & PTE_ADDR);
	}
	return &t[index_at(va, level)];
}

/* The largest page that fits here. */
static int pick_level(vaddr_t va, paddr_t pa, u64 len, unsigned flags)
{
	u64 both = va | pa;

	if (flags & PT_U)
		return 1;
	if (cpu_features.page1g && !(both & (PAGE_1G - 1)) && len >= PAGE_1G)
		return 3;
	return !(both & (PAGE_2M - 1)) && len >= PAGE_2M ? 2 : 1;
}

static bool canonical_range(vaddr_t va, u64 len)
{
	return len && va + len - 1 >= va && (va + len <= USER_TOP || va >= 0xffff800000000000ull);
}

int pt_map(paddr_t root, vaddr_t va, paddr_t pa, u64 len, unsigned flags)
{
	vaddr_t start = va;

	if (((va | pa | len) & ~PAGE_MASK) || !canonical_range(va, len) ||
	    ((flags & PT_W) && (flags & PT_X)))
		return -EINVAL;
	while (len) {
		int err, level = pick_level(va, pa, len, flags);
		u64 *e = entry_for(root, va, level, true, &err);

		/* A table of smaller pages is there already: use it. */
		while (e && level > 1 && (*e & PTE_P) && !is_leaf(*e, level))
			e = entry_for(root, va, --level, true, &err);
		if (e && (*e & PTE_P)) {
			e = NULL;
			err = -EEXIST;
		}
		if (!e) {
			if (va > start)
				pt_unmap(root, start, va - start);
			return err;
		}
		*e = pa | leaf_bits(flags, level);
		va += level_span(level);
		pa += level_span(level);
		len -= level_span(level);
	}
	return 0;
}

int pt_set(paddr_t root, vaddr_t va, paddr_t pa, unsigned flags)
{
	int err;
	u64 *e = entry_for(root, va, 1, false, &err);

	if ((flags & PT_W) && (flags & PT_X))
		return -EINVAL;
	if (!e || !(*e & PTE_P))
		return -ENOENT;
	*e = (pa & PAGE_MASK) | leaf_bits(flags, 1);
	pt_flush_page(va);
	return 0;
}

int pt_unmap(paddr_t root, vaddr_t va, u64 len)
{
	if ((va | len) & ~PAGE_MASK)
		return -EINVAL;
	for (vaddr_t end = va + len; va != end;) {
		u64 *t = table_at(root), span, *e;
		int level = LEVELS;

		for (;; level--) {
			e = &t[index_at(va, level)];
			if (!(*e & PTE_P) || is_leaf(*e, level))
				break;
			t = table_at(*e & PTE_ADDR);
		}
		span = level_span(level);
		if (*e & PTE_P) {
			if ((va & (span - 1)) || end - va < span)
				return -EINVAL;
			*e = 0;
			pt_flush_page(va);
		}
		span -= va & (span - 1);
		va += span < end - va ? span : end - va;
	}
	return 0;
}

int pt_query(paddr_t root, vaddr_t va, paddr_t *pa, unsigned *flags)
{
	u64 *t = table_at(root);

	for (int level = LEVELS; level; level--) {
		u64 e = t[index_at(va, level)];

		if (!(e & PTE_P))
			return -ENOENT;
		if (is_leaf(e, level)) {
			if (pa)
				*pa = leaf_addr(e, level) + (va & (level_span(level) - 1));
			if (flags)
				*flags = leaf_flags(e, level);
			return 0;
		}
		t = table_at(e & PTE_ADDR);
	}
	return -ENOENT;
}

struct walk {
	pt_walk_fn fn;
	void *ctx;
	vaddr_t lo, last; /* last byte, inclusive */
};

/* Recursion is four levels deep. */
static int walk_table(const struct walk *w, u64 *t, vaddr_t base, int level)
{
	u64 span = level_span(level);

	for (unsigned i = 0; i < ENTRIES; i++) {
		vaddr_t va = base + i * span;
		int r;

		if (level == LEVELS && i >= ENTRIES / 2)
			va |= 0xffff000000000000ull;
		if (!(t[i] & PTE_P) || va + (span - 1) < w->lo || va > w->last)
			continue;
		r = is_leaf(t[i], level) ? w->fn(w->ctx, va, leaf_addr(t[i], level), span,
						 leaf_flags(t[i], level))
					 : walk_table(w, table_at(t[i] & PTE_ADDR), va, level - 1);
		if (r)
			return r;
	}
	return 0;
}

int pt_walk_range(paddr_t root, vaddr_t lo, vaddr_t hi, pt_walk_fn fn, void *ctx)
{
	struct walk w = { fn, ctx, lo, hi - 1 };

	return walk_table(&w, table_at(root), 0, LEVELS);
}

int pt_walk(paddr_t root, pt_walk_fn fn, void *ctx)
{
	return pt_walk_range(root, 0, 0, fn, ctx);
}

paddr_t pt_new_root(void)
{
	return table_alloc(0);
}

int pt_own_slot(paddr_t root, vaddr_t va)
{
	int err;

	return entry_for(root, va, LEVELS - 1, true, &err) ? 0 : err;
}

void pt_share_slot(paddr_t to, paddr_t from, vaddr_t va)
{
	table_at(to)[index_at(va, LEVELS)] = table_at(from)[index_at(va, LEVELS)];
}

paddr_t pt_new_user_root(void)
{
	paddr_t root = table_alloc(0);

	if (root)
		memcpy(table_at(root) + ENTRIES / 2, table_at(root_generic) + ENTRIES / 2,
		       PAGE_SIZE / 2);
	return root;
}

static void free_tables(paddr_t pa, int level)
{
	u64 *t = table_at(pa);

	for (unsigned i = 0; level > 1 && i < ENTRIES; i++)
		if ((t[i] & PTE_P) && !is_leaf(t[i], level))
			free_tables(t[i] & PTE_ADDR, level - 1);
	phys_free(pa, 0);
}

void pt_free_user_root(paddr_t root)
{
	u64 *t = table_at(root);

	ASSERT(root != root_generic && root != pt_current());
	for (unsigned i = 0; i < ENTRIES / 2; i++)
		if (t[i] & PTE_P)
			free_tables(t[i] & PTE_ADDR, LEVELS - 1);
	phys_free(root, 0);
}

void pt_load(paddr_t root)
{
	write_cr3(root);
}

paddr_t pt_current(void)
{
	return read_cr3() & PTE_ADDR;
}

void pt_flush_page(vaddr_t va)
{
	__asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

bool kernel_readable(vaddr_t va, u64 n)
{
	paddr_t root = pt_current();

	for (vaddr_t p = va & PAGE_MASK; p <= ((va + n - 1) & PAGE_MASK); p += PAGE_SIZE)
		if (p < DIRECT_MAP || pt_query(root, p, NULL, NULL))
			return false;
	return true;
}

/* --- device registers of the generic partition --- */

void *kmmio_map(paddr_t pa, u64 len, unsigned flags)
{
	static vaddr_t next = KMMIO_BASE;
	paddr_t first = pa & PAGE_MASK;
	u64 bytes = ALIGN_UP(pa + len, (u64)PAGE_SIZE) - first;
	vaddr_t va = next;

	if (va + bytes > KSTACK_BASE ||
	    pt_map(root_generic, va, first, bytes, flags & ~(unsigned)PT_X))
		return NULL;
	next = va + bytes + PAGE_SIZE; /* an unmapped page between two devices */
	return (void *)(va + (pa - first));
}
