// SPDX-License-Identifier: MIT
/*
 * qgm/re/fib6_trie, fib6_jump: prefixes made and taken away against a list of them; that the short
 * ways are exact at every moment, with and without memory for them; that counts which are late come
 * right. Seed fixed and printed.
 */
#include "tests/unit/re/fake_env.h"

#include "qgm/re/fib6.h"
#include "qgm/re/fib6_trie.h"

enum { MOST = 6000, PER_BATCH = 40 };

struct one {
	struct pix_ip key;
	u32 len;
	struct f6_prefix *n;
};

static struct f6_trie t;
static struct one have[MOST];
static u32 have_n;

static u32 rnd(u32 n)
{
	return (u32)(((u64)rand() << 16 ^ (u64)rand()) % n);
}

/* Networks with dense ones inside, so that ways share their beginnings; all lengths. */
static struct one random_one(void)
{
	static const u8 lens[] = {
		20, 27, 28, 29, 32, 36, 39, 40, 41, 44, 48, 48, 48, 56, 64, 128
	};
	struct one o = { .len = rnd(4) ? lens[rnd(ARRAY_SIZE(lens))] : rnd(129) };
	struct pix_ip m = pix_ip_mask(o.len);

	o.key.hi = 0x2001000000000000 | (u64)rnd(64) << 37 | (u64)rnd(64) << 28 |
		   (u64)rnd(1 << 10) << 16 | rnd(4);
	if (!rnd(8))
		o.key.hi ^= (u64)rnd(1 << 16) << 48;
	o.key.lo = rnd(4);
	o.key.hi &= m.hi;
	o.key.lo &= m.lo;
	return o;
}

static u32 place_of(const struct one *o)
{
	u32 i = 0;

	while (i < have_n && (have[i].len != o->len || !pix_ip_eq(have[i].key, o->key)))
		i++;
	return i;
}

static bool inside(struct pix_ip a, const struct f6_prefix *n)
{
	struct pix_ip m = pix_ip_mask(n->len);

	return !((a.hi ^ n->key.hi) & m.hi) && !((a.lo ^ n->key.lo) & m.lo);
}

/* Faults of a node and those below it: links, counts and whether the short ways lead to it. */
static u32 faults_at(struct f6_prefix *n, u32 *prefixes, u32 *firsts)
{
	u32 faults = 0, below = n->nh != 0;

	for (u32 i = 0; i < 2; i++) {
		struct f6_prefix *c = n->child[i];
		u32 more = 0;

		if (!c)
			continue;
		faults += c->parent != n || c->len <= n->len || f6_bit(c->key, n->len) != i ||
			  !inside(c->key, n);
		faults += faults_at(c, &more, firsts);
		below += more;
	}
	faults += n->count != below;
	for (u32 k = 0; k < F6_JUMPS && t.jump.slot; k++) {
		u32 bits = f6_jump_bits(k);

		if (n->len < bits || !n->parent || n->parent->len >= bits)
			continue;
		++*firsts;
		/* Asked with no more bits than this network has. */
		faults += f6_jump_get(&t.jump, n->key, bits) != n;
	}
	*prefixes += below;
	return faults;
}

static u32 faults(void)
{
	u32 n = 0, prefixes = 0, firsts = 0;

	f6_trie_catch_up(&t);
	if (t.root)
		n = faults_at(t.root, &prefixes, &firsts);
	n += prefixes != have_n || t.count != have_n;
	return n + (t.jump.slot && t.jump.used != firsts);
}

