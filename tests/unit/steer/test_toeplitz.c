// SPDX-License-Identifier: MIT
/*
 * The Toeplitz hash in each of its ways against the published verification suite (Microsoft,
 * "Verifying the RSS hash calculation", which the 82599 and XL710 data sheets take over), and
 * against the definition, bit by bit, on random keys and inputs.
 */
#include "tests/unit/unit.h"

#include <arpa/inet.h>

#include "qgm/cpu.h"
#include "qgm/steer/toeplitz.h"

static const struct {
	const char *dst, *src;
	u16 dport, sport;
	u32 addresses, ports; /* hash of the 2-tuple and of the 4-tuple */
} v4[] = {
	{ "161.142.100.80", "66.9.149.187", 1766, 2794, 0x323e8fc2, 0x51ccc178 },
	{ "65.69.140.83", "199.92.111.2", 4739, 14230, 0xd718262a, 0xc626b0ea },
	{ "12.22.207.184", "24.19.198.95", 38024, 12898, 0xd2d0a5de, 0x5c2b394a },
	{ "209.142.163.6", "38.27.205.30", 2217, 48228, 0x82989176, 0xafc7327f },
	{ "202.188.127.2", "153.39.163.191", 1303, 44251, 0x5d1809c5, 0x10e828a2 },
}, v6[] = {
	{ "3ffe:2501:200:3::1", "3ffe:2501:200:1fff::7", 1766, 2794, 0x2cc18cd5, 0x40207d3d },
	{ "ff02::1", "3ffe:501:8::260:97ff:fe40:efab", 4739, 14230, 0x0f0c461c, 0xdde51bbf },
	{ "fe80::200:f8ff:fe21:67cf", "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 38024, 44251,
	  0x4b61e985, 0x02d1feef },
};

static const struct {
	const char *name;
	u32 needs, limit;
} ways[] = {
	[TOEPLITZ_TABLES] = { "tables", 0, 0 },
	[TOEPLITZ_CLMUL] = { "pclmulqdq", CPU_CLMUL | CPU_AVX2, CPU_CLMUL | CPU_AVX2 },
	[TOEPLITZ_VPCLMUL] = { "vpclmulqdq", CPU_VPCLMUL, ~0u },
};

/* Make the object use that way; false when this CPU cannot. */
static bool use(u32 way, struct toeplitz *t, const u8 *key, u32 len)
{
	cpu_wide_limit(~0u);
	if ((cpu_wide() & ways[way].needs) != ways[way].needs) {
		print_message("%s: not on this CPU\n", ways[way].name);
		return false;
	}
	cpu_wide_limit(ways[way].limit);
	assert_int_equal(toeplitz_init(t, key, len), 0);
	assert_int_equal(t->way, way);
	return true;
}

static void put_port(u8 *p, u16 port)
{
	p[0] = (u8)(port >> 8);
	p[1] = (u8)port;
}

static void published(void **state)
{
	static struct toeplitz t;
	struct toeplitz4 in4[10] = { 0 };
	struct toeplitz6 in6[6] = { 0 };
	u32 hash[10];

	(void)state;
	for (u32 i = 0; i < 5; i++) {
		for (u32 k = 0; k < 2; k++) {
			inet_pton(AF_INET, v4[i].src, in4[2 * i + k].src);
			inet_pton(AF_INET, v4[i].dst, in4[2 * i + k].dst);
		}
		put_port(in4[2 * i + 1].ports, v4[i].sport);
		put_port(in4[2 * i + 1].ports + 2, v4[i].dport);
	}
	for (u32 i = 0; i < 3; i++) {
		for (u32 k = 0; k < 2; k++) {
			inet_pton(AF_INET6, v6[i].src, in6[2 * i + k].src);
			inet_pton(AF_INET6, v6[i].dst, in6[2 * i + k].dst);
		}
		put_port(in6[2 * i + 1].ports, v6[i].sport);
		put_port(in6[2 * i + 1].ports + 2, v6[i].dport);
	}
	for (u32 way = 0; way < ARRAY_SIZE(ways); way++) {
		if (!use(way, &t, toeplitz_key_microsoft, TOEPLITZ_KEY_40))
			continue;
		toeplitz_hash4(&t, in4, hash, 10);
		for (u32 i = 0; i < 10; i++)
			assert_int_equal(hash[i], i & 1 ? v4[i / 2].ports : v4[i / 2].addresses);
		toeplitz_hash6(&t, in6, hash, 6);
		for (u32 i = 0; i < 6; i++)
			assert_int_equal(hash[i], i & 1 ? v6[i / 2].ports : v6[i / 2].addresses);
		for (u32 i = 0; i < 5; i++) {
			assert_int_equal(toeplitz_hash(&t, &in4[2 * i], 8), v4[i].addresses);
			assert_int_equal(toeplitz_hash(&t, &in4[2 * i + 1], 12), v4[i].ports);
		}
	}
}

