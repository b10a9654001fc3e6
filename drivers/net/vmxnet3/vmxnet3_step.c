// SPDX-License-Identifier: MIT
/*
 * What a vmxnet3 needs every 10 ms: link, events, once in a while statistics, and a look at whether
 * it still sends, still receives and still is there. Faults are noticed within 250 ms, a reset is
 * asked of the engine. Owner QGM. And the names of what it can show.
 */
#include "drivers/net/vmxnet3/vmxnet3.h"

enum { STATS_EVERY = 10 /* steps */, TX_HANG_MS = 150, RX_LATE_MS = 150 };

#define OFFSET_none      -1
#define OFFSET_rx_missed (int)offsetof(struct port_nic_counters, rx_missed)
#define OFFSET_rx_length (int)offsetof(struct port_nic_counters, rx_length)
#define OFFSET_tx_errors (int)offsetof(struct port_nic_counters, tx_errors)

/* Offsets in struct port_nic_counters. */
static const int counters[2][VMXNET3_STATS] = {
#define X(name, field) OFFSET_##field,
	{ VMXNET3_TX_STATISTICS(X) },
	{ VMXNET3_RX_STATISTICS(X) },
#undef X
};
static const char *const names[2 * VMXNET3_STATS] = {
#define X(name, field) #name,
	VMXNET3_TX_STATISTICS(X) VMXNET3_RX_STATISTICS(X)
#undef X
};

enum { RANGE_PT, RANGE_VD };
#define MASK_OF(i)                                                                \
	{                                                                         \
		"IMR" #i, VMXNET3_IMR + (i)*VMXNET3_PT_STRIDE, 4, RANGE_PT, false \
	}
static const struct port_reg registers[] = {
#define X(name, off, clears, text) { #name, off, 4, RANGE_VD, clears },
	VMXNET3_VD_REGISTERS(X)
#undef X
		MASK_OF(0),
	MASK_OF(1),
	MASK_OF(2),
	MASK_OF(3),
	MASK_OF(4),
	MASK_OF(5),
	MASK_OF(6),
	MASK_OF(7),
};

int vmxnet3_info_alloc(struct vmxnet3 *v)
{
	int err = port_stats_alloc(v->port, names, ARRAY_SIZE(names));

	return err ? err : port_regs_alloc(v->port, registers, ARRAY_SIZE(registers));
}

u64 vmxnet3_read_reg(struct port *p, u32 i)
{
	const struct vmxnet3 *v = p->priv;

	return mmio_rd32(registers[i].range == RANGE_PT ? &v->pt : &v->vd, registers[i].off);
}

void vmxnet3_link(struct vmxnet3 *v, u64 now, bool fresh)
{
	u32 link = vmxnet3_ask(v, VMXNET3_CMD_GET_LINK);

	if (link == VMXNET3_REMOVED)
		return;
	link_hold_see(&v->link, link & VMXNET3_LINK_UP, fresh, now, v->ms);
	link_hold_tell(&v->link, v->port, link >> VMXNET3_LINK_SPEED_SHIFT, now, v->ms);
}

/* Numbers that the device counts up from its activation on, here sums over the queues. */
static void add_statistics(struct vmxnet3 *v, u32 way, const u64 *sum)
{
	struct port *p = v->port;

	for (u32 i = 0; i < VMXNET3_STATS; i++) {
		u64 grown = sum[i] - v->last[way][i];

		v->last[way][i] = sum[i];
		if (!grown)
			continue;
		counter_add(&p->stats.value[way * VMXNET3_STATS + i], grown);
		if (counters[way][i] >= 0)
			counter_add((u64 *)((u8 *)&p->nic + counters[way][i]), grown);
	}
}

static void step_statistics(struct vmxnet3 *v)
{
	u64 sum[2][VMXNET3_STATS] = { 0 };

	if (vmxnet3_ask(v, VMXNET3_CMD_GET_STATS) == VMXNET3_REMOVED)
		return;
	for (u32 s = 0; s < VMXNET3_STATS; s++) {
		for (u32 i = 0; i < v->port->tx_queues; i++)
			sum[0][s] += load_relaxed(&vmxnet3_txq(v, i)->stats[s]);
		for (u32 i = 0; i < v->port->rx_queues; i++)
			sum[1][s] += load_relaxed(&vmxnet3_rxq(v, i)->stats[s]);
	}
	add_statistics(v, 0, sum[0]);
	add_statistics(v, 1, sum[1]);
}

/* True: a queue was stopped by the device. */
static bool step_events(struct vmxnet3 *v)
{
	u32 events = load_relaxed(&v->shared->events);

	if (!events)
		return false;
	vmxnet3_wr(v, VMXNET3_ECR, events);
	return events & (VMXNET3_ECR_RQERR | VMXNET3_ECR_TQERR);
}

/* Of other QGMs' pairs this is a glance at numbers that move. */
static bool stands(struct vmxnet3 *v, u32 i, u64 now)
{
	const struct vmxnet3_pair *k = &v->pair[i];
	u32 clean = load_relaxed(&k->clean), comp = load_relaxed(&k->comp);
	bool waits = clean != load_relaxed(&k->tail) && v->port->link &&
		     !vmxnet3_came(k->tx_comp, load_relaxed(&k->done), VMXNET3_RING);

	if (ring_stands(&v->watch[i].tx, waits, clean, now, TX_HANG_MS * v->ms))
		return true;
	/* A completion was left out: what comes behind it is never looked at. */
	if (!rx_ring_late(&v->watch[i], comp,
			  !vmxnet3_came(k->rx_comp, comp, VMXNET3_RX_COMP) &&
				  vmxnet3_came(k->rx_comp, comp + 1, VMXNET3_RX_COMP),
			  now, RX_LATE_MS * v->ms))
		return false;
	counter_add(&v->port->nic.bad_descriptor, 1);
	return true;
}

void vmxnet3_step(struct port *p, u64 now)
{
	struct vmxnet3 *v = p->priv;
	bool broken;

	if (v->walk.phase != WALK_UP)
		return;
	if (vmxnet3_rd(v, VMXNET3_VRRS) == VMXNET3_REMOVED) {
		port_want_reset(p); /* which ends with a start that fails */
		return;
	}
	vmxnet3_link(v, now, false);
	broken = step_events(v);
	if (++v->turn % STATS_EVERY == 0)
		step_statistics(v);
	if (v->pair[0].pc)
		vmxnet3_reclaim(p, 0, v->pair[0].pc);
	for (u32 i = 0; i < v->npairs; i++)
		broken |= v->pair[i].live && stands(v, i, now);
	if (broken || ring_too_many_bad(&v->bad, p, v->npairs, now, v->ms))
		port_want_reset(p);
}
