// SPDX-License-Identifier: MIT
/*
 * The conservation law over the whole system: one numbered command makes each QGM copy its counters
 * at its next quiescent point; the sums are made here (DESIGN.md, section 4).
 *
 * The QGMs' copies are written anew by the next command, so that only who holds snapshot_lock may
 * read them. What the lists show is worked out once and kept, under the control lock, as all lists
 * are. Order: snapshot_lock, then control_lock; never a command under the latter, since the door
 * thread takes it before it reads the answer.
 */
#include "kernel/errno.h"
#include "kernel/net/door.h"
#include "kernel/net/snapshot.h"

enum { SNAPSHOT_TIMEOUT_NS = 1000000000 };

static struct mutex snapshot_lock;
static bool valid[QGM_MAX]; /* under snapshot_lock: it answered the newest command */

/* The newest snapshot, under control_lock. */
static struct {
	bool valid[QGM_MAX];
	struct pix_conservation qgm[QGM_MAX];
	struct pix_port_law port[PORT_MAX];
	u32 pools;
	struct pix_pool pool[1 + POOL_MAX]; /* all, then each */
} last = { .pools = 1 };

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

static void qgm_law(u16 qgm, struct pix_conservation *out)
{
	const struct qgm_snapshot *s = ctl_block()->qgm[qgm].snapshot;
	const struct qgm_counters *c = &s->counters;

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
}

/* Buffers over all pools of the class: sizes from any QGM's view, the rest is a sum of books. */
static void pools_law(struct pix_pool *out)
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

/* Each pool by itself, into pool[]; returns how many. */
static u32 each_pool(struct pix_pool *pool)
{
	u32 n = 0;

	for (u16 i = 0; i < ctl_block()->qgm_count; i++) {
		const struct qgm_snapshot *s = ctl_block()->qgm[i].snapshot;

		if (!valid[i])
			continue;
		for (; n < MIN(s->pools, (u32)POOL_MAX); n++)
			pool[n] = (struct pix_pool){
				.id = n + 1,
				.node = s->pool[n].node,
				.buf_size = s->pool[n].buffer_size,
				.size = s->pool[n].size,
				.free = s->pool[n].size,
			};
		for (u32 p = 0; p < n; p++)
			pool[p].free += s->pool[p].cached - (u32)s->pool[p].taken;
	}
	return n;
}

static void port_law(u16 port, struct pix_port_law *out)
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

/* Keep what the lists ask for. */
static void keep(const struct pix_conservation *laws, const struct pix_pool *pool)
{
	mutex_lock(&control_lock);
	for (u16 i = 0; i < ctl_block()->qgm_count; i++) {
		last.valid[i] = valid[i];
		last.qgm[i] = laws[i];
	}
	for (u16 i = 0; i < port_count(); i++)
		port_law(i, &last.port[i]);
	last.pool[0] = *pool;
	last.pools = 1 + each_pool(last.pool + 1);
	mutex_unlock(&control_lock);
}

bool snapshot_law(u16 qgm, struct pix_conservation *out)
{
	if (last.valid[qgm])
		*out = last.qgm[qgm];
	return last.valid[qgm];
}

void snapshot_port_law(u16 port, struct pix_port_law *out)
{
	*out = last.port[port];
	out->port = port;
}

void snapshot_pool(u32 i, struct pix_pool *out)
{
	*out = last.pool[i];
}

u32 snapshot_pools(void)
{
	return last.pools;
}

int door_snapshot(struct pix_snapshot *snap)
{
	static struct pix_conservation laws[QGM_MAX]; /* under snapshot_lock, as number is */
	static u64 number;
	const struct ctl *ctl = ctl_block();
	struct pix_pool pool;

	mutex_lock(&snapshot_lock);
	*snap = (struct pix_snapshot){ .seq = ++number };
	for (u16 i = 0; i < ctl->qgm_count; i++) {
		struct ctl_cmd cmd = { .kind = CTL_SNAPSHOT, .arg = { number } };

		valid[i] = door_command(i, &cmd, SNAPSHOT_TIMEOUT_NS, NULL) == 0;
		if (!valid[i]) {
			snap->missing++;
			continue;
		}
		snap->qgms++;
		qgm_law(i, &laws[i]);
		snap->violations += laws[i].difference != 0;
		snap->in_rings += laws[i].ring_out - laws[i].ring_in;
	}
	pools_law(&pool);
	if (!snap->missing)
		snap->buffers_lost =
			pool.size - (pool.free + pool.in_nic + pool.in_rings + pool.held);
	keep(laws, &pool);
	mutex_unlock(&snapshot_lock);
	return 0;
}
