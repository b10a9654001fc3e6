// SPDX-License-Identifier: MIT
/* Reception: queue by RSS, a head buffer, a completion. */
#include <string.h>

#include "tools/nicsim/vmxnet3/vmx.h"

enum {
	LEN = 0x3fff, /* of a descriptor's and a completion's dword 2 */
	BTYPE = 1 << 14,
	EOP = 1 << 14, /* completion, dword 0 */
	SOP = 1 << 15,
	ERR = 1 << 14, /* dword 2 */
	RQID_SHIFT = 16,
	OUT_OF_BUF = 8,
	RX_ERROR = 9,
	M_UCAST = 1,
	M_BCAST = 4,
	M_ALL_MULTI = 8,
	M_PROMISC = 16,
	TCP = 6,
};

/* The queue of a frame: hash over addresses, of TCP over ports too. */
static u32 queue_of(const struct vmx *v, const u8 *f, u32 len)
{
	u8 in[36];
	u32 n = 0;

	if (!v->rss || len < 54)
		return 0;
	if (f[12] == 8 && f[13] == 0 && f[14] >> 4 == 4) {
		u32 l4 = 14 + (f[14] & 15u) * 4;

		memcpy(in, f + 26, 8);
		n = 8;
		if (f[23] == TCP && !((f[20] & 0x3f) | f[21]) && len >= l4 + 4) {
			memcpy(in + 8, f + l4, 4);
			n = 12;
		}
	} else if (f[12] == 0x86 && f[13] == 0xdd && len >= 58) {
		memcpy(in, f + 22, 32);
		n = 32;
		if (f[20] == TCP) {
			memcpy(in + 32, f + 54, 4);
			n = 36;
		}
	}
	return n ? v->table[nicsim_toeplitz(v->key, in, n) % v->table_len] : 0;
}

static bool wanted(const struct vmx *v, const u8 *f)
{
	if (v->rx_mode & M_PROMISC)
		return true;
	if (nicsim_broadcast(f))
		return v->rx_mode & M_BCAST;
	if (f[0] & 1)
		return v->rx_mode & M_ALL_MULTI;
	return v->rx_mode & M_UCAST && !memcmp(f, v->dev->mac, 6);
}

/* The word with the generation. */
static void show(struct vmx *v, struct vmx_queue *q, u64 at, u32 gen)
{
	if (!q->held && nicsim_fault(v->dev, "rx-order", NULL)) {
		q->held = at;
		q->held_gen = gen;
		return;
	}
	nicsim_dma_write_back(v->dev, at, &gen, 4);
	if (q->held)
		nicsim_dma_write_back(v->dev, q->held, &q->held_gen, 4);
	q->held = 0;
}

static void complete(struct vmx *v, struct vmx_queue *q, u32 nr, u32 index, u32 len, bool error)
{
	u32 d[4] = { index | EOP | SOP | nr << RQID_SHIFT, 0, len | (error ? (u32)ERR : 0),
		     q->comp.gen << 31 };
	u64 arg;

	if (nicsim_fault(v->dev, "rx-no-eop", NULL))
		d[0] &= ~(u32)EOP;
	if (nicsim_fault(v->dev, "rx-length-zero", NULL))
		d[2] &= ~(u32)LEN;
	if (nicsim_fault(v->dev, "rx-length-over", &arg))
		d[2] = arg ? (u32)arg : LEN;
	if (nicsim_fault(v->dev, "rx-index", &arg))
		d[0] = (d[0] & ~0xfffu) | (u32)arg;
	if (nicsim_fault(v->dev, "rx-queue", &arg))
		d[0] |= 0x3ffu << RQID_SHIFT;
	if (!nicsim_fault(v->dev, "rx-no-dd", NULL)) {
		nicsim_dma_write(v->dev, vmx_ring_at(&q->comp), d, 8);
		nicsim_dma_write(v->dev, vmx_ring_at(&q->comp) + 8, &d[2], 4);
		show(v, q, vmx_ring_at(&q->comp) + 12, d[3]);
	}
	vmx_ring_step(&q->comp);
	vmx_interrupt(v, q->vector);
}

/* The descriptor at the head of the ring, if it is ours. */
static bool take(struct vmx *v, struct vmx_queue *q, u32 *d)
{
	if (!nicsim_dma_read(v->dev, vmx_ring_at(&q->ring), d, VMX_DESC) ||
	    d[2] >> 31 != q->ring.gen)
		return false;
	if (d[2] & BTYPE || !(d[2] & LEN) || d[2] & 0x7fff8000 || d[3])
		nicsim_error(v->dev, NICSIM_E_DESC, "receive descriptor %u: %08x %08x",
			     q->ring.next, d[2], d[3]);
	return true;
}

bool vmx_rx(struct vmx *v, const u8 *f, u32 len)
{
	u32 nr, d[4], size, index;
	struct vmx_queue *q;
	bool error;
	u64 to;

	if (!v->active || !v->link || !wanted(v, f))
		return false;
	nr = queue_of(v, f, len);
	q = &v->rx[nr];
	if (nicsim_fault(v->dev, "rx-skip", NULL) && take(v, q, d))
		vmx_ring_step(&q->ring); /* a buffer is left out */
	if (!take(v, q, d)) {
		q->stats[OUT_OF_BUF]++;
		return false;
	}
	memcpy(&to, d, 8);
	size = d[2] & LEN;
	index = q->ring.next;
	error = len > size || nicsim_fault(v->dev, "rx-error", NULL);
	vmx_ring_step(&q->ring);
	if (!nicsim_dma_write(v->dev, to, f, MIN(len, size)))
		return false;
	if (error)
		q->stats[RX_ERROR]++;
	else
		vmx_count(q->stats, f, len);
	complete(v, q, nr, index, MIN(len, size), error);
	return true;
}
