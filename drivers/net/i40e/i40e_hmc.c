// SPDX-License-Identifier: MIT
/*
 * Host memory cache of an XL710 (7.9): the contexts of its queues lie in our memory. One segment
 * of one page holds the transmit contexts of our queues and behind them the receive contexts.
 * A context is a string of bit fields (8.3.3.2.2 receive, 8.4.3.4.2 transmit). Owner QGM.
 */
#include "drivers/net/i40e/i40e.h"

enum { TX_CONTEXT = 128, RX_CONTEXT = 32, LINE_BITS = 128 };

int i40e_hmc_alloc(struct device *d, struct i40e *e)
{
	e->hmc_pages = dma_alloc(d, HMC_PAGE, HMC_PAGE, &e->hmc_pages_iova);
	e->hmc = dma_alloc(d, HMC_PAGE, HMC_PAGE, &e->hmc_iova);
	return e->hmc_pages && e->hmc ? 0 : -ENOMEM;
}

/* Bits [lsb, lsb + width) of a context. */
static void put(u8 *context, u32 lsb, u32 width, u64 v)
{
	for (u32 i = 0; i < width; i++, lsb++) {
		u8 bit = (u8)(1u << lsb % 8);

		if (v >> i & 1)
			context[lsb / 8] |= bit;
		else
			context[lsb / 8] &= (u8)~bit;
	}
}

static u8 *context_begin(u8 *context, u32 bytes)
{
	for (u32 i = 0; i < bytes; i++)
		context[i] = 0;
	return context;
}

static u8 *rx_context(struct i40e *e, u32 i, iova_t ring, u32 slots, u32 buffer, u32 frame)
{
	u8 *c = context_begin(e->hmc + e->hmc_rx + ((u64)i << e->rx_size_log2), RX_CONTEXT);

	put(c, 32, 57, ring / 128);        /* BASE */
	put(c, 89, 13, slots);             /* QLEN */
	put(c, 102, 7, buffer / 128);      /* DBUFF */
	put(c, 116, 1, 0);                 /* DSIZE: 16 bytes */
	put(c, 117, 1, 1);                 /* CRCSTRIP */
	put(c, 119, 1, 1);                 /* L2TSEL */
	put(c, 174, 14, frame + I40E_FCS); /* RXMAX */
	put(c, 201, 1, 1);                 /* must be 1 */
	return c;
}

static u8 *tx_context(struct i40e *e, u32 i, iova_t ring, u32 slots)
{
	u8 *c = context_begin(e->hmc + ((u64)i << e->tx_size_log2), TX_CONTEXT);

	put(c, 30, 1, 1);                                    /* NEW_CONTEXT */
	put(c, 32, 57, ring / 128);                          /* BASE */
	put(c, 33 + LINE_BITS, 13, slots);                   /* QLEN */
	put(c, 84 + 7 * LINE_BITS, 10, e->vsi.qs_handle[0]); /* RDYLIST */
	return c;
}

void i40e_hmc_rx_context(struct i40e *e, u32 i)
{
	const struct rx_ring *q = &e->queue[i].rx;
	u32 buffer = e->port->jumbo ? (u32)I40E_BUFFER_JUMBO : (u32)POOL_CLASS_STD;
	u8 *c = rx_context(e, i, q->iova, RING_SLOTS, buffer, q->room);

	put(c, 198, 3, 1); /* LRXQTHRESH: 64 descriptors */
}

void i40e_hmc_tx_context(struct i40e *e, u32 i)
{
	tx_context(e, i, e->queue[i].tx.iova, RING_SLOTS);
}

void i40e_hmc_fdir_contexts(struct i40e *e)
{
	struct i40e_fdir *fd = &e->fdir;

	rx_context(e, e->queues, fd->rx_iova, I40E_FDIR_RING, POOL_CLASS_STD, I40E_FRAME_MAX);
	put(tx_context(e, e->queues, fd->tx_iova, I40E_FDIR_RING), 91, 1, 1); /* FD_ENA */
}

int i40e_hmc_setup(struct i40e *e)
{
	u32 max = i40e_rd(e, I40E_GLHMC_LANQMAX), n = e->queues + e->fdir.on;
	/* Read once each: a device that is taken out may say something else the next time. */
	u32 tx = i40e_rd(e, I40E_GLHMC_LANTXOBJSZ), rx = i40e_rd(e, I40E_GLHMC_LANRXOBJSZ);

	e->tx_size_log2 = (u8)MIN(tx, 31u);
	e->rx_size_log2 = (u8)MIN(rx, 31u);
	tx = n << e->tx_size_log2;
	e->hmc_rx = (tx + HMC_ALIGN - 1) & ~(u32)(HMC_ALIGN - 1);
	rx = n << e->rx_size_log2;
	if (n > max || (1u << e->tx_size_log2) < TX_CONTEXT ||
	    (1u << e->rx_size_log2) < RX_CONTEXT || e->tx_size_log2 > 9 || e->rx_size_log2 > 9 ||
	    e->hmc_rx + rx > HMC_PAGE)
		return -EIO;
	for (u32 i = 0; i < HMC_PAGES; i++)
		e->hmc_pages[i] = 0;
	e->hmc_pages[0] = e->hmc_iova | HMC_PAGE_LIVE;
	i40e_wr(e, I40E_PFHMC_SDDATAHIGH, (u32)(e->hmc_pages_iova >> 32));
	i40e_wr(e, I40E_PFHMC_SDDATALOW,
		(u32)e->hmc_pages_iova | HMC_PAGES << SDDATALOW_BPCOUNT_SHIFT | SDDATALOW_VALID);
	i40e_wr(e, I40E_PFHMC_SDCMD, SDCMD_WR); /* segment 0 */
	i40e_wr(e, I40E_PFHMC_PDINV, 0);        /* its page 0 */
	i40e_wrn(e, GLHMC_LANTXBASE, e->pf, 0);
	i40e_wrn(e, GLHMC_LANTXCNT, e->pf, n);
	i40e_wrn(e, GLHMC_LANRXBASE, e->pf, e->hmc_rx / HMC_ALIGN);
	i40e_wrn(e, GLHMC_LANRXCNT, e->pf, n);
	return 0;
}
