// SPDX-License-Identifier: MIT
/*
 * The wide pass of the fast path takes the packets that the scalar one takes: eight packets, each
 * bit of the headers of one of them turned in turn, each byte given values that mean something,
 * with and without a header checksum that fits, with padding behind some and lengths that lie; all
 * that becomes of them is the same either way, byte by byte. And it does take what is usual, or the
 * two ways would be one.
 */
#include "qgm/cpu.h"
#include "qgm/re/fast_wide.h"
#include "tests/unit/re/six.h"

enum { SRC = 0x0a000109, DST = 0x0a000209, LANES = 8, BURSTS = 4096 };

#define SRC6 ip6("2001:db8:1::9")
#define DST6 ip6("2001:db8:2::9")

static u64 digests[2][BURSTS];
static u32 bursts, forwarded, ended;

static int setup(void **state)
{
	struct pix_op ops[] = { op_if(1, IP(10, 0, 1, 1), 24), op_if(2, IP(10, 0, 2, 1), 24),
				op_neigh(2, DST, 9), op_neigh(1, SRC, 1) };

	(void)state;
	fake_start();
	fake_txn(ops, ARRAY_SIZE(ops));
	six_begin();
	six_addr(1, "2001:db8:1::1", 64);
	six_addr(2, "2001:db8:2::1", 64);
	six_neigh(1, "2001:db8:1::9", 1);
	six_neigh(2, "2001:db8:2::9", 9);
	six_commit();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	six_stop();
	fake_stop();
	return 0;
}

static void digest(u64 *h, const void *data, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*h = (*h ^ ((const u8 *)data)[i]) * 0x100000001b3;
}

/* Frame of one lane, of a length of its own. `pad`: the link's. */
static u16 make(u8 *f, bool six, u32 lane)
{
	u16 payload = (u16)(26 + lane % 3), pad = (u16)(lane % 4 == 1 ? 7 : 0);
	u16 len = six ? frame_ipv6(f, 1, SRC6, DST6, 17, (u8)(2 + lane), payload)
		      : frame_ipv4(f, 1, SRC, DST, 17, (u8)(2 + lane), payload);

	memset(f + len, 0x5a, pad);
	return (u16)(len + pad);
}

/* What is wrong with the frame of one lane. */
struct change {
	u32 lane, at;
	u8 turn, value; /* a bit to turn; 0: the byte */
	bool any, fix;
};

/* One burst; what came of it. */
static u64 run(bool six, struct change c)
{
	static u8 f[FAKE_FRAME];
	struct packet *p[LANES];
	u64 h = 0xcbf29ce484222325;

	fake_forget();
	for (u32 i = 0; i < LANES; i++) {
		u16 len = make(f, six, i);

		if (c.any && i == c.lane) {
			f[c.at] = c.turn ? f[c.at] ^ c.turn : c.value;
			if (c.fix)
				frame_fix(f);
		}
		p[i] = fake_frame(1, f, len);
	}
	fake_burst(p, LANES);
	for (u32 i = 0; i < fate_count; i++) {
		struct fate *t = &fates[i];

		digest(&h, &t->kind, sizeof(t->kind));
		digest(&h, &t->why, sizeof(t->why));
		digest(&h, &t->out_if, 2);
		digest(&h, &t->out_port, 2);
		digest(&h, t->frame, t->len);
		forwarded += t->kind == FATE_OUT;
		ended += t->kind == FATE_DROP;
	}
	return h;
}

/* Of fields: first octets, numbers of headers, lifetimes. */
static const u8 values[8] = { 0, 1, 2, 127, 169, 223, 224, 255 };

/* All bursts, on an engine of its own. */
static void all(bool wide, bool six, u32 bytes, u64 *out)
{
	void *state = NULL;
	u32 n = 0;

	cpu_wide_limit(wide ? ~0u : CPU_AVX2);
	setup(&state);
	out[n++] = run(six, (struct change){ .any = false });
	for (u32 i = 0; i < 2 * 8 * bytes; i++) {
		struct change c = { .any = true, .lane = i % LANES, .at = i / 16 };

		if (i & 8)
			c.value = values[i % 8];
		else
			c.turn = (u8)(1 << i % 8);
		out[n++] = run(six, c);
		c.fix = true;
		if (!six)
			out[n++] = run(six, c);
	}
	bursts = n;
	teardown(&state);
	cpu_wide_limit(~0u);
}

static void same(bool six, u32 bytes)
{
	if (!(cpu_wide() & CPU_AVX512))
		skip();
	for (u32 way = 0; way < 2; way++) {
		forwarded = ended = 0;
		all(way, six, bytes, digests[way]);
		assert_true(forwarded > bursts * (LANES - 1) && ended > bursts / 8);
	}
	for (u32 i = 0; i < bursts; i++)
		if (digests[0][i] != digests[1][i])
			fail_msg("burst %u of %u ends otherwise", i, bursts);
}

static void v4(void **state)
{
	(void)state;
	same(false, 34);
}

static void v6(void **state)
{
	(void)state;
	same(true, 54);
}

/* What is usual is taken, and nothing of an eight with a packet that is not. */
static void takes(void **state)
{
	const struct tables *t = tables_current();
	static struct train4 b4;
	static struct train6 b6;
	struct packet *p[2 * LANES];
	static u8 f[FAKE_FRAME];
	u64 mac = 0;

	(void)state;
	if (!(cpu_wide() & CPU_AVX512))
		skip();
	__builtin_memcpy(&mac, t->iface[1]->mac, 6);
	for (u32 six = 0; six < 2; six++) {
		for (u32 i = 0; i < 2 * LANES; i++)
			p[i] = fake_frame(1, f, make(f, six, i));
		p[LANES + 3]->l3_off = 18;
		if (six) {
			assert_int_equal(fast_wide6(mac << 16, t->fib6[0]->own, p, 16, &b6), LANES);
			assert_int_equal(b6.n, LANES);
			assert_int_equal(b6.keys, LANES);
			for (u32 i = 0; i < LANES; i++)
				assert_true(b6.of[i] == i && b6.p[i] == p[i] &&
					    pix_ip_eq(b6.key[i], DST6));
		} else {
			assert_int_equal(fast_wide4(mac << 16, t->fib[0]->own, p, 16, &b4), LANES);
			assert_int_equal(b4.n, LANES);
			assert_int_equal(b4.keys, LANES);
			for (u32 i = 0; i < LANES; i++)
				assert_true(b4.of[i] == i && b4.p[i] == p[i] && b4.key[i] == DST);
		}
		p[LANES + 3]->l3_off = 14;
		fake_burst(p, 2 * LANES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(takes, setup, teardown),
		cmocka_unit_test(v4),
		cmocka_unit_test(v6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
