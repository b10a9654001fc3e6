// SPDX-License-Identifier: MIT
/* Rings of descriptors: enabling by handshake, head and tail, and what may be wrong with them. */
#include "tools/nicsim/core/ring.h"

#include <string.h>

void nicsim_ring_enable(struct nicsim_ring *r, bool enable, u64 due)
{
	r->due = due;
	r->turning_on = enable && !r->on;
	r->turning_off = !enable && r->on;
	r->read_back &= r->on && enable;
}

u32 nicsim_ring_control(struct nicsim_ring *r, u32 v)
{
	r->read_back |= r->on;
	return r->on ? v | NICSIM_RING_ENABLE : v & ~(u32)NICSIM_RING_ENABLE;
}

bool nicsim_ring_starts(struct nicsim_dev *dev, struct nicsim_dev *owner, struct nicsim_ring *r,
			const char *stuck)
{
	if (likely(!r->turning_on && !r->turning_off))
		return false;
	if (nicsim_now(dev) < r->due)
		return false;
	if (r->turning_off)
		r->on = r->turning_off = r->read_back = false;
	return r->turning_on && !owner->removed && !nicsim_fault(dev, stuck, NULL);
}

bool nicsim_ring_start(struct nicsim_dev *owner, struct nicsim_ring *r,
		       struct nicsim_ring_name name, u64 base, u32 bytes, u32 max)
{
	r->base = base;
	r->size = bytes / NICSIM_RING_DESC;
	r->on = true;
	r->turning_on = false;
	r->hung = true;
	if (!r->size || r->size > max)
		nicsim_error(owner, NICSIM_E_STATE,
			     "%cXDCTL[%u].ENABLE with a ring of %u descriptors", name.way,
			     name.index, r->size);
	else if (!nicsim_dma_ok(owner, base, (u64)r->size * NICSIM_RING_DESC))
		nicsim_error(owner, NICSIM_E_DMA, "%cXDCTL[%u].ENABLE: ring %llx is not in RAM",
			     name.way, name.index, (unsigned long long)base);
	else
		r->hung = false;
	return !r->hung;
}

void nicsim_ring_head(struct nicsim_dev *owner, struct nicsim_ring *r, struct nicsim_ring_name name,
		      u32 v)
{
	if (r->on && r->size && (v & 0xffff) != r->head)
		nicsim_error(owner, NICSIM_E_STATE, "%cDH[%u] written with %u while enabled",
			     name.way, name.index, v);
	else
		r->head = v & 0xffff;
}

bool nicsim_ring_tail(struct nicsim_dev *owner, struct nicsim_ring *r, struct nicsim_ring_name name,
		      u32 tail)
{
	if ((!r->on || !r->read_back) && tail != r->head)
		nicsim_error(owner, NICSIM_E_STATE,
			     "%cDT[%u] written with %u before %cXDCTL.ENABLE was read as 1",
			     name.way, name.index, tail, name.way);
	if (!r->on || !r->size) {
		r->tail = tail;
		return false;
	}
	if (tail >= r->size) {
		nicsim_error(owner, NICSIM_E_TAIL, "%cDT[%u] is %u of %u", name.way, name.index,
			     tail, r->size);
		return false;
	}
	if (nicsim_ring_posted(r, tail) < nicsim_ring_posted(r, r->tail))
		nicsim_error(owner, NICSIM_E_TAIL, "%cDT[%u] back from %u to %u, %cDH is %u",
			     name.way, name.index, r->tail, tail, name.way, r->head);
	r->tail = tail;
	return true;
}

/* --- faults ---------------------------------------------------------------------------------- */

void nicsim_ring_skip(struct nicsim_dev *dev, struct nicsim_ring *r, const char *fault)
{
	u64 by;

	if (!nicsim_fault(dev, fault, &by))
		return;
	for (by = by ? by : 1; by && r->head != r->tail; by--)
		r->head = nicsim_ring_next(r, r->head);
}

bool nicsim_hold(struct nicsim_dev *dev, struct nicsim_held *h, u32 index, const u32 *d)
{
	if (h->valid || !nicsim_fault(dev, "rx-order", NULL))
		return false;
	h->valid = true;
	h->index = index;
	memcpy(h->d, d, sizeof(h->d));
	return true;
}

bool nicsim_rx_spoil(struct nicsim_dev *dev, u32 *len, u32 *status, bool last, u32 error)
{
	u64 arg;

	if (likely(!dev->nfaults))
		return true;
	if (nicsim_fault(dev, "rx-no-dd", NULL))
		return false;
	if (nicsim_fault(dev, "rx-no-length", NULL))
		*len &= 0xffff0000u;
	if (nicsim_fault(dev, "rx-length", &arg))
		*len = (*len & 0xffff0000u) | (arg & 0xffff);
	if (last && nicsim_fault(dev, "rx-no-eop", NULL))
		*status &= ~2u;
	if (last && nicsim_fault(dev, "rx-error", &arg))
		*status |= arg ? (u32)arg : error;
	return true;
}

void nicsim_tx_head(struct nicsim_dev *dev, struct nicsim_dev *owner, u64 at, u32 head)
{
	u64 arg;

	if (nicsim_fault(dev, "tx-head-wb", &arg))
		head = (u32)arg;
	if (!nicsim_fault(dev, "tx-no-dd", NULL))
		nicsim_dma_write_back(owner, at, &head, 4);
}
