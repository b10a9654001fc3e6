// SPDX-License-Identifier: MIT
/*
 * The receive side: MAC, agents of the firmware, switch, choice of the queue (control filters, flow
 * director, RSS), and write-back into descriptors of 16 or 32 bytes, over as many buffers as the
 * frame needs.
 *
 * Data sheet 332464: 8.3 (LAN receive), 8.3.2.1 (descriptor read format), 8.3.2.2 (write-back), 7.1
 * (classification order).
 */
#include "tools/nicsim/xl710/xl710.h"

#include <string.h>

enum {
	GLPRT_ROC = 0x300120,
	GLPRT_LXONRXC = 0x300140,
	GLPRT_LXOFFRXC = 0x300160,
	GLV_RDPC = 0x310000,
	GL_RXERR1 = 0x318400, /* index of PF 0: 128 */
	ETH_MIN = 60,
	FCS = 4,
	ETH_MACCTL = 0x8808,
	I_PVLAN_FLAGS = 12,
	EMOD_HIDE = 2,
	EMOD_NOTHING = 3,
	/* write-back, quad word 1 */
	S_DD = 1 << 0,
	S_EOF = 1 << 1,
	S_L2TAG1P = 1 << 2,
	S_L3L4P = 1 << 3,
	S_CRCP = 1 << 4,
	S_UMBCAST = 9,
	S_FLM = 1 << 11,
	S_FLTSTAT = 12,
	S_IPV6EXADD = 1 << 15,
	FLT_FD_ID = 1,
	FLT_RSS = 3,
	E_SHIFT = 19,
	E_RXE = 1 << 0,
	E_IPE = 1 << 3,
	E_L4E = 1 << 4,
	PTYPE_SHIFT = 30,
	LEN_SHIFT = 38,
	LEN_MAX = 0x3fff,
	/* quad word 2 */
	X_L2TAG2P = 1 << 0,
	X_FLEXBH_FD_ID = 1 << 4,
	DEST_DROP = 0,
	DEST_QINDEX = 1,
	FD_REPORT_ID = 1,
	PROG_LENGTH = 0x2000000, /* in place of the length: programming status */
	PROG_FD = 1,
	CHAIN_MAX = 5,
};

/* --- descriptors ---------------------------------------------------------------------------- */

static u32 desc_size(const struct xl710_rxq *r)
{
	return r->d32 ? 32 : 16;
}

static u32 posted(const struct xl710_rxq *r)
{
	return (r->tail + r->qlen - r->head) % r->qlen;
}

/* All of the descriptor, the dword with DD last. */
static void write_back(struct xl710 *x, const struct xl710_rxq *r, u64 at, const u64 *qw)
{
	if (r->d32)
		nicsim_dma_write(x->dev, at + 16, &qw[2], 16);
	nicsim_dma_write(x->dev, at, &qw[0], 8);
	nicsim_dma_write(x->dev, at + 12, (const u8 *)&qw[1] + 4, 4);
	nicsim_dma_write_back(x->dev, at + 8, &qw[1], 4);
}

static void held_flush(struct xl710 *x, struct xl710_rxq *r)
{
	if (r->held_at == 0)
		return;
	write_back(x, r, r->held_at, r->held);
	r->held_at = 0;
}

void xl710_rx_late(struct xl710 *x)
{
	for (u32 q = x->firstq; q <= x->lastq; q++)
		if (unlikely(x->rxq[q].held_at != 0)) {
			held_flush(x, &x->rxq[q]);
			xl710_irq_rx(x, q);
		}
}

/* What faults make of the last write-back of a frame. False: it does not happen. */
static bool spoil(struct xl710 *x, struct xl710_rxq *r, u64 at, u64 *qw)
{
	u64 arg;

	if (nicsim_fault(x->dev, "rx-no-dd", NULL))
		return false;
	if (nicsim_fault(x->dev, "rx-dd-no-length", NULL))
		qw[1] = S_DD | S_EOF;
	if (nicsim_fault(x->dev, "rx-length-zero", NULL))
		qw[1] &= ~((u64)LEN_MAX << LEN_SHIFT);
	if (nicsim_fault(x->dev, "rx-length-over", &arg)) {
		qw[1] &= ~((u64)LEN_MAX << LEN_SHIFT);
		qw[1] |= ((arg != 0 ? arg : r->dbuff + 1) & LEN_MAX) << LEN_SHIFT;
	}
	if (nicsim_fault(x->dev, "rx-length-ffff", NULL))
		qw[1] |= (u64)LEN_MAX << LEN_SHIFT;
	if (nicsim_fault(x->dev, "rx-no-eop", NULL))
		qw[1] &= ~(u64)S_EOF;
	if (nicsim_fault(x->dev, "rx-error", &arg))
		qw[1] |= (arg != 0 ? arg & 0xff : E_RXE) << E_SHIFT;
	if (nicsim_fault(x->dev, "rx-out-of-order", NULL) && r->held_at == 0) {
		r->held_at = at;
		memcpy(r->held, qw, sizeof(r->held));
		return false;
	}
	return true;
}

