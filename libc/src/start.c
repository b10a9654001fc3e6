// SPDX-License-Identifier: MIT
/*
 * From the initial stack to main(): environment, stack guard from AT_RANDOM (auxiliary vector,
 * System V ABI AMD64 3.4.3), exit with main's value. Compiled without stack protector, since the
 * guard changes here. Also errno's home.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libc/src/syscall.h"

enum { AT_NULL = 0, AT_RANDOM = 25 };

extern int main(int argc, char **argv, char **envp);
void __libc_start(long *sp) __attribute__((noreturn));
void __stack_chk_fail(void) __attribute__((noreturn));

char **environ;
extern uintptr_t __stack_chk_guard;
uintptr_t __stack_chk_guard = 0x00b7f3a96d1c5e00;

int *__errno_location(void)
{
	static int value;

	return &value;
}

void __libc_start(long *sp)
{
	int argc = (int)sp[0];
	char **argv = (char **)(sp + 1);
	long *aux;

	environ = argv + argc + 1;
	aux = (long *)environ;
	while (*aux++)
		;
	for (; aux[0] != AT_NULL; aux += 2) {
		if (aux[0] == AT_RANDOM && aux[1]) {
			memcpy(&__stack_chk_guard, (const void *)aux[1], sizeof(__stack_chk_guard));
			__stack_chk_guard &= ~(uintptr_t)0xff; /* a NUL stops string overruns */
		}
	}
	exit(main(argc, argv, environ));
}

void __stack_chk_fail(void)
{
	static const char text[] = "stack smashing detected\n";

	sys_raw(SYS_write, 2, text, sizeof(text) - 1);
	abort();
}
