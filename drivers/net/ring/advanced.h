// SPDX-License-Identifier: MIT
/*
 * Intel's advanced descriptors of one buffer, as the 82576 (7.1.5, 7.2.2.3), the 82599 (7.1.6,
 * 7.2.3.2.4), their successors and their virtual functions have them; the bits of errors differ.
 * Received: status and errors in 31:0 of the word, length in 47:32, VLAN tag above. To send: DTALEN
 * in 15:0, DTYP 23:20, DCMD 31:24, STA 35:32, PAYLEN 63:46.
 */
#pragma once

#include "drivers/net/ring/pair.h"

#define ADV_RXD_DD        ((u64)1 << 0)
#define ADV_RXD_EOP       ((u64)1 << 1)
#define ADV_RXD_LEN_SHIFT 32
#define ADV_RXD_LEN_MASK  0xffff

#define ADV_TXD_DTYP_DATA    ((u64)3 << 20)
#define ADV_TXD_EOP          ((u64)1 << 24)
#define ADV_TXD_IFCS         ((u64)1 << 25)
#define ADV_TXD_RS           ((u64)1 << 27)
#define ADV_TXD_DEXT         ((u64)1 << 29)
#define ADV_TXD_DD           ((u64)1 << 32)
#define ADV_TXD_PAYLEN_SHIFT 46

/* A whole frame in one buffer: DTALEN and PAYLEN are its length. */
#define ADV_TXD_BASE (ADV_TXD_DTYP_DATA | ADV_TXD_EOP | ADV_TXD_IFCS | ADV_TXD_DEXT)

/* The constants of a driver whose errors are these bits; `any`: rx_format.any_length. */
#define ADV_RX_FORMAT(bits, any)                                                                   \
	{                                                                                          \
		.done = ADV_RXD_DD, .last = ADV_RXD_EOP, .errors = (bits),                         \
		.len_shift = ADV_RXD_LEN_SHIFT, .len_mask = ADV_RXD_LEN_MASK, .any_length = (any), \
	}
#define ADV_TX_BY_HEAD                                                                         \
	{                                                                                      \
		.base = ADV_TXD_BASE, .len_shift2 = ADV_TXD_PAYLEN_SHIFT, .report = ADV_TXD_RS \
	}
#define ADV_TX_BY_MARK                                                                          \
	{                                                                                       \
		.base = ADV_TXD_BASE, .len_shift2 = ADV_TXD_PAYLEN_SHIFT, .report = ADV_TXD_RS, \
		.done_mask = ADV_TXD_DD, .done = ADV_TXD_DD,                                    \
	}
