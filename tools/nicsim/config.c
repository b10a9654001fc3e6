// SPDX-License-Identifier: MIT
/*
 * PCI configuration space of a function: built from the model's declaration, read and written by
 * the guest through write masks. Offsets of the capabilities are those of Intel's NICs (PM 40h,
 * MSI 50h, MSI-X 70h, PCIe A0h; extended: AER 100h, serial number 140h, ARI 150h, SR-IOV 160h).
 * A VF looks as a hypervisor presents it to its guest: with its ids and its own BARs.
 */
#include "tools/nicsim/sim.h"

#include <string.h>

enum {
	PCI_VENDOR = 0x00,
	PCI_DEVICE = 0x02,
	PCI_COMMAND = 0x04,
	PCI_STATUS = 0x06,
	PCI_REVISION = 0x08,
	PCI_CACHE_LINE = 0x0c,
	PCI_BAR0 = 0x10,
	PCI_SUBVENDOR = 0x2c,
	PCI_SUBDEVICE = 0x2e,
	PCI_CAPABILITIES = 0x34,
	PCI_LINE = 0x3c,
	PCI_PIN = 0x3d,
	COMMAND_WRITABLE = 0x0547, /* IO, MEM, MASTER, PERR, SERR, INTX_DISABLE */
	STATUS_CAPABILITIES = 0x10,
	STATUS_W1C = 0xf900,
	CAP_PM = 0x40,
	CAP_MSI = 0x50,
	CAP_MSIX = 0x70,
	CAP_PCIE = 0xa0,
	EXT_AER = 0x100,
	EXT_SERIAL = 0x140,
	EXT_ARI = 0x150,
	EXT_SRIOV = 0x160,
	/* in the SR-IOV capability */
	SRIOV_CONTROL = 0x08,
	SRIOV_NUM = 0x10,
	SRIOV_BARS = 0x24,
	SRIOV_VFE = 1,
	DEVCTL_FLR = 0x8000,
};

u32 nicsim_cfg_get(const struct nicsim_dev *dev, u32 off, u32 size)
{
	u32 v = 0;

	for (u32 i = 0; i < size; i++)
		v |= (u32)dev->cfg[off + i] << 8 * i;
	return v;
}

void nicsim_cfg_put(struct nicsim_dev *dev, u32 off, u32 size, u32 v)
{
	for (u32 i = 0; i < size; i++)
		dev->cfg[off + i] = (u8)(v >> 8 * i);
}

void nicsim_cfg_field(struct nicsim_dev *dev, u32 off, u32 size, u32 v, u32 writable)
{
	nicsim_cfg_put(dev, off, size, v);
	for (u32 i = 0; i < size; i++)
		dev->wmask[off + i] = (u8)(writable >> 8 * i);
}

static void w1c(struct nicsim_dev *dev, u32 off, u32 size, u32 bits)
{
	for (u32 i = 0; i < size; i++)
		dev->w1c[off + i] = (u8)(bits >> 8 * i);
}

/* --- building ------------------------------------------------------------------------------- */

static void bars_build(struct nicsim_dev *dev, u32 at, const struct nicsim_bar *bar)
{
	for (u32 i = 0; i < NICSIM_BARS; i++) {
		bool wide = bar[i].is64 && !dev->bars32 && i + 1 < NICSIM_BARS;
		u32 flags = bar[i].io ? 1u : (wide ? 4u : 0u) | (bar[i].prefetch ? 8u : 0u);

		if (!bar[i].size)
			continue;
		nicsim_cfg_field(dev, at + 4 * i, 4, flags, (u32) ~(bar[i].size - 1));
		if (wide) {
			nicsim_cfg_field(dev, at + 4 * i + 4, 4, 0,
					 (u32)(~(bar[i].size - 1) >> 32));
			i++;
		}
	}
}

static u32 chain(struct nicsim_dev *dev, u32 *last, u32 off, u8 id)
{
	nicsim_cfg_put(dev, *last, 1, off);
	nicsim_cfg_put(dev, off, 1, id);
	*last = off + 1;
	return off;
}

