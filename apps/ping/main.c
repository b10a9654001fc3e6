// SPDX-License-Identifier: MIT
/*
 * ping: ICMP and ICMPv6 echo (RFC 792, RFC 1122 3.2.2.6, RFC 4443 4) through the kernel's ping
 * sockets, on PIX and on Linux. Errors that routers report are shown with who reported them.
 *
 * Exit code: 0 when an answer came, 1 when none came, 2 for wrong arguments or a local failure.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/lib/args.h"
#include "apps/lib/echo.h"
#include "apps/lib/netaddr.h"
#include "apps/lib/pingsock.h"

static struct {
	uint64_t count, interval_ms, size, wait_ms, ttl; /* count 0: until ^C */
	const char *interface;
} opt = { .interval_ms = 1000, .size = 56, .wait_ms = 1000 };

static struct pingsock sock;
static struct echo_stats stats;
static uint8_t buffer[ECHO_HEADER + ECHO_SIZE_MAX + 1];
static volatile sig_atomic_t interrupted;

static void on_interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

static const char usage[] = "usage: ping [-c COUNT] [-i SECONDS] [-s BYTES] [-t TTL] [-W SECONDS] "
			    "[-I INTERFACE] ADDRESS";

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
	while ((c = getopt(argc, argv, ":c:i:s:t:W:I:")) != -1) {
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
		case 'I':
			opt.interface = optarg;
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
	if (pingsock_target(&sock, "ping", argv[optind], opt.interface))
		exit(2);
}

static void open_socket(void)
{
	int err = pingsock_open(&sock);

	if (err == -EACCES)
		args_die("ping", "no right to open a ping socket (on Linux: group not in "
				 "net.ipv4.ping_group_range)");
	if (err)
		args_die("ping", "cannot open a ping socket: %s", strerror(-err));
	if (opt.ttl && (err = pingsock_hops(&sock, (int)opt.ttl)))
		args_die("ping", "cannot set the TTL: %s", strerror(-err));
}

static void send_echo(uint32_t seq)
{
	uint64_t now = pingsock_now_us();
	size_t n = echo_build(buffer, sock.v6, 0, seq, opt.size, now);
	int err;

	echo_sent(&stats, seq, now);
	err = pingsock_send(&sock, buffer, n);
	if (!err)
		return;
	stats.errors++;
	printf("From local: icmp_seq=%u %s\n", seq & 0xffff, strerror(-err));
}

static void print_answer(enum echo_kind kind, const struct pingsock_event *e, uint16_t seq,
			 uint64_t rtt)
{
	char ip[NETADDR_IP];

	netaddr_print_ip(ip, e->from);
	if (kind == ECHO_BAD) {
		printf("%zu bytes from %s: damaged or unexpected answer\n", e->n, ip);
		return;
	}
	printf("%zu bytes from %s: icmp_seq=%u", e->n, ip, seq);
	if (e->ttl >= 0)
		printf(" %s=%d", sock.v6 ? "hlim" : "ttl", e->ttl);
	printf(" time=%lu.%03lu ms%s\n", rtt / 1000, rtt % 1000,
	       kind == ECHO_DUPLICATE ? " (DUP!)" : "");
}

/* Takes what has come. False: nothing (more). */
static bool take(void)
{
	struct pingsock_event e = pingsock_receive(&sock, buffer, sizeof(buffer));
	char ip[NETADDR_IP];
	enum echo_kind kind;
	uint64_t rtt = 0;
	uint16_t seq = 0;

	switch (e.kind) {
	case PINGSOCK_NONE:
		return false;
	case PINGSOCK_ERROR:
		stats.errors++;
		printf("From %s: icmp_seq=%u %s\n", netaddr_print_ip(ip, e.from), e.seq,
		       echo_error_text(sock.v6, e.type, e.code));
		return true;
	case PINGSOCK_ERRNO: /* a kernel without an error queue does not say who reported it */
		stats.errors++;
		printf("From network: %s\n", strerror(e.error));
		return true;
	case PINGSOCK_REPLY:
		break;
	}
	kind = echo_answer(&stats, sock.v6, buffer, e.n, opt.size, pingsock_now_us(), &seq, &rtt);
	if (kind != ECHO_UNKNOWN)
		print_answer(kind, &e, seq, rtt);
	return true;
}

/* Receives until the deadline, or until every request has its answer when that ends the run. */
static void wait_until(uint64_t deadline_us, bool last)
{
	while (!interrupted && !(last && stats.received + stats.errors >= stats.sent) &&
	       pingsock_now_us() < deadline_us) {
		if (pingsock_wait(&sock, deadline_us))
			take();
	}
}

static void print_statistics(const char *target, uint64_t took_us)
{
	uint64_t lost = stats.sent > stats.received ? stats.sent - stats.received : 0;
	uint64_t avg = echo_avg(&stats), mdev = echo_mdev(&stats);

	printf("\n--- %s ping statistics ---\n%lu packets transmitted, %lu received", target,
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
	char target[NETADDR_IP];
	uint64_t start, next;
	uint32_t seq = 1;

	parse_args(argc, argv);
	open_socket();
	netaddr_print_ip(target, sock.target);
	sigaction(SIGINT, &act, NULL);
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	printf("PING %s: %lu data bytes\n", target, opt.size);
	start = next = pingsock_now_us();
	while (!interrupted) {
		bool last = opt.count && stats.sent + 1 == opt.count;

		send_echo(seq++);
		next += opt.interval_ms * 1000;
		if (last) {
			wait_until(pingsock_now_us() + opt.wait_ms * 1000, true);
			break;
		}
		wait_until(next, false);
	}
	print_statistics(target, pingsock_now_us() - start);
	return stats.received ? 0 : 1;
}
