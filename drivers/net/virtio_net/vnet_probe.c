// SPDX-License-Identifier: MIT
/*
 * Finding a virtio-net device: its three register ranges by the vendor capabilities (4.1.4), its
 * features, address and queue sizes. A transitional device (1af4:1000) is driven through its
 * modern interface; a legacy-only one is refused. Boot CPU, start-up.
 */
#include "drivers/net/virtio_net/virtio_net.h"

enum { VIRTIO_VENDOR = 0x1af4, PCI_CAP_VENDOR_SPECIFIC = 0x09, RESET_TRIES = 1000 };

static const struct net_driver_id vnet_ids[] = {
	{ VIRTIO_VENDOR, 0x1000 }, /* transitional */
	{ VIRTIO_VENDOR, 0x1041 }, /* modern: 1040h + device type 1 */
	{ 0, 0 },
};

#define VNET_FEATURES                                                                        \
	(1ull << VIRTIO_NET_F_MTU | 1ull << VIRTIO_NET_F_MAC | 1ull << VIRTIO_NET_F_STATUS | \
	 1ull << VIRTIO_F_VERSION_1)

/* Map the first capability of this type that lies in a memory BAR we can map. */
static int map_cap(struct device *d, u8 type, struct mmio *m, u8 *at)
{
	int err = -ENODEV;

	for (u8 cap = pci_cap_find(d, PCI_CAP_VENDOR_SPECIFIC, 0); cap;
	     cap = pci_cap_find(d, PCI_CAP_VENDOR_SPECIFIC, cap)) {
		if (pci_cfg_rd8(d, (u16)(cap + VIRTIO_CAP_TYPE)) != type)
			continue;
		err = dev_map_bar(d, pci_cfg_rd8(d, (u16)(cap + VIRTIO_CAP_BAR)),
				  pci_cfg_rd32(d, (u16)(cap + VIRTIO_CAP_OFFSET)),
				  pci_cfg_rd32(d, (u16)(cap + VIRTIO_CAP_LENGTH)), m);
		if (!err) {
			*at = cap;
			return 0;
		}
	}
	return err;
}

static int map_registers(struct device *d, struct vnet *v)
{
	u8 cap;

	if (map_cap(d, VIRTIO_CAP_COMMON_CFG, &v->common, &cap) ||
	    map_cap(d, VIRTIO_CAP_DEVICE_CFG, &v->config, &cap) ||
	    map_cap(d, VIRTIO_CAP_NOTIFY_CFG, &v->notify, &cap))
		return dev_reject(d, "no modern virtio interface (legacy only is not driven)");
	if (v->common.len < VIRTIO_COMMON_BYTES || v->config.len < VIRTIO_NET_STATUS + 2)
		return dev_reject(d, "its register ranges are too short");
	v->notify_multiplier = pci_cfg_rd32(d, (u16)(cap + VIRTIO_CAP_NOTIFY_MULTIPLIER));
	return 0;
}

static bool reset(struct vnet *v)
{
	mmio_wr8(&v->common, VIRTIO_DEVICE_STATUS, 0);
	for (unsigned i = 0; i < RESET_TRIES; i++)
		if (mmio_rd8(&v->common, VIRTIO_DEVICE_STATUS) == 0)
			return true;
	return false;
}

/* The six bytes are one value only if the generation did not move meanwhile (4.1.4.3.1). */
static bool read_mac(struct vnet *v, u8 mac[6])
{
	for (unsigned tries = 0; tries < 10; tries++) {
		u8 gen = mmio_rd8(&v->common, VIRTIO_CONFIG_GENERATION);

		for (u32 i = 0; i < 6; i++)
			mac[i] = mmio_rd8(&v->config, VIRTIO_NET_MAC + i);
		if (mmio_rd8(&v->common, VIRTIO_CONFIG_GENERATION) == gen)
			return !(mac[0] & 1);
	}
	return false;
}

static u16 ring_size(u16 offered)
{
	u16 size = VNET_RING_MAX;

	while (size > offered)
		size /= 2;
	return size;
}

