// SPDX-License-Identifier: MIT
/*
 * stages: the walk of a burst, in one table. What comes before `fe` and `re` runs on the whole
 * burst; then the burst is split by the mode of the ingress interface. The engines call the
 * forward hook and the rewrite themselves, since only they know where that is; qgm_output()
 * collects what they send by port, and the egress hook and Tx run at the flush (output.c).
 */
#include "qgm/stages.h"

static u32 run_ingress(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	return stage_hook(q, t, HOOK_INGRESS, p, n);
}

static u32 run_fe(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	fe_input(q, t, p, n);
	return 0;
}

static u32 run_re(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	re_input(q, t, p, n);
	return 0;
}

/* In the order of the walk; stages without a function run inside another one. */
const struct stage stages[PIX_STAGES] = {
	{ PIX_STAGE_rx, NULL, -1 },           /* ports.c */
	{ PIX_STAGE_parse, parse_burst, -1 }, /* parse.c */
	{ PIX_STAGE_steer, steer_burst, -1 }, /* steer.c */
	{ PIX_STAGE_ingress, run_ingress, HOOK_INGRESS },
	{ PIX_STAGE_fe, run_fe, -1 },              /* fe/bridge.c */
	{ PIX_STAGE_re, run_re, -1 },              /* re/input.c */
	{ PIX_STAGE_forward, NULL, HOOK_FORWARD }, /* in fe and re: the way is known */
	{ PIX_STAGE_rewrite, NULL, -1 },           /* re/route.c */
	{ PIX_STAGE_egress, NULL, HOOK_EGRESS },   /* output.c */
	{ PIX_STAGE_tx, NULL, -1 },                /* output.c */
	{ PIX_STAGE_punt, NULL, -1 },              /* punt.c */
	{ PIX_STAGE_icmp, NULL, -1 },              /* re/icmp.c */
};

static stage_fn hooks[HOOK_POINTS];

u32 stage_hook(struct qgm *q, const struct tables *t, enum stage_hook_point at, struct packet **p,
	       u32 n)
{
	if (likely(!hooks[at]) || !n)
		return n;
	return hooks[at](q, t, p, n);
}

void stage_hook_bind(enum stage_hook_point at, stage_fn fn)
{
	hooks[at] = fn;
}

bool stage_hooked(enum stage_hook_point at)
{
	return hooks[at] != NULL;
}

static void run_stage(struct qgm *q, const struct tables *t, enum pix_stage s, struct packet **p,
		      u32 *n)
{
	u32 in = *n;

	if (!in)
		return;
	*n = stages[s].run(q, t, p, in);
	qgm_stage(q, s, in);
}

/* Are all frames of the burst of one interface, whatever is in them? A burst is of one port. */
static inline bool one_interface(const struct tables *t, struct packet *const *p, u32 n)
{
	return n && !t->vlan[p[0]->in_port] && !hooks[HOOK_INGRESS];
}

/* Frames of one interface. */
static void run_whole(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	if (t->iface[p[0]->in_if]->mode == IFACE_MODE_L2) {
		run_stage(q, t, PIX_STAGE_fe, p, &n);
		return;
	}
	re_input_whole(q, t, p, n);
	qgm_stage(q, PIX_STAGE_re, n);
}

/* What follows the parser. `one`: all frames are of one interface before the ingress hook. */
static inline void run_parsed(struct qgm *q, const struct tables *t, struct packet **p, u32 n,
			      bool one)
{
	struct packet *l3[BURST_MAX];
	u32 n2 = 0, n3 = 0;

	if (unlikely(q->hash_wanted))
		run_stage(q, t, PIX_STAGE_steer, p, &n);
	if (unlikely(hooks[HOOK_INGRESS]))
		run_stage(q, t, PIX_STAGE_ingress, p, &n);
	if (unlikely(!n))
		return;
	/* One interface, as ever while there are no tags: one engine takes the whole burst. */
	n3 = one ? n : 1;
	while (n3 < n && p[n3]->in_if == p[0]->in_if)
		n3++;
	if (likely(n3 == n)) {
		run_whole(q, t, p, n);
		return;
	}
	n3 = 0;
	/* Split by mode; the L2 part stays in front of p. Each part keeps its order, and a flow is
	 * in one part only. */
	for (u32 i = 0; i < n; i++) {
		if (t->iface[p[i]->in_if]->mode == IFACE_MODE_L2)
			p[n2++] = p[i];
		else
			l3[n3++] = p[i];
	}
	run_stage(q, t, PIX_STAGE_fe, p, &n2);
	run_stage(q, t, PIX_STAGE_re, l3, &n3);
}

void stages_run(struct qgm *q, const struct tables *t, struct packet **p, u32 n)
{
	bool one = one_interface(t, p, n);

	run_stage(q, t, PIX_STAGE_parse, p, &n);
	run_parsed(q, t, p, n, one);
}

u64 stages_received(struct qgm *q, const struct tables *t, u16 port, struct packet **p, u32 n)
{
	struct packet *rest[BURST_MAX];
	u64 bytes, routed = 0;

	if (likely(n >= RE_FRESH_MIN && !q->hash_wanted && !hooks[HOOK_INGRESS])) {
		u32 left = parse_routed(q, t, port, p, n, rest, &routed);

		if (!left)
			return routed;
		if (left != RE_FRESH_NOT) {
			p = rest;
			n = left;
		}
	}
	if (likely(parse_received(q, t, port, p, n, &bytes))) {
		qgm_stage(q, PIX_STAGE_parse, n);
		run_parsed(q, t, p, n, !hooks[HOOK_INGRESS]);
	} else {
		stages_run(q, t, p, n);
	}
	return routed + bytes;
}
