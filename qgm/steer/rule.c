// SPDX-License-Identifier: MIT
/*
 * rule: flow rules (steer.h). One hash table of all; each different set of open fields is one look
 * into it, those with fewest open fields first, so that the best match is the first.
 */
#include "qgm/steer/steer.h"

void steer_close(struct flow_key *key, u8 open)
{
	if (open & STEER_OPEN_SRC)
		key->src = PIX_IP_NONE;
	if (open & STEER_OPEN_DST)
		key->dst = PIX_IP_NONE;
	if (open & STEER_OPEN_SPORT)
		key->sport = 0;
	if (open & STEER_OPEN_DPORT)
		key->dport = 0;
	if (open & STEER_OPEN_PROTO)
		key->proto = 0;
}

static u32 key_slot(const struct flow_key *k, u8 open)
{
	u64 h = (k->src.hi ^ k->src.lo) * 0x9e3779b97f4a7c15ull;

	h = (h ^ k->dst.hi ^ k->dst.lo) * 0xc2b2ae3d27d4eb4full;
	h ^= h >> 32;
	h = (h ^ ((u64)k->sport << 32 | (u64)k->dport << 16 | (u64)k->proto << 8 | open)) *
	    0xbf58476d1ce4e5b9ull;
	return (u32)(h >> 32) & (STEER_SLOTS - 1);
}

static bool same(const struct steer_rule *r, const struct flow_key *k, u8 open)
{
	return r->open == open && pix_ip_eq(r->key.src, k->src) && pix_ip_eq(r->key.dst, k->dst) &&
	       r->key.sport == k->sport && r->key.dport == k->dport && r->key.proto == k->proto;
}

static bool add_mask(struct steer *s, u8 open)
{
	u32 at;

	for (u32 i = 0; i < s->nmasks; i++) {
		if (s->mask[i] == open)
			return true;
	}
	if (s->nmasks == STEER_MASKS)
		return false;
	for (at = s->nmasks; at; at--) {
		if (reta_members(s->mask[at - 1]) <= reta_members(open))
			break;
		s->mask[at] = s->mask[at - 1];
	}
	s->mask[at] = open;
	s->nmasks++;
	return true;
}

bool steer_add_rule(struct steer *s, const struct flow_key *key, u8 open, u8 qgm, u8 count)
{
	u32 at = key_slot(key, open);

	if (s->nrules == STEER_RULES || !add_mask(s, open))
		return false;
	while (s->slot[at])
		at = (at + 1) & (STEER_SLOTS - 1);
	s->rule[s->nrules] =
		(struct steer_rule){ .key = *key, .open = open, .qgm = qgm, .count = count };
	s->slot[at] = ++s->nrules;
	return true;
}

const struct steer_rule *steer_find_rule(const struct steer *s, const struct flow_key *key)
{
	for (u32 m = 0; m < s->nmasks; m++) {
		struct flow_key k = *key;
		u32 at;

		steer_close(&k, s->mask[m]);
		for (at = key_slot(&k, s->mask[m]); s->slot[at];
		     at = (at + 1) & (STEER_SLOTS - 1)) {
			const struct steer_rule *r = &s->rule[s->slot[at] - 1];

			if (same(r, &k, s->mask[m])) {
				if (r->qgm != STEER_NOBODY)
					return r;
				break;
			}
		}
	}
	return NULL;
}

u8 steer_rule_qgm(const struct steer *s, const struct flow_key *key)
{
	const struct steer_rule *r = steer_find_rule(s, key);

	return r ? r->qgm : STEER_NOBODY;
}
