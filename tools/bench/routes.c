// SPDX-License-Identifier: MIT
/* routes: the full table, a naive one, and keys (routes.h). */
#include "tools/bench/routes.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench/report.h"

static void *must(void *p)
{
	if (!p)
		report_cannot("out of memory");
	return p;
}

static u64 be64(const u8 *p)
{
	u64 v;

	memcpy(&v, p, 8);
	return __builtin_bswap64(v);
}

static FILE *open_list(int family)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/prefixes%d.txt", options.routes, family);
	f = fopen(path, "r");
	if (!f)
		report_cannot("%s is missing: make routes", path);
	return f;
}

static void *grow(void *p, u32 n, size_t each)
{
	return n & (n - 1) ? p : must(realloc(p, (n ? 2 * (size_t)n : 1) * each));
}

static bool parse(const char *line, int af, u8 *addr, u32 *len, u32 *nh)
{
	char text[64];

	return sscanf(line, "%63[^/]/%u %u", text, len, nh) == 3 && *nh < 64 &&
	       inet_pton(af, text, addr) == 1;
}

static void load4(struct routes *r)
{
	FILE *f = open_list(4);
	char line[128];
	u8 a[16];
	u32 len, nh;

	while (fgets(line, sizeof(line), f)) {
		if (!parse(line, AF_INET, a, &len, &nh) || len > 32)
			report_cannot("prefixes4.txt: bad line: %s", line);
		r->v4 = grow(r->v4, r->n4, sizeof(*r->v4));
		r->v4[r->n4++] =
			(struct route4){ (u32)a[0] << 24 | (u32)a[1] << 16 | (u32)a[2] << 8 | a[3],
					 (u8)len, (u8)(nh + 1) };
	}
	fclose(f);
}

static void load6(struct routes *r)
{
	FILE *f = open_list(6);
	char line[128];
	u8 a[16];
	u32 len, nh;

	while (fgets(line, sizeof(line), f)) {
		if (!parse(line, AF_INET6, a, &len, &nh) || len > 128)
			report_cannot("prefixes6.txt: bad line: %s", line);
		r->v6 = grow(r->v6, r->n6, sizeof(*r->v6));
		r->v6[r->n6++] = (struct route6){ { be64(a), be64(a + 8) }, (u8)len, (u8)(nh + 1) };
	}
	fclose(f);
}

void routes_load(struct routes *r, bool want4, bool want6)
{
	*r = (struct routes){ 0 };
	if (want4)
		load4(r);
	if (want6)
		load6(r);
}

/* --- the naive table ------------------------------------------------------------------------- */

struct entry {
	u64 hi, lo;
	u8 len, nh; /* nh 0: empty */
};

struct naive {
	u32 mask;
	u8 lens4[33], lens6[129]; /* lengths that exist */
	struct entry *e4, *e6;
	u32 mask6;
};

static u32 hash(u64 hi, u64 lo, u32 len)
{
	u64 h = (hi ^ len) * 0x9e3779b97f4a7c15ull;

	h = (h ^ h >> 29 ^ lo) * 0xbf58476d1ce4e5b9ull;
	return (u32)(h >> 32);
}

static u32 find(const struct entry *e, u32 mask, u64 hi, u64 lo, u32 len)
{
	u32 i = hash(hi, lo, len) & mask;

	while (e[i].nh && !(e[i].hi == hi && e[i].lo == lo && e[i].len == len))
		i = (i + 1) & mask;
	return i;
}

static u32 table_mask(u32 n)
{
	u32 size = 16;

	while (size < 3 * n)
		size *= 2;
	return size - 1;
}

struct naive *naive_make(const struct routes *r)
{
	struct naive *t = must(calloc(1, sizeof(*t)));

	t->mask = table_mask(r->n4);
	t->mask6 = table_mask(r->n6);
	t->e4 = must(calloc(t->mask + 1ul, sizeof(*t->e4)));
	t->e6 = must(calloc(t->mask6 + 1ul, sizeof(*t->e6)));
	for (u32 i = 0; i < r->n4; i++) {
		const struct route4 *p = &r->v4[i];

		t->lens4[p->len] = 1;
		t->e4[find(t->e4, t->mask, p->addr, 0, p->len)] =
			(struct entry){ p->addr, 0, p->len, p->nh };
	}
	for (u32 i = 0; i < r->n6; i++) {
		const struct route6 *p = &r->v6[i];

		t->lens6[p->len] = 1;
		t->e6[find(t->e6, t->mask6, p->addr.hi, p->addr.lo, p->len)] =
			(struct entry){ p->addr.hi, p->addr.lo, p->len, p->nh };
	}
	return t;
}

void naive_free(struct naive *t)
{
	free(t->e4);
	free(t->e6);
	free(t);
}

