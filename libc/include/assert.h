// SPDX-License-Identifier: MIT
/*
 * assert(): ISO C17 7.2. Deliberately no #pragma once: the standard lets NDEBUG change between
 * inclusions.
 */
#undef assert
#ifdef NDEBUG
#define assert(x) ((void)0)
#else
#define assert(x) ((x) ? (void)0 : __assert_fail(#x, __FILE__, __LINE__, __func__))
#endif

#ifndef PIX_ASSERT_H
#define PIX_ASSERT_H
#ifndef __cplusplus
#define static_assert _Static_assert
#endif

/* Prints "file:line: function: assertion 'expr' failed" on standard error and aborts. */
void __assert_fail(const char *expr, const char *file, int line, const char *func)
	__attribute__((noreturn, cold));
#endif
