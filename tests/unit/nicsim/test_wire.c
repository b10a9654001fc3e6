// SPDX-License-Identifier: MIT
/* The wires: datagram sockets with push-back, pcap files, generator and sink, loop, link; and the
 * control socket's commands. */
#include "tests/unit/nicsim/bench.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tools/nicsim/control.h"

static struct bench b;
static char dir[] = "/tmp/nicsim-XXXXXX";
static char text[400];

static int setup(void **state)
{
	(void)state;
	bench_start(&b, "id=nic,seed=7");
	bench_rings(&b);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(b.dev->nerrors, 0);
	bench_end(&b);
	return 0;
}

static void wire(const char *spec)
{
	char why[300] = "";

	if (!nicsim_wire_set(b.dev, spec, why, sizeof(why)))
		fail_msg("%s", why);
}

static char *path(const char *name)
{
	static char at[4][64];
	static u32 n;
	char *p = at[n++ % 4];

	snprintf(p, 64, "%s/%s", dir, name);
	return p;
}

static u8 *frame(u32 n)
{
	static u8 f[2000];

	memset(f, (int)n, sizeof(f));
	return f;
}

static void test_socket(void **state)
{
	int pair[2];
	u8 buf[2000];
	const u8 *got;
	u32 len;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	snprintf(text, sizeof(text), "fd:%d", pair[0]);
	wire(text);
	for (u32 n = 0; n < 100; n++) {
		assert_true(bench_tx(&b, frame(n), 60 + n));
		assert_int_equal(recv(pair[1], buf, sizeof(buf), 0), 60 + n);
		assert_memory_equal(buf, frame(n), 60 + n);
		assert_int_equal(send(pair[1], frame(n + 1), 1514, 0), 1514);
		nicsim_run(b.sim, 0);
		got = bench_rx(&b, &len);
		assert_non_null(got);
		assert_int_equal(len, 1514);
		assert_memory_equal(got, frame(n + 1), 1514);
	}
	assert_int_equal(b.dev->wire->lost, 0);
	close(pair[1]);
}

/* Nobody reads: the wire holds, then the NIC holds; all comes in order once somebody does. */
static void test_push_back(void **state)
{
	enum { MANY = 3000 };
	int pair[2], small = 8192;
	u8 buf[100];
	u32 given = 0, came = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	snprintf(text, sizeof(text), "fd:%d", pair[0]);
	wire(text);
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	memset(buf, 0, sizeof(buf));
	while (came < MANY) {
		while (given < MANY) {
			memcpy(buf, &given, 4);
			if (!bench_tx(&b, buf, 60)) {
				given++;
				break; /* held back */
			}
			given++;
		}
		if (came == 0)
			assert_true(given < MANY);
		while (recv(pair[1], buf, sizeof(buf), MSG_DONTWAIT) > 0) {
			assert_memory_equal(buf, &came, 4);
			came++;
		}
		nicsim_advance(b.sim, 1000000);
	}
	assert_int_equal(b.dev->wire->lost, 0);
	close(pair[1]);
}

/* No descriptor: frames wait in the socket, as with QEMU's own NICs. */
static void test_rx_waits(void **state)
{
	int pair[2];
	u32 len, got = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	snprintf(text, sizeof(text), "fd:%d", pair[0]);
	wire(text);
	for (u32 sent = 0; sent < 40;) {
		if (send(pair[1], frame(sent), 60, MSG_DONTWAIT) == 60) {
			sent++;
			continue;
		}
		nicsim_run(b.sim, 0);
		for (const u8 *f; (f = bench_rx(&b, &len)) != NULL; got++)
			assert_memory_equal(f, frame(got), 60);
	}
	for (u32 i = 0; i < 40; i++) {
		nicsim_run(b.sim, 0);
		for (const u8 *f; (f = bench_rx(&b, &len)) != NULL; got++)
			assert_memory_equal(f, frame(got), 60);
	}
	assert_int_equal(got, 40);
	assert_int_equal(bench_rd(&b, TEST_DROPPED), 0);
	close(pair[1]);
}

static void test_paths(void **state)
{
	struct bench other;
	char why[200];
	u32 len;

	(void)state;
	snprintf(text, sizeof(text), "dgram:%s:%s", path("a"), path("b"));
	wire(text);
	assert_true(bench_tx(&b, frame(1), 60)); /* nobody there: lost, not waited for */
	assert_int_equal(b.dev->wire->lost, 1);
	bench_start(&other, "id=other");
	bench_rings(&other);
	snprintf(text, sizeof(text), "dgram:%s:%s", path("b"), path("a"));
	assert_true(nicsim_wire_set(other.dev, text, why, sizeof(why)));
	assert_true(bench_tx(&b, frame(2), 60));
	nicsim_run(other.sim, 0);
	assert_memory_equal(bench_rx(&other, &len), frame(2), 60);
	bench_end(&other);
	assert_int_not_equal(access(path("b"), F_OK), 0);
}

