// SPDX-License-Identifier: MIT
/*
 * Virtio 1.2 over PCI (OASIS "Virtual I/O Device (VIRTIO) Version 1.2"): registers of 4.1.4, split
 * virtqueues of 2.7, the network device's layout of 5.1.4 and 5.1.6. Names as there, in capitals.
 * Offsets were compared with Linux's virtio_pci.h and virtio_net.h and DPDK's virtio_pci.h.
 */
#pragma once

#include "qgm/compiler.h"

/* X(name, offset, bits, access, text): struct virtio_pci_common_cfg, 4.1.4.3 */
#define VIRTIO_COMMON_REGISTERS(X)                                                  \
	X(DEVICE_FEATURE_SELECT, 0x00, 32, RW, "which half of the features")        \
	X(DEVICE_FEATURE, 0x04, 32, RO, "features the device offers")               \
	X(DRIVER_FEATURE_SELECT, 0x08, 32, RW, "which half of ours")                \
	X(DRIVER_FEATURE, 0x0c, 32, RW, "features we take")                         \
	X(CONFIG_MSIX_VECTOR, 0x10, 16, RW, "MSI-X entry of configuration changes") \
	X(NUM_QUEUES, 0x12, 16, RO, "virtqueues there are")                         \
	X(DEVICE_STATUS, 0x14, 8, RW, "progress of the driver; 0 resets")           \
	X(CONFIG_GENERATION, 0x15, 8, RO, "changes with the device configuration")  \
	X(QUEUE_SELECT, 0x16, 16, RW, "virtqueue of the registers below")           \
	X(QUEUE_SIZE, 0x18, 16, RW, "entries; 0: no such queue")                    \
	X(QUEUE_MSIX_VECTOR, 0x1a, 16, RW, "its MSI-X entry")                       \
	X(QUEUE_ENABLE, 0x1c, 16, RW, "1: the device may use it")                   \
	X(QUEUE_NOTIFY_OFF, 0x1e, 16, RO, "its doorbell, in multiples")             \
	X(QUEUE_DESC, 0x20, 64, RW, "descriptor table")                             \
	X(QUEUE_DRIVER, 0x28, 64, RW, "available ring")                             \
	X(QUEUE_DEVICE, 0x30, 64, RW, "used ring")

enum virtio_common_reg {
#define X(name, off, bits, access, text) VIRTIO_##name = (off),
	VIRTIO_COMMON_REGISTERS(X)
#undef X
		VIRTIO_COMMON_BYTES = 0x38,
};

/* struct virtio_net_config, 5.1.4 */
#define VIRTIO_NET_REGISTERS(X)                                            \
	X(MAC, 0x00, 48, RO, "station address")                            \
	X(STATUS, 0x06, 16, RO, "link, with F_STATUS")                     \
	X(MAX_PAIRS, 0x08, 16, RO, "queue pairs, with F_MQ or F_RSS")      \
	X(MTU, 0x0a, 16, RO, "largest MTU, with F_MTU")                    \
	X(RSS_MAX_KEY_SIZE, 0x11, 8, RO, "bytes of its key, with F_RSS")   \
	X(RSS_MAX_TABLE, 0x12, 16, RO, "entries of its table, with F_RSS") \
	X(HASH_TYPES, 0x14, 32, RO, "what it can hash, with F_RSS")

enum virtio_net_reg {
#define X(name, off, bits, access, text) VIRTIO_NET_##name = (off),
	VIRTIO_NET_REGISTERS(X)
#undef X
};
enum { VIRTIO_NET_S_LINK_UP = 1 };

/* Capabilities, 4.1.4: offsets in configuration space from the vendor capability. */
enum {
	VIRTIO_CAP_TYPE = 3,
	VIRTIO_CAP_BAR = 4,
	VIRTIO_CAP_OFFSET = 8,
	VIRTIO_CAP_LENGTH = 12,
	VIRTIO_CAP_NOTIFY_MULTIPLIER = 16,
};
enum { VIRTIO_CAP_COMMON_CFG = 1, VIRTIO_CAP_NOTIFY_CFG = 2, VIRTIO_CAP_DEVICE_CFG = 4 };

