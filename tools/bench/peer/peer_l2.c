// SPDX-License-Identifier: MIT
/*
 * peer: a learning switch loop on rte_hash over net_null ports, with the duties of our FE (peer.h):
 * VLAN tag, source lookup and learning, destination lookup, both in bulk, counters, one Tx burst a
 * port. Two ports: a flooded frame goes to the other one, as a known one does.
 */
#include "tools/bench/peer/traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

int peer_port_start(unsigned port);

enum { BURST = 32, AHEAD = 4 };

struct peer_l2 {
	unsigned port[2];
	struct peer_hash *fdb;
	struct peer_traffic in[2];
	uint32_t next[2];
	struct {
		uint64_t rx, rx_bytes, tx, tx_bytes;
	} count[2];
	uint64_t flooded, learned, dropped;
};

struct peer_l2 *peer_l2_create(unsigned a, unsigned b, struct peer_hash *fdb,
			       const struct peer_traffic *from_a, const struct peer_traffic *from_b)
{
	struct peer_l2 *l = aligned_alloc(64, (sizeof(*l) + 63) & ~63ul);

	memset(l, 0, sizeof(*l));
	l->port[0] = a;
	l->port[1] = b;
	l->fdb = fdb;
	l->in[0] = *from_a;
	l->in[1] = *from_b;
	if (peer_port_start(a) || peer_port_start(b)) {
		fprintf(stderr, "bench: cannot: net_null ports\n");
		exit(2);
	}
	return l;
}

static inline uint64_t key_of(const uint8_t *mac, uint16_t vid)
{
	uint64_t v;

	memcpy(&v, mac, 8);
	return v << 16 | vid;
}

/* Reserved, group and zero source addresses are refused; false: drop. */
static inline bool parse(const struct rte_mbuf *m, uint64_t *src, uint64_t *dst)
{
	const uint8_t *d = rte_pktmbuf_mtod(m, const uint8_t *);
	const struct rte_ether_hdr *e = (const struct rte_ether_hdr *)d;
	uint16_t vid = 0;

	if (unlikely(m->data_len < 18 || e->src_addr.addr_bytes[0] & 1))
		return false;
	if (likely(e->ether_type == RTE_BE16(RTE_ETHER_TYPE_VLAN)))
		vid = (uint16_t)((d[14] << 8 | d[15]) & 0xfff);
	*src = key_of(d + 6, vid);
	*dst = key_of(d, vid);
	return true;
}

static void one_way(struct peer_l2 *l, unsigned from)
{
	const struct peer_frames f = peer_frames(&l->in[from]);
	uint32_t next = l->next[from];
	struct rte_mbuf *m[BURST], *go[BURST];
	uint64_t key[2 * BURST];
	uint32_t to[2 * BURST];
	uint64_t bytes = 0;
	unsigned n, k = 0, out = 0, sent;

	n = rte_eth_rx_burst((uint16_t)l->port[from], 0, m, BURST);
	for (unsigned i = 0, run; i < n; i += run) {
		run = peer_run(&f, next, n - i);
		for (unsigned j = 0; j < run; j++)
			peer_generate(&f, next + j, rte_pktmbuf_mtod(m[i + j], uint8_t *));
		next = peer_next(&f, next, run);
	}
	l->next[from] = next;
	for (unsigned i = 0; i < n; i++) {
		if (i + AHEAD < n)
			rte_prefetch0(rte_pktmbuf_mtod(m[i + AHEAD], void *));
		bytes += m[i]->pkt_len;
		if (likely(parse(m[i], &key[k], &key[BURST + k]))) {
			go[k++] = m[i];
		} else {
			l->dropped++;
			rte_pktmbuf_free(m[i]);
		}
	}
	l->count[from].rx += n;
	l->count[from].rx_bytes += bytes;
	peer_hash_lookup(l->fdb, key, to, k);
	peer_hash_lookup(l->fdb, key + BURST, to + BURST, k);
	bytes = 0;
	for (unsigned i = 0; i < k; i++) {
		if (unlikely(to[i] != from)) {
			peer_hash_add(l->fdb, key[i], from);
			l->learned++;
		}
		if (unlikely(to[BURST + i] == UINT32_MAX))
			l->flooded++;
		if (unlikely(to[BURST + i] == from)) {
			l->dropped++;
			rte_pktmbuf_free(go[i]);
			continue;
		}
		bytes += go[i]->pkt_len;
		m[out++] = go[i];
	}
	sent = rte_eth_tx_burst((uint16_t)l->port[!from], 0, m, (uint16_t)out);
	l->count[!from].tx += sent;
	l->count[!from].tx_bytes += bytes;
	if (unlikely(sent < out)) {
		l->dropped += out - sent;
		rte_pktmbuf_free_bulk(m + sent, out - sent);
	}
}

uint64_t peer_l2_run(void *l2, uint64_t packets)
{
	struct peer_l2 *l = l2;
	uint64_t start = l->count[0].tx + l->count[1].tx, end = start + packets;

	while (l->count[0].tx + l->count[1].tx < end) {
		one_way(l, 0);
		one_way(l, 1);
	}
	return l->count[0].tx + l->count[1].tx - start;
}

uint64_t peer_l2_flooded(const struct peer_l2 *l)
{
	return l->flooded;
}
