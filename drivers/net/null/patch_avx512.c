// SPDX-License-Identifier: MIT
/* Frames of the null port, a line in one store (patch.h; behind CPU_AVX512). */
#include "drivers/net/null/patch.h"

#include <immintrin.h>

void null_patch_avx512(struct null_patches *d, struct packet *const *pkts, u32 n)
{
	const __m512i line = _mm512_load_si512(d->template);
	struct null_patches own = *d;

	for (u32 i = 0; i < n; i++) {
		u8 *data = pkts[i]->data;

		_mm512_storeu_si512(data, line);
		null_patch_one(&own, data);
		pkts[i]->len = own.len;
	}
	d->next = own.next;
}
