// SPDX-License-Identifier: MIT
/*
 * receive: both passes say of a burst of any length that it is plain if it is, find the one odd
 * frame at any place, of each kind, and write the same fields.
 */
#include "tests/unit/unit.h"

#include "qgm/cpu.h"
#include "qgm/receive.h"

enum { FRAME = 64 };

static u8 frames[BURST_MAX][FRAME];
static struct packet lines[BURST_MAX], *burst[BURST_MAX];
static const struct receive_mark mark = { .in_port = 3, .in_if = 7, .vrf = 2, .now = 12345 };

static void make(void)
{
	static const u8 header[14] = { 2, 1, 2, 3, 4, 5, 2, 0, 0, 0, 0, 1, 8, 0 };

	memset(lines, 0, sizeof(lines));
	for (u32 i = 0; i < BURST_MAX; i++) {
		memset(frames[i], 0xff, FRAME);
		memcpy(frames[i], header, sizeof(header));
		lines[i].data = frames[i];
		lines[i].len = (u16)(14 + i);
		burst[i] = &lines[i];
	}
}

static void spoil(u32 kind, u32 i)
{
	static const u8 tags[2][2] = { { 0x81, 0 }, { 0x88, 0xa8 } };

	if (kind == 0)
		frames[i][0] |= 1;
	else if (kind == 1)
		frames[i][6] |= 1;
	else if (kind == 2)
		memset(frames[i] + 6, 0, 6);
	else if (kind == 3)
		lines[i].len = 13;
	else
		memcpy(frames[i] + 12, tags[kind - 4], 2);
}

static void run(receive_fn fn)
{
	for (u32 n = 1; n <= BURST_MAX; n++) {
		u64 bytes = 0, want = 0;

		make();
		assert_true(fn(&mark, burst, n, &bytes));
		for (u32 i = 0; i < BURST_MAX; i++) {
			const struct packet *p = &lines[i];
			bool in = i < n;

			want += in ? p->len : 0;
			assert_int_equal(p->len, 14 + i);
			assert_int_equal(p->in_port, in ? 3 : 0);
			assert_int_equal(p->in_if, in ? 7 : 0);
			assert_int_equal(p->vrf, in ? 2 : 0);
			assert_int_equal(p->l3_off, in ? 14 : 0);
			assert_int_equal(p->timestamp, in ? 12345 : 0);
			assert_int_equal(p->out_port | p->out_if | p->vlan_outer | p->flags, 0);
		}
		assert_int_equal(bytes, want);
		for (u32 kind = 0; kind < 6; kind++) {
			for (u32 i = 0; i < n; i++) {
				make();
				spoil(kind, i);
				if (fn(&mark, burst, n, &bytes))
					fail_msg("kind %u in %u of %u is not seen", kind, i, n);
				assert_int_equal(lines[i].in_port, 3);
				assert_int_equal(lines[i].timestamp, 12345);
			}
		}
	}
}

static void baseline(void **state)
{
	(void)state;
	run(receive_plain);
}

static void wide(void **state)
{
	(void)state;
	if (!(cpu_wide() & CPU_AVX2))
		skip();
	run(receive_plain_avx2);
	assert_ptr_equal(receive_best(), receive_plain_avx2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(baseline),
		cmocka_unit_test(wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
