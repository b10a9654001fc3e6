// SPDX-License-Identifier: MIT
/*
 * Registers and descriptors of the XL710 family (XL710, X710, XXV710), names as in "Intel Ethernet
 * Controller X710/XXV710/XL710 Datasheet" 332464: chapter 10 registers, 8.3 receive and 8.4
 * transmit descriptors and queue contexts. Offsets were compared with Linux's i40e_register.h and
 * DPDK's.
 */
#pragma once

#include "qgm/compiler.h"

/*
 * X(name, offset, stride, count, access, text). RO: hardware's; RC: cleared by reading; W1: writing
 * 1 clears. Every register that the driver touches has its row here, but for the statistics
 * (I40E_STATISTICS). Queues and vectors are numbered within the function.
 */
#define I40E_REGISTERS(X)                                                           \
	X(PFINT_ITRN, 0x030000, 4, 512, RW, "interval of ITR 0, by vector")         \
	X(PFINT_DYN_CTLN, 0x034800, 4, 512, RW, "interrupt control, by vector")     \
	X(PFINT_LNKLSTN, 0x035000, 4, 512, RW, "first queue of a vector")           \
	X(PFINT_STAT_CTL0, 0x038400, 0, 1, RW, "timer of vector 0's events")        \
	X(PFINT_DYN_CTL0, 0x038480, 0, 1, RW, "interrupt control, vector 0")        \
	X(PFINT_LNKLST0, 0x038500, 0, 1, RW, "first queue of vector 0")             \
	X(PFINT_ICR0, 0x038780, 0, 1, RC, "causes of vector 0")                     \
	X(PFINT_ICR0_ENA, 0x038800, 0, 1, RW, "causes of vector 0 that count")      \
	X(QINT_RQCTL, 0x03a000, 4, 1536, RW, "vector of a receive queue")           \
	X(QINT_TQCTL, 0x03c000, 4, 1536, RW, "vector of a transmit queue")          \
	X(GLINT_CTL, 0x03f800, 0, 1, RO, "interrupts of all functions")             \
	X(PF_ATQBAL, 0x080000, 0, 1, RW, "admin send queue, address low")           \
	X(PF_ARQBAL, 0x080080, 0, 1, RW, "admin receive queue, address low")        \
	X(PF_ATQBAH, 0x080100, 0, 1, RW, "admin send queue, address high")          \
	X(PF_ARQBAH, 0x080180, 0, 1, RW, "admin receive queue, address high")       \
	X(PF_ATQLEN, 0x080200, 0, 1, RW, "admin send queue, length")                \
	X(PF_ARQLEN, 0x080280, 0, 1, RW, "admin receive queue, length")             \
	X(PF_ATQH, 0x080300, 0, 1, RW, "admin send queue, head")                    \
	X(PF_ARQH, 0x080380, 0, 1, RW, "admin receive queue, head")                 \
	X(PF_ATQT, 0x080400, 0, 1, RW, "admin send queue, tail")                    \
	X(PF_ARQT, 0x080480, 0, 1, RW, "admin receive queue, tail")                 \
	X(PFGEN_CTRL, 0x092400, 0, 1, RW, "function reset")                         \
	X(PF_FUNC_RID, 0x09c000, 0, 1, RO, "function number")                       \
	X(GLNVM_ULD, 0x0b6008, 0, 1, RO, "what was loaded from the NVM")            \
	X(GLGEN_RSTCTL, 0x0b8180, 0, 1, RO, "reset control")                        \
	X(GLGEN_RSTAT, 0x0b8188, 0, 1, RO, "resets of the whole device")            \
	X(GLPCI_CAPSUP, 0x0be4a8, 0, 1, RO, "PCI capabilities")                     \
	X(PFHMC_SDCMD, 0x0c0000, 0, 1, RW, "segment descriptor, command")           \
	X(PFHMC_SDDATALOW, 0x0c0100, 0, 1, RW, "segment descriptor, low")           \
	X(PFHMC_SDDATAHIGH, 0x0c0200, 0, 1, RW, "segment descriptor, high")         \
	X(PFHMC_PDINV, 0x0c0300, 0, 1, RW, "page descriptor to forget")             \
	X(PFHMC_ERRORINFO, 0x0c0400, 0, 1, RW, "host memory cache, error")          \
	X(PFHMC_ERRORDATA, 0x0c0500, 0, 1, RO, "host memory cache, error data")     \
	X(GLHMC_LANTXOBJSZ, 0x0c2004, 0, 1, RO, "log2 of a transmit context")       \
	X(GLHMC_LANQMAX, 0x0c2008, 0, 1, RO, "queue contexts at most")              \
	X(GLHMC_LANRXOBJSZ, 0x0c200c, 0, 1, RO, "log2 of a receive context")        \
	X(GLHMC_LANTXBASE, 0x0c6200, 4, 16, RW, "transmit contexts, place in 512")  \
	X(GLHMC_LANTXCNT, 0x0c6300, 4, 16, RW, "transmit contexts, number")         \
	X(GLHMC_LANRXBASE, 0x0c6400, 4, 16, RW, "receive contexts, place in 512")   \
	X(GLHMC_LANRXCNT, 0x0c6500, 4, 16, RW, "receive contexts, number")          \
	X(QTX_HEAD, 0x0e4000, 4, 1536, RO, "transmit ring, head")                   \
	X(PF_MDET_TX, 0x0e6400, 0, 1, W1, "this function was stopped for its Tx")   \
	X(GL_MDET_TX, 0x0e6480, 0, 1, W1, "malicious driver, transmit")             \
	X(GLLAN_TXPRE_QDIS, 0x0e6500, 4, 12, RW, "transmit queues to be disabled")  \
	X(QTX_ENA, 0x100000, 4, 1536, RW, "transmit queue enable")                  \
	X(QTX_CTL, 0x104000, 4, 1536, RW, "transmit queue's function")              \
	X(QTX_TAIL, 0x108000, 4, 1536, RW, "transmit ring, tail")                   \
	X(QRX_ENA, 0x120000, 4, 1536, RW, "receive queue enable")                   \
	X(QRX_TAIL, 0x128000, 4, 1536, RW, "receive ring, tail")                    \
	X(PF_MDET_RX, 0x12a400, 0, 1, W1, "this function was stopped for its Rx")   \
	X(GL_MDET_RX, 0x12a510, 0, 1, W1, "malicious driver, receive")              \
	X(PFLAN_QALLOC, 0x1c0400, 0, 1, RO, "first and last queue of the function") \
	X(PFGEN_PORTNUM, 0x1c0480, 0, 1, RO, "port number")                         \
	X(PFQF_CTL_0, 0x1c0ac0, 0, 1, RW, "filters of the function")                \
	X(PFQF_CTL_1, 0x245d80, 0, 1, RW, "flow director, clear all filters")       \
	X(PFQF_FDALLOC, 0x246280, 0, 1, RO, "flow director, places guaranteed")     \
	X(PFQF_FDSTAT, 0x246380, 0, 1, RO, "flow director, places in use")          \
	X(PRTQF_FD_INSET, 0x250000, 32, 128, RW, "flow director, fields compared")  \
	X(PFQF_HLUT, 0x240000, 128, 128, RW, "queues by hash, four a register")     \
	X(PFQF_HKEY, 0x244800, 128, 13, RW, "key of the hash")                      \
	X(PFQF_HENA, 0x245900, 128, 2, RW, "packet types that are hashed")

