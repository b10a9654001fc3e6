// SPDX-License-Identifier: MIT
/* Finding a vmxnet3: revisions, station address, memory, MSI-X entries. Boot CPU, start-up. */
#include "drivers/net/vmxnet3/vmxnet3.h"

enum { VMWARE = 0x15ad, PT_BAR = 0, VD_BAR = 1, BAR_BYTES = 4096 };

static const struct net_driver_id vmxnet3_ids[] = {
	{ VMWARE, 0x07b0 },
	{ 0, 0 },
};

/*
 * An entry for each receive queue, as far as they go: the others' QGMs look by the clock. Without
 * MSI-X one message for all, of use where there is one queue. The line is not used: its self test
 * would need an active device.
 */
static void vmxnet3_attach(struct port *p, u16 qgm)
{
	struct vmxnet3 *v = p->priv;
	u32 n = p->rx_queues;

	for (u32 i = 0; i < n; i++) {
		if (dev_irq_attach_vector(v->dev, (u16)i, p->queue_qgm[i]))
			break;
		v->pair[i].wakes = true;
		p->wake_queues |= 1u << i;
		v->vectors = n;
	}
	if (!v->vectors && n == 1 && dev_irq_attach_msi(v->dev, qgm) == 0)
		p->wake_queues = v->pair[0].wakes = true;
	/* Queues that only send have nothing to wake for. */
	p->can_wake = p->wake_queues == (1u << n) - 1;
}

static const struct port_ops vmxnet3_ops = {
	.name = "vmxnet3",
	.attach = vmxnet3_attach,
	.start = vmxnet3_start,
	.stop = vmxnet3_stop,
	.drain = vmxnet3_drain,
	.spread = vmxnet3_spread,
	.rx = vmxnet3_rx,
	.tx = vmxnet3_tx,
	.room = vmxnet3_room,
	.reclaim = vmxnet3_reclaim,
	.step = vmxnet3_step,
	.arm = vmxnet3_arm,
	.buffers = vmxnet3_buffers,
	.read_reg = vmxnet3_read_reg,
};

/* False: none that a station may have. */
static bool read_mac(const struct vmxnet3 *v, u8 mac[6])
{
	u32 low = vmxnet3_ask(v, VMXNET3_CMD_GET_PERM_MAC_LO);
	u32 high = vmxnet3_ask(v, VMXNET3_CMD_GET_PERM_MAC_HI);

	for (unsigned i = 0; i < 4; i++)
		mac[i] = (u8)(low >> 8 * i);
	mac[4] = (u8)high;
	mac[5] = (u8)(high >> 8);
	return !(mac[0] & 1) && (low | (high & 0xffff));
}

static bool alloc_pair(struct vmxnet3 *v, u32 i)
{
	struct vmxnet3_pair *k = &v->pair[i];
	struct device *d = v->dev;

	k->nr = (u8)i;
	k->regs = v->pt;
	k->port = v->port;
	k->count = &v->port->qnic[i];
	k->pool = 0xff;
	k->rx = dma_alloc(d, VMXNET3_RING * sizeof(*k->rx), 4096, &k->rx_iova);
	k->rx_comp = dma_alloc(d, VMXNET3_RX_COMP * sizeof(*k->rx_comp), 4096, &k->rx_comp_iova);
	k->tx = dma_alloc(d, VMXNET3_RING * sizeof(*k->tx), 4096, &k->tx_iova);
	k->tx_comp = dma_alloc(d, VMXNET3_RING * sizeof(*k->tx_comp), 4096, &k->tx_comp_iova);
	k->rx_slot = dev_alloc(d, VMXNET3_RING * sizeof(*k->rx_slot), CACHE_LINE);
	k->tx_slot = dev_alloc(d, VMXNET3_RING * sizeof(*k->tx_slot), CACHE_LINE);
	return k->rx && k->rx_comp && k->tx && k->tx_comp && k->rx_slot && k->tx_slot;
}

static bool alloc(struct vmxnet3 *v)
{
	struct device *d = v->dev;

	v->shared = dma_alloc(d, sizeof(*v->shared), 4096, &v->shared_iova);
	v->queues = dma_alloc(
		d, VMXNET3_PAIRS * (sizeof(struct vmxnet3_txq) + sizeof(struct vmxnet3_rxq)), 4096,
		&v->queues_iova);
	v->body = dma_alloc(d, VMXNET3_BODY_RING * sizeof(*v->body), 512, &v->body_iova);
	v->rss = dma_alloc(d, sizeof(*v->rss), CACHE_LINE, &v->rss_iova);
	if (!v->shared || !v->queues || !v->body || !v->rss)
		return false;
	for (u32 i = 0; i < v->npairs; i++)
		if (!alloc_pair(v, i))
			return false;
	return vmxnet3_info_alloc(v) == 0;
}

static int map(struct vmxnet3 *v)
{
	int err = dev_map_bar(v->dev, PT_BAR, 0, BAR_BYTES, &v->pt);

	return err ? err : dev_map_bar(v->dev, VD_BAR, 0, BAR_BYTES, &v->vd);
}

static int vmxnet3_probe(struct device *d)
{
	struct port *p = dev_port_alloc(d);
	struct vmxnet3 *v = dev_alloc(d, sizeof(*v), CACHE_LINE);
	u32 revisions;
	int err;

	if (!p || !v)
		return dev_reject(d, "no data-plane memory");
	v->dev = d;
	v->port = p;
	v->ms = dev_clock_hz() / 1000;
	err = map(v);
	if (err)
		return dev_reject(d, "registers (BAR0, BAR1) cannot be mapped: error %d", -err);
	revisions = vmxnet3_rd(v, VMXNET3_VRRS);
	if (revisions == VMXNET3_REMOVED)
		return dev_reject(d, "its registers do not answer");
	if (!(revisions & VMXNET3_REVISION_1) || !(vmxnet3_rd(v, VMXNET3_UVRS) & UPT1_VERSION_1))
		return dev_reject(d, "it has no revision 1 (%#x)", revisions);
	vmxnet3_wr(v, VMXNET3_VRRS, VMXNET3_REVISION_1);
	vmxnet3_wr(v, VMXNET3_UVRS, UPT1_VERSION_1);
	if (!read_mac(v, p->mac))
		return dev_reject(d, "it has no valid station address");
	v->npairs = MIN(dev_queue_pairs(), (u32)VMXNET3_PAIRS);
	if (!alloc(v))
		return dev_reject(d, "no data-plane memory for its rings");
	p->ops = &vmxnet3_ops;
	p->priv = v;
	p->mtu_max = VMXNET3_MTU_MAX;
	p->tx_queues = (u16)v->npairs;
	/* A device of revision 1 alone need not spread; QEMU's does not. */
	p->rx_queues = revisions > VMXNET3_REVISION_1 ? (u16)v->npairs : 1;
	p->reta_size = p->rx_queues > 1 ? UPT1_RSS_TABLE : 0;
	err = port_register(p);
	if (err)
		return dev_reject(d, "too many ports");
	dev_log(d, "%s %02x:%02x:%02x:%02x:%02x:%02x, revisions %#x, %u + %u queues", p->name,
		p->mac[0], p->mac[1], p->mac[2], p->mac[3], p->mac[4], p->mac[5], revisions,
		p->rx_queues, p->tx_queues);
	return 0;
}

const struct net_driver vmxnet3_driver = { "vmxnet3", vmxnet3_ids, vmxnet3_probe };
