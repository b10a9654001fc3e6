// SPDX-License-Identifier: MIT
/* Options of a device: "name=value,name,..." as on the command line. */
#include "tools/nicsim/option.h"

#include <stdlib.h>
#include <string.h>

#include "tools/nicsim/sim.h"

void nicsim_options_free(struct nicsim_option *o)
{
	while (o) {
		struct nicsim_option *next = o->next;

		free(o->name);
		free(o->value);
		free(o);
		o = next;
	}
}

struct nicsim_option *nicsim_options_parse(const char *text, char *why, size_t whysize)
{
	struct nicsim_option *first = NULL, **last = &first;

	while (text && *text) {
		size_t len = strcspn(text, ",");
		const char *eq = memchr(text, '=', len);
		size_t name = eq ? (size_t)(eq - text) : len;
		struct nicsim_option *o;

		if (!name) {
			snprintf(why, whysize, "an option without a name at \"%s\"", text);
			nicsim_options_free(first);
			return NULL;
		}
		o = calloc(1, sizeof(*o));
		o->name = strndup(text, name);
		o->value = eq ? strndup(eq + 1, len - name - 1) : strdup("");
		*last = o;
		last = &o->next;
		text += len + (text[len] == ',');
	}
	return first;
}

const char *nicsim_option(const struct nicsim_dev *dev, const char *name)
{
	for (const struct nicsim_option *o = dev->option; o; o = o->next)
		if (!strcmp(o->name, name))
			return o->value;
	return NULL;
}
