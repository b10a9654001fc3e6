// SPDX-License-Identifier: MIT
/*
 * Ping sockets as Linux has them: the user sends and receives ICMP messages from the ICMP header
 * on; the identifier is the socket's and set by the kernel, so that replies find their socket.
 * Packets go out through the engine's inject ring and come back by the punt classes ICMP and ICMP6.
 *
 * Errors about our own echo requests end the next receive with the errno that Linux gives them.
 * With IP_RECVERR or IPV6_RECVERR they do not, but wait for a receive with MSG_ERRQUEUE, which
 * gives the ICMP error and the address of who sent it (Linux has the latter in a control message).
 */
#include "kernel/net/ping.h"

#include "kernel/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/heap.h"
#include "kernel/net/door.h"
#include "kernel/sched/wait.h"
#include "qgm/control.h"

enum { PING_QUEUE = 64, PING_SOCKETS = 64, MSG_ERRQUEUE = 0x2000 };

struct ping_packet {
	struct ping_packet *next;
	struct ping_addr from;
	u32 len;
	u8 data[];
};

struct ping_queue {
	struct ping_packet *first, **last;
	u32 count;
};

struct ping_sock {
	const struct ping_family *family;
	u16 id; /* on the wire as cpu_to_be16(id) */
	u8 ttl;
	bool recverr, recvhops;
	struct waitq wq;
	struct spinlock lock;
	struct ping_queue replies, errors; /* under lock */
	int error;                         /* pending -errno from an ICMP error */
	bool connected;
	struct ping_addr peer;
};

static struct ping_sock *socks[PING_SOCKETS]; /* under socks_lock */
static struct spinlock socks_lock = SPINLOCK_INIT("ping sockets");
static u16 next_id = 1;

/* --- queues ----------------------------------------------------------------------------------- */

static void queue_init(struct ping_queue *q)
{
	q->first = NULL;
	q->last = &q->first;
	q->count = 0;
}

static bool queue_put(struct ping_queue *q, struct ping_packet *p)
{
	if (q->count == PING_QUEUE)
		return false;
	p->next = NULL;
	*q->last = p;
	q->last = &p->next;
	q->count++;
	return true;
}

static struct ping_packet *queue_take(struct ping_queue *q)
{
	struct ping_packet *p = q->first;

	if (!p)
		return NULL;
	q->first = p->next;
	if (!q->first)
		q->last = &q->first;
	q->count--;
	return p;
}

static void queue_free(struct ping_queue *q)
{
	struct ping_packet *p;

	while ((p = queue_take(q)))
		kfree(p);
}

/* --- receive (door thread) -------------------------------------------------------------------- */

/* Caller holds socks_lock. */
static struct ping_sock *find(const struct ping_family *f, u16 id)
{
	for (u32 i = 0; i < PING_SOCKETS; i++) {
		if (socks[i] && socks[i]->id == id && socks[i]->family == f)
			return socks[i];
	}
	return NULL;
}

static void arrive(const struct ping_family *f, u16 id, const struct ping_addr *from,
		   const void *icmp, u32 len, int err)
{
	struct ping_packet *p = kmalloc(sizeof(*p) + len);
	u64 flags;
	struct ping_sock *s;

	if (!p)
		return;
	p->from = *from;
	p->len = len;
	memcpy(p->data, icmp, len);
	flags = spin_lock_irqsave(&socks_lock);
	s = find(f, id);
	if (s) {
		spin_lock(&s->lock);
		if (err && !s->recverr)
			s->error = -err;
		else if (queue_put(err ? &s->errors : &s->replies, p))
			p = NULL;
		spin_unlock(&s->lock);
		waitq_wake_all(&s->wq);
	}
	spin_unlock_irqrestore(&socks_lock, flags);
	kfree(p);
}

void ping_deliver(const struct ping_family *f, u16 id, const struct ping_addr *from,
		  const void *icmp, u32 len)
{
	arrive(f, id, from, icmp, len, 0);
}

void ping_error(const struct ping_family *f, u16 id, const struct ping_addr *from, const void *icmp,
		u32 len, int err)
{
	arrive(f, id, from, icmp, len, err);
}

/* --- the socket ------------------------------------------------------------------------------- */

static int ping_connect(struct socket *so, const struct sockaddr_buf *a)
{
	struct ping_sock *s = so->priv;
	int err = s->family->address(a, &s->peer);

	s->connected = !err && !pix_ip_none(s->peer.ip);
	return err;
}

static int ping_bind(struct socket *so, const struct sockaddr_buf *a)
{
	struct ping_sock *s = so->priv;
	struct ping_addr any;

	return s->family->address(a, &any); /* the source address follows the route */
}

static s64 send_to(struct ping_sock *s, const void *ubuf, size_t n, const struct ping_addr *dst)
{
	const struct ping_family *f = s->family;
	struct pix_ip src;
	u8 *pkt, *icmp;
	int err;

	mutex_lock(&control_lock);
	err = control_source(0, dst->ip, dst->ifid, &src);
	mutex_unlock(&control_lock);
	if (err)
		return -ENETUNREACH;
	pkt = kmalloc(f->header + n);
	if (!pkt)
		return -ENOMEM;
	icmp = pkt + f->header;
	err = copy_from_user(icmp, ubuf, n);
	if (!err && (icmp[0] != f->echo_request || icmp[1] != 0))
		err = -EINVAL;
	if (!err) {
		icmp[4] = (u8)(s->id >> 8);
		icmp[5] = (u8)s->id;
		f->finish(pkt, (u32)n, s->ttl, src, dst->ip);
		err = door_inject(INJECT_IP, dst->ifid, 0, pkt, (u32)(f->header + n));
	}
	kfree(pkt);
	return err ? err : (s64)n;
}

