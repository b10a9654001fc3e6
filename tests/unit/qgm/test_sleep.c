// SPDX-License-Identifier: MIT
/*
 * qgm/sleep.c, qgm/bells.c, qgm/plan.c: no wake-up is lost whatever comes between the last turn and
 * the halt; deadlines; a QGM fed only by another core's ring; memory for 64 QGMs.
 */
#include "tests/unit/unit.h"

#include "qgm/pools.h"
#include "tools/host/world.h"

enum { PORTS = 4 };

static struct world w;

static void make(u32 nqgm, const char *plants)
{
	host_reset();
	host_plant(plants);
	world_make(&w, 32ull << 20, nqgm, PORTS);
	for (u16 i = 1; i <= PORTS; i++)
		world_bridge(&w, i, 1);
	world_settle(&w, 3, 50);
}

static u8 frame[64];
static u32 frames_left;
static u32 taken_out;

static u32 source(struct memport *m, u8 *data, u32 room)
{
	(void)m;
	(void)room;
	if (!frames_left)
		return 0;
	frames_left--;
	memcpy(data, frame, 60);
	return 60;
}

static void sink(struct memport *m, const u8 *data, u32 len)
{
	(void)m;
	(void)data;
	(void)len;
	taken_out++;
}

/* What can come in the moment between the last empty turn and the sleep. */
enum kind { COMMAND, INJECT, RING, EPOCH, KINDS };

static void something_comes(enum kind k)
{
	struct ctl_qgm *d = &ctl_block()->qgm[1];
	struct ctl_cmd cmd = { .kind = CTL_FDB_FLUSH };
	struct frame_slot *s;

	switch (k) {
	case COMMAND:
		assert_true(msgring_put(d->cmd, &cmd));
		break;
	case INJECT:
		s = framering_reserve(d->inject);
		s->len = 60;
		s->ifid = 2;
		s->cls = INJECT_FRAME;
		memset(s->data, 0, 60);
		framering_commit(d->inject);
		break;
	case RING: /* port 1 is QGM 0's, the flood goes to ports 2 and 4 of QGM 1 */
		memcpy(frame, (const u8[]){ 2, 0, 0, 0, 9, 9, 2, 0, 0, 0, 1, 1, 8, 0 }, 14);
		frames_left = 1;
		w.m[1]->source = source;
		qgm_turn(w.q[0]);
		break;
	default:
		tables_commit(tables_begin());
	}
}

/* It came before the fence: the second look finds it. */
static void before_the_fence(void **state)
{
	enum kind k = *(enum kind *)*state;
	u64 deadline;

	make(2, "");
	something_comes(k);
	assert_false(qgm_sleep_begin(w.q[1], &deadline));
	qgm_sleep_end(w.q[1]);
	world_settle(&w, 3, 50);
	assert_true(qgm_sleep_begin(w.q[1], &deadline));
	qgm_sleep_end(w.q[1]);
	assert_null(world_law(&w));
}

/* It came after: the producer sees `napping` and wakes. */
static void after_the_fence(void **state)
{
	u64 deadline;

	(void)state;
	make(2, "");
	assert_true(qgm_sleep_begin(w.q[1], &deadline));
	assert_int_equal(ctl_block()->qgm[1].napping, 1);
	something_comes(RING);
	assert_int_equal(host_wakes(1), 1);
	assert_int_equal(host_wakes(0), 0);
	qgm_sleep_end(w.q[1]);
	assert_int_equal(ctl_block()->qgm[1].napping, 0);
	w.m[2]->sink = w.m[4]->sink = sink;
	taken_out = 0;
	world_settle(&w, 3, 50);
	assert_int_equal(taken_out, 2);
	something_comes(RING); /* awake: no wake-up */
	assert_int_equal(host_wakes(1), 1);
	world_settle(&w, 3, 50);
	assert_null(world_law(&w));
}

