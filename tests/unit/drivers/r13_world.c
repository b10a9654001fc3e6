// SPDX-License-Identifier: MIT
#include "tests/unit/drivers/r13.h"
#include "tests/unit/drivers/model_nicsim.h"
#include "tests/unit/unit.h"

enum {
	US = 1000, /* cycles at the host's 1 GHz */
	MS = 1000 * US,
	STEP_MS = 10,
	FLOWS = 16,
	NUMBERS = 1 << 16,
	LEN_MIN = 64,
	LEN_MAX = 1514,
	BUFFERS = 8192,
	HEAD = 58, /* bytes up to the number's end */
};

struct r13_world r13_world;

/* What became of a number, and what it was. */
static struct number {
	u16 len;
	u8 flow, port;
	bool inside;  /* injected, not yet seen */
	bool on_wire; /* handed to tx, not yet seen */
} numbers[NUMBERS];
static u32 next_number;
static u32 last_of[2][FLOWS]; /* last number handed up of each flow, as distance rules */
static struct mq_flow flows[FLOWS];

/* --- random ---------------------------------------------------------------------------------- */

static u64 rng;

void r13_seed(u64 seed)
{
	rng = seed * 0x9e3779b97f4a7c15ull | 1;
	for (u32 i = 0; i < 8; i++)
		r13_any();
}

u32 r13_any(void)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (u32)(rng >> 16);
}

u32 r13_below(u32 n)
{
	return r13_any() % n;
}

/* --- frames ---------------------------------------------------------------------------------- */

static u8 body(u32 number, u32 i)
{
	return (u8)(number * 31 + i * 7 + (i >> 8));
}

static u32 make(u8 *f, u32 port, u32 flow, u32 len)
{
	u32 number = next_number++;

	mq_frame(f, len, &flows[flow], number);
	memcpy(f, r13_world.port[port].port->mac, 6);
	for (u32 i = HEAD; i < len; i++)
		f[i] = body(number, i);
	numbers[number % NUMBERS] =
		(struct number){ .len = (u16)len, .flow = (u8)flow, .port = (u8)port };
	return number;
}

/* The frame of this number, byte for byte but for its addresses. */
static struct number *whole(const u8 *f, u32 len)
{
	static u8 want[LEN_MAX];
	struct number *k;
	u32 number;

	if (len < LEN_MIN || len > LEN_MAX)
		fail_msg("a frame of %u bytes that nobody sent", len);
	number = mq_seq(f);
	k = &numbers[number % NUMBERS];
	if (next_number - number > NUMBERS || k->len != len)
		fail_msg("frame %u of %u bytes: nobody sent that", number, len);
	mq_frame(want, len, &flows[k->flow], number);
	for (u32 i = HEAD; i < len; i++)
		want[i] = body(number, i);
	if (memcmp(f + 12, want + 12, len - 12) != 0)
		fail_msg("frame %u of %u bytes is not what was sent", number, len);
	return k;
}

static void inject(u32 i, u32 flow)
{
	struct r13_port *w = &r13_world.port[i];
	static u8 f[LEN_MAX];
	u32 len = r13_below(4) ? LEN_MIN + r13_below(200)
			       : LEN_MIN + r13_below(LEN_MAX - LEN_MIN + 1);
	u32 number = make(f, i, flow, len);

	if (!i)
		rig_event();
	numbers[number % NUMBERS].inside = true;
	w->injected++;
	w->model->inject(w->model, f, len);
}

/* A packet that the driver handed up is believed. */
static void received(struct r13_port *w, u32 i, const struct packet *pkt)
{
	struct number *k;
	u32 number;

	if (pkt->len < 14) { /* the engine drops it by name */
		w->runts++;
		return;
	}
	k = whole(pkt->data, pkt->len);
	number = mq_seq(pkt->data);

	if (!k->inside || k->port != i)
		fail_msg("frame %u was handed up twice, or by the wrong port", number);
	if ((s32)(number - last_of[i][k->flow]) <= 0)
		fail_msg("frame %u of flow %u after %u", number, k->flow, last_of[i][k->flow]);
	last_of[i][k->flow] = number;
	k->inside = false;
	if (r13_world.beyond)
		(void)*(const volatile u8 *)&pkt->data[pkt->len];
	w->delivered++;
}

static void put(struct r13_port *w, u32 queue, struct packet *pkt)
{
	pool_put(w->pc[queue], &pkt, 1);
}

static void send(struct r13_port *w, u32 queue, struct packet *const *pkt, u32 n)
{
	u32 took;

	for (u32 i = 0; i < n; i++) { /* for nobody within the device */
		memcpy(pkt[i]->data, (const u8[]){ 2, 0, 0, 0, 0, 1 }, 6);
		memcpy(pkt[i]->data + 6, w->port->mac, 6);
		numbers[mq_seq(pkt[i]->data) % NUMBERS].on_wire = true;
	}
	took = w->port->ops->tx(w->port, queue, pkt, n);
	assert_true(took <= n);
	w->handed += took;
	for (u32 i = took; i < n; i++) {
		numbers[mq_seq(pkt[i]->data) % NUMBERS].on_wire = false;
		put(w, queue, pkt[i]);
	}
}

