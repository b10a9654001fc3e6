// SPDX-License-Identifier: MIT
/*
 * A model of vmxnet3, from VMware's headers as public drivers have them (there is no data sheet).
 * Option revisions=N: the bits of VRRS; 1, as QEMU's device: everything is received by queue 0;
 * with more of them RSS works. Without: offloads, LRO, multicast filter, VLAN filter, wake-up.
 *
 * Offsets of shared memory are numbers here, counted by hand; no constant is shared with a driver.
 */
#pragma once

#include "tools/nicsim/core/frame.h"
#include "tools/nicsim/device.h"

enum {
	VMX_QUEUES = 8,
	VMX_VECTORS = 25,
	VMX_STATS = 10,
	VMX_DESC = 16,
	/* shared memory */
	S_MAGIC = 0,
	S_FEATURES = 24,
	S_QUEUES_PA = 40,
	S_QUEUES_LEN = 52,
	S_MTU = 56,
	S_SG = 60,
	S_TXQ = 62,
	S_RXQ = 63,
	S_AUTO_MASK = 80,
	S_INTRS = 81,
	S_EVENT = 82,
	S_RX_MODE = 120,
	S_RSS_LEN = 652,
	S_RSS_PA = 656,
	S_EVENTS = 696,
	S_BYTES = 720,
	/* description of a queue */
	Q_UPDATE = 0,
	Q_RING0 = 16,
	Q_RING1 = 24,
	Q_COMP = 32,
	Q_SIZE0 = 56,
	Q_SIZE1 = 60,
	Q_COMP_SIZE = 64,
	Q_VECTOR = 72,
	Q_STOPPED = 80,
	Q_STATS = 88,
	Q_BYTES = 256,
	/* events */
	E_RQERR = 1,
	E_LINK = 4,
};

struct vmx_ring {
	u64 at;
	u32 size, next;
	u32 gen;
};

struct vmx_queue {
	struct vmx_ring ring, comp;
	u64 desc; /* its description in memory */
	u32 prod; /* transmit: what the doorbell said */
	u32 vector;
	u64 stats[VMX_STATS];
	u64 held; /* fault rx-order: where a generation is written after the next one; 0: none */
	u32 held_gen;
	u8 *frame; /* transmit: of several descriptors */
	u32 frame_len;
};

struct vmx {
	struct nicsim_dev *dev;
	u32 revisions;
	u64 shared;
	u32 dsal;
	bool active, link, auto_mask;
	u32 command, mtu, rx_mode;
	u32 txqs, rxqs, intrs, event;
	u64 stuck_until; /* reset under way */
	struct vmx_queue tx[VMX_QUEUES], rx[VMX_QUEUES];
	bool masked[VMX_VECTORS], pending[VMX_VECTORS];
	bool rss;
	u8 key[40], table[128];
	u32 table_len;
	u8 buffer[NICSIM_FRAME_MAX];
};

static inline void vmx_ring_step(struct vmx_ring *r)
{
	if (++r->next == r->size) {
		r->next = 0;
		r->gen ^= 1;
	}
}

static inline u64 vmx_ring_at(const struct vmx_ring *r)
{
	return r->at + (u64)VMX_DESC * r->next;
}

/* command.c */
void vmx_command(struct vmx *v, u32 c);
u32 vmx_answer(struct vmx *v);
void vmx_reset(struct vmx *v);
void vmx_event(struct vmx *v, u32 bits);

/* irq.c */
void vmx_interrupt(struct vmx *v, u32 index);
void vmx_mask(struct vmx *v, u32 index, bool masked);

/* rx.c, tx.c */
bool vmx_rx(struct vmx *v, const u8 *frame, u32 len);
bool vmx_tx(struct vmx *v);
/* Counters 2 to 7 of a queue: unicast, multicast, broadcast frames and bytes. */
void vmx_count(u64 *stats, const u8 *frame, u32 len);

extern const struct nicsim_model vmx_model;
