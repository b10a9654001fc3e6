// SPDX-License-Identifier: MIT
/* Frames of the null port, a line in two stores (patch.h; behind CPU_AVX2). */
#include "drivers/net/null/patch.h"

#include <immintrin.h>

void null_patch_avx2(struct null_patches *d, const struct pool_map *m, struct packet *const *from,
		     struct packet **pkts, u32 n)
{
	const __m256i low = _mm256_load_si256((const void *)d->template);
	const __m256i high = _mm256_load_si256((const void *)(d->template + 32));
	struct null_patches own = *d;

	for (u32 i = 0; i < n; i++) {
		struct packet *pkt = from[n - 1 - i];
		u8 *data;

		pool_map_fresh(m, pkt, own.len);
		data = pkt->data;
		_mm256_storeu_si256((void *)data, low);
		_mm256_storeu_si256((void *)(data + 32), high);
		null_patch_one(&own, data);
		pkts[i] = pkt;
	}
	d->next = own.next;
}
