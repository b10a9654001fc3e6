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

/*
 * The heap of this process in transparent 2 MiB pages, as the image's table writer has its own in
 * the direct map: the C library does that when it is told at the start, so the program starts over
 * once. `argv`: main()'s. Without such pages it all stays as it is.
 */
void memory_large_heap(char **argv);

/* What pages the process got for it, a word for people. */
const char *memory_heap_pages(void);
