// SPDX-License-Identifier: MIT
/* memport: a network port in memory (memport.h). */
#include "tools/host/memport.h"

#include <string.h>

#include "qgm/env.h"

enum { EAGAIN_ = -11 };

static struct memport *of(struct port *p)
{
	return p->priv;
}

static int mem_start(struct port *p, u64 now)
{
	(void)now;
	if (of(p)->start_delay-- > 0)
		return EAGAIN_;
	of(p)->starts++;
	of(p)->flows = 0;
	p->link = of(p)->link;
	p->speed_mbps = 10000;
	p->full_duplex = true;
	return 0;
}

static int mem_stop(struct port *p, u64 now)
{
	(void)now;
	of(p)->stops++;
	return 0;
}

static int mem_flow(struct port *p, u32 slot, const struct port_flow *f)
{
	struct memport *m = of(p);

	m->flow_calls++;
	if (f && f->open & m->flow_refuses)
		return -95; /* EOPNOTSUPP */
	if (m->flow_takes && ++m->flow_asked % m->flow_takes)
		return -11; /* EAGAIN */
	m->flows &= ~(1u << slot);
	if (f) {
		m->flow[slot] = *f;
		m->flows |= 1u << slot;
	}
	return 0;
}

static const struct port_reg registers[] = {
	{ "FIRST", 0x00, 4, 0, false }, { "CAUSES", 0x08, 4, 0, true },
	{ "WIDE", 0x10, 8, 0, false },  { "SMALL", 0x18, 1, 0, false },
	{ "MORE", 0x20, 4, 0, false },  { "LAST", 0x24, 2, 0, false },
};
static const char *const statistics[] = { "frames", "steps" };

static u64 mem_read_reg(struct port *p, u32 i)
{
	of(p)->reg_reads++;
	return 0x1000ull * of(p)->reg_reads + registers[i].off;
}

static u32 mem_drain(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct memport_queue *k = &of(p)->q[queue];
	u32 unsent = k->tx_head - k->tx_done;

	pool_put(pc, k->posted, k->nposted);
	k->nposted = 0;
	while (k->tx_tail != k->tx_head)
		pool_put(pc, &k->tx[k->tx_tail++ % MEMPORT_TX], 1);
	k->tx_done = k->tx_tail;
	return unsent;
}

static void mem_spread(struct port *p, const struct reta *r)
{
	struct memport *m = of(p);

	for (u32 i = 0; i < r->size; i++)
		__atomic_store_n(&m->reta[i], r->entry[i], __ATOMIC_RELAXED);
	m->spreads++;
}

u32 memport_queue(const struct memport *m, u32 hash)
{
	if (m->port->rx_queues < 2)
		return 0;
	return __atomic_load_n(&m->reta[hash % MEMPORT_RETA], __ATOMIC_RELAXED);
}

static void post(struct port *p, struct memport_queue *k, struct pool_cache *pc)
{
	while (k->nposted < MEMPORT_RX) {
		u32 n = pool_get(pc, &k->posted[k->nposted],
				 MIN((u32)BURST_MAX, MEMPORT_RX - k->nposted));

		if (!n) {
			__atomic_fetch_add(&p->nic.rx_nobuf, 1, __ATOMIC_RELAXED);
			return;
		}
		k->nposted += n;
	}
}

static u32 next_frame(struct memport *m, u32 queue, u8 *data, u32 room)
{
	if (m->source_of)
		return m->source_of(m, queue, data, room);
	return m->source ? m->source(m, data, room) : 0;
}

static u32 mem_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct memport *m = of(p);
	struct memport_queue *k = &m->q[queue];
	u32 n = 0;

	if (k->nposted < BURST_MAX)
		post(p, k, pc);
	while (n < max && m->link && n < k->nposted) {
		struct packet *pkt = k->posted[n];
		u32 len = next_frame(m, queue, pkt->data, pool_room(pc));

		if (!len)
			break;
		pkt->len = (u16)len;
		pkts[n++] = pkt;
	}
	k->nposted -= n;
	memmove(k->posted, k->posted + n, k->nposted * sizeof(k->posted[0]));
	k->received += n;
	return n;
}

