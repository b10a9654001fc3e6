// SPDX-License-Identifier: MIT
/*
 * The Linux x86-64 system-call instruction: number in RAX, arguments in RDI RSI RDX R10 R8 R9,
 * RCX and R11 are lost, RAX returns a value or -errno (-4095..-1).
 */
#pragma once

#include <errno.h>
#include <sys/syscall.h>

static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

/* -errno -> -1 and errno, anything else unchanged. */
static inline long sys_ret(long r)
{
	if (r < 0 && r >= -4095) {
		errno = (int)-r;
		return -1;
	}
	return r;
}

#define SYS_RAW_(nr, a, b, c, d, e, f, ...) \
	sys6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
/* sys_raw(nr, up to 6 arguments): value or -errno. sys_call(): value, or -1 and errno. */
#define sys_raw(...)  SYS_RAW_(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define sys_call(...) sys_ret(sys_raw(__VA_ARGS__))
