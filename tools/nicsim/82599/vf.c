// SPDX-License-Identifier: MIT
/*
 * Virtual functions of the 82599 model (data sheet 7.10, 8.3): a VF is a window on its pool's
 * queues, with interrupts and a mailbox of its own. Its queues do DMA under the VF's bus mastering
 * and memory; frames between pools of the port are switched here.
 */
#include "tools/nicsim/82599/hooks.h"

#include <stdlib.h>
#include <string.h>

enum {
	VFCTRL = 0x000,
	VFSTATUS = 0x008,
	VFLINKS = 0x010,
	VFFRTIMER = 0x048,
	VTEICR = 0x100,
	VTEICS = 0x104,
	VTEIMS = 0x108,
	VTEIMC = 0x10c,
	VTEIAC = 0x110,
	VTEIAM = 0x114,
	VTIVAR = 0x120, /* 4 */
	VTIVAR_MISC = 0x140,
	VTRSCINT = 0x180, /* 3 */
	VFMBMEM = 0x200,  /* 16 */
	VFMAILBOX = 0x2fc,
	VFPSRTYPE = 0x300,
	VTEITR = 0x820, /* 3 */
	VFRXMEMWRAP = 0x3190,
	RX = 0x1000,
	TX = 0x2000,
	VECTORS = 3,
	RST = 1 << 26,
	QDE_WE = 1 << 16,
	QDE_RE = 1 << 17,
};

static struct n599_vf *of(struct nicsim_dev *dev)
{
	return dev->state;
}

/* --- pools and queues
 * ----------------------------------------------------------------------------- */

/* 8.2.3.9.15: 64 pools of 2, 32 of 4, 16 of 8. */
u32 n599_pool_shift(const struct n599 *n)
{
	u32 mtqc = n599_get(n, N599_MTQC) >> 2 & 3;

	return mtqc == 3 ? 3 : mtqc == 2 ? 2 : 1;
}

void n599_owners(struct n599 *n)
{
	u32 shift = n599_pool_shift(n);

	for (u32 q = 0; q < N599_QUEUES; q++)
		n->owner[q] = (q >> shift) < n->dev->vfs_on ? n->dev->vf[q >> shift] : n->dev;
}

void n599_vfs_changed(struct nicsim_dev *dev)
{
	struct n599 *n = dev->state;

	n599_owners(n);
	for (u32 vf = 0; vf < dev->vfs_on; vf++)
		n599_mailbox_reset(n, vf);
	if (n->soft_pf)
		n599_pf_start(n);
	else if (n599_get(n, N599_CTRL_EXT) & 1 << 14)
		n599_mailbox_pf_ready(n);
}

void n599_vf_reset(struct n599 *n, u32 vf, bool tell)
{
	u32 shift = n599_pool_shift(n);

	for (u32 q = vf << shift; q < (vf + 1) << shift; q++) {
		memset(&n->rxq[q], 0, sizeof(n->rxq[q]));
		memset(&n->txq[q], 0, sizeof(n->txq[q]));
		n599_set(n, n599_rxo(N599_RXDCTL, q), 0);
		n599_set(n, n599_txo(N599_TXDCTL, q), 0);
		n599_set(n, n599_txo(N599_TDWBAL, q), 0);
	}
	if (!tell)
		return;
	n599_set(n, vf / 32 ? 0x001c0 : N599_VFLRE,
		 n599_get(n, vf / 32 ? 0x001c0 : N599_VFLRE) | 1u << vf % 32);
	n599_irq_misc(n, N599_EICR_MAILBOX);
}

/* PFQDE (8.2.3.27): the bit of one queue is written or read back through this register. */
N599_WR(qde)
{
	u32 q = raw >> 8 & 127;
	u64 *word = &n->qde[q / 64], bit = 1ull << (q & 63);

	if (raw & QDE_WE)
		*word = raw & 1 ? *word | bit : *word & ~bit;
	if (raw & QDE_RE)
		n599_set(n, r->off, (raw & 0x7f00) | ((*word & bit) != 0));
}

/* VFRE has changed: nothing is kept of it. */
N599_WR(vfre)
{
	n->rx_due = n->fifo_used != 0;
}

/* 7.10.3.5: the frame of a pool goes to pools of this port that its address names, and to the wire
 * unless it is for a local station. */
bool n599_tx_switch(struct n599 *n, const u8 *frame, u32 len, u32 pool)
{
	u64 pools = 0;
	bool local = n599_filter_own(n, frame, &pools) && !(frame[0] & 1);

	if (local || (frame[0] & 1))
		n599_rx_mac(n, frame, len, true, pool);
	return local;
}

/* --- interrupts
 * --------------------------------------------------------------------------------------- */

