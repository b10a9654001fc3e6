// SPDX-License-Identifier: MIT
/*
 * The files under /dev/pix: what PIX offers beyond the Linux system-call ABI. To open a file is to
 * hold its right:
 *
 *	/dev/pix/stat    read counters and tables (PIX_IOC_INFO, PIX_IOC_LIST, PIX_IOC_SNAPSHOT,
 *	                 PIX_IOC_REGISTERS)
 *	/dev/pix/config  change interfaces and routes (PIX_IOC_TXN, PIX_IOC_BOOT_CONFIG); one opener
 *	                 at a time
 *	/dev/pix/neigh   resolve neighbours: read() gives messages, write() sends frames,
 *	                 PIX_IOC_TXN with neighbour operations only; one opener at a time
 *	/dev/pix/log     read() gives the kernel log from its oldest byte on, 0 at its end
 *
 * Structures are versioned by their size: the caller passes sizeof, the kernel refuses another
 * with EINVAL. Pointers travel as u64. Errors: EFAULT bad pointer, EINVAL bad value, EBADF/EACCES
 * wrong file, EBUSY second opener, ENOTTY unknown command.
 */
#pragma once

#include "net.h"

#define PIX_ABI_VERSION 3

#define PIX_IOC_INFO        0x5001u /* struct pix_info * */
#define PIX_IOC_LIST        0x5002u /* struct pix_list * */
#define PIX_IOC_TXN         0x5003u /* struct pix_txn * */
#define PIX_IOC_SNAPSHOT    0x5004u /* struct pix_snapshot *: one numbered snapshot of all QGMs */
#define PIX_IOC_BOOT_CONFIG 0x5005u /* struct pix_text *: configuration text given at boot */
#define PIX_IOC_READY       0x5006u /* confd: start-up configuration is applied (arg 0) */
/* A port's id (by value): its owner reads all registers; PIX_LIST_REGISTER lists them then. ENODEV
 * no such port, or a driver that names none; ETIMEDOUT its QGM does not answer. */
#define PIX_IOC_REGISTERS 0x5007u

#define PIX_NAME 16

struct pix_info {
	u32 size; /* sizeof(struct pix_info), in */
	u32 abi;
	char version[32];    /* "0.1.0" */
	char build[64];      /* commit, compiler */
	char firmware[32];   /* "PVH", "BIOS (multiboot2)", "UEFI (multiboot2)" */
	char hypervisor[16]; /* CPUID signature, empty on metal */
	char cpu_model[64];
	u32 cpus, cpus_madt; /* came up; MADT lists */
	u32 qgms;
	u32 ports;       /* NIC ports */
	u32 shared_mode; /* 1: one CPU, the QGM is a thread */
	u32 idle;        /* enum pix_idle */
	u64 tsc_hz;
	u64 uptime_ns;
	u64 boot_ready_ns;       /* since VM or machine start, when ports ran */
	u64 mem_total, mem_free; /* generic partition, bytes */
	u64 dp_total, dp_free;   /* data-plane region, bytes */
	u64 epoch;               /* last published */
	u64 arena_used;
};

enum pix_idle { PIX_IDLE_SPIN, PIX_IDLE_NAP, PIX_IDLE_IRQ };

/*
 * One call returns up to `max` elements from number `start` on. Of routes there may be a million:
 * whoever gives `cursor` back as the call before left it (all zero at first; start is not looked at
 * then) goes on there, however long the list, and whatever has changed since; count 0 is the end.
 * Statistics and registers are of one port: cursor[0] is its id, at first with cursor[1] = 0.
 */
struct pix_list {
	u32 what;      /* enum pix_what */
	u32 elem_size; /* sizeof of the element, checked */
	u32 start;
	u32 max;
	u32 count;     /* out: elements written */
	u32 total;     /* out: elements there are */
	u64 buf;       /* element array */
	u64 cursor[4]; /* in, out: routes, statistics, registers */
};

