// SPDX-License-Identifier: MIT
/*
 * null_patch: each form writes the same frames: the template, its patch in turn at its place, the
 * length; bursts go round the patches, and nothing behind the line is touched. Metadata is fresh.
 */
#include "tests/unit/unit.h"

#include "drivers/net/null/patch.h"
#include "qgm/cpu.h"

enum { PATCHES = 37, LEN = 60 };

static u8 patch[PATCHES][NULL_PATCH], frames[BURST_MAX][2 * CACHE_LINE];
static struct packet lines[BURST_MAX], *bare[BURST_MAX], *burst[BURST_MAX];
static struct pool_map map;
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
			patch[i][k] = (u8)(100 + 17 * i + k);
	memset(frames, 0xee, sizeof(frames));
	memset(lines, 0, sizeof(lines));
	map = (struct pool_map){ .ratio = 2, .meta = (u64)lines, .data = (u64)frames, .id = 9 };
	map.at = map.data - map.meta * map.ratio;
	for (u32 i = 0; i < BURST_MAX; i++)
		bare[i] = &lines[i];
}

static void check(u32 n, u32 first, u16 at)
{
	for (u32 i = 0; i < n; i++) {
		struct packet *p = burst[i];
		u8 *frame = frames[p - lines];

		assert_ptr_equal(p, bare[n - 1 - i]);
		assert_ptr_equal(p->data, frame);
		assert_int_equal(p->len, LEN);
		assert_int_equal(p->pool, 9);
		assert_false(p->in_port | p->in_if | p->l3_off | p->out_port | p->out_if);
		assert_false(p->vrf | p->vlan_outer | p->vlan_inner | p->l4_off | p->l4_proto);
		assert_false(p->again | p->drop | p->nh_gen | p->path);
		assert_false(p->flags | p->hash | p->nh_id);
		for (u32 k = 0; k < 2 * CACHE_LINE; k++) {
			u8 want = k < CACHE_LINE ? (u8)k : 0xee;

			if (k >= at && k < at + (u32)NULL_PATCH)
				want = (u8)(100 + 17 * ((first + i) % PATCHES) + k - at);
			assert_int_equal(frame[k], want);
		}
	}
}

static void all_places(null_patch_fn fn)
{
	for (u16 at = 0; at <= CACHE_LINE - NULL_PATCH; at++) {
		u32 next = 0;

		make(at);
		for (u32 n = 0; n <= BURST_MAX; n = n < 34 ? n + 1 : n + 10) {
			memset(lines, 0xee, sizeof(lines));
			memset(frames, 0xee, sizeof(frames));
			fn(&made, &map, bare, burst, n);
			check(n, next, at);
			next = (next + n) % PATCHES;
			assert_int_equal(made.next, next);
		}
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
