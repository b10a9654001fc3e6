// SPDX-License-Identifier: MIT
/*
 * Registers and descriptors of the 82599 (and X540, which agrees where it is used here), names and
 * section numbers as in "Intel 82599 10 GbE Controller Datasheet" 331520: chapter 8 registers,
 * 7.1.6 and 7.2.3 descriptors. Offsets were compared with DPDK's ixgbe_type.h and Linux's.
 */
#pragma once

#include "qgm/compiler.h"

/*
 * X(name, offset, stride, count, access, text). RO: hardware's; RC: cleared by reading; W1: writing
 * 1 sets or clears, reading has no effect. Every register that the driver touches has its row here,
 * but for the statistics (IXGBE_STATISTICS).
 */
#define IXGBE_REGISTERS(X)                                                             \
	X(CTRL, 0x00000, 0, 1, RW, "device control")                                   \
	X(STATUS, 0x00008, 0, 1, RO, "device status")                                  \
	X(CTRL_EXT, 0x00018, 0, 1, RW, "extended device control")                      \
	X(ESDP, 0x00020, 0, 1, RW, "pins for software")                                \
	X(I2CCTL, 0x00028, 0, 1, RW, "two wires to the module")                        \
	X(EICR, 0x00800, 0, 1, RC, "interrupt causes")                                 \
	X(EICS, 0x00808, 0, 1, W1, "interrupt cause set")                              \
	X(EIAC, 0x00810, 0, 1, RW, "interrupt auto clear")                             \
	X(EITR, 0x00820, 4, 24, RW, "interrupt throttle")                              \
	X(EIMS, 0x00880, 0, 1, W1, "interrupt mask set")                               \
	X(EIMC, 0x00888, 0, 1, W1, "interrupt mask clear")                             \
	X(EIAM, 0x00890, 0, 1, RW, "interrupt auto mask")                              \
	X(GPIE, 0x00898, 0, 1, RW, "interrupt modes")                                  \
	X(IVAR, 0x00900, 4, 64, RW, "vectors of two Rx and two Tx queues")             \
	X(IVAR_MISC, 0x00a00, 0, 1, RW, "vectors of other causes")                     \
	X(EIMC_EX, 0x00ab0, 4, 2, W1, "interrupt mask clear, queues")                  \
	X(EIAM_EX, 0x00ad0, 4, 2, RW, "interrupt auto mask, queues")                   \
	X(RDBAL, 0x01000, 0x40, 64, RW, "receive ring, address low")                   \
	X(RDBAH, 0x01004, 0x40, 64, RW, "receive ring, address high")                  \
	X(RDLEN, 0x01008, 0x40, 64, RW, "receive ring, bytes")                         \
	X(DCA_RXCTRL, 0x0100c, 0x40, 64, RW, "receive bus control")                    \
	X(RDH, 0x01010, 0x40, 64, RO, "receive ring, head")                            \
	X(SRRCTL, 0x01014, 0x40, 64, RW, "receive buffers")                            \
	X(RDT, 0x01018, 0x40, 64, RW, "receive ring, tail")                            \
	X(RXDCTL, 0x01028, 0x40, 64, RW, "receive queue control")                      \
	X(RSCCTL, 0x0102c, 0x40, 64, RW, "receive coalescing")                         \
	X(RQSMR, 0x02300, 4, 32, RW, "statistics counters of receive queues")          \
	X(RDRXCTL, 0x02f00, 0, 1, RW, "receive DMA control")                           \
	X(RXCTRL, 0x03000, 0, 1, RW, "receive control")                                \
	X(FCTTV, 0x03200, 4, 4, RW, "pause time")                                      \
	X(FCRTL, 0x03220, 4, 8, RW, "pause threshold low")                             \
	X(FCRTH, 0x03260, 4, 8, RW, "pause threshold high")                            \
	X(FCRTV, 0x032a0, 0, 1, RW, "pause refresh")                                   \
	X(RXPBSIZE, 0x03c00, 4, 8, RW, "receive packet buffer")                        \
	X(FCCFG, 0x03d00, 0, 1, RW, "flow control")                                    \
	X(HLREG0, 0x04240, 0, 1, RW, "MAC core control")                               \
	X(MAXFRS, 0x04268, 0, 1, RW, "largest frame")                                  \
	X(MFLCN, 0x04294, 0, 1, RW, "MAC flow control")                                \
	X(AUTOC, 0x042a0, 0, 1, RW, "auto-negotiation control")                        \
	X(LINKS, 0x042a4, 0, 1, RO, "link status")                                     \
	X(AUTOC2, 0x042a8, 0, 1, RW, "auto-negotiation control 2")                     \
	X(RTTDCS, 0x04900, 0, 1, RW, "transmit descriptor plane")                      \
	X(RTTDQSEL, 0x04904, 0, 1, RW, "transmit queue select")                        \
	X(RTTDT1C, 0x04908, 0, 1, RW, "transmit credits of the selected queue")        \
	X(TXPBTHRESH, 0x04950, 4, 8, RW, "transmit packet buffer threshold")           \
	X(DMATXCTL, 0x04a80, 0, 1, RW, "transmit DMA control")                         \
	X(RXCSUM, 0x05000, 0, 1, RW, "receive checksums")                              \
	X(RFCTL, 0x05008, 0, 1, RW, "receive filter control")                          \
	X(FCTRL, 0x05080, 0, 1, RW, "filter control")                                  \
	X(VLNCTRL, 0x05088, 0, 1, RW, "VLAN control")                                  \
	X(MCSTCTRL, 0x05090, 0, 1, RW, "multicast control")                            \
	X(ETQF, 0x05128, 4, 8, RW, "EtherType filters")                                \
	X(MTA, 0x05200, 4, 128, RW, "multicast table")                                 \
	X(MRQC, 0x05818, 0, 1, RW, "multiple receive queues")                          \
	X(RETA, 0x05c00, 4, 32, RW, "redirection table")                               \
	X(RSSRK, 0x05c80, 4, 10, RW, "key of the receive-side hash")                   \
	X(TDBAL, 0x06000, 0x40, 128, RW, "transmit ring, address low")                 \
	X(TDBAH, 0x06004, 0x40, 128, RW, "transmit ring, address high")                \
	X(TDLEN, 0x06008, 0x40, 128, RW, "transmit ring, bytes")                       \
	X(DCA_TXCTRL, 0x0600c, 0x40, 128, RW, "transmit bus control")                  \
	X(TDH, 0x06010, 0x40, 128, RW, "transmit ring, head")                          \
	X(TDT, 0x06018, 0x40, 128, RW, "transmit ring, tail")                          \
	X(TXDCTL, 0x06028, 0x40, 128, RW, "transmit queue control")                    \
	X(TDWBAL, 0x06038, 0x40, 128, RW, "transmit head write-back, low")             \
	X(TDWBAH, 0x0603c, 0x40, 128, RW, "transmit head write-back, high")            \
	X(DTXMXSZRQ, 0x08100, 0, 1, RW, "transmit bytes on the bus")                   \
	X(MTQC, 0x08120, 0, 1, RW, "multiple transmit queues")                         \
	X(TQSM, 0x08600, 4, 32, RW, "statistics counters of transmit queues")          \
	X(SECRXCTRL, 0x08d00, 0, 1, RW, "receive security block")                      \
	X(SECRXSTAT, 0x08d04, 0, 1, RO, "receive security block, ready")               \
	X(VFTA, 0x0a000, 4, 128, RW, "VLAN filter table")                              \
	X(RAL, 0x0a200, 8, 128, RW, "station addresses, low")                          \
	X(RAH, 0x0a204, 8, 128, RW, "station addresses, high, valid bit")              \
	X(MPSAR, 0x0a600, 4, 256, RW, "pools of the station addresses")                \
	X(TXPBSIZE, 0x0cc00, 4, 8, RW, "transmit packet buffer")                       \
	X(SAQF, 0x0e000, 4, 128, RW, "filters: source address")                        \
	X(DAQF, 0x0e200, 4, 128, RW, "filters: destination address")                   \
	X(SDPQF, 0x0e400, 4, 128, RW, "filters: ports")                                \
	X(FTQF, 0x0e600, 4, 128, RW, "filters: protocol, what counts")                 \
	X(L34TIMIR, 0x0e800, 4, 128, RW, "filters: queue")                             \
	X(FDIRCTRL, 0x0ee00, 0, 1, RW, "flow director control")                        \
	X(FDIRIPSA, 0x0ee18, 0, 1, RW, "flow director, source address")                \
	X(FDIRIPDA, 0x0ee1c, 0, 1, RW, "flow director, destination address")           \
	X(FDIRPORT, 0x0ee20, 0, 1, RW, "flow director, ports")                         \
	X(FDIRVLAN, 0x0ee24, 0, 1, RW, "flow director, tag and flexible bytes")        \
	X(FDIRHASH, 0x0ee28, 0, 1, RW, "flow director, bucket and our number")         \
	X(FDIRCMD, 0x0ee2c, 0, 1, RW, "flow director, command")                        \
	X(FDIRFREE, 0x0ee38, 0, 1, RW, "flow director, free places")                   \
	X(FDIRDIP4M, 0x0ee3c, 0, 1, RW, "flow director, destination bits left out")    \
	X(FDIRSIP4M, 0x0ee40, 0, 1, RW, "flow director, source bits left out")         \
	X(FDIRTCPM, 0x0ee44, 0, 1, RW, "flow director, bits of TCP ports left out")    \
	X(FDIRUDPM, 0x0ee48, 0, 1, RW, "flow director, bits of UDP ports left out")    \
	X(FDIRFSTAT, 0x0ee54, 0, 1, RC, "flow director, commands that failed")         \
	X(FDIRHKEY, 0x0ee68, 0, 1, RW, "flow director, key of the bucket hash")        \
	X(FDIRSKEY, 0x0ee6c, 0, 1, RW, "flow director, key of the signature hash")     \
	X(FDIRM, 0x0ee70, 0, 1, RW, "flow director, fields left out")                  \
	X(FDIRIP6M, 0x0ee74, 0, 1, RW, "flow director, bytes of IPv6 left out")        \
	X(PFVLVF, 0x0f100, 4, 64, RW, "VLAN pool filters")                             \
	X(PFVLVFB, 0x0f200, 4, 128, RW, "VLAN pool filters, pools")                    \
	X(PFUTA, 0x0f400, 4, 128, RW, "unicast table")                                 \
	X(EEC, 0x10010, 0, 1, RW, "EEPROM status")                                     \
	X(EERD, 0x10014, 0, 1, RW, "EEPROM read")                                      \
	X(SWSM, 0x10140, 0, 1, RW, "semaphore between drivers, and with the firmware") \
	X(FWSM, 0x10148, 0, 1, RO, "firmware's semaphore and state")                   \
	X(SW_FW_SYNC, 0x10160, 0, 1, RW, "who uses which part")                        \
	X(GCR_EXT, 0x11050, 0, 1, RW, "PCIe control")                                  \
	X(CORECTL, 0x14f00, 0, 1, RW, "analogue part")

