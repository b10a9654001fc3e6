// SPDX-License-Identifier: MIT
/* rib: routes by (VRF, family, prefix, protocol), best one into the FIB (rib.h). */
#include "qgm/re/rib.h"

#include "qgm/env.h"
#include "qgm/re/errno.h"
#include "qgm/re/ifset.h"

enum { V4, V6, FAMILIES };
enum { V4_KEY = 5, V6_KEY = 17 };
enum { MULTI = 1 }; /* tag of a map's item: struct rib_infos, else struct rib_info */

static struct btree routes[VRF_MAX][FAMILIES] __generic;
static struct btree attached[VRF_MAX][FAMILIES] __generic; /* connected prefixes -> next hop */
static u32 listed __generic;
static u32 lists __generic; /* struct rib_infos in the maps */

void rib_init(void)
{
	for (u32 vrf = 0; vrf < VRF_MAX; vrf++)
		for (u32 f = 0; f < FAMILIES; f++)
			routes[vrf][f] = attached[vrf][f] = btree_empty(f == V4 ? V4_KEY : V6_KEY);
	rib_info_init();
	listed = lists = 0;
	paths_init();
}

static u32 family(struct pix_ip addr)
{
	return pix_ip_is4(addr) ? V4 : V6;
}

static struct btree *table(const struct prefix *p)
{
	return &routes[p->vrf][family(p->addr)];
}

static struct btree_key prefix_key(struct pix_ip addr, u8 len)
{
	struct btree_key k = { { 0 } };

	if (pix_ip_is4(addr)) {
		btree_key_u32(&k, 0, pix_ip_to4(addr));
		k.b[4] = len;
	} else {
		btree_key_u64(&k, 0, addr.hi);
		btree_key_u64(&k, 8, addr.lo);
		k.b[16] = len;
	}
	return k;
}

static struct prefix prefix_of(u16 vrf, u32 f, const u8 *key)
{
	struct prefix p = { .vrf = vrf };
	be32 v4;

	if (f == V4) {
		__builtin_memcpy(&v4, key, sizeof(v4));
		p.addr = pix_ip4(be32_to_cpu(v4));
		p.len = key[4];
	} else {
		p.addr = pix_ip_load(key);
		p.len = key[16];
	}
	return p;
}

/* --- what a map's item stands for ----------------------------------------------------------- */

static struct rib_infos *multi_of(void *item)
{
	return (u64)item & MULTI ? (struct rib_infos *)((u64)item - MULTI) : NULL;
}

static void unpack(void *item, struct rib_infos *l)
{
	const struct rib_infos *m = multi_of(item);

	if (m)
		*l = *m;
	else
		*l = (struct rib_infos){ .n = item != NULL, .info = { item } };
}

/* The routes of a prefix; returns the map's item. */
static void *routes_of(const struct prefix *p, struct rib_infos *l)
{
	struct btree_key key = prefix_key(p->addr, p->len);
	void *item = btree_get(table(p), &key);

	unpack(item, l);
	return item;
}

static int lists_add(struct txn *t, int n)
{
	if (undo_save(&t->undo, &lists, sizeof(lists)))
		return -ENOMEM;
	lists += (u32)n;
	return 0;
}

/* Make `l` be the routes of the prefix, in place of the map's item `was`. */
static int store(struct txn *t, const struct prefix *p, void *was, const struct rib_infos *l)
{
	struct btree_key key = prefix_key(p->addr, p->len);
	struct rib_infos *old = multi_of(was), *m;

	if (old && (undo_free(&t->undo, old, sizeof(*old)) || lists_add(t, -1)))
		return -ENOMEM;
	if (!l->n)
		return btree_remove(table(p), &t->undo, &key);
	if (l->n == 1)
		return btree_put(table(p), &t->undo, &key, l->info[0]);
	m = undo_alloc(&t->undo, sizeof(*m));
	if (!m || lists_add(t, 1))
		return -ENOMEM;
	*m = *l;
	return btree_put(table(p), &t->undo, &key, (void *)((u64)m + MULTI));
}

