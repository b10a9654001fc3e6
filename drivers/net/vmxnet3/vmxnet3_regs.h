// SPDX-License-Identifier: MIT
/*
 * vmxnet3, VMware's paravirtual Ethernet ("UPT1"), revision 1: registers, commands, descriptors,
 * the memory that driver and device share. There is no public data sheet: names, offsets and values
 * are those of VMware's headers as they are in Linux (vmxnet3_defs.h, upt1_defs.h), compared with
 * QEMU's device and with FreeBSD's if_vmxreg.h. Everything is little-endian.
 */
#pragma once

#include "qgm/compiler.h"

/* BAR 0: doorbells and masks, one each 8 bytes. */
enum vmxnet3_pt {
	VMXNET3_IMR = 0x000,     /* interrupt mask: 1 masks */
	VMXNET3_TXPROD = 0x600,  /* producer index of transmit ring */
	VMXNET3_RXPROD = 0x800,  /* of receive ring 1 */
	VMXNET3_RXPROD2 = 0xa00, /* of receive ring 2 */
	VMXNET3_PT_STRIDE = 8,
};

/* BAR 1. X(name, offset, clears, text) */
#define VMXNET3_VD_REGISTERS(X)                                       \
	X(VRRS, 0x00, false, "revisions of the device, a bit each")   \
	X(UVRS, 0x08, false, "versions of UPT, a bit each")           \
	X(DSAL, 0x10, true, "address of the shared memory, low")      \
	X(DSAH, 0x18, true, "address of the shared memory, high")     \
	X(CMD, 0x20, false, "command; read: what the last one gives") \
	X(MACL, 0x28, false, "station address, low")                  \
	X(MACH, 0x30, false, "station address, high")                 \
	X(ICR, 0x38, true, "interrupt cause of the line")             \
	X(ECR, 0x40, true, "events: written to acknowledge")

enum vmxnet3_vd {
#define X(name, off, clears, text) VMXNET3_##name = (off),
	VMXNET3_VD_REGISTERS(X)
#undef X
};

#define VMXNET3_REMOVED 0xffffffffu /* no register of ours reads so while the device is there */

/* Commands: "set" ones are done when the write returns, "get" ones leave their answer in CMD. */
enum vmxnet3_cmd {
	VMXNET3_CMD_ACTIVATE_DEV = (int)0xcafe0000,
	VMXNET3_CMD_QUIESCE_DEV,
	VMXNET3_CMD_RESET_DEV,
	VMXNET3_CMD_UPDATE_RX_MODE,
	VMXNET3_CMD_UPDATE_MAC_FILTERS,
	VMXNET3_CMD_UPDATE_VLAN_FILTERS,
	VMXNET3_CMD_UPDATE_RSSIDT,
	VMXNET3_CMD_GET_QUEUE_STATUS = (int)0xf00d0000,
	VMXNET3_CMD_GET_STATS,
	VMXNET3_CMD_GET_LINK,
	VMXNET3_CMD_GET_PERM_MAC_LO,
	VMXNET3_CMD_GET_PERM_MAC_HI,
};

enum { VMXNET3_LINK_UP = 1, VMXNET3_LINK_SPEED_SHIFT = 16 /* Mb/s */ };

/* --- descriptors --------------------------------------------------------------------------- */

/* Of all rings. A descriptor belongs to whoever its generation bit says, which changes each time
 * the ring comes round; the first round's is 1. */
struct vmxnet3_desc {
	u64 addr;
	u64 word;
};
_Static_assert(sizeof(struct vmxnet3_desc) == 16, "of each kind");

/* Transmit: word. */
#define VMXNET3_TXD_GEN_SHIFT 14
#define VMXNET3_TXD_EOP       ((u64)1 << 44)
#define VMXNET3_TXD_CQ        ((u64)1 << 45) /* tell when it is done */
/* Receive: word; a "head" buffer begins a frame. */
#define VMXNET3_RXD_GEN_SHIFT 31

/* Completions: addr has the index, word the rest and the generation bit in its top. */
#define VMXNET3_CD_INDEX     0xfff
#define VMXNET3_CD_GEN_SHIFT 63
/* Received: in addr */
#define VMXNET3_RCD_EOP        ((u64)1 << 14)
#define VMXNET3_RCD_SOP        ((u64)1 << 15)
#define VMXNET3_RCD_RQID_SHIFT 16
#define VMXNET3_RCD_RQID_MASK  0x3ff
/* in word */
#define VMXNET3_RCD_LEN_MASK 0x3fff
#define VMXNET3_RCD_ERR      ((u64)1 << 14)

/* --- shared memory ------------------------------------------------------------------------- */

enum { VMXNET3_MAGIC = (int)0xbabefee1, VMXNET3_REVISION_1 = 1, UPT1_VERSION_1 = 1 };

/* What the guest is: 64 bits, of the kind that takes receive buffers as Linux does. */
enum { VMXNET3_GOS = 2 | 1 << 2 };

enum { UPT1_F_RSS = 2 };
enum { UPT1_IML_NONE = 0, UPT1_IML_ADAPTIVE = 8 };

