// SPDX-License-Identifier: MIT
/*
 * Rules about several items at once, tested before a commit: each broken one gives a sentence that
 * names the item and what it collides with.
 */
#include "apps/confd/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int check_fail(struct checker *k, const struct conf_node *at, const char *fmt, ...)
{
	char what[CONF_ERROR_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	conf_fail(k->err, -1, "%s", what);
	if (k->err)
		k->err->line = at->line;
	return -1;
}

static int check_vrfs(struct checker *k)
{
	const struct conf_node *all = conf_child(k->conf->root, "vrfs"), *n, *other;
	u32 count = 0;

	for (n = all ? all->child : NULL; n; n = n->next) {
		const char *table = conf_value(n, "table");

		if (++count >= MODEL_VRFS)
			return check_fail(k, n, "vrf \"%s\" is one too many: there are %d at most",
					  n->word, MODEL_VRFS - 1);
		for (other = all->child; table && other != n; other = other->next) {
			const char *taken = conf_value(other, "table");

			if (taken && strcmp(taken, table) == 0)
				return check_fail(
					k, conf_child(n, "table")->child,
					"table \"%s\" of vrf %s is already used by vrf %s", table,
					n->word, other->word);
		}
	}
	return 0;
}

static void warn_bridges(struct checker *k)
{
	const struct conf_node *all = conf_child(k->conf->root, "bridges"),
			       *ifs = conf_child(k->conf->root, "interfaces"), *n, *i;

	for (n = all ? all->child : NULL; n && k->warn; n = n->next) {
		bool used = false;

		for (i = ifs ? ifs->child : NULL; i; i = i->next) {
			const char *b = conf_value(i, "bridge");

			used |= b && strcmp(b, n->word) == 0;
		}
		if (!used)
			text_printf(k->warn, "bridge %s has no ports\n", n->word);
	}
}

/* Interfaces of all kinds that the tree has. */
static u32 count_ifaces(const struct conf_node *n)
{
	u32 count = 0;

	for (const struct conf_node *k = n ? n->child : NULL; k; k = k->next) {
		const struct conf_node *vif = conf_child(k, "vif"), *c = conf_child(k, "vif-c");

		count += 1 + count_ifaces(vif) + count_ifaces(c);
	}
	return count;
}

int conf_check(const struct conf *c, const struct inventory *inv, struct conf_error *err,
	       struct text *warn)
{
	struct checker k = { .conf = c, .inv = inv, .err = err, .warn = warn };
	int r = -1;

	k.room = count_ifaces(conf_child(c->root, "interfaces"));
	k.own = calloc((size_t)k.room * PIX_IF_ADDRS + 1, sizeof(*k.own));
	k.routed = calloc((size_t)k.room + 1, sizeof(*k.routed));
	if (!k.own || !k.routed)
		conf_fail(err, -1, "no memory to check the configuration");
	else if (!check_vrfs(&k) && !check_interfaces(&k) && !check_routes(&k) &&
		 !check_steering(&k))
		r = 0;
	if (!r)
		warn_bridges(&k);
	free(k.own);
	free(k.routed);
	return r;
}
