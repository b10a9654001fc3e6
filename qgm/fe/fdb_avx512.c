// SPDX-License-Identifier: MIT
/* fdb_avx512: lookups in the FDB, a bucket a comparison (behind CPU_AVX512). The line may change
 * under the load: the version says so (fdb_find.h). */
#include "qgm/fe/fdb.h"

#include <immintrin.h>

/* A wide load of what another core may be writing is what ThreadSanitizer calls a race. */
static inline __attribute__((no_sanitize_thread)) u32 match(const struct fdb_bucket *b, u64 key)
{
	__m512i line = _mm512_load_si512((const void *)b);

	return _mm512_cmpeq_epi64_mask(line, _mm512_set1_epi64((long long)key)) &
	       ((1u << FDB_WAYS) - 1);
}

#define FDB_MATCH match
#include "qgm/fe/fdb_find.h"

void fdb_answer_avx512(struct fdb *f, const u64 *key, const u32 *at, u16 *ifid, u32 n, bool hit)
{
	fdb_answer_by(f, key, at, ifid, n, hit);
}
