// SPDX-License-Identifier: MIT
/*
 * The one table of stages. A stage is a function over a burst; between them are hook points for
 * extension modules. A hook returns how many packets of the burst it leaves (in order, at the
 * front); it has consumed the others.
 */
#pragma once

#include "qgm/core.h"

typedef u32 (*stage_fn)(struct qgm *q, const struct tables *t, struct packet **p, u32 n);

enum stage_hook_point { HOOK_INGRESS, HOOK_FORWARD, HOOK_EGRESS, HOOK_POINTS };

struct stage {
	enum pix_stage id;
	stage_fn run; /* NULL: part of the engine behind `fe` or `re`, or of the output */
	int hook;     /* enum stage_hook_point of a hook stage, -1: none */
};

extern const struct stage stages[PIX_STAGES];

/* Run the modules bound to a hook point; returns how many packets are left. */
u32 stage_hook(struct qgm *q, const struct tables *t, enum stage_hook_point at, struct packet **p,
	       u32 n);

/* Boot or test: bind `fn` to a hook point of all QGMs; NULL unbinds. */
void stage_hook_bind(enum stage_hook_point at, stage_fn fn);

/* Is something bound? */
bool stage_hooked(enum stage_hook_point at);
