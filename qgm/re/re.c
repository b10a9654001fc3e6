// SPDX-License-Identifier: MIT
/* re: state of the routing engine per QGM, and what the loop calls between bursts. */
#include "qgm/re/re.h"

#include "qgm/core.h"
#include "qgm/cpu.h"
#include "qgm/env.h"
#include "qgm/re/reasm.h"

/* The neighbours' timeouts and repeated questions. */
static void tick(struct qgm *q, struct timer *timer)
{
	struct re *re = container_of(timer, struct re, timer);
	u64 next = neigh_tick(re, tables_current(), qgm_now(q));

	if (next != ~0ull)
		timer_arm(&q->wheel, timer, next);
}

void re_timer_start(struct re *re, u64 when)
{
	if (!timer_armed(&re->timer))
		timer_arm(&re->q->wheel, &re->timer, when);
}

void *re_create(struct qgm *q, u32 node)
{
	static const struct {
		const char *name;
		enum re_plant bit;
	} plants[] = {
		{ "ttl", RE_PLANT_TTL },           { "checksum", RE_PLANT_CHECKSUM },
		{ "stale-nh", RE_PLANT_STALE_NH }, { "arp", RE_PLANT_ARP },
		{ "scope", RE_PLANT_SCOPE },       { "smack", RE_PLANT_SMACK },
	};
	struct re *re = env_alloc(ENV_PRIVATE, sizeof(*re), CACHE_LINE, node);

	if (!re)
		return NULL;
	re->q = q;
	re->wide = cpu_wide() & CPU_AVX512;
	re->timer.fn = tick;
	re->neigh = neigh_queues_create(node, env_clock_hz());
	re->reasm = reasm_create(node);
	if (!re->neigh || !re->reasm)
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

void re_neighbour_failed(struct qgm *q, u16 ifid, struct pix_ip addr)
{
	neigh_failed(qgm_re(q), tables_current(), ifid, addr);
}
