// SPDX-License-Identifier: MIT
/*
 * The Toeplitz hash of RSS in software, bulks of 32 flows with ports, against DPDK's portable form
 * (rte_softrss_be) and its GFNI forms. All hashes are compared with one another and with a bit by
 * bit sum before anything is timed.
 */
#include <stdio.h>
#include <string.h>

#include "qgm/steer/toeplitz.h"
#include "tools/bench/cases.h"
#include "tools/bench/hosted.h"
#include "tools/bench/peer/peer.h"
#include "tools/bench/routes.h"

enum { FLOWS = 4096, BULK = 32 };

static struct toeplitz key;
static u8 tuples[FLOWS][48] __cacheline;
static bool six;

static u32 stride(void)
{
	return six ? sizeof(struct toeplitz6) : sizeof(struct toeplitz4);
}

static u32 length(void)
{
	return six ? 36 : 12;
}

static const u8 *tuple(u32 i)
{
	return &tuples[0][0] + (size_t)i * stride();
}

static void hash_pix(u32 at, u32 *hash)
{
	const void *in = tuple(at);

	if (six)
		toeplitz_hash6(&key, in, hash, BULK);
	else
		toeplitz_hash4(&key, in, hash, BULK);
}

static u64 run_pix(void *arg, u64 n)
{
	u32 hash[BULK];
	u64 done = 0;

	(void)arg;
	for (; done < n; done += BULK) {
		hash_pix((u32)(done % FLOWS), hash);
		__asm__ volatile("" : : "r"(hash) : "memory");
	}
	return done;
}

static u64 run_peer(void *arg, u64 n)
{
	enum peer_thash_kind kind = *(const enum peer_thash_kind *)arg;
	u32 hash[BULK];
	u64 done = 0;

	for (; done < n; done += BULK) {
		peer_thash(kind, tuple((u32)(done % FLOWS)), stride(), length(), hash, BULK);
		__asm__ volatile("" : : "r"(hash) : "memory");
	}
	return done;
}

/* For each bit that is 1 the 32 bits of the key from there on. */
static u32 naive(const u8 *in, u32 len)
{
	u32 sum = 0;

	for (u32 bit = 0; bit < 8 * len; bit++) {
		u64 window = 0;

		if (!(in[bit / 8] >> (7 - bit % 8) & 1))
			continue;
		for (u32 i = 0; i < 5; i++)
			window = window << 8 | toeplitz_key_microsoft[bit / 8 + i];
		sum ^= (u32)(window >> (8 - bit % 8));
	}
	return sum;
}

static void check(const enum peer_thash_kind *kinds, u32 n)
{
	u32 hash[BULK];

	for (u32 at = 0; at < FLOWS; at += BULK) {
		for (u32 k = 0; k <= n; k++) {
			if (k)
				peer_thash(kinds[k - 1], tuple(at), stride(), length(), hash, BULK);
			else
				hash_pix(at, hash);
			for (u32 i = 0; i < BULK; i++)
				if (hash[i] != naive(tuple(at + i), length()))
					report_wrong("toeplitz: side %u: flow %u", k, at + i);
		}
	}
}

static void run(bool ipv6, const char *bench, const char *wide)
{
	static const char *const names[] = { "rte_softrss_be", "rte_thash_gfni",
					     "rte_thash_gfni_bulk" };
	enum peer_thash_kind kinds[3];
	struct side s[4] = { { .name = "pix", .run = run_pix } };
	u64 seed = 7;
	u32 n = 0;

	six = ipv6;
	if (toeplitz_init(&key, toeplitz_key_microsoft, TOEPLITZ_KEY_40))
		report_cannot("toeplitz key");
	for (u32 i = 0; i < FLOWS; i++)
		for (u32 k = 0; k < 48; k++)
			tuples[i][k] = (u8)rng_next(&seed);
	peer_start(options.core, 64, NULL);
	for (u32 kind = PEER_SOFTRSS_BE; kind <= PEER_THASH_GFNI_BULK; kind++) {
		if (!peer_thash_init(kind, toeplitz_key_microsoft))
			continue;
		kinds[n] = kind;
		s[1 + n] = (struct side){ .name = names[kind], .run = run_peer, .arg = &kinds[n] };
		n++;
	}
	check(kinds, n);
	report_sides(&(struct report){ bench, "cycles", REPORT_CYCLES, 1, 0.2,
				       "a hash in bulks of 32, against the portable code" },
		     s, 2);
	if (n < 2)
		return;
	s[1] = s[2];
	if (n == 3)
		s[2] = s[3];
	report_sides(&(struct report){ wide, "cycles", REPORT_CYCLES, 1, 0,
				       "the same against GFNI, which this CPU has" },
		     s, n);
}

void case_toeplitz_v4(void)
{
	run(false, "toeplitz-v4", "toeplitz-v4/gfni");
}

void case_toeplitz_v6(void)
{
	run(true, "toeplitz-v6", "toeplitz-v6/gfni");
}
