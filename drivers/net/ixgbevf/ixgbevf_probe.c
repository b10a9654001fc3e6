// SPDX-License-Identifier: MIT
/* Finding a virtual function of an 82599 or X540: registers, memory, what its host grants,
 * interrupts. Boot CPU, start-up. */
#include "drivers/net/ixgbevf/ixgbevf.h"

enum {
	INTEL = 0x8086,
	VF_BAR = 0,
	VF_BAR_BYTES = 0x4000,
	STEP_US = 100,
	GREET_STEPS = 2000000 / STEP_US,
	RETA_SIZE = 8, /* only which queues are in it counts */
};

static const struct net_driver_id ids[] = {
	{ INTEL, 0x10ed }, /* 82599 VF */
	{ INTEL, 0x1515 }, /* X540 VF */
	{ 0, 0 },
};

/* A vector for each receive queue to its QGM, as far as they go. */
static void attach(struct port *p, u16 qgm)
{
	struct ixgbevf *v = p->priv;

	(void)qgm;
	for (u32 i = 0; i < p->rx_queues && i < IXGBEVF_VECTORS; i++) {
		if (dev_irq_attach_vector(v->dev, (u16)i, p->queue_qgm[i]))
			return;
		v->wakes |= 1u << i;
		p->wake_queues |= 1u << i;
	}
}

static const struct port_ops ops = {
	.name = "ixgbevf",
	.buffers = ixgbevf_buffers,
	.attach = attach,
	.start = ixgbevf_start,
	.stop = ixgbevf_stop,
	.drain = ixgbevf_drain,
	.spread = ixgbevf_spread,
	.rx = ixgbevf_rx,
	.tx = ixgbevf_tx,
	.room = ixgbevf_room,
	.reclaim = ixgbevf_reclaim,
	.step = ixgbevf_step,
	.arm = ixgbevf_arm,
	.read_reg = ixgbevf_read_reg,
};

/* As many pairs as are granted, can be used and memory allows; false: not even one. */
static bool alloc_queues(struct device *d, struct ixgbevf *v)
{
	u32 n = MIN(MAX(v->grant.rx_queues, v->grant.tx_queues), dev_queue_pairs());

	while (v->offer < MIN(n, (u32)PORT_QUEUES) &&
	       ring_pair_alloc(d, &v->queue[v->offer], RING_BY_HEAD))
		v->offer++;
	return v->offer;
}

/* A host may leave the choice of an address to us: one of our own, by where the function is. */
static void own_address(const struct device *d, u8 *m)
{
	const u8 own[6] = { 0x02, 0x50, 0x49, (u8)d->segment, (u8)(d->bdf >> 8), (u8)d->bdf };

	__builtin_memcpy(m, own, sizeof(own));
}

static int greet(struct device *d, struct ixgbevf *v)
{
	int err = -EAGAIN;
	u64 now = 0;

	own_address(d, v->port->mac);
	for (u32 i = 0; i < GREET_STEPS && err == -EAGAIN; i++) {
		err = ixgbevf_greet(v, now);
		dev_delay_us(STEP_US);
		now += STEP_US * v->ms / 1000;
	}
	if (err == -EACCES)
		return dev_reject(d, "its host gives it no station address and lets it have none");
	if (err == -EPROTO)
		return dev_reject(d, "its host's driver does not speak as it should");
	if (err)
		return dev_reject(d, "the driver of its physical function does not answer");
	return 0;
}

static void tell_port(struct ixgbevf *v, struct port *p)
{
	p->ops = &ops;
	p->priv = v;
	p->mtu_max = PORT_MTU_JUMBO;
	p->asks_for_vlans = true;
	p->rx_queues = (u16)MIN(v->offer, v->grant.rx_queues);
	p->tx_queues = (u16)MIN(v->offer, v->grant.tx_queues);
	p->reta_size = p->rx_queues > 1 ? RETA_SIZE : 0;
}

static int probe(struct device *d)
{
	static const u8 minor[] = { [API_10] = 0, [API_11] = 1, [API_12] = 2, [API_13] = 3 };
	struct port *p = dev_port_alloc(d);
	struct ixgbevf *v = dev_alloc(d, sizeof(*v), CACHE_LINE);
	int err;

	if (!p || !v || ixgbevf_stats_init(p)) {
		dev_reject(d, "no data-plane memory");
		return -ENOMEM;
	}
	err = dev_map_bar(d, VF_BAR, 0, VF_BAR_BYTES, &v->regs);
	if (err)
		return dev_reject(d, "registers (BAR%u) cannot be mapped: error %d", VF_BAR, -err);
	v->dev = d;
	v->port = p;
	v->ms = dev_clock_hz() / 1000;
	p->priv = v;
	if (ixgbevf_rd(v, IXGBEVF_VFSTATUS) == IXGBEVF_REMOVED) {
		dev_reject(d, "its registers do not answer");
		return -EIO;
	}
	err = greet(d, v);
	if (err)
		return err;
	if (!alloc_queues(d, v)) {
		dev_reject(d, "no data-plane memory for its rings");
		return -ENOMEM;
	}
	tell_port(v, p);
	err = port_register(p);
	if (err)
		dev_reject(d, "too many ports");
	else
		dev_log(d, "%s %02x:%02x:%02x:%02x:%02x:%02x, %u queues, mailbox API 1.%u", p->name,
			p->mac[0], p->mac[1], p->mac[2], p->mac[3], p->mac[4], p->mac[5], v->offer,
			minor[v->grant.api]);
	return err;
}

const struct net_driver ixgbevf_driver = { "ixgbevf", ids, probe };