enum pix_what {
	PIX_LIST_CPU,          /* struct pix_cpu */
	PIX_LIST_PORT,         /* struct pix_port, NICs that no driver takes included */
	PIX_LIST_IFACE,        /* struct pix_iface */
	PIX_LIST_QGM,          /* struct pix_qgm */
	PIX_LIST_DROP,         /* struct pix_drop, every reason */
	PIX_LIST_ROUTE,        /* struct pix_route */
	PIX_LIST_NEIGH,        /* struct pix_neigh, as published to the engine */
	PIX_LIST_MAC,          /* struct pix_mac */
	PIX_LIST_BRIDGE,       /* struct pix_bridge */
	PIX_LIST_POOL,         /* struct pix_pool */
	PIX_LIST_CONSERVATION, /* struct pix_conservation, of the last snapshot: one per QGM */
	PIX_LIST_PORT_LAW, /* struct pix_port_law, of the last snapshot: one per port, host first */
	PIX_LIST_STEER,    /* struct pix_steer: the default first (port 0), then one per port */
	PIX_LIST_FLOW,     /* struct pix_flow, in the order given */
	PIX_LIST_GATEWAY,  /* struct pix_neigh: gateways of routes that are not resolved */
	PIX_LIST_TABLE,    /* struct pix_table: of each VRF and family that has routes */
	PIX_LIST_STATISTIC, /* struct pix_statistic: what a port's driver counts besides */
	PIX_LIST_REGISTER,  /* struct pix_register: of a port, as PIX_IOC_REGISTERS found them */
	PIX_LIST_IF_COUNT,  /* struct pix_if_count: of each sub-interface */
};

enum { PIX_PORT_QUEUES = 8 };

enum pix_partition { PIX_CPU_OFF, PIX_CPU_GENERIC, PIX_CPU_QGM, PIX_CPU_APP };

struct pix_cpu {
	u32 id, apic_id, node;
	u32 partition;  /* enum pix_partition */
	s32 qgm;        /* QGM id or -1 */
	u32 napping;    /* 1: asleep now */
	u64 interrupts; /* since it went tickless (QGM), since boot (generic), wakes not included */
	u64 wakes_device, wakes_ipi, wakes_oneshot;
	u64 gap_max_ns;                /* longest time between two polls while it had no nap */
	u64 busy_cycles, total_cycles; /* load = busy / total */
	char state[16];                /* "up", "down", "halted" */
};

/* What is in the cage of a port; SFF-8472, SFF-8636. */
struct pix_module {
	u8 present;
	u8 identifier; /* SFF-8024 table 4-1 */
	u8 pad[6];
	char type[24], vendor[24], part[24], serial[24], revision[8];
	char warning[64]; /* what is odd about it, empty */
};

struct pix_port {
	u16 id;    /* 0: no driver; else the port id, which is also its interface id */
	u16 owner; /* QGM */
	char name[PIX_NAME];
	char driver[PIX_NAME];
	char reason[64]; /* why no driver or why failed; empty when fine */
	u8 mac[6];
	u16 bdf, vendor, device;
	u8 link, full_duplex, running, can_wake;
	u32 speed_mbps;
	u32 mtu, mtu_max; /* unless configured; largest that can be */
	u32 rx_queues, tx_queues;
	u64 rx, rx_bytes, tx, tx_bytes; /* frames and bytes the engine received and handed over */
	u64 rx_missed, rx_crc, rx_length, rx_nobuf, tx_errors, tx_aborted, resets, bad_descriptor,
		link_changes;
	u64 drops;                      /* of packets that came in here */
	u16 queue_qgm[PIX_PORT_QUEUES]; /* whose queue (pair) it is */
	u32 wake_queues;                /* queues whose interrupt wakes their QGM, a bit each */
	u32 irq_interval;               /* microseconds between interrupts at least */
	u32 flow_slots, flows_used;     /* flow rules that its filters can hold, and hold */
	u32 statistics, registers;      /* how many there are to list */
	struct pix_module module;
};

