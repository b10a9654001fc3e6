// SPDX-License-Identifier: MIT
/*
 * Bench for the 82599 model: a machine with one NIC, 16 MiB of memory, and the few register
 * accesses that every test needs. Offsets and bits are written here once more, from the data sheet,
 * so that a typo of the model's table is seen.
 */
#pragma once

#include "tests/unit/unit.h"
#include "tools/nicsim/sim.h"
#include "tools/nicsim/wire.h"

enum {
	MEM = 0x1000000, /* bus address of the memory */
	MEM_SIZE = 16 << 20,
	RX_RING = MEM + 0x10000,
	TX_RING = MEM + 0x80000,
	RX_BUF = MEM + 0x200000,
	TX_BUF = MEM + 0x800000,
	HEAD_WB = MEM + 0x1000,
	RING = 64, /* descriptors, unless the test says else */
	SENT_MAX = 512,
};

struct bench {
	struct nicsim *sim;
	struct nicsim_dev *dev;
	u8 *mem;
	u32 nsent;
	struct {
		u32 len;
		u8 data[16384];
	} * sent;
	u32 interrupts[65]; /* by vector; 64: INTx rising */
	bool level;
	u32 rx_tail[128], tx_tail[128], rx_next[128];
	u32 rx_size;
};
extern struct bench b;

/* Options behind "82599,"; NULL: none. The link is up afterwards. */
void bench_begin(const char *options);
/* Nothing was reported, or exactly `errors` of them. */
void bench_end(void);
void bench_end_errors(u32 errors);
/* Exactly one error of this kind so far; forget it. */
void expect_error(enum nicsim_error kind);

u32 rd(u32 off);
void wr(u32 off, u32 v);
void *mem(u64 iova);

/* Registers of queue q. */
u32 rxo(u32 off, u32 q);
u32 txo(u32 off, u32 q);

/* Start queue q with buffers of `kib` KiB, advanced descriptors, RING of them posted. */
void rx_start(u32 q, u32 kib);
void rx_on(void); /* RXCTRL.RXEN with CRC stripping, unicast and multicast promiscuous */
void rx_post(u32 q, u32 n);
/* Write-back of the next descriptor of queue q; NULL: not done. */
const u32 *rx_take(u32 q);
u8 *rx_data(u32 q, u32 index);
void tx_start(u32 q);
/* One data descriptor; does not ring. */
void tx_put(u32 q, u64 at, u32 len, u32 cmd, u32 olinfo);
void tx_context(u32 q, u32 vlan_macip, u32 tucmd, u32 mss_l4len_idx);
void tx_ring(u32 q);
const u32 *tx_desc(u32 q, u32 index);
bool inject(const void *frame, u32 len);

/* Frames. */
u32 make_udp4(u8 *f, u32 sa, u32 da, u16 sp, u16 dp, u32 payload);
u32 make_tcp4(u8 *f, u32 sa, u32 da, u16 sp, u16 dp, u32 payload);
u32 make_tcp6(u8 *f, const u8 *sa, const u8 *da, u16 sp, u16 dp, u32 payload);
u16 sum_of(const u8 *p, u32 len, u32 start);
/* Are the IPv4 and L4 checksums of the frame right? (own code, not the model's) */
bool checksums_ok(const u8 *f, u32 len);

enum {
	CTRL = 0x0,
	STATUS = 0x8,
	RXDCTL = 0x1028,
	RDBAL = 0x1000,
	RDBAH = 0x1004,
	RDLEN = 0x1008,
	RDH = 0x1010,
	SRRCTL = 0x1014,
	RDT = 0x1018,
	TDBAL = 0x6000,
	TDBAH = 0x6004,
	TDLEN = 0x6008,
	TDH = 0x6010,
	TDT = 0x6018,
	TXDCTL = 0x6028,
	TDWBAL = 0x6038,
	TDWBAH = 0x603c,
	DMATXCTL = 0x4a80,
	RXCTRL = 0x3000,
	FCTRL = 0x5080,
	HLREG0 = 0x4240,
	RDRXCTL = 0x2f00,
	MAXFRS = 0x4268,
	LINKS = 0x42a4,
	AUTOC = 0x42a0,
	MRQC = 0x5818,
	RETA = 0x5c00,
	RSSRK = 0x5c80,
	RXCSUM = 0x5000,
	VLNCTRL = 0x5088,
	VFTA = 0xa000,
	EICR = 0x800,
	EICS = 0x808,
	EIMS = 0x880,
	EIMC = 0x888,
	EIAC = 0x810,
	EIAM = 0x890,
	GPIE = 0x898,
	IVAR = 0x900,
	IVAR_MISC = 0xa00,
	EITR = 0x820,
	QPRC = 0x1030,
	QPRDC = 0x1430,
	GPRC = 0x4074,
	GPTC = 0x4080,
	MPC = 0x3fa0,
	ENABLE = 1 << 25,
	/* Tx descriptor commands of an advanced data descriptor */
	DATA = 0x00300000,
	EOP = 1 << 24,
	IFCS = 1 << 25,
	RS = 1 << 27,
	DEXT = 1 << 29,
	VLE = 1 << 30,
	FULL = DATA | EOP | IFCS | RS | DEXT,
};
#define TSE 0x80000000u
