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
#include "qgm/re/reasm.h"
#include "tests/unit/re/six.h"

enum { SRC = 0x0a000109, DST = 0x0a000209, LANES = 8, BURSTS = 4096, VRF = 3 };

#define SRC6 ip6("2001:db8:1::9")
#define DST6 ip6("2001:db8:2::9")

/* Scalar, wide, wide as a driver gave it. */
enum { WAYS = 3, FRESH = 2 };

static u64 digests[WAYS][BURSTS];
static u32 bursts, forwarded, ended;

static int setup(void **state)
{
	struct pix_op ops[] = { op_if(1, IP(10, 0, 1, 1), 24), op_if(2, IP(10, 0, 2, 1), 24),
				op_neigh(2, DST, 9), op_neigh(1, SRC, 1) };

	(void)state;
	fake_start();
	ops[0].iface.vrf = ops[1].iface.vrf = VRF;
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

/* One burst; what came of it, in order if nothing is changed: a packet that is not usual may fall
 * behind the others. */
static u64 run(bool six, u32 way, struct change c)
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
	if (way == FRESH)
		fake_received(1, p, LANES);
	else
		fake_burst(p, LANES);
	for (u32 i = 0; i < fate_count; i++) {
		struct fate *t = &fates[i];
		u64 one = 0xcbf29ce484222325;

		digest(&one, &t->kind, sizeof(t->kind));
		digest(&one, &t->why, sizeof(t->why));
		if (t->kind == FATE_OUT) { /* what receive.h writes, and the rewrite */
			digest(&one, &t->in_port, 2);
			digest(&one, &t->in_if, 2);
			digest(&one, &t->vrf, 2);
			digest(&one, &t->l3_off, 2);
			digest(&one, &t->timestamp, 8);
		}
		digest(&one, &t->out_if, 2);
		digest(&one, &t->out_port, 2);
		digest(&one, t->frame, t->len);
		h = c.any ? h + one : (h ^ one) * 0x100000001b3;
		forwarded += t->kind == FATE_OUT;
		ended += t->kind == FATE_DROP;
	}
	return h;
}

/* Of fields: first octets, numbers of headers, lifetimes. */
static const u8 values[8] = { 0, 1, 2, 127, 169, 223, 224, 255 };

/* All bursts, on an engine of its own. */
static void all(u32 way, bool six, u32 bytes, u64 *out)
{
	void *state = NULL;
	u32 n = 0;

	cpu_wide_limit(way ? ~0u : CPU_AVX2);
	setup(&state);
	out[n++] = run(six, way, (struct change){ .any = false });
	for (u32 i = 0; i < 2 * 8 * bytes; i++) {
		struct change c = { .any = true, .lane = i % LANES, .at = i / 16 };

		if (i & 8)
			c.value = values[i % 8];
		else
			c.turn = (u8)(1 << i % 8);
		out[n++] = run(six, way, c);
		c.fix = true;
		if (!six)
			out[n++] = run(six, way, c);
	}
	bursts = n;
	teardown(&state);
	cpu_wide_limit(~0u);
}