/* Some announced, some withdrawn; what was only looked for is taken away again. */
static void batch(bool shrink)
{
	struct f6_prefix *touched[PER_BATCH];
	u32 n = 0;

	while (n < PER_BATCH) {
		struct one o = random_one();
		u32 at;

		if (have_n && rnd(4) < (shrink ? 3u : 1u)) {
			at = rnd(have_n);
			o = have[at];
			assert_ptr_equal(f6_trie_find(&t, o.key, o.len), o.n);
		} else {
			at = place_of(&o);
			o = at < have_n ? have[at] : o;
		}
		if (at < have_n && shrink) {
			o.n->nh = 0;
			f6_trie_count(&t, o.n, -1);
			have[at] = have[--have_n];
		} else {
			o.n = f6_trie_make(&t, o.key, o.len);
			assert_non_null(o.n);
			assert_true(o.n->len == o.len && pix_ip_eq(o.n->key, o.key));
			if (!o.n->nh && have_n < MOST && rnd(8)) {
				o.n->nh = 1;
				f6_trie_count(&t, o.n, 1);
				have[have_n++] = o;
			}
		}
		o.n->flags |= F6T_LISTED;
		touched[n++] = o.n;
	}
	for (u32 i = 0; i < n; i++) {
		u32 twice = 0;

		for (u32 k = 0; k < i; k++)
			twice += touched[k] == touched[i];
		if (!twice)
			f6_trie_settle(&t, touched[i]);
	}
	f6_trie_fit(&t);
}

static void take_away(void)
{
	while (have_n) {
		struct one o = have[--have_n];

		o.n->nh = 0;
		f6_trie_count(&t, o.n, -1);
		o.n->flags |= F6T_LISTED;
		f6_trie_settle(&t, o.n);
		if (have_n % 64 == 0)
			f6_trie_fit(&t);
	}
	assert_null(t.root);
	assert_int_equal(f6_trie_bytes(&t), 0);
	assert_int_equal(fake_live, 0);
}

static void ways(void **state)
{
	u32 with = 0;

	(void)state;
	for (u32 round = 0; round < 600; round++) {
		batch(round / 200 == 1 || round > 500);
		assert_int_equal(faults(), 0);
		with += t.jump.slot != NULL;
	}
	printf("%u prefixes, %u short ways in %u slots; they were there %u times of 600\n", have_n,
	       t.jump.used, f6_jump_slots(&t.jump), with);
	assert_in_range(with, 300, 599);
	take_away();
}

/* No memory for the table: all goes on without it, and it comes later. */
static void no_memory(void **state)
{
	(void)state;
	while (!t.jump.slot && have_n < 3000)
		batch(false);
	assert_non_null(t.jump.slot);
	while (t.jump.slot) { /* until it is full */
		struct one o = random_one();

		o.n = f6_trie_make(&t, o.key, o.len);
		if (o.n->nh)
			continue;
		o.n->nh = 1;
		f6_trie_count(&t, o.n, 1);
		have[have_n++] = o;
		assert_true(have_n < MOST);
	}
	fake_fail_after = 0;
	f6_trie_fit(&t);
	fake_fail_after = -1;
	assert_int_equal(fake_failed, 1);
	assert_null(t.jump.slot);
	assert_int_equal(faults(), 0);
	for (u32 i = 0; i < 2000 && !t.jump.slot; i++)
		f6_trie_fit(&t);
	assert_non_null(t.jump.slot);
	assert_int_equal(faults(), 0);
	take_away();
}

/* The planted bug must be seen by the check above. */
static void planted_jump(void **state)
{
	u32 seen = 0;

	(void)state;
	while (have_n < 2000)
		batch(false);
	assert_int_equal(faults(), 0);
	assert_non_null(t.jump.slot);
	fib6_plant(FIB6_PLANT_JUMP);
	for (u32 i = 0; i < have_n && !seen; i++) {
		struct f6_prefix *n = have[i].n;

		if (n->child[0] || n->child[1] || n->len < 28 || n->parent->len >= 28)
			continue; /* no way begins with it */
		n->nh = 0;
		f6_trie_count(&t, n, -1);
		n->flags |= F6T_LISTED;
		f6_trie_settle(&t, n);
		have[i] = have[--have_n];
		seen = faults();
	}
	fib6_plant(0);
	assert_int_not_equal(seen, 0);
	f6_jump_fit(&t.jump, NULL, 0); /* what is wrong is not used */
	take_away();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(planted_jump),
	};

	printf("seed 2015\n");
	srand(2015);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
