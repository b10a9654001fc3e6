// SPDX-License-Identifier: MIT
/*
 * Register-level model of the Intel XL710 (40 GbE, QSFP+) and X710, one physical function on one
 * port. This is the state that its files share; each part of the chip has a file:
 *
 *	model     identity, create, the hooks of tools/nicsim/device.h
 *	regs*     register table and file             reset   PF, core, global, EMP resets
 *	adminq    rings and dispatch; aq_*            commands by noun
 *	nvm       shadow RAM and NVM commands         hmc     host memory cache: segment tables, FPM
 *	queue     enable and disable, contexts        tx, txoff  transmit engine and its offloads
 *	switch    MAC, VLAN and promiscuous filters   rx      receive engine
 *	parse     headers, packet types, checksums    rss, fdir  hash and flow director
 *	link      PHY, MAC, link events               lldp    the firmware's LLDP agent
 *	stats     counters                            irq, mdd   interrupts, malicious-driver
 *detection
 *
 * Written from data sheet 332464 (X710/XXV710/XL710, rev. 3.9) and, where its text leaves a value
 * open, from what Linux' and DPDK's drivers require of the chip.
 */
#pragma once

#include "tools/nicsim/core/frame.h"
#include "tools/nicsim/device.h"
#include "tools/nicsim/xl710/regs.h"

enum {
	XL710_QUEUES = 1536,
	XL710_VSIS = 64,
	XL710_VSI_BASE = 16, /* number of the first; below are the ports' and firmware's own */
	XL710_VEBS = 4,
	XL710_VECTORS = 129,
	XL710_SEID_MAC = 2,
	XL710_SEID_PF = 16,
	XL710_SEID_VEB = 288,
	XL710_SEID_VSI = 512,
	XL710_QS_BASE = 16,   /* first queue-set handle */
	XL710_FILTERS = 1536, /* MAC/VLAN filters */
	XL710_CLOUD = 64,
	XL710_FDIR_MAX = 8192,
	XL710_FRAME_MAX = 9728, /* with FCS */
	XL710_SR_WORDS = 0x8000,
	XL710_SDS = 4096,
	XL710_SD_SIZE = 2 << 20,
	XL710_EVENTS = 16,
	XL710_BUFFERS = 512, /* of a TSO */
};

/* Number of a VSI (index in our table): what commands, registers and statistics know it by. */
static inline u32 xl710_vsi_no(u32 index)
{
	return index + XL710_VSI_BASE;
}

/* The stored value of the register at `off`. */
#define XR(x, off) ((x)->reg[(off) / 4])

/* --- headers of a frame (parse.c) ----------------------------------------------------------- */

/* Packet classifier types that RSS and flow director know (data sheet 7.1.9, table 7-5). */
enum xl710_pctype {
	XL710_PCTYPE_IPV4_UDP = 31,
	XL710_PCTYPE_IPV4_TCP = 33,
	XL710_PCTYPE_IPV4_SCTP = 34,
	XL710_PCTYPE_IPV4_OTHER = 35,
	XL710_PCTYPE_FRAG_IPV4 = 36,
	XL710_PCTYPE_IPV6_UDP = 41,
	XL710_PCTYPE_IPV6_TCP = 43,
	XL710_PCTYPE_IPV6_SCTP = 44,
	XL710_PCTYPE_IPV6_OTHER = 45,
	XL710_PCTYPE_FRAG_IPV6 = 46,
	XL710_PCTYPE_L2 = 63,
};

struct xl710_pkt {
	const u8 *data;
	u32 len; /* without FCS */
	bool tagged;
	u16 tci;       /* of the outer 802.1Q tag */
	u16 ethertype; /* after the tags */
	u32 l3, l4;    /* offsets; 0: none */
	u32 payload;   /* offset behind L4 (or the last header known) */
	bool v4, v6, frag;
	u8 proto; /* L4 protocol, where l4 != 0 */
	u8 ptype, pctype;
	bool l3l4p, ipe, l4e; /* checksums were looked at, and wrong */
	bool v6ext;           /* extension headers seen */
};

void xl710_parse(struct xl710_pkt *p, const u8 *data, u32 len);
/* Internet checksum of RFC 1071: 16-bit one's complement sum, not inverted, not folded. */
/* Of the pseudo header for L4 protocol `proto` and L4 length `len`. */
u32 xl710_pseudo(const u8 *l3, bool v6, u8 proto, u32 len);
u32 xl710_crc32(const u8 *p, u32 len);
/* CRC32c of an SCTP packet, as its field holds it (little-endian in the packet). */
u32 xl710_sctp_crc(const u8 *l4, u32 len);