static u32 index_of(const struct rib_infos *l, u8 proto)
{
	u32 i = 0;

	while (i < l->n && l->info[i]->proto != proto)
		i++;
	return i;
}

const struct rib_info *rib_get(const struct prefix *p, u8 proto)
{
	struct rib_infos l;
	u32 i;

	routes_of(p, &l);
	i = index_of(&l, proto);
	return i < l.n ? l.info[i] : NULL;
}

bool rib_own(u16 vrf, struct pix_ip addr)
{
	struct prefix p = { .vrf = vrf, .addr = addr, .len = prefix_host_len(addr) };

	return rib_get(&p, PIX_ROUTE_LOCAL) != NULL;
}

/* --- covering prefixes ---------------------------------------------------------------------- */

/*
 * The longest prefix of the map that covers *p and is shorter. What covers p sorts in front of it;
 * so does what lies beside it, but that shares fewer and fewer bits with p.
 */
static void *cover(const struct btree *map, struct prefix *p)
{
	struct btree_key key = prefix_key(p->addr, p->len);
	u32 f = family(p->addr);

	for (;;) {
		struct btree_iter it = btree_before(map, &key);
		struct prefix at;
		u32 common;

		if (!it.item)
			return NULL;
		at = prefix_of(p->vrf, f, it.key);
		common = prefix_common(at.addr, p->addr);
		if (at.len <= common) {
			*p = at;
			return it.item;
		}
		key = prefix_key(prefix_base(p->addr, common), (u8)(common + 1));
	}
}

u16 rib_attached(u16 vrf, struct pix_ip addr)
{
	struct prefix p = { .vrf = vrf, .addr = addr, .len = prefix_host_len(addr) };
	const struct nexthop *nh;

	while ((nh = cover(&attached[vrf][family(addr)], &p)))
		if (ifset_neighbour_ok(nh->ifid, addr))
			return nh->ifid;
	return 0;
}

/* Is the prefix inside of, and longer than, an attached subnet? */
static bool inside_attached(const struct prefix *p)
{
	struct prefix at = *p;

	return cover(&attached[p->vrf][family(p->addr)], &at) != NULL;
}

/*
 * A neighbour's host route stands for the attached subnet. It must not hide a route that is more
 * specific than the subnet: then packets go there, and the neighbour serves as a gateway only.
 */
static bool neighbour_shows(const struct prefix *p)
{
	struct prefix at = *p;
	struct rib_infos l;
	void *item;

	while ((item = cover(table(p), &at))) {
		const struct rib_info *r;

		unpack(item, &l);
		r = rib_best(&l);
		if (r)
			return r->proto == PIX_ROUTE_CONNECTED;
	}
	return false;
}

/* --- the FIB -------------------------------------------------------------------------------- */

static int fib_put(struct txn *t, const struct prefix *p, u32 id, bool *toggled)
{
	u32 old;

	if (pix_ip_is4(p->addr)) {
		struct fib_batch *b = txn_fib(t, p->vrf);
		u32 addr = pix_ip_to4(p->addr);

		if (!b)
			return -ENOMEM;
		old = fib_get(b, addr, p->len);
		*toggled = !old != !id;
		if (old == id)
			return 0;
		t->changed = true;
		return id ? fib_add(b, addr, p->len, id) : fib_del(b, addr, p->len);
	}
	struct fib6_batch *b6 = txn_fib6(t, p->vrf);

	if (!b6)
		return -ENOMEM;
	old = fib6_get(b6, p->addr, p->len);
	*toggled = !old != !id;
	if (old == id)
		return 0;
	t->changed = true;
	return id ? fib6_add(b6, p->addr, p->len, id) : fib6_del(b6, p->addr, p->len);
}

/* The best of the routes `l` of a prefix goes into the FIB. */
static int install(struct txn *t, const struct prefix *p, const struct rib_infos *l, bool *toggled)
{
	const struct rib_info *r = rib_best(l);

	if (r && r->proto == RIB_NEIGH && !neighbour_shows(p))
		r = NULL;
	return fib_put(t, p, r ? rib_info_nh(r)->id : 0, toggled);
}

