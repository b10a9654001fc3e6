// SPDX-License-Identifier: MIT
/*
 * Bringing an igb up and down, some register accesses a call: stop DMA, wait 10 ms for what is
 * under way on the bus, reset, wait, set up (data sheet 4.5.1 to 4.5.10), wait until the queues
 * run. Owner QGM; nobody else is in a call of the driver meanwhile.
 */
#include "drivers/net/igb/igb.h"

enum { QUIESCE_MS = 10, RESET_MIN_MS = 5, RESET_MAX_MS = 200, QUEUES_MS = 50 };

static void masters_off(struct igb *g)
{
	igb_wr(g, IGB_IMC, 0xffffffff);
	igb_wr(g, IGB_EIMC, 0xffffffff);
	igb_wr(g, IGB_RCTL, 0);
	igb_wr(g, IGB_TCTL, TCTL_PSP);
	for (u32 i = 0; i < g->npairs; i++) {
		igb_wr(g, igb_queue_reg(IGB_RXDCTL, i), 0);
		igb_wr(g, igb_queue_reg(IGB_TXDCTL, i), 0);
		g->pair[i].rx.live = g->pair[i].tx.live = false;
	}
	igb_wr(g, IGB_CTRL, igb_rd(g, IGB_CTRL) | CTRL_GIO_MASTER_DISABLE);
}

static void begin(struct port *p, u64 now)
{
	struct igb *g = p->priv;

	masters_off(g);
	walk_enter(&g->walk, IGB_QUIESCE, now + QUIESCE_MS * g->ms);
}

/* QUIESCE and RESET. 0: the device is reset; -EAGAIN; -ETIMEDOUT. */
static int reset(struct igb *g, u64 now)
{
	u32 v;

	if (g->walk.phase == IGB_QUIESCE) {
		if (now < g->walk.deadline)
			return -EAGAIN;
		igb_wr(g, IGB_CTRL, igb_rd(g, IGB_CTRL) | CTRL_RST);
		g->walk.phase = IGB_RESET;
		g->walk.not_before = now + RESET_MIN_MS * g->ms;
		g->walk.deadline = now + RESET_MAX_MS * g->ms;
		return -EAGAIN;
	}
	if (now < g->walk.not_before)
		return -EAGAIN;
	v = igb_rd(g, IGB_CTRL);
	if (v & CTRL_RST)
		return now < g->walk.deadline ? -EAGAIN : -ETIMEDOUT;
	igb_wr(g, IGB_IMC, 0xffffffff);
	igb_wr(g, IGB_EIMC, 0xffffffff);
	(void)igb_rd(g, IGB_ICR);
	return 0;
}

/* --- set-up after a reset ------------------------------------------------------------------ */

static bool usable(const struct igb *g, u32 i)
{
	return i < MAX(g->port->rx_queues, g->port->tx_queues) && !(g->port->draining >> i & 1);
}

static void setup_address(struct igb *g)
{
	const u8 *m = g->port->mac;

	igb_wr(g, IGB_RAL0, m[0] | (u32)m[1] << 8 | (u32)m[2] << 16 | (u32)m[3] << 24);
	igb_wr(g, IGB_RAH0, m[4] | (u32)m[5] << 8 | RAH_AV);
	for (u32 i = 0; i < IGB_MTA_WORDS; i++)
		igb_wr(g, IGB_MTA + 4 * i, 0);
}

static void setup_link(struct igb *g)
{
	u32 v = igb_rd(g, IGB_CTRL);

	v &= ~(u32)(CTRL_FRCSPD | CTRL_FRCDPX | CTRL_RFCE | CTRL_TFCE | CTRL_GIO_MASTER_DISABLE |
		    CTRL_VME); /* VLAN tags stay in the frame */
	igb_wr(g, IGB_CTRL, v | CTRL_SLU);
	/* The reset leaves the PHY alone: a link that is there stays, which takes seconds to make.
	 */
	if (!(igb_rd(g, IGB_STATUS) & STATUS_LU))
		igb_wr(g, IGB_MDIC, MDIC_RESTART_AN);
	igb_wr(g, IGB_CTRL_EXT, igb_rd(g, IGB_CTRL_EXT) | CTRL_EXT_DRV_LOAD);
}

