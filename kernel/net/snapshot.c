// SPDX-License-Identifier: MIT
/*
 * The conservation law over the whole system: one numbered command makes each QGM copy its counters
 * at its next quiescent point; the sums are made here (DESIGN.md, section 4).
 */
#include "kernel/errno.h"
#include "kernel/net/door.h"
#include "kernel/net/snapshot.h"

enum { SNAPSHOT_TIMEOUT_NS = 1000000000 };

static struct mutex snapshot_lock;
static bool valid[QGM_MAX];

void snapshot_init(void)
{
	mutex_init(&snapshot_lock);
}

static u64 sum_drops(const struct qgm_counters *c)
{
	u64 n = 0;

	for (u32 i = 0; i < DROP_COUNT; i++)
		n += c->drops[i];
	return n;
}

bool snapshot_law(u16 qgm, struct pix_conservation *out)
{
	const struct qgm_snapshot *s = ctl_block()->qgm[qgm].snapshot;
	const struct qgm_counters *c = &s->counters;

	if (!valid[qgm])
		return false;
	*out = (struct pix_conservation){
		.qgm = qgm,
		.rx = c->rx,
		.ring_in = c->ring_in,
		.made = c->made,
		.copies = c->copies,
		.tx = c->tx,
		.ring_out = c->ring_out,
		.drops = sum_drops(c),
		.consumed = c->consumed,
		.held = c->held,
	};
	out->difference = (s64)(out->rx + out->ring_in + out->made + out->copies - out->tx -
				out->ring_out - out->drops - out->consumed - out->held);
	return true;
}

/* Buffers over all pools of the class: sizes from any QGM's view, the rest is a sum of books. */
void snapshot_pools(struct pix_pool *out)
{
	s64 free = 0, in_nic = 0, in_rings = 0, held = 0;
	bool sized = false;

	*out = (struct pix_pool){ .id = 0 };
	for (u16 i = 0; i < ctl_block()->qgm_count; i++) {
		const struct qgm_snapshot *s = ctl_block()->qgm[i].snapshot;

		if (!valid[i])
			continue;
		for (u32 p = 0; p < s->pools && p < POOL_MAX && !sized; p++) {
			out->size += s->pool[p].size;
			out->buf_size = MAX(out->buf_size, s->pool[p].buffer_size);
		}
		sized = true;
		/* What it took from the shared rings and did not return is not free there. */
		free += (s64)(s->cached - s->taken + s->returned);
		in_nic += (s64)s->in_nic;
		in_rings += (s64)(s->counters.ring_out - s->counters.ring_in);
		held += (s64)s->counters.held;
	}
	out->free = (u32)(out->size + free);
	out->in_nic = (u32)in_nic;
	out->in_rings = (u32)in_rings;
	out->held = (u32)held;
}

void snapshot_port_law(u16 port, struct pix_port_law *out)
{
	*out = (struct pix_port_law){ .port = port };
	for (u16 i = 0; i < ctl_block()->qgm_count; i++) {
		const struct qgm_counters *c = &ctl_block()->qgm[i].snapshot->counters;

		if (!valid[i])
			continue;
		out->rx += c->port[port].rx;
		out->copies += c->port[port].copies;
		out->tx += c->port[port].tx;
		out->dropped += c->port[port].dropped;
		out->consumed += c->port[port].consumed;
		out->held += c->port[port].held;
	}
	out->difference =
		(s64)(out->rx + out->copies - out->tx - out->dropped - out->consumed - out->held);
}

int door_snapshot(struct pix_snapshot *snap)
{
	const struct ctl *ctl = ctl_block();
	static u64 number;

	mutex_lock(&snapshot_lock);
	*snap = (struct pix_snapshot){ .seq = ++number };
	for (u16 i = 0; i < ctl->qgm_count; i++) {
		struct ctl_cmd cmd = { .kind = CTL_SNAPSHOT, .arg = { number } };
		struct pix_conservation law;

		valid[i] = door_command(i, &cmd, SNAPSHOT_TIMEOUT_NS, NULL) == 0;
		if (!valid[i]) {
			snap->missing++;
			continue;
		}
		snap->qgms++;
		snapshot_law(i, &law);
		snap->violations += law.difference != 0;
		snap->in_rings += law.ring_out - law.ring_in;
	}

	struct pix_pool pool;

	snapshot_pools(&pool);
	if (!snap->missing)
		snap->buffers_lost =
			pool.size - (pool.free + pool.in_nic + pool.in_rings + pool.held);
	mutex_unlock(&snapshot_lock);
	return 0;
}
