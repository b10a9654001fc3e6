// SPDX-License-Identifier: MIT
/*
 * pool: packet buffers of one class on one NUMA node (pool.h).
 *
 *	meta:  count lines of struct packet           buf:  count buffers, stride apart
 *	+------+------+------+--                      +-----------+----+-----------+----+--
 *	| pkt0 | pkt1 | pkt2 |                        | 2048 B    | 64 | 2048 B    | 64 |
 *	+------+------+------+--                      +-----------+----+-----------+----+--
 *
 * The stride is an odd multiple of 64 bytes, so that the first lines of buffers spread over all
 * sets of a cache. A free packet's data pointer is NULL: that is the mark which a second free, or
 * a use after free, runs into. Each free is also checked to be a line of this pool.
 */
#include "qgm/pool.h"

#include "qgm/cpu.h"
#include "qgm/env.h"
#include "qgm/mpmc.h"
#include "qgm/poison.h"
#include "qgm/pool_fresh.h"
#include "qgm/ptrcopy.h"

enum { POOL_CACHES = 64, POOL_COUNT_MIN = 64 };

struct pool {
	struct packet *meta;
	u8 *buf;
	u32 count;
	u32 stride;
	u32 size;
	u8 id;
	struct mpmc *ring;
	struct pool_map map;
	void (*fresh)(const struct pool_map *m, struct packet **pkts, struct packet *const *from,
		      u32 n);
	bool wide; /* CPU_AVX2 */
	u32 caches;
	struct pool_cache *cache[POOL_CACHES];
};

/* Owned by one QGM; a LIFO, so that the buffer freed last, still warm, is used first: of a burst,
 * too, since 32 frames of 1500 bytes are more than a first-level cache. */
struct pool_cache {
	struct pool *pool;
	u32 n;
	u32 max;
	struct pool_ledger led;
	s64 out;  /* handed out minus taken back; of all siblings in the first one's */
	s64 *sum; /* the first one's */
	struct pool_cache **by_id; /* the QGM's caches by pool id */
	u32 by_id_n;
	struct packet *stack[];
};

static u8 *buffer_of(const struct pool *p, const struct packet *pkt)
{
	return p->buf + (u64)(pkt - p->meta) * p->stride;
}

/* A free buffer is nobody's, but for where a NIC writes that fills the one before: it is told the
 * room in KiB, headroom included. */
static inline void forbid(const struct pool *p, const struct packet *pkt)
{
	enum { BEHIND = PACKET_HEADROOM - CACHE_LINE };

	memory_forbid(buffer_of(p, pkt) + BEHIND, p->size - BEHIND);
}

/*
 * A load that follows a store to an address with the same low 12 bits waits for it. Frame i starts
 * in line 33 i + 2 of its page (modulo 64), its metadata in line i + 50: that is 16 or 48 lines
 * apart whatever i is, so that the frames of a burst are not read behind its neighbours' metadata.
 */
enum { META_SHIFT = 50 * CACHE_LINE };

static bool pool_memory(struct pool *p, u32 count, u32 node)
{
	u32 slots = 2;
	u8 *at;

	while (slots < count)
		slots *= 2;
	if (!p->ring || p->ring->slots < slots)
		p->ring = env_alloc(ENV_PRIVATE, mpmc_bytes(slots), CACHE_LINE, node);
	if (!p->ring || mpmc_init(p->ring, slots))
		return false;
	/* The last buffer's room, too, reaches behind it (forbid()). */
	p->buf = env_alloc(ENV_PRIVATE, (size_t)count * p->stride + PACKET_HEADROOM, 4096, node);
	if (!p->buf)
		return false;
	at = env_alloc(ENV_PRIVATE, (size_t)count * sizeof(struct packet) + META_SHIFT, 4096, node);
	p->meta = (struct packet *)(at + META_SHIFT);
	return at != NULL;
}

