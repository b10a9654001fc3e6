// SPDX-License-Identifier: MIT
/* peer: rte_ring and rte_mempool, used as our ring and pool are (peer.h). */
#include "tools/bench/peer/peer.h"

#include <stdio.h>
#include <stdlib.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_pause.h>
#include <rte_ring.h>

enum { BULK_MAX = 64 };

struct peer_ring {
	struct rte_ring *r;
	unsigned bulk;
	uint64_t next, expect;
};

struct peer_ring *peer_ring_create(unsigned slots, bool multi, unsigned bulk)
{
	static int number;
	struct peer_ring *p = calloc(1, sizeof(*p));
	char name[32];

	snprintf(name, sizeof(name), "bench%d", number++);
	p->r = rte_ring_create(name, slots, SOCKET_ID_ANY,
			       multi ? 0 : RING_F_SP_ENQ | RING_F_SC_DEQ);
	p->bulk = bulk;
	p->next = p->expect = 64;
	if (!p->r)
		abort();
	return p;
}

uint64_t peer_ring_pass(void *ring, uint64_t objects)
{
	struct peer_ring *p = ring;
	void *in[BULK_MAX], *out[BULK_MAX];
	uint64_t done = 0;

	for (unsigned i = 0; i < p->bulk; i++)
		in[i] = (void *)(uintptr_t)(64 * (i + 1));
	while (done < objects) {
		rte_ring_enqueue_burst(p->r, in, p->bulk, NULL);
		done += rte_ring_dequeue_burst(p->r, out, p->bulk, NULL);
		__asm__ volatile("" : : "r"(out) : "memory");
	}
	return done;
}

uint64_t peer_ring_produce(void *ring, uint64_t objects)
{
	struct peer_ring *p = ring;
	void *in[BULK_MAX];
	uint64_t done = 0;

	while (done < objects) {
		unsigned n = RTE_MIN(p->bulk, objects - done);

		for (unsigned i = 0; i < n; i++)
			in[i] = (void *)(uintptr_t)(64 * (p->next + i));
		n = rte_ring_enqueue_burst(p->r, in, n, NULL);
		if (!n)
			rte_pause();
		p->next += n;
		done += n;
	}
	return done;
}

uint64_t peer_ring_consume(void *ring, uint64_t objects)
{
	struct peer_ring *p = ring;
	void *out[BULK_MAX];
	uint64_t done = 0;

	while (done < objects) {
		unsigned n = RTE_MIN(p->bulk, objects - done);

		n = rte_ring_dequeue_burst(p->r, out, n, NULL);
		if (!n)
			rte_pause();
		for (unsigned i = 0; i < n; i++) {
			if ((uintptr_t)out[i] != 64 * p->expect++)
				abort();
		}
		done += n;
	}
	return done;
}

struct peer_pool {
	struct rte_mempool *mp;
	unsigned bulk;
};

void *peer_pool_create(unsigned objects, unsigned object_bytes, unsigned cache, unsigned bulk)
{
	struct peer_pool *p = calloc(1, sizeof(*p));
	static int number;
	char name[32];

	snprintf(name, sizeof(name), "pool%d", number++);
	p->mp = rte_mempool_create(name, objects, object_bytes, cache, 0, NULL, NULL, NULL, NULL,
				   SOCKET_ID_ANY, 0);
	p->bulk = bulk;
	if (!p->mp)
		abort();
	return p;
}

uint64_t peer_pool_getput(void *pool, uint64_t objects)
{
	struct peer_pool *p = pool;
	void *obj[BULK_MAX];
	uint64_t done = 0;

	while (done < objects) {
		if (rte_mempool_get_bulk(p->mp, obj, p->bulk))
			abort();
		__asm__ volatile("" : : "r"(obj) : "memory");
		rte_mempool_put_bulk(p->mp, obj, p->bulk);
		done += p->bulk;
	}
	return done;
}

/* Packet buffers: what allocation and release of a frame's buffer cost, metadata included. */
struct peer_mbufs {
	struct rte_mempool *mp;
	unsigned bulk;
};

void *peer_mbufs_create(unsigned objects, unsigned cache, unsigned bulk)
{
	struct peer_mbufs *p = calloc(1, sizeof(*p));
	static int number;
	char name[32];

	snprintf(name, sizeof(name), "mbufs%d", number++);
	p->mp = rte_pktmbuf_pool_create(name, objects, cache, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
					SOCKET_ID_ANY);
	p->bulk = bulk;
	if (!p->mp)
		abort();
	return p;
}

uint64_t peer_mbufs_getput(void *pool, uint64_t objects)
{
	struct peer_mbufs *p = pool;
	struct rte_mbuf *m[BULK_MAX];
	uint64_t done = 0;

	while (done < objects) {
		if (rte_pktmbuf_alloc_bulk(p->mp, m, p->bulk))
			abort();
		__asm__ volatile("" : : "r"(m) : "memory");
		rte_pktmbuf_free_bulk(m, p->bulk);
		done += p->bulk;
	}
	return done;
}
