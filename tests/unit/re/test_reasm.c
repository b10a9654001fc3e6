// SPDX-License-Identifier: MIT
/*
 * Reassembly to self, both families: any order, bounds, overlaps, timeouts, malformed fragments,
 * atomic ones, and what a flood of pieces costs.
 *
 *	10.0.1.9, 2001:db8:1::9 --- (1) .1, ::1   router   (2) 10.0.2.1 --- 10.0.2.9
 */
#include <time.h>

#include "qgm/control.h"
#include "qgm/re/icmp6.h"
#include "qgm/re/reasm.h"
#include "tests/unit/re/six.h"

static u8 f[FAKE_FRAME], whole[4096];
static bool six;

#define SRC6 ip6("2001:db8:1::9")
#define OWN6 ip6("2001:db8:1::1")

enum { SRC = 0x0a000109, OWN = 0x0a000101, DST = 0x0a000209 };

static int setup(void **state)
{
	struct pix_op ops[] = { op_if(1, OWN, 24), op_if(2, IP(10, 0, 2, 1), 24),
				op_neigh(1, SRC, 1), op_neigh(2, DST, 9) };

	six = *(bool *)*state;
	fake_start();
	fake_txn(ops, ARRAY_SIZE(ops));
	six_begin();
	six_addr(1, "2001:db8:1::1", 64);
	six_neigh(1, "2001:db8:1::9", 1);
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

static u32 head(void)
{
	return six ? 54 : 34;
}

/* An echo request of `payload` bytes behind the ICMP header, in whole[]; bytes behind the IP
 * header. */
static u16 request(u16 payload)
{
	if (six)
		frame_icmp6(whole, 1, SRC6, OWN6, ICMP6_ECHO_REQUEST, 0, payload);
	else
		frame_icmp(whole, 1, SRC, OWN, 8, 0, payload);
	return (u16)(8 + payload);
}

/* Fragment `id` with bytes [from, from + bytes) of whole[], into f. */
static u16 piece(u32 id, u16 from, u16 bytes, bool more)
{
	u32 at = head();

	memcpy(f, whole, at);
	if (six) {
		struct ipv6_fragment h = { .next = frame_ip6(whole)->next,
					   .offset = cpu_to_be16((u16)(from | more)),
					   .id = cpu_to_be32(id) };

		frame_ip6(f)->next = 44;
		frame_ip6(f)->payload_len = cpu_to_be16((u16)(8 + bytes));
		memcpy(f + at, &h, 8);
		at += 8;
	} else {
		frame_ip(f)->id = cpu_to_be16((u16)id);
		frame_ip(f)->frag = cpu_to_be16((u16)(from / 8 | (more ? IP_MF : 0)));
		frame_ip(f)->total_len = cpu_to_be16((u16)(20 + bytes));
		frame_fix(f);
	}
	memcpy(f + at, whole + head() + from, bytes);
	return (u16)(at + bytes);
}

/* One fragment, in a turn of its own and within the rate. */
static void in_time(const void *frame, u16 len)
{
	fake_clock += FAKE_HZ / REASM_RATE_NET;
	fake_q->now = fake_clock;
	fake_rx(1, frame, len);
}

static void rx(u32 id, u16 from, u16 bytes, bool more)
{
	u16 len = piece(id, from, bytes, more);

	in_time(f, len);
}

static u32 held(void)
{
	return (u32)fake_q->c->held;
}

/* fates[i] is the answer to request(payload), in one piece. */
static void reply(u32 i, u16 payload)
{
	const u8 *got = fates[i].frame;

	assert_int_equal(fates[i].kind, FATE_OUT);
	assert_int_equal(fates[i].len, head() + 8 + payload);
	if (six) {
		check_ip6(&fates[i], OWN6, SRC6, 64);
		assert_int_equal(frame_ip6((void *)(uintptr_t)got)->next, 58);
		assert_int_equal(got[54], ICMP6_ECHO_REPLY);
		assert_int_equal(
			frame_sum6(frame_ip6((void *)(uintptr_t)got), got + 54, 8u + payload, 58),
			0);
	} else {
		check_ip(&fates[i], OWN, SRC, 64);
		assert_int_equal(frame_ip((void *)(uintptr_t)got)->frag, 0);
		assert_int_equal(got[34], 0);
		assert_int_equal(frame_sum(got + 34, 8u + payload, 0), 0);
	}
	assert_memory_equal(got + head() + 4, whole + head() + 4, 4u + payload);
}

/* n - 1 pieces end as consumed; the last fate is the reply. */
static void answered(u32 n, u16 payload)
{
	assert_int_equal(fate_count, n);
	for (u32 i = 0; i + 1 < n; i++)
		assert_int_equal(fates[i].kind, FATE_CONSUME);
	reply(n - 1, payload);
	assert_int_equal(held(), 0);
	assert_int_equal(reasm_datagrams(((struct re *)qgm_re(fake_q))->reasm), 0);
}

static void orders(void **state)
{
	static const u8 order[][4] = { { 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 1, 3, 0, 2 },
				       { 2, 0, 3, 1 }, { 3, 0, 1, 2 }, { 1, 2, 3, 0 } };

	(void)state;
	for (u32 k = 0; k < ARRAY_SIZE(order); k++) {
		request(1000);
		fake_forget();
		for (u32 i = 0; i < 4; i++) {
			u8 n = order[k][i];

			assert_int_equal(held(), i);
			rx(k, (u16)(n * 256), (u16)(n == 3 ? 240 : 256), n != 3);
		}
		answered(4, 1000);
	}
}

static void random_orders(void **state)
{
	(void)state;
	srand(11);
	for (u32 round = 0; round < 300; round++) {
		u16 payload = (u16)(rand() % 1440), bytes = request(payload);
		u16 cut[REASM_FRAGMENTS + 1] = { 0 };
		u8 order[REASM_FRAGMENTS];
		u32 n = 0;

		while (n + 1 < REASM_FRAGMENTS && cut[n] < bytes) {
			u32 next = cut[n] + 8u + (u32)(rand() % 20) * 8;

			cut[n + 1] = (u16)MIN(next, (u32)bytes);
			n++;
		}
		if (cut[n] < bytes)
			cut[++n] = bytes;
		if (n < 2)
			continue;
		for (u32 i = 0; i < n; i++)
			order[i] = (u8)i;
		for (u32 i = n - 1; i; i--) {
			u32 k = (u32)rand() % (i + 1);
			u8 was = order[i];

			order[i] = order[k];
			order[k] = was;
		}
		fake_forget();
		for (u32 i = 0; i < n; i++)
			rx(round, cut[order[i]], (u16)(cut[order[i] + 1] - cut[order[i]]),
			   order[i] + 1u < n);
		answered(n, payload);
	}
}

/* Datagrams that differ in one field only are not mixed. */
static void keys(void **state)
{
	(void)state;
	request(120);
	rx(1, 0, 64, true);
	rx(2, 64, 64, false);
	assert_int_equal(held(), 2);
	for (u32 field = 0; field < 2; field++) {
		u16 len = piece(1, 64, 64, false);

		if (six)
			frame_ip6(f)->src[15] ^= field ? 3 : 1;
		else if (field)
			frame_ip(f)->proto = 17;
		else
			frame_ip(f)->src ^= cpu_to_be32(1);
		if (!six)
			frame_fix(f);
		fake_rx(1, f, len);
	}
	assert_int_equal(held(), 4);
	assert_int_equal(fate_count, 0);
	rx(1, 64, 64, false);
	assert_int_equal(held(), 3);
	assert_int_equal(fate_count, 2);
	reply(1, 120);
}

static void duplicates(void **state)
{
	(void)state;
	request(120);
	rx(1, 0, 64, true);
	rx(1, 0, 64, true);
	assert_int_equal(fake_drops(DROP_fragment_duplicate), 1);
	assert_int_equal(held(), 1);
	fake_forget();
	rx(1, 64, 64, false);
	answered(2, 120);
}

/* RFC 5722 3, 4: any overlap ends the datagram. */
static void overlaps(void **state)
{
	static const struct {
		u16 from, bytes;
		bool more;
	} second[] = {
		{ 0, 72, true },  { 0, 56, true },   { 8, 48, true },    { 56, 64, true },
		{ 8, 256, true }, { 40, 24, true },  { 120, 16, true },  { 184, 8, true },
		{ 64, 72, true }, { 72, 256, true }, { 184, 16, false },
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(second); i++) {
		request(800);
		fake_forget();
		rx(7, 0, 64, true);
		rx(7, 128, 64, true);
		rx(7, second[i].from, second[i].bytes, second[i].more);
		assert_int_equal(fate_count, 3);
		for (u32 k = 0; k < 3; k++)
			assert_int_equal(fates[k].why, DROP_fragment_overlap);
		assert_int_equal(held(), 0);
	}
	/* contradictions about the end */
	request(800);
	rx(8, 64, 64, false);
	rx(8, 128, 64, true);
	assert_int_equal(held(), 0);
	rx(9, 64, 64, false);
	rx(9, 128, 64, false);
	assert_int_equal(held(), 0);
	rx(10, 128, 64, true);
	rx(10, 64, 64, false);
	assert_int_equal(held(), 0);
}

static void malformed(void **state)
{
	u16 len;

	(void)state;
	request(800);
	if (!six) {
		rx(1, 0, 63, true);
		rx(1, 0, 0, true);
		rx(1, 64, 0, false);
		len = piece(1, 0, 64, true);
		frame_ip(f)->frag = cpu_to_be16(0x1fff);
		frame_fix(f);
		fake_rx(1, f, len); /* ends beyond 65535 */
		assert_int_equal(fake_drops(DROP_fragment_bad), 4);
		assert_int_equal(fate_count, 4);
		return;
	}
	/* RFC 8200 4.5: the sender is told */
	len = piece(1, 0, 63, true);
	fake_rx(1, f, len);
	assert_int_equal(fate_count, 2);
	assert_int_equal(fates[0].why, DROP_fragment_bad);
	check_icmp6_error(&fates[1], OWN6, SRC6, ICMP6_PARAM_PROB, 0, 4, f, len);
	fake_forget();
	rx(1, 64, 0, false);
	assert_int_equal(fates[0].why, DROP_fragment_bad);
	fake_forget();
	len = piece(1, 0, 64, true);
	f[56] = 0xff;
	f[57] = 0xf8;
	fake_rx(1, f, len); /* a later fragment: no error about it */
	assert_int_equal(fate_count, 1);
	assert_int_equal(fates[0].why, DROP_icmp_forbidden);
	/* RFC 7112 5: the first has all headers */
	fake_forget();
	len = frame_icmp6(whole, 1, SRC6, OWN6, ICMP6_ECHO_REQUEST, 0, 80);
	frame_insert(whole, len, 60, "\0\1\x1e\4\0\0\0\0\x1e\4\0\0\0\0\1\0", 16, 0);
	len = piece(1, 0, 8, true);
	fake_rx(1, f, len);
	assert_int_equal(fates[0].why, DROP_fragment_bad);
	check_icmp6_error(&fates[1], OWN6, SRC6, ICMP6_PARAM_PROB, ICMP6_PARAMPROB_FIRSTFRAG, 0, f,
			  len);
	fake_forget();
	len = piece(1, 0, 16, true); /* headers, but nothing behind them */
	fake_rx(1, f, len);
	assert_int_equal(fates[0].why, DROP_fragment_bad);
	fake_forget();
	rx(1, 0, 24, true);
	rx(1, 24, 80, false);
	assert_int_equal(fates[fate_count - 1].kind, FATE_OUT);
	assert_int_equal(fates[fate_count - 1].len, 54 + 88);
	/* cut inside the fragment header */
	fake_forget();
	len = frame_ipv6(f, 1, SRC6, OWN6, 44, 64, 7);
	fake_rx(1, f, len);
	assert_int_equal(fates[0].why, DROP_ip6_header);
}

/* RFC 6946: a fragment that is a whole is on its own, whatever waits under its key. */
static void atomic(void **state)
{
	(void)state;
	if (!six)
		return;
	request(120);
	rx(5, 64, 64, false);
	fake_forget();
	rx(5, 0, 128, false);
	assert_int_equal(fate_count, 1);
	reply(0, 120);
	assert_int_equal(held(), 1);
	rx(5, 0, 64, true);
	assert_int_equal(fate_count, 3);
	reply(2, 120);
}

static void timeouts(void **state)
{
	u32 ms = six ? REASM_MS_IPV6 : REASM_MS_IPV4;
	u16 len;

	(void)state;
	request(800);
	rx(1, 64, 64, true); /* the first one is not here: nobody is told */
	fake_sleep_ms(1000);
	len = piece(2, 0, 64, true);
	fake_rx(1, f, len);
	rx(2, 128, 64, true);
	fake_sleep_ms(ms - 1010);
	assert_int_equal(fate_count, 0);
	assert_int_equal(held(), 3);
	fake_sleep_ms(20);
	assert_int_equal(fate_count, 1);
	assert_int_equal(fates[0].why, DROP_reassembly_timeout);
	piece(2, 0, 64, true);
	fake_sleep_ms(1000);
	assert_int_equal(fate_count, 4);
	assert_int_equal(fake_drops(DROP_reassembly_timeout), 3);
	assert_int_equal(held(), 0);
	if (six)
		check_icmp6_error(&fates[3], OWN6, SRC6, ICMP6_TIME_EXCEEDED, 1, 0, f, len);
	else
		check_icmp_error(&fates[3], OWN, SRC, ICMP_TIME_EXCEEDED, 1, 0, f, len);
}

/* Fixed memory: the oldest go, and an honest datagram gets through in the flood. */
static void bounds(void **state)
{
	(void)state;
	request(1000);
	for (u32 i = 0; i < 3000; i++) {
		u32 from = 8u * (1 + (u32)rand() % 100);

		rx(100 + i, (u16)from, 8, true);
		assert_true(held() <= REASM_PACKETS);
		if (fate_count > FAKE_FATES / 2)
			fake_forget();
	}
	assert_int_equal(held(), REASM_DATAGRAMS);
	assert_int_equal(fake_drops(DROP_reassembly_full), 3000 - REASM_DATAGRAMS);
	fake_forget();
	rx(1, 0, 512, true);
	for (u32 i = 0; i < 20; i++)
		rx(5000 + i, 8, 8, true);
	rx(1, 512, 496, false);
	assert_int_equal(fates[fate_count - 1].kind, FATE_OUT);
	reply(fate_count - 1, 1000);
	/* pieces of one: at most REASM_FRAGMENTS */
	fake_sleep_ms(REASM_MS_IPV6 + 1000);
	assert_int_equal(held(), 0);
	for (u32 i = 0; i < REASM_FRAGMENTS; i++)
		rx(1, (u16)(i * 16), 8, true);
	assert_int_equal(held(), REASM_FRAGMENTS);
	fake_forget();
	rx(1, 1040, 8, true);
	assert_int_equal(fate_count, REASM_FRAGMENTS + 1);
	assert_int_equal(fates[0].why, DROP_reassembly_full);
	assert_int_equal(held(), 0);
	/* and REASM_PACKETS in all */
	for (u32 d = 0; d < 10; d++)
		for (u32 i = 0; i < 40; i++)
			rx(d, (u16)(i * 16 + 8), 8, true);
	assert_true(held() <= REASM_PACKETS);
	assert_true(held() > REASM_PACKETS - 40);
}

/* As rx() of another sender, with no time in between. */
static void rx_from(u32 net, u32 id, u16 from, u16 bytes, bool more)
{
	u16 len = piece(id, from, bytes, more);

	if (six) {
		u16 part = cpu_to_be16((u16)net);

		memcpy(frame_ip6(f)->src + 4, &part, 2);
	} else {
		be32 src = cpu_to_be32(0xac000009 + (net << 8));

		memcpy(&frame_ip(f)->src, &src, sizeof(src));
		frame_fix(f);
	}
	fake_rx(1, f, len);
}

static void next_turn(u32 us)
{
	fake_clock += FAKE_HZ / 1000000 * us;
	fake_q->now = fake_clock;
	fake_forget();
}

/* FragmentSmack: what is over the rates is dropped by name, and others' datagrams are not. */
static void rates(void **state)
{
	u64 turns = 0, before, sent = 0;

	(void)state;
	request(1000);
	/* one turn */
	for (u32 i = 0; i < REASM_TURN + 20; i++)
		rx_from(1, i, 8, 8, true);
	assert_int_equal(fake_drops(DROP_fragment_rate), 20);
	/* one network for a second: its burst is gone after that */
	for (turns = 0; turns < 1000; turns++) {
		next_turn(1000);
		for (u32 i = 0; i < 60; i++, sent++)
			rx_from(1, (u32)turns * 100 + i, 8, 8, true);
	}
	sent += REASM_TURN + 20;
	before = sent - fake_drops(DROP_fragment_rate);
	assert_in_range(before, REASM_RATE_NET, REASM_RATE_NET + REASM_BURST_NET + 16);
	/* another's datagrams, in pieces between those of the flood */
	for (u32 i = 0; i < 200; i++) {
		next_turn(1000);
		for (u32 k = 0; k < 60; k++)
			rx_from(1, 1000000 + i * 100 + k, 8, 8, true);
		fake_forget();
		rx(i, 0, 512, true);
		rx(i, 512, 496, false);
		assert_int_equal(fates[fate_count - 1].kind, FATE_OUT);
	}
	/* from everywhere: the rate of all */
	sent = 0;
	before = fake_drops(DROP_fragment_rate);
	for (turns = 0; turns < 1000; turns++) {
		next_turn(1000);
		for (u32 i = 0; i < 100; i++, sent++)
			rx_from(2 + (u32)turns % 1000, i, 8, 8, true);
	}
	sent -= fake_drops(DROP_fragment_rate) - before;
	assert_in_range(sent, REASM_RATE * 9 / 10, REASM_RATE + REASM_BURST + 16);
}

/* Longer than the buffer; and an answer longer than the MTU goes in fragments. */
static void sizes(void **state)
{
	u32 room = FAKE_FRAME - 14 - 40 - 8 - 8;
	u16 n;

	(void)state;
	request(3000);
	rx(1, 0, 1400, true);
	rx(1, 1400, 1400, true);
	rx(1, 2800, 208, false);
	assert_int_equal(fate_count, 3);
	assert_int_equal(fake_drops(DROP_reassembly_size), 3);
	fake_forget();
	n = request((u16)(room - 40));
	rx(2, 0, 1400, true);
	rx(2, 1400, (u16)(n - 1400), false);
	assert_int_equal(fake_drops(DROP_reassembly_size), 3);
	assert_int_equal(fate_count, 3); /* consumed; two pieces */
	assert_int_equal(fates[1].kind, FATE_OUT);
	assert_int_equal(fates[2].kind, FATE_OUT);
	assert_true(fates[1].len <= 1514 && fates[1].len > 1480);
	if (six) {
		const u8 *a = fates[1].frame, *b = fates[2].frame;

		assert_int_equal(frame_ip6((void *)(uintptr_t)a)->next, 44);
		assert_int_equal(a[54], 58);
		assert_int_equal(a[57] & 1, 1);
		assert_int_equal(b[57] & 1, 0);
		assert_int_equal(((b[56] << 8 | b[57]) & ~7), fates[1].len - 62);
		assert_memory_equal(a + 58, b + 58, 4); /* one id */
		assert_memory_equal(a + 62 + 4, whole + 54 + 4, fates[1].len - 66u);
		assert_memory_equal(b + 62, whole + 54 + fates[1].len - 62, fates[2].len - 62u);
		assert_int_equal(fates[1].len - 62 + fates[2].len - 62, n);
	}
}

/* What is put together goes to who listens, as one packet. */
static void punt(void **state)
{
	u64 epoch;
	u16 len;

	(void)state;
	assert_int_equal(control_listen(1u << PIX_PUNT_LOCAL, &epoch), 0);
	len = six ? frame_udp6(whole, 1, SRC6, OWN6, 64, 800)
		  : frame_udp(whole, 1, SRC, OWN, 64, 800);
	rx(1, 0, 400, true);
	rx(1, 400, 408, false);
	assert_int_equal(fates[fate_count - 1].kind, FATE_PUNT);
	assert_int_equal(fates[fate_count - 1].why, PIX_PUNT_LOCAL);
	assert_int_equal(fates[fate_count - 1].len, len + (six ? 8 : 0));
	assert_memory_equal(fates[fate_count - 1].frame + fates[fate_count - 1].len - 808,
			    whole + len - 808, 808);
}

/* Of this thread alone. */
static u64 nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (u64)t.tv_sec * 1000000000 + (u64)t.tv_nsec;
}

