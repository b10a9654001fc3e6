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

#define BIT(f) (1ull << (f))
#define VNET_BASE                                                                   \
	(BIT(VIRTIO_NET_F_MTU) | BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_STATUS) | \
	 BIT(VIRTIO_F_VERSION_1))
#define VNET_RINGS (BIT(VIRTIO_F_RING_PACKED) | BIT(VIRTIO_F_EVENT_IDX))
#define VNET_PAIRS (BIT(VIRTIO_NET_F_CTRL_VQ) | BIT(VIRTIO_NET_F_MQ))

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

static bool ring_alloc(struct vnet *v, struct vnet_queue *q)
{
	struct device *d = v->dev;
	u32 n = q->size;

	q->desc = dma_alloc(d, n * sizeof(*q->desc), n < VNET_RING_MAX ? CACHE_LINE : 4096,
			    &q->desc_iova);
	if (vnet_has(v, VIRTIO_F_RING_PACKED)) {
		q->ours = dma_alloc(d, sizeof(*q->ours), CACHE_LINE, &q->avail_iova);
		q->theirs = dma_alloc(d, sizeof(*q->theirs), CACHE_LINE, &q->used_iova);
	} else {
		q->avail = dma_alloc(d, sizeof(*q->avail) + (n + 1) * sizeof(q->avail->ring[0]),
				     CACHE_LINE, &q->avail_iova);
		q->used = dma_alloc(d, sizeof(*q->used) + n * sizeof(q->used->ring[0]) + 2,
				    CACHE_LINE, &q->used_iova);
	}
	q->slot = dev_alloc(d, n * sizeof(*q->slot), CACHE_LINE);
	q->free = dev_alloc(d, n * sizeof(*q->free), CACHE_LINE);
	return q->desc && q->avail && q->used && q->slot && q->free;
}

static int queue_alloc(struct vnet *v, struct vnet_queue *q, u16 index, u16 max)
{
	const struct mmio *m = &v->common;
	struct device *d = v->dev;
	u64 doorbell;
	u16 offered;

	mmio_wr16(m, VIRTIO_QUEUE_SELECT, index);
	q->index = index;
	q->event = vnet_has(v, VIRTIO_F_EVENT_IDX);
	offered = mmio_rd16(m, VIRTIO_QUEUE_SIZE); /* once: it may answer differently */
	q->size = ring_size(MIN(offered, max));
	if (q->size < 2)
		return dev_reject(d, "queue %u has %u entries", index, q->size);
	q->mask = q->size - 1;
	doorbell = (u64)mmio_rd16(m, VIRTIO_QUEUE_NOTIFY_OFF) * v->notify_multiplier;
	if (doorbell + 2 > v->notify.len)
		return dev_reject(d, "the doorbell of queue %u is out of range", index);
	q->doorbell = (u32)doorbell;
	if (!ring_alloc(v, q))
		return dev_reject(d, "no data-plane memory for queue %u", index);
	if (vnet_has(v, VIRTIO_F_RING_PACKED))
		vnet_packed_clear(q);
	else
		vnet_queue_clear(q);
	return 0;
}

