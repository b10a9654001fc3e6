// SPDX-License-Identifier: MIT
/*
 * A model of a virtio 1.x network device behind PCI, from the OASIS specification: capabilities in
 * configuration space, the status machine (model_virtio.c); split and packed virtqueues, event
 * index, mergeable buffers, the control queue with RSS (model_virtqueue.c); no offloads. Checks the
 * driver at each step, and lies in the used rings on command.
 */
#pragma once

#include "tests/unit/drivers/rig.h"

enum { VQ_PAIRS = 8, VQ_MAX = 2 * VQ_PAIRS + 1, VQ_CHAIN = 4, VQ_TABLE = 128 };

/* Feature bits that tests add to those that are always offered. */
#define MODEL_MRG    (1ull << 15)
#define MODEL_CTRL   (1ull << 17)
#define MODEL_MQ     (1ull << 22)
#define MODEL_EVENT  (1ull << 29)
#define MODEL_PACKED (1ull << 34)
#define MODEL_RSS    (1ull << 60)

struct vq {
	u16 size, vector, enabled;
	u64 desc, avail, used;
	u16 seen; /* of the available ring; packed: position */
	u16 used_at;
	bool wrap, used_wrap; /* packed */
	u32 kicks;
	/* A buffer that was taken and waits for a later frame. */
	bool kept;
	u32 kept_id, kept_len;
	u64 kept_addr;
};

struct model_virtio {
	struct model m; /* first */
	u64 offered;    /* features */
	u64 taken;
	u64 wanted; /* FEATURES_OK does not stick without these */
	u32 feature_sel, driver_sel;
	u8 status;
	u8 generation;
	bool unstable; /* the generation moves at each read */
	bool refuse;   /* FEATURES_OK does not stick */
	bool polls;    /* asks for no doorbells */
	bool mute;     /* the control queue does not answer */
	u8 nack;       /* what it answers: 0 is good */
	u16 mtu;
	u16 queue_max;
	u16 selected;
	u16 pairs;     /* there are */
	u16 set_pairs; /* as told by the control queue, 0: not yet */
	u16 table_len;
	u16 table[VQ_TABLE];
	u32 commands;
	u32 part; /* mergeable buffers: so many bytes in each, 0: as many as go in */
	struct vq q[VQ_MAX];
	/* Lies in the next receive entries: -1 none. */
	s64 lie_id, lie_len;
	int lie_index;   /* added to used.idx */
	int lie_buffers; /* added to num_buffers */
	s64 lie_tx_id;   /* in the next transmit entries */
	bool tx_twice;   /* each of them is there twice */
	bool tx_lost;    /* what is sent is never used */
	bool swap;       /* the next buffer is kept for the frame after */
	/* In so many entries (0: until taken back); how often one of these happened, and how often
	 * the driver read that a reset is needed. */
	u64 left, hits, status_hits;
	u32 hash_at; /* byte of a frame that is its hash */
	u32 reads;
	bool needs_reset;
};

struct model *model_virtio(void);
/* As when it is plugged in again. */
void model_virtio_reset(struct model *m);
/* The same with these features besides, and that many pairs. */
struct model *model_virtio_with(u64 features, u16 pairs);
/* Write one used entry of queue q as it is. */
void model_virtio_used(struct model_virtio *d, u32 q, u32 id, u32 len);
/* Which receive queue (pair) has a frame by the table: one byte of it is the hash. */
u32 model_virtio_pair(const struct model_virtio *d, const u8 *frame);

/* model_virtqueue.c */
void model_virtqueue_reset(struct model_virtio *d);
void model_virtqueue_kick(struct model_virtio *d, u32 q);
void model_virtqueue_transmit(struct model *m);
bool model_virtqueue_inject(struct model *m, const u8 *f, u32 len);