static int queue_alloc(struct vnet *v, struct vnet_queue *q, u16 index)
{
	const struct mmio *m = &v->common;
	struct device *d = v->dev;
	u64 doorbell;

	mmio_wr16(m, VIRTIO_QUEUE_SELECT, index);
	q->index = index;
	q->size = ring_size(mmio_rd16(m, VIRTIO_QUEUE_SIZE));
	if (q->size < 2)
		return dev_reject(d, "queue %u has %u entries", index, q->size);
	q->mask = q->size - 1;
	doorbell = (u64)mmio_rd16(m, VIRTIO_QUEUE_NOTIFY_OFF) * v->notify_multiplier;
	if (doorbell + 2 > v->notify.len)
		return dev_reject(d, "the doorbell of queue %u is out of range", index);
	q->doorbell = (u32)doorbell;
	q->desc = dma_alloc(d, q->size * sizeof(*q->desc), 4096, &q->desc_iova);
	q->avail = dma_alloc(d, sizeof(*q->avail) + (q->size + 1u) * sizeof(q->avail->ring[0]),
			     CACHE_LINE, &q->avail_iova);
	q->used = dma_alloc(d, sizeof(*q->used) + q->size * sizeof(q->used->ring[0]) + 2,
			    CACHE_LINE, &q->used_iova);
	q->slot = dev_alloc(d, q->size * sizeof(*q->slot), CACHE_LINE);
	q->free = dev_alloc(d, q->size * sizeof(*q->free), CACHE_LINE);
	if (!q->desc || !q->avail || !q->used || !q->slot || !q->free)
		return dev_reject(d, "no data-plane memory for queue %u", index);
	vnet_queue_clear(q);
	return 0;
}

/*
 * The MTU that the device asks for. Who takes F_MTU must have buffers for it (5.1.4.2), so one
 * beyond the usual is left alone but for the bound that it is: without jumbo buffers, what is
 * larger than ours does not reach us then.
 */
static void take_mtu(struct vnet *v)
{
	u16 mtu;

	v->port->mtu_max = PORT_MTU_JUMBO;
	if (!(v->features & 1ull << VIRTIO_NET_F_MTU))
		return;
	mtu = v->config.len < VIRTIO_NET_MTU + 2 ? 0 : mmio_rd16(&v->config, VIRTIO_NET_MTU);
	if (mtu < 68 || mtu > v->port->mtu)
		v->features &= ~(1ull << VIRTIO_NET_F_MTU);
	else
		v->port->mtu = mtu;
	if (mtu >= 68)
		v->port->mtu_max = MIN(mtu, (u16)PORT_MTU_JUMBO);
}

static int negotiable(struct device *d, struct vnet *v)
{
	u64 offered;

	if (!reset(v))
		return dev_reject(d, "does not come out of its reset");
	mmio_wr8(&v->common, VIRTIO_DEVICE_STATUS, VIRTIO_ACKNOWLEDGE);
	mmio_wr8(&v->common, VIRTIO_DEVICE_STATUS, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	offered = vnet_device_features(v);
	v->features = offered & VNET_FEATURES;
	if (!(offered & 1ull << VIRTIO_F_VERSION_1))
		return dev_reject(d, "no virtio 1.0 (legacy only is not driven)");
	if (!(offered & 1ull << VIRTIO_NET_F_MAC) || !read_mac(v, v->port->mac))
		return dev_reject(d, "it has no valid station address");
	take_mtu(v);
	return 0;
}

static void vnet_attach(struct port *p, u16 qgm)
{
	struct vnet *v = p->priv;

	if (dev_irq_attach_msix(v->dev, 0, qgm))
		return;
	v->irq = v->dev->irq;
	p->can_wake = true;
}

static const struct port_ops vnet_ops = {
	.name = "virtio-net",
	.attach = vnet_attach,
	.start = vnet_start,
	.stop = vnet_stop,
	.rx = vnet_rx,
	.tx = vnet_tx,
	.room = vnet_room,
	.reclaim = vnet_reclaim,
	.step = vnet_step,
	.arm = vnet_arm,
	.buffers = vnet_buffers,
	.read_reg = vnet_read_reg,
};

static int vnet_probe(struct device *d)
{
	struct port *p = dev_port_alloc(d);
	struct vnet *v = dev_alloc(d, sizeof(*v), CACHE_LINE);
	int err;

	if (!p || !v)
		return dev_reject(d, "no data-plane memory");
	v->port = p;
	v->dev = d;
	v->ms = dev_clock_hz() / 1000;
	err = map_registers(d, v);
	if (!err)
		err = negotiable(d, v);
	if (!err)
		err = queue_alloc(v, &v->rx, VNET_RXQ);
	if (!err)
		err = queue_alloc(v, &v->tx, VNET_TXQ);
	if (err)
		return err;
	if (vnet_info_alloc(v))
		return dev_reject(d, "no data-plane memory");
	reset(v);
	p->ops = &vnet_ops;
	p->priv = v;
	p->rx_queues = p->tx_queues = 1;
	err = port_register(p);
	if (err)
		return dev_reject(d, "too many ports");
	dev_log(d, "%s %02x:%02x:%02x:%02x:%02x:%02x", p->name, p->mac[0], p->mac[1], p->mac[2],
		p->mac[3], p->mac[4], p->mac[5]);
	return 0;
}

const struct net_driver virtio_net_driver = { "virtio-net", vnet_ids, vnet_probe };
