// SPDX-License-Identifier: MIT
/*
 * What the registers of an 82599 are set to after a reset (4.6.3.2, 4.6.7 receive, 4.6.8 transmit,
 * 4.6.11.3.4 neither DCB nor virtualization). Owner QGM, while the port is not running.
 *
 * Every frame is received, and dropped by name when it is not ours: a filter in the NIC would lose
 * it without a trace. Pause frames are handed up like any other control frame and not obeyed: a
 * neighbour cannot hold a router's port, and a transmitter that does not move hangs.
 */
#include "drivers/net/ixgbe/ixgbe.h"

enum {
	FCRTH_FROM_TOP = 0x6000, /* 4.6.3.2 */
	DEFAULT_INTERVAL_US = 20,
	ROWS = 128,
	ROWS_PER_CALL = 2,
	STATS_PER_CALL = 4,
	PRIVATE_TABLES = 128,
};

/* Rows that a call empties, so that other ports of the core are not kept waiting. */
bool ixgbe_tables(struct ixgbe *e)
{
	for (u32 end = e->row + ROWS_PER_CALL; e->row < end; e->row++) {
		u32 i = e->row;

		ixgbe_wrn(e, PFUTA, i, 0);
		ixgbe_wrn(e, MTA, i, 0);
		ixgbe_wrn(e, VFTA, i, 0);
		ixgbe_wrn(e, PFVLVFB, i, 0);
		ixgbe_wrn(e, FTQF, i, 0);
		ixgbe_wrn(e, MPSAR, 2 * i, i == 0);
		ixgbe_wrn(e, MPSAR, 2 * i + 1, 0);
		if (i)
			ixgbe_wrn(e, RAH, i, 0);
		if (i < 64)
			ixgbe_wrn(e, PFVLVF, i, 0);
		if (i < 8)
			ixgbe_wrn(e, ETQF, i, 0);
		ixgbe_wr(e, IXGBE_RTTDQSEL, i);
		ixgbe_wr(e, IXGBE_RTTDT1C, 0);
	}
	ixgbe_stats_step(e, STATS_PER_CALL);
	return e->row >= ROWS;
}

static void setup_address(const struct ixgbe *e)
{
	const u8 *m = e->port->mac;

	ixgbe_wrn(e, RAL, 0, m[0] | (u32)m[1] << 8 | (u32)m[2] << 16 | (u32)m[3] << 24);
	ixgbe_wrn(e, RAH, 0, m[4] | (u32)m[5] << 8 | RAH_AV);
}

/* What the Flow Director leaves. */
static u32 packet_buffer(const struct ixgbe *e)
{
	return e->variant->rx_buffer - (e->queues > 1 ? RXPBSIZE_FDIR : 0);
}

static void setup_flow_control(const struct ixgbe *e)
{
	for (u32 i = 0; i < 4; i++)
		ixgbe_wrn(e, FCTTV, i, 0);
	for (u32 i = 0; i < 8; i++) {
		ixgbe_wrn(e, FCRTL, i, 0);
		ixgbe_wrn(e, FCRTH, i, i ? 0 : packet_buffer(e) - FCRTH_FROM_TOP);
	}
	ixgbe_wr(e, IXGBE_FCRTV, 0);
	ixgbe_wr(e, IXGBE_FCCFG, 0);
	ixgbe_wr(e, IXGBE_MFLCN, MFLCN_PMCF);
}

void ixgbe_filters(const struct ixgbe *e)
{
	ixgbe_wr(e, IXGBE_FCTRL, FCTRL_UPE | FCTRL_MPE | FCTRL_BAM);
	ixgbe_wr(e, IXGBE_VLNCTRL, ETHERTYPE_VLAN); /* no VLAN filter, tags stay */
	ixgbe_wr(e, IXGBE_MCSTCTRL, 0);
}

static u32 frame_max(const struct ixgbe *e)
{
	return e->port->jumbo ? (u32)PORT_FRAME_JUMBO : (u32)IXGBE_FRAME_MAX;
}

