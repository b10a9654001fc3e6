// SPDX-License-Identifier: MIT
/*
 * The files under /dev/pix: what PIX offers beyond the Linux system-call ABI. To open a file is to
 * hold its right:
 *
 *	/dev/pix/stat    read counters and tables (PIX_IOC_INFO, PIX_IOC_LIST, PIX_IOC_SNAPSHOT)
 *	/dev/pix/config  change interfaces and routes (PIX_IOC_TXN, PIX_IOC_BOOT_CONFIG); one opener
 *at a time /dev/pix/neigh   resolve neighbours: read() gives messages, write() sends frames,
 *	                 PIX_IOC_TXN with neighbour operations only; one opener at a time
 *	/dev/pix/log     read() gives the kernel log from its oldest byte on, 0 at its end
 *
 * Structures are versioned by their size: the caller passes sizeof, the kernel refuses another
 * with EINVAL. Pointers travel as u64. Errors: EFAULT bad pointer, EINVAL bad value, EBADF/EACCES
 * wrong file, EBUSY second opener, ENOTTY unknown command.
 */
#pragma once

#include "net.h"

#define PIX_ABI_VERSION 1

#define PIX_IOC_INFO        0x5001u /* struct pix_info * */
#define PIX_IOC_LIST        0x5002u /* struct pix_list * */
#define PIX_IOC_TXN         0x5003u /* struct pix_txn * */
#define PIX_IOC_SNAPSHOT    0x5004u /* struct pix_snapshot *: one numbered snapshot of all QGMs */
#define PIX_IOC_BOOT_CONFIG 0x5005u /* struct pix_text *: configuration text given at boot */
#define PIX_IOC_READY       0x5006u /* confd: start-up configuration is applied (arg 0) */

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

/* One call returns up to `max` elements from number `start` on. */
struct pix_list {
	u32 what;      /* enum pix_what */
	u32 elem_size; /* sizeof of the element, checked */
	u32 start;
	u32 max;
	u32 count; /* out: elements written */
	u32 total; /* out: elements there are */
	u64 buf;   /* element array */
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
};

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
	u32 mtu;
	u32 rx_queues, tx_queues;
	u64 rx, rx_bytes, tx, tx_bytes; /* frames and bytes the engine received and handed over */
	u64 rx_missed, rx_crc, rx_length, rx_nobuf, tx_errors, tx_aborted, resets, bad_descriptor,
		link_changes;
	u64 drops; /* of packets that came in here */
};

#define PIX_IF_ADDRS 8

struct pix_addr {
	u32 addr; /* host order */
	u32 len;
};

enum pix_if_mode { PIX_IF_UNUSED, PIX_IF_L3, PIX_IF_L2 };

/* An interface as configured; the same struct is the argument of PIX_OP_IF_SET. */
struct pix_iface {
	u16 id;   /* = port id for port interfaces */
	u16 mode; /* enum pix_if_mode */
	char name[PIX_NAME];
	u16 vrf;
	u16 bridge; /* bridge domain number when mode is L2: br<N> is N + 1 */
	u32 mtu;    /* 0 in a set: default */
	u8 mac[6];  /* out */
	u8 up;      /* administratively; 1 in a normal set */
	u8 link;    /* out */
	u32 addr_count;
	struct pix_addr addr[PIX_IF_ADDRS];
};

struct pix_qgm {
	u16 id, cpu, node;
	u16 state; /* 0 up, 1 napping, 2 down */
	u64 epoch, turns, turns_empty, busy_cycles, total_cycles, gap_max_ns;
	u64 rx, ring_in, made, copies, tx, ring_out, drops, consumed, held;
	u64 punted[PIX_PUNT_CLASSES];
	u64 stage_packets[PIX_STAGES], stage_cycles[PIX_STAGES];
	u64 ports; /* bit map of port ids it owns */
};

struct pix_drop {
	char name[32];
	char sentence[96];
	u64 count;
};

enum pix_route_proto { PIX_ROUTE_CONNECTED, PIX_ROUTE_LOCAL, PIX_ROUTE_STATIC, PIX_ROUTE_BGP };
enum pix_route_type { PIX_ROUTE_FORWARD, PIX_ROUTE_BLACKHOLE, PIX_ROUTE_UNREACHABLE };

/* A route; the argument of PIX_OP_ROUTE_ADD and _DEL (there only key fields count). */
struct pix_route {
	u16 vrf;
	u8 len;
	u8 proto;    /* enum pix_route_proto; part of the key */
	u32 addr;    /* host order; bits beyond len must be 0 */
	u32 gateway; /* host order, 0: directly connected */
	u16 ifid;    /* out: resolved interface; 0 = not resolvable */
	u8 type;     /* enum pix_route_type */
	u8 distance; /* lower wins; 0 connected, 1 static */
	u8 active;   /* out: chosen and in the FIB */
	u8 pad[3];
};

struct pix_neigh {
	u16 ifid;
	u8 mac[6];
	u32 addr;  /* host order */
	u32 state; /* 1: resolved (in the engine) */
};

struct pix_mac {
	u16 bridge;
	u16 ifid;
	u8 mac[6];
	u8 pad[2];
	u32 age_s;
};

struct pix_bridge {
	u16 id;
	u16 owner;    /* QGM */
	u32 ageing_s; /* 0 in a set: 300 */
	u32 members, macs;
};

/* Buffers of one class, over the pools of all nodes, at the last snapshot. */
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
	PIX_OP_BRIDGE_SET, /* bridge: ageing */
};

struct pix_op {
	u32 kind;  /* enum pix_op_kind */
	s32 error; /* out: 0 or -errno of this operation */
	union {
		struct pix_iface iface;
		struct pix_route route;
		struct pix_neigh neigh;
		struct pix_bridge bridge;
	};
};

struct pix_txn {
	u32 op_size; /* sizeof(struct pix_op) */
	u32 count;   /* at most PIX_TXN_MAX */
	u64 ops;     /* struct pix_op array; errors are written back */
	u64 epoch;   /* out: epoch that holds it; the call returns when all QGMs have it */
	u32 flags;   /* PIX_TXN_CHECK: validate only */
	u32 failed;  /* out: index of the first bad operation when the call fails with EINVAL */
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
 * takes the same: kind PIX_EV_ARP_FRAME, ifid, then the whole Ethernet frame (14..1514 bytes).
 * read blocks unless O_NONBLOCK; poll works.
 */
struct pix_neigh_msg {
	u16 kind; /* PIX_EV_NEIGH_MISS, PIX_EV_IF_CHANGE, PIX_EV_ARP_FRAME */
	u16 ifid;
	u32 addr; /* NEIGH_MISS */
	u32 len;  /* bytes of frame that follow */
	u32 pad;
	u8 frame[];
};
