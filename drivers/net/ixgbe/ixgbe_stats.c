// SPDX-License-Identifier: MIT
/*
 * Statistics registers of the 82599: each is cleared when it is read, so that its value is added
 * once to 64 bits, and some a call, in turn. Owner QGM.
 */
#include "drivers/net/ixgbe/ixgbe.h"

enum { NO_COUNTER = 0xffff, RXNFGPC = 0x041b0, RXDGPC = 0x02f50, LOOK_STEPS = 5, STUCK_LOOKS = 3 };

struct stat_row {
	u32 off;
	u8 stride, count, words;
	u16 counter; /* offset in struct port_nic_counters */
};

#define none_offset      NO_COUNTER
#define rx_crc_offset    offsetof(struct port_nic_counters, rx_crc)
#define rx_length_offset offsetof(struct port_nic_counters, rx_length)
#define rx_missed_offset offsetof(struct port_nic_counters, rx_missed)

static const struct stat_row rows[] = {
#define X(name, off, stride, count, words, counter, text) \
	{ off, stride, count, words, counter##_offset },
	IXGBE_STATISTICS(X)
#undef X
};

/* The names, one for each register of a row. */
#define N1(n)  #n
#define N8(n)  #n "0", #n "1", #n "2", #n "3", #n "4", #n "5", #n "6", #n "7"
#define N16(n) N8(n), #n "8", #n "9", #n "10", #n "11", #n "12", #n "13", #n "14", #n "15"
static const char *const names[] = {
#define X(name, off, stride, count, words, counter, text) N##count(name),
	IXGBE_STATISTICS(X)
#undef X
};

/* Row and number in it of each value: filled by the boot CPU. */
static struct {
	u8 row, i;
} place[ARRAY_SIZE(names)] __boot_const;

_Static_assert(ARRAY_SIZE(names) <= PORT_STATS_MAX, "qgm/portinfo.h");

/* Which of them are: good frames that came in, those that went to memory. */
static u16 came_in __boot_const, to_memory __boot_const;

int ixgbe_stats_init(struct port *p)
{
	u32 k = 0;

	for (u32 r = 0; r < ARRAY_SIZE(rows); r++) {
		for (u32 i = 0; i < rows[r].count; i++, k++) {
			place[k].row = (u8)r;
			place[k].i = (u8)i;
			if (rows[r].off == RXNFGPC)
				came_in = (u16)k;
			else if (rows[r].off == RXDGPC)
				to_memory = (u16)k;
		}
	}
	return port_stats_alloc(p, names, ARRAY_SIZE(names));
}

static void add(struct ixgbe *e, u32 k)
{
	const struct stat_row *r = &rows[place[k].row];
	u32 off = r->off + r->stride * place[k].i;
	u64 v = mmio_rd32(&e->regs, off);

	if (v == IXGBE_REMOVED) /* the next step finds out */
		return;
	if (r->words == 2) {
		u32 high = mmio_rd32(&e->regs, off + 4);

		v |= high == IXGBE_REMOVED ? 0 : (u64)(high & 0xf) << 32; /* 36 bits */
	}
	if (!v || !e->stats_on)
		return;
	counter_add(&e->port->stats.value[k], v);
	if (r->counter != NO_COUNTER)
		counter_add((u64 *)((u8 *)&e->port->nic + r->counter), v);
}

/* Has every queue descriptors that wait for a frame? */
static bool all_wait(const struct ixgbe *e)
{
	for (u32 i = 0; i < e->queues; i++) {
		const struct rx_ring *q = &e->queue[i].rx;
		u32 next = load_relaxed(&q->next);

		if (e->on >> i & 1 &&
		    (next == load_relaxed(&q->fill) || rx_ring_done(q, next, ADV_RXD_DD)))
			return false;
	}
	return true;
}

/* Every 50 ms: frames come in, none goes to memory, and there is room for them? */
static void look_at_rx(struct ixgbe *e)
{
	const u64 *v = e->port->stats.value;
	u64 in, out;

	add(e, came_in);
	add(e, to_memory);
	in = v[came_in];
	out = v[to_memory];
	e->rx_stuck = in != e->rx_in && out == e->rx_out && all_wait(e) ? e->rx_stuck + 1 : 0;
	e->rx_in = in;
	e->rx_out = out;
}

bool ixgbe_rx_stuck(const struct ixgbe *e)
{
	return e->rx_stuck >= STUCK_LOOKS;
}

void ixgbe_stats_step(struct ixgbe *e, u32 n)
{
	for (; n; n--) {
		add(e, e->stat_next);
		if (++e->stat_next == ARRAY_SIZE(names)) {
			e->stat_next = 0;
			e->stats_on = true;
		}
	}
	if (++e->rx_look == LOOK_STEPS) {
		e->rx_look = 0;
		look_at_rx(e);
	}
}