static void fresh_lines(const struct pool_map *m, struct packet **pkts, struct packet *const *from,
			u32 n)
{
	for (u32 i = 0; i < n; i++) {
		struct packet *pkt = from[n - 1 - i];

		pool_map_fresh(m, pkt, 0);
		pkts[i] = pkt;
	}
}

_Static_assert(sizeof(struct packet) == CACHE_LINE, "the stride of buffers is lines too");
_Static_assert(_Alignof(struct packet) % 2 == 0, "bit 0 of a slot of the ring is its flag");

struct pool *pool_create(u8 id, u32 size, u32 count, u32 node)
{
	struct pool *p = env_alloc(ENV_PRIVATE, sizeof(*p), CACHE_LINE, node);
	u64 stalls = 0;

	if (!p || id >= POOL_MAX)
		return NULL;
	p->id = id;
	p->size = size;
	p->stride = size + CACHE_LINE;
	if (!(p->stride / CACHE_LINE & 1))
		p->stride += CACHE_LINE;
	while (!pool_memory(p, count, node)) {
		count /= 2;
		if (count < POOL_COUNT_MIN)
			return NULL;
	}
	p->count = count;
	p->map.id = id;
	p->map.count = count;
	p->map.meta = (u64)p->meta;
	p->map.data = (u64)p->buf + PACKET_HEADROOM;
	p->map.ratio = p->stride / sizeof(struct packet);
	p->map.at = p->map.data - p->map.meta * p->map.ratio;
	p->map.delta = env_iova_delta(p->buf);
	p->wide = cpu_wide() & CPU_AVX2;
	p->fresh = p->wide ? pool_fresh_avx2 : fresh_lines;
	for (u32 i = 0; i < count; i++) {
		void *pkt = &p->meta[i];

		p->meta[i].pool = id;
		if (mpmc_enqueue(p->ring, &pkt, 1, &stalls) != 1)
			return NULL;
		forbid(p, pkt);
	}
	return p;
}

void pool_set_iova_delta(struct pool *p, u64 delta)
{
	p->map.delta = delta;
}

struct pool_cache *pool_cache_create(struct pool *p, u32 max, u32 node)
{
	struct pool_cache *pc;

	max = MIN(MAX(max, 32u), (u32)POOL_CACHE_MAX);
	if (p->caches == POOL_CACHES)
		return NULL;
	pc = env_alloc(ENV_PRIVATE, sizeof(*pc) + (max + BURST_MAX) * sizeof(void *), CACHE_LINE,
		       node);
	if (!pc)
		return NULL;
	pc->pool = p;
	pc->max = max;
	pc->sum = &pc->out;
	p->cache[p->caches++] = pc;
	return pc;
}

/* Bring at least n (if the pool has them) and at most half a cache from the shared ring. */
static void refill(struct pool_cache *pc, u32 n)
{
	u32 want = MAX(n - pc->n, pc->max / 2 > pc->n ? pc->max / 2 - pc->n : 0);
	u32 got;

	/* Fewer may come while another core is giving buffers back: those behind them do next. */
	do {
		got = mpmc_dequeue(pc->pool->ring, (void **)&pc->stack[pc->n],
				   MIN(want, pc->max + BURST_MAX - pc->n), &pc->led.stalls);
		pc->n += got;
		pc->led.taken += got;
		want -= got;
	} while (unlikely(pc->n < n && got));
}

/* n buffers off the stack, or as many as there are. */
static inline u32 pop(struct pool_cache *pc, u32 n)
{
	n = MIN(n, (u32)BURST_MAX);
	if (unlikely(pc->n < n)) {
		refill(pc, n);
		if (pc->n < n) {
			n = pc->n;
			pc->led.empty++;
		}
	}
	pc->n -= n;
	pc->led.gets += n;
	*pc->sum += n;
	return n;
}

static inline void allow(const struct pool *p, struct packet *const *pkts, u32 n)
{
#ifdef __SANITIZE_ADDRESS__
	for (u32 i = 0; i < n; i++)
		memory_allow(buffer_of(p, pkts[i]), p->size);
#else
	(void)p, (void)pkts, (void)n;
#endif
}