/* Symmetric: both directions of a flow have the same hash, and go to the same QGM. */
static void setup_rss(struct igb *g)
{
	if (!g->port->reta_size || g->port->rx_queues < 2) {
		igb_wr(g, IGB_MRQC, 0);
		return;
	}
	for (u32 i = 0; i < IGB_RSSRK_WORDS; i++)
		igb_wr(g, IGB_RSSRK + 4 * i, 0x5a6d5a6d);
	for (u32 i = 0; i < IGB_RETA_SIZE / 4; i++) {
		u32 word = 0;

		for (u32 b = 0; b < 4; b++) {
			u32 q = (4 * i + b) % g->port->rx_queues;

			word |= (g->port->draining >> q & 1 ? 0 : q) << 8 * b;
		}
		igb_wr(g, IGB_RETA + 4 * i, word);
	}
	igb_wr(g, IGB_RXCSUM, RXCSUM_PCSD);
	igb_wr(g, IGB_MRQC,
	       MRQC_RSS | MRQC_IPV4 | MRQC_IPV4_TCP | MRQC_IPV4_UDP | MRQC_IPV6 | MRQC_IPV6_TCP |
		       MRQC_IPV6_UDP);
}

static void setup_vectors(struct igb *g)
{
	igb_wr(g, IGB_GPIE, GPIE_MSIX);
	igb_wr(g, IGB_EIAC, (1u << g->npairs) - 1); /* a message clears its cause, */
	igb_wr(g, IGB_EIAM, (1u << g->npairs) - 1); /* and masks it */
	for (u32 i = 0; i < g->npairs; i++) {
		/* Queues 0 to 7: receive in 7:0, transmit (unused) in 15:8 of IVAR i. */
		igb_wr(g, IGB_IVAR0 + 4 * i, i | IVAR_VALID);
		igb_wr(g, IGB_EITR0 + 4 * i,
		       MIN(g->port->irq_interval, (u32)EITR_INTERVAL_MAX) << EITR_INTERVAL_SHIFT);
	}
}

static void setup_pair(struct igb *g, u32 i)
{
	struct ring_pair *k = &g->pair[i];
	bool jumbo = g->port->jumbo;
	u32 kib = jumbo ? IGB_FRAME_JUMBO / 1024 : 2;
	u32 frame_max = jumbo ? IGB_FRAME_JUMBO - IGB_FCS : IGB_FRAME_MAX;

	rx_ring_begin(&k->rx, frame_max, igb_queue_reg(IGB_RDT, i));
	tx_ring_begin(&k->tx, RING_BY_MARK, frame_max, igb_queue_reg(IGB_TDT, i));
	igb_wr(g, igb_queue_reg(IGB_RDBAL, i), (u32)k->rx.iova);
	igb_wr(g, igb_queue_reg(IGB_RDBAH, i), (u32)(k->rx.iova >> 32));
	igb_wr(g, igb_queue_reg(IGB_RDLEN, i), RING_BYTES);
	/* A full ring loses its own frames, it does not stop the others. */
	igb_wr(g, igb_queue_reg(IGB_SRRCTL, i), kib | SRRCTL_DESCTYPE_ADV | SRRCTL_DROP_EN);
	igb_wr(g, igb_queue_reg(IGB_RDH, i), 0);
	igb_wr(g, igb_queue_reg(IGB_RDT, i), 0); /* the first rx() posts buffers */
	igb_wr(g, igb_queue_reg(IGB_RXDCTL, i), DCTL_THRESHOLDS | DCTL_ENABLE);
	igb_wr(g, igb_queue_reg(IGB_TDBAL, i), (u32)k->tx.iova);
	igb_wr(g, igb_queue_reg(IGB_TDBAH, i), (u32)(k->tx.iova >> 32));
	igb_wr(g, igb_queue_reg(IGB_TDLEN, i), RING_BYTES);
	igb_wr(g, igb_queue_reg(IGB_TDH, i), 0);
	igb_wr(g, igb_queue_reg(IGB_TDT, i), 0);
	igb_wr(g, igb_queue_reg(IGB_TXDCTL, i), DCTL_THRESHOLDS | DCTL_ENABLE);
}

