// SPDX-License-Identifier: MIT
/* naive6: a hash table of IPv6 prefixes (naive6.h). */
#include "tests/unit/re/naive6.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void naive6_make(struct naive6 *t, uint32_t n)
{
	uint32_t slots = 1024;

	while (slots < 2 * n)
		slots *= 2;
	memset(t, 0, sizeof(*t));
	t->slot = calloc(slots, sizeof(*t->slot));
	t->mask = slots - 1;
	if (!t->slot)
		abort();
}

void naive6_end(struct naive6 *t)
{
	free(t->slot);
}

static struct naive6_route *find(const struct naive6 *t, unsigned __int128 addr, uint8_t len)
{
	uint64_t h = ((uint64_t)(addr >> 64) * 0xd6e8feb86659fd93ull ^ (uint64_t)addr ^ len) *
		     0x9e3779b97f4a7c15ull;

	for (uint32_t i = (uint32_t)(h >> 32);; i++) {
		struct naive6_route *r = &t->slot[i & t->mask];

		if (!r->used || (r->addr == addr && r->len == len))
			return r;
	}
}

void naive6_set(struct naive6 *t, unsigned __int128 addr, uint8_t len, uint16_t nh)
{
	struct naive6_route *r = find(t, addr, len);
	int more = (nh != 0) - (r->nh != 0);

	if (!r->used) {
		if (!nh)
			return;
		if (++t->filled > t->mask)
			abort();
		*r = (struct naive6_route){ .addr = addr, .len = len, .used = 1 };
	}
	r->nh = nh;
	t->count += (uint32_t)more;
	t->by_len[len] += (uint32_t)more;
}

uint16_t naive6_lookup(const struct naive6 *t, unsigned __int128 dst)
{
	for (int len = 128; len >= 0; len--)
		if (t->by_len[len]) {
			uint16_t nh = find(t, dst & naive6_mask((uint8_t)len), (uint8_t)len)->nh;

			if (nh)
				return nh;
		}
	return 0;
}

uint32_t naive6_file(const char *path, struct naive6_route **routes)
{
	FILE *f = fopen(path, "r");
	char text[64], *slash;
	unsigned as, n = 0, cap = 0;

	*routes = NULL;
	while (f && fscanf(f, "%63s %u", text, &as) == 2) {
		struct naive6_route r = { .nh = (uint16_t)(as % 64 + 1) };
		uint8_t wire[16];

		slash = strchr(text, '/');
		if (!slash)
			break;
		*slash = 0;
		if (inet_pton(AF_INET6, text, wire) != 1)
			break;
		for (int i = 0; i < 16; i++)
			r.addr = r.addr << 8 | wire[i];
		r.len = (uint8_t)atoi(slash + 1);
		if (n == cap) {
			cap = cap ? 2 * cap : 4096;
			*routes = realloc(*routes, cap * sizeof(**routes));
			if (!*routes)
				abort();
		}
		(*routes)[n++] = r;
	}
	if (f)
		fclose(f);
	return n;
}

unsigned __int128 naive6_near(const struct naive6_route *routes, uint32_t n, uint64_t *s)
{
	const struct naive6_route *r = &routes[naive6_random(s) % n];
	unsigned __int128 mask = naive6_mask(r->len), any;
	uint32_t kind = naive6_random(s) % 16;

	if (kind == 0)
		return r->addr - 1;
	if (kind == 1)
		return (r->addr | ~mask) + 1;
	if (kind == 2)
		return r->addr | ~mask;
	if (kind == 3)
		return r->addr;
	if (kind == 4) /* anywhere in what surrounds it */
		mask = naive6_mask((uint8_t)(naive6_random(s) % 49));
	any = naive6_random(s);
	any = any << 64 | naive6_random(s);
	return (r->addr & mask) | (any & ~mask);
}
