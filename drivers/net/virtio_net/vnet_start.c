// SPDX-License-Identifier: MIT
/*
 * Virtio's initialisation sequence (3.1.1) for the network device: reset, wait until it is over,
 * negotiate, queues, DRIVER_OK, the control queue. The same reset serves stop, and with it
 * recovery. Owner QGM; about twenty register accesses for each queue in the call that sets up, no
 * waits.
 */
#include "drivers/net/virtio_net/virtio_net.h"

/* With that of the control queue (vnet_ctrl.c), a second: then the port is down. */
enum { RESET_MAX_MS = 350 };

/* A 64-bit register is two of 32 bits (4.1.3.1). */
static void wr64(const struct mmio *m, u32 off, u64 val)
{
	mmio_wr32(m, off, (u32)val);
	mmio_wr32(m, off + 4, (u32)(val >> 32));
}

u64 vnet_device_features(struct vnet *v)
{
	u64 f;

	mmio_wr32(&v->common, VIRTIO_DEVICE_FEATURE_SELECT, 0);
	f = mmio_rd32(&v->common, VIRTIO_DEVICE_FEATURE);
	mmio_wr32(&v->common, VIRTIO_DEVICE_FEATURE_SELECT, 1);
	return f | (u64)mmio_rd32(&v->common, VIRTIO_DEVICE_FEATURE) << 32;
}

static bool gone(const struct vnet *v)
{
	return mmio_rd8(&v->common, VIRTIO_DEVICE_STATUS) == VIRTIO_REMOVED;
}

static void add_status(struct vnet *v, u8 bit)
{
	u8 s = mmio_rd8(&v->common, VIRTIO_DEVICE_STATUS);

	mmio_wr8(&v->common, VIRTIO_DEVICE_STATUS, s | bit);
}

static int negotiate(struct vnet *v)
{
	add_status(v, VIRTIO_ACKNOWLEDGE);
	add_status(v, VIRTIO_DRIVER);
	mmio_wr32(&v->common, VIRTIO_DRIVER_FEATURE_SELECT, 0);
	mmio_wr32(&v->common, VIRTIO_DRIVER_FEATURE, (u32)v->features);
	mmio_wr32(&v->common, VIRTIO_DRIVER_FEATURE_SELECT, 1);
	mmio_wr32(&v->common, VIRTIO_DRIVER_FEATURE, (u32)(v->features >> 32));
	add_status(v, VIRTIO_FEATURES_OK);
	if (!(mmio_rd8(&v->common, VIRTIO_DEVICE_STATUS) & VIRTIO_FEATURES_OK))
		return -EPROTO;
	return 0;
}

static int queue_setup(struct vnet *v, const struct vnet_queue *q, u16 vector)
{
	const struct mmio *m = &v->common;

	mmio_wr16(m, VIRTIO_QUEUE_SELECT, q->index);
	if (mmio_rd16(m, VIRTIO_QUEUE_SIZE) < q->size)
		return -EPROTO; /* it shrank since probe */
	mmio_wr16(m, VIRTIO_QUEUE_SIZE, q->size);
	mmio_wr16(m, VIRTIO_QUEUE_MSIX_VECTOR, vector);
	if (vector != VIRTIO_MSI_NO_VECTOR && mmio_rd16(m, VIRTIO_QUEUE_MSIX_VECTOR) != vector) {
		if (gone(v))
			return -EIO;
		v->port->can_wake = false; /* the device has no room for the vector */
		v->port->wake_queues &= ~(1u << vector);
	}
	wr64(m, VIRTIO_QUEUE_DESC, q->desc_iova);
	wr64(m, VIRTIO_QUEUE_DRIVER, q->avail_iova);
	wr64(m, VIRTIO_QUEUE_DEVICE, q->used_iova);
	mmio_wr16(m, VIRTIO_QUEUE_ENABLE, 1);
	return 0;
}

static u32 pairs_in_use(const struct vnet *v)
{
	return MIN((u32)MAX(v->port->rx_queues, v->port->tx_queues), (u32)v->npairs);
}

