// SPDX-License-Identifier: MIT
/*
 * AF_UNIX stream sockets, after unix(7): names in the file tree, connections between two processes
 * of this machine. File descriptors cannot be passed.
 *
 * All state is under one mutex, unix_lock: connections are few, and a copy is short. A connection
 * is two endpoints that point at each other; each owns the queue of bytes that it receives. An
 * endpoint is counted: by its socket, by its peer, and by the inode it is bound to (through arg,
 * without a count: release clears it).
 */
#include "kernel/errno.h"
#include "kernel/fs/pipe.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/string.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/heap.h"
#include "kernel/net/socket.h"
#include "kernel/proc/process.h"
#include "kernel/sched/mutex.h"

enum { UNIX_QUEUE = 32768, UNIX_PATH = 108, BACKLOG_MAX = 128 };

enum endpoint_state {
	UNIX_FREE, /* neither listening nor connected */
	UNIX_LISTENING,
	UNIX_CONNECTED, /* or was: peer is NULL once it has closed */
};

struct endpoint {
	u32 refs; /* under unix_lock, as all below */
	enum endpoint_state state;
	struct waitq wait; /* of this endpoint's socket: readers, writers, accepters, pollers */
	struct endpoint *peer;
	struct byteq rx;
	bool rx_closed; /* nothing will be received: shutdown(RD), or the peer's shutdown(WR) */
	bool tx_closed;
	bool reset; /* the peer closed with bytes of ours unread */
	struct inode *bound;
	char path[UNIX_PATH]; /* bound name, for getsockname */
	/* listening: connections that wait for accept() */
	struct endpoint *pending, **pending_end;
	struct endpoint *pending_next;
	u32 npending, backlog;
	u32 peer_pid; /* SO_PEERCRED */
};

struct sockaddr_un {
	u16 family;
	char path[UNIX_PATH];
};

static struct mutex unix_lock;

static struct endpoint *endpoint_new(void)
{
	struct endpoint *e = kzalloc(sizeof(*e));

	if (!e)
		return NULL;
	e->refs = 1;
	waitq_init(&e->wait);
	e->pending_end = &e->pending;
	return e;
}

static void endpoint_put(struct endpoint *e)
{
	if (--e->refs)
		return;
	byteq_free(&e->rx);
	kfree(e);
}

/* Makes a and b the two ends of a connection: 0 or -ENOMEM. */
static int join(struct endpoint *a, struct endpoint *b)
{
	if (byteq_init(&a->rx, UNIX_QUEUE) < 0)
		return -ENOMEM;
	if (byteq_init(&b->rx, UNIX_QUEUE) < 0) {
		byteq_free(&a->rx);
		return -ENOMEM;
	}
	a->peer = b;
	b->peer = a;
	a->refs++;
	b->refs++;
	a->state = b->state = UNIX_CONNECTED;
	return 0;
}

/* e's side is closed for good: the peer sees the end of the stream. */
static void disconnect(struct endpoint *e)
{
	struct endpoint *peer = e->peer;

	if (!peer)
		return;
	if (byteq_used(&e->rx))
		peer->reset = true;
	peer->rx_closed = true;
	peer->tx_closed = true;
	peer->peer = NULL;
	e->peer = NULL;
	waitq_wake_all(&peer->wait);
	endpoint_put(e);
	endpoint_put(peer);
}

static struct endpoint *endpoint_of(const struct socket *s)
{
	return s->priv;
}

/* --- names --- */

/* The path of an address as a string; abstract names (a leading NUL) are not supported. */
static int get_path(const struct sockaddr_buf *addr, char path[UNIX_PATH + 1])
{
	size_t off = offsetof(struct sockaddr_un, path);

	if (addr->len < sizeof(u16) || addr->family != AF_UNIX)
		return -EINVAL;
	if (addr->len <= off || addr->len > sizeof(struct sockaddr_un) || addr->bytes[off] == 0)
		return -EINVAL;
	size_t n = addr->len - off;
	memcpy(path, addr->bytes + off, n);
	path[n] = 0;
	return 0;
}

static int unix_bind(struct socket *s, const struct sockaddr_buf *addr)
{
	struct endpoint *e = endpoint_of(s);
	struct process *p = process_this();
	char path[UNIX_PATH + 1];
	int err = get_path(addr, path);

	if (err)
		return err;
	mutex_lock(&unix_lock);
	err = e->bound ? -EINVAL : 0;
	if (!err) {
		e->bound = vfs_create(p->cwd, path, S_IFSOCK | (0777 & ~p->umask), false, &err);
		if (e->bound) {
			e->bound->arg = e;
			strlcpy(e->path, path, sizeof(e->path));
		}
	}
	mutex_unlock(&unix_lock);
	return err == -EEXIST ? -EADDRINUSE : err;
}

