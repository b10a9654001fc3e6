// SPDX-License-Identifier: MIT
/* The 82574L as a model of tools/nicsim: identity, registers, reset, link. */
#include "tools/nicsim/82574/n574.h"

#include <stdlib.h>
#include <string.h>

enum {
	RST = 1 << 26, /* CTRL */
	SLU = 1 << 6,
	MASTER_DISABLE = 1 << 2,
	LU = 1 << 1, /* STATUS */
	MASTER_ENABLE = 1 << 19,
	RCTL_EN = 1 << 1,
	PCSD = 1 << 13,
	EXSTEN = 1 << 15,
	RESET_NS = 1000000,
	STATISTICS = 0x4000,
	STATISTICS_END = 0x4130,
};

static const char *const faults[] = {
	"rx-no-dd",       /* a received frame is never written back */
	"rx-no-eop",      /* EOP is never set */
	"rx-error",       /* error bits (arg, default RXE) */
	"rx-length-zero", /* write-back with length 0 */
	"rx-length-over", /* length one more than the buffer (or arg) */
	"rx-length-ffff", /* all bits of the length field */
	"rx-head-jump",   /* arg descriptors are passed and never written back */
	"rx-order",       /* a descriptor is written back after the next one */
	"tx-no-dd",       /* a frame is sent and never reported */
	"tx-hang",        /* nothing is fetched, while armed */
	"reset-stuck",    /* CTRL.RST stays set, while armed */
	NULL,
};

/* --- rings --------------------------------------------------------------------------------- */

u64 n574_head(struct n574 *n, u32 ring, u32 q)
{
	u64 base = *n574_ring(n, ring, q, N574_BASE_LOW) |
		   (u64)*n574_ring(n, ring, q, N574_BASE_HIGH) << 32;
	u32 len = *n574_ring(n, ring, q, N574_LENGTH), head = *n574_ring(n, ring, q, N574_HEAD);

	if (!base || base & 15 || !len || len & 127 || head >= len / N574_DESC) {
		nicsim_error(n->dev, NICSIM_E_STATE, "ring %x of queue %u: %u bytes, head %u", ring,
			     q, len, head);
		return 0;
	}
	return base + (u64)N574_DESC * head;
}

void n574_advance(struct n574 *n, u32 ring, u32 q)
{
	u32 *head = n574_ring(n, ring, q, N574_HEAD);

	if (++*head >= *n574_ring(n, ring, q, N574_LENGTH) / N574_DESC)
		*head = 0;
}

/* --- reset and link ------------------------------------------------------------------------ */

static void chip_reset(struct n574 *n)
{
	const u8 *mac = n->dev->mac;

	memset(n->reg, 0, sizeof(n->reg));
	n->icr = n->ims = n->fired = n->late = 0;
	memset(n->quiet, 0, sizeof(n->quiet));
	memset(n->frame_len, 0, sizeof(n->frame_len));
	memset(n->held, 0, sizeof(n->held));
	*n574_reg(n, N574_RAL) = mac[0] | (u32)mac[1] << 8 | (u32)mac[2] << 16 | (u32)mac[3] << 24;
	*n574_reg(n, N574_RAL + 4) = mac[4] | (u32)mac[5] << 8 | 1u << 31;
	for (u32 q = 0; q < N574_QUEUES; q++)
		*n574_reg(n, N574_TARC + 0x100 * q) = 0x403; /* 10.2.6.9 */
	/* No value of these is defined after power-on (10.2.5.14, 10.2.5.16). */
	for (u32 i = 0; i < 42; i++)
		*n574_reg(n, N574_RETA + 4 * i) = (u32)nicsim_random(n->dev);
	nicsim_intx(n->dev, false);
}

static void link_update(struct n574 *n)
{
	bool was = n->link;

	n->link = nicsim_light(n->dev) && *n574_reg(n, N574_CTRL) & SLU;
	if (n->link != was)
		n574_cause(n, N574_LSC);
	if (n->link)
		nicsim_kick(n->dev);
}

static void reset_tick(struct n574 *n)
{
	if (!n->reset_end || nicsim_fault(n->dev, "reset-stuck", NULL) ||
	    nicsim_now(n->dev) < n->reset_end)
		return;
	n->reset_end = 0;
	chip_reset(n);
	link_update(n);
}

/* --- registers ----------------------------------------------------------------------------- */

