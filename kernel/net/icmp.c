// SPDX-License-Identifier: MIT
/*
 * Ping sockets: AF_INET, SOCK_DGRAM, IPPROTO_ICMP as Linux has them. The user sends and receives
 * ICMP messages from the ICMP header on; the identifier is the socket's and set by the kernel, so
 * that replies find their socket. Packets go out through the engine's inject ring and come back by
 * the punt class `icmp`. RFC 792; RFC 1122 3.2.2.
 *
 * Errors about our own echo requests (destination unreachable, time exceeded) end the next receive
 * with the errno that Linux gives them.
 */
#include "kernel/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/heap.h"
#include "kernel/net/door.h"
#include "kernel/net/socket.h"
#include "kernel/sched/wait.h"
#include "qgm/control.h"
#include "qgm/re/checksum.h"

enum {
	ICMP_ECHOREPLY = 0,
	ICMP_DEST_UNREACH = 3,
	ICMP_ECHO = 8,
	ICMP_TIME_EXCEEDED = 11,
	IPPROTO_ICMP = 1,
	IP_HEADER = 20,
	ICMP_HEADER = 8,
	PING_DATA_MAX = FRAME_SLOT_DATA - IP_HEADER,
	PING_QUEUE = 64,
	PING_SOCKETS = 64,
	SOL_IP = 0,
	IP_TTL = 2,
	IP_RECVERR = 11,
	SOL_SOCKET = 1,
	SO_RCVTIMEO = 20,
};

struct sockaddr_in {
	u16 family;
	be16 port;
	be32 addr;
	u8 zero[8];
};

struct ping_packet {
	struct ping_packet *next;
	be32 from;
	u32 len;
	u8 data[];
};

struct ping_sock {
	u16 id; /* network order on the wire as cpu_to_be16(id) */
	u8 ttl;
	struct waitq wq;
	struct spinlock lock;
	struct ping_packet *first, **last; /* under lock */
	u32 queued;
	int error; /* pending -errno from an ICMP error */
	be32 peer; /* connected address, 0 none */
};

static struct ping_sock *socks[PING_SOCKETS]; /* under socks_lock */
static struct spinlock socks_lock = SPINLOCK_INIT("ping sockets");
static u16 next_id = 1;
static u16 ip_id;

/* --- receive (door thread) ------------------------------------------------------------------- */

/* Caller holds socks_lock. */
static struct ping_sock *find(u16 id)
{
	for (u32 i = 0; i < PING_SOCKETS; i++) {
		if (socks[i] && socks[i]->id == id)
			return socks[i];
	}
	return NULL;
}

static void deliver(struct ping_sock *s, struct ping_packet *p)
{
	spin_lock(&s->lock);
	if (s->queued < PING_QUEUE) {
		p->next = NULL;
		*s->last = p;
		s->last = &p->next;
		s->queued++;
		p = NULL;
	}
	spin_unlock(&s->lock);
	waitq_wake_all(&s->wq);
	kfree(p);
}

static u16 get16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static int error_of(u8 type, u8 code)
{
	static const int unreach[] = { ENETUNREACH, EHOSTUNREACH, ENOPROTOOPT, ECONNREFUSED,
				       EMSGSIZE };

	if (type == ICMP_TIME_EXCEEDED)
		return EHOSTUNREACH;
	return code < ARRAY_SIZE(unreach) ? unreach[code] : EHOSTUNREACH;
}

/* An error quotes our packet: IP header, then at least 8 bytes of our ICMP message. */
static void receive_error(const u8 *icmp, u32 len)
{
	const u8 *inner = icmp + ICMP_HEADER;
	u32 ihl;

	if (len < ICMP_HEADER + IP_HEADER + ICMP_HEADER)
		return;
	ihl = (inner[0] & 15) * 4u;
	if (inner[0] >> 4 != 4 || ihl < IP_HEADER || len < ICMP_HEADER + ihl + ICMP_HEADER ||
	    inner[9] != IPPROTO_ICMP || inner[ihl] != ICMP_ECHO)
		return;

	u64 flags = spin_lock_irqsave(&socks_lock);
	struct ping_sock *s = find(get16(inner + ihl + 4));

	if (s) {
		spin_lock(&s->lock);
		s->error = -error_of(icmp[0], icmp[1]);
		spin_unlock(&s->lock);
		waitq_wake_all(&s->wq);
	}
	spin_unlock_irqrestore(&socks_lock, flags);
}

