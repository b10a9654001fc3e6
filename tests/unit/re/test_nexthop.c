// SPDX-License-Identifier: MIT
/* qgm/re/nexthop: ids, generations, sharing of chunks between versions, allocation failures. */
#include "tests/unit/re/fake_env.h"

#include "qgm/re/nexthop.h"

enum { ENOMEM_ = 12, EINVAL_ = 22 };

static const struct nh_table *cur;
static struct garbage garbage;

static struct nh_batch *begin(void)
{
	struct nh_batch *b;

	assert_int_equal(garbage_begin(&garbage), 0);
	b = nh_begin(cur, &garbage);
	assert_non_null(b);
	return b;
}

static void publish(struct nh_batch *b)
{
	cur = nh_commit(b);
	garbage_commit(&garbage, 1);
}

static struct adjacency forward(u32 gateway)
{
	return (struct adjacency){
		.kind = NH_FORWARD, .ifid = 3, .mtu = 1500, .gateway = pix_ip4(gateway)
	};
}

static void drop_table(void)
{
	fake_grace();
	for (u32 i = 0; i < cur->chunks; i++)
		arena_free((void *)(uintptr_t)cur->chunk[i]);
	arena_free((void *)(uintptr_t)cur);
	cur = NULL;
	assert_int_equal(fake_live, 0);
}

static void fixed_ids(void **state)
{
	(void)state;
	publish(begin());
	assert_int_equal(nh_get(cur, NH_ID_LOCAL)->kind, NH_LOCAL);
	assert_int_equal(nh_get(cur, NH_ID_BROADCAST)->kind, NH_BROADCAST);
	assert_int_equal(nh_get(cur, NH_ID_BLACKHOLE)->kind, NH_BLACKHOLE);
	assert_int_equal(nh_get(cur, NH_ID_UNREACHABLE)->kind, NH_UNREACHABLE);
	assert_int_equal(nh_get(cur, NH_ID_FIRST)->kind, NH_NONE);
	assert_false(nh_valid(cur, NH_CHUNK));
	drop_table();
}

static void generations(void **state)
{
	struct adjacency a = forward(0x0a000001), b2 = forward(0x0a000002), none = { 0 };
	struct nh_batch *b = begin();
	u16 gen;

	(void)state;
	assert_int_equal(nh_set(b, 40, &a), 0);
	publish(b);
	fake_grace();
	gen = nh_get(cur, 40)->gen;
	assert_int_equal(pix_ip_to4(nh_get(cur, 40)->gateway), 0x0a000001);
	b = begin();
	assert_int_equal(nh_set(b, 40, &a), 0); /* the same: nothing happens */
	assert_ptr_equal(nh_commit(b), cur);
	garbage_commit(&garbage, 1);
	assert_int_equal(fake_grace(), 0);
	assert_int_equal(nh_get(cur, 40)->gen, gen);
	b = begin();
	assert_int_equal(nh_set(b, 40, &b2), 0);
	publish(b);
	assert_int_equal(nh_get(cur, 40)->gen, gen + 1);
	b = begin();
	assert_int_equal(nh_set(b, 40, &none), 0);
	assert_int_equal(nh_peek(b, 40)->kind, NH_NONE);
	assert_int_equal(nh_set(b, 40, &a), 0); /* the id is used again */
	publish(b);
	assert_int_equal(nh_get(cur, 40)->gen, gen + 3);
	drop_table();
}

/* One change copies one chunk; the former version stays as it was. */
static void sharing(void **state)
{
	struct adjacency a = forward(1);
	struct nh_batch *b = begin();
	const struct nh_table *old;

	(void)state;
	for (u32 id = NH_ID_FIRST; id < 1000; id++) {
		a.gateway = pix_ip4(id);
		assert_int_equal(nh_set(b, id, &a), 0);
	}
	publish(b);
	fake_grace();
	old = cur;
	b = begin();
	a.gateway = pix_ip4(0xdead);
	assert_int_equal(nh_set(b, 500, &a), 0);
	publish(b);
	for (u32 i = 0; i < cur->chunks; i++)
		assert_int_equal(cur->chunk[i] != old->chunk[i], i == 500 / NH_CHUNK);
	assert_int_equal(pix_ip_to4(nh_get(old, 500)->gateway), 500);
	assert_int_equal(pix_ip_to4(nh_get(cur, 500)->gateway), 0xdead);
	assert_int_equal(pix_ip_to4(nh_get(cur, 499)->gateway), 499);
	drop_table();
}

static void bounds(void **state)
{
	struct adjacency a = forward(1);
	struct nh_batch *b = begin();

	(void)state;
	assert_int_equal(nh_set(b, 0, &a), -EINVAL_);
	assert_int_equal(nh_set(b, NH_MAX, &a), -EINVAL_);
	assert_int_equal(nh_set(b, NH_MAX - 1, &a), 0);
	assert_int_equal(pix_ip_to4(nh_peek(b, NH_MAX - 1)->gateway), 1);
	assert_int_equal(nh_peek(b, NH_MAX + 5)->kind, NH_NONE);
	nh_abort(b);
	garbage_abort(&garbage);
	assert_int_equal(fake_live, 0);
}

static void no_memory(void **state)
{
	struct adjacency a = forward(7);
	bool failed = true;
	long live;

	(void)state;
	publish(begin());
	live = fake_live;
	for (long n = 0; failed; n++) {
		struct nh_batch *b;
		int err = 0;

		fake_failed = 0;
		fake_fail_after = n;
		if (garbage_begin(&garbage))
			continue;
		b = nh_begin(cur, &garbage);
		for (u32 id = 10; b && !err && id < 200; id += 30)
			err = nh_set(b, id, &a);
		if (b && !err)
			err = nh_set_punt_classes(b, 5);
		failed = fake_failed > 0;
		fake_fail_after = -1;
		assert_int_equal(!b || err == -ENOMEM_, failed);
		if (b)
			nh_abort(b);
		garbage_abort(&garbage);
		assert_int_equal(fake_live, live);
		assert_int_equal(nh_get(cur, 10)->kind, NH_NONE);
	}
	drop_table();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_ids), cmocka_unit_test(generations),
		cmocka_unit_test(sharing),   cmocka_unit_test(bounds),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
