// SPDX-License-Identifier: MIT
/*
 * The areas of an address space: what each user page is allowed to be, before any page exists.
 *
 * A list sorted by address, areas never overlap, neighbours that could be one are merged. Pure but
 * for kmalloc/kfree, so that it is tested on the host. Used by the thread of the process only.
 */
#pragma once

#include "kernel/types.h"

enum vma_prot { /* PROT_* of mmap(2) */
		PROT_NONE = 0,
		PROT_READ = 1,
		PROT_WRITE = 2,
		PROT_EXEC = 4,
};

enum vma_kind {
	VMA_ANON,   /* zero pages on demand */
	VMA_FILE,   /* private pages, filled on demand from file[], zero past file_end */
	VMA_DEVICE, /* mapped when made; frames not counted, not copied on write, not inherited */
};

struct vma {
	struct vma *next;
	u64 start, end; /* multiples of 4096; start < end */
	u8 prot;        /* PROT_* */
	u8 kind;        /* enum vma_kind */
	const u8 *file; /* VMA_FILE: whole file in kernel memory, never freed */
	u64 file_off;   /* VMA_FILE: offset that belongs to start, multiple of 4096 */
	u64 file_end;   /* VMA_FILE: bytes of the file that belong to the area end here */
};

struct vma_list {
	struct vma *head;
	u32 count;
};

/* Bound on areas per process, so that a process cannot eat the kernel heap. */
#define VMA_MAX 1024

/* The area that holds addr, or NULL. */
struct vma *vma_find(const struct vma_list *list, u64 addr);
/* Whether no area touches [start, end). */
bool vma_free_range(const struct vma_list *list, u64 start, u64 end);
/* Adds a copy of *v (next ignored). 0, -ENOMEM, or -EEXIST when it overlaps an area. */
int vma_add(struct vma_list *list, const struct vma *v);
/* Takes [start, end) out of all areas, splitting the ones that stick out. 0 or -ENOMEM (nothing
 * changed). */
int vma_cut(struct vma_list *list, u64 start, u64 end);
/* Sets prot on [start, end). 0; -ENOMEM: not wholly covered by areas, or no memory. */
int vma_protect(struct vma_list *list, u64 start, u64 end, u8 prot);
/* The highest free range of len bytes within [lo, hi); its start, or 0. */
u64 vma_gap(const struct vma_list *list, u64 len, u64 lo, u64 hi);
/* Copies all areas but VMA_DEVICE ones into the empty list dst. 0, or -ENOMEM (dst empty). */
int vma_clone(struct vma_list *dst, const struct vma_list *src);
void vma_clear(struct vma_list *list);
