// SPDX-License-Identifier: MIT
/*
 * User address spaces: the areas of a process (kernel/mm/vma.h), its page tables, copy-on-write
 * fork, the page-fault handler, and the only routines that touch user memory.
 *
 * An address space belongs to one process, which has one thread: only that thread changes it, so
 * it needs no lock and no remote TLB flush. Pages are shared copy-on-write between processes;
 * kernel/mm/frame.h counts how many hold a frame.
 *
 *   0x0000000000001000 .. 0x00007ffffffff000  user; the rest of the lower half is never mapped
 */
#pragma once

#include "kernel/mm/vma.h"
#include "kernel/types.h"

#define USER_MIN 0x10000ull
#define USER_END 0x00007ffffffff000ull

/*
 * Copy between kernel and user memory of the running process. 0, or -EFAULT if any byte of the
 * user range is not accessible (then a part may have been copied). Any user pointer and any length
 * may be given: NULL, kernel, non-canonical and wrapping ranges fail. May fault pages in; so not
 * with a spinlock held.
 */
int copy_from_user(void *dst, const void *usrc, size_t n);
int copy_to_user(void *udst, const void *src, size_t n);
int zero_user(void *udst, size_t n);
/* The length of the string without its NUL (which is copied), -EFAULT, or -ENAMETOOLONG if there is
 * no NUL within n bytes. */
s64 strncpy_from_user(char *dst, const char *usrc, size_t n);

/*
 * For kernel code that needs exclusive answers before it acts: checks only that the range lies in
 * the user half and does not wrap, not that it is mapped.
 */
bool user_range_ok(const void *uptr, size_t n);

enum map_device_flags {
	MAP_DEVICE_WRITE = 1,
	MAP_DEVICE_UNCACHED = 2,
};

/*
 * For file_ops.mmap: maps npages frames from pa at va of the calling process. The frames are not
 * counted and never freed by the address space. 0 or -ENOMEM.
 */
int aspace_map_device(u64 va, paddr_t pa, u64 npages, unsigned flags);

/*
 * Whether a process may have another page or kernel object: a share of the memory is kept for the
 * kernel itself. To be asked before allocating something whose number only programs bound.
 */
bool user_memory_left(void);

/* --- the process layer only --- */

/* A frame whose page is PROT_NONE: x86 cannot keep it mapped and out of the kernel's reach. */
struct parked_page {
	struct parked_page *next;
	u64 va;
	paddr_t pa;
};

struct aspace {
	paddr_t root;
	struct vma_list vmas;
	struct parked_page *parked;
	u64 brk_start, brk; /* the heap: [brk_start, brk), brk not aligned */
	u64 pages;          /* frames held, without device frames */
};

/* Start-up: asks for the planted bugs of this file and of usercopy.c. */
void aspace_init(void);
void usercopy_init(void);

/* An empty address space; NULL: no memory. */
struct aspace *aspace_new(void);
/* Frees the areas, drops the frames and the tables. Not while a core runs on it. */
void aspace_free(struct aspace *as);
/* A copy-on-write copy of the calling process's address space; NULL: no memory. */
struct aspace *aspace_fork(struct aspace *as);

/* mmap, munmap, mprotect of page-aligned ranges, checked by the caller to lie in the user half. */
int aspace_map(struct aspace *as, const struct vma *v);
int aspace_unmap(struct aspace *as, u64 start, u64 len);
int aspace_protect(struct aspace *as, u64 start, u64 len, u8 prot);
/* A free range of len bytes for mmap without address; 0: none. */
u64 aspace_find_gap(const struct aspace *as, u64 len);
/* brk(2): the new break, or the old one when it cannot be moved. */
u64 aspace_brk(struct aspace *as, u64 want);

/* Why a fault could not be resolved. */
enum fault_result {
	FAULT_OK,        /* mapped: try again */
	FAULT_NO_AREA,   /* no area there */
	FAULT_PROTECTED, /* the area forbids it */
	FAULT_NO_MEMORY,
};

/* The page of addr, for an access with the page-fault error bits err (PF_*). */
enum fault_result aspace_fault(struct aspace *as, u64 addr, u64 err);

/* Copies n bytes into another address space (exec builds the new stack): 0, -EFAULT, -ENOMEM. */
int aspace_write(struct aspace *as, u64 va, const void *src, size_t n);

/* The address space of the running process; NULL in kernel threads. */
struct aspace *aspace_current(void);
