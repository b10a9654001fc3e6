// SPDX-License-Identifier: MIT
/*
 * shed: fragments for this router for which there is no time (reasm.h) end before anything is
 * looked up, for about what it costs to forward a packet, so that a flood of them takes little from
 * forwarding (CVE-2018-5391). Called by the fast path on QGM cores; packets are usual ones of
 * fast.h. Dropped as `fragment_rate`.
 */
#pragma once

#include "qgm/re/fast_wide.h"
#include "qgm/re/re.h"

/* Is `p`, for an own address, such a fragment? Then it is consumed. */
bool shed_local(struct re *re, struct packet *p, bool six);

/* The fragments of a train, all taken by wide passes: those that end here leave it. */
void shed4(struct re *re, const struct tables *t, const struct fib *f, struct train4 *b);
void shed6(struct re *re, const struct tables *t, const struct fib6 *f, struct train6 *b);
