// SPDX-License-Identifier: MIT
/*
 * Freed memory of the engine's own allocators is filled with a pattern where that is cheap, and is
 * made untouchable in builds with AddressSanitizer.
 */
#pragma once

#include "qgm/compiler.h"

enum { POISON_BYTE = 0x5a };

#ifdef __SANITIZE_ADDRESS__
void __asan_poison_memory_region(void const volatile *addr, size_t size);
void __asan_unpoison_memory_region(void const volatile *addr, size_t size);
#define memory_forbid(p, n) __asan_poison_memory_region(p, n)
#define memory_allow(p, n)  __asan_unpoison_memory_region(p, n)
#else
#define memory_forbid(p, n) ((void)(p), (void)(n))
#define memory_allow(p, n)  ((void)(p), (void)(n))
#endif
