// SPDX-License-Identifier: MIT
/* The surroundings of the table writer in unit tests (fake_env.h). */
#include "tests/unit/re/fake_env.h"

long fake_live, fake_failed;
long fake_fail_after = -1;
const char *fake_plants;

static bool refuse(void)
{
	if (fake_fail_after < 0 || fake_fail_after-- > 0)
		return false;
	fake_failed++;
	fake_fail_after = -1;
	return true;
}

void *env_heap_alloc(size_t bytes)
{
	if (refuse())
		return NULL;
	fake_live++;
	return calloc(1, bytes);
}

void env_heap_free(void *p, size_t bytes)
{
	(void)bytes;
	fake_live -= p != NULL;
	free(p);
}

void *arena_alloc(size_t bytes, size_t align)
{
	void *p;

	if (refuse())
		return NULL;
	fake_live++;
	p = aligned_alloc(align, ALIGN_UP(bytes, align));
	memset(p, 0xa5, bytes); /* nobody may count on zeroes */
	return p;
}

void arena_free(void *p)
{
	fake_live -= p != NULL;
	free(p);
}

/* As much as anybody may want. */
u64 arena_size(void)
{
	return 1ull << 40;
}

u64 arena_used(void)
{
	return 0;
}

bool env_planted(const char *name)
{
	return fake_plants && strstr(fake_plants, name);
}

void env_panic(const char *file, int line, const char *what)
{
	fprintf(stderr, "panic %s:%d %s\n", file, line, what);
	abort();
}

/* --- retirement ----------------------------------------------------------------------------- */

bool fake_settled;
u64 fake_passed = ~0ull;

bool tables_settled(void)
{
	return fake_settled;
}

bool tables_epoch_reached(u64 epoch)
{
	return epoch <= fake_passed;
}

static struct {
	void *p;
	void (*free_fn)(void *);
} retired[16384];
static u32 retired_n;

void tables_retire(void *p, u64 epoch, void (*free_fn)(void *))
{
	(void)epoch;
	assert_true(retired_n < ARRAY_SIZE(retired));
	retired[retired_n].p = p;
	retired[retired_n++].free_fn = free_fn;
}

u32 tables_reclaim(void)
{
	return 0; /* the test says when */
}

u32 fake_grace(void)
{
	u32 n = retired_n;

	fake_passed = ~0ull;

	for (u32 i = 0; i < n; i++)
		retired[i].free_fn ? retired[i].free_fn(retired[i].p) : arena_free(retired[i].p);
	retired_n = 0;
	return n;
}
