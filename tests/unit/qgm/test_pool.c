// SPDX-License-Identifier: MIT
/* qgm/pool.c and qgm/mpmc.c: counts, traps for wrong frees, caches, memory that is short. */
#include "tests/unit/unit.h"

#include "qgm/cpu.h"
#include "qgm/mpmc.h"
#include "qgm/cpu.h"
#include "qgm/pool.h"
#include "qgm/pool_fresh.h"
#include "tools/host/host.h"

static int setup(void **state)
{
	(void)state;
	host_reset();
	return 0;
}

/* Bursts of all lengths against what they must bring. */
static void mpmc_bursts(void)
{
	struct mpmc *r = aligned_alloc(64, mpmc_bytes(64));
	uintptr_t put = 0, got = 0;
	u64 stalls = 0;
	unsigned seed = 11;

	assert_int_equal(mpmc_init(r, 48), -22);
	assert_int_equal(mpmc_init(r, MPMC_SLOTS_MAX * 2), -22);
	assert_int_equal(mpmc_init_at(r, 64, 0xfffffff0u), 0); /* positions run on */
	for (u32 step = 0; step < 100000; step++) {
		u32 n = (u32)rand_r(&seed) % 70;
		void *v[70];

		if (n & 1) /* a run that fits registers */
			n = n < 35 ? RING_LINE : 4 * RING_LINE;
		if (rand_r(&seed) & 1) {
			for (u32 i = 0; i < n; i++)
				v[i] = (void *)(2 * (put + i + 1));
			u32 want = MIN(n, 64 - (u32)(put - got));
			assert_int_equal(mpmc_enqueue(r, v, n, &stalls), want);
			put += want;
		} else {
			u32 want = MIN(n, (u32)(put - got));
			assert_int_equal(mpmc_dequeue(r, v, n, &stalls), want);
			for (u32 i = 0; i < want; i++)
				assert_ptr_equal(v[i], (void *)(2 * (got + i + 1)));
			got += want;
		}
		assert_int_equal(mpmc_count(r), put - got);
	}
	assert_int_equal(stalls, 0);
	free(r);
}

/* In each form that the CPU has. */
static void mpmc_model(void **state)
{
	const u32 wide[] = { 0, CPU_AVX2, CPU_AVX2 | CPU_AVX512 };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(wide); i++) {
		if ((cpu_wide() & wide[i]) != wide[i])
			continue;
		cpu_wide_limit(wide[i]);
		mpmc_bursts();
		cpu_wide_limit(~0u);
	}
}

/* A core stopped between reserving a slot and filling it: others come back, and say so. */
static void mpmc_stall(void **state)
{
	struct mpmc *r = aligned_alloc(64, mpmc_bytes(8));
	void *v[8] = { (void *)2, (void *)4 };
	u64 stalls = 0;

	(void)state;
	mpmc_init(r, 8);
	r->head = 1; /* reserved, never filled */
	assert_int_equal(mpmc_enqueue(r, v, 2, &stalls), 2);
	assert_int_equal(stalls, 0);
	assert_int_equal(mpmc_dequeue(r, v, 8, &stalls), 0);
	assert_int_equal(stalls, 1);
	free(r);
}

/* The same between reserving and emptying: producers notice a lap later, and lose nothing. */
static void mpmc_stall_of_consumer(void **state)
{
	struct mpmc *r = aligned_alloc(64, mpmc_bytes(8));
	void *v[8], *out[8];
	u64 stalls = 0;

	(void)state;
	mpmc_init(r, 8);
	for (u64 i = 0; i < 8; i++)
		v[i] = (void *)(2 * i + 2);
	assert_int_equal(mpmc_enqueue(r, v, 8, &stalls), 8);
	r->tail = 1; /* reserved, never emptied */
	assert_int_equal(mpmc_dequeue(r, out, 3, &stalls), 3);
	assert_memory_equal(out, v + 1, 3 * sizeof(*v));
	assert_int_equal(stalls, 0);
	assert_int_equal(mpmc_enqueue(r, v, 3, &stalls), 0);
	assert_int_equal(stalls, 1);
	assert_int_equal(mpmc_dequeue(r, out, 8, &stalls), 4);
	assert_memory_equal(out, v + 4, 4 * sizeof(*v));
	assert_int_equal(mpmc_dequeue(r, out, 8, &stalls), 0);
	assert_int_equal(stalls, 1);
	free(r);
}

