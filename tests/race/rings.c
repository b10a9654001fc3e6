// SPDX-License-Identifier: MIT
/*
 * Rings of pointers and by value: what a producer wrote before it published must be what the
 * consumer reads. Payloads are plain memory, so that ThreadSanitizer sees a missing order even
 * where x86 does not show it.
 */
#include "tests/race/race.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qgm/ctl.h"
#include "qgm/mpmc.h"
#include "qgm/ring.h"

enum { ITEMS = 300000, CELLS = 4096, BURST = 16, SLOTS = 64 };

struct cell {
	u64 value;
	u64 twice;
};

static struct cell cells[CELLS];
static u32 wrong;

static void *make(size_t bytes)
{
	void *p = aligned_alloc(64, (bytes + 63) & ~63ull);

	if (!p)
		abort();
	memset(p, 0, bytes);
	return p;
}

/* --- ring: cells go round through a second ring, so that both directions are checked ------------
 */

static struct ring *there, *back;

static void *ring_producer(void *arg)
{
	u64 n = 0;

	(void)arg;
	while (n < ITEMS) {
		void *v[BURST];
		u32 got = ring_dequeue(back, v, n & 1 ? RING_HELD : BURST);

		for (u32 i = 0; i < got; i++) {
			struct cell *c = v[i];

			c->value = n;
			c->twice = 2 * n++;
		}
		for (u32 put = 0; put < got;)
			put += ring_enqueue(there, v + put, got - put);
		if (!got)
			sched_yield();
	}
	return NULL;
}

static void *ring_consumer(void *arg)
{
	u64 n = 0;

	(void)arg;
	while (n < ITEMS) {
		void *v[BURST];
		u32 got = ring_dequeue(there, v, n & 1 ? RING_HELD : BURST);

		for (u32 i = 0; i < got; i++, n++) {
			struct cell *c = v[i];

			if (c->value != n || c->twice != 2 * n)
				wrong++;
		}
		for (u32 put = 0; put < got;)
			put += ring_enqueue(back, v + put, got - put);
		if (!got)
			sched_yield();
	}
	return NULL;
}

static int verdict(void)
{
	if (wrong)
		printf("%u wrong values\n", wrong);
	return wrong ? 2 : 0;
}

int race_ring(void)
{
	const struct race_thread t[] = { { ring_producer, NULL }, { ring_consumer, NULL } };

	/* A consumer tells late, by a quarter of a ring, what it has taken, and never if it ends
	 * before: there is room on the way back for that and for all cells. */
	there = make(ring_bytes(SLOTS));
	back = make(ring_bytes(2 * SLOTS));
	if (ring_init(there, SLOTS) || ring_init(back, 2 * SLOTS))
		return 1;
	for (u32 i = 0; i < SLOTS; i++) {
		void *c = &cells[i];

		ring_enqueue(back, &c, 1);
	}
	race_threads(t, 2);
	free(there);
	free(back);
	return verdict();
}

/* --- mpmc: every thread takes cells, owns them, gives them back, as a pool does ------------------
 */

static struct mpmc *shared;

/* Singles, runs that fit registers and others all have code of their own. */
static u32 mpmc_want(u64 n)
{
	return n % 5 ? 1 + (u32)(n % BURST) : RING_HELD_MAX;
}

static void *mpmc_user(void *arg)
{
	u64 id = (u64)arg, stalls = 0;

	for (u32 n = 0; n < ITEMS / 8; n++) {
		void *v[RING_HELD_MAX];
		u32 want = mpmc_want(n), got = mpmc_dequeue(shared, v, want, &stalls);

		for (u32 i = 0; i < got; i++) {
			struct cell *c = v[i];

			if (c->twice != 2 * c->value)
				wrong++;
			c->value = id * ITEMS + n;
			c->twice = 2 * c->value;
		}
		for (u32 put = 0; put < got;)
			put += mpmc_enqueue(shared, v + put, got - put, &stalls);
	}
	return NULL;
}

/* Cells go round through two of them, between cores that only fill one and cores that only empty
 * it: what one of them writes reaches the other by the slot alone. */
static struct mpmc *mpmc_there, *mpmc_back;
static u32 filling; /* producers at work */

static void put_all(struct mpmc *r, void *const *v, u32 n)
{
	u64 stalls = 0;

	for (u32 put = 0; put < n;)
		put += mpmc_enqueue(r, v + put, n - put, &stalls);
}

