// SPDX-License-Identifier: MIT
/*
 * Load generator of bench-guest: the two hosts on the wires of a router under test, in one thread.
 *
 *	gen IN_FD OUT_FD dgram|stream SECONDS WINDOW
 *
 * IN_FD and OUT_FD are the far ends of QEMU's `-netdev dgram` (UNIX datagram socket, one frame a
 * datagram, pushes back) or `-netdev stream` (each frame behind its length as a big-endian u32).
 * Frames of 60 bytes (64 with FCS) IPv4/UDP from 10.0.0.2 to 10.0.1.2 go in at IN and are counted
 *at OUT, each checked for its TTL, header checksum, addresses and sequence. WINDOW frames are kept
 *in flight (closed loop); 0 = as fast as the wire takes them (open loop, excess counts as lost).
 * WINDOW 1 also gives latencies. ARP requests of the router for both hosts are answered.
 * The result is one line of JSON on stdout.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	FRAME = 60,
	FLOWS = 256,
	BUFFER = 1 << 18,
	LATENCIES = 1 << 20,
	MAGIC = 0x50495831,
};

struct wire {
	int fd;
	bool stream;
	uint32_t ip; /* of the host on this wire, network order */
	uint8_t mac[6];
	uint8_t in[BUFFER]; /* stream: bytes not parsed yet */
	size_t in_len;
	uint8_t out[BUFFER]; /* stream: bytes not taken yet */
	size_t out_len, out_at;
};

