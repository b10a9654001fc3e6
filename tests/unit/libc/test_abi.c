// SPDX-License-Identifier: MIT
/* Our headers and the host's name the same Linux ABI. */
#include "tests/unit/unit.h"

#include "tests/unit/libc/abi.h"

extern const struct abi_value abi_ours[], abi_host[];

static void test_same(void **state)
{
	int i;

	(void)state;
	for (i = 0; abi_host[i].name; i++) {
		assert_string_equal(abi_ours[i].name, abi_host[i].name);
		if (abi_ours[i].value != abi_host[i].value)
			fail_msg("%s is %ld, expected %ld", abi_host[i].name, abi_ours[i].value,
				 abi_host[i].value);
	}
	assert_null(abi_ours[i].name);
	assert_true(i > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_same) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
