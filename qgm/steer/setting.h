// SPDX-License-Identifier: MIT
/*
 * setting: steering as configured, by port, and the flow rules; builds what QGMs read (struct
 * steer) into the draft of a transaction. Generic side, control lock held.
 */
#pragma once

#include "qgm/re/txn.h"
#include "libc/include/pix/dev.h"

/* Boot, in control_init(): nothing is steered. */
void steer_setting_init(void);

/*
 * One operation of a transaction. 0, -ENOMEM, and
 *	set   -EINVAL no such port, mode or QGM; a pipeline without a worker that does not receive
 *	flow  -EINVAL no such QGM, addresses of two families or partly set, ports without such a
 *	      protocol, everything open; -ENOSPC more than PIX_FLOWS_MAX rules or too many kinds
 *	del   -ENOENT
 */
int steer_set(struct txn *t, const struct pix_steer *s);
int steer_flow_set(struct txn *t, const struct pix_flow *f);
int steer_flow_del(struct txn *t, const struct pix_flow *f);

/* At the end of a transaction, when t->steer_dirty: the objects of all ports. 0, -ENOMEM, -ENOSPC,
 * -EINVAL. */
int steer_build(struct txn *t);

/* Listings, as in qgm/control.h. */
u32 steer_list(u32 start, struct pix_steer *out, u32 max, u32 *total);
u32 steer_list_flows(u32 start, struct pix_flow *out, u32 max, u32 *total);
