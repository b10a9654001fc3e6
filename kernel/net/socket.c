// SPDX-License-Identifier: MIT
/*
 * The socket layer; see kernel/net/socket.h: families register, sockets are files, and the system
 * calls copy addresses and option values in and out, so that families see kernel memory for
 * everything but the payload. Runs in the calling process's thread on a generic core.
 */
#include "kernel/net/socket.h"

#include "kernel/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/heap.h"
#include "kernel/proc/process.h"
#include "kernel/proc/syscall.h"

enum { FAMILIES_MAX = 16, OPTION_MAX = 64, IOV_MAX = 1024 };

static struct family {
	int domain, type, protocol;
	int (*create)(struct socket *s);
} families[FAMILIES_MAX]; /* filled at start-up */
static u32 nfamilies;

int socket_register_family(int domain, int type, int protocol, int (*create)(struct socket *s))
{
	if (nfamilies == FAMILIES_MAX)
		return -ENOSPC;
	families[nfamilies++] = (struct family){ domain, type, protocol, create };
	return 0;
}

bool socket_nonblocking(const struct socket *s, unsigned flags)
{
	return (flags & MSG_DONTWAIT) || (s->file && (s->file->flags & O_NONBLOCK));
}

/* --- the file --- */

static s64 socket_read(struct file *f, void *ubuf, size_t n, u64 off)
{
	struct socket *s = f->priv;
	struct sockaddr_buf from = { 0 };
	unsigned flags = 0;

	(void)off;
	return s->ops->recv ? s->ops->recv(s, ubuf, n, &flags, &from) : -EOPNOTSUPP;
}

static s64 socket_write(struct file *f, const void *ubuf, size_t n, u64 off)
{
	struct socket *s = f->priv;
	struct sockaddr_buf to = { 0 };

	(void)off;
	return s->ops->send ? s->ops->send(s, ubuf, n, 0, &to) : -EOPNOTSUPP;
}

static unsigned socket_poll(struct file *f, struct poll_table *pt)
{
	struct socket *s = f->priv;

	return s->ops->poll ? s->ops->poll(s, pt) : POLLIN | POLLOUT;
}

static int socket_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct socket *s = f->priv;

	return s->ops->ioctl ? s->ops->ioctl(s, cmd, arg) : -ENOTTY;
}

static void socket_release(struct file *f)
{
	struct socket *s = f->priv;

	if (s->ops && s->ops->release)
		s->ops->release(s);
	kfree(s);
}

static const struct file_ops socket_file_ops = {
	.read = socket_read,
	.write = socket_write,
	.poll = socket_poll,
	.ioctl = socket_ioctl,
	.release = socket_release,
};

struct socket *socket_of_file(struct file *f)
{
	return f->ops == &socket_file_ops ? f->priv : NULL;
}

/* A socket with its file, not yet created by the family (ops NULL). */
static struct socket *socket_alloc(int domain, int type, int protocol, unsigned flags)
{
	struct socket *s = kzalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->domain = (u16)domain;
	s->type = (u16)type;
	s->protocol = protocol;
	s->file = file_new(&socket_file_ops, s, O_RDWR | (flags & SOCK_NONBLOCK ? O_NONBLOCK : 0));
	if (!s->file) {
		kfree(s);
		return NULL;
	}
	return s;
}

static int find_family(int domain, int type, int protocol, struct family *out)
{
	bool domain_known = false, type_known = false;

	for (u32 i = 0; i < nfamilies; i++) {
		const struct family *f = &families[i];
		if (f->domain != domain)
			continue;
		domain_known = true;
		if (f->type != type)
			continue;
		type_known = true;
		if (f->protocol != -1 && f->protocol != protocol)
			continue;
		*out = *f;
		return 0;
	}
	return !domain_known ? -EAFNOSUPPORT : !type_known ? -ESOCKTNOSUPPORT : -EPROTONOSUPPORT;
}

static struct socket *socket_create(int domain, unsigned type_flags, int protocol, int *err)
{
	struct family fam;
	int type = type_flags & SOCK_TYPE_MASK;

	*err = -EINVAL;
	if (type_flags & ~(unsigned)(SOCK_TYPE_MASK | SOCK_NONBLOCK | SOCK_CLOEXEC))
		return NULL;
	*err = find_family(domain, type, protocol, &fam);
	if (*err)
		return NULL;
	struct socket *s = socket_alloc(domain, type, protocol, type_flags);
	*err = s ? fam.create(s) : -ENOMEM;
	if (s && *err) {
		s->ops = NULL;
		file_put(s->file);
		return NULL;
	}
	return s;
}