/* The listening endpoint behind an address; under unix_lock. NULL with *err. */
static struct endpoint *find_listener(const struct inode *i, int *err)
{
	struct endpoint *e = (i->mode & S_IFMT) == S_IFSOCK ? i->arg : NULL;

	*err = e && e->state == UNIX_LISTENING ? 0 : -ECONNREFUSED;
	return *err ? NULL : e;
}

static int unix_name(struct socket *s, bool peer, struct sockaddr_buf *addr)
{
	struct endpoint *e = endpoint_of(s);
	int err = 0;

	mutex_lock(&unix_lock);
	if (peer) {
		err = e->state == UNIX_CONNECTED && e->peer ? 0 : -ENOTCONN;
		e = e->peer;
	}
	if (!err) {
		size_t n = strnlen(e->path, UNIX_PATH);
		addr->family = AF_UNIX;
		memcpy(addr->bytes + offsetof(struct sockaddr_un, path), e->path, n);
		addr->len = (u32)(offsetof(struct sockaddr_un, path) + (n ? n + 1 : 0));
	}
	mutex_unlock(&unix_lock);
	return err;
}

/* --- connections --- */

static int unix_listen(struct socket *s, int backlog)
{
	struct endpoint *e = endpoint_of(s);
	int err = 0;

	mutex_lock(&unix_lock);
	if (!e->bound || e->state == UNIX_CONNECTED) {
		err = -EINVAL;
	} else {
		e->state = UNIX_LISTENING;
		e->backlog = backlog < 1 ? 1 : backlog > BACKLOG_MAX ? BACKLOG_MAX : (u32)backlog;
		e->peer_pid = process_this()->pid;
	}
	mutex_unlock(&unix_lock);
	return err;
}

/* Queues a connection of e at the listener; under unix_lock. -EAGAIN: the backlog is full. */
static int connect_to(struct endpoint *e, struct endpoint *listener)
{
	if (listener->npending >= listener->backlog)
		return -EAGAIN;
	struct endpoint *server = endpoint_new();
	if (!server)
		return -ENOMEM;
	int err = join(e, server);
	if (err) {
		endpoint_put(server);
		return err;
	}
	strlcpy(server->path, listener->path, sizeof(server->path));
	server->peer_pid = process_this()->pid;
	e->peer_pid = listener->peer_pid;
	*listener->pending_end = server;
	listener->pending_end = &server->pending_next;
	listener->npending++;
	waitq_wake_all(&listener->wait);
	return 0;
}

static int try_connect(struct endpoint *e, const struct inode *i)
{
	int err;

	mutex_lock(&unix_lock);
	if (e->state != UNIX_FREE) {
		err = e->state == UNIX_CONNECTED ? -EISCONN : -EINVAL;
	} else {
		struct endpoint *listener = find_listener(i, &err);
		if (listener)
			err = connect_to(e, listener);
	}
	mutex_unlock(&unix_lock);
	return err;
}

static int unix_connect(struct socket *s, const struct sockaddr_buf *addr)
{
	enum { RETRY_NS = 2000000 };
	char path[UNIX_PATH + 1];
	int err = get_path(addr, path);

	if (err)
		return err;
	struct inode *i = vfs_lookup(process_this()->cwd, path, true, &err);
	if (!i)
		return err;
	/* A full backlog is rare and drains by accept(): look again in a while. */
	while ((err = try_connect(endpoint_of(s), i)) == -EAGAIN && !socket_nonblocking(s, 0)) {
		if (wait_interrupted()) {
			err = -EINTR;
			break;
		}
		thread_sleep_ns(RETRY_NS);
	}
	inode_put(i);
	return err;
}

/* Takes the first waiting connection; under unix_lock. */
static struct endpoint *take_pending(struct endpoint *e)
{
	struct endpoint *c = e->pending;

	if (!c)
		return NULL;
	e->pending = c->pending_next;
	if (!e->pending)
		e->pending_end = &e->pending;
	c->pending_next = NULL;
	e->npending--;
	return c;
}

static const struct socket_ops unix_ops;

