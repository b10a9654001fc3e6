// SPDX-License-Identifier: MIT
/*
 * Model of the Intel 82599ES 10 GbE controller (8086:10fb, SFP+), register level, on the core of
 * tools/nicsim/device.h. State of one port and what its files call of each other.
 *
 *	regs.c     the register file: one table (regs.inc), masks, read-to-clear, hooks
 *	model.c    the model's table, creation, resets (CTRL.RST, CTRL.LRST, FLR)
 *	eeprom.c   NVM image, EERD, EEC      sync.c   semaphores between software and firmware
 *	link.c     AUTOC, LINKS, MDIO        sfp.c    module's identity on bit-banged I2C
 *	rxq.c      receive rings             rx.c     a frame's way from the wire to a ring
 *	parse.c    headers of a frame        filter.c L2 filters, L3/L4 filters
 *	rss.c      Toeplitz                  fdir.c   Flow Director
 *	txq.c      transmit rings            tx.c, tso.c, csum.c  frames and their offloads
 *	stats.c    counters                  irq.c    causes, masks, moderation, vectors
 *	rsc.c      receive-side coalescing   vf.c, mailbox.c  virtual functions
 *
 * Sources: Intel 82599 10 GbE Controller Datasheet, 331520 (section numbers at the code), offsets
 * checked against two public drivers' headers. DCB, MACsec, IPsec, FCoE, header split and wake-up
 * are not modelled: their registers are storage where drivers touch them at start.
 */
#pragma once

#include "tools/nicsim/core/frame.h"
#include "tools/nicsim/core/ring.h"

enum {
	N599_CSR = 0x20000, /* bytes of BAR 0 */
	N599_QUEUES = 128,
	N599_VECTORS = 64,
	N599_POOLS = 64,
	N599_RARS = 128,
	N599_FRAME = 16384, /* room for a frame; the chip takes up to 15.5 KiB */
	N599_MAX_FRAME = 15872,
	N599_TSO_MAX = 262144 + 512,
	N599_DESC = 16,
	N599_FIFO = 512 * 1024,
	N599_NVM_WORDS = 4096,
	N599_TX_BURST = 64, /* frames of one queue in one call of work() */
};

/* What the parser finds (parse.c). Offsets are 0 where there is no such header. */
struct n599_pkt {
	const u8 *data;
	u32 len; /* without FCS */
	u16 l3, l4;
	u16 l3_end;    /* end of the IP datagram in the frame */
	u16 ethertype; /* after all tags */
	u16 tci, tag;  /* of the (inner) VLAN tag, where it is */
	u8 proto;
	bool tagged, outer; /* outer: an extended VLAN tag before it */
	bool ip4, ip6, options, fragment, tcp, udp, sctp;
	bool snap;
	bool ip_error, l4_error, l4_checked, udp_zero;
};

struct n599_rxq {
	struct nicsim_ring r;
	u32 buffer; /* bytes of each, SRRCTL.BSIZEPACKET */
	u8 type;    /* SRRCTL.DESCTYPE */
	struct nicsim_held held;
};

struct n599_context {
	bool valid;
	u16 vlan, mss;
	u8 maclen, l4len;
	u16 iplen;
	u16 tucmd;
};

struct n599_txq {
	struct nicsim_ring r;
	u32 waiting; /* descriptors with RS that wait for WTHRESH */
	u32 wb[64];  /* their indices */
	struct n599_context ctx[2];
};

struct n599_filter; /* fdir.c */

struct n599 {
	struct nicsim_dev *dev;
	u32 reg[N599_CSR / 4];
	struct n599_rxq rxq[N599_QUEUES];
	struct n599_txq txq[N599_QUEUES];
	u64 tx_due[N599_QUEUES / 64]; /* queues with work */
	u64 rx_due;                   /* FIFO may move */

	/* statistics that are 36 bits wide: whole value and what a read of the low half latched */
	struct n599_wide {
		u64 v;
		u32 high;
	} gorc, gotc, tor, rxdgbc, txdgbc, rxnfgbc, rxddgbc, rxlpbkgbc, qbrc[16], qbtc[16];

	/* interrupts */
	u64 cause, fresh;                /* bit v: vector or RTxQ bit v; fresh: no message yet */
	u64 mask, amask;                 /* EIMS, EIAM of queue vectors */
	u32 misc, misc_mask, misc_amask; /* EICR, EIMS, EIAM bits 16..30 */
	bool misc_fresh;
	u64 next[N599_VECTORS]; /* ns: not before */

