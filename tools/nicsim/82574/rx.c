// SPDX-License-Identifier: MIT
/* Reception: filter, queue, write-back into legacy or extended descriptors (data sheet 7.1). */
#include <string.h>

#include "tools/nicsim/82574/n574.h"

enum {
	EN = 1 << 1, /* RCTL */
	UPE = 1 << 3,
	MPE = 1 << 4,
	LPE = 1 << 5,
	BAM = 1 << 15,
	BSEX = 1 << 25,
	SECRC = 1 << 26,
	EXSTEN = 1 << 15, /* RFCTL */
	MASTER_DISABLE = 1 << 2,
	DD = 1,
	EOP = 2,
	MPC = 0x4010,
	RNBC = 0x40a0,
	ROC = 0x40ac,
	FRAME_MAX = 1522 - 4,
};

/* 10.2.5.1: FLXBUF, else BSIZE with BSEX. */
static u32 buffer_bytes(u32 rctl)
{
	u32 bsize = rctl >> 16 & 3;

	if (rctl >> 27 & 15)
		return (rctl >> 27 & 15) * 1024;
	if (!(rctl & BSEX))
		return 2048u >> bsize;
	return bsize ? 32768u >> bsize : 0;
}

static bool accepted(struct n574 *n, const u8 *f)
{
	u32 rctl = *n574_reg(n, N574_RCTL), low = *n574_reg(n, N574_RAL);
	u32 high = *n574_reg(n, N574_RAL + 4);
	u8 own[6] = { (u8)low,         (u8)(low >> 8), (u8)(low >> 16),
		      (u8)(low >> 24), (u8)high,       (u8)(high >> 8) };

	if (nicsim_broadcast(f))
		return rctl & (BAM | MPE);
	if (f[0] & 1)
		return rctl & MPE;
	return rctl & UPE || (high >> 31 && !memcmp(f, own, 6));
}

struct frame {
	const u8 *data;
	u32 len, queue, hash, type;
	bool last;
};

/* The word with DD. */
static void show(struct n574 *n, u32 q, u64 at, u32 status)
{
	u64 held = n->held[q].at;

	if (!held && nicsim_fault(n->dev, "rx-order", NULL)) {
		n->held[q].at = at;
		n->held[q].status = status;
		return;
	}
	nicsim_dma_write_back(n->dev, at, &status, 4);
	if (held)
		nicsim_dma_write_back(n->dev, held, &n->held[q].status, 4);
	n->held[q].at = 0;
}

static void write_back(struct n574 *n, u64 at, const u8 *old, const struct frame *f, u32 len)
{
	bool no_dd = nicsim_fault(n->dev, "rx-no-dd", NULL);
	bool no_eop = f->last && nicsim_fault(n->dev, "rx-no-eop", NULL);
	u32 status = (no_dd ? 0 : DD) | (f->last && !no_eop ? EOP : 0), errors = 0, d[4];
	u64 arg;

	if (nicsim_fault(n->dev, "rx-error", &arg))
		errors = arg ? (u32)arg : 0x80; /* RXE */
	if (nicsim_fault(n->dev, "rx-length-zero", NULL))
		len = 0;
	if (nicsim_fault(n->dev, "rx-length-over", &arg))
		len = arg ? (u32)arg : buffer_bytes(*n574_reg(n, N574_RCTL)) + 1;
	if (nicsim_fault(n->dev, "rx-length-ffff", NULL))
		len = 0xffff;
	if (*n574_reg(n, N574_RFCTL) & EXSTEN) {
		d[0] = f->last ? f->type | f->queue << 8 : 0;
		d[1] = f->last ? f->hash : 0;
		d[2] = status | errors << 24;
		d[3] = len & 0xffff;
	} else {
		memcpy(d, old, 8);
		d[2] = len & 0xffff;
		d[3] = status | errors << 8;
	}
	/* DD is seen last: in an extended descriptor it lies before the length. */
	nicsim_dma_write(n->dev, at, d, 8);
	if (*n574_reg(n, N574_RFCTL) & EXSTEN) {
		nicsim_dma_write(n->dev, at + 12, &d[3], 4);
		show(n, f->queue, at + 8, d[2]);
	} else {
		nicsim_dma_write(n->dev, at + 8, &d[2], 4);
		show(n, f->queue, at + 12, d[3]);
	}
}

