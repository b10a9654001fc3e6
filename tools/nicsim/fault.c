// SPDX-License-Identifier: MIT
/* Faults on command: armed by name with a count and an argument; the core has a few, the models
 * declare theirs. */
#include "tools/nicsim/sim.h"

#include <stdlib.h>
#include <string.h>

enum { FAULTS = 32 };

struct nicsim_fault {
	char name[32];
	u64 left, arg, hits;
};

static const char *const core_faults[] = { "removed", "dark", "tx-lost", "rx-lost", NULL };

static bool among(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

static struct nicsim_fault *find(const struct nicsim_dev *dev, const char *name)
{
	for (u32 i = 0; dev->fault && i < FAULTS; i++)
		if (!strcmp(dev->fault[i].name, name))
			return &dev->fault[i];
	return NULL;
}

static void count_armed(struct nicsim_dev *dev)
{
	dev->nfaults = 0;
	for (u32 i = 0; i < FAULTS; i++)
		dev->nfaults += dev->fault[i].left != 0;
}

bool nicsim_fault_set(struct nicsim_dev *dev, const char *name, u64 count, u64 arg)
{
	struct nicsim_fault *f;

	if (strlen(name) >= sizeof(f->name) ||
	    (!among(core_faults, name) && !among(dev->model->faults, name)))
		return false;
	if (!dev->fault)
		dev->fault = calloc(FAULTS, sizeof(*dev->fault));
	if (!dev->fault)
		return false;
	f = find(dev, name);
	if (!f)
		f = find(dev, "");
	if (!f)
		return false;
	strcpy(f->name, name);
	f->left = count;
	f->arg = arg;
	count_armed(dev);
	if (!strcmp(name, "removed")) {
		dev->removed = count != 0;
		f->hits += count != 0;
	}
	if (!strcmp(name, "dark")) {
		f->hits += count != 0;
		nicsim_light_set(dev, !count);
	}
	return true;
}

bool nicsim_fault_slow(struct nicsim_dev *dev, const char *name, u64 *arg)
{
	struct nicsim_fault *f = find(dev, name);

	if (!f || !f->left)
		return false;
	f->hits++;
	if (f->left != ~0ull && --f->left == 0)
		count_armed(dev);
	if (arg)
		*arg = f->arg;
	return true;
}

u64 nicsim_fault_hits(const struct nicsim_dev *dev, const char *name)
{
	const struct nicsim_fault *f = find(dev, name);

	return f ? f->hits : 0;
}

void nicsim_fault_free(struct nicsim_dev *dev)
{
	free(dev->fault);
	dev->fault = NULL;
	dev->nfaults = 0;
}
