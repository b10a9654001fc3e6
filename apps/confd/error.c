// SPDX-License-Identifier: MIT
/* Filling struct conf_error. */
#include "apps/confd/error.h"

#include <stdarg.h>
#include <stdio.h>

int conf_fail(struct conf_error *err, int token, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;
	err->line = 0;
	err->token = token;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}