	/* EEPROM, semaphores, PHY */
	u16 nvm[N599_NVM_WORDS];
	u64 eerd_done, mdio_done, reset_done, link_at, fdir_done;
	bool reset_busy, link_up, no_sfp;
	u16 mdio_address;
	u32 ioaddr;
	struct n599_i2c {
		bool scl, sda, out; /* line levels; out: what the module drives */
		u8 state, bit, shift, address, device;
		bool reading, pointer_set;
	} i2c;
	u8 sfp[2][256]; /* A0h, A2h */
	u64 flap_at;    /* ns: next change of the fault link-flap; 0: off */
	bool dead;      /* ECC error: the data path stands until CTRL.RST */

	/* receive FIFO */
	u8 *fifo;
	u32 fifo_head, fifo_tail, fifo_used, fifo_max;

	/* RSS: contribution of byte value b at position i of the input */
	u32 (*toeplitz)[256];
	bool toeplitz_ok;
	struct n599_fdir *fdir;
	struct n599_rsc *rsc;
	bool five_tuple, etype; /* any such filter on? */
	u8 frame[N599_TSO_MAX + 64];
	u8 segment[N599_FRAME + 64];
	u8 scratch[N599_FRAME + 64];
	u8 padded[64];
	bool crc_bad;
	struct {
		u32 gprc, gptc, mprc;
		u64 gorc, gotc;
	} pool[N599_POOLS];

	/* virtual functions: whose memory and bus mastering each queue uses, mailbox bits */
	struct nicsim_dev *owner[N599_QUEUES];
	u8 vf_mail[N599_POOLS];
	u64 qde[N599_QUEUES / 64]; /* PFQDE.QDE of each queue: drop, whatever SRRCTL says */
	bool soft_pf;              /* option vfs=: the model has a PF driver of its own */
};

/* --- registers (regs.c) --------------------------------------------------------------------- */

struct n599_reg {
	const char *name;
	u32 off;
	u16 count, stride, first; /* elements; first: index of the first one */
	u32 reset, writable;
	u32 reserved; /* bits that must be written with their reset value */
	u8 flags;
	u32 (*rd)(struct n599 *n, const struct n599_reg *r, u32 i, u32 v);
	/* After the store; raw is what was written, old what the register had. */
	void (*wr)(struct n599 *n, const struct n599_reg *r, u32 i, u32 raw, u32 old);
};

enum {
	N599_RC = 1,     /* read clears */
	N599_RO = 2,     /* a write is an error */
	N599_WO = 4,     /* reads give 0 */
	N599_KEEP = 8,   /* survives CTRL.RST */
	N599_RANDOM = 16 /* undefined after power-on */
};

enum n599_offset {
#define REG(name, off, count, stride, first, reset, mask, rsv, flags, rd, wr) N599_##name = (off),
#define RANGE(name, off, count, stride, first, reset, mask, rsv, flags, rd, wr)
#include "tools/nicsim/82599/regs.inc"
#undef REG
#undef RANGE
};

/* MRQC, 8.2.3.7.12. */
enum {
	MRQC_MODE = 15,
	MRQC_POOLS_OF_4 = 10, /* both with RSS */
	MRQC_POOLS_OF_2 = 11,
	MRQC_TCP4 = 1 << 16,
	MRQC_IP4 = 1 << 17,
	MRQC_IP6 = 1 << 20,
	MRQC_TCP6 = 1 << 21,
	MRQC_UDP4 = 1 << 22,
	MRQC_UDP6 = 1 << 23,
};

static inline u32 n599_get(const struct n599 *n, u32 off)
{
	return n->reg[off / 4];
}

/* Has the time come? Polls take time too, where the clock is virtual and stands: 500 ns each. */
static inline bool n599_reached(const struct n599 *n, u64 *when)
{
	if (nicsim_now(n->dev) >= *when)
		return true;
	*when -= MIN(*when, 500u);
	return false;
}

static inline void n599_set(struct n599 *n, u32 off, u32 v)
{
	n->reg[off / 4] = v;
}

/* Offset of a per-queue receive register: two windows of 64 queues. */
static inline u32 n599_rxo(u32 off, u32 q)
{
	return off + (q & 63) * 0x40 + (q < 64 ? 0 : 0xc000);
}

