// SPDX-License-Identifier: MIT
/*
 * What an igb needs every 10 ms: link, a few statistics registers, and a look at whether it still
 * sends, receives and is there: six register accesses a call, and one for each queue. Owner QGM.
 * And the names of what it can show. Figures: within 250 ms.
 */
#include "drivers/net/igb/igb.h"

enum { STATS_PER_STEP = 4, TX_HANG_MS = 150, RX_LATE_MS = 100 };

#define OFFSET_none      -1
#define OFFSET_rx_missed (int)offsetof(struct port_nic_counters, rx_missed)
#define OFFSET_rx_crc    (int)offsetof(struct port_nic_counters, rx_crc)
#define OFFSET_rx_length (int)offsetof(struct port_nic_counters, rx_length)
#define OFFSET_tx_errors (int)offsetof(struct port_nic_counters, tx_errors)

static const struct {
	u32 reg;
	int counter; /* offset in struct port_nic_counters */
} statistics[] = {
#define X(name, off, field) { off, OFFSET_##field },
	IGB_STATISTICS(X)
#undef X
};

/* And what each receive queue lost for want of a descriptor. */
static const char *const names[] = {
#define X(name, off, field) #name,
	IGB_STATISTICS(X)
#undef X
		"RQDPC0",
	"RQDPC1",
	"RQDPC2",
	"RQDPC3",
	"RQDPC4",
	"RQDPC5",
	"RQDPC6",
	"RQDPC7",
};
enum { STATS = ARRAY_SIZE(statistics) };
_Static_assert(ARRAY_SIZE(names) == STATS + IGB_PAIRS, "one for each queue");

#define CLEARS_RO false
#define CLEARS_RW false
#define CLEARS_RC true
#define CLEARS_WO true

static const struct port_reg registers[] = {
#define X(name, off, access, text) { #name, off, 4, 0, CLEARS_##access },
	IGB_REGISTERS(X)
#undef X
#define X(name, off) { #name "0", off, 4, 0, (off) == IGB_RQDPC },
		IGB_QUEUE_REGISTERS(X)
#undef X
#define X(name, off) { #name "1", (off) + IGB_QUEUE_STRIDE, 4, 0, (off) == IGB_RQDPC },
			IGB_QUEUE_REGISTERS(X)
#undef X
};

int igb_info_alloc(struct igb *g)
{
	int err = port_stats_alloc(g->port, names, STATS + g->npairs);

	return err ? err : port_regs_alloc(g->port, registers, ARRAY_SIZE(registers));
}

u64 igb_read_reg(struct port *p, u32 i)
{
	return igb_rd(p->priv, registers[i].off);
}

void igb_link(struct igb *g, u32 status, u64 now, bool fresh)
{
	static const u16 mbps[] = { 10, 100, 1000, 1000 };

	link_hold_see(&g->link, status & STATUS_LU, fresh, now, g->ms);
	link_hold_tell(&g->link, g->port, mbps[status >> STATUS_SPEED_SHIFT & STATUS_SPEED_MASK],
		       now, g->ms);
	g->port->full_duplex = status & STATUS_FD;
}

/* Reading clears (RQDPC too, 8.10.9): each value is added once. */
static void step_statistics(struct igb *g)
{
	struct port *p = g->port;

	for (u32 i = 0; i < STATS_PER_STEP; i++) {
		u32 k = g->stat_next++ % (STATS + g->npairs);
		bool own = k >= STATS;
		u32 v = igb_rd(g, own ? igb_queue_reg(IGB_RQDPC, k - STATS) : statistics[k].reg);

		if (!v || v == IGB_REMOVED)
			continue;
		counter_add(&p->stats.value[k], v);
		if (own)
			counter_add(&p->nic.rx_missed, v);
		else if (statistics[k].counter >= 0)
			counter_add((u64 *)((u8 *)&p->nic + statistics[k].counter), v);
	}
}

/* The NIC has passed a descriptor that it never wrote back. */
static bool rx_is_late(struct igb *g, u32 i, u64 now)
{
	const struct rx_ring *q = &g->pair[i].rx;
	u32 next = load_relaxed(&q->next);
	bool passed = !rx_ring_done(q, next, ADV_RXD_DD) &&
		      igb_rd(g, igb_queue_reg(IGB_RDH, i)) != (next & RING_MASK);

	return rx_ring_late(&g->watch[i], next, passed, now, RX_LATE_MS * g->ms);
}

/* No pause frame is obeyed, so that nothing but the NIC can hold up what is to be sent. */
static bool queue_fails(struct igb *g, u32 i, u64 now)
{
	if (!g->pair[i].tx.live)
		return false;
	if (tx_ring_hangs(&g->watch[i], &g->pair[i].tx, RING_BY_MARK, g->port->link, now,
			  TX_HANG_MS * g->ms))
		return true;
	if (!rx_is_late(g, i, now))
		return false;
	counter_add(&g->port->nic.bad_descriptor, 1);
	return true;
}

static bool is_broken(struct igb *g, u64 now)
{
	for (u32 i = 0; i < g->npairs; i++)
		if (queue_fails(g, i, now))
			return true;
	return igb_rd(g, IGB_ICR) & ICR_FER ||
	       ring_too_many_bad(&g->bad, g->port, g->npairs, now, g->ms);
}

void igb_step(struct port *p, u64 now)
{
	struct igb *g = p->priv;
	u32 status;

	if (g->walk.phase != WALK_UP)
		return;
	status = igb_rd(g, IGB_STATUS);
	if (status == IGB_REMOVED) {
		p->link = false;
		counter_add(&p->nic.link_changes, 1);
		g->walk.phase = WALK_GONE;
		port_want_reset(p); /* which ends with a start that fails */
		return;
	}
	igb_link(g, status, now, false);
	step_statistics(g);
	if (is_broken(g, now))
		port_want_reset(p);
}
