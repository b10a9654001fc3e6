// SPDX-License-Identifier: MIT
/*
 * The door between device drivers and the kernel (kernel/driver.h): registers, DMA memory, the
 * walk over the driver table. Boot CPU, start-up, on the union root. dev_clock_hz() runs anywhere.
 */
#include "kernel/driver.h"
#include "kernel/clock.h"
#include "kernel/errno.h"
#include "kernel/lib/format.h"
#include "kernel/mm/split.h"
#include "kernel/printk.h"
#include "kernel/smp.h"

int dev_map_bar(struct device *d, unsigned bar, u64 off, u64 len, struct mmio *out)
{
	const struct dev_bar *b;
	paddr_t pa, page;
	u8 *va;

	if (bar >= DEV_BARS)
		return -ENODEV;
	b = &d->bar[bar];
	if (b->io || !b->base || !b->size)
		return -ENODEV;
	if (off >= b->size)
		return -EINVAL;
	if (!len)
		len = b->size - off;
	if (len > b->size - off)
		return -EINVAL;
	pa = b->base + off;
	page = ALIGN_DOWN(pa, PAGE_SIZE);
	va = dp_map_mmio(page, ALIGN_UP(pa + len, (u64)PAGE_SIZE) - page, DP_UC);
	if (!va)
		return -ENOMEM;
	out->base = va + (pa - page);
	out->len = len;
	return 0;
}

int dev_reject(struct device *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	kvsnprintf(d->reason, sizeof(d->reason), fmt, ap);
	va_end(ap);
	return -ENODEV;
}

void dev_log(const struct device *d, const char *fmt, ...)
{
	char line[160];
	va_list ap;

	va_start(ap, fmt);
	kvsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	printk("%02x:%02x.%x %s: %s\n", PCI_BUS(d->bdf), PCI_SLOT(d->bdf), PCI_FUNC(d->bdf),
	       d->driver ? d->driver : "no driver", line);
}

void *dma_alloc(struct device *d, size_t size, size_t align, iova_t *iova)
{
	void *va = dp_alloc(DP_PRIVATE, size, align, d->node);

	if (va)
		*iova = dma_map(va);
	return va;
}

/* Without an IOMMU a device sees physical addresses. */
iova_t dma_map(const void *va)
{
	return dp_paddr(va);
}

void *dev_alloc(struct device *d, size_t size, size_t align)
{
	return dp_alloc(DP_PRIVATE, size, align, d->node);
}

struct port *dev_port_alloc(struct device *d)
{
	struct port *p = port_alloc((u32)d->node);

	if (!p)
		return NULL;
	p->mtu = PORT_MTU_DEFAULT;
	p->pci_bdf = d->bdf;
	p->pci_vendor = d->vendor;
	p->pci_device = d->device;
	return p;
}

u64 dev_clock_hz(void)
{
	return tsc_hz;
}

u32 dev_queue_pairs(void)
{
	return MIN(MAX(nqgm, 1u), (u32)PORT_QUEUES);
}

void dev_delay_us(u32 us)
{
	clock_delay_ns((u64)us * 1000);
}

static const struct net_driver *driver_for(const struct device *d)
{
	for (unsigned i = 0; net_drivers[i]; i++)
		for (const struct net_driver_id *id = net_drivers[i]->ids; id->vendor; id++)
			if (id->vendor == d->vendor && id->device == d->device)
				return net_drivers[i];
	return NULL;
}

void net_drivers_probe(void)
{
	struct device *d;

	for (unsigned i = 0; (d = device_get(i)); i++) {
		const struct net_driver *drv = driver_for(d);

		if (!drv) {
			if (d->class_code >> 16 == PCI_CLASS_NETWORK)
				dev_log(d, "%s", d->reason);
			continue;
		}
		d->driver = drv->name;
		dev_enable(d);
		d->reason[0] = 0;
		if (drv->probe(d)) {
			dev_log(d, "not taken: %s", d->reason);
			dev_disable(d);
			d->driver = NULL;
		}
	}
}