/* Bring the FIB up to date after a change of the prefix's routes. */
static int refresh(struct txn *t, const struct prefix *p, const struct rib_infos *l)
{
	struct btree_key key;
	struct btree_iter it;
	bool toggled;
	int err = install(t, p, l, &toggled);

	if (err || !toggled || p->len == prefix_host_len(p->addr) || !inside_attached(p))
		return err;
	/* It came or went inside of an attached subnet: neighbours below show or hide. */
	key = prefix_key(p->addr, p->len);
	for (it = btree_from(table(p), &key, true); it.item && !err; btree_next(&it)) {
		struct prefix below = prefix_of(p->vrf, family(p->addr), it.key);
		struct rib_infos at;

		if (!prefix_match(below.addr, p->addr, p->len))
			break;
		unpack(it.item, &at);
		if (at.info[at.n - 1]->proto == RIB_NEIGH)
			err = install(t, &below, &at, &toggled);
	}
	return err;
}

int rib_neighbour(struct txn *t, const struct prefix *host)
{
	struct rib_infos l;
	bool toggled;

	routes_of(host, &l);
	return l.n ? install(t, host, &l, &toggled) : 0;
}

static bool leads_elsewhere(const struct rib_infos *l)
{
	for (u32 i = 0; i < l->n; i++)
		if (l->info[i]->set && l->info[i]->set->moved)
			return true;
	return false;
}

int rib_resolve(struct txn *t, u16 vrf)
{
	bool moved = false;
	int err = paths_resolve(t, vrf, &moved);

	if (err || !moved)
		return err;
	for (u32 f = 0; f < FAMILIES; f++) {
		struct btree_key key = { { 0 } };
		struct btree_iter it = btree_from(&routes[vrf][f], &key, false);

		for (; it.item && !err; btree_next(&it)) {
			struct prefix p;
			struct rib_infos l;

			unpack(it.item, &l);
			if (!leads_elsewhere(&l))
				continue;
			p = prefix_of(vrf, f, it.key);
			err = refresh(t, &p, &l);
		}
	}
	return err ? err : paths_settled(t, vrf);
}

/* --- routes --------------------------------------------------------------------------------- */

static bool before(const struct rib_info *a, const struct rib_info *b)
{
	return a->distance != b->distance ? a->distance < b->distance : a->proto < b->proto;
}

static int listed_add(struct txn *t, const struct rib_info *r, int sign)
{
	if (r->proto > PIX_ROUTE_BGP)
		return 0;
	if (undo_save(&t->undo, &listed, sizeof(listed)))
		return -ENOMEM;
	listed += (u32)(sign * (r->set ? r->set->count : 1));
	return 0;
}

/* Connected subnets are found by their prefix alone, too. */
static int attached_set(struct txn *t, const struct prefix *p, const struct rib_info *r)
{
	struct btree_key key = prefix_key(p->addr, p->len);
	struct btree *map = &attached[p->vrf][family(p->addr)];

	return r ? btree_put(map, &t->undo, &key, r->nh) : btree_remove(map, &t->undo, &key);
}

/* The routes of a prefix while one of them changes. */
struct change {
	const struct prefix *p;
	u8 proto;
	void *item;
	struct rib_infos l;
	struct rib_info *old; /* of the protocol, NULL none */
};

static void change_begin(struct change *c, const struct prefix *p, u8 proto)
{
	u32 i;

	*c = (struct change){ .p = p, .proto = proto };
	c->item = routes_of(p, &c->l);
	i = index_of(&c->l, proto);
	c->old = i < c->l.n ? c->l.info[i] : NULL;
}

/* The list without the old route and with `r` (NULL: nothing) in its place. */
static void exchange(struct rib_infos *l, const struct rib_info *old, struct rib_info *r)
{
	u32 n = 0, at;

	for (u32 i = 0; i < l->n; i++)
		if (l->info[i] != old)
			l->info[n++] = l->info[i];
	l->n = n;
	if (!r)
		return;
	ASSERT_ENGINE(n < RIB_INFOS);
	for (at = n; at && before(r, l->info[at - 1]); at--)
		l->info[at] = l->info[at - 1];
	l->info[at] = r;
	l->n++;
}

