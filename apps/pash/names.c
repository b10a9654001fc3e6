// SPDX-License-Identifier: MIT
/* Names of interfaces by id, and reading tables for the shows. */
#include "apps/pash/show.h"

#include "apps/lib/pixdev.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct names {
	struct pix_iface *iface;
	u32 count;
};

struct names *names_read(void)
{
	struct names *n = calloc(1, sizeof(*n));
	void *array;

	if (n && pixdev_list(PIX_LIST_IFACE, sizeof(*n->iface), &array, &n->count) == 0)
		n->iface = array;
	for (u32 i = 0; n && i < n->count; i++)
		n->iface[i].name[PIX_NAME - 1] = 0;
	return n;
}

const char *names_of(const struct names *n, unsigned id)
{
	static char unknown[16];

	if (!id)
		return "";
	for (u32 i = 0; n && i < n->count; i++)
		if (n->iface[i].id == id)
			return n->iface[i].name;
	snprintf(unknown, sizeof(unknown), "if%u", id);
	return unknown;
}

void names_free(struct names *n)
{
	if (n)
		free(n->iface);
	free(n);
}

int show_list(struct session *s, unsigned what, unsigned elem_size, void **array, unsigned *count)
{
	static const char *const name[] = {
		[PIX_LIST_CPU] = "cores",
		[PIX_LIST_PORT] = "ports",
		[PIX_LIST_IFACE] = "interfaces",
		[PIX_LIST_QGM] = "QGMs",
		[PIX_LIST_DROP] = "drop counters",
		[PIX_LIST_ROUTE] = "routes",
		[PIX_LIST_NEIGH] = "neighbours",
		[PIX_LIST_MAC] = "MAC addresses",
		[PIX_LIST_BRIDGE] = "bridges",
		[PIX_LIST_POOL] = "buffer pools",
		[PIX_LIST_CONSERVATION] = "QGM laws",
		[PIX_LIST_PORT_LAW] = "port laws",
		[PIX_LIST_TABLE] = "routing tables",
		[PIX_LIST_STEER] = "steering",
		[PIX_LIST_FLOW] = "flow rules",
		[PIX_LIST_IF_COUNT] = "sub-interface counters",
	};
	int r = pixdev_list((enum pix_what)what, elem_size, array, count);

	if (!r)
		return 0;
	session_fail(s, "cannot read the %s: /dev/pix/stat: %s", name[what], strerror(-r));
	return -1;
}