enum ixgbe_reg {
#define X(name, off, stride, count, access, text) IXGBE_##name = (off),
	IXGBE_REGISTERS(X)
#undef X
};

/*
 * Statistics, 8.2.3.23, all cleared by reading. X(name, offset, stride, count, words, counter,
 * text): words 2 is a pair low, high of which the high word is the next dword; `counter` is the
 * field of struct port_nic_counters that it also adds to.
 */
#define IXGBE_STATISTICS(X)                                                                \
	X(CRCERRS, 0x04000, 0, 1, 1, rx_crc, "bad FCS")                                    \
	X(ILLERRC, 0x04004, 0, 1, 1, rx_crc, "illegal bytes")                              \
	X(ERRBC, 0x04008, 0, 1, 1, rx_crc, "error bytes")                                  \
	X(MSPDC, 0x04010, 0, 1, 1, none, "MAC short packets discarded")                    \
	X(MLFC, 0x04034, 0, 1, 1, none, "local faults of the link")                        \
	X(MRFC, 0x04038, 0, 1, 1, none, "remote faults of the link")                       \
	X(RLEC, 0x04040, 0, 1, 1, rx_length, "length field not the length")                \
	X(PRC64, 0x0405c, 0, 1, 1, none, "received, 64 bytes")                             \
	X(PRC127, 0x04060, 0, 1, 1, none, "received, 65 to 127 bytes")                     \
	X(PRC255, 0x04064, 0, 1, 1, none, "received, 128 to 255 bytes")                    \
	X(PRC511, 0x04068, 0, 1, 1, none, "received, 256 to 511 bytes")                    \
	X(PRC1023, 0x0406c, 0, 1, 1, none, "received, 512 to 1023 bytes")                  \
	X(PRC1522, 0x04070, 0, 1, 1, none, "received, 1024 bytes and more")                \
	X(GPRC, 0x04074, 0, 1, 1, none, "good frames received")                            \
	X(BPRC, 0x04078, 0, 1, 1, none, "broadcasts received")                             \
	X(MPRC, 0x0407c, 0, 1, 1, none, "multicasts received")                             \
	X(GPTC, 0x04080, 0, 1, 1, none, "good frames sent")                                \
	X(GORC, 0x04088, 0, 1, 2, none, "good bytes received")                             \
	X(GOTC, 0x04090, 0, 1, 2, none, "good bytes sent")                                 \
	X(RUC, 0x040a4, 0, 1, 1, rx_length, "below 64 bytes, good FCS")                    \
	X(RFC, 0x040a8, 0, 1, 1, rx_length, "below 64 bytes, bad FCS")                     \
	X(ROC, 0x040ac, 0, 1, 1, rx_length, "too long, good FCS")                          \
	X(RJC, 0x040b0, 0, 1, 1, rx_length, "too long, bad FCS")                           \
	X(MNGPRC, 0x040b4, 0, 1, 1, none, "received by management")                        \
	X(MNGPDC, 0x040b8, 0, 1, 1, none, "dropped by management")                         \
	X(TOR, 0x040c0, 0, 1, 2, none, "bytes received")                                   \
	X(TPR, 0x040d0, 0, 1, 1, none, "frames received")                                  \
	X(TPT, 0x040d4, 0, 1, 1, none, "frames sent")                                      \
	X(PTC64, 0x040d8, 0, 1, 1, none, "sent, 64 bytes")                                 \
	X(PTC127, 0x040dc, 0, 1, 1, none, "sent, 65 to 127 bytes")                         \
	X(PTC255, 0x040e0, 0, 1, 1, none, "sent, 128 to 255 bytes")                        \
	X(PTC511, 0x040e4, 0, 1, 1, none, "sent, 256 to 511 bytes")                        \
	X(PTC1023, 0x040e8, 0, 1, 1, none, "sent, 512 to 1023 bytes")                      \
	X(PTC1522, 0x040ec, 0, 1, 1, none, "sent, 1024 bytes and more")                    \
	X(MPTC, 0x040f0, 0, 1, 1, none, "multicasts sent")                                 \
	X(BPTC, 0x040f4, 0, 1, 1, none, "broadcasts sent")                                 \
	X(XEC, 0x04120, 0, 1, 1, none, "bad checksums of IP, TCP or UDP received")         \
	X(LXONRXCNT, 0x041a4, 0, 1, 1, none, "pause off received")                         \
	X(LXOFFRXCNT, 0x041a8, 0, 1, 1, none, "pause on received")                         \
	X(PXONRXCNT, 0x04140, 4, 8, 1, none, "pause off received, by priority")            \
	X(PXOFFRXCNT, 0x04160, 4, 8, 1, none, "pause on received, by priority")            \
	X(RXNFGPC, 0x041b0, 0, 1, 1, none, "good frames before filters")                   \
	X(RXNFGBC, 0x041b4, 0, 1, 2, none, "good bytes before filters")                    \
	X(RXDGPC, 0x02f50, 0, 1, 1, none, "good frames to memory")                         \
	X(RXDGBC, 0x02f54, 0, 1, 2, none, "good bytes to memory")                          \
	X(RXDDPC, 0x02f5c, 0, 1, 1, none, "frames placed directly")                        \
	X(RXDDBC, 0x02f60, 0, 1, 2, none, "bytes placed directly")                         \
	X(RXLPBKPC, 0x02f68, 0, 1, 1, none, "frames looped back")                          \
	X(RXLPBKBC, 0x02f6c, 0, 1, 2, none, "bytes looped back")                           \
	X(PXON2OFFCNT, 0x03240, 4, 8, 1, none, "pause off to on, by priority")             \
	X(PXONTXC, 0x03f00, 4, 8, 1, none, "pause off sent, by priority")                  \
	X(PXOFFTXCNT, 0x03f20, 4, 8, 1, none, "pause on sent, by priority")                \
	X(LXONTXC, 0x03f60, 0, 1, 1, none, "pause off sent")                               \
	X(LXOFFTXC, 0x03f68, 0, 1, 1, none, "pause on sent")                               \
	X(RXMPC, 0x03fa0, 4, 8, 1, rx_missed, "missed for want of packet buffer")          \
	X(QPRC, 0x01030, 0x40, 16, 1, none, "frames received, by queue")                   \
	X(QPRDC, 0x01430, 0x40, 16, 1, rx_missed, "missed for want of a descriptor")       \
	X(QBRC, 0x01034, 0x40, 16, 2, none, "bytes received, by queue")                    \
	X(QPTC, 0x06030, 0x40, 16, 1, none, "frames sent, by queue")                       \
	X(QBTC, 0x08700, 8, 16, 2, none, "bytes sent, by queue")                           \
	X(SSVPC, 0x08780, 0, 1, 1, none, "held back by the switch for its source address") \
	X(TXDGPC, 0x087a0, 0, 1, 1, none, "good frames from memory")                       \
	X(TXDGBC, 0x087a4, 0, 1, 2, none, "good bytes from memory")                        \
	X(FCCRC, 0x05118, 0, 1, 1, none, "FCoE: bad CRC")                                  \
	X(FCOERPDC, 0x0241c, 0, 1, 1, none, "FCoE: dropped")                               \
	X(FCLAST, 0x02424, 0, 1, 1, none, "FCoE: last errors")                             \
	X(FCOEPRC, 0x02428, 0, 1, 1, none, "FCoE: frames received")                        \
	X(FCOEDWRC, 0x0242c, 0, 1, 1, none, "FCoE: dwords received")                       \
	X(FCOEPTC, 0x08784, 0, 1, 1, none, "FCoE: frames sent")                            \
	X(FCOEDWTC, 0x08788, 0, 1, 1, none, "FCoE: dwords sent")                           \
	X(MNGPTC, 0x0cf90, 0, 1, 1, none, "sent by management")

