// SPDX-License-Identifier: MIT
/* Ping sockets of both families, see pingsock.h. */
#include "apps/lib/pingsock.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "apps/lib/echo.h"
#include "apps/lib/netaddr.h"
#include "apps/lib/pixdev.h"

/* The record of Linux's error queue (struct sock_extended_err); the reporter's address follows. */
struct icmp_report {
	u32 ee_errno;
	u8 ee_origin, ee_type, ee_code, ee_pad;
	u32 ee_info, ee_data;
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

u64 pingsock_now_us(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000 + (u64)ts.tv_nsec / 1000;
}

/* The number of an interface, by name or in digits; 0: there is none. */
static u32 interface_id(const char *name)
{
	char *end;
	unsigned long id = strtoul(name, &end, 10);
	struct pix_iface *i;
	void *array;
	u32 n;

	if (*name && !*end)
		return (u32)id;
	id = 0;
	if (pixdev_list(PIX_LIST_IFACE, sizeof(*i), &array, &n))
		return 0;
	i = array;
	for (u32 k = 0; k < n; k++)
		if (strncmp(i[k].name, name, PIX_NAME) == 0)
			id = i[k].id;
	free(array);
	return (u32)id;
}

int pingsock_target(struct pingsock *p, const char *program, const char *text,
		    const char *interface)
{
	const char *percent = strchr(text, '%');
	char addr[64];

	snprintf(addr, sizeof(addr), "%.*s", percent ? (int)(percent - text) : 63, text);
	if (netaddr_parse_ip(addr, &p->target)) {
		fprintf(stderr, "%s: '%s' is not an IPv4 or IPv6 address\n", program, text);
		return -1;
	}
	p->v6 = !pix_ip_is4(p->target);
	p->scope = 0;
	if (percent && !interface)
		interface = percent + 1;
	if (interface)
		p->scope = interface_id(interface);
	if (interface && !p->scope) {
		fprintf(stderr, "%s: there is no interface '%s'\n", program, interface);
		return -1;
	}
	if (p->v6 && !p->scope && (pix_ip_linklocal(p->target) || pix_ip6_multicast(p->target))) {
		fprintf(stderr, "%s: '%s' is an address of one link: say which interface\n",
			program, text);
		return -1;
	}
	return 0;
}

int pingsock_open(struct pingsock *p)
{
	int one = 1;

	p->fd = socket(p->v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC,
		       p->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	if (p->fd < 0)
		return -errno;
	/* both only add detail; a kernel without them is fine */
	if (p->v6) {
		setsockopt(p->fd, IPPROTO_IPV6, IPV6_RECVERR, &one, sizeof(one));
		setsockopt(p->fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &one, sizeof(one));
	} else {
		setsockopt(p->fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
		setsockopt(p->fd, IPPROTO_IP, IP_RECVTTL, &one, sizeof(one));
	}
	return 0;
}

int pingsock_hops(struct pingsock *p, int hops)
{
	int r = p->v6 ? setsockopt(p->fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops, sizeof(hops))
		      : setsockopt(p->fd, IPPROTO_IP, IP_TTL, &hops, sizeof(hops));

	if (!r && p->v6 && pix_ip6_multicast(p->target))
		r = setsockopt(p->fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops));
	return r ? -errno : 0;
}

static socklen_t put_address(const struct pingsock *p, union address *a)
{
	memset(a, 0, sizeof(*a));
	if (!p->v6) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_addr.s_addr = cpu_to_be32(pix_ip_to4(p->target));
		return sizeof(a->v4);
	}
	a->v6.sin6_family = AF_INET6;
	pix_ip_store(&a->v6.sin6_addr, p->target);
	a->v6.sin6_scope_id = p->scope;
	return sizeof(a->v6);
}

static struct pix_ip get_address(const union address *a)
{
	if (a->any.sa_family == AF_INET)
		return pix_ip4(be32_to_cpu(a->v4.sin_addr.s_addr));
	if (a->any.sa_family == AF_INET6)
		return pix_ip_load(&a->v6.sin6_addr);
	return PIX_IP_NONE;
}

int pingsock_send(struct pingsock *p, const void *icmp, size_t n)
{
	union address to;
	socklen_t len = put_address(p, &to);

	/* an error that waits is reported by the next call and cleared: once more, then it counts
	 */
	for (int tries = 0; tries < 2; tries++) {
		if (sendto(p->fd, icmp, n, 0, &to.any, len) >= 0)
			return 0;
		if (errno != EHOSTUNREACH && errno != ECONNREFUSED && errno != EINTR)
			break;
	}
	return -errno;
}

/* What Linux says of an error: the record, then the reporter. */
static void read_report(const struct cmsghdr *c, struct pingsock_event *e)
{
	struct icmp_report r;
	union address from = { .any = { 0 } };
	size_t n = c->cmsg_len - CMSG_LEN(0);
	const u8 *data = CMSG_DATA(c);

	if (n < sizeof(r) + sizeof(from.v4))
		return;
	memcpy(&r, data, sizeof(r));
	memcpy(&from, data + sizeof(r),
	       n - sizeof(r) < sizeof(from) ? n - sizeof(r) : sizeof(from));
	e->kind = PINGSOCK_ERROR;
	e->type = r.ee_type;
	e->code = r.ee_code;
	e->error = (int)r.ee_errno;
	e->from = get_address(&from);
}

static void read_control(struct msghdr *m, bool errors, struct pingsock_event *e)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		bool v4 = c->cmsg_level == IPPROTO_IP, v6 = c->cmsg_level == IPPROTO_IPV6;

