// SPDX-License-Identifier: MIT
/*
 * output: the end of the walk. Frames are collected by egress port and flushed once a turn (or when
 * 64 wait), in the order in which they came: to the Tx queue of this QGM, one doorbell for all, or
 * to the ring of the QGM that owns the port. Order within a flow is kept, since a flow's packets
 * take the same collection and the same ring.
 *
 * What a full Tx queue does not take waits in a bounded FIFO of the port ("late", counted as held)
 * and goes before newer frames; what does not fit there is the drop tx_full. Without it the
 * device models of hypervisors, which empty their queues a few milliseconds late, lose bursts.
 */
#include "qgm/ifcount.h"
#include "qgm/ptrcopy.h"
#include "qgm/stages.h"

static void drop_all(struct qgm *q, struct packet *const *p, u32 n, enum drop_reason why)
{
	for (u32 i = 0; i < n; i++)
		qgm_drop(q, p[i], why);
}

/* Length and ingress port by one load, the length alone if that is the port. */
static inline u64 len_from(const struct packet *p, u32 in_port)
{
	u32 both;

	__builtin_memcpy(&both, &p->len, sizeof(both));
	return (u64)both - ((u64)in_port << 16);
}

_Static_assert(__builtin_offsetof(struct packet, in_port) ==
		       __builtin_offsetof(struct packet, len) + 2,
	       "len_from() loads both");

/* Counts frames by their ingress ports; returns their bytes. */
static u64 count_each(struct qgm *q, struct packet *const *p, u32 n)
{
	u64 bytes = 0;

	for (u32 i = 0, run; i < n; i += run) {
		u16 in_port = p[i]->in_port;

		for (run = 0; i + run + 4 <= n; run += 4) {
			u64 l0 = len_from(p[i + run], in_port),
			    l1 = len_from(p[i + run + 1], in_port);
			u64 l2 = len_from(p[i + run + 2], in_port);
			u64 l3 = len_from(p[i + run + 3], in_port);

			if ((l0 | l1 | l2 | l3) >> 16)
				break;
			bytes += l0 + l1 + l2 + l3;
		}
		for (; i + run < n && p[i + run]->in_port == in_port; run++)
			bytes += p[i + run]->len;
		counter_add(&q->c->port[in_port].tx, run);
	}
	return bytes;
}

/* Counts n frames that are about to be handed to the NIC. */
static void count_sent(struct qgm *q, u16 port, struct packet *const *p, u32 n)
{
	struct sent_sum s;

	if (likely(q->sent) && likely(q->sent(p, n, &s))) {
		counter_add(&q->c->port[p[0]->in_port].tx, s.first);
		counter_add(&q->c->port[p[n - 1]->in_port].tx, n - s.first);
	} else {
		s.bytes = count_each(q, p, n);
	}
	counter_add(&q->c->tx, n);
	counter_add(&q->c->port[port].out, n);
	counter_add(&q->c->port[port].out_bytes, s.bytes);
	if (unlikely(q->t->vlan[port]))
		ifcount_tx(q, p, n, false);
}

/* Takes back what count_sent() said of frames that the NIC did not take. They are ours still. */
static void uncount_sent(struct qgm *q, u16 port, struct packet *const *p, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		counter_add(&q->c->port[p[i]->in_port].tx, ~0ull);
		counter_add(&q->c->port[port].out_bytes, -(u64)p[i]->len);
	}
	counter_add(&q->c->tx, -(u64)n);
	counter_add(&q->c->port[port].out, -(u64)n);
	if (unlikely(q->t->vlan[port]))
		ifcount_tx(q, p, n, true);
}

/* Hand up to 64 frames to the NIC; returns how many it took. Counted before, since the NIC owns
 * them afterwards; nobody may rely on the counters but at the quiescent point. */
static u32 try_send(struct qgm *q, struct qgm_queue *k, struct packet *const *p, u32 n)
{
	u32 took;

	count_sent(q, k->port->id, p, n);
	took = port_tx(q, k, p, n);
	if (unlikely(took < n))
		uncount_sent(q, k->port->id, p + took, n - took);
	return took;
}

