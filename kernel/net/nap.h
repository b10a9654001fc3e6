// SPDX-License-Identifier: MIT
/*
 * When to nap: how long a QGM polls in vain before it sleeps. A nap that ended soon would have been
 * better spent polling, so the time doubles, up to NAP_POLL_MAX_US; after a long nap it halves. A
 * busy QGM never sleeps between two bursts, one that sees a packet now and then sleeps at once.
 * Used by the owner QGM's loop only.
 */
#pragma once

#include "qgm/env.h"

enum {
	NAP_POLL_MIN_US = 10,
	NAP_POLL_MAX_US = 200,
	NAP_SHORT_US = 200, /* a nap below that came too early */
	NAP_LONG_US = 1000,
};

struct nap_policy {
	u64 us;    /* clock cycles of a microsecond */
	u64 poll;  /* cycles to poll in vain before a nap */
	u64 since; /* clock of the last work */
};

static inline void nap_init(struct nap_policy *n)
{
	n->us = env_clock_hz() / 1000000;
	n->poll = NAP_POLL_MIN_US * n->us;
	n->since = env_clock();
}

/* The turn that began at `now` found work. */
static inline void nap_worked(struct nap_policy *n, u64 now)
{
	n->since = now;
}

/* The turn that began at `now` found none: is it time to sleep? */
static inline bool nap_due(const struct nap_policy *n, u64 now)
{
	return (s64)(now - n->since) >= (s64)n->poll;
}

/* The nap lasted from `from` to `to`. */
static inline void nap_ended(struct nap_policy *n, u64 from, u64 to)
{
	u64 slept = to - from;

	if (slept < NAP_SHORT_US * n->us)
		n->poll = MIN(n->poll * 2, NAP_POLL_MAX_US * n->us);
	else if (slept > NAP_LONG_US * n->us)
		n->poll = MAX(n->poll / 2, NAP_POLL_MIN_US * n->us);
	n->since = to;
}
