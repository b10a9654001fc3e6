// SPDX-License-Identifier: MIT
/* Values from the command line, see args.h. */
#include "apps/lib/args.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int args_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	char *end;
	uint64_t v;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	errno = 0;
	v = strtoul(s, &end, 10);
	if (*end)
		return -EINVAL;
	if (errno == ERANGE || v < min || v > max)
		return -ERANGE;
	*out = v;
	return 0;
}

int args_seconds(const char *s, uint64_t min_ms, uint64_t max_ms, uint64_t *out_ms)
{
	uint64_t ms, scale = 100;
	char *end;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	errno = 0;
	ms = strtoul(s, &end, 10);
	if (errno == ERANGE || ms > UINT64_MAX / 1000 - 1)
		return -ERANGE;
	ms *= 1000;
	if (*end == '.') {
		for (end++; *end >= '0' && *end <= '9'; end++, scale /= 10)
			ms += (uint64_t)(*end - '0') * scale;
	}
	if (*end)
		return -EINVAL;
	if (ms < min_ms || ms > max_ms)
		return -ERANGE;
	*out_ms = ms;
	return 0;
}

void args_die(const char *prog, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "%s: ", prog);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}
