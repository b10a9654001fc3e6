// SPDX-License-Identifier: MIT
/*
 * Registers and advanced descriptors of the 82576, names as in "Intel 82576EB Gigabit Ethernet
 * Controller Datasheet" rev. 2.63 (chapter 8 registers, 7.1.5 and 7.2.2 descriptors). Offsets were
 * compared with Linux's igb (e1000_regs.h) and QEMU's igb_regs.h.
 */
#pragma once

#include "qgm/compiler.h"

/* X(name, offset, access, text); RC: cleared by reading */
#define IGB_REGISTERS(X)                                               \
	X(CTRL, 0x0000, RW, "device control")                          \
	X(STATUS, 0x0008, RO, "device status: link, speed, duplex")    \
	X(CTRL_EXT, 0x0018, RW, "extended device control")             \
	X(MDIC, 0x0020, RW, "access to the PHY's registers")           \
	X(ICR, 0x00c0, RC, "interrupt cause read")                     \
	X(IMC, 0x00d8, WO, "interrupt mask clear")                     \
	X(RCTL, 0x0100, RW, "receive control")                         \
	X(TCTL, 0x0400, RW, "transmit control")                        \
	X(GPIE, 0x1514, RW, "interrupt mode")                          \
	X(EIMS, 0x1524, RW, "extended interrupt mask set")             \
	X(EIMC, 0x1528, WO, "extended interrupt mask clear")           \
	X(EIAC, 0x152c, RW, "extended interrupt auto clear")           \
	X(EIAM, 0x1530, RW, "extended interrupt auto mask")            \
	X(EICR, 0x1580, RC, "extended interrupt cause")                \
	X(EITR0, 0x1680, RW, "interrupt throttle, one for each entry") \
	X(IVAR0, 0x1700, RW, "MSI-X entries of the queues")            \
	X(RXCSUM, 0x5000, RW, "receive checksum control")              \
	X(RLPML, 0x5004, RW, "longest packet")                         \
	X(MTA, 0x5200, RW, "multicast table, 128 words")               \
	X(RAL0, 0x5400, RW, "own station address, low")                \
	X(RAH0, 0x5404, RW, "own station address, high, valid bit")    \
	X(MRQC, 0x5818, RW, "receive queues: RSS")                     \
	X(RETA, 0x5c00, RW, "redirection table, 32 words")             \
	X(RSSRK, 0x5c80, RW, "RSS key, 10 words")

/* X(name, offset): of each queue, IGB_QUEUE_STRIDE apart */
#define IGB_QUEUE_REGISTERS(X) \
	X(RDBAL, 0xc000)       \
	X(RDBAH, 0xc004)       \
	X(RDLEN, 0xc008)       \
	X(SRRCTL, 0xc00c)      \
	X(RDH, 0xc010)         \
	X(RDT, 0xc018)         \
	X(RXDCTL, 0xc028)      \
	X(RQDPC, 0xc030)       \
	X(TDBAL, 0xe000)       \
	X(TDBAH, 0xe004)       \
	X(TDLEN, 0xe008)       \
	X(TDH, 0xe010)         \
	X(TDT, 0xe018)         \
	X(TXDCTL, 0xe028)

/* Statistics; reading clears. X(name, offset, counter of struct port_nic_counters, or none). */
#define IGB_STATISTICS(X)             \
	X(CRCERRS, 0x4000, rx_crc)    \
	X(ALGNERRC, 0x4004, rx_crc)   \
	X(RXERRC, 0x400c, rx_crc)     \
	X(MPC, 0x4010, rx_missed)     \
	X(ECOL, 0x4018, tx_errors)    \
	X(LATECOL, 0x4020, tx_errors) \
	X(RLEC, 0x4040, none)         \
	X(XONRXC, 0x4048, none)       \
	X(XOFFRXC, 0x4050, none)      \
	X(PRC64, 0x405c, none)        \
	X(PRC127, 0x4060, none)       \
	X(PRC255, 0x4064, none)       \
	X(PRC511, 0x4068, none)       \
	X(PRC1023, 0x406c, none)      \
	X(PRC1522, 0x4070, none)      \
	X(GPRC, 0x4074, none)         \
	X(BPRC, 0x4078, none)         \
	X(MPRC, 0x407c, none)         \
	X(GPTC, 0x4080, none)         \
	X(RNBC, 0x40a0, none)         \
	X(RUC, 0x40a4, rx_length)     \
	X(RFC, 0x40a8, rx_length)     \
	X(ROC, 0x40ac, rx_length)     \
	X(RJC, 0x40b0, rx_length)     \
	X(TPR, 0x40d0, none)          \
	X(TPT, 0x40d4, none)          \
	X(MPTC, 0x40f0, none)         \
	X(BPTC, 0x40f4, none)