#define IXGBE_REMOVED 0xffffffffu /* STATUS never reads so while the device is there */

enum { CTRL_MASTER_DISABLE = 1 << 2, CTRL_LRST = 1 << 3, CTRL_RST = 1 << 26 }; /* 8.2.3.1.1 */
enum { STATUS_LAN_ID = 1 << 2, STATUS_MASTER_ENABLE = 1 << 19 };               /* 8.2.3.1.2 */
enum { CTRL_EXT_NS_DIS = 1 << 16, CTRL_EXT_DRV_LOAD = 1 << 28 };               /* 8.2.3.1.3 */
enum { ESDP_SDP2 = 1 << 2 };                                                   /* module there */
enum { I2C_CLK_IN = 1, I2C_CLK_OUT = 2, I2C_DATA_IN = 4, I2C_DATA_OUT = 8 };   /* 8.2.3.1.6 */

/* 8.2.3.5.1: causes 15:0 are the queues' vectors. */
enum {
	EICR_FLOW_DIR = 1 << 16,
	EICR_RX_MISS = 1 << 17,
	EICR_PCI = 1 << 18,
	EICR_LSC = 1 << 20,
	EICR_ECC = 1 << 28,
};
#define EIMC_ALL 0x7fffffffu
enum {
	GPIE_MULTIPLE_MSIX = 1 << 4,
	GPIE_OCD = 1 << 5, /* reading EICR clears bits 29:16 only, so that queues' causes stay */
	GPIE_EIAME = 1 << 30,
};
#define GPIE_PBA_SUPPORT (1u << 31)
#define EITR_CNT_WDIS    (1u << 31)
enum { IVAR_VALID = 1 << 7, EITR_INTERVAL_SHIFT = 3 /* of 2.048 us at 10 Gb/s */ };