static u32 status(struct n574 *n)
{
	u32 v = 1 | 2 << 6; /* full duplex, 1000 Mb/s */

	if (n->link)
		v |= LU;
	if (!(*n574_reg(n, N574_CTRL) & MASTER_DISABLE))
		v |= MASTER_ENABLE;
	return v;
}

static u32 bar_read(struct nicsim_dev *dev, u32 bar, u64 off, u32 size)
{
	struct n574 *n = dev->state;

	(void)size;
	if (bar)
		return 0;
	reset_tick(n);
	switch (off) {
	case N574_CTRL:
		return *n574_reg(n, N574_CTRL) | (n->reset_end ? (u32)RST : 0);
	case N574_STATUS:
		return status(n);
	case N574_ICR:
		return n574_icr_read(n);
	case N574_ICS:
	case N574_IMC:
		nicsim_error(dev, NICSIM_E_ACCESS, "read of write-only register %x", (u32)off);
		return 0;
	case N574_IMS:
		return n->ims;
	default:
		return off >= STATISTICS && off < STATISTICS_END ? nicsim_mac_read(n->reg, (u32)off)
								 : *n574_reg(n, (u32)off);
	}
}

static bool in(u32 off, u32 first, u32 bytes)
{
	return off >= first && off < first + bytes;
}

static bool known(u32 off)
{
	static const u32 one[] = {
		N574_CTRL,
		N574_CTRL_EXT,
		N574_ICR,
		N574_ITR,
		N574_ICS,
		N574_IMS,
		N574_IMC,
		N574_EIAC,
		N574_IAM,
		N574_IVAR,
		N574_RCTL,
		N574_TCTL,
		0x410 /* TIPG */,
		0x2820 /* RDTR */,
		0x2828 /* RXDCTL */,
		0x282c /* RADV */,
		0x3828 /* TXDCTL */,
		0x3928,
		0x3840 /* TARC */,
		0x3940,
		0x5b00 /* GCR */,
		N574_RXCSUM,
		N574_RFCTL,
		N574_MRQC,
		N574_RAL,
		N574_RAL + 4,
	};

	for (u32 i = 0; i < ARRAY_SIZE(one); i++)
		if (off == one[i])
			return true;
	for (u32 q = 0; q < N574_QUEUES; q++)
		if ((in(off, N574_RING_RX + 0x100 * q, 0x1c) ||
		     in(off, N574_RING_TX + 0x100 * q, 0x1c)) &&
		    (off & 0xff) != 0x0c && (off & 0xff) != 0x14)
			return true;
	return in(off, N574_EITR, 20) || in(off, 0x5200, 512) || in(off, N574_RETA, 128) ||
	       in(off, N574_RSSRK, 40);
}

/* What may change only while nothing is received. */
static bool needs_rest(u32 off)
{
	for (u32 q = 0; q < N574_QUEUES; q++)
		if (in(off, N574_RING_RX + 0x100 * q, 0x14))
			return true;
	return off == N574_MRQC || off == N574_RFCTL || off == N574_RXCSUM ||
	       in(off, N574_RSSRK, 40);
}

static void check_write(struct n574 *n, u32 off, u32 v)
{
	bool receives = *n574_reg(n, N574_RCTL) & RCTL_EN;

	if (needs_rest(off) && receives)
		nicsim_error(n->dev, NICSIM_E_STATE, "register %x written while receiving", off);
	for (u32 q = 0; q < N574_QUEUES; q++) {
		if (in(off, N574_RING_TX + 0x100 * q, 0x14) && *n574_reg(n, N574_TCTL) & 2)
			nicsim_error(n->dev, NICSIM_E_STATE, "register %x written while sending",
				     off);
		for (u32 ring = N574_RING_RX; ring <= N574_RING_TX;
		     ring += N574_RING_TX - N574_RING_RX)
			if (off == ring + 0x100 * q + N574_TAIL && v &&
			    v >= *n574_ring(n, ring, q, N574_LENGTH) / N574_DESC)
				nicsim_error(n->dev, NICSIM_E_TAIL, "tail %x of %u", off, v);
	}
	if (in(off, N574_RETA, 128) && v & 0x7f7f7f7f)
		nicsim_error(n->dev, NICSIM_E_RESERVED, "RETA %08x", v);
	if (off == N574_CTRL && v & RST && receives)
		nicsim_error(n->dev, NICSIM_E_STATE, "reset while receiving");
	/* 7.1.2: several queues need the extended descriptors, and the hash in them. */
	if (off == N574_RCTL && v & RCTL_EN && (*n574_reg(n, N574_MRQC) & 3) == 1 &&
	    (!(*n574_reg(n, N574_RFCTL) & EXSTEN) || !(*n574_reg(n, N574_RXCSUM) & PCSD)))
		nicsim_error(n->dev, NICSIM_E_STATE, "RSS without RFCTL.EXSTEN or RXCSUM.PCSD");
}

