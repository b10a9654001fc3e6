// SPDX-License-Identifier: MIT
/*
 * rule: flow rules (steer.h). One hash table of all; each different set of open fields is one look
 * into it, those with fewest open fields first, so that the best match is the first.
 */
#include "qgm/steer/steer.h"

enum { QGMS = 64 /* bits of a set of them */ };

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

/* --- the table ------------------------------------------------------------------------------ */

static u32 slots_for(u32 room)
{
	u32 n = 4;

	while (n < 2 * room)
		n *= 2;
	return n;
}

size_t steer_rules_bytes(u32 room)
{
	return sizeof(struct steer_rules) + room * sizeof(struct steer_rule) +
	       slots_for(room) * sizeof(u16);
}

void steer_rules_begin(struct steer_rules *s, u32 room)
{
	__builtin_memset(s, 0, steer_rules_bytes(room));
	s->room = (u16)room;
	s->slots = (u16)slots_for(room);
}

static inline const u16 *slots_of(const struct steer_rules *s)
{
	return (const u16 *)(s->rule + s->room);
}

void steer_rules_live(struct steer_rules *s, u64 live)
{
	for (u32 i = 0; i < s->nrules; i++) {
		if (s->rule[i].qgm >= QGMS || !(live >> s->rule[i].qgm & 1))
			s->rule[i].qgm = STEER_NOBODY;
	}
}

bool steer_rules_copy(struct steer_rules *to, const struct steer_rules *from, u64 live)
{
	u32 room = from->room;
	u16 *slot;

	if (!room || room > STEER_RULES)
		return false;
	__builtin_memcpy(to, from, steer_rules_bytes(room));
	to->room = (u16)room;
	to->slots = (u16)slots_for(room);
	to->nrules = MIN(to->nrules, to->room);
	to->nmasks = MIN(to->nmasks, (u8)STEER_MASKS);
	slot = (u16 *)(to->rule + room);
	for (u32 i = 0; i < to->slots; i++) {
		if (slot[i] > to->nrules)
			slot[i] = 0;
	}
	for (u32 i = 0; i < to->nrules; i++)
		to->rule[i].count = MIN(to->rule[i].count, (u16)(STEER_RULES - 1));
	steer_rules_live(to, live);
	return to->nrules;
}

/* --- rules ---------------------------------------------------------------------------------- */

static u32 key_hash(const struct flow_key *k, u8 open)
{
	u64 h = (k->src.hi ^ k->src.lo) * 0x9e3779b97f4a7c15ull;

	h = (h ^ k->dst.hi ^ k->dst.lo) * 0xc2b2ae3d27d4eb4full;
	h ^= h >> 32;
	h = (h ^ ((u64)k->sport << 32 | (u64)k->dport << 16 | (u64)k->proto << 8 | open)) *
	    0xbf58476d1ce4e5b9ull;
	return (u32)(h >> 32);
}

static bool same(const struct steer_rule *r, const struct flow_key *k, u8 open)
{
	return r->open == open && pix_ip_eq(r->key.src, k->src) && pix_ip_eq(r->key.dst, k->dst) &&
	       r->key.sport == k->sport && r->key.dport == k->dport && r->key.proto == k->proto;
}

static bool add_mask(struct steer_rules *s, u8 open)
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

bool steer_add_rule(struct steer_rules *s, const struct flow_key *key, u8 open, u8 qgm, u16 count)
{
	u32 mask = s->slots - 1u, at = key_hash(key, open) & mask;
	u16 *slot = (u16 *)(s->rule + s->room);

	if (s->nrules == s->room || !add_mask(s, open))
		return false;
	while (slot[at])
		at = (at + 1) & mask;
	s->rule[s->nrules] =
		(struct steer_rule){ .key = *key, .open = open, .qgm = qgm, .count = count };
	slot[at] = ++s->nrules;
	return true;
}

const struct steer_rule *steer_find_rule(const struct steer_rules *s, const struct flow_key *key)
{
	const u16 *slot = slots_of(s);
	u32 mask = s->slots - 1u;

	for (u32 m = 0; m < s->nmasks; m++) {
		struct flow_key k = *key;
		u32 at;

		steer_close(&k, s->mask[m]);
		for (at = key_hash(&k, s->mask[m]) & mask; slot[at]; at = (at + 1) & mask) {
			const struct steer_rule *r = &s->rule[slot[at] - 1];

			if (same(r, &k, s->mask[m])) {
				if (r->qgm != STEER_NOBODY)
					return r;
				break;
			}
		}
	}
	return NULL;
}

u8 steer_rule_qgm(const struct steer_rules *s, const struct flow_key *key)
{
	const struct steer_rule *r = steer_find_rule(s, key);

	return r ? r->qgm : STEER_NOBODY;
}
