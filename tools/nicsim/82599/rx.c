// SPDX-License-Identifier: MIT
/*
 * A frame's way from the wire to a ring (data sheet 7.1): MAC (link, length, errors, pause frames),
 * L2 filters, receive packet buffer, queue (filters, Flow Director, RSS, pools), offload results.
 *
 * The packet buffer is a FIFO in front of all rings: a frame that finds no descriptor waits there,
 * and everything behind it too, unless its ring has SRRCTL.DROP_EN. When it is full, frames are
 * missed (MPC).
 */
#include "tools/nicsim/82599/hooks.h"

#include <string.h>

enum {
	RXCTRL_RXEN = 1,
	HLREG0_RXCRCSTRP = 2,
	HLREG0_JUMBOEN = 4,
	RDRXCTL_CRCSTRIP = 2,
	RXCSUM_IPPCSE = 1 << 12,
	RXCSUM_PCSD = 1 << 13,
	RXDCTL_VME = 1 << 30,
	SRRCTL_DROP_EN = 1 << 28,
	FCTRL_SBP = 2,
	VT_ENABLE = 1,
	MFLCN_PMCF = 1,
	CTRL_EXT_EXTVLAN = 1 << 26,
	TYPE_MAC_CONTROL = 0x8808,
	FIFO_SKIP = -1,
	FIFO_LOOP = 1 << 30,
	/* descriptor status */
	S_VP = 1 << 3,
	S_UDPCS = 1 << 4,
	S_L4I = 1 << 5,
	S_IPCS = 1 << 6,
	S_PIF = 1 << 7,
	S_VEXT = 1 << 9,
	S_UDPV = 1 << 10,
	S_LB = 1 << 18,
};
#define E_RXE 0x20000000u
#define E_L4E 0x40000000u
#define E_IPE 0x80000000u

enum verdict { DONE, WAIT };

N599_WR(rxctrl)
{
	bool mac = n599_get(n, N599_HLREG0) & HLREG0_RXCRCSTRP;
	bool dma = n599_get(n, N599_RDRXCTL) & RDRXCTL_CRCSTRIP;

	if ((raw & ~old & RXCTRL_RXEN) && mac != dma)
		nicsim_error(n->dev, NICSIM_E_STATE,
			     "RXEN: HLREG0.RXCRCSTRP is %u, RDRXCTL.CRCSTRIP is %u", mac, dma);
}

N599_RD(rdrxctl)
{
	return v | 8; /* DMAIDONE */
}

/* --- the packet buffer -------------------------------------------------------------------------
 */

void n599_fifo_reset(struct n599 *n)
{
	n->fifo_head = n->fifo_tail = n->fifo_used = 0;
	n->rx_due = 0;
}

N599_WR(rxpbsize)
{
	if (((raw ^ old) & 0xffc00) && (n599_get(n, N599_RXCTRL) & RXCTRL_RXEN))
		nicsim_error(n->dev, NICSIM_E_STATE, "RXPBSIZE[0] written while RXEN is set");
	n599_fifo_reset(n);
}

static u32 fifo_size(const struct n599 *n)
{
	return MIN(n599_get(n, N599_RXPBSIZE), n->fifo_max) & ~7u;
}

static bool fifo_put(struct n599 *n, const u8 *frame, u32 len, bool loop)
{
	u32 need = ALIGN_UP(len, 4u) + 4, size = fifo_size(n), v;

	if (n->fifo_tail + need > size) {
		u32 rest = size - n->fifo_tail;

		if (n->fifo_used + rest + need > size)
			return false;
		if (rest) {
			v = (u32)FIFO_SKIP;
			memcpy(n->fifo + n->fifo_tail, &v, 4);
		}
		n->fifo_used += rest;
		n->fifo_tail = 0;
	}
	if (n->fifo_used + need > size)
		return false;
	v = len | (loop ? FIFO_LOOP : 0);
	memcpy(n->fifo + n->fifo_tail, &v, 4);
	memcpy(n->fifo + n->fifo_tail + 4, frame, len);
	n->fifo_tail += need;
	n->fifo_used += need;
	return true;
}

