// SPDX-License-Identifier: MIT
/*
 * A ping socket of either family (AF_INET or AF_INET6, SOCK_DGRAM), on PIX and on Linux: sends echo
 * requests, receives replies, and says who reported an error about which of them.
 *
 * Errors wait in the socket's error queue (IP_RECVERR, IPV6_RECVERR). Linux gives our request there
 * and the error in a control message; PIX gives the ICMP error itself, from its sender.
 */
#pragma once

#include <stddef.h>

#include "libc/include/pix/ip.h"

struct pingsock {
	int fd;
	bool v6;
	struct pix_ip target;
	u32 scope; /* interface of a link-local target */
};

enum pingsock_kind {
	PINGSOCK_NONE,  /* nothing has come */
	PINGSOCK_REPLY, /* n bytes of ICMP message in the buffer */
	PINGSOCK_ERROR, /* a router or host reported type, code about request seq */
	PINGSOCK_ERRNO, /* the kernel says that much: error; seq is not known */
};

struct pingsock_event {
	enum pingsock_kind kind;
	size_t n;
	struct pix_ip from;
	int ttl; /* hop limit of a reply when it arrived, -1 unknown */
	u8 type, code;
	u16 seq;
	int error;
};

/* "10.0.0.1", "2001:db8::1", "fe80::1%eth0"; `interface` (may be NULL) stands for what follows %.
 * 0, or -1 after printing what is wrong in the name of `program`. */
int pingsock_target(struct pingsock *p, const char *program, const char *text,
		    const char *interface);
/* 0 or -errno. */
int pingsock_open(struct pingsock *p);
int pingsock_hops(struct pingsock *p, int hops);
int pingsock_send(struct pingsock *p, const void *icmp, size_t n);
/* Does not wait. Errors come first. */
struct pingsock_event pingsock_receive(struct pingsock *p, u8 *buf, size_t room);
/* Waits until the time on now_us()'s clock; true: something has come. False: the time, or a signal.
 */
bool pingsock_wait(struct pingsock *p, u64 deadline_us);
u64 pingsock_now_us(void);