struct pix_statistic {
	char name[32];
	u64 value;
};

struct pix_register {
	char name[24];
	u32 offset;
	u8 bytes; /* 1, 2, 4, 8 */
	u8 valid; /* 0: not read, since reading it changes the device */
	u8 pad[2];
	u64 value;
};

enum {
	PIX_IF_ADDRS = 8,
	PIX_IF_VLANS = 16, /* ranges of a trunk */
	PIX_RA_DNS = 2,
};

/* RFC 4862 5.4: a tentative or duplicate address is not the interface's yet. IPv4: always valid. */
enum pix_addr_state { PIX_ADDR_VALID, PIX_ADDR_TENTATIVE, PIX_ADDR_DUPLICATE };

struct pix_addr {
	struct pix_ip ip;
	u8 len;
	u8 state; /* out: enum pix_addr_state */
	u8 pad[6];
};

enum pix_if_mode { PIX_IF_UNUSED, PIX_IF_L3, PIX_IF_L2 };

enum pix_if_kind {
	PIX_IF_PORT,     /* untagged frames of a port, and those that no sub-interface takes */
	PIX_IF_SUB,      /* frames of a port with vlan_outer, or vlan_outer and vlan_inner */
	PIX_IF_IRB,      /* the router's own station in VLAN vlan_outer (0: untagged) of a bridge */
	PIX_IF_LOOPBACK, /* addresses without a port */
};

/* What a port of a bridge does with VLAN tags (IEEE 802.1Q-2022 6.9, 8.6). */
enum pix_vlan_mode {
	PIX_VLAN_TRANSPARENT, /* tags pass untouched; one domain */
	PIX_VLAN_ACCESS,      /* untagged frames belong to pvid; tagged ones are dropped */
	PIX_VLAN_TRUNK,       /* tagged frames of the allowed VLANs; untagged to pvid, 0: dropped */
	PIX_VLAN_TUNNEL, /* customer port of QinQ: every frame is carried in service VLAN pvid */
};

struct pix_vlan_range {
	u16 from, to; /* 1..4094, both included */
};

enum pix_urpf { PIX_URPF_OFF, PIX_URPF_LOOSE, PIX_URPF_STRICT }; /* RFC 3704 */

/* Router advertisements (RFC 4861 6.2.1) of an interface; arpd sends them. */
struct pix_ra {
	u8 enable; /* AdvSendAdvertisements */
	u8 managed, other;
	u8 preference;  /* RFC 4191 2.1: 0 medium, 1 high, 3 low */
	u16 interval_s; /* MaxRtrAdvInterval; 0: 600 */
	u16 lifetime_s; /* AdvDefaultLifetime; 0: three intervals, 0xffff: not a default router */
	u32 valid_s, preferred_s; /* of prefixes; 0: 30 and 7 days */
	u32 dns_count;
	u32 pad;
	struct pix_ip dns[PIX_RA_DNS]; /* RFC 8106 */
};

/* An interface as configured; the same struct is the argument of PIX_OP_IF_SET. */
struct pix_iface {
	u16 id;   /* = port id for port interfaces; else 64..511, chosen by the configuration */
	u16 mode; /* enum pix_if_mode */
	char name[PIX_NAME];
	u8 kind;        /* enum pix_if_kind */
	u8 up;          /* administratively; 1 in a normal set */
	u8 link;        /* out */
	u8 v6;          /* IPv6 is on: link-local address from the MAC (RFC 4291 appendix A) */
	u16 port;       /* PORT, SUB: its port */
	u16 vlan_outer; /* SUB: 1..4094; IRB: 0..4094 */
	u16 vlan_inner; /* SUB: 0 or 1..4094 */
	u16 vrf;
	u16 bridge;   /* bridge domain number when mode is L2 or kind is IRB: br<N> is N + 1 */
	u8 vlan_mode; /* L2: enum pix_vlan_mode */
	u8 urpf;      /* L3: enum pix_urpf */
	u16 pvid;     /* L2: access, native or tunnel VLAN; 0 none */
	u16 vlan_count;
	struct pix_vlan_range vlan[PIX_IF_VLANS]; /* L2 trunk: allowed VLANs */
	u32 mtu;                                  /* 0 in a set: default */
	u32 storm_broadcast;                      /* L2: packets a second let in, 0 no limit */
	u32 storm_multicast;
	u32 storm_unknown;
	u32 mac_limit; /* L2: stations learned here at most, 0 no limit */
	u8 mac[6];     /* out */
	u8 dad;        /* DupAddrDetectTransmits (RFC 4862 5.1), 0: addresses are valid at once */
	u8 pad;
	u32 addr_count;
	struct pix_addr addr[PIX_IF_ADDRS]; /* both families; the link-local one is added by the
					       engine as the last when there is none (out) */
	struct pix_ra ra;
};

