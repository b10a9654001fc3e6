// SPDX-License-Identifier: MIT
/* Words for the compiler that the data plane and the network drivers share. */
#pragma once

#include "libc/include/pix/types.h"

#define CACHE_LINE 64

#define likely(x)                     __builtin_expect(!!(x), 1)
#define unlikely(x)                   __builtin_expect(!!(x), 0)
#define __cacheline                   __attribute__((aligned(CACHE_LINE)))
#define __packed                      __attribute__((packed))
#define __noreturn                    __attribute__((noreturn))
#define ARRAY_SIZE(a)                 (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)                     ((a) < (b) ? (a) : (b))
#define MAX(a, b)                     ((a) > (b) ? (a) : (b))
#define ALIGN_UP(x, a)                (((x) + ((a)-1)) & ~((__typeof__(x))(a)-1))
#define container_of(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))

/*
 * Where a static variable of qgm/ or drivers/net/ lives. Without a mark it is private to the QGM
 * cores: the generic partition does not map it and faults on it.
 *	__boot_const  written during boot only, both partitions read it afterwards
 *	__generic     the table writer's own state (RIB, arena bookkeeping...): generic partition
 *only
 */
#define __boot_const __attribute__((section(".shared")))
#define __generic    __attribute__((section(".generic.data")))

/* Bring a line into the cache for reading (or writing) soon. Never faults. */
static inline void prefetch(const void *p)
{
	__builtin_prefetch(p, 0, 3);
}

static inline void prefetch_write(const void *p)
{
	__builtin_prefetch(p, 1, 3);
}
