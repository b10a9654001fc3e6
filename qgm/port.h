// SPDX-License-Identifier: MIT
/*
 * port: a network port as the engine drives it, a set of rings behind burst functions.
 *
 * From start to stop all MMIO of a port is done by its owner QGM; a port shared by several QGMs
 * has its own queues' doorbells touched by their QGMs. Link, statistics and reset are state
 * machines stepped by the loop (`step`): bounded accesses a call, no waits. Drivers fill
 * struct port and call port_register() at boot (union root, boot CPU); memory comes from
 * kernel/driver.h and lies in the data-plane region.
 */
#pragma once

#include "qgm/pool.h"
#include "qgm/portinfo.h"
#include "qgm/steer/flow.h"
#include "qgm/steer/reta.h"
#include "libc/include/pix/dev.h"

enum {
	PORT_MAX = 64,
	PORT_HOST = 0, /* pseudo-port of locally made packets; NICs start at 1 */
	PORT_QUEUES = 8,
	PORT_VLAN_WORDS = 64,                 /* of a set of VIDs */
	PORT_FLOW_WORDS = PIX_FLOWS_MAX / 64, /* of a set of flow rules */
	PORT_MTU_DEFAULT = 1500,
	PORT_MTU_JUMBO = 9216,
	PORT_FRAME_JUMBO = PORT_MTU_JUMBO + 14 + 8, /* two VLAN tags */
};

enum port_state {
	PORT_STOPPED,
	PORT_STARTING,
	PORT_RUNNING,
	PORT_STOPPING,
	PORT_FAILED,
	PORT_DRAINING, /* stopped; QGMs take the buffers of their queues back */
};

/* Frames that the NIC lost before the engine saw them, and errors it counted; by name. */
struct port_nic_counters {
	u64 rx_missed; /* no descriptor or FIFO space (MPC) */
	u64 rx_crc;    /* bad FCS, alignment, symbol errors */
	u64 rx_length; /* undersize, oversize, length errors */
	u64 rx_nobuf;  /* descriptor reused because the pool was empty */
	u64 tx_errors;
	u64 resets;
	u64 bad_descriptor; /* write-backs or used entries that make no sense */
	u64 link_changes;
};

/* The same of one queue, for ports with several: each is written by its queue's QGM alone. */
struct port_queue_counters {
	u64 rx_nobuf, rx_errors, tx_errors, bad_descriptor;
} __cacheline;

/*
 * A rule for the NIC's own filters (Flow Director, 5-tuple queue filters): what matches is received
 * by the queue. Fields in `open` (enum port_flow_open) match everything.
 */
struct port_flow {
	struct flow_key key;
	u8 open;
	u8 queue;
};

/* The same bits as STEER_OPEN_*. */
enum port_flow_open {
	PORT_FLOW_OPEN_SRC = 1,
	PORT_FLOW_OPEN_DST = 2,
	PORT_FLOW_OPEN_SPORT = 4,
	PORT_FLOW_OPEN_DPORT = 8,
	PORT_FLOW_OPEN_PROTO = 16,
};

struct port;

struct port_ops {
	const char *name; /* driver's name: "e1000", "e1000e", "virtio-net", "null" */

	/* Any QGM, may be NULL: buffers that the queue holds now (posted to Rx, waiting in Tx). The
	 * engine checks it against its own books at each snapshot. */
	u32 (*buffers)(const struct port *p, u32 queue);

	/* Boot CPU, once, after the queues were dealt (rx_queues, tx_queues, queue_qgm) and before
	 * any start: give the device's interrupt to the core of QGM `qgm`, the owner, and set
	 * can_wake; or a vector for each queue to its own QGM (dev_irq_attach_vector), and set
	 * wake_queues. NULL: nothing to attach. */
	void (*attach)(struct port *p, u16 qgm);