static int unix_accept(struct socket *s, struct socket *conn, struct sockaddr_buf *peer)
{
	struct endpoint *e = endpoint_of(s), *c = NULL;

	for (;;) {
		mutex_lock(&unix_lock);
		bool listening = e->state == UNIX_LISTENING;
		c = take_pending(e);
		mutex_unlock(&unix_lock);
		if (c)
			break;
		if (!listening)
			return -EINVAL;
		if (socket_nonblocking(s, 0))
			return -EAGAIN;
		int err = wait_event_intr(&e->wait, e->pending);
		if (err)
			return err;
	}
	conn->priv = c;
	conn->ops = &unix_ops;
	peer->family = AF_UNIX;
	peer->len = sizeof(u16);
	return 0;
}

static int unix_pair(struct socket *a, struct socket *b)
{
	u32 pid = process_this()->pid;

	mutex_lock(&unix_lock);
	int err = join(endpoint_of(a), endpoint_of(b));
	endpoint_of(a)->peer_pid = endpoint_of(b)->peer_pid = pid;
	mutex_unlock(&unix_lock);
	return err;
}

static int unix_shutdown(struct socket *s, int how)
{
	struct endpoint *e = endpoint_of(s);
	int err = 0;

	mutex_lock(&unix_lock);
	struct endpoint *peer = e->peer;
	if (e->state != UNIX_CONNECTED) {
		err = -ENOTCONN;
	} else {
		if (how == SHUT_RD || how == SHUT_RDWR) {
			e->rx_closed = true;
			if (peer)
				peer->tx_closed = true;
		}
		if (how == SHUT_WR || how == SHUT_RDWR) {
			e->tx_closed = true;
			if (peer)
				peer->rx_closed = true;
		}
		waitq_wake_all(&e->wait);
		if (peer)
			waitq_wake_all(&peer->wait);
	}
	mutex_unlock(&unix_lock);
	return err;
}

static void unix_release(struct socket *s)
{
	struct endpoint *e = endpoint_of(s), *c;

	mutex_lock(&unix_lock);
	if (e->bound) {
		e->bound->arg = NULL;
		inode_put(e->bound);
		e->bound = NULL;
	}
	e->state = UNIX_FREE;
	while ((c = take_pending(e))) {
		disconnect(c);
		endpoint_put(c);
	}
	disconnect(e);
	endpoint_put(e);
	mutex_unlock(&unix_lock);
}

/* --- bytes --- */

static s64 recv_some(struct endpoint *e, void *ubuf, size_t n, bool peek)
{
	s64 r;

	mutex_lock(&unix_lock);
	if (e->state != UNIX_CONNECTED)
		r = e->state == UNIX_LISTENING ? -EINVAL : -ENOTCONN;
	else if (byteq_used(&e->rx))
		r = byteq_read_user(&e->rx, ubuf, n, peek);
	else if (e->reset)
		r = -ECONNRESET, e->reset = false;
	else
		r = e->rx_closed ? 0 : -EAGAIN;
	if (r > 0 && !peek && e->peer)
		waitq_wake_all(&e->peer->wait);
	mutex_unlock(&unix_lock);
	return r;
}

static s64 unix_recv(struct socket *s, void *ubuf, size_t n, unsigned *flags,
		     struct sockaddr_buf *from)
{
	struct endpoint *e = endpoint_of(s);
	bool wait = !socket_nonblocking(s, *flags);

	from->len = 0;
	if (n == 0)
		return 0;
	for (;;) {
		s64 r = recv_some(e, ubuf, n, *flags & MSG_PEEK);
		if (r != -EAGAIN || !wait)
			return r;
		int err = wait_event_intr(&e->wait, byteq_used(&e->rx) || e->rx_closed);
		if (err)
			return err;
	}
}

static s64 send_some(struct endpoint *e, const void *ubuf, size_t n)
{
	s64 r;

	mutex_lock(&unix_lock);
	if (e->state != UNIX_CONNECTED)
		r = -ENOTCONN;
	else if (e->tx_closed || !e->peer)
		r = -EPIPE;
	else if (byteq_room(&e->peer->rx) == 0)
		r = -EAGAIN;
	else
		r = byteq_write_user(&e->peer->rx, ubuf, n);
	if (r > 0)
		waitq_wake_all(&e->peer->wait);
	mutex_unlock(&unix_lock);
	return r;
}

/* Whether a writer has a reason to try again; under unix_lock. */
static bool can_send_locked(const struct endpoint *e)
{
	return e->tx_closed || !e->peer || byteq_room(&e->peer->rx) > 0;
}