static struct wire wires[2];
static uint8_t router_mac[6] = { 0x52, 0x54, 0, 0, 0, 1 };
static uint32_t round_tag;
static uint64_t sent, received, bad, reordered, blocked;
static uint64_t next_seq, last_seq[FLOWS];
static uint32_t *latency; /* nanoseconds */
static size_t latencies;

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint16_t checksum(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* Frame layout: Ethernet 14, IPv4 20, UDP 8 (checksum 0: none), then tag u32, sequence u64. */
static void build(uint8_t *f, uint64_t seq)
{
	memset(f, 0, FRAME);
	memcpy(f, router_mac, 6);
	memcpy(f + 6, wires[0].mac, 6);
	put16(f + 12, 0x0800);
	f[14] = 0x45;
	put16(f + 16, FRAME - 14);
	put16(f + 18, (unsigned)(seq & 0xffff));
	f[22] = 64;
	f[23] = 17;
	memcpy(f + 26, &wires[0].ip, 4);
	memcpy(f + 30, &wires[1].ip, 4);
	put16(f + 24, checksum(f + 14, 20));
	put16(f + 34, 10000 + (unsigned)(seq % FLOWS));
	put16(f + 36, 9);
	put16(f + 38, FRAME - 34);
	memcpy(f + 42, &round_tag, 4);
	memcpy(f + 46, &seq, 8);
}

/* True if all of the frame went out (or into the stream's own buffer). */
static bool wire_send(struct wire *w, const uint8_t *f, size_t n)
{
	if (!w->stream)
		return send(w->fd, f, n, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)n;
	if (w->out_len + n + 4 > BUFFER)
		return false;
	uint32_t len = htonl((uint32_t)n);
	memcpy(w->out + w->out_len, &len, 4);
	memcpy(w->out + w->out_len + 4, f, n);
	w->out_len += n + 4;
	return true;
}

static void wire_flush(struct wire *w)
{
	while (w->out_at < w->out_len) {
		ssize_t n = send(w->fd, w->out + w->out_at, w->out_len - w->out_at,
				 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n <= 0) {
			blocked++;
			return;
		}
		w->out_at += (size_t)n;
	}
	w->out_at = w->out_len = 0;
}

static void answer_arp(struct wire *w, const uint8_t *f)
{
	uint8_t r[FRAME] = { 0 };

	if (f[21] != 1 || memcmp(f + 38, &w->ip, 4) != 0)
		return;
	memcpy(r, f + 6, 6);
	memcpy(r + 6, w->mac, 6);
	memcpy(r + 12, f + 12, 8);
	put16(r + 20, 2);
	memcpy(r + 22, w->mac, 6);
	memcpy(r + 28, &w->ip, 4);
	memcpy(r + 32, f + 22, 10);
	for (int tries = 0; tries < 1000 && !wire_send(w, r, sizeof(r)); tries++)
		usleep(100);
	if (w->stream)
		wire_flush(w);
}

/* One frame from the router at wire `w`; counts it if it is one of this round's. */
static void take(struct wire *w, const uint8_t *f, size_t n)
{
	if (n >= 42 && f[12] == 0x08 && f[13] == 0x06) {
		answer_arp(w, f);
		return;
	}
	uint32_t tag;
	if (w != &wires[1] || n < 54 || f[12] != 0x08 || f[13] != 0)
		return;
	memcpy(&tag, f + 42, 4);
	if (tag != round_tag)
		return; /* a straggler of the round before */
	uint64_t seq;
	memcpy(&seq, f + 46, 8);
	if (f[22] != 63 || checksum(f + 14, 20) != 0 || memcmp(f, w->mac, 6) != 0 ||
	    memcmp(f + 30, &wires[1].ip, 4) != 0 || seq >= next_seq)
		bad++;
	unsigned flow = (unsigned)(seq % FLOWS);
	if (seq < last_seq[flow])
		reordered++;
	last_seq[flow] = seq;
	received++;
}

/* Read what is there, at most a batch; false if nothing was. */
static bool wire_read(struct wire *w)
{
	if (!w->stream) {
		uint8_t f[2048];
		bool any = false;
		for (int i = 0; i < 32; i++) {
			ssize_t n = recv(w->fd, f, sizeof(f), MSG_DONTWAIT);
			if (n <= 0)
				break;
			take(w, f, (size_t)n);
			any = true;
		}
		return any;
	}
	ssize_t n = recv(w->fd, w->in + w->in_len, BUFFER - w->in_len, MSG_DONTWAIT);
	if (n <= 0)
		return false;
	w->in_len += (size_t)n;
	size_t at = 0;
	while (w->in_len - at >= 4) {
		uint32_t len;
		memcpy(&len, w->in + at, 4);
		len = ntohl(len);
		if (len > 65536) {
			fprintf(stderr, "gen: stream out of step\n");
			exit(1);
		}
		if (w->in_len - at - 4 < len)
			break;
		take(w, w->in + at + 4, len);
		at += 4 + len;
	}
	memmove(w->in, w->in + at, w->in_len - at);
	w->in_len -= at;
	return true;
}

static void wait_readable(int timeout_ms)
{
	struct pollfd p[2] = {
		{ .fd = wires[0].fd, .events = POLLIN },
		{ .fd = wires[1].fd, .events = POLLIN },
	};
	if (wires[0].out_at < wires[0].out_len)
		p[0].events |= POLLOUT;
	poll(p, 2, timeout_ms);
}

static bool send_next(void)
{
	uint8_t f[FRAME];

	build(f, next_seq);
	if (!wire_send(&wires[0], f, FRAME))
		return false;
	next_seq++;
	sent++;
	return true;
}

/* Keep `window` frames in flight; frames not seen for 200 ms are given up as lost. */
static uint64_t closed_loop(uint64_t end, uint64_t window)
{
	uint64_t lost = 0, begin = 0, progress = now_ns();

	while (now_ns() < end) {
		while (sent - received - lost < window) {
			begin = now_ns();
			if (!send_next())
				break;
		}
		if (wires[0].stream)
			wire_flush(&wires[0]);
		uint64_t before = received;
		bool any = wire_read(&wires[0]);
		any |= wire_read(&wires[1]);
		if (received > before) {
			progress = now_ns();
			if (window == 1 && latencies < LATENCIES)
				latency[latencies++] = (uint32_t)(progress - begin);
		} else if (now_ns() - progress > 200000000) {
			lost = sent - received;
			progress = now_ns();
		}
		if (!any)
			wait_readable(1);
	}
	return lost;
}

/* Offer as much as the wire takes. A datagram wire pushes back; a stream is kept full. */
static void open_loop(uint64_t end)
{
	while (now_ns() < end) {
		struct wire *w = &wires[0];
		if (w->stream) {
			if (w->out_at == w->out_len)
				for (int i = 0; i < 256; i++)
					send_next();
			wire_flush(w);
		} else {
			for (int i = 0; i < 8 && send_next(); i++)
				;
		}
		bool any = wire_read(&wires[0]);
		any |= wire_read(&wires[1]);
		if (!any)
			wait_readable(1);
	}
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static double at_percent(size_t percent)
{
	size_t at = latencies * percent / 100;
	return latencies ? latency[at] / 1e3 : 0;
}

int main(int argc, char **argv)
{
	if (argc < 6) {
		fprintf(stderr, "usage: gen IN_FD OUT_FD dgram|stream SECONDS WINDOW\n");
		return 2;
	}
	for (int i = 0; i < 2; i++) {
		wires[i].fd = atoi(argv[1 + i]);
		wires[i].stream = strcmp(argv[3], "stream") == 0;
		memcpy(wires[i].mac, (uint8_t[]){ 2, 0, 0, 0, 0, (uint8_t)(0x0a + i) }, 6);
		wires[i].ip = htonl(i ? 0x0a000102 : 0x0a000002);
	}
	uint64_t window = strtoull(argv[5], NULL, 10);
	round_tag = (uint32_t)now_ns() ^ MAGIC;
	latency = malloc(LATENCIES * sizeof(*latency));
	if (!latency)
		return 1;

	uint64_t begin = now_ns();
	uint64_t end = begin + (uint64_t)(atof(argv[4]) * 1e9);
	if (window)
		closed_loop(end, window);
	else
		open_loop(end);
	double seconds = (double)(now_ns() - begin) / 1e9;
	uint64_t in_time = received;
	/* What is still under way: neither counted as throughput nor as lost. */
	for (uint64_t quiet = now_ns(); now_ns() - quiet < 200000000;) {
		if (wires[0].out_at < wires[0].out_len) {
			wire_flush(&wires[0]); /* the next round needs a whole frame's end */
			if (now_ns() - begin < 120000000000)
				quiet = now_ns();
		}
		bool any = wire_read(&wires[0]);
		if (wire_read(&wires[1]) || any)
			quiet = now_ns();
		else
			wait_readable(10);
	}
	qsort(latency, latencies, sizeof(*latency), by_value);
	printf("{\"seconds\":%.4f,\"sent\":%lu,\"received\":%lu,\"in_time\":%lu,\"lost\":%lu,"
	       "\"bad\":%lu,"
	       "\"reordered\":%lu,\"kpps\":%.3f,\"blocked\":%lu,\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
	       seconds, sent, received, in_time, sent - received, bad, reordered,
	       (double)in_time / seconds / 1e3, blocked, at_percent(50), at_percent(99));
	return 0;
}
