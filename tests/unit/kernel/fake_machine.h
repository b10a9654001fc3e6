// SPDX-License-Identifier: MIT
/*
 * A machine for allocator tests: RAM at DIRECT_MAP, one CPU behind %gs (which Linux leaves to
 * programs), locks that only check, and panics that can be expected.
 */
#pragma once

#include "tests/unit/unit.h"
#include "kernel/types.h"

/* Map `len` bytes of RAM at physical address `base`, filled with rubbish. */
void fake_ram(paddr_t base, u64 len);
void fake_cpu(int node);

/* Runs the statement; fails the test unless it panics with a message that contains `text`. */
#define expect_panic(text, statement)                           \
	do {                                                    \
		fake_panic_armed = 1;                           \
		if (!setjmp(fake_panic_jump)) {                 \
			statement;                              \
			fake_panic_armed = 0;                   \
			fail_msg("no panic: %s", #statement);   \
		}                                               \
		fake_panic_armed = 0;                           \
		assert_non_null(strstr(fake_panic_text, text)); \
	} while (0)

extern jmp_buf fake_panic_jump;
extern int fake_panic_armed;
extern char fake_panic_text[256];
extern int fake_locks_held;