/* Put `r` (NULL: nothing) in the place of the protocol's route. */
static int replace(struct txn *t, struct change *c, struct rib_info *r)
{
	int err;

	exchange(&c->l, c->old, r);
	t->changed = true;
	err = store(t, c->p, c->item, &c->l);
	if (!err && c->proto == PIX_ROUTE_CONNECTED)
		err = attached_set(t, c->p, r);
	if (!err && r)
		err = listed_add(t, r, 1);
	if (!err && c->old)
		err = listed_add(t, c->old, -1);
	if (!err)
		err = refresh(t, c->p, &c->l);
	return err || !c->old ? err : rib_info_put(t, c->old);
}

static int add(struct txn *t, struct change *c, const struct rib_info *want)
{
	struct rib_info *r = rib_info_get(t, want);

	if (!r)
		return -ENOMEM;
	return r == c->old ? rib_info_put(t, r) : replace(t, c, r); /* as it was: give it back */
}

int rib_add(struct txn *t, const struct prefix *p, u8 proto, u8 distance, u8 kind, u16 ifid,
	    struct pix_ip gateway)
{
	struct rib_info want = { .proto = proto, .distance = distance, .kind = kind };
	struct change c;

	change_begin(&c, p, proto);
	want.nh = adj_get(t, kind, ifid, gateway);
	return want.nh ? add(t, &c, &want) : -ENOMEM;
}

int rib_add_paths(struct txn *t, const struct prefix *p, u8 proto, u8 distance,
		  const struct route_path *path, u32 n)
{
	struct rib_info want = { .proto = proto, .distance = distance, .kind = NH_FORWARD };
	struct change c;

	change_begin(&c, p, proto);
	want.set = paths_get(t, p->vrf, path, n, c.old ? c.old->set : NULL);
	return want.set ? add(t, &c, &want) : -ENOMEM;
}

int rib_del(struct txn *t, const struct prefix *p, u8 proto)
{
	struct change c;

	change_begin(&c, p, proto);
	return c.old ? replace(t, &c, NULL) : -ENOENT;
}

/* --- listings ------------------------------------------------------------------------------- */

void rib_walk_start(struct rib_walk *w, const struct prefix *p, enum rib_start where)
{
	struct btree_key key = { { 0 } };

	*w = (struct rib_walk){ .vrf = 0, .family = V4 };
	if (where == RIB_FROM) {
		w->vrf = p->vrf;
		w->family = (u8)family(p->addr);
		key = prefix_key(p->addr, p->len);
	}
	w->it = btree_from(&routes[w->vrf][w->family], &key, false);
}

bool rib_walk_next(struct rib_walk *w, struct prefix *p, struct rib_infos *l)
{
	static const struct btree_key first;

	while (!w->it.item) {
		if (w->family == V4) {
			w->family = V6;
		} else if (w->vrf + 1 < VRF_MAX) {
			w->family = V4;
			w->vrf++;
		} else {
			return false;
		}
		w->it = btree_from(&routes[w->vrf][w->family], &first, false);
	}
	*p = prefix_of(w->vrf, w->family, w->it.key);
	unpack(w->it.item, l);
	btree_next(&w->it);
	return true;
}

u32 rib_listed(void)
{
	return listed;
}

u64 rib_table_bytes(u16 vrf, bool v6, u64 *prefixes)
{
	*prefixes = routes[vrf][v6].count;
	return btree_bytes(&routes[vrf][v6]);
}

u64 rib_bytes(u64 *prefixes)
{
	u64 bytes = rib_info_bytes() + (u64)lists * sizeof(struct rib_infos);

	*prefixes = 0;
	for (u32 vrf = 0; vrf < VRF_MAX; vrf++) {
		for (u32 f = 0; f < FAMILIES; f++) {
			bytes += btree_bytes(&routes[vrf][f]) + btree_bytes(&attached[vrf][f]);
			*prefixes += routes[vrf][f].count;
		}
	}
	return bytes;
}
