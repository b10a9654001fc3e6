// SPDX-License-Identifier: MIT
/* The virtqueues of model_virtio: split (2.7) and packed (2.8), and what the queues are for. */
#include "tests/unit/drivers/model_virtio.h"
#include "tests/unit/unit.h"

enum { HDR = 12, NEXT = 1, WRITE = 2, AVAIL = 0x80, USED = 0x8000 };

static u64 get(u64 iova, u32 bytes)
{
	const u8 *p = rig_dma(iova, bytes);
	u64 v = 0;

	while (p && bytes--)
		v = v << 8 | p[bytes];
	return v;
}

static void put(u64 iova, u32 bytes, u64 v)
{
	u8 *p = rig_dma(iova, bytes);

	for (u32 i = 0; p && i < bytes; i++)
		p[i] = (u8)(v >> 8 * i);
}

static bool packed(const struct model_virtio *d)
{
	return d->taken & MODEL_PACKED;
}

static bool event(const struct model_virtio *d)
{
	return d->taken & MODEL_EVENT;
}

void model_virtqueue_reset(struct model_virtio *d)
{
	for (u32 i = 0; i < VQ_MAX; i++)
		d->q[i] = (struct vq){ .size = d->queue_max, .vector = 0xffff };
	d->set_pairs = d->table_len = 0;
}

/* --- used ----------------------------------------------------------------------------------- */

static bool crossed(u16 at, u16 now, u16 old)
{
	return (u16)(now - at - 1) < (u16)(now - old);
}

static void interrupt(struct model_virtio *d, const struct vq *k, u16 now, u16 old)
{
	bool wanted;

	if (packed(d))
		wanted = get(k->avail + 2, 2) == 0;
	else if (event(d))
		wanted = crossed((u16)get(k->avail + 4 + 2ull * k->size, 2), now, old);
	else
		wanted = !(get(k->avail, 2) & 1);
	if (wanted && k->vector != 0xffff)
		d->m.interrupts++;
}

/* `step`: how far used.idx moves, 1 when honest; `parts`: descriptors of the chain, packed. */
static void used_add(struct model_virtio *d, u32 q, u32 id, u32 len, int step, u32 parts)
{
	struct vq *k = &d->q[q];
	u16 idx;

	if (packed(d)) {
		u64 at = k->desc + 16ull * k->used_at;

		put(at + 8, 4, len);
		put(at + 12, 2, id);
		put(at + 14, 2, k->used_wrap ? AVAIL | USED : 0);
		k->used_at = (u16)(k->used_at + parts);
		if (k->used_at >= k->size) {
			k->used_at = (u16)(k->used_at - k->size);
			k->used_wrap = !k->used_wrap;
		}
		interrupt(d, k, 0, 0);
		return;
	}
	idx = (u16)get(k->used + 2, 2);
	put(k->used + 4 + 8ull * (idx % k->size), 4, id);
	put(k->used + 8 + 8ull * (idx % k->size), 4, len);
	put(k->used + 2, 2, (u16)(idx + step));
	interrupt(d, k, (u16)(idx + step), idx);
}

void model_virtio_used(struct model_virtio *d, u32 q, u32 id, u32 len)
{
	used_add(d, q, id, len, 1, 1);
}

/* --- available ------------------------------------------------------------------------------ */

struct chain {
	u32 n, id;
	u64 addr[VQ_CHAIN];
	u32 len[VQ_CHAIN];
	u16 flags[VQ_CHAIN];
	u16 seen; /* to give it back as it was */
	bool wrap;
};

static void part(struct chain *c, u64 desc)
{
	if (c->n == VQ_CHAIN) {
		rig_fault("a chain that is too long");
		return;
	}
	c->addr[c->n] = get(desc, 8);
	c->len[c->n++] = (u32)get(desc + 8, 4);
}

