// SPDX-License-Identifier: MIT
/* reta: spreading an indirection table over its members (reta.h). */
#include "qgm/steer/reta.h"

enum { MEMBERS = 64 };

int reta_init(struct reta *r, u32 size)
{
	if (!size || size > RETA_MAX || (size & (size - 1)))
		return -22; /* EINVAL */
	r->size = (u16)size;
	__builtin_memset(r->entry, RETA_NONE, sizeof(r->entry));
	return 0;
}

static bool is_member(u64 members, u8 m)
{
	return m < MEMBERS && members >> m & 1;
}

u32 reta_spread(u8 *entry, u32 size, u64 members)
{
	u32 n = reta_members(members), moved = 0;
	u32 share, more; /* `more` members may have one above the share */
	u16 have[MEMBERS] = { 0 }, quota[MEMBERS];

	if (!n)
		return 0;
	share = size / n;
	more = size % n;
	for (u32 i = 0; i < size; i++) {
		if (is_member(members, entry[i]))
			have[entry[i]]++;
	}
	/* The ones with most keep the extra entries. */
	for (u64 bits = members; bits; bits &= bits - 1)
		quota[__builtin_ctzll(bits)] = (u16)share;
	for (u32 pass = 0; pass < 2; pass++) {
		for (u64 bits = members; bits && more; bits &= bits - 1) {
			u32 m = (u32)__builtin_ctzll(bits);

			if (quota[m] == share && (pass || have[m] > share)) {
				quota[m]++;
				more--;
			}
		}
	}
	u64 needy = 0;

	for (u64 bits = members; bits; bits &= bits - 1) {
		u32 m = (u32)__builtin_ctzll(bits);

		if (have[m] < quota[m])
			needy |= 1ull << m;
	}
	/* Entries of nobody, and those beyond a quota, go to the needy in turn. */
	u64 turn = needy;

	for (u32 i = 0; i < size; i++) {
		u8 old = entry[i];
		u32 m;

		if (is_member(members, old)) {
			if (have[old] <= quota[old])
				continue;
			have[old]--;
		}
		if (!turn)
			turn = needy;
		m = (u32)__builtin_ctzll(turn);
		turn &= turn - 1;
		entry[i] = (u8)m;
		moved++;
		if (++have[m] == quota[m]) {
			needy &= ~(1ull << m);
			turn &= needy;
		}
	}
	return moved;
}
