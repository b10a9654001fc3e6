// SPDX-License-Identifier: MIT
/*
 * A full table through the control door: loaded in batches, listed, its gateway lost and back, each
 * route changed, all withdrawn. Prints what a route costs in bytes and microseconds. With the files
 * of `make routes` as arguments it takes those instead of its own 80,000 + 20,000 routes.
 */
#include "tests/unit/re/frames.h"

#include <time.h>

#include "qgm/re/fib6.h"
#include "qgm/re/rib.h"

enum { OWN4 = 80000, OWN6 = 20000, BATCH = PIX_TXN_MAX, GATEWAYS = 8 };

static struct pix_route *table;
static u32 routes_n;
static const char *files[2];

/* Of this thread alone: what a busy host gives to others costs no route. */
static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static u64 rnd(void)
{
	static u64 s = 4711;

	s ^= s >> 12;
	s ^= s << 25;
	s ^= s >> 27;
	return s * 0x2545f4914f6cdd1dull;
}

static struct pix_ip gateway(bool v6, u32 which)
{
	if (v6)
		return (struct pix_ip){ 0x20010db800010000ull, 0x100 + which % GATEWAYS };
	return pix_ip4(IP(10, 0, 1, 100 + which % GATEWAYS));
}

static void route_new(struct pix_ip addr, u8 len)
{
	struct pix_ip m = pix_ip_mask(pix_ip_is4(addr) ? len + 96u : len);

	table = (routes_n & (routes_n - 1))
			? table
			: realloc(table, MAX(routes_n * 2, 1u) * sizeof(*table));
	table[routes_n] = (struct pix_route){
		.addr = { addr.hi & m.hi, addr.lo & m.lo },
		.len = len,
		.proto = PIX_ROUTE_BGP,
		.gateway = gateway(!pix_ip_is4(addr), routes_n),
	};
	routes_n++;
}

/* Lengths as in the Internet's table, more or less. */
static void own_routes(void)
{
	static const u8 len4[] = { 24, 24, 24, 24, 24, 24, 22, 22, 23, 23, 21, 20, 19, 18, 17, 16 };
	static const u8 len6[] = { 48, 48, 48, 48, 44, 40, 36, 32 };

	for (u32 i = 0; i < OWN4; i++)
		route_new(pix_ip4(0x14000000 + (u32)(rnd() >> 34)), len4[rnd() >> 60]);
	for (u32 i = 0; i < OWN6; i++)
		route_new((struct pix_ip){ 0x2400000000000000ull | rnd() >> 8, 0 },
			  len6[rnd() >> 61]);
}

static void file_routes(const char *file, bool v6)
{
	FILE *f = fopen(file, "r");
	char line[128];

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		u32 a[8] = { 0 }, n = 0, gap = 8, len;
		char *p = line;

		if (!v6) {
			assert_int_equal(
				sscanf(line, "%u.%u.%u.%u/%u", a, a + 1, a + 2, a + 3, &len), 5);
			route_new(pix_ip4(IP(a[0], a[1], a[2], a[3])), (u8)len);
			continue;
		}
		while (*p != '/') {
			if (*p == ':') {
				p++;
				if (*p == ':') {
					gap = n;
					p++;
				}
				continue;
			}
			a[n++] = (u32)strtoul(p, &p, 16);
		}
		len = (u32)atoi(p + 1);
		if (gap < 8)
			for (u32 i = 0; i < 8 - gap; i++)
				a[7 - i] = n > gap + i ? a[n - 1 - i] : 0;
		route_new((struct pix_ip){ (u64)a[0] << 48 | (u64)a[1] << 32 | a[2] << 16 | a[3],
					   (u64)a[4] << 48 | (u64)a[5] << 32 | a[6] << 16 | a[7] },
			  (u8)len);
	}
	fclose(f);
}

static int order(const void *a, const void *b)
{
	const struct pix_route *x = a, *y = b;
	int c = pix_ip_cmp(x->addr, y->addr);

	return c ? c : x->len - y->len;
}

/* Each prefix once, in random order. */
static void shuffle(void)
{
	u32 n = 0;

	qsort(table, routes_n, sizeof(*table), order);
	for (u32 i = 0; i < routes_n; i++)
		if (!n || order(&table[n - 1], &table[i]))
			table[n++] = table[i];
	routes_n = n;
	for (u32 i = routes_n - 1; i; i--) {
		u32 k = (u32)(rnd() >> 32) % (i + 1);
		struct pix_route r = table[i];

		table[i] = table[k];
		table[k] = r;
	}
}

static int setup(void **state)
{
	struct pix_op op = op_if(1, IP(10, 0, 1, 1), 24);

	(void)state;
	fake_start();
	op.iface.addr[1] = (struct pix_addr){ .ip = { 0x20010db800010000ull, 1 }, .len = 64 };
	op.iface.addr_count = 2;
	fake_txn(&op, 1);
	if (files[0])
		file_routes(files[0], false);
	if (files[1])
		file_routes(files[1], true);
	if (!routes_n)
		own_routes();
	shuffle();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(table);
	fake_stop();
	return 0;
}

