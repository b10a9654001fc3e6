// SPDX-License-Identifier: MIT
/* peer: rte_lpm and rte_fib with a full IPv4 table (peer.h). */
#include "tools/bench/peer/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_fib.h>
#include <rte_lpm.h>
#include <rte_malloc.h>
#include <rte_rib.h>

enum { TBL8_LPM = 4096, TBL8_FIB = 8192, TBL24 = 1 << 24 };

struct peer_lpm {
	enum peer_lpm_kind kind;
	struct rte_lpm *lpm;
	struct rte_fib *fib;
	uint64_t bytes;
};

const char *peer_lpm_name(enum peer_lpm_kind kind)
{
	static const char *const names[] = { "rte_lpm x4", "rte_fib 2B scalar", "rte_fib 2B avx512",
					     "rte_fib 4B scalar", "rte_fib 4B avx512" };

	return names[kind];
}

static uint64_t heap_used(void)
{
	struct rte_malloc_socket_stats st;

	return rte_malloc_get_socket_stats(0, &st) ? 0 : st.heap_allocsz_bytes;
}

static enum rte_fib_lookup_type lookup_type(enum peer_lpm_kind kind)
{
	bool wide = kind == PEER_FIB_2B_AVX512 || kind == PEER_FIB_4B_AVX512;

	return wide ? RTE_FIB_LOOKUP_DIR24_8_VECTOR_AVX512 : RTE_FIB_LOOKUP_DIR24_8_SCALAR_MACRO;
}

static bool is_4b(enum peer_lpm_kind kind)
{
	return kind == PEER_FIB_4B_SCALAR || kind == PEER_FIB_4B_AVX512;
}

static struct peer_lpm *create_fib(struct peer_lpm *l, unsigned routes)
{
	struct rte_fib_conf conf = {
		.type = RTE_FIB_DIR24_8,
		.default_nh = 0,
		.max_routes = (int)routes,
		.dir24_8 = {
			.nh_sz = is_4b(l->kind) ? RTE_FIB_DIR24_8_4B : RTE_FIB_DIR24_8_2B,
			.num_tbl8 = TBL8_FIB,
		},
	};
	static int number;
	char name[32];

	snprintf(name, sizeof(name), "fib%d", number++);
	l->fib = rte_fib_create(name, 0, &conf);
	if (!l->fib || rte_fib_select_lookup(l->fib, lookup_type(l->kind))) {
		free(l);
		return NULL;
	}
	return l;
}

struct peer_lpm *peer_lpm_create(enum peer_lpm_kind kind, unsigned routes)
{
	struct rte_lpm_config conf = { .max_rules = routes, .number_tbl8s = TBL8_LPM };
	struct peer_lpm *l = calloc(1, sizeof(*l));
	uint64_t before = heap_used();
	static int number;
	char name[32];

	l->kind = kind;
	if (kind != PEER_LPM) {
		l = create_fib(l, routes);
	} else {
		snprintf(name, sizeof(name), "lpm%d", number++);
		l->lpm = rte_lpm_create(name, 0, &conf);
		if (!l->lpm) {
			free(l);
			return NULL;
		}
	}
	if (l)
		l->bytes = heap_used() - before;
	return l;
}

/* rte_fib keeps the way of its lookups in the object: it is switched before each run. */
struct peer_lpm *peer_lpm_alias(const struct peer_lpm *of, enum peer_lpm_kind kind)
{
	struct peer_lpm *l = calloc(1, sizeof(*l));

	*l = *of;
	l->kind = kind;
	if (rte_fib_select_lookup(l->fib, lookup_type(kind))) {
		free(l);
		return NULL;
	}
	return l;
}

void peer_lpm_select(const struct peer_lpm *l)
{
	if (l->fib)
		rte_fib_select_lookup(l->fib, lookup_type(l->kind));
}

bool peer_lpm_add(struct peer_lpm *l, uint32_t prefix, unsigned len, uint32_t nh)
{
	if (l->lpm && !len) /* rte_lpm has no default route */
		return false;
	return !(l->lpm ? rte_lpm_add(l->lpm, prefix, (uint8_t)len, nh)
			: rte_fib_add(l->fib, prefix, (uint8_t)len, nh));
}

bool peer_lpm_del(struct peer_lpm *l, uint32_t prefix, unsigned len)
{
	return !(l->lpm ? rte_lpm_delete(l->lpm, prefix, (uint8_t)len)
			: rte_fib_delete(l->fib, prefix, (uint8_t)len));
}