static s64 install(struct socket *s, unsigned type_flags)
{
	int fd = fd_install(s->file, 0, type_flags & SOCK_CLOEXEC);

	if (fd < 0)
		file_put(s->file);
	return fd;
}

/* --- system calls --- */

static struct socket *get_socket(u64 fd, int *err)
{
	struct file *f = fd_file((int)fd);
	struct socket *s = f ? socket_of_file(f) : NULL;

	*err = !f ? -EBADF : !s ? -ENOTSOCK : 0;
	return s;
}

static int get_address(u64 uaddr, u64 len, struct sockaddr_buf *addr)
{
	memset(addr, 0, sizeof(*addr));
	if ((s32)len < 0 || (u32)len > SOCKADDR_MAX)
		return -EINVAL;
	addr->len = (u32)len;
	return copy_from_user(addr->bytes, (const void *)uaddr, addr->len);
}

/* The address and its whole length; what does not fit the user's buffer is cut off. */
static int put_address(const struct sockaddr_buf *addr, u64 uaddr, u64 ulen)
{
	s32 room;

	if (!uaddr)
		return 0;
	if (copy_from_user(&room, (const void *)ulen, sizeof(room)) < 0)
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	u32 n = (u32)room < addr->len ? (u32)room : addr->len;
	if (copy_to_user((void *)uaddr, addr->bytes, n) < 0)
		return -EFAULT;
	return copy_to_user((void *)ulen, &addr->len, sizeof(addr->len));
}

s64 sys_socket(const struct syscall_args *a)
{
	int err;
	struct socket *s = socket_create((int)a->a0, (unsigned)a->a1, (int)a->a2, &err);

	return s ? install(s, (unsigned)a->a1) : err;
}

/* Both files installed and their numbers with the user, or neither. */
static s64 install_pair(struct socket *s[2], unsigned type_flags, u64 ufds)
{
	s32 fd[2];

	fd[0] = (s32)install(s[0], type_flags);
	if (fd[0] < 0) {
		file_put(s[1]->file);
		return fd[0];
	}
	fd[1] = (s32)install(s[1], type_flags);
	if (fd[1] < 0) {
		fd_close(fd[0]);
		return fd[1];
	}
	if (copy_to_user((void *)ufds, fd, sizeof(fd)) < 0) {
		fd_close(fd[0]);
		fd_close(fd[1]);
		return -EFAULT;
	}
	return 0;
}

s64 sys_socketpair(const struct syscall_args *a)
{
	struct socket *s[2];
	int err;

	s[0] = socket_create((int)a->a0, (unsigned)a->a1, (int)a->a2, &err);
	if (!s[0])
		return err;
	s[1] = socket_create((int)a->a0, (unsigned)a->a1, (int)a->a2, &err);
	if (s[1])
		err = s[0]->ops->pair ? s[0]->ops->pair(s[0], s[1]) : -EOPNOTSUPP;
	if (err) {
		file_put(s[0]->file);
		if (s[1])
			file_put(s[1]->file);
		return err;
	}
	return install_pair(s, (unsigned)a->a1, a->a3);
}

s64 sys_bind(const struct syscall_args *a)
{
	struct sockaddr_buf addr;
	int err;
	struct socket *s = get_socket(a->a0, &err);

	if (!s)
		return err;
	err = get_address(a->a1, a->a2, &addr);
	if (err)
		return err;
	return s->ops->bind ? s->ops->bind(s, &addr) : -EOPNOTSUPP;
}

s64 sys_listen(const struct syscall_args *a)
{
	int err;
	struct socket *s = get_socket(a->a0, &err);

	if (!s)
		return err;
	return s->ops->listen ? s->ops->listen(s, (int)a->a1) : -EOPNOTSUPP;
}

static s64 accept_flags(const struct syscall_args *a, unsigned flags)
{
	struct sockaddr_buf peer = { 0 };
	int err;
	struct socket *s = get_socket(a->a0, &err);

	if (!s)
		return err;
	if (flags & ~(unsigned)(SOCK_NONBLOCK | SOCK_CLOEXEC))
		return -EINVAL;
	if (!s->ops->accept)
		return -EOPNOTSUPP;
	struct socket *conn = socket_alloc(s->domain, s->type, s->protocol, flags);
	if (!conn)
		return -ENOMEM;
	err = s->ops->accept(s, conn, &peer);
	if (!err)
		err = put_address(&peer, a->a1, a->a2);
	if (err) {
		file_put(conn->file);
		return err;
	}
	return install(conn, flags);
}

s64 sys_accept(const struct syscall_args *a)
{
	return accept_flags(a, 0);
}

s64 sys_accept4(const struct syscall_args *a)
{
	return accept_flags(a, (unsigned)a->a3);
}

