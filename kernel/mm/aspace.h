// SPDX-License-Identifier: MIT
/*
 * User address spaces: the areas of a process (kernel/mm/vma.h), its page tables, copy-on-write
 * fork, the page-fault handler, and the only routines that touch user memory.
 *
 * An address space belongs to one process, which has one thread: only that thread changes it, so
 * it needs no lock and no remote TLB flush. Pages are shared copy-on-write between processes;
 * frames that more than one address space maps are counted in kernel/mm/frame.c.
 *
 *   0x0000000000001000 .. 0x00007ffffffff000  user; the rest of the lower half is never mapped
 */
#pragma once

#include "kernel/types.h"

struct aspace;
struct trapframe;

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

/* Trap code, general-protection and page faults in kernel mode: if the instruction is a user copy,
 * changes the frame so that the copy returns -EFAULT. False: a kernel bug. */
bool ex_table_fixup(struct trapframe *frame);
