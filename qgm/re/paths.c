// SPDX-License-Identifier: MIT
/* paths: sets of gateways and the buckets of their groups (paths.h). */
#include "qgm/re/paths.h"

#include "qgm/env.h"
#include "qgm/re/errno.h"
#include "qgm/re/ifset.h"
#include "qgm/re/rib.h"

enum { SET_KEY = 12, BUCKETS_A_SHARE = 16, BUCKETS_MIN = 32 };

static struct btree sets __generic; /* key: VRF, hash, number */
static bool plant_shuffle __generic;

void paths_plant_shuffle(bool on)
{
	plant_shuffle = on;
}

void paths_init(void)
{
	sets = btree_empty(SET_KEY);
}

static struct btree_key set_key(u16 vrf, u64 hash, u16 probe)
{
	struct btree_key k = { { 0 } };

	btree_key_u16(&k, 0, vrf);
	btree_key_u64(&k, 2, hash);
	btree_key_u16(&k, 10, probe);
	return k;
}

static size_t set_bytes(u32 count)
{
	return sizeof(struct pathset) + count * sizeof(struct path_member);
}

static int path_cmp(const struct route_path *a, const struct route_path *b)
{
	int c = pix_ip_cmp(a->gateway, b->gateway);

	if (c)
		return c;
	return a->ifid == b->ifid ? 0 : a->ifid < b->ifid ? -1 : 1;
}

/* --- buckets -------------------------------------------------------------------------------- */

static u32 index_of(const u16 *id, u32 members, u16 owner)
{
	u32 i = 0;

	while (i < members && id[i] != owner)
		i++;
	return i;
}

/*
 * How many buckets each member is due: its share rounded down, and what is left over goes first to
 * those that hold more than that already, so that as little as possible moves. When members have
 * only gone, nobody gives away what it holds.
 */
static void quotas(u32 *quota, const u32 *held, u32 n, const u8 *weight, u32 members)
{
	u32 total = 0, left = n;
	bool steal = false;

	for (u32 i = 0; i < members; i++)
		total += weight[i];
	for (u32 i = 0; i < members; i++) {
		quota[i] = n * weight[i] / total;
		left -= quota[i];
		steal |= !held[i] || held[i] > quota[i] + 1;
	}
	for (u32 round = 0; left; round++)
		for (u32 i = 0; i < members && left; i++)
			if (round || held[i] > quota[i]) {
				quota[i]++;
				left--;
			}
	for (u32 i = 0; i < members && !steal; i++)
		quota[i] = MAX(quota[i], held[i]);
}

void paths_deal(u16 *bucket, u32 n, const u16 *id, const u8 *weight, u32 members)
{
	u32 quota[PIX_ROUTE_PATHS], held[PIX_ROUTE_PATHS + 1] = { 0 }, to = 0;

	for (u32 b = 0; b < n && unlikely(plant_shuffle); b++)
		bucket[b] = id[b % members];
	for (u32 b = 0; b < n; b++)
		held[index_of(id, members, bucket[b])]++;
	quotas(quota, held, n, weight, members);
	for (u32 b = 0; b < n; b++) {
		u32 from = index_of(id, members, bucket[b]);

		if (from < members && held[from] <= quota[from])
			continue;
		while (held[to] >= quota[to]) /* quotas add up to n or more: somebody lacks one */
			to++;
		held[from]--;
		held[to]++;
		bucket[b] = id[to];
	}
}

/* A power of two with at least 16 buckets for each share, at least as many as there were. */
static u32 bucket_count(const struct pathset *s)
{
	u32 total = 0, n = MAX(s->buckets, (u32)BUCKETS_MIN);

	for (u32 i = 0; i < s->count; i++)
		total += s->member[i].path.weight;
	while (n < total * BUCKETS_A_SHARE && n < NH_BUCKETS_MAX)
		n *= 2;
	return n;
}

/* The members that take part: those that answer, or all when none does. */
static u32 members_of(const struct pathset *s, u16 *id, u8 *weight)
{
	for (u32 failed = 0; failed < 2; failed++) {
		u32 n = 0;

		for (u32 i = 0; i < s->count; i++) {
			const struct path_member *m = &s->member[i];
			u32 at;

			if (!m->nh || (m->nh->failed && !failed))
				continue;
			at = index_of(id, n, (u16)m->nh->id);
			weight[at] = (u8)(at < n ? weight[at] + m->path.weight : m->path.weight);
			id[at] = (u16)m->nh->id;
			n = MAX(n, at + 1);
		}
		if (n)
			return n;
	}
	return 0;
}