/* All routes in batches; the seconds that it took. least[batch] becomes what that one took if it is
 * less. */
static double run(u32 kind, u32 turn, double *least)
{
	static struct pix_op ops[BATCH];
	double start = now(), last = start;

	for (u32 i = 0; i < routes_n; i += BATCH) {
		u32 n = MIN(routes_n - i, (u32)BATCH);

		for (u32 k = 0; k < n; k++) {
			ops[k] = (struct pix_op){ .kind = kind, .route = table[i + k] };
			if (turn)
				ops[k].route.gateway =
					gateway(!pix_ip_is4(table[i + k].addr), i + k + turn);
		}
		fake_txn(ops, n);
		if (least)
			least[i / BATCH] = MIN(least[i / BATCH], now() - last);
		last = now();
	}
	return last - start;
}

/*
 * The seconds to load all. worst[0], worst[1]: the slowest batch of the first and of the last half;
 * no step of a batch may grow with the table. One that does is slow at each load, a host that
 * stands still is so in another batch each time: the least of a few loads counts.
 */
static double load(double worst[2])
{
	double *least = malloc((routes_n / BATCH + 1) * sizeof(*least)), took = 0;

	for (u32 i = 0; i <= routes_n / BATCH; i++)
		least[i] = 1e9;
	for (u32 tries = 0; tries < 5; tries++) {
		if (tries)
			run(PIX_OP_ROUTE_DEL, 0, NULL);
		took = run(PIX_OP_ROUTE_ADD, 0, least);
		worst[0] = worst[1] = 0;
		for (u32 i = 0; i < routes_n; i += BATCH) {
			u32 half = i >= routes_n / 2;

			worst[half] = MAX(worst[half], least[i / BATCH]);
		}
		if (worst[1] < 40 * worst[0] + 0.2)
			break;
	}
	free(least);
	return took;
}

static u32 installed(void)
{
	const struct tables *t = tables_current();
	u32 n = 0;

	for (u32 i = 0; i < routes_n; i += 7) {
		struct pix_ip a = table[i].addr;
		u32 id = pix_ip_is4(a) ? fib_lookup(t->fib[0], pix_ip_to4(a))
				       : fib6_lookup(t->fib6[0], a);

		n += id && nh_get(t->nh, id)->kind == NH_FORWARD;
	}
	return n;
}

static double list_all(u32 *seen)
{
	static struct pix_route out[1024];
	struct control_routes at = { .end = 0 };
	double start = now();
	u32 n, total;

	*seen = 0;
	while ((n = control_list_routes(&at, out, ARRAY_SIZE(out), &total)))
		*seen += n;
	assert_int_equal(*seen, total);
	return now() - start;
}

static void full_table(void **state)
{
	u64 prefixes, bytes, epoch, empty;
	u32 others, seen;
	double worst[2], took, listed;

	(void)state;
	list_all(&others);
	empty = rib_bytes(&prefixes);
	took = load(worst);
	bytes = rib_bytes(&prefixes);
	listed = list_all(&seen);
	printf("%u routes: %.2f s, %.2f us a route, slowest batch %.1f ms, then %.1f ms\n",
	       routes_n, took, took * 1e6 / routes_n, worst[0] * 1e3, worst[1] * 1e3);
	printf("RIB %.1f bytes a route (%llu prefixes); listing %.0f ns a route\n",
	       (double)bytes / (double)prefixes, (unsigned long long)prefixes, listed * 1e9 / seen);
	assert_true(bytes <= 40 * prefixes);
	assert_int_equal(seen, routes_n + others);
	assert_int_equal(installed(), (routes_n + 6) / 7);
	assert_true(worst[1] < 40 * worst[0] + 0.2);

	took = now();
	assert_int_equal(control_link(1, false, &epoch), 0);
	fake_grace();
	printf("link down: %.0f ms", (now() - took) * 1e3);
	took = now();
	assert_int_equal(control_link(1, true, &epoch), 0);
	fake_grace();
	printf(", up: %.0f ms\n", (now() - took) * 1e3);
	assert_int_equal(installed(), (routes_n + 6) / 7);

	took = run(PIX_OP_ROUTE_ADD, 1, NULL);
	printf("each route changed: %.2f us a route\n", took * 1e6 / routes_n);
	took = run(PIX_OP_ROUTE_DEL, 0, NULL);
	printf("withdrawn: %.2f us a route\n", took * 1e6 / routes_n);
	list_all(&seen);
	assert_int_equal(seen, others);
	assert_int_equal(rib_bytes(&prefixes), empty);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(full_table, setup, teardown),
	};

	for (int i = 1; i < argc && i <= 2; i++)
		files[i - 1] = argv[i];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