static bool take_packed(struct model_virtio *d, u32 q, struct chain *c)
{
	struct vq *k = &d->q[q];
	u16 flags;

	do {
		u64 at = k->desc + 16ull * k->seen;

		flags = (u16)get(at + 14, 2);
		if (!(flags & AVAIL) != !k->wrap || !(flags & USED) == !k->wrap) {
			if (c->n)
				rig_fault("queue %u: a chain without an end", q);
			return false;
		}
		part(c, at);
		c->flags[c->n - 1] = flags & 7;
		c->id = (u32)get(at + 12, 2);
		if (++k->seen == k->size) {
			k->seen = 0;
			k->wrap = !k->wrap;
		}
	} while (flags & NEXT && c->n < VQ_CHAIN);
	return true;
}

static bool take_split(struct model_virtio *d, u32 q, struct chain *c)
{
	struct vq *k = &d->q[q];
	u32 id;
	u16 flags;

	if ((u16)get(k->avail + 2, 2) == k->seen)
		return false;
	if ((u16)(get(k->avail + 2, 2) - k->seen) > k->size) {
		rig_fault("queue %u: available index jumped", q);
		return false;
	}
	c->id = id = (u32)get(k->avail + 4 + 2ull * (k->seen % k->size), 2);
	k->seen++;
	do {
		if (id >= k->size) {
			rig_fault("queue %u: descriptor %u of %u", q, id, k->size);
			return false;
		}
		part(c, k->desc + 16ull * id);
		flags = c->flags[c->n - 1] = (u16)get(k->desc + 16ull * id + 12, 2);
		id = (u32)get(k->desc + 16ull * id + 14, 2);
	} while (flags & NEXT && c->n < VQ_CHAIN);
	return true;
}

/* The next available chain. */
static bool take(struct model_virtio *d, u32 q, struct chain *c)
{
	struct vq *k = &d->q[q];

	*c = (struct chain){ .seen = k->seen, .wrap = k->wrap };
	if (!(d->status & 4) || !k->enabled)
		return false;
	return packed(d) ? take_packed(d, q, c) : take_split(d, q, c);
}

static void give_back(struct model_virtio *d, u32 q, const struct chain *c)
{
	d->q[q].seen = c->seen;
	d->q[q].wrap = c->wrap;
}

/* When to ring again: at the next entry, or not before a long time. */
static void ask(struct model_virtio *d, u32 q)
{
	struct vq *k = &d->q[q];

	if (packed(d) && event(d)) {
		u16 at = k->seen;

		put(k->used, 2, d->polls ? (u16)(at ^ 0x8000u * !k->wrap) : at | 0x8000u * k->wrap);
		put(k->used + 2, 2, d->polls ? 1 : 2);
	} else if (packed(d)) {
		put(k->used + 2, 2, d->polls);
	} else if (event(d)) {
		put(k->used + 4 + 8ull * k->size, 2, (u16)(k->seen + 0x8000 * d->polls));
	} else {
		put(k->used, 2, d->polls);
	}
}

/* --- lies ------------------------------------------------------------------------------------ */

/* One of them was told. */
static void lied(struct model_virtio *d)
{
	d->hits++;
	if (!d->left || --d->left)
		return;
	d->lie_id = d->lie_len = d->lie_tx_id = -1;
	d->lie_index = d->lie_buffers = 0;
	d->tx_twice = d->tx_lost = d->swap = false;
}

/* --- what they are for ----------------------------------------------------------------------- */

static void used_tx(struct model_virtio *d, u32 q, const struct chain *c)
{
	u32 id = d->lie_tx_id >= 0 ? (u32)d->lie_tx_id : c->id;
	bool twice = d->tx_twice;

	if (d->tx_lost) {
		lied(d);
		return;
	}
	if (d->lie_tx_id >= 0 || twice)
		lied(d);
	used_add(d, q, id, 0, 1, c->n);
	if (twice)
		used_add(d, q, id, 0, 1, c->n);
}

/* Is there one that take() would take? */
static bool waits(struct model_virtio *d, u32 q)
{
	struct chain c;
	bool any = take(d, q, &c);

	give_back(d, q, &c);
	return any;
}

