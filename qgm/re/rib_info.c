// SPDX-License-Identifier: MIT
/* rib_info: what routes have in common but for their prefixes, each once (rib.h). */
#include "qgm/re/errno.h"
#include "qgm/re/rib.h"

enum { INFO_KEY = 11 };

static struct btree infos __generic; /* key: protocol, distance, kind, next hop or set */

void rib_info_init(void)
{
	infos = btree_empty(INFO_KEY);
}

u64 rib_info_bytes(void)
{
	return btree_bytes(&infos) + (u64)infos.count * sizeof(struct rib_info);
}

static struct btree_key info_key(const struct rib_info *r)
{
	struct btree_key k = { { 0 } };

	k.b[0] = r->proto;
	k.b[1] = r->distance;
	k.b[2] = r->kind;
	btree_key_u64(&k, 3, r->set ? (u64)r->set : (u64)r->nh);
	return k;
}

struct rib_info *rib_info_get(struct txn *t, const struct rib_info *want)
{
	struct btree_key key = info_key(want);
	struct rib_info *r = btree_get(&infos, &key);

	if (r) {
		if (undo_save(&t->undo, &r->refs, sizeof(r->refs)))
			return NULL;
		r->refs++;
		if (r->set ? paths_put(t, r->set) : adj_put(t, r->nh))
			return NULL;
		return r;
	}
	r = undo_alloc(&t->undo, sizeof(*r));
	if (!r || btree_put(&infos, &t->undo, &key, r))
		return NULL;
	*r = *want;
	r->refs = 1;
	return r;
}

int rib_info_put(struct txn *t, struct rib_info *r)
{
	struct btree_key key;
	int err;

	if (undo_save(&t->undo, &r->refs, sizeof(r->refs)))
		return -ENOMEM;
	if (--r->refs)
		return 0;
	key = info_key(r);
	err = btree_remove(&infos, &t->undo, &key);
	if (!err)
		err = r->set ? paths_put(t, r->set) : adj_put(t, r->nh);
	return err ? err : undo_free(&t->undo, r, sizeof(*r));
}