static void keep_late(struct qgm *q, struct qgm_queue *k, struct packet *const *p, u32 n)
{
	u32 room = k->late_mask + 1 - (k->late_head - k->late_tail), keep = MIN(n, room);

	for (u32 i = 0; i < keep; i++) {
		qgm_hold(q, p[i]);
		k->late[(k->late_head + i) & k->late_mask] = p[i];
	}
	if (keep)
		q->late_queues |= 1ull << (k - q->queue);
	store_relaxed(&k->late_head, k->late_head + keep);
	drop_all(q, p + keep, n - keep, DROP_tx_full);
}

/* True: nothing is late any more. */
static bool send_late(struct qgm *q, struct qgm_queue *k)
{
	bool up = k->port->state == PORT_RUNNING;

	while (k->late_head != k->late_tail) {
		struct packet *p[BURST_MAX];
		u32 n = MIN(k->late_head - k->late_tail, (u32)BURST_MAX), took;

		if (up && k->port->ops->room) /* a full ring costs a look at it */
			n = MIN(n, k->port->ops->room(k->port, k->queue));
		if (!n)
			return false;
		took = n;
		for (u32 i = 0; i < n; i++) {
			p[i] = k->late[(k->late_tail + i) & k->late_mask];
			qgm_unhold(q, p[i]);
		}
		if (up)
			took = try_send(q, k, p, n);
		else
			drop_all(q, p, n, DROP_port_down);
		store_relaxed(&k->late_tail, k->late_tail + took);
		for (u32 i = took; i < n; i++)
			qgm_hold(q, p[i]);
		if (took < n)
			return false;
	}
	q->late_queues &= ~(1ull << (k - q->queue));
	return true;
}

void output_late(struct qgm *q)
{
	for (u64 bits = q->late_queues; bits; bits &= bits - 1)
		send_late(q, &q->queue[__builtin_ctzll(bits)]);
}

static void send_own(struct qgm *q, struct qgm_queue *k, struct packet *const *p, u32 n)
{
	u32 took = 0;

	if (unlikely(k->port->state != PORT_RUNNING)) {
		drop_all(q, p, n, DROP_port_down);
		return;
	}
	if (likely(k->late_head == k->late_tail) || send_late(q, k))
		took = try_send(q, k, p, n);
	if (unlikely(took < n))
		keep_late(q, k, p + took, n - took);
}

void ring_hand(struct qgm *q, u16 to, struct packet *const *p, u32 n)
{
	u32 took;

	if (unlikely(!q->out[to] || !load_relaxed(&q->ctl->qgm[to].up))) {
		drop_all(q, p, n, DROP_qgm_down);
		return;
	}
	took = ring_enqueue(q->out[to], (void *const *)p, n);
	counter_add(&q->c->ring_out, took);
	q->out_touched |= 1ull << to;
	drop_all(q, p + took, n - took, DROP_ring_full);
}

/* The egress hook sees what started here; what came through a ring has been there. */
static u32 egress_hook(struct qgm *q, struct packet **p, u32 n)
{
	u32 left = 0;

	if (likely(!stage_hooked(HOOK_EGRESS)))
		return n;
	for (u32 i = 0; i < n; i++) {
		u32 keep = 1;

		if (!(p[i]->flags & PACKET_HANDED))
			keep = stage_hook(q, q->t, HOOK_EGRESS, &p[i], 1);
		if (keep)
			p[left++] = p[i];
	}
	return left;
}

void output_flush_port(struct qgm *q, u32 id)
{
	struct qgm_egress *e = q->egress[id];
	u32 in = e->n, n;
	u8 k = q->queue_of[id];

	counter_add(&q->c->stage[PIX_STAGE_egress].packets, in - e->handed);
	e->n = e->handed = 0;
	q->egress_used &= ~(1ull << id);
	n = egress_hook(q, e->pkt, in);
	if (!n)
		return;
	if (k != QGM_NO_QUEUE)
		send_own(q, &q->queue[k], e->pkt, n);
	else
		ring_hand(q, q->tx_by[id], e->pkt, n);
	qgm_stage(q, PIX_STAGE_tx, n);
}

void output_flush(struct qgm *q)
{
	for (u64 bits = q->egress_used; bits; bits &= bits - 1)
		output_flush_port(q, (u32)__builtin_ctzll(bits));
}

void output_handed(struct qgm *q, struct packet *const *p, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		p[i]->flags |= PACKET_HANDED;
		if (unlikely(q->queue_of[p[i]->out_port] == QGM_NO_QUEUE)) {
			qgm_drop(q, p[i], DROP_qgm_down);
			continue;
		}
		output_collect(q, p[i]);
		q->egress[p[i]->out_port]->handed++;
	}
}

