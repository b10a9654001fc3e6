// SPDX-License-Identifier: MIT
/*
 * Statistics of Intel's gigabit MACs (82574 data sheet 10.2.7, 82576 data sheet 8.18), which share
 * their places from 4000h on: 32 bits that stay at all ones, cleared when they are read; 64 bits in
 * two registers, both cleared by reading the high one.
 */
#pragma once

#include "qgm/compiler.h"

/* `reg`: the chip's registers, a dword each 4 bytes of its BAR. */
void nicsim_mac_count(u32 *reg, u32 off, u32 by);
void nicsim_mac_count64(u32 *reg, u32 low, u32 by);
/* A good frame of `len` bytes without FCS came in, or left. */
void nicsim_mac_rx(u32 *reg, const u8 *frame, u32 len);
void nicsim_mac_tx(u32 *reg, const u8 *frame, u32 len);
/* What a read gives, with what it clears. */
u32 nicsim_mac_read(u32 *reg, u32 off);