static inline u32 n599_txo(u32 off, u32 q)
{
	return off + q * 0x40;
}

u32 n599_read(struct n599 *n, u32 off);
void n599_write(struct n599 *n, u32 off, u32 v);
/* All registers to their defaults; soft: those marked KEEP stay. */
void n599_regs_reset(struct n599 *n, bool soft);
const struct n599_reg *n599_reg_find(u32 off, u32 *i);

/* --- EEPROM, semaphores, link --------------------------------------------------------------- */

void n599_eeprom_make(struct n599 *n);
void n599_eeprom_load(struct n599 *n); /* auto-load after a reset: RAR0 and others */
void n599_sfp_make(struct n599 *n);
void n599_link_reset(struct n599 *n);
void n599_link_update(struct n599 *n);
bool n599_link_timer(struct n599 *n, u64 now);
void n599_link_fault(struct n599 *n);
void n599_reset_start(struct n599 *n, bool link);
void n599_datapath_reset(struct n599 *n);

/* --- receive --------------------------------------------------------------------------------- */

struct n599_rxinfo {
	u32 queue;
	u32 hash; /* dword 1 of the write-back */
	u16 vlan;
	u16 type; /* packet type, 13 bits */
	u8 rss;
	u32 status, error; /* bits of the extended status */
	u64 pools;
	u32 from_pool; /* of the sending VF, ~0: the wire */
	u16 fragment_sum;
	bool immediate, fdir;
	const u32 *starts; /* of a coalesced frame: where its segments begin; else NULL */
	u32 nstarts;
};

bool n599_rx(struct nicsim_dev *dev, const u8 *frame, u32 len);
bool n599_rx_ready(struct nicsim_dev *dev);
/* Frame after MAC: filters, queue, ring. loop: it comes from our own Tx (LB). */
bool n599_rx_mac(struct n599 *n, const u8 *frame, u32 len, bool loop, u32 from_pool);
void n599_rx_drain(struct n599 *n);
void n599_fifo_reset(struct n599 *n);
/* Put the frame into the ring; false: no descriptors (nothing touched). */
bool n599_rxq_put(struct n599 *n, const u8 *frame, u32 len, const struct n599_rxinfo *info);
int n599_rxq_room(struct n599 *n, u32 q, u32 len);
void n599_parse(struct n599_pkt *p, const u8 *frame, u32 len, u16 vet, u16 exvet);
/* Rx checksums of p, as RXCSUM and RFCTL ask: sets the *_error and l4_checked. */
void n599_rx_checksum(struct n599 *n, struct n599_pkt *p);
u32 n599_pseudo(const struct n599_pkt *p, u32 l4len);
u32 n599_crc32(const u8 *p, u32 len);
u32 n599_crc32c(const u8 *p, u32 len);

/* L2 filters: does the frame pass, by an exact match? *pools gets the pools that take it. */
bool n599_filter_l2(struct n599 *n, const struct n599_pkt *p, bool *exact, u64 *pools);
bool n599_filter_vlan(struct n599 *n, const struct n599_pkt *p, u64 *pools);
/* Queue by EtherType, SYN or 5-tuple filter; -1: none matched. */
int n599_filter_queue(struct n599 *n, const struct n599_pkt *p, struct n599_rxinfo *info);
/* Is it one of our own addresses? Pools that have it. */
bool n599_filter_own(struct n599 *n, const u8 *mac, u64 *pools);
void n599_filter_update(struct n599 *n);
/* Toeplitz hash of what MRQC asks for; type 0: none. */
u32 n599_rss(struct n599 *n, const struct n599_pkt *p, u8 *type);
u32 n599_rss_queue(struct n599 *n, u32 hash, u8 type, u32 pool);
/* Flow Director; -1: no match. */
int n599_fdir_match(struct n599 *n, const struct n599_pkt *p, struct n599_rxinfo *info);
void n599_fdir_reset(struct n599 *n);
u32 n599_fdir_hash(const u8 stream[42], u32 key);
bool n599_rsc_put(struct n599 *n, const struct n599_pkt *p, const struct n599_rxinfo *info);
void n599_rsc_flush(struct n599 *n, int queue);
void n599_rsc_timer(struct n599 *n, u64 now);

/* --- transmit -------------------------------------------------------------------------------- */