enum {
	SRRCTL_DESCTYPE_ONEBUF = 1 << 25,
	SRRCTL_DROP_EN = 1 << 28, /* a queue without descriptors does not hold up the others */
};
enum { RXDCTL_ENABLE = 1 << 25, RXDCTL_VME = 1 << 30 };
enum { DCA_RXCTRL_MUST_BE_0 = 1 << 12, DCA_TXCTRL_WB_RO_EN = 1 << 11 };
enum {
	RDRXCTL_CRCSTRIP = 1 << 1,
	RDRXCTL_DMAIDONE = 1 << 3,
	RDRXCTL_RSCFRSTSIZE = 0x1f << 17, /* must be 0 */
	RDRXCTL_RSCACKC = 1 << 25,        /* must be 1 */
	RDRXCTL_FCOE_WRFIX = 1 << 26,     /* must be 1 */
};
enum { RXCTRL_RXEN = 1 << 0 };
enum {
	HLREG0_TXCRCEN = 1 << 0,
	HLREG0_RXCRCSTRP = 1 << 1,
	HLREG0_JUMBOEN = 1 << 2,
	HLREG0_TXPADEN = 1 << 10,
	HLREG0_LPBK = 1 << 15,
	HLREG0_RXLNGTHERREN = 1 << 27,
};
enum { MAXFRS_MFS_SHIFT = 16 };
enum { MFLCN_PMCF = 1 << 0, MFLCN_DPF = 1 << 1, MFLCN_RPFCE = 1 << 2, MFLCN_RFCE = 1 << 3 };
enum { AUTOC_AN_RESTART = 1 << 12, AUTOC_LMS_SHIFT = 13, AUTOC_LMS_MASK = 7 << 13 };
enum { AUTOC_LMS_1G_AN = 2 << AUTOC_LMS_SHIFT, AUTOC_LMS_10G_SERIAL = 3 << AUTOC_LMS_SHIFT };
#define AUTOC2_LINK_DISABLE 0x70000000u
enum { LINKS_SPEED_SHIFT = 28, LINKS_SPEED_MASK = 3, LINKS_UP = 1 << 30 };
enum { RTTDCS_ARBDIS = 1 << 6 };
enum { DMATXCTL_TE = 1 << 0 };
enum { RXCSUM_PCSD = 1 << 13 }; /* the hash in the descriptor, not the fragment checksum */
enum { RFCTL_RSC_DIS = 1 << 5 };
/* 7.1.2.7, 8.2.3.21 */
enum {
	FDIRCTRL_PBALLOC_64K = 1 << 0,
	FDIRCTRL_INIT_DONE = 1 << 3,
	FDIRCTRL_PERFECT_MATCH = 1 << 4,
	FDIRCTRL_DROP_QUEUE = 127 << 8, /* of filters that drop: none */
	FDIRCTRL_FLEX_ETHERTYPE = 6 << 16,
	FDIRCTRL_MAX_LENGTH = 10 << 24,
	FDIRCTRL_FULL_THRESH = 4 << 28,
	FDIRM_VLANID = 1 << 0,
	FDIRM_VLANP = 1 << 1,
	FDIRM_POOL = 1 << 2,
	FDIRM_FLEX = 1 << 4,
	FDIRM_DIPV6 = 1 << 5,
	FDIRHASH_INDEX_SHIFT = 16,
	FDIRCMD_ADD = 1,
	FDIRCMD_REMOVE = 2,
	FDIRCMD_CMD = 3,
	FDIRCMD_UPDATE = 1 << 3,
	FDIRCMD_TYPE_SHIFT = 5,
	FDIRCMD_LAST = 1 << 11,
	FDIRCMD_QUEUE_EN = 1 << 15,
	FDIRCMD_QUEUE_SHIFT = 16,
	FDIRFREE_FREE = 0xffff,
	FDIRFSTAT_FADD = 0xff,
	FDIR_UDP = 1,
	FDIR_TCP = 2,
};
#define FDIR_BUCKET_KEY    0x3dad14e2u
#define FDIR_SIGNATURE_KEY 0x174d3614u
enum { ETHERTYPE_VLAN = 0x8100 };
enum { FCTRL_SBP = 1 << 1, FCTRL_MPE = 1 << 8, FCTRL_UPE = 1 << 9, FCTRL_BAM = 1 << 10 };
enum {
	MRQC_RSS = 1, /* MRQE 0001b */
	MRQC_IPV4_TCP = 1 << 16,
	MRQC_IPV4 = 1 << 17,
	MRQC_IPV6 = 1 << 20,
	MRQC_IPV6_TCP = 1 << 21,
	MRQC_IPV4_UDP = 1 << 22,
	MRQC_IPV6_UDP = 1 << 23,
};
enum { TXDCTL_PTHRESH = 32, TXDCTL_HTHRESH = 1 << 8, TXDCTL_ENABLE = 1 << 25 };
enum { TDWBAL_HEAD_WB_EN = 1 << 0 };
enum { SECRXCTRL_RX_DIS = 1 << 1, SECRXSTAT_RDY = 1 << 0 };
#define RAH_AV (1u << 31)
enum {
	DTXMXSZRQ_MAX = 0xfff,
	RXPBSIZE_82599 = 512 << 10,
	RXPBSIZE_X540 = 384 << 10,
	RXPBSIZE_FDIR = 64 << 10,
	TXPBSIZE_ALL = 160 << 10
};