static int group_build(struct txn *t, struct pathset *s)
{
	static const struct adjacency none;
	u16 id[PIX_ROUTE_PATHS], *bucket;
	u8 weight[PIX_ROUTE_PATHS];
	u32 members = members_of(s, id, weight), n = bucket_count(s);

	t->changed = true;
	if (!members)
		return nh_set(t->nh, s->group->id, &none);
	bucket = undo_alloc(&t->undo, n * sizeof(*bucket));
	if (!bucket)
		return -ENOMEM;
	for (u32 b = 0; s->buckets && b < n; b++)
		bucket[b] = s->bucket[b & (s->buckets - 1)];
	paths_deal(bucket, n, id, weight, members);
	if (undo_save(&t->undo, s, sizeof(*s)) ||
	    (s->bucket && undo_free(&t->undo, s->bucket, s->buckets * sizeof(*bucket))))
		return -ENOMEM;
	s->bucket = bucket;
	s->buckets = n;
	return nh_set_group(t->nh, s->group->id, bucket, n);
}

static int make_dirty(struct txn *t, struct pathset *s)
{
	if (s->dirty || s->count < 2)
		return 0;
	if (undo_save(&t->undo, s, sizeof(*s)))
		return -ENOMEM;
	s->dirty = true;
	s->dirty_next = t->sets_dirty;
	t->sets_dirty = s;
	return 0;
}

/* Gateways began or ceased to answer: groups with such members. */
static int find_dirty(struct txn *t)
{
	struct btree_key from = set_key(0, 0, 0);
	struct btree_iter it = btree_from(&sets, &from, false);
	int err = 0;

	for (; it.item && !err; btree_next(&it)) {
		struct pathset *s = it.item;

		if (s->count > 1)
			err = make_dirty(t, s);
	}
	return err;
}

int paths_build(struct txn *t)
{
	int err = t->groups_dirty ? find_dirty(t) : 0;

	while (t->sets_dirty && !err) {
		struct pathset *s = t->sets_dirty;

		if (undo_save(&t->undo, s, sizeof(*s)))
			return -ENOMEM;
		t->sets_dirty = s->dirty_next;
		s->dirty_next = NULL;
		s->dirty = false;
		if (s->refs)
			err = group_build(t, s);
	}
	return err;
}

/* --- resolution ----------------------------------------------------------------------------- */

static u16 attached(u16 vrf, const struct route_path *p)
{
	const struct pix_iface *cfg;

	if (!p->ifid)
		return rib_attached(vrf, p->gateway);
	cfg = ifset_get(p->ifid);
	return cfg && cfg->vrf == vrf && ifset_neighbour_ok(p->ifid, p->gateway) ? p->ifid : 0;
}

/* Find the gateway of a member; *changed when it leads elsewhere. */
static int member_resolve(struct txn *t, struct pathset *s, struct path_member *m, bool *changed)
{
	u16 ifid = attached(s->vrf, &m->path);
	struct nexthop *old = m->nh, *nh = NULL;

	if (ifid == (old ? old->ifid : 0))
		return 0;
	*changed = true;
	if (ifid) {
		nh = adj_get(t, NH_FORWARD, ifid, m->path.gateway);
		if (!nh)
			return -ENOMEM;
	}
	if (undo_save(&t->undo, &m->nh, sizeof(m->nh)))
		return -ENOMEM;
	m->nh = nh;
	return adj_put(t, old);
}

static struct nexthop *way_of(const struct pathset *s)
{
	for (u32 i = 0; i < s->count; i++)
		if (s->member[i].nh)
			return s->count > 1 ? s->group : s->member[i].nh;
	return NULL;
}

static int set_resolve(struct txn *t, struct pathset *s)
{
	bool changed = false;
	struct nexthop *way;
	int err = 0;

	for (u32 i = 0; i < s->count && !err; i++)
		err = member_resolve(t, s, &s->member[i], &changed);
	if (err || !changed)
		return err;
	way = way_of(s);
	if (way != s->way) {
		if (undo_save(&t->undo, s, sizeof(*s)))
			return -ENOMEM;
		s->way = way;
		s->moved = true;
	}
	return make_dirty(t, s);
}

int paths_resolve(struct txn *t, u16 vrf, bool *moved)
{
	struct btree_key from = set_key(vrf, 0, 0);
	struct btree_iter it = btree_from(&sets, &from, false);

	for (; it.item; btree_next(&it)) {
		struct pathset *s = it.item;
		int err;

		if (s->vrf != vrf)
			break;
		err = set_resolve(t, s);
		if (err)
			return err;
		*moved |= s->moved;
	}
	return 0;
}

int paths_settled(struct txn *t, u16 vrf)
{
	struct btree_key from = set_key(vrf, 0, 0);
	struct btree_iter it = btree_from(&sets, &from, false);

	for (; it.item; btree_next(&it)) {
		struct pathset *s = it.item;

		if (s->vrf != vrf)
			break;
		if (!s->moved)
			continue;
		if (undo_save(&t->undo, &s->moved, sizeof(s->moved)))
			return -ENOMEM;
		s->moved = false;
	}
	return 0;
}

