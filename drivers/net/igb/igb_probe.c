// SPDX-License-Identifier: MIT
/* Finding an igb: registers, station address, rings, MSI-X entries. Boot CPU, start-up. */
#include "drivers/net/igb/igb.h"

enum { INTEL = 0x8086, IGB_BAR = 0, IGB_BAR_BYTES = 0x20000 };

static const struct net_driver_id igb_ids[] = {
	{ INTEL, 0x10c9 }, /* 82576, QEMU's "igb" */
	{ 0, 0 },
};

/* An entry for each pair, as far as they go: the others' QGMs look by the clock. */
static void igb_attach(struct port *p, u16 qgm)
{
	struct igb *g = p->priv;
	u32 n = MAX(p->rx_queues, p->tx_queues);

	(void)qgm;
	for (u32 i = 0; i < n; i++) {
		if (dev_irq_attach_vector(g->dev, (u16)i, p->queue_qgm[i]))
			return;
		g->wakes |= 1u << i;
		p->wake_queues |= 1u << i;
	}
	p->can_wake = true;
}

static const struct port_ops igb_ops = {
	.name = "igb",
	.attach = igb_attach,
	.start = igb_start,
	.stop = igb_stop,
	.drain = igb_drain,
	.spread = igb_spread,
	.rx = igb_rx,
	.tx = igb_tx,
	.room = igb_room,
	.reclaim = igb_reclaim,
	.step = igb_step,
	.arm = igb_arm,
	.buffers = igb_buffers,
	.read_reg = igb_read_reg,
};

/* The device loaded its address from the EEPROM. False: none that a station may have. */
static bool read_mac(const struct igb *g, u8 mac[6])
{
	u32 low = igb_rd(g, IGB_RAL0), high = igb_rd(g, IGB_RAH0);

	for (unsigned i = 0; i < 4; i++)
		mac[i] = (u8)(low >> 8 * i);
	mac[4] = (u8)high;
	mac[5] = (u8)(high >> 8);
	return !(mac[0] & 1) && (low | (high & 0xffff));
}

static bool alloc(struct igb *g)
{
	for (u32 i = 0; i < g->npairs; i++)
		if (!ring_pair_alloc(g->dev, &g->pair[i], RING_BY_MARK))
			return false;
	return igb_info_alloc(g) == 0;
}

static int igb_probe(struct device *d)
{
	struct port *p = dev_port_alloc(d);
	struct igb *g = dev_alloc(d, sizeof(*g), CACHE_LINE);
	int err;

	if (!p || !g)
		return dev_reject(d, "no data-plane memory");
	err = dev_map_bar(d, IGB_BAR, 0, IGB_BAR_BYTES, &g->regs);
	if (err)
		return dev_reject(d, "registers (BAR%u) cannot be mapped: error %d", IGB_BAR, -err);
	g->dev = d;
	g->port = p;
	g->ms = dev_clock_hz() / 1000;
	g->npairs = MIN(dev_queue_pairs(), (u32)IGB_PAIRS);
	if (igb_rd(g, IGB_STATUS) == IGB_REMOVED)
		return dev_reject(d, "its registers do not answer");
	igb_wr(g, IGB_IMC, 0xffffffff);
	igb_wr(g, IGB_EIMC, 0xffffffff);
	igb_wr(g, IGB_RCTL, 0);
	igb_wr(g, IGB_TCTL, 0);
	if (!read_mac(g, p->mac))
		return dev_reject(d, "it has no valid station address");
	if (!alloc(g))
		return dev_reject(d, "no data-plane memory for its rings");
	p->ops = &igb_ops;
	p->priv = g;
	p->mtu_max = IGB_MTU_MAX;
	p->rx_queues = p->tx_queues = (u16)g->npairs;
	p->reta_size = IGB_RETA_SIZE;
	err = port_register(p);
	if (err)
		return dev_reject(d, "too many ports");
	dev_log(d, "%s %02x:%02x:%02x:%02x:%02x:%02x, %u queue pair%s", p->name, p->mac[0],
		p->mac[1], p->mac[2], p->mac[3], p->mac[4], p->mac[5], g->npairs,
		g->npairs > 1 ? "s" : "");
	return 0;
}

const struct net_driver igb_driver = { "igb", igb_ids, igb_probe };
