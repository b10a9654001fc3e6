// SPDX-License-Identifier: MIT
/*
 * The data-plane region: dealt out of physical memory at boot, given out in chunks, mapped into
 * the window of each root by kind. See split.h for the rules.
 *
 *   region:  [ small chunks, 64 KiB steps -> ........ <- pieces of 2 MiB and more, 2 MiB aligned ]
 */
#include "kernel/mm/split.h"
#include "kernel/acpi.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/cmdline.h"
#include "kernel/lib/muldiv.h"
#include "kernel/lib/string.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/memmap.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/phys.h"
#include "kernel/mm/roots.h"
#include "kernel/mm/split_init.h"
#include "kernel/printk.h"
#include "kernel/smp.h"

enum { REGION_MAX = 16, CHUNK_MAX = 1024, GUARD_MAX = 2 * CPU_MAX, CHUNK_STEP = 65536 };
#define REGION_WINDOW (4ull << 30) /* bytes of window per region */
#define DP_MIN        (12ull << 20)
#define DP_MAX_NODE   (1ull << 30)

struct region {
	paddr_t base;
	u64 len;
	int node;
	vaddr_t va;
	u64 low, high; /* free: [low, high) */
	/* The open chunk of each kind: unused tail of it. */
	u64 open[DP_KINDS], open_end[DP_KINDS];
	/* Tails that 2 MiB alignment cut off; small chunks come from here first. */
	u64 spare[8], spare_len[8];
};

static struct region regions[REGION_MAX];
static unsigned nregions;
static struct dp_chunk chunks[CHUNK_MAX]; /* sorted by nothing; few hundred at most */
static unsigned nchunks;
static vaddr_t guards[GUARD_MAX];
static unsigned nguards;
static paddr_t table_pool, table_pool_end;
static vaddr_t mmio_next = DP_MMIO;
static bool sealed;

static u64 min_u64(u64 a, u64 b)
{
	return a < b ? a : b;
}

/* --- dealing --- */

static void deal_node(int node, u64 want)
{
	while (want >= PAGE_2M && nregions < REGION_MAX) {
		u64 len = min_u64(want, memmap_largest(&memmap, PAGE_2M, node));
		struct region *r = &regions[nregions];

		if (len < PAGE_2M)
			break;
		r->base = memmap_take(&memmap, len, PAGE_2M, ~0ull, node);
		r->len = r->high = len;
		r->node = node;
		r->va = DP_WINDOW + nregions++ * REGION_WINDOW;
		want -= len;
	}
}

void dp_deal(void)
{
	u64 total = memmap_bytes(&memmap, -1), want = cmdline_u64("pix.dpmem", 0);
	unsigned nodes = 1;

	for (unsigned i = 0; i < memmap.n; i++)
		if ((unsigned)memmap.r[i].node >= nodes)
			nodes = memmap.r[i].node + 1;
	for (unsigned n = 0; n < nodes; n++) {
		u64 have = memmap_bytes(&memmap, n), part = have / 4;

		if (want)
			part = total ? mul_div(want, have, total) : 0;
		else if (total / 4 < DP_MIN)
			part = mul_div(DP_MIN, have, total);
		part = min_u64(part, want ? REGION_WINDOW : DP_MAX_NODE);
		if (have)
			deal_node(n, ALIGN_UP(part, PAGE_2M));
	}
	if (!nregions)
		panic("no memory for the data plane: %lu KiB of RAM", total >> 10);
}

bool dp_region(unsigned i, paddr_t *base, u64 *len, int *node)
{
	if (i >= nregions)
		return false;
	*base = regions[i].base;
	*len = regions[i].len;
	*node = regions[i].node;
	return true;
}

bool dp_in_region(paddr_t pa)
{
	for (unsigned i = 0; i < nregions; i++)
		if (pa >= regions[i].base && pa - regions[i].base < regions[i].len)
			return true;
	return false;
}

/* --- chunks --- */

