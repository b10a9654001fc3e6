// SPDX-License-Identifier: MIT
/*
 * qgm/re/btree: random puts and removals against a plain array, transactions that are rolled back,
 * every allocation failing, places in order, what an entry costs.
 */
#include "tests/unit/re/fake_env.h"

#include "qgm/re/btree.h"

enum { ENOENT_ = 2, ENOMEM_ = 12, SPACE = 3000 };

static const u32 key_sizes[] = { 5, 8, 17, 24 };

static struct btree tree;
static void *model[SPACE]; /* item of each key, NULL none */
static u32 model_count;

/* Keys 0..SPACE-1 in order, spread over all bytes of a key. */
static struct btree_key key_of(u32 i)
{
	struct btree_key k;

	memset(k.b, 0xff, sizeof(k.b)); /* what lies behind a key must not matter */
	memset(k.b, (int)(i >> 10), tree.key_bytes);
	k.b[tree.key_bytes - 2] = (u8)(i >> 8);
	k.b[tree.key_bytes - 1] = (u8)i;
	return k;
}

static void *item_of(u32 i, u32 version)
{
	return (void *)(uintptr_t)((u64)i << 20 | version << 4 | 1);
}

static u32 rnd(u32 n)
{
	return (u32)rand() % n;
}

/* The tree holds what the model holds, in order, seen by every way to look. */
static void check(void)
{
	struct btree_key zero = { { 0 } };
	struct btree_iter it = btree_from(&tree, &zero, false);
	u32 last = SPACE;

	assert_int_equal(tree.count, model_count);
	for (u32 i = 0; i < SPACE; i++) {
		struct btree_key k = key_of(i);
		struct btree_iter at = btree_from(&tree, &k, false), back = btree_before(&tree, &k);

		assert_ptr_equal(btree_get(&tree, &k), model[i]);
		assert_ptr_equal(back.item, last < SPACE ? model[last] : NULL);
		if (!model[i])
			continue;
		assert_ptr_equal(at.item, model[i]);
		assert_ptr_equal(it.item, model[i]);
		assert_memory_equal(it.key, k.b, tree.key_bytes);
		btree_next(&it);
		at = btree_from(&tree, &k, true);
		assert_ptr_equal(at.item, it.item);
		last = i;
	}
	assert_null(it.item);
}

static int put(struct undo *u, u32 i, u32 version)
{
	struct btree_key k = key_of(i);
	int err = btree_put(&tree, u, &k, item_of(i, version));

	if (!err) {
		model_count += !model[i];
		model[i] = item_of(i, version);
	}
	return err;
}

static int drop(struct undo *u, u32 i)
{
	struct btree_key k = key_of(i);
	int err = btree_remove(&tree, u, &k);

	assert_true(err == -ENOMEM_ || (err == -ENOENT_) == !model[i]);
	if (!err) {
		model_count--;
		model[i] = NULL;
	}
	return err == -ENOENT_ ? 0 : err;
}

static int empty(void **state)
{
	(void)state;
	memset(model, 0, sizeof(model));
	model_count = 0;
	return 0;
}

static void everything_out(void)
{
	struct undo u;

	undo_begin(&u);
	for (u32 i = 0; i < SPACE; i++)
		assert_int_equal(drop(&u, i), 0);
	undo_commit(&u);
	assert_null(tree.root);
	assert_int_equal(tree.nodes, 0);
	assert_int_equal(fake_live, 0);
}

/* Transactions of up to 300 changes, a third of them rolled back, some for want of memory. */
static void random_changes(void **state)
{
	static void *before[SPACE];

	for (u32 s = 0; s < ARRAY_SIZE(key_sizes); s++) {
		u32 rolled = 0, dry = 0;

		empty(state);
		tree = btree_empty(key_sizes[s]);
		for (u32 round = 0; round < 120; round++) {
			u32 n = rnd(300), grow = rnd(100), count = model_count;
			struct btree was = tree;
			long live = fake_live;
			struct undo u;
			int err = 0;

			memcpy(before, model, sizeof(model));
			undo_begin(&u);
			fake_failed = 0;
			fake_fail_after = rnd(3) ? -1 : (long)rnd(25);
			for (u32 i = 0; i < n && !err; i++)
				err = rnd(100) < grow ? put(&u, rnd(SPACE), round)
						      : drop(&u, rnd(SPACE));
			fake_fail_after = -1;
			assert_int_equal(err, fake_failed ? -ENOMEM_ : 0);
			if (err || rnd(3) == 0) {
				undo_rollback(&u);
				memcpy(model, before, sizeof(model));
				model_count = count;
				assert_memory_equal(&was, &tree, sizeof(was));
				assert_int_equal(fake_live, live);
				rolled++;
				dry += err != 0;
			} else {
				undo_commit(&u);
			}
			if (round % 8 == 0)
				check();
		}
		check();
		assert_true(rolled > 20 && dry > 5);
		everything_out();
	}
}

/* A sorted load fills its nodes; a random one leaves at most half of them empty, and so do
 * removals. */
static void cost(void **state)
{
	u32 limit;
	struct undo u;

	(void)state;
	tree = btree_empty(5);
	undo_begin(&u);
	for (u32 i = 0; i < SPACE; i++)
		assert_int_equal(put(&u, i, 0), 0);
	undo_commit(&u);
	check();
	assert_true(btree_bytes(&tree) <= SPACE * 14); /* 13 bytes an entry */
	undo_begin(&u);
	for (u32 i = 0; i < SPACE; i++)
		if (rnd(100) < 90)
			assert_int_equal(drop(&u, i), 0);
	undo_commit(&u);
	check();
	limit = 4 * 14 * model_count + 2048;
	assert_true(btree_bytes(&tree) <= limit);
	everything_out();
	undo_begin(&u);
	for (u32 i = 0; i < SPACE; i++)
		assert_int_equal(put(&u, i * 1009 % SPACE, 0), 0);
	undo_commit(&u);
	assert_true(btree_bytes(&tree) <= SPACE * 26);
	check();
	everything_out();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(random_changes, empty),
		cmocka_unit_test_setup(cost, empty),
	};

	printf("seed 1964\n");
	srand(1964);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