static void get_and_put(void **state)
{
	struct pool *p = pool_create(0, POOL_CLASS_STD, 256, 0);
	struct pool_cache *pc = pool_cache_create(p, 64, 0);
	static struct packet *got[256];
	struct pool_ledger l;

	(void)state;
	assert_int_equal(pool_size(p), 256);
	assert_int_equal(pool_free_count(p), 256);
	for (u32 i = 0; i < 256; i += 64)
		assert_int_equal(pool_get(pc, got + i, 64), 64);
	assert_int_equal(pool_get(pc, got, 1), 0); /* dry */
	pool_ledger(pc, &l);
	assert_int_equal(l.empty, 1);
	assert_int_equal(pool_outstanding(pc), 256);
	for (u32 i = 0; i < 256; i++) {
		struct packet clean = { .data = got[i]->data };

		assert_memory_equal(got[i], &clean, sizeof(clean));
		assert_int_equal(pool_iova(pc, got[i]->data), (u64)got[i]->data + HOST_IOVA_DELTA);
		memset(got[i]->data - PACKET_HEADROOM, (int)i, POOL_CLASS_STD);
		got[i]->len = 99;
		got[i]->flags = ~0u;
		for (u32 j = 0; j < i; j++)
			assert_true(got[i]->data + POOL_CLASS_STD <= got[j]->data ||
				    got[j]->data + POOL_CLASS_STD <= got[i]->data);
	}
	/* Neighbours are an odd multiple of 64 bytes apart, to spread over cache sets. */
	u64 d = (u64)got[0]->data - (u64)got[1]->data;
	assert_int_equal((d < 1u << 31 ? d : -d) / 64 % 2, 1);
	for (u32 i = 0; i < 256; i += 64)
		pool_put(pc, got + i, 64);
	assert_int_equal(pool_free_count(p), 256);
	pool_ledger(pc, &l);
	assert_true(l.cached <= 64 + BURST_MAX);
	assert_int_equal(l.taken - l.returned, l.cached);
	assert_int_equal(pool_outstanding(pc), 0);
	assert_int_equal(pool_room(pc), POOL_CLASS_STD - PACKET_HEADROOM);
}

/* Bare buffers are packets only after they have arrived; both ways lead to the same. */
static void bare(void **state)
{
	struct pool *a = pool_create(0, POOL_CLASS_STD, 128, 0);
	struct pool *b = pool_create(1, POOL_CLASS_JUMBO, 64, 1);
	struct pool_cache *by_id[2] = { pool_cache_create(a, 32, 0), pool_cache_create(b, 32, 0) };
	struct packet *const *cached, *p[8], *q;

	(void)state;
	for (u32 i = 0; i < 2; i++)
		pool_cache_siblings(by_id[i], by_id, 2);
	assert_int_equal(pool_get_bare(by_id[1], &cached, 8), 8);
	assert_int_equal(pool_outstanding(by_id[0]), 8);
	for (u32 i = 0; i < 8; i++) {
		p[i] = cached[i];
		assert_null(p[i]->data);
		assert_int_equal(p[i]->pool, 1);
	}
	if (!host_panic_catch()) {
		pool_put(by_id[0], p, 1);
		fail_msg("a bare buffer went back as a packet");
	}
	for (u32 i = 0; i < 8; i++) {
		struct packet clean = { .len = (u16)(60 + i), .pool = 1 };

		if (i % 2)
			pool_arrive(by_id[0], p[i], 60 + i);
		else
			pool_map_fresh(pool_map(by_id[1]), p[i], 60 + i);
		clean.data = p[i]->data;
		assert_memory_equal(p[i], &clean, offsetof(struct packet, timestamp));
		assert_int_equal(pool_packet_room(by_id[0], p[i]),
				 POOL_CLASS_JUMBO - PACKET_HEADROOM);
		memset(p[i]->data, 1, POOL_CLASS_JUMBO - PACKET_HEADROOM);
	}
	pool_put(by_id[0], p, 8);
	assert_int_equal(pool_free_count(b), 64);
	pool_get(by_id[1], &q, 1); /* by the same map */
	assert_int_equal((u64)q->data, pool_map(by_id[1])->at + (u64)q * pool_map(by_id[1])->ratio);
	pool_put(by_id[0], &q, 1);
	assert_int_equal(pool_outstanding(by_id[0]), 0);
}

static void last_in_first_out(void **state)
{
	struct pool_cache *pc = pool_cache_create(pool_create(0, POOL_CLASS_STD, 256, 0), 64, 0);
	struct packet *a, *b;

	(void)state;
	pool_get(pc, &a, 1);
	pool_put(pc, &a, 1);
	pool_get(pc, &b, 1);
	assert_ptr_equal(a, b);
}