struct pix_qgm {
	u16 id, cpu, node;
	u16 state; /* 0 up, 1 napping, 2 down */
	u64 epoch, turns, turns_empty, busy_cycles, total_cycles, gap_max_ns;
	u64 rx, ring_in, made, copies, tx, ring_out, drops, consumed, held;
	u64 punted[PIX_PUNT_CLASSES];
	u64 stage_packets[PIX_STAGES], stage_cycles[PIX_STAGES];
	u64 ports;       /* bit map of port ids it owns */
	u64 steered;     /* frames received here and handed to another QGM to work on */
	u64 steer_moves; /* changes of steering that it has made */
};

struct pix_drop {
	char name[32];
	char sentence[96];
	u64 count;
};

enum pix_route_proto { PIX_ROUTE_CONNECTED, PIX_ROUTE_LOCAL, PIX_ROUTE_STATIC, PIX_ROUTE_BGP };
enum pix_route_type { PIX_ROUTE_FORWARD, PIX_ROUTE_BLACKHOLE, PIX_ROUTE_UNREACHABLE };

enum {
	PIX_ROUTE_PATH = 1, /* of a set: this path only, the route's others stay (ECMP) */
	PIX_ROUTE_PATHS = 16,
};

/*
 * A path of a route; the argument of PIX_OP_ROUTE_ADD and _DEL (there only key fields count, and
 * gateway and ifid with PIX_ROUTE_PATH). A listing gives an element for each path.
 */
struct pix_route {
	struct pix_ip addr; /* bits beyond len must be 0 */
	u16 vrf;
	u8 len;
	u8 proto; /* enum pix_route_proto; part of the key */
	u16 ifid; /* out: resolved interface, 0 not resolvable. In a set: 0, or the interface of a
		     gateway (needed for a link-local one) */
	u8 type;  /* enum pix_route_type */
	u8 distance;           /* lower wins; 0 connected, 1 static */
	struct pix_ip gateway; /* same family; none: directly connected */
	u8 flags;              /* PIX_ROUTE_PATH */
	u8 active;             /* out: chosen and in the FIB */
	u8 path, paths;        /* out: number of this path, from 0, and how many there are */
	u8 weight;             /* 1..16 shares of the flows; 0: 1 */
	u8 pad[3];
};

/* How large a routing table is. */
struct pix_table {
	u16 vrf;
	u8 v6; /* 0: IPv4 */
	u8 pad[5];
	u64 prefixes, rib_bytes;     /* all routes, with what is kept for them alone */
	u64 fib_prefixes, fib_bytes; /* what QGMs look up */
};

/* The first and the last: a gateway of routes that waits to be resolved, or did not answer. */
enum pix_neigh_state { PIX_NEIGH_WANTED, PIX_NEIGH_RESOLVED, PIX_NEIGH_FAILED };

struct pix_neigh {
	u16 ifid;
	u8 mac[6];
	struct pix_ip addr;
	u32 state; /* enum pix_neigh_state */
	u32 pad;
};