s64 sys_connect(const struct syscall_args *a)
{
	struct sockaddr_buf addr;
	int err;
	struct socket *s = get_socket(a->a0, &err);

	if (!s)
		return err;
	err = get_address(a->a1, a->a2, &addr);
	if (err)
		return err;
	return s->ops->connect ? s->ops->connect(s, &addr) : -EOPNOTSUPP;
}

static s64 do_send(struct socket *s, u64 ubuf, u64 n, unsigned flags, const struct sockaddr_buf *to)
{
	if (!s->ops->send)
		return -EOPNOTSUPP;
	if (!user_range_ok((void *)ubuf, n))
		return -EFAULT;
	return s->ops->send(s, (const void *)ubuf, n, flags, to);
}

static s64 do_recv(struct socket *s, u64 ubuf, u64 n, unsigned *flags, struct sockaddr_buf *from)
{
	if (!s->ops->recv)
		return -EOPNOTSUPP;
	if (!user_range_ok((void *)ubuf, n))
		return -EFAULT;
	return s->ops->recv(s, (void *)ubuf, n, flags, from);
}

s64 sys_sendto(const struct syscall_args *a)
{
	struct sockaddr_buf to = { 0 };
	int err;
	struct socket *s = get_socket(a->a0, &err);

	if (!s)
		return err;
	if (a->a4) {
		err = get_address(a->a4, a->a5, &to);
		if (err)
			return err;
	}
	return do_send(s, a->a1, a->a2, (unsigned)a->a3, &to);
}

s64 sys_recvfrom(const struct syscall_args *a)
{
	struct sockaddr_buf from = { 0 };
	unsigned flags = (unsigned)a->a3;
	int err;
	struct socket *s = get_socket(a->a0, &err);

	if (!s)
		return err;
	s64 r = do_recv(s, a->a1, a->a2, &flags, &from);
	if (r >= 0)
		err = put_address(&from, a->a4, a->a5);
	return err ? err : r;
}

/* struct msghdr and struct iovec of Linux x86-64. */
struct msghdr {
	u64 name;
	u32 namelen, pad;
	u64 iov, iovlen;
	u64 control, controllen;
	s32 flags;
	u32 pad2;
};
_Static_assert(sizeof(struct msghdr) == 56, "msghdr ABI");

struct iovec {
	u64 base;
	u64 len;
};

static int get_msghdr(u64 umsg, struct msghdr *m)
{
	if (copy_from_user(m, (const void *)umsg, sizeof(*m)) < 0)
		return -EFAULT;
	return m->iovlen > IOV_MAX ? -EMSGSIZE : 0;
}

static int get_iovec(const struct msghdr *m, u64 i, struct iovec *v)
{
	return copy_from_user(v, (const void *)(m->iov + i * sizeof(*v)), sizeof(*v));
}

/* Piece by piece, which is right for streams; a datagram must be in one piece. */
s64 sys_sendmsg(const struct syscall_args *a)
{
	struct sockaddr_buf to = { 0 };
	struct msghdr m;
	int err;
	struct socket *s = get_socket(a->a0, &err);

	if (!s)
		return err;
	err = get_msghdr(a->a1, &m);
	if (!err && m.name && m.namelen)
		err = get_address(m.name, m.namelen, &to);
	if (!err && s->type != SOCK_STREAM && m.iovlen > 1)
		err = -EOPNOTSUPP;
	if (!err && m.controllen)
		err = -EOPNOTSUPP;
	s64 done = 0;
	for (u64 i = 0; i < m.iovlen && !err; i++) {
		struct iovec v;
		s64 r = get_iovec(&m, i, &v);
		if (!r)
			r = do_send(s, v.base, v.len, (unsigned)a->a2, &to);
		if (r < 0)
			return done ? done : r;
		done += r;
		if ((u64)r < v.len)
			break;
	}
	return err ? err : done;
}

/* The control message of what was received, as far as the caller has room for it. 0 or -errno. */
static int put_control(const struct socket_control *c, struct msghdr *m)
{
	struct {
		u64 len; /* struct cmsghdr */
		struct socket_control c;
		u32 pad;
	} msg = { .len = 16 + sizeof(c->value), .c = *c }; /* CMSG_LEN(4) */
	u64 room = m->controllen;

	m->controllen = 0;
	if (!c->type)
		return 0;
	if (!m->control || room < msg.len) {
		m->flags |= MSG_CTRUNC;
		return 0;
	}
	m->controllen = MIN(room, sizeof(msg)); /* CMSG_SPACE(4) */
	return copy_to_user((void *)m->control, &msg, m->controllen) < 0 ? -EFAULT : 0;
}

