// SPDX-License-Identifier: MIT
/*
 * The whole engine on threads: QGMs forward between memory ports through their rings while a writer
 * commits; at the end every packet and buffer is accounted for. And naps: a QGM that is fed only
 * by another's ring sleeps on a semaphore; a packet that waits while it sleeps is a lost wake-up.
 */
#include "tests/race/race.h"

#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/qgm/flows.h"
#include "tools/host/world.h"

enum { PORTS = 4, FRAMES = 60000 };

static struct world w;
static u64 left[PORTS + 1];
static struct flows made[PORTS + 1], taken[PORTS + 1];
static bool stop;

/* One flow a pair of ports; each port's wire makes its own. */
static u32 source(struct memport *m, u8 *data, u32 room)
{
	u32 id = m->port->id, to;

	if (!left[id])
		return 0;
	store_relaxed(&left[id], left[id] - 1);
	to = 1 + (id + (u32)left[id] % (PORTS - 1)) % PORTS;
	return flows_make(&made[id], id * 8 + to, id, to, data, MIN(room, 200u));
}

static void sink(struct memport *m, const u8 *data, u32 len)
{
	flows_take(&taken[m->port->id], data, len);
}

static void setup(u32 nqgm)
{
	world_make(&w, 32ull << 20, nqgm, PORTS);
	for (u16 i = 1; i <= PORTS; i++) {
		flows_init(&made[i], 77 + i, 64);
		flows_init(&taken[i], 1, 64);
		w.m[i]->source = source;
		w.m[i]->sink = sink;
		world_bridge(&w, i, 1);
	}
}

static bool all_sent(void)
{
	for (u32 i = 1; i <= PORTS; i++) {
		if (load_relaxed(&left[i]))
			return false;
	}
	return true;
}

static void *runner(void *arg)
{
	struct qgm *q = arg;
	u32 idle = 0;

	while (idle < 2000) {
		if (qgm_turn(q) || !all_sent()) {
			idle = 0;
		} else {
			idle++;
			sched_yield();
		}
	}
	return NULL;
}

static void *committer(void *arg)
{
	(void)arg;
	while (!all_sent()) {
		tables_commit(tables_begin());
		usleep(200);
	}
	return NULL;
}

static int judge(u64 frames)
{
	u64 bad = 0, got = 0;
	const char *law;

	world_settle(&w, 4, 100);
	law = world_law(&w);
	for (u32 i = 1; i <= PORTS; i++) {
		bad += taken[i].damaged + taken[i].unknown + taken[i].disorder;
		got += taken[i].total;
	}
	printf("%lu frames in, %lu out, %lu copies, %lu drops, %lu bad; law: %s\n", frames, got,
	       WORLD_SUM(&w, copies), world_drops_all(&w), bad, law ? law : "holds");
	return law || bad || got + world_drops_all(&w) != frames + WORLD_SUM(&w, copies) ? 2 : 0;
}

int race_engine(void)
{
	struct race_thread t[3 + 1];

	setup(3);
	for (u32 i = 1; i <= PORTS; i++)
		left[i] = FRAMES;
	for (u32 i = 0; i < 3; i++)
		t[i] = (struct race_thread){ runner, w.q[i] };
	t[3] = (struct race_thread){ committer, NULL };
	race_threads(t, 4);
	return judge((u64)FRAMES * PORTS);
}

/* --- naps ----------------------------------------------------------------------------------------
 */

static sem_t doorbell[2];
static u64 naps, lost;
static u64 fed; /* turns that the feeder has ended */

static void wake(u32 qgm)
{
	if (qgm < 2)
		sem_post(&doorbell[qgm]);
}

/* Something in the ring from QGM 0 while QGM 1 slept its whole time? */
static bool something_waited(void)
{
	return ring_count(w.q[1]->in[0]) > 0;
}

/*
 * The feeder had enqueued and may stand still before it rings, for as long as the host likes: once
 * it has ended two more turns it has rung, or it has forgotten to.
 */
static bool comes_late(void)
{
	u64 from = load_acquire(&fed);

	while (load_acquire(&fed) < from + 2)
		sched_yield();
	return !sem_trywait(&doorbell[1]);
}

static void *napper(void *arg)
{
	struct qgm *q = arg;
	u64 deadline;

	while (!load_relaxed(&stop)) {
		if (qgm_turn(q))
			continue;
		if (qgm_sleep_begin(q, &deadline)) {
			struct timespec ts;

			naps++;
			clock_gettime(CLOCK_REALTIME, &ts);
			ts.tv_nsec += 400000000;
			if (ts.tv_nsec >= 1000000000) {
				ts.tv_nsec -= 1000000000;
				ts.tv_sec++;
			}
			if (sem_timedwait(&doorbell[1], &ts) && errno == ETIMEDOUT &&
			    something_waited() && !comes_late())
				store_relaxed(&lost, lost + 1);
		}
		qgm_sleep_end(q);
	}
	return NULL;
}

static void feed(struct qgm *q)
{
	qgm_turn(q);
	store_release(&fed, fed + 1);
}

/* One frame at a time, the next while the other falls asleep: pauses of all lengths up to that. */
static void *feeder(void *arg)
{
	struct qgm *q = arg;

	for (u32 n = 0; n < 20000 && !load_relaxed(&lost); n++) {
		u64 sent;

		left[1] = 1;
		while (left[1])
			feed(q);
		sent = q->c->ring_out;
		/* Until the other has it and is on its way to sleep, then a moment more. */
		while (load_relaxed(&w.q[1]->c->ring_in) != sent && !load_relaxed(&lost)) {
			feed(q);
			sched_yield();
		}
		for (u32 i = 0; i < n % 250; i++)
			cpu_pause();
	}
	usleep(1000000);
	store_relaxed(&stop, true);
	wake(1);
	return NULL;
}

int race_naps(void)
{
	struct race_thread t[2];
	int r;

	sem_init(&doorbell[0], 0, 0);
	sem_init(&doorbell[1], 0, 0);
	host_wake_hook(wake);
	setup(2); /* ports 1 and 3: QGM 0; 2 and 4: QGM 1, fed only by QGM 0's ring */
	world_settle(&w, 4, 100);
	t[0] = (struct race_thread){ feeder, w.q[0] };
	t[1] = (struct race_thread){ napper, w.q[1] };
	race_threads(t, 2);
	printf("%lu naps, %lu lost wake-ups; ", naps, lost);
	r = judge(WORLD_SUM(&w, rx));
	return lost || naps < 100 ? 2 : r;
}