/* Planted: without fence and second look it goes to sleep over a waiting packet. */
static void planted_nap_fence(void **state)
{
	u64 deadline;

	(void)state;
	make(2, "nap-fence");
	something_comes(RING);
	assert_true(qgm_sleep_begin(w.q[1], &deadline)); /* the lost wake-up */
	assert_int_equal(host_wakes(1), 0);
	assert_true(WORLD_SUM(&w, ring_out) > WORLD_SUM(&w, ring_in));
}

static void fire(struct qgm *q, struct timer *t)
{
	(void)q;
	(void)t;
}

static void deadlines(void **state)
{
	struct timer t = { .fn = fire };
	u64 deadline, ms = env_clock_hz() / 1000;

	(void)state;
	make(6, ""); /* QGMs 4 and 5 own no port */
	assert_true(qgm_sleep_begin(w.q[5], &deadline));
	assert_int_equal(deadline, ~0ull);
	assert_int_equal(w.q[5]->c->epoch, ~0ull);
	qgm_sleep_end(w.q[5]);
	assert_true(qgm_sleep_begin(w.q[0], &deadline));
	assert_in_range(deadline, 30 * ms, 51 * ms); /* port steps */
	assert_true(w.m[1]->q[0].armed);
	qgm_sleep_end(w.q[0]);
	assert_false(w.m[1]->q[0].armed);
	w.m[1]->port->can_wake = false;
	assert_true(qgm_sleep_begin(w.q[0], &deadline));
	assert_in_range(deadline, ms / 2, ms); /* polled */
	qgm_sleep_end(w.q[0]);
	timer_arm(&w.q[5]->wheel, &t, env_clock() + 7 * ms);
	assert_true(qgm_sleep_begin(w.q[5], &deadline));
	assert_in_range(deadline, 6 * ms, 9 * ms);
	qgm_sleep_end(w.q[5]);
	timer_cancel(&w.q[5]->wheel, &t);
}

static void to_port(enum ctl_cmd_kind kind, u32 seq)
{
	struct ctl_cmd cmd = { .kind = kind, .a = 1, .seq = seq };

	assert_true(msgring_put(ctl_block()->qgm[w.m[1]->port->owner].cmd, &cmd));
}

/* A port starts while the QGM of one of its queues naps: it is woken, and does not nap again before
 * it has posted buffers. */
static void port_starts(void **state)
{
	struct memport *m;
	struct qgm *other;
	u64 deadline, wakes;
	u32 id;

	(void)state;
	host_reset();
	host_plant("");
	world_make_queues(&w, 32ull << 20, 2, 1, 2, 2);
	world_settle(&w, 3, 50);
	m = w.m[1];
	id = 1u - m->port->owner;
	other = w.q[id];
	assert_int_equal(m->port->state, PORT_RUNNING);
	to_port(CTL_PORT_STOP, 1);
	for (u32 i = 0; i < 100 && m->port->state != PORT_STOPPED; i++)
		world_settle(&w, 3, 50);
	assert_int_equal(m->port->state, PORT_STOPPED);
	assert_true(qgm_sleep_begin(other, &deadline));
	wakes = host_wakes(id);
	to_port(CTL_PORT_START, 2);
	for (u32 i = 0; i < 50 && m->port->state != PORT_RUNNING; i++) {
		assert_int_equal(host_wakes(id), wakes);
		host_clock_advance(env_clock_hz() / 1000);
		qgm_turn(w.q[1 - id]);
	}
	assert_int_equal(m->port->state, PORT_RUNNING);
	assert_int_equal(host_wakes(id), wakes + 1);
	qgm_sleep_end(other);
	assert_false(qgm_sleep_begin(other, &deadline));
	qgm_sleep_end(other);
	qgm_turn(other);
	assert_true(qgm_sleep_begin(other, &deadline));
	qgm_sleep_end(other);
	assert_null(world_law(&w));
}

