// SPDX-License-Identifier: MIT
/* execv, execvp, execl on top of execve. */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

int execvp(const char *file, char *const argv[])
{
	const char *path = getenv("PATH"), *next;
	char full[512];
	int err = ENOENT;

	if (strchr(file, '/'))
		return execv(file, argv);
	for (path = path ? path : "/bin:/sbin"; path; path = *next ? next + 1 : NULL) {
		next = strchrnul(path, ':');
		if (snprintf(full, sizeof(full), "%.*s%s%s", (int)(next - path), path,
			     next == path ? "" : "/", file) >= (int)sizeof(full))
			continue;
		execv(full, argv);
		if (errno != ENOENT && errno != ENOTDIR)
			err = errno;
	}
	errno = err;
	return -1;
}

int execl(const char *path, const char *arg, ...)
{
	char *argv[64];
	unsigned n = 0;
	va_list ap;

	va_start(ap, arg);
	for (const char *a = arg; a && n < 63; a = va_arg(ap, const char *))
		argv[n++] = (char *)(size_t)a;
	va_end(ap);
	argv[n] = NULL;
	return execv(path, argv);
}
