// SPDX-License-Identifier: MIT
/* Counters of the 82599 model (data sheet 8.2.3.23): 32 bits that stay full, and 36-bit byte
 * counters in two registers, of which the low one is read first and latches the high one. */
#include "tools/nicsim/82599/hooks.h"

#include <string.h>

void n599_count(struct n599 *n, u32 off, u32 by)
{
	u32 *v = &n->reg[off / 4];

	*v = *v + by < *v ? ~0u : *v + by;
}

void n599_wide_add(struct n599_wide *w, u64 by)
{
	w->v = MIN(w->v + by, 0xfffffffffull);
}

static u32 low(struct n599_wide *w)
{
	u32 v = (u32)w->v;

	w->high = (u32)(w->v >> 32);
	w->v = 0;
	return v;
}

static u32 high(struct n599_wide *w)
{
	u32 v = w->high + (u32)(w->v >> 32);

	w->high = 0;
	w->v &= 0xffffffff;
	return v;
}

N599_RD(wide)
{
	switch (r->off) {
	case N599_GORCL:
		return low(&n->gorc);
	case N599_GORCH:
		return high(&n->gorc);
	case N599_GOTCL:
		return low(&n->gotc);
	case N599_GOTCH:
		return high(&n->gotc);
	case N599_TORL:
		return low(&n->tor);
	case N599_TORH:
		return high(&n->tor);
	case N599_RXNFGBCL:
		return low(&n->rxnfgbc);
	case N599_RXNFGBCH:
		return high(&n->rxnfgbc);
	case N599_RXDGBCL:
		return low(&n->rxdgbc);
	case N599_RXDGBCH:
		return high(&n->rxdgbc);
	case N599_RXDDGBCL:
		return low(&n->rxddgbc);
	case N599_RXDDGBCH:
		return high(&n->rxddgbc);
	case N599_RXLPBKGBCL:
		return low(&n->rxlpbkgbc);
	case N599_RXLPBKGBCH:
		return high(&n->rxlpbkgbc);
	case N599_TXDGBCL:
		return low(&n->txdgbc);
	default:
		return high(&n->txdgbc);
	}
}

#define WIDE_READ(name, what, array)       \
	N599_RD(name)                      \
	{                                  \
		return what(&n->array[i]); \
	}
WIDE_READ(qbrc_l, low, qbrc)
WIDE_READ(qbrc_h, high, qbrc)
WIDE_READ(qbtc_l, low, qbtc)
WIDE_READ(qbtc_h, high, qbtc)

/* Every good frame from the wire, whether or not a filter takes it. */
void n599_stats_mac_rx(struct n599 *n, u32 bytes)
{
	n599_count(n, N599_TPR, 1);
	n599_wide_add(&n->tor, bytes);
	n599_count(n, N599_RXNFGPC, 1);
	n599_wide_add(&n->rxnfgbc, bytes);
	n599_count(n, N599_PRC64 + 4 * nicsim_size_class(bytes), 1);
}

/* A frame that passed the L2 filters. */
void n599_stats_rx(struct n599 *n, const u8 *frame, u32 bytes)
{
	n599_count(n, N599_GPRC, 1);
	n599_wide_add(&n->gorc, bytes);
	if (!(frame[0] & 1))
		return;
	if (nicsim_broadcast(frame))
		n599_count(n, N599_BPRC, 1);
	else
		n599_count(n, N599_MPRC, 1);
}

/* Counter of a queue: RQSMR and TQSM map queues to 16 sets. */
static u32 set_of(const struct n599 *n, u32 map, u32 q)
{
	return n599_get(n, map + (q & ~3u)) >> 8 * (q & 3) & 15;
}

void n599_stats_queue_rx(struct n599 *n, u32 q, u32 bytes)
{
	u32 s = set_of(n, N599_RQSMR, q);

	n599_count(n, N599_QPRC + 0x40 * s, 1);
	n599_wide_add(&n->qbrc[s], bytes);
	n599_count(n, N599_RXDGPC, 1);
	n599_wide_add(&n->rxdgbc, bytes);
}

void n599_stats_queue_drop(struct n599 *n, u32 q)
{
	n599_count(n, N599_QPRDC + 0x40 * set_of(n, N599_RQSMR, q), 1);
}

void n599_stats_pool_rx(struct n599 *n, u32 pool, const struct n599_pkt *p)
{
	n->pool[pool].gprc++;
	n->pool[pool].gorc += p->len + 4;
	n->pool[pool].mprc += p->data[0] & 1;
}

void n599_stats_tx(struct n599 *n, u32 q, const u8 *frame, u32 bytes)
{
	u32 s = set_of(n, N599_TQSM, q);

	n599_count(n, N599_QPTC + 4 * s, 1);
	n599_wide_add(&n->qbtc[s], bytes);
	n599_count(n, N599_TXDGPC, 1);
	n599_wide_add(&n->txdgbc, bytes);
	n599_count(n, N599_GPTC, 1);
	n599_count(n, N599_TPT, 1);
	n599_wide_add(&n->gotc, bytes);
	n599_count(n, N599_PTC64 + 4 * nicsim_size_class(bytes), 1);
	if (!(frame[0] & 1))
		return;
	if (nicsim_broadcast(frame))
		n599_count(n, N599_BPTC, 1);
	else
		n599_count(n, N599_MPTC, 1);
}

void n599_stats_reset(struct n599 *n)
{
	memset(&n->gorc, 0, sizeof(n->gorc));
	memset(&n->gotc, 0, sizeof(n->gotc));
	memset(&n->tor, 0, sizeof(n->tor));
	memset(&n->rxdgbc, 0, sizeof(n->rxdgbc));
	memset(&n->txdgbc, 0, sizeof(n->txdgbc));
	memset(&n->rxnfgbc, 0, sizeof(n->rxnfgbc));
	memset(&n->rxddgbc, 0, sizeof(n->rxddgbc));
	memset(&n->rxlpbkgbc, 0, sizeof(n->rxlpbkgbc));
	memset(n->qbrc, 0, sizeof(n->qbrc));
	memset(n->qbtc, 0, sizeof(n->qbtc));
	memset(n->pool, 0, sizeof(n->pool));
}
