// SPDX-License-Identifier: MIT
/* pools: the pools of buffers of all nodes (pools.h). Boot only, but for the questions. */
#include "qgm/pools.h"

#include "qgm/core.h"

static struct pool *pools[POOL_MAX];
static struct pool *jumbo[POOL_NODES]; /* by the number of the node's other pool, or NULL */
static u8 pool_of_node[POOL_MAX];
static u32 npools;

void pools_reset(void)
{
	npools = 0;
	for (u32 i = 0; i < POOL_NODES; i++)
		jumbo[i] = NULL;
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
	if (npools == POOL_NODES)
		return pools[0];
	p = pool_create((u8)npools, POOL_CLASS_STD,
			npools ? plan->pool_count / 4 : plan->pool_count, node);
	if (!p)
		return npools ? pools[0] : NULL;
	pool_of_node[npools] = (u8)node;
	pools[npools++] = p;
	return p;
}

/* Each node's half, third...; all of them or none: a port does not know which QGM will poll it. */
void pools_make_jumbo(void)
{
	u32 nodes = npools, count = qgm_the_plan()->jumbo_count / nodes;

	for (u32 i = 0; i < nodes && count; i++) {
		struct pool *p = pool_create((u8)npools, POOL_CLASS_JUMBO, count, pool_of_node[i]);

		if (!p)
			break;
		pool_of_node[npools] = pool_of_node[i];
		pools[npools++] = p;
		if (pool_size(p) != count)
			break;
		jumbo[i] = p;
	}
	for (u32 i = 0; i < nodes && !jumbo[nodes - 1]; i++)
		jumbo[i] = NULL;
}

bool pools_have_jumbo(void)
{
	return jumbo[0];
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
	if (jumbo[0]) /* q->pc's number is that of its node */
		q->jumbo = q->pcs[pool_id(jumbo[pool_id(pool_of(q->pc))])];
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
