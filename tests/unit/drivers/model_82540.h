// SPDX-License-Identifier: MIT
/*
 * A model of the 82540EM, from Intel's manual 317453: registers by number, legacy descriptors,
 * filters, statistics, interrupts. The 82574L: tools/nicsim/82574.
 */
#pragma once

#include "tests/unit/drivers/rig.h"

struct model_82540 {
	struct model m; /* first */
	u32 reg[0x20000 / 4];
	u8 eeprom_mac[6];
	u32 reset_reads; /* CTRL.RST stays set for so many reads */
	u32 causes;      /* ICR */
	u32 mask;        /* IMS */
	/* Faults in the next receive write-backs. */
	int bad_length; /* -1: none; else this is what the length field says */
	bool no_eop;
	u8 rx_errors;
	bool no_dd;
	bool hold;    /* written back after the next one */
	u32 jump;     /* so many descriptors are passed and never written back, once */
	bool tx_lost; /* what is sent is never reported */
	/* In so many write-backs (0: until taken back); how often each of them happened. */
	u64 left, rx_hits, tx_hits;
	u8 *held;
	u8 held_status;
	u32 tx_doorbells, rx_doorbells, reads;
};

struct model *model_82540(void);
/* As when it is plugged in again. */
void model_82540_reset(struct model *m);
