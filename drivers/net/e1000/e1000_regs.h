// SPDX-License-Identifier: MIT
/*
 * Registers and descriptors of the 8254x and 82574 families, names as in Intel's manuals: "PCI/
 * PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual" 317453 rev. 4.0
 * (8254x: chapter 13 registers, 3.2.3 and 3.3.3 descriptors) and "82574 GbE Controller Family
 * Datasheet" rev. 3.4 (chapter 10 registers, 7.1 and 7.2 descriptors). Offsets were compared
 * with Linux's e1000_hw.h and DPDK's e1000_regs.h.
 */
#pragma once

#include "qgm/compiler.h"

/* X(name, offset, access, text); RC: cleared by reading */
#define E1000_REGISTERS(X)                                          \
	X(CTRL, 0x0000, RW, "device control")                       \
	X(STATUS, 0x0008, RO, "device status: link, speed, duplex") \
	X(CTRL_EXT, 0x0018, RW, "extended device control")          \
	X(ICR, 0x00c0, RC, "interrupt cause read")                  \
	X(ITR, 0x00c4, RW, "interrupt throttling")                  \
	X(ICS, 0x00c8, WO, "interrupt cause set")                   \
	X(IMS, 0x00d0, RW, "interrupt mask set")                    \
	X(IMC, 0x00d8, WO, "interrupt mask clear")                  \
	X(RCTL, 0x0100, RW, "receive control")                      \
	X(TCTL, 0x0400, RW, "transmit control")                     \
	X(TIPG, 0x0410, RW, "transmit inter-packet gap")            \
	X(RDBAL, 0x2800, RW, "receive ring, address low")           \
	X(RDBAH, 0x2804, RW, "receive ring, address high")          \
	X(RDLEN, 0x2808, RW, "receive ring, bytes")                 \
	X(RDH, 0x2810, RW, "receive ring, head")                    \
	X(RDT, 0x2818, RW, "receive ring, tail")                    \
	X(RDTR, 0x2820, RW, "receive interrupt delay")              \
	X(RADV, 0x282c, RW, "receive interrupt absolute delay")     \
	X(TDBAL, 0x3800, RW, "transmit ring, address low")          \
	X(TDBAH, 0x3804, RW, "transmit ring, address high")         \
	X(TDLEN, 0x3808, RW, "transmit ring, bytes")                \
	X(TDH, 0x3810, RW, "transmit ring, head")                   \
	X(TDT, 0x3818, RW, "transmit ring, tail")                   \
	X(TXDCTL, 0x3828, RW, "transmit descriptor control")        \
	X(RXCSUM, 0x5000, RW, "receive checksum control")           \
	X(MTA, 0x5200, RW, "multicast table, 128 words")            \
	X(RAL0, 0x5400, RW, "own station address, low")             \
	X(RAH0, 0x5404, RW, "own station address, high, valid bit")

/* What only the 82574 has. */
#define E1000E_REGISTERS(X)                                                \
	X(EIAC, 0x00dc, RW, "MSI-X: causes that a message clears")         \
	X(IAM, 0x00e0, RW, "causes that a message masks")                  \
	X(IVAR, 0x00e4, RW, "MSI-X entries of the causes")                 \
	X(EITR, 0x00e8, RW, "interrupt throttling of entry 0")             \
	X(EITR1, 0x00ec, RW, "interrupt throttling of entry 1")            \
	X(RXDCTL, 0x2828, RW, "receive descriptor control")                \
	X(RDBAL1, 0x2900, RW, "second receive ring, address low")          \
	X(RDBAH1, 0x2904, RW, "second receive ring, address high")         \
	X(RDLEN1, 0x2908, RW, "second receive ring, bytes")                \
	X(RDH1, 0x2910, RW, "second receive ring, head")                   \
	X(RDT1, 0x2918, RW, "second receive ring, tail")                   \
	X(TARC0, 0x3840, RW, "transmit arbitration")                       \
	X(TDBAL1, 0x3900, RW, "second transmit ring, address low")         \
	X(TDBAH1, 0x3904, RW, "second transmit ring, address high")        \
	X(TDLEN1, 0x3908, RW, "second transmit ring, bytes")               \
	X(TDH1, 0x3910, RW, "second transmit ring, head")                  \
	X(TDT1, 0x3918, RW, "second transmit ring, tail")                  \
	X(TXDCTL1, 0x3928, RW, "second transmit descriptor control")       \
	X(TARC1, 0x3940, RW, "second transmit arbitration")                \
	X(RFCTL, 0x5008, RW, "receive filter control: kind of descriptor") \
	X(MRQC, 0x5818, RW, "receive queues: RSS")                         \
	X(GCR, 0x5b00, RW, "PCIe control")                                 \
	X(RETA, 0x5c00, RW, "redirection table, 32 words")                 \
	X(RSSRK, 0x5c80, RW, "RSS key, 10 words")