u32 pool_get(struct pool_cache *pc, struct packet **pkts, u32 n)
{
	const struct pool *p = pc->pool;

	n = pop(pc, n);
	allow(p, &pc->stack[pc->n], n);
	p->fresh(&p->map, pkts, &pc->stack[pc->n], n);
	return n;
}

u32 pool_get_bare(struct pool_cache *pc, struct packet *const **pkts, u32 n)
{
	n = pop(pc, n);
	*pkts = &pc->stack[pc->n];
	allow(pc->pool, *pkts, n);
	return n;
}

/* The coldest half of the cache goes back to the shared ring. */
static void spill(struct pool_cache *pc)
{
	u32 half = pc->n / 2;
	u32 put = mpmc_enqueue(pc->pool->ring, (void *const *)pc->stack, half, &pc->led.stalls);

	pc->n -= put;
	pc->led.returned += put;
	__builtin_memmove(pc->stack, pc->stack + put, pc->n * sizeof(void *));
}

void pool_cache_siblings(struct pool_cache *pc, struct pool_cache **by_id, u32 n)
{
	struct pool_cache *first = NULL;

	pc->by_id = by_id;
	pc->by_id_n = n;
	for (u32 i = 0; i < n; i++) {
		if (!by_id[i])
			continue;
		if (!first)
			first = by_id[i];
		else if (by_id[i]->sum == &by_id[i]->out)
			first->out += by_id[i]->out;
		by_id[i]->sum = &first->out;
	}
}

static struct pool_cache *sibling(const struct pool_cache *pc, const struct packet *pkt)
{
	ASSERT_ENGINE(pkt->pool < pc->by_id_n && pc->by_id[pkt->pool] != NULL);
	return pc->by_id[pkt->pool];
}

void pool_arrive(struct pool_cache *pc, struct packet *pkt, u32 len)
{
	const struct pool_cache *of = pkt->pool == pc->pool->id ? pc : sibling(pc, pkt);

	pool_map_fresh(&of->pool->map, pkt, len);
}

const struct pool_map *pool_map(const struct pool_cache *pc)
{
	return &pc->pool->map;
}

/* Is it a line of the pool? Rotated, an address between two lines has its low bits on top. */
static inline bool is_line(const struct packet *pkt, u64 meta, u64 count)
{
	u64 off = (u64)pkt - meta;

	return likely((off >> 6 | off << 58) < count);
}

_Static_assert(sizeof(struct packet) == 64, "is_line() rotates by its logarithm");

static inline bool are_lines(struct packet *const *pkts, u64 meta, u64 count)
{
	return is_line(pkts[0], meta, count) && is_line(pkts[1], meta, count) &&
	       is_line(pkts[2], meta, count) && is_line(pkts[3], meta, count);
}

static inline void take_back(const struct pool *p, struct packet *pkt)
{
	ASSERT_ENGINE(pkt->data != NULL); /* freed twice */
	pkt->data = NULL;
	forbid(p, pkt);
}

/* One packet of this cache's pool back. Room in the stack is the caller's business. */
static inline void put_one(struct pool_cache *pc, const struct pool *p, struct packet *pkt)
{
	ASSERT_ENGINE(is_line(pkt, (u64)p->meta, p->count));
	take_back(p, pkt);
	pc->stack[pc->n++] = pkt;
}

static void make_room(struct pool_cache *pc, u32 n)
{
	while (pc->n + n > pc->max + BURST_MAX) {
		u32 before = pc->n;

		spill(pc);
		/* The ring holds all buffers of the pool: only a stall can leave no room here. */
		ASSERT_ENGINE(pc->n < before);
	}
}