	/* Owner QGM, step by step: bring the device up (reset, rings, Rx/Tx on). 0 done, -EAGAIN
	 * call again next turn (bounded time by the driver's own deadline), other: failed. A queue
	 * whose bit is set in p->draining still has its old buffers, since its QGM is down: leave
	 * it off. */
	int (*start)(struct port *p, u64 now);

	/* Owner QGM: stop DMA, return every buffer to the pool (p->pc). Same return values. Packets
	 * that were handed to tx and not sent are counted in p->tx_aborted. With `drain`: stop DMA
	 * only. */
	int (*stop)(struct port *p, u64 now);

	/* The queue's QGM, once, after `stop`: return every buffer of the queue to pc; returns how
	 * many frames were handed to tx and not sent (the engine counts them in tx_aborted). Ports
	 * that offer several queues have it, others need not. */
	u32 (*drain)(struct port *p, u32 queue, struct pool_cache *pc);

	/* Owner QGM, while running: deliver by this table, whose entries are Rx queues
	 * (port.reta_size of them), what is received from now on. Called after the start, and when
	 * a QGM with a queue goes down or comes back. Ports that offer several Rx queues
	 * have it; without reta_size it is not called.
	 */
	void (*spread)(struct port *p, const struct reta *r);

	/* The queue's QGM: up to max received frames; replenishes from pc. Sets data, len, flags;
	 * the engine sets in_port, timestamp. Completion by the DD bit or used ring in memory. */
	u32 (*rx)(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max);

	/* The queue's QGM: hands up to n frames to the NIC, returns how many were taken (they are
	 * the NIC's until reclaim); one doorbell per call. The caller keeps the rest. The 16 bytes
	 * in front of the frame and those up to PACKET_MIN_FRAME behind it are the driver's:
	 * headers of virtio, padding. A frame of an impossible length is taken, counted in
	 * tx_errors and given back by reclaim. */
	u32 (*tx)(struct port *p, u32 queue, struct packet *const *pkts, u32 n);

	/* The queue's QGM, may be NULL: frames that tx would take now. Reads memory only. */
	u32 (*room)(const struct port *p, u32 queue);

	/* The queue's QGM: returns buffers of sent frames to pc; returns how many. */
	u32 (*reclaim)(struct port *p, u32 queue, struct pool_cache *pc);

	/* Owner QGM, about every 10 ms of clock (50 ms while the QGM naps): link, statistics, hang
	 * detection, reset. Buffers that a reset frees go to p->pc. */
	void (*step)(struct port *p, u64 now);

	/* The queue's QGM: arm (before sleep) or disarm the Rx interrupt. Returns true when work is
	 * already there, so that the QGM must not sleep. NULL: cannot wake, poll on a one-shot. */
	bool (*arm)(struct port *p, u32 queue, bool on);

	/* Owner QGM, in any state, may be NULL: register number i of p->regs.table. One access. */
	u64 (*read_reg)(struct port *p, u32 i);

	/*
	 * Owner QGM, while running, may be NULL: put the rule into slot `slot` of the NIC's filters
	 * (0..p->flow_slots - 1), replacing what was there; f NULL: empty the slot. A start finds
	 * all slots empty. Bounded accesses, no waits. 0; -EAGAIN it is under way, call again some
	 * milliseconds later (with another rule or NULL if that is wanted by then); other: the slot
	 * is empty, since the NIC cannot match that way or has no room. Software steers the flow
	 * then, as it does all the time until the rule is there.
	 */
	int (*flow)(struct port *p, u32 slot, const struct port_flow *f);
};

