// SPDX-License-Identifier: MIT
/* peer: DPDK's Toeplitz hashes: bit by bit with a turned key, and by GFNI matrices (peer.h). */
#define ALLOW_EXPERIMENTAL_API
#include "tools/bench/peer/peer.h"

#include <string.h>

#include <rte_byteorder.h>
#include <rte_thash.h>

enum { BULK = 32, LEN_MAX = 36 };

static uint8_t key_be[40];
static uint64_t matrices[40];

bool peer_thash_init(enum peer_thash_kind kind, const uint8_t *key40)
{
	rte_convert_rss_key((const uint32_t *)(const void *)key40, (uint32_t *)(void *)key_be, 40);
	if (kind == PEER_SOFTRSS_BE)
		return true;
	/* The library says no because it was compiled for an old CPU; the code is in the header. */
	if (!rte_thash_gfni_supported() && !__builtin_cpu_supports("gfni"))
		return false;
#ifdef __GFNI__
	rte_thash_complete_matrix(matrices, key40, 40);
	return true;
#else
	return false;
#endif
}

/* rte_softrss_be wants words in host order; turning them is part of its use on a frame. */
static uint32_t soft(const uint8_t *tuple, unsigned len)
{
	uint32_t w[LEN_MAX / 4];

	for (unsigned i = 0; i < len / 4; i++) {
		memcpy(&w[i], tuple + 4 * i, 4);
		w[i] = rte_be_to_cpu_32(w[i]);
	}
	return rte_softrss_be(w, len / 4, key_be);
}

void peer_thash(enum peer_thash_kind kind, const uint8_t *tuples, unsigned stride, unsigned len,
		uint32_t *hash, unsigned n)
{
	uint8_t *at[BULK];

	if (kind == PEER_SOFTRSS_BE) {
		for (unsigned i = 0; i < n; i++)
			hash[i] = soft(tuples + (size_t)i * stride, len);
		return;
	}
	if (kind == PEER_THASH_GFNI) {
		for (unsigned i = 0; i < n; i++)
			hash[i] = rte_thash_gfni(matrices, tuples + (size_t)i * stride, (int)len);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		at[i] = (uint8_t *)(uintptr_t)(tuples + (size_t)i * stride);
	rte_thash_gfni_bulk(matrices, (int)len, at, hash, n);
}
