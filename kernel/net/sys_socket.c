// SPDX-License-Identifier: MIT
/*
 * The system calls on sockets, but for sendmsg() and recvmsg(), which are in sys_msg.c. They copy
 * addresses and option values in and out, so that families see kernel memory for everything but the
 * payload. Each runs in the calling process's thread on a generic core.
 */
#include "kernel/net/sys_socket.h"

#include "kernel/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/aspace.h"
#include "kernel/proc/process.h"
#include "kernel/proc/syscall.h"

enum { OPTION_MAX = 64 };

struct socket *socket_of_fd(u64 fd, int *err)
{
	struct file *f = fd_file((int)fd);
	struct socket *s = f ? socket_of_file(f) : NULL;

	*err = !f ? -EBADF : !s ? -ENOTSOCK : 0;
	return s;
}

int socket_get_address(u64 uaddr, u64 len, struct sockaddr_buf *addr)
{
	memset(addr, 0, sizeof(*addr));
	if ((s32)len < 0 || (u32)len > SOCKADDR_MAX)
		return -EINVAL;
	addr->len = (u32)len;
	return copy_from_user(addr->bytes, (const void *)uaddr, addr->len);
}

int socket_put_address(const struct sockaddr_buf *addr, u64 uaddr, u64 ulen)
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

	return s ? socket_install(s, (unsigned)a->a1) : err;
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
	return fd_install_pair((struct file *[]){ s[0]->file, s[1]->file }, a->a1 & SOCK_CLOEXEC,
			       a->a3);
}

/* The socket and the address of bind() and connect(); NULL and *err. */
static struct socket *socket_and_address(const struct syscall_args *a, struct sockaddr_buf *addr,
					 int *err)
{
	struct socket *s = socket_of_fd(a->a0, err);

	if (s)
		*err = socket_get_address(a->a1, a->a2, addr);
	return *err ? NULL : s;
}

s64 sys_bind(const struct syscall_args *a)
{
	struct sockaddr_buf addr;
	int err;
	struct socket *s = socket_and_address(a, &addr, &err);

	if (!s)
		return err;
	return s->ops->bind ? s->ops->bind(s, &addr) : -EOPNOTSUPP;
}

s64 sys_listen(const struct syscall_args *a)
{
	int err;
	struct socket *s = socket_of_fd(a->a0, &err);

	if (!s)
		return err;
	return s->ops->listen ? s->ops->listen(s, (int)a->a1) : -EOPNOTSUPP;
}

static s64 accept_flags(const struct syscall_args *a, unsigned flags)
{
	struct sockaddr_buf peer = { 0 };
	int err;
	struct socket *s = socket_of_fd(a->a0, &err);

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
		err = socket_put_address(&peer, a->a1, a->a2);
	if (err) {
		file_put(conn->file);
		return err;
	}
	return socket_install(conn, flags);
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
	struct socket *s = socket_and_address(a, &addr, &err);

	if (!s)
		return err;
	return s->ops->connect ? s->ops->connect(s, &addr) : -EOPNOTSUPP;
}

s64 socket_send(struct socket *s, u64 ubuf, u64 n, unsigned flags, const struct sockaddr_buf *to)
{
	if (!s->ops->send)
		return -EOPNOTSUPP;
	if (!user_range_ok((void *)ubuf, n))
		return -EFAULT;
	return s->ops->send(s, (const void *)ubuf, n, flags, to);
}

s64 socket_recv(struct socket *s, u64 ubuf, u64 n, unsigned *flags, struct sockaddr_buf *from)
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
	struct socket *s = socket_of_fd(a->a0, &err);

	if (!s)
		return err;
	if (a->a4) {
		err = socket_get_address(a->a4, a->a5, &to);
		if (err)
			return err;
	}
	return socket_send(s, a->a1, a->a2, (unsigned)a->a3, &to);
}

s64 sys_recvfrom(const struct syscall_args *a)
{
	struct sockaddr_buf from = { 0 };
	unsigned flags = (unsigned)a->a3;
	int err;
	struct socket *s = socket_of_fd(a->a0, &err);

	if (!s)
		return err;
	s64 r = socket_recv(s, a->a1, a->a2, &flags, &from);
	if (r >= 0)
		err = socket_put_address(&from, a->a4, a->a5);
	return err ? err : r;
}

s64 sys_shutdown(const struct syscall_args *a)
{
	int err;
	struct socket *s = socket_of_fd(a->a0, &err);

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
	struct socket *s = socket_of_fd(a->a0, &err);

	if (!s)
		return err;
	err = s->ops->name ? s->ops->name(s, peer, &addr) : -EOPNOTSUPP;
	if (err)
		return err;
	return a->a1 ? socket_put_address(&addr, a->a1, a->a2) : -EFAULT;
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
	struct socket *s = socket_of_fd(a->a0, &err);

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
	struct socket *s = socket_of_fd(a->a0, &err);

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
