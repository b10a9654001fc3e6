// SPDX-License-Identifier: MIT
/*
 * Queues and interrupts of an XL710 (8.3.3.1.1 receive queue enable, 8.4.3.1.1 transmit, 7.5.3
 * interrupt causes). Owner QGM, while the port is not running.
 *
 * Vector i + 1 (registers number i) is queue i's. Descriptors are written back in groups unless an
 * interrupt or its timer forces them: while nobody is to be interrupted, WB_ON_ITR does.
 *
 * Behind the pairs of the QGMs is that of the Flow Director, on the vector of queue 0.
 */
#include "drivers/net/i40e/i40e.h"

enum { DEFAULT_INTERVAL_US = 20 };

u32 i40e_frame_max(const struct i40e *e)
{
	return e->port->jumbo ? (u32)PORT_FRAME_JUMBO : (u32)I40E_FRAME_MAX;
}

void i40e_setup_count(struct i40e *e)
{
	struct port *p = e->port;

	e->queues = MIN(MAX(MAX(p->rx_queues, p->tx_queues), (u16)1), (u16)e->offer);
	e->on = ((1u << e->queues) - 1) & ~p->draining;
	for (u32 i = 0; i < e->queues; i++) {
		if (i40e_buffers(p, i)) /* not drained */
			e->on &= ~(1u << i);
	}
	/* Rules for flows are for those who can choose. */
	e->fdir.on = e->fdir.scratch_iova && e->queues > 1 && e->total > e->queues;
}

/* Pairs with that of the Flow Director; which of them are to run. */
static u32 pairs(const struct i40e *e)
{
	return e->queues + e->fdir.on;
}

static u32 wanted(const struct i40e *e)
{
	return e->on | (u32)e->fdir.on << e->queues;
}

static void setup_rx_queue(struct i40e *e, u32 i)
{
	rx_ring_begin(&e->queue[i].rx, i40e_frame_max(e), I40E_QRX_TAIL + I40E_STRIDE_QRX_TAIL * i);
	i40e_hmc_rx_context(e, i);
	i40e_wrn(e, QRX_TAIL, i, 0); /* the first rx() of its QGM posts buffers */
	i40e_wrn(e, QRX_ENA, i, QENA_REQ);
}

static u32 txpre(const struct i40e *e, u32 i, u32 action)
{
	return (e->first_queue + i) % TXPRE_QUEUES | action;
}

static void enable_tx_queue(struct i40e *e, u32 i)
{
	i40e_wrn(e, QTX_CTL, i, QTX_CTL_PF_QUEUE | (u32)e->pf << QTX_CTL_PF_INDX_SHIFT);
	i40e_wrn(e, GLLAN_TXPRE_QDIS, (e->first_queue + i) / TXPRE_QUEUES,
		 txpre(e, i, TXPRE_QDIS_CLEAR));
	i40e_wrn(e, QTX_ENA, i, QENA_REQ);
	i40e_wrn(e, QTX_TAIL, i, 0);
}

static void setup_tx_queue(struct i40e *e, u32 i)
{
	tx_ring_begin(&e->queue[i].tx, RING_BY_MARK, i40e_frame_max(e),
		      I40E_QTX_TAIL + I40E_STRIDE_QTX_TAIL * i);
	i40e_hmc_tx_context(e, i);
	enable_tx_queue(e, i);
}

static void setup_fdir(struct i40e *e)
{
	i40e_fdir_begin(e);
	i40e_hmc_fdir_contexts(e);
	enable_tx_queue(e, e->queues);
	i40e_wrn(e, QRX_TAIL, e->queues, 0);
	i40e_wrn(e, QRX_ENA, e->queues, QENA_REQ);
}

static void setup_interrupts(const struct i40e *e)
{
	u32 us = e->port->irq_interval ? e->port->irq_interval : (u32)DEFAULT_INTERVAL_US;
	u32 units = MIN(us / ITR_UNIT_US, (u32)ITR_MAX);

	i40e_wr(e, I40E_PFINT_DYN_CTL0, DYN_CTLN_NOITR);
	i40e_wr(e, I40E_PFINT_LNKLST0, LNKLST_END);
	i40e_rd(e, I40E_PFINT_ICR0); /* causes of before */
	i40e_wr(e, I40E_PFINT_ICR0_ENA,
		ICR0_ECC_ERR | ICR0_MAL_DETECT | ICR0_GRST | ICR0_PCI_EXCEPTION | ICR0_HMC_ERR);
	for (u32 i = 0; i < e->queues; i++) {
		i40e_wrn(e, PFINT_ITRN, i, units);
		i40e_wrn(e, PFINT_LNKLSTN, i, i);
		i40e_wrn(e, QINT_TQCTL, i, 0);
		i40e_wrn(e, QINT_RQCTL, i,
			 (i + 1) | RQCTL_CAUSE_ENA |
				 (i || !e->fdir.on ? (u32)RQCTL_NEXTQ_END
						   : e->queues << RQCTL_NEXTQ_SHIFT));
		i40e_wrn(e, PFINT_DYN_CTLN, i, DYN_CTLN_WB_ON_ITR | DYN_CTLN_NOITR);
	}
	if (e->fdir.on) {
		i40e_wrn(e, QINT_TQCTL, e->queues, 0);
		i40e_wrn(e, QINT_RQCTL, e->queues, 1 | RQCTL_NEXTQ_END | RQCTL_CAUSE_ENA);
	}
}

void i40e_setup(struct i40e *e)
{
	i40e_rss_setup(e);
	setup_interrupts(e);
	for (u32 i = 0; i < e->queues; i++) {
		e->watch[i] = (struct ring_watch){ 0 };
		if (!(e->on >> i & 1))
			continue;
		setup_tx_queue(e, i);
		setup_rx_queue(e, i);
	}
	if (e->fdir.on)
		setup_fdir(e);
	e->bad = (struct bad_watch){ 0 };
	e->asking = I40E_ASK_NOTHING;
}

bool i40e_queues_run(const struct i40e *e)
{
	for (u32 i = 0; i < pairs(e); i++)
		if (wanted(e) >> i & 1 && (!(i40e_rdn(e, QRX_ENA, i) & QENA_STAT) ||
					   !(i40e_rdn(e, QTX_ENA, i) & QENA_STAT)))
			return false;
	return true;
}

bool i40e_queues_off(const struct i40e *e)
{
	for (u32 i = 0; i < pairs(e); i++)
		if (i40e_rdn(e, QRX_ENA, i) & QENA_STAT || i40e_rdn(e, QTX_ENA, i) & QENA_STAT)
			return false;
	return true;
}

void i40e_queues_warn(const struct i40e *e)
{
	i40e_wr(e, I40E_PFINT_ICR0_ENA, 0);
	i40e_wr(e, I40E_PFINT_DYN_CTL0, DYN_CTLN_NOITR);
	for (u32 i = 0; i < e->queues; i++)
		i40e_wrn(e, PFINT_DYN_CTLN, i, DYN_CTLN_NOITR);
	for (u32 i = 0; i < pairs(e); i++)
		i40e_wrn(e, GLLAN_TXPRE_QDIS, (e->first_queue + i) / TXPRE_QUEUES,
			 txpre(e, i, TXPRE_QDIS_SET));
}

void i40e_queues_disable(const struct i40e *e)
{
	for (u32 i = 0; i < pairs(e); i++) {
		i40e_wrn(e, QINT_RQCTL, i, 0);
		i40e_wrn(e, QTX_ENA, i, 0);
		i40e_wrn(e, QRX_ENA, i, 0);
	}
}
