// SPDX-License-Identifier: MIT
/*
 * A model of the Intel 82576 (data sheet 320961): one port, 16 receive and 16 transmit queues with
 * legacy and advanced descriptors. Section numbers are the data sheet's.
 *
 *	regs.c    which registers there are, plain ones, what writing them may not do
 *	eeprom.c  EEPROM, semaphores with firmware      phy.c   PHY by MDIO, link
 *	irq.c     causes, vectors, moderation           stats.c statistics
 *	rx.c      filters, hash, FIFO                   rxq.c   receive queues
 *	tx.c      offloads of a frame                   txq.c   transmit queues
 *	model.c   reset, work, faults
 *
 * Not modelled: virtual functions, header split, time stamps, wake-up, manageability, SerDes,
 *IPsec.
 */
#pragma once

#include "tools/nicsim/core/frame.h"
#include "tools/nicsim/core/mac.h"
#include "tools/nicsim/core/ring.h"

enum {
	N576_CSR = 0x20000,
	N576_QUEUES = 16,
	N576_VECTORS = 25,
	N576_NVM_WORDS = 4096,
	N576_FIFO = 64 << 10,
	N576_FRAME_MAX = 9728 + 4, /* 3.1: 9.5 KiB */
	N576_DESC = 16,
	N576_WAITING = 64,        /* transmit write-backs that wait for more */
	N576_RING_MAX = 4096 * 8, /* descriptors */
	N576_HANDSHAKE_NS = 20000,
	N576_POLLS = 3, /* or so many reads, where the clock stands still */
};

/* Registers that have an effect; offsets of the table of 8.1.3. */
enum {
	N576_CTRL = 0x00000,
	N576_STATUS = 0x00008,
	N576_EECD = 0x00010,
	N576_EERD = 0x00014,
	N576_CTRL_EXT = 0x00018,
	N576_MDIC = 0x00020,
	N576_VET = 0x00038,
	N576_ICR = 0x000c0,
	N576_ICS = 0x000c8,
	N576_IMS = 0x000d0,
	N576_IMC = 0x000d8,
	N576_IAM = 0x000e0,
	N576_RCTL = 0x00100,
	N576_TCTL = 0x00400,
	N576_EEMNGCTL = 0x01010,
	N576_EEWR = 0x0102c,
	N576_GPIE = 0x01514,
	N576_EICS = 0x01520,
	N576_EIMS = 0x01524,
	N576_EIMC = 0x01528,
	N576_EIAC = 0x0152c,
	N576_EIAM = 0x01530,
	N576_EICR = 0x01580,
	N576_EITR = 0x01680,
	N576_IVAR = 0x01700,
	N576_IVAR_MISC = 0x01740,
	N576_STATS = 0x04000,
	N576_STATS_END = 0x04130,
	N576_RXCSUM = 0x05000,
	N576_RLPML = 0x05004,
	N576_MTA = 0x05200,
	N576_RA = 0x05400,
	N576_RA2 = 0x054e0,
	N576_VFTA = 0x05600,
	N576_MRQC = 0x05818,
	N576_SWSM = 0x05b50,
	N576_FWSM = 0x05b54,
	N576_SW_FW_SYNC = 0x05b5c,
	N576_RETA = 0x05c00,
	N576_RSSRK = 0x05c80,
	/* of receive queue 0; 64 bytes a queue; queues 0 to 3 are at 2800h + n * 100h too */
	N576_RXQ = 0x0c000,
	N576_RDBAL = 0x00,
	N576_RDBAH = 0x04,
	N576_RDLEN = 0x08,
	N576_SRRCTL = 0x0c,
	N576_RDH = 0x10,
	N576_RDT = 0x18,
	N576_RXDCTL = 0x28,
	N576_RQDPC = 0x30,
	/* of transmit queue 0; 3800h + n * 100h */
	N576_TXQ = 0x0e000,
	N576_TDBAL = 0x00,
	N576_TDBAH = 0x04,
	N576_TDLEN = 0x08,
	N576_TDH = 0x10,
	N576_TDT = 0x18,
	N576_TXDCTL = 0x28,
	N576_TDWBAL = 0x38,
	N576_TDWBAH = 0x3c,
};

