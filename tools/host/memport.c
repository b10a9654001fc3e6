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
	p->link = of(p)->link;
	p->speed_mbps = 10000;
	p->full_duplex = true;
	return 0;
}

static int mem_stop(struct port *p, u64 now)
{
	struct memport *m = of(p);

	(void)now;
	pool_put(p->pc, m->posted, m->nposted);
	m->nposted = 0;
	p->tx_aborted += m->tx_head - m->tx_done;
	while (m->tx_tail != m->tx_head)
		pool_put(p->pc, &m->tx[m->tx_tail++ % MEMPORT_TX], 1);
	m->tx_done = m->tx_tail;
	return 0;
}

static void post(struct memport *m, struct pool_cache *pc)
{
	while (m->nposted < MEMPORT_RX) {
		u32 n = pool_get(pc, &m->posted[m->nposted],
				 MIN((u32)BURST_MAX, MEMPORT_RX - m->nposted));

		if (!n) {
			m->port->nic.rx_nobuf++;
			return;
		}
		m->nposted += n;
	}
}

static u32 mem_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct memport *m = of(p);
	u32 n = 0;

	(void)queue;
	if (m->nposted < BURST_MAX)
		post(m, pc);
	while (n < max && m->source && m->link && n < m->nposted) {
		struct packet *pkt = m->posted[n];
		u32 len = m->source(m, pkt->data, pool_room(pc));

		if (!len)
			break;
		pkt->len = (u16)len;
		pkts[n++] = pkt;
	}
	m->nposted -= n;
	memmove(m->posted, m->posted + n, m->nposted * sizeof(m->posted[0]));
	m->received += n;
	return n;
}

static u32 mem_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct memport *m = of(p);
	u32 room = MEMPORT_TX - (m->tx_head - m->tx_tail);

	(void)queue;
	n = MIN(n, room);
	for (u32 i = 0; i < n; i++)
		m->tx[m->tx_head++ % MEMPORT_TX] = pkts[i];
	m->doorbells++;
	return n;
}

static u32 mem_room(const struct port *p, u32 queue)
{
	const struct memport *m = p->priv;

	(void)queue;
	return MEMPORT_TX - (m->tx_head - m->tx_tail);
}

static u32 mem_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct memport *m = of(p);
	u32 n = 0, budget = m->tx_slow ? m->tx_slow : ~0u;

	(void)queue;
	while (!m->tx_stuck && budget-- && m->tx_done != m->tx_head) {
		struct packet *pkt = m->tx[m->tx_done++ % MEMPORT_TX];

		if (m->sink)
			m->sink(m, pkt->data, pkt->len);
		m->sent++;
	}
	while (m->tx_tail != m->tx_done) {
		pool_put(pc, &m->tx[m->tx_tail++ % MEMPORT_TX], 1);
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
	if (p->link != m->link) {
		p->nic.link_changes++;
		__atomic_store_n(&p->link, m->link, __ATOMIC_RELAXED);
	}
}

static u32 mem_buffers(const struct port *p, u32 queue)
{
	const struct memport *m = p->priv;

	(void)queue;
	return m->nposted + m->tx_head - m->tx_tail;
}

static bool mem_arm(struct port *p, u32 queue, bool on)
{
	(void)queue;
	of(p)->armed = on;
	return false;
}

static const struct port_ops mem_ops = {
	.name = "memory",
	.start = mem_start,
	.stop = mem_stop,
	.rx = mem_rx,
	.tx = mem_tx,
	.room = mem_room,
	.reclaim = mem_reclaim,
	.step = mem_step,
	.buffers = mem_buffers,
	.arm = mem_arm,
};

struct memport *memport_create(void)
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
	p->mtu = PORT_MTU_DEFAULT;
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
