// SPDX-License-Identifier: MIT
/*
 * Statistics of a virtual function, which only grow and wrap, and registers by name. What the NIC
 * lost before the function's rings is counted where the host sees it, not here. Owner QGM.
 */
#include "drivers/net/ixgbevf/ixgbevf.h"

static const struct {
	u32 off, bits;
} stats[] = {
#define X(name, off, bits) { off, bits },
	IXGBEVF_STATISTICS(X)
#undef X
};
_Static_assert(ARRAY_SIZE(stats) == IXGBEVF_STATS, "stat_last");

static const char *const names[] = {
#define X(name, off, bits) #name,
	IXGBEVF_STATISTICS(X)
#undef X
};

enum { RW, RO, RC, W1 };

#define R(name, off, access)                      \
	{                                         \
		name, (off), 4, 0, (access) == RC \
	}

static const struct port_reg registers[] = {
#define X(name, off, access) R(#name, off, access),
	IXGBEVF_REGISTERS(X)
#undef X
/* Of the rows, the first two. */
#define X(name, off, stride, access) \
	R(#name "0", off, access), R(#name "1", (off) + (stride), access),
		IXGBEVF_ROWS(X)
#undef X
};

/* False: the high half moved meanwhile, or the function is gone. */
static bool read_stat(const struct ixgbevf *v, u32 k, u64 *x)
{
	u32 off = stats[k].off, high, low;

	if (stats[k].bits == 32) {
		low = mmio_rd32(&v->regs, off);
		*x = low;
		return low != IXGBEVF_REMOVED;
	}
	high = mmio_rd32(&v->regs, off + 4);
	low = mmio_rd32(&v->regs, off);
	*x = (u64)(high & 0xf) << 32 | low;
	return high != IXGBEVF_REMOVED && mmio_rd32(&v->regs, off + 4) == high;
}

void ixgbevf_stats_begin(struct ixgbevf *v)
{
	for (u32 k = 0; k < IXGBEVF_STATS; k++)
		if (!read_stat(v, k, &v->stat_last[k]))
			v->stat_last[k] = 0;
}

void ixgbevf_stats_step(struct ixgbevf *v, u32 n)
{
	for (; n; n--) {
		u32 k = v->stat_next;
		u64 x;

		v->stat_next = (k + 1) % IXGBEVF_STATS;
		if (!read_stat(v, k, &x)) /* the next round finds the same difference */
			continue;
		counter_add(&v->port->stats.value[k],
			    (x - v->stat_last[k]) & ((1ull << stats[k].bits) - 1));
		v->stat_last[k] = x;
	}
}

u64 ixgbevf_read_reg(struct port *p, u32 i)
{
	const struct ixgbevf *v = p->priv;

	return mmio_rd32(&v->regs, registers[i].off);
}

int ixgbevf_stats_init(struct port *p)
{
	int err = port_stats_alloc(p, names, ARRAY_SIZE(names));

	return err ? err : port_regs_alloc(p, registers, ARRAY_SIZE(registers));
}
