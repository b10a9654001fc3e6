// SPDX-License-Identifier: MIT
/* The VRFs of the configuration, by name and by number of their table: confd knows both. */
#pragma once

#include "apps/lib/json.h"
#include "apps/pash/session.h"

/* All of them: {"vrfs":[{"name":"red","table":3}]}; without confd none. json_doc_free() it. */
void vrfs_read(struct session *s, struct json_doc *doc);

/* The name of a table's VRF; "" for the default one's and for one that nobody named. */
const char *vrfs_name(const struct json_doc *vrfs, unsigned table);

/* The table of "red", "default" or NULL (0), "all". */
enum { ALL_VRFS = -1, NO_VRF = -2 };
int vrfs_table(const struct json_doc *vrfs, const char *name);