static void write_ctrl(struct n574 *n, u32 v)
{
	*n574_reg(n, N574_CTRL) = v & ~(u32)RST;
	if (v & RST) {
		n->reset_end = nicsim_now(n->dev) + RESET_NS;
		*n574_reg(n, N574_RCTL) = *n574_reg(n, N574_TCTL) = 0;
	} else {
		link_update(n);
	}
}

static void bar_write(struct nicsim_dev *dev, u32 bar, u64 off64, u32 size, u32 v)
{
	struct n574 *n = dev->state;
	u32 off = (u32)off64;

	(void)size;
	if (bar) {
		nicsim_error(dev, NICSIM_E_NVM, "write of BAR %u at %x", bar, off);
		return;
	}
	reset_tick(n);
	if (!known(off)) {
		nicsim_error(dev, NICSIM_E_ACCESS, "write of register %x", off);
		return;
	}
	if (n->reset_end) {
		nicsim_error(dev, NICSIM_E_STATE, "register %x written during a reset", off);
		return;
	}
	check_write(n, off, v);
	switch (off) {
	case N574_CTRL:
		write_ctrl(n, v);
		return;
	case N574_ICR:
		n574_icr_write(n, v);
		return;
	case N574_ICS:
		n574_cause(n, v);
		return;
	case N574_IMS:
		n->ims |= v;
		n574_irq_update(n);
		return;
	case N574_IMC:
		n->ims &= ~v;
		n574_irq_update(n);
		return;
	default:
		*n574_reg(n, off) = v;
		return;
	}
}

/* --- hooks --------------------------------------------------------------------------------- */

static int create(struct nicsim_dev *dev, const char **why)
{
	struct n574 *n = dev->state;

	(void)why;
	n->dev = dev;
	return 0;
}

static void reset(struct nicsim_dev *dev, enum nicsim_reset kind)
{
	struct n574 *n = dev->state;

	(void)kind;
	n->reset_end = 0;
	chip_reset(n);
	link_update(n);
}

static bool work(struct nicsim_dev *dev)
{
	struct n574 *n = dev->state;

	reset_tick(n);
	return !n->reset_end && n574_tx(n);
}

static void timer(struct nicsim_dev *dev, u64 now)
{
	n574_irq_timer(dev->state, now);
}

static bool rx(struct nicsim_dev *dev, const u8 *frame, u32 len)
{
	struct n574 *n = dev->state;

	reset_tick(n);
	return !n->reset_end && len >= 14 && n574_rx(n, frame, len);
}

static bool rx_ready(struct nicsim_dev *dev)
{
	struct n574 *n = dev->state;

	if (!(*n574_reg(n, N574_RCTL) & RCTL_EN) || !n->link)
		return true;
	for (u32 q = 0; q < N574_QUEUES; q++)
		if (*n574_ring(n, N574_RING_RX, q, N574_LENGTH) &&
		    *n574_ring(n, N574_RING_RX, q, N574_HEAD) ==
			    *n574_ring(n, N574_RING_RX, q, N574_TAIL))
			return false;
	return true;
}

static void light(struct nicsim_dev *dev)
{
	link_update(dev->state);
}

const struct nicsim_model n574_model = {
	.name = "82574",
	.text = "Intel 82574L, 1 Gb/s, two queues",
	NICSIM_ID(0x8086, 0x10d3, 0x8086, 0xa01f),
	.pin = 1,
	.bar = { [0] = { .size = N574_BAR },
		 [2] = { .size = 32, .io = true },
		 [3] = { .size = 0x4000 } },
	.msi = true,
	NICSIM_MSIX(N574_VECTORS, 3, 0x2000),
	.faults = faults,
	NICSIM_LIFE(sizeof(struct n574), create, NULL, reset),
	NICSIM_ENGINE(bar_read, bar_write, work, timer),
	NICSIM_WIRE(rx, rx_ready, light),
};