static void capabilities(struct nicsim_dev *dev)
{
	const char *msi = nicsim_option(dev, "msi");
	bool messages = !msi || strcmp(msi, "off");
	u32 last = PCI_CAPABILITIES;

	nicsim_cfg_put(dev, PCI_STATUS, 2, STATUS_CAPABILITIES);
	if (!dev->pf) {
		dev->cap_pm = (u16)chain(dev, &last, CAP_PM, 0x01);
		nicsim_cfg_put(dev, CAP_PM + 2, 2, 0x0003);
		nicsim_cfg_field(dev, CAP_PM + 4, 2, 0, 0x0103);
		w1c(dev, CAP_PM + 4, 2, 0x8000);
	}
	if (dev->model->msi && messages) {
		dev->cap_msi = (u16)chain(dev, &last, CAP_MSI, 0x05);
		nicsim_cfg_field(dev, CAP_MSI + 2, 2, 0x0080, 0x0001);
		nicsim_cfg_field(dev, CAP_MSI + 4, 4, 0, ~3u);
		nicsim_cfg_field(dev, CAP_MSI + 8, 4, 0, ~0u);
		nicsim_cfg_field(dev, CAP_MSI + 12, 2, 0, 0xffff);
	}
	if (dev->msix_vectors && messages) {
		dev->cap_msix = (u16)chain(dev, &last, CAP_MSIX, 0x11);
		nicsim_cfg_field(dev, CAP_MSIX + 2, 2, dev->msix_vectors - 1u, 0xc000);
		nicsim_cfg_put(dev, CAP_MSIX + 4, 4, dev->msix_table | dev->msix_bar);
		nicsim_cfg_put(dev, CAP_MSIX + 8, 4, dev->msix_pba | dev->msix_bar);
	}
	dev->cap_pcie = (u16)chain(dev, &last, CAP_PCIE, 0x10);
	nicsim_cfg_put(dev, CAP_PCIE + 2, 2, 0x0002);           /* version 2, endpoint */
	nicsim_cfg_put(dev, CAP_PCIE + 4, 4, 0x10008cc2);       /* FLR, role-based, 512 bytes */
	nicsim_cfg_field(dev, CAP_PCIE + 8, 2, 0x2810, 0x7fff); /* reads 512, relaxed order */
	w1c(dev, CAP_PCIE + 10, 2, 0x000f);
	nicsim_cfg_put(dev, CAP_PCIE + 12, 4, 0x00000482); /* 5 GT/s, x8, L0s */
	nicsim_cfg_field(dev, CAP_PCIE + 16, 2, 0, 0x00c3);
	nicsim_cfg_put(dev, CAP_PCIE + 18, 2, 0x1082); /* 5 GT/s, x8, slot clock */
	nicsim_cfg_put(dev, CAP_PCIE + 36, 4, 0x1f);   /* completion time-out ranges */
	nicsim_cfg_field(dev, CAP_PCIE + 40, 2, 0, 0x001f);
	nicsim_cfg_field(dev, CAP_PCIE + 48, 2, 0x0002, 0x001f);
}

