// SPDX-License-Identifier: MIT
/*
 * Enumeration: who is on the buses. Starts at bus 0 of each segment (and at the further host
 * bridges of a multi-function host bridge) and follows the bridges as the firmware numbered
 * them. Each function is put into the list in order of segment, bus, slot and function; its BARs
 * are sized, its capabilities found, and it is made quiet: no bus mastering, no INTx, until a
 * driver takes it. Boot CPU, start-up.
 */
#include "drivers/bus/pci_access.h"
#include "drivers/bus/pci_caps.h"
#include "kernel/acpi.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/printk.h"

enum { PCI_DEVICES_MAX = 256, PCI_BUSES = 256, PCI_SLOTS = 32, PCI_FUNCS = 8 };

static struct device *devices[PCI_DEVICES_MAX];
static unsigned ndevices;
static unsigned nlost; /* functions beyond PCI_DEVICES_MAX */

struct device *device_get(unsigned i)
{
	return i < ndevices ? devices[i] : NULL;
}

/* Keep the list in PCI order: buses behind bridges are met before the rest of their parent. */
static void list_insert(struct device *d)
{
	unsigned at = ndevices++;

	for (; at > 0; at--) {
		const struct device *b = devices[at - 1];

		if (b->segment < d->segment || (b->segment == d->segment && b->bdf < d->bdf))
			break;
		devices[at] = devices[at - 1];
	}
	devices[at] = d;
}

static void read_ids(struct device *d)
{
	d->vendor = pci_cfg_rd16(d, PCI_VENDOR_ID);
	d->device = pci_cfg_rd16(d, PCI_DEVICE_ID);
	d->revision = pci_cfg_rd8(d, PCI_REVISION_ID);
	d->class_code = pci_cfg_rd32(d, PCI_REVISION_ID) >> 8;
	d->irq_line = pci_cfg_rd8(d, PCI_INTERRUPT_LINE);
	d->irq_pin = pci_cfg_rd8(d, PCI_INTERRUPT_PIN);
}

/* Type 0 functions that are not part of the chipset: what drivers may take. */
static void read_endpoint(struct device *d)
{
	u16 command = pci_cfg_rd16(d, PCI_COMMAND);

	d->subvendor = pci_cfg_rd16(d, PCI_SUBSYSTEM_VENDOR_ID);
	d->subdevice = pci_cfg_rd16(d, PCI_SUBSYSTEM_ID);
	pci_read_caps(d);
	if (d->class_code >> 16 == PCI_CLASS_BRIDGE)
		return; /* ISA and power management functions keep running as they are */
	command &= (u16)~PCI_COMMAND_MASTER;
	command |= PCI_COMMAND_INTX_DISABLE;
	pci_cfg_wr16(d, PCI_COMMAND, command);
	pci_size_bars(d);
}

static void scan_bus(u16 segment, u8 bus, u8 *visited);

/* Look at one function; returns false when there is none. */
static bool scan_function(u16 segment, u16 bdf, void *window, u8 *header, u8 *visited)
{
	struct device probe = { .segment = segment, .bdf = bdf, .cfg = window };
	struct device *d;

	if (pci_cfg_rd16(&probe, PCI_VENDOR_ID) == 0xffff)
		return false;
	*header = pci_cfg_rd8(&probe, PCI_HEADER_TYPE);
	read_ids(&probe);
	if ((*header & PCI_HEADER_TYPE_MASK) == PCI_HEADER_BRIDGE) {
		u8 secondary = pci_cfg_rd8(&probe, PCI_SECONDARY_BUS);

		if (secondary > PCI_BUS(bdf))
			scan_bus(segment, secondary, visited);
		else
			printk("pci: bridge %02x:%02x.%x has no bus behind it\n", PCI_BUS(bdf),
			       PCI_SLOT(bdf), PCI_FUNC(bdf));
	} else if ((*header & PCI_HEADER_TYPE_MASK) == 0) {
		read_endpoint(&probe);
	}
	if (ndevices == PCI_DEVICES_MAX || !(d = kmalloc(sizeof(*d)))) {
		nlost++;
		return true;
	}
	*d = probe;
	list_insert(d);
	return true;
}

static void scan_bus(u16 segment, u8 bus, u8 *visited)
{
	void *window;

	if (visited[bus])
		return; /* a bridge that points back: broken numbering */
	visited[bus] = 1;
	window = pci_ecam_bus(segment, bus);
	if (!window && segment)
		return;
	for (unsigned slot = 0; slot < PCI_SLOTS; slot++) {
		unsigned funcs = 1;

		for (unsigned f = 0; f < funcs; f++) {
			u16 bdf = (u16)(bus << 8 | slot << 3 | f);
			u8 header;

			if (scan_function(segment, bdf, window, &header, visited) && f == 0 &&
			    header & PCI_HEADER_MULTI)
				funcs = PCI_FUNCS;
		}
	}
}

static void scan_segment(u16 segment, u8 first)
{
	static u8 visited[PCI_BUSES];
	unsigned before = ndevices;

	memset(visited, 0, sizeof(visited));
	scan_bus(segment, first, visited);
	/* Function n of a multi-function host bridge at slot 0 is the root of bus n. */
	for (unsigned i = before; i < ndevices; i++) {
		const struct device *d = devices[i];

		if (d->segment == segment && d->class_code >> 8 == PCI_CLASS_BRIDGE << 8 &&
		    PCI_SLOT(d->bdf) == 0 && PCI_BUS(d->bdf) == first && PCI_FUNC(d->bdf))
			scan_bus(segment, PCI_FUNC(d->bdf), visited);
	}
}

void pci_init(void)
{
	bool segment0 = false;

	for (unsigned i = 0; i < acpi.nmcfg; i++) {
		scan_segment(acpi.mcfg[i].segment, acpi.mcfg[i].bus_start);
		segment0 |= acpi.mcfg[i].segment == 0;
	}
	if (!segment0)
		scan_segment(0, 0);
	printk("pci: %u functions by %s\n", ndevices, segment0 ? "ECAM" : "ports");
	if (nlost)
		printk("pci: %u functions ignored, the list holds %u\n", nlost, PCI_DEVICES_MAX);
	for (unsigned i = 0; i < ndevices; i++) {
		struct device *d = devices[i];

		if (d->class_code >> 16 == PCI_CLASS_NETWORK)
			dev_reject(d, "no driver for %04x:%04x", d->vendor, d->device);
	}
}
