// SPDX-License-Identifier: MIT
#include "tests/unit/drivers/model_virtio.h"
#include "tests/unit/unit.h"

enum { BAR = 4, COMMON = 0, DEVICE = 0x2000, NOTIFY = 0x3000, MULTIPLIER = 4, BAR_SIZE = 0x4000 };

/* --- registers ------------------------------------------------------------------------------ */

static void reset(struct model_virtio *d)
{
	d->status = 0;
	d->taken = 0;
	d->needs_reset = false;
	model_virtqueue_reset(d);
}

void model_virtio_reset(struct model *m)
{
	reset((struct model_virtio *)m);
}

static u32 queues(const struct model_virtio *d)
{
	return 2u * d->pairs + !!(d->offered & MODEL_CTRL);
}

static u64 common_rd(struct model_virtio *d, u32 off, u32 bytes)
{
	struct vq *k = &d->q[d->selected < queues(d) ? d->selected : 0];
	static const u8 width[0x38] = {
		[0] = 4,    [4] = 4,    [8] = 4,    [0xc] = 4,  [0x10] = 2, [0x12] = 2, [0x14] = 1,
		[0x15] = 1, [0x16] = 2, [0x18] = 2, [0x1a] = 2, [0x1c] = 2, [0x1e] = 2, [0x20] = 4,
		[0x24] = 4, [0x28] = 4, [0x2c] = 4, [0x30] = 4, [0x34] = 4
	};

	if (off >= sizeof(width) || width[off] != bytes) {
		rig_fault("read of %u bytes at common+%x", bytes, off);
		return 0;
	}
	switch (off) {
	case 0x04:
		return d->feature_sel < 2 ? (u32)(d->offered >> 32 * d->feature_sel) : 0;
	case 0x12:
		return queues(d);
	case 0x14:
		d->status_hits += d->needs_reset;
		return d->status | (d->needs_reset ? 64 : 0);
	case 0x15:
		return d->unstable ? d->generation++ : d->generation;
	case 0x18:
		return d->selected < queues(d) ? k->size : 0;
	case 0x1a:
		return k->vector;
	case 0x1c:
		return k->enabled;
	case 0x1e:
		return d->selected;
	default:
		return 0;
	}
}

static void status_wr(struct model_virtio *d, u8 v)
{
	if (!v) {
		if (!d->m.stuck_reset)
			reset(d);
		return;
	}
	if ((d->status & v) != d->status)
		rig_fault("status %02x after %02x takes bits back", v, d->status);
	if (v & 8 && !(d->status & 8)) {
		if (d->taken & ~d->offered)
			rig_fault("features taken that were not offered");
		if (d->refuse || !(d->taken >> 32 & 1) || (d->taken & d->wanted) != d->wanted)
			v &= (u8)~8;
	}
	if (v & 4 && !(v & 8))
		rig_fault("DRIVER_OK without FEATURES_OK");
	d->status = v;
}

static void half_wr(u64 *field, u32 off, u32 v)
{
	if (off & 4)
		*field = (u32)*field | (u64)v << 32;
	else
		*field = (*field & ~0xffffffffull) | v;
}

static void queue_wr(struct model_virtio *d, u32 off, u32 v)
{
	struct vq *k = &d->q[d->selected < queues(d) ? d->selected : 0];

	if (d->selected >= queues(d) || k->enabled || !(d->status & 8) || d->status & 4) {
		rig_fault("queue %u register %x written in status %02x", d->selected, off,
			  d->status);
		return;
	}
	switch (off) {
	case 0x18:
		if (v > d->queue_max || v & (v - 1))
			rig_fault("queue size %u", v);
		k->size = (u16)v;
		break;
	case 0x1a:
		k->vector = (u16)v;
		break;
	case 0x1c:
		if (k->desc & 15 || k->avail & 1 || k->used & 3 || !k->desc)
			rig_fault("queue %u is not aligned", d->selected);
		k->enabled = v & 1;
		k->seen = k->used_at = 0;
		k->wrap = k->used_wrap = true;
		break;
	case 0x20:
	case 0x24:
		half_wr(&k->desc, off, v);
		break;
	case 0x28:
	case 0x2c:
		half_wr(&k->avail, off, v);
		break;
	default:
		half_wr(&k->used, off, v);
		break;
	}
}

