// SPDX-License-Identifier: MIT
/*
 * core: the state of one Queue Group Manager. Private to its own core but for the `inbound` word
 * and the rings it consumes, which other QGMs fill.
 */
#pragma once

#include "qgm/ctl.h"
#include "qgm/plan.h"
#include "qgm/receive.h"
#include "qgm/ring.h"
#include "qgm/sent.h"
#include "qgm/steer/flow.h"
#include "qgm/steer/move.h"
#include "qgm/timer.h"

/* Planted bugs (env_planted), asked once at creation; off the hot path or behind unlikely(). */
#define QGM_PLANTS(X)                                                                    \
	X(NAP_FENCE, "nap-fence") /* sleep without the fence and the second poll */      \
	X(TTL, "ttl")             /* RE */                                               \
	X(CHECKSUM, "checksum")   /* RE */                                               \
	X(ARP, "arp")             /* RE */                                               \
	X(LEAK, "leak")           /* one buffer in 1000 is not given back */             \
	X(COUNT, "count")         /* one drop in 8 is not counted */                     \
	X(REORDER, "reorder")     /* received bursts are reversed */                     \
	X(FDB_STALE, "fdb-stale") /* a station that moves is not learned again */        \
	X(VLAN_TAG, "vlan-tag")   /* the tag of a trunk is not taken off */              \
	X(FDB_VLAN, "fdb-vlan")   /* a station of any VLAN is taken for the right one */ \
	X(STORM, "storm")         /* storm control lets everything in */                 \
	X(JUMBO, "jumbo")         /* jumbo ports get ordinary buffers */                 \
	X(FAULT, "qgm-fault")     /* QGM 1 traps at its 64th received frame */           \
	X(STEER, "steer-mark")    /* steering changes without waiting for the old path */

enum qgm_plant_bit {
#define X(name, text) PLANT_BIT_##name,
	QGM_PLANTS(X)
#undef X
};

enum qgm_plant {
#define X(name, text) PLANT_##name = 1 << PLANT_BIT_##name,
	QGM_PLANTS(X)
#undef X
};

enum {
	QGM_NO_QUEUE = 0xff,
	STEP_MS = 10,      /* port steps while packets flow */
	STEP_IDLE_MS = 50, /* and while the QGM naps */
	TIMERS_PER_TURN = 64,
	CMDS_PER_TURN = 16,
	INJECT_PER_TURN = 64,
	/* Several ports of one QGM may send to one of ours: more than one burst a turn and ring. */
	BURSTS_PER_RING = 4,
	TURN_DRAIN = BURSTS_PER_RING * BURST_MAX,
};

/* One queue pair that this QGM polls. */
struct qgm_queue {
	struct port *port;
	u16 queue;
	bool rx, tx;               /* the port has a queue of that number */
	bool steered;              /* received frames go by `steer` */
	bool polled;               /* and found empty, since the port runs (sleep.c) */
	struct steer_queue *steer; /* NULL without rx, or with one QGM */
	/* Frames handed to the NIC, and of them reclaimed. Run free; other QGMs read them. */
	u32 handed, gone;
	/* Frames that the full Tx queue did not take, in order (output.c); counted as held. */
	struct packet **late;
	u32 late_head, late_tail, late_mask;
};

/* One port that this QGM owns. */
struct qgm_owned {
	struct port *port;
	u64 next_step;
	bool link;       /* as told to the generic side */
	bool want_jumbo; /* its MTU asks for jumbo buffers: restarted when it has others */
	bool restart;    /* stopped for that, or for a reset, only */
	bool dumping;    /* registers are being read, up to regs_next so far */
	u32 regs_next;
	bool leaving; /* stopping: waits until the other QGMs have left the port alone */
	u64 left_at[PORT_QUEUES]; /* their turns when it began */
	struct reta *reta;        /* the NIC's, NULL: it has none */
	u64 reta_queues;          /* members when it was given to the NIC, 0: not yet */
	u32 untold; /* queues whose QGMs are still to be told to drain them, a bit each */
	struct port_flows *flows; /* what the NIC's filters hold, NULL: it has none */
};

/* Frames on their way out of one port, flushed once a turn or when full. */
struct qgm_egress {
	u32 n;
	u32 handed; /* of them through a ring */
	struct packet *pkt[BURST_MAX];
	struct packet *spill[7]; /* eight are stored at once (re/fast_send_avx512.c) */
};

