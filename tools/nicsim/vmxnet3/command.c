// SPDX-License-Identifier: MIT
/* Commands: activation with all that the shared memory says, statistics, link. */
#include <stdlib.h>
#include <string.h>

#include "tools/nicsim/vmxnet3/vmx.h"

enum {
	MAGIC = (int)0xbabefee1,
	ACTIVATE = (int)0xcafe0000,
	QUIESCE,
	RESET,
	RX_MODE,
	MAC_FILTERS,
	VLAN_FILTERS,
	RSSIDT,
	QUEUE_STATUS = (int)0xf00d0000,
	STATS,
	LINK,
	MAC_LO,
	MAC_HI,
	F_RSS = 2,
	RING_MAX = 4096,
	RSS_NS = 176,
	RESET_NS = 100000,
};

static u64 get(const u8 *p, u32 off, u32 bytes)
{
	u64 x = 0;

	memcpy(&x, p + off, bytes);
	return x;
}

static bool wrong(struct vmx *v, const char *what, u64 x)
{
	nicsim_error(v->dev, NICSIM_E_COMMAND, "activation: %s %llx", what, (unsigned long long)x);
	return false;
}

static bool ring(struct vmx *v, struct vmx_ring *r, u64 at, u32 size, u32 max)
{
	*r = (struct vmx_ring){ .at = at, .size = size, .gen = 1 };
	if (!at || at & 511)
		return wrong(v, "ring at", at);
	if (!size || size % 32 || size > max)
		return wrong(v, "size of ring", size);
	return true;
}

static bool queue(struct vmx *v, struct vmx_queue *q, bool is_rx, u64 at)
{
	u8 d[Q_BYTES];
	u32 need;

	free(q->frame);
	memset(q, 0, sizeof(*q));
	q->desc = at;
	if (!nicsim_dma_read(v->dev, at, d, sizeof(d)))
		return false;
	q->vector = d[Q_VECTOR];
	if (q->vector >= v->intrs)
		return wrong(v, "vector", q->vector);
	need = (u32)get(d, Q_SIZE0, 4) + (is_rx ? (u32)get(d, Q_SIZE1, 4) : 0);
	if (is_rx && (!get(d, Q_RING1, 8) || get(d, Q_SIZE1, 4) % 32))
		return wrong(v, "second ring", get(d, Q_SIZE1, 4));
	if (get(d, Q_COMP_SIZE, 4) < need)
		return wrong(v, "size of completion ring", get(d, Q_COMP_SIZE, 4));
	if (is_rx) { /* tell it of each buffer */
		d[Q_UPDATE] = 1;
		nicsim_dma_write(v->dev, at, d, 4);
	} else {
		q->frame = calloc(1, NICSIM_FRAME_MAX);
	}
	return ring(v, &q->ring, get(d, Q_RING0, 8), (u32)get(d, Q_SIZE0, 4), RING_MAX) &&
	       ring(v, &q->comp, get(d, Q_COMP, 8), (u32)get(d, Q_COMP_SIZE, 4), 2 * RING_MAX);
}

static bool rss(struct vmx *v, const u8 *s)
{
	u8 r[RSS_NS];

	v->rss = get(s, S_FEATURES, 8) & F_RSS && v->revisions > 1;
	if (!(get(s, S_FEATURES, 8) & F_RSS))
		return true;
	if (get(s, S_RSS_LEN, 4) != RSS_NS ||
	    !nicsim_dma_read(v->dev, get(s, S_RSS_PA, 8), r, RSS_NS))
		return wrong(v, "RSS of bytes", get(s, S_RSS_LEN, 4));
	v->table_len = (u32)get(r, 6, 2);
	if (get(r, 0, 2) != 15 || get(r, 2, 2) != 1 || get(r, 4, 2) != 40 || !v->table_len ||
	    v->table_len > 128)
		return wrong(v, "RSS", get(r, 0, 8));
	memcpy(v->key, r + 8, 40);
	memcpy(v->table, r + 48, v->table_len);
	for (u32 i = 0; i < v->table_len; i++)
		if (v->table[i] >= v->rxqs)
			return wrong(v, "RSS names queue", v->table[i]);
	return true;
}

