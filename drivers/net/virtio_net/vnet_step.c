// SPDX-License-Identifier: MIT
/* What virtio-net needs every 10 ms: link, a look at the device's status and at hanging frames. At
 * most two register accesses a call. Owner QGM. */
#include "drivers/net/virtio_net/virtio_net.h"

/* A back end may wait for its peer for long; this is for one that is lost. */
enum { TX_HANG_MS = 10000 };

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

void vnet_fail(struct vnet *v, bool removed)
{
	struct port *p = v->port;

	if (p->link)
		counter_add(&p->nic.link_changes, 1);
	if (removed)
		vnet_release(v);
	v->phase = VNET_DEAD;
	v->resetting = false;
	p->link = false;
	p->state = PORT_FAILED;
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

static bool tx_hangs(struct vnet *v, u64 now)
{
	const struct vnet_queue *q = &v->tx;

	if (q->nfree == q->size || !v->port->link || q->seen != v->hang_seen || !v->hang_since) {
		v->hang_seen = q->seen;
		v->hang_since = q->nfree == q->size ? 0 : now;
		return false;
	}
	return now - v->hang_since > TX_HANG_MS * v->ms;
}

void vnet_step(struct port *p, u64 now)
{
	struct vnet *v = p->priv;
	u8 status;

	if (v->resetting) {
		vnet_reset_step(v, now);
		return;
	}
	if (v->phase != VNET_UP)
		return;
	status = mmio_rd8(&v->common, VIRTIO_DEVICE_STATUS);
	if (status == VIRTIO_REMOVED) {
		vnet_fail(v, true);
		return;
	}
	if (status & VIRTIO_DEVICE_NEEDS_RESET) {
		vnet_reset_begin(v);
		return;
	}
	vnet_link(v);
	if (v->pc)
		vnet_reclaim(p, 0, v->pc);
	if (v->phase == VNET_UP && tx_hangs(v, now))
		vnet_reset_begin(v);
}
