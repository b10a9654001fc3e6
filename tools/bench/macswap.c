// SPDX-License-Identifier: MIT
/*
 * macswap: the smallest module that touches the header, bound to the ingress hook: swap the MAC
 * addresses by one shuffle and send the frame out of the other port, as dpdk-testpmd's forwarding
 * mode of that name does. Compiled for SSSE3 as the peer is.
 */
#include "tools/bench/macswap.h"

#include <tmmintrin.h>

u16 macswap_way[PORT_MAX];

u32 macswap_hook(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	const __m128i order = _mm_set_epi8(15, 14, 13, 12, 5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6);

	u16 way = macswap_way[p[0]->in_port]; /* a burst is of one port */

	(void)t;
#pragma GCC unroll 4
	for (u32 i = 0; i < n; i++) {
		__m128i *h = (__m128i *)(void *)p[i]->data;

		_mm_storeu_si128(h, _mm_shuffle_epi8(_mm_loadu_si128(h), order));
	}
	qgm_output_way(q, way, way, p, n);
	return 0;
}