static void extended(struct nicsim_dev *dev)
{
	const struct nicsim_model *m = dev->model;
	u32 next = !dev->pf ? EXT_SERIAL : EXT_ARI;

	nicsim_cfg_put(dev, EXT_AER, 4, 0x00010001u | next << 20);
	w1c(dev, EXT_AER + 0x04, 4, 0x001ff030);
	nicsim_cfg_field(dev, EXT_AER + 0x08, 4, 0, 0x001ff030);
	nicsim_cfg_field(dev, EXT_AER + 0x0c, 4, 0x00062030, 0x001ff030);
	w1c(dev, EXT_AER + 0x10, 4, 0x000031c1);
	nicsim_cfg_field(dev, EXT_AER + 0x14, 4, 0x2000, 0x000031c1);
	if (!dev->pf) {
		nicsim_cfg_put(dev, EXT_SERIAL, 4, 0x00010003u | EXT_ARI << 20);
		for (u32 i = 0; i < 3; i++) {
			dev->cfg[EXT_SERIAL + 4 + i] = dev->mac[5 - i];
			dev->cfg[EXT_SERIAL + 9 + i] = dev->mac[2 - i];
		}
		nicsim_cfg_put(dev, EXT_SERIAL + 7, 2, 0xffff);
	}
	nicsim_cfg_put(dev, EXT_ARI, 4,
		       0x0001000eu | (m->vf && !dev->pf ? (u32)EXT_SRIOV : 0) << 20);
	if (!m->vf || dev->pf)
		return;
	dev->cap_sriov = EXT_SRIOV;
	nicsim_cfg_put(dev, EXT_SRIOV, 4, 0x00010010);
	nicsim_cfg_put(dev, EXT_SRIOV + 0x04, 4, 0x2); /* ARI capable hierarchy preserved */
	nicsim_cfg_field(dev, EXT_SRIOV + SRIOV_CONTROL, 2, 0, 0x0019);
	nicsim_cfg_put(dev, EXT_SRIOV + 0x0c, 2, m->vfs);
	nicsim_cfg_put(dev, EXT_SRIOV + 0x0e, 2, m->vfs);
	nicsim_cfg_field(dev, EXT_SRIOV + SRIOV_NUM, 2, 0, 0xffff);
	nicsim_cfg_put(dev, EXT_SRIOV + 0x14, 2, m->vf_offset);
	nicsim_cfg_put(dev, EXT_SRIOV + 0x16, 2, m->vf_stride);
	nicsim_cfg_put(dev, EXT_SRIOV + 0x1a, 2, m->vf->device);
	nicsim_cfg_put(dev, EXT_SRIOV + 0x1c, 4, 0x553);
	nicsim_cfg_field(dev, EXT_SRIOV + 0x20, 4, 1, 0x553);
	bars_build(dev, EXT_SRIOV + SRIOV_BARS, m->vf->bar);
}

void nicsim_config_build(struct nicsim_dev *dev)
{
	const struct nicsim_model *m = dev->model;
	u32 class_code = m->class_code ? m->class_code : 0x020000;

	nicsim_cfg_put(dev, PCI_VENDOR, 2, m->vendor);
	nicsim_cfg_put(dev, PCI_DEVICE, 2, m->device);
	nicsim_cfg_field(dev, PCI_COMMAND, 2, 0, COMMAND_WRITABLE);
	w1c(dev, PCI_STATUS, 2, STATUS_W1C);
	nicsim_cfg_put(dev, PCI_REVISION, 4, class_code << 8 | m->revision);
	nicsim_cfg_field(dev, PCI_CACHE_LINE, 1, 0, 0xff);
	nicsim_cfg_put(dev, PCI_SUBVENDOR, 2, m->subvendor);
	nicsim_cfg_put(dev, PCI_SUBDEVICE, 2, m->subdevice);
	nicsim_cfg_field(dev, PCI_LINE, 1, 0, 0xff);
	nicsim_cfg_put(dev, PCI_PIN, 1, dev->pf ? 0 : m->pin);
	bars_build(dev, PCI_BAR0, dev->bar);
	capabilities(dev);
	extended(dev);
}

/* Writable bits back to what they were when built. Interrupt line and cache line size belong to
 * the firmware and survive an FLR as well; nobody minds. */
void nicsim_config_reset(struct nicsim_dev *dev)
{
	memset(dev->cfg, 0, sizeof(dev->cfg));
	nicsim_config_build(dev);
	nicsim_msix_reset(dev);
}

/* --- accesses ------------------------------------------------------------------------------- */

static bool touches(u32 off, u32 size, u32 field, u32 fsize)
{
	return off < field + fsize && field < off + size;
}

