// SPDX-License-Identifier: MIT
/* control_route: the route operations of a transaction (control.c). Generic side, control lock. */
#pragma once

#include "libc/include/pix/dev.h"
#include "qgm/re/txn.h"

/* What is wrong with a route operation taken alone: -EINVAL with a reason, or 0. */
int control_route_check(const struct pix_route *r, bool add);

/*
 * Execute the route operation at *at and those that follow it with the same VRF, prefix and
 * protocol as one change of that route; *at moves to the last of them, or to the one that failed.
 */
int control_route_execute(struct txn *t, const struct pix_op *ops, u32 n, u32 *at);
