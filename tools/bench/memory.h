// SPDX-License-Identifier: MIT
/* memory: where the hosted data plane and the tables of a benchmark lie. */
#pragma once

#include <stddef.h>

enum pages {
	PAGES_BEST, /* 2 MiB pages reserved, else transparent ones, else 4 KiB */
	PAGES_4K,   /* 4 KiB, transparent huge pages forbidden */
};

/* Zeroed memory for the life of the program; touched. What the machine gave goes to *kind, a word
 * for people. Exits 2 when there is none. */
void *memory_map(size_t bytes, enum pages want, const char **kind);

/* The hosted engine takes its memory from `bytes` of such pages; `kind` may be NULL. */
void memory_engine(size_t bytes, enum pages want, const char **kind);
