// SPDX-License-Identifier: MIT
/*
 * sendmsg() and recvmsg(): a payload in pieces and one control message, as Linux x86-64 lays them
 * out. Each runs in the calling process's thread on a generic core.
 */
#include "kernel/net/sys_socket.h"

#include "kernel/errno.h"
#include "kernel/mm/aspace.h"
#include "kernel/proc/syscall.h"

enum { IOV_MAX = 1024 };

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
	struct socket *s = socket_of_fd(a->a0, &err);

	if (!s)
		return err;
	err = get_msghdr(a->a1, &m);
	if (!err && m.name && m.namelen)
		err = socket_get_address(m.name, m.namelen, &to);
	if (!err && s->type != SOCK_STREAM && m.iovlen > 1)
		err = -EOPNOTSUPP;
	if (!err && m.controllen)
		err = -EOPNOTSUPP;
	s64 done = 0;
	for (u64 i = 0; i < m.iovlen && !err; i++) {
		struct iovec v;
		s64 r = get_iovec(&m, i, &v);
		if (!r)
			r = socket_send(s, v.base, v.len, (unsigned)a->a2, &to);
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
	struct socket *s = socket_of_fd(a->a0, &err);

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
			r = socket_recv(s, v.base, v.len, &flags, &from);
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
