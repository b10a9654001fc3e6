// SPDX-License-Identifier: MIT
/* naive4: prefixes in a hash table (naive4.h). */
#include "tests/unit/re/naive4.h"

#include <stdio.h>
#include <stdlib.h>

void naive4_make(struct naive4 *t, uint32_t n)
{
	uint32_t slots = 64;

	while (slots < n * 2)
		slots *= 2;
	*t = (struct naive4){ .mask = slots - 1 };
	t->slot = calloc(slots, sizeof(*t->slot));
	if (!t->slot)
		abort();
}

void naive4_end(struct naive4 *t)
{
	free(t->slot);
}

static struct naive4_route *find(const struct naive4 *t, uint32_t addr, uint8_t len)
{
	uint64_t h = ((uint64_t)addr << 6 | len) * 0x9e3779b97f4a7c15ull;
	uint32_t i = (uint32_t)(h >> 32) & t->mask;

	while (t->slot[i].used && (t->slot[i].addr != addr || t->slot[i].len != len))
		i = (i + 1) & t->mask;
	return &t->slot[i];
}

void naive4_set(struct naive4 *t, uint32_t addr, uint8_t len, uint16_t nh)
{
	struct naive4_route *r = find(t, addr, len);

	if (!r->used && !nh)
		return;
	if (!r->used && ++t->filled > t->mask / 4 * 3)
		abort(); /* more prefixes than the test said */
	t->count += !!nh - !!r->nh;
	t->by_len[len] += (uint32_t)(!!nh - !!r->nh);
	*r = (struct naive4_route){ addr, nh, len, 1 };
}

uint16_t naive4_get(const struct naive4 *t, uint32_t addr, uint8_t len)
{
	return find(t, addr, len)->nh;
}

uint16_t naive4_lookup(const struct naive4 *t, uint32_t dst)
{
	for (int len = 32; len >= 0; len--) {
		uint16_t nh = t->by_len[len]
				      ? naive4_get(t, dst & naive4_mask((uint8_t)len), (uint8_t)len)
				      : 0;

		if (nh)
			return nh;
	}
	return 0;
}

uint32_t naive4_file(const char *path, struct naive4_route **routes)
{
	FILE *f = fopen(path, "r");
	uint32_t n = 0, room = 1u << 21;
	unsigned a, b, c, d, len, nh;
	char line[64];

	*routes = f ? malloc(room * sizeof(**routes)) : NULL;
	while (*routes && n < room && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%u.%u.%u.%u/%u %u", &a, &b, &c, &d, &len, &nh) != 6)
			abort();
		(*routes)[n++] = (struct naive4_route){ a << 24 | b << 16 | c << 8 | d,
							(uint16_t)(nh + 1), (uint8_t)len, 1 };
	}
	if (f)
		fclose(f);
	return n;
}
