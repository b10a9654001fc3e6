// SPDX-License-Identifier: MIT
/*
 * The socket layer: system calls to protocol families.
 *
 * A family registers a create function for (domain, type, protocol); the socket it makes is a
 * struct file whose priv is a struct socket. Operations run in the calling process's thread on a
 * generic core, may sleep, and honour O_NONBLOCK of f->flags and MSG_DONTWAIT. Addresses are kernel
 * copies made by the socket layer; payload pointers are USER pointers.
 */
#pragma once

#include "kernel/fs/file.h"
#include "kernel/types.h"

enum socket_domain {
	AF_UNIX = 1,
	AF_INET = 2,
	AF_INET6 = 10,
};

enum socket_type {
	SOCK_STREAM = 1,
	SOCK_DGRAM = 2,
	SOCK_RAW = 3,
	SOCK_SEQPACKET = 5,
	SOCK_TYPE_MASK = 0xf,
	SOCK_NONBLOCK = 04000,
	SOCK_CLOEXEC = 02000000,
};

enum socket_msg_flags {
	MSG_PEEK = 0x2,
	MSG_CTRUNC = 0x8,
	MSG_TRUNC = 0x20,
	MSG_DONTWAIT = 0x40,
	MSG_NOSIGNAL = 0x4000,
};

enum socket_shutdown {
	SHUT_RD,
	SHUT_WR,
	SHUT_RDWR,
};

/* The largest address of any family: sockaddr_storage. */
#define SOCKADDR_MAX 128

/* One control message that holds an int, for recvmsg(). */
struct socket_control {
	s32 level;
	s32 type; /* 0: none */
	s32 value;
};

struct sockaddr_buf {
	u32 len; /* 0 = none given, or none known */
	union {
		u16 family;
		u8 bytes[SOCKADDR_MAX];
	};
	struct socket_control control; /* set by recv() beside the sender */
};

struct socket;

/* Any operation may be NULL: -EOPNOTSUPP. All return 0 (or a count) or -errno. */
struct socket_ops {
	int (*bind)(struct socket *s, const struct sockaddr_buf *addr);
	int (*listen)(struct socket *s, int backlog);
	/* Fills in *conn (created by the caller with the same ops) and its peer's address. */
	int (*accept)(struct socket *s, struct socket *conn, struct sockaddr_buf *peer);
	int (*connect)(struct socket *s, const struct sockaddr_buf *addr);
	int (*pair)(struct socket *a, struct socket *b);
	/* n bytes at ubuf; to->len 0: to the connected peer. */
	s64 (*send)(struct socket *s, const void *ubuf, size_t n, unsigned flags,
		    const struct sockaddr_buf *to);
	/* Sets from->len (may stay 0). *flags in: MSG_*, out: msg_flags. */
	s64 (*recv)(struct socket *s, void *ubuf, size_t n, unsigned *flags,
		    struct sockaddr_buf *from);
	int (*shutdown)(struct socket *s, int how);
	int (*name)(struct socket *s, bool peer, struct sockaddr_buf *addr);
	/* val is a kernel buffer of len bytes; get: *len in/out. -ENOPROTOOPT for unknown ones. */
	int (*setopt)(struct socket *s, int level, int opt, const void *val, u32 len);
	int (*getopt)(struct socket *s, int level, int opt, void *val, u32 *len);
	unsigned (*poll)(struct socket *s, struct poll_table *pt);
	int (*ioctl)(struct socket *s, unsigned cmd, unsigned long arg);
	/* Called once, when the last reference to the file is gone: frees priv. */
	void (*release)(struct socket *s);
};

struct socket {
	const struct socket_ops *ops;
	void *priv;
	struct file *file; /* for O_NONBLOCK; NULL until the socket has one */
	u16 domain, type;
	int protocol;
};

/*
 * Registers a family at start-up. create() gets a socket with domain, type and protocol set; it
 * sets ops and priv and returns 0, or -errno. protocol -1 matches every protocol. 0, or -ENOSPC.
 */
int socket_register_family(int domain, int type, int protocol, int (*create)(struct socket *s));

/* Whether an operation with these MSG_* flags must not sleep. */
bool socket_nonblocking(const struct socket *s, unsigned flags);

/* The socket behind a file, or NULL. */
struct socket *socket_of_file(struct file *f);

/* Start-up steps: the layer itself and AF_UNIX. */
int socket_init(void);
int unix_init(void);
