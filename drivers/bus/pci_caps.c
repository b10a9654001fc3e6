// SPDX-License-Identifier: MIT
/*
 * One function in detail: BAR sizes, capabilities, power state, MSI and MSI-X, bus mastering.
 * Standards: PCI 3.0 6.2.5.1 (sizing), 6.7 and appendix H (capabilities), 6.8 (MSI, MSI-X), PCI
 * Power Management 1.2. Boot CPU, start-up.
 */
#include "drivers/bus/pci_caps.h"
#include "kernel/clock.h"
#include "kernel/errno.h"
#include "kernel/mm/paging.h"

enum { CAPS_MAX = 48 }; /* more cannot fit into 192 bytes: the list is a loop */

static u32 bar_probe(struct device *d, u16 reg)
{
	u32 was = pci_cfg_rd32(d, reg), mask;

	pci_cfg_wr32(d, reg, 0xffffffff);
	mask = pci_cfg_rd32(d, reg);
	pci_cfg_wr32(d, reg, was);
	return mask;
}

static void bar_size_io(struct dev_bar *b, u32 value, u32 mask)
{
	b->io = true;
	b->base = value & PCI_BAR_IO_MASK;
	/* The upper 16 bits may be hard-wired to 0 on PCs (6.2.5.1). */
	if (!(mask & 0xffff0000))
		mask |= 0xffff0000;
	b->size = (u32) ~(mask & PCI_BAR_IO_MASK) + 1;
}

/* One memory BAR at index i; returns how many of the six registers it takes. */
static unsigned bar_size_memory(struct device *d, unsigned i, u32 value, u32 mask)
{
	struct dev_bar *b = &d->bar[i];
	u64 full = mask & PCI_BAR_MEM_MASK;

	b->base = value & PCI_BAR_MEM_MASK;
	b->prefetchable = value & PCI_BAR_PREFETCH;
	b->is64 = (value & PCI_BAR_TYPE_MASK) == PCI_BAR_TYPE_64;
	if (b->is64 && i + 1 < DEV_BARS) {
		u16 high = (u16)(PCI_BAR0 + 4 * (i + 1));

		b->base |= (u64)pci_cfg_rd32(d, high) << 32;
		full |= (u64)bar_probe(d, high) << 32;
		b->size = ~full + 1;
		return 2;
	}
	b->size = (u32)~full + 1;
	return 1;
}

