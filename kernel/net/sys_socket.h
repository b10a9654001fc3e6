// SPDX-License-Identifier: MIT
/*
 * What the system calls on sockets share: between socket.c, sys_socket.c and sys_msg.c only. All
 * of it runs in the calling process's thread on a generic core and may sleep.
 */
#pragma once

#include "kernel/net/socket.h"

/* A socket with its file, not yet created by the family (ops NULL). NULL: no memory. */
struct socket *socket_alloc(int domain, int type, int protocol, unsigned flags);

/*
 * A new socket of the family that answers for the three; type_flags: SOCK_* with SOCK_NONBLOCK and
 * SOCK_CLOEXEC. NULL and *err: -EINVAL, -EAFNOSUPPORT, -ESOCKTNOSUPPORT, -EPROTONOSUPPORT, -ENOMEM.
 */
struct socket *socket_create(int domain, unsigned type_flags, int protocol, int *err);

/* Its number among the process's files, or -errno, and then the socket is gone. */
s64 socket_install(struct socket *s, unsigned type_flags);

/* The calling process's socket fd. NULL and *err: -EBADF, -ENOTSOCK. */
struct socket *socket_of_fd(u64 fd, int *err);

/* The len bytes at uaddr (user memory). 0, -EINVAL for a length of no address, -EFAULT. */
int socket_get_address(u64 uaddr, u64 len, struct sockaddr_buf *addr);

/*
 * The address to uaddr and its whole length to ulen (user memory); what does not fit is cut off.
 * Nothing for uaddr 0. 0, -EINVAL, -EFAULT.
 */
int socket_put_address(const struct sockaddr_buf *addr, u64 uaddr, u64 ulen);

/* The family's send() and recv() with n bytes of user memory at ubuf, which is checked. */
s64 socket_send(struct socket *s, u64 ubuf, u64 n, unsigned flags, const struct sockaddr_buf *to);
s64 socket_recv(struct socket *s, u64 ubuf, u64 n, unsigned *flags, struct sockaddr_buf *from);