/* Argument of PIX_OP_ADDR_STATE: how duplicate address detection ended. */
struct pix_addr_op {
	u16 ifid;
	u8 state; /* enum pix_addr_state */
	u8 pad[5];
	struct pix_ip ip;
};

/*
 * Who works on the frames that a port receives; the argument of PIX_OP_STEER_SET.
 *	RTC       run to completion: the QGM whose queue it came in by
 *	RPS       spread by flow over `workers` (default: all QGMs), by the rings between QGMs
 *	PIPELINE  the same over QGMs that do not receive on the port: rx core -> worker -> tx core
 * Order within a flow is kept, also while this changes.
 */
enum pix_steer_mode { PIX_STEER_RTC, PIX_STEER_RPS, PIX_STEER_PIPELINE, PIX_STEER_DEFAULT };

#define PIX_STEER_BUCKETS 128

struct pix_steer {
	u16 port; /* 0: the default, for ports that have no setting of their own */
	u16 mode; /* enum pix_steer_mode; DEFAULT in a set: the port's own setting goes */
	u8 own;   /* out: the port has a setting of its own */
	u8 pad[3];
	u64 workers;                  /* bit per QGM; 0 in a set: as the mode says; out: in force */
	u8 bucket[PIX_STEER_BUCKETS]; /* out: QGM by the low bits of the flow's hash */
};

/*
 * A flow rule: frames that match go to the QGM, whatever the mode. The argument of PIX_OP_FLOW_SET
 * (add, or change the QGM of the same match) and PIX_OP_FLOW_DEL. Zero fields match everything; of
 * several rules that match, the one with fewest such fields holds. Ports need proto TCP, UDP, SCTP,
 * DCCP or UDP-Lite; fragments have no ports.
 */
#define PIX_FLOWS_MAX 512

struct pix_flow {
	struct pix_ip src, dst; /* of one family */
	u16 sport, dport;
	u8 proto;
	u8 pad;
	u16 count; /* out: number of its counter */
	u16 qgm;
	u16 pad2[3];
	u64 hits;  /* out: frames that it has steered since it was set */
	u64 ports; /* out: those whose NIC has it in its filters, a bit each; others' frames are
		      steered by software */
};

/* Frames that came in by a sub-interface (tags included in the bytes) and left by it. */
struct pix_if_count {
	u16 ifid;
	u16 pad[3];
	u64 rx, rx_bytes, tx, tx_bytes;
};

struct pix_mac {
	u16 bridge;
	u16 vid; /* 0: untagged, or a bridge that does not look at tags */
	u16 ifid;
	u8 mac[6];
	u32 age_s;
};

/* Why a station was not learned: no room in its two buckets, limit of the port, of the bridge. */
enum pix_refused {
	PIX_REFUSED_FULL,
	PIX_REFUSED_PORT,
	PIX_REFUSED_BRIDGE,
	PIX_REFUSED_COUNT,
};

struct pix_bridge {
	u16 id;
	u16 owner;                      /* QGM */
	u32 ageing_s;                   /* 0 in a set: 300 */
	u32 mac_limit;                  /* stations at most, 0 no limit */
	u32 members, macs;              /* out */
	u64 refused[PIX_REFUSED_COUNT]; /* out: how often a station was not learned */
};

/*
 * Buffers at the last snapshot. The first element is all pools together (buf_size: the largest):
 * what drivers, rings and queues hold is booked by QGM, not by pool. Each further one is a pool, by
 * node and class, of which size and free are known; the rest of it is in use.
 */
struct pix_pool {
	u32 id, buf_size, node, size;
	u32 free, in_nic, in_rings, held; /* sum = size, else buffers are lost */
};

/* The law of one QGM at one snapshot: rx + ring_in + made + copies = tx + ring_out + drops +
 * consumed + held. `difference` is left minus right and must be 0. */
struct pix_conservation {
	u16 qgm;
	u16 pad[3];
	u64 rx, ring_in, made, copies, tx, ring_out, drops, consumed, held;
	s64 difference;
};

