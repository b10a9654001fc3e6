// SPDX-License-Identifier: MIT
/* All neighbours, see table.h. */
#include "apps/arpd/table.h"

#include <string.h>

void table_init(struct table *t)
{
	memset(t, 0, sizeof(*t));
	for (unsigned i = 0; i < TABLE_MAX; i++)
		t->slot[i].next = (u16)(i + 1 < TABLE_MAX ? i + 2 : 0);
	t->free = 1;
}

static u16 *bucket_of(struct table *t, u16 ifid, struct pix_ip addr)
{
	u64 h = (addr.hi ^ addr.lo * 0x9e3779b97f4a7c15ull ^ (u64)ifid << 48) *
		0x9e3779b97f4a7c15ull; /* Fibonacci hashing */

	return &t->bucket[h >> 54 & (TABLE_BUCKETS - 1)];
}

struct entry *table_find(struct table *t, u16 ifid, struct pix_ip addr)
{
	for (u16 i = *bucket_of(t, ifid, addr); i; i = t->slot[i - 1].next) {
		struct entry *e = &t->slot[i - 1];

		if (pix_ip_eq(e->addr, addr) && e->ifid == ifid)
			return e;
	}
	return NULL;
}

struct entry *table_add(struct table *t, u16 ifid, struct pix_ip addr, u64 now)
{
	u16 i = t->free, *b = bucket_of(t, ifid, addr);
	struct entry *e;

	if (!i)
		return NULL;
	e = &t->slot[i - 1];
	t->free = e->next;
	memset(e, 0, sizeof(*e));
	e->ifid = ifid;
	e->addr = addr;
	e->made = now;
	e->next = *b;
	*b = i;
	t->count++;
	return e;
}

void table_remove(struct table *t, struct entry *e)
{
	u16 i = (u16)(e - t->slot + 1), *p = bucket_of(t, e->ifid, e->addr);

	while (*p != i)
		p = &t->slot[*p - 1].next;
	*p = e->next;
	memset(e, 0, sizeof(*e));
	e->next = t->free;
	t->free = i;
	t->count--;
}

struct table_census table_census(struct table *t, u16 ifid)
{
	struct table_census c = { 0 };

	table_foreach(e, t)
	{
		struct entry **first;

		if (ifid && e->ifid != ifid)
			continue;
		c.entries++;
		if (neigh_is_published(&e->n)) {
			first = e->n.proven ? NULL : &c.unproven;
		} else {
			c.unresolved++;
			first = &c.oldest;
		}
		if (first && (!*first || e->made < (*first)->made))
			*first = e;
	}
	return c;
}
