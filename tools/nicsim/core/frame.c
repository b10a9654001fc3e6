// SPDX-License-Identifier: MIT
/* Checksums and hashes of frames. */
#include "tools/nicsim/core/frame.h"

#include <string.h>

u32 nicsim_sum(const u8 *p, u32 len, u32 sum)
{
	u64 s = 0, w;

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&w, p, 8);
		s += (w & 0xffffffff) + (w >> 32);
	}
	for (; len >= 2; p += 2, len -= 2)
		s += (u32)p[0] | (u32)p[1] << 8;
	if (len)
		s += p[0];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return sum + (u32)((s & 0xff) << 8 | s >> 8);
}

u16 nicsim_fold(u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)((sum & 0xffff) + (sum >> 16));
}

u32 nicsim_toeplitz(const u8 *key, const u8 *in, u32 len)
{
	u32 hash = 0;

	for (u32 i = 0; i < len; i++) {
		u64 window = (u64)nicsim_get32(key + i) << 8 | key[i + 4];

		for (u32 bits = in[i]; bits; bits &= bits - 1)
			hash ^= (u32)(window >> (1 + __builtin_ctz(bits)));
	}
	return hash;
}
