// SPDX-License-Identifier: MIT
/* Finding an XL710: registers, memory, reset, station address, interrupts. Boot CPU, start-up. */
#include "drivers/net/i40e/i40e.h"

enum {
	INTEL = 0x8086,
	I40E_BAR = 0,
	I40E_BAR_BYTES = 0x400000,
	STEP_US = 50,
	IDENTIFY_STEPS = 3000000 / STEP_US,
};

static const struct net_driver_id ids[] = {
	{ INTEL, 0x1572 }, /* X710 SFP+ */
	{ INTEL, 0x1580 }, /* XL710 backplane */
	{ INTEL, 0x1581 }, /* X710 backplane */
	{ INTEL, 0x1583 }, /* XL710 QSFP+ */
	{ INTEL, 0x1584 }, /* XL710 QSFP+ */
	{ INTEL, 0x1585 }, /* X710 QSFP+ */
	{ INTEL, 0x1586 }, /* X710 10GBASE-T */
	{ INTEL, 0x1589 }, /* X710 10GBASE-T4 */
	{ INTEL, 0x158a }, /* XXV710 backplane */
	{ INTEL, 0x158b }, /* XXV710 SFP28 */
	{ INTEL, 0x104f }, /* X710 backplane, mezzanine */
	{ INTEL, 0x104e }, /* X710 SFP+, mezzanine */
	{ INTEL, 0x15ff }, /* X710-T4L 10GBASE-T */
	{ 0, 0 },
};

/* A vector for each queue to its QGM; entry 0 is the other causes', which are polled. */
static void i40e_attach(struct port *p, u16 qgm)
{
	struct i40e *e = p->priv;

	(void)qgm;
	for (u32 i = 0; i < p->rx_queues; i++) {
		if (dev_irq_attach_vector(e->dev, (u16)(i + 1), p->queue_qgm[i]))
			return;
		p->wake_queues |= 1u << i;
	}
}

static const struct port_ops i40e_ops = {
	.name = "i40e",
	.buffers = i40e_buffers,
	.attach = i40e_attach,
	.start = i40e_start,
	.stop = i40e_stop,
	.drain = i40e_drain,
	.spread = i40e_spread,
	.flow = i40e_flow,
	.rx = i40e_rx,
	.tx = i40e_tx,
	.room = i40e_room,
	.reclaim = i40e_reclaim,
	.step = i40e_step,
	.arm = i40e_arm,
	.read_reg = i40e_read_reg,
};

static bool alloc_aq(struct device *d, struct i40e_aq *q)
{
	q->send = dma_alloc(d, I40E_AQ_RING * sizeof(*q->send), 4096, &q->send_iova);
	q->events = dma_alloc(d, I40E_AQ_RING * sizeof(*q->events), 4096, &q->events_iova);
	q->buffer = dma_alloc(d, I40E_AQ_BUFFER, 4096, &q->buffer_iova);
	q->event_buffers =
		dma_alloc(d, I40E_AQ_RING * I40E_EVENT_BUFFER, 4096, &q->event_buffers_iova);
	return q->send && q->events && q->buffer && q->event_buffers;
}

/* As many pairs as memory allows; false: not even one. */
static bool alloc_all(struct device *d, struct i40e *e)
{
	if (!alloc_aq(d, &e->aq) || i40e_hmc_alloc(d, e))
		return false;
	while (e->offer < PORT_QUEUES && ring_pair_alloc(d, &e->queue[e->offer], RING_BY_MARK))
		e->offer++;
	if (e->offer > 1 && !i40e_fdir_alloc(d, e))
		e->fdir.scratch_iova = 0; /* software steers, then */
	return e->offer;
}

/* Which function of the device we are, and which of its queues are ours. */
static int find_function(struct device *d, struct i40e *e)
{
	u32 rid = i40e_rd(e, I40E_PF_FUNC_RID), q = i40e_rd(e, I40E_PFLAN_QALLOC);
	bool ari = i40e_rd(e, I40E_GLPCI_CAPSUP) & CAPSUP_ARI_EN;

	e->pf = (u8)(rid & (ari ? FUNC_RID_ARI : FUNC_RID_FUNCTION));
	e->port_number = (u8)(i40e_rd(e, I40E_PFGEN_PORTNUM) & 3);
	e->first_queue = (u16)(q & QALLOC_FIRSTQ);
	if (e->pf > 15)
		return dev_reject(d, "function number %u is none of the device's", e->pf);
	if (!(q & QALLOC_VALID))
		return dev_reject(d, "the device gives this function no queues");
	e->total = (q >> QALLOC_LASTQ_SHIFT & QALLOC_LASTQ) - e->first_queue + 1;
	e->offer = MIN(e->offer, e->total);
	return 0;
}

static int identify(struct device *d, struct i40e *e)
{
	int err = -EAGAIN;
	u64 now = 0;

	for (u32 i = 0; i < IDENTIFY_STEPS && err == -EAGAIN; i++) {
		err = i40e_identify(e, now);
		dev_delay_us(STEP_US);
		now += STEP_US * e->ms / 1000;
	}
	if (err == -EPROTO)
		return dev_reject(d, "its firmware refused to %s: %u", i40e_admin_failed(e),
				  e->script.retval);
	if (err)
		return dev_reject(d, e->script.failed ? "its firmware does not answer"
						      : "its reset does not end");
	if (e->port->mac[0] & 1)
		return dev_reject(d, "it has no valid station address");
	return 0;
}

static int tell_port(struct i40e *e, struct port *p)
{
	p->ops = &i40e_ops;
	p->priv = e;
	p->mtu_max = PORT_MTU_JUMBO;
	p->reta_size = I40E_RETA_SIZE;
	if (i40e_stats_init(p) || i40e_dump_init(p))
		return -ENOMEM;
	return 0;
}

static int i40e_probe(struct device *d)
{
	struct port *p = dev_port_alloc(d);
	struct i40e *e = dev_alloc(d, sizeof(*e), CACHE_LINE);
	int err;

	if (!p || !e || !alloc_all(d, e) || tell_port(e, p)) {
		dev_reject(d, "no data-plane memory for its rings");
		return -ENOMEM;
	}
	err = dev_map_bar(d, I40E_BAR, 0, I40E_BAR_BYTES, &e->regs);
	if (err)
		return dev_reject(d, "registers (BAR%u) cannot be mapped: error %d", I40E_BAR,
				  -err);
	e->dev = d;
	e->port = p;
	e->ms = dev_clock_hz() / 1000;
	if (i40e_rd(e, I40E_GLGEN_RSTAT) == I40E_REMOVED) {
		dev_reject(d, "its registers do not answer");
		return -EIO;
	}
	err = find_function(d, e);
	if (!err)
		err = identify(d, e);
	if (err)
		return err;
	p->rx_queues = p->tx_queues = (u16)e->offer;
	p->flow_slots = e->fdir.scratch_iova && e->total > 2 ? I40E_FLOWS : 0;
	err = port_register(p);
	if (err)
		dev_reject(d, "too many ports");
	else
		dev_log(d, "%s %02x:%02x:%02x:%02x:%02x:%02x, %u queues, firmware API 1.%u",
			p->name, p->mac[0], p->mac[1], p->mac[2], p->mac[3], p->mac[4], p->mac[5],
			e->offer, e->api_minor);
	return 0;
}

const struct net_driver i40e_driver = { "i40e", ids, i40e_probe };
