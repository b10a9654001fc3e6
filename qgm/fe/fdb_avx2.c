// SPDX-License-Identifier: MIT
/* fdb_avx2: lookups in the FDB, four keys a comparison (behind CPU_AVX2). The line may change
 * under the loads: the version says so (fdb_find.h). */
#include "qgm/fe/fdb.h"

#include <immintrin.h>

/* Ways 0 to 3 and 2 to 5. */
/* A wide load of what another core may be writing is what ThreadSanitizer calls a race. */
static inline __attribute__((no_sanitize_thread)) u32 match(const struct fdb_bucket *b, u64 key)
{
	__m256i k = _mm256_set1_epi64x((long long)key);
	__m256i lo = _mm256_cmpeq_epi64(_mm256_load_si256((const void *)&b->key[0]), k);
	__m256i hi = _mm256_cmpeq_epi64(_mm256_loadu_si256((const void *)&b->key[2]), k);

	return (u32)_mm256_movemask_pd(_mm256_castsi256_pd(lo)) |
	       (u32)_mm256_movemask_pd(_mm256_castsi256_pd(hi)) << 2;
}

#define FDB_MATCH match
#include "qgm/fe/fdb_find.h"

void fdb_answer_avx2(struct fdb *f, const u64 *key, const u32 *at, u16 *ifid, u32 n, bool hit)
{
	fdb_answer_by(f, key, at, ifid, n, hit);
}
