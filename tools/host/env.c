// SPDX-License-Identifier: MIT
/* The hosted environment of the data plane (host.h). */
#include "tools/host/host.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

#include "qgm/atomic.h"
#include "qgm/port.h"

enum { PIECES = 16384 };

/* The table writer's heap: a list, so that host_reset() can end a world in the middle. */
struct heap_piece {
	struct heap_piece *next, *prev;
};

static struct heap_piece heap = { &heap, &heap };

static void *pieces[PIECES];
static u32 npieces;
static u64 used, limit;
static u8 *region;
static u64 region_bytes, region_used;

static bool virtual_clock = true;
static u64 clock_now = 1000000000, clock_hz = 1000000000, clock_each;
static u64 real_hz;

static char plants[256];
static void (*wake_hook)(u32);
static u64 wakes[65];
static char log_last[128];

jmp_buf host_panic_jmp;
bool host_panic_armed;
static char panic_text[256];

void host_reset(void)
{
	for (u32 i = 0; i < npieces; i++)
		free(pieces[i]);
	npieces = 0;
	region_used = 0;
	while (heap.next != &heap)
		env_heap_free(heap.next + 1, 0);
	used = limit = 0;
	virtual_clock = true;
	clock_now = clock_hz = 1000000000;
	clock_each = 0;
	plants[0] = log_last[0] = panic_text[0] = 0;
	wake_hook = NULL;
	memset(wakes, 0, sizeof(wakes));
	host_panic_armed = false;
	port_forget_all();
}

/* --- memory ----------------------------------------------------------------------------------- */

void host_memory_limit(u64 bytes)
{
	limit = bytes;
}

u64 host_memory_used(void)
{
	return used;
}

void host_memory_region(void *base, u64 bytes)
{
	region = base;
	region_bytes = bytes;
	region_used = 0;
}

static void *region_alloc(size_t bytes, size_t align)
{
	u64 at = ALIGN_UP(region_used, (u64)align);

	if (at + bytes > region_bytes)
		return NULL;
	region_used = at + bytes;
	return memset(region + at, 0, bytes);
}

void *env_alloc(enum env_mem mem, size_t bytes, size_t align, u32 node)
{
	size_t rounded = (bytes + align - 1) & ~(align - 1);
	void *p;

	(void)mem;
	(void)node;
	if (region)
		return region_alloc(bytes, align);
	if (npieces == PIECES || (limit && used + rounded > limit))
		return NULL;
	p = aligned_alloc(align, rounded);
	if (!p)
		return NULL;
	memset(p, 0, rounded);
	pieces[npieces++] = p;
	used += rounded;
	return p;
}

u64 env_iova_delta(const void *va)
{
	(void)va;
	return HOST_IOVA_DELTA;
}

void *env_heap_alloc(size_t bytes)
{
	struct heap_piece *h = calloc(1, sizeof(*h) + bytes);

	if (!h)
		return NULL;
	h->next = heap.next;
	h->prev = &heap;
	heap.next->prev = h;
	heap.next = h;
	return h + 1;
}

void env_heap_free(void *p, size_t bytes)
{
	struct heap_piece *h = p;

	(void)bytes;
	if (!p)
		return;
	h--;
	h->next->prev = h->prev;
	h->prev->next = h->next;
	free(h);
}

/* --- clock ------------------------------------------------------------------------------------ */

void host_clock_virtual(u64 hz)
{
	virtual_clock = true;
	clock_hz = hz;
}

static u64 ns_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000000ull + (u64)ts.tv_nsec;
}

void host_clock_real(void)
{
	virtual_clock = false;
	if (!real_hz) { /* 20 ms are enough for a clock good to some 1e-4 */
		u64 t0 = ns_now(), c0 = __rdtsc();

		while (ns_now() - t0 < 20000000)
			;
		real_hz = (u64)((double)(__rdtsc() - c0) * 1e9 / (double)(ns_now() - t0));
	}
	clock_hz = real_hz;
}

void host_clock_advance(u64 cycles)
{
	fetch_add_relaxed(&clock_now, cycles);
}

void host_clock_step(u64 cycles)
{
	clock_each = cycles;
}

u64 env_clock(void)
{
	if (!virtual_clock)
		return __rdtsc();
	if (clock_each)
		return fetch_add_relaxed(&clock_now, clock_each);
	return load_relaxed(&clock_now);
}

u64 env_clock_hz(void)
{
	return clock_hz;
}

/* --- the rest --------------------------------------------------------------------------------- */

void host_plant(const char *names)
{
	snprintf(plants, sizeof(plants), "%s", names);
}

bool env_planted(const char *name)
{
	size_t n = strlen(name);

	for (const char *p = plants; (p = strstr(p, name)); p += n) {
		if ((p == plants || p[-1] == ',') && (p[n] == 0 || p[n] == ','))
			return true;
	}
	return false;
}

void host_wake_hook(void (*fn)(u32 qgm))
{
	wake_hook = fn;
}

static u64 *wake_counter(u32 qgm)
{
	return &wakes[qgm < 64 ? qgm : 64];
}

void env_wake(u32 qgm)
{
	fetch_add_relaxed(wake_counter(qgm), 1);
	if (wake_hook)
		wake_hook(qgm);
}

u64 host_wakes(u32 qgm)
{
	return load_relaxed(wake_counter(qgm));
}

void env_log(u32 qgm, const char *text)
{
	snprintf(log_last, sizeof(log_last), "qgm%u: %s", qgm, text);
}

const char *host_log_last(void)
{
	return log_last;
}

const char *host_panic_text(void)
{
	return panic_text;
}

void env_panic(const char *file, int line, const char *what)
{
	snprintf(panic_text, sizeof(panic_text), "%s:%d: %s", file, line, what);
	if (host_panic_armed) {
		host_panic_armed = false;
		longjmp(host_panic_jmp, 1);
	}
	fprintf(stderr, "engine panic: %s\n", panic_text);
	abort();
}
