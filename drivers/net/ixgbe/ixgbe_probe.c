// SPDX-License-Identifier: MIT
/* Finding an 82599: registers, station address, memory, module, interrupts. Boot CPU, start-up. */
#include "drivers/net/ixgbe/ixgbe.h"

enum {
	INTEL = 0x8086,
	IXGBE_BAR = 0,
	IXGBE_BAR_BYTES = 0x20000,
	STEP_US = 5,
	MODULE_STEPS = 200000 / STEP_US,
};

static const struct net_driver_id ids[] = {
	{ INTEL, 0x10fb }, /* 82599 SFP+ */
	{ INTEL, 0x1507 }, /* 82599 SFP+, mezzanine */
	{ INTEL, 0x154d }, /* 82599 SFP+, two ports */
	{ INTEL, 0x1557 }, /* 82599EN SFP+ */
	{ INTEL, 0x1529 }, /* 82599 SFP+, FCoE */
	{ INTEL, 0x10f7 }, /* 82599 KX4 */
	{ INTEL, 0x1514 }, /* 82599 KX4, mezzanine */
	{ INTEL, 0x1517 }, /* 82599 KR */
	{ INTEL, 0x10f8 }, /* 82599 backplane */
	{ INTEL, 0x152a }, /* 82599 backplane, FCoE */
	{ INTEL, 0x10f9 }, /* 82599 CX4 */
	{ INTEL, 0x10fc }, /* 82599 XAUI/BX4 */
	{ INTEL, 0x151c }, /* 82599 10GBASE-T */
	{ INTEL, 0x1528 }, /* X540 10GBASE-T */
	{ INTEL, 0x1560 }, /* X540 10GBASE-T, one port */
	{ 0, 0 },
};

static const struct ixgbe_variant with_cage = { .name = "82599",
						.sfp = true,
						.rx_buffer = RXPBSIZE_82599 };
static const struct ixgbe_variant without_cage = { .name = "82599", .rx_buffer = RXPBSIZE_82599 };
/* Copper, whose PHY is its firmware's; no AUTOC, a smaller packet buffer. */
static const struct ixgbe_variant x540 = { .name = "X540", .rx_buffer = RXPBSIZE_X540 };

static const struct ixgbe_variant *variant_of(u16 device)
{
	static const u16 cages[] = { 0x10fb, 0x1507, 0x154d, 0x1557, 0x1529 };

	if (device == 0x1528 || device == 0x1560)
		return &x540;
	for (u32 i = 0; i < ARRAY_SIZE(cages); i++)
		if (cages[i] == device)
			return &with_cage;
	return &without_cage;
}

/* A vector for each queue to its QGM; all of them or none. */
static void ixgbe_attach(struct port *p, u16 qgm)
{
	struct ixgbe *e = p->priv;

	(void)qgm;
	for (u32 i = 0; i < p->rx_queues; i++) {
		if (dev_irq_attach_vector(e->dev, (u16)i, p->queue_qgm[i]))
			return;
		p->wake_queues |= 1u << i;
	}
}

static const struct port_ops ixgbe_ops = {
	.name = "ixgbe",
	.buffers = ixgbe_buffers,
	.attach = ixgbe_attach,
	.start = ixgbe_start,
	.stop = ixgbe_stop,
	.drain = ixgbe_drain,
	.spread = ixgbe_spread,
	.rx = ixgbe_rx,
	.tx = ixgbe_tx,
	.room = ixgbe_room,
	.reclaim = ixgbe_reclaim,
	.step = ixgbe_step,
	.arm = ixgbe_arm,
	.read_reg = ixgbe_read_reg,
	.flow = ixgbe_flow,
};

/* The device loaded its address from the EEPROM at power-on. False: none that a station may have.
 */
static bool read_mac(const struct ixgbe *e, u8 mac[6])
{
	u32 low = ixgbe_rd(e, IXGBE_RAL), high = ixgbe_rd(e, IXGBE_RAH);

	for (unsigned i = 0; i < 4; i++)
		mac[i] = (u8)(low >> 8 * i);
	mac[4] = (u8)high;
	mac[5] = (u8)(high >> 8);
	return !(mac[0] & 1) && (low | (high & 0xffff));
}

/* As many pairs as memory allows; false: not even one. */
static bool alloc_queues(struct device *d, struct ixgbe *e)
{
	while (e->queues < PORT_QUEUES && ring_pair_alloc(d, &e->queue[e->queues], RING_BY_HEAD))
		e->queues++;
	return e->queues;
}

static void find_module(struct ixgbe *e)
{
	u64 now = 0;

	ixgbe_sfp_begin(e, now);
	for (u32 i = 0; i < MODULE_STEPS && ixgbe_sfp_identify(e, now) == -EAGAIN; i++) {
		dev_delay_us(STEP_US);
		now += STEP_US * e->ms / 1000;
	}
	ixgbe_unlock(e);
}

static int tell_port(struct ixgbe *e, struct port *p)
{
	p->ops = &ixgbe_ops;
	p->priv = e;
	p->mtu_max = PORT_MTU_JUMBO;
	p->rx_queues = p->tx_queues = (u16)e->queues;
	p->reta_size = IXGBE_RETA_SIZE;
	p->flow_slots = IXGBE_FLOWS;
	if (ixgbe_stats_init(p) || ixgbe_dump_init(p))
		return -ENOMEM;
	return 0;
}

static int ixgbe_probe(struct device *d)
{
	struct port *p = dev_port_alloc(d);
	struct ixgbe *e = dev_alloc(d, sizeof(*e), CACHE_LINE);
	int err;

	if (!p || !e || !alloc_queues(d, e) || tell_port(e, p)) {
		dev_reject(d, "no data-plane memory for its rings");
		return -ENOMEM;
	}
	err = dev_map_bar(d, IXGBE_BAR, 0, IXGBE_BAR_BYTES, &e->regs);
	if (err)
		return dev_reject(d, "registers (BAR%u) cannot be mapped: error %d", IXGBE_BAR,
				  -err);
	e->variant = variant_of(d->device);
	e->dev = d;
	e->port = p;
	e->ms = dev_clock_hz() / 1000;
	if (ixgbe_rd(e, IXGBE_STATUS) == IXGBE_REMOVED) {
		dev_reject(d, "its registers do not answer");
		return -EIO;
	}
	ixgbe_wr(e, IXGBE_EIMC, EIMC_ALL);
	ixgbe_wr(e, IXGBE_RXCTRL, ixgbe_rd(e, IXGBE_RXCTRL) & ~(u32)RXCTRL_RXEN);
	if (!read_mac(e, p->mac))
		return dev_reject(d, "it has no valid station address");
	find_module(e);
	err = port_register(p);
	if (err)
		dev_reject(d, "too many ports");
	else
		dev_log(d, "%s %02x:%02x:%02x:%02x:%02x:%02x, %u queues%s%s", p->name, p->mac[0],
			p->mac[1], p->mac[2], p->mac[3], p->mac[4], p->mac[5], e->queues,
			p->module.m.present ? ", " : "", p->module.m.type);
	return err;
}

const struct net_driver ixgbe_driver = { "ixgbe", ids, ixgbe_probe };
