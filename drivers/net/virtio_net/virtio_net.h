// SPDX-License-Identifier: MIT
/*
 * virtio-net over modern PCI: a pair of virtqueues for each QGM where the device has them, split or
 * packed, no offloads. The header of 12 bytes lies in the packet's headroom right in front of the
 * frame, so that a frame is one descriptor.
 *
 *	vnet_probe.c   boot CPU: capabilities, features, address, rings, interrupts
 *	vnet_start.c   owner QGM: reset, negotiation, queues, stop
 *	vnet_ctrl.c    owner QGM: the control virtqueue: how many pairs, RSS
 *	vnet_pair.c    each pair's QGM: what both kinds of bursts share
 *	vnet_queue.c   the same: bursts on split virtqueues
 *	vnet_merge.c   the same: receiving frames that lie in several buffers
 *	vnet_packed.c  the same: bursts on packed virtqueues
 *	vnet_step.c    owner QGM, every 10 ms: link, the device's cry for a reset, hang; registers
 *
 * What the device writes into the rings is never trusted. A used entry that names no outstanding
 * descriptor, or more bytes than the buffer has, ends the device's session: it is counted as
 * bad_descriptor, the pair stands still, and the port is reset (port_want_reset).
 *
 * Mergeable buffers cost a look at each frame's header, and a frame that PIX can forward fits one
 * buffer: they are taken only from a device that does not go without.
 */
#pragma once

#include "kernel/driver.h"
#include "drivers/net/virtio_net/virtio.h"

enum {
	VNET_RING_MAX = 256,
	VNET_CTRL_RING = 16,
	VNET_HDR = sizeof(struct virtio_net_hdr),
	VNET_FRAME_MAX = 1518, /* without FCS, one VLAN tag */
	VNET_RETA_MAX = 128,
	VNET_RSS_KEY = 40,
	/* An interrupt is not asked for until that many more entries: event index has no "never".
	 */
	VNET_EVENT_AWAY = 0x8000,
};

enum { VNET_RANGE_COMMON, VNET_RANGE_CONFIG };

enum vnet_phase {
	VNET_DOWN,
	VNET_RESET, /* 0 written to DEVICE_STATUS, waiting to read 0 */
	VNET_CTRL,  /* DRIVER_OK, waiting for an answer of the control queue */
	VNET_UP,
	VNET_DEAD, /* removed, or refused our features: only stop() helps */
};

struct vnet_queue {
	union {
		struct virtq_desc *desc;
		struct pvirtq_desc *packed;
	};
	union {
		struct virtq_avail *avail;
		struct pvirtq_event *ours; /* packed: when the device is to interrupt */
	};
	union {
		struct virtq_used *used;
		struct pvirtq_event *theirs; /* packed: when it wants a doorbell */
	};
	struct packet **slot; /* packet of each descriptor (id), NULL: ours */
	u16 *free;            /* descriptors (ids) that are ours: a stack */
	u16 size, mask;
	u16 nfree;
	u16 seen;       /* used->idx up to which we looked; packed: the next used position */
	u16 put;        /* our avail->idx; packed: the next position to fill */
	u16 used_flags; /* packed: AVAIL and USED of an entry at `seen` that is used */
	u16 put_flags;  /* packed: those of an entry at `put` that is the device's */
	u16 event_at;   /* event index: `seen` when used_event was put far away */
	bool event;     /* F_EVENT_IDX */
	u16 index;      /* of the virtqueue */
	u32 doorbell;   /* offset in the notify range */
	iova_t desc_iova, avail_iova, used_iova;
};

/* A receive and a transmit queue, used by one QGM. */
struct vnet_pair {
	struct vnet_queue rx, tx;
	struct pool_cache *pc;
	u64 iova_delta; /* of pc's own pool */
	u32 room;       /* bytes a buffer of it takes */
	u32 frame_max;  /* without FCS */
	u8 pool;
	bool up;     /* started, and the device has not lied */
	bool filled; /* receive buffers were posted */
	bool merge;  /* F_MRG_RXBUF */
	struct port_queue_counters *count;
	struct mmio notify;
	struct port *port;
	struct packet *dead[BURST_MAX]; /* frames of an impossible length: taken, never sent */
	u32 ndead;
} __cacheline;

/* What a command of the control queue is made of: one piece of DMA memory. */
struct vnet_command {
	u8 class, cmd;
	u8 ack;
	u8 pad;
	u32 len;
	u8 data[2 * VNET_RETA_MAX + VNET_RSS_KEY + 16] __attribute__((aligned(8)));
};

