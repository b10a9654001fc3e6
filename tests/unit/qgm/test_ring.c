// SPDX-License-Identifier: MIT
/* qgm/ring.c: sizes, order, full and empty, indices that wrap, random operation against a model. */
#include "tests/unit/unit.h"

#include "qgm/ctl.h"
#include "qgm/ring.h"

static struct ring *make(u32 slots)
{
	struct ring *r = aligned_alloc(64, ring_bytes(slots));

	memset(r, 0, ring_bytes(slots));
	assert_int_equal(ring_init(r, slots), 0);
	return r;
}

static void sizes(void **state)
{
	struct ring r;

	(void)state;
	assert_int_equal(ring_init(&r, 0), -22);
	assert_int_equal(ring_init(&r, 1), -22);
	assert_int_equal(ring_init(&r, 3), -22);
	assert_int_equal(ring_init(&r, 48), -22);
	assert_true(ring_bytes(64) >= sizeof(struct ring) + 64 * sizeof(void *));
	assert_int_equal(ring_init_at(&r, 48, 0), -22);
	assert_int_equal(offsetof(struct ring, tail) % 128, 0);
	assert_int_equal(offsetof(struct ring, freed) % 128, 0);
	assert_int_equal(offsetof(struct ring, slot) % 128, 0);
}

static void full_and_empty(void **state)
{
	struct ring *r = make(8);
	void *in[16], *out[16];

	(void)state;
	for (size_t i = 0; i < 16; i++)
		in[i] = (void *)(2 * i + 2);
	assert_int_equal(ring_dequeue(r, out, 16), 0);
	assert_int_equal(ring_enqueue(r, in, 5), 5);
	assert_int_equal(ring_enqueue(r, in + 5, 11), 3); /* all 8 slots are usable */
	assert_int_equal(ring_enqueue(r, in, 1), 0);
	assert_int_equal(ring_count(r), 8);
	assert_int_equal(ring_dequeue(r, out, 16), 8);
	for (size_t i = 0; i < 8; i++)
		assert_ptr_equal(out[i], in[i]);
	assert_int_equal(ring_count(r), 0);
	assert_int_equal(ring_enqueue(r, in, 0), 0);
	assert_int_equal(ring_dequeue(r, out, 0), 0);
	free(r);
}

/* Indices run free: start near 2^32 and go round. */
static void wrap(void **state)
{
	struct ring *r = make(4);

	(void)state;
	assert_int_equal(ring_init_at(r, 4, 0xfffffffeu), 0);
	for (uintptr_t i = 0; i < 200; i += 2) {
		void *in[3] = { (void *)i, (void *)(i + 2), (void *)(i + 4) }, *out[4];

		assert_int_equal(ring_enqueue(r, in, 3), 3);
		assert_int_equal(ring_count(r), 3);
		assert_int_equal(ring_dequeue(r, out, 4), 3);
		assert_ptr_equal(out[2], in[2]);
	}
	free(r);
}

/*
 * A full ring shows what was taken from it by quarters, all of it when it is empty: the producer's
 * look at it (a line from the other core) brings room for several bursts.
 */
static void freed_by_quarters(void **state)
{
	struct ring *r = make(64);
	void *v[64] = { 0 };

	(void)state;
	assert_int_equal(ring_enqueue(r, v, 64), 64);
	assert_int_equal(ring_dequeue(r, v, 15), 15);
	assert_int_equal(ring_enqueue(r, v, 1), 0);
	assert_int_equal(ring_count(r), 49);
	assert_int_equal(ring_dequeue(r, v, 1), 1);
	assert_int_equal(ring_enqueue(r, v, 20), 16);
	assert_int_equal(ring_dequeue(r, v, 56), 56);
	assert_int_equal(ring_enqueue(r, v, 64), 56);
	assert_int_equal(ring_dequeue(r, v, 64), 64); /* empty */
	assert_int_equal(ring_enqueue(r, v, 4), 4);
	assert_int_equal(ring_dequeue(r, v, 64), 4);
	memset(v, 0, sizeof v); /* behind the fourth there is anything */
	assert_int_equal(ring_enqueue(r, v, 64), 64);
	free(r);
}

