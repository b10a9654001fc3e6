// SPDX-License-Identifier: MIT
/* Interrupts of a function: MSI-X with masks and pending bits (PCI 3.0, 6.8.2), MSI of one vector,
 * and the level of INTx. How a message leaves is the attachment's (dev->irq). */
#include "tools/nicsim/sim.h"

#include <string.h>

enum {
	COMMAND = 0x04,
	COMMAND_INTX_DISABLE = 1 << 10,
	STATUS = 0x06,
	STATUS_INTX = 1 << 3,
	MSI_ENABLE = 1,       /* message control */
	MSIX_ENABLE = 0x8000, /* message control */
	MSIX_MASK = 0x4000,
};

bool nicsim_msix_on(const struct nicsim_dev *dev)
{
	return dev->cap_msix && (nicsim_cfg_get(dev, dev->cap_msix + 2u, 2) & MSIX_ENABLE);
}

bool nicsim_msi_on(const struct nicsim_dev *dev)
{
	return dev->cap_msi && (nicsim_cfg_get(dev, dev->cap_msi + 2u, 2) & MSI_ENABLE);
}

static void deliver(struct nicsim_dev *dev, u16 vector, bool level)
{
	if (level)
		dev->interrupts++;
	if (dev->irq)
		dev->irq(dev->irq_arg, dev, vector, level);
}

static bool masked(const struct nicsim_dev *dev, u32 vector)
{
	if (dev->irq_host)
		return false;
	return dev->msix[vector].masked || (nicsim_cfg_get(dev, dev->cap_msix + 2u, 2) & MSIX_MASK);
}

void nicsim_raise(struct nicsim_dev *dev, u32 vector)
{
	if (dev->removed)
		return;
	if (nicsim_msix_on(dev)) {
		if (vector >= dev->msix_vectors) {
			nicsim_error(dev, NICSIM_E_VECTOR, "interrupt to vector %u of %u", vector,
				     dev->msix_vectors);
			return;
		}
		if (masked(dev, vector))
			dev->msix[vector].pending = true;
		else
			deliver(dev, (u16)vector, true);
	} else if (nicsim_msi_on(dev)) {
		deliver(dev, 0, true);
	}
}

static bool line_open(const struct nicsim_dev *dev)
{
	return !dev->removed && !nicsim_msix_on(dev) && !nicsim_msi_on(dev) &&
	       !(nicsim_cfg_get(dev, COMMAND, 2) & COMMAND_INTX_DISABLE);
}

void nicsim_intx(struct nicsim_dev *dev, bool level)
{
	u32 status = nicsim_cfg_get(dev, STATUS, 2);

	if (!dev->model->pin || dev->pf)
		return;
	nicsim_cfg_put(dev, STATUS, 2, level ? status | STATUS_INTX : status & ~(u32)STATUS_INTX);
	level = level && line_open(dev);
	if (level != dev->intx) {
		dev->intx = level;
		deliver(dev, NICSIM_NO_VECTOR, level);
	}
}

void nicsim_irq_update(struct nicsim_dev *dev)
{
	if (nicsim_msix_on(dev))
		for (u32 v = 0; v < dev->msix_vectors; v++)
			if (dev->msix[v].pending && !masked(dev, v)) {
				dev->msix[v].pending = false;
				deliver(dev, (u16)v, true);
			}
	nicsim_intx(dev, nicsim_cfg_get(dev, STATUS, 2) & STATUS_INTX);
}

void nicsim_msix_reset(struct nicsim_dev *dev)
{
	for (u32 v = 0; v < dev->msix_vectors; v++)
		dev->msix[v] = (struct nicsim_msix){ .masked = true };
}