/* --- parts ---------------------------------------------------------------------------------- */

struct xl710_txq {
	bool on, stopped; /* stopped: malicious, until disabled */
	u16 head, tail, qlen;
	u64 base;
	u64 head_wb; /* 0: DD write-back */
	u16 vsi;
	bool fd;
	/* the frame under way */
	u32 fill, descs;
	u16 mss;
	u32 tso_len;
	bool tso, ctx, prog;
	u16 l2tag2;
	bool il2tag2;
	u64 ctx0, ctx1, prog0, prog1;
};

struct xl710_rxq {
	bool on;
	bool d32, crcstrip, l2tsel, showiv;
	u16 head, tail, qlen;
	u64 base;
	u32 dbuff, rxmax;
	u8 dtype;
	u64 held[4]; /* rx-out-of-order: the write-back that comes late */
	u64 held_at;
};

struct xl710_vsi {
	bool used;
	u16 index, seid, uplink;
	u8 conn, type;
	u8 info[128]; /* VSI properties (7.4.9.5.5.1), kept as the driver gave them */
	u16 tcs;      /* enabled traffic classes, bitmap */
	u16 promisc;  /* flags of Set VSI Promiscuous Modes */
};

struct xl710_veb {
	bool used;
	u16 seid, uplink, flags;
};

struct xl710_filter {
	bool used, any_vlan, hash, to_queue;
	u8 mac[6];
	u16 vlan, vsi, queue;
	u16 next; /* in its bucket, + 1 */
};

struct xl710_etype_filter {
	bool used, ignore_mac, drop, to_queue, tx;
	u8 mac[6];
	u16 etype, vsi, queue;
};

struct xl710_cloud {
	bool used;
	u8 element[64];
	u16 vsi;
};

struct xl710_fd {
	bool used;
	u8 pctype, dest, status;
	u16 queue, vsi, cnt;
	bool cnt_ena;
	u32 id;
	u16 word[64]; /* masked field vector */
	u32 hash;
	u16 next; /* in its bucket, + 1 */
};

/* What comes to the driver without its asking, on the ARQ. */
struct xl710_event {
	u16 opcode, len;
	u8 param[16];
	u8 data[1536];
};

struct xl710_aq {
	bool stalled, first_seen;
	u64 late; /* the command at head is answered at this time */
	struct xl710_event event[XL710_EVENTS];
	u32 ev_head, ev_tail;
	u64 commands, failed;
};

struct xl710_link {
	bool enabled; /* by Set PHY Config, Set Link and Restart AN */
	bool up, qualified, an;
	u64 up_at;    /* 0: not under way */
	u64 flap_end; /* fault: dark until */
	bool lse;     /* link status event armed: one event, then disarmed */
	u16 event_mask;
	u16 max_frame;
	u8 mac_params, pause;
	u8 loopback;
	u8 phy_config[16];
	u16 downs;
};

struct xl710_lldp {
	bool running, mib_events;
	u64 next_tx;
	u64 eaten, sent;
	u16 local_len, remote_len;
	u8 local[1500], remote[1500];
};

struct xl710 {
	struct nicsim_dev *dev;
	u32 *reg; /* the register file */
	const char *part;
	bool x710; /* 1572: SFP+, 10 GbE */
	u16 firstq, lastq;

	struct {
		u32 level; /* 0: none under way */
		u64 until;
		bool stuck;
	} rst;
	struct xl710_aq aq;
	struct {
		u16 *sr;
		u32 size;  /* log2 of KiB */
		u16 owner; /* of the NVM resource: 0, 1 read, 2 write */
		u64 owner_until;
	} nvm;
	struct {
		u32 low[XL710_SDS], high[XL710_SDS];
	} hmc;

	struct xl710_txq txq[XL710_QUEUES];
	struct xl710_rxq rxq[XL710_QUEUES];
	u64 tx_due[XL710_QUEUES / 64];    /* queues with tail != head */
	u64 tx_unsaid[XL710_QUEUES / 64]; /* whose head in memory is behind */
	u64 qdis[XL710_QUEUES / 64];      /* GLLAN_TXPRE_QDIS: disabling announced */

