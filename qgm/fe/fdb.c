// SPDX-License-Identifier: MIT
/* fdb: the owner's side of the FDB, and its listing (fdb.h). */
#include "qgm/fe/fdb.h"

#include "qgm/ctl.h"
#include "qgm/env.h"
#include "qgm/fe/fdb_find.h"

/* Finalizer of splitmix64: every bit of x counts in every bit of the result. */
static u64 scatter(u64 x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

struct fdb *fdb_create(u32 buckets, u32 node)
{
	size_t bytes = sizeof(struct fdb) + (size_t)buckets * sizeof(struct fdb_bucket);
	struct fdb *f;

	if (buckets < 2 || buckets & (buckets - 1))
		return NULL;
	f = env_alloc(ENV_COUNTERS, bytes, CACHE_LINE, node);
	if (!f)
		return NULL;
	f->side = env_alloc(ENV_COUNTERS, (size_t)buckets * sizeof(struct fdb_side), CACHE_LINE,
			    node);
	if (!f->side)
		return NULL;
	f->mask = buckets - 1;
	f->shift = 64 - (u32)__builtin_ctz(buckets);
	/* Nobody outside can choose addresses that all fall into one bucket. */
	f->mul[0] = scatter(env_clock()) | 1;
	f->mul[1] = scatter(f->mul[0] + env_clock()) | 1;
	f->torn = env_planted("fdb-torn");
	fdb_choose();
	return f;
}

/* --- buckets ---------------------------------------------------------------------------------- */

/* The bucket as the owner sees it: nobody else changes keys. */
static u32 way_of(const struct fdb_bucket *b, u64 key)
{
	u32 way = 0;

	while (way < FDB_WAYS && load_relaxed(&b->key[way]) != key)
		way++;
	return way;
}

static struct fdb_side *side_of(const struct fdb *f, const struct fdb_bucket *b)
{
	return &f->side[b - f->bucket];
}

static void change_begin(const struct fdb *f, struct fdb_bucket *b)
{
	if (unlikely(f->torn))
		return;
	store_relaxed(&b->version, load_relaxed(&b->version) | FDB_BUSY);
	fence_release(); /* odd before the change */
}

/* `b` is as its side says. */
static void change_end(const struct fdb *f, struct fdb_bucket *b)
{
	u32 version = (load_relaxed(&b->version) & ~(u32)(FDB_BUSY | FDB_SPILLED)) + FDB_CHANGE;

	if (side_of(f, b)->spilled)
		version |= FDB_SPILLED;
	if (unlikely(f->torn))
		version = (load_relaxed(&b->version) & ~(u32)FDB_SPILLED) | (version & FDB_SPILLED);
	store_release(&b->version, version); /* F1, pairs with F2 */
}

static struct fdb_bucket *first_of(struct fdb *f, u64 key)
{
	return &f->bucket[fdb_first(f, key)];
}

static struct fdb_bucket *second_of(struct fdb *f, u64 key)
{
	return &f->bucket[fdb_second(f, key)];
}

/* One more or less of the stations of `first` lies elsewhere. */
static void count_spilled(struct fdb *f, struct fdb_bucket *first, s32 n)
{
	change_begin(f, first);
	side_of(f, first)->spilled += (u32)n;
	change_end(f, first);
}

static void put(struct fdb *f, struct fdb_bucket *b, u32 way, u64 key, u16 to, u32 seen)
{
	struct fdb_bucket *first = first_of(f, key);

	if (b != first)
		count_spilled(f, first, 1);
	store_relaxed(&side_of(f, b)->seen[way], seen);
	change_begin(f, b);
	store_relaxed(&b->to[way], to);
	store_relaxed(&b->key[way], key);
	change_end(f, b);
}

static void clear(struct fdb *f, struct fdb_bucket *b, u32 way)
{
	struct fdb_bucket *first = first_of(f, b->key[way]);

	change_begin(f, b);
	store_relaxed(&b->key[way], 0);
	store_relaxed(&b->to[way], 0);
	change_end(f, b);
	if (b != first)
		count_spilled(f, first, -1);
}

/* Make room in a full bucket: one of its stations goes to its other bucket. The way, or none. */
static u32 displace(struct fdb *f, struct fdb_bucket *b)
{
	for (u32 way = 0; way < FDB_WAYS; way++) {
		u64 key = b->key[way];
		struct fdb_bucket *first = first_of(f, key), *second = second_of(f, key);
		struct fdb_bucket *other = b == first ? second : first;
		u32 there = other == b ? FDB_WAYS : way_of(other, 0);

		if (there == FDB_WAYS)
			continue;
		put(f, other, there, key, load_relaxed(&b->to[way]), side_of(f, b)->seen[way]);
		clear(f, b, way);
		return way;
	}
	return FDB_WAYS;
}

static bool insert(struct fdb *f, u64 key, u16 ifid)
{
	struct fdb_bucket *b[2] = { first_of(f, key), second_of(f, key) };

	for (u32 i = 0; i < 4; i++) { /* free ways first, then made ones */
		struct fdb_bucket *at = b[i & 1];
		u32 way = i < 2 ? way_of(at, 0) : displace(f, at);

		if (way == FDB_WAYS)
			continue;
		put(f, at, way, key, ifid, (u32)f->seconds);
		return true;
	}
	return false;
}

/* --- stations --------------------------------------------------------------------------------- */

static void count_station(struct fdb *f, u64 key, u16 ifid, s32 n)
{
	store_relaxed(&f->count, f->count + (u32)n);
	store_relaxed(&f->by_iface[ifid], f->by_iface[ifid] + (u32)n);
	store_relaxed(&f->by_bridge[fdb_key_bridge(key)],
		      f->by_bridge[fdb_key_bridge(key)] + (u32)n);
}

static bool refuse(struct fdb *f, u64 key, u64 *total, enum pix_refused why)
{
	counter_add(total, 1);
	counter_add(&f->refused[fdb_key_bridge(key)][why], 1);
	return false;
}

/* Is there room for one more on the interface, and (known: it is in it already) in the bridge? */
static bool within(struct fdb *f, u64 key, u16 ifid, const struct fdb_limit *limit, bool known)
{
	if (!limit)
		return true;
	if (limit->iface && f->by_iface[ifid] >= limit->iface)
		return refuse(f, key, &f->limited_iface, PIX_REFUSED_PORT);
	if (!known && limit->bridge && f->by_bridge[fdb_key_bridge(key)] >= limit->bridge)
		return refuse(f, key, &f->limited_bridge, PIX_REFUSED_BRIDGE);
	return true;
}

static bool learn_known(struct fdb *f, struct fdb_bucket *b, u32 way, u16 ifid,
			const struct fdb_limit *limit)
{
	u16 old = load_relaxed(&b->to[way]) & FDB_IF;

	if (old != ifid) {
		if (!within(f, b->key[way], ifid, limit, true))
			return false;
		store_relaxed(&b->to[way], ifid);
		count_station(f, b->key[way], old, -1);
		count_station(f, b->key[way], ifid, 1);
	}
	store_relaxed(&side_of(f, b)->seen[way], (u32)f->seconds);
	return true;
}

bool fdb_learn(struct fdb *f, u64 key, u16 ifid, const struct fdb_limit *limit, bool stale)
{
	for (u32 i = 0; i < 2; i++) {
		struct fdb_bucket *b = i ? second_of(f, key) : first_of(f, key);
		u32 way = way_of(b, key);

		if (way < FDB_WAYS)
			return stale || learn_known(f, b, way, ifid, limit);
	}
	if (!within(f, key, ifid, limit, false))
		return false;
	if (!insert(f, key, ifid))
		return refuse(f, key, &f->full, PIX_REFUSED_FULL);
	count_station(f, key, ifid, 1);
	return true;
}

/* --- ageing ----------------------------------------------------------------------------------- */

static void sweep_bucket(struct fdb *f, struct fdb_bucket *b, fdb_keep_fn keep, void *arg)
{
	struct fdb_side *s = side_of(f, b);

	for (u32 i = 0; i < FDB_WAYS; i++) {
		u64 key = b->key[i];
		u16 to = load_relaxed(&b->to[i]);

		if (!key)
			continue;
		if (to & FDB_HIT) {
			__atomic_fetch_and(&b->to[i], (u16)~FDB_HIT, __ATOMIC_ACQ_REL);
			store_relaxed(&s->seen[i], (u32)f->seconds);
		}
		if (keep(arg, key, to & FDB_IF, (u32)f->seconds - s->seen[i]))
			continue;
		clear(f, b, i);
		count_station(f, key, to & FDB_IF, -1);
	}
}

u32 fdb_sweep(struct fdb *f, u32 from, u32 n, u64 now, fdb_keep_fn keep, void *arg)
{
	store_relaxed(&f->seconds, MAX(now, f->seconds));
	for (; n && from <= f->mask; n--, from++) {
		prefetch(&f->bucket[(from + 8) & f->mask]);
		sweep_bucket(f, &f->bucket[from], keep, arg);
	}
	return from > f->mask ? 0 : from;
}

/* --- listing ---------------------------------------------------------------------------------- */

static void list_entry(const struct fdb *f, u32 bucket, u32 way, u64 key, struct pix_mac *out)
{
	u16 to = load_relaxed(&f->bucket[bucket].to[way]);
	u32 seen = load_relaxed(&f->side[bucket].seen[way]);
	u64 mac = key & 0x0000fffffffffffeull;

	*out = (struct pix_mac){
		.bridge = fdb_key_bridge(key),
		.vid = fdb_key_vid(key),
		.ifid = to & FDB_IF,
		.age_s = to & FDB_HIT ? 0 : (u32)load_relaxed(&f->seconds) - seen,
	};
	__builtin_memcpy(out->mac, &mac, 6);
}

u32 fdb_list(u32 start, struct pix_mac *out, u32 max, u32 *total)
{
	const struct ctl *ctl = ctl_block();
	u32 at = 0, written = 0;

	for (u32 q = 0; q < ctl->qgm_count; q++) {
		const struct fdb *f = ctl->qgm[q].fdb;

		for (u32 i = 0; f && i <= f->mask; i++) {
			for (u32 w = 0; w < FDB_WAYS; w++) {
				u64 key = load_relaxed(&f->bucket[i].key[w]);

				if (!key)
					continue;
				if (at++ >= start && written < max)
					list_entry(f, i, w, key, &out[written++]);
			}
		}
	}
	*total = at;
	return written;
}

void fdb_count(u16 bridge, u32 *stations, u64 refused[PIX_REFUSED_COUNT])
{
	const struct ctl *ctl = ctl_block();

	*stations = 0;
	__builtin_memset(refused, 0, PIX_REFUSED_COUNT * sizeof(*refused));
	for (u32 q = 0; q < ctl->qgm_count; q++) {
		const struct fdb *f = ctl->qgm[q].fdb;

		if (!f || bridge >= BRIDGE_MAX)
			continue;
		*stations += load_relaxed(&f->by_bridge[bridge]);
		for (u32 i = 0; i < PIX_REFUSED_COUNT; i++)
			refused[i] += load_relaxed(&f->refused[bridge][i]);
	}
}