static void *mpmc_producer(void *arg)
{
	u64 n = (u64)arg * ITEMS, end = n + ITEMS / 4, stalls = 0;

	while (n < end) {
		void *v[RING_HELD_MAX];
		u32 got = mpmc_dequeue(mpmc_back, v, mpmc_want(n), &stalls);

		for (u32 i = 0; i < got; i++) {
			struct cell *c = v[i];

			c->value = n;
			c->twice = 2 * n++;
		}
		put_all(mpmc_there, v, got);
		if (!got)
			sched_yield();
	}
	__atomic_fetch_sub(&filling, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void *mpmc_consumer(void *arg)
{
	u64 stalls = 0, turn = 0;
	u32 got, more;

	(void)arg;
	do {
		void *v[RING_HELD_MAX];

		more = __atomic_load_n(&filling, __ATOMIC_ACQUIRE);
		got = mpmc_dequeue(mpmc_there, v, mpmc_want(turn++), &stalls);
		for (u32 i = 0; i < got; i++) {
			const struct cell *c = v[i];

			if (c->twice != 2 * c->value)
				__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
		}
		put_all(mpmc_back, v, got);
		if (!got)
			sched_yield();
	} while (got || more);
	return NULL;
}

static int mpmc_round(void)
{
	const struct race_thread t[] = {
		{ mpmc_producer, (void *)0 },
		{ mpmc_producer, (void *)1 },
		{ mpmc_consumer, NULL },
		{ mpmc_consumer, NULL },
	};

	mpmc_there = make(mpmc_bytes(SLOTS));
	mpmc_back = make(mpmc_bytes(SLOTS));
	if (mpmc_init(mpmc_there, SLOTS) || mpmc_init(mpmc_back, SLOTS))
		return 1;
	for (u32 i = 0; i < SLOTS; i++)
		put_all(mpmc_back, (void *[]){ &cells[i] }, 1);
	filling = 2;
	race_threads(t, 4);
	if (mpmc_count(mpmc_back) != SLOTS)
		wrong++;
	free(mpmc_there);
	free(mpmc_back);
	return verdict();
}

int race_mpmc(void)
{
	struct race_thread t[4];
	u64 stalls = 0;

	shared = make(mpmc_bytes(SLOTS));
	if (mpmc_init(shared, SLOTS))
		return 1;
	for (u32 i = 0; i < SLOTS; i++) {
		void *c = &cells[i];

		mpmc_enqueue(shared, &c, 1, &stalls);
	}
	for (u64 i = 0; i < 4; i++)
		t[i] = (struct race_thread){ mpmc_user, (void *)i };
	race_threads(t, 4);
	/* Every cell is there once. */
	static bool seen[SLOTS];
	void *c;

	for (u32 i = 0; i < SLOTS; i++) {
		if (!mpmc_dequeue(shared, &c, 1, &stalls) || seen[(struct cell *)c - cells])
			wrong++;
		else
			seen[(struct cell *)c - cells] = true;
	}
	free(shared);
	return verdict() | mpmc_round();
}

/* --- msgring and framering ----------------------------------------------------------------------
 */

static struct msgring *msgs;

static void *msg_producer(void *arg)
{
	struct ctl_cmd m = { .kind = 1 };

	(void)arg;
	for (u64 n = 0; n < ITEMS;) {
		m.seq = n;
		m.arg[5] = 3 * n;
		if (msgring_put(msgs, &m))
			n++;
		else
			sched_yield();
	}
	return NULL;
}

static void *msg_consumer(void *arg)
{
	struct ctl_cmd m;

	(void)arg;
	for (u64 n = 0; n < ITEMS;) {
		if (!msgring_get(msgs, &m)) {
			sched_yield();
			continue;
		}
		if (m.seq != n || m.arg[5] != 3 * n)
			wrong++;
		n++;
	}
	return NULL;
}

int race_msgring(void)
{
	const struct race_thread t[] = { { msg_producer, NULL }, { msg_consumer, NULL } };

	msgs = make(msgring_bytes(SLOTS));
	if (msgring_init(msgs, 48) != -22 || msgring_init(msgs, SLOTS))
		return 1;
	race_threads(t, 2);
	if (!msgring_empty(msgs) || msgring_room(msgs) != SLOTS)
		wrong++;
	free(msgs);
	return verdict();
}

static struct framering *frames;

static void *frame_producer(void *arg)
{
	(void)arg;
	for (u64 n = 0; n < ITEMS / 4;) {
		struct frame_slot *s = framering_reserve(frames);

		if (!s) {
			sched_yield();
			continue;
		}
		s->len = (u16)(n % 1500);
		memcpy(s->data, &n, sizeof(n));
		memcpy(s->data + 1492, &n, sizeof(n));
		framering_commit(frames);
		n++;
	}
	return NULL;
}

static void *frame_consumer(void *arg)
{
	(void)arg;
	for (u64 n = 0; n < ITEMS / 4;) {
		const struct frame_slot *s = framering_peek(frames);

		if (!s) {
			sched_yield();
			continue;
		}
		if (s->len != n % 1500 || memcmp(s->data, &n, sizeof(n)) ||
		    memcmp(s->data + 1492, &n, sizeof(n)))
			wrong++;
		framering_release(frames);
		n++;
	}
	return NULL;
}

int race_framering(void)
{
	const struct race_thread t[] = { { frame_producer, NULL }, { frame_consumer, NULL } };

	frames = make(framering_bytes(SLOTS));
	if (framering_init(frames, 48) != -22 || framering_init(frames, SLOTS))
		return 1;
	race_threads(t, 2);
	if (!framering_empty(frames))
		wrong++;
	free(frames);
	return verdict();
}