void peer_lpm_lookup(const struct peer_lpm *l, const uint32_t *dst, uint32_t *nh, unsigned n)
{
	if (l->lpm) {
		for (unsigned i = 0; i + 4 <= n; i += 4) {
			xmm_t ip = _mm_loadu_si128((const __m128i *)(const void *)&dst[i]);

			rte_lpm_lookupx4(l->lpm, ip, &nh[i], 0);
		}
		for (unsigned i = n & ~3u; i < n; i++) {
			nh[i] = 0;
			rte_lpm_lookup(l->lpm, dst[i], &nh[i]);
		}
	} else {
		uint64_t wide[64];

		for (unsigned i = 0; i < n; i += 64) {
			unsigned m = RTE_MIN(n - i, 64u);

			rte_fib_lookup_bulk(l->fib, (uint32_t *)(uintptr_t)(dst + i), wide, (int)m);
			for (unsigned k = 0; k < m; k++)
				nh[i + k] = (uint32_t)wide[k];
		}
	}
}

/* The peer's own form of an answer, without our narrowing: what is timed. */
uint32_t peer_lpm_burst(const struct peer_lpm *l, const uint32_t *dst, unsigned n)
{
	uint32_t nh[64];
	uint64_t wide[64];

	if (l->lpm) {
		for (unsigned i = 0; i + 4 <= n; i += 4) {
			xmm_t ip = _mm_loadu_si128((const __m128i *)(const void *)&dst[i]);

			rte_lpm_lookupx4(l->lpm, ip, &nh[i], 0);
		}
		__asm__ volatile("" : : "r"(nh) : "memory");
		return nh[0];
	}
	rte_fib_lookup_bulk(l->fib, (uint32_t *)(uintptr_t)dst, wide, (int)n);
	__asm__ volatile("" : : "r"(wide) : "memory");
	return (uint32_t)wide[0];
}

uint32_t peer_lpm_chain(const struct peer_lpm *l, const uint32_t *dst, unsigned n)
{
	uint32_t last = 0;

	for (unsigned i = 0; i < n; i++) {
		/* 0 or not, the address is the same, but the CPU cannot know. */
		uint32_t ip;

		__asm__ volatile("" : "+r"(last)); /* nor the compiler, from rte_lpm's 24 bits */
		ip = dst[i] + (last >> 24);
		if (l->lpm) {
			last = 0;
			rte_lpm_lookup(l->lpm, ip, &last);
		} else {
			uint64_t wide;

			rte_fib_lookup_bulk(l->fib, &ip, &wide, 1);
			last = (uint32_t)wide;
		}
	}
	return last;
}

/* dir24_8 alone: 2^24 entries and the tbl8 groups that are in use would be fewer; as configured. */
uint64_t peer_lpm_table_bytes(const struct peer_lpm *l)
{
	uint64_t each = is_4b(l->kind) ? 4 : 2;

	if (l->lpm)
		return 4ull * TBL24 + 4ull * 256 * TBL8_LPM;
	return each * TBL24 + each * 256 * TBL8_FIB;
}

/* struct rte_lpm's tables are public, for its inline lookups. */
static bool tables_to(FILE *f, const struct rte_lpm *t, uint64_t key)
{
	return fwrite(&key, sizeof(key), 1, f) == 1 && fwrite(t->tbl24, 4, TBL24, f) == TBL24 &&
	       fwrite(t->tbl8, 4 * 256, TBL8_LPM, f) == TBL8_LPM;
}

bool peer_lpm_save(const struct peer_lpm *l, const char *path, uint64_t key)
{
	char temporary[512];
	FILE *f;
	bool ok;

	snprintf(temporary, sizeof(temporary), "%s.%d", path, (int)getpid());
	f = fopen(temporary, "wb");
	if (!f)
		return false;
	ok = tables_to(f, l->lpm, key);
	ok = !fclose(f) && ok && !rename(temporary, path);
	if (!ok)
		remove(temporary);
	return ok;
}

bool peer_lpm_load(struct peer_lpm *l, const char *path, uint64_t key)
{
	FILE *f = fopen(path, "rb");
	uint64_t of;
	bool ok;

	if (!f)
		return false;
	ok = fread(&of, sizeof(of), 1, f) == 1 && of == key &&
	     fread(l->lpm->tbl24, 4, TBL24, f) == TBL24 &&
	     fread(l->lpm->tbl8, 4 * 256, TBL8_LPM, f) == TBL8_LPM;
	fclose(f);
	return ok;
}

void peer_lpm_free(struct peer_lpm *l)
{
	rte_lpm_free(l->lpm);
	rte_fib_free(l->fib);
	free(l);
}

uint64_t peer_lpm_bytes(const struct peer_lpm *l)
{
	return l->bytes;
}