void pci_size_bars(struct device *d)
{
	u16 command = pci_cfg_rd16(d, PCI_COMMAND);

	pci_cfg_wr16(d, PCI_COMMAND, command & (u16) ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
	for (unsigned i = 0; i < DEV_BARS;) {
		u16 reg = (u16)(PCI_BAR0 + 4 * i);
		u32 value = pci_cfg_rd32(d, reg);
		u32 mask = bar_probe(d, reg);

		if (mask == 0 || mask == 0xffffffff)
			i++; /* not implemented */
		else if (value & PCI_BAR_IO)
			bar_size_io(&d->bar[i++], value, mask);
		else
			i += bar_size_memory(d, i, value, mask);
	}
	pci_cfg_wr16(d, PCI_COMMAND, command);
}

u8 pci_cap_find(struct device *d, u8 id, u8 after)
{
	u8 off;

	if (!(pci_cfg_rd16(d, PCI_STATUS) & PCI_STATUS_CAP_LIST))
		return 0;
	off = pci_cfg_rd8(d, after ? (u16)(after + 1) : PCI_CAP_PTR);
	for (unsigned n = 0; n < CAPS_MAX; n++) {
		off &= 0xfc;
		if (off < 0x40)
			return 0;
		if (pci_cfg_rd8(d, off) == id)
			return off;
		off = pci_cfg_rd8(d, (u16)(off + 1));
	}
	return 0;
}

void pci_read_caps(struct device *d)
{
	d->cap_pm = pci_cap_find(d, PCI_CAP_PM, 0);
	d->cap_msi = pci_cap_find(d, PCI_CAP_MSI, 0);
	d->cap_msix = pci_cap_find(d, PCI_CAP_MSIX, 0);
	d->cap_pcie = pci_cap_find(d, PCI_CAP_PCIE, 0);
	if (d->cap_msix) {
		u16 control = pci_cfg_rd16(d, d->cap_msix + MSIX_CONTROL);
		u32 table = pci_cfg_rd32(d, d->cap_msix + MSIX_TABLE);

		d->msix_entries = (control & MSIX_CONTROL_SIZE_MASK) + 1;
		d->msix_bar = table & MSIX_TABLE_BIR_MASK;
		d->msix_offset = table & ~(u32)MSIX_TABLE_BIR_MASK;
	}
}

void dev_enable(struct device *d)
{
	u16 command;

	/* D3hot to D0 takes up to 10 ms (PM 1.2, 5.6.1); most devices are in D0 already. */
	if (d->cap_pm) {
		u16 pmcsr = pci_cfg_rd16(d, d->cap_pm + PM_CONTROL);

		if (pmcsr & PM_CONTROL_STATE_MASK) {
			pci_cfg_wr16(d, d->cap_pm + PM_CONTROL,
				     pmcsr & (u16)~PM_CONTROL_STATE_MASK);
			clock_delay_ns(10000000);
		}
	}
	command = pci_cfg_rd16(d, PCI_COMMAND);
	pci_cfg_wr16(d, PCI_COMMAND, command | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

void dev_disable(struct device *d)
{
	u16 command = pci_cfg_rd16(d, PCI_COMMAND);

	pci_cfg_wr16(d, PCI_COMMAND,
		     (command & (u16)~PCI_COMMAND_MASTER) | PCI_COMMAND_INTX_DISABLE);
}

void pci_intx_enable(struct device *d, bool on)
{
	u16 command = pci_cfg_rd16(d, PCI_COMMAND) & (u16)~PCI_COMMAND_INTX_DISABLE;

	pci_cfg_wr16(d, PCI_COMMAND, on ? command : command | PCI_COMMAND_INTX_DISABLE);
}

int pci_msix_set(struct device *d, u16 entry, u64 addr, u32 data)
{
	const struct dev_bar *b;
	volatile u32 *e;
	u16 control;
	u64 off;

	if (!d->cap_msix || entry >= d->msix_entries || d->msix_bar >= DEV_BARS)
		return -ENODEV;
	b = &d->bar[d->msix_bar];
	off = d->msix_offset + (u64)entry * MSIX_ENTRY_BYTES;
	if (b->io || !b->base || off + MSIX_ENTRY_BYTES > b->size)
		return -ENODEV;
	e = kmmio_map(b->base + off, MSIX_ENTRY_BYTES, PT_UC | PT_W);
	if (!e)
		return -ENOMEM;
	control = pci_cfg_rd16(d, d->cap_msix + MSIX_CONTROL);
	pci_cfg_wr16(d, d->cap_msix + MSIX_CONTROL,
		     control | MSIX_CONTROL_ENABLE | MSIX_CONTROL_FUNCTION_MASK);
	e[MSIX_ENTRY_ADDRESS / 4] = (u32)addr;
	e[MSIX_ENTRY_ADDRESS_HIGH / 4] = (u32)(addr >> 32);
	e[MSIX_ENTRY_DATA / 4] = data;
	e[MSIX_ENTRY_CONTROL / 4] &= ~(u32)MSIX_ENTRY_MASKED;
	pci_cfg_wr16(d, d->cap_msix + MSIX_CONTROL,
		     (control | MSIX_CONTROL_ENABLE) & (u16)~MSIX_CONTROL_FUNCTION_MASK);
	return 0;
}

int pci_msi_set(struct device *d, u64 addr, u32 data)
{
	u16 cap = d->cap_msi, control;
	bool wide;

	if (!cap)
		return -ENODEV;
	control = pci_cfg_rd16(d, cap + MSI_CONTROL);
	wide = control & MSI_CONTROL_64BIT;
	if (!wide && addr >> 32)
		return -ENODEV;
	control &= (u16) ~(MSI_CONTROL_ENABLE | MSI_CONTROL_MME_MASK); /* one message */
	pci_cfg_wr16(d, cap + MSI_CONTROL, control);
	pci_cfg_wr32(d, cap + MSI_ADDRESS, (u32)addr);
	if (wide)
		pci_cfg_wr32(d, cap + MSI_ADDRESS_HIGH, (u32)(addr >> 32));
	pci_cfg_wr16(d, cap + (wide ? MSI_DATA_64 : MSI_DATA_32), (u16)data);
	if (control & MSI_CONTROL_MASKABLE)
		pci_cfg_wr32(d, cap + (wide ? MSI_MASK_64 : MSI_MASK_32), 0);
	pci_cfg_wr16(d, cap + MSI_CONTROL, control | MSI_CONTROL_ENABLE);
	return 0;
}