/* The way out of an interface; DROP_none and the port, or why not. */
static enum drop_reason find_egress(const struct tables *t, u16 ifid, u16 *out_port)
{
	const struct iface *ifc = ifid < t->if_count ? t->iface[ifid] : NULL;
	const struct port *port = ifc ? port_get(ifc->port) : NULL;

	if (!port || ifc->mode == IFACE_MODE_NONE)
		return DROP_no_interface;
	if (!ifc->up)
		return DROP_interface_down;
	if (load_relaxed(&port->state) != PORT_RUNNING || !load_relaxed(&port->link))
		return DROP_port_down;
	*out_port = port->id;
	return DROP_none;
}

/* The first frame to another interface than the last one's, or the first of a collection. */
static __attribute__((noinline)) void output_checked(struct qgm *q, const struct tables *t,
						     struct packet *p)
{
	u16 port = 0;
	enum drop_reason why = find_egress(t, p->out_if, &port);

	if (why) {
		qgm_drop(q, p, why);
		return;
	}
	q->last_if = p->out_if;
	q->last_port = port;
	q->last_egress = q->egress[port];
	p->out_port = port;
	output_collect(q, p);
}

void qgm_output(struct qgm *q, const struct tables *t, struct packet *p)
{
	struct qgm_egress *e = q->last_egress;
	u32 n;

	if (unlikely(p->out_if != q->last_if || !p->out_if)) {
		output_checked(q, t, p);
		return;
	}
	n = e->n;
	if (unlikely(n - 1 >= BURST_MAX - 1)) { /* empty: its bit is to be set; or full */
		output_checked(q, t, p);
		return;
	}
	p->out_port = q->last_port;
	e->pkt[n] = p;
	e->n = n + 1;
}

static inline bool one_way(struct packet *const *p, u32 n)
{
	u32 differ = 0;

#pragma GCC unroll 4
	for (u32 i = 1; i < n; i++)
		differ |= (u32)(p[i]->out_port ^ p[0]->out_port);
	return !differ;
}

/* As many at once to a port that is ours go to its NIC as they are; fewer are collected, so that
 * the NIC is rung once a turn. Not if others wait before them. */
enum { AT_ONCE = BURST_MAX / 2 };

static inline bool at_once(const struct qgm *q, const struct qgm_egress *e, u16 port, u32 n)
{
	return n >= AT_ONCE && !e->n && q->queue_of[port] != QGM_NO_QUEUE &&
	       !stage_hooked(HOOK_EGRESS);
}

static void send_at_once(struct qgm *q, u16 port, struct packet *const *p, u32 n)
{
	counter_add(&q->c->stage[PIX_STAGE_egress].packets, n);
	send_own(q, &q->queue[q->queue_of[port]], p, n);
	qgm_stage(q, PIX_STAGE_tx, n);
}

static void collect_way(struct qgm *q, struct qgm_egress *e, u16 port, struct packet *const *p,
			u32 n)
{
	if (unlikely(n > BURST_MAX - e->n)) {
		for (u32 i = 0; i < n; i++)
			output_collect(q, p[i]);
		return;
	}
	ptrcopy((void **)&e->pkt[e->n], (void *const *)p, n);
	e->n += n;
	q->egress_used |= 1ull << port;
}

void qgm_output_way(struct qgm *q, u16 ifid, u16 port, struct packet *const *p, u32 n)
{
	struct qgm_egress *e = q->egress[port];

	if (unlikely(!n))
		return;
	if (likely(at_once(q, e, port, n) && ifid < IFCOUNT_FIRST)) {
		send_at_once(q, port, p, n);
		return;
	}
	for (u32 i = 0; i < n; i++) {
		p[i]->out_if = ifid;
		p[i]->out_port = port;
	}
	collect_way(q, e, port, p, n);
}

void qgm_output_burst(struct qgm *q, struct packet *const *p, u32 n)
{
	struct qgm_egress *e;
	u16 port;

	if (unlikely(!n))
		return;
	port = p[0]->out_port;
	e = q->egress[port];
	if (!one_way(p, n)) {
		for (u32 i = 0; i < n; i++)
			output_collect(q, p[i]);
		return;
	}
	/* All to one port, as it mostly is: its books once, not a packet. */
	if (at_once(q, e, port, n))
		send_at_once(q, port, p, n);
	else
		collect_way(q, e, port, p, n);
}