enum {
	CTRL_FD = 1 << 0,
	CTRL_MASTER_DISABLE = 1 << 2,
	CTRL_SLU = 1 << 6,
	CTRL_RST = 1 << 26,
	CTRL_RFCE = 1 << 27,
	CTRL_VME = 1 << 30,
	STATUS_LU = 1 << 1,
	STATUS_PHYRA = 1 << 10,
	STATUS_MASTER = 1 << 19,
	RCTL_EN = 1 << 1,
	RCTL_SBP = 1 << 2,
	RCTL_UPE = 1 << 3,
	RCTL_MPE = 1 << 4,
	RCTL_LPE = 1 << 5,
	RCTL_BAM = 1 << 15,
	RCTL_VFE = 1 << 18,
	RCTL_PMCF = 1 << 23,
	RCTL_SECRC = 1 << 26,
	TCTL_EN = 1 << 1,
	TCTL_PSP = 1 << 3,
	XDCTL_ENABLE = 1 << 25,
	/* ICR, 8.8.9 */
	ICR_TXDW = 1 << 0,
	ICR_LSC = 1 << 2,
	ICR_RXMISS = 1 << 6,
	ICR_RXDW = 1 << 7,
	ICR_FER = 1 << 22, /* fatal error: a memory */
	ICR_DRSTA = 1 << 30,
};
#define ICR_ASSERTED   0x80000000u
#define CTRL_PHY_RST   0x80000000u
#define SRRCTL_DROP_EN 0x80000000u

struct n576_rxq {
	struct nicsim_ring r;
	u32 buffer; /* bytes */
	bool advanced;
	u32 polls;
	struct nicsim_held held;
};

struct n576_context {
	u32 vlan, maclen, iplen, l4len, mss, tucmd;
};

struct n576_txq {
	struct nicsim_ring r;
	u32 polls;
	struct n576_context ctx[2];
	u32 wb[N576_WAITING], waiting;
};

struct n576 {
	struct nicsim_dev *dev;
	u32 reg[N576_CSR / 4];
	u16 nvm[N576_NVM_WORDS];
	u16 phy[32];
	struct n576_rxq rxq[N576_QUEUES];
	struct n576_txq txq[N576_QUEUES];
	/* reset, master disable, EERD, MDIC: when done, and after how many polls */
	bool reset_busy, dead;
	u64 reset_at, eerd_at, mdic_at;
	u32 reset_polls, eerd_polls, mdic_polls;
	u32 mdic_result;
	bool link_up;
	u64 link_at, flap_at, train_ns;
	/* interrupts */
	u64 eitr_at[N576_VECTORS]; /* may fire again */
	u32 eitr_owed;
	/* frames that wait for a descriptor */
	u8 *fifo;
	u32 fifo_head, fifo_used, fifo_frames;
	u32 next_tx;
	u8 padded[64];
	u8 rx_frame[NICSIM_FRAME_MAX + 8];
	u8 *tx_frame; /* gathered, 256 KiB */
	u8 tx_out[NICSIM_FRAME_MAX + 8];
};

static inline u32 n576_get(const struct n576 *n, u32 off)
{
	return n->reg[off / 4];
}

static inline void n576_set(struct n576 *n, u32 off, u32 v)
{
	n->reg[off / 4] = v;
}

static inline u32 n576_rx_off(u32 q, u32 off)
{
	return N576_RXQ + 0x40 * q + off;
}

static inline u32 n576_tx_off(u32 q, u32 off)
{
	return N576_TXQ + 0x40 * q + off;
}

/* Has what was begun at `*at` come to its end? Counts this look at it. */
bool n576_reached(struct n576 *n, u64 at, u32 *polls);

extern const struct nicsim_model n576_model;

/* regs.c */
void n576_regs_reset(struct n576 *n);
u32 n576_read(struct nicsim_dev *dev, u32 bar, u64 off, u32 size);
void n576_write(struct nicsim_dev *dev, u32 bar, u64 off, u32 size, u32 v);

