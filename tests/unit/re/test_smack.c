// SPDX-License-Identifier: MIT
/*
 * FragmentSmack (CVE-2018-5391): what forwarding loses when one frame in eight is a fragment for
 * the router that never becomes a whole datagram. Null ports, the image's own objects, both
 * families; the two kinds of traffic take turns, and the median of the pairs counts. The engine's
 * clock, by which fragments are metered, goes with the packets: how many are looked at is not up to
 * the host.
 */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <time.h>

#include "drivers/net/null/null.h"
#include "qgm/control.h"
#include "qgm/re/checksum.h"
#include "qgm/re/ipv4.h"
#include "qgm/re/ipv6.h"
#include "tools/host/world.h"

enum {
	FRAMES = 4096,
	EVERY = 8,
	FRAME = 64,
	FRAME6 = 70,
	SLOT = 96,
	ROUNDS = 15,
	TRIES = 15,
	PACKETS = 400000,
	PACKET_NS =
		40, /* what a packet takes on the engine's clock: more than a quiet machine needs */
};

/* Share of the rate that stays. 0.91 to 0.96 is what one try shows; with the bug 0.80 to 0.87. */
#define KEEP 0.9

/* Share of the fragments that were looked at rather than shed by their meter, of the last run. */
static double looked_at;

static struct world w;
static struct port *port[3];
static u8 bytes[2][FRAMES][SLOT]; /* [0]: all to forward, [1]: with fragments */
static struct null_frame frames[2][FRAMES];

static struct pix_ip net6(u64 net, u64 host)
{
	return (struct pix_ip){ 0x20010db800000000ull | net, host };
}

/* Where the packets to forward go: no two in a row to the same place, by routes as long as most of
 * the Internet's are. */
enum { ROUTES = 128 };

static u32 far4(u32 i)
{
	return 0x0b000000 | i % ROUTES << 12 | (u8)i;
}

static struct pix_ip far6(u32 i)
{
	return (struct pix_ip){ 0x20010db900000000ull | i % ROUTES << 20, i };
}

static struct pix_op route_op(u32 i, bool six)
{
	struct pix_ip four = pix_ip4(far4(i) & 0xffffff00);
	struct pix_ip to = { far6(i).hi, 0 };

	return (struct pix_op){ .kind = PIX_OP_ROUTE_ADD,
				.route = { .addr = six ? to : four,
					   .len = six ? 48 : 24,
					   .proto = PIX_ROUTE_STATIC,
					   .gateway = six ? net6(2, 2) : pix_ip4(0x0a020002) } };
}

static u32 bind_ops(struct pix_op *ops)
{
	u32 n = 0;

	for (u16 i = 1; i <= 2; i++, n++) {
		struct pix_iface *ifc = &ops[n].iface;

		ops[n].kind = PIX_OP_IF_SET;
		*ifc = (struct pix_iface){ .id = i, .mode = PIX_IF_L3, .up = 1, .addr_count = 2 };
		ifc->v6 = 1;
		ifc->addr[0] =
			(struct pix_addr){ .ip = pix_ip4(0x0a000001u | (u32)i << 16), .len = 24 };
		ifc->addr[1] = (struct pix_addr){ .ip = net6(i, 1), .len = 64 };
	}
	for (u32 six = 0; six < 2; six++, n++) {
		ops[n].kind = PIX_OP_NEIGH_SET;
		ops[n].neigh = (struct pix_neigh){ .ifid = 2,
						   .addr = six ? net6(2, 2) : pix_ip4(0x0a020002) };
		memcpy(ops[n].neigh.mac, (const u8[]){ 2, 0, 0, 0, 0, 2 }, 6);
	}
	for (u32 i = 0; i < 2 * ROUTES; i++)
		ops[n++] = route_op(i / 2, i % 2);
	return n;
}

static void make(const char *plants)
{
	static struct pix_op ops[4 + 2 * ROUTES];
	u64 epoch;
	u32 failed;

	host_reset();
	host_plant(plants);
	w = (struct world){ .nqgm = 1, .nports = 2 };
	assert_int_equal(ctl_init(), 0);
	for (u32 i = 1; i <= 2; i++) {
		port[i] = port_alloc(0);
		assert_int_equal(
			null_port_create(port[i],
					 env_alloc(ENV_PRIVATE, null_state_bytes(), CACHE_LINE, 0)),
			0);
		memcpy(port[i]->mac, (const u8[]){ 2, 0, 0, 9, 9, (u8)i }, 6);
	}
	assert_int_equal(qgm_setup(64ull << 20, 1), 0);
	assert_int_equal(control_init(), 0);
	w.q[0] = qgm_create(0, 0);
	assert_non_null(w.q[0]);
	assert_int_equal(qgm_assign_ports(), 0);
	memset(ops, 0, sizeof(ops));
	assert_int_equal(control_txn(ops, bind_ops(ops), 0, &epoch, &failed), 0);
	for (u16 i = 1; i <= 2; i++)
		assert_int_equal(
			world_command(&w, 0, (struct ctl_cmd){ .kind = CTL_PORT_START, .a = i }),
			0);
	world_settle(&w, 8, 100);
	assert_int_equal(port[2]->state, PORT_RUNNING);
}

/* UDP to far away, or a piece of a datagram of which nothing else comes, at an offset where it
 * cannot be appended. */
