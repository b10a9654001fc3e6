// SPDX-License-Identifier: MIT
/*
 * The kernel's vocabulary on top of libc/include/pix/types.h: addresses that must not be mixed,
 * and where a variable lives.
 */
#pragma once

#include "libc/include/pix/types.h"
#include "qgm/compiler.h"

typedef u64 paddr_t; /* physical address, as the CPU's page tables see it */
typedef u64 vaddr_t; /* virtual address */
typedef u64 iova_t;  /* address as a device sees it: only from dma_map() */
typedef long ssize_t;

enum { PAGE_SHIFT = 12, PAGE_SIZE = 4096 };
#define PAGE_MASK (~(u64)(PAGE_SIZE - 1))
#define PAGE_2M   (1ull << 21)
#define PAGE_1G   (1ull << 30)

/* Readable by both partitions, written during boot only (kernel/mm/split.h). */
#define __shared __attribute__((section(".shared")))
/* Private to the QGM cores; unreachable from the generic partition after dp_seal(). */
#define __qgm_data     __attribute__((section(".qgm.data")))
#define __qgm_bss      __attribute__((section(".qgm.bss")))
#define __weak         __attribute__((weak))
#define __printf(f, a) __attribute__((format(printf, f, a)))

#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a)-1))