/* model.c */
void n576_reset_begin(struct n576 *n);
u32 n576_ctrl(struct n576 *n);
u32 n576_status(struct n576 *n);

/* eeprom.c */
void n576_eeprom_make(struct n576 *n);
void n576_eeprom_load(struct n576 *n); /* what the chip takes from it at a reset */
u32 n576_eeprom_read(struct n576 *n, u32 off, u32 v);
void n576_eeprom_write(struct n576 *n, u32 off, u32 v);

/* phy.c */
void n576_phy_reset(struct n576 *n);
u32 n576_mdic_read(struct n576 *n);
void n576_mdic_write(struct n576 *n, u32 v);
void n576_link_look(struct n576 *n);
void n576_link_timer(struct n576 *n, u64 now);

/* irq.c */
void n576_irq_reset(struct n576 *n);
bool n576_irq_is(u32 off);
u32 n576_irq_read(struct n576 *n, u32 off);
void n576_irq_write(struct n576 *n, u32 off, u32 v);
void n576_irq_queue(struct n576 *n, u32 q, bool tx);
void n576_irq_other(struct n576 *n, u32 cause);
void n576_irq_timer(struct n576 *n, u64 now);

/* stats.c; off: of the register */
void n576_count_rx(struct n576 *n, const u8 *frame, u32 len); /* without FCS */
void n576_count_tx(struct n576 *n, const u8 *frame, u32 len);
enum {
	N576_CRCERRS = 0x4000,
	N576_MPC = 0x4010,
	N576_XONRXC = 0x4048,
	N576_XOFFRXC = 0x4050,
	N576_RNBC = 0x40a0,
	N576_RUC = 0x40a4,
	N576_ROC = 0x40ac,
	N576_TSCTC = 0x40f8,
};

/* rx.c */
bool n576_rx(struct nicsim_dev *dev, const u8 *frame, u32 len);
bool n576_rx_ready(struct nicsim_dev *dev);
void n576_rx_drain(struct n576 *n);
void n576_rx_forget(struct n576 *n);

/* What goes into a write-back besides the length. */
struct n576_info {
	u32 queue, type, hash, status;
	u16 vlan;
};

/* A write of RXDCTL or TXDCTL, a look at it: queue 0 is on without a ring after a reset (8.10.10,
 * 8.12.15) and takes the one it has got when it is enabled once more. */
static inline void n576_ring_enable(struct n576 *n, struct nicsim_ring *r, u32 *polls, u32 v)
{
	*polls = 0;
	r->on &= r->size || !(v & XDCTL_ENABLE);
	nicsim_ring_enable(r, v & XDCTL_ENABLE, nicsim_now(n->dev) + N576_HANDSHAKE_NS);
}

static inline void n576_ring_look(struct n576 *n, struct nicsim_ring *r, u32 *polls)
{
	if ((r->turning_on || r->turning_off) && n576_reached(n, r->due, polls))
		r->due = 0;
}

/* rxq.c */
void n576_rxq_reset(struct n576 *n);
u32 n576_rxq_read(struct n576 *n, u32 q, u32 off, u32 v);
void n576_rxq_write(struct n576 *n, u32 q, u32 off, u32 v);
/* 1: the frame fits; 0: not now; -1: the queue takes none. */
int n576_rxq_room(struct n576 *n, u32 q, u32 len);
void n576_rxq_put(struct n576 *n, const u8 *frame, u32 len, const struct n576_info *info);

/* txq.c */
void n576_txq_reset(struct n576 *n);
u32 n576_txq_read(struct n576 *n, u32 q, u32 off, u32 v);
void n576_txq_write(struct n576 *n, u32 q, u32 off, u32 v);
bool n576_tx_work(struct n576 *n);

/* tx.c: a frame or a large one, gathered in n->tx_frame; false: it cannot be sent. */
struct n576_tx {
	u32 len, popts;
	bool tse, tagged;
	u16 tag;
	const struct n576_context *ctx; /* NULL: none named */
};
bool n576_tx_frame(struct n576 *n, const struct n576_tx *t);