/* One buffer of a frame. False: the descriptor is bad; the queue stops. */
static bool put(struct xl710 *x, u32 q, struct xl710_rxq *r, const u8 *data, u32 len, u64 *qw,
		bool last)
{
	u64 at = r->base + (u64)r->head * desc_size(r), d[2];

	if (!nicsim_dma_read(x->dev, at, d, sizeof(d))) {
		xl710_mdd_rx(x, q, XL710_MDD_RX_ADDRESS);
		return false;
	}
	if ((d[1] & 1) != 0 || d[0] == 0) {
		nicsim_error(x->dev, NICSIM_E_DESC,
			     "Rx descriptor %u of queue %u: address %llx, header %llx", r->head, q,
			     (unsigned long long)d[0], (unsigned long long)d[1]);
		xl710_mdd_rx(x, q, XL710_MDD_RX_DESC);
		return false;
	}
	if (!nicsim_dma_write(x->dev, d[0], data, len)) {
		xl710_mdd_rx(x, q, XL710_MDD_RX_ADDRESS);
		return false;
	}
	if (!last || likely(x->dev->nfaults == 0) || spoil(x, r, at, qw))
		write_back(x, r, at, qw);
	if (unlikely(r->held_at != 0) && r->held_at != at)
		held_flush(x, r);
	r->head = (u16)(r->head + 1 == r->qlen ? 0 : r->head + 1);
	return true;
}

void xl710_rx_program_status(struct xl710 *x, u32 q, u32 error, u32 fd_id)
{
	struct xl710_rxq *r = &x->rxq[q];
	u64 qw[4] = { (u64)fd_id << 32, 0, 0, 0 };

	qw[1] = (u64)PROG_LENGTH << LEN_SHIFT | (u64)error << E_SHIFT | PROG_FD << 2 | S_DD;
	if (!r->on || posted(r) == 0)
		return;
	write_back(x, r, r->base + (u64)r->head * desc_size(r), qw);
	r->head = (u16)((r->head + 1) % r->qlen);
	xl710_irq_rx(x, q);
}

/* Status, errors, type and tags of a frame's last descriptor. `tci`: the tag that was stripped. */
static void result(const struct xl710_rxq *r, const struct xl710_pkt *p, bool show, bool hashed,
		   u32 hash, const struct xl710_fd *fd, u64 *qw)
{
	u64 s = S_EOF, e = 0;

	s |= (u64)nicsim_by_cast(p->data, 0, 1, 2) << S_UMBCAST;
	if (!r->crcstrip)
		s |= S_CRCP;
	if (p->l3l4p) {
		s |= S_L3L4P | (p->v6ext ? S_IPV6EXADD : 0);
		e = (p->ipe ? E_IPE : 0u) | (p->l4e ? E_L4E : 0u);
	}
	if (show && r->l2tsel) {
		s |= S_L2TAG1P;
		qw[0] |= (u64)p->tci << 16;
	} else if (show) {
		qw[2] |= X_L2TAG2P | (u64)p->tci << 32;
	}
	if (fd != NULL) {
		s |= S_FLM;
		if (fd->status == FD_REPORT_ID && r->d32) {
			qw[2] |= X_FLEXBH_FD_ID;
			qw[3] |= (u64)fd->id << 32;
		}
	}
	if (fd != NULL && fd->status == FD_REPORT_ID && !r->d32) {
		s |= (u64)FLT_FD_ID << S_FLTSTAT;
		qw[0] |= (u64)fd->id << 32;
	} else if (hashed) {
		s |= (u64)FLT_RSS << S_FLTSTAT;
		qw[0] |= (u64)hash << 32;
	}
	qw[1] = s | e << E_SHIFT | (u64)p->ptype << PTYPE_SHIFT;
}