static void test_pcap(void **state)
{
	u32 len;

	(void)state;
	snprintf(text, sizeof(text), "pcap:%s", path("out.pcap"));
	wire(text);
	for (u32 n = 0; n < 5; n++) {
		assert_true(bench_tx(&b, frame(n), 64 + n));
		nicsim_advance(b.sim, 1000);
	}
	/* play what was recorded, with its times */
	wire("loop");
	snprintf(text, sizeof(text), "pcap:%s:%s", path("again.pcap"), path("out.pcap"));
	wire(text);
	nicsim_run(b.sim, 0);
	for (u32 n = 0; n < 5; n++) {
		const u8 *f = bench_rx(&b, &len);

		assert_non_null(f);
		assert_int_equal(len, 64 + n);
		assert_memory_equal(f, frame(n), len);
		assert_null(bench_rx(&b, &len)); /* the next is not due yet */
		nicsim_advance(b.sim, 1000);
	}
	nicsim_advance(b.sim, 1000000);
	assert_null(bench_rx(&b, &len));
	/* at a rate of its own */
	snprintf(text, sizeof(text), "pcap::%s:1000", path("out.pcap"));
	wire(text);
	nicsim_advance(b.sim, 2500000);
	assert_int_equal(b.dev->wire->in, 3);
}

static void test_generator(void **state)
{
	u32 len, got = 0;

	(void)state;
	wire("gen:1000000:100:500:4");
	for (u32 i = 0; i < 600; i++) {
		const u8 *f;

		nicsim_advance(b.sim, 1000);
		while ((f = bench_rx(&b, &len)) != NULL) {
			u8 copy[100];

			assert_int_equal(len, 100);
			memcpy(copy, f, len);
			got++;
			if (got == 10)
				continue; /* one is lost in us */
			if (got == 20)
				copy[42 + 17] ^= 1; /* one is damaged */
			assert_true(bench_tx(&b, copy, len));
			if (got == 30)
				assert_true(bench_tx(&b, copy, len)); /* one comes twice */
		}
	}
	assert_int_equal(got, 500);
	assert_int_equal(b.dev->wire->in, 500);
	assert_true(bench_tx(&b, frame(0), 60));
	{
		char *report;
		size_t size;
		FILE *to = open_memstream(&report, &size);

		nicsim_wire_report(b.dev, to);
		fclose(to);
		if (!strstr(report,
			    "made 500; sink: in order 498, gaps 2, late 1, bad 1, foreign 1"))
			fail_msg("%s", report);
		free(report);
	}
}

static void test_held(void **state)
{
	u32 len;

	(void)state;
	wire("gen:1000:100:5:1:held");
	nicsim_advance(b.sim, 10000000);
	assert_null(bench_rx(&b, &len));
	nicsim_wire_go(b.dev);
	nicsim_advance(b.sim, 2500000);
	assert_int_equal(b.dev->wire->in, 3);
	wire("gen:1000:held");
	nicsim_advance(b.sim, 10000000);
	assert_int_equal(b.dev->wire->in, 0);
}

static void test_link(void **state)
{
	u64 first, second;
	u32 len;

	(void)state;
	/* 1000 Mbit/s, 100 us: 1000 + 24 bytes take 8.192 us */
	wire("link:1000:100:0:loop");
	assert_true(bench_tx(&b, frame(1), 1000));
	assert_true(bench_tx(&b, frame(2), 1000));
	assert_null(bench_rx(&b, &len));
	first = 2 * (100000 + 8192);
	nicsim_advance(b.sim, first - 1);
	assert_null(bench_rx(&b, &len));
	nicsim_advance(b.sim, 1);
	assert_memory_equal(bench_rx(&b, &len), frame(1), 1000);
	second = 8192;
	nicsim_advance(b.sim, second - 1);
	assert_null(bench_rx(&b, &len));
	nicsim_advance(b.sim, 1);
	assert_memory_equal(bench_rx(&b, &len), frame(2), 1000);
}

static void test_loss(void **state)
{
	u32 len, got = 0;

	(void)state;
	wire("link:0:0:100000:loop"); /* one in ten, each way */
	for (u32 i = 0; i < 10000; i++) {
		assert_true(bench_tx(&b, frame(1), 60));
		nicsim_run(b.sim, 0);
		got += bench_rx(&b, &len) != NULL;
	}
	assert_in_range(got, 7900, 8300); /* 8100, sigma 39 */
	assert_int_equal(b.dev->wire->lost, 10000 - got);
}

