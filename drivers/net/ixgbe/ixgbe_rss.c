// SPDX-License-Identifier: MIT
/*
 * Which queue of an 82599 a frame is received by: Flow Director (ixgbe_fdir.c) and 5-tuple filters
 * (7.1.2.5) for the flow rules of the operator, the receive-side hash (7.1.2.8) for everything
 * else. There are 128 of these filters, each with fields of its own; rules that leave nothing open
 * go to the Flow Director as long as it takes them. Owner QGM.
 *
 * The key has a period of 16 bits, so that both directions of a flow are received by the same QGM,
 * as with the engine's own hash. IPv6 with extension headers is hashed by addresses only, as is
 * what is neither TCP nor UDP.
 */
#include "drivers/net/ixgbe/ixgbe.h"

#define KEY_WORD 0x5a6d5a6du /* bytes 6d 5a 6d 5a, the first lowest */

static void write_reta(const struct ixgbe *e)
{
	for (u32 i = 0; i < IXGBE_RETA_SIZE / 4; i++) {
		const u8 *r = &e->reta[4 * i];

		ixgbe_wrn(e, RETA, i, r[0] | (u32)r[1] << 8 | (u32)r[2] << 16 | (u32)r[3] << 24);
	}
}

void ixgbe_rss_setup(struct ixgbe *e)
{
	for (u32 i = 0; i < 10; i++)
		ixgbe_wrn(e, RSSRK, i, KEY_WORD);
	for (u32 i = 0; i < IXGBE_RETA_SIZE; i++)
		if (e->reta[i] >= e->queues || !(e->on >> e->reta[i] & 1))
			e->reta[i] = 0;
	write_reta(e);
	for (u32 i = 0; i < IXGBE_FLOWS; i++)
		e->rule[i] = (struct ixgbe_rule){ 0 };
	for (u32 i = 0; i < IXGBE_FILTERS; i++)
		e->filter_used[i] = false;
	ixgbe_wr(e, IXGBE_MRQC,
		 e->queues > 1 ? MRQC_RSS | MRQC_IPV4 | MRQC_IPV4_TCP | MRQC_IPV4_UDP | MRQC_IPV6 |
					 MRQC_IPV6_TCP | MRQC_IPV6_UDP
			       : 0);
}

void ixgbe_spread(struct port *p, const struct reta *r)
{
	struct ixgbe *e = p->priv;

	for (u32 i = 0; i < IXGBE_RETA_SIZE; i++) {
		u8 q = r->entry[i & (r->size - 1u)];

		e->reta[i] = q < e->queues && e->on >> q & 1 ? q : 0;
	}
	write_reta(e);
}

/* --- flow rules ---------------------------------------------------------------------------- */

static u32 swap(u32 v)
{
	return __builtin_bswap32(v);
}

/* Protocols have two bits, and "other" is not one protocol. */
static int protocol(const struct port_flow *f, u32 *ftqf)
{
	if (f->open & PORT_FLOW_OPEN_PROTO) {
		*ftqf |= FTQF_MASK_PROTOCOL;
		return 0;
	}
	switch (f->key.proto) {
	case 6:
		*ftqf |= FTQF_TCP;
		return 0;
	case 17:
		*ftqf |= FTQF_UDP;
		return 0;
	case 132:
		*ftqf |= FTQF_SCTP;
		return 0;
	default:
		return -EINVAL;
	}
}

/* The more fields count, the earlier it is looked at: 7.1.2.5 takes the highest priority. */
static u32 priority(const struct port_flow *f)
{
	u32 open = 0;

	for (u32 bits = f->open; bits; bits &= bits - 1)
		open++;
	return 6 - open;
}

/* IPv4 only, 7.1.2.5; open on both sides would be IPv6 too. */
static bool is_four(const struct port_flow *f)
{
	bool src = !(f->open & PORT_FLOW_OPEN_SRC), dst = !(f->open & PORT_FLOW_OPEN_DST);

	return (src || dst) && (!src || pix_ip_is4(f->key.src)) && (!dst || pix_ip_is4(f->key.dst));
}

