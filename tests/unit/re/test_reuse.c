// SPDX-License-Identifier: MIT
/*
 * Next hops that are deleted and made again under traffic are never reached after they were freed:
 * a QGM on a thread of its own forwards while the writer takes routes, neighbours and ECMP groups
 * away and brings them back, so that the same ids stand for something else all the time. A packet
 * to 20.<p>.0.0/16 may leave to stations whose MAC ends in <p> only. Freed tables are poisoned (and
 * forbidden to the sanitized build), so that a stale pointer is seen: with the planted bug
 * "no-grace" it must be. Argument: how many deletions and additions; a million takes minutes.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <signal.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "qgm/control.h"
#include "qgm/re/checksum.h"
#include "qgm/re/ipv4.h"
#include "tools/host/world.h"

#ifdef __SANITIZE_ADDRESS__
enum { CYCLES = 3000 };
#else
enum { CYCLES = 20000 };
#endif
enum { PORTS = 3, PREFIXES = 24, PLANTED_CYCLES = 150 };

static struct world w;
static bool stop;
static u32 cycles = CYCLES;
static u64 out, wrong, groups;
static u64 in_rng = 5, writer_rng = 77;

static u32 rnd(u64 *s, u32 n)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return (u32)(*s >> 20) % n;
}

static u32 source(struct memport *m, u8 *data, u32 room)
{
	struct ipv4_hdr *ip = (struct ipv4_hdr *)(data + ETH_HLEN);

	(void)room;
	if (load_relaxed(&stop) || m->port->id != 1)
		return 0;
	memcpy(data, m->port->mac, ETH_ALEN);
	memcpy(data + ETH_ALEN, "\x02\xbb\0\0\0\1\x08\0", 8);
	*ip = (struct ipv4_hdr){ .ver_ihl = 0x45,
				 .total_len = cpu_to_be16(46),
				 .ttl = 64,
				 .proto = 253,
				 .src = cpu_to_be32(0x1e000001u + rnd(&in_rng, 4096)) };
	ip->dst = cpu_to_be32(0x14000000u | rnd(&in_rng, PREFIXES) << 16 | rnd(&in_rng, 65536));
	ip->check = checksum(ip, sizeof(*ip));
	return 60;
}

static void sink(struct memport *m, const u8 *data, u32 len)
{
	const struct ipv4_hdr *ip = (const struct ipv4_hdr *)(data + ETH_HLEN);

	if (data[12] == 8 && ip->proto == 1)
		return; /* "no route", to the sender */
	fetch_add_relaxed(&out, 1);
	if (len != 60 || data[0] != 2 || data[1] != 0xcc || data[4] != m->port->id ||
	    data[5] != (u8)(be32_to_cpu(ip->dst) >> 16) || ip->ttl != 63 ||
	    checksum(ip, sizeof(*ip)))
		fetch_add_relaxed(&wrong, 1);
}

static void *reader(void *arg)
{
	while (!load_relaxed(&stop))
		qgm_turn(arg);
	return NULL;
}

static struct pix_ip gateway(u32 port, u32 p)
{
	return pix_ip4(0x0a00000au + (port << 8) + p);
}

static struct pix_op neighbour(u32 port, u32 p, enum pix_op_kind kind)
{
	struct pix_op op = { .kind = kind, .neigh = { .ifid = (u16)port } };

	op.neigh.addr = gateway(port, p);
	memcpy(op.neigh.mac, (const u8[]){ 2, 0xcc, 0, 0, (u8)port, (u8)p }, ETH_ALEN);
	return op;
}

static struct pix_op path(u32 port, u32 p, enum pix_op_kind kind)
{
	return (struct pix_op){ .kind = kind,
				.route = { .addr = pix_ip4(0x14000000u | p << 16),
					   .len = 16,
					   .proto = PIX_ROUTE_STATIC,
					   .flags = PIX_ROUTE_PATH,
					   .ifid = 0,
					   .gateway = gateway(port, p) } };
}

/* Let the QGM pass a quiescent point: its thread, or, when that has ended, this one. */
static void let_turn(void)
{
	if (load_relaxed(&stop))
		qgm_turn(w.q[0]);
	else
		sched_yield();
}

