// SPDX-License-Identifier: MIT
/* Finding an e1000: registers, station address, memory, interrupt. Boot CPU, start-up. */
#include "drivers/net/e1000/e1000.h"

enum { INTEL = 0x8086, E1000_BAR = 0, E1000_BAR_BYTES = 0x20000 };

static const struct net_driver_id e1000_ids[] = {
	{ INTEL, 0x100e }, /* 82540EM, QEMU's "e1000" */
	{ INTEL, 0x100f }, /* 82545EM copper, VMware's */
	{ 0, 0 },
};
static const struct net_driver_id e1000e_ids[] = {
	{ INTEL, 0x10d3 }, /* 82574L, QEMU's "e1000e" */
	{ 0, 0 },
};

static const struct e1000_variant variant_e1000 = { .name = "e1000" };
static const struct e1000_variant variant_e1000e = { .name = "e1000e", .pcie = true };

/* --- interrupt ----------------------------------------------------------------------------- */

static void irq_trigger(void *arg)
{
	const struct e1000 *e = arg;

	(void)e1000_rd(e, E1000_ICR);
	e1000_wr(e, E1000_IMS, ICR_RXT0);
	e1000_wr(e, E1000_ICS, ICR_RXT0);
}

static void irq_quiet(void *arg)
{
	const struct e1000 *e = arg;

	e1000_wr(e, E1000_IMC, 0xffffffff);
	(void)e1000_rd(e, E1000_ICR);
}

/* An MSI-X entry for each pair, as far as they go: the others' QGMs look by the clock. */
static bool attach_vectors(struct port *p)
{
	struct e1000 *e = p->priv;
	u32 n = MAX(p->rx_queues, p->tx_queues);

	for (u32 i = 0; i < n; i++) {
		if (dev_irq_attach_vector(e->dev, (u16)i, p->queue_qgm[i]))
			return i != 0;
		e->pair[i].wakes = e->pair[i].message = e->msix = true;
		p->wake_queues |= 1u << i;
	}
	p->can_wake = true;
	return true;
}

/* Without MSI-X there is one interrupt for all: of use where there is one pair. */
static void e1000_attach(struct port *p, u16 qgm)
{
	struct e1000 *e = p->priv;
	struct dev_irq_test test = { irq_trigger, irq_quiet, e };

	if (e->variant->pcie && (attach_vectors(p) || MAX(p->rx_queues, p->tx_queues) > 1))
		return;
	p->can_wake = true; /* dev_irq_commit() may take it back */
	if (e->variant->pcie && dev_irq_attach_msi(e->dev, qgm) == 0)
		e->irq = e->dev->irq;
	else if (dev_irq_attach_intx(e->dev, qgm, &test, &p->can_wake) == 0)
		e->irq = e->dev->irq;
	else
		p->can_wake = false;
	e->pair[0].wakes = p->can_wake;
}

static const struct port_ops e1000_ops = {
	.name = "e1000",
	.attach = e1000_attach,
	.start = e1000_start,
	.stop = e1000_stop,
	.drain = e1000_drain,
	.rx = e1000_rx,
	.tx = e1000_tx,
	.room = e1000_room,
	.reclaim = e1000_reclaim,
	.step = e1000_step,
	.arm = e1000_arm,
	.buffers = e1000_buffers,
	.read_reg = e1000_read_reg,
};
static const struct port_ops e1000e_ops = {
	.name = "e1000e",
	.attach = e1000_attach,
	.start = e1000_start,
	.stop = e1000_stop,
	.drain = e1000_drain,
	.spread = e1000_spread,
	.rx = e1000e_rx,
	.tx = e1000_tx,
	.room = e1000_room,
	.reclaim = e1000_reclaim,
	.step = e1000_step,
	.arm = e1000e_arm,
	.buffers = e1000_buffers,
	.read_reg = e1000_read_reg,
};

/* --- probe --------------------------------------------------------------------------------- */

/* The device loaded its address from the EEPROM at power-on. False: none that a station may have.
 */
