// SPDX-License-Identifier: MIT
/*
 * ping: ICMP echo (RFC 792, RFC 1122 3.2.2.6) through the kernel's ping socket
 * (AF_INET, SOCK_DGRAM, IPPROTO_ICMP), on PIX and on Linux. Errors that routers report come
 * from the socket's error queue (IP_RECVERR) where the kernel has one.
 *
 * Exit code: 0 when an answer came, 1 when none came, 2 for wrong arguments or a local failure.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "apps/lib/args.h"
#include "apps/lib/netaddr.h"
#include "apps/ping/echo.h"

static struct {
	uint64_t count, interval_ms, size, wait_ms, ttl; /* count 0: until ^C */
	uint32_t target;                                 /* host order */
	char text[NETADDR_V4];
} opt = { .interval_ms = 1000, .size = 56, .wait_ms = 1000 };

static struct echo_stats stats;
static uint8_t buffer[ECHO_HEADER + ECHO_SIZE_MAX + 1];
static volatile sig_atomic_t interrupted;

/* The record of the error queue (Linux struct sock_extended_err), 16 bytes and the reporter. */
struct icmp_report {
	uint32_t ee_errno;
	uint8_t ee_origin, ee_type, ee_code, ee_pad;
	uint32_t ee_info, ee_data;
	struct sockaddr_in from;
};

static uint64_t now_us(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

static const char usage[] =
	"usage: ping [-c COUNT] [-i SECONDS] [-s BYTES] [-t TTL] [-W SECONDS] ADDRESS";

static void number(char letter, const char *what, const char *s, uint64_t min, uint64_t max,
		   uint64_t *out)
{
	int err = args_u64(s, min, max, out);

	if (err == -EINVAL)
		args_die("ping", "-%c: '%s' is not a number", letter, s);
	if (err)
		args_die("ping", "-%c: %s '%s' is not in %lu..%lu", letter, what, s, min, max);
}

static void seconds(char letter, const char *s, uint64_t min_ms, uint64_t max_ms, uint64_t *out)
{
	int err = args_seconds(s, min_ms, max_ms, out);

	if (err == -EINVAL)
		args_die("ping", "-%c: '%s' is not a time in seconds", letter, s);
	if (err)
		args_die("ping", "-%c: '%s' is not in %lu.%03lu..%lu seconds", letter, s,
			 min_ms / 1000, min_ms % 1000, max_ms / 1000);
}

static void parse_args(int argc, char **argv)
{
	int c;

	opterr = 0;
	while ((c = getopt(argc, argv, ":c:i:s:t:W:")) != -1) {
		switch (c) {
		case 'c':
			number('c', "count", optarg, 1, 1000000000, &opt.count);
			break;
		case 'i':
			seconds('i', optarg, 2, 3600000, &opt.interval_ms);
			break;
		case 's':
			number('s', "size", optarg, 0, ECHO_SIZE_MAX, &opt.size);
			break;
		case 't':
			number('t', "TTL", optarg, 1, 255, &opt.ttl);
			break;
		case 'W':
			seconds('W', optarg, 1, 3600000, &opt.wait_ms);
			break;
		case ':':
			args_die("ping", "-%c needs a value\n%s", optopt, usage);
		default:
			args_die("ping", "unknown option -%c\n%s", optopt, usage);
		}
	}
	if (optind == argc)
		args_die("ping", "an address is missing\n%s", usage);
	if (optind + 1 < argc)
		args_die("ping", "unexpected argument '%s'\n%s", argv[optind + 1], usage);
	if (netaddr_parse_v4(argv[optind], &opt.target))
		args_die("ping", "'%s' is not an IPv4 address", argv[optind]);
	netaddr_print_v4(opt.text, opt.target);
}

static int open_socket(void)
{
	int one = 1, ttl = (int)opt.ttl,
	    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);

	if (fd < 0 && errno == EACCES)
		args_die("ping", "no right to open a ping socket (on Linux: group not in "
				 "net.ipv4.ping_group_range)");
	if (fd < 0)
		args_die("ping", "cannot open a ping socket: %s", strerror(errno));
	if (ttl && setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl)))
		args_die("ping", "cannot set the TTL: %s", strerror(errno));
	/* both only add detail; a kernel without them is fine */
	setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one, sizeof(one));
	setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &one, sizeof(one));
	return fd;
}

/* What an ICMP error about our request becomes. */
static bool is_icmp_errno(int err)
{
	return err == EHOSTUNREACH || err == ENETUNREACH || err == ECONNREFUSED ||
	       err == ENOPROTOOPT || err == EMSGSIZE;
}

static void send_echo(int fd, uint32_t seq)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = { htonl(opt.target) } };
	uint64_t now = now_us();
	size_t n = echo_build(buffer, 0, seq, opt.size, now);

	echo_sent(&stats, seq, now);
	/* a pending ICMP error is reported by the next call and cleared: once more, then it counts
	 */
	for (int tries = 0; tries < 2; tries++) {
		if (sendto(fd, buffer, n, 0, (struct sockaddr *)&to, sizeof(to)) >= 0)
			return;
		if (errno != EHOSTUNREACH && errno != ECONNREFUSED && errno != EINTR)
			break;
	}
	stats.errors++;
	printf("From local: icmp_seq=%u %s\n", seq & 0xffff, strerror(errno));
}

