// SPDX-License-Identifier: MIT
/* What virtio-net needs every 10 ms: link, a look at the device's status, at the control queue and
 * at hanging frames. At most three register accesses a call and one for each pair that hangs. Owner
 * QGM. And its registers by name.
 */
#include "drivers/net/virtio_net/virtio_net.h"

/* A back end may wait for its peer for long; this is for one that is lost. */
enum { TX_HANG_MS = 10000, TX_RING_AGAIN_MS = 10 };

static const struct port_reg registers[] = {
#define X(name, off, bits, access, text) { #name, off, (bits) / 8, VNET_RANGE_COMMON, false },
	VIRTIO_COMMON_REGISTERS(X)
#undef X
#define X(name, off, bits, access, text) \
	{ "NET_" #name, off, (bits) / 8, VNET_RANGE_CONFIG, false },
		VIRTIO_NET_REGISTERS(X)
#undef X
};

int vnet_info_alloc(struct vnet *v)
{
	return port_regs_alloc(v->port, registers, ARRAY_SIZE(registers));
}

/* One of any width is read as the parts that the device allows (4.1.3.1). */
u64 vnet_read_reg(struct port *p, u32 i)
{
	const struct vnet *v = p->priv;
	const struct port_reg *r = &registers[i];
	const struct mmio *m = r->range == VNET_RANGE_COMMON ? &v->common : &v->config;
	u64 val = 0;

	if (r->off + r->bytes > m->len) /* an older device has a shorter configuration */
		return 0;
	if (r->bytes == 1)
		return mmio_rd8(m, r->off);
	if (r->bytes == 2)
		return mmio_rd16(m, r->off);
	if (r->bytes == 6) /* the address, in the order of the wire */
		for (u32 k = 0; k < 6; k++)
			val = val << 8 | mmio_rd8(m, r->off + k);
	else
		val = mmio_rd32(m, r->off);
	if (r->bytes == 8)
		val |= (u64)mmio_rd32(m, r->off + 4) << 32;
	return val;
}

void vnet_link(struct vnet *v)
{
	struct port *p = v->port;
	bool up = true; /* without F_STATUS the link is always up (5.1.4.2) */

	if (v->features & 1ull << VIRTIO_NET_F_STATUS)
		up = mmio_rd16(&v->config, VIRTIO_NET_STATUS) & VIRTIO_NET_S_LINK_UP;
	p->full_duplex = true;
	if (up != p->link) {
		p->link = up;
		counter_add(&p->nic.link_changes, 1);
	}
}

/*
 * Frames wait although there is link, and none was used for long. Of other QGMs' pairs this is a
 * glance at numbers that move. Before it is held for lost, the device is rung again: a host may
 * have missed our entry and we its wish to be told of it (QEMU up to 7.2 drops the guest's fences
 * when there is one vCPU, so that "publish, then look" can pass "ask, then look" of its own
 * thread).
 */
static bool tx_hangs(struct vnet *v, u32 i, u64 now)
{
	const struct vnet_queue *q = &v->pair[i].tx;
	u32 seen = load_relaxed(&q->seen);
	bool idle = load_relaxed(&q->nfree) == q->size;

	if (idle || !v->port->link || seen != v->hang[i].seen || !v->hang[i].since) {
		v->hang[i].seen = seen;
		v->hang[i].since = idle ? 0 : now;
		return false;
	}
	if (now - v->hang[i].since >= TX_RING_AGAIN_MS * v->ms)
		mmio_wr16(&v->pair[i].notify, q->doorbell, q->index);
	return now - v->hang[i].since > TX_HANG_MS * v->ms;
}

/* What the control queue owes, and what we owe it. */
static void step_ctrl(struct vnet *v, u64 now)
{
	int err = vnet_ctrl_step(v, now);

	if (!err && v->reta_owed)
		vnet_ctrl_table(v, now);
	if (err && err != -EAGAIN) {
		counter_add(&v->port->nic.bad_descriptor, 1);
		port_want_reset(v->port);
	}
}

void vnet_step(struct port *p, u64 now)
{
	struct vnet *v = p->priv;
	u8 status;

	if (v->phase != VNET_UP)
		return;
	status = mmio_rd8(&v->common, VIRTIO_DEVICE_STATUS);
	/* Gone, or wants it: the start after the reset will see which. */
	if (status & VIRTIO_DEVICE_NEEDS_RESET) {
		port_want_reset(p);
		return;
	}
	vnet_link(v);
	if (v->ctrl.size)
		step_ctrl(v, now);
	if (v->pair[0].pc)
		p->ops->reclaim(p, 0, v->pair[0].pc);
	for (u32 i = 0; i < v->npairs; i++)
		if (tx_hangs(v, i, now))
			port_want_reset(p);
}
