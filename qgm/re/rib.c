// SPDX-License-Identifier: MIT
/* rib: routes by (VRF, family, prefix, protocol), best one into the FIB (rib.h). */
#include "qgm/re/rib.h"

#include "qgm/env.h"
#include "qgm/re/errno.h"
#include "qgm/re/ifset.h"
#include "qgm/re/rib_map.h"

static struct btree attached[VRF_MAX][RIB_FAMILIES] __generic; /* connected prefixes -> next hop */
static u32 listed __generic;

void rib_init(void)
{
	for (u32 vrf = 0; vrf < VRF_MAX; vrf++)
		for (u32 f = 0; f < RIB_FAMILIES; f++)
			attached[vrf][f] = rib_map_empty(f);
	rib_map_init();
	rib_info_init();
	listed = 0;
	paths_init();
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

	rib_map_get(p, &l);
	i = index_of(&l, proto);
	return i < l.n ? l.info[i] : NULL;
}

bool rib_own(u16 vrf, struct pix_ip addr)
{
	struct prefix p = { .vrf = vrf, .addr = addr, .len = prefix_host_len(addr) };

	return rib_get(&p, PIX_ROUTE_LOCAL) != NULL;
}

/* --- covering prefixes ---------------------------------------------------------------------- */

u16 rib_attached(u16 vrf, struct pix_ip addr)
{
	struct prefix p = { .vrf = vrf, .addr = addr, .len = prefix_host_len(addr) };
	const struct nexthop *nh;

	while ((nh = rib_map_cover(&attached[vrf][rib_family(addr)], &p)))
		if (ifset_neighbour_ok(nh->ifid, addr))
			return nh->ifid;
	return 0;
}

/* Is the prefix inside of, and longer than, an attached subnet? */
static bool inside_attached(const struct prefix *p)
{
	struct prefix at = *p;

	return rib_map_cover(&attached[p->vrf][rib_family(p->addr)], &at) != NULL;
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

	while ((item = rib_map_cover(&rib_map[p->vrf][rib_family(p->addr)], &at))) {
		const struct rib_info *r;

		rib_map_unpack(item, &l);
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
	key = rib_map_key(p->addr, p->len);
	for (it = btree_from(&rib_map[p->vrf][rib_family(p->addr)], &key, true); it.item && !err;
	     btree_next(&it)) {
		struct prefix below = rib_map_prefix(p->vrf, rib_family(p->addr), it.key);
		struct rib_infos at;

		if (!prefix_match(below.addr, p->addr, p->len))
			break;
		rib_map_unpack(it.item, &at);
		if (at.info[at.n - 1]->proto == RIB_NEIGH)
			err = install(t, &below, &at, &toggled);
	}
	return err;
}

int rib_neighbour(struct txn *t, const struct prefix *host)
{
	struct rib_infos l;
	bool toggled;

	rib_map_get(host, &l);
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
	for (u32 f = 0; f < RIB_FAMILIES; f++) {
		struct btree_key key = { { 0 } };
		struct btree_iter it = btree_from(&rib_map[vrf][f], &key, false);

		for (; it.item && !err; btree_next(&it)) {
			struct prefix p;
			struct rib_infos l;

			rib_map_unpack(it.item, &l);
			if (!leads_elsewhere(&l))
				continue;
			p = rib_map_prefix(vrf, f, it.key);
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
	struct btree_key key = rib_map_key(p->addr, p->len);
	struct btree *map = &attached[p->vrf][rib_family(p->addr)];

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
	c->item = rib_map_get(p, &c->l);
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
	err = rib_map_store(t, c->p, c->item, &c->l);
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

u32 rib_listed(void)
{
	return listed;
}

u64 rib_bytes(u64 *prefixes)
{
	u64 bytes = rib_info_bytes() + rib_map_bytes(prefixes);

	for (u32 vrf = 0; vrf < VRF_MAX; vrf++)
		for (u32 f = 0; f < RIB_FAMILIES; f++)
			bytes += btree_bytes(&attached[vrf][f]);
	return bytes;
}
