// SPDX-License-Identifier: MIT
/*
 * pool: packet buffers of one class on one NUMA node, in the data-plane region. An MPMC ring
 * underneath, a LIFO cache per core on top; both are used by QGM cores (or the hosted engine)
 * only, interrupts off. Everybody else gets and returns buffers through SPSC rings with a QGM.
 */
#pragma once

#include "qgm/packet.h"

/* An address as a device sees it; never a physical address by assumption (kernel/driver.h). */
typedef u64 iova_t;

enum {
	POOL_CLASS_STD = 2048,  /* bytes of one buffer: headroom, frame up to 1,9xx bytes */
	POOL_CLASS_JUMBO = 10240,
	POOL_CACHE_MAX = 512,
};

struct pool;
struct pool_cache; /* one QGM's view of a pool */

/*
 * Boot only: a pool of `count` buffers of `size` bytes (a POOL_CLASS). NULL when memory runs
 * out. `iova_delta` is added to a virtual address to give the device's view of it; see
 * pool_set_iova().
 */
struct pool *pool_create(u8 id, u32 size, u32 count, u32 node);

/* Boot only: device address of the pool's memory; iova = virtual + delta (wraps). */
void pool_set_iova_delta(struct pool *p, u64 delta);

/* Boot only: the cache through which one QGM uses the pool. NULL when memory runs out. */
struct pool_cache *pool_cache_create(struct pool *p, u32 node);

/*
 * Owner QGM only. Takes up to n buffers, returns how many; each has data at PACKET_HEADROOM,
 * len 0, flags 0, all ids 0. Drivers use it to refill Rx rings, stages to make packets.
 */
u32 pool_get(struct pool_cache *pc, struct packet **pkts, u32 n);

/* Owner QGM only. Gives n packets of this pool back. A second free of the same packet panics. */
void pool_put(struct pool_cache *pc, struct packet *const *pkts, u32 n);

/* Bytes from data to the end of the buffer right after pool_get() (what a NIC may write). */
u32 pool_room(const struct pool_cache *pc);

/* Device address of a byte inside a buffer of the pool. */
iova_t pool_iova(const struct pool_cache *pc, const void *data);

/* Buffers in all, and free ones (ring and all caches) at some moment. Any core. */
u32 pool_size(const struct pool *p);
u32 pool_free_count(const struct pool *p);