/* Free bytes of r at offset *off, `len` long, aligned; large pieces from the top. */
static bool carve(struct region *r, u64 len, u64 align, u64 *off)
{
	if (len >= PAGE_2M) {
		u64 start = r->high < len ? 0 : ALIGN_DOWN(r->high - len, PAGE_2M);

		if (r->high < len || start < r->low)
			return false;
		for (unsigned i = 0; i < 8 && start + len < r->high; i++) {
			if (r->spare_len[i])
				continue;
			r->spare[i] = start + len;
			r->spare_len[i] = r->high - (start + len);
			break;
		}
		*off = start;
		r->high = start;
		return true;
	}
	for (unsigned i = 0; i < 8; i++) {
		u64 at = ALIGN_UP(r->spare[i], align), skip = at - r->spare[i];

		if (r->spare_len[i] < skip + len)
			continue;
		*off = at;
		r->spare[i] = at + len;
		r->spare_len[i] -= skip + len;
		return true;
	}
	u64 at = ALIGN_UP(r->low, align);

	if (at + len > r->high)
		return false;
	*off = at;
	r->low = at + len;
	return true;
}

int dp_rights(enum dp_kind kind, bool qgm_root)
{
	switch (kind) {
	case DP_CTL:
	case DP_PUNT:
		return PT_W;
	case DP_COUNTERS:
		return qgm_root ? PT_W : 0;
	case DP_ARENA:
		return qgm_root ? 0 : PT_W;
	default:
		return qgm_root ? PT_W : -1;
	}
}

static void map_or_die(paddr_t root, vaddr_t va, paddr_t pa, u64 len, int flags)
{
	int err = flags < 0 ? 0 : pt_map(root, va, pa, len, flags);

	if (err)
		panic("data-plane window: cannot map %016lx: error %d", va, -err);
}

/* Carve a chunk of a kind and map it. Returns its offset in the region, or -1. */
static s64 new_chunk(struct region *r, enum dp_kind kind, u64 len, u64 align)
{
	u64 off;
	struct dp_chunk *c = &chunks[nchunks];

	len = ALIGN_UP(len, (u64)CHUNK_STEP);
	if (nchunks == CHUNK_MAX || !carve(r, len, align < CHUNK_STEP ? CHUNK_STEP : align, &off))
		return -1;
	*c = (struct dp_chunk){ r->va + off, r->base + off, len, kind };
	nchunks++;
	map_or_die(root_boot, c->va, c->pa, len, PT_W);
	map_or_die(root_qgm, c->va, c->pa, len, dp_rights(kind, true));
	map_or_die(root_generic, c->va, c->pa, len, dp_rights(kind, false));
	return off;
}

const struct dp_chunk *dp_chunk_of(paddr_t pa)
{
	for (unsigned i = 0; i < nchunks; i++)
		if (pa >= chunks[i].pa && pa - chunks[i].pa < chunks[i].len)
			return &chunks[i];
	return NULL;
}

static void *alloc_in(struct region *r, enum dp_kind kind, u64 bytes, u64 align)
{
	u64 at = ALIGN_UP(r->open[kind], align);
	s64 off;

	if (at + bytes <= r->open_end[kind] && r->open_end[kind]) {
		r->open[kind] = at + bytes;
		return (void *)(r->va + at);
	}
	off = new_chunk(r, kind, bytes, align);
	if (off < 0)
		return NULL;
	/* The new chunk's tail becomes the open one if it is the longer of the two. */
	u64 end = off + ALIGN_UP(bytes, (u64)CHUNK_STEP), tail = end - (off + bytes);

	if (tail > r->open_end[kind] - r->open[kind]) {
		r->open[kind] = off + bytes;
		r->open_end[kind] = end;
	}
	return (void *)(r->va + off);
}

/*
 * Zero n bytes (a multiple of 64), but only write what is not zero yet: under a hypervisor fresh
 * memory reads as zero without being backed, and packet buffers may never be touched. After
 * a warm reset the old contents are there and are cleared.
 */
static void clear(void *p, u64 n)
{
	for (u64 *w = p, *end = w + n / 8; w < end; w += 8)
		if (w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7])
			memset(w, 0, 64);
}

void *dp_alloc(enum dp_kind kind, u64 bytes, u64 align, int node)
{
	void *p = NULL;

	ASSERT(!sealed && kind < DP_KINDS && align && !(align & (align - 1)) && align <= PAGE_2M);
	if (!bytes || bytes > REGION_WINDOW)
		return NULL;
	bytes = ALIGN_UP(bytes, 64ull);
	if (align < 64)
		align = 64;
	for (unsigned i = 0; i < nregions && !p; i++)
		if (node < 0 || regions[i].node == node)
			p = alloc_in(&regions[i], kind, bytes, align);
	for (unsigned i = 0; i < nregions && !p; i++)
		p = alloc_in(&regions[i], kind, bytes, align);
	if (p)
		clear(p, bytes);
	return p;
}