static void setup(struct igb *g)
{
	bool jumbo = g->port->jumbo;

	setup_address(g);
	setup_link(g);
	setup_rss(g);
	setup_vectors(g);
	for (u32 i = 0; i < g->npairs; i++)
		if (usable(g, i))
			setup_pair(g, i);
	igb_wr(g, IGB_RLPML, jumbo ? IGB_FRAME_JUMBO : IGB_FRAME_MAX + IGB_FCS);
	igb_wr(g, IGB_TCTL, TCTL_EN | TCTL_PSP | TCTL_CT | TCTL_COLD | TCTL_RTLC);
	igb_wr(g, IGB_RCTL, RCTL_WANTED | RCTL_EN | (jumbo ? (u32)RCTL_LPE : 0));
}

/* A tail is not to be written before its queue says that it runs (4.5.9, 4.5.10). */
static bool queues_run(const struct igb *g)
{
	for (u32 i = 0; i < g->npairs; i++)
		if (usable(g, i) && (!(igb_rd(g, igb_queue_reg(IGB_RXDCTL, i)) & DCTL_ENABLE) ||
				     !(igb_rd(g, igb_queue_reg(IGB_TXDCTL, i)) & DCTL_ENABLE)))
			return false;
	return true;
}

static int queues_wait(struct igb *g, u64 now)
{
	if (!queues_run(g))
		return now < g->walk.deadline ? -EAGAIN : -ETIMEDOUT;
	for (u32 i = 0; i < g->npairs; i++) {
		g->pair[i].rx.live = g->pair[i].tx.live = usable(g, i);
		g->watch[i] = (struct ring_watch){ 0 };
	}
	g->bad = (struct bad_watch){ 0 };
	g->walk.phase = WALK_UP;
	igb_link(g, igb_rd(g, IGB_STATUS), now, true);
	return 0;
}

/* --- port_ops ------------------------------------------------------------------------------ */

/* A queue that is off gets nothing: queue 0 does instead. */
void igb_spread(struct port *p, const struct reta *r)
{
	const struct igb *g = p->priv;

	for (u32 i = 0; i < IGB_RETA_SIZE / 4; i++) {
		u32 word = 0;

		for (u32 b = 0; b < 4; b++) {
			u32 q = r->entry[4 * i + b];

			word |= (usable(g, q) ? q : 0) << 8 * b;
		}
		igb_wr(g, IGB_RETA + 4 * i, word);
	}
}

static bool gone(struct port *p)
{
	return igb_rd(p->priv, IGB_STATUS) == IGB_REMOVED;
}

static int step(struct port *p, u64 now)
{
	struct igb *g = p->priv;
	int err;

	if (g->walk.phase == IGB_QUEUES)
		return queues_wait(g, now);
	err = reset(g, now);
	if (err || g->walk.stopping)
		return err;
	setup(g);
	walk_enter(&g->walk, IGB_QUEUES, now + QUEUES_MS * g->ms);
	return -EAGAIN;
}

static const struct walk_ops way = {
	.gone = gone,
	.begin = begin,
	.step = step,
	.again = IGB_QUIESCE,
};

int igb_start(struct port *p, u64 now)
{
	return walk_start(&((struct igb *)p->priv)->walk, &way, p, now);
}

int igb_stop(struct port *p, u64 now)
{
	return walk_stop(&((struct igb *)p->priv)->walk, &way, p, now);
}