/* The peer may go away at any time, so that the lock is needed even for looking. */
static bool can_send(const struct endpoint *e)
{
	mutex_lock(&unix_lock);
	bool can = can_send_locked(e);
	mutex_unlock(&unix_lock);
	return can;
}

static s64 unix_send(struct socket *s, const void *ubuf, size_t n, unsigned flags,
		     const struct sockaddr_buf *to)
{
	struct endpoint *e = endpoint_of(s);
	bool wait = !socket_nonblocking(s, flags);
	size_t done = 0;
	s64 err = 0;

	if (to->len)
		return e->state == UNIX_CONNECTED ? -EISCONN : -EOPNOTSUPP;
	while (done < n && !err) {
		s64 r = send_some(e, (const u8 *)ubuf + done, n - done);
		if (r > 0)
			done += (size_t)r;
		else if (r == -EAGAIN && wait)
			err = wait_event_intr(&e->wait, can_send(e));
		else
			err = r;
	}
	if (done)
		return (s64)done;
	if (err == -EPIPE && !(flags & MSG_NOSIGNAL))
		signal_send_pid(process_this()->pid, SIGPIPE);
	return err;
}

static unsigned unix_poll(struct socket *s, struct poll_table *pt)
{
	struct endpoint *e = endpoint_of(s);
	unsigned ev = 0;

	poll_wait(pt, &e->wait);
	mutex_lock(&unix_lock);
	switch (e->state) {
	case UNIX_LISTENING:
		ev = e->pending ? POLLIN : 0;
		break;
	case UNIX_CONNECTED:
		ev |= byteq_used(&e->rx) || e->rx_closed ? POLLIN : 0;
		ev |= e->rx_closed ? POLLRDHUP : 0;
		ev |= can_send_locked(e) ? POLLOUT : 0;
		ev |= e->rx_closed && e->tx_closed ? POLLHUP : 0;
		break;
	case UNIX_FREE:
		ev = POLLOUT | POLLHUP;
		break;
	}
	mutex_unlock(&unix_lock);
	return ev;
}

static int unix_ioctl(struct socket *s, unsigned cmd, unsigned long arg)
{
	enum { FIONREAD = 0x541b };
	u32 n;

	if (cmd != FIONREAD)
		return -ENOTTY;
	n = byteq_used(&endpoint_of(s)->rx);
	return copy_to_user((void *)arg, &n, sizeof(n));
}

enum unix_options { SOL_SOCKET = 1, SO_ERROR = 4, SO_SNDBUF = 7, SO_RCVBUF = 8, SO_PEERCRED = 17 };

static int unix_getopt(struct socket *s, int level, int opt, void *val, u32 *len)
{
	const struct endpoint *e = endpoint_of(s);
	struct {
		u32 pid, uid, gid;
	} cred = { e->peer_pid, 0, 0 };
	s32 number = opt == SO_ERROR ? 0 : UNIX_QUEUE;

	if (level != SOL_SOCKET)
		return -ENOPROTOOPT;
	switch (opt) {
	case SO_ERROR:
	case SO_SNDBUF:
	case SO_RCVBUF:
		memcpy(val, &number, sizeof(number));
		*len = sizeof(number);
		return 0;
	case SO_PEERCRED:
		memcpy(val, &cred, sizeof(cred));
		*len = sizeof(cred);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

/* Queue sizes are fixed: asking for others is accepted, as programs do not check. */
static int unix_setopt(struct socket *s, int level, int opt, const void *val, u32 len)
{
	(void)s;
	(void)val;
	if (level != SOL_SOCKET || (opt != SO_SNDBUF && opt != SO_RCVBUF))
		return -ENOPROTOOPT;
	return len >= sizeof(s32) ? 0 : -EINVAL;
}

static const struct socket_ops unix_ops = {
	.bind = unix_bind,
	.listen = unix_listen,
	.accept = unix_accept,
	.connect = unix_connect,
	.pair = unix_pair,
	.send = unix_send,
	.recv = unix_recv,
	.shutdown = unix_shutdown,
	.name = unix_name,
	.setopt = unix_setopt,
	.getopt = unix_getopt,
	.poll = unix_poll,
	.ioctl = unix_ioctl,
	.release = unix_release,
};

static int unix_create(struct socket *s)
{
	s->priv = endpoint_new();
	s->ops = &unix_ops;
	return s->priv ? 0 : -ENOMEM;
}

int unix_init(void)
{
	mutex_init(&unix_lock);
	return socket_register_family(AF_UNIX, SOCK_STREAM, 0, unix_create);
}