/* The plug: what is sent comes back, once, in order, at no time, with light. */
static void test_loop(void **state)
{
	u32 len;

	(void)state;
	wire("loop");
	assert_true(nicsim_light(b.dev));
	for (u32 round = 0; round < 100; round++) {
		for (u32 i = 0; i < 3; i++)
			assert_true(bench_tx(&b, frame(round + i), 60 + round + i));
		nicsim_run(b.sim, 0);
		for (u32 i = 0; i < 3; i++) {
			const u8 *f = bench_rx(&b, &len);

			assert_non_null(f);
			assert_int_equal(len, 60 + round + i);
			assert_memory_equal(f, frame(round + i), len);
		}
		assert_null(bench_rx(&b, &len));
	}
	assert_int_equal(b.dev->wire->out, 300);
	assert_int_equal(b.dev->wire->in, 300);
	assert_int_equal(b.dev->wire->lost, 0);
}

static void test_none(void **state)
{
	(void)state;
	wire("none");
	assert_false(nicsim_light(b.dev));
	assert_int_equal(bench_rd(&b, TEST_STATUS), 0);
	wire("loop");
	assert_true(nicsim_light(b.dev));
}

static void test_bad_specs(void **state)
{
	static const char *const bad[] = {
		"",
		"wire",
		"fd:",
		"fd:9999",
		"fd:x",
		"dgram:",
		"dgram:/a",
		"dgram::/b",
		"dgram:/a:",
		"dgram:/no/such/dir/x:/b",
		"gen:",
		"gen:0",
		"gen:x",
		"gen:100:10",
		"gen:1:100:1:0",
		"gen:held",
		"gen:1:100:1:1:hold",
		"loop:1",
		"link:1:2",
		"link:1:2:3:",
		"link:1:2:2000000:loop",
		"link:1:2:3:nonsense",
		"pcap::/no/such/file",
		"pcap:/no/such/dir/x",
		"pcap:::x",
	};
	char why[400];

	(void)state;
	wire("loop");
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		why[0] = 0;
		if (nicsim_wire_set(b.dev, bad[i], why, sizeof(why)))
			fail_msg("%s was taken", bad[i]);
		assert_true(strlen(why) > 10);
	}
	assert_string_equal(b.dev->wire->ops->name, "loop"); /* the old one stays */
	FILE *f = fopen(path("junk"), "w");

	fputs("this is no capture file at all, whatever its name", f);
	fclose(f);
	snprintf(text, sizeof(text), "pcap::%s", path("junk"));
	assert_false(nicsim_wire_set(b.dev, text, why, sizeof(why)));
	assert_non_null(strstr(why, "is no pcap file"));
}

static const char *say(const char *line)
{
	static char answer[4000];
	char copy[200], *out = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&out, &size);

	strcpy(copy, line);
	control_command(b.sim, copy, to);
	fclose(to);
	snprintf(answer, sizeof(answer), "%s", out);
	free(out);
	return answer;
}

static void test_control(void **state)
{
	static const char *const bad[] = { "",
					   "nonsense",
					   "fault",
					   "fault nic",
					   "fault nic tx-hang",
					   "fault nic tx-hang x",
					   "fault zzz tx-hang 1",
					   "fault nic zzz 1",
					   "light nic",
					   "light nic dim",
					   "clear" };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++)
		assert_memory_equal(say(bad[i]), "error ", 6);
	assert_string_equal(say("fault nic tx-hang always"), "ok\n");
	assert_false(bench_tx(&b, frame(0), 60));
	assert_string_equal(say("fault nic tx-hang 0"), "ok\n");
	assert_string_equal(say("light nic off"), "ok\n");
	assert_false(nicsim_light(b.dev));
	assert_string_equal(say("errors nic"), "errors 0\nok\n");
	bench_wr(&b, TEST_CTRL, 16);
	assert_non_null(strstr(say("errors nic"), "reserved: CTRL 10"));
	assert_string_equal(say("clear nic"), "ok\n");
	assert_non_null(strstr(say("report"), "nicsim: nic: sent"));
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_socket),    T(test_push_back), T(test_rx_waits), T(test_paths), T(test_pcap),
		T(test_generator), T(test_held),      T(test_link),     T(test_loss),  T(test_loop),
		T(test_none),      T(test_bad_specs), T(test_control),
	};
	int r;

	if (!mkdtemp(dir))
		return 1;
	r = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path("junk"));
	unlink(path("out.pcap"));
	unlink(path("again.pcap"));
	rmdir(dir);
	return r;
}