enum i40e_reg {
#define X(name, off, stride, count, access, text) I40E_##name = (off),
	I40E_REGISTERS(X)
#undef X
};

/*
 * Statistics, 10.2.2.19: they count on for ever and wrap. X(name, offset, of, bits, counter, text):
 * `of` PORT: register n of the port; VSI: of the station's statistics block, 8 bytes apart both;
 * 48 bits are a pair low, high 4 bytes behind; `counter` is the field of struct port_nic_counters
 * that it also adds to.
 */
#define I40E_STATISTICS(X)                                                              \
	X(GORC, 0x300000, PORT, 48, none, "good bytes received")                        \
	X(MLFC, 0x300020, PORT, 32, none, "MAC local faults")                           \
	X(MRFC, 0x300040, PORT, 32, none, "MAC remote faults")                          \
	X(CRCERRS, 0x300080, PORT, 32, rx_crc, "bad FCS")                               \
	X(RLEC, 0x3000a0, PORT, 32, rx_length, "length field wrong")                    \
	X(ILLERRC, 0x3000e0, PORT, 32, rx_crc, "illegal bytes")                         \
	X(RUC, 0x300100, PORT, 32, rx_length, "undersize, FCS good")                    \
	X(ROC, 0x300120, PORT, 32, rx_length, "oversize")                               \
	X(LXONRXC, 0x300140, PORT, 32, none, "XON received")                            \
	X(LXOFFRXC, 0x300160, PORT, 32, none, "XOFF received")                          \
	X(PRC64, 0x300480, PORT, 48, none, "received, 64 bytes")                        \
	X(PRC127, 0x3004a0, PORT, 48, none, "received, 65 to 127 bytes")                \
	X(PRC255, 0x3004c0, PORT, 48, none, "received, 128 to 255 bytes")               \
	X(PRC511, 0x3004e0, PORT, 48, none, "received, 256 to 511 bytes")               \
	X(PRC1023, 0x300500, PORT, 48, none, "received, 512 to 1023 bytes")             \
	X(PRC1522, 0x300520, PORT, 48, none, "received, 1024 to 1522 bytes")            \
	X(PRC9522, 0x300540, PORT, 48, none, "received, 1523 bytes and more")           \
	X(RFC, 0x300560, PORT, 32, rx_length, "fragments: undersize, FCS bad")          \
	X(RJC, 0x300580, PORT, 32, rx_length, "jabber: oversize, FCS bad")              \
	X(UPRC, 0x3005a0, PORT, 48, none, "unicast received")                           \
	X(MPRC, 0x3005c0, PORT, 48, none, "multicast received")                         \
	X(BPRC, 0x3005e0, PORT, 48, none, "broadcast received")                         \
	X(RDPC, 0x300600, PORT, 32, rx_missed, "dropped for want of packet buffer")     \
	X(LDPC, 0x300620, PORT, 32, none, "dropped, loop-back")                         \
	X(RUPP, 0x300660, PORT, 32, none, "unknown protocols")                          \
	X(GOTC, 0x300680, PORT, 48, none, "good bytes sent")                            \
	X(PTC64, 0x3006a0, PORT, 48, none, "sent, 64 bytes")                            \
	X(PTC127, 0x3006c0, PORT, 48, none, "sent, 65 to 127 bytes")                    \
	X(PTC255, 0x3006e0, PORT, 48, none, "sent, 128 to 255 bytes")                   \
	X(PTC511, 0x300700, PORT, 48, none, "sent, 256 to 511 bytes")                   \
	X(PTC1023, 0x300720, PORT, 48, none, "sent, 512 to 1023 bytes")                 \
	X(PTC1522, 0x300740, PORT, 48, none, "sent, 1024 to 1522 bytes")                \
	X(PTC9522, 0x300760, PORT, 48, none, "sent, 1523 bytes and more")               \
	X(LXONTXC, 0x300980, PORT, 32, none, "XON sent")                                \
	X(LXOFFTXC, 0x3009a0, PORT, 32, none, "XOFF sent")                              \
	X(UPTC, 0x3009c0, PORT, 48, none, "unicast sent")                               \
	X(MPTC, 0x3009e0, PORT, 48, none, "multicast sent")                             \
	X(BPTC, 0x300a00, PORT, 48, none, "broadcast sent")                             \
	X(TDOLD, 0x300a20, PORT, 32, tx_errors, "dropped for want of link")             \
	X(VSI_RDPC, 0x310000, VSI, 32, rx_missed, "dropped for want of a descriptor")   \
	X(VSI_GOTC, 0x328000, VSI, 48, none, "this function's: good bytes sent")        \
	X(VSI_UPTC, 0x33c000, VSI, 48, none, "this function's: unicast sent")           \
	X(VSI_MPTC, 0x33cc00, VSI, 48, none, "this function's: multicast sent")         \
	X(VSI_BPTC, 0x33d800, VSI, 48, none, "this function's: broadcast sent")         \
	X(VSI_TEPC, 0x344000, VSI, 32, tx_errors, "this function's: errors in sending") \
	X(VSI_GORC, 0x358000, VSI, 48, none, "this function's: good bytes received")    \
	X(VSI_UPRC, 0x36c000, VSI, 48, none, "this function's: unicast received")       \
	X(VSI_MPRC, 0x36cc00, VSI, 48, none, "this function's: multicast received")     \
	X(VSI_BPRC, 0x36d800, VSI, 48, none, "this function's: broadcast received")     \
	X(VSI_RUPP, 0x36e400, VSI, 32, none, "this function's: unknown protocols")

