// SPDX-License-Identifier: MIT
/* memory: large pages for the hosted engine (memory.h). */
#include "tools/bench/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tools/bench/report.h"
#include "tools/host/host.h"

enum { LARGE = 2 << 20 };

static void *map(size_t bytes, int flags)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1,
		       0);

	return p == MAP_FAILED ? NULL : p;
}

void *memory_map(size_t bytes, enum pages want, const char **kind)
{
	const char *what = "2 MiB pages";
	unsigned char *p;

	bytes = (bytes + LARGE - 1) & ~((size_t)LARGE - 1);
	p = want == PAGES_BEST ? map(bytes, MAP_HUGETLB | MAP_POPULATE) : NULL;
	if (!p) {
		p = map(bytes + LARGE, MAP_NORESERVE);
		if (!p)
			report_cannot("no %zu MiB of memory", bytes >> 20);
		p += -(uintptr_t)p & (LARGE - 1);
		what = want == PAGES_4K ? "4 KiB pages" : "transparent 2 MiB pages";
		if (madvise(p, bytes, want == PAGES_4K ? MADV_NOHUGEPAGE : MADV_HUGEPAGE) &&
		    want == PAGES_BEST)
			what = "4 KiB pages";
		for (size_t i = 0; i < bytes; i += 4096)
			p[i] = 0;
	}
	if (kind)
		*kind = what;
	return p;
}

void memory_engine(size_t bytes, enum pages want, const char **kind)
{
	host_reset();
	host_memory_region(memory_map(bytes, want, kind), bytes);
	host_clock_real();
}

void memory_large_heap(char **argv)
{
	static const char tunables[] = "GLIBC_TUNABLES";

	if (!getenv(tunables) && !setenv(tunables, "glibc.malloc.hugetlb=1", 1))
		execv("/proc/self/exe", argv);
}

const char *memory_heap_pages(void)
{
	FILE *f = fopen("/proc/self/smaps_rollup", "r");
	unsigned long large = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		(void)sscanf(line, "AnonHugePages: %lu", &large);
	if (f)
		fclose(f);
	return large ? "2 MiB pages" : "4 KiB pages";
}