/* Packets of several pools, or what is none. */
static __attribute__((noinline)) void put_mixed(struct pool_cache *own, struct packet *const *pkts,
						u32 n)
{
	for (u32 i = 0; i < n; i++) {
		struct pool_cache *pc = own;

		if (pkts[i]->pool != own->pool->id)
			pc = sibling(own, pkts[i]);
		make_room(pc, 1);
		put_one(pc, pc->pool, pkts[i]);
		pc->led.puts++;
		(*pc->sum)--;
	}
}

/* All of these, which are lines of the pool. */
static inline u32 take_all(const struct pool *p, struct packet *const *pkts, u32 n)
{
	u32 i = 0;

	for (; i + 4 <= n; i += 4) {
		take_back(p, pkts[i]);
		take_back(p, pkts[i + 1]);
		take_back(p, pkts[i + 2]);
		take_back(p, pkts[i + 3]);
	}
	for (; i < n; i++)
		take_back(p, pkts[i]);
	return n;
}

/* Those in front that are lines of the pool, into the stack; returns how many. */
static u32 put_lines(struct pool_cache *own, const struct pool *p, struct packet *const *pkts,
		     u32 n)
{
	const u64 meta = (u64)p->meta, count = p->count;
	u32 i = 0, all;

	while (i + 4 <= n && are_lines(pkts + i, meta, count))
		i += 4;
	while (i < n && is_line(pkts[i], meta, count))
		i++;
	all = take_all(p, pkts, i);
	ptrcopy((void **)&own->stack[own->n], (void *const *)pkts, all);
	return all;
}

void pool_put(struct pool_cache *own, struct packet *const *pkts, u32 n)
{
	const struct pool *p = own->pool;
	const u64 meta = (u64)p->meta, count = p->count;
	u32 i;

	while (unlikely(n > BURST_MAX)) {
		pool_put(own, pkts, BURST_MAX);
		pkts += BURST_MAX;
		n -= BURST_MAX;
	}
	if (unlikely(own->n + n > own->max + BURST_MAX))
		make_room(own, n);
	if (likely(p->wide && n >= POOL_LINES_MIN) &&
	    likely(pool_lines_avx2(&own->stack[own->n], pkts, n, meta, count)))
		i = take_all(p, pkts, n);
	else
		i = put_lines(own, p, pkts, n);
	own->n += i;
	own->led.puts += i;
	*own->sum -= i;
	if (unlikely(i < n))
		put_mixed(own, pkts + i, n - i);
}

u32 pool_room(const struct pool_cache *pc)
{
	return pc->pool->size - PACKET_HEADROOM;
}

iova_t pool_iova(const struct pool_cache *pc, const void *data)
{
	return (u64)data + pc->pool->map.delta;
}

u32 pool_packet_room(const struct pool_cache *pc, const struct packet *p)
{
	const struct pool *pool = (p->pool == pc->pool->id ? pc : sibling(pc, p))->pool;

	return (u32)(buffer_of(pool, p) + pool->size - p->data);
}

iova_t pool_packet_iova(const struct pool_cache *pc, const struct packet *p)
{
	return pool_iova(p->pool == pc->pool->id ? pc : sibling(pc, p), p->data);
}

void pool_ledger(const struct pool_cache *pc, struct pool_ledger *out)
{
	*out = pc->led;
	out->cached = pc->n;
}

s64 pool_outstanding(const struct pool_cache *pc)
{
	return *pc->sum;
}

struct pool *pool_of(const struct pool_cache *pc)
{
	return pc->pool;
}

u8 pool_id(const struct pool *p)
{
	return p->id;
}

u32 pool_buffer_size(const struct pool *p)
{
	return p->size;
}

u32 pool_size(const struct pool *p)
{
	return p->count;
}

u32 pool_ring_count(const struct pool *p)
{
	return mpmc_count(p->ring);
}

u32 pool_free_count(const struct pool *p)
{
	u32 n = mpmc_count(p->ring);

	for (u32 i = 0; i < p->caches; i++)
		n += load_relaxed(&p->cache[i]->n);
	return n;
}
