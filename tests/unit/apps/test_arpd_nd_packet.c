// SPDX-License-Identifier: MIT
/*
 * Neighbour discovery on the wire: frames made by scapy are read field by field and written back to
 * the byte; each rule of RFC 4861 is broken once; random damage never reads past the frame.
 */
#include "tests/unit/unit.h"

#include "apps/arpd/nd_packet.h"
#include "apps/lib/netaddr.h"

#include <stdlib.h>

#define NS                                                                                         \
	"3333ff00000152540000002286dd6000000000203aff20010db8000000000000000000000022ff0200000000" \
	"00"                                                                                       \
	"00000000"                                                                                 \
	"01ff0000018700cb920000000020010db80000000000000000000000010101525400000022"
#define NA                                                                                         \
	"52540000002252540000000186dd6000000000203aff20010db800000000000000000000000120010db80000" \
	"000"                                                                                      \
	"0000000000000"                                                                            \
	"00228800b9fee000000020010db80000000000000000000000010201525400000001"
#define RS                                                                                         \
	"33330000000252540000002286dd6000000000103afffe800000000000000000000000000022ff0200000000" \
	"00"                                                                                       \
	"00000000"                                                                                 \
	"0000000002850029960000000001015254000000"                                                 \
	"22"
#define RA                                                                                         \
	"33330000000152540000000186dd6000000000583afffe800000000000000000000000000001ff0200000000" \
	"00"                                                                                       \
	"00000000"                                                                                 \
	"0000000001"                                                                               \
	"86004ede408807080000000000000000010152540000000105010000000005dc030440c000278d0000093a80" \
	"00"                                                                                       \
	"0000002001"                                                                               \
	"0db8000000000000000000000000190300000000070820010db8000000000000000000000053"

static size_t hex(const char *s, u8 *out)
{
	size_t n = strlen(s) / 2;

	for (size_t i = 0; i < n; i++) {
		unsigned v;

		assert_int_equal(sscanf(s + 2 * i, "%2x", &v), 1);
		out[i] = (u8)v;
	}
	return n;
}

static struct pix_ip ip(const char *s)
{
	struct pix_ip a;

	assert_int_equal(netaddr_parse_ip(s, &a), 0);
	return a;
}

static struct nd_packet must_parse(const char *s)
{
	u8 frame[ND_FRAME_MAX], again[ND_FRAME_MAX];
	struct nd_packet p;
	size_t n = hex(s, frame);

	assert_string_equal(nd_bad_name(nd_parse(frame, n, &p)), "ok");
	assert_int_equal(nd_build(again, &p), n); /* what scapy wrote, we write */
	assert_memory_equal(again, frame, n);
	return p;
}

static void test_solicitation(void **state)
{
	static const u8 mac[6] = { 0x52, 0x54, 0, 0, 0, 0x22 };
	struct nd_packet p = must_parse(NS);

	(void)state;
	assert_int_equal(p.type, ND_NEIGHBOR_SOLICIT);
	assert_true(pix_ip_eq(p.src, ip("2001:db8::22")));
	assert_true(pix_ip_eq(p.dst, ip("ff02::1:ff00:1")));
	assert_true(pix_ip_eq(p.target, ip("2001:db8::1")));
	assert_true(p.has_slla && !p.has_tlla);
	assert_memory_equal(p.slla, mac, 6);
	assert_memory_equal(p.eth_src, mac, 6);
}

static void test_advertisement(void **state)
{
	struct nd_packet p = must_parse(NA);

	(void)state;
	assert_int_equal(p.type, ND_NEIGHBOR_ADVERT);
	assert_true(p.router && p.solicited && p.override);
	assert_true(pix_ip_eq(p.target, ip("2001:db8::1")));
	assert_true(p.has_tlla && !p.has_slla);
	assert_int_equal(p.tlla[5], 1);
}