static u32 mem_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct memport_queue *k = &of(p)->q[queue];
	u32 room = MEMPORT_TX - (k->tx_head - k->tx_tail);

	n = MIN(n, room);
	for (u32 i = 0; i < n; i++)
		k->tx[k->tx_head++ % MEMPORT_TX] = pkts[i];
	k->doorbells++;
	return n;
}

static u32 mem_room(const struct port *p, u32 queue)
{
	const struct memport_queue *k = &((const struct memport *)p->priv)->q[queue];

	return MEMPORT_TX - (k->tx_head - k->tx_tail);
}

static u32 mem_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct memport *m = of(p);
	struct memport_queue *k = &m->q[queue];
	u32 n = 0, budget = m->tx_slow ? m->tx_slow : ~0u;

	while (!m->tx_stuck && budget-- && k->tx_done != k->tx_head) {
		struct packet *pkt = k->tx[k->tx_done++ % MEMPORT_TX];

		if (m->sink)
			m->sink(m, pkt->data, pkt->len);
		k->sent++;
	}
	while (k->tx_tail != k->tx_done) {
		pool_put(pc, &k->tx[k->tx_tail++ % MEMPORT_TX], 1);
		n++;
	}
	return n;
}

static void mem_step(struct port *p, u64 now)
{
	struct memport *m = of(p);

	(void)now;
	if (m->step_reclaims && p->pc)
		mem_reclaim(p, 0, p->pc);
	counter_add(&p->stats.value[1], 1);
	if (p->link != m->link) {
		p->nic.link_changes++;
		__atomic_store_n(&p->link, m->link, __ATOMIC_RELAXED);
	}
}

static u32 mem_buffers(const struct port *p, u32 queue)
{
	const struct memport_queue *k = &((const struct memport *)p->priv)->q[queue];

	return k->nposted + k->tx_head - k->tx_tail;
}

static bool mem_arm(struct port *p, u32 queue, bool on)
{
	of(p)->q[queue].armed = on;
	return false;
}

static const struct port_ops mem_ops = {
	.name = "memory",
	.start = mem_start,
	.stop = mem_stop,
	.drain = mem_drain,
	.spread = mem_spread,
	.rx = mem_rx,
	.tx = mem_tx,
	.room = mem_room,
	.reclaim = mem_reclaim,
	.step = mem_step,
	.buffers = mem_buffers,
	.arm = mem_arm,
	.flow = mem_flow,
	.read_reg = mem_read_reg,
};

struct memport *memport_create(void)
{
	return memport_create_queues(1, 1);
}

struct memport *memport_create_queues(u16 rx, u16 tx)
{
	struct memport *m = env_alloc(ENV_PRIVATE, sizeof(*m), CACHE_LINE, 0);
	struct port *p = port_alloc(0);

	if (!m || !p)
		return NULL;
	m->port = p;
	m->link = true;
	p->ops = &mem_ops;
	p->priv = m;
	p->can_wake = true;
	p->rx_queues = rx;
	p->tx_queues = tx;
	p->reta_size = MEMPORT_RETA;
	p->flow_slots = MEMPORT_FLOWS;
	p->mtu = PORT_MTU_DEFAULT;
	if (port_stats_alloc(p, statistics, ARRAY_SIZE(statistics)) ||
	    port_regs_alloc(p, registers, ARRAY_SIZE(registers)))
		return NULL;
	if (port_register(p))
		return NULL;
	memcpy(p->mac, (const u8[]){ 2, 0x50, 0x49, 0x58, 0, (u8)p->id }, 6);
	return m;
}

void memport_up(struct memport *m)
{
	m->start_delay = 0;
	mem_start(m->port, 0);
	__atomic_store_n(&m->port->state, PORT_RUNNING, __ATOMIC_RELEASE);
}

u64 memport_sent(const struct memport *m)
{
	u64 n = 0;

	for (u32 i = 0; i < PORT_QUEUES; i++)
		n += m->q[i].sent;
	return n;
}
