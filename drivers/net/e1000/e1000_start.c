// SPDX-License-Identifier: MIT
/*
 * Bringing an e1000 up and down, a few register accesses a call: stop DMA, wait 10 ms for what is
 * under way on the bus, reset, wait, set up (8254x manual 14.3 to 14.5; 82574 data sheet 4.6).
 * The same walk serves start, stop and a reset in operation. Owner QGM.
 */
#include "drivers/net/e1000/e1000.h"

enum {
	QUIESCE_MS = 10,
	RESET_MIN_MS = 5, /* the address and defaults are loaded from the EEPROM */
	RESET_MAX_MS = 200,
};

static void masters_off(struct e1000 *e)
{
	e1000_wr(e, E1000_IMC, 0xffffffff);
	e->rctl = 0;
	e1000_wr(e, E1000_RCTL, 0);
	e1000_wr(e, E1000_TCTL, TCTL_PSP);
	if (e->variant->pcie)
		e1000_wr(e, E1000_CTRL, e1000_rd(e, E1000_CTRL) | CTRL_GIO_MASTER_DISABLE);
}

static void walk_begin(struct e1000 *e, u64 now)
{
	masters_off(e);
	e->phase = E1000_QUIESCE;
	e->deadline = now + QUIESCE_MS * e->ms;
}

/* QUIESCE and RESET. 0: the device is reset; -EAGAIN; -EIO removed; -ETIMEDOUT. */
static int walk(struct e1000 *e, u64 now)
{
	u32 v;

	if (e->phase == E1000_QUIESCE) {
		if (now < e->deadline)
			return -EAGAIN;
		e1000_wr(e, E1000_CTRL, e1000_rd(e, E1000_CTRL) | CTRL_RST);
		e->phase = E1000_RESET;
		e->not_before = now + RESET_MIN_MS * e->ms;
		e->deadline = now + RESET_MAX_MS * e->ms;
		return -EAGAIN;
	}
	if (now < e->not_before)
		return -EAGAIN;
	v = e1000_rd(e, E1000_CTRL);
	if (v == E1000_REMOVED)
		return -EIO;
	if (v & CTRL_RST)
		return now < e->deadline ? -EAGAIN : -ETIMEDOUT;
	e1000_wr(e, E1000_IMC, 0xffffffff);
	(void)e1000_rd(e, E1000_ICR);
	return 0;
}

/* --- set-up after a reset ------------------------------------------------------------------ */

static void setup_address(struct e1000 *e)
{
	const u8 *m = e->port->mac;

	e1000_wr(e, E1000_RAL0, m[0] | (u32)m[1] << 8 | (u32)m[2] << 16 | (u32)m[3] << 24);
	e1000_wr(e, E1000_RAH0, m[4] | (u32)m[5] << 8 | RAH_AV);
	e1000_wr(e, E1000_RXCSUM, 0);
}

static void setup_link(struct e1000 *e)
{
	u32 v = e1000_rd(e, E1000_CTRL);

	v &= ~(u32)(CTRL_FRCSPD | CTRL_FRCDPX | CTRL_RFCE | CTRL_TFCE | CTRL_GIO_MASTER_DISABLE);
	v &= ~CTRL_VME; /* VLAN tags stay in the frame */
	e1000_wr(e, E1000_CTRL, v | CTRL_SLU | CTRL_ASDE);
}

/* What the 82574's data sheet and specification update ask of drivers. */
static void setup_pcie(struct e1000 *e)
{
	e1000_wr(e, E1000_CTRL_EXT, e1000_rd(e, E1000_CTRL_EXT) | CTRL_EXT_DRV_LOAD);
	e1000_wr(e, E1000_GCR, e1000_rd(e, E1000_GCR) | GCR_L1_ACT_WITHOUT_L0S_RX);
	e1000_wr(e, E1000_TXDCTL, e1000_rd(e, E1000_TXDCTL) | TXDCTL_COUNT_DESC);
	e1000_wr(e, E1000_TARC0, e1000_rd(e, E1000_TARC0) | TARC0_ERRATUM);
}

