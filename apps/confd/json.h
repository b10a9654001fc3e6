// SPDX-License-Identifier: MIT
/* A configuration as JSON: a leaf is a text or number, a list an array, a flag true. */
#pragma once

#include "apps/confd/conf.h"
#include "apps/lib/json.h"

/* The object of what is below n. */
void conf_json(const struct conf_node *n, struct json_writer *w);

/* The value of n itself: object, array, number, text or true. */
void conf_json_item(const struct conf_node *n, struct json_writer *w);
