// SPDX-License-Identifier: MIT
/*
 * pools: which pools of buffers there are: one of 2 KiB for each node that has a QGM, and one of
 * 10 KiB beside it where the plan has any. Every QGM has a cache on each, since a frame may end on
 * any core.
 */
#pragma once

#include "qgm/pool.h"

struct qgm;

/* Boot: forget those of an earlier start-up. */
void pools_reset(void);

/* Boot: the 2 KiB pool of a node, made at the first call. NULL when memory runs out. */
struct pool *pools_of_node(u32 node);

/* Boot, after all QGMs are there: jumbo buffers, if the plan has any. Without them, or with less
 * than planned, ports keep to the ordinary MTU. */
void pools_make_jumbo(void);
bool pools_have_jumbo(void);

/* Boot, after all pools are there: this QGM's caches. False when memory runs out. */
bool pools_make_caches(struct qgm *q);

/* Any core: pool number i (NULL: no more), and its node. */
struct pool *qgm_pool(u32 i);
u32 qgm_pool_node(u32 i);
