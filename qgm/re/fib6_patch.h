// SPDX-License-Identifier: MIT
/*
 * fib6_patch: the change of one IPv6 prefix put straight into the directory or line that it
 * concerns. Internal to qgm/re/fib6*; generic side, control lock held.
 */
#pragma once

#include "qgm/re/fib6_build.h"

/*
 * `n` has another next hop, or none any more; the counts say so already, and `root` is the value of
 * the batch's table. True: its lookups are right now. False: the builder has to do it
 * (fib6_build.h); nothing was changed.
 */
bool f6_patch(struct fib6_writer *w, u32 root, const struct f6_prefix *n);