static void test_router(void **state)
{
	struct nd_packet p = must_parse(RS);

	(void)state;
	assert_int_equal(p.type, ND_ROUTER_SOLICIT);
	assert_true(p.has_slla);
	p = must_parse(RA);
	assert_int_equal(p.type, ND_ROUTER_ADVERT);
	assert_int_equal(p.ra.hop_limit, 64);
	assert_true(p.ra.managed && !p.ra.other);
	assert_int_equal(p.ra.preference, 1);
	assert_int_equal(p.ra.lifetime_s, 1800);
	assert_int_equal(p.ra.mtu, 1500);
	assert_int_equal(p.ra.prefix_count, 1);
	assert_true(pix_ip_eq(p.ra.prefix[0].ip, ip("2001:db8::")));
	assert_int_equal(p.ra.prefix[0].len, 64);
	assert_true(p.ra.prefix[0].on_link && p.ra.prefix[0].autonomous);
	assert_int_equal(p.ra.prefix[0].valid_s, 2592000);
	assert_int_equal(p.ra.prefix[0].preferred_s, 604800);
	assert_int_equal(p.ra.dns_count, 1);
	assert_int_equal(p.ra.dns_lifetime_s, 1800);
	assert_true(pix_ip_eq(p.ra.dns[0], ip("2001:db8::53")));
}

/* The ICMPv6 checksum again, after a byte was changed on purpose. */
static void mend(u8 *f)
{
	size_t n = (size_t)f[18] << 8 | f[19];
	u32 sum = (u32)n + 58;

	f[56] = f[57] = 0;
	for (size_t i = 0; i < 32; i += 2)
		sum += (u32)f[22 + i] << 8 | f[23 + i];
	for (size_t i = 0; i < n; i++)
		sum += (u32)f[54 + i] << (i % 2 ? 0 : 8);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	f[56] = (u8)(~sum >> 8);
	f[57] = (u8)~sum;
}

/* One byte of a good frame is another: what is wrong then? */
static void test_rules(void **state)
{
	static const struct {
		const char *frame, *why;
		int at; /* byte, or -1: nothing */
		u8 is;
		size_t cut; /* bytes taken off the end */
	} cases[] = {
		{ NS, "short", -1, 0, 80 },    { NS, "short", -1, 0, 1 },
		{ NS, "type", 12, 0x08, 0 },   { NS, "type", 14, 0x40, 0 },
		{ NS, "next", 20, 17, 0 },     { NS, "hop_limit", 21, 254, 0 },
		{ NS, "message", 54, 128, 0 }, { NS, "code", 55, 1, 0 },
		{ NS, "option", 79, 0, 0 },    { NS, "option", 79, 2, 0 },
		{ NS, "lla", 80, 0x53, 0 },    { NS, "target", 62, 0xff, 0 },
		{ NS, "src", 22, 0xff, 0 },    { NS, "short", 19, 7, 0 },
		{ NS, "option", 19, 31, 0 },   { NS, "short", 19, 16, 0 },
		{ NA, "dst", 38, 0xff, 0 },    { RA, "src", 22, 0x20, 0 },
		{ RA, "option", 79, 0, 0 },    { RS, "message", 54, 132, 0 },
		{ NS, "short", 18, 1, 0 },     { NS, "ok", 78, 99, 0 }, /* unknown option */
		{ NS, "ok", 15, 0x0f, 0 },                              /* traffic class */
		{ NS, "ok", 16, 0xff, 0 },                              /* flow label */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		u8 frame[ND_FRAME_MAX];
		struct nd_packet p;
		size_t n = hex(cases[i].frame, frame);

		if (cases[i].at >= 0) {
			frame[cases[i].at] = cases[i].is;
			if ((frame[18] << 8 | frame[19]) <= (int)n - 54)
				mend(frame);
		}
		const char *why = nd_bad_name(nd_parse(frame, n - cases[i].cut, &p));
		if (strcmp(why, cases[i].why) != 0)
			fail_msg("case %zu: %s, not %s", i, why, cases[i].why);
	}
}

static void test_checksum(void **state)
{
	u8 frame[ND_FRAME_MAX];
	struct nd_packet p;
	size_t n = hex(NS, frame);

	(void)state;
	for (size_t bit = 22 * 8; bit < n * 8; bit++) { /* addresses and message */
		frame[bit / 8] ^= (u8)(1 << bit % 8);
		assert_int_equal(nd_parse(frame, n, &p), ND_BAD_checksum);
		frame[bit / 8] ^= (u8)(1 << bit % 8);
	}
	frame[n] = 0xaa; /* Ethernet's padding is not part of it */
	assert_int_equal(nd_parse(frame, n + 1, &p), ND_OK);
}