void icmp_receive(const u8 *ip, u32 len)
{
	u32 ihl, total;
	const u8 *icmp;
	struct ping_packet *p;

	if (len < IP_HEADER || ip[0] >> 4 != 4)
		return;
	ihl = (ip[0] & 15) * 4u;
	total = get16(ip + 2);
	if (ihl < IP_HEADER || total > len || total < ihl + ICMP_HEADER || ip[9] != IPPROTO_ICMP)
		return;
	icmp = ip + ihl;
	len = total - ihl;
	if (checksum(icmp, len) != 0)
		return;
	if (icmp[0] == ICMP_DEST_UNREACH || icmp[0] == ICMP_TIME_EXCEEDED) {
		receive_error(icmp, len);
		return;
	}
	if (icmp[0] != ICMP_ECHOREPLY)
		return;
	p = kmalloc(sizeof(*p) + len);
	if (!p)
		return;
	p->len = len;
	memcpy(&p->from, ip + 12, 4);
	memcpy(p->data, icmp, len);

	u64 flags = spin_lock_irqsave(&socks_lock);
	struct ping_sock *s = find(get16(icmp + 4));

	if (s)
		deliver(s, p);
	else
		kfree(p);
	spin_unlock_irqrestore(&socks_lock, flags);
}

/* --- the socket ------------------------------------------------------------------------------ */

static int address(const struct sockaddr_buf *a, be32 *addr)
{
	struct sockaddr_in in;

	if (a->len < sizeof(in))
		return -EINVAL;
	memcpy(&in, a->bytes, sizeof(in));
	if (in.family != AF_INET)
		return -EAFNOSUPPORT;
	*addr = in.addr;
	return 0;
}

static int ping_connect(struct socket *so, const struct sockaddr_buf *a)
{
	struct ping_sock *s = so->priv;

	return address(a, &s->peer);
}

static int ping_bind(struct socket *so, const struct sockaddr_buf *a)
{
	be32 any;

	(void)so;
	return address(a, &any); /* the source address follows the route */
}

/* The IPv4 header in front of `n` bytes of ICMP. */
static void fill_ip(u8 *ip, u32 n, u8 ttl, be32 src, be32 dst)
{
	u16 sum, id;

	memset(ip, 0, IP_HEADER);
	ip[0] = 0x45;
	ip[2] = (u8)((n + IP_HEADER) >> 8);
	ip[3] = (u8)(n + IP_HEADER);
	id = fetch_add_relaxed(&ip_id, 1);
	ip[4] = (u8)(id >> 8);
	ip[5] = (u8)id;
	ip[8] = ttl;
	ip[9] = IPPROTO_ICMP;
	memcpy(ip + 12, &src, 4);
	memcpy(ip + 16, &dst, 4);
	sum = checksum(ip, IP_HEADER);
	memcpy(ip + 10, &sum, 2);
}

static s64 ping_send(struct socket *so, const void *ubuf, size_t n, unsigned flags,
		     const struct sockaddr_buf *to)
{
	struct ping_sock *s = so->priv;
	be32 dst = s->peer;
	struct pix_ip src;
	u8 *pkt;
	u16 sum;
	int err;

	(void)flags;
	if (to->len) {
		err = address(to, &dst);
		if (err)
			return err;
	}
	if (!dst)
		return -EDESTADDRREQ;
	if (n < ICMP_HEADER)
		return -EINVAL;
	if (n > PING_DATA_MAX)
		return -EMSGSIZE;

	mutex_lock(&control_lock);
	err = control_source(0, pix_ip4(be32_to_cpu(dst)), 0, &src);
	mutex_unlock(&control_lock);
	if (err)
		return -ENETUNREACH;

	pkt = kmalloc(IP_HEADER + n);
	if (!pkt)
		return -ENOMEM;
	err = copy_from_user(pkt + IP_HEADER, ubuf, n);
	if (!err && (pkt[IP_HEADER] != ICMP_ECHO || pkt[IP_HEADER + 1] != 0))
		err = -EINVAL;
	if (!err) {
		u8 *icmp = pkt + IP_HEADER;

		icmp[4] = (u8)(s->id >> 8);
		icmp[5] = (u8)s->id;
		icmp[2] = icmp[3] = 0;
		sum = checksum(icmp, (u32)n);
		memcpy(icmp + 2, &sum, 2);
		fill_ip(pkt, (u32)n, s->ttl, cpu_to_be32(pix_ip_to4(src)), dst);
		err = door_inject(INJECT_IP, 0, 0, pkt, (u32)(IP_HEADER + n));
	}
	kfree(pkt);
	return err ? err : (s64)n;
}

