// SPDX-License-Identifier: MIT
/* receive: the pass for CPUs without wide instructions (receive.h). */
#include "qgm/receive.h"

#include "qgm/cpu.h"
#include "qgm/vlan.h"

static inline u64 load64(const u8 *p)
{
	u64 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

/* Not 0: a group or no source, a group destination, a tag. */
static inline u32 odd(const u8 *d)
{
	u64 source = load64(d + 6); /* and the type; little-endian */
	u32 type = (u32)(source >> 48);

	return (((u32)source | d[0]) & 1) | (u32) !(source << 16) |
	       (u32)(type == __builtin_bswap16(VLAN_TPID_C)) |
	       (u32)(type == __builtin_bswap16(VLAN_TPID_S));
}

bool receive_plain(const struct receive_mark *m, struct packet *const *p, u32 n, u64 *bytes)
{
	u64 word = receive_word(m), now = m->now, sum = 0;
	s64 shorts = 0;
	u32 any = 0;

#pragma GCC unroll 4
	for (u32 i = 0; i < n; i++) {
		any |= odd(p[i]->data);
		receive_one(p[i], word, now, &sum, &shorts);
	}
	receive_vrf(m, p, n);
	*bytes = sum;
	return !any && shorts >= 0;
}

receive_fn receive_best(void)
{
	return cpu_wide() & CPU_AVX2 ? receive_plain_avx2 : receive_plain;
}
