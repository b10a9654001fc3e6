// SPDX-License-Identifier: MIT
/*
 * The control block: what the generic partition and the QGMs exchange. Message rings of 64-byte
 * messages by value, frame rings of fixed slots by value (the frame is copied: nobody outside
 * of the engine ever holds an engine buffer), the root of the tables, sleep words.
 *
 *	            generic partition                       QGM i
 *	 cmd:     producer  ---- struct ctl_cmd ---->     consumer
 *	 event:   consumer  <--- struct pix_event ---     producer
 *	 punt:    consumer  <--- struct frame_slot --     producer
 *	 inject:  producer  ---- struct frame_slot -->    consumer
 *	 snap:    reader    <--- counters copied at one quiescent point
 *
 * Version and checksum cover the constant part, so that a restarted generic partition can attach.
 */
#pragma once

#include "qgm/atomic.h"
#include "qgm/qgm.h"

enum { CTL_MAGIC = 0x43584950 /* "PIXC" */, CTL_VERSION = 1 };

enum ctl_cmd_kind {
	CTL_NONE,
	CTL_PORT_START,   /* a = port */
	CTL_PORT_STOP,    /* a = port */
	CTL_PORT_MTU,     /* a = port, b = largest MTU of its interfaces: restarts it if need be */
	CTL_PORT_PROMISC, /* a = port, b = on */
	CTL_PORT_VLANS,   /* a = port, arg[0..5] = words b .. b + 5 of its port.vlans */
	CTL_SNAPSHOT,     /* copy counters into the snapshot at this quiescent point */
	CTL_NEIGH_FAILED, /* a = ifid, arg[0..1] = address: drop what waits for it */
	CTL_FDB_FLUSH,    /* a = ifid, 0 = all */
	CTL_PORT_REGS, /* a = port: read its registers; answers the `rounds` that will have them */
};

enum { CTL_ARGS = 6 };

struct ctl_cmd {
	u16 kind;
	u16 a;
	u32 b;
	u64 seq; /* answered by PIX_EV_ACK with this seq; 0 = no answer wanted */
	u64 arg[CTL_ARGS];
};
_Static_assert(sizeof(struct ctl_cmd) == 64, "one line");
_Static_assert(sizeof(struct pix_event) == 64, "one line");

/* SPSC ring of 64-byte messages by value. Same index rules as struct ring. */
struct msgring {
	u32 head, tail_cached;
	u8 pad0[2 * CACHE_LINE - 8];
	u32 tail, head_cached;
	u8 pad1[2 * CACHE_LINE - 8];
	u32 mask;
	u8 pad2[CACHE_LINE - 4];
	u8 slot[][64];
} __cacheline;

size_t msgring_bytes(u32 slots);
int msgring_init(struct msgring *r, u32 slots);
bool msgring_put(struct msgring *r, const void *msg64); /* producer; false when full */
bool msgring_get(struct msgring *r, void *msg64);       /* consumer; false when empty */
u32 msgring_room(struct msgring *r);                    /* producer: free slots, at least */
bool msgring_empty(const struct msgring *r);            /* consumer */

/*
 * One end of a message ring in memory that the other side may scribble over: where it is and how
 * large, kept where only we write. From the ring itself come positions, which are masked, and
 * contents; nothing there can make us look outside of it. Same roles as above.
 */
struct msg_end {
	struct msgring *ring;
	u32 mask;
};

struct msg_end msg_end(struct msgring *r); /* boot, right after msgring_init() */
bool msg_end_put(const struct msg_end *e, const void *msg64);
bool msg_end_get(const struct msg_end *e, void *msg64);
u32 msg_end_room(const struct msg_end *e);

/* SPSC ring of frame slots by value. The consumer of an untrusted producer copies the header
 * once and checks len before use. */
enum { FRAME_SLOT_DATA = 2032 };

struct frame_slot {
	u16 len;  /* bytes in data, at most FRAME_SLOT_DATA */
	u16 ifid; /* ingress interface (punt), egress interface (raw inject) */
	u16 port;
	u8 cls; /* enum pix_punt_class (punt); enum inject_kind (inject) */
	u8 pad;
	u32 vrf;
	u32 pad2;
	u8 data[FRAME_SLOT_DATA];
};
_Static_assert(sizeof(struct frame_slot) == 2048, "slot size");

enum inject_kind {
	INJECT_FRAME, /* whole Ethernet frame, sent as it is on ifid (ARP) */
	INJECT_IP,    /* IPv4 or IPv6 packet without L2 header, routed by the RE in vrf; ifid: the
			 link of a link-local or IPv6 multicast destination, else 0 */
};