/* Is the pair to be used? What its QGM, which is down, has left in its rings stays there. */
static bool usable(const struct vnet *v, u32 i)
{
	return i < pairs_in_use(v) && !(v->port->draining >> i & 1);
}

static int queues_setup(struct vnet *v)
{
	int err = 0;

	for (u32 i = 0; i < v->npairs && !err; i++) {
		u16 vector = i < v->vectors ? (u16)i : VIRTIO_MSI_NO_VECTOR;

		if (!usable(v, i))
			continue;
		err = queue_setup(v, &v->pair[i].rx, vector);
		if (!err)
			err = queue_setup(v, &v->pair[i].tx, VIRTIO_MSI_NO_VECTOR);
	}
	if (!err && v->ctrl.size) {
		if (vnet_has(v, VIRTIO_F_RING_PACKED))
			vnet_packed_clear(&v->ctrl);
		else
			vnet_queue_clear(&v->ctrl);
		err = queue_setup(v, &v->ctrl, VIRTIO_MSI_NO_VECTOR);
	}
	return err;
}

static int setup(struct vnet *v, u64 now)
{
	int err = negotiate(v);

	if (!err) {
		mmio_wr16(&v->common, VIRTIO_CONFIG_MSIX_VECTOR, VIRTIO_MSI_NO_VECTOR);
		err = queues_setup(v);
	}
	if (err) {
		add_status(v, VIRTIO_FAILED);
		return err;
	}
	add_status(v, VIRTIO_DRIVER_OK);
	vnet_ctrl_begin(v, now);
	return 0;
}

static void up(struct vnet *v)
{
	for (u32 i = 0; i < v->npairs; i++) {
		struct vnet_pair *k = &v->pair[i];

		k->frame_max = v->port->jumbo ? PORT_FRAME_JUMBO : VNET_FRAME_MAX;
		k->up = usable(v, i);
		v->hang[i].since = 0;
	}
	v->phase = VNET_UP;
	vnet_link(v);
}

/* --- the walk through a reset --------------------------------------------------------------- */

static void walk_begin(struct vnet *v)
{
	for (u32 i = 0; i < v->npairs; i++)
		v->pair[i].up = false;
	mmio_wr8(&v->common, VIRTIO_DEVICE_STATUS, 0);
	v->phase = VNET_RESET;
	v->deadline = 0;
}

/* 0: the device is reset and owns nothing; -EAGAIN; -EIO removed; -ETIMEDOUT. */
static int walk(struct vnet *v, u64 now)
{
	u8 s = mmio_rd8(&v->common, VIRTIO_DEVICE_STATUS);

	if (s == 0)
		return 0;
	if (s == VIRTIO_REMOVED)
		return -EIO;
	if (!v->deadline)
		v->deadline = now + RESET_MAX_MS * v->ms;
	return now < v->deadline ? -EAGAIN : -ETIMEDOUT;
}

int vnet_start(struct port *p, u64 now)
{
	struct vnet *v = p->priv;
	int err;

	switch (v->phase) {
	case VNET_UP:
		return 0;
	case VNET_CTRL:
		err = gone(v) ? -EIO : vnet_ctrl_step(v, now);
		break;
	default:
		if (v->phase != VNET_RESET || v->stopping) {
			v->stopping = false;
			walk_begin(v);
		}
		err = walk(v, now);
		if (!err)
			err = setup(v, now);
		if (!err) {
			v->phase = VNET_CTRL;
			err = vnet_ctrl_step(v, now);
		}
		break;
	}
	if (!err)
		up(v);
	else if (err != -EAGAIN)
		v->phase = VNET_DEAD;
	return err;
}

int vnet_stop(struct port *p, u64 now)
{
	struct vnet *v = p->priv;
	int err;

	if (v->phase == VNET_DOWN)
		return 0;
	if (!v->stopping) {
		v->stopping = true;
		walk_begin(v);
	}
	err = walk(v, now);
	if (err == -EAGAIN)
		return err;
	v->stopping = false;
	p->link = false;
	if (err == -ETIMEDOUT) { /* it may still write to our buffers: they are kept */
		v->phase = VNET_DEAD;
		return err;
	}
	v->phase = VNET_DOWN; /* a device that is gone has stopped */
	return 0;
}