static void setup_mac(const struct ixgbe *e)
{
	u32 v = ixgbe_rd(e, IXGBE_HLREG0);

	/* A length field that is not the length is the engine's to judge. */
	v &= ~(u32)(HLREG0_LPBK | HLREG0_RXLNGTHERREN);
	v |= HLREG0_TXCRCEN | HLREG0_RXCRCSTRP | HLREG0_JUMBOEN | HLREG0_TXPADEN;
	ixgbe_wr(e, IXGBE_HLREG0, v);
	ixgbe_wr(e, IXGBE_MAXFRS, (frame_max(e) + IXGBE_FCS - IXGBE_TAG) << MAXFRS_MFS_SHIFT);
}

static void setup_rx(struct ixgbe *e)
{
	u32 v = ixgbe_rd(e, IXGBE_RDRXCTL);

	v &= ~(u32)RDRXCTL_RSCFRSTSIZE;
	ixgbe_wr(e, IXGBE_RDRXCTL, v | RDRXCTL_CRCSTRIP | RDRXCTL_RSCACKC | RDRXCTL_FCOE_WRFIX);
	ixgbe_wr(e, IXGBE_RFCTL, ixgbe_rd(e, IXGBE_RFCTL) | RFCTL_RSC_DIS);
	ixgbe_wr(e, IXGBE_RXCSUM, RXCSUM_PCSD);
	for (u32 i = 0; i < 8; i++)
		ixgbe_wrn(e, RXPBSIZE, i, i ? 0 : packet_buffer(e));
	ixgbe_fdir_setup(e);
	ixgbe_rss_setup(e);
	ixgbe_wr(e, IXGBE_CTRL_EXT,
		 ixgbe_rd(e, IXGBE_CTRL_EXT) | CTRL_EXT_NS_DIS | CTRL_EXT_DRV_LOAD);
}

static void setup_tx(const struct ixgbe *e)
{
	ixgbe_wr(e, IXGBE_RTTDCS, ixgbe_rd(e, IXGBE_RTTDCS) | RTTDCS_ARBDIS);
	ixgbe_wr(e, IXGBE_DTXMXSZRQ, DTXMXSZRQ_MAX);
	for (u32 i = 0; i < 8; i++) {
		/* The threshold, in KiB: the buffer less the largest frame, 8.2.3.9.16. */
		ixgbe_wrn(e, TXPBSIZE, i, i ? 0 : TXPBSIZE_ALL);
		ixgbe_wrn(e, TXPBTHRESH, i,
			  i ? 0 : TXPBSIZE_ALL / 1024 - (frame_max(e) + 1023) / 1024);
	}
	ixgbe_wr(e, IXGBE_MTQC, 0);
	ixgbe_wr(e, IXGBE_RTTDCS, ixgbe_rd(e, IXGBE_RTTDCS) & ~(u32)RTTDCS_ARBDIS);
	ixgbe_wr(e, IXGBE_DMATXCTL, ixgbe_rd(e, IXGBE_DMATXCTL) | DMATXCTL_TE);
}

/* --- queues -------------------------------------------------------------------------------- */

static void setup_rx_queue(struct ixgbe *e, u32 i)
{
	struct rx_ring *q = &e->queue[i].rx;
	u32 kib = e->port->jumbo ? POOL_CLASS_JUMBO / 1024 : POOL_CLASS_STD / 1024;

	/* Room: what MAXFRS lets through, without the FCS. */
	rx_ring_begin(q, frame_max(e), IXGBE_RDT + IXGBE_STRIDE_RDT * i);
	ixgbe_wrn(e, RDBAL, i, (u32)q->iova);
	ixgbe_wrn(e, RDBAH, i, (u32)(q->iova >> 32));
	ixgbe_wrn(e, RDLEN, i, RING_BYTES);
	ixgbe_wrn(e, RDH, i, 0);
	ixgbe_wrn(e, RDT, i, 0); /* the first rx() of its QGM posts buffers */
	ixgbe_wrn(e, SRRCTL, i, kib | SRRCTL_DESCTYPE_ONEBUF | SRRCTL_DROP_EN);
	ixgbe_wrn(e, RSCCTL, i, 0);
	ixgbe_wrn(e, DCA_RXCTRL, i, ixgbe_rdn(e, DCA_RXCTRL, i) & ~(u32)DCA_RXCTRL_MUST_BE_0);
	ixgbe_wrn(e, RXDCTL, i, (ixgbe_rdn(e, RXDCTL, i) & ~(u32)RXDCTL_VME) | RXDCTL_ENABLE);
}