static struct ping_packet *take(struct ping_sock *s, int *error, bool peek_only)
{
	struct ping_packet *p;
	u64 flags = spin_lock_irqsave(&s->lock);

	*error = s->error;
	p = s->first;
	if (!peek_only) {
		s->error = 0;
		if (p && !*error) {
			s->first = p->next;
			if (!s->first)
				s->last = &s->first;
			s->queued--;
		}
	}
	spin_unlock_irqrestore(&s->lock, flags);
	return *error ? NULL : p;
}

static bool ready(struct ping_sock *s)
{
	int error;

	return take(s, &error, true) || error;
}

static s64 ping_recv(struct socket *so, void *ubuf, size_t n, unsigned *flags,
		     struct sockaddr_buf *from)
{
	struct ping_sock *s = so->priv;
	struct ping_packet *p;
	int err;
	s64 ret;

	for (;;) {
		p = take(s, &err, false);
		if (err)
			return err;
		if (p)
			break;
		if (socket_nonblocking(so, *flags))
			return -EAGAIN;
		err = wait_event_intr(&s->wq, ready(s));
		if (err)
			return err;
	}
	ret = (s64)MIN(n, (size_t)p->len);
	*flags = p->len > n ? MSG_TRUNC : 0;
	if (copy_to_user(ubuf, p->data, (size_t)ret))
		ret = -EFAULT;

	struct sockaddr_in in = { .family = AF_INET, .addr = p->from };

	memcpy(from->bytes, &in, sizeof(in));
	from->len = sizeof(in);
	kfree(p);
	return ret;
}

static unsigned ping_poll(struct socket *so, struct poll_table *pt)
{
	struct ping_sock *s = so->priv;
	int error;
	struct ping_packet *p;

	poll_wait(pt, &s->wq);
	p = take(s, &error, true);
	return POLLOUT | (p ? POLLIN : 0) | (error ? POLLERR : 0);
}

static int ping_setopt(struct socket *so, int level, int opt, const void *val, u32 len)
{
	struct ping_sock *s = so->priv;
	int v;

	if (level == SOL_IP && opt == IP_TTL) {
		if (len < sizeof(v))
			return -EINVAL;
		memcpy(&v, val, sizeof(v));
		if (v < 1 || v > 255)
			return -EINVAL;
		s->ttl = (u8)v;
		return 0;
	}
	return -ENOPROTOOPT;
}

static int ping_name(struct socket *so, bool peer, struct sockaddr_buf *a)
{
	struct ping_sock *s = so->priv;
	struct sockaddr_in in = { .family = AF_INET, .port = cpu_to_be16(s->id) };

	if (peer) {
		if (!s->peer)
			return -ENOTCONN;
		in.port = 0;
		in.addr = s->peer;
	}
	memcpy(a->bytes, &in, sizeof(in));
	a->len = sizeof(in);
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
	while (s->first) {
		struct ping_packet *p = s->first;

		s->first = p->next;
		kfree(p);
	}
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

static int ping_create(struct socket *so)
{
	struct ping_sock *s = kzalloc(sizeof(*s));
	int err = -ENFILE;

	if (!s)
		return -ENOMEM;
	waitq_init(&s->wq);
	s->last = &s->first;
	s->ttl = 64;

	u64 flags = spin_lock_irqsave(&socks_lock);

	for (u32 i = 0; i < PING_SOCKETS && err; i++) {
		if (socks[i])
			continue;
		while (!next_id || find(next_id))
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

int icmp_init(void)
{
	return socket_register_family(AF_INET, SOCK_DGRAM, IPPROTO_ICMP, ping_create);
}