/*
 * Statistics, 13.7 and 10.2.7; reading clears. X(name, offset, counter of struct port_nic_counters
 * that it adds to, or none). Those of 64 bits: the low half is read first, the high half clears.
 */
#define E1000_STATISTICS(X)           \
	X(CRCERRS, 0x4000, rx_crc)    \
	X(ALGNERRC, 0x4004, rx_crc)   \
	X(RXERRC, 0x400c, rx_crc)     \
	X(MPC, 0x4010, rx_missed)     \
	X(SCC, 0x4014, none)          \
	X(ECOL, 0x4018, tx_errors)    \
	X(MCC, 0x401c, none)          \
	X(LATECOL, 0x4020, tx_errors) \
	X(COLC, 0x4028, none)         \
	X(DC, 0x4030, none)           \
	X(RLEC, 0x4040, none)         \
	X(XONRXC, 0x4048, none)       \
	X(XONTXC, 0x404c, none)       \
	X(XOFFRXC, 0x4050, none)      \
	X(XOFFTXC, 0x4054, none)      \
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
	X(PTC64, 0x40d8, none)        \
	X(PTC127, 0x40dc, none)       \
	X(PTC255, 0x40e0, none)       \
	X(PTC511, 0x40e4, none)       \
	X(PTC1023, 0x40e8, none)      \
	X(PTC1522, 0x40ec, none)      \
	X(MPTC, 0x40f0, none)         \
	X(BPTC, 0x40f4, none)
#define E1000_STATISTICS64(X) \
	X(GORC, 0x4088)       \
	X(GOTC, 0x4090)       \
	X(TOR, 0x40c0)        \
	X(TOT, 0x40c8)

enum e1000_reg {
#define X(name, off, access, text) E1000_##name = (off),
	E1000_REGISTERS(X) E1000E_REGISTERS(X)
#undef X
#define X(name, off, counter) E1000_##name = (off),
		E1000_STATISTICS(X)
#undef X
#define X(name, off) E1000_##name##L = (off), E1000_##name##H = (off) + 4,
			E1000_STATISTICS64(X)
#undef X
				E1000_PAIR_STRIDE = 0x100,
	E1000_RSSRK_WORDS = 10,
};

enum {
	CTRL_FD = 1 << 0,
	CTRL_GIO_MASTER_DISABLE = 1 << 2, /* 82574 */
	CTRL_ASDE = 1 << 5,
	CTRL_SLU = 1 << 6,
	CTRL_FRCSPD = 1 << 11,
	CTRL_FRCDPX = 1 << 12,
	CTRL_RST = 1 << 26,
	CTRL_RFCE = 1 << 27,
	CTRL_TFCE = 1 << 28,
};
#define CTRL_VME (1u << 30)

enum {
	STATUS_FD = 1 << 0,
	STATUS_LU = 1 << 1,
	STATUS_SPEED_SHIFT = 6, /* 0: 10, 1: 100, 2 and 3: 1000 Mb/s */
	STATUS_SPEED_MASK = 3,
	STATUS_GIO_MASTER_ENABLE = 1 << 19, /* 82574 */
};
#define E1000_REMOVED 0xffffffffu /* no register of ours reads so while the device is there */

enum {                           /* 82574 */
       CTRL_EXT_EIAME = 1 << 24, /* a message masks its causes in IAM */
       CTRL_EXT_IAME = 1 << 27,
       CTRL_EXT_DRV_LOAD = 1 << 28, /* firmware leaves the device to us */
};
#define CTRL_EXT_PBA_CLR (1u << 31) /* 82574, MSI-X: unmasking clears the pending bit */
enum { GCR_L1_ACT_WITHOUT_L0S_RX = 1 << 22 };
enum { TXDCTL_COUNT_DESC = 1 << 22 }; /* 82574: must be set, 10.2.6.8 */
enum {
	TARC_ENABLE = 1 << 10,
	TARC0_ERRATUM = 1 << 26, /* 82574: must be set, 10.2.6.9 */
};

