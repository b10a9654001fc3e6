// SPDX-License-Identifier: MIT
/* Sockets: the system calls, and the walk over control messages. */
#include <sys/socket.h>

#include "libc/src/syscall.h"

int socket(int domain, int type, int protocol)
{
	return (int)sys_call(SYS_socket, domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int sv[2])
{
	return (int)sys_call(SYS_socketpair, domain, type, protocol, sv);
}

int bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	return (int)sys_call(SYS_bind, fd, addr, len);
}

int listen(int fd, int backlog)
{
	return (int)sys_call(SYS_listen, fd, backlog);
}

int accept(int fd, struct sockaddr *restrict addr, socklen_t *restrict len)
{
	return (int)sys_call(SYS_accept, fd, addr, len);
}

int accept4(int fd, struct sockaddr *restrict addr, socklen_t *restrict len, int flags)
{
	return (int)sys_call(SYS_accept4, fd, addr, len, flags);
}

int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	return (int)sys_call(SYS_connect, fd, addr, len);
}

int shutdown(int fd, int how)
{
	return (int)sys_call(SYS_shutdown, fd, how);
}

int getsockname(int fd, struct sockaddr *restrict addr, socklen_t *restrict len)
{
	return (int)sys_call(SYS_getsockname, fd, addr, len);
}

int getpeername(int fd, struct sockaddr *restrict addr, socklen_t *restrict len)
{
	return (int)sys_call(SYS_getpeername, fd, addr, len);
}

int getsockopt(int fd, int level, int opt, void *restrict val, socklen_t *restrict len)
{
	return (int)sys_call(SYS_getsockopt, fd, level, opt, val, len);
}

int setsockopt(int fd, int level, int opt, const void *val, socklen_t len)
{
	return (int)sys_call(SYS_setsockopt, fd, level, opt, val, len);
}

ssize_t recvfrom(int fd, void *restrict buf, size_t n, int flags, struct sockaddr *restrict addr,
		 socklen_t *restrict len)
{
	return sys_call(SYS_recvfrom, fd, buf, n, flags, addr, len);
}

ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
	return sys_call(SYS_recvmsg, fd, m, flags);
}

ssize_t sendto(int fd, const void *buf, size_t n, int flags, const struct sockaddr *addr,
	       socklen_t len)
{
	return sys_call(SYS_sendto, fd, buf, n, flags, addr, len);
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	return sys_call(SYS_sendmsg, fd, m, flags);
}

ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	return recvfrom(fd, buf, n, flags, NULL, NULL);
}

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	return sendto(fd, buf, n, flags, NULL, 0);
}

struct cmsghdr *__cmsg_nxthdr(struct msghdr *m, struct cmsghdr *c)
{
	char *end = (char *)m->msg_control + m->msg_controllen;
	size_t left = (size_t)(end - (char *)c), step = CMSG_ALIGN(c->cmsg_len);

	if (c->cmsg_len < sizeof(*c) || step > left || left - step < sizeof(*c))
		return NULL;
	return (struct cmsghdr *)((char *)c + step);
}
