// SPDX-License-Identifier: MIT
/* The interfaces there are, see model.h. */
#include "apps/confd/model.h"

#include "apps/lib/pixdev.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MTU_DEFAULT 1500

static void read_mtus(struct inventory *inv)
{
	const struct pix_port *port;
	void *array;
	u32 ports;

	if (pixdev_list(PIX_LIST_PORT, sizeof(*port), &array, &ports))
		ports = 0;
	port = array;
	for (u32 i = 0; i < inv->count; i++) {
		inv->mtu[i] = MTU_DEFAULT;
		for (u32 k = 0; k < ports; k++)
			if (port[k].id && port[k].id == inv->iface[i].id && port[k].mtu_max)
				inv->mtu[i] = port[k].mtu_max;
	}
	free(array);
}

int inventory_read(struct inventory *inv)
{
	void *array;
	int r = pixdev_list(PIX_LIST_IFACE, sizeof(struct pix_iface), &array, &inv->count);

	inv->mtu = NULL;
	inv->iface = array;
	if (r) {
		inv->count = 0;
		return r;
	}
	inv->mtu = calloc(inv->count + 1, sizeof(*inv->mtu));
	if (!inv->mtu) {
		inventory_free(inv);
		return -ENOMEM;
	}
	for (u32 i = 0; i < inv->count; i++)
		inv->iface[i].name[PIX_NAME - 1] = 0;
	read_mtus(inv);
	return 0;
}

void inventory_free(struct inventory *inv)
{
	free(inv->iface);
	free(inv->mtu);
	memset(inv, 0, sizeof(*inv));
}

const struct pix_iface *inventory_find(const struct inventory *inv, const char *name)
{
	for (u32 i = 0; i < inv->count; i++)
		if (strcmp(inv->iface[i].name, name) == 0)
			return &inv->iface[i];
	return NULL;
}

const struct pix_iface *inventory_port(const struct inventory *inv, const char *name)
{
	const struct pix_iface *i = inventory_find(inv, name);

	return i && i->kind == PIX_IF_PORT ? i : NULL;
}

u32 inventory_mtu(const struct inventory *inv, const struct pix_iface *i)
{
	return inv->mtu[i - inv->iface];
}