enum igb_reg {
#define X(name, off, access, text) IGB_##name = (off),
	IGB_REGISTERS(X)
#undef X
#define X(name, off) IGB_##name = (off),
		IGB_QUEUE_REGISTERS(X)
#undef X
#define X(name, off, counter) IGB_##name = (off),
			IGB_STATISTICS(X)
#undef X
				IGB_QUEUE_STRIDE = 0x40,
	IGB_RETA_SIZE = 128,
	IGB_RSSRK_WORDS = 10,
	IGB_MTA_WORDS = 128,
};

enum {
	CTRL_FD = 1 << 0,
	CTRL_GIO_MASTER_DISABLE = 1 << 2,
	CTRL_SLU = 1 << 6,
	CTRL_FRCSPD = 1 << 11,
	CTRL_FRCDPX = 1 << 12,
	CTRL_RST = 1 << 26,
	CTRL_RFCE = 1 << 27,
	CTRL_TFCE = 1 << 28,
	CTRL_VME = 1 << 30,
};
enum { STATUS_FD = 1 << 0, STATUS_LU = 1 << 1, STATUS_SPEED_SHIFT = 6, STATUS_SPEED_MASK = 3 };
/* Write register 0 of PHY 1 (IEEE 802.3 22.2.4.1): auto-negotiation on, and again. */
enum { MDIC_RESTART_AN = 1 << 26 | 1 << 21 | 0 << 16 | 1 << 12 | 1 << 9 };
enum { CTRL_EXT_DRV_LOAD = 1 << 28 };
enum { ICR_FER = 1 << 22 };     /* a fatal error of one of its memories (8.8.9) */
#define IGB_REMOVED 0xffffffffu /* no register of ours reads so while the device is there */

enum {
	RCTL_EN = 1 << 1,
	RCTL_UPE = 1 << 3,
	RCTL_MPE = 1 << 4,
	RCTL_LPE = 1 << 5,
	RCTL_BAM = 1 << 15,
	RCTL_SECRC = 1 << 26,
	/* Every frame is received, and dropped by name when it is not ours. */
	RCTL_WANTED = RCTL_UPE | RCTL_MPE | RCTL_BAM | RCTL_SECRC,
};
enum {
	TCTL_EN = 1 << 1,
	TCTL_PSP = 1 << 3,
	TCTL_CT = 0x0f << 4,
	TCTL_COLD = 0x40 << 12,
	TCTL_RTLC = 1 << 24,
};
enum { SRRCTL_DESCTYPE_ADV = 1 << 25 };
#define SRRCTL_DROP_EN (1u << 31)
enum { DCTL_ENABLE = 1 << 25 }; /* RXDCTL, TXDCTL */
/* Prefetch below 8 descriptors when 8 wait, write back one by one (8.10.8, 8.12.15). */
enum { DCTL_THRESHOLDS = 8 | 8 << 8 | 1 << 16 };
#define GPIE_MSIX (1u << 0 | 1u << 4 | 1u << 30 | 1u << 31) /* NSICR, Multiple_MSIX, EIAME, PBA */
enum { IVAR_VALID = 0x80 };
enum { EITR_INTERVAL_SHIFT = 2, EITR_INTERVAL_MAX = 0x1fff }; /* microseconds */
enum {
	MRQC_RSS = 2,
	MRQC_IPV4_TCP = 1 << 16,
	MRQC_IPV4 = 1 << 17,
	MRQC_IPV6 = 1 << 20,
	MRQC_IPV6_TCP = 1 << 21,
	MRQC_IPV4_UDP = 1 << 22,
	MRQC_IPV6_UDP = 1 << 23,
};
enum { RXCSUM_PCSD = 1 << 13 }; /* the hash, not a checksum, in the descriptor */
#define RAH_AV (1u << 31)

/* 7.1.5: errors of a received frame: CE, SE, SEQ, CXE, RXE; not those of checksums. */
#define RXD_ERR_FRAME ((u64)0x97000000)
