// SPDX-License-Identifier: MIT
/* limits: see limits.h. */
#include "qgm/re/limits.h"

#include "qgm/env.h"

void limits_init(struct limits *l, u64 hz, u32 all_rate, u32 all_burst, u32 rate, u32 burst,
		 bool noise)
{
	l->all = limit_make(hz, all_rate, all_burst);
	l->each = limit_make(hz, rate, burst);
	l->random = noise ? env_clock() | 1 : 0;
}

/* xorshift64 (Marsaglia 2003), stirred with the time of the packet: a sender far away knows neither
 * the time of the start nor the cycle in which its packets were taken. */
static bool dear(struct limits *l, u64 now)
{
	u64 x = l->random;

	if (!x)
		return false;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	l->random = (x ^ now * 0x9e3779b97f4a7c15ull) | 1;
	return x >> 62 == 0;
}

bool limits_take(struct limits *l, u64 net, u64 now)
{
	u32 h = limits_index(net);
	u64 *full = &l->of[h].full;

	if (l->of[h].net != net) {
		l->of[h].net = net;
		*full = 0;
	}
	if (!limit_has(&l->each, *full, now) || !limit_has(&l->all, l->all_full, now))
		return false;
	limit_take(&l->each, full, now);
	limit_take(&l->all, &l->all_full, now);
	if (dear(l, now))
		limit_take(&l->all, &l->all_full, now);
	return true;
}
