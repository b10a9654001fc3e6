// SPDX-License-Identifier: MIT
/* macswap: a module on the ingress hook (macswap.c). */
#pragma once

#include "qgm/stages.h"

/* Egress port by ingress port. */
extern u16 macswap_way[PORT_MAX];

/* A stage_fn for stage_hook_bind(). */
u32 macswap_hook(struct qgm *q, const struct tables *t, struct packet **p, u32 n);