struct framering {
	u32 head, tail_cached;
	u8 pad0[2 * CACHE_LINE - 8];
	u32 tail, head_cached;
	u8 pad1[2 * CACHE_LINE - 8];
	u32 mask;
	u8 pad2[CACHE_LINE - 4];
	struct frame_slot slot[];
} __cacheline;

size_t framering_bytes(u32 slots);
int framering_init(struct framering *r, u32 slots);
struct frame_slot *framering_reserve(struct framering *r); /* producer: slot to fill, NULL full */
void framering_commit(struct framering *r);                /* producer: publish it */
const struct frame_slot *framering_peek(struct framering *r); /* consumer: oldest, NULL empty */
void framering_release(struct framering *r);                  /* consumer: done with it */
bool framering_empty(const struct framering *r);              /* consumer */

/* One end of it, as struct msg_end. */
struct frame_end {
	struct framering *ring;
	u32 mask;
};

struct frame_end frame_end(struct framering *r);
struct frame_slot *frame_end_reserve(const struct frame_end *e);
const struct frame_slot *frame_end_peek(const struct frame_end *e);

struct qgm_snapshot {
	u64 seq;
	struct qgm_counters counters;
	/*
	 * The buffers of this QGM at the same quiescent point, over all pools. What it took from
	 * the pools' shared rings and got from other QGMs is somewhere:
	 *	taken - returned + ring_in - ring_out = cached + in_nic + held
	 * which is exact at any time; over all QGMs, sum(taken - returned) + free in the shared
	 * rings = size of the pools.
	 */
	u64 in_nic; /* buffers of this QGM's queues: posted to Rx and waiting in Tx */
	u64 cached; /* free buffers in its pool caches */
	u64 taken, returned;
	s64 buffer_difference; /* left minus right of the above: 0 */
	u32 pools;             /* entries of pool[] */
	struct {
		u32 size, buffer_size, node;
		u32 ring_free; /* in the shared ring, at that moment */
		u32 cached;
		s32 taken; /* taken minus returned by this QGM */
	} pool[POOL_MAX];
	u64 pool_empty, mpmc_stalls; /* see struct pool_ledger */
};

/* Per QGM, made at boot by qgm_create(). */
struct ctl_qgm {
	u32 napping __cacheline; /* written by the QGM; producers read it after a full fence */
	u32 up;                  /* 1 running, 0 down or not started */
	u64 heartbeat;           /* clock of the last quiescent point */
	struct msgring *cmd __cacheline;
	struct msgring *event;
	struct framering *punt;
	struct framering *inject;
	struct qgm_counters *counters; /* ENV_COUNTERS */
	struct qgm_snapshot *snapshot; /* ENV_COUNTERS */
	struct ifcount *ifcount;       /* ENV_COUNTERS; IFCOUNTS, of sub-interfaces */
	const struct fdb *fdb;         /* ENV_COUNTERS; of the bridges this QGM owns, or NULL */
};

enum { CTL_REGIONS = 16 };

/* A piece of physical memory that belongs to the data plane: no fresh heap may be made over it. */
struct ctl_region {
	u64 base, len; /* bytes */
	u32 node, reserved;
};

struct ctl {
	u32 magic, version;
	u32 qgm_count;
	u32 checksum; /* of the constant part; ctl_checksum() */
	u32 region_count;
	struct ctl_region region[CTL_REGIONS];
	struct tables_writer *writer;          /* ENV_ARENA: the table writer's state */
	const struct tables *root __cacheline; /* the generic side stores with release */
	u64 epoch; /* of root; for who may not look into the root because it is offline */
	u32 generic_napping __cacheline; /* generic side sleeps on events */
	struct ctl_qgm qgm[QGM_MAX];
};

/* Start-up, before ctl_seal(): list a piece of the data plane's memory. -28 (ENOSPC) when full. */
int ctl_add_region(u64 base, u64 len, u32 node);

/* The one control block; made by ctl_init() at boot before any qgm_create(). 0, -ENOMEM. */
struct ctl *ctl_block(void);
int ctl_init(void);

/* Checksum of the constant part: what a restarted generic partition must find unchanged. */
u32 ctl_checksum(const struct ctl *c);

/* Boot: the constant part is complete; and later: does it still hold? */
void ctl_seal(void);
bool ctl_valid(const struct ctl *c);