static void setup_tx_queue(struct ixgbe *e, u32 i)
{
	struct tx_ring *q = &e->queue[i].tx;

	tx_ring_begin(q, RING_BY_HEAD, frame_max(e), IXGBE_TDT + IXGBE_STRIDE_TDT * i);
	ixgbe_wrn(e, TDBAL, i, (u32)q->iova);
	ixgbe_wrn(e, TDBAH, i, (u32)(q->iova >> 32));
	ixgbe_wrn(e, TDLEN, i, RING_BYTES);
	ixgbe_wrn(e, TDH, i, 0);
	ixgbe_wrn(e, TDT, i, 0);
	ixgbe_wrn(e, TDWBAH, i, (u32)(q->head_iova >> 32));
	ixgbe_wrn(e, TDWBAL, i, (u32)q->head_iova | TDWBAL_HEAD_WB_EN);
	/* Heads must not overtake each other on the bus. */
	ixgbe_wrn(e, DCA_TXCTRL, i, ixgbe_rdn(e, DCA_TXCTRL, i) & ~(u32)DCA_TXCTRL_WB_RO_EN);
	ixgbe_wrn(e, TXDCTL, i, TXDCTL_PTHRESH | TXDCTL_HTHRESH);
	ixgbe_wrn(e, TXDCTL, i, TXDCTL_PTHRESH | TXDCTL_HTHRESH | TXDCTL_ENABLE);
}

bool ixgbe_queues_run(const struct ixgbe *e)
{
	for (u32 i = 0; i < e->queues; i++) {
		if (e->on >> i & 1 && (!(ixgbe_rdn(e, RXDCTL, i) & RXDCTL_ENABLE) ||
				       !(ixgbe_rdn(e, TXDCTL, i) & TXDCTL_ENABLE)))
			return false;
	}
	return true;
}

/* Vector = queue; a vector masks itself when it fires. Counters of queue i: number i. */
static void setup_interrupts(const struct ixgbe *e)
{
	u32 us = e->port->irq_interval ? e->port->irq_interval : (u32)DEFAULT_INTERVAL_US;
	u32 units = MIN(us / 2, 0x1ffu), mask = (1u << e->queues) - 1;

	ixgbe_wr(e, IXGBE_GPIE, GPIE_MULTIPLE_MSIX | GPIE_OCD | GPIE_EIAME | GPIE_PBA_SUPPORT);
	ixgbe_wr(e, IXGBE_EIAC, mask);
	ixgbe_wrn(e, EIAM_EX, 0, mask);
	for (u32 i = 0; i < e->queues; i++) {
		u32 v = ixgbe_rdn(e, IVAR, i / 2), shift = i % 2 * 16;

		v &= ~(0xffffu << shift);
		v |= (i | IVAR_VALID) << shift; /* reception only */
		ixgbe_wrn(e, IVAR, i / 2, v);
		ixgbe_wrn(e, EITR, i, units << EITR_INTERVAL_SHIFT | EITR_CNT_WDIS);
	}
	for (u32 i = 0; i < 4; i++) {
		u32 v = i * 4 | (i * 4 + 1) << 8 | (i * 4 + 2) << 16 | (i * 4 + 3) << 24;

		ixgbe_wrn(e, RQSMR, i, v);
		ixgbe_wrn(e, TQSM, i, v);
	}
}

void ixgbe_setup(struct ixgbe *e)
{
	struct port *p = e->port;

	e->queues = MIN(MAX(MAX(p->rx_queues, p->tx_queues), (u16)1), (u16)PORT_QUEUES);
	e->on = ((1u << e->queues) - 1) & ~p->draining;
	for (u32 i = 0; i < e->queues; i++) {
		if (ixgbe_buffers(p, i)) /* not drained */
			e->on &= ~(1u << i);
	}
	setup_flow_control(e);
	setup_address(e);
	ixgbe_filters(e);
	setup_mac(e);
	setup_rx(e);
	setup_tx(e);
	setup_interrupts(e);
	for (u32 i = 0; i < e->queues; i++) {
		e->watch[i] = (struct ring_watch){ 0 };
		if (!(e->on >> i & 1))
			continue;
		setup_tx_queue(e, i);
		setup_rx_queue(e, i);
	}
	e->rx_stuck = 0;
	e->bad = (struct bad_watch){ 0 };
}
