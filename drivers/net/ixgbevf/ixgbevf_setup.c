// SPDX-License-Identifier: MIT
/* What the registers of a virtual function are set to after a reset (8.3). Owner QGM, while the
 * port is not running. */
#include "drivers/net/ixgbevf/ixgbevf.h"

enum { DEFAULT_INTERVAL_US = 20, QUEUES_OF_VTIVAR = 2 };

static void setup_rx_queue(struct ixgbevf *v, u32 i)
{
	struct rx_ring *q = &v->queue[i].rx;
	u32 kib = v->port->jumbo ? POOL_CLASS_JUMBO / 1024 : POOL_CLASS_STD / 1024;

	rx_ring_begin(q, ixgbevf_frame_max(v), IXGBEVF_VFRDT + IXGBEVF_STRIDE_VFRDT * i);
	ixgbevf_wrn(v, VFRDBAL, i, (u32)q->iova);
	ixgbevf_wrn(v, VFRDBAH, i, (u32)(q->iova >> 32));
	ixgbevf_wrn(v, VFRDLEN, i, RING_BYTES);
	ixgbevf_wrn(v, VFRDH, i, 0);
	ixgbevf_wrn(v, VFRDT, i, 0); /* the first rx() of its QGM posts buffers */
	/* A ring without descriptors does not hold up the device's other functions. */
	ixgbevf_wrn(v, VFSRRCTL, i, kib | VFSRRCTL_DESCTYPE_ONEBUF | VFSRRCTL_DROP_EN);
	ixgbevf_wrn(v, VFDCA_RXCTRL, i,
		    ixgbevf_rdn(v, VFDCA_RXCTRL, i) & ~(u32)VFDCA_RXCTRL_MUST_BE_0);
	ixgbevf_wrn(v, VFRXDCTL, i,
		    (ixgbevf_rdn(v, VFRXDCTL, i) & ~(u32)VFRXDCTL_VME) | VFRXDCTL_ENABLE);
}

static void setup_tx_queue(struct ixgbevf *v, u32 i)
{
	struct tx_ring *q = &v->queue[i].tx;

	tx_ring_begin(q, RING_BY_HEAD, ixgbevf_frame_max(v),
		      IXGBEVF_VFTDT + IXGBEVF_STRIDE_VFTDT * i);
	ixgbevf_wrn(v, VFTDBAL, i, (u32)q->iova);
	ixgbevf_wrn(v, VFTDBAH, i, (u32)(q->iova >> 32));
	ixgbevf_wrn(v, VFTDLEN, i, RING_BYTES);
	ixgbevf_wrn(v, VFTDH, i, 0);
	ixgbevf_wrn(v, VFTDT, i, 0);
	ixgbevf_wrn(v, VFTDWBAH, i, (u32)(q->head_iova >> 32));
	ixgbevf_wrn(v, VFTDWBAL, i, (u32)q->head_iova | VFTDWBAL_HEAD_WB_EN);
	/* Heads must not overtake each other on the bus. */
	ixgbevf_wrn(v, VFDCA_TXCTRL, i,
		    ixgbevf_rdn(v, VFDCA_TXCTRL, i) & ~(u32)VFDCA_TXCTRL_WB_RO_EN);
	ixgbevf_wrn(v, VFTXDCTL, i, VFTXDCTL_PTHRESH | VFTXDCTL_HTHRESH);
	ixgbevf_wrn(v, VFTXDCTL, i, VFTXDCTL_PTHRESH | VFTXDCTL_HTHRESH | VFTXDCTL_ENABLE);
}

