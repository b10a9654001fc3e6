// SPDX-License-Identifier: MIT
#include "tests/unit/drivers/mq.h"
#include "tests/unit/unit.h"

enum { MS = 1000000 /* cycles at the host's 1 GHz */, IP = 14, L4 = 34, PAYLOAD = 54 };

struct mq mq;

int mq_probe(const struct mq_setup *s)
{
	struct port *p;
	int err;

	rig_pairs = s->queues ? s->queues : PORT_QUEUES;
	err = s->jumbo ? rig_start_jumbo(s->model, s->driver, s->vendor, s->device, s->buffers)
		       : rig_start(s->model, s->driver, s->vendor, s->device, s->buffers);

	if (err)
		return err;
	p = rig.port;
	mq = (struct mq){ .queues = s->queues ? MIN(s->queues, (u32)p->rx_queues) : p->rx_queues };
	p->rx_queues = p->tx_queues = (u16)mq.queues;
	for (u32 i = 0; i < mq.queues; i++) {
		p->queue_qgm[i] = (u16)i;
		mq.pc[i] = i ? pool_cache_create(rig.pool, 64, 0) : rig.pc;
		assert_non_null(mq.pc[i]);
	}
	if (s->irq)
		rig.irq_kind = 1;
	if (p->ops->attach)
		p->ops->attach(p, 0);
	return 0;
}

void mq_begin(const struct mq_setup *s)
{
	assert_int_equal(mq_probe(s), 0);
	assert_int_equal(mq_start(2000, 1000), 0);
	mq_spread((1ull << mq.queues) - 1);
	mq_run(20);
}

static int drive(int (*op)(struct port *, u64), u32 ms, u32 step_us)
{
	u64 end = rig.now + (u64)ms * MS;
	int err;

	do {
		err = op(rig.port, rig.now);
		rig.now += (u64)step_us * (MS / 1000);
		rig_tick();
	} while (err == -EAGAIN && rig.now < end);
	return err;
}

int mq_start(u32 ms, u32 step_us)
{
	int err = drive(rig.port->ops->start, ms, step_us);

	rig.port->state = err ? PORT_FAILED : PORT_RUNNING;
	return err;
}

int mq_stop(u32 ms)
{
	int err = drive(rig.port->ops->stop, ms, 1000);

	rig.port->link = false;
	if (err) {
		rig.port->state = PORT_FAILED;
		return err;
	}
	for (u32 i = 0; i < mq.queues; i++) {
		mq.aborted += rig.port->ops->drain(rig.port, i, mq.pc[i]);
		assert_int_equal(rig.port->ops->buffers(rig.port, i), 0);
	}
	rig.port->state = PORT_STOPPED;
	return 0;
}

/* A cache's buffers go back to the shared ring when it is emptied: count them as free. */
void mq_check_buffers(void)
{
	u32 held = 0;

	for (u32 i = 0; i < mq.queues; i++)
		held += rig.port->ops->buffers(rig.port, i);
	assert_int_equal(pool_free_count(rig.pool) + held, pool_size(rig.pool));
}

void mq_end(void)
{
	if (rig.port->state != PORT_STOPPED)
		assert_int_equal(mq_stop(2000), 0);
	mq_check_buffers();
	rig_end();
}

void mq_spread(u64 queues)
{
	struct reta r;

	if (!rig.port->ops->spread || mq.queues < 2)
		return;
	assert_int_equal(reta_init(&r, rig.port->reta_size), 0);
	for (u32 i = 0, q = 0; i < r.size; i++, q++) {
		while (!(queues >> q % mq.queues & 1))
			q++;
		r.entry[i] = (u8)(q % mq.queues);
	}
	rig.port->ops->spread(rig.port, &r);
}

u32 mq_rx(u32 queue, struct packet **pkts, u32 max)
{
	return rig.port->ops->rx(rig.port, queue, mq.pc[queue], pkts, max);
}

