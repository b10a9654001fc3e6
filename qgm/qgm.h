// SPDX-License-Identifier: MIT
/*
 * qgm: the Queue Group Manager of one core. One loop, run to completion:
 *
 *	poll own Rx rings and inbound rings -> bursts -> stages -> Tx rings -> reclaim
 *	-> port steps -> control messages -> timers -> quiescent point
 *
 * Stages (qgm/stages.c has the one table):
 *
 *	rx -> parse -> steer -> [ingress] -> FE or RE -> [forward] -> rewrite -> [egress] -> tx
 *	                 |                     +-> punt        +-> ICMP errors
 *	                 +-> ring of the owner QGM
 *
 * Ownership rule inside the engine: a function that takes packets always consumes them: it
 * passes each on, drops it with a reason (qgm_drop), consumes it, or queues it.
 *
 * The conservation law, exact at each quiescent point:
 *	rx + ring_in + made + copies = tx + ring_out + drops + consumed + held
 */
#pragma once

#include "qgm/drop.h"
#include "qgm/tables.h"
#include "libc/include/pix/net.h"

enum { QGM_MAX = 64 };

/* Written by the QGM alone, in ENV_COUNTERS memory; anyone may read. Own lines. */
struct qgm_counters {
	u64 epoch; /* epoch of the root seen at the last quiescent point; ~0 while offline */
	u64 turns; /* loop turns */
	u64 turns_empty;
	u64 busy_cycles; /* of turns with work; as those of the stages a sample under load (turn.c)
			  */
	u64 total_cycles;
	u64 gap_max; /* longest time between two polls, cycles */
	u64 rx, ring_in, made, copies;
	u64 tx, ring_out, consumed, held;
	u64 steered;                  /* received here, handed to another QGM to work on */
	u64 flow_hits[PIX_FLOWS_MAX]; /* received here and steered by a flow rule, by its `count` */
	u64 steer_moves;              /* changes of steering that are in force */
	u64 drops[DROP_COUNT];
	u64 punted[PIX_PUNT_CLASSES];
	struct {
		u64 packets, cycles;
	} stage[PIX_STAGES];
	/* A packet keeps its ingress port: rx + copies = tx + drop + consumed + held, over all
	 * QGMs. */
	struct {
		u64 rx, rx_bytes, copies, tx, dropped, consumed, held; /* by ingress port */
		u64 out, out_bytes; /* by egress port: handed to the NIC */
	} port[PORT_MAX];
} __cacheline;

struct qgm; /* qgm/core.h has the fields; stages use the functions below */

/*
 * --- for the boot code and the environment ------------------------------------------------
 *
 * Boot CPU, in this order:	ctl_init()
 *				port_register() by drivers, for every NIC port
 *				qgm_setup()
 *				control_init() (qgm/control.h)
 *				qgm_create() for each QGM 0..nqgm-1
 *				qgm_assign_ports()
 * then on each QGM's core:	qgm_turn() for ever, with naps as the idle policy says
 * A port runs after CTL_PORT_START to its owner.
 */

/* Plan the memory (qgm/plan.h) for `nqgm` QGMs and the ports registered so far, out of `dp_bytes`
 * of the region still free; make pool, arena and the first root. 0, -ENOMEM, -EINVAL. */
int qgm_setup(u64 dp_bytes, u32 nqgm);

/* Boot: make QGM `id` on NUMA node `node`. NULL when memory runs out. */
struct qgm *qgm_create(u16 id, u32 node);

/* Deal the ports: port i to QGM (i - 1) mod nqgm, its further queues to the QGMs after that one;
 * make the rings between QGMs that this needs. Seals the control block. 0, -ENOMEM. */
int qgm_assign_ports(void);

/* One turn of the loop, on the QGM's core (the first brings it online: ctl's `up`). Returns the
 * packets and messages it handled (0 = idle turn). */
u32 qgm_turn(struct qgm *q);

/*
 * The sleep protocol: qgm_sleep_begin() publishes napping, full fence, arms the ports' interrupts
 * and polls every source once more; true: sleep now (cycles until the next timer in *deadline, ~0
 * when none), false: there is work, do not. qgm_sleep_end() ends it and reloads the root.
 */
bool qgm_sleep_begin(struct qgm *q, u64 *deadline);
void qgm_sleep_end(struct qgm *q);

/* --- for stages (the QGM's own core only) -------------------------------------------------- */

/* End a packet with a reason, counted for this QGM and its ingress port; the buffer goes back. */
void qgm_drop(struct qgm *q, struct packet *p, enum drop_reason why);

/* End a packet that was delivered or answered (consumed). */
void qgm_consume(struct qgm *q, struct packet *p);

