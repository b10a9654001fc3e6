// SPDX-License-Identifier: MIT
/* peer: rte_lpm6 and rte_fib6 with a full IPv6 table (peer.h). */
#include "tools/bench/peer/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_fib6.h>
#include <rte_lpm6.h>
#include <rte_malloc.h>

struct peer_lpm6 {
	enum peer_lpm6_kind kind;
	struct rte_lpm6 *lpm;
	struct rte_fib6 *fib;
	uint64_t bytes;
	unsigned tbl8;
};

const char *peer_lpm6_name(enum peer_lpm6_kind kind)
{
	static const char *const names[] = { "rte_lpm6", "rte_fib6 4B scalar",
					     "rte_fib6 4B avx512" };

	return names[kind];
}

static uint64_t heap_used(void)
{
	struct rte_malloc_socket_stats st;

	return rte_malloc_get_socket_stats(0, &st) ? 0 : st.heap_allocsz_bytes;
}

static enum rte_fib6_lookup_type lookup_type(enum peer_lpm6_kind kind)
{
	return kind == PEER_FIB6_AVX512 ? RTE_FIB6_LOOKUP_TRIE_VECTOR_AVX512
					: RTE_FIB6_LOOKUP_TRIE_SCALAR;
}

struct peer_lpm6 *peer_lpm6_create(enum peer_lpm6_kind kind, unsigned routes, unsigned tbl8)
{
	struct rte_lpm6_config lpm = { .max_rules = routes, .number_tbl8s = tbl8 };
	struct rte_fib6_conf fib = {
		.type = RTE_FIB6_TRIE,
		.max_routes = (int)routes,
		.trie = { .nh_sz = RTE_FIB6_TRIE_4B, .num_tbl8 = tbl8 },
	};
	struct peer_lpm6 *l = calloc(1, sizeof(*l));
	uint64_t before = heap_used();
	static int number;
	char name[32];

	snprintf(name, sizeof(name), "six%d", number++);
	l->kind = kind;
	l->tbl8 = tbl8;
	if (kind == PEER_LPM6)
		l->lpm = rte_lpm6_create(name, 0, &lpm);
	else
		l->fib = rte_fib6_create(name, 0, &fib);
	if ((!l->lpm && !l->fib) || (l->fib && rte_fib6_select_lookup(l->fib, lookup_type(kind)))) {
		free(l);
		return NULL;
	}
	l->bytes = heap_used() - before;
	return l;
}

struct peer_lpm6 *peer_lpm6_alias(const struct peer_lpm6 *of, enum peer_lpm6_kind kind)
{
	struct peer_lpm6 *l = calloc(1, sizeof(*l));

	*l = *of;
	l->kind = kind;
	if (rte_fib6_select_lookup(l->fib, lookup_type(kind))) {
		free(l);
		return NULL;
	}
	return l;
}

void peer_lpm6_select(const struct peer_lpm6 *l)
{
	if (l->fib)
		rte_fib6_select_lookup(l->fib, lookup_type(l->kind));
}

bool peer_lpm6_add(struct peer_lpm6 *l, const uint8_t *prefix, unsigned len, uint32_t nh)
{
	return !(l->lpm ? rte_lpm6_add(l->lpm, prefix, (uint8_t)len, nh)
			: rte_fib6_add(l->fib, prefix, (uint8_t)len, nh));
}

bool peer_lpm6_del(struct peer_lpm6 *l, const uint8_t *prefix, unsigned len)
{
	return !(l->lpm ? rte_lpm6_delete(l->lpm, prefix, (uint8_t)len)
			: rte_fib6_delete(l->fib, prefix, (uint8_t)len));
}

void peer_lpm6_lookup(const struct peer_lpm6 *l, const uint8_t (*dst)[16], uint32_t *nh, unsigned n)
{
	uint8_t(*addr)[16] = (uint8_t(*)[16])(uintptr_t)dst;

	if (l->lpm) {
		int32_t hop[64];

		for (unsigned i = 0; i < n; i += 64) {
			unsigned m = RTE_MIN(n - i, 64u);

			rte_lpm6_lookup_bulk_func(l->lpm, addr + i, hop, m);
			for (unsigned k = 0; k < m; k++)
				nh[i + k] = hop[k] < 0 ? 0 : (uint32_t)hop[k];
		}
	} else {
		uint64_t hop[64];

		for (unsigned i = 0; i < n; i += 64) {
			unsigned m = RTE_MIN(n - i, 64u);

			rte_fib6_lookup_bulk(l->fib, addr + i, hop, (int)m);
			for (unsigned k = 0; k < m; k++)
				nh[i + k] = (uint32_t)hop[k];
		}
	}
}

uint32_t peer_lpm6_burst(const struct peer_lpm6 *l, const uint8_t (*dst)[16], unsigned n)
{
	uint8_t(*addr)[16] = (uint8_t(*)[16])(uintptr_t)dst;
	uint64_t wide[64];
	int32_t hop[64];

	if (l->lpm) {
		rte_lpm6_lookup_bulk_func(l->lpm, addr, hop, n);
		__asm__ volatile("" : : "r"(hop) : "memory");
		return (uint32_t)hop[0];
	}
	rte_fib6_lookup_bulk(l->fib, addr, wide, (int)n);
	__asm__ volatile("" : : "r"(wide) : "memory");
	return (uint32_t)wide[0];
}

/* The arrays that lookups read: 2^24 entries and the tbl8 groups, of 4 bytes each entry. */
uint64_t peer_lpm6_table_bytes(const struct peer_lpm6 *l)
{
	return 4ull * (1 << 24) + 4ull * 256 * l->tbl8;
}

uint64_t peer_lpm6_bytes(const struct peer_lpm6 *l)
{
	return l->bytes;
}
