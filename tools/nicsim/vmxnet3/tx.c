// SPDX-License-Identifier: MIT
/* Transmission: descriptors up to the doorbell, each of the right generation. */
#include <string.h>

#include "tools/nicsim/vmxnet3/vmx.h"

enum {
	GEN = 1 << 14, /* dword 2 */
	EOP = 1 << 12, /* dword 3 */
	CQ = 1 << 13,
	LEN = 0x3fff,
	BURST = 64,
	TX_ERROR = 8,
};

void vmx_count(u64 *stats, const u8 *frame, u32 len)
{
	u32 kind = nicsim_by_cast(frame, 2, 4, 6);

	stats[kind]++;
	stats[kind + 1] += len;
}

static void complete(struct vmx *v, struct vmx_queue *q, u32 index)
{
	u32 d[4] = { index, 0, 0, q->comp.gen << 31 };
	u64 arg;

	if (nicsim_fault(v->dev, "tx-index", &arg))
		d[0] = (u32)arg;
	if (!nicsim_fault(v->dev, "tx-no-dd", NULL)) {
		nicsim_dma_write(v->dev, vmx_ring_at(&q->comp), d, 12);
		nicsim_dma_write_back(v->dev, vmx_ring_at(&q->comp) + 12, &d[3], 4);
		vmx_ring_step(&q->comp);
		vmx_interrupt(v, q->vector);
	}
}

static void out(struct vmx *v, struct vmx_queue *q)
{
	if (q->frame_len < 60) {
		nicsim_error(v->dev, NICSIM_E_DESC, "frame of %u bytes", q->frame_len);
		q->stats[TX_ERROR]++;
		return;
	}
	vmx_count(q->stats, q->frame, q->frame_len);
	nicsim_send(v->dev, q->frame, q->frame_len);
}

static bool fetch(struct vmx *v, struct vmx_queue *q)
{
	u32 d[4], len, at = q->ring.next;
	u64 from;

	if (!nicsim_dma_read(v->dev, vmx_ring_at(&q->ring), d, sizeof(d)))
		return false;
	if (!(d[2] & GEN) != !q->ring.gen || !(d[3] & CQ) || d[2] & ~(u32)(GEN | LEN)) {
		nicsim_error(v->dev, NICSIM_E_DESC, "transmit descriptor %u: %08x %08x", at, d[2],
			     d[3]);
		return false;
	}
	memcpy(&from, d, 8);
	len = d[2] & LEN ? d[2] & LEN : LEN + 1;
	if (q->frame_len + len > NICSIM_FRAME_MAX ||
	    !nicsim_dma_read(v->dev, from, q->frame + q->frame_len, len))
		return false;
	q->frame_len += len;
	vmx_ring_step(&q->ring);
	if (d[3] & EOP) {
		out(v, q);
		q->frame_len = 0;
		complete(v, q, at);
	}
	return true;
}

bool vmx_tx(struct vmx *v)
{
	bool more = false;

	if (!v->active || !v->link || nicsim_fault(v->dev, "tx-hang", NULL))
		return false;
	for (u32 i = 0; i < v->txqs; i++) {
		struct vmx_queue *q = &v->tx[i];

		for (u32 n = 0; n < BURST && q->ring.next != q->prod; n++)
			if (!fetch(v, q))
				return false;
		more |= q->ring.next != q->prod;
	}
	return more;
}