/* After the first piece a stream must not sleep for more. */
s64 sys_recvmsg(const struct syscall_args *a)
{
	struct sockaddr_buf from = { 0 };
	struct msghdr m;
	unsigned out_flags = 0;
	int err;
	struct socket *s = get_socket(a->a0, &err);

	if (!s)
		return err;
	err = get_msghdr(a->a1, &m);
	if (err)
		return err;
	s64 done = 0;
	for (u64 i = 0; i < m.iovlen; i++) {
		struct iovec v;
		unsigned flags = (unsigned)a->a2 | (done ? MSG_DONTWAIT : 0);
		s64 r = get_iovec(&m, i, &v);
		if (!r && v.len)
			r = do_recv(s, v.base, v.len, &flags, &from);
		if (r < 0 && !done)
			return r;
		if (r <= 0 && v.len)
			break;
		done += r;
		out_flags = flags & MSG_TRUNC;
		if ((u64)r < v.len || s->type != SOCK_STREAM)
			break;
	}
	m.namelen = m.name ? (m.namelen < from.len ? m.namelen : from.len) : 0;
	if (m.namelen && copy_to_user((void *)m.name, from.bytes, m.namelen) < 0)
		return -EFAULT;
	m.namelen = m.name ? from.len : 0;
	m.flags = (s32)out_flags;
	err = put_control(&from.control, &m);
	if (err)
		return err;
	return copy_to_user((void *)a->a1, &m, sizeof(m)) < 0 ? -EFAULT : done;
}

s64 sys_shutdown(const struct syscall_args *a)
{
	int err;
	struct socket *s = get_socket(a->a0, &err);

	if (!s)
		return err;
	if ((u32)a->a1 > SHUT_RDWR)
		return -EINVAL;
	return s->ops->shutdown ? s->ops->shutdown(s, (int)a->a1) : -EOPNOTSUPP;
}

static s64 socket_name(const struct syscall_args *a, bool peer)
{
	struct sockaddr_buf addr = { 0 };
	int err;
	struct socket *s = get_socket(a->a0, &err);

	if (!s)
		return err;
	err = s->ops->name ? s->ops->name(s, peer, &addr) : -EOPNOTSUPP;
	if (err)
		return err;
	return a->a1 ? put_address(&addr, a->a1, a->a2) : -EFAULT;
}

s64 sys_getsockname(const struct syscall_args *a)
{
	return socket_name(a, false);
}

s64 sys_getpeername(const struct syscall_args *a)
{
	return socket_name(a, true);
}

s64 sys_setsockopt(const struct syscall_args *a)
{
	u8 val[OPTION_MAX] = { 0 };
	u32 len = (u32)a->a4;
	int err;
	struct socket *s = get_socket(a->a0, &err);

	if (!s)
		return err;
	if ((s32)len < 0)
		return -EINVAL;
	if (len > sizeof(val))
		len = sizeof(val);
	if (copy_from_user(val, (const void *)a->a3, len) < 0)
		return -EFAULT;
	return s->ops->setopt ? s->ops->setopt(s, (int)a->a1, (int)a->a2, val, len) : -ENOPROTOOPT;
}

/* What every family answers in the same way: SOL_SOCKET 1. */
static int common_option(const struct socket *s, int level, int opt, s32 *val)
{
	enum { SOL_SOCKET = 1, SO_TYPE = 3, SO_PROTOCOL = 38, SO_DOMAIN = 39 };

	if (level != SOL_SOCKET)
		return -ENOPROTOOPT;
	switch (opt) {
	case SO_TYPE:
		*val = s->type;
		return 0;
	case SO_PROTOCOL:
		*val = s->protocol;
		return 0;
	case SO_DOMAIN:
		*val = s->domain;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

s64 sys_getsockopt(const struct syscall_args *a)
{
	union {
		u8 bytes[OPTION_MAX];
		s32 number;
	} val = { { 0 } };
	s32 room;
	int err;
	struct socket *s = get_socket(a->a0, &err);

	if (!s)
		return err;
	if (copy_from_user(&room, (const void *)a->a4, sizeof(room)) < 0)
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	u32 len = sizeof(val.number);
	err = common_option(s, (int)a->a1, (int)a->a2, &val.number);
	if (err && s->ops->getopt) {
		len = sizeof(val.bytes);
		err = s->ops->getopt(s, (int)a->a1, (int)a->a2, val.bytes, &len);
	}
	if (err)
		return err;
	if (len > (u32)room)
		len = (u32)room;
	if (copy_to_user((void *)a->a3, val.bytes, len) < 0)
		return -EFAULT;
	return copy_to_user((void *)a->a4, &len, sizeof(len));
}

int socket_init(void)
{
	return unix_init();
}