static s64 ping_send(struct socket *so, const void *ubuf, size_t n, unsigned flags,
		     const struct sockaddr_buf *to)
{
	struct ping_sock *s = so->priv;
	struct ping_addr dst = s->peer;

	(void)flags;
	if (to->len) {
		int err = s->family->address(to, &dst);

		if (err)
			return err;
	} else if (!s->connected) {
		return -EDESTADDRREQ;
	}
	if (pix_ip_none(dst.ip))
		return -EDESTADDRREQ;
	if (n < ICMP_HEADER)
		return -EINVAL;
	return n > PING_DATA_MAX ? -EMSGSIZE : send_to(s, ubuf, n, &dst);
}

/* A packet of the queue that `flags` names; NULL and *error 0: none yet. */
static struct ping_packet *take(struct ping_sock *s, unsigned flags, int *error)
{
	struct ping_packet *p = NULL;
	u64 irq = spin_lock_irqsave(&s->lock);

	*error = 0;
	if (flags & MSG_ERRQUEUE) {
		p = queue_take(&s->errors);
		*error = p ? 0 : -EAGAIN; /* as on Linux it does not wait */
	} else if (s->error) {
		*error = s->error;
		s->error = 0;
	} else {
		p = queue_take(&s->replies);
	}
	spin_unlock_irqrestore(&s->lock, irq);
	return p;
}

static unsigned events(struct ping_sock *s)
{
	u64 irq = spin_lock_irqsave(&s->lock);
	unsigned ev = (s->replies.first ? POLLIN : 0) | (s->error || s->errors.first ? POLLERR : 0);

	spin_unlock_irqrestore(&s->lock, irq);
	return ev;
}

static s64 ping_recv(struct socket *so, void *ubuf, size_t n, unsigned *flags,
		     struct sockaddr_buf *from)
{
	struct ping_sock *s = so->priv;
	struct ping_packet *p;
	int err;
	s64 ret;

	while (!(p = take(s, *flags, &err))) {
		if (err)
			return err;
		if (socket_nonblocking(so, *flags))
			return -EAGAIN;
		err = wait_event_intr(&s->wq, events(s));
		if (err)
			return err;
		/* Somebody who wants errors apart waits for replies only. */
		if (events(s) == POLLERR && s->recverr)
			return -EAGAIN;
	}
	ret = (s64)MIN(n, (size_t)p->len);
	*flags = p->len > n ? MSG_TRUNC : 0;
	if (copy_to_user(ubuf, p->data, (size_t)ret))
		ret = -EFAULT;
	from->len = s->family->name(from, &p->from, 0);
	if (s->recvhops)
		from->control = (struct socket_control){ s->family->level, s->family->hops_control,
							 p->from.hops };
	kfree(p);
	return ret;
}

static unsigned ping_poll(struct socket *so, struct poll_table *pt)
{
	struct ping_sock *s = so->priv;

	poll_wait(pt, &s->wq);
	return POLLOUT | events(s);
}

static int ping_setopt(struct socket *so, int level, int opt, const void *val, u32 len)
{
	struct ping_sock *s = so->priv;
	const struct ping_family *f = s->family;
	int v;

	if (level != f->level ||
	    (opt != f->ttl_option && opt != f->recverr_option && opt != f->recvhops_option &&
	     (!f->multicast_option || opt != f->multicast_option)))
		return -ENOPROTOOPT;
	if (len < sizeof(v))
		return -EINVAL;
	memcpy(&v, val, sizeof(v));
	if (opt == f->recverr_option) {
		s->recverr = v != 0;
		return 0;
	}
	if (opt == f->recvhops_option) {
		s->recvhops = v != 0;
		return 0;
	}
	if (v < 1 || v > 255)
		return -EINVAL;
	s->ttl = (u8)v;
	return 0;
}

static int ping_name(struct socket *so, bool peer, struct sockaddr_buf *a)
{
	static const struct ping_addr none;
	struct ping_sock *s = so->priv;

	if (peer && !s->connected)
		return -ENOTCONN;
	a->len = s->family->name(a, peer ? &s->peer : &none, peer ? 0 : s->id);
	return 0;
}

static void ping_release(struct socket *so)
{
	struct ping_sock *s = so->priv;
	u64 flags = spin_lock_irqsave(&socks_lock);

	for (u32 i = 0; i < PING_SOCKETS; i++) {
		if (socks[i] == s)
			socks[i] = NULL;
	}
	spin_unlock_irqrestore(&socks_lock, flags);
	queue_free(&s->replies);
	queue_free(&s->errors);
	kfree(s);
}

static const struct socket_ops ping_ops = {
	.bind = ping_bind,
	.connect = ping_connect,
	.send = ping_send,
	.recv = ping_recv,
	.poll = ping_poll,
	.setopt = ping_setopt,
	.name = ping_name,
	.release = ping_release,
};

int ping_create(struct socket *so, const struct ping_family *f)
{
	struct ping_sock *s = kzalloc(sizeof(*s));
	int err = -ENFILE;

	if (!s)
		return -ENOMEM;
	waitq_init(&s->wq);
	queue_init(&s->replies);
	queue_init(&s->errors);
	s->family = f;
	s->ttl = 64;

	u64 flags = spin_lock_irqsave(&socks_lock);

	for (u32 i = 0; i < PING_SOCKETS && err; i++) {
		if (socks[i])
			continue;
		while (!next_id || find(f, next_id))
			next_id++;
		s->id = next_id++;
		socks[i] = s;
		err = 0;
	}
	spin_unlock_irqrestore(&socks_lock, flags);
	if (err) {
		kfree(s);
		return err;
	}
	so->ops = &ping_ops;
	so->priv = s;
	return 0;
}