	struct xl710_vsi vsi[XL710_VSIS];
	struct xl710_veb veb[XL710_VEBS];
	struct xl710_filter filter[XL710_FILTERS];
	u16 filter_bucket[256];
	u32 nfilters;
	struct xl710_etype_filter etype[16];
	struct xl710_cloud cloud[XL710_CLOUD];
	u32 ncloud;
	u16 tunnel_port[16];
	u8 tunnel_type[16];
	u16 port_flags, switch_flags;
	u8 laa[6];

	struct {
		bool dirty[XL710_VSIS + 1];
		u32 (*table[XL710_VSIS + 1])[256]; /* by key byte position and data byte */
	} rss;
	struct {
		struct xl710_fd *rule;
		u16 bucket[1024], free; /* + 1 */
		u32 count, made;
	} fdir;

	struct xl710_link link;
	struct xl710_lldp lldp;
	u64 next_tick;
	u64 filtered; /* frames that no VSI wanted */
	u64 itr_next[XL710_VECTORS];
	u64 vector_due[3]; /* raised when their ITR allows */

	u8 frame[NICSIM_FRAME_MAX + (256 << 10)]; /* Tx: gathered */
	u32 buffer_end[XL710_BUFFERS];            /* where each of its buffers ends there */
	u8 seg[NICSIM_FRAME_MAX];
};

/* Little-endian fields in descriptors, command buffers and contexts. */
static inline u16 xget16(const u8 *p)
{
	return (u16)(p[0] | p[1] << 8);
}
static inline u32 xget32(const u8 *p)
{
	return xget16(p) | (u32)xget16(p + 2) << 16;
}
static inline u64 xget64(const u8 *p)
{
	return xget32(p) | (u64)xget32(p + 4) << 32;
}
static inline void xput16(u8 *p, u32 v)
{
	p[0] = (u8)v;
	p[1] = (u8)(v >> 8);
}
static inline void xput32(u8 *p, u32 v)
{
	xput16(p, v);
	xput16(p + 2, v >> 16);
}
static inline u16 xbe16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}
static inline void xput_be16(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}
static inline u32 xbe32(const u8 *p)
{
	return (u32)xbe16(p) << 16 | xbe16(p + 2);
}
static inline void xput_be32(u8 *p, u32 v)
{
	xput_be16(p, v >> 16);
	xput_be16(p + 2, v);
}

/* model.c */
extern const struct nicsim_model nicsim_xl710, nicsim_x710;
u64 xl710_now(struct xl710 *x);
/* Call the timer at `when` at the latest. */
void xl710_wake_at(struct xl710 *x, u64 when);

/* reset.c */
void xl710_reset_init(struct xl710 *x); /* after power on: all levels at once */
void xl710_reset_start(struct xl710 *x, enum xl710_reset_level level);
void xl710_reset_tick(struct xl710 *x);
u32 xl710_pfgen_ctrl_read(struct xl710 *x, u32 off);
void xl710_pfgen_ctrl_write(struct xl710 *x, u32 off, u32 v);
u32 xl710_rstat_read(struct xl710 *x, u32 off);
void xl710_rtrig_write(struct xl710 *x, u32 off, u32 v);

/* adminq.c */
void xl710_aq_reset(struct xl710 *x);
bool xl710_aq_work(struct xl710 *x);
/* Put an event into the ARQ, now or when the driver has posted a buffer. */
void xl710_event(struct xl710 *x, u16 opcode, const u8 param[16], const u8 *data, u32 len);
void xl710_atqlen_write(struct xl710 *x, u32 off, u32 v);
void xl710_atqt_write(struct xl710 *x, u32 off, u32 v);
void xl710_arqlen_write(struct xl710 *x, u32 off, u32 v);
void xl710_arqt_write(struct xl710 *x, u32 off, u32 v);

/* nvm.c */
int xl710_nvm_create(struct xl710 *x);
void xl710_nvm_destroy(struct xl710 *x);
/* Does the NVM start the LLDP agent? */
bool xl710_nvm_lldp_on(const struct xl710 *x);
void xl710_srctl_write(struct xl710 *x, u32 off, u32 v);
void xl710_nvm_write_forbidden(struct xl710 *x, u32 off, u32 v);

/* hmc.c */
enum xl710_hmc_object { XL710_HMC_TX, XL710_HMC_RX };
/* Context of the function's LAN queue `q` (relative to FIRSTQ) out of host memory; false: reported,
 * and recorded in PFHMC_ERRORINFO. */