enum {
	VIRTIO_ACKNOWLEDGE = 1,
	VIRTIO_DRIVER = 2,
	VIRTIO_DRIVER_OK = 4,
	VIRTIO_FEATURES_OK = 8,
	VIRTIO_DEVICE_NEEDS_RESET = 64,
	VIRTIO_FAILED = 128,
	VIRTIO_REMOVED = 0xff,
};
enum { VIRTIO_MSI_NO_VECTOR = 0xffff };

/* Feature bits. */
enum {
	VIRTIO_NET_F_MTU = 3,
	VIRTIO_NET_F_MAC = 5,
	VIRTIO_NET_F_MRG_RXBUF = 15,
	VIRTIO_NET_F_STATUS = 16,
	VIRTIO_NET_F_CTRL_VQ = 17,
	VIRTIO_NET_F_MQ = 22,
	VIRTIO_F_EVENT_IDX = 29,
	VIRTIO_F_VERSION_1 = 32,
	VIRTIO_F_RING_PACKED = 34,
	VIRTIO_NET_F_RSS = 60,
};

/* --- split virtqueue, 2.7 ------------------------------------------------------------------- */

struct virtq_desc {
	u64 addr;
	u32 len;
	u16 flags;
	u16 next;
};
enum { VIRTQ_DESC_F_NEXT = 1, VIRTQ_DESC_F_WRITE = 2 };

/* Behind ring[size]: used_event, with F_EVENT_IDX; and avail_event behind that of the used ring. */
struct virtq_avail {
	u16 flags;
	u16 idx;
	u16 ring[];
};
enum { VIRTQ_AVAIL_F_NO_INTERRUPT = 1 };

struct virtq_used_elem {
	u32 id;
	u32 len;
};

struct virtq_used {
	u16 flags;
	u16 idx;
	struct virtq_used_elem ring[];
};
enum { VIRTQ_USED_F_NO_NOTIFY = 1 };

/* --- packed virtqueue, 2.8 ------------------------------------------------------------------ */

struct pvirtq_desc {
	u64 addr;
	u32 len;
	u16 id;
	u16 flags;
};
_Static_assert(sizeof(struct pvirtq_desc) == sizeof(struct virtq_desc), "the same memory");
/* The driver's turn says AVAIL = its wrap counter, USED = not; the device's makes both the same. */
enum { PVIRTQ_DESC_F_AVAIL = 1 << 7, PVIRTQ_DESC_F_USED = 1 << 15 };

struct pvirtq_event {
	u16 desc; /* position in 14:0, its wrap counter in 15 */
	u16 flags;
};
enum { PVIRTQ_EVENT_ENABLE, PVIRTQ_EVENT_DISABLE, PVIRTQ_EVENT_DESC };

/* --- control virtqueue, 5.1.6.5 -------------------------------------------------------------- */

enum {
	VIRTIO_NET_CTRL_MQ = 4, /* class */
	VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET = 0,
	VIRTIO_NET_CTRL_MQ_RSS_CONFIG = 1,
	VIRTIO_NET_OK = 0,
};

/* 5.1.6.4.3 */
enum {
	VIRTIO_NET_HASH_TYPE_IPv4 = 1 << 0,
	VIRTIO_NET_HASH_TYPE_TCPv4 = 1 << 1,
	VIRTIO_NET_HASH_TYPE_UDPv4 = 1 << 2,
	VIRTIO_NET_HASH_TYPE_IPv6 = 1 << 3,
	VIRTIO_NET_HASH_TYPE_TCPv6 = 1 << 4,
	VIRTIO_NET_HASH_TYPE_UDPv6 = 1 << 5,
};

/* struct virtio_net_hdr, 5.1.6: with VERSION_1 num_buffers is always there. All zero to send. */
struct virtio_net_hdr {
	u8 flags;
	u8 gso_type;
	u16 hdr_len;
	u16 gso_size;
	u16 csum_start;
	u16 csum_offset;
	u16 num_buffers;
};
_Static_assert(sizeof(struct virtio_net_hdr) == 12, "5.1.6");