/* Vector = queue, as far as they go; a vector masks itself when it fires. */
static void setup_interrupts(const struct ixgbevf *v)
{
	u32 us = v->port->irq_interval ? v->port->irq_interval : (u32)DEFAULT_INTERVAL_US;
	u32 units = MIN(us / 2, (u32)VTEITR_INTERVAL_MAX);
	u32 vectors = MIN((u32)v->port->rx_queues, (u32)IXGBEVF_VECTORS), vtivar = 0;

	ixgbevf_wr(v, IXGBEVF_VTEIAC, (1u << vectors) - 1);
	ixgbevf_wr(v, IXGBEVF_VTEIAM, (1u << vectors) - 1);
	for (u32 i = 0; i < vectors; i++) {
		vtivar |= (i | VTIVAR_VALID) << i * 16; /* reception only */
		ixgbevf_wrn(v, VTEITR, i, units << VTEITR_INTERVAL_SHIFT | VTEITR_CNT_WDIS);
	}
	ixgbevf_wr(v, IXGBEVF_VTIVAR, vtivar);
	for (u32 i = 1; i < PORT_QUEUES / QUEUES_OF_VTIVAR; i++)
		ixgbevf_wrn(v, VTIVAR, i, 0);
	ixgbevf_wr(v, IXGBEVF_VTIVAR_MISC, 0);
}

void ixgbevf_setup(struct ixgbevf *v)
{
	struct port *p = v->port;

	v->queues = MIN(MAX(MAX(p->rx_queues, p->tx_queues), (u16)1), (u16)v->offer);
	v->on = ((1u << v->queues) - 1) & ~p->draining;
	for (u32 i = 0; i < v->queues; i++) {
		v->watch[i] = (struct ring_watch){ 0 };
		if (ixgbevf_buffers(p, i)) /* not drained */
			v->on &= ~(1u << i);
		if (!(v->on >> i & 1))
			continue;
		setup_tx_queue(v, i);
		setup_rx_queue(v, i);
	}
	ixgbevf_wr(v, IXGBEVF_VFPSRTYPE, 0); /* queue 0, until spread() */
	setup_interrupts(v);
	v->bad = (struct bad_watch){ 0 };
	ixgbevf_stats_begin(v);
}

bool ixgbevf_queues_run(const struct ixgbevf *v)
{
	for (u32 i = 0; i < v->queues; i++)
		if (v->on >> i & 1 && (!(ixgbevf_rdn(v, VFRXDCTL, i) & VFRXDCTL_ENABLE) ||
				       !(ixgbevf_rdn(v, VFTXDCTL, i) & VFTXDCTL_ENABLE)))
			return false;
	return true;
}

void ixgbevf_queues_disable(const struct ixgbevf *v)
{
	ixgbevf_wr(v, IXGBEVF_VTEIMC, VTEIMC_ALL);
	for (u32 i = 0; i < v->queues; i++) {
		ixgbevf_wrn(v, VFRXDCTL, i, ixgbevf_rdn(v, VFRXDCTL, i) & ~(u32)VFRXDCTL_ENABLE);
		ixgbevf_wrn(v, VFTXDCTL, i, ixgbevf_rdn(v, VFTXDCTL, i) & ~(u32)VFTXDCTL_ENABLE);
	}
}

bool ixgbevf_queues_off(const struct ixgbevf *v)
{
	for (u32 i = 0; i < v->queues; i++)
		if (ixgbevf_rdn(v, VFRXDCTL, i) & VFRXDCTL_ENABLE ||
		    ixgbevf_rdn(v, VFTXDCTL, i) & VFTXDCTL_ENABLE)
			return false;
	return true;
}

/*
 * Key and table of the hash are the host's: of them we have so many low bits of a table's entry as
 * VFPSRTYPE.RQPL says. All queues from 0 on whose QGM is up, a power of two.
 */
void ixgbevf_spread(struct port *p, const struct reta *r)
{
	const struct ixgbevf *v = p->priv;
	u32 up = 0, bits = 0;

	for (u32 i = 0; i < r->size; i++)
		up |= r->entry[i] < PORT_QUEUES ? 1u << r->entry[i] : 0;
	while (2u << bits <= p->rx_queues && !(~up & ((1u << (2u << bits)) - 1)))
		bits++;
	ixgbevf_wr(v, IXGBEVF_VFPSRTYPE, bits << VFPSRTYPE_RQPL_SHIFT);
}
