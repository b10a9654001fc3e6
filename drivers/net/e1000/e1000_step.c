// SPDX-License-Identifier: MIT
/*
 * What an e1000 needs every 10 ms: link, a few statistics registers, and a look at whether the
 * NIC still sends and still is there. At most nine register accesses a call. Owner QGM. And the
 * names of what it can show.
 */
#include "drivers/net/e1000/e1000.h"

enum { STATS_PER_STEP = 4, TX_HANG_MS = 2000 };

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

void e1000_fail(struct e1000 *e, bool removed)
{
	struct port *p = e->port;

	if (p->link)
		counter_add(&p->nic.link_changes, 1);
	if (removed)
		e1000_release(e);
	e->rctl = 0;
	e->phase = E1000_DEAD;
	e->resetting = false;
	p->link = false;
	p->state = PORT_FAILED;
}

void e1000_link(struct port *p, u32 status)
{
	static const u16 mbps[] = { 10, 100, 1000, 1000 };
	bool up = status & STATUS_LU;

	p->speed_mbps = up ? mbps[status >> STATUS_SPEED_SHIFT & STATUS_SPEED_MASK] : 0;
	p->full_duplex = status & STATUS_FD;
	if (up != p->link) {
		p->link = up;
		counter_add(&p->nic.link_changes, 1);
	}
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

/* Frames wait although there is link, and none has left for two seconds. */
static bool tx_hangs(struct e1000 *e, u64 now)
{
	const struct e1000_tx *q = &e->tx;

	if (q->clean == q->tail || !e->port->link || q->clean != e->hang_clean || !e->hang_since) {
		e->hang_clean = q->clean;
		e->hang_since = q->clean == q->tail ? 0 : now;
		return false;
	}
	return now - e->hang_since > TX_HANG_MS * e->ms;
}

void e1000_step(struct port *p, u64 now)
{
	struct e1000 *e = p->priv;
	u32 status;

	if (e->resetting) {
		e1000_reset_step(e, now);
		return;
	}
	if (e->phase != E1000_UP)
		return;
	status = e1000_rd(e, E1000_STATUS);
	if (status == E1000_REMOVED) {
		e1000_fail(e, true);
		return;
	}
	e1000_link(p, status);
	step_statistics(e);
	if (e->pc)
		e1000_reclaim(p, 0, e->pc);
	if (tx_hangs(e, now)) {
		p->link = false;
		counter_add(&p->nic.link_changes, 1);
		e1000_reset_begin(e, now);
	}
}