u32 naive_get4(const struct naive *t, u32 addr, u32 len)
{
	return t->e4[find(t->e4, t->mask, addr, 0, len)].nh;
}

u32 naive_get6(const struct naive *t, struct pix_ip addr, u32 len)
{
	return t->e6[find(t->e6, t->mask6, addr.hi, addr.lo, len)].nh;
}

u32 naive_lookup4(const struct naive *t, u32 dst)
{
	for (u32 len = 33; len-- > 0;) {
		u32 m = len ? ~0u << (32 - len) : 0, nh;

		if (t->lens4[len] && (nh = naive_get4(t, dst & m, len)))
			return nh;
	}
	return 0;
}

static struct pix_ip mask6(struct pix_ip a, u32 len)
{
	if (len <= 64)
		return (struct pix_ip){ len ? a.hi & ~0ull << (64 - len) : 0, 0 };
	return (struct pix_ip){ a.hi, len == 128 ? a.lo : a.lo & ~0ull << (128 - len) };
}

u32 naive_lookup6(const struct naive *t, struct pix_ip dst)
{
	for (u32 len = 129; len-- > 0;) {
		struct pix_ip p;
		u32 nh;

		if (!t->lens6[len])
			continue;
		p = mask6(dst, len);
		nh = t->e6[find(t->e6, t->mask6, p.hi, p.lo, len)].nh;
		if (nh)
			return nh;
	}
	return 0;
}

/* --- keys ------------------------------------------------------------------------------------ */

const char *keys_name(enum keys_kind kind)
{
	static const char *const names[] = { "random", "uniform", "zipf", "hot" };

	return names[kind];
}

static u32 in_prefix4(const struct routes *r, u64 *s)
{
	const struct route4 *p = &r->v4[rng_next(s) % r->n4];
	u32 host = p->len == 32 ? 0 : ~0u >> p->len;

	return p->addr | ((u32)rng_next(s) & host);
}

static struct pix_ip in_prefix6(const struct routes *r, u64 *s)
{
	const struct route6 *p = &r->v6[rng_next(s) % r->n6];
	struct pix_ip any = { rng_next(s), rng_next(s) }, net = mask6(any, p->len);

	return (struct pix_ip){ p->addr.hi | (any.hi ^ net.hi), p->addr.lo | (any.lo ^ net.lo) };
}

/* Ranks with probability proportional to 1 / rank, by inversion of the sum. */
static u32 *zipf_ranks(u64 *s)
{
	double *sum = must(malloc(KEYS * sizeof(*sum))), total = 0;
	u32 *rank = must(malloc(KEYS * sizeof(*rank)));

	for (u32 i = 0; i < KEYS; i++)
		sum[i] = total += 1.0 / (i + 1);
	for (u32 i = 0; i < KEYS; i++) {
		double x = (double)(rng_next(s) >> 11) / 9007199254740992.0 * total;
		u32 lo = 0, hi = KEYS - 1;

		while (lo < hi) {
			u32 mid = (lo + hi) / 2;

			if (sum[mid] < x)
				lo = mid + 1;
			else
				hi = mid;
		}
		rank[i] = lo;
	}
	free(sum);
	return rank;
}

u32 *keys_make4(const struct routes *r, const struct naive *t, enum keys_kind kind, u64 seed)
{
	u32 *k = must(malloc(KEYS * sizeof(*k)));
	u64 s = seed;

	for (u32 i = 0; i < KEYS; i++) {
		if (kind == KEYS_HOT && i >= 512) {
			k[i] = k[rng_next(&s) % 512];
		} else if (kind == KEYS_RANDOM) {
			do
				k[i] = (u32)(rng_next(&s) >> 32);
			while (!naive_lookup4(t, k[i]));
		} else {
			k[i] = in_prefix4(r, &s);
		}
	}
	if (kind == KEYS_ZIPF) {
		u32 *rank = zipf_ranks(&s);

		for (u32 i = 0; i < KEYS; i++)
			rank[i] = k[rank[i]];
		free(k);
		k = rank;
	}
	return k;
}

struct pix_ip *keys_make6(const struct routes *r, enum keys_kind kind, u64 seed)
{
	struct pix_ip *k = must(malloc(KEYS * sizeof(*k)));
	u64 s = seed;

	for (u32 i = 0; i < KEYS; i++)
		k[i] = kind == KEYS_HOT && i >= 512 ? k[rng_next(&s) % 512] : in_prefix6(r, &s);
	if (kind == KEYS_ZIPF) {
		struct pix_ip *z = must(malloc(KEYS * sizeof(*z)));
		u32 *rank = zipf_ranks(&s);

		for (u32 i = 0; i < KEYS; i++)
			z[i] = k[rank[i]];
		free(rank);
		free(k);
		k = z;
	}
	return k;
}