void r13_send(u32 n)
{
	struct r13_port *w = &r13_world.port[0];

	while (n--) {
		struct packet *pkt = rig_packet(LEN_MAX, 0);
		u32 len = LEN_MIN + r13_below(300);

		if (!pkt)
			return;
		make(pkt->data, 0, r13_below(FLOWS), len);
		pkt->len = (u16)len;
		send(w, r13_below(w->queues), &pkt, 1);
	}
}

/* Frames that left: each was handed over once. */
static void watch_wire(struct r13_port *w)
{
	struct model *m = w->model;

	while (m->sent_head != m->sent_tail) {
		const struct sent *s = &m->sent[m->sent_tail++ % SENT_MAX];
		struct number *k;

		if (s->len >= 14 && s->data[12] == 0x88 && s->data[13] == 0xcc)
			continue; /* LLDP of a firmware */
		k = whole(s->data, s->len);
		if (!k->on_wire)
			fail_msg("frame %u was sent twice", mq_seq(s->data));
		k->on_wire = false;
		w->sent++;
	}
}

/* --- a port in its turn ---------------------------------------------------------------------- */

static void poll_queue(struct r13_port *w, u32 i, u32 queue)
{
	struct packet *pkt[BURST_MAX], *out[BURST_MAX];
	const struct port_ops *ops = w->port->ops;
	u32 n = ops->rx(w->port, queue, w->pc[queue], pkt, 1 + r13_below(BURST_MAX)), k = 0;

	assert_true(n <= BURST_MAX);
	for (u32 j = 0; j < n; j++) {
		received(w, i, pkt[j]);
		if (pkt[j]->len >= 14 && (i || !r13_world.rate || r13_below(2)))
			out[k++] = pkt[j];
		else
			put(w, queue, pkt[j]);
	}
	if (k)
		send(w, queue, out, k);
	ops->reclaim(w->port, queue, w->pc[queue]);
}

static void drained(struct r13_port *w)
{
	if (w->port->ops->drain)
		for (u32 q = 0; q < w->queues; q++) {
			w->aborted += w->port->ops->drain(w->port, q, w->pc[q]);
			assert_int_equal(w->port->ops->buffers(w->port, q), 0);
		}
	w->port->state = PORT_STOPPED;
	if (w->restart)
		w->port->state = PORT_STARTING;
	w->restart = false;
}

static void spread(struct r13_port *w)
{
	struct reta r;

	if (!w->port->ops->spread || w->queues < 2)
		return;
	assert_int_equal(reta_init(&r, w->port->reta_size), 0);
	for (u32 i = 0; i < r.size; i++)
		r.entry[i] = (u8)(i % w->queues);
	w->port->ops->spread(w->port, &r);
}

static void running(struct r13_port *w, u32 i)
{
	struct port *p = w->port;

	for (u32 q = 0; q < w->queues && p->state == PORT_RUNNING; q++)
		poll_queue(w, i, q);
	if (p->state != PORT_RUNNING || rig.now < w->next_step)
		return;
	w->next_step = rig.now + STEP_MS * MS;
	p->ops->step(p, rig.now);
	if (!p->want_reset || p->state != PORT_RUNNING)
		return;
	p->want_reset = 0;
	p->nic.resets++;
	p->link = false;
	w->restart = true;
	p->state = PORT_STOPPING;
}

/* As ports_step() of qgm/ports.c. */
static void turn(struct r13_port *w, u32 i)
{
	struct port *p = w->port;
	int err;

	switch (p->state) {
	case PORT_RUNNING:
		running(w, i);
		break;
	case PORT_STOPPING:
		err = p->ops->stop(p, rig.now);
		if (err == -EAGAIN)
			break;
		p->link = false;
		if (err)
			p->state = PORT_FAILED;
		else
			drained(w);
		break;
	case PORT_STARTING:
		err = p->ops->start(p, rig.now);
		if (err == -EAGAIN)
			break;
		p->want_reset = 0;
		p->state = err ? PORT_FAILED : PORT_RUNNING;
		w->next_step = rig.now;
		if (!err)
			spread(w);
		break;
	default:
		break;
	}
	watch_wire(w);
}

/* It says that it can receive. */
bool r13_ready(const struct r13_port *w)
{
	if (w->port->state != PORT_RUNNING || !w->port->link)
		return false;
	for (u32 q = 0; r13.first_poll && q < w->queues; q++)
		if (!w->port->ops->buffers(w->port, q))
			return false;
	return true;
}

void r13_turn(void)
{
	struct r13_world *x = &r13_world;

	for (u32 n = x->rate ? r13_below(x->rate + 1) : 0; n; n--)
		inject(0, r13_below(FLOWS));
	if (r13_ready(&x->port[1]))
		inject(1, r13_below(FLOWS));
	turn(&x->port[0], 0);
	turn(&x->port[1], 1);
	rig.now += r13_below(8) ? MS : 1 + r13_below(MS);
	rig_tick();
}