static bool put(struct n574 *n, const struct frame *f)
{
	u32 q = f->queue, size = buffer_bytes(*n574_reg(n, N574_RCTL));
	u64 at = n574_head(n, N574_RING_RX, q), to;
	u8 d[N574_DESC];

	if (!at || !nicsim_dma_read(n->dev, at, d, sizeof(d)))
		return false;
	memcpy(&to, d, 8);
	if (*n574_reg(n, N574_RFCTL) & EXSTEN && d[8] & DD)
		nicsim_error(n->dev, NICSIM_E_DESC, "receive descriptor at %llx posted with DD set",
			     (unsigned long long)at);
	if (!nicsim_dma_ok(n->dev, to, MIN(size, 2048u)))
		nicsim_error(n->dev, NICSIM_E_DMA, "receive buffer at %llx",
			     (unsigned long long)to);
	if (!nicsim_dma_write(n->dev, to, f->data, f->len))
		return false;
	write_back(n, at, d, f, f->len);
	n574_advance(n, N574_RING_RX, q);
	return true;
}

/* Descriptors that software has given. */
static u32 given(struct n574 *n, u32 q)
{
	u32 count = *n574_ring(n, N574_RING_RX, q, N574_LENGTH) / N574_DESC;

	if (!count)
		return 0;
	return (*n574_ring(n, N574_RING_RX, q, N574_TAIL) + count -
		*n574_ring(n, N574_RING_RX, q, N574_HEAD)) %
	       count;
}

static bool missed(struct n574 *n)
{
	nicsim_mac_count(n->reg, MPC, 1);
	nicsim_mac_count(n->reg, RNBC, 1);
	n574_cause(n, N574_RXO);
	return false;
}

/* All of a frame into as many buffers as it needs. */
static bool store(struct n574 *n, const u8 *data, u32 len, struct frame *f)
{
	u32 size = buffer_bytes(*n574_reg(n, N574_RCTL));

	u64 jump;

	if (!size || *n574_reg(n, N574_CTRL) & MASTER_DISABLE)
		return false;
	if (nicsim_fault(n->dev, "rx-head-jump", &jump))
		for (jump = MAX(jump, 1ull); jump && given(n, f->queue); jump--)
			n574_advance(n, N574_RING_RX, f->queue);
	if (given(n, f->queue) < (len + size - 1) / size)
		return missed(n);
	for (u32 at = 0; at < len; at += size) {
		f->data = data + at;
		f->len = MIN(len - at, size);
		f->last = at + size >= len;
		if (!put(n, f))
			return false;
	}
	nicsim_mac_rx(n->reg, data, len);
	n574_cause(n, nicsim_msix_on(n->dev) ? (u32)N574_RXQ << f->queue : N574_RXT0);
	return true;
}

bool n574_rx(struct n574 *n, const u8 *data, u32 len)
{
	u32 rctl = *n574_reg(n, N574_RCTL);
	u8 padded[60];
	struct frame f = { 0 };

	if (!(rctl & EN) || !n->link)
		return false;
	if (len < sizeof(padded)) {
		memset(padded, 0, sizeof(padded));
		memcpy(padded, data, len);
		data = padded;
		len = sizeof(padded);
	}
	if (len > FRAME_MAX && !(rctl & LPE)) {
		nicsim_mac_count(n->reg, ROC, 1);
		return false;
	}
	if (!accepted(n, data))
		return false;
	if (!(rctl & SECRC))
		nicsim_error(n->dev, NICSIM_E_STATE, "RCTL %08x: only stripped FCS is modelled",
			     rctl);
	/* 7.1.2.3: the low 7 bits of the hash name a byte, its bit 7 the queue. */
	if (n574_rss(n, data, len, &f.hash, &f.type) && f.type)
		f.queue = ((const u8 *)n574_reg(n, N574_RETA))[f.hash & 127] >> 7;
	return store(n, data, len, &f);
}