#define I40E_REMOVED 0xffffffffu /* GLGEN_RSTAT never reads so while the device is there */

#define AQLEN_ENABLE (1u << 31)
enum { PFGEN_CTRL_PFSWR = 1 << 0 };
enum { RSTAT_DEVSTATE = 3 << 0, RSTAT_COUNTS = 0x3f << 4 /* CORERCNT, GLOBRCNT, EMPRCNT */ };
enum { ULD_CORE_DONE = 1 << 3, ULD_GLOBAL_DONE = 1 << 4 };
enum { CAPSUP_ARI_EN = 1 << 4, FUNC_RID_FUNCTION = 0x7, FUNC_RID_ARI = 0xff };
enum { QALLOC_FIRSTQ = 0x7ff, QALLOC_LASTQ_SHIFT = 16, QALLOC_LASTQ = 0x7ff };
#define QALLOC_VALID (1u << 31)

enum {
	DYN_CTLN_INTENA = 1 << 0,
	DYN_CTLN_CLEARPBA = 1 << 1,
	DYN_CTLN_NOITR = 3 << 3,      /* leave the intervals alone */
	DYN_CTLN_WB_ON_ITR = 1 << 30, /* write descriptors back although nobody is interrupted */
};
/* One queue in the list of a vector: QINT_RQCTL with itself as the end. */
enum {
	RQCTL_NEXTQ_SHIFT = 16,
	RQCTL_NEXTQ_END = 0x7ff << 16,
	RQCTL_CAUSE_ENA = 1 << 30,
	LNKLST_END = 0x7ff,
	ITR_UNIT_US = 2,
	ITR_MAX = 0xfff,
};
/* Causes of vector 0 after which nothing can be relied on. */
enum {
	ICR0_ECC_ERR = 1 << 16,
	ICR0_MAL_DETECT = 1 << 19,
	ICR0_GRST = 1 << 20,
	ICR0_PCI_EXCEPTION = 1 << 21,
	ICR0_HMC_ERR = 1 << 26,
};
enum { QENA_REQ = 1 << 0, QENA_STAT = 1 << 2 };
enum { QTX_CTL_PF_QUEUE = 2, QTX_CTL_PF_INDX_SHIFT = 2 };
enum { TXPRE_QDIS_QINDX = 0x7ff, TXPRE_QDIS_SET = 1 << 30, TXPRE_QUEUES = 128 };
#define TXPRE_QDIS_CLEAR (1u << 31)
#define MDET_VALID       (1u << 31) /* of the GL_ registers; bit 0 of the PF_ ones */
#define MDET_CLEAR       0xffffffffu
#define PF_MDET_CLEAR    0xffffu