static void update(struct n599_vf *v)
{
	for (u32 left = v->fresh & v->eicr & v->eims; left; left &= left - 1) {
		u32 i = (u32)__builtin_ctz(left), bit = 1u << i;

		if (nicsim_now(v->dev) < v->next[i]) {
			nicsim_timer_at(v->dev, v->next[i]);
			continue;
		}
		v->next[i] = nicsim_now(v->dev) + (v->eitr[i] >> 3 & 0x1ff) * 2048ull;
		v->fresh &= ~bit;
		if (v->eiac & bit)
			v->eicr &= ~bit;
		v->eims &= ~(v->eiam & bit);
		nicsim_raise(v->dev, i);
	}
}

static void cause(struct n599_vf *v, u32 bits)
{
	v->fresh |= bits & ~v->eicr;
	v->eicr |= bits;
	update(v);
}

bool n599_vf_queue_irq(struct n599 *n, u32 q, bool tx)
{
	u32 shift = n599_pool_shift(n), vf = q >> shift, e;
	struct n599_vf *v;

	if (vf >= n->dev->vfs_on)
		return false;
	v = n->dev->vf[vf]->state;
	q &= (1u << shift) - 1;
	e = v->ivar[q >> 1 & 3] >> (16 * (q & 1) + (tx ? 8 : 0));
	if ((e & 0x80) && (e & 3) < VECTORS)
		cause(v, 1u << (e & 3));
	return true;
}

void n599_vf_irq(struct n599 *n, u32 vf)
{
	struct n599_vf *v;

	if (vf >= n->dev->vfs_on)
		return;
	v = n->dev->vf[vf]->state;
	if ((v->ivar_misc & 0x80) && (v->ivar_misc & 3) < VECTORS)
		cause(v, 1u << (v->ivar_misc & 3));
}

/* --- registers
 * ------------------------------------------------------------------------------------------ */

/* Register of the PF behind `off` of the VF; 0: none. */
static u32 queue_register(const struct n599_vf *v, u64 off)
{
	static const u8 rx[] = { 0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x18, 0x28, 0x2c };
	static const u8 tx[] = { 0x00, 0x04, 0x08, 0x0c, 0x10, 0x18, 0x28, 0x38, 0x3c };
	u32 shift = n599_pool_shift(v->n), q = (u32)off >> 6 & 0x3f, in = off & 0x3f;
	bool is_rx = off >= RX && off < RX + 0x200, is_tx = off >= TX && off < TX + 0x200;

	if ((!is_rx && !is_tx) || q % 64 >= 1u << shift)
		return 0;
	q = (v->vf << shift) + (q & 7);
	for (u32 i = 0; i < 9; i++) {
		if (is_rx && rx[i] == in)
			return n599_rxo(N599_RDBAL + in, q);
		if (is_tx && tx[i] == in)
			return n599_txo(N599_TDBAL + in, q);
	}
	return 0;
}

static u32 counter(const struct n599_vf *v, u64 off, bool *known)
{
	struct n599 *n = v->n;

	*known = true;
	switch (off) {
	case 0x101c:
		return n->pool[v->vf].gprc;
	case 0x1020:
		return (u32)n->pool[v->vf].gorc;
	case 0x1024:
		return (u32)(n->pool[v->vf].gorc >> 32) & 15;
	case 0x1034:
		return n->pool[v->vf].mprc;
	case 0x201c:
		return n->pool[v->vf].gptc;
	case 0x2020:
		return (u32)n->pool[v->vf].gotc;
	case 0x2024:
		return (u32)(n->pool[v->vf].gotc >> 32) & 15;
	default:
		*known = false;
		return 0;
	}
}

static u32 eicr(struct n599_vf *v)
{
	u32 r = v->eicr;

	v->eicr = v->fresh = 0;
	return r;
}

static u32 bar_read(struct nicsim_dev *dev, u32 bar, u64 off, u32 size)
{
	struct n599_vf *v = of(dev);
	u32 value, reg = queue_register(v, off);
	bool known;

	(void)size;
	(void)bar;
	if (reg)
		return n599_read(v->n, reg);
	if (off >= VFMBMEM && off < VFMBMEM + 64)
		return n599_get(v->n, N599_PFMBMEM + 64 * v->vf + ((u32)off - VFMBMEM));
	if (off >= VTIVAR && off < VTIVAR + 16)
		return v->ivar[(off - VTIVAR) / 4];
	if (off >= VTEITR && off < VTEITR + 4 * VECTORS)
		return v->eitr[(off - VTEITR) / 4];
	if (off >= VTRSCINT && off < VTRSCINT + 4 * VECTORS)
		return v->rscint[(off - VTRSCINT) / 4];
	switch (off) {
	case VFCTRL:
	case VTEICS:
	case VTEIMC:
	case VFRXMEMWRAP:
		return 0;
	case VFSTATUS:
		return n599_read(v->n, N599_STATUS) & (1 << 19 | 1 << 7);
	case VFLINKS:
		return n599_read(v->n, N599_LINKS);
	case VFFRTIMER:
		return n599_read(v->n, N599_FRTIMER);
	case VTEICR:
		return eicr(v);
	case VTEIMS:
		return v->eims;
	case VTEIAC:
		return v->eiac;
	case VTEIAM:
		return v->eiam;
	case VTIVAR_MISC:
		return v->ivar_misc;
	case VFMAILBOX:
		return n599_vfmailbox_read(v->n, v->vf);
	case VFPSRTYPE:
		return n599_get(v->n, N599_PSRTYPE + 4 * v->vf);
	default:
		value = counter(v, off, &known);
		if (!known)
			nicsim_error(dev, NICSIM_E_ACCESS, "read of %llx: no such register",
				     (unsigned long long)off);
		return value;
	}
}

