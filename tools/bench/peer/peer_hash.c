// SPDX-License-Identifier: MIT
/* peer: rte_hash (cuckoo, bulk lookups) as a forwarding database (peer.h). */
#include "tools/bench/peer/peer.h"

#include <stdio.h>
#include <stdlib.h>

#include <rte_hash.h>
#include <rte_hash_crc.h>

struct peer_hash {
	struct rte_hash *h;
};

struct peer_hash *peer_hash_create(unsigned entries)
{
	static int number;
	char name[32];
	struct rte_hash_parameters par = {
		.name = name,
		.entries = entries,
		.key_len = sizeof(uint64_t),
		.hash_func = rte_hash_crc,
		.socket_id = SOCKET_ID_ANY,
	};
	struct peer_hash *p = calloc(1, sizeof(*p));

	snprintf(name, sizeof(name), "fdb%d", number++);
	p->h = rte_hash_create(&par);
	if (!p->h)
		abort();
	return p;
}

bool peer_hash_add(struct peer_hash *h, uint64_t key, uint32_t value)
{
	return !rte_hash_add_key_data(h->h, &key, (void *)(uintptr_t)value);
}

void peer_hash_lookup(const struct peer_hash *h, const uint64_t *keys, uint32_t *values, unsigned n)
{
	const void *key[RTE_HASH_LOOKUP_BULK_MAX];
	void *data[RTE_HASH_LOOKUP_BULK_MAX];

	while (n) {
		unsigned m = RTE_MIN(n, (unsigned)RTE_HASH_LOOKUP_BULK_MAX);
		uint64_t hits = 0;

		for (unsigned i = 0; i < m; i++)
			key[i] = &keys[i];
		rte_hash_lookup_bulk_data(h->h, key, m, &hits, data);
		for (unsigned i = 0; i < m; i++)
			values[i] = hits >> i & 1 ? (uint32_t)(uintptr_t)data[i] : UINT32_MAX;
		keys += m;
		values += m;
		n -= m;
	}
}

uint32_t peer_hash_lookup1(const struct peer_hash *h, uint64_t key)
{
	void *data;

	return rte_hash_lookup_data(h->h, &key, &data) < 0 ? UINT32_MAX : (uint32_t)(uintptr_t)data;
}
