// SPDX-License-Identifier: MIT
/* pools: the pools of buffers of all nodes (pools.h). Boot only, but for the questions. */
#include "qgm/pools.h"

#include "qgm/core.h"

static struct pool *pools[POOL_MAX];
static struct pool *jumbo; /* one of them, or NULL */
static u8 pool_of_node[POOL_MAX];
static u32 npools;

void pools_reset(void)
{
	npools = 0;
	jumbo = NULL;
}

/* A second node's pool is as large as a quarter of the first's. */
struct pool *pools_of_node(u32 node)
{
	const struct qgm_plan *plan = qgm_the_plan();
	struct pool *p;

	for (u32 i = 0; i < npools; i++) {
		if (pool_of_node[i] == node)
			return pools[i];
	}
	if (npools == POOL_MAX - 1) /* one is the jumbo pool's */
		return pools[0];
	p = pool_create((u8)npools, POOL_CLASS_STD,
			npools ? plan->pool_count / 4 : plan->pool_count, node);
	if (!p)
		return npools ? pools[0] : NULL;
	pool_of_node[npools] = (u8)node;
	pools[npools++] = p;
	return p;
}

void pools_make_jumbo(u32 node)
{
	const struct qgm_plan *plan = qgm_the_plan();
	struct pool *p;

	if (!plan->jumbo_count)
		return;
	p = pool_create((u8)npools, POOL_CLASS_JUMBO, plan->jumbo_count, node);
	if (!p)
		return;
	pool_of_node[npools] = (u8)node;
	pools[npools++] = p;
	if (pool_size(p) == plan->jumbo_count)
		jumbo = p;
}

bool pools_have_jumbo(void)
{
	return jumbo;
}

bool pools_make_caches(struct qgm *q)
{
	for (u32 i = 0; i < npools; i++) {
		if (!q->pcs[i])
			q->pcs[i] = pool_cache_create(pools[i], 32, q->node);
		if (!q->pcs[i])
			return false;
		pool_cache_siblings(q->pcs[i], q->pcs, npools);
	}
	if (jumbo)
		q->jumbo = q->pcs[pool_id(jumbo)];
	return true;
}

struct pool *qgm_pool(u32 i)
{
	return i < npools ? pools[i] : NULL;
}

u32 qgm_pool_node(u32 i)
{
	return pool_of_node[i];
}