/* 82574, RSS: 7.1.2 and 10.2.5.13 to 10.2.5.16. UDP is spread by addresses alone. */
enum { RFCTL_EXSTEN = 1 << 15 }; /* extended receive descriptors */
enum { RXCSUM_PCSD = 1 << 13 };  /* the hash, not a checksum, in the descriptor */
enum {
	MRQC_RSS = 1,
	MRQC_TCP_IPV4 = 1 << 16,
	MRQC_IPV4 = 1 << 17,
	MRQC_TCP_IPV6 = 1 << 18,
	MRQC_IPV6_EX = 1 << 19,
	MRQC_IPV6 = 1 << 20,
};
enum { RETA_QUEUE_SHIFT = 7 }; /* of each byte: the queue, 0 or 1 */
/* 82574, MSI-X: IVAR has four bits for each cause, RXQ0 in 3:0, RXQ1 in 7:4 (10.2.4.9). */
enum { IVAR_VALID = 8, IVAR_BITS = 4 };

enum {
	RCTL_EN = 1 << 1,
	RCTL_UPE = 1 << 3,
	RCTL_MPE = 1 << 4,
	RCTL_BAM = 1 << 15,
	RCTL_BSIZE_2048 = 0 << 16,
	RCTL_LPE = 1 << 5,
	RCTL_BSIZE_8192 = 2 << 16 | 1 << 25, /* with BSEX */
	RCTL_SECRC = 1 << 26,
	/* Every frame is received, and dropped by name when it is not ours: a filter in the NIC
	 * would lose it without a trace (there is no counter). */
	RCTL_WANTED = RCTL_UPE | RCTL_MPE | RCTL_BAM | RCTL_BSIZE_2048 | RCTL_SECRC,
};
enum {
	TCTL_EN = 1 << 1,
	TCTL_PSP = 1 << 3,
	TCTL_CT = 0x0f << 4,    /* collision threshold, 802.3's 16 attempts */
	TCTL_COLD = 0x40 << 12, /* collision distance, full duplex */
	TCTL_RTLC = 1 << 24,
};
enum { TIPG_COPPER = 8 | 8 << 10 | 6 << 20 };

/* Interrupt causes. */
enum {
	ICR_LSC = 1 << 2,
	ICR_RXDMT0 = 1 << 4,
	ICR_RXO = 1 << 6,
	ICR_RXT0 = 1 << 7,
	ICR_RXQ0 = 1 << 20, /* 82574 with MSI-X; queue 1: the next bit */
};

enum { ITR_PER_US = 4 /* units of 256 ns, 13.4.18 */, ITR_MAX = 0xffff };

#define RAH_AV (1u << 31)

/*
 * Receive descriptors, read and written back in place. As written back, word 1 of a
 *	legacy one (3.2.3)        has the length in 15:0, status in 39:32, errors in 47:40
 *	extended one (7.1.5.1)    has the status in 19:0, errors in 31:20, length in 47:32; its
 *	                          word 0 is the hash then, not the address
 */
struct e1000_rx_desc {
	u64 addr;
	u64 word;
};
_Static_assert(sizeof(struct e1000_rx_desc) == 16, "3.2.3");

enum { RXD_STAT_DD = 1 << 0, RXD_STAT_EOP = 1 << 1 };
/* CE, SE, SEQ, CXE, RXE; not the checksum errors TCPE and IPE. */
enum { RXD_ERR_FRAME = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 4 | 1 << 7 };

/* Legacy transmit descriptor. */
struct e1000_tx_desc {
	u64 addr;
	u16 length;
	u8 cso;
	u8 cmd;
	u8 status;
	u8 css;
	u16 special;
};
_Static_assert(sizeof(struct e1000_tx_desc) == 16, "3.3.3");

enum { TXD_CMD_EOP = 1 << 0, TXD_CMD_IFCS = 1 << 1, TXD_CMD_RS = 1 << 3 };
enum { TXD_STAT_DD = 1 << 0 };