static void transmit(struct model_virtio *d, u32 q)
{
	struct chain c;

	if (d->m.removed)
		return;

	while (!d->m.stall_tx && d->m.link && take(d, q, &c)) {
		const u8 *p = rig_dma(c.addr[0], c.len[0]);

		if (c.n != 1 || c.flags[0] & WRITE || c.len[0] < HDR)
			rig_fault("transmit chain of %u, %u bytes, flags %x", c.n, c.len[0],
				  c.flags[0]);
		if (!p)
			return;
		for (u32 i = 0; i < HDR; i++)
			if (p[i])
				rig_fault("byte %u of the header is not 0", i);
		model_sent(&d->m, p + HDR, c.len[0] - HDR);
		used_tx(d, q, &c);
	}
	if (d->m.stall_tx && d->m.link && d->status & 4 && d->q[q].enabled && waits(d, q))
		d->hits++;
	if (d->q[q].enabled && d->status & 4)
		ask(d, q);
}

void model_virtqueue_transmit(struct model *m)
{
	struct model_virtio *d = (struct model_virtio *)m;

	for (u32 i = 0; i < d->pairs; i++)
		transmit(d, 2 * i + 1);
}

u32 model_virtio_pair(const struct model_virtio *d, const u8 *frame)
{
	return d->table_len ? d->table[frame[d->hash_at] % d->table_len] : 0;
}

static void used_rx(struct model_virtio *d, u32 q, u32 id, u32 len)
{
	int step = 1 + d->lie_index;
	bool lie = d->lie_id >= 0 || d->lie_len >= 0 || d->lie_index || d->lie_buffers;

	if (d->lie_id >= 0)
		id = (u32)d->lie_id;
	if (d->lie_len >= 0)
		len = (u32)d->lie_len;
	if (lie)
		lied(d);
	used_add(d, q, id, len, step, 1);
}

/* A frame in several buffers; all of them are there, or none is taken. */
static bool inject_parts(struct model_virtio *d, u32 q, const u8 *f, u32 len)
{
	u32 at = 0, n = 0, parts;
	u8 *header;
	struct chain first, c[16];
	u32 used[16];

	first = (struct chain){ .seen = d->q[q].seen, .wrap = d->q[q].wrap };
	while (at < len || !n) {
		u32 head = n ? 0 : HDR, room, bytes;
		u8 *p;

		if (n == 16 || !take(d, q, &c[n])) {
			give_back(d, q, &first);
			return false;
		}
		room = c[n].len[0] - head;
		bytes = MIN(MIN(room, d->part ? d->part : room), len - at);
		p = rig_dma(c[n].addr[0], head + bytes);
		if (!p)
			return false;
		memset(p, 0, head);
		memcpy(p + head, f + at, bytes);
		used[n++] = head + bytes;
		at += bytes;
	}
	parts = n + (u32)d->lie_buffers;
	header = rig_dma_find(c[0].addr[0], HDR); /* written before, as a part of the frame */
	header[10] = (u8)parts;
	header[11] = (u8)(parts >> 8);
	for (u32 i = 0; i < n; i++)
		used_rx(d, q, c[i].id, used[i]);
	return true;
}

/* The buffer for a frame: the next one, or one that was kept, or the one behind that is kept now:
 * devices may use buffers in any order. */
static bool take_one(struct model_virtio *d, u32 q, struct chain *c)
{
	struct vq *k = &d->q[q];
	bool keep = d->swap && !k->kept;
	struct chain first;

	if (k->kept) {
		*c = (struct chain){ .n = 1, .id = k->kept_id, .seen = k->seen, .wrap = k->wrap };
		c->addr[0] = k->kept_addr;
		c->len[0] = k->kept_len;
		c->flags[0] = WRITE;
		k->kept = false;
		return d->status & 4 && k->enabled;
	}
	if (!take(d, q, c))
		return false;
	if (!keep)
		return true;
	first = *c;
	if (!take(d, q, c)) { /* there is no other */
		give_back(d, q, &first);
		return false;
	}
	k->kept_id = first.id;
	k->kept_addr = first.addr[0];
	k->kept_len = first.len[0];
	k->kept = true;
	lied(d);
	return true;
}