static void own_registers_reset(struct n599_vf *v)
{
	struct n599 *n = v->n;
	struct nicsim_dev *dev = v->dev;
	u32 vf = v->vf;

	*v = (struct n599_vf){ .n = n, .dev = dev, .vf = vf };
}

static void irq_write(struct n599_vf *v, u64 off, u32 x)
{
	switch (off) {
	case VTEICR:
		v->eicr &= ~x;
		v->fresh &= v->eicr;
		break;
	case VTEICS:
		cause(v, x & 7);
		break;
	case VTEIMS:
		v->fresh |= x & ~v->eims & v->eicr;
		v->eims |= x & 7;
		update(v);
		break;
	case VTEIMC:
		v->eims &= ~x;
		break;
	case VTEIAC:
		v->eiac = x & 7;
		break;
	default:
		v->eiam = x & 7;
		break;
	}
}

static void bar_write(struct nicsim_dev *dev, u32 bar, u64 off, u32 size, u32 x)
{
	struct n599_vf *v = of(dev);
	u32 reg = queue_register(v, off);

	(void)size;
	(void)bar;
	if (reg) {
		n599_write(v->n, reg, x);
		nicsim_kick(dev->pf);
	} else if (off >= VFMBMEM && off < VFMBMEM + 64) {
		n599_set(v->n, N599_PFMBMEM + 64 * v->vf + ((u32)off - VFMBMEM), x);
	} else if (off >= VTIVAR && off < VTIVAR + 16) {
		v->ivar[(off - VTIVAR) / 4] = x & 0x83838383;
	} else if (off >= VTEITR && off < VTEITR + 4 * VECTORS) {
		v->eitr[(off - VTEITR) / 4] = x;
	} else if (off >= VTRSCINT && off < VTRSCINT + 4 * VECTORS) {
		v->rscint[(off - VTRSCINT) / 4] = x;
	} else if (off >= VTEICR && off <= VTEIAM) {
		irq_write(v, off, x);
	} else if (off == VFCTRL) {
		if (x & RST) {
			own_registers_reset(v);
			n599_vf_reset(v->n, v->vf, true);
		}
	} else if (off == VTIVAR_MISC) {
		v->ivar_misc = x & 0x83;
	} else if (off == VFMAILBOX) {
		n599_vfmailbox_write(v->n, v->vf, x);
	} else if (off == VFPSRTYPE) {
		/* 8.3.5.4.1: split of headers (not modelled), and log2 of the queues that RSS uses
		 */
		if (x & ~0xe0001330u || x >> 29 > 2)
			nicsim_error(dev, NICSIM_E_RESERVED, "VFPSRTYPE %08x", x);
		n599_set(v->n, N599_PSRTYPE + 4 * v->vf, x & 0xe0001330u);
	} else if (off != VFSTATUS) { /* written as a flush */
		nicsim_error(dev, NICSIM_E_ACCESS, "write of %x to %llx: no such register", x,
			     (unsigned long long)off);
	}
}

/* --- the core's hooks
 * --------------------------------------------------------------------------------------- */

static void timer(struct nicsim_dev *dev, u64 now)
{
	(void)now;
	update(of(dev));
}

static void reset(struct nicsim_dev *dev, enum nicsim_reset kind)
{
	struct n599_vf *v = of(dev);

	own_registers_reset(v);
	/* a PCI reset of the machine that has the VF alone is an FLR to the PF; that of the PF's
	 * machine has reset the queues with all else */
	if (v->vf < dev->pf->vfs_on && (kind == NICSIM_RESET_FLR || v->n->soft_pf))
		n599_vf_reset(v->n, v->vf, true);
}

static int create(struct nicsim_dev *dev, const char **why)
{
	struct n599_vf *v = of(dev);

	(void)why;
	v->n = dev->pf->state;
	v->dev = dev;
	v->vf = dev->vf_index;
	return 0;
}

const struct nicsim_model n599_vf_model = {
	.name = "82599vf",
	.text = "virtual function of the 82599 (8086:10ed)",
	NICSIM_ID(0x8086, 0x10ed, 0x8086, 0x000c),
	.revision = 1,
	.bar = { [0] = { .size = 0x4000, .is64 = true }, [3] = { .size = 0x4000, .is64 = true } },
	NICSIM_MSIX(VECTORS, 3, 0x2000),
	NICSIM_LIFE(sizeof(struct n599_vf), create, NULL, reset),
	/* the PF's work() has all queues, and the wire is the PF's */
	NICSIM_ENGINE(bar_read, bar_write, NULL, timer),
};