/* The oldest frame; NULL: empty. */
static const u8 *fifo_first(struct n599 *n, u32 *len, bool *loop)
{
	u32 size = fifo_size(n), v;

	if (!n->fifo_used)
		return NULL;
	if (n->fifo_head < size)
		memcpy(&v, n->fifo + n->fifo_head, 4);
	else
		v = (u32)FIFO_SKIP;
	if (v == (u32)FIFO_SKIP) {
		n->fifo_used -= size - n->fifo_head;
		n->fifo_head = 0;
		memcpy(&v, n->fifo, 4);
	}
	*loop = v & FIFO_LOOP;
	*len = v & 0xffff;
	return n->fifo + n->fifo_head + 4;
}

static void fifo_pop(struct n599 *n, u32 len)
{
	u32 need = ALIGN_UP(len, 4u) + 4;

	n->fifo_head += need;
	n->fifo_used -= need;
	if (!n->fifo_used)
		n->fifo_head = n->fifo_tail = 0;
}

/* --- offload results ----------------------------------------------------------------------------
 */

static u16 packet_type(const struct n599_pkt *p)
{
	return (u16)((p->ip4 ? p->options ? 3 : 1 : 0) | (p->ip6 ? p->options ? 12 : 4 : 0) |
		     (p->tcp ? 0x10 : 0) | (p->udp ? 0x20 : 0) | (p->sctp ? 0x40 : 0));
}

static void describe(struct n599 *n, struct n599_pkt *p, struct n599_rxinfo *info)
{
	u32 rxcsum = n599_get(n, N599_RXCSUM);

	if (!info->type)
		info->type = packet_type(p);
	if (p->tagged)
		info->status |= S_VP;
	if (p->outer)
		info->status |= S_VEXT;
	if (!p->l3)
		return;
	n599_rx_checksum(n, p);
	if (p->ip4)
		info->status |= S_IPCS;
	if (p->l4_checked)
		info->status |= S_L4I | (p->udp ? S_UDPCS : 0);
	if (p->udp && p->l4_checked && !p->udp_zero)
		info->status |= S_UDPV;
	if (p->ip_error)
		info->error |= E_IPE;
	if (p->l4_error)
		info->error |= E_L4E;
	if (!(rxcsum & RXCSUM_PCSD) && !info->fdir) {
		u32 sum = 0;

		if ((rxcsum & RXCSUM_IPPCSE) && p->ip4 && p->fragment)
			sum = nicsim_fold(
				nicsim_sum(p->data + p->l3 + 20, p->l3_end - p->l3 - 20u, 0));
		info->hash = p->ip4 ? (u32)p->data[p->l3 + 4] << 8 | p->data[p->l3 + 5] : 0;
		info->hash |= sum << 16;
		info->rss = 0;
	}
}

/* Queue of the frame: filters by type and tuple, Flow Director, RSS or pool. */
static void choose(struct n599 *n, struct n599_pkt *p, struct n599_rxinfo *info)
{
	int q = -1;

	info->hash = n599_rss(n, p, &info->rss);
	if (n->etype || n->five_tuple)
		q = n599_filter_queue(n, p, info);
	if (q < 0 && n->fdir)
		q = n599_fdir_match(n, p, info);
	info->queue = q >= 0 ? (u32)q & 127 : n599_rss_queue(n, info->hash, info->rss, 0);
}

/* --- into a ring --------------------------------------------------------------------------------
 */

/* Take the tag out, put the FCS on: into n->scratch if anything changes. */
static const u8 *shape(struct n599 *n, const struct n599_pkt *p, struct n599_rxinfo *info, u32 *len)
{
	bool strip = p->tagged && (n599_get(n, n599_rxo(N599_RXDCTL, info->queue)) & RXDCTL_VME);
	bool fcs = !(n599_get(n, N599_HLREG0) & HLREG0_RXCRCSTRP);
	u32 c;

	*len = p->len;
	if (!strip && !fcs)
		return p->data;
	if (strip) {
		memcpy(n->scratch, p->data, p->tag);
		memcpy(n->scratch + p->tag, p->data + p->tag + 4, p->len - p->tag - 4);
		*len -= 4;
		info->vlan = p->tci;
	} else {
		memcpy(n->scratch, p->data, p->len);
	}
	if (fcs) {
		c = n599_crc32(n->scratch, *len);
		memcpy(n->scratch + *len, &c, 4);
		*len += 4;
	}
	return n->scratch;
}