struct qgm {
	/* Read by every stage. */
	u64 now;
	u64 epoch; /* of the root seen last */
	u64 mark;  /* clock at the last stage boundary */
	receive_fn receive;
	sent_fn sent; /* NULL: no wide code for it here */
	struct qgm_counters *c;
	const struct tables *t;
	struct pool_cache *pc;      /* of the own node */
	struct pool_cache *jumbo;   /* the same, of jumbo buffers; NULL: there are none */
	struct qgm_egress **egress; /* by port */
	u64 egress_used;            /* ports with something to flush, a bit each */
	u64 late_queues;            /* queues with late frames, a bit each */
	/* The way of the last frame sent in this turn: what qgm_output() needs not check again. */
	struct qgm_egress *last_egress;
	u16 last_if, last_port;
	u32 plant;
	u32 timed; /* weight of this turn's cycles in the books, 0: not timed (turn.c) */
	u32 last_work;
	u16 id;
	u16 node;
	bool online;
	bool asleep;
	u64 steer_due;     /* clock at which steer_turn() has something to do; ~0: never */
	bool hash_wanted;  /* a module or steering reads packet.hash */
	bool generic_news; /* an event or punted frame since the last flush */
	bool snapshot_due;
	u32 free_n;
	struct packet *free_list[BURST_MAX]; /* packets to give back, one pool */
	void *re, *fe;

	/* Sources. */
	u32 nqueues, nowned;
	struct qgm_queue queue[PORT_MAX];
	struct qgm_owned owned[PORT_MAX];
	u8 queue_of[PORT_MAX];     /* port -> index in queue[] of its Tx queue, QGM_NO_QUEUE */
	u16 tx_by[PORT_MAX];       /* port -> QGM whose Tx queue is used from here */
	struct steer_state *steer; /* NULL: receives nothing, or is alone */
	u64 pending;               /* own view of inbound: rings not yet found empty */
	struct ctl *ctl;
	struct ctl_qgm *door;    /* its words only: the rings are known from here: */
	struct ifcount *ifcount; /* of sub-interfaces */
	struct msg_end cmd, event;
	struct frame_end punt, inject;
	struct qgm_snapshot *snapshot;
	struct ring *in[QGM_MAX]; /* from QGM i, NULL: none */
	struct msgring *msg_in[QGM_MAX];
	struct ring *out[QGM_MAX]; /* to QGM i */
	struct msgring *msg_out[QGM_MAX];
	struct qgm *peer[QGM_MAX];
	u64 out_touched; /* QGMs that got something since the last fence */

	/* Books. */
	struct pool_cache *pcs[POOL_MAX];
	s64 in_nic; /* buffers that drivers hold */
	u64 plant_count;
	struct timer_wheel wheel;
	struct {
		u64 tokens, last; /* cycles of credit; clock of the last refill */
	} meter[PIX_PUNT_CLASSES];
	u64 turn_start;   /* clock at the start of the last turn */
	u64 ms;           /* cycles of a millisecond */
	u64 snapshot_seq; /* of the command to answer, 0: none wanted */
	u64 snapshot_arg; /* number of the snapshot */

	/* Written by other QGMs: which of in[] and msg_in[] got something. */
	u64 inbound __cacheline;
	u8 guard[CACHE_LINE - 8];
} __attribute__((aligned(2 * CACHE_LINE)));

/* Messages from QGM to QGM. */
enum qgm_msg_kind { QGM_MSG_NONE, QGM_MSG_DRAIN /* ifid = port */, QGM_MSG_LEARN };

struct qgm_msg {
	u16 kind; /* enum qgm_msg_kind */
	u16 ifid;
	u16 bridge;
	u16 vid;
	u8 mac[6];
	u8 pad[50];
} __attribute__((aligned(8)));
_Static_assert(sizeof(struct qgm_msg) == 64, "one line");

static inline bool planted(const struct qgm *q, enum qgm_plant bug)
{
	return unlikely(q->plant & bug);
}

/* Start-up: the QGM with that id. Any core of the data plane. */
struct qgm *qgm_get(u16 id);

const struct qgm_plan *qgm_the_plan(void);

/* Producer to another QGM: a message. False when there is no ring or it is full. */
bool qgm_send(struct qgm *q, u16 to, const struct qgm_msg *m);

/* Tell the QGMs (and the generic side) that got something since the last call: one fence, then
 * their bit, then a wake-up if they nap. */
void qgm_ring_bells(struct qgm *q);

/* Give the staged free packets to their pools. */
void qgm_flush_free(struct qgm *q);

/* Give back one buffer; not counted anywhere. */
void qgm_release(struct qgm *q, struct packet *p);