static void common_wr(struct model_virtio *d, u32 off, u32 v)
{
	switch (off) {
	case 0x00:
		d->feature_sel = v;
		break;
	case 0x08:
		d->driver_sel = v;
		break;
	case 0x0c:
		if (d->status & 8)
			rig_fault("features changed after FEATURES_OK");
		half_wr(&d->taken, d->driver_sel ? 4 : 0, v);
		break;
	case 0x10:
		break;
	case 0x14:
		status_wr(d, (u8)v);
		break;
	case 0x16:
		d->selected = (u16)v;
		break;
	default:
		if (off >= 0x18 && off < 0x38 && off != 0x1e)
			queue_wr(d, off, v);
		else
			rig_fault("write to common+%x", off);
		break;
	}
}

static u64 rd(void *model, u32 bar, u64 off, u32 bytes)
{
	static const u8 mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
	struct model_virtio *d = model;

	d->reads++;
	if (bar == BAR && off < 0x38)
		return common_rd(d, (u32)off, bytes);
	if (bar == BAR && off >= DEVICE && off < DEVICE + 6 && bytes == 1)
		return mac[off - DEVICE];
	if (bar == BAR && off == DEVICE + 6 && bytes == 2)
		return d->m.link;
	if (bar == BAR && off == DEVICE + 8 && bytes == 2)
		return d->pairs;
	if (bar == BAR && off == DEVICE + 10 && bytes == 2)
		return d->mtu;
	if (bar == BAR && off == DEVICE + 17 && bytes == 1)
		return 40;
	if (bar == BAR && off == DEVICE + 18 && bytes == 2)
		return VQ_TABLE;
	if (bar == BAR && off == DEVICE + 20 && bytes == 4)
		return 0x1ff;
	rig_fault("read of %u bytes at BAR%u+%llx", bytes, bar, (unsigned long long)off);
	return 0;
}

static void wr(void *model, u32 bar, u64 off, u32 bytes, u64 v)
{
	struct model_virtio *d = model;

	if (bar == BAR && off < 0x38) {
		common_wr(d, (u32)off, (u32)v);
	} else if (bar == BAR && off >= NOTIFY && bytes == 2 && v < queues(d) &&
		   off == NOTIFY + v * MULTIPLIER) {
		if (!(d->status & 4))
			rig_fault("doorbell before DRIVER_OK");
		d->q[v].kicks++;
		model_virtqueue_kick(d, (u32)v);
	} else {
		rig_fault("write of %u bytes at BAR%u+%llx", bytes, bar, (unsigned long long)off);
	}
}

/* --- configuration space -------------------------------------------------------------------- */

static u8 cap(struct model_virtio *d, u8 at, u8 next, u8 type, u32 off, u32 len)
{
	u8 *c = &d->m.cfg[at];

	c[0] = 0x09;
	c[1] = next;
	c[2] = type == 2 ? 20 : 16;
	c[3] = type;
	c[4] = BAR;
	for (u32 i = 0; i < 4; i++) {
		c[8 + i] = (u8)(off >> 8 * i);
		c[12 + i] = (u8)(len >> 8 * i);
	}
	c[16] = type == 2 ? MULTIPLIER : 0;
	return at;
}

struct model *model_virtio(void)
{
	return model_virtio_with(0, 1);
}

struct model *model_virtio_with(u64 features, u16 pairs)
{
	struct model_virtio *d = calloc(1, sizeof(*d));

	d->m.name = "virtio-net";
	d->m.bar_size[BAR] = BAR_SIZE;
	d->m.rd = rd;
	d->m.wr = wr;
	d->m.inject = model_virtqueue_inject;
	d->m.run = model_virtqueue_transmit;
	d->m.link = true;
	/* MAC, STATUS, MTU, VERSION_1; and things that the driver must not take. */
	d->offered = 1ull << 5 | 1ull << 16 | 1ull << 3 | 1ull << 32 | MODEL_MRG | 1ull << 0 |
		     1ull << 1 | 1ull << 28 | MODEL_CTRL | features;
	d->mtu = 9000;
	d->queue_max = 256;
	d->pairs = pairs;
	d->lie_id = d->lie_len = d->lie_tx_id = -1;
	d->hash_at = 20;
	reset(d);
	d->m.cfg[0x34] = cap(d, 0x40, 0x60, 1, COMMON, 0x38);
	cap(d, 0x60, 0x80, 2, NOTIFY, 0x1000);
	cap(d, 0x80, 0, 4, DEVICE, 0x1000);
	return &d->m;
}