static void same(bool six, u32 bytes)
{
	if (!(cpu_wide() & CPU_AVX512))
		skip();
	for (u32 way = 0; way < WAYS; way++) {
		forwarded = ended = 0;
		all(way, six, bytes, digests[way]);
		assert_true(forwarded > bursts * (LANES - 1) && ended > bursts / 8);
	}
	for (u32 i = 0; i < bursts; i++)
		if (digests[0][i] != digests[1][i] || digests[0][i] != digests[FRESH][i])
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

/* What is usual is taken, what is not is left, each in order; nothing of an eight with a tag. The
 * pass writes where it reads: `rest` is p. */
static void check_train(const struct train *b, struct packet *const *all, u32 odd, u32 n,
			struct packet *const *rest, u32 left)
{
	u32 usual = 0, others = 0;

	for (u32 i = 0; i < n; i++) {
		if (odd >> i & 1)
			assert_ptr_equal(rest[others++], all[i]);
		else
			assert_ptr_equal(b->p[usual++], all[i]);
	}
	assert_int_equal(b->n, usual);
	assert_int_equal(b->keys, usual);
	assert_int_equal(left, others);
	for (u32 i = 0; i < usual; i++)
		assert_int_equal(b->of[i], i);
}

static void spoil(struct packet *const *p, u32 n, u32 odd, bool six)
{
	for (u32 i = 0; i < n; i++)
		if (odd >> i & 1)
			p[i]->data[six ? 21 : 22] = 1; /* TTL, hop limit */
}

static void take(bool six, u32 n, u32 odd, u32 tag)
{
	const struct tables *t = tables_current();
	static struct train4 b4;
	static struct train6 b6;
	static u8 f[FAKE_FRAME];
	struct packet *p[BURST_MAX], *all[BURST_MAX];
	u64 mac = 0;
	u32 left = 0, took, want = tag < n ? tag / LANES * LANES : n;

	__builtin_memcpy(&mac, t->iface[1]->mac, 6);
	for (u32 i = 0; i < n; i++)
		all[i] = p[i] = fake_frame(1, f, make(f, six, i));
	spoil(p, n, odd, six);
	if (tag < n)
		p[tag]->l3_off = 18;
	memset(&b4.t, 0, sizeof(b4.t));
	memset(&b6.t, 0, sizeof(b6.t));
	if (six)
		took = fast_wide6(mac << 16, t->fib6[VRF], p, n, &b6, p, &left, NULL);
	else
		took = fast_wide4(mac << 16, t->fib[VRF], p, n, &b4, p, &left, NULL);
	assert_int_equal(took, want);
	check_train(six ? &b6.t : &b4.t, all, odd, want, p, left);
	for (u32 i = 0; i < (six ? b6.t.n : b4.t.n); i++)
		assert_true(six ? pix_ip_eq(b6.key[i], DST6) : b4.key[i] == DST);
	if (tag < n)
		all[tag]->l3_off = 14;
	fake_burst(all, n);
}

static void takes(void **state)
{
	(void)state;
	if (!(cpu_wide() & CPU_AVX512))
		skip();
	for (u32 six = 0; six < 2; six++) {
		for (u32 n = 1; n <= 24; n++) {
			take(six, n, 0, ~0u);
			take(six, n, 1u << n / 2, ~0u);
			take(six, n, 0x00a50181, ~0u);
			take(six, n, 0x00ff7f01, ~0u);
			take(six, n, 0x00000102, 17);
		}
	}
}

/* What the parser is to see, in a burst right from a driver: it is left, and it alone. */
enum odd_link { ODD_GROUP, ODD_SOURCE, ODD_NONE, ODD_TAG_C, ODD_TAG_S, ODD_SHORT, ODD_KINDS };

static void spoil_link(struct packet *p, enum odd_link kind)
{
	static const u8 tags[2][2] = { { 0x81, 0 }, { 0x88, 0xa8 } };

	if (kind == ODD_GROUP)
		p->data[0] |= 1;
	else if (kind == ODD_SOURCE)
		p->data[6] |= 1;
	else if (kind == ODD_NONE)
		memset(p->data + 6, 0, 6);
	else if (kind == ODD_SHORT)
		p->len = 13;
	else
		memcpy(p->data + 12, tags[kind - ODD_TAG_C], 2);
}

static void link_odd(bool six, u32 n, u32 at, enum odd_link kind)
{
	const struct tables *t = tables_current();
	struct fast_fresh fresh = { 0 };
	static struct train4 b4;
	static struct train6 b6;
	static u8 f[FAKE_FRAME];
	struct packet *p[BURST_MAX], *rest[BURST_MAX];
	u64 mac = 0, bytes = 0;
	u32 left = 0;

	__builtin_memcpy(&mac, t->iface[1]->mac, 6);
	for (u32 i = 0; i < n; i++) {
		p[i] = fake_frame(1, f, make(f, six, i));
		bytes += i == at ? 0 : p[i]->len;
	}
	spoil_link(p[at], kind);
	memset(&b4.t, 0, sizeof(b4.t));
	memset(&b6.t, 0, sizeof(b6.t));
	if (six)
		fast_wide6(mac << 16, t->fib6[VRF], p, n, &b6, rest, &left, &fresh);
	else
		fast_wide4(mac << 16, t->fib[VRF], p, n, &b4, rest, &left, &fresh);
	assert_int_equal(left, 1);
	check_train(six ? &b6.t : &b4.t, p, 1u << at, n, rest, left);
	assert_int_equal(fresh.bytes, bytes);
	fake_burst(p, n);
	fake_forget();
}

static void links(void **state)
{
	(void)state;
	if (!(cpu_wide() & CPU_AVX512))
		skip();
	for (u32 kind = 0; kind < ODD_KINDS; kind++) {
		for (u32 n = 4; n <= 24; n++) {
			for (u32 at = 0; at < n; at++) {
				link_odd(false, n, at, (enum odd_link)kind);
				link_odd(true, n, at, (enum odd_link)kind);
			}
		}
	}
}

/* A first fragment of which the rest never comes. */
static u16 piece(u8 *f, bool six, bool own, u32 id)
{
	u16 len = six ? frame_ipv6(f, 1, SRC6, own ? ip6("2001:db8:1::1") : DST6, 44, 64, 32)
		      : frame_ipv4(f, 1, SRC, own ? IP(10, 0, 1, 1) : DST, 17, 64, 24);

	if (six) {
		const u8 h[8] = { 17, 0, 0, 1, 0, 0, (u8)(id >> 8), (u8)id };

		memcpy(f + 54, h, sizeof(h));
		return len;
	}
	f[18] = (u8)(id >> 8);
	f[19] = (u8)id;
	f[20] = 0x20;
	frame_fix(f);
	return len;
}

/* Bursts of fragments for the router, fragments for others and plain packets, in turn; what came
 * of them. */
static void pieces(bool six, bool fresh, u32 count, u32 *sent, u32 *ended_here)
{
	static u8 f[FAKE_FRAME];
	struct packet *p[24];

	*sent = *ended_here = 0;
	for (u32 k = 0; k < count; k++) {
		fake_forget();
		for (u32 i = 0; i < ARRAY_SIZE(p); i++) {
			u16 len = i % 3 == 2 ? make(f, six, i % LANES)
					     : piece(f, six, i % 3 == 1, 24 * k + i);

			p[i] = fake_frame(1, f, len);
		}
		if (fresh)
			fake_received(1, p, ARRAY_SIZE(p));
		else
			fake_burst(p, ARRAY_SIZE(p));
		for (u32 i = 0; i < fate_count; i++) {
			assert_int_equal(fates[i].in_if, 1);
			*sent += fates[i].kind == FATE_OUT && fates[i].out_if == 2;
			*ended_here +=
				fates[i].kind == FATE_DROP && fates[i].why == DROP_fragment_rate;
		}
		fake_law();
	}
}

/* Fragments for this router that find no time end by name, those for others and all plain packets
 * are forwarded; an address that is taken away is no own one from the next epoch on. */
static void sheds(void **state)
{
	struct pix_op other = op_if(1, IP(10, 0, 1, 5), 24);
	u64 before = 0;
	u32 sent, gone;

	(void)state;
	other.iface.vrf = VRF;
	for (u32 k = 0; k < 4; k++) {
		bool six = !(k & 1);

		pieces(six, k >= 2, 200, &sent, &gone);
		assert_int_equal(sent, 200 * 16);
		/* As many as a turn has time for were looked at. */
		assert_int_equal(gone, 200 * 8 - REASM_TURN * !k);
		assert_int_equal(fake_drops(DROP_fragment_rate) - before, gone);
		before += gone;
	}
	fake_txn(&other, 1);
	pieces(false, true, 4, &sent, &gone);
	assert_int_equal(gone, 0);
	assert_int_equal(sent, 4 * 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(takes, setup, teardown),
		cmocka_unit_test_setup_teardown(links, setup, teardown),
		cmocka_unit_test_setup_teardown(sheds, setup, teardown),
		cmocka_unit_test(v4),
		cmocka_unit_test(v6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