/* 8.2.3.7.16 to 20: one of 128 filters. A set mask bit means: does not count. */
enum {
	FTQF_TCP = 0,
	FTQF_UDP = 1,
	FTQF_SCTP = 2,
	FTQF_OTHER = 3,
	FTQF_PRIORITY_SHIFT = 2, /* 7 is looked at first */
	FTQF_MASK_SOURCE = 1 << 25,
	FTQF_MASK_DESTINATION = 1 << 26,
	FTQF_MASK_SOURCE_PORT = 1 << 27,
	FTQF_MASK_DESTINATION_PORT = 1 << 28,
	FTQF_MASK_PROTOCOL = 1 << 29,
	FTQF_MASK_POOL = 1 << 30,
};
#define FTQF_ENABLE (1u << 31)
/* SIZE_BP and reserved bits as they must be; Rx queue in 27:21. */
enum { L34TIMIR_SIZE_BP = 1 << 12, L34TIMIR_RESERVED = 0x40 << 13, L34TIMIR_QUEUE_SHIFT = 21 };
enum { IXGBE_FILTERS = 128 };

enum { EEC_PRES = 1 << 8, EEC_AUTO_RD = 1 << 9 };
enum { EERD_START = 1, EERD_DONE = 2, EERD_ADDR_SHIFT = 2, EERD_DATA_SHIFT = 16 };
enum { SWSM_SMBI = 1 << 0, SWSM_SWESMBI = 1 << 1 };
/* 8.2.3.4.11: bits 4:0 are software's, 9:5 firmware's for the same part. */
enum {
	SYNC_EEPROM = 1 << 0,
	SYNC_PHY0 = 1 << 1,
	SYNC_PHY1 = 1 << 2,
	SYNC_MAC_CSR = 1 << 3,
	SYNC_FW_SHIFT = 5,
};
enum { FWSM_EXT_ERR_SHIFT = 19, FWSM_EXT_ERR_MASK = 0x3f };
enum { GCR_EXT_BUFFERS_CLEAR = 1 << 30 };

/* 7.1.6: in a receive descriptor: MAC error (FCS, length, symbol); with FCTRL.SBP only. */
#define RXD_RXE ((u64)1 << 29)