/* Copy to the generic partition under a class, then consume; or drop as punt_rate/punt_full. */
void qgm_punt(struct qgm *q, struct packet *p, enum pix_punt_class cls);

/* Account the cycles since the last mark, and `packets`, to a stage; sets the mark. Once per burst.
 * Packets are exact, cycles an unbiased sample while there is much to do. */
void qgm_stage(struct qgm *q, enum pix_stage stage, u32 packets);

/* A fresh packet under the host pseudo-port, counted as made; NULL (counted by the caller as
 * no_buffer on the packet it answers) when the pool is dry. data has headroom, len 0. */
struct packet *qgm_make(struct qgm *q);

/* The same with room for a frame of `bytes`, qgm_make_room() at most. */
struct packet *qgm_make_for(struct qgm *q, u32 bytes);
u32 qgm_make_room(const struct qgm *q);

/* Bytes from p->data to the end of its buffer. */
u32 qgm_room(const struct qgm *q, const struct packet *p);

/* A copy of p for another output, counted; NULL and a no_buffer drop on that copy when dry. */
struct packet *qgm_copy(struct qgm *q, const struct packet *p);

/* The last stage: p->out_if is set and the frame's L2 header is written. Egress hook, then the
 * Tx queue of this QGM or the ring to the owner of the port. */
void qgm_output(struct qgm *q, const struct tables *t, struct packet *p);

/* The same for a caller that knows from the current root that the interfaces are bound and up
 * (resolved adjacencies); out_port is set. Consumes all. */
void qgm_output_burst(struct qgm *q, struct packet *const *p, u32 n);

/* The same for 1 to BURST_MAX frames that all go out of one interface, whose port is `port`: out_if
 * and out_port are set here, where somebody reads them. */
void qgm_output_way(struct qgm *q, u16 ifid, u16 port, struct packet *const *p, u32 n);

/* A packet enters or leaves a bounded queue of this QGM (neighbour pending, reassembly...). */
void qgm_hold(struct qgm *q, struct packet *p);
void qgm_unhold(struct qgm *q, struct packet *p);

/* Tell the generic side something (neighbour miss, link...). False when the event ring is full. */
bool qgm_event(struct qgm *q, const struct pix_event *ev);

u16 qgm_id(const struct qgm *q);
u64 qgm_now(const struct qgm *q); /* clock of this turn */
struct qgm_counters *qgm_counters(struct qgm *q);
void *qgm_re(struct qgm *q); /* the routing engine's state of this core (qgm/re/) */
void *qgm_fe(struct qgm *q);

/* --- entry points of the engines, called by the stage table -------------------------------- */

/*
 * What parse.c leaves for both: in_port, in_if (an interface that is up), vrf, timestamp; frame of
 * at least 14 bytes with a source MAC that is neither a group address nor zero; PACKET_BROADCAST
 * for a group destination; vlan_outer/inner and l3_off behind the tags. hash is 0 unless the steer
 * stage runs: packet_hash() of core.h computes it. Nothing behind the Ethernet header is checked.
 */

/* FE: frames whose in_if is L2 (bridge). Consumes all. */
void fe_input(struct qgm *q, const struct tables *t, struct packet *const *p, u32 n);

/*
 * FE: a frame that RE (or the generic side) sends out of an IRB: out_if is the IRB, l3_off 14, an
 * untagged Ethernet header is written, the source is the IRB's MAC. It goes to the station's
 * interface, with that member's tags, or to all members of the VLAN when the station is not
 * known. Consumes p.
 */
void fe_send(struct qgm *q, const struct tables *t, struct packet *p);

/* RE: frames whose in_if is L3: ARP and ND are punted, IPv4 and IPv6 routed, the rest dropped.
 * Consumes all. */
void re_input(struct qgm *q, const struct tables *t, struct packet *const *p, u32 n);

/* The same for 1 to BURST_MAX frames that all have the in_if of the first. */
void re_input_whole(struct qgm *q, const struct tables *t, struct packet *const *p, u32 n);

/* RE: locally made IPv4 and IPv6 packets: l3_off = 14, the 14 bytes in front are room for the L2
 * header that is not written yet; vrf set; in_if says the link of a link-local or IPv6 multicast
 * destination. Consumes all. */
void re_host(struct qgm *q, const struct tables *t, struct packet *const *p, u32 n);

/* RE state of one core; `re_epoch` runs at the first burst under a new root (pending neighbours).
 */
void *re_create(struct qgm *q, u32 node);
void re_epoch(struct qgm *q, const struct tables *t);
void re_neighbour_failed(struct qgm *q, u16 ifid, struct pix_ip addr);
void *fe_create(struct qgm *q, u32 node);
