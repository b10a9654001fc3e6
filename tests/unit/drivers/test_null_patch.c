// SPDX-License-Identifier: MIT
/*
 * null_patch: each form writes the same frames: the template, its patch in turn at its place, the
 * length; bursts go round the patches, and nothing behind the line is touched.
 */
#include "tests/unit/unit.h"

#include "drivers/net/null/patch.h"
#include "qgm/cpu.h"

enum { PATCHES = 5, LEN = 60 };

static u8 patch[PATCHES][NULL_PATCH], frames[BURST_MAX][2 * CACHE_LINE];
static struct packet lines[BURST_MAX], *burst[BURST_MAX];
static struct null_patches made;

static void make(u16 at)
{
	made = (struct null_patches){
		.patch = (const u8(*)[NULL_PATCH])patch, .n = PATCHES, .at = at, .len = LEN
	};
	for (u32 i = 0; i < CACHE_LINE; i++)
		made.template[i] = (u8)i;
	for (u32 i = 0; i < PATCHES; i++)
		for (u32 k = 0; k < NULL_PATCH; k++)
			patch[i][k] = (u8)(100 + 16 * i + k);
	memset(frames, 0xee, sizeof(frames));
	memset(lines, 0, sizeof(lines));
	for (u32 i = 0; i < BURST_MAX; i++) {
		lines[i].data = frames[i];
		burst[i] = &lines[i];
	}
}

static void check(u32 n, u32 first, u16 at)
{
	for (u32 i = 0; i < n; i++) {
		assert_int_equal(lines[i].len, LEN);
		for (u32 k = 0; k < 2 * CACHE_LINE; k++) {
			u8 want = k < CACHE_LINE ? (u8)k : 0xee;

			if (k >= at && k < at + (u32)NULL_PATCH)
				want = (u8)(100 + 16 * ((first + i) % PATCHES) + k - at);
			assert_int_equal(frames[i][k], want);
		}
	}
}

static void all_places(null_patch_fn fn)
{
	for (u16 at = 0; at <= CACHE_LINE - NULL_PATCH; at++) {
		make(at);
		fn(&made, burst, 3);
		check(3, 0, at);
		fn(&made, burst, BURST_MAX);
		check(BURST_MAX, 3, at);
		assert_int_equal(made.next, (3 + BURST_MAX) % PATCHES);
		fn(&made, burst, 0);
		assert_int_equal(made.next, (3 + BURST_MAX) % PATCHES);
	}
}

static void forms(void **state)
{
	(void)state;
	all_places(null_patch_plain);
	if (cpu_wide() & CPU_AVX2)
		all_places(null_patch_avx2);
	if (cpu_wide() & CPU_AVX512)
		all_places(null_patch_avx512);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(forms) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