/* The worst that pieces can do: lists as long as they get, searched to their end for each, and the
 * oldest datagram thrown out again and again. Must not cost much more than forwarding. */
static void flood(void **state)
{
	enum { N = 20000 };
	u64 best = ~0ull, fast = ~0ull;

	(void)state;
	for (u32 round = 0; round < 5; round++) {
		u64 start = nanoseconds(), cost;
		u16 len;

		for (u32 i = 0; i < N; i++) {
			len = frame_udp(f, 1, SRC, DST, 64, 8);
			fake_rx(1, f, len);
			fake_forget();
		}
		cost = nanoseconds() - start;
		fast = MIN(fast, cost);
		request(1000);
		start = nanoseconds();
		for (u32 i = 0; i < N; i++) {
			/* from the middle on, upwards and downwards: nothing can be appended */
			u32 k = i % 60, id = round * N + i / 60;

			rx(id, (u16)(k ? 16 * (61 - k) : 992), 8, true);
			fake_forget();
		}
		cost = nanoseconds() - start;
		best = MIN(best, cost);
	}
	print_message("%.1f ns to forward, %.1f ns a piece\n", (double)fast / N, (double)best / N);
	assert_true(best < 8 * fast);
}

/* Random fragments, whatever they say: no crash, the law holds, memory is bounded. */
static void garbage(void **state)
{
	(void)state;
	srand(5);
	for (u32 round = 0; round < 20000; round++) {
		u16 len;

		request(1000);
		len = piece((u32)rand() % 6, (u16)(rand() % 60 * 8), (u16)(rand() % 100 * 8),
			    rand() % 4);
		for (int k = rand() % 3; k; k--)
			f[14 + rand() % 60] = (u8)rand();
		if (!six)
			frame_fix(f);
		in_time(f, rand() % 8 ? len : (u16)(14 + rand() % 90));
		assert_true(held() <= REASM_PACKETS + NEIGH_PACKETS);
		if (rand() % 50 == 0)
			fake_sleep_ms(100);
		if (fate_count > FAKE_FATES / 2)
			fake_forget();
	}
}

static bool yes = true, no;

int main(void)
{
#define T(fn)                                      \
	{ #fn "4", fn, setup, teardown, &no },     \
	{                                          \
#fn "6", fn, setup, teardown, &yes \
	}
	const struct CMUnitTest tests[] = {
		T(orders),    T(random_orders), T(keys),     T(duplicates), T(overlaps),
		T(malformed), T(atomic),        T(timeouts), T(bounds),     T(sizes),
		T(punt),      T(garbage),       T(flood),    T(rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