bool xl710_hmc_context(struct xl710 *x, enum xl710_hmc_object obj, u32 q, u8 *ctx);
void xl710_sdcmd_write(struct xl710 *x, u32 off, u32 v);
void xl710_pdinv_write(struct xl710 *x, u32 off, u32 v);
void xl710_hmc_reset(struct xl710 *x);
void xl710_errorinfo_write(struct xl710 *x, u32 off, u32 v);
/* `width` (up to 64) bits at bit `lsb` of a context. */
u64 xl710_bits(const u8 *ctx, u32 lsb, u32 width);

/* queue.c */
void xl710_qtx_ena_write(struct xl710 *x, u32 off, u32 v);
void xl710_qrx_ena_write(struct xl710 *x, u32 off, u32 v);
void xl710_qtx_tail_write(struct xl710 *x, u32 off, u32 v);
void xl710_qrx_tail_write(struct xl710 *x, u32 off, u32 v);
void xl710_qtx_ctl_write(struct xl710 *x, u32 off, u32 v);
void xl710_qdis_write(struct xl710 *x, u32 off, u32 v);
u32 xl710_qdis_read(struct xl710 *x, u32 off);
u32 xl710_qtx_head_read(struct xl710 *x, u32 off);
void xl710_qtx_head_write(struct xl710 *x, u32 off, u32 v);
void xl710_queues_reset(struct xl710 *x);

/* tx.c, txoff.c */
bool xl710_tx_work(struct xl710 *x);
/* Heads in memory that are behind, of queues that cause `vector`. */
void xl710_tx_flush(struct xl710 *x, u32 vector);
/* Offloads of one gathered frame, then send it (or its segments). `cmd`, `off`: of the last data
 * descriptor (8.4.2.2.1); `tag`: L2TAG1. False: malicious, nothing sent; *event says which. */
bool xl710_tx_finish(struct xl710 *x, u32 q, u32 cmd, u32 off, u16 tag, u32 *event);
void xl710_tx_send(struct xl710 *x, u16 vsi, u8 *frame, u32 len);

/* rx.c */
bool xl710_rx(struct nicsim_dev *dev, const u8 *frame, u32 len);
bool xl710_rx_ready(struct nicsim_dev *dev);
/* Into queue `q` (absolute) of `vsi`; false: no room. */
bool xl710_rx_queue(struct xl710 *x, u32 q, const struct xl710_vsi *v, const struct xl710_pkt *p,
		    bool hashed, u32 hash, const struct xl710_fd *fd);
/* Flow director programming status to queue q (8.3.2.2.3). */
void xl710_rx_program_status(struct xl710 *x, u32 q, u32 error, u32 fd_id);
void xl710_rx_late(struct xl710 *x);

/* switch.c */
void xl710_switch_reset(struct xl710 *x);
/* VSIs (indices) that want the frame; at most `max`. *queue: a filter says which queue of the first
 * one, else ~0. */
u32 xl710_switch_rx(struct xl710 *x, const struct xl710_pkt *p, u16 *vsi, u32 max, u32 *queue);
struct xl710_vsi *xl710_vsi_by_seid(struct xl710 *x, u32 seid);
struct xl710_vsi *xl710_vsi_new(struct xl710 *x, u16 uplink, u8 conn, u8 type);
/* VSI's queue number n (relative to the VSI) as absolute queue, ~0: not mapped. */
u32 xl710_vsi_queue(const struct xl710 *x, const struct xl710_vsi *v, u32 n);
void xl710_vsi_mapped(struct xl710 *x, struct xl710_vsi *v); /* queue map changed */
int xl710_filter_add(struct xl710 *x, const struct xl710_filter *f);
int xl710_filter_del(struct xl710 *x, const struct xl710_filter *f);
void xl710_filters_of_vsi_drop(struct xl710 *x, u16 vsi);
struct xl710_filter *xl710_filter_find(struct xl710 *x, const struct xl710_filter *f);
/* Control-packet filter on transmit: drop? */
bool xl710_switch_tx_drop(struct xl710 *x, u16 vsi, const u8 *frame, u32 len);
u32 xl710_filters_free(const struct xl710 *x);

/* rss.c */
void xl710_rss_reset(struct xl710 *x);
void xl710_rss_free(struct xl710 *x);
/* The key changed: PF's (vsi NULL) or a VSI's. */
void xl710_rss_key_changed(struct xl710 *x, u32 off, u32 v);
/* Toeplitz hash of the fields that the input set of the packet's type selects; false: this type
 * is not hashed. */
bool xl710_rss_hash(struct xl710 *x, const struct xl710_vsi *v, const struct xl710_pkt *p,
		    u32 *hash);