enum { SDDATALOW_VALID = 1 << 0, SDDATALOW_BPCOUNT_SHIFT = 2 }; /* type 0: a page of pages */
#define SDCMD_WR      (1u << 31)
#define HMC_ERROR     (1u << 31)
#define HMC_PAGE_LIVE ((u64)1)
enum { HMC_PAGE = 4096, HMC_PAGES = 512, HMC_ALIGN = 512 };

enum { PFQF_CTL_0_LUT_512 = 1 << 16, PFQF_CTL_0_FD_ENA = 1 << 17 };
enum { PFQF_CTL_1_CLEARFDTABLE = 1 << 0 };
/* PRTQF_FD_INSET, 7.1.9.2: words of the packet that are compared; the upper half of 64 bits. */
enum {
	INSET_DPORT = 1 << 1,
	INSET_SPORT = 1 << 2,
	INSET_DST_IP4 = 0x3 << 3,
	INSET_DST_IP6 = 0xff << 3,
	INSET_SRC_IP4 = 0x3 << 15,
	INSET_SRC_IP6 = 0xff << 11,
};
/* PFQF_HENA, 7.1.10: packet classifier types. 32, 29, 30 and their IPv6 kin are the X722's. */
#define HENA_IPV4 (((u64)0x1d << 31) | (u64)1 << 36)
#define HENA_IPV6 (((u64)0x1d << 41) | (u64)1 << 46)

