// SPDX-License-Identifier: MIT
/* A configuration as JSON: see docs/json.md. */
#include "apps/confd/json.h"

#include <stdlib.h>

static void put_value(const struct conf_node *v, struct json_writer *w)
{
	if (v->row->type == TYPE_NUMBER)
		json_u64(w, strtoul(v->word, NULL, 10));
	else
		json_str(w, v->word);
}

void conf_json_item(const struct conf_node *k, struct json_writer *w)
{
	switch (k->row->kind) {
	case SCHEMA_FLAG:
		json_bool(w, true);
		break;
	case SCHEMA_VALUE:
		put_value(k, w);
		break;
	case SCHEMA_LEAF:
		put_value(k->child, w);
		break;
	case SCHEMA_LIST:
		json_array(w);
		for (const struct conf_node *v = k->child; v; v = v->next)
			put_value(v, w);
		json_end(w);
		break;
	case SCHEMA_OPTION:
		if (!k->child) {
			json_bool(w, true);
			break;
		}
		conf_json(k, w);
		break;
	case SCHEMA_NODE:
	case SCHEMA_TAG:
		conf_json(k, w);
		break;
	}
}

void conf_json(const struct conf_node *n, struct json_writer *w)
{
	json_object(w);
	for (const struct conf_node *k = n->child; k; k = k->next) {
		json_key(w, k->word);
		conf_json_item(k, w);
	}
	json_end(w);
}
