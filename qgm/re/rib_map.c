// SPDX-License-Identifier: MIT
/* rib_map: the routes of all VRFs as ordered maps (rib_map.h, rib.h). Generic side, control lock.
 */
#include "qgm/re/rib_map.h"

#include "qgm/re/errno.h"

enum { V4_KEY = 5, V6_KEY = 17 };
enum { MULTI = 1 }; /* tag of a map's item: struct rib_infos, else struct rib_info */

struct btree rib_map[VRF_MAX][RIB_FAMILIES] __generic;
static u32 lists __generic; /* struct rib_infos in the maps */

struct btree rib_map_empty(u32 family)
{
	return btree_empty(family == RIB_V4 ? V4_KEY : V6_KEY);
}

void rib_map_init(void)
{
	for (u32 vrf = 0; vrf < VRF_MAX; vrf++)
		for (u32 f = 0; f < RIB_FAMILIES; f++)
			rib_map[vrf][f] = rib_map_empty(f);
	lists = 0;
}

static struct btree *map_of(const struct prefix *p)
{
	return &rib_map[p->vrf][rib_family(p->addr)];
}

struct btree_key rib_map_key(struct pix_ip addr, u8 len)
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

struct prefix rib_map_prefix(u16 vrf, u32 f, const u8 *key)
{
	struct prefix p = { .vrf = vrf };
	be32 v4;

	if (f == RIB_V4) {
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

void rib_map_unpack(void *item, struct rib_infos *l)
{
	const struct rib_infos *m = multi_of(item);

	if (m)
		*l = *m;
	else
		*l = (struct rib_infos){ .n = item != NULL, .info = { item } };
}

void *rib_map_get(const struct prefix *p, struct rib_infos *l)
{
	struct btree_key key = rib_map_key(p->addr, p->len);
	void *item = btree_get(map_of(p), &key);

	rib_map_unpack(item, l);
	return item;
}

static int lists_add(struct txn *t, int n)
{
	if (undo_save(&t->undo, &lists, sizeof(lists)))
		return -ENOMEM;
	lists += (u32)n;
	return 0;
}

int rib_map_store(struct txn *t, const struct prefix *p, void *was, const struct rib_infos *l)
{
	struct btree_key key = rib_map_key(p->addr, p->len);
	struct rib_infos *old = multi_of(was), *m;

	if (old && (undo_free(&t->undo, old, sizeof(*old)) || lists_add(t, -1)))
		return -ENOMEM;
	if (!l->n)
		return btree_remove(map_of(p), &t->undo, &key);
	if (l->n == 1)
		return btree_put(map_of(p), &t->undo, &key, l->info[0]);
	m = undo_alloc(&t->undo, sizeof(*m));
	if (!m || lists_add(t, 1))
		return -ENOMEM;
	*m = *l;
	return btree_put(map_of(p), &t->undo, &key, (void *)((u64)m + MULTI));
}

/* --- covering prefixes ---------------------------------------------------------------------- */

/* What covers p sorts in front of it; so does what lies beside it, but that shares fewer and fewer
 * bits with p. */
void *rib_map_cover(const struct btree *map, struct prefix *p)
{
	struct btree_key key = rib_map_key(p->addr, p->len);
	u32 f = rib_family(p->addr);

	for (;;) {
		struct btree_iter it = btree_before(map, &key);
		struct prefix at;
		u32 common;

		if (!it.item)
			return NULL;
		at = rib_map_prefix(p->vrf, f, it.key);
		common = prefix_common(at.addr, p->addr);
		if (at.len <= common) {
			*p = at;
			return it.item;
		}
		key = rib_map_key(prefix_base(p->addr, common), (u8)(common + 1));
	}
}

/* --- walks and sizes ------------------------------------------------------------------------ */

void rib_walk_start(struct rib_walk *w, const struct prefix *p, enum rib_start where)
{
	struct btree_key key = { { 0 } };

	*w = (struct rib_walk){ .vrf = 0, .family = RIB_V4 };
	if (where == RIB_FROM) {
		w->vrf = p->vrf;
		w->family = (u8)rib_family(p->addr);
		key = rib_map_key(p->addr, p->len);
	}
	w->it = btree_from(&rib_map[w->vrf][w->family], &key, false);
}

bool rib_walk_next(struct rib_walk *w, struct prefix *p, struct rib_infos *l)
{
	static const struct btree_key first;

	while (!w->it.item) {
		if (w->family == RIB_V4) {
			w->family = RIB_V6;
		} else if (w->vrf + 1 < VRF_MAX) {
			w->family = RIB_V4;
			w->vrf++;
		} else {
			return false;
		}
		w->it = btree_from(&rib_map[w->vrf][w->family], &first, false);
	}
	*p = rib_map_prefix(w->vrf, w->family, w->it.key);
	rib_map_unpack(w->it.item, l);
	btree_next(&w->it);
	return true;
}

u64 rib_table_bytes(u16 vrf, bool v6, u64 *prefixes)
{
	*prefixes = rib_map[vrf][v6].count;
	return btree_bytes(&rib_map[vrf][v6]);
}

u64 rib_map_bytes(u64 *prefixes)
{
	u64 bytes = (u64)lists * sizeof(struct rib_infos);

	*prefixes = 0;
	for (u32 vrf = 0; vrf < VRF_MAX; vrf++)
		for (u32 f = 0; f < RIB_FAMILIES; f++) {
			bytes += btree_bytes(&rib_map[vrf][f]);
			*prefixes += rib_map[vrf][f].count;
		}
	return bytes;
}