u32 nicsim_cfg_read(struct nicsim_dev *dev, u32 off, u32 size)
{
	u32 ones = size >= 4 ? ~0u : (1u << 8 * size) - 1;

	if (dev->removed || (size != 1 && size != 2 && size != 4) || (off & (size - 1)) ||
	    off > NICSIM_CFG - size)
		return ones;
	return nicsim_cfg_get(dev, off, size);
}

static void sriov_written(struct nicsim_dev *dev)
{
	u32 on = 0;

	if (nicsim_cfg_get(dev, EXT_SRIOV + SRIOV_CONTROL, 2) & SRIOV_VFE) {
		on = nicsim_cfg_get(dev, EXT_SRIOV + SRIOV_NUM, 2);
		on = MIN(on, (u32)dev->model->vfs);
	}
	if (on == dev->vfs_on)
		return;
	for (u32 i = 0; i < dev->model->vfs; i++)
		if ((i < on) != (i < dev->vfs_on))
			nicsim_flr(dev->vf[i]);
	dev->vfs_on = on;
	if (dev->model->vfs_changed)
		dev->model->vfs_changed(dev);
}

void nicsim_cfg_write(struct nicsim_dev *dev, u32 off, u32 size, u32 v)
{
	u32 power = dev->cap_pm ? dev->cfg[dev->cap_pm + 4] & 3 : 0;

	if (dev->removed)
		return;
	if ((size != 1 && size != 2 && size != 4) || (off & (size - 1)) ||
	    off > NICSIM_CFG - size) {
		nicsim_error(dev, NICSIM_E_ACCESS, "configuration write of %u bytes at %x", size,
			     off);
		return;
	}
	for (u32 i = 0; i < size; i++) {
		u8 b = (u8)(v >> 8 * i), *at = &dev->cfg[off + i];

		*at = (u8)((*at & ~dev->wmask[off + i]) | (b & dev->wmask[off + i]));
		*at &= (u8) ~(b & dev->w1c[off + i]);
	}
	/* aligned: a write that reaches byte A9h began at A8h, or is that byte */
	if (touches(off, size, CAP_PCIE + 9, 1) && (off & 1 ? v << 8 : v) & DEVCTL_FLR) {
		nicsim_flr(dev);
		return;
	}
	if (dev->cap_pm && power == 3 && (dev->cfg[dev->cap_pm + 4] & 3) == 0) {
		nicsim_flr(dev);
		return;
	}
	if (dev->cap_sriov && touches(off, size, EXT_SRIOV + SRIOV_CONTROL, 2))
		sriov_written(dev);
	if (touches(off, size, PCI_COMMAND, 2) ||
	    (dev->cap_msix && touches(off, size, dev->cap_msix + 2u, 2)) ||
	    (dev->cap_msi && touches(off, size, dev->cap_msi + 2u, 2)))
		nicsim_irq_update(dev);
	if (dev->model->cfg_written)
		dev->model->cfg_written(dev, off, size);
	/* bus mastering may have been what the engines waited for */
	nicsim_kick(dev);
}

u64 nicsim_bar_address(const struct nicsim_dev *dev, u32 bar)
{
	u32 low = nicsim_cfg_get(dev, PCI_BAR0 + 4 * bar, 4);
	u64 addr = low & (low & 1 ? ~3u : ~15u);

	if ((low & 7) == 4)
		addr |= (u64)nicsim_cfg_get(dev, PCI_BAR0 + 4 * bar + 4, 4) << 32;
	return addr;
}

int nicsim_bar_at(const struct nicsim_dev *dev, u64 addr, bool io, u64 *off)
{
	for (u32 i = 0; i < NICSIM_BARS; i++) {
		u64 base;

		if (!dev->bar[i].size || dev->bar[i].io != io)
			continue;
		base = nicsim_bar_address(dev, i);
		if (base && addr - base < dev->bar[i].size) {
			*off = addr - base;
			return (int)i;
		}
	}
	return -1;
}