static u32 turn(void)
{
	struct packet *pkt[BURST_MAX];
	u32 total = 0;

	for (u32 i = 0; i < mq.queues && rig.port->state == PORT_RUNNING; i++) {
		u32 n = mq_rx(i, pkt, BURST_MAX);

		if (n)
			pool_put(mq.pc[i], pkt, n);
		total += n;
		rig.port->ops->reclaim(rig.port, i, mq.pc[i]);
	}
	if (++mq.turns % 10 == 0 && rig.port->state == PORT_RUNNING)
		rig.port->ops->step(rig.port, rig.now);
	rig.now += MS;
	rig_tick();
	return total;
}

/* As begin_reset(), step_stopping(), step_draining(), step_starting() of qgm/ports.c. */
static void reset(void)
{
	struct port *p = rig.port;

	p->want_reset = 0;
	p->nic.resets++;
	if (p->link)
		p->nic.link_changes++;
	p->link = false;
	if (mq_stop(2000) == 0)
		mq_start(2000, 1000);
	p->want_reset = 0;
	if (p->state == PORT_RUNNING)
		mq_spread((1ull << mq.queues) - 1);
}

u32 mq_run(u32 ms)
{
	u32 total = 0;

	for (u32 i = 0; i < ms; i++) {
		total += turn();
		if (rig.port->want_reset && rig.port->state == PORT_RUNNING)
			reset();
	}
	return total;
}

void mq_wait(u32 ms)
{
	rig.now += (u64)ms * MS;
	rig_tick();
}

struct mq_recovery mq_recover(u32 ms)
{
	struct mq_recovery r = { ~0u, ~0u };
	u64 begin = rig.now;

	while (rig.now - begin < (u64)ms * MS) {
		turn();
		if (rig.port->want_reset)
			break;
	}
	if (!rig.port->want_reset)
		return r;
	r.noticed = (u32)((rig.now - begin) / MS);
	reset();
	r.back = (u32)((rig.now - begin) / MS);
	return r;
}

u64 mq_bad(void)
{
	u64 n = rig.port->nic.bad_descriptor;

	for (u32 i = 0; i < mq.queues; i++)
		n += rig.port->qnic[i].bad_descriptor;
	return n;
}

u64 mq_nobuf(void)
{
	u64 n = rig.port->nic.rx_nobuf;

	for (u32 i = 0; i < mq.queues; i++)
		n += rig.port->qnic[i].rx_nobuf;
	return n;
}

/* --- frames -------------------------------------------------------------------------------- */

static void put16(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static void put32(u8 *p, u32 v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static u32 sum16(const u8 *p, u32 len)
{
	u32 s = 0;

	for (u32 i = 0; i < len; i += 2)
		s += (u32)p[i] << 8 | p[i + 1];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

void mq_frame(u8 *f, u32 len, const struct mq_flow *flow, u32 seq)
{
	static const u8 macs[12] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56, 2, 0, 0, 0, 0, 1 };

	memset(f, 0, len);
	memcpy(f, macs, sizeof(macs));
	put16(f + 12, 0x0800);
	f[IP] = 0x45;
	put16(f + IP + 2, len - IP);
	f[IP + 8] = 64;
	f[IP + 9] = flow->proto;
	put32(f + IP + 12, flow->src);
	put32(f + IP + 16, flow->dst);
	put16(f + IP + 10, ~sum16(f + IP, 20) & 0xffff);
	put16(f + L4, flow->sport);
	put16(f + L4 + 2, flow->dport);
	if (flow->proto == 17)
		put16(f + L4 + 4, len - L4); /* no checksum */
	else
		f[L4 + 12] = 5 << 4;
	put32(f + PAYLOAD, seq);
}

u32 mq_seq(const u8 *f)
{
	return (u32)f[PAYLOAD] << 24 | (u32)f[PAYLOAD + 1] << 16 | (u32)f[PAYLOAD + 2] << 8 |
	       f[PAYLOAD + 3];
}