static bool read_mac(const struct e1000 *e, u8 mac[6])
{
	u32 low = e1000_rd(e, E1000_RAL0), high = e1000_rd(e, E1000_RAH0);

	for (unsigned i = 0; i < 4; i++)
		mac[i] = (u8)(low >> 8 * i);
	mac[4] = (u8)high;
	mac[5] = (u8)(high >> 8);
	return !(mac[0] & 1) && (low | (high & 0xffff));
}

static bool alloc_pair(struct e1000 *e, u32 i)
{
	struct e1000_pair *k = &e->pair[i];
	struct device *d = e->dev;

	k->nr = (u8)i;
	k->regs = e->regs;
	k->port = e->port;
	k->count = &e->port->qnic[i];
	k->rx = dma_alloc(d, E1000_RING * sizeof(*k->rx), 4096, &k->rx_iova);
	k->tx = dma_alloc(d, E1000_RING * sizeof(*k->tx), 4096, &k->tx_iova);
	k->rx_slot = dev_alloc(d, E1000_RING * sizeof(*k->rx_slot), CACHE_LINE);
	k->tx_slot = dev_alloc(d, E1000_RING * sizeof(*k->tx_slot), CACHE_LINE);
	k->batch_end = dev_alloc(d, E1000_RING * sizeof(*k->batch_end), CACHE_LINE);
	return k->rx && k->tx && k->rx_slot && k->tx_slot && k->batch_end;
}

static bool alloc(struct e1000 *e)
{
	for (u32 i = 0; i < e->npairs; i++)
		if (!alloc_pair(e, i))
			return false;
	return e1000_info_alloc(e) == 0;
}

static int probe(struct device *d, const struct e1000_variant *variant, const struct port_ops *ops)
{
	struct port *p = dev_port_alloc(d);
	struct e1000 *e = dev_alloc(d, sizeof(*e), CACHE_LINE);
	int err;

	if (!p || !e)
		return dev_reject(d, "no data-plane memory");
	err = dev_map_bar(d, E1000_BAR, 0, E1000_BAR_BYTES, &e->regs);
	if (err)
		return dev_reject(d, "registers (BAR%u) cannot be mapped: error %d", E1000_BAR,
				  -err);
	e->variant = variant;
	e->dev = d;
	e->port = p;
	e->ms = dev_clock_hz() / 1000;
	e->npairs = variant->pcie ? MIN(dev_queue_pairs(), (u32)E1000_PAIRS) : 1;
	if (e1000_rd(e, E1000_STATUS) == E1000_REMOVED)
		return dev_reject(d, "its registers do not answer");
	irq_quiet(e);
	e1000_wr(e, E1000_RCTL, 0);
	e1000_wr(e, E1000_TCTL, 0);
	if (!read_mac(e, p->mac))
		return dev_reject(d, "it has no valid station address");
	if (!alloc(e))
		return dev_reject(d, "no data-plane memory for its rings");
	p->ops = ops;
	p->priv = e;
	p->mtu_max = PORT_MTU_JUMBO;
	p->rx_queues = p->tx_queues = (u16)e->npairs;
	p->reta_size = e->npairs > 1 ? E1000_RETA_SIZE : 0;
	err = port_register(p);
	if (err)
		return dev_reject(d, "too many ports");
	dev_log(d, "%s %02x:%02x:%02x:%02x:%02x:%02x, %u queue pair%s", p->name, p->mac[0],
		p->mac[1], p->mac[2], p->mac[3], p->mac[4], p->mac[5], e->npairs,
		e->npairs > 1 ? "s" : "");
	return 0;
}

static int e1000_probe(struct device *d)
{
	return probe(d, &variant_e1000, &e1000_ops);
}

static int e1000e_probe(struct device *d)
{
	return probe(d, &variant_e1000e, &e1000e_ops);
}

const struct net_driver e1000_driver = { "e1000", e1000_ids, e1000_probe };
const struct net_driver e1000e_driver = { "e1000e", e1000e_ids, e1000e_probe };