static void traps(void **state)
{
	struct pool_cache *pc = pool_cache_create(pool_create(0, POOL_CLASS_STD, 128, 0), 64, 0);
	static struct packet foreign;
	struct packet *p, *inside;

	(void)state;
	pool_get(pc, &p, 1);
	pool_put(pc, &p, 1);
	if (!host_panic_catch()) {
		pool_put(pc, &p, 1);
		fail_msg("second free went unseen");
	}
	assert_non_null(strstr(host_panic_text(), "data != NULL"));
	foreign.data = (u8 *)&foreign;
	p = &foreign;
	if (!host_panic_catch()) {
		pool_put(pc, &p, 1);
		fail_msg("foreign packet went unseen");
	}
	pool_get(pc, &p, 1);
	memset(p->data, 0, 64);
	inside = (struct packet *)p->data; /* a buffer is no packet */
	if (!host_panic_catch()) {
		pool_put(pc, &inside, 1);
		fail_msg("pointer into a buffer went unseen");
	}
	foreign.pool = 3;
	p = &foreign;
	if (!host_panic_catch()) {
		pool_put(pc, &p, 1);
		fail_msg("packet of no pool went unseen");
	}
}

/* Packets of another node's pool go home, and have its device address. */
static void siblings(void **state)
{
	struct pool *a = pool_create(0, POOL_CLASS_STD, 128, 0);
	struct pool *b = pool_create(1, POOL_CLASS_JUMBO, 64, 1);
	struct pool_cache *by_id[2] = { pool_cache_create(a, 32, 0), pool_cache_create(b, 32, 0) };
	struct packet *p[2];

	(void)state;
	pool_set_iova_delta(b, 0x5000000000ull);
	for (u32 i = 0; i < 2; i++)
		pool_cache_siblings(by_id[i], by_id, 2);
	pool_get(by_id[0], &p[0], 1);
	pool_get(by_id[1], &p[1], 1);
	assert_int_equal(pool_outstanding(by_id[0]), 2);
	assert_int_equal(pool_packet_iova(by_id[0], p[1]), (u64)p[1]->data + 0x5000000000ull);
	assert_int_equal(pool_packet_iova(by_id[0], p[0]), (u64)p[0]->data + HOST_IOVA_DELTA);
	pool_put(by_id[0], p, 2);
	assert_int_equal(pool_free_count(a), 128);
	assert_int_equal(pool_free_count(b), 64);
	assert_int_equal(pool_outstanding(by_id[0]), 0);
}

static void short_of_memory(void **state)
{
	struct pool *p;

	(void)state;
	host_memory_limit(1 << 20);
	p = pool_create(0, POOL_CLASS_STD, 4096, 0);
	assert_non_null(p);
	assert_int_equal(pool_size(p), 256);
	assert_int_equal(pool_free_count(p), 256);
	host_reset();
	host_memory_limit(100000);
	assert_null(pool_create(0, POOL_CLASS_STD, 4096, 0));
	assert_null(pool_create(POOL_MAX, POOL_CLASS_STD, 64, 0));
}

/* A pointer that is no line of the pool is seen in every place, and none otherwise. */
static void lines(void **state)
{
	static struct packet around[102], *const meta = around + 1;
	static struct packet *from[BURST_MAX], *to[BURST_MAX];
	struct packet *const wrong[] = { meta - 1,
					 meta + 100,
					 (struct packet *)((u8 *)meta + 8),
					 (struct packet *)((u8 *)(meta + 99) + 1),
					 NULL,
					 (struct packet *)~0ull };

	(void)state;
	if (!(cpu_wide() & CPU_AVX2))
		skip();
	for (u32 n = POOL_LINES_MIN; n <= BURST_MAX; n++) {
		for (u32 i = 0; i < BURST_MAX; i++) {
			from[i] = &meta[(i * 37 + n) % 100];
			to[i] = NULL;
		}
		from[n / 2] = &meta[99];
		from[n / 3] = &meta[0];
		assert_true(pool_lines_avx2(to, from, n, (u64)meta, 100));
		assert_memory_equal(to, from, n * sizeof(*to));
		for (u32 i = n; i < BURST_MAX; i++)
			assert_null(to[i]);
		for (u32 i = 0; i < n * ARRAY_SIZE(wrong); i++) {
			struct packet *was = from[i % n];

			from[i % n] = wrong[i / n];
			assert_false(pool_lines_avx2(to, from, n, (u64)meta, 100));
			from[i % n] = was;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(mpmc_model, setup),
		cmocka_unit_test_setup(mpmc_stall, setup),
		cmocka_unit_test_setup(mpmc_stall_of_consumer, setup),
		cmocka_unit_test_setup(get_and_put, setup),
		cmocka_unit_test_setup(bare, setup),
		cmocka_unit_test_setup(last_in_first_out, setup),
		cmocka_unit_test_setup(traps, setup),
		cmocka_unit_test(lines),
		cmocka_unit_test_setup(siblings, setup),
		cmocka_unit_test_setup(short_of_memory, setup),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	host_reset();
	return r;
}