void r13_turns(u32 n)
{
	while (n--)
		r13_turn();
}

/* --- life ------------------------------------------------------------------------------------ */

static void port_begin(struct r13_port *w, struct model *m, struct port *p)
{
	*w = (struct r13_port){ .model = m,
				.port = p,
				.queues = MIN(r13.queues, MAX((u32)p->rx_queues, 1u)) };
	p->rx_queues = p->tx_queues = (u16)w->queues;
	for (u32 q = 0; q < w->queues; q++) {
		w->pc[q] = m == rig.model && !q ? rig.pc : pool_cache_create(rig.pool, 64, 0);
		assert_non_null(w->pc[q]);
	}
	p->pc = w->pc[0];
	p->state = PORT_STARTING;
}

static struct model *fresh(void)
{
	const char *variant = r13.variants ? r13.variants[r13_world.variant] : NULL;
	char spec[128];

	if (r13.model)
		return r13.model(r13_world.variant);
	snprintf(spec, sizeof(spec), "%s%s%s", r13.spec, variant ? "," : "",
		 variant ? variant : "");
	return r13.guest ? model_nicsim_vf(spec) : model_nicsim(spec);
}

static bool both(void)
{
	return r13_ready(&r13_world.port[0]) && r13_ready(&r13_world.port[1]);
}

void r13_begin(void)
{
	struct model *m = fresh(), *other = fresh();

	r13_world = (struct r13_world){ .variant = r13_world.variant };
	rig_poison = true;
	rig_pairs = r13.queues;
	assert_int_equal(rig_start(m, r13.driver, r13.vendor, r13.device, BUFFERS), 0);
	assert_int_equal(rig_add(other, r13.driver, r13.vendor, r13.device), 0);
	port_begin(&r13_world.port[0], m, rig.port);
	port_begin(&r13_world.port[1], other, rig.other);
	rig.irq_kind = 1;
	for (u32 i = 0; i < FLOWS; i++)
		flows[i] =
			(struct mq_flow){ 0x0a000001 + i * 0x10101, 0x0b000001 + r13_any() % 65536,
					  (u16)r13_any(), (u16)r13_any(), 17 };
	memset(last_of, 0, sizeof(last_of));
	next_number = 1;
	for (u32 n = 0; n < 3000 && !both(); n++)
		r13_turn();
	assert_true(both());
	r13_turns(20);
}

static u32 held(const struct r13_port *w)
{
	u32 n = 0;

	for (u32 q = 0; q < w->queues; q++)
		n += w->port->ops->buffers(w->port, q);
	return n;
}

void r13_check(void)
{
	const struct r13_port *a = &r13_world.port[0], *b = &r13_world.port[1];

	if (rig.fault[0])
		fail_msg("%s", rig.fault);
	assert_int_equal(pool_free_count(rig.pool) + held(a) + held(b), pool_size(rig.pool));
	assert_int_equal(b->injected, b->delivered);
	assert_int_equal(b->handed, b->sent);
	assert_int_equal(b->port->nic.resets, 0);
	assert_true(a->sent <= a->handed);
	if (!r13_world.dark)
		assert_true(a->handed <= a->sent + a->aborted + a->port->tx_aborted);
}

void r13_settle(void)
{
	r13_world.rate = 0;
	r13_turns(12);
}

u32 r13_works(u32 turns)
{
	struct r13_port *w = &r13_world.port[0];
	u64 was, sent = w->sent;

	r13_world.rate = 0;
	was = w->delivered;
	for (u32 i = 0; i < FLOWS; i++)
		inject(0, i);
	for (u32 n = 0; n < turns; n++) {
		if (w->delivered - was >= FLOWS && w->sent - sent >= FLOWS)
			return n;
		r13_turn();
	}
	return ~0u;
}

u64 r13_bad(void)
{
	const struct port *p = r13_world.port[0].port;
	u64 n = p->nic.bad_descriptor + p->nic.rx_crc + p->nic.rx_length + r13_world.port[0].runts;

	for (u32 q = 0; q < r13_world.port[0].queues; q++)
		n += p->qnic[q].bad_descriptor + p->qnic[q].rx_errors;
	return n;
}

void r13_restart(void)
{
	struct r13_port *w = &r13_world.port[0];

	w->restart = true;
	w->port->state = PORT_STOPPING;
}

void r13_end(void)
{
	for (u32 i = 0; i < 2; i++) {
		struct r13_port *w = &r13_world.port[i];

		w->restart = false;
		if (w->port->state != PORT_STOPPED)
			w->port->state = PORT_STOPPING;
	}
	for (u32 n = 0; n < 3000; n++) {
		turn(&r13_world.port[0], 0);
		turn(&r13_world.port[1], 1);
		rig.now += MS;
		rig_tick();
	}
	assert_int_equal(rig.port->state, PORT_STOPPED);
	assert_int_equal(rig.other->state, PORT_STOPPED);
	rig_end();
	rig_poison = false;
	rig_pairs = 0;
}
