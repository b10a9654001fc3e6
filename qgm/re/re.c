// SPDX-License-Identifier: MIT
/* re: state of the routing engine per QGM, and what the loop calls between bursts. */
#include "qgm/re/re.h"

#include "qgm/env.h"

void *re_create(struct qgm *q, u32 node)
{
	static const struct {
		const char *name;
		enum re_plant bit;
	} plants[] = {
		{ "ttl", RE_PLANT_TTL },
		{ "checksum", RE_PLANT_CHECKSUM },
		{ "stale-nh", RE_PLANT_STALE_NH },
	};
	struct re *re = env_alloc(ENV_PRIVATE, sizeof(*re), CACHE_LINE, node);

	if (!re)
		return NULL;
	re->q = q;
	re->neigh = neigh_queues_create(node, env_clock_hz());
	if (!re->neigh)
		return NULL;
	icmp_limits_init(&re->limits, env_clock_hz());
	for (u32 i = 0; i < ARRAY_SIZE(plants); i++)
		if (env_planted(plants[i].name))
			re->plants |= plants[i].bit;
	return re;
}

void re_epoch(struct qgm *q, const struct tables *t)
{
	neigh_epoch(qgm_re(q), t);
}

void re_neighbour_failed(struct qgm *q, u16 ifid, u32 addr)
{
	neigh_failed(qgm_re(q), tables_current(), ifid, addr);
}
