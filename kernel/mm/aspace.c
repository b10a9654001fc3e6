// SPDX-License-Identifier: MIT
/*
 * User address spaces; see kernel/mm/aspace.h. Pages come on demand: a fault looks up the area and
 * fills one page (zero, or a copy of the file's bytes). fork shares every page read-only and counts
 * the holders in kernel/mm/frame.h; the next write copies, or takes the page over when nobody else
 * has it. Runs in the process's own thread on a generic core; nothing here sleeps, but long walks
 * over the pages let others run in between.
 */
#include "kernel/mm/aspace.h"

#include "kernel/arch/x86_64/trap.h"
#include "kernel/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/frame.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/paging.h"
#include "kernel/mm/phys.h"
#include "kernel/plant.h"
#include "kernel/printk.h"
#include "kernel/sched/thread.h"

/* mmap places areas below this; above lies the stack. */
#define MMAP_TOP 0x00007ff000000000ull
#define MMAP_LOW 0x0000000100000000ull
/* brk may not grow into the mmap area. */
#define BRK_TOP MMAP_LOW
/* Marks frames of device areas: neither counted nor freed. */
#define PT_DEVICE PT_AVL0

/*
 * Processes leave this share of the memory to the kernel: one that eats all it can is killed while
 * the kernel and, with it, the others can still allocate.
 */
enum { RESERVE_SHARE = 32, RESERVE_MIN_PAGES = 256 };

bool user_memory_left(void)
{
	struct phys_stats s;

	phys_stats(&s);
	u64 reserve = s.total_pages / RESERVE_SHARE;
	return s.free_pages > (reserve > RESERVE_MIN_PAGES ? reserve : RESERVE_MIN_PAGES);
}

/* Planted bug "page-leak": every eighth page of a process is forgotten when it ends. */
static bool plant_leak;

void aspace_init(void)
{
	plant_leak = planted("page-leak");
	usercopy_init();
}

struct aspace *aspace_new(void)
{
	struct aspace *as = kzalloc(sizeof(*as));

	if (!as)
		return NULL;
	as->root = pt_new_user_root();
	if (!as->root) {
		kfree(as);
		return NULL;
	}
	return as;
}

static int drop_page(void *ctx, vaddr_t va, paddr_t pa, u64 len, unsigned flags)
{
	struct aspace *as = ctx;

	(void)va;
	(void)len;
	if (flags & PT_DEVICE)
		return 0;
	if (!plant_leak || as->pages % 8)
		frame_unref(pa);
	as->pages--;
	thread_resched(); /* a large process must not hold up the others while it goes */
	return 0;
}

static int park(struct aspace *as, u64 va, paddr_t pa)
{
	struct parked_page *p = kmalloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	*p = (struct parked_page){ as->parked, va, pa };
	as->parked = p;
	return 0;
}

static void drop_parked(struct aspace *as, u64 lo, u64 hi)
{
	struct parked_page **pp = &as->parked;

	while (*pp) {
		struct parked_page *p = *pp;
		if (p->va < lo || p->va >= hi) {
			pp = &p->next;
			continue;
		}
		*pp = p->next;
		frame_unref(p->pa);
		as->pages--;
		kfree(p);
	}
}

/* Takes the frame of va out of the list, or 0. The caller owns its reference then. */
static paddr_t unpark(struct aspace *as, u64 va)
{
	for (struct parked_page **pp = &as->parked; *pp; pp = &(*pp)->next) {
		struct parked_page *p = *pp;
		if (p->va != va)
			continue;
		paddr_t pa = p->pa;
		*pp = p->next;
		kfree(p);
		return pa;
	}
	return 0;
}

/* Drops the frames of [lo, hi) and their mappings. */
static void drop_range(struct aspace *as, u64 lo, u64 hi)
{
	pt_walk_range(as->root, lo, hi, drop_page, as);
	pt_unmap(as->root, lo, hi - lo);
	drop_parked(as, lo, hi);
}

void aspace_free(struct aspace *as)
{
	pt_walk_range(as->root, 0, USER_TOP, drop_page, as);
	drop_parked(as, 0, USER_TOP);
	ASSERT(as->pages == 0);
	vma_clear(&as->vmas);
	pt_free_user_root(as->root);
	kfree(as);
}

static unsigned page_flags(const struct vma *v, bool writable)
{
	unsigned flags = PT_U;

	if (writable && (v->prot & PROT_WRITE))
		flags |= PT_W;
	if (v->prot & PROT_EXEC)
		flags |= PT_X;
	return flags;
}

struct fork_ctx {
	struct aspace *from, *to;
};

