// SPDX-License-Identifier: MIT
/* A machine with one test device and some RAM, for the tests of nicsim. */
#pragma once

#include "tests/unit/unit.h"
#include "tools/nicsim/sim.h"
#include "tools/nicsim/testdev.h"
#include "tools/nicsim/wire.h"

enum {
	RAM_BASE = 0x100000,
	RAM_SIZE = 0x40000,
	RING = 8,
	TX_RING = 0x100000,
	RX_RING = 0x101000,
	TX_DATA = 0x110000,
	RX_DATA = 0x120000,
	BUFFER_SIZE = 2048
};

struct bench {
	struct nicsim *sim;
	struct nicsim_dev *dev;
	u8 *ram;
	u32 tx, rx;      /* next descriptor to give, to look at */
	u16 vectors[64]; /* interrupts as they came */
	bool levels[64];
	u32 irqs;
};

struct test_desc {
	u64 addr;
	u32 len, status;
};

/* The device "test,OPTIONS" with memory and interrupts, decoding and bus mastering on. */
void bench_start(struct bench *b, const char *options);
void bench_end(struct bench *b);
u32 bench_rd(struct bench *b, u32 reg);
void bench_wr(struct bench *b, u32 reg, u32 v);
/* Rings up: RING descriptors each, RING - 1 posted for receiving. */
void bench_rings(struct bench *b);
/* Give a frame to the Tx ring; true once its descriptor says done. */
bool bench_tx(struct bench *b, const void *frame, u32 len);
/* The next received frame (valid until it is posted again by the next call), NULL: none. */
const u8 *bench_rx(struct bench *b, u32 *len);
struct test_desc *bench_desc(struct bench *b, u32 ring, u32 i);