/* Lies in ENV_COUNTERS memory (port_alloc): QGMs write it, the generic partition only reads. */
struct port {
	const struct port_ops *ops;
	void *priv;    /* driver's state, ENV_PRIVATE memory */
	u16 id;        /* 1.. in PCI order; 0 is the host pseudo-port */
	u16 owner;     /* QGM that steps it */
	u16 rx_queues; /* the driver's offer (0: 1); after qgm_assign_ports() those in use */
	u16 tx_queues;
	u16 queue_qgm[PORT_QUEUES]; /* QGM of each queue (pair) */
	u16 reta_size;  /* entries of the NIC's indirection table; 0: none (one Rx queue) */
	u16 flow_slots; /* rules that `flow` takes; 0: none */
	u16 flows_used; /* rules in the NIC now; written by the owner QGM */
	u32 draining;   /* queues whose buffers are not back yet, a bit each */
	/* The driver wants a reset (port_want_reset): stop, drain by all QGMs, start. */
	u32 want_reset;
	struct pool_cache *pc; /* the owner QGM's; set before start, for start, stop and step */
	u16 mtu;               /* L3 packet unless configured: frame is mtu + 14 (+ tags) */
	/* Largest MTU that can be configured: the driver's offer (0: mtu), after qgm_assign_ports()
	 * at most PORT_MTU_DEFAULT where there are no jumbo buffers. */
	u16 mtu_max;
	/* Buffers of POOL_CLASS_JUMBO are posted and frames of PORT_FRAME_JUMBO go out. The owner
	 * changes it while the port is stopped; `pc` is then of that class. */
	bool jumbo;
	u16 numa;
	u8 mac[6];
	bool promiscuous; /* wanted by the engine; all ports of a bridge are */
	/* Written by the owner QGM, read by anyone. */
	u8 state; /* enum port_state */
	bool link;
	u32 speed_mbps;
	bool full_duplex;
	bool can_wake;    /* interrupt found: `arm` of any queue wakes the core of its QGM */
	u32 wake_queues;  /* or only of these, a bit each */
	u32 irq_interval; /* microseconds between two interrupts of a queue at least; set before
			     `attach`, 0: none wanted */
	u64 tx_aborted;
	struct port_nic_counters nic;
	struct port_queue_counters qnic[PORT_QUEUES];
	struct port_stats stats;
	struct port_regs regs;
	struct port_module_box module;
	/* For humans: "eth0", PCI address and ids; set once at boot. */
	char name[16];
	u16 pci_bdf;
	u16 pci_vendor;
	u16 pci_device;
	/* Set by the probe: somebody else filters tags for this port (a host for its virtual
	 * function) and is to be told which are wanted: a bit per VID, the owner QGM's. */
	bool asks_for_vlans;
	u64 vlans[PORT_VLAN_WORDS];
	/* Flow rules in the NIC's filters, a bit each by `count` (steer/steer.h), when steering of
	 * generation flows_gen holds; 0: being worked out. Written by the owner QGM. */
	u64 flows_gen;
	u64 flow_in[PORT_FLOW_WORDS];
};

/*
 * Any QGM that has a queue of the port, from any call but `start`: the device needs a reset (a
 * hang, a descriptor that makes no sense, a cry of the device). Once every QGM has left the port
 * alone, the owner runs stop, each QGM drains its queue, and start brings it up again; counted in
 * nic.resets. Until then rx, tx and reclaim must bear being called (and may do nothing). For
 * drivers that have `drain`; single-queue drivers may reset by themselves in `step`.
 */
static inline void port_want_reset(struct port *p)
{
	store_relaxed(&p->want_reset, 1);
}

/* May the queue's QGM sleep until an interrupt? */
static inline bool port_queue_wakes(const struct port *p, u32 queue)
{
	return p->can_wake || p->wake_queues >> queue & 1;
}

/* Boot only: a zeroed struct port in the right memory. NULL when that runs out. */
struct port *port_alloc(u32 node);

/* Boot only: takes ownership of `p` (from port_alloc), gives it its id and name eth<id-1>.
 * -ENOSPC when PORT_MAX are there. */
int port_register(struct port *p);

/* The port with that id, NULL when there is none. Stable after boot. */
struct port *port_get(u16 id);

/* Highest id + 1; 1 when there are no NIC ports. */
u16 port_count(void);

/* Tests: an empty registry again. */
void port_forget_all(void);
