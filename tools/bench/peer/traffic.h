// SPDX-License-Identifier: MIT
/* traffic: frames into received mbufs, in the same steps as our null port (drivers/net/null). */
#pragma once

#include <string.h>

#include <rte_mbuf.h>

#include "tools/bench/peer/peer.h"

static inline uint32_t peer_generate(const struct peer_traffic *t, uint32_t next,
				     struct rte_mbuf **m, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint8_t *data = rte_pktmbuf_mtod(m[i], uint8_t *);

		memcpy(data, t->template, 64);
		memcpy(data + t->at, t->patch[next], 16);
		next = next + 1 == t->n ? 0 : next + 1;
	}
	return next;
}
