// SPDX-License-Identifier: MIT
/* What the last snapshot of the QGMs' counters says (snapshot.c). All but the first: control lock
 * held. */
#pragma once

#include "kernel/types.h"
#include "libc/include/pix/dev.h"

void snapshot_init(void);

/* The law of one QGM; false when it did not answer. */
bool snapshot_law(u16 qgm, struct pix_conservation *out);

/* The law of one ingress port (name not filled), over all QGMs that answered. */
void snapshot_port_law(u16 port, struct pix_port_law *out);

/* The buffers of all pools together: free + in_nic + in_rings + held = size unless one was lost. */
/* Element i of the list of pools; how many there are. */
void snapshot_pool(u32 i, struct pix_pool *out);
u32 snapshot_pools(void);
