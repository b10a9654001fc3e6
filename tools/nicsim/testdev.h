// SPDX-License-Identifier: MIT
/*
 * "test": a small device for the tests of core, wires and attachments, and an example of a model.
 * One Tx and one Rx ring of 16-byte descriptors: address (8), length (4), status (4, bit 0 = done).
 * BAR0 (4 KiB, 64-bit): registers below. BAR2 (4 KiB): MSI-X of 4 vectors, table at 0, PBA at 800h.
 */
#pragma once

#include "tools/nicsim/device.h"

enum testdev_register {
	TEST_ID = 0x00, /* reads 54455354h */
	TEST_SCRATCH = 0x04,
	TEST_CTRL = 0x08,   /* 1: reset (clears itself), 2: receive, 4: transmit; others reserved */
	TEST_STATUS = 0x0c, /* 1: link */
	TEST_LEN = 0x10,    /* descriptors in each ring, power of two, 2..4096 */
	TEST_TX_BASE = 0x14,
	TEST_TX_BASE_HIGH = 0x18,
	TEST_TX_HEAD = 0x1c,
	TEST_TX_TAIL = 0x20,
	TEST_RX_BASE = 0x24,
	TEST_RX_BASE_HIGH = 0x28,
	TEST_RX_HEAD = 0x2c,
	TEST_RX_TAIL = 0x30,
	TEST_RAISE = 0x34, /* write n: interrupt n (INTx: level of bit 0) */
	TEST_TIMER = 0x38, /* write n: interrupt 3 after n microseconds */
	TEST_DROPPED = 0x3c,
};

extern const struct nicsim_model nicsim_testdev;