/* The law of one ingress port over all QGMs: rx + made(host) + copies = tx + drops + consumed +
 * held + in_rings. */
struct pix_port_law {
	u16 port;
	u16 pad[3];
	char name[PIX_NAME];
	u64 rx, copies, tx, dropped, consumed, held;
	s64 difference; /* equals packets in rings; 0 after traffic stops */
};

struct pix_snapshot {
	u64 seq;          /* out */
	u32 qgms;         /* out: QGMs that answered */
	u32 missing;      /* out: QGMs that did not within 1 s (down) */
	u64 in_rings;     /* out: sum of ring_out minus ring_in */
	u32 violations;   /* out: QGMs whose law does not hold */
	u32 buffers_lost; /* out: pool sizes minus (free + nic + rings + held) */
};

/*
 * One transaction is one epoch: all of it or nothing. ETIMEDOUT is no refusal: the epoch is
 * published, but a QGM did not acknowledge it within 1 s. Any other error changed nothing.
 */
enum pix_op_kind {
	PIX_OP_IF_SET,    /* iface: make the interface so (mode UNUSED unbinds it); connected routes
			     follow */
	PIX_OP_ROUTE_ADD, /* route: add or replace (vrf, prefix, proto) */
	PIX_OP_ROUTE_DEL, /* route */
	PIX_OP_NEIGH_SET, /* neigh: resolved with mac */
	PIX_OP_NEIGH_DEL, /* neigh: forget the adjacency */
	PIX_OP_NEIGH_FAIL, /* neigh: did not answer; queued packets are dropped by name */
	PIX_OP_BRIDGE_SET, /* bridge: ageing, limit of stations */
	PIX_OP_ADDR_STATE, /* addr: an own IPv6 address is valid, or a duplicate */
	PIX_OP_STEER_SET,  /* steer: mode and workers of a port, or the default */
	PIX_OP_FLOW_SET,   /* flow: pin it to a QGM */
	PIX_OP_FLOW_DEL,   /* flow */
};

struct pix_op {
	u32 kind;  /* enum pix_op_kind */
	s32 error; /* out: 0 or -errno of this operation */
	union {
		struct pix_iface iface;
		struct pix_route route;
		struct pix_neigh neigh;
		struct pix_bridge bridge;
		struct pix_addr_op addr;
		struct pix_steer steer;
		struct pix_flow flow;
	};
};

struct pix_txn {
	u32 op_size;  /* sizeof(struct pix_op) */
	u32 count;    /* at most PIX_TXN_MAX */
	u64 ops;      /* struct pix_op array; errors are written back */
	u64 epoch;    /* out: epoch that holds it; the call returns when all QGMs have it */
	u32 flags;    /* PIX_TXN_CHECK: validate only */
	u32 failed;   /* out: index of the first bad operation when the call fails */
	char why[64]; /* out: what is wrong with it, a sentence; empty when there is none */
};

#define PIX_TXN_CHECK 1u
#define PIX_TXN_MAX   4096u

struct pix_text {
	u64 buf;
	u64 len;         /* in: room, out: length of the text (which may be larger) */
	char source[32]; /* out: "fw_cfg", "module", "none" */
};

/*
 * What read() of /dev/pix/neigh returns: one message per call, header and frame bytes. write()
 * takes the same: kind PIX_EV_ARP_FRAME or PIX_EV_ND_FRAME, ifid, then the whole Ethernet frame
 * (14..1514 bytes). read blocks unless O_NONBLOCK; poll works.
 */
struct pix_neigh_msg {
	u16 kind; /* PIX_EV_NEIGH_MISS, PIX_EV_IF_CHANGE, PIX_EV_ARP_FRAME, PIX_EV_ND_FRAME */
	u16 ifid;
	u32 len;            /* bytes of frame that follow */
	struct pix_ip addr; /* NEIGH_MISS */
	u8 frame[];
};