/* Queue number within the VSI's region of traffic class 0. */
u32 xl710_rss_queue(const struct xl710 *x, const struct xl710_vsi *v, u32 hash);
/* Field vector of a packet (7.1.11): 64 words. `swap`: source and destination exchanged. */
void xl710_fields(const struct xl710_pkt *p, u16 *word, bool swap);
void xl710_insets_reset(struct xl710 *x);

/* fdir.c */
int xl710_fdir_create(struct xl710 *x);
void xl710_fdir_destroy(struct xl710 *x);
void xl710_fdir_reset(struct xl710 *x);
/* Execute a programming descriptor with the template frame that follows it. */
void xl710_fdir_program(struct xl710 *x, u32 q, u64 qw0, u64 qw1, const u8 *frame, u32 len);
/* The rule that a frame hits, NULL: none. */
const struct xl710_fd *xl710_fdir_match(struct xl710 *x, const struct xl710_pkt *p);
void xl710_pfqf_ctl1_write(struct xl710 *x, u32 off, u32 v);
u32 xl710_fdstat_read(struct xl710 *x, u32 off);

/* link.c */
void xl710_link_reset(struct xl710 *x);
void xl710_link_tick(struct xl710 *x);
void xl710_link_update(struct xl710 *x);
void xl710_link_status(struct xl710 *x, u8 param[16]);
u8 xl710_link_speed(const struct xl710 *x);

/* lldp.c */
void xl710_lldp_reset(struct xl710 *x);
void xl710_lldp_tick(struct xl710 *x);
/* Is it the agent's? It is eaten then. */
bool xl710_lldp_rx(struct xl710 *x, const u8 *frame, u32 len);

/* stats.c */
void xl710_count(struct xl710 *x, u32 off, u64 n); /* 32 bits wide */
void xl710_stat_port_rx(struct xl710 *x, const u8 *frame, u32 len);
void xl710_stat_port_tx(struct xl710 *x, const u8 *frame, u32 len);
void xl710_stat_vsi_rx(struct xl710 *x, u16 vsi, const u8 *frame, u32 len);
void xl710_stat_vsi_tx(struct xl710 *x, u16 vsi, const u8 *frame, u32 len);

/* irq.c */
enum xl710_cause { /* bits of PFINT_ICR0 (10.2.2.6.3) */
		   XL710_ICR0_QUEUE0 = 1u << 1,
		   XL710_ICR0_ECC = 1u << 16,
		   XL710_ICR0_MDET = 1u << 19,
		   XL710_ICR0_GRST = 1u << 20,
		   XL710_ICR0_LINK = 1u << 25,
		   XL710_ICR0_HMC = 1u << 26,
		   XL710_ICR0_ADMINQ = 1u << 30,
		   XL710_ICR0_SWINT = 1u << 31,
};
void xl710_cause(struct xl710 *x, u32 bits);
void xl710_irq_rx(struct xl710 *x, u32 q);
void xl710_irq_tx(struct xl710 *x, u32 q);
u32 xl710_irq_of_tx(const struct xl710 *x, u32 q);
u32 xl710_icr0_read(struct xl710 *x, u32 off);
void xl710_dyn_ctl0_write(struct xl710 *x, u32 off, u32 v);
void xl710_dyn_ctln_write(struct xl710 *x, u32 off, u32 v);
void xl710_qint_write(struct xl710 *x, u32 off, u32 v);
void xl710_irq_tick(struct xl710 *x);
void xl710_irq_reset(struct xl710 *x);
u64 xl710_irq_next(const struct xl710 *x);

/* mdd.c: malicious-driver events (8.2.8.1, table 8-16 of the transmit side) */
enum xl710_mdd_tx {
	XL710_MDD_TX_TOO_MANY = 4, /* more than eight buffers of a frame */
	XL710_MDD_TX_SIZE = 6,     /* frame shorter than 17 or longer than the maximum */
	XL710_MDD_TX_DESC = 8,     /* type, order or contents of a descriptor */
	XL710_MDD_TX_TSO = 10,     /* MSS, lengths of a TSO */
	XL710_MDD_TX_ADDRESS = 12, /* data or descriptor where there is no memory */
	XL710_MDD_TX_OFFSET = 14,  /* header lengths beyond the frame */
};
enum xl710_mdd_rx { XL710_MDD_RX_ADDRESS = 1, XL710_MDD_RX_DESC = 2 };
void xl710_mdd_tx(struct xl710 *x, u32 q, u32 event);
void xl710_mdd_rx(struct xl710 *x, u32 q, u32 event);
