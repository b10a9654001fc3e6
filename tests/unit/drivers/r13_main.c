// SPDX-License-Identifier: MIT
/*
 * The program of each chip (r13_*.c): all faults, or as the command line says: POINTS (10), SEED
 * (1), the row of one fault alone, an error to plant.
 */
#include "tests/unit/drivers/r13.h"
#include "tests/unit/unit.h"

static u64 the_seed = 1;
static u32 the_points = 10;

static void test_fault(void **state)
{
	const struct r13_fault *f = *state;

	for (u32 i = 0; i < MAX(r13.nvariants, 1u); i++)
		if (!(f->not_of >> i & 1))
			r13_try(f, i, the_points, the_seed);
}

static const char *self;

/* The program with an error in it must fail: each check has something to find. */
static void test_plants(void **state)
{
	static const char *const plants[] = {
		"plausible",
		"other",
		"leak",
#if defined(__SANITIZE_ADDRESS__)
		"beyond",
#endif
	};
	char command[256];

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(plants); i++) {
		snprintf(command, sizeof(command), "%s 3 1 %s %s >/dev/null 2>&1", self,
			 r13.length_row, plants[i]);
		if (system(command) == 0)
			fail_msg("nobody sees the error planted: %s", plants[i]);
	}
	snprintf(command, sizeof(command), "%s 3 1 %s none >/dev/null 2>&1", self, r13.length_row);
	assert_int_equal(system(command), 0);
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[64];
	u32 n = 0;

	self = argv[0];
	if (argc > 4)
		r13_plant = argv[4];
	if (argc == 1)
		tests[n++] = (struct CMUnitTest){ "plants", test_plants, NULL, NULL, NULL };

	if (argc > 1)
		the_points = (u32)strtoul(argv[1], NULL, 0);
	if (argc > 2)
		the_seed = strtoull(argv[2], NULL, 0);
	for (u32 i = 0; i < r13.nfaults; i++) {
		const struct r13_fault *f = &r13.fault[i];

		if (argc > 3 && strcmp(argv[3], f->row) != 0)
			continue;
		tests[n++] =
			(struct CMUnitTest){ f->row, test_fault, NULL, NULL, (void *)(uintptr_t)f };
	}
	if (!n || !the_points) {
		printf("%s [POINTS [SEED [FAULT]]]; faults:\n", argv[0]);
		for (u32 i = 0; i < r13.nfaults; i++)
			printf("%s\n", r13.fault[i].row);
		return the_points != 0;
	}
	return _cmocka_run_group_tests(r13.name, tests, n, NULL, NULL);
}