/* One page of the parent: both lose the right to write, the sharer is counted. */
static int share_page(void *ctx, vaddr_t va, paddr_t pa, u64 len, unsigned flags)
{
	struct fork_ctx *c = ctx;

	(void)len;
	if (flags & PT_DEVICE)
		return 0;
	unsigned ro = flags & ~(unsigned)PT_W;
	int err = frame_ref(pa);
	if (err)
		return err;
	err = pt_map(c->to->root, va, pa, PAGE_SIZE, ro);
	if (err) {
		frame_unref(pa);
		return err;
	}
	c->to->pages++;
	if (flags & PT_W)
		pt_set(c->from->root, va, pa, ro);
	thread_resched();
	return 0;
}

static int share_parked(struct aspace *from, struct aspace *to)
{
	for (const struct parked_page *p = from->parked; p; p = p->next) {
		int err = frame_ref(p->pa);
		if (err)
			return err;
		err = park(to, p->va, p->pa);
		if (err) {
			frame_unref(p->pa);
			return err;
		}
		to->pages++;
	}
	return 0;
}

struct aspace *aspace_fork(struct aspace *as)
{
	struct aspace *child = aspace_new();
	struct fork_ctx ctx = { as, child };

	if (!child)
		return NULL;
	child->brk_start = as->brk_start;
	child->brk = as->brk;
	int err = vma_clone(&child->vmas, &as->vmas);
	if (!err)
		err = pt_walk_range(as->root, 0, USER_TOP, share_page, &ctx);
	if (!err)
		err = share_parked(as, child);
	/* The parent's entries became read-only: its core may remember the old ones. */
	pt_load(as->root);
	if (err) {
		aspace_free(child);
		return NULL;
	}
	return child;
}

int aspace_map(struct aspace *as, const struct vma *v)
{
	return vma_add(&as->vmas, v);
}

int aspace_unmap(struct aspace *as, u64 start, u64 len)
{
	int err = vma_cut(&as->vmas, start, start + len);

	if (err)
		return err;
	drop_range(as, start, start + len);
	return 0;
}

struct protect_ctx {
	struct aspace *as;
	u8 prot;
};

static int protect_page(void *ctx, vaddr_t va, paddr_t pa, u64 len, unsigned flags)
{
	struct protect_ctx *c = ctx;
	/* Never gives write access: the next write faults and finds out whether to copy. */
	unsigned f = PT_U | (flags & (PT_DEVICE | PT_UC | PT_WC));

	(void)len;
	if (c->prot & PROT_EXEC)
		f |= PT_X;
	if ((flags & PT_DEVICE) && (c->prot & PROT_WRITE))
		f |= flags & PT_W;
	return pt_set(c->as->root, va, pa, f);
}

static int park_page(void *ctx, vaddr_t va, paddr_t pa, u64 len, unsigned flags)
{
	(void)len;
	return flags & PT_DEVICE ? 0 : park(ctx, va, pa);
}

int aspace_protect(struct aspace *as, u64 start, u64 len, u8 prot)
{
	struct protect_ctx ctx = { as, prot };
	const struct parked_page *before = as->parked;
	int err = vma_protect(&as->vmas, start, start + len, prot);

	if (err)
		return err;
	if (prot == PROT_NONE) {
		err = pt_walk_range(as->root, start, start + len, park_page, as);
		if (err) {
			/* What was parked now is mapped still: forget the parking, but keep what
			 * an earlier call had parked, whose list this is the only one to know. */
			while (as->parked != before)
				unpark(as, as->parked->va);
			return err;
		}
		return pt_unmap(as->root, start, len);
	}
	err = pt_walk_range(as->root, start, start + len, protect_page, &ctx);
	pt_load(as->root);
	return err;
}

u64 aspace_find_gap(const struct aspace *as, u64 len)
{
	return vma_gap(&as->vmas, len, MMAP_LOW, MMAP_TOP);
}

u64 aspace_brk(struct aspace *as, u64 want)
{
	u64 old_end = (as->brk + PAGE_SIZE - 1) & PAGE_MASK;

	if (want < as->brk_start || want >= BRK_TOP)
		return as->brk;
	u64 new_end = (want + PAGE_SIZE - 1) & PAGE_MASK;
	if (new_end > old_end) {
		struct vma v = { .start = old_end,
				 .end = new_end,
				 .prot = PROT_READ | PROT_WRITE,
				 .kind = VMA_ANON };
		if (aspace_map(as, &v) < 0)
			return as->brk;
	} else if (new_end < old_end) {
		if (aspace_unmap(as, new_end, old_end - new_end) < 0)
			return as->brk;
	}
	as->brk = want;
	return want;
}

