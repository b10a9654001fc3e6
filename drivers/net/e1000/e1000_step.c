// SPDX-License-Identifier: MIT
/*
 * What an e1000 needs every 10 ms: link, a few statistics registers, and a look at whether the
 * NIC still sends, still receives and still is there: faults are noticed within 250 ms, and a reset
 * is asked of the engine. At most nine register accesses a call and one for each pair. Owner QGM.
 * And the names of what it can show.
 */
#include "drivers/net/e1000/e1000.h"

enum {
	STATS_PER_STEP = 4,
	TX_HANG_MS = 150,
	RX_LATE_MS = 150,
	BAD_MS = 100,
	BAD_MAX = 64, /* descriptors that make no sense, in BAD_MS */
};

/* Statistics that only the names show. */
#define OFFSET_none      -1
#define OFFSET_rx_missed (int)offsetof(struct port_nic_counters, rx_missed)
#define OFFSET_rx_crc    (int)offsetof(struct port_nic_counters, rx_crc)
#define OFFSET_rx_length (int)offsetof(struct port_nic_counters, rx_length)
#define OFFSET_tx_errors (int)offsetof(struct port_nic_counters, tx_errors)

static const struct {
	enum e1000_reg reg;
	int counter; /* offset in struct port_nic_counters */
	bool wide;
} statistics[] = {
#define X(name, off, field) { E1000_##name, OFFSET_##field, false },
	E1000_STATISTICS(X)
#undef X
#define X(name, off) { E1000_##name##L, OFFSET_none, true },
		E1000_STATISTICS64(X)
#undef X
};

static const char *const names[ARRAY_SIZE(statistics)] = {
#define X(name, off, field) #name,
	E1000_STATISTICS(X)
#undef X
#define X(name, off) #name,
		E1000_STATISTICS64(X)
#undef X
};

/* Reading these changes nothing. */
#define CLEARS_RO false
#define CLEARS_RW false
#define CLEARS_RC true
#define CLEARS_WO true

static const struct port_reg registers[] = {
#define X(name, off, access, text) { #name, off, 4, 0, CLEARS_##access },
	E1000_REGISTERS(X) E1000E_REGISTERS(X)
#undef X
};
#define X(name, off, access, text) +1
enum { REGISTERS = 0 E1000_REGISTERS(X) };
#undef X

int e1000_info_alloc(struct e1000 *e)
{
	u32 n = e->variant->pcie ? ARRAY_SIZE(registers) : REGISTERS;
	int err = port_stats_alloc(e->port, names, ARRAY_SIZE(names));

	return err ? err : port_regs_alloc(e->port, registers, n);
}

u64 e1000_read_reg(struct port *p, u32 i)
{
	return mmio_rd32(&((const struct e1000 *)p->priv)->regs, registers[i].off);
}

void e1000_link(struct e1000 *e, u32 status, u64 now, bool fresh)
{
	static const u16 mbps[] = { 10, 100, 1000, 1000 };
	struct port *p = e->port;

	link_hold_see(&e->link, status & STATUS_LU, fresh, now, e->ms);
	link_hold_tell(&e->link, p, mbps[status >> STATUS_SPEED_SHIFT & STATUS_SPEED_MASK], now,
		       e->ms);
	p->full_duplex = status & STATUS_FD;
}

/* Reading clears: each value is added once. */
static void step_statistics(struct e1000 *e)
{
	for (u32 i = 0; i < STATS_PER_STEP; i++) {
		u32 k = e->stat_next++ % ARRAY_SIZE(statistics);
		u64 v = e1000_rd(e, statistics[k].reg);

		if (!v && !statistics[k].wide)
			continue;
		if (statistics[k].wide)
			v |= (u64)mmio_rd32(&e->regs, statistics[k].reg + 4) << 32;
		if ((u32)v == E1000_REMOVED) /* step() will see that it is gone */
			return;
		counter_add(&e->port->stats.value[k], v);
		if (statistics[k].counter >= 0)
			counter_add((u64 *)((u8 *)&e->port->nic + statistics[k].counter), v);
	}
}

/* The oldest burst is not reported as sent although there is link. No pause frame is obeyed, so
 * that nothing but the NIC can hold it up. */
static bool tx_hangs(struct e1000 *e, u32 i, u64 now)
{
	struct e1000_watch *w = &e->watch[i];
	u32 batch;
	bool waits = e1000_tx_waits(&e->pair[i], &batch) && e->port->link;

	if (!waits || batch != w->batch || !w->tx_since) {
		w->batch = batch;
		w->tx_since = waits ? now : 0;
		return false;
	}
	return now - w->tx_since > TX_HANG_MS * e->ms;
}

/* The NIC has passed a descriptor that it never wrote back: nothing behind it can be received. */
static bool rx_is_late(struct e1000 *e, u32 i, u64 now)
{
	struct e1000_watch *w = &e->watch[i];
	u32 next = load_relaxed(&e->pair[i].next), head;
	bool late = false;

	if (!e1000_rx_ready(e, i)) { /* else its QGM has not looked yet */
		head = mmio_rd32(&e->regs, e1000_pair_reg(E1000_RDH, i));
		late = head != (next & E1000_MASK);
	}
	if (!late || next != w->next || !w->rx_since) {
		w->next = next;
		w->rx_since = late ? now : 0;
		return false;
	}
	if (now - w->rx_since <= RX_LATE_MS * e->ms)
		return false;
	counter_add(&e->port->nic.bad_descriptor, 1);
	return true;
}

/* More descriptors than chance makes are wrong. */
static bool too_many_bad(struct e1000 *e, u64 now)
{
	u64 bad = 0;

	for (u32 i = 0; i < e->npairs; i++)
		bad += load_relaxed(&e->pair[i].count->bad_descriptor);
	if (!e->bad_since || now - e->bad_since > BAD_MS * e->ms) {
		e->bad_seen = bad;
		e->bad_since = now;
	}
	return bad - e->bad_seen >= BAD_MAX;
}

void e1000_step(struct port *p, u64 now)
{
	struct e1000 *e = p->priv;
	u32 status;

	if (e->phase != E1000_UP)
		return;
	status = e1000_rd(e, E1000_STATUS);
	if (status == E1000_REMOVED) { /* the start after the reset will see that it is gone */
		port_want_reset(p);
		return;
	}
	e1000_link(e, status, now, false);
	step_statistics(e);
	if (e->pair[0].pc)
		e1000_reclaim(p, 0, e->pair[0].pc);
	for (u32 i = 0; i < e->npairs; i++)
		if (e->pair[i].up && (tx_hangs(e, i, now) || rx_is_late(e, i, now)))
			port_want_reset(p);
	if (too_many_bad(e, now))
		port_want_reset(p);
}