/* 7.1.9: may frames without a descriptor be lost, or do they wait, and all behind them? */
static bool drops(const struct n599 *n, u32 q)
{
	return (n->qde[q / 64] >> (q & 63) & 1) ||
	       (n599_get(n, n599_rxo(N599_SRRCTL, q)) & SRRCTL_DROP_EN);
}

static enum verdict deliver(struct n599 *n, const struct n599_pkt *p, struct n599_rxinfo *info,
			    bool may_wait)
{
	u32 q = info->queue, len = p->len + 4;
	int room = n599_rxq_room(n, q, len);

	if (room == 0 && may_wait && !drops(n, q))
		return WAIT;
	if (room <= 0) {
		if (room == 0)
			n599_stats_queue_drop(n, q);
		else
			nicsim_trace(n->dev, "frame lost: ring %u is off", q);
		return DONE;
	}
	if (n->rsc && n599_rsc_put(n, p, info))
		return DONE;
	{
		const u8 *data = shape(n, p, info, &len);

		if (!n599_rxq_put(n, data, len, info))
			return DONE;
		n599_stats_queue_rx(n, q, p->len + 4);
		n599_irq_queue(n, q, false);
	}
	return DONE;
}

/* A frame for one pool waits for its ring; copies for several do not. */
static enum verdict to_pools(struct n599 *n, const struct n599_pkt *p,
			     const struct n599_rxinfo *info)
{
	bool one_pool = !(info->pools & (info->pools - 1));

	for (u64 left = info->pools; left; left &= left - 1) {
		u32 pool = (u32)__builtin_ctzll(left);
		struct n599_rxinfo one = *info;

		one.queue = n599_rss_queue(n, info->hash, info->rss, pool) & 127;
		if (pool == info->from_pool)
			continue;
		if (deliver(n, p, &one, one_pool) == WAIT)
			return WAIT;
		n599_stats_pool_rx(n, pool, p);
	}
	return DONE;
}

/* A frame that passed the MAC and the L2 filters. */
static enum verdict dispatch(struct n599 *n, const u8 *frame, u32 len, bool loop, u32 from)
{
	struct n599_rxinfo info = { .from_pool = from };
	u32 ext = n599_get(n, N599_CTRL_EXT) & CTRL_EXT_EXTVLAN;
	struct n599_pkt p;
	bool exact;

	n599_parse(&p, frame, len, (u16)n599_get(n, N599_VLNCTRL),
		   ext ? (u16)(n599_get(n, N599_EXVET) >> 16) : 0);
	if (!n599_filter_l2(n, &p, &exact, &info.pools) || !n599_filter_vlan(n, &p, &info.pools))
		return DONE;
	info.status = (exact ? 0 : S_PIF) | (loop ? S_LB : 0);
	info.error = n->crc_bad ? E_RXE : 0;
	choose(n, &p, &info);
	describe(n, &p, &info);
	if (n599_get(n, N599_VT_CTL) & VT_ENABLE)
		return to_pools(n, &p, &info);
	return deliver(n, &p, &info, true);
}

void n599_rx_drain(struct n599 *n)
{
	const u8 *f;
	u32 len;
	bool loop;

	n->rx_due = 0;
	while ((f = fifo_first(n, &len, &loop)) && !n->dev->removed) {
		if (dispatch(n, f, len, loop, ~0u) == WAIT)
			return;
		fifo_pop(n, len);
	}
}

static bool into(struct n599 *n, const u8 *frame, u32 len, bool loop, u32 from)
{
	if (n->fifo_used)
		n599_rx_drain(n);
	if (!n->fifo_used && dispatch(n, frame, len, loop, from) == DONE)
		return true;
	if (fifo_put(n, frame, len, loop))
		return true;
	n599_count(n, N599_MPC, 1);
	n599_irq_misc(n, N599_EICR_RX_MISS);
	return false;
}

/* --- MAC
 * ------------------------------------------------------------------------------------------ */

