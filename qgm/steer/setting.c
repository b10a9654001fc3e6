// SPDX-License-Identifier: MIT
/* setting: the generic side of steering (setting.h). */
#include "qgm/steer/setting.h"

#include "qgm/ctl.h"
#include "qgm/re/errno.h"
#include "qgm/steer/steer.h"

struct setting {
	u64 workers; /* as wished, 0: by mode */
	u16 mode;
	u8 own;
};

_Static_assert(PIX_FLOWS_MAX % 64 == 0, "words of bits");
_Static_assert(PIX_STEER_BUCKETS == STEER_BUCKETS, "listed as they are");

static __generic struct setting settings[PORT_MAX]; /* [0]: the default */
static __generic struct pix_flow flows[PIX_FLOWS_MAX];
static __generic u32 nflows;
static __generic u64 hits_before[PIX_FLOWS_MAX]; /* by counter: when its rule was set */
static __generic u32 next_count;
static __generic u64 generation;

void steer_setting_init(void)
{
	__builtin_memset(settings, 0, sizeof(settings));
	__builtin_memset(flows, 0, sizeof(flows));
	nflows = 0;
}

static u64 all_qgms(void)
{
	u32 n = ctl_block()->qgm_count;

	return n < QGM_MAX ? (1ull << n) - 1 : ~0ull;
}

static u64 receivers(const struct port *p)
{
	u64 m = 0;

	for (u32 i = 0; i < p->rx_queues && i < PORT_QUEUES; i++)
		m |= 1ull << p->queue_qgm[i];
	return m;
}

static const struct setting *effective(u16 port)
{
	return settings[port].own ? &settings[port] : &settings[0];
}

/* Who works for the port; 0: nobody would. */
static u64 workers_of(u16 port)
{
	const struct setting *s = effective(port);
	u64 m = s->workers ? s->workers : all_qgms();

	switch (s->mode) {
	case PIX_STEER_RPS:
		return m;
	case PIX_STEER_PIPELINE:
		return m & ~receivers(port_get(port));
	default:
		return receivers(port_get(port));
	}
}

/* --- operations ----------------------------------------------------------------------------- */

int steer_set(struct txn *t, const struct pix_steer *s)
{
	struct setting *to;

	if (s->port >= port_count() || s->mode > PIX_STEER_DEFAULT || (s->workers & ~all_qgms()) ||
	    (s->mode == PIX_STEER_DEFAULT && !s->port))
		return -EINVAL;
	to = &settings[s->port];
	if (undo_save(&t->undo, to, sizeof(*to)))
		return -ENOMEM;
	*to = (struct setting){ .own = s->port && s->mode != PIX_STEER_DEFAULT,
				.mode = s->mode,
				.workers = s->workers };
	t->steer_dirty = true;
	return 0;
}

static bool same_match(const struct pix_flow *a, const struct pix_flow *b)
{
	return pix_ip_eq(a->src, b->src) && pix_ip_eq(a->dst, b->dst) && a->sport == b->sport &&
	       a->dport == b->dport && a->proto == b->proto;
}

static u32 find_flow(const struct pix_flow *f)
{
	u32 i = 0;

	while (i < nflows && !same_match(&flows[i], f))
		i++;
	return i;
}

static bool has_ports(u8 proto)
{
	return proto == 6 || proto == 17 || proto == 33 || proto == 132 || proto == 136;
}

static int flow_check(const struct pix_flow *f)
{
	bool src = !pix_ip_none(f->src), dst = !pix_ip_none(f->dst);

	if (f->qgm >= ctl_block()->qgm_count)
		return -EINVAL;
	if (src && dst && pix_ip_is4(f->src) != pix_ip_is4(f->dst))
		return -EINVAL;
	if ((f->sport || f->dport) && !has_ports(f->proto))
		return -EINVAL;
	return src || dst || f->proto ? 0 : -EINVAL;
}

/* Frames by this counter, on all QGMs. */
static u64 hits_of(u32 count)
{
	const struct ctl *ctl = ctl_block();
	u64 sum = 0;

	for (u32 i = 0; i < ctl->qgm_count; i++)
		sum += load_relaxed(&ctl->qgm[i].counters->flow_hits[count]);
	return sum;
}

/* A counter that no rule has, in turn: QGMs may still have the rule that had it before. There are
 * as many as rules. */
static u32 free_count(void)
{
	u64 used[PIX_FLOWS_MAX / 64] = { 0 };

	for (u32 i = 0; i < nflows; i++)
		used[flows[i].count / 64] |= 1ull << flows[i].count % 64;
	while (used[next_count / 64] >> next_count % 64 & 1)
		next_count = (next_count + 1) % PIX_FLOWS_MAX;
	return next_count;
}

/* Before the first change of the rules in a transaction: as they were. */
static int save_flows(struct txn *t)
{
	if (t->flows_saved)
		return 0;
	for (u32 i = 0; i < nflows; i++)
		if (undo_save(&t->undo, &flows[i], sizeof(flows[i])))
			return -ENOMEM;
	if (undo_save(&t->undo, &nflows, sizeof(nflows)))
		return -ENOMEM;
	t->flows_saved = true;
	return 0;
}

int steer_flow_set(struct txn *t, const struct pix_flow *f)
{
	u32 i = find_flow(f);
	int err = flow_check(f);
	u32 count;

	if (err)
		return err;
	if (i == PIX_FLOWS_MAX)
		return -ENOSPC;
	if (save_flows(t))
		return -ENOMEM;
	count = i < nflows ? flows[i].count : free_count();
	if (i == nflows) {
		hits_before[count] = hits_of(count);
		next_count = (count + 1) % PIX_FLOWS_MAX;
	}
	flows[i] = *f;
	flows[i].count = (u16)count;
	nflows = MAX(nflows, i + 1);
	t->steer_dirty = true;
	return 0;
}

