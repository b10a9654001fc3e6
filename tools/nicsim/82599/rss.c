// SPDX-License-Identifier: MIT
/* Receive-side scaling (data sheet 7.1.2.8): Toeplitz hash of addresses and ports with the key in
 * RSSRK, queue out of RETA. The hash is a sum over GF(2) of one contribution for each input byte,
 * kept in a table that is made anew after the key changes. */
#include "tools/nicsim/82599/hooks.h"

#include <stdlib.h>
#include <string.h>

enum {
	INPUT = 36, /* two IPv6 addresses and two ports */
};

static void build(struct n599 *n)
{
	u8 key[44] = { 0 };

	if (!n->toeplitz)
		n->toeplitz = malloc(sizeof(*n->toeplitz) * INPUT);
	if (!n->toeplitz)
		abort();
	for (u32 i = 0; i < 10; i++) {
		u32 v = n599_get(n, N599_RSSRK + 4 * i);

		memcpy(key + 4 * i, &v, 4);
	}
	for (u32 i = 0; i < INPUT; i++)
		for (u32 b = 0; b < 256; b++) {
			u32 h = 0;

			for (u32 bit = 0; bit < 8; bit++) {
				u64 w = 0;

				if (!(b >> (7 - bit) & 1))
					continue;
				for (u32 k = 0; k < 5; k++)
					w = w << 8 | key[i + k];
				h ^= (u32)(w >> (8 - bit));
			}
			n->toeplitz[i][b] = h;
		}
	n->toeplitz_ok = true;
}

N599_WR(rssrk)
{
	if (raw != old)
		n->toeplitz_ok = false;
}

/* Type of hash (7.1.6.2, RSS type) and the hash; 0: MRQC asks for none of this packet. */
u32 n599_rss(struct n599 *n, const struct n599_pkt *p, u8 *type)
{
	u32 mrqc = n599_get(n, N599_MRQC), mode = mrqc & MRQC_MODE;
	const u8 *h = p->data + p->l3;
	u32 addr = p->ip4 ? 8 : 32, hash = 0;
	const u8 *a = h + (p->ip4 ? 12 : 8);

	*type = 0;
	if (!(mode == 1 || mode == 4 || mode == 5 || mode == MRQC_POOLS_OF_4 ||
	      mode == MRQC_POOLS_OF_2))
		return 0;
	if (p->ip4)
		*type = p->tcp && (mrqc & MRQC_TCP4)   ? 1
			: p->udp && (mrqc & MRQC_UDP4) ? 7
			: mrqc & MRQC_IP4              ? 2
						       : 0;
	else if (p->ip6)
		*type = p->tcp && (mrqc & MRQC_TCP6)   ? 3
			: p->udp && (mrqc & MRQC_UDP6) ? 8
			: mrqc & MRQC_IP6              ? 5
						       : 0;
	if (!*type)
		return 0;
	if (!n->toeplitz_ok)
		build(n);
	for (u32 i = 0; i < addr; i++)
		hash ^= n->toeplitz[i][a[i]];
	if (*type != 2 && *type != 5)
		for (u32 i = 0; i < 4; i++)
			hash ^= n->toeplitz[addr + i][p->data[p->l4 + i]];
	return hash;
}

/* Queue of a hash; what has no hash takes RSS output index 0 (7.1.2.8). */
u32 n599_rss_queue(struct n599 *n, u32 hash, u8 type, u32 pool)
{
	u32 mode = n599_get(n, N599_MRQC) & MRQC_MODE, e = hash & 127, index = 0;
	u32 rqpl = n599_get(n, N599_PSRTYPE + 4 * (pool & 63)) >> 29; /* log2 of queues in use */

	if (type)
		index = n599_get(n, N599_RETA + (e & ~3u)) >> 8 * (e & 3) & 15;
	switch (mode) {
	case 8: /* 64 pools, no RSS */
		return pool * 2;
	case MRQC_POOLS_OF_4: /* 32 of them */
		return pool * 4 + (index & 3 & ((1u << rqpl) - 1));
	case MRQC_POOLS_OF_2: /* 64 */
		return pool * 2 + (index & 1 & ((1u << rqpl) - 1));
	default:
		return index;
	}
}
