// SPDX-License-Identifier: MIT
/* Interrupts: what comes while a vector is masked is kept; with automatic masking a message masks
 * its vector. */
#include "tools/nicsim/vmxnet3/vmx.h"

static void fire(struct vmx *v, u32 index)
{
	v->pending[index] = false;
	if (nicsim_msix_on(v->dev) || nicsim_msi_on(v->dev)) {
		nicsim_raise(v->dev, index);
		v->masked[index] |= v->auto_mask;
	} else {
		nicsim_intx(v->dev, true);
	}
}

void vmx_interrupt(struct vmx *v, u32 index)
{
	v->pending[index] = true;
	if (!v->masked[index])
		fire(v, index);
}

void vmx_mask(struct vmx *v, u32 index, bool masked)
{
	v->masked[index] = masked;
	if (masked)
		nicsim_intx(v->dev, false);
	else if (v->pending[index])
		fire(v, index);
}
