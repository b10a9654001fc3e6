// SPDX-License-Identifier: MIT
/*
 * peer: a router loop in the manner of DPDK's l3fwd over net_null ports, with the duties of our RE
 * (peer.h): destination MAC, RFC 1812 5.2.2 header checks with the checksum, martian addresses,
 * longest-prefix match of the whole burst, TTL and checksum, Ethernet header of the neighbour,
 * counters by port, one Tx burst a port. The frames are copied into the received mbufs as our null
 * port copies its own.
 */
#include "tools/bench/peer/traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

int peer_port_start(unsigned port);

enum { BURST = 32, AHEAD = 4, LEN = 60, HOPS = 256 };

struct out {
	unsigned n;
	struct rte_mbuf *m[BURST];
};

struct peer_l3 {
	unsigned port[2];
	const struct peer_lpm *lpm;
	const struct peer_lpm6 *lpm6;
	struct peer_traffic in;
	uint32_t next[2];
	uint8_t mac[2][6];
	/* By next hop: the Ethernet header, port. */
	struct {
		uint8_t eth[14];
		uint16_t port;
	} hop[HOPS];
	struct out out[2];
	struct {
		uint64_t rx, rx_bytes, tx, tx_bytes;
	} count[2];
	uint64_t dropped[8];
};

struct peer_l3 *peer_l3_create(unsigned a, unsigned b, const struct peer_lpm *lpm,
			       const struct peer_lpm6 *lpm6, const struct peer_traffic *in,
			       const struct peer_l3_neighbour *nh, unsigned nnh)
{
	struct peer_l3 *l = aligned_alloc(64, (sizeof(*l) + 63) & ~63ul);

	memset(l, 0, sizeof(*l));
	l->port[0] = a;
	l->port[1] = b;
	l->lpm = lpm;
	l->lpm6 = lpm6;
	l->in = *in;
	for (unsigned i = 0; i < nnh && i + 1 < HOPS; i++) {
		memcpy(l->hop[i + 1].eth, nh[i].dst, 6);
		memcpy(l->hop[i + 1].eth + 6, nh[i].src, 6);
		memcpy(l->hop[i + 1].eth + 12, lpm ? "\x08\x00" : "\x86\xdd", 2);
		l->hop[i + 1].port = (uint16_t)nh[i].port;
		memcpy(l->mac[nh[i].port], nh[i].src, 6);
	}
	if (peer_port_start(a) || peer_port_start(b)) {
		fprintf(stderr, "bench: cannot: net_null ports\n");
		exit(2);
	}
	return l;
}

static inline bool martian(uint32_t src, uint32_t dst)
{
	uint32_t s = src >> 24, d = dst >> 24;

	return s == 0 || s == 127 || s >= 224 || d == 0 || d == 127 || d >= 224;
}

/* 0: route it to *dst. */
static inline unsigned check4(const struct peer_l3 *l, unsigned in, const struct rte_mbuf *m,
			      uint32_t *dst)
{
	const struct rte_ether_hdr *e = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	const struct rte_ipv4_hdr *ip = (const struct rte_ipv4_hdr *)(e + 1);

	if (unlikely(memcmp(e->dst_addr.addr_bytes, l->mac[in], 6) != 0))
		return 1;
	if (unlikely(e->ether_type != RTE_BE16(RTE_ETHER_TYPE_IPV4)))
		return 2;
	if (unlikely(m->data_len < sizeof(*e) + sizeof(*ip) || ip->version_ihl != 0x45 ||
		     rte_be_to_cpu_16(ip->total_length) < sizeof(*ip) ||
		     rte_be_to_cpu_16(ip->total_length) > m->data_len - sizeof(*e)))
		return 3;
	if (unlikely(rte_raw_cksum(ip, sizeof(*ip)) != 0xffff))
		return 4;
	*dst = rte_be_to_cpu_32(ip->dst_addr);
	if (unlikely(martian(rte_be_to_cpu_32(ip->src_addr), *dst)))
		return 5;
	return ip->time_to_live <= 1 ? 6 : 0;
}

static inline unsigned check6(const struct peer_l3 *l, unsigned in, const struct rte_mbuf *m,
			      uint8_t *dst)
{
	const struct rte_ether_hdr *e = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	const struct rte_ipv6_hdr *ip = (const struct rte_ipv6_hdr *)(e + 1);

	if (unlikely(memcmp(e->dst_addr.addr_bytes, l->mac[in], 6) != 0))
		return 1;
	if (unlikely(e->ether_type != RTE_BE16(RTE_ETHER_TYPE_IPV6)))
		return 2;
	if (unlikely(m->data_len < sizeof(*e) + sizeof(*ip) ||
		     (ip->vtc_flow & RTE_BE32(0xf0000000)) != RTE_BE32(0x60000000) ||
		     rte_be_to_cpu_16(ip->payload_len) > m->data_len - sizeof(*e) - sizeof(*ip)))
		return 3;
	/* RFC 4291: multicast, unspecified and loopback sources; multicast, loopback and
	 * unspecified destinations are not forwarded. */
	if (unlikely(ip->src_addr[0] == 0xff || ip->src_addr[0] == 0 || ip->dst_addr[0] == 0xff ||
		     ip->dst_addr[0] == 0))
		return 5;
	memcpy(dst, ip->dst_addr, 16);
	return ip->hop_limits <= 1 ? 6 : 0;
}

