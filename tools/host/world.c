// SPDX-License-Identifier: MIT
/* world: a whole data plane in one host process (world.h). */
#include "tools/host/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "world: %s failed\n", what);
	abort();
}

__attribute__((weak)) int control_init(void);

void world_make(struct world *w, u64 dp_bytes, u32 nqgm, u32 nports)
{
	world_make_nodes(w, dp_bytes, nqgm, nports, 1);
}

static void make(struct world *w, u64 dp_bytes, u32 nqgm, u32 nports, u32 nodes, u16 rx, u16 tx)
{
	*w = (struct world){ .nqgm = nqgm, .nports = nports };
	must(ctl_init() == 0, "ctl_init");
	for (u32 i = 1; i <= nports; i++)
		must((w->m[i] = memport_create_queues(rx, tx)) != NULL, "memport_create");
	must(qgm_setup(dp_bytes, nqgm) == 0, "qgm_setup");
	if (control_init)
		must(control_init() == 0, "control_init");
	for (u16 i = 0; i < nqgm; i++)
		must((w->q[i] = qgm_create(i, i % nodes)) != NULL, "qgm_create");
	must(qgm_assign_ports() == 0, "qgm_assign_ports");
	for (u32 i = 1; i <= nports; i++)
		memport_up(w->m[i]);
}

void world_make_nodes(struct world *w, u64 dp_bytes, u32 nqgm, u32 nports, u32 nodes)
{
	make(w, dp_bytes, nqgm, nports, nodes, 1, 1);
}

void world_make_queues(struct world *w, u64 dp_bytes, u32 nqgm, u32 nports, u16 rx, u16 tx)
{
	make(w, dp_bytes, nqgm, nports, 1, rx, tx);
}

u32 world_turn(struct world *w)
{
	u32 work = 0;

	host_clock_advance(env_clock_hz() / 100000);
	for (u32 i = 0; i < w->nqgm; i++)
		work += qgm_turn(w->q[i]);
	return work;
}

u32 world_settle(struct world *w, u32 idle, u32 max)
{
	u32 quiet = 0, n = 0;

	while (quiet < idle && n < max) {
		quiet = world_turn(w) ? 0 : quiet + 1;
		n++;
	}
	return n;
}

void world_bridge(struct world *w, u16 id, u16 bridge)
{
	struct iface want = {
		.id = id,
		.kind = IFACE_PORT,
		.mode = bridge ? IFACE_MODE_L2 : IFACE_MODE_NONE,
		.port = id,
		.bridge = bridge,
		.mtu = PORT_MTU_DEFAULT,
		.up = true,
	};
	struct tables *draft = tables_begin();

	(void)w;
	must(draft != NULL, "tables_begin");
	must(iface_set(draft, &want) == 0, "iface_set");
	tables_commit(draft);
}

u64 world_drops(const struct world *w, enum drop_reason why)
{
	u64 n = 0;

	for (u32 i = 0; i < w->nqgm; i++)
		n += load_relaxed(&w->q[i]->c->drops[why]);
	return n;
}

u64 world_drops_all(const struct world *w)
{
	u64 n = 0;

	for (u32 i = 0; i < DROP_COUNT; i++)
		n += world_drops(w, (enum drop_reason)i);
	return n;
}

u64 world_sum(const struct world *w, size_t offset)
{
	u64 n = 0, v;

	for (u32 i = 0; i < w->nqgm; i++) {
		memcpy(&v, (const u8 *)w->q[i]->c + offset, sizeof(v));
		n += v;
	}
	return n;
}

s64 world_command(struct world *w, u16 qgm, struct ctl_cmd cmd)
{
	struct ctl_qgm *d = &ctl_block()->qgm[qgm];
	struct pix_event ev;

	cmd.seq = ++w->seq;
	must(msgring_put(d->cmd, &cmd), "msgring_put");
	for (u32 i = 0; i < 10000; i++) {
		world_turn(w);
		while (msgring_get(d->event, &ev)) {
			if (ev.kind == PIX_EV_ACK && ev.seq == cmd.seq)
				return (s64)ev.arg;
		}
	}
	must(false, "answer to a command");
	return 0;
}

static char text[256];

static const char *law_qgm(const struct world *w, u32 i)
{
	const struct qgm_snapshot *s = ctl_block()->qgm[i].snapshot;
	const struct qgm_counters *c = &s->counters;
	u64 drops = 0;
	s64 diff;

	if (s->seq != w->snapshots)
		return "no snapshot";
	for (u32 d = 0; d < DROP_COUNT; d++)
		drops += c->drops[d];
	diff = (s64)(c->rx + c->ring_in + c->made + c->copies - c->tx - c->ring_out - drops -
		     c->consumed - c->held);
	if (diff || s->buffer_difference) {
		snprintf(text, sizeof(text), "QGM %u: law %+ld, buffers %+ld", i, diff,
			 s->buffer_difference);
		return text;
	}
	return NULL;
}

static const char *law_ports(const struct world *w)
{
	for (u32 p = 0; p <= w->nports; p++) {
		s64 diff = 0;

		for (u32 i = 0; i < w->nqgm; i++) {
			const struct qgm_counters *c = &ctl_block()->qgm[i].snapshot->counters;

			diff += (s64)(c->port[p].rx + c->port[p].copies - c->port[p].tx -
				      c->port[p].dropped - c->port[p].consumed - c->port[p].held);
		}
		if (diff) {
			snprintf(text, sizeof(text), "port %u: law %+ld", p, diff);
			return text;
		}
	}
	return NULL;
}

static const char *law_system(const struct world *w)
{
	s64 in_rings = 0, taken = 0;
	u64 free_now = 0, size = 0;
	const struct qgm_snapshot *s = ctl_block()->qgm[0].snapshot;

	for (u32 i = 0; i < w->nqgm; i++) {
		s = ctl_block()->qgm[i].snapshot;
		in_rings += (s64)(s->counters.ring_out - s->counters.ring_in);
		taken += (s64)(s->taken - s->returned);
	}
	for (u32 i = 0; i < s->pools; i++) { /* the last QGM's view of the shared rings */
		size += s->pool[i].size;
		free_now += s->pool[i].ring_free;
	}
	if (in_rings || (u64)taken + free_now != size) {
		snprintf(text, sizeof(text), "in rings %+ld; buffers %ld taken + %lu free != %lu",
			 in_rings, taken, free_now, size);
		return text;
	}
	return NULL;
}

const char *world_law(struct world *w)
{
	const char *bad = NULL;

	w->snapshots++;
	for (u16 i = 0; i < w->nqgm; i++)
		world_command(w, i,
			      (struct ctl_cmd){ .kind = CTL_SNAPSHOT, .arg = { w->snapshots } });
	for (u32 i = 0; i < w->nqgm && !bad; i++)
		bad = law_qgm(w, i);
	if (!bad)
		bad = law_ports(w);
	return bad ? bad : law_system(w);
}