/* A packet that never got a buffer ends: counted as made (or as a copy) and as a drop. */
void qgm_ghost_made(struct qgm *q, enum drop_reason why);

/* --- stages.c: the walk of a burst --- */

/* A burst of one port (in_port, timestamp set) through all stages. Consumes all. */
void stages_run(struct qgm *q, const struct tables *t, struct packet **p, u32 n);

/* The same for a burst as the driver of `port` gave it; returns the bytes of its frames. */
u64 stages_received(struct qgm *q, const struct tables *t, u16 port, struct packet **p, u32 n);

/* parse.c, steer.c: return how many are left (the rest was dropped). */
u32 parse_burst(struct qgm *q, const struct tables *t, struct packet **p, u32 n);

/* A burst as the driver of `port` gave it: in_port and timestamp set, bytes counted. True: it is
 * parsed, too, and nothing was dropped. False: parse_burst() is still to be called. */
bool parse_received(struct qgm *q, const struct tables *t, u16 port, struct packet *const *p, u32 n,
		    u64 *bytes);

/* The same for the frames that are routed without more ado, RE included, when the port has one
 * routed interface and n >= RE_FRESH_MIN: *bytes are theirs. How many are left, in rest[]: for
 * these nothing is done yet, and with RE_FRESH_NOT for none. */
u32 parse_routed(struct qgm *q, const struct tables *t, u16 port, struct packet *const *p, u32 n,
		 struct packet **rest, u64 *bytes);

/* re/input.c: of a burst that came in on a routed interface, as the driver gave it. */
u32 re_received(struct qgm *q, const struct tables *t, const struct receive_mark *m,
		struct packet *const *p, u32 n, struct packet **rest, u64 *bytes);
u32 steer_burst(struct qgm *q, const struct tables *t, struct packet **p, u32 n);

/* The same, computed once a packet. */
static inline u32 packet_hash(struct packet *p)
{
	if (!p->hash)
		p->hash = flow_hash(p);
	return p->hash;
}

/* output.c: frames that another QGM handed over (out_port set), and the flush of a turn. */
void output_handed(struct qgm *q, struct packet *const *p, u32 n);
void output_flush(struct qgm *q);
void output_flush_port(struct qgm *q, u32 port);

/* A frame for p->out_port, known to be up under the current root: into the collection. */
static inline void output_collect(struct qgm *q, struct packet *p)
{
	struct qgm_egress *e = q->egress[p->out_port];

	if (unlikely(e->n - 1 >= BURST_MAX - 1)) { /* empty: its bit is to be set; or full */
		if (e->n)
			output_flush_port(q, p->out_port);
		q->egress_used |= 1ull << p->out_port;
	}
	e->pkt[e->n++] = p;
}

/* Hand n frames to another QGM by its ring: its to send (out_port set), or PACKET_STEERED ones to
 * work on. What finds no room is dropped by name. Consumes all. */
void ring_hand(struct qgm *q, u16 to, struct packet *const *p, u32 n);

/* Late frames, after a reclaim: what the Tx queues take now. */
void output_late(struct qgm *q);

/* punt.c */
void punt_init(struct qgm *q);

/* inject.c: frames from the generic side; returns how many. */
u32 inject_poll(struct qgm *q, const struct tables *t);

/* ports.c: the ports of this QGM: bursts in, buffers back, states. */
u32 ports_poll(struct qgm *q, const struct tables *t);
void ports_reclaim(struct qgm *q);
void ports_step(struct qgm *q);

/* Take back the buffers of our queue of a port that its owner has stopped. */
void ports_drain(struct qgm *q, u16 port);

/* Hand n frames to queue k's NIC; returns how many it took. Keeps the books of buffers. */
u32 port_tx(struct qgm *q, struct qgm_queue *k, struct packet *const *p, u32 n);

/* portflow.c: the NIC's filters. One step of making them what the steering of the port wants; after
 * a start they are empty. NULL: no memory. */
struct port_flows *portflow_create(const struct port *p, u32 node);
void ports_flows(struct qgm *q, struct qgm_owned *o);
void portflow_forget(struct qgm_owned *o);

/* The port this QGM owns, NULL when it does not. */
struct qgm_owned *port_owned(struct qgm *q, u16 port);

/* commands.c */
u32 commands_poll(struct qgm *q);
void snapshot_take(struct qgm *q);

/* The feeders of FE that the loop calls. */
void fe_message(struct qgm *q, const struct tables *t, const struct qgm_msg *m);
void fe_flush(struct qgm *q, u16 ifid);