static void setup_rx(struct e1000 *e)
{
	e1000_wr(e, E1000_RDBAL, (u32)e->rx.iova);
	e1000_wr(e, E1000_RDBAH, (u32)(e->rx.iova >> 32));
	e1000_wr(e, E1000_RDLEN, E1000_RX_RING * sizeof(struct e1000_rx_desc));
	e1000_wr(e, E1000_RDH, 0);
	e1000_wr(e, E1000_RDT, 0); /* the first rx() posts buffers and sets RCTL.EN */
	e1000_wr(e, E1000_RDTR, 0);
	e1000_wr(e, E1000_RADV, 0);
	e1000_wr(e, E1000_ITR, MIN(e->port->irq_interval * ITR_PER_US, (u32)ITR_MAX));
	e->rctl = RCTL_WANTED;
	e->frame_max = E1000_FRAME_MAX;
	e->rx.write = E1000_FRAME_MAX;
	if (e->port->jumbo) {
		e->rctl |= RCTL_LPE | RCTL_BSIZE_8192;
		e->frame_max = PORT_FRAME_JUMBO;
		e->rx.write = E1000_PART;
	}
	e1000_wr(e, E1000_RCTL, e->rctl);
}

static void setup_tx(struct e1000 *e)
{
	e1000_wr(e, E1000_TDBAL, (u32)e->tx.iova);
	e1000_wr(e, E1000_TDBAH, (u32)(e->tx.iova >> 32));
	e1000_wr(e, E1000_TDLEN, E1000_TX_RING * sizeof(struct e1000_tx_desc));
	e1000_wr(e, E1000_TDH, 0);
	e1000_wr(e, E1000_TDT, 0);
	e1000_wr(e, E1000_TIPG, TIPG_COPPER);
	e1000_wr(e, E1000_TCTL, TCTL_EN | TCTL_PSP | TCTL_CT | TCTL_COLD | TCTL_RTLC);
}

/* A wrong DMA address or a descriptor written too early is then seen as such by the NIC. */
static void poison(void *ring, size_t bytes)
{
	u64 *w = ring;

	for (size_t i = 0; i < bytes / sizeof(*w); i++)
		w[i] = ~0ull;
}

static void setup(struct e1000 *e)
{
	if (e->port->pc)
		e1000_use_pool(e, e->port->pc);
	e1000_tx_abort(e);
	if (e->pc)
		e1000_rx_free(e);
	poison(e->rx.ring, E1000_RX_RING * sizeof(*e->rx.ring));
	poison(e->tx.ring, E1000_TX_RING * sizeof(*e->tx.ring));
	setup_address(e);
	for (u32 i = 0; i < E1000_MTA_WORDS; i++)
		mmio_wr32(&e->regs, E1000_MTA + 4 * i, 0);
	if (e->variant->pcie)
		setup_pcie(e);
	setup_link(e);
	setup_tx(e);
	setup_rx(e);
	e->hang_since = 0;
	e->phase = E1000_UP;
	e1000_link(e->port, e1000_rd(e, E1000_STATUS));
}

/* --- port_ops ------------------------------------------------------------------------------ */

void e1000_reset_begin(struct e1000 *e, u64 now)
{
	counter_add(&e->port->nic.resets, 1);
	e->resetting = true;
	walk_begin(e, now);
}

int e1000_reset_step(struct e1000 *e, u64 now)
{
	int err = walk(e, now);

	if (err == -EAGAIN)
		return err;
	e->resetting = false;
	if (err) {
		e1000_fail(e, err == -EIO);
		return err;
	}
	setup(e);
	return 0;
}

int e1000_start(struct port *p, u64 now)
{
	struct e1000 *e = p->priv;
	int err;

	if (e->phase == E1000_UP)
		return 0;
	if (e->phase == E1000_DOWN || e->phase == E1000_DEAD || e->stopping) {
		e->stopping = false;
		walk_begin(e, now);
		return -EAGAIN;
	}
	err = walk(e, now);
	if (!err)
		setup(e);
	else if (err != -EAGAIN)
		e1000_fail(e, err == -EIO);
	return err;
}

void e1000_release(struct e1000 *e)
{
	e1000_tx_abort(e);
	if (e->pc)
		e1000_rx_free(e);
	e->port->link = false;
	e->stopping = e->resetting = false;
	e->phase = E1000_DOWN;
}

int e1000_stop(struct port *p, u64 now)
{
	struct e1000 *e = p->priv;
	int err;

	if (e->phase == E1000_DOWN)
		return 0;
	if (e->phase == E1000_DEAD) {
		e1000_release(e);
		return 0;
	}
	if (!e->stopping) {
		e->stopping = true;
		e->resetting = false;
		walk_begin(e, now);
		return -EAGAIN;
	}
	err = walk(e, now);
	if (err == -EAGAIN)
		return err;
	e1000_release(e);
	return err == -EIO ? 0 : err; /* a device that is gone is stopped */
}