/* 8.3.2.1, 8.3.2.2: receive descriptor of 16 bytes. Out: addresses of the buffer and of a header
 * buffer, 0; back: hash, mirror, VLAN tag; status, errors, type and length. */
#define RXD_DD        ((u64)1 << 0)
#define RXD_EOF       ((u64)1 << 1)
#define RXD_RXE       ((u64)1 << 19) /* any MAC error */
#define RXD_OVERSIZE  ((u64)1 << 25)
#define RXD_LEN_SHIFT 38
#define RXD_LEN_MASK  0x3fffu

/* 8.4.2.1.1: transmit data descriptor: the address, then DTYP 3:0, CMD 13:4, OFFSET 33:16,
 * size 47:34, tag 63:48. */
#define TXD_DTYP       ((u64)0xf)
#define TXD_DTYP_DONE  ((u64)0xf) /* what the NIC writes where RS was */
#define TXD_EOP        ((u64)1 << 4)
#define TXD_RS         ((u64)1 << 5)
#define TXD_ICRC       ((u64)1 << 6) /* append the FCS; must be set, 8.4.2.1.1 */
#define TXD_SIZE_SHIFT 34

/* 8.4.2.5: filter program descriptor, followed by a data descriptor of a packet that is not sent:
 * queue 10:0, type 22:17, station 31:23; DTYP 3:0, command 6:4, destination 8:7, id 63:32. */
#define TXD_DUMMY       ((u64)1 << 8)
#define FLTR_DTYP       ((u64)8)
#define FLTR_ADD        ((u64)1 << 4)
#define FLTR_REMOVE     ((u64)2 << 4)
#define FLTR_DEST_QUEUE ((u64)1 << 7)
enum { FLTR_PCTYPE_SHIFT = 17, FLTR_DEST_VSI_SHIFT = 23, FLTR_ID_SHIFT = 32 };

/* 8.3.2.2.3: what came of it, in a receive descriptor: id 63:32 of the first half; DD, program id
 * 4:2, error 24:19, a length that no frame has. */
#define PROG_ID         ((u64)7 << 2)
#define PROG_ID_FD      ((u64)1 << 2)
#define PROG_TABLE_FULL ((u64)1 << 19)
#define PROG_LENGTH     ((u64)0x2000000)
enum { PROG_LENGTH_SHIFT = 38 };