int steer_flow_del(struct txn *t, const struct pix_flow *f)
{
	u32 i = find_flow(f);

	if (i == nflows)
		return -ENOENT;
	if (save_flows(t))
		return -ENOMEM;
	for (u32 k = i; k + 1 < nflows; k++)
		flows[k] = flows[k + 1];
	nflows--;
	t->steer_dirty = true;
	return 0;
}

/* --- what QGMs read ------------------------------------------------------------------------- */

static int add_rules(struct steer_rules *s)
{
	for (u32 i = 0; i < nflows; i++) {
		const struct pix_flow *f = &flows[i];
		struct flow_key key = { .src = f->src,
					.dst = f->dst,
					.sport = f->sport,
					.dport = f->dport,
					.proto = f->proto };
		u8 open = 0;

		open |= pix_ip_none(f->src) ? STEER_OPEN_SRC : 0;
		open |= pix_ip_none(f->dst) ? STEER_OPEN_DST : 0;
		open |= f->sport ? 0 : STEER_OPEN_SPORT;
		open |= f->dport ? 0 : STEER_OPEN_DPORT;
		open |= f->proto ? 0 : STEER_OPEN_PROTO;
		if (!steer_add_rule(s, &key, open, (u8)f->qgm, f->count))
			return -ENOSPC;
	}
	return 0;
}

/* What was published before and is no more, once nobody looks at it. */
static void retire(struct txn *t, const void *old)
{
	void *gone;

	__builtin_memcpy(&gone, &old, sizeof(gone)); /* ours: drop the const */
	if (old)
		tables_retire(gone, t->draft->epoch, NULL);
}

/* The rules, of which all ports have the same. */
static int build_rules(struct txn *t, const struct steer_rules **out)
{
	const struct steer_rules *old = NULL;
	struct steer_rules *s;

	*out = NULL;
	for (u16 i = 1; i < port_count() && !old; i++)
		old = t->draft->steer[i] ? t->draft->steer[i]->rules : NULL;
	if (nflows) {
		s = arena_alloc(steer_rules_bytes(nflows), CACHE_LINE);
		if (!s)
			return -ENOMEM;
		tables_fresh(s, NULL);
		steer_rules_begin(s, nflows);
		if (add_rules(s))
			return -ENOSPC;
		*out = s;
	}
	retire(t, old);
	return 0;
}

static int build_port(struct txn *t, u16 port, const struct steer_rules *rules)
{
	const struct steer *old = t->draft->steer[port];
	struct steer *s = NULL;
	u64 workers = workers_of(port);

	if (!workers)
		return -EINVAL;
	if (effective(port)->mode != PIX_STEER_RTC || rules) {
		s = arena_alloc(sizeof(*s), CACHE_LINE);
		if (!s)
			return -ENOMEM;
		tables_fresh(s, NULL);
		*s = (struct steer){ .gen = ++generation,
				     .workers = workers,
				     .mode = (u8)effective(port)->mode,
				     .rules = rules };
		__builtin_memset(s->bucket, RETA_NONE, sizeof(s->bucket));
		if (old)
			__builtin_memcpy(s->bucket, old->bucket, sizeof(s->bucket));
		reta_spread(s->bucket, STEER_BUCKETS, workers);
	}
	retire(t, old);
	t->draft->steer[port] = s;
	t->changed = true;
	return 0;
}

int steer_build(struct txn *t)
{
	const struct steer_rules *rules;
	int err = build_rules(t, &rules);

	for (u16 i = 1; i < port_count() && !err; i++)
		err = build_port(t, i, rules);
	return err;
}

/* --- listings ------------------------------------------------------------------------------- */

u32 steer_list(u32 start, struct pix_steer *out, u32 max, u32 *total)
{
	const struct tables *t = tables_current();
	u32 n = 0;

	*total = port_count();
	for (u32 i = start; i < port_count() && n < max; i++, n++) {
		const struct setting *s = i ? effective((u16)i) : &settings[0];
		const struct steer *obj = t->steer[i];

		out[n] = (struct pix_steer){
			.port = (u16)i,
			.mode = s->mode,
			.own = settings[i].own,
			.workers = i ? workers_of((u16)i) : s->workers,
		};
		if (obj)
			__builtin_memcpy(out[n].bucket, obj->bucket, sizeof(out[n].bucket));
		else if (i)
			__builtin_memset(out[n].bucket, port_get((u16)i)->owner,
					 sizeof(out[n].bucket));
	}
	return n;
}

/* Ports whose NIC has the rule that counts there in its filters now. */
static u64 ports_of(u32 count)
{
	const struct tables *t = tables_current();
	u64 ports = 0;

	for (u16 i = 1; i < port_count(); i++) {
		const struct port *p = port_get(i);

		/* What the owner says of an older steering may be of another rule. */
		if (t->steer[i] && load_acquire(&p->flows_gen) == t->steer[i]->gen &&
		    load_relaxed(&p->flow_in[count / 64]) >> count % 64 & 1)
			ports |= 1ull << i;
	}
	return ports;
}

u32 steer_list_flows(u32 start, struct pix_flow *out, u32 max, u32 *total)
{
	u32 n = 0;

	*total = nflows;
	for (u32 i = start; i < nflows && n < max; i++, n++) {
		out[n] = flows[i];
		out[n].hits = hits_of(flows[i].count) - hits_before[flows[i].count];
		out[n].ports = ports_of(flows[i].count);
	}
	return n;
}