bool model_virtqueue_inject(struct model *m, const u8 *f, u32 len)
{
	struct model_virtio *d = (struct model_virtio *)m;
	u32 q = 2 * model_virtio_pair(d, f);
	struct chain c;
	u8 *p;

	if (!m->link || m->removed)
		return false;
	if (d->taken & MODEL_MRG)
		return inject_parts(d, q, f, len);
	if (!take_one(d, q, &c))
		return false;
	if (c.n != 1 || !(c.flags[0] & WRITE) || c.len[0] < HDR + 1518)
		rig_fault("receive chain of %u, %u bytes, flags %x", c.n, c.len[0], c.flags[0]);
	if (len + HDR > c.len[0]) { /* as devices do without mergeable buffers: it stays */
		give_back(d, q, &c);
		return false;
	}
	if (!rig_dma_find(c.addr[0], c.len[0]))
		rig_fault("receive buffer of %u bytes", c.len[0]);
	p = rig_dma(c.addr[0], HDR + len);
	if (!p)
		return false;
	memset(p, 0, HDR);
	p[10] = 1; /* num_buffers */
	memcpy(p + HDR, f, len);
	used_rx(d, q, c.id, len + HDR);
	return true;
}

/* RSS_CONFIG, 5.1.6.5.7.1: types, mask, unclassified, table, pairs, key. */
static bool rss(struct model_virtio *d, const u8 *p, u32 len)
{
	u32 mask = (u32)(p[4] | p[5] << 8), at = 8 + 2 * (mask + 1);

	if (len < 9 || mask & (mask + 1) || mask >= VQ_TABLE || len != at + 3 + 40 ||
	    p[at + 2] != 40)
		return false;
	if ((p[0] | p[1] << 8) & ~0x3f || !p[0])
		return false;
	d->table_len = (u16)(mask + 1);
	d->set_pairs = (u16)(p[at] | p[at + 1] << 8);
	for (u32 i = 0; i <= mask; i++) {
		d->table[i] = (u16)(p[8 + 2 * i] | p[9 + 2 * i] << 8);
		if (d->table[i] >= d->set_pairs || !d->q[2 * d->table[i]].enabled)
			return false;
	}
	return d->set_pairs && d->set_pairs <= d->pairs;
}

static void control(struct model_virtio *d, u32 q)
{
	struct chain c;

	while (!d->mute && take(d, q, &c)) {
		const u8 *head = rig_dma(c.addr[0], 2), *data = rig_dma(c.addr[1], c.len[1]);
		bool good = false;

		if (c.n != 3 || c.len[0] != 2 || c.len[2] != 1 || !(c.flags[2] & WRITE) ||
		    c.flags[0] & WRITE || c.flags[1] & WRITE || !head || !data) {
			rig_fault("control chain of %u", c.n);
			return;
		}
		d->commands++;
		if (head[0] == 4 && head[1] == 0 && d->taken & MODEL_MQ && c.len[1] == 2) {
			d->set_pairs = (u16)(data[0] | data[1] << 8);
			good = d->set_pairs && d->set_pairs <= d->pairs;
		} else if (head[0] == 4 && head[1] == 1 && d->taken & MODEL_RSS) {
			good = rss(d, data, c.len[1]);
		}
		if (!good)
			rig_fault("control command %u.%u of %u bytes", head[0], head[1], c.len[1]);
		put(c.addr[2], 1, d->nack);
		used_add(d, q, c.id, 1, 1, c.n);
	}
}

void model_virtqueue_kick(struct model_virtio *d, u32 q)
{
	if (q == 2u * d->pairs)
		control(d, q);
	else if (q & 1)
		transmit(d, q);
}