static inline void flush(struct peer_l3 *l, unsigned port)
{
	struct out *o = &l->out[port];
	uint64_t bytes = 0;
	unsigned sent;

	if (!o->n)
		return;
	for (unsigned i = 0; i < o->n; i++)
		bytes += o->m[i]->pkt_len;
	sent = rte_eth_tx_burst((uint16_t)l->port[port], 0, o->m, (uint16_t)o->n);
	l->count[port].tx += sent;
	l->count[port].tx_bytes += bytes;
	if (unlikely(sent < o->n)) {
		l->dropped[0] += o->n - sent;
		rte_pktmbuf_free_bulk(o->m + sent, o->n - sent);
	}
	o->n = 0;
}

static inline void rewrite(struct peer_l3 *l, struct rte_mbuf *m, uint32_t nh)
{
	struct rte_ether_hdr *e = rte_pktmbuf_mtod(m, struct rte_ether_hdr *);
	unsigned port = l->hop[nh].port;

	if (l->lpm) {
		struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(e + 1);
		uint32_t sum = ip->hdr_checksum + RTE_BE16(0x0100);

		ip->time_to_live--;
		ip->hdr_checksum = (uint16_t)(sum + (sum >= 0xffff)); /* as l3fwd does */
	} else {
		((struct rte_ipv6_hdr *)(e + 1))->hop_limits--;
	}
	memcpy(e, l->hop[nh].eth, 14);
	l->out[port].m[l->out[port].n++] = m;
}

static void drop(struct peer_l3 *l, struct rte_mbuf *m, unsigned why)
{
	l->dropped[why]++;
	rte_pktmbuf_free(m);
}

static void one_way(struct peer_l3 *l, unsigned from)
{
	const struct peer_frames f = peer_frames(&l->in);
	uint32_t next = l->next[from];
	struct rte_mbuf *m[BURST], *go[BURST];
	uint32_t dst[BURST], nh[BURST];
	uint8_t dst6[BURST][16];
	unsigned n, k = 0, bytes = 0;

	n = rte_eth_rx_burst((uint16_t)l->port[from], 0, m, BURST);
	for (unsigned i = 0, run; i < n; i += run) {
		run = peer_run(&f, next, n - i);
		for (unsigned j = 0; j < run; j++)
			peer_generate(&f, next + j, rte_pktmbuf_mtod(m[i + j], uint8_t *));
		next = peer_next(&f, next, run);
	}
	l->next[from] = next;
	for (unsigned i = 0; i < n; i++) {
		unsigned why;

		if (i + AHEAD < n)
			rte_prefetch0(rte_pktmbuf_mtod(m[i + AHEAD], void *));
		bytes += m[i]->pkt_len;
		why = l->lpm ? check4(l, from, m[i], &dst[k]) : check6(l, from, m[i], dst6[k]);
		if (unlikely(why))
			drop(l, m[i], why);
		else
			go[k++] = m[i];
	}
	l->count[from].rx += n;
	l->count[from].rx_bytes += bytes;
	if (l->lpm)
		peer_lpm_lookup(l->lpm, dst, nh, k);
	else
		peer_lpm6_lookup(l->lpm6, (const uint8_t(*)[16])dst6, nh, k);
	for (unsigned i = 0; i < k; i++) {
		if (unlikely(!nh[i]))
			drop(l, go[i], 7);
		else
			rewrite(l, go[i], nh[i]);
	}
	flush(l, 0);
	flush(l, 1);
}

uint64_t peer_l3_run(void *l3, uint64_t packets)
{
	struct peer_l3 *l = l3;
	uint64_t start = l->count[0].tx + l->count[1].tx, end = start + packets;

	if (l->lpm)
		peer_lpm_select(l->lpm);
	while (l->count[0].tx + l->count[1].tx < end) {
		one_way(l, 0);
		one_way(l, 1);
	}
	return l->count[0].tx + l->count[1].tx - start;
}

uint64_t peer_l3_sent(const struct peer_l3 *l, unsigned port)
{
	return l->count[port].tx;
}

uint64_t peer_l3_dropped(const struct peer_l3 *l)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < 8; i++)
		n += l->dropped[i];
	return n;
}