struct vmxnet3_misc {
	u32 version, gos, vmxnet3_revisions, upt_versions;
	u64 upt_features;
	u64 driver_data_pa, queue_desc_pa;
	u32 driver_data_len, queue_desc_len;
	u32 mtu;
	u16 max_rx_sg;
	u8 tx_queues, rx_queues;
	u32 reserved[4];
};
_Static_assert(sizeof(struct vmxnet3_misc) == 72, "Vmxnet3_MiscConf");

struct vmxnet3_intr {
	u8 auto_mask, count, event;
	u8 level[25];
	u32 control;
	u32 reserved[2];
};
_Static_assert(sizeof(struct vmxnet3_intr) == 40, "Vmxnet3_IntrConf");

enum {
	VMXNET3_RXM_UCAST = 1,
	VMXNET3_RXM_MCAST = 2,
	VMXNET3_RXM_BCAST = 4,
	VMXNET3_RXM_ALL_MULTI = 8,
	VMXNET3_RXM_PROMISC = 16,
};

struct vmxnet3_filter {
	u32 mode;
	u16 multicast_len, pad;
	u64 multicast_pa;
	u32 vlan[128]; /* none: not filtered while promiscuous */
};
_Static_assert(sizeof(struct vmxnet3_filter) == 528, "Vmxnet3_RxFilterConf");

struct vmxnet3_conf {
	u32 version, len;
	u64 pa;
};

enum {
	VMXNET3_ECR_RQERR = 1 << 0,
	VMXNET3_ECR_TQERR = 1 << 1,
	VMXNET3_ECR_LINK = 1 << 2,
	VMXNET3_ECR_DIC = 1 << 3, /* another host's implementation from now on */
};

struct vmxnet3_shared {
	u32 magic, pad;
	struct vmxnet3_misc misc;
	struct vmxnet3_intr intr;
	struct vmxnet3_filter filter;
	struct vmxnet3_conf rss, pm, plugin;
	u32 events; /* written by the device */
	u32 reserved[5];
};
_Static_assert(sizeof(struct vmxnet3_shared) == 736 - 16, "Vmxnet3_DriverShared");

struct vmxnet3_status {
	u8 stopped, pad[3];
	u32 error;
};

struct vmxnet3_txq {
	u32 deferred, threshold;
	u64 reserved0;
	u64 ring_pa, data_pa, comp_pa, driver_data_pa, reserved1;
	u32 ring_size, data_size, comp_size, driver_data_len;
	u8 vector, pad0[7];
	struct vmxnet3_status status;
	u64 stats[10];
	u8 pad1[88];
};
_Static_assert(sizeof(struct vmxnet3_txq) == 256, "Vmxnet3_TxQueueDesc");

struct vmxnet3_rxq {
	u8 update_prod, pad0[7]; /* the device wants RXPROD written */
	u64 reserved0;
	u64 ring_pa[2], comp_pa, driver_data_pa, reserved1;
	u32 ring_size[2], comp_size, driver_data_len;
	u8 vector, pad1[7];
	struct vmxnet3_status status;
	u64 stats[10];
	u8 pad2[88];
};
_Static_assert(sizeof(struct vmxnet3_rxq) == 256, "Vmxnet3_RxQueueDesc");

/* Of a queue's `stats`, in their order: X(name, counter of struct port_nic_counters, or none). */
#define VMXNET3_TX_STATISTICS(X)  \
	X(TSOPktsTxOK, none)      \
	X(TSOBytesTxOK, none)     \
	X(ucastPktsTxOK, none)    \
	X(ucastBytesTxOK, none)   \
	X(mcastPktsTxOK, none)    \
	X(mcastBytesTxOK, none)   \
	X(bcastPktsTxOK, none)    \
	X(bcastBytesTxOK, none)   \
	X(pktsTxError, tx_errors) \
	X(pktsTxDiscard, tx_errors)
/* A frame that has an error is one that does not fit. */
#define VMXNET3_RX_STATISTICS(X)     \
	X(LROPktsRxOK, none)         \
	X(LROBytesRxOK, none)        \
	X(ucastPktsRxOK, none)       \
	X(ucastBytesRxOK, none)      \
	X(mcastPktsRxOK, none)       \
	X(mcastBytesRxOK, none)      \
	X(bcastPktsRxOK, none)       \
	X(bcastBytesRxOK, none)      \
	X(pktsRxOutOfBuf, rx_missed) \
	X(pktsRxError, rx_length)

enum {
	UPT1_RSS_IPV4 = 1,
	UPT1_RSS_TCP_IPV4 = 2,
	UPT1_RSS_IPV6 = 4,
	UPT1_RSS_TCP_IPV6 = 8,
	UPT1_RSS_TOEPLITZ = 1,
	UPT1_RSS_KEY = 40,
	UPT1_RSS_TABLE = 128,
};

struct upt1_rss {
	u16 type, function, key_len, table_len;
	u8 key[UPT1_RSS_KEY];
	u8 table[UPT1_RSS_TABLE];
};
_Static_assert(sizeof(struct upt1_rss) == 176, "UPT1_RSSConf");
