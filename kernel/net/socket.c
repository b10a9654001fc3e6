// SPDX-License-Identifier: MIT
/*
 * The socket layer; see kernel/net/socket.h: families register, and sockets are files. The system
 * calls on them are in sys_socket.c and sys_msg.c. Runs in the calling process's thread on a
 * generic core.
 */
#include "kernel/net/socket.h"

#include "kernel/errno.h"
#include "kernel/mm/heap.h"
#include "kernel/net/sys_socket.h"
#include "kernel/proc/process.h"

enum { FAMILIES_MAX = 16 };

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

struct socket *socket_alloc(int domain, int type, int protocol, unsigned flags)
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

struct socket *socket_create(int domain, unsigned type_flags, int protocol, int *err)
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

s64 socket_install(struct socket *s, unsigned type_flags)
{
	int fd = fd_install(s->file, 0, type_flags & SOCK_CLOEXEC);

	if (fd < 0)
		file_put(s->file);
	return fd;
}

int socket_init(void)
{
	return unix_init();
}
