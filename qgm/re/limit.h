// SPDX-License-Identifier: MIT
/*
 * limit: a token bucket in one word (the generic cell rate algorithm): the time at which the bucket
 * would be full again. No division, no refill work. One core; times are env_clock() cycles.
 */
#pragma once

#include "qgm/compiler.h"

struct limit {
	u64 interval; /* cycles per token */
	u64 depth;    /* (burst - 1) * interval */
};

/* A bucket of `rate` tokens per second that holds `burst`. */
static inline struct limit limit_make(u64 hz, u32 rate, u32 burst)
{
	u64 interval = hz / rate;

	return (struct limit){ .interval = interval, .depth = (burst - 1) * interval };
}

/* Is there a token? *full is the bucket's word, 0 = full from the start. */
static inline bool limit_has(const struct limit *l, u64 full, u64 now)
{
	return full <= now + l->depth;
}

/* Take the token that limit_has() saw. */
static inline void limit_take(const struct limit *l, u64 *full, u64 now)
{
	*full = (*full > now ? *full : now) + l->interval;
}