struct vnet {
	struct vnet_pair pair[PORT_QUEUES];
	struct mmio common, notify, config;
	struct port *port;
	struct device *dev; /* boot CPU only: generic memory */
	enum vnet_phase phase;
	bool stopping;
	u64 offered, features;
	u16 npairs;    /* that have rings */
	u16 max_pairs; /* of the device: where the control queue lies behind */
	u16 vectors;   /* pairs whose MSI-X entry was attached */
	u32 notify_multiplier;
	u64 deadline; /* 0: set by the next step */
	u64 ms;
	struct vnet_queue ctrl;
	struct vnet_command *command;
	iova_t command_iova;
	bool ctrl_busy; /* an answer is owed */
	bool reta_owed; /* the table changed meanwhile */
	u64 ctrl_since;
	u32 hash_types;
	u8 reta[VNET_RETA_MAX];
	struct {
		u32 seen;
		u64 since; /* 0: not waiting */
	} hang[PORT_QUEUES];
};

static inline bool vnet_has(const struct vnet *v, u32 feature)
{
	return v->features >> feature & 1;
}

/* 2.7.10: has an index that moved from `old` to `now` passed `event`? */
static inline bool vnet_need_event(u16 event, u16 now, u16 old)
{
	return (u16)(now - event - 1) < (u16)(now - old);
}

static inline void vnet_use_pool(struct vnet_pair *k, struct pool_cache *pc)
{
	if (unlikely(k->pc != pc)) {
		k->pc = pc;
		k->room = pool_room(pc);
	}
}

/* The device broke the protocol: nothing it says about this pair counts any more. */
static inline void vnet_broken(struct vnet_pair *k)
{
	counter_add(&k->count->bad_descriptor, 1);
	k->up = false;
	port_want_reset(k->port);
}

/* vnet_pair.c: port_ops of both kinds */
u32 vnet_room(const struct port *p, u32 queue);
u32 vnet_buffers(const struct port *p, u32 queue);

/* vnet_queue.c: port_ops of split virtqueues */
u32 vnet_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max);
u32 vnet_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n);
u32 vnet_reclaim(struct port *p, u32 queue, struct pool_cache *pc);
bool vnet_arm(struct port *p, u32 queue, bool on);
u32 vnet_drain(struct port *p, u32 queue, struct pool_cache *pc);
void vnet_queue_clear(struct vnet_queue *q);
void vnet_publish(struct vnet_pair *k, struct vnet_queue *q, u16 old);
void vnet_rx_post(struct vnet_pair *k, const u16 *id, struct packet *const *pkts, u32 n);

/* vnet_merge.c: as the collector of vnet_rx; frames in several buffers become one. */
u32 vnet_rx_merge(struct vnet_pair *k, struct pool_cache *pc, struct packet **pkts, u32 max,
		  bool *lie);

/* vnet_packed.c: port_ops of packed ones */
u32 vnet_packed_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max);
u32 vnet_packed_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n);
u32 vnet_packed_reclaim(struct port *p, u32 queue, struct pool_cache *pc);
bool vnet_packed_arm(struct port *p, u32 queue, bool on);
u32 vnet_packed_drain(struct port *p, u32 queue, struct pool_cache *pc);
void vnet_packed_clear(struct vnet_queue *q);
void vnet_packed_publish(struct vnet_queue *q, const struct mmio *notify, u16 n);

/* vnet_start.c: port_ops start and stop */
int vnet_start(struct port *p, u64 now);
int vnet_stop(struct port *p, u64 now);
u64 vnet_device_features(struct vnet *v);

/* vnet_ctrl.c */
void vnet_spread(struct port *p, const struct reta *r);
/* How the device is to use the pairs; vnet_ctrl_step() says how it went. */
void vnet_ctrl_begin(struct vnet *v, u64 now);
/* The table as spread() left it; nothing may be owed. */
void vnet_ctrl_table(struct vnet *v, u64 now);
/* 0: nothing is owed, -EAGAIN, -EPROTO: refused or nonsense, -ETIMEDOUT. */
int vnet_ctrl_step(struct vnet *v, u64 now);

/* vnet_step.c */
int vnet_info_alloc(struct vnet *v); /* probe: registers. 0, -ENOMEM */
u64 vnet_read_reg(struct port *p, u32 i);
void vnet_step(struct port *p, u64 now);
void vnet_link(struct vnet *v);
