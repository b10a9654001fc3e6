// SPDX-License-Identifier: MIT
/* traffic: frames into received mbufs, in the same steps as our null port (drivers/net/null). */
#pragma once

#include <string.h>

#include "tools/bench/peer/peer.h"

/* Frame number `next` to `data`; returns the number after it. */
static inline uint32_t peer_generate(const struct peer_traffic *t, uint32_t next, uint8_t *data)
{
	memcpy(data, t->template, 64);
	memcpy(data + t->at, t->patch[next], 16);
	return next + 1 == t->n ? 0 : next + 1;
}