/* Frames that a NIC still has are looked after: their QGM is up again soon. */
static void frames_with_the_nic(void **state)
{
	u64 deadline, ms = env_clock_hz() / 1000;

	(void)state;
	make(6, ""); /* QGM 5 has queues of no port; give it one */
	world_settle(&w, 3, 50);
	w.q[5]->queue[0] =
		(struct qgm_queue){ .port = w.m[1]->port, .tx = true, .handed = 7, .gone = 7 };
	w.q[5]->nqueues = 1;
	assert_true(qgm_sleep_begin(w.q[5], &deadline));
	assert_int_equal(deadline, ~0ull);
	qgm_sleep_end(w.q[5]);
	w.q[5]->queue[0].handed++;
	assert_true(qgm_sleep_begin(w.q[5], &deadline));
	assert_in_range(deadline, 40 * ms, 51 * ms);
	qgm_sleep_end(w.q[5]);
}

/* The time asleep is no gap between polls, but it is time. */
static void gap_without_naps(void **state)
{
	u64 deadline, total;

	(void)state;
	make(1, "");
	w.q[0]->c->gap_max = 0;
	total = w.q[0]->c->total_cycles;
	qgm_turn(w.q[0]);
	assert_true(qgm_sleep_begin(w.q[0], &deadline));
	host_clock_advance(1000000);
	qgm_sleep_end(w.q[0]);
	qgm_turn(w.q[0]);
	assert_true(w.q[0]->c->gap_max < 1000000);
	assert_true(w.q[0]->c->total_cycles >= total + 1000000);
	host_clock_advance(3000000);
	qgm_turn(w.q[0]);
	assert_in_range(w.q[0]->c->gap_max, 3000000, 3100000);
}

/* The generic side naps: one wake-up a turn for events and punted frames, none when awake. */
static void generic_wake(void **state)
{
	(void)state;
	make(1, "");
	struct pix_event ev = { .kind = PIX_EV_LOG };

	ctl_block()->generic_napping = 1;
	qgm_event(w.q[0], &ev);
	qgm_event(w.q[0], &ev);
	assert_int_equal(host_wakes(ENV_GENERIC), 0);
	qgm_turn(w.q[0]);
	assert_int_equal(host_wakes(ENV_GENERIC), 1);
	qgm_turn(w.q[0]);
	assert_int_equal(host_wakes(ENV_GENERIC), 1);
	ctl_block()->generic_napping = 0;
	qgm_event(w.q[0], &ev);
	qgm_turn(w.q[0]);
	assert_int_equal(host_wakes(ENV_GENERIC), 1);
}

/* Events never take the room of answers. */
static void answers_find_room(void **state)
{
	struct pix_event ev = { .kind = PIX_EV_LOG };
	struct ctl_cmd cmd = { .kind = CTL_FDB_FLUSH, .seq = 77 };
	u32 n = 0;
	bool answered = false;

	(void)state;
	make(1, "");
	while (qgm_event(w.q[0], &ev))
		n++;
	assert_true(n > 32);
	assert_true(msgring_put(ctl_block()->qgm[0].cmd, &cmd));
	world_turn(&w);
	while (msgring_get(ctl_block()->qgm[0].event, &ev))
		answered |= ev.kind == PIX_EV_ACK && ev.seq == 77;
	assert_true(answered);
}

/* --- memory ------------------------------------------------------------------------------------
 */

struct size {
	u64 mib;
	u32 nqgm, nports;
};