/* --- sets ----------------------------------------------------------------------------------- */

static u64 mix(u64 h, u64 v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ull;
	return h ^ h >> 29;
}

static u64 hash_of(const struct route_path *p, u32 n)
{
	u64 h = n;

	for (u32 i = 0; i < n; i++) {
		h = mix(h, p[i].gateway.hi);
		h = mix(h, p[i].gateway.lo);
		h = mix(h, (u64)p[i].ifid << 8 | p[i].weight);
	}
	return h;
}

static bool same_paths(const struct pathset *s, const struct route_path *p, u32 n)
{
	if (s->count != n)
		return false;
	for (u32 i = 0; i < n; i++)
		if (path_cmp(&s->member[i].path, &p[i]) || s->member[i].path.weight != p[i].weight)
			return false;
	return true;
}

/* The set with these paths, in order; *probe: a number that is free under the hash. */
static struct pathset *find(u16 vrf, u64 hash, const struct route_path *p, u32 n, u16 *probe)
{
	struct btree_key from = set_key(vrf, hash, 0);
	struct btree_iter it = btree_from(&sets, &from, false);

	*probe = 0;
	for (; it.item; btree_next(&it)) {
		struct pathset *s = it.item;

		if (s->vrf != vrf || s->hash != hash)
			break;
		if (same_paths(s, p, n))
			return s;
		if (s->probe == *probe)
			++*probe;
	}
	return NULL;
}

/* A new set's group and the buckets that it begins with: those of the set before. */
static int group_new(struct txn *t, struct pathset *s, const struct pathset *from)
{
	u16 only;

	s->group = adj_group_new(t);
	if (!s->group)
		return -ENOMEM;
	if (!from || (!from->buckets && !from->way))
		return 0;
	only = (u16)(from->buckets ? 0 : from->way->id);
	s->buckets = from->buckets ? from->buckets : 1;
	s->bucket = undo_alloc(&t->undo, s->buckets * sizeof(*s->bucket));
	if (!s->bucket)
		return -ENOMEM;
	if (from->buckets)
		__builtin_memcpy(s->bucket, from->bucket, from->buckets * sizeof(*s->bucket));
	else
		s->bucket[0] = only;
	return 0;
}

static struct pathset *set_new(struct txn *t, u16 vrf, const struct route_path *p, u32 n,
			       const struct pathset *from)
{
	struct pathset *s = undo_alloc(&t->undo, set_bytes(n));

	if (!s)
		return NULL;
	s->vrf = vrf;
	s->count = (u8)n;
	for (u32 i = 0; i < n; i++)
		s->member[i].path = p[i];
	if (n > 1 && group_new(t, s, from))
		return NULL;
	/* A set that nobody has is not in the FIB: nothing has moved. */
	if (set_resolve(t, s))
		return NULL;
	s->moved = false;
	return make_dirty(t, s) ? NULL : s;
}

struct pathset *paths_get(struct txn *t, u16 vrf, const struct route_path *path, u32 n,
			  const struct pathset *from)
{
	struct route_path sorted[PIX_ROUTE_PATHS];
	struct btree_key key;
	struct pathset *s;
	u16 probe;
	u64 hash;

	for (u32 i = 0; i < n; i++) {
		u32 k = i;

		for (; k && path_cmp(&path[i], &sorted[k - 1]) < 0; k--)
			sorted[k] = sorted[k - 1];
		sorted[k] = path[i];
	}
	hash = hash_of(sorted, n);
	s = find(vrf, hash, sorted, n, &probe);
	if (s) {
		if (undo_save(&t->undo, &s->refs, sizeof(s->refs)))
			return NULL;
		s->refs++;
		return s;
	}
	s = set_new(t, vrf, sorted, n, from);
	if (!s)
		return NULL;
	s->hash = hash;
	s->probe = probe;
	s->refs = 1;
	key = set_key(vrf, hash, probe);
	return btree_put(&sets, &t->undo, &key, s) ? NULL : s;
}

int paths_put(struct txn *t, struct pathset *s)
{
	struct btree_key key;
	int err;

	if (undo_save(&t->undo, &s->refs, sizeof(s->refs)))
		return -ENOMEM;
	if (--s->refs)
		return 0;
	key = set_key(s->vrf, s->hash, s->probe);
	err = btree_remove(&sets, &t->undo, &key);
	for (u32 i = 0; i < s->count && !err; i++)
		err = adj_put(t, s->member[i].nh);
	if (!err)
		err = adj_put(t, s->group);
	if (!err && s->bucket)
		err = undo_free(&t->undo, s->bucket, s->buckets * sizeof(*s->bucket));
	return err ? err : undo_free(&t->undo, s, set_bytes(s->count));
}
