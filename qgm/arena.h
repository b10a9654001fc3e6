// SPDX-License-Identifier: MIT
/*
 * arena: memory of the tables, written by the generic side and read by QGMs. Who uses it calls
 * arena_alloc() and arena_free() of tables.h; here is what tables.c and start-up need besides.
 */
#pragma once

#include "qgm/compiler.h"

/* What tables.c keeps in the header of each block: lists of fresh and of retired objects. */
struct arena_tag {
	void *next;
	u64 epoch;
	void (*free_fn)(void *);
	void *pad;
	u32 state; /* of tables.c */
};

/* Boot: take `bytes` of ENV_ARENA (or less when they are not there). 0, -ENOMEM. */
int arena_init(u64 bytes, u32 node);

void *arena_alloc(size_t bytes, size_t align);
void arena_free(void *p);
u64 arena_used(void);
u64 arena_size(void);

/* Fill a live block's payload with the poison pattern. */
void arena_poison(void *p);

/* The tag of a live block. */
struct arena_tag *arena_tag_of(void *p);

/* Tests: walk all blocks; false when a header, a size or the sum is wrong. */
bool arena_check(void);