static void fits(void **state)
{
	const struct size *s = *state;
	u64 region = s->mib << 20, reserve = 1024 * 1024 + s->nqgm * 160 * 1024ull;

	host_reset();
	host_memory_limit(region - reserve / 2);
	world_make(&w, region, s->nqgm, s->nports);
	for (u16 i = 1; i <= s->nports; i++)
		world_bridge(&w, i, 1);
	world_settle(&w, 3, 50);
	assert_true(pool_size(qgm_pool(0)) >= 128 * s->nports + 512);
	assert_true(host_memory_used() < region - reserve / 2);
	assert_true(ctl_valid(ctl_block()));
	memcpy(frame, (const u8[]){ 2, 0, 0, 0, 9, 9, 2, 0, 0, 0, 1, 1, 8, 0 }, 14);
	w.m[1]->source = source;
	taken_out = 0;
	for (u16 i = 1; i <= s->nports; i++)
		w.m[i]->sink = sink;
	frames_left = 1000;
	while (frames_left)
		world_turn(&w);
	world_settle(&w, 4, 1000);
	assert_int_equal(taken_out + world_drops_all(&w), 1000 * (s->nports - 1));
	assert_true(taken_out >= 1000);
	assert_null(world_law(&w));
}

static void setup_refuses(void **state)
{
	(void)state;
	host_reset();
	assert_int_equal(ctl_init(), 0);
	assert_int_equal(qgm_setup(32 << 20, 0), -22);
	assert_int_equal(qgm_setup(32 << 20, QGM_MAX + 1), -22);
	host_memory_limit(65536);
	assert_int_equal(qgm_setup(32 << 20, 1), -12);
	host_memory_limit(0);
	assert_int_equal(qgm_setup(32 << 20, 2), 0);
	assert_null(qgm_create(2, 0));
	assert_non_null(qgm_create(1, 0));
	assert_null(qgm_create(1, 0)); /* twice */
}

static void control_block(void **state)
{
	static struct ctl copy;

	(void)state;
	make(2, "");
	assert_true(ctl_valid(ctl_block()));
	copy = *ctl_block();
	copy.qgm[1].event = copy.qgm[0].event;
	assert_false(ctl_valid(&copy));
	copy = *ctl_block();
	copy.version++;
	assert_false(ctl_valid(&copy));
	copy = *ctl_block();
	copy.qgm_count = 3;
	assert_false(ctl_valid(&copy));
	copy = *ctl_block();
	copy.region_count++;
	assert_false(ctl_valid(&copy));
	assert_int_equal(ctl_add_region(0x1000000, 0x200000, 1), 0);
	ctl_seal();
	copy = *ctl_block();
	assert_true(ctl_valid(&copy));
	copy.region[copy.region_count - 1].len += 4096;
	assert_false(ctl_valid(&copy));
	copy = *ctl_block();
	copy.qgm[0].napping = 1; /* not of the constant part */
	assert_true(ctl_valid(&copy));
}

static enum kind kinds[] = { COMMAND, INJECT, RING, EPOCH };
static struct size sizes[] = { { 12, 1, 4 },  { 16, 1, 4 },  { 16, 3, 4 },
			       { 64, 64, 8 }, { 64, 63, 4 }, { 256, 15, 16 } };

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(before_the_fence, &kinds[0]),
		cmocka_unit_test_prestate(before_the_fence, &kinds[1]),
		cmocka_unit_test_prestate(before_the_fence, &kinds[2]),
		cmocka_unit_test_prestate(before_the_fence, &kinds[3]),
		cmocka_unit_test(after_the_fence),
		cmocka_unit_test(planted_nap_fence),
		cmocka_unit_test(deadlines),
		cmocka_unit_test(port_starts),
		cmocka_unit_test(frames_with_the_nic),
		cmocka_unit_test(gap_without_naps),
		cmocka_unit_test(generic_wake),
		cmocka_unit_test(answers_find_room),
		cmocka_unit_test_prestate(fits, &sizes[0]),
		cmocka_unit_test_prestate(fits, &sizes[1]),
		cmocka_unit_test_prestate(fits, &sizes[2]),
		cmocka_unit_test_prestate(fits, &sizes[3]),
		cmocka_unit_test_prestate(fits, &sizes[4]),
		cmocka_unit_test_prestate(fits, &sizes[5]),
		cmocka_unit_test(setup_refuses),
		cmocka_unit_test(control_block),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	host_reset();
	return r;
}
