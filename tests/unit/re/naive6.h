// SPDX-License-Identifier: MIT
/*
 * naive6: what an IPv6 FIB must answer: a hash table of prefixes, a lookup tries every length from
 * the longest. No code in common with qgm/re/fib6*.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct naive6_route {
	unsigned __int128 addr;
	uint16_t nh; /* 0: an empty slot, or a deleted one */
	uint8_t len;
	uint8_t used;
};

struct naive6 {
	struct naive6_route *slot;
	uint32_t mask;
	uint32_t filled; /* slots, deleted ones too */
	uint32_t count;
	uint32_t by_len[129];
};

/* Room for `n` different prefixes in all its life; the process ends without memory. */
void naive6_make(struct naive6 *t, uint32_t n);
void naive6_end(struct naive6 *t);

/* Add, replace; nh 0 deletes. */
void naive6_set(struct naive6 *t, unsigned __int128 addr, uint8_t len, uint16_t nh);
uint16_t naive6_lookup(const struct naive6 *t, unsigned __int128 dst);

static inline unsigned __int128 naive6_mask(uint8_t len)
{
	return len ? ~(unsigned __int128)0 << (128 - len) : 0;
}

/* The routes of build/routes/prefixes6.txt, next hop AS modulo 64, + 1; how many, 0: no file. */
uint32_t naive6_file(const char *path, struct naive6_route **routes);

/* xorshift64* */
static inline uint64_t naive6_random(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s * 0x2545f4914f6cdd1dull;
}

/* An address in one of the n routes, or around it. */
unsigned __int128 naive6_near(const struct naive6_route *routes, uint32_t n, uint64_t *s);
