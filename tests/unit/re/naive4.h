// SPDX-License-Identifier: MIT
/*
 * naive4: what an IPv4 FIB must answer: a hash table of prefixes, a lookup tries every length from
 * the longest. No code in common with qgm/re/fib*.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct naive4_route {
	uint32_t addr;
	uint16_t nh; /* 0: an empty slot, or a deleted one */
	uint8_t len;
	uint8_t used;
};

struct naive4 {
	struct naive4_route *slot;
	uint32_t mask;
	uint32_t filled; /* slots, deleted ones too */
	uint32_t count;
	uint32_t by_len[33];
};

/* Room for `n` different prefixes in all its life; the process ends without memory. */
void naive4_make(struct naive4 *t, uint32_t n);
void naive4_end(struct naive4 *t);

/* Add, replace; nh 0 deletes. */
void naive4_set(struct naive4 *t, uint32_t addr, uint8_t len, uint16_t nh);
uint16_t naive4_get(const struct naive4 *t, uint32_t addr, uint8_t len);
uint16_t naive4_lookup(const struct naive4 *t, uint32_t dst);

static inline uint32_t naive4_mask(uint8_t len)
{
	return len ? ~0u << (32 - len) : 0;
}

/* The routes of build/routes/prefixes4.txt, next hop + 1; how many, 0: there is no such file. */
uint32_t naive4_file(const char *path, struct naive4_route **routes);

/* xorshift64 */
static inline uint64_t naive4_random(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s >> 11;
}