bool n599_tx_work(struct n599 *n);
void n599_tx_due(struct n599 *n, u32 q);
/* A whole frame with its offloads described; returns frames sent. */
struct n599_txinfo {
	bool ixsm, txsm, vle, tse, ctx, legacy_ic, advanced;
	u8 cso, css;
	u16 vlan;
	u32 paylen;
	struct n599_context c;
};
u32 n599_tx_frame(struct n599 *n, u32 q, u8 *frame, u32 len, const struct n599_txinfo *t);
u32 n599_tso(struct n599 *n, u32 q, u8 *frame, u32 len, const struct n599_txinfo *t);
void n599_tx_offload(struct n599 *n, u8 *frame, u32 len, const struct n599_txinfo *t);
void n599_tx_out(struct n599 *n, u32 q, u8 *frame, u32 len, bool vle, u16 vlan);

/* --- statistics (stats.c) ----------------------------------------------------------------------
 */

void n599_count(struct n599 *n, u32 off, u32 by);
void n599_wide_add(struct n599_wide *w, u64 by);
void n599_stats_mac_rx(struct n599 *n, u32 bytes); /* with FCS, good frame */
void n599_stats_rx(struct n599 *n, const u8 *frame, u32 bytes);
void n599_stats_queue_rx(struct n599 *n, u32 q, u32 bytes);
void n599_stats_queue_drop(struct n599 *n, u32 q);
void n599_stats_pool_rx(struct n599 *n, u32 pool, const struct n599_pkt *p);
void n599_stats_tx(struct n599 *n, u32 q, const u8 *frame, u32 bytes);
void n599_stats_reset(struct n599 *n);

/* --- interrupts (irq.c) ------------------------------------------------------------------------
 */

enum {
	N599_EICR_FDIR = 1u << 16,
	N599_EICR_RX_MISS = 1u << 17,
	N599_EICR_PCI = 1u << 18,
	N599_EICR_MAILBOX = 1u << 19,
	N599_EICR_LSC = 1u << 20,
	N599_EICR_SDP0 = 1u << 24,
	N599_EICR_SDP1 = 1u << 25,
	N599_EICR_SDP2 = 1u << 26,
	N599_EICR_ECC = 1u << 28,
	N599_EICR_TCP_TIMER = 1u << 30,
};

void n599_irq_reset(struct n599 *n);
void n599_irq_queue(struct n599 *n, u32 q, bool tx); /* a queue has something */
void n599_irq_misc(struct n599 *n, u32 bits);
bool n599_irq_timer(struct n599 *n, u64 now);

/* --- virtual functions (vf.c, mailbox.c, pf.c) ------------------------------------------------ */

/* State of a VF: its interrupts; all else is the PF's. */
struct n599_vf {
	struct n599 *n;
	struct nicsim_dev *dev;
	u32 vf, eicr, eims, eiac, eiam, fresh;
	u32 ivar[4], ivar_misc, eitr[3], rscint[3];
	u64 next[3];
};

extern const struct nicsim_model n599_vf_model;
/* log2 of the queues of a pool. */
u32 n599_pool_shift(const struct n599 *n);
void n599_owners(struct n599 *n);
void n599_vfs_changed(struct nicsim_dev *dev);
/* Interrupt of a queue that is a VF's; false: it is the PF's. */
bool n599_vf_queue_irq(struct n599 *n, u32 q, bool tx);
/* A change in the VF's mailbox: its own interrupt. */
void n599_vf_irq(struct n599 *n, u32 vf);
/* Frame of a pool for a pool of this port? True: it need not go to the wire. */
bool n599_tx_switch(struct n599 *n, const u8 *frame, u32 len, u32 pool);
/* All queues of a VF off, the PF told (VFLRE). */
void n599_vf_reset(struct n599 *n, u32 vf, bool tell);

void n599_mailbox_reset(struct n599 *n, u32 vf); /* the PF was reset: RSTI */
void n599_mailbox_pf_ready(struct n599 *n);      /* CTRL_EXT.PFRSTD */
u32 n599_vfmailbox_read(struct n599 *n, u32 vf);
void n599_vfmailbox_write(struct n599 *n, u32 vf, u32 v);

/* The model's own PF driver, where no guest has the PF. */
void n599_pf_start(struct n599 *n);
void n599_pf_message(struct n599 *n, u32 vf);

extern const struct nicsim_model n599_model;
