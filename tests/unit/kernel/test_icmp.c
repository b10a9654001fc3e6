// SPDX-License-Identifier: MIT
/*
 * kernel/net/icmp.c, icmp6.c: which packets reach a ping socket, with which identifier, address and
 * errno; packets that lie about lengths or are cut anywhere reach none and are read within their
 * bounds (each lies in a block of its own size, under ASan).
 */
#include "tests/unit/unit.h"

#include "kernel/net/ping.h"
#include "qgm/re/checksum.h"

static struct {
	u32 delivered, errors, len;
	u16 id;
	int err;
	struct ping_addr from;
} got;
static const struct ping_family *family6, *family4;
static int (*create4)(struct socket *), (*create6)(struct socket *);

int socket_register_family(int domain, int type, int protocol, int (*create)(struct socket *s))
{
	assert_int_equal(type, SOCK_DGRAM);
	assert_int_equal(protocol, domain == AF_INET ? 1 : 58);
	*(domain == AF_INET ? &create4 : &create6) = create;
	return 0;
}

int ping_create(struct socket *so, const struct ping_family *f)
{
	(void)so;
	*(f->domain == AF_INET ? &family4 : &family6) = f;
	return 0;
}

void ping_deliver(const struct ping_family *f, u16 id, const struct ping_addr *from,
		  const void *icmp, u32 len)
{
	(void)f;
	(void)icmp;
	got.delivered++;
	got.id = id;
	got.from = *from;
	got.len = len;
}

void ping_error(const struct ping_family *f, u16 id, const struct ping_addr *from, const void *icmp,
		u32 len, int err)
{
	ping_deliver(f, id, from, icmp, len);
	got.delivered--;
	got.errors++;
	got.err = err;
}

static int setup(void **state)
{
	struct socket so = { 0 };

	(void)state;
	assert_int_equal(icmp_init(), 0);
	assert_int_equal(icmp6_init(), 0);
	create4(&so);
	create6(&so);
	memset(&got, 0, sizeof(got));
	return 0;
}

/* Hand over a copy in a block of exactly its size. */
static void receive(const u8 *pkt, u32 len, bool v6)
{
	u8 *p = malloc(len ? len : 1);

	memcpy(p, pkt, len);
	memset(&got, 0, sizeof(got));
	if (v6)
		icmp6_receive(p, len, 7);
	else
		icmp_receive(p, len);
	free(p);
}

/* --- packets, made by hand ---------------------------------------------------------------------
 */

static u16 sum16(const u8 *p, u32 n, u32 sum)
{
	for (u32 i = 0; i < n; i++)
		sum += i & 1 ? p[i] : (u32)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u16)~sum;
}

/* IPv6 from `src` to 2001:db8::1 with `ext` bytes of hop-by-hop options in front of ICMPv6. */
static u32 make6(u8 *p, const u8 *src, u32 ext, u8 type, u8 code, const u8 *body, u32 n)
{
	u32 len = ext + 8 + n, sum;
	u8 *icmp = p + 40 + ext;

	memset(p, 0, 40 + len);
	p[0] = 0x60;
	p[4] = (u8)(len >> 8);
	p[5] = (u8)len;
	p[6] = ext ? 0 : 58;
	p[7] = 64;
	memcpy(p + 8, src, 16);
	memcpy(p + 24, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	if (ext) {
		p[40] = 58;
		p[41] = (u8)(ext / 8 - 1);
	}
	icmp[0] = type;
	icmp[1] = code;
	icmp[4] = 0x12;
	icmp[5] = 0x34;
	memcpy(icmp + 8, body, n);
	sum = 58 + 8 + n;
	for (u32 i = 0; i < 32; i += 2)
		sum += (u32)p[8 + i] << 8 | p[9 + i];
	sum = sum16(icmp, 8 + n, sum);
	icmp[2] = (u8)(sum >> 8);
	icmp[3] = (u8)sum;
	return 40 + len;
}

static const u8 linklocal[16] = { 0xfe, 0x80, [15] = 9 };
static const u8 global[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 };

static void replies6(void **state)
{
	u8 p[256], body[16] = "payload";

	(void)state;
	receive(p, make6(p, global, 0, 129, 0, body, 16), true);
	assert_int_equal(got.delivered, 1);
	assert_int_equal(got.id, 0x1234);
	assert_int_equal(got.len, 24);
	assert_int_equal(got.from.ifid, 0);
	assert_true(pix_ip_eq(got.from.ip, pix_ip_load(global)));
	receive(p, make6(p, linklocal, 16, 129, 0, body, 16), true);
	assert_int_equal(got.delivered, 1);
	assert_int_equal(got.from.ifid, 7); /* where it came in */
	/* not ours: requests, a wrong sum, another protocol */
	receive(p, make6(p, global, 0, 128, 0, body, 16), true);
	assert_int_equal(got.delivered, 0);
	make6(p, global, 0, 129, 0, body, 16);
	p[50] ^= 1;
	receive(p, 64, true);
	assert_int_equal(got.delivered, 0);
	make6(p, global, 0, 129, 0, body, 16);
	p[6] = 17;
	receive(p, 64, true);
	assert_int_equal(got.delivered, 0);
}

static void errors6(void **state)
{
	static const struct {
		u8 type, code;
		int err;
	} cases[] = { { 1, 0, 101 }, { 1, 1, 13 }, { 1, 3, 113 }, { 1, 4, 111 }, { 1, 6, 13 },
		      { 1, 7, 71 },  { 2, 0, 90 }, { 3, 0, 113 }, { 4, 1, 71 } };
	u8 p[256], inner[128];
	u32 n = make6(inner, global, 8, 128, 0, (const u8 *)"abcdefgh", 8);

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		u32 len = make6(p, global, 0, cases[i].type, cases[i].code, inner, n);

		receive(p, len, true);
		assert_int_equal(got.errors, 1);
		assert_int_equal(got.id, 0x1234);
		assert_int_equal(got.err, cases[i].err);
	}
	/* about somebody else's packet, or cut in front of the identifier */
	inner[48] = 129;
	receive(p, make6(p, global, 0, 1, 0, inner, n), true);
	assert_int_equal(got.errors, 0);
	inner[48] = 128;
	receive(p, make6(p, global, 0, 1, 0, inner, 48), true);
	assert_int_equal(got.errors, 0);
	receive(p, make6(p, global, 0, 1, 0, inner, 56), true);
	assert_int_equal(got.errors, 1);
}

