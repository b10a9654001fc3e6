// SPDX-License-Identifier: MIT
/* What is wrong with a configuration and where: one sentence that names the word. */
#pragma once

#define CONF_WORD       256 /* longest word, NUL included */
#define CONF_ERROR_TEXT 384

struct conf_error {
	unsigned line; /* of the text, from 1; 0: not from a text */
	int token;     /* index of the bad word in the path that was given, -1: not one word */
	char text[CONF_ERROR_TEXT];
};

/* Fill *err (which may be NULL); always returns -1. `token` as above. */
int conf_fail(struct conf_error *err, int token, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