paddr_t dp_paddr(const void *p)
{
	vaddr_t va = (vaddr_t)p;

	if (va < DP_WINDOW || va >= DP_MMIO)
		return 0;
	for (unsigned i = 0; i < nregions; i++)
		if (va >= regions[i].va && va - regions[i].va < regions[i].len)
			return regions[i].base + (va - regions[i].va);
	return 0;
}

static u64 sum(int node, bool total)
{
	u64 bytes = 0;

	for (unsigned i = 0; i < nregions; i++) {
		const struct region *r = &regions[i];

		if (node >= 0 && r->node != node)
			continue;
		if (total) {
			bytes += r->len;
			continue;
		}
		bytes += r->high - r->low;
		for (unsigned k = 0; k < 8; k++)
			bytes += r->spare_len[k];
	}
	return bytes;
}

u64 dp_free_bytes(int node)
{
	return sum(node, false);
}

u64 dp_total_bytes(int node)
{
	return sum(node, true);
}

vaddr_t dp_stack_alloc(u64 bytes, int node)
{
	u8 *p = nguards < GUARD_MAX ? dp_alloc(DP_PRIVATE, bytes + PAGE_SIZE, PAGE_SIZE, node)
				    : NULL;

	if (!p)
		return 0;
	pt_unmap(root_boot, (vaddr_t)p, PAGE_SIZE);
	pt_unmap(root_qgm, (vaddr_t)p, PAGE_SIZE);
	guards[nguards++] = (vaddr_t)p;
	return (vaddr_t)p + PAGE_SIZE + bytes;
}

bool dp_guard(unsigned i, vaddr_t *va)
{
	if (i >= nguards)
		return false;
	*va = guards[i];
	return true;
}

/* --- page tables of the QGM root --- */

void *dp_table_virt(paddr_t pa)
{
	for (unsigned i = 0; i < nregions; i++)
		if (pa >= regions[i].base && pa - regions[i].base < regions[i].len)
			return (void *)(regions[i].va + (pa - regions[i].base));
	return NULL;
}

/* The pool's pages are mapped in root_boot only: neither partition can change QGM page tables. */
paddr_t dp_table_alloc(void)
{
	if (table_pool == table_pool_end) {
		u64 off;

		if (!carve(&regions[0], CHUNK_STEP, CHUNK_STEP, &off))
			return 0;
		table_pool = regions[0].base + off;
		table_pool_end = table_pool + CHUNK_STEP;
		map_or_die(root_boot, regions[0].va + off, table_pool, CHUNK_STEP, PT_W);
		memset((void *)(regions[0].va + off), 0, CHUNK_STEP);
	}
	table_pool += PAGE_SIZE;
	return table_pool - PAGE_SIZE;
}

void dp_init(void)
{
	root_qgm = dp_table_alloc();
	if (!root_qgm)
		panic("no memory for the data plane's page tables");
	roots_map_qgm_image();
	for (unsigned i = 0; i < nregions; i++)
		printk("split: data plane node %d: %016lx..%016lx (%lu MiB)\n", regions[i].node,
		       regions[i].base, regions[i].base + regions[i].len - 1, regions[i].len >> 20);
}

/* --- registers in the window --- */

void *dp_map_mmio(paddr_t pa, u64 len, enum dp_attr attr)
{
	paddr_t first = pa & PAGE_MASK, before = pt_current();
	u64 bytes = ALIGN_UP(pa + len, (u64)PAGE_SIZE) - first;
	unsigned how = PT_W | (attr == DP_WC ? PT_WC : PT_UC);
	vaddr_t va = mmio_next;
	int err;

	if (!len || va + bytes > DP_END)
		return NULL;
	/* The QGM root's tables are reachable on root_boot only. */
	u64 flags = irq_save();

	if (before != root_boot)
		pt_load(root_boot);
	err = pt_map(root_boot, va, first, bytes, how);
	if (!err)
		err = pt_map(root_qgm, va, first, bytes, how);
	if (before != root_boot)
		pt_load(before);
	irq_restore(flags);
	if (err)
		return NULL;
	mmio_next = va + bytes + PAGE_SIZE;
	return (void *)(va + (pa - first));
}

/* --- the end of start-up --- */

void dp_seal(void)
{
	sealed = true;
	pt_load(root_generic);
}

bool dp_sealed(void)
{
	return sealed;
}