static void against_model(void **state)
{
	struct ring *r = make(64);
	uintptr_t put = 0, got = 0;
	unsigned seed = 7;

	(void)state;
	for (int step = 0; step < 200000; step++) {
		u32 n = (u32)rand_r(&seed) % 80;
		void *v[80];

		if (n % 4 == 1) /* has code of its own */
			n = RING_LINE;
		if (rand_r(&seed) & 1) {
			u32 room = 64 - (u32)(put - got);

			for (u32 i = 0; i < n; i++)
				v[i] = (void *)(2 * (put + i));
			u32 took = ring_enqueue(r, v, n);
			/* Up to a quarter of the ring may be free without the producer knowing. */
			assert_true(took <= MIN(n, room));
			assert_true(took >= MIN(n, room) || room - took < 16);
			put += took;
		} else {
			u32 have = (u32)(put - got);
			u32 took = ring_dequeue(r, v, n);

			assert_int_equal(took, n < have ? n : have);
			for (u32 i = 0; i < took; i++)
				assert_ptr_equal(v[i], (void *)(2 * (got + i)));
			got += took;
		}
		assert_int_equal(ring_count(r), put - got);
	}
	free(r);
}

static void messages(void **state)
{
	struct msgring *r = aligned_alloc(64, msgring_bytes(4));
	struct ctl_cmd in = { .kind = 1 }, out;

	(void)state;
	assert_int_equal(msgring_init(r, 3), -22);
	assert_int_equal(msgring_init(r, 1), -22);
	assert_int_equal(msgring_init(r, 4), 0);
	r->head = r->tail = r->head_cached = r->tail_cached = 0xffffffffu;
	assert_true(msgring_empty(r));
	assert_false(msgring_get(r, &out));
	for (u64 round = 0; round < 10; round++) {
		for (u64 i = 0; i < 4; i++) {
			assert_int_equal(msgring_room(r), 4 - i);
			in.seq = round * 4 + i;
			assert_true(msgring_put(r, &in));
		}
		assert_int_equal(msgring_room(r), 0);
		assert_false(msgring_put(r, &in));
		assert_false(msgring_empty(r));
		for (u64 i = 0; i < 4; i++) {
			assert_true(msgring_get(r, &out));
			assert_int_equal(out.seq, round * 4 + i);
		}
		assert_false(msgring_get(r, &out));
	}
	free(r);
}

static void frames(void **state)
{
	struct framering *r = aligned_alloc(64, framering_bytes(4));
	struct frame_slot *s;
	const struct frame_slot *c;

	(void)state;
	assert_int_equal(framering_init(r, 6), -22);
	assert_int_equal(framering_init(r, 4), 0);
	r->head = r->tail = r->head_cached = r->tail_cached = 0xfffffffeu;
	assert_null(framering_peek(r));
	for (u16 round = 0; round < 10; round++) {
		for (u16 i = 0; i < 4; i++) {
			s = framering_reserve(r);
			assert_non_null(s);
			assert_ptr_equal(framering_reserve(r), s); /* until it is committed */
			s->len = (u16)(round * 4 + i);
			framering_commit(r);
		}
		assert_null(framering_reserve(r));
		for (u16 i = 0; i < 4; i++) {
			c = framering_peek(r);
			assert_non_null(c);
			assert_ptr_equal(framering_peek(r), c);
			assert_int_equal(c->len, round * 4 + i);
			framering_release(r);
		}
		assert_null(framering_peek(r));
		assert_true(framering_empty(r));
	}
	free(r);
}

/* Each drop reason has a name of its own and a sentence; the names are what tests and scripts use.
 */
static void drop_names(void **state)
{
	(void)state;
	for (u32 i = 0; i < DROP_COUNT; i++) {
		assert_non_null(drop_infos[i].name);
		assert_true(strlen(drop_infos[i].sentence) > 5);
		assert_true(strlen(drop_infos[i].name) < 32); /* pix_drop.name */
		assert_true(strlen(drop_infos[i].sentence) < 96);
		for (u32 k = 0; k < i; k++)
			assert_string_not_equal(drop_infos[i].name, drop_infos[k].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),         cmocka_unit_test(full_and_empty),
		cmocka_unit_test(wrap),          cmocka_unit_test(freed_by_quarters),
		cmocka_unit_test(against_model), cmocka_unit_test(messages),
		cmocka_unit_test(frames),        cmocka_unit_test(drop_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
