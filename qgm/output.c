// SPDX-License-Identifier: MIT
/*
 * output: the end of the walk. Frames are collected by egress port and flushed once a turn (or when
 * 64 wait), in the order in which they came: to the Tx queue of this QGM, one doorbell for all, or
 * to the ring of the QGM that owns the port. Order within a flow is kept, since a flow's packets
 * take the same collection and the same ring.
 */
#include "qgm/stages.h"

static void drop_all(struct qgm *q, struct packet *const *p, u32 n, enum drop_reason why)
{
	for (u32 i = 0; i < n; i++)
		qgm_drop(q, p[i], why);
}

/* What must be known of frames after the NIC owns them. */
struct sent {
	u16 in_port[BURST_MAX];
	u16 len[BURST_MAX];
};

static void count_sent(struct qgm *q, u16 port, const struct sent *s, u32 n)
{
	u64 bytes = 0;

	for (u32 i = 0; i < n; i++) {
		bytes += s->len[i];
		counter_add(&q->c->port[s->in_port[i]].tx, 1);
	}
	counter_add(&q->c->tx, n);
	counter_add(&q->c->port[port].out, n);
	counter_add(&q->c->port[port].out_bytes, bytes);
}

static void send_own(struct qgm *q, struct qgm_queue *k, struct packet *const *p, u32 n)
{
	struct sent sent;
	u32 took;

	if (unlikely(k->port->state != PORT_RUNNING)) {
		drop_all(q, p, n, DROP_port_down);
		return;
	}
	for (u32 i = 0; i < n; i++) {
		sent.in_port[i] = p[i]->in_port;
		sent.len[i] = p[i]->len;
	}
	took = port_tx(q, k, p, n);
	if (unlikely(took < n)) {
		ports_reclaim(q);
		took += port_tx(q, k, p + took, n - took);
	}
	count_sent(q, k->port->id, &sent, took);
	drop_all(q, p + took, n - took, DROP_tx_full);
}

static void send_other(struct qgm *q, u16 to, struct packet *const *p, u32 n)
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

static void flush_port(struct qgm *q, u32 id)
{
	struct qgm_egress *e = q->egress[id];
	u32 in = e->n, n;
	u8 k = q->queue_of[id];

	e->n = 0;
	q->egress_used &= ~(1ull << id);
	n = egress_hook(q, e->pkt, in);
	if (!n)
		return;
	if (k != QGM_NO_QUEUE)
		send_own(q, &q->queue[k], e->pkt, n);
	else
		send_other(q, port_get((u16)id)->owner, e->pkt, n);
	qgm_stage(q, PIX_STAGE_tx, n);
}

static inline void collect(struct qgm *q, struct packet *p)
{
	struct qgm_egress *e = q->egress[p->out_port];

	if (unlikely(e->n == BURST_MAX))
		flush_port(q, p->out_port);
	e->pkt[e->n++] = p;
	q->egress_used |= 1ull << p->out_port;
}

void output_flush(struct qgm *q)
{
	for (u64 bits = q->egress_used; bits; bits &= bits - 1)
		flush_port(q, (u32)__builtin_ctzll(bits));
}

void output_handed(struct qgm *q, struct packet *const *p, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		p[i]->flags |= PACKET_HANDED;
		if (unlikely(q->queue_of[p[i]->out_port] == QGM_NO_QUEUE))
			qgm_drop(q, p[i], DROP_qgm_down);
		else
			collect(q, p[i]);
	}
}

void qgm_output(struct qgm *q, const struct tables *t, struct packet *p)
{
	const struct iface *ifc = p->out_if < t->if_count ? t->iface[p->out_if] : NULL;
	const struct port *port = ifc ? port_get(ifc->port) : NULL;

	if (unlikely(!port || ifc->mode == IFACE_MODE_NONE)) {
		qgm_drop(q, p, DROP_no_interface);
		return;
	}
	if (unlikely(!ifc->up)) {
		qgm_drop(q, p, DROP_interface_down);
		return;
	}
	if (unlikely(load_relaxed(&port->state) != PORT_RUNNING || !load_relaxed(&port->link))) {
		qgm_drop(q, p, DROP_port_down);
		return;
	}
	p->out_port = port->id;
	counter_add(&q->c->stage[PIX_STAGE_egress].packets, 1);
	collect(q, p);
}