static void print_answer(enum echo_kind kind, uint32_t from, size_t n, uint16_t seq, int ttl,
			 uint64_t rtt)
{
	char ip[NETADDR_V4];

	netaddr_print_v4(ip, from);
	if (kind == ECHO_BAD) {
		printf("%zu bytes from %s: damaged or unexpected answer\n", n, ip);
		return;
	}
	printf("%zu bytes from %s: icmp_seq=%u", n, ip, seq);
	if (ttl >= 0)
		printf(" ttl=%d", ttl);
	printf(" time=%lu.%03lu ms%s\n", rtt / 1000, rtt % 1000,
	       kind == ECHO_DUPLICATE ? " (DUP!)" : "");
}

static void read_error(struct cmsghdr *c)
{
	struct icmp_report r;
	uint16_t seq = (uint16_t)(buffer[6] << 8 | buffer[7]);
	char ip[NETADDR_V4];

	if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_RECVERR ||
	    c->cmsg_len < CMSG_LEN(sizeof(r)))
		return;
	memcpy(&r, CMSG_DATA(c), sizeof(r));
	stats.errors++;
	printf("From %s: icmp_seq=%u %s\n", netaddr_print_v4(ip, ntohl(r.from.sin_addr.s_addr)),
	       seq, echo_error_text(r.ee_type, r.ee_code));
}

/* recvmsg; on a kernel without it recvfrom, which tells neither TTL nor errors. */
static ssize_t receive_message(int fd, struct msghdr *m, int flags)
{
	ssize_t n = recvmsg(fd, m, flags);

	if (n >= 0 || errno != ENOSYS || (flags & MSG_ERRQUEUE))
		return n;
	m->msg_controllen = 0;
	return recvfrom(fd, m->msg_iov->iov_base, m->msg_iov->iov_len, flags, m->msg_name,
			&m->msg_namelen);
}

/* One message of the socket or of its error queue. False: there was none. */
static bool receive(int fd, int flags)
{
	union {
		struct cmsghdr align;
		char bytes[256];
	} control;
	struct sockaddr_in from = { 0 };
	struct iovec iov = { buffer, sizeof(buffer) };
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = receive_message(fd, &m, flags | MSG_DONTWAIT);
	uint64_t now = now_us(), rtt = 0;
	uint16_t seq = 0;
	int ttl = -1;
	enum echo_kind kind;

	if (n < 0 && !(flags & MSG_ERRQUEUE) && is_icmp_errno(errno)) {
		/* a kernel without an error queue does not say who reported it */
		stats.errors++;
		printf("From network: %s\n", strerror(errno));
		return true;
	}
	if (n < 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (flags & MSG_ERRQUEUE)
			read_error(c);
		else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL)
			memcpy(&ttl, CMSG_DATA(c), sizeof(ttl));
	}
	if (flags & MSG_ERRQUEUE)
		return true;
	kind = echo_answer(&stats, buffer, (size_t)n, opt.size, now, &seq, &rtt);
	if (kind != ECHO_UNKNOWN)
		print_answer(kind, ntohl(from.sin_addr.s_addr), (size_t)n, seq, ttl, rtt);
	return true;
}

/* Receives until the deadline, or until every request has its answer when that ends the run. */
static void wait_until(int fd, uint64_t deadline_us, bool last)
{
	while (!interrupted && !(last && stats.received + stats.errors >= stats.sent)) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		uint64_t now = now_us();
		int r;

		if (now >= deadline_us)
			return;
		r = poll(&p, 1, (int)((deadline_us - now + 999) / 1000));
		if (r <= 0)
			continue;
		if (p.revents & POLLERR)
			receive(fd, MSG_ERRQUEUE);
		if (p.revents & (POLLIN | POLLERR))
			receive(fd, 0);
	}
}

static void print_statistics(uint64_t took_us)
{
	uint64_t lost = stats.sent > stats.received ? stats.sent - stats.received : 0;
	uint64_t avg = echo_avg(&stats), mdev = echo_mdev(&stats);

	printf("\n--- %s ping statistics ---\n%lu packets transmitted, %lu received", opt.text,
	       stats.sent, stats.received);
	if (stats.duplicates)
		printf(", +%lu duplicates", stats.duplicates);
	if (stats.bad)
		printf(", +%lu damaged", stats.bad);
	if (stats.errors)
		printf(", +%lu errors", stats.errors);
	printf(", %lu%% packet loss, time %lums\n", stats.sent ? lost * 100 / stats.sent : 0,
	       took_us / 1000);
	if (stats.received)
		printf("rtt min/avg/max/mdev = %lu.%03lu/%lu.%03lu/%lu.%03lu/%lu.%03lu ms\n",
		       stats.min_us / 1000, stats.min_us % 1000, avg / 1000, avg % 1000,
		       stats.max_us / 1000, stats.max_us % 1000, mdev / 1000, mdev % 1000);
}

int main(int argc, char **argv)
{
	struct sigaction act = { .sa_handler = on_interrupt };
	uint64_t start, next;
	uint32_t seq = 1;
	int fd;

	parse_args(argc, argv);
	fd = open_socket();
	sigaction(SIGINT, &act, NULL);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	printf("PING %s: %lu data bytes\n", opt.text, opt.size);
	start = next = now_us();
	while (!interrupted) {
		bool last = opt.count && stats.sent + 1 == opt.count;

		send_echo(fd, seq++);
		next += opt.interval_ms * 1000;
		if (last) {
			wait_until(fd, now_us() + opt.wait_ms * 1000, true);
			break;
		}
		wait_until(fd, next, false);
	}
	print_statistics(now_us() - start);
	return stats.received ? 0 : 1;
}
