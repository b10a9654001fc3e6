// SPDX-License-Identifier: MIT
/*
 * peer: what dpdk-testpmd does between two net_null ports, in this process (peer.h): receive a
 * burst, swap the MAC addresses with one shuffle a packet (its "macswap") or touch nothing ("io"),
 * send the burst, free what was not sent, count as testpmd does.
 */
#include "tools/bench/peer/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <tmmintrin.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

enum { BURST = 64, MBUFS = 16384, CACHE = 512 };

struct peer_fwd {
	unsigned port[2];
	unsigned burst;
	enum peer_fwd_kind kind;
	uint64_t rx[2], tx[2], dropped;
};

static struct rte_mempool *mbufs;

/* Start a port of net_null with one queue pair. */
int peer_port_start(unsigned port)
{
	struct rte_eth_conf conf = { 0 };
	static bool started[RTE_MAX_ETHPORTS];

	if (started[port])
		return 0;
	if (!mbufs)
		mbufs = rte_pktmbuf_pool_create("fwd", MBUFS, CACHE, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
						SOCKET_ID_ANY);
	started[port] = true;
	return !mbufs || rte_eth_dev_configure((uint16_t)port, 1, 1, &conf) ||
	       rte_eth_rx_queue_setup((uint16_t)port, 0, 512, 0, NULL, mbufs) ||
	       rte_eth_tx_queue_setup((uint16_t)port, 0, 512, 0, NULL) ||
	       rte_eth_dev_start((uint16_t)port);
}

struct peer_fwd *peer_fwd_create(unsigned a, unsigned b, unsigned burst, enum peer_fwd_kind kind)
{
	struct peer_fwd *f = aligned_alloc(64, (sizeof(*f) + 63) & ~63ul);

	*f = (struct peer_fwd){ .port = { a, b }, .burst = burst, .kind = kind };
	if (burst > BURST || peer_port_start(a) || peer_port_start(b)) {
		fprintf(stderr, "bench: cannot: net_null ports\n");
		exit(2);
	}
	return f;
}

static inline void macswap(struct rte_mbuf **m, unsigned n)
{
	const __m128i order = _mm_set_epi8(15, 14, 13, 12, 5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6);

	for (unsigned i = 0; i < n; i++) {
		__m128i *h = rte_pktmbuf_mtod(m[i], __m128i *);

		if (i + 4 < n)
			rte_prefetch0(rte_pktmbuf_mtod(m[i + 4], void *));
		_mm_storeu_si128(h, _mm_shuffle_epi8(_mm_loadu_si128(h), order));
		m[i]->ol_flags &= RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
	}
}

static inline uint64_t one_way(struct peer_fwd *f, unsigned from)
{
	struct rte_mbuf *m[BURST];
	unsigned n, sent;

	n = rte_eth_rx_burst((uint16_t)f->port[from], 0, m, (uint16_t)f->burst);
	if (!n)
		return 0;
	f->rx[from] += n;
	if (f->kind == PEER_FWD_MACSWAP)
		macswap(m, n);
	sent = rte_eth_tx_burst((uint16_t)f->port[!from], 0, m, (uint16_t)n);
	f->tx[!from] += sent;
	if (unlikely(sent < n)) {
		f->dropped += n - sent;
		rte_pktmbuf_free_bulk(m + sent, n - sent);
	}
	return sent;
}

uint64_t peer_fwd_run(void *fwd, uint64_t packets)
{
	struct peer_fwd *f = fwd;
	uint64_t done = 0;

	while (done < packets) {
		done += one_way(f, 0);
		done += one_way(f, 1);
	}
	return done;
}
