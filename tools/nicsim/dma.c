// SPDX-License-Identifier: MIT
/* DMA of the models: guest memory by regions (or an in-process resolver), with the checks that a
 * PCI function and its root port make: bus mastering on, every byte inside of RAM. */
#include "tools/nicsim/sim.h"

#include <string.h>

enum { COMMAND = 0x04, COMMAND_MASTER = 0x04 };

bool nicsim_mem_add(struct nicsim_dev *dev, u64 gpa, u64 size, void *ptr)
{
	if (!size || !ptr || gpa + size < gpa || dev->nregions == NICSIM_REGIONS)
		return false;
	for (u32 i = 0; i < dev->nregions; i++) {
		const struct nicsim_region *r = &dev->region[i];

		if (gpa < r->gpa + r->size && r->gpa < gpa + size)
			return false;
	}
	dev->region[dev->nregions++] = (struct nicsim_region){ gpa, size, ptr };
	return true;
}

bool nicsim_mem_del(struct nicsim_dev *dev, u64 gpa, u64 size)
{
	for (u32 i = 0; i < dev->nregions; i++)
		if (dev->region[i].gpa == gpa && dev->region[i].size == size) {
			dev->region[i] = dev->region[--dev->nregions];
			return true;
		}
	return false;
}

void nicsim_mem_clear(struct nicsim_dev *dev)
{
	dev->nregions = 0;
}

/* Memory behind [iova, iova + *len), *len cut at the end of its region; NULL: not RAM. */
static u8 *resolve(struct nicsim_dev *dev, u64 iova, u64 *len)
{
	if (dev->resolve)
		return dev->resolve(dev->resolve_arg, iova, *len);
	for (u32 i = 0; i < dev->nregions; i++) {
		const struct nicsim_region *r = &dev->region[i];

		if (iova - r->gpa < r->size) {
			*len = MIN(*len, r->size - (iova - r->gpa));
			return r->ptr + (iova - r->gpa);
		}
	}
	return NULL;
}

/* Every byte there? Regions may touch, so that one access may span two. */
static bool inside(struct nicsim_dev *dev, u64 iova, u64 len)
{
	if (iova + len < iova)
		return false;
	while (len) {
		u64 n = len;

		if (!resolve(dev, iova, &n))
			return false;
		iova += n;
		len -= n;
	}
	return true;
}

static bool master(const struct nicsim_dev *dev)
{
	return (dev->cfg[COMMAND] & COMMAND_MASTER) &&
	       !(dev->cap_pm && (dev->cfg[dev->cap_pm + 4] & 3));
}

bool nicsim_dma_ok(struct nicsim_dev *dev, u64 iova, u64 len)
{
	return !dev->removed && master(dev) && inside(dev, iova, len);
}

static bool allowed(struct nicsim_dev *dev, const char *what, u64 iova, u64 len)
{
	if (dev->removed)
		return false;
	if (!master(dev)) {
		nicsim_error(dev, NICSIM_E_MASTER, "%s of %llu bytes at %llx: bus mastering is off",
			     what, (unsigned long long)len, (unsigned long long)iova);
		return false;
	}
	if (!inside(dev, iova, len)) {
		nicsim_error(dev, NICSIM_E_DMA, "%s of %llu bytes at %llx: not RAM", what,
			     (unsigned long long)len, (unsigned long long)iova);
		return false;
	}
	return true;
}

bool nicsim_dma_read(struct nicsim_dev *dev, u64 iova, void *buf, u64 len)
{
	u8 *to = buf;

	if (!allowed(dev, "read", iova, len))
		return false;
	while (len) {
		u64 n = len;
		const u8 *p = resolve(dev, iova, &n);

		memcpy(to, p, n);
		to += n;
		iova += n;
		len -= n;
	}
	/* what a later read sees is not older than this */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return true;
}

static void copy_out(struct nicsim_dev *dev, u64 iova, const void *buf, u64 len)
{
	const u8 *from = buf;

	if (dev->wrote)
		dev->wrote(dev->resolve_arg, iova, len);
	while (len) {
		u64 n = len;
		u8 *p = resolve(dev, iova, &n);

		memcpy(p, from, n);
		from += n;
		iova += n;
		len -= n;
	}
}

bool nicsim_dma_write(struct nicsim_dev *dev, u64 iova, const void *buf, u64 len)
{
	if (!allowed(dev, "write", iova, len))
		return false;
	copy_out(dev, iova, buf, len);
	return true;
}

bool nicsim_dma_write_back(struct nicsim_dev *dev, u64 iova, const void *buf, u32 len)
{
	u64 n = 4;
	u32 last;
	u8 *p;

	if (!allowed(dev, "write-back", iova, len))
		return false;
	if (len < 4 || (iova & 3) || (len & 3)) {
		copy_out(dev, iova, buf, len);
		return true;
	}
	copy_out(dev, iova, buf, len - 4);
	memcpy(&last, (const u8 *)buf + len - 4, 4);
	p = resolve(dev, iova + len - 4, &n);
	__atomic_store_n((u32 *)(void *)p, last, __ATOMIC_RELEASE);
	return true;
}