static bool read_shared(struct vmx *v)
{
	u8 s[S_BYTES];
	u64 at;

	if (v->shared & 7 || !nicsim_dma_read(v->dev, v->shared, s, sizeof(s)))
		return wrong(v, "shared memory at", v->shared);
	at = get(s, S_QUEUES_PA, 8);
	v->mtu = (u32)get(s, S_MTU, 4);
	v->txqs = s[S_TXQ];
	v->rxqs = s[S_RXQ];
	v->intrs = s[S_INTRS];
	v->event = s[S_EVENT];
	v->auto_mask = s[S_AUTO_MASK];
	v->rx_mode = (u32)get(s, S_RX_MODE, 4);
	if ((u32)get(s, S_MAGIC, 4) != (u32)MAGIC)
		return wrong(v, "magic", get(s, S_MAGIC, 4));
	if (v->mtu < 60 || v->mtu > 9000)
		return wrong(v, "MTU", v->mtu);
	if (!v->txqs || !v->rxqs || v->txqs > VMX_QUEUES || v->rxqs > VMX_QUEUES)
		return wrong(v, "queues", v->txqs << 8 | v->rxqs);
	if (!v->intrs || v->intrs > VMX_VECTORS || v->event >= v->intrs)
		return wrong(v, "interrupts", v->intrs);
	if (at & 127 || get(s, S_QUEUES_LEN, 4) != (v->txqs + v->rxqs) * Q_BYTES)
		return wrong(v, "descriptions of queues at", at);
	if (get(s, S_SG, 2) != 1)
		return wrong(v, "buffers of a frame (one is modelled):", get(s, S_SG, 2));
	for (u32 i = 0; i < v->txqs; i++)
		if (!queue(v, &v->tx[i], false, at + (u64)Q_BYTES * i))
			return false;
	for (u32 i = 0; i < v->rxqs; i++)
		if (!queue(v, &v->rx[i], true, at + (u64)Q_BYTES * (v->txqs + i)))
			return false;
	return rss(v, s);
}

void vmx_event(struct vmx *v, u32 bits)
{
	u32 events;

	if (!v->active || !nicsim_dma_read(v->dev, v->shared + S_EVENTS, &events, 4))
		return;
	events |= bits;
	nicsim_dma_write(v->dev, v->shared + S_EVENTS, &events, 4);
	vmx_interrupt(v, v->event);
}

static void write_statistics(struct vmx *v)
{
	if (!v->active)
		return;
	for (u32 i = 0; i < v->txqs; i++)
		nicsim_dma_write(v->dev, v->tx[i].desc + Q_STATS, v->tx[i].stats,
				 sizeof(v->tx[i].stats));
	for (u32 i = 0; i < v->rxqs; i++)
		nicsim_dma_write(v->dev, v->rx[i].desc + Q_STATS, v->rx[i].stats,
				 sizeof(v->rx[i].stats));
}

void vmx_reset(struct vmx *v)
{
	v->active = false;
	v->shared = v->dsal = 0;
	v->command = 0;
	for (u32 i = 0; i < VMX_VECTORS; i++) {
		v->masked[i] = true;
		v->pending[i] = false;
	}
	nicsim_intx(v->dev, false);
}

static void update_rss(struct vmx *v)
{
	u8 s[S_BYTES];

	if (v->active && nicsim_dma_read(v->dev, v->shared, s, sizeof(s)))
		rss(v, s);
}

void vmx_command(struct vmx *v, u32 c)
{
	v->command = c;
	switch (c) {
	case (u32)ACTIVATE:
		if (v->active)
			nicsim_error(v->dev, NICSIM_E_STATE, "activated twice");
		else
			v->active = read_shared(v);
		return;
	case (u32)QUIESCE:
		v->active = false;
		v->stuck_until = nicsim_now(v->dev) + RESET_NS;
		return;
	case (u32)RESET:
		vmx_reset(v);
		v->command = c;
		v->stuck_until = nicsim_now(v->dev) + RESET_NS;
		return;
	case (u32)RX_MODE:
		if (v->active)
			nicsim_dma_read(v->dev, v->shared + S_RX_MODE, &v->rx_mode, 4);
		return;
	case (u32)RSSIDT:
		update_rss(v);
		return;
	case (u32)STATS:
		write_statistics(v);
		return;
	case (u32)MAC_FILTERS:
	case (u32)VLAN_FILTERS:
	case (u32)QUEUE_STATUS:
	case (u32)LINK:
	case (u32)MAC_LO:
	case (u32)MAC_HI:
		return;
	default:
		nicsim_error(v->dev, NICSIM_E_COMMAND, "command %x", c);
	}
}

u32 vmx_answer(struct vmx *v)
{
	const u8 *m = v->dev->mac;

	switch (v->command) {
	case (u32)ACTIVATE:
		return !v->active;
	case (u32)QUIESCE:
	case (u32)RESET:
		return nicsim_fault(v->dev, "reset-stuck", NULL) ||
		       nicsim_now(v->dev) < v->stuck_until;
	case (u32)LINK:
		return 10000u << 16 | v->link;
	case (u32)MAC_LO:
		return m[0] | (u32)m[1] << 8 | (u32)m[2] << 16 | (u32)m[3] << 24;
	case (u32)MAC_HI:
		return m[4] | (u32)m[5] << 8;
	default:
		return 0;
	}
}