bool xl710_rx_queue(struct xl710 *x, u32 q, const struct xl710_vsi *v, const struct xl710_pkt *p,
		    bool hashed, u32 hash, const struct xl710_fd *fd)
{
	struct xl710_rxq *r = &x->rxq[q];
	u32 emod = v->info[I_PVLAN_FLAGS] >> 3 & 3;
	bool strip = p->tagged && emod != EMOD_NOTHING && !r->showiv;
	u32 len = p->len - (strip ? 4 : 0), at = 0;
	const u8 *data = p->data;
	u64 last[4] = { 0 };
	static u8 copy[NICSIM_FRAME_MAX + FCS];

	if (!r->on)
		return false;
	if (p->len + FCS > r->rxmax) {
		xl710_count(x, GL_RXERR1, 1);
		return false;
	}
	if (strip || !r->crcstrip) {
		memcpy(copy, p->data, strip ? 12 : len);
		if (strip)
			memcpy(copy + 12, p->data + 16, len - 12);
		if (!r->crcstrip) {
			xput32(copy + len, xl710_crc32(copy, len));
			len += FCS;
		}
		data = copy;
	}
	if (posted(r) < (len + r->dbuff - 1) / r->dbuff || len > CHAIN_MAX * r->dbuff)
		return false;
	result(r, p, strip && emod != EMOD_HIDE, hashed, hash, fd, last);
	while (at < len) {
		u32 n = len - at < r->dbuff ? len - at : r->dbuff;
		bool end = at + n == len;
		u64 qw[4] = { 0 };

		if (end)
			memcpy(qw, last, sizeof(qw));
		qw[1] |= (u64)n << LEN_SHIFT | S_DD;
		if (!put(x, q, r, data + at, n, qw, end))
			return false;
		at += n;
	}
	xl710_irq_rx(x, q);
	return true;
}

/* --- frames --------------------------------------------------------------------------------- */

/* The queue of a VSI for the frame, ~0: drop. */
static u32 choose(struct xl710 *x, const struct xl710_vsi *v, const struct xl710_pkt *p, u32 forced,
		  bool *hashed, u32 *hash, const struct xl710_fd **fd)
{
	*fd = NULL;
	*hashed = xl710_rss_hash(x, v, p, hash);
	if (forced != ~0u)
		return xl710_vsi_queue(x, v, forced);
	*fd = xl710_fdir_match(x, p);
	if (*fd != NULL && (*fd)->vsi == v->index) {
		if ((*fd)->dest == DEST_DROP)
			return ~0u;
		if ((*fd)->dest == DEST_QINDEX)
			return xl710_vsi_queue(x, v, (*fd)->queue);
	} else {
		*fd = NULL;
	}
	return xl710_vsi_queue(x, v, *hashed ? xl710_rss_queue(x, v, *hash) : 0);
}

static bool deliver(struct xl710 *x, const struct xl710_pkt *p)
{
	u16 vsi[8];
	u32 queue, n = xl710_switch_rx(x, p, vsi, 8, &queue);
	bool taken = false;

	if (n == 0)
		x->filtered++;
	for (u32 i = 0; i < n; i++) {
		const struct xl710_vsi *v = &x->vsi[vsi[i]];
		const struct xl710_fd *fd;
		u32 hash = 0, q;
		bool hashed;

		xl710_stat_vsi_rx(x, v->index, p->data, p->len);
		q = choose(x, v, p, i == 0 ? queue : ~0u, &hashed, &hash, &fd);
		if (q != ~0u && xl710_rx_queue(x, q, v, p, hashed, hash, fd))
			taken = true;
		else
			xl710_count(x, GLV_RDPC + xl710_vsi_no(v->index) * 8, 1);
	}
	return taken;
}

bool xl710_rx(struct nicsim_dev *dev, const u8 *frame, u32 len)
{
	struct xl710 *x = dev->state;
	static u8 padded[ETH_MIN];
	struct xl710_pkt p;

	if (x->rst.level != 0 || !x->link.up || len < 14)
		return false;
	if (len < ETH_MIN) { /* the partner's MAC pads */
		memcpy(padded, frame, len);
		memset(padded + len, 0, ETH_MIN - len);
		frame = padded;
		len = ETH_MIN;
	}
	if (len + FCS > x->link.max_frame) {
		xl710_count(x, GLPRT_ROC, 1);
		return false;
	}
	xl710_stat_port_rx(x, frame, len);
	if (unlikely(xbe16(frame + 12) == ETH_MACCTL)) {
		if (xbe16(frame + 14) == 1)
			xl710_count(x, xbe16(frame + 16) != 0 ? GLPRT_LXOFFRXC : GLPRT_LXONRXC, 1);
		return false;
	}
	if (xl710_lldp_rx(x, frame, len))
		return false;
	xl710_parse(&p, frame, len);
	return deliver(x, &p);
}

/* Every queue that is on has room for a frame of its full size. */
bool xl710_rx_ready(struct nicsim_dev *dev)
{
	struct xl710 *x = dev->state;
	const struct xl710_vsi *v = &x->vsi[0];
	u32 tc = xget16(v->info + 62);

	if (x->rst.level != 0 || !x->link.up)
		return true;
	for (u32 i = 0; i < 1u << (tc >> 9 & 7); i++) {
		u32 q = xl710_vsi_queue(x, v, (tc & 0x1ff) + i);

		if (q == ~0u || !x->rxq[q].on)
			continue;
		if (posted(&x->rxq[q]) * x->rxq[q].dbuff < x->rxq[q].rxmax)
			return false;
	}
	return true;
}