static void write_filter(const struct ixgbe *e, u32 i, u32 ftqf, const struct port_flow *f)
{
	if (f->open & PORT_FLOW_OPEN_SRC)
		ftqf |= FTQF_MASK_SOURCE;
	if (f->open & PORT_FLOW_OPEN_DST)
		ftqf |= FTQF_MASK_DESTINATION;
	if (f->open & PORT_FLOW_OPEN_SPORT)
		ftqf |= FTQF_MASK_SOURCE_PORT;
	if (f->open & PORT_FLOW_OPEN_DPORT)
		ftqf |= FTQF_MASK_DESTINATION_PORT;
	ftqf |= priority(f) << FTQF_PRIORITY_SHIFT;
	ixgbe_wrn(e, FTQF, i, 0); /* off while it changes */
	ixgbe_wrn(e, SAQF, i, f->open & PORT_FLOW_OPEN_SRC ? 0 : swap(pix_ip_to4(f->key.src)));
	ixgbe_wrn(e, DAQF, i, f->open & PORT_FLOW_OPEN_DST ? 0 : swap(pix_ip_to4(f->key.dst)));
	ixgbe_wrn(e, SDPQF, i,
		  __builtin_bswap16(f->key.sport) | (u32)__builtin_bswap16(f->key.dport) << 16);
	ixgbe_wrn(e, L34TIMIR, i,
		  L34TIMIR_SIZE_BP | L34TIMIR_RESERVED | (u32)f->queue << L34TIMIR_QUEUE_SHIFT);
	ixgbe_wrn(e, FTQF, i, ftqf);
}

/* The rule into its filter, or into a free one. */
static int into_filter(struct ixgbe *e, struct ixgbe_rule *r)
{
	u32 ftqf = FTQF_ENABLE | FTQF_MASK_POOL, i = r->filter;

	if (!is_four(&r->flow) || protocol(&r->flow, &ftqf))
		return -EINVAL;
	if (r->where != IXGBE_RULE_FILTER)
		for (i = 0; i < IXGBE_FILTERS && e->filter_used[i]; i++)
			;
	if (i == IXGBE_FILTERS)
		return -ENOSPC;
	r->where = IXGBE_RULE_FILTER;
	r->filter = (u8)i;
	e->filter_used[i] = true;
	write_filter(e, i, ftqf, &r->flow);
	return 0;
}

/* 0 the slot is empty, -EAGAIN. */
static int take_out(struct ixgbe *e, u32 slot)
{
	struct ixgbe_rule *r = &e->rule[slot];

	if (r->where == IXGBE_RULE_FILTER) {
		ixgbe_wrn(e, FTQF, r->filter, 0);
		e->filter_used[r->filter] = false;
	} else if (r->where == IXGBE_RULE_FDIR && ixgbe_fdir_remove(e, slot, &r->flow) == -EAGAIN) {
		return -EAGAIN;
	}
	*r = (struct ixgbe_rule){ 0 };
	return 0;
}

/* The rule into the Flow Director, its queue then being `queue`; into a filter when that is full.
 */
static int into_fdir(struct ixgbe *e, u32 slot, u8 queue)
{
	struct ixgbe_rule *r = &e->rule[slot];
	int err = 0;

	if (!r->done)
		err = ixgbe_fdir_add(e, slot, &r->flow);
	if (!err && r->flow.queue != queue) { /* added again, it changes */
		r->flow.queue = queue;
		err = ixgbe_fdir_add(e, slot, &r->flow);
	}
	r->done = !err;
	if (!err || err == -EAGAIN)
		return err;
	r->where = IXGBE_RULE_NONE;
	r->flow.queue = queue;
	return into_filter(e, r);
}

static bool same_match(const struct port_flow *a, const struct port_flow *b)
{
	return pix_ip_eq(a->key.src, b->key.src) && pix_ip_eq(a->key.dst, b->key.dst) &&
	       a->key.sport == b->key.sport && a->key.dport == b->key.dport &&
	       a->key.proto == b->key.proto && a->open == b->open;
}

int ixgbe_flow(struct port *p, u32 slot, const struct port_flow *f)
{
	struct ixgbe *e = p->priv;
	struct ixgbe_rule *r = &e->rule[slot];
	int err;

	if (slot >= IXGBE_FLOWS)
		return -EINVAL;
	if (r->where != IXGBE_RULE_NONE && (!f || !same_match(&r->flow, f))) {
		err = take_out(e, slot);
		if (err)
			return err;
	}
	if (!f)
		return 0;
	if (f->queue >= e->queues || !(e->on >> f->queue & 1)) {
		err = take_out(e, slot);
		return err ? err : -EINVAL;
	}
	if (r->where == IXGBE_RULE_NONE) {
		*r = (struct ixgbe_rule){ .flow = *f };
		if (ixgbe_fdir_can(e, f))
			r->where = IXGBE_RULE_FDIR;
	}
	if (r->where == IXGBE_RULE_FDIR)
		return into_fdir(e, slot, f->queue);
	r->flow.queue = f->queue;
	return into_filter(e, r);
}