/* Fills the fresh page of va from the area's file. */
static void fill_from_file(const struct vma *v, u64 va, u8 *page)
{
	u64 off = v->file_off + (va - v->start);
	u64 n = off < v->file_end ? v->file_end - off : 0;

	if (n > PAGE_SIZE)
		n = PAGE_SIZE;
	memcpy(page, v->file + off, n);
}

static enum fault_result new_page(struct aspace *as, const struct vma *v, u64 va)
{
	paddr_t pa = unpark(as, va);

	if (pa) {
		/* Perhaps shared with another process: without write access, as after fork. */
		if (pt_map(as->root, va, pa, PAGE_SIZE, page_flags(v, false)) == 0)
			return FAULT_OK;
		as->pages--;
		frame_unref(pa);
		return FAULT_NO_MEMORY;
	}
	pa = user_memory_left() ? phys_alloc_zero(NODE_ANY) : 0;
	if (!pa)
		return FAULT_NO_MEMORY;
	if (v->kind == VMA_FILE)
		fill_from_file(v, va, phys_to_virt(pa));
	if (pt_map(as->root, va, pa, PAGE_SIZE, page_flags(v, true)) < 0) {
		frame_unref(pa);
		return FAULT_NO_MEMORY;
	}
	as->pages++;
	return FAULT_OK;
}

/* The page is there but not writable, and the area allows writing: copy it, or take it over. */
static enum fault_result copy_on_write(struct aspace *as, const struct vma *v, u64 va, paddr_t pa)
{
	if (!frame_shared(pa)) {
		pt_set(as->root, va, pa, page_flags(v, true));
		pt_flush_page(va);
		return FAULT_OK;
	}
	paddr_t copy = user_memory_left() ? phys_alloc(0, NODE_ANY) : 0;
	if (!copy)
		return FAULT_NO_MEMORY;
	memcpy(phys_to_virt(copy), phys_to_virt(pa), PAGE_SIZE);
	pt_set(as->root, va, copy, page_flags(v, true));
	pt_flush_page(va);
	frame_unref(pa);
	return FAULT_OK;
}

enum fault_result aspace_fault(struct aspace *as, u64 addr, u64 err)
{
	u64 va = addr & PAGE_MASK;
	struct vma *v = vma_find(&as->vmas, addr);
	paddr_t pa;
	unsigned flags;

	if (!v)
		return FAULT_NO_AREA;
	u8 need = err & PF_I ? PROT_EXEC : err & PF_W ? PROT_WRITE : PROT_READ;
	/* x86 cannot map a page writable or executable without making it readable. */
	if (need == PROT_READ && (v->prot & (PROT_WRITE | PROT_EXEC)))
		need = v->prot;
	if (!(v->prot & need))
		return FAULT_PROTECTED;
	if (pt_query(as->root, va, &pa, &flags) < 0)
		return v->kind == VMA_DEVICE ? FAULT_PROTECTED : new_page(as, v, va);
	if ((err & PF_W) && !(flags & PT_W))
		return flags & PT_DEVICE ? FAULT_PROTECTED
					 : copy_on_write(as, v, va, pa & PAGE_MASK);
	/* Present and allowed: another mprotect or a stale TLB entry. */
	if (!(flags & PT_U) || ((err & PF_I) && !(flags & PT_X)))
		pt_set(as->root, va, pa & PAGE_MASK,
		       page_flags(v, false) | (flags & (PT_W | PT_DEVICE | PT_UC | PT_WC)));
	pt_flush_page(va);
	return FAULT_OK;
}

int aspace_write(struct aspace *as, u64 va, const void *src, size_t n)
{
	const u8 *s = src;

	while (n > 0) {
		paddr_t pa;
		unsigned flags;
		size_t part = PAGE_SIZE - (va & (PAGE_SIZE - 1));
		if (part > n)
			part = n;
		if (pt_query(as->root, va, &pa, &flags) < 0 || !(flags & PT_W)) {
			switch (aspace_fault(as, va, PF_W | PF_U)) {
			case FAULT_OK:
				break;
			case FAULT_NO_MEMORY:
				return -ENOMEM;
			default:
				return -EFAULT;
			}
			if (pt_query(as->root, va, &pa, &flags) < 0)
				return -EFAULT;
		}
		memcpy(phys_to_virt(pa), s, part);
		s += part;
		va += part;
		n -= part;
	}
	return 0;
}

int aspace_map_device(u64 va, paddr_t pa, u64 npages, unsigned flags)
{
	struct aspace *as = aspace_current();
	unsigned f = PT_U | PT_DEVICE;

	if (flags & MAP_DEVICE_WRITE)
		f |= PT_W;
	if (flags & MAP_DEVICE_UNCACHED)
		f |= PT_UC;
	return pt_map(as->root, va, pa, npages * PAGE_SIZE, f);
}
