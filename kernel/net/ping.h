// SPDX-License-Identifier: MIT
/*
 * Ping sockets (SOCK_DGRAM of IPPROTO_ICMP and IPPROTO_ICMPV6): what the two families share and
 * what each has of its own. The socket is in ping.c, the packets are in icmp.c and icmp6.c.
 */
#pragma once

#include "kernel/net/socket.h"
#include "libc/include/pix/ip.h"
#include "qgm/ctl.h"

enum { ICMP_HEADER = 8, PING_DATA_MAX = FRAME_SLOT_DATA - 40 };

/* Where a packet goes or comes from. */
struct ping_addr {
	struct pix_ip ip; /* link-local ones unscoped */
	u16 ifid;         /* of a link-local or multicast address, else 0 */
	u8 hops;          /* TTL or hop limit that a packet came with */
};

struct ping_family {
	int domain, protocol;
	u8 echo_request;
	u32 header;           /* bytes of the IP header */
	int level;            /* of setsockopt() */
	int ttl_option;       /* unicast */
	int multicast_option; /* 0: none */
	int recverr_option;
	int recvhops_option; /* IP_RECVTTL, IPV6_RECVHOPLIMIT */
	int hops_control;    /* the control message that it asks for */

	/* Socket addresses from and to the user. 0 or -errno; bytes written. */
	int (*address)(const struct sockaddr_buf *a, struct ping_addr *out);
	u32 (*name)(struct sockaddr_buf *a, const struct ping_addr *from, u16 port);

	/* The IP header in front of `n` bytes of ICMP at pkt + header, and the ICMP checksum. */
	void (*finish)(u8 *pkt, u32 n, u8 ttl, struct pix_ip src, struct pix_ip dst);
};

/* A new socket of a family: what create() calls. 0 or -errno. */
int ping_create(struct socket *so, const struct ping_family *f);

/* Door thread: an ICMP message (checked, from its header on) for the socket `id`, if there is one.
 */
void ping_deliver(const struct ping_family *f, u16 id, const struct ping_addr *from,
		  const void *icmp, u32 len);

/*
 * Door thread: the ICMP error `icmp` about a request of socket `id`. It ends the next receive with
 * -err, or, when the user asked for IP_RECVERR, waits for a receive with MSG_ERRQUEUE.
 */
void ping_error(const struct ping_family *f, u16 id, const struct ping_addr *from, const void *icmp,
		u32 len, int err);

/* An IPv4 or IPv6 packet of the punt classes ICMP and ICMP6; ifid: where it came in. */
void icmp_receive(const u8 *ip, u32 len);
void icmp6_receive(const u8 *ip, u32 len, u16 ifid);

/* Start-up steps. */
int icmp_init(void);
int icmp6_init(void);