static bool is_pause(struct n599 *n, const u8 *frame, u32 len)
{
	u32 type = (u32)frame[12] << 8 | frame[13];

	if (type != TYPE_MAC_CONTROL || len < 18)
		return false;
	if (frame[14] == 0 && frame[15] == 1)
		n599_count(n, frame[16] | frame[17] ? N599_LXOFFRXCNT : N599_LXONRXCNT, 1);
	return !(n599_get(n, N599_MFLCN) & MFLCN_PMCF);
}

/* After the MAC's checks: count, filter, buffer. loop: our own frame. False: it was not taken. */
bool n599_rx_mac(struct n599 *n, const u8 *frame, u32 len, bool loop, u32 from)
{
	struct n599_pkt p = { .data = frame, .len = len };
	bool exact;
	u64 pools;

	if (!loop) {
		n599_stats_mac_rx(n, len + 4);
		if (is_pause(n, frame, len))
			return false;
	}
	if (n599_get(n, N599_VLNCTRL) & 0x40000000u)
		n599_parse(&p, frame, len, (u16)n599_get(n, N599_VLNCTRL), 0);
	if (!n599_filter_l2(n, &p, &exact, &pools)) {
		nicsim_trace(n->dev, "frame filtered: %02x:%02x:%02x:%02x:%02x:%02x", frame[0],
			     frame[1], frame[2], frame[3], frame[4], frame[5]);
		return false;
	}
	if (p.tagged && !n599_filter_vlan(n, &p, &pools))
		return false;
	if (!loop)
		n599_stats_rx(n, frame, len + 4);
	return into(n, frame, len, loop, from);
}

static u32 longest(const struct n599 *n, const u8 *frame)
{
	u32 max = n599_get(n, N599_HLREG0) & HLREG0_JUMBOEN ? n599_get(n, N599_MAXFRS) >> 16 : 1518;
	u32 type = (u32)frame[12] << 8 | frame[13];

	return MIN(max, (u32)N599_MAX_FRAME) +
	       (type == (n599_get(n, N599_VLNCTRL) & 0xffff) ? 4 : 0);
}

static bool bad_frame(struct n599 *n)
{
	n->crc_bad = false;
	if (nicsim_fault(n->dev, "undersize", NULL)) {
		n599_count(n, N599_RUC, 1);
		n599_count(n, N599_TPR, 1);
		return true;
	}
	if (nicsim_fault(n->dev, "crc", NULL)) {
		n599_count(n, N599_CRCERRS, 1);
		n599_count(n, N599_TPR, 1);
		n->crc_bad = n599_get(n, N599_FCTRL) & FCTRL_SBP;
		return !n->crc_bad;
	}
	if (nicsim_fault(n->dev, "ecc", NULL)) {
		/* 8.2.3.5.1: unrecoverable; the data path stands until CTRL.RST */
		n->dead = true;
		n599_set(n, N599_ECC_STATUS, 1);
		n599_irq_misc(n, N599_EICR_ECC);
		return true;
	}
	return false;
}

bool n599_rx(struct nicsim_dev *dev, const u8 *frame, u32 len)
{
	struct n599 *n = dev->state;

	if (unlikely(dev->nfaults != 0)) {
		n599_link_fault(n);
		if (n->link_up && bad_frame(n))
			return false;
	}
	if (!n->link_up || n->dead || n->reset_busy || !(n599_get(n, N599_RXCTRL) & RXCTRL_RXEN)) {
		nicsim_trace(dev, "frame lost: link %u, reset %u, RXEN %u", n->link_up,
			     n->reset_busy, n599_get(n, N599_RXCTRL) & RXCTRL_RXEN);
		return false;
	}
	if (len < 60) {
		/* the sender's MAC has padded it */
		memcpy(n->padded, frame, len);
		memset(n->padded + len, 0, 60 - len);
		frame = n->padded;
		len = 60;
	}
	if (len + 4 > longest(n, frame)) {
		n599_count(n, N599_ROC, 1);
		n599_count(n, N599_TPR, 1);
		return false;
	}
	return n599_rx_mac(n, frame, len, false, ~0u);
}

bool n599_rx_ready(struct nicsim_dev *dev)
{
	const struct n599 *n = dev->state;

	if (!n->link_up || n->dead || !(n599_get(n, N599_RXCTRL) & RXCTRL_RXEN))
		return true;
	return !n->fifo_used || n->fifo_used + 2 * (N599_MAX_FRAME + 8u) <= fifo_size(n);
}
