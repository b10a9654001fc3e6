// SPDX-License-Identifier: MIT
/*
 * Configuration space: by ECAM windows of the MCFG (PCI Express Base 3.0, 7.2.2), each bus's MiB
 * mapped when its first device is met, else by the ports CF8h/CFCh (PCI 3.0, 3.2.2.3.2), which
 * reach segment 0 and the first 256 bytes of each function. Boot CPU during start-up; afterwards
 * any generic core, the port pair under a lock.
 */
#include "drivers/bus/pci_access.h"
#include "kernel/acpi.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/mm/paging.h"
#include "kernel/spinlock.h"

enum { CONFIG_ADDRESS = 0xcf8, CONFIG_DATA = 0xcfc };
#define CONFIG_ENABLE 0x80000000u

enum { ECAM_BUS_SHIFT = 20, ECAM_FUNC_SHIFT = 12 };

static struct spinlock port_lock = SPINLOCK_INIT("pci ports");

void *pci_ecam_bus(u16 segment, u8 bus)
{
	for (unsigned i = 0; i < acpi.nmcfg; i++) {
		const struct acpi_mcfg *m = &acpi.mcfg[i];

		if (m->segment != segment || bus < m->bus_start || bus > m->bus_end)
			continue;
		/* The table's base is that of bus 0 even if the window starts later (4.1.2). */
		return kmmio_map(m->base + ((u64)bus << ECAM_BUS_SHIFT), 1ull << ECAM_BUS_SHIFT,
				 PT_UC | PT_W);
	}
	return NULL;
}

static volatile void *ecam(const struct device *d, u16 off)
{
	return (volatile u8 *)d->cfg + ((u32)(d->bdf & 0xff) << ECAM_FUNC_SHIFT) + off;
}

/* Select a dword for the port pair; the caller holds the lock and has checked the offset. */
static u16 port_select(const struct device *d, u16 off)
{
	outl(CONFIG_ADDRESS, CONFIG_ENABLE | (u32)d->bdf << 8 | (off & 0xfc));
	return CONFIG_DATA + (off & 3);
}

/* What is out of reach reads as all ones and swallows writes, as an absent function does. */
static bool port_reaches(const struct device *d, u16 off)
{
	return d->segment == 0 && off < 256;
}

#define CFG_ACCESS(bits, in, out)                                   \
	u##bits pci_cfg_rd##bits(struct device *d, u16 off)         \
	{                                                           \
		u##bits v = (u##bits) ~0u;                          \
                                                                    \
		if (d->cfg)                                         \
			return *(volatile u##bits *)ecam(d, off);   \
		if (port_reaches(d, off)) {                         \
			u64 f = spin_lock_irqsave(&port_lock);      \
                                                                    \
			v = in(port_select(d, off));                \
			spin_unlock_irqrestore(&port_lock, f);      \
		}                                                   \
		return v;                                           \
	}                                                           \
                                                                    \
	void pci_cfg_wr##bits(struct device *d, u16 off, u##bits v) \
	{                                                           \
		if (d->cfg) {                                       \
			*(volatile u##bits *)ecam(d, off) = v;      \
		} else if (port_reaches(d, off)) {                  \
			u64 f = spin_lock_irqsave(&port_lock);      \
                                                                    \
			out(port_select(d, off), v);                \
			spin_unlock_irqrestore(&port_lock, f);      \
		}                                                   \
	}

CFG_ACCESS(8, inb, outb)
CFG_ACCESS(16, inw, outw)
CFG_ACCESS(32, inl, outl)