static void frame4(u8 *d, u32 i, bool fragment)
{
	struct ipv4_hdr *ip = (struct ipv4_hdr *)(d + 14);

	*ip = (struct ipv4_hdr){
		.ver_ihl = 0x45,
		.total_len = cpu_to_be16(FRAME - 14),
		.ttl = 64,
		.proto = 17,
		.src = cpu_to_be32(0xc6120000 + i % 200),
		.dst = cpu_to_be32(fragment ? 0x0a010001 : far4(i)),
	};
	if (fragment) {
		ip->total_len = cpu_to_be16(28);
		ip->id = cpu_to_be16((u16)(i / EVERY / 61));
		ip->frag = cpu_to_be16((u16)(IP_MF | (2 * (100 - i / EVERY % 61))));
	}
	ip->check = checksum(ip, 20);
}

static void frame6(u8 *d, u32 i, bool fragment)
{
	struct ipv6_hdr *ip = (struct ipv6_hdr *)(d + 14);

	*ip = (struct ipv6_hdr){
		.vtf = cpu_to_be32(0x60000000),
		.payload_len = cpu_to_be16(FRAME6 - 54),
		.next = fragment ? 44 : 17,
		.hop_limit = 64,
	};
	pix_ip_store(ip->src, net6(0xffff, 2 + i % 200));
	pix_ip_store(ip->dst, fragment ? net6(1, 1) : far6(i));
	if (fragment) {
		struct ipv6_fragment h = {
			.next = 17,
			.offset = cpu_to_be16((u16)(16 * (100 - i / EVERY % 61) | IP6_MORE)),
			.id = i / EVERY / 61,
		};

		memcpy(d + 54, &h, sizeof(h));
	}
}

static void templates(bool six)
{
	memset(bytes, 0, sizeof(bytes));
	for (u32 kind = 0; kind < 2; kind++) {
		for (u32 i = 0; i < FRAMES; i++) {
			u8 *d = bytes[kind][i];
			bool fragment = kind && i % EVERY == EVERY - 1;

			memcpy(d, port[1]->mac, 6);
			memcpy(d + 6, (const u8[]){ 2, 0, 0, 0, 1, 1 }, 6);
			memcpy(d + 12, six ? "\x86\xdd" : "\x08", 2);
			if (six)
				frame6(d, i, fragment);
			else
				frame4(d, i, fragment);
			frames[kind][i] = (struct null_frame){ d, six ? FRAME6 : FRAME };
		}
	}
}

/* Of this thread alone: what a host that has other work takes from it costs no packet. */
static u64 nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (u64)t.tv_sec * 1000000000 + (u64)t.tv_nsec;
}

/* ns for PACKETS frames of a kind. */
static u64 run(u32 kind)
{
	struct qgm *q = w.q[0];
	u64 end = q->c->rx + PACKETS, start;

	null_port_generate(port[1], frames[kind], FRAMES, PACKETS, 32);
	start = nanoseconds();
	while (q->c->rx < end) {
		u64 before = q->c->rx;

		qgm_turn(q);
		host_clock_advance((q->c->rx - before) * PACKET_NS * (env_clock_hz() / 1000000) /
				   1000);
	}
	return nanoseconds() - start;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The rate of all frames with fragments among them, as a share of that without: the median of
 * pairs that ran one after the other, so that a host that slows down or is busy slows both. */
static double keeps(bool six, const char *plants)
{
	double pairs[ROUNDS], share, cost;
	u64 fast = ~0ull, metered, sent;

	make(plants);
	templates(six);
	run(0);
	for (u32 i = 0; i < ROUNDS; i++) {
		u64 without = run(0), with = run(1);

		pairs[i] = (double)without / (double)with;
		fast = MIN(fast, without);
	}
	qsort(pairs, ROUNDS, sizeof(pairs[0]), by_value);
	share = pairs[ROUNDS / 2];
	world_settle(&w, 8, 1000);
	metered = world_drops(&w, DROP_fragment_rate);
	sent = (u64)ROUNDS * PACKETS / EVERY;
	cost = EVERY / share - (EVERY - 1);
	looked_at = (double)(sent - metered) / (double)sent;
	print_message("IPv%d%s%s: %.1f ns to forward, a fragment costs %.2f of that; %.3f of the "
		      "rate is kept, %.1f %% of the fragments were looked at\n",
		      six ? 6 : 4, *plants ? ", planted " : "", plants, (double)fast / PACKETS,
		      cost, share, 100.0 * looked_at);
	assert_int_equal(WORLD_SUM(&w, tx), ROUNDS * PACKETS * 2ull + PACKETS - sent);
	assert_int_equal(WORLD_SUM(&w, held) + world_drops_all(&w), sent);
	return share;
}

/* A machine that does something else at times has a few tries. */
static bool kept(bool six)
{
	for (u32 i = 0; i < TRIES; i++) {
		double share = keeps(six, "");

		assert_true(looked_at < 0.05);
		if (share > KEEP)
			return true;
	}
	return false;
}

static void forwarding_is_kept(void **state)
{
	(void)state;
	assert_true(kept(false));
	assert_true(kept(true));
}

/* Without the meter every fragment is looked at, and the clock above can tell. */
static bool told(bool six)
{
	for (u32 i = 0; i < TRIES; i++) {
		double share = keeps(six, ""), planted = keeps(six, "smack");

		assert_true(looked_at > 0.99);
		if (planted < share)
			return true;
	}
	return false;
}

static void unmetered(void **state)
{
	(void)state;
	assert_true(told(false));
	assert_true(told(true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forwarding_is_kept),
		cmocka_unit_test(unmetered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
