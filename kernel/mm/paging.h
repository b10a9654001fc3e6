// SPDX-License-Identifier: MIT
/*
 * Four-level page tables (Intel SDM vol. 3A, 4.5). Every mapping is W^X: PT_W with PT_X is
 * refused. Generic cores; callers serialise changes to one root. No function here flushes
 * other CPUs.
 */
#pragma once

#include "kernel/types.h"

enum pt_flags {
	PT_W = 1 << 0,    /* writable */
	PT_X = 1 << 1,    /* executable */
	PT_U = 1 << 2,    /* user */
	PT_UC = 1 << 3,   /* uncached: device registers */
	PT_WC = 1 << 4,   /* write combining: framebuffers */
	PT_G = 1 << 5,    /* global: survives a change of root */
	PT_AVL0 = 1 << 6, /* free for the owner's use (bits 9..11 of the entry) */
	PT_AVL1 = 1 << 7,
	PT_AVL2 = 1 << 8,
};

/*
 * Map len bytes at va to pa (all page aligned). 2 MiB and 1 GiB pages are used where alignment
 * allows, unless PT_U is set. 0, -EINVAL (alignment, W and X together), -EEXIST (something is
 * mapped there), -ENOMEM. On failure nothing of the range stays mapped.
 */
int pt_map(paddr_t root, vaddr_t va, paddr_t pa, u64 len, unsigned flags);

/* Replace flags (and, for 4 KiB pages, the target) of one mapped 4 KiB page. -ENOENT if absent. */
int pt_set(paddr_t root, vaddr_t va, paddr_t pa, unsigned flags);

/*
 * Unmap len bytes; holes are fine. A large page must be covered whole (-EINVAL otherwise). Flushes
 * this CPU's TLB entries. Empty tables below `root` stay until the root is freed.
 */
int pt_unmap(paddr_t root, vaddr_t va, u64 len);

/* 0 and the translation of va (with the offset in the page), or -ENOENT. pa, flags may be NULL. */
int pt_query(paddr_t root, vaddr_t va, paddr_t *pa, unsigned *flags);

/* Call fn for each present leaf of the root in address order; a non-zero return stops the walk and
 * is returned. */
typedef int (*pt_walk_fn)(void *ctx, vaddr_t va, paddr_t pa, u64 len, unsigned flags);
int pt_walk(paddr_t root, pt_walk_fn fn, void *ctx);
/* The same between two addresses (page aligned, hi exclusive; hi 0 = the end). */
int pt_walk_range(paddr_t root, vaddr_t lo, vaddr_t hi, pt_walk_fn fn, void *ctx);

/* A root whose upper half is the generic partition's, and an empty lower half. 0: no memory. */
paddr_t pt_new_user_root(void);

/* Free the root and all tables of its lower half (not the pages they map). Not the current one. */
void pt_free_user_root(paddr_t root);

/* Load CR3. Any core that maps this code (all do). */
void pt_load(paddr_t root);
paddr_t pt_current(void);
void pt_flush_page(vaddr_t va);

/*
 * Map a device's registers into the generic partition (KMMIO area). Any alignment of pa. NULL: no
 * memory. Never unmapped. `flags`: PT_UC or PT_WC, plus PT_W unless read-only.
 */
void *kmmio_map(paddr_t pa, u64 len, unsigned flags);

/*
 * Roots. root_generic: what generic cores run on when no process is current. root_qgm: all QGM
 * cores. root_boot: union of both, boot CPU until dp_seal() and the one-CPU mode's QGM thread.
 */
extern paddr_t root_generic, root_qgm, root_boot;

/* --- start-up --- */

/* An empty root; a top-level slot of its own for va; the same slot as another root's. */
paddr_t pt_new_root(void);
int pt_own_slot(paddr_t root, vaddr_t va);
void pt_share_slot(paddr_t to, paddr_t from, vaddr_t va);