/* A solicitation from nobody: duplicate address detection (7.1.1). */
static void test_from_nobody(void **state)
{
	struct nd_packet p = must_parse(NS), q;
	u8 frame[ND_FRAME_MAX];

	(void)state;
	p.src = PIX_IP_NONE;
	assert_int_equal(nd_parse(frame, nd_build(frame, &p), &q), ND_BAD_src); /* with an option */
	p.has_slla = false;
	assert_int_equal(nd_parse(frame, nd_build(frame, &p), &q), ND_OK);
	assert_true(pix_ip_none(q.src));
	p.dst = ip("ff02::1:ff00:2");
	assert_int_equal(nd_parse(frame, nd_build(frame, &p), &q), ND_BAD_dst);
	p = must_parse(RS);
	p.src = PIX_IP_NONE;
	assert_int_equal(nd_parse(frame, nd_build(frame, &p), &q), ND_BAD_src);
	p.has_slla = false;
	assert_int_equal(nd_parse(frame, nd_build(frame, &p), &q), ND_OK);
	p = must_parse(NA);
	p.src = PIX_IP_NONE;
	assert_int_equal(nd_parse(frame, nd_build(frame, &p), &q), ND_BAD_src);
}

/* The largest advertisement that can be: eight networks, two servers. */
static void test_largest(void **state)
{
	struct nd_packet p = must_parse(RA), q;
	u8 frame[ND_FRAME_MAX];
	size_t n;

	(void)state;
	for (u32 i = 0; i < ND_PREFIXES; i++) {
		p.ra.prefix[i] = p.ra.prefix[0];
		p.ra.prefix[i].ip.hi |= i;
	}
	p.ra.prefix_count = ND_PREFIXES;
	p.ra.dns_count = PIX_RA_DNS;
	p.ra.dns[1] = ip("2001:db8::54");
	n = nd_build(frame, &p);
	assert_true(n > 0 && n <= ND_FRAME_MAX);
	assert_int_equal(nd_parse(frame, n, &q), ND_OK);
	assert_int_equal(q.ra.prefix_count, ND_PREFIXES);
	assert_int_equal(q.ra.prefix[7].ip.lo | (q.ra.prefix[7].ip.hi & 7), 7);
	assert_int_equal(q.ra.dns_count, 2);
}

/*
 * Random bytes and random damage with a right checksum, in a buffer of exactly the length (the
 * sanitized build sees a read past it): what parses, builds and parses again to the same.
 */
static void test_fuzz(void **state)
{
	static const char *const seeds[] = { NS, NA, RS, RA };
	unsigned good = 0;

	(void)state;
	srand(4861);
	for (int round = 0; round < 40000; round++) {
		u8 frame[ND_FRAME_MAX], again[ND_FRAME_MAX], *exact;
		size_t n = hex(seeds[rand() % 4], frame);
		struct nd_packet p, q;

		for (int k = rand() % 4; k > 0; k--)
			frame[14 + (size_t)rand() % (n - 14)] = (u8)rand();
		if (rand() % 4 == 0)
			n = 14 + (size_t)rand() % (n - 14);
		if (n >= 58) {
			frame[18] = 0;
			frame[19] = (u8)(rand() % 8 ? n - 54 : (size_t)rand());
			if (frame[19] <= n - 54)
				mend(frame);
		}
		exact = malloc(n);
		assert_non_null(exact);
		memcpy(exact, frame, n);
		if (nd_parse(exact, n, &p) == ND_OK && p.type != ND_REDIRECT) {
			size_t m = nd_build(again, &p);

			good++;
			assert_true(m > 0);
			assert_int_equal(nd_parse(again, m, &q), ND_OK);
			assert_memory_equal(&p.target, &q.target, sizeof(p.target));
			assert_int_equal(p.has_slla, q.has_slla);
			if (p.type == ND_ROUTER_ADVERT)
				assert_int_equal(p.ra.prefix_count, q.ra.prefix_count);
		}
		free(exact);
	}
	assert_true(good > 4000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_solicitation), cmocka_unit_test(test_advertisement),
		cmocka_unit_test(test_router),       cmocka_unit_test(test_rules),
		cmocka_unit_test(test_checksum),     cmocka_unit_test(test_from_nobody),
		cmocka_unit_test(test_largest),      cmocka_unit_test(test_fuzz),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
