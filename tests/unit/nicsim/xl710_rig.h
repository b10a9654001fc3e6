// SPDX-License-Identifier: MIT
/*
 * The bench of the XL710 model's own tests: a machine with guest memory, the device, and a small
 * driver that does nothing clever: registers, admin queue, host memory cache, queues, descriptors,
 * written down here a second time from the data sheet (332464), not out of the model.
 */
#pragma once

#include "tests/unit/unit.h"
#include "tools/nicsim/sim.h"

enum { XR_SENT = 4096, XR_RING = 128, XR_DBUFF = 2048 };
#define XR_GPA 0x10000000ull
#define XR_RAM (64u << 20)

/* Places in guest memory. */
enum {
	XR_ATQ = 0x1000,
	XR_ARQ = 0x2000,
	XR_CMD = 0x4000,      /* a command's buffer, 4 KiB */
	XR_ARQ_BUF = 0x10000, /* 4 KiB each */
	XR_PD = 0x80000,
	XR_SD = 0x200000,  /* 2 MiB */
	XR_TXR = 0x400000, /* rings, 64 KiB a queue */
	XR_RXR = 0x800000,
	XR_WB = 0xf00000,   /* head write-backs, 64 bytes a queue */
	XR_TXB = 0x1000000, /* buffers of transmit: 16 KiB a descriptor, one queue at a time */
	XR_RXB = 0x2000000, /* of receive: 256 KiB a queue */
	XR_AQ_LEN = 32,
};

struct xr_frame {
	u32 len;
	u8 data[NICSIM_FRAME_MAX];
};

extern struct xr {
	struct nicsim *sim;
	struct nicsim_dev *dev;
	u8 *ram;
	u32 atq_tail, arq_next, arq_tail;
	u16 reply; /* datalen of the last answer */
	struct xr_frame *sent;
	u32 nsent;
	u32 irqs[256];
	u32 tx_tail[64], rx_next[64], rx_tail[64];
	bool d32;
} xr;

#define XR_P(off)    (xr.ram + (off))
#define XR_IOVA(off) (XR_GPA + (off))

/* Registers used by more than one test. */
enum {
	R_PFGEN_CTRL = 0x092400,
	R_ATQLEN = 0x080200,
	R_ATQT = 0x080400,
	R_ARQLEN = 0x080280,
	R_ARQT = 0x080480,
	R_QTX_ENA = 0x100000,
	R_QTX_CTL = 0x104000,
	R_QTX_TAIL = 0x108000,
	R_QRX_ENA = 0x120000,
	R_QRX_TAIL = 0x128000,
	R_QDIS = 0x0e6500,
	R_GLPRT = 0x300000,
	R_HENA = 0x245900,
	R_HKEY = 0x244800,
	R_HLUT = 0x240000,
	R_PFQF_CTL_0 = 0x1c0ac0,
};

u32 xr_rd(u32 off);
void xr_wr(u32 off, u32 v);

/* A machine with the device of `options` (",mac=..." or ""), registers reachable. */
void xr_machine(const char *model, const char *options);
/* The same with the admin queues on, Get Version and Clear PXE Mode done. */
void xr_start(const char *options);
/* Free all; `errors`: how many driver errors there were, of any kind (checked). */
void xr_end(u64 errors);
/* So far; clears them. */
u64 xr_errors(enum nicsim_error kind);
/* Let time pass. */
void xr_ms(u32 ms);
void xr_us(u32 us);

void xr_aq_on(void);
enum { XR_BUF = 1 << 12, XR_RD = 1 << 10, XR_LB = 1 << 9 };
/* A command: parameters in and out, buffer (copied in with XR_RD, out always), its result code; -1:
 * never answered. */
int xr_aq(u16 opcode, u8 param[16], void *buf, u16 len, u16 flags);
/* The next event: opcode, parameters, data; 0: none. */
u16 xr_event(u8 param[16], u8 *data, u16 *len);

/* Segment 0 of the FPM: 64 Tx and 64 Rx contexts. */
void xr_hmc(bool paged);
/* Main VSI: its number of queues (a power of two) from queue 0. */
void xr_vsi(u32 queues);
void xr_promisc(u32 flags);

struct xr_qopt {
	bool head_wb, d16, keep_crc, fd;
	u32 qlen, dbuff, rxmax;
};
void xr_tx_context(u32 q, const struct xr_qopt *o, u8 ctx[128]);
void xr_rx_context(u32 q, const struct xr_qopt *o, u8 ctx[32]);
/* Write contexts, fill the ring, enable; true: the status bits came. */
bool xr_tx_up(u32 q, const struct xr_qopt *o);
bool xr_rx_up(u32 q, const struct xr_qopt *o);
/* All of the above for `queues` pairs; broadcast and unicast promiscuous. */
void xr_up(u32 queues, const struct xr_qopt *o);

/* Descriptors at the tail of a queue (which moves with xr_tx_go()). */
void xr_tx_desc(u32 q, u64 qw0, u64 qw1);
void xr_tx_go(u32 q);
/* One frame in one descriptor with EOP and RS; sent at once. */
void xr_send(u32 q, const void *frame, u32 len, u32 cmd, u32 off, u16 tag);
u64 xr_tx_data(u32 cmd, u32 off, u32 size, u16 tag);

/* The write-back at the queue's next index: false: no DD. Moves on. */
bool xr_rx_peek(u32 q, u64 qw[4]);
bool xr_rx(u32 q, u64 qw[4], const u8 **data);
bool xr_wire(const void *frame, u32 len);

/* An IPv4 or IPv6 packet with TCP, UDP or another protocol; good checksums; returns its length. */
u32 xr_packet(u8 *f, bool v6, u8 proto, u32 sport, u32 dport, u32 payload);
u64 xr_stat48(u32 off);

extern const u8 xr_mac[6];

/* Little-endian fields of commands and buffers. */
static inline void put16(u8 *p, u32 v)
{
	p[0] = (u8)v;
	p[1] = (u8)(v >> 8);
}

static inline void put32(u8 *p, u32 v)
{
	put16(p, v);
	put16(p + 2, v >> 16);
}

static inline u32 get16(const u8 *p)
{
	return p[0] | (u32)p[1] << 8;
}

static inline u32 get32(const u8 *p)
{
	return get16(p) | get16(p + 2) << 16;
}

/* Direct command with up to four words. */
static inline int cmd(u16 op, u8 p[16], u32 a, u32 b, u32 c, u32 d)
{
	put32(p, a);
	put32(p + 4, b);
	put32(p + 8, c);
	put32(p + 12, d);
	return xr_aq(op, p, NULL, 0, 0);
}
