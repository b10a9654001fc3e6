// SPDX-License-Identifier: MIT
/*
 * traceroute: who answers on the way to an address. ICMP or ICMPv6 echo requests with growing TTL
 * (hop limit) through the kernel's ping sockets, on PIX and on Linux; each router that ends one
 * says so (RFC 792 time exceeded, RFC 4443 3.3).
 *
 * Exit code: 0 when the target answered, 1 when not, 2 for wrong arguments or a local failure.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/lib/args.h"
#include "apps/lib/echo.h"
#include "apps/lib/netaddr.h"
#include "apps/lib/pingsock.h"

enum { DATA = 32, SEQ_PER_HOP = 16 };

static struct {
	uint64_t hops, probes, wait_ms;
	const char *interface;
} opt = { .hops = 30, .probes = 3, .wait_ms = 1000 };

static struct pingsock sock;
static uint8_t buffer[1500];

static const char usage[] = "usage: traceroute [-m HOPS] [-q PROBES] [-w SECONDS] [-I INTERFACE] "
			    "ADDRESS";

static void number(char letter, const char *s, uint64_t min, uint64_t max, uint64_t *out)
{
	int err = args_u64(s, min, max, out);

	if (err)
		args_die("traceroute", "-%c: '%s' is not a number of %lu..%lu", letter, s, min,
			 max);
}

static void parse_args(int argc, char **argv)
{
	int c;

	opterr = 0;
	while ((c = getopt(argc, argv, ":m:q:w:I:n")) != -1) {
		switch (c) {
		case 'm':
			number('m', optarg, 1, 255, &opt.hops);
			break;
		case 'q':
			number('q', optarg, 1, SEQ_PER_HOP, &opt.probes);
			break;
		case 'w':
			if (args_seconds(optarg, 10, 60000, &opt.wait_ms))
				args_die("traceroute", "-w: '%s' is not in 0.01..60 seconds",
					 optarg);
			break;
		case 'I':
			opt.interface = optarg;
			break;
		case 'n': /* there are no names */
			break;
		case ':':
			args_die("traceroute", "-%c needs a value\n%s", optopt, usage);
		default:
			args_die("traceroute", "unknown option -%c\n%s", optopt, usage);
		}
	}
	if (optind == argc)
		args_die("traceroute", "an address is missing\n%s", usage);
	if (optind + 1 < argc)
		args_die("traceroute", "unexpected argument '%s'\n%s", argv[optind + 1], usage);
	if (pingsock_target(&sock, "traceroute", argv[optind], opt.interface))
		exit(2);
}

/* What a probe came to. */
struct answer {
	bool came, end; /* end: no use in going on */
	bool reached;
	struct pix_ip from;
	uint64_t rtt_us;
	const char *mark; /* "!N", ...; "" for the usual */
};

/* Traceroute's letters for errors that end the way. */
static const char *mark_of(uint8_t type, uint8_t code)
{
	static const char *const v4[] = { "!N", "!H", "!P", "!p", "!F", "!S" }, *const v6[] = {
		"!N", "!X", "!S", "!H", "!p", "!X", "!X"
	};

	if (sock.v6)
		return type == 2 ? "!F" : type == 1 && code < 7 ? v6[code] : "!?";
	return type == 3 && code < 6 ? v4[code] : type == 3 ? "!X" : "!?";
}

static bool is_time_exceeded(uint8_t type)
{
	return type == (sock.v6 ? 3 : 11);
}

/* Reads one message; true: it is about our probe seq. */
static bool read_answer(const struct pingsock_event *e, uint16_t seq, struct answer *a)
{
	switch (e->kind) {
	case PINGSOCK_REPLY:
		if (e->n < ECHO_HEADER || (buffer[6] << 8 | buffer[7]) != seq)
			return false;
		a->end = a->reached = true;
		break;
	case PINGSOCK_ERROR:
		if (e->seq != seq)
			return false;
		if (!is_time_exceeded(e->type)) {
			a->mark = mark_of(e->type, e->code);
			a->end = true;
		}
		break;
	case PINGSOCK_ERRNO:
		a->mark = strerror(e->error);
		a->end = true;
		break;
	case PINGSOCK_NONE:
		return false;
	}
	a->came = true;
	a->from = e->from;
	return true;
}

static struct answer probe(int hops, uint16_t seq)
{
	struct answer a = { .mark = "" };
	uint64_t sent = pingsock_now_us(), deadline = sent + opt.wait_ms * 1000;
	size_t n = echo_build(buffer, sock.v6, 0, seq, DATA, sent);
	int err = pingsock_hops(&sock, hops);

	if (!err)
		err = pingsock_send(&sock, buffer, n);
	if (err) {
		putchar('\n');
		args_die("traceroute", "cannot send: %s", strerror(-err));
	}
	while (!a.came && pingsock_wait(&sock, deadline)) {
		struct pingsock_event e = pingsock_receive(&sock, buffer, sizeof(buffer));

		if (read_answer(&e, seq, &a))
			a.rtt_us = pingsock_now_us() - sent;
	}
	return a;
}

/* One line; true: the way ends here. */
static bool trace_hop(int hops, bool *reached)
{
	struct pix_ip last = PIX_IP_NONE;
	bool end = false;

	printf("%2d ", hops);
	for (uint64_t q = 0; q < opt.probes; q++) {
		struct answer a = probe(hops, (uint16_t)(hops * SEQ_PER_HOP + (int)q));
		char ip[NETADDR_IP];

		if (!a.came) {
			printf(" *");
			fflush(stdout);
			continue;
		}
		if (!pix_ip_eq(a.from, last))
			printf(" %s", netaddr_print_ip(ip, a.from));
		last = a.from;
		printf("  %lu.%03lu ms%s%s", a.rtt_us / 1000, a.rtt_us % 1000, *a.mark ? " " : "",
		       a.mark);
		fflush(stdout);
		end |= a.end;
		*reached |= a.reached;
	}
	putchar('\n');
	return end;
}

int main(int argc, char **argv)
{
	char target[NETADDR_IP];
	bool reached = false;
	int err;

	parse_args(argc, argv);
	err = pingsock_open(&sock);
	if (err)
		args_die("traceroute", "cannot open a ping socket: %s", strerror(-err));
	printf("traceroute to %s, %lu hops at most, %d data bytes\n",
	       netaddr_print_ip(target, sock.target), opt.hops, DATA);
	for (int hops = 1; hops <= (int)opt.hops; hops++)
		if (trace_hop(hops, &reached))
			break;
	return reached ? 0 : 1;
}
