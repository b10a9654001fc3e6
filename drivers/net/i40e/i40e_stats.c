// SPDX-License-Identifier: MIT
/*
 * Statistics registers of the XL710: they count on over function resets and wrap at 32 or 48 bits,
 * so that what they grew by since the last look is added, some a call, in turn. After a reset of
 * the whole device they begin at 0 again. Owner QGM.
 */
#include "drivers/net/i40e/i40e.h"

enum { NO_COUNTER = 0xffff, BLOCK = 8 };
enum stat_of { PORT, VSI };

struct stat_row {
	u32 off;
	u8 of, bits;
	u16 counter; /* offset in struct port_nic_counters */
};

#define none_offset      NO_COUNTER
#define rx_crc_offset    offsetof(struct port_nic_counters, rx_crc)
#define rx_length_offset offsetof(struct port_nic_counters, rx_length)
#define rx_missed_offset offsetof(struct port_nic_counters, rx_missed)
#define tx_errors_offset offsetof(struct port_nic_counters, tx_errors)

static const struct stat_row rows[] = {
#define X(name, off, of, bits, counter, text) { off, of, bits, counter##_offset },
	I40E_STATISTICS(X)
#undef X
};

static const char *const names[] = {
#define X(name, off, of, bits, counter, text) #name,
	I40E_STATISTICS(X)
#undef X
};

_Static_assert(ARRAY_SIZE(names) <= I40E_STATS_MAX, "i40e.h");
_Static_assert(ARRAY_SIZE(names) <= PORT_STATS_MAX, "qgm/portinfo.h");

int i40e_stats_init(struct port *p)
{
	return port_stats_alloc(p, names, ARRAY_SIZE(names));
}

/* The register's value; false: the device is gone. */
static bool read(const struct i40e *e, const struct stat_row *r, u64 *v)
{
	u32 n = r->of == PORT ? e->port_number : e->vsi.stat_counter_idx;
	u32 off = r->off + n * BLOCK, low = mmio_rd32(&e->regs, off), high = 0;

	if (r->bits == 48) {
		high = mmio_rd32(&e->regs, off + 4);
		/* The low half may have wrapped in between. */
		if (mmio_rd32(&e->regs, off) < low) {
			high = mmio_rd32(&e->regs, off + 4);
			low = mmio_rd32(&e->regs, off);
		}
		if (high == I40E_REMOVED)
			return false;
	}
	*v = (u64)(high & 0xffff) << 32 | low;
	return true;
}

static void add(struct i40e *e, u32 k)
{
	const struct stat_row *r = &rows[k];
	u64 now, grown;

	if (!read(e, r, &now))
		return; /* the next step finds out */
	grown = (now - e->stat_last[k]) & (r->bits == 48 ? (1ull << 48) - 1 : 0xffffffffull);
	e->stat_last[k] = now;
	if (!e->stats_on || !grown)
		return;
	counter_add(&e->port->stats.value[k], grown);
	if (r->counter != NO_COUNTER)
		counter_add((u64 *)((u8 *)&e->port->nic + r->counter), grown);
}

void i40e_stats_step(struct i40e *e, u32 n)
{
	u32 resets = i40e_rd(e, I40E_GLGEN_RSTAT) & RSTAT_COUNTS;

	if (resets != e->stat_resets) {
		e->stat_resets = resets;
		if (e->stats_on)
			for (u32 k = 0; k < ARRAY_SIZE(names); k++)
				e->stat_last[k] = 0;
	}
	for (; n; n--) {
		add(e, e->stat_next);
		if (++e->stat_next == ARRAY_SIZE(names)) {
			e->stat_next = 0;
			e->stats_on = true;
		}
	}
}
