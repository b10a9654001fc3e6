// SPDX-License-Identifier: MIT
/*
 * virtio-net over modern PCI: one receive and one transmit virtqueue, no offloads. The header of
 * 12 bytes lies in the packet's headroom right in front of the frame, so that a frame is one
 * descriptor.
 *
 *	vnet_probe.c  boot CPU: capabilities, features, address, interrupt
 *	vnet_start.c  owner QGM: reset, negotiation, queues
 *	vnet_queue.c  owner QGM: bursts; the used rings are the device's words and never trusted
 *	vnet_step.c   owner QGM, every 10 ms: link, the device's cry for a reset, hang
 *
 * A used entry that names no outstanding descriptor, or more bytes than the buffer has, ends
 * the device's session: it is counted as bad_descriptor and the device is reset.
 */
#pragma once

#include "kernel/driver.h"
#include "drivers/net/virtio_net/virtio.h"

enum {
	VNET_RING_MAX = 256,
	VNET_HDR = sizeof(struct virtio_net_hdr),
	VNET_FRAME_MAX = 1518, /* without FCS, one VLAN tag */
	VNET_RXQ = 0,          /* receiveq1, 5.1.2 */
	VNET_TXQ = 1,          /* transmitq1 */
};

enum { VNET_RANGE_COMMON, VNET_RANGE_CONFIG };

enum vnet_phase {
	VNET_DOWN,
	VNET_RESET, /* 0 written to DEVICE_STATUS, waiting to read 0 */
	VNET_UP,
	VNET_DEAD, /* removed, or refused our features: only stop() helps */
};

struct vnet_queue {
	struct virtq_desc *desc;
	struct virtq_avail *avail;
	struct virtq_used *used;
	struct packet **slot; /* packet of each descriptor, NULL: ours */
	u16 *free;            /* descriptors that are ours: a stack */
	u16 size, mask;
	u16 nfree;
	u16 seen;     /* used->idx up to which we looked */
	u16 put;      /* our avail->idx */
	u16 index;    /* VNET_RXQ, VNET_TXQ */
	u32 doorbell; /* offset in the notify range */
	iova_t desc_iova, avail_iova, used_iova;
};

struct vnet {
	struct mmio common, notify, config;
	struct port *port;
	struct device *dev; /* boot CPU only: generic memory */
	struct pool_cache *pc;
	u64 iova_delta; /* of pc's own pool */
	u32 room;       /* bytes a buffer of it takes */
	u32 frame_max;  /* without FCS */
	u8 pool;
	struct dev_irq *irq;
	enum vnet_phase phase;
	bool stopping, resetting;
	bool filled; /* receive buffers were posted: DRIVER_OK makes sense */
	u64 features;
	u32 notify_multiplier;
	u64 deadline; /* 0: set by the next step */
	u64 ms;
	u16 hang_seen;
	u64 hang_since;
	struct packet *dead[BURST_MAX]; /* frames of an impossible length: taken, never sent */
	u32 ndead;
	struct vnet_queue rx, tx;
};

/* vnet_queue.c */
u32 vnet_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max);
u32 vnet_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n);
u32 vnet_reclaim(struct port *p, u32 queue, struct pool_cache *pc);
bool vnet_arm(struct port *p, u32 queue, bool on);
u32 vnet_room(const struct port *p, u32 queue);
u32 vnet_buffers(const struct port *p, u32 queue);
void vnet_queue_clear(struct vnet_queue *q);
/* The device does not own anything any more: all packets back, those to send as aborted. */
void vnet_release(struct vnet *v);

/* vnet_start.c */
int vnet_start(struct port *p, u64 now);
int vnet_stop(struct port *p, u64 now);
void vnet_reset_begin(struct vnet *v);
void vnet_reset_step(struct vnet *v, u64 now);
u64 vnet_device_features(struct vnet *v);

/* vnet_step.c */
int vnet_info_alloc(struct vnet *v); /* probe: registers. 0, -ENOMEM */
u64 vnet_read_reg(struct port *p, u32 i);
void vnet_step(struct port *p, u64 now);
void vnet_link(struct vnet *v);
/* The port is dead; a device that is gone cannot reach our memory: everything back. */
void vnet_fail(struct vnet *v, bool removed);
