// SPDX-License-Identifier: MIT
/* What may follow a path: the answer to Tab and `?` in configure mode. */
#pragma once

#include "apps/confd/store.h"
#include "apps/lib/json.h"

#define REQUEST_WORDS 16

/* The strings of request[key]; returns their number or -1 with *err. */
int request_words(const struct json *request, const char *key, const char *words[REQUEST_WORDS],
		  struct conf_error *err);

/* The node at a path of a configuration; beginnings of words will do. 0 or -1 with *err. */
int conf_seek(const struct conf *c, const char *const *words, unsigned n,
	      const struct conf_node **node, struct conf_error *err);

void do_complete(struct store *s, const struct json *request, struct json_writer *w);