/* What finish() builds for one's own echo request is right, and comes back as a reply. */
static void requests(void **state)
{
	u8 p[128] = { 0 };
	struct pix_ip a = pix_ip_load(global), b = pix_ip_load(linklocal);

	(void)state;
	p[40] = 129;
	p[44] = 0xab;
	p[45] = 0xcd;
	family6->finish(p, 24, 255, a, b);
	assert_int_equal(p[7], 255);
	receive(p, 64, true);
	assert_int_equal(got.delivered, 1);
	assert_int_equal(got.id, 0xabcd);
	memset(p, 0, sizeof(p));
	p[20 + 4] = 0xab;
	p[20 + 5] = 0xcd;
	family4->finish(p, 24, 255, pix_ip4(0x0a000001), pix_ip4(0x0a000002));
	assert_int_equal(sum16(p, 20, 0), 0);
	receive(p, 44, false);
	assert_int_equal(got.delivered, 1);
	assert_int_equal(got.id, 0xabcd);
	assert_int_equal(pix_ip_to4(got.from.ip), 0x0a000001);
}

/* Any cut, any byte changed, random headers with a right checksum: no read out of bounds. */
static void malformed(void **state)
{
	u8 good[256], p[256], inner[128];
	u32 n = make6(inner, global, 8, 128, 0, (const u8 *)"abcdefgh", 8), reached = 0;
	u32 len = make6(good, global, 24, 1, 0, inner, n);

	(void)state;
	for (u32 cut = 0; cut < len; cut++) {
		receive(good, cut, true);
		assert_int_equal(got.errors + got.delivered, 0);
		receive(good, cut, false);
	}
	for (u32 round = 0; round < 60000; round++) {
		u32 total = 1 + (u32)rand() % len;

		memcpy(p, good, len);
		for (u32 k = (u32)rand() % 6; k; k--)
			p[(u32)rand() % len] = (u8)rand();
		if (round & 1) { /* so that it is looked at: length and sum right */
			u32 at = 40 + 8 * ((u32)rand() % 5), sum = 58 + (total - at);

			if (total < at + 8)
				continue;
			p[0] = 0x60;
			p[4] = 0;
			p[5] = (u8)(total - 40);
			p[at + 2] = p[at + 3] = 0;
			for (u32 i = 0; i < 32; i += 2)
				sum += (u32)p[8 + i] << 8 | p[9 + i];
			sum = sum16(p + at, total - at, sum);
			p[at + 2] = (u8)(sum >> 8);
			p[at + 3] = (u8)sum;
		}
		receive(p, total, true);
		reached += got.errors + got.delivered;
		p[0] = 0x45 + (u8)(rand() % 11);
		p[9] = 1;
		receive(p, total, false);
	}
	assert_true(reached > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(replies6, setup),
		cmocka_unit_test_setup(errors6, setup),
		cmocka_unit_test_setup(requests, setup),
		cmocka_unit_test_setup(malformed, setup),
	};

	printf("seed 4443\n");
	srand(4443);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
