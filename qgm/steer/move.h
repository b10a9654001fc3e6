// SPDX-License-Identifier: MIT
/*
 * move: how a receiving QGM goes from one steering to the next (steer.h), and the state that it
 * keeps for that. All of it is the QGM's own; functions are for its core only unless said
 * otherwise.
 */
#pragma once

#include "qgm/qgm.h"
#include "qgm/steer/steer.h"

/* Steering of one Rx queue. */
struct steer_queue {
	struct steer cur;  /* in force */
	struct steer next; /* while moving */
	/* Frames whose worker changes, in the order received. */
	struct packet **wait;
	u32 head, tail, mask;
};

/* What must have passed before the new path may be used. */
enum marker_phase {
	MARKER_WORKERS, /* receiver -> worker: taken from the rings, and worked on */
	MARKER_OWNERS,  /* worker -> owner of the port out: handed to its Tx queue */
	MARKER_LATE,    /* several Tx queues to a port: nothing old behind a full one */
	MARKER_SENT,    /* and all of it is sent */
	MARKER_DONE,
};

struct marker {
	u8 phase;                         /* enum marker_phase */
	u64 todo;                         /* QGMs that have not passed */
	u64 since;                        /* clock at the beginning of the phase */
	u64 turns[QGM_MAX];               /* of each QGM when it began */
	u32 index[PORT_MAX][PORT_QUEUES]; /* of each Tx queue: frames late, handed */
};

struct steer_state {
	bool moving;
	u64 live; /* QGMs that were up when `cur` was made */
	/* Flow rules of all queues: [at] in force, the other one while moving. */
	struct steer_rules *rules[2];
	u8 at;
	struct marker marker;
};

/* Boot: memory for a QGM that receives; for one of its queues. NULL: none left. */
struct steer_state *steer_state_create(u32 node);
struct steer_queue *steer_queue_create(u16 self, u32 slots, u32 node);

/* A new root: does it want other steering? */
void steer_epoch(struct qgm *q, const struct tables *t);

/* q->steer_due has come: QGMs that came or went, and the next step of a move. */
void steer_turn(struct qgm *q, const struct tables *t);

/* A received burst of a steered queue: to the workers. Consumes all. */
void steer_input(struct qgm *q, const struct tables *t, struct steer_queue *s, struct packet **p,
		 u32 n);

/* The frame's worker is about to change: it waits, or is dropped as steer_full. */
void steer_wait(struct qgm *q, struct steer_queue *s, struct packet *p);

/* These QGMs are down: their flows go to others at once. */
void steer_lost(struct qgm *q, u64 down);