static u64 seed = 0x9e3779b97f4a7c15ull;

static u8 random_byte(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (u8)(seed >> 24);
}

static void fill(void *p, u32 n)
{
	for (u32 i = 0; i < n; i++)
		((u8 *)p)[i] = random_byte();
}

/* As the data sheets define it: a window of the key slides along the input. */
static u32 by_definition(const u8 *key, u32 key_len, const u8 *in, u32 len)
{
	u32 window = (u32)key[0] << 24 | (u32)key[1] << 16 | (u32)key[2] << 8 | key[3], h = 0;

	for (u32 i = 0; i < len * 8; i++) {
		u32 next = i + 32;

		if (in[i / 8] & 0x80 >> i % 8)
			h ^= window;
		window = window << 1 |
			 (next / 8 < key_len ? key[next / 8] >> (7 - next % 8) & 1u : 0);
	}
	return h;
}

static void differential(void **state)
{
	(void)state;
	print_message("seed %lx\n", seed);
	for (u32 round = 0; round < 300; round++) {
		u8 key[52], in[48];
		static struct toeplitz t;
		static struct toeplitz4 in4[67];
		static struct toeplitz6 in6[67];
		u32 hash[68], len = round & 1 ? TOEPLITZ_KEY_52 : TOEPLITZ_KEY_40;
		u32 n = round % 67 + 1;

		fill(key, sizeof(key));
		fill(in, sizeof(in));
		fill(in4, sizeof(in4));
		fill(in6, sizeof(in6));
		for (u32 way = 0; way < ARRAY_SIZE(ways); way++) {
			if (!use(way, &t, key, len))
				continue;
			for (u32 i = 0; i <= len - 4; i++)
				assert_int_equal(toeplitz_hash(&t, in, i),
						 by_definition(key, len, in, i));
			hash[n] = 0xabadcafe;
			toeplitz_hash4(&t, in4, hash, n);
			for (u32 i = 0; i < n; i++)
				assert_int_equal(hash[i],
						 by_definition(key, len, (u8 *)&in4[i], 12));
			toeplitz_hash6(&t, in6, hash, n);
			for (u32 i = 0; i < n; i++)
				assert_int_equal(hash[i],
						 by_definition(key, len, (u8 *)&in6[i], 36));
			assert_int_equal(hash[n], 0xabadcafe); /* and not one more */
		}
	}
}

static void symmetric(void **state)
{
	u8 key[TOEPLITZ_KEY_52];
	static struct toeplitz t;

	(void)state;
	toeplitz_key_symmetric(key, sizeof(key));
	for (u32 way = 0; way < ARRAY_SIZE(ways); way++) {
		u32 seen = 0;

		if (!use(way, &t, key, sizeof(key)))
			continue;
		for (u32 i = 0; i < 1000; i++) {
			struct toeplitz4 a[2];
			struct toeplitz6 b[2];
			u32 h[2];

			fill(a, sizeof(a));
			memcpy(a[1].src, a[0].dst, 4);
			memcpy(a[1].dst, a[0].src, 4);
			memcpy(a[1].ports, a[0].ports + 2, 2);
			memcpy(a[1].ports + 2, a[0].ports, 2);
			toeplitz_hash4(&t, a, h, 2);
			assert_int_equal(h[0], h[1]);
			seen |= h[0];
			fill(b, sizeof(b));
			memcpy(b[1].src, b[0].dst, 16);
			memcpy(b[1].dst, b[0].src, 16);
			memcpy(b[1].ports, b[0].ports + 2, 2);
			memcpy(b[1].ports + 2, b[0].ports, 2);
			toeplitz_hash6(&t, b, h, 2);
			assert_int_equal(h[0], h[1]);
		}
		assert_int_equal(seen, ~0u); /* it does depend on the flow */
	}
}

static void refused(void **state)
{
	u8 key[64] = { 0 };
	static struct toeplitz t;

	(void)state;
	assert_int_equal(toeplitz_init(&t, key, 39), -22);
	assert_int_equal(toeplitz_init(&t, key, 41), -22);
	assert_int_equal(toeplitz_init(&t, key, 64), -22);
	assert_int_equal(toeplitz_init(&t, key, 0), -22);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published),
		cmocka_unit_test(differential),
		cmocka_unit_test(symmetric),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