static int queues_alloc(struct vnet *v)
{
	int err = 0;

	for (u16 i = 0; i < v->npairs && !err; i++) {
		struct vnet_pair *k = &v->pair[i];

		k->port = v->port;
		k->count = &v->port->qnic[i];
		k->notify = v->notify;
		k->merge = vnet_has(v, VIRTIO_NET_F_MRG_RXBUF);
		err = queue_alloc(v, &k->rx, (u16)(2 * i), VNET_RING_MAX); /* 5.1.2 */
		if (!err)
			err = queue_alloc(v, &k->tx, (u16)(2 * i + 1), VNET_RING_MAX);
	}
	if (err || v->npairs == 1)
		return err;
	v->command = dma_alloc(v->dev, sizeof(*v->command), CACHE_LINE, &v->command_iova);
	if (!v->command)
		return dev_reject(v->dev, "no data-plane memory");
	return queue_alloc(v, &v->ctrl, (u16)(2 * v->max_pairs), VNET_CTRL_RING);
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

/* --- features -------------------------------------------------------------------------------- */

/* Would the device run with these? It forgets the answer at the next reset. */
static bool accepts(struct vnet *v, u64 features)
{
	const struct mmio *m = &v->common;
	u8 status = VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER;

	if (!reset(v))
		return false;
	mmio_wr8(m, VIRTIO_DEVICE_STATUS, VIRTIO_ACKNOWLEDGE);
	mmio_wr8(m, VIRTIO_DEVICE_STATUS, status);
	mmio_wr32(m, VIRTIO_DRIVER_FEATURE_SELECT, 0);
	mmio_wr32(m, VIRTIO_DRIVER_FEATURE, (u32)features);
	mmio_wr32(m, VIRTIO_DRIVER_FEATURE_SELECT, 1);
	mmio_wr32(m, VIRTIO_DRIVER_FEATURE, (u32)(features >> 32));
	mmio_wr8(m, VIRTIO_DEVICE_STATUS, status | VIRTIO_FEATURES_OK);
	return mmio_rd8(m, VIRTIO_DEVICE_STATUS) & VIRTIO_FEATURES_OK;
}

/* A pair for each QGM, and RSS to spread flows over them; without RSS the device does as it likes,
 * which is, as a rule, by where a flow's other direction came from. */
static u64 take_pairs(struct vnet *v)
{
	const struct mmio *m = &v->config;
	u64 f = 0;
	u32 table;

	v->npairs = 1;
	if ((v->offered & VNET_PAIRS) != VNET_PAIRS || m->len < VIRTIO_NET_MAX_PAIRS + 2)
		return 0;
	v->max_pairs = mmio_rd16(m, VIRTIO_NET_MAX_PAIRS);
	if (v->max_pairs < 2 || v->max_pairs > 0x8000 || dev_queue_pairs() < 2)
		return 0;
	v->npairs = (u16)MIN((u32)v->max_pairs, dev_queue_pairs());
	f = VNET_PAIRS;
	if (!(v->offered & BIT(VIRTIO_NET_F_RSS)) || m->len < VIRTIO_NET_HASH_TYPES + 4 ||
	    mmio_rd8(m, VIRTIO_NET_RSS_MAX_KEY_SIZE) < VNET_RSS_KEY)
		return f;
	table = mmio_rd16(m, VIRTIO_NET_RSS_MAX_TABLE);
	v->hash_types = mmio_rd32(m, VIRTIO_NET_HASH_TYPES) &
			(VIRTIO_NET_HASH_TYPE_IPv4 | VIRTIO_NET_HASH_TYPE_TCPv4 |
			 VIRTIO_NET_HASH_TYPE_UDPv4 | VIRTIO_NET_HASH_TYPE_IPv6 |
			 VIRTIO_NET_HASH_TYPE_TCPv6 | VIRTIO_NET_HASH_TYPE_UDPv6);
	if (table < v->npairs || !v->hash_types)
		return f;
	v->port->reta_size = VNET_RETA_MAX;
	while (v->port->reta_size > table)
		v->port->reta_size /= 2;
	return f | BIT(VIRTIO_NET_F_RSS);
}

/* The most that the device takes: all we can use, without what is for speed only, and at last with
 * mergeable buffers. */
static void take_features(struct vnet *v)
{
	u64 base = v->features, pairs = take_pairs(v),
	    all = base | pairs | (v->offered & VNET_RINGS);
	u64 merge = base | BIT(VIRTIO_NET_F_MRG_RXBUF);

	v->features = all;
	if (accepts(v, all))
		return;
	v->npairs = 1;
	v->port->reta_size = 0;
	v->features = base;
	if (v->offered & BIT(VIRTIO_NET_F_MRG_RXBUF) && !accepts(v, base) && accepts(v, merge))
		v->features = merge;
}

static int negotiable(struct device *d, struct vnet *v)
{
	if (!reset(v))
		return dev_reject(d, "does not come out of its reset");
	mmio_wr8(&v->common, VIRTIO_DEVICE_STATUS, VIRTIO_ACKNOWLEDGE);
	mmio_wr8(&v->common, VIRTIO_DEVICE_STATUS, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
	v->offered = vnet_device_features(v);
	v->features = v->offered & VNET_BASE;
	if (!(v->offered & BIT(VIRTIO_F_VERSION_1)))
		return dev_reject(d, "no virtio 1.0 (legacy only is not driven)");
	if (!(v->offered & BIT(VIRTIO_NET_F_MAC)) || !read_mac(v, v->port->mac))
		return dev_reject(d, "it has no valid station address");
	take_mtu(v);
	take_features(v);
	return 0;
}

/* An MSI-X entry for each pair, as far as they go: the others' QGMs look by the clock. */
static void vnet_attach(struct port *p, u16 qgm)
{
	struct vnet *v = p->priv;
	u32 n = MAX(p->rx_queues, p->tx_queues);

	(void)qgm;
	while (v->vectors < n &&
	       !dev_irq_attach_vector(v->dev, v->vectors, p->queue_qgm[v->vectors]))
		p->wake_queues |= 1u << v->vectors++;
	p->can_wake = v->vectors == n;
}

static const struct port_ops vnet_ops = {
	.name = "virtio-net",
	.attach = vnet_attach,
	.start = vnet_start,
	.stop = vnet_stop,
	.drain = vnet_drain,
	.spread = vnet_spread,
	.rx = vnet_rx,
	.tx = vnet_tx,
	.room = vnet_room,
	.reclaim = vnet_reclaim,
	.step = vnet_step,
	.arm = vnet_arm,
	.buffers = vnet_buffers,
	.read_reg = vnet_read_reg,
};
static const struct port_ops vnet_packed_ops = {
	.name = "virtio-net",
	.attach = vnet_attach,
	.start = vnet_start,
	.stop = vnet_stop,
	.drain = vnet_packed_drain,
	.spread = vnet_spread,
	.rx = vnet_packed_rx,
	.tx = vnet_packed_tx,
	.room = vnet_room,
	.reclaim = vnet_packed_reclaim,
	.step = vnet_step,
	.arm = vnet_packed_arm,
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
		err = queues_alloc(v);
	if (err)
		return err;
	if (vnet_info_alloc(v))
		return dev_reject(d, "no data-plane memory");
	reset(v);
	p->ops = vnet_has(v, VIRTIO_F_RING_PACKED) ? &vnet_packed_ops : &vnet_ops;
	p->priv = v;
	p->rx_queues = p->tx_queues = v->npairs;
	err = port_register(p);
	if (err)
		return dev_reject(d, "too many ports");
	dev_log(d, "%s %02x:%02x:%02x:%02x:%02x:%02x, %u queue pair%s, %s rings%s%s", p->name,
		p->mac[0], p->mac[1], p->mac[2], p->mac[3], p->mac[4], p->mac[5], v->npairs,
		v->npairs > 1 ? "s" : "", vnet_has(v, VIRTIO_F_RING_PACKED) ? "packed" : "split",
		vnet_has(v, VIRTIO_F_EVENT_IDX) ? ", event index" : "",
		p->reta_size ? ", RSS" : "");
	return 0;
}

const struct net_driver virtio_net_driver = { "virtio-net", vnet_ids, vnet_probe };
