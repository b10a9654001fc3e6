// SPDX-License-Identifier: MIT
/* sent: wide sums of bursts of any length, from one port, two in any order, and three. */
#include "tests/unit/unit.h"

#include "qgm/cpu.h"
#include "qgm/sent.h"

enum { ROUNDS = 200 };

static struct packet lines[BURST_MAX], *burst[BURST_MAX];

static u32 draw(void)
{
	static u64 s = 7;

	s = s * 6364136223846793005ull + 1442695040888963407ull;
	return (u32)(s >> 33);
}

/* Frames from `ports` ports. */
static void make(u32 ports)
{
	memset(lines, 0xff, sizeof(lines));
	for (u32 i = 0; i < BURST_MAX; i++) {
		lines[i].len = (u16)draw();
		lines[i].in_port = (u16)(0x0501 + 0x100 * (draw() % ports));
		burst[i] = &lines[BURST_MAX - 1 - i];
	}
}

static void check(u32 n)
{
	struct sent_sum s;
	u32 first = 0, others = 0;
	u64 bytes = 0;

	for (u32 i = 0; i < n; i++) {
		bool a = burst[i]->in_port == burst[0]->in_port;

		first += a;
		others += !a && burst[i]->in_port != burst[n - 1]->in_port;
		bytes += burst[i]->len;
	}
	assert_int_equal(sent_sum_avx512(burst, n, &s), !others);
	if (others)
		return;
	assert_int_equal(s.bytes, bytes);
	assert_int_equal(s.first, first);
}

static void wide(void **state)
{
	(void)state;
	if (!(cpu_wide() & CPU_AVX512))
		skip();
	for (u32 r = 0; r < ROUNDS; r++) {
		for (u32 n = 1; n <= BURST_MAX; n++) {
			make(1 + r % 3);
			check(n);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(wide) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
