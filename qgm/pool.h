// SPDX-License-Identifier: MIT
/*
 * pool: packet buffers of one class on one NUMA node, in the data-plane region. An MPMC ring
 * underneath, a LIFO cache per core on top; both are used by QGM cores (or the hosted engine)
 * only, interrupts off. Everybody else gets and returns buffers through SPSC rings with a QGM.
 */
#pragma once

#include "qgm/poolmap.h"

/* An address as a device sees it; never a physical address by assumption (kernel/driver.h). */
typedef u64 iova_t;

enum {
	POOL_CLASS_STD = 2048, /* bytes of one buffer: headroom, frame up to 1,9xx bytes */
	POOL_CLASS_JUMBO = 10240,
	POOL_CACHE_MAX = 512,
	POOL_NODES = 8,            /* further nodes share */
	POOL_MAX = 2 * POOL_NODES, /* one of 2 KiB and one of 10 KiB a node */
};

struct pool;
struct pool_cache; /* one QGM's view of a pool */

/*
 * Boot only: a pool of `count` buffers of `size` bytes (a POOL_CLASS) under `id` (below POOL_MAX).
 * When memory is short it tries with half, down to 64 buffers; then NULL. The device's view of
 * the buffers is env_iova_delta() of their memory.
 */
struct pool *pool_create(u8 id, u32 size, u32 count, u32 node);

/* Boot only: iova = virtual + delta (wraps), instead of env_iova_delta(). */
void pool_set_iova_delta(struct pool *p, u64 delta);

/* Boot only: the cache of at most `max` (32..POOL_CACHE_MAX) free buffers through which one QGM
 * uses the pool. NULL when memory runs out. */
struct pool_cache *pool_cache_create(struct pool *p, u32 max, u32 node);

/*
 * Owner QGM only. Takes up to n buffers, returns how many; each has data at PACKET_HEADROOM,
 * len 0, flags 0, all ids 0 (timestamp is what it was). Drivers use it to refill Rx rings, stages
 * to make packets.
 */
u32 pool_get(struct pool_cache *pc, struct packet **pkts, u32 n);

/*
 * Owner QGM only. The same for what a NIC receives into: bare buffers, whose metadata is not
 * touched (data NULL, pool) until a frame is there: then pool_arrive(), or pool_map_fresh() with
 * the map of their pool. *pkts points into the cache, for as long as that is not used again.
 */
u32 pool_get_bare(struct pool_cache *pc, struct packet *const **pkts, u32 n);

/* Owner QGM only. Makes a bare buffer of one of the QGM's pools a packet as of pool_get(), of `len`
 * bytes. */
void pool_arrive(struct pool_cache *pc, struct packet *pkt, u32 len);

/* Where data of the cache's own pool is. */
const struct pool_map *pool_map(const struct pool_cache *pc);

/*
 * Boot only: all caches of one QGM by pool id (n of them, some NULL). pool_put() and
 * pool_packet_iova() then take packets of each of these pools.
 */
void pool_cache_siblings(struct pool_cache *pc, struct pool_cache **by_id, u32 n);

/* Owner QGM only. Gives n packets back, each to its pool. A second free of the same packet panics,
 * and so does a pointer that is no packet of the pool. */
void pool_put(struct pool_cache *pc, struct packet *const *pkts, u32 n);

/* Bytes from data to the end of the buffer right after pool_get() (what a NIC may write). */
u32 pool_room(const struct pool_cache *pc);

/* Bytes from p->data to the end of its buffer, whichever pool the packet is of. */
u32 pool_packet_room(const struct pool_cache *pc, const struct packet *p);

/* Device address of a byte inside a buffer of this cache's own pool (what pool_get() gave). */
iova_t pool_iova(const struct pool_cache *pc, const void *data);

/* Device address of p->data, whichever pool the packet is of (what tx() gets). */
iova_t pool_packet_iova(const struct pool_cache *pc, const struct packet *p);

/*
 * The ledger of one cache, kept by its owner QGM: buffers moved from and to the shared ring, and
 * handed to and taken back from the engine and its drivers. taken - returned = cached + (gets -
 * puts).
 */
struct pool_ledger {
	u64 taken, returned;
	u64 gets, puts;
	u64 empty;  /* pool_get() could not give all */
	u64 stalls; /* a bounded wait for another core's operation on the shared ring ran out */
	u32 cached;
};

void pool_ledger(const struct pool_cache *pc, struct pool_ledger *out);

/* Buffers handed out minus taken back through this cache and its siblings so far; drivers' shares
 * are differences of it around a call. Owner QGM only. */
s64 pool_outstanding(const struct pool_cache *pc);

struct pool *pool_of(const struct pool_cache *pc);
u8 pool_id(const struct pool *p);
u32 pool_buffer_size(const struct pool *p);

/* Buffers in the shared ring at some moment. Any core of the data plane. */
u32 pool_ring_count(const struct pool *p);

/* Buffers in all, and free ones (ring and all caches) at some moment. Any core. */
u32 pool_size(const struct pool *p);
u32 pool_free_count(const struct pool *p);
