// SPDX-License-Identifier: MIT
/*
 * poolmap: where a pool has the data of its packets, for those who set metadata of many packets at
 * once: the pool itself, and drivers that receive into bare buffers (pool_get_bare()). Owner QGM of
 * the cache only.
 */
#pragma once

#include "qgm/packet.h"

struct pool_map {
	/* Lines and buffers are both a whole number of lines apart, so that data = at + line *
	 * ratio for the addresses of both (modulo 2^64). */
	u64 at;
	u64 ratio; /* below 2^32 */
	u64 delta; /* device address minus virtual address */
	u64 meta;  /* the first of `count` lines, less than 4 GiB */
	u64 data;  /* of that one: from there, data = data + (line - meta) * ratio */
	u32 count;
	u8 id;
};

/* Three stores of 16 bytes: data, len, pool; all the rest 0 but timestamp and reserved, which are
 * left as they are. */
static inline void pool_map_fresh(const struct pool_map *m, struct packet *pkt, u32 len)
{
	typedef u64 pair __attribute__((vector_size(16), may_alias));
	pair *line = (pair *)pkt;

	line[0] = (pair){ m->at + (u64)pkt * m->ratio, len };
	line[1] = (pair){ 0, (u64)m->id << 56 };
	line[2] = (pair){ 0, 0 };
}

_Static_assert(__builtin_offsetof(struct packet, len) == 8, "the second word");
_Static_assert(__builtin_offsetof(struct packet, pool) == 31, "last byte of the second store");
_Static_assert(__builtin_offsetof(struct packet, timestamp) == 48, "what is left as it is");
