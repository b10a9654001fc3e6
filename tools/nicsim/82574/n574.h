// SPDX-License-Identifier: MIT
/*
 * A model of the 82574L: registers, legacy and extended receive descriptors, legacy transmit
 * descriptors, two queues each way, RSS, MSI-X, statistics. Without: packet split, checksum
 * offload, VLAN offload, flash, PHY registers, manageability. Frames without a descriptor are
 * missed at once: the packet buffer is not modelled.
 *
 * From "Intel 82574 GbE Controller Family Datasheet" rev. 3.4, chapters 7 and 10; sections are
 * named at the code. No constant is shared with a driver.
 */
#pragma once

#include "tools/nicsim/core/frame.h"
#include "tools/nicsim/core/mac.h"
#include "tools/nicsim/device.h"

enum {
	N574_BAR = 0x20000,
	N574_QUEUES = 2,
	N574_VECTORS = 5,
	N574_DESC = 16,
};

/* Registers that more than one file names. */
enum {
	N574_CTRL = 0x00000,
	N574_STATUS = 0x00008,
	N574_CTRL_EXT = 0x00018,
	N574_ICR = 0x000c0,
	N574_ITR = 0x000c4,
	N574_ICS = 0x000c8,
	N574_IMS = 0x000d0,
	N574_IMC = 0x000d8,
	N574_EIAC = 0x000dc,
	N574_IAM = 0x000e0,
	N574_IVAR = 0x000e4,
	N574_EITR = 0x000e8,
	N574_RCTL = 0x00100,
	N574_TCTL = 0x00400,
	N574_RING_RX = 0x02800, /* second queue: +100h */
	N574_RING_TX = 0x03800,
	N574_TARC = 0x03840,
	N574_RXCSUM = 0x05000,
	N574_RFCTL = 0x05008,
	N574_RAL = 0x05400,
	N574_MRQC = 0x05818,
	N574_RETA = 0x05c00,
	N574_RSSRK = 0x05c80,
	/* of a ring */
	N574_BASE_LOW = 0x00,
	N574_BASE_HIGH = 0x04,
	N574_LENGTH = 0x08,
	N574_HEAD = 0x10,
	N574_TAIL = 0x18,
};

/* Interrupt causes (10.2.4.1). */
enum {
	N574_TXDW = 1 << 0,
	N574_LSC = 1 << 2,
	N574_RXO = 1 << 6,
	N574_RXT0 = 1 << 7,
	N574_RXQ = 1 << 20, /* and 21 */
	N574_TXQ = 1 << 22, /* and 23 */
	N574_OTHER = 1 << 24,
};

struct n574 {
	struct nicsim_dev *dev;
	u32 reg[N574_BAR / 4];
	u32 icr, ims;
	u32 fired;     /* causes whose interrupt was sent and that were not cleared since */
	u64 reset_end; /* ns; 0: no reset under way */
	bool link;
	u64 quiet[N574_VECTORS];                 /* no message before this time */
	u32 late;                                /* vectors with a message that waits for it */
	u8 frame[N574_QUEUES][NICSIM_FRAME_MAX]; /* of frames over several descriptors */
	u32 frame_len[N574_QUEUES];
	/* Fault rx-order: a status that is written after the next one; 0: none. */
	struct {
		u64 at;
		u32 status;
	} held[N574_QUEUES];
};

static inline u32 *n574_reg(struct n574 *n, u32 off)
{
	return &n->reg[off / 4];
}

/* Queue `q`'s ring that begins at N574_RING_*. */
static inline u32 *n574_ring(struct n574 *n, u32 ring, u32 q, u32 field)
{
	return n574_reg(n, ring + 0x100 * q + field);
}

/* The descriptor at the ring's head; 0: the ring cannot be (reported). */
u64 n574_head(struct n574 *n, u32 ring, u32 q);
void n574_advance(struct n574 *n, u32 ring, u32 q);

/* irq.c */
void n574_cause(struct n574 *n, u32 bits);
void n574_irq_update(struct n574 *n);
u32 n574_icr_read(struct n574 *n);
void n574_icr_write(struct n574 *n, u32 v);
void n574_irq_timer(struct n574 *n, u64 now);

/* rx.c, rss.c, tx.c */
bool n574_rx(struct n574 *n, const u8 *frame, u32 len);
/* Hash and kind of it (7.1.2.1: 0 none); false: RSS is off. */
bool n574_rss(struct n574 *n, const u8 *frame, u32 len, u32 *hash, u32 *type);
bool n574_tx(struct n574 *n);

extern const struct nicsim_model n574_model;
