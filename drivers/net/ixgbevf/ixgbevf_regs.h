// SPDX-License-Identifier: MIT
/*
 * Registers of a virtual function of the 82599 (and X540), names and sections as in "Intel 82599
 * 10 GbE Controller Datasheet" 331520, 8.3; the mailbox 7.10.2.9.2, the messages as the drivers of
 * Linux and DPDK exchange them (API 1.0 to 1.3). Offsets were compared with both.
 */
#pragma once

#include "qgm/compiler.h"

/* X(name, offset, access). RC: cleared by reading; W1: writing 1 sets or clears. */
#define IXGBEVF_REGISTERS(X)        \
	X(VFCTRL, 0x00000, RW)      \
	X(VFSTATUS, 0x00008, RO)    \
	X(VFLINKS, 0x00010, RO)     \
	X(VTEICR, 0x00100, RC)      \
	X(VTEIMS, 0x00108, W1)      \
	X(VTEIMC, 0x0010c, W1)      \
	X(VTEIAC, 0x00110, RW)      \
	X(VTEIAM, 0x00114, RW)      \
	X(VTIVAR_MISC, 0x00140, RW) \
	X(VFMAILBOX, 0x002fc, RC)   \
	X(VFPSRTYPE, 0x00300, RW)

/* X(name, offset, stride, access): rows. */
#define IXGBEVF_ROWS(X)                    \
	X(VTIVAR, 0x00120, 4, RW)          \
	X(VFMBMEM, 0x00200, 4, RW)         \
	X(VTEITR, 0x00820, 4, RW)          \
	X(VFRDBAL, 0x01000, 0x40, RW)      \
	X(VFRDBAH, 0x01004, 0x40, RW)      \
	X(VFRDLEN, 0x01008, 0x40, RW)      \
	X(VFDCA_RXCTRL, 0x0100c, 0x40, RW) \
	X(VFRDH, 0x01010, 0x40, RO)        \
	X(VFSRRCTL, 0x01014, 0x40, RW)     \
	X(VFRDT, 0x01018, 0x40, RW)        \
	X(VFRXDCTL, 0x01028, 0x40, RW)     \
	X(VFTDBAL, 0x02000, 0x40, RW)      \
	X(VFTDBAH, 0x02004, 0x40, RW)      \
	X(VFTDLEN, 0x02008, 0x40, RW)      \
	X(VFDCA_TXCTRL, 0x0200c, 0x40, RW) \
	X(VFTDH, 0x02010, 0x40, RW)        \
	X(VFTDT, 0x02018, 0x40, RW)        \
	X(VFTXDCTL, 0x02028, 0x40, RW)     \
	X(VFTDWBAL, 0x02038, 0x40, RW)     \
	X(VFTDWBAH, 0x0203c, 0x40, RW)

/* X(name, offset of the low word, bits). They only grow, and wrap. */
#define IXGBEVF_STATISTICS(X)  \
	X(VFGPRC, 0x0101c, 32) \
	X(VFGPTC, 0x0201c, 32) \
	X(VFGORC, 0x01020, 36) \
	X(VFGOTC, 0x02020, 36) \
	X(VFMPRC, 0x01034, 32)

enum ixgbevf_reg {
#define X(name, off, access) IXGBEVF_##name = (off),
	IXGBEVF_REGISTERS(X)
#undef X
#define X(name, off, stride, access) IXGBEVF_##name = (off),
		IXGBEVF_ROWS(X)
#undef X
};

#define IXGBEVF_REMOVED 0xffffffffu /* a function that is gone reads as all ones */

enum { VFCTRL_RST = 1 << 26 };
enum { VFLINKS_SPEED_SHIFT = 28, VFLINKS_SPEED_MASK = 3, VFLINKS_UP = 1 << 30 };
enum { VTEIMC_ALL = 7 };
enum { VTIVAR_VALID = 1 << 7 };
#define VTEITR_CNT_WDIS (1u << 31)
enum { VTEITR_INTERVAL_SHIFT = 3, VTEITR_INTERVAL_MAX = 0x1ff /* of 2 us at 10 Gb/s */ };
enum { VFPSRTYPE_RQPL_SHIFT = 29 }; /* so many bits of the hash choose the receive queue */
enum { VFSRRCTL_DESCTYPE_ONEBUF = 1 << 25, VFSRRCTL_DROP_EN = 1 << 28 };
enum { VFRXDCTL_ENABLE = 1 << 25, VFRXDCTL_VME = 1 << 30 };
enum { VFDCA_RXCTRL_MUST_BE_0 = 1 << 12, VFDCA_TXCTRL_WB_RO_EN = 1 << 11 };
enum { VFTXDCTL_PTHRESH = 32, VFTXDCTL_HTHRESH = 1 << 8, VFTXDCTL_ENABLE = 1 << 25 };
enum { VFTDWBAL_HEAD_WB_EN = 1 << 0 };
#define RXD_RXE ((u64)1 << 29) /* 7.1.6: MAC error */

/* VFMAILBOX, 8.3.5.1.5. Reading clears PFSTS, PFACK and RSTD. */
enum {
	MAIL_REQ = 1 << 0,
	MAIL_ACK = 1 << 1,
	MAIL_VFU = 1 << 2,   /* the box is ours */
	MAIL_PFSTS = 1 << 4, /* a message is in it */
	MAIL_PFACK = 1 << 5, /* ours was taken */
	MAIL_RSTI = 1 << 6,  /* the physical function is being reset */
	MAIL_RSTD = 1 << 7,  /* it was */
	MAIL_CLEARED_BY_READING = MAIL_PFSTS | MAIL_PFACK | MAIL_RSTD,
	MAIL_WORDS = 16,
};

/* Word 0 of a message: what in 15:0, a number in 23:16, and of an answer: */
#define MSG_ACK  0x80000000u
#define MSG_NACK 0x40000000u
#define MSG_CTS  0x20000000u /* the other side still takes us for reset and ready */
enum {
	MSG_RESET = 0x01,
	MSG_SET_ADDRESS = 0x02,
	MSG_SET_MULTICAST = 0x03,
	MSG_SET_VLAN = 0x04,
	MSG_SET_LPE = 0x05,
	MSG_API = 0x08,
	MSG_GET_QUEUES = 0x09, /* from 1.1 */
	MSG_XCAST = 0x0c,      /* from 1.2 */
	MSG_CONTROL = 0x0100,  /* the physical function's own */
	MSG_WHAT = 0xffff,
	MSG_NUMBER_SHIFT = 16,
};
enum { XCAST_MULTI = 1, XCAST_ALLMULTI = 2, XCAST_PROMISC = 3 };
enum { MULTICAST_HASHES = 30 };
/* Versions as MSG_API numbers them; 1 was version 2.0 of other systems. */
enum { API_10 = 0, API_11 = 2, API_12 = 3, API_13 = 4 };
