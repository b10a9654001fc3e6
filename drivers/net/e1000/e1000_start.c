// SPDX-License-Identifier: MIT
/*
 * Bringing an e1000 up and down, a few register accesses a call: stop DMA, wait 10 ms for what is
 * under way on the bus, reset, wait, set up (8254x manual 14.3 to 14.5; 82574 data sheet 4.6).
 * The same walk serves start and stop. Owner QGM; nobody else is in a call of the driver meanwhile.
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
	for (u32 i = 0; i < e->npairs; i++)
		e->pair[i].up = false;
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
	for (u32 i = 0; i < E1000_PAIRS; i++) {
		u32 off = e1000_pair_reg(E1000_TXDCTL, i);

		mmio_wr32(&e->regs, off, mmio_rd32(&e->regs, off) | TXDCTL_COUNT_DESC);
		off = e1000_pair_reg(E1000_TARC0, i);
		mmio_wr32(&e->regs, off,
			  mmio_rd32(&e->regs, off) | TARC_ENABLE | (i ? 0 : TARC0_ERRATUM));
	}
}

static void setup_ring(const struct e1000_pair *k, enum e1000_reg base, iova_t at)
{
	u32 low = e1000_pair_reg(base, k->nr);

	mmio_wr32(&k->regs, low, (u32)at);
	mmio_wr32(&k->regs, low + (E1000_RDBAH - E1000_RDBAL), (u32)(at >> 32));
	mmio_wr32(&k->regs, low + (E1000_RDLEN - E1000_RDBAL), E1000_RING * 16);
	mmio_wr32(&k->regs, low + (E1000_RDH - E1000_RDBAL), 0);
	mmio_wr32(&k->regs, low + (E1000_RDT - E1000_RDBAL), 0); /* the first rx() posts buffers */
}

/* A wrong DMA address or a descriptor written too early is then seen as such by the NIC. */
static void poison(void *ring, size_t bytes)
{
	u64 *w = ring;

	for (size_t i = 0; i < bytes / sizeof(*w); i++)
		w[i] = ~0ull;
}

static void setup_pair(struct e1000 *e, struct e1000_pair *k)
{
	poison(k->rx, E1000_RING * sizeof(*k->rx));
	poison(k->tx, E1000_RING * sizeof(*k->tx));
	setup_ring(k, E1000_TDBAL, k->tx_iova);
	setup_ring(k, E1000_RDBAL, k->rx_iova);
	k->frame_max = e->port->jumbo ? PORT_FRAME_JUMBO : E1000_FRAME_MAX;
	k->write = e->port->jumbo ? E1000_PART : E1000_FRAME_MAX;
}

/* Last: frames come and go from here on. */
static void setup_on(struct e1000 *e)
{
	e1000_wr(e, E1000_RDTR, 0);
	e1000_wr(e, E1000_RADV, 0);
	e1000_wr(e, E1000_ITR, MIN(e->port->irq_interval * ITR_PER_US, (u32)ITR_MAX));
	e1000_wr(e, E1000_TIPG, TIPG_COPPER);
	e1000_wr(e, E1000_TCTL, TCTL_EN | TCTL_PSP | TCTL_CT | TCTL_COLD | TCTL_RTLC);
	e1000_wr(e, E1000_RCTL,
		 RCTL_WANTED | RCTL_EN | (e->port->jumbo ? (u32)(RCTL_LPE | RCTL_BSIZE_8192) : 0));
}

static void setup(struct e1000 *e, u64 now)
{
	setup_address(e);
	for (u32 i = 0; i < E1000_MTA_WORDS; i++)
		mmio_wr32(&e->regs, E1000_MTA + 4 * i, 0);
	if (e->variant->pcie) {
		setup_pcie(e);
		e1000_setup_rss(e);
		e1000_setup_vectors(e);
	}
	setup_link(e);
	for (u32 i = 0; i < e->npairs; i++)
		if (e1000_usable(e, i))
			setup_pair(e, &e->pair[i]);
	setup_on(e);
	for (u32 i = 0; i < e->npairs; i++) {
		e->pair[i].up = e1000_usable(e, i);
		e->watch[i] = (struct e1000_watch){ 0 };
	}
	e->phase = E1000_UP;
	e1000_link(e, e1000_rd(e, E1000_STATUS), now, true);
}

/* --- port_ops ------------------------------------------------------------------------------ */

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
		setup(e, now);
	else if (err != -EAGAIN)
		e->phase = E1000_DEAD;
	return err;
}

int e1000_stop(struct port *p, u64 now)
{
	struct e1000 *e = p->priv;
	int err;

	if (e->phase == E1000_DOWN)
		return 0;
	if (!e->stopping) {
		e->stopping = true;
		walk_begin(e, now);
		return -EAGAIN;
	}
	err = walk(e, now);
	if (err == -EAGAIN)
		return err;
	e->stopping = false;
	p->link = false;
	e->phase = err == -ETIMEDOUT ? E1000_DEAD : E1000_DOWN;
	return err == -EIO ? 0 : err; /* a device that is gone is stopped */
}