		if (errors &&
		    ((v4 && c->cmsg_type == IP_RECVERR) || (v6 && c->cmsg_type == IPV6_RECVERR)))
			read_report(c, e);
		else if ((v4 && c->cmsg_type == IP_TTL) || (v6 && c->cmsg_type == IPV6_HOPLIMIT))
			memcpy(&e->ttl, CMSG_DATA(c), sizeof(e->ttl));
	}
}

/* One message of the socket or of its error queue; NONE: there was none of interest. */
static struct pingsock_event receive(struct pingsock *p, u8 *buf, size_t room, int flags)
{
	union {
		struct cmsghdr align;
		char bytes[256];
	} control;
	union address from = { .any = { 0 } };
	struct iovec iov = { buf, room };
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct pingsock_event e = { .kind = PINGSOCK_NONE, .ttl = -1 };
	ssize_t n = recvmsg(p->fd, &m, flags | MSG_DONTWAIT);

	if (n < 0) {
		if (!(flags & MSG_ERRQUEUE) && errno != EAGAIN && errno != EINTR) {
			e.kind = PINGSOCK_ERRNO;
			e.error = errno;
		}
		return e;
	}
	e.n = (size_t)n;
	e.from = get_address(&from);
	read_control(&m, flags & MSG_ERRQUEUE, &e);
	if (!(flags & MSG_ERRQUEUE)) {
		e.kind = PINGSOCK_REPLY;
	} else if (e.kind == PINGSOCK_ERROR) { /* Linux: the buffer has our request */
		if (n >= ECHO_HEADER)
			e.seq = (u16)(buf[6] << 8 | buf[7]);
	} else if (n >= ECHO_HEADER && echo_quoted(p->v6, buf, e.n, &e.seq)) { /* PIX: the error */
		e.kind = PINGSOCK_ERROR;
		e.type = buf[0];
		e.code = buf[1];
	}
	return e;
}

struct pingsock_event pingsock_receive(struct pingsock *p, u8 *buf, size_t room)
{
	struct pingsock_event e = receive(p, buf, room, MSG_ERRQUEUE);

	return e.kind ? e : receive(p, buf, room, 0);
}

bool pingsock_wait(struct pingsock *p, u64 deadline_us)
{
	struct pollfd fd = { .fd = p->fd, .events = POLLIN };
	u64 now = pingsock_now_us();

	return now < deadline_us && poll(&fd, 1, (int)((deadline_us - now + 999) / 1000)) > 0;
}
