// SPDX-License-Identifier: MIT
/* control_route: the route operations of a transaction (control.c). Generic side, control lock. */
#pragma once

#include "qgm/control.h"
#include "qgm/re/txn.h"

/* Operations of a transaction: one array, or pieces of CONTROL_PIECE. */
struct control_ops {
	struct pix_op *array;
	struct pix_op *const *piece;
	u32 n;
};

static inline struct pix_op *control_op(const struct control_ops *ops, u32 i)
{
	return ops->array ? &ops->array[i] : &ops->piece[i / CONTROL_PIECE][i % CONTROL_PIECE];
}

/* What is wrong with a route operation taken alone: -EINVAL with a reason, or 0. */
int control_route_check(const struct pix_route *r, bool add);

/*
 * Execute the route operation at *at and those that follow it with the same VRF, prefix and
 * protocol as one change of that route; *at moves to the last of them, or to the one that failed.
 */
int control_route_execute(struct txn *t, const struct control_ops *ops, u32 *at);