static void commit(struct pix_op *ops, u32 n)
{
	u64 epoch;
	u32 failed;
	int err;

	while ((err = control_txn(ops, n, 0, &epoch, &failed)) == -12) { /* readers are slow */
		let_turn();
		tables_reclaim();
	}
	if (err)
		fetch_add_relaxed(&wrong, 1);
	while (tables_pending() > 100 && !tables_reclaim())
		let_turn();
}

/* What each prefix has: bit per port of its paths. */
static u8 has[PREFIXES];

/* Take prefix `p` away, or bring it back over one port or both; its neighbours with it. */
static u32 swing(struct pix_op *ops, u32 p)
{
	u32 n = 0, want = has[p] ? 0 : 1 + rnd(&writer_rng, 3);

	if (has[p] == 3 && rnd(&writer_rng, 2))
		want = 1 + rnd(&writer_rng, 2); /* a group loses a member only */
	for (u32 port = 2; port <= 3; port++) {
		u32 bit = port - 1;
		bool now = has[p] & bit, then = want & bit;

		if (now == then)
			continue;
		ops[n++] = path(port, p, then ? PIX_OP_ROUTE_ADD : PIX_OP_ROUTE_DEL);
		ops[n++] = neighbour(port, p, then ? PIX_OP_NEIGH_SET : PIX_OP_NEIGH_DEL);
	}
	groups += want == 3;
	has[p] = (u8)want;
	return n;
}

static void setup_world(void)
{
	world_make(&w, 64ull << 20, 1, PORTS);
	memset(has, 0, sizeof(has));
	for (u16 id = 1; id <= PORTS; id++) {
		struct pix_op op = { .kind = PIX_OP_IF_SET };

		op.iface = (struct pix_iface){
			.id = id,
			.mode = PIX_IF_L3,
			.up = 1,
			.addr_count = 1,
			.addr = { { .ip = pix_ip4(0x0a000001u | (u32)id << 8), .len = 24 } }
		};
		commit(&op, 1);
		w.m[id]->source = source;
		w.m[id]->sink = sink;
	}
}

static void writer(u32 n)
{
	for (u32 i = 0; i < n;) {
		struct pix_op ops[16];
		u32 k = 0;

		for (u32 want = 1 + rnd(&writer_rng, 3); want; want--) {
			k += swing(ops + k, rnd(&writer_rng, PREFIXES));
			i++;
		}
		if (k)
			commit(ops, k);
	}
}

static void run(u32 n)
{
	pthread_t t;

	stop = false;
	assert_int_equal(pthread_create(&t, NULL, reader, w.q[0]), 0);
	writer(n);
	store_relaxed(&stop, true);
	pthread_join(t, NULL);
}

static void reused(void **state)
{
	const char *law;

	(void)state;
	host_reset();
	setup_world();
	run(cycles);
	for (u32 p = 0; p < PREFIXES; p++) {
		struct pix_op ops[16];

		while (has[p])
			commit(ops, swing(ops, p));
	}
	world_settle(&w, 4, 1000);
	law = world_law(&w);
	printf("%u deletions and additions, %lu groups, %lu packets out, %lu wrong; law: %s\n",
	       cycles, groups, out, wrong, law ? law : "holds");
	assert_null(law);
	assert_int_equal(wrong, 0);
	assert_true(out > cycles / 10 && groups > cycles / 20);
	host_reset();
}

/* The check itself can fail: without the grace period packets go astray, or the reader dies of it.
 * Whether the two threads meet is up to the scheduler: a few tries. */
static bool seen_without_grace(void)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		(void)!freopen("/dev/null", "w", stderr);
		alarm(60);
		host_reset();
		host_plant("no-grace");
		setup_world();
		run(PLANTED_CYCLES);
		_exit(wrong != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) != SIGALRM;
	return WEXITSTATUS(status) != 0;
}

static void planted_no_grace(void **state)
{
	bool seen = false;

	(void)state;
	for (u32 i = 0; i < 5 && !seen; i++)
		seen = seen_without_grace();
	assert_true(seen);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reused),
		cmocka_unit_test(planted_no_grace),
	};

	if (argc > 1)
		cycles = (u32)atoi(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
