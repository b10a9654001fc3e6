// SPDX-License-Identifier: MIT
/*
 * Announcements and withdrawals in the full table while a reader on the other core looks up: in
 * batches of 1, 64 and 4096, each batch one epoch; DPDK applies each change by itself. Of
 * three changes one is another next hop, one a withdrawal, one an announcement.
 *
 * The reader checks every answer: a next hop that some prefix covering the address has or had
 * (as loaded or changed), or none. Its longest time for one burst of 32
 * is the stall; a time in which the kernel took it off the core cannot be told apart, so that the
 * 99.9th percentile stands beside it.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/bench/cases.h"
#include "tools/bench/fib4.h"
#include "tools/bench/fib6.h"
#include "tools/bench/memory.h"

enum { BURST = 32, KEYS_READ = 4096, GONE = 1024, HOPS = 129, STALL_BINS = 4096 };

static const u32 batches[] = { 1, 64, 4096 };

static struct routes all;
static bool six;
static bool stop_reader;

/* What the reader looks up, and what it may be told: bit per next hop, 0 = none. */
static u32 read4[KEYS_READ];
static struct pix_ip read6[KEYS_READ];
static uint8_t wire6[KEYS_READ][16];
static u64 may[KEYS_READ][3];

struct reader {
	struct peer_lpm *lpm; /* NULL: PIX reads */
	struct peer_lpm6 *lpm6;
	struct hosted *h;
	u64 bursts, wrong, worst;
	u64 refused;         /* changes that the peer did not take */
	u32 bin[STALL_BINS]; /* of 64 cycles */
};

static bool allowed(u32 key, u32 nh)
{
	return nh < HOPS + 63 && (may[key][nh / 64] >> (nh % 64) & 1);
}

static void allow(u32 key, u32 nh)
{
	may[key][nh / 64] |= 1ull << (nh % 64);
}

static struct pix_ip cut6(struct pix_ip a, u32 len)
{
	if (len <= 64)
		return (struct pix_ip){ len ? a.hi & ~0ull << (64 - len) : 0, 0 };
	return (struct pix_ip){ a.hi, len == 128 ? a.lo : a.lo & ~0ull << (128 - len) };
}

static u32 cut4(u32 a, u32 len)
{
	return len ? a & ~0u << (32 - len) : 0;
}

static void make_keys(const struct naive *t)
{
	u64 seed = 77;

	for (u32 i = 0; i < KEYS_READ; i++) {
		allow(i, 0);
		if (six) {
			const struct route6 *p = &all.v6[rng_next(&seed) % all.n6];

			read6[i] = p->addr;
			for (u32 len = 0; len <= 128; len++) {
				struct pix_ip c = cut6(read6[i], len);
				u32 nh = naive_get6(t, c, len);
				u64 hi = __builtin_bswap64(read6[i].hi),
				    lo = __builtin_bswap64(read6[i].lo);

				memcpy(wire6[i], &hi, 8);
				memcpy(wire6[i] + 8, &lo, 8);
				if (nh) {
					allow(i, nh);
					allow(i, nh + 64);
				}
			}
		} else {
			const struct route4 *p = &all.v4[rng_next(&seed) % all.n4];

			read4[i] = p->addr;
			for (u32 len = 0; len <= 32; len++) {
				u32 nh = naive_get4(t, cut4(read4[i], len), len);

				if (nh) {
					allow(i, nh);
					allow(i, nh + 64);
				}
			}
		}
	}
}

/* One burst; PIX's reader follows the protocol of a QGM: root, burst, quiescent point. */
static void burst(struct reader *r, u32 at, u32 *nh)
{
	struct qgm *q = r->h->q[0];
	const struct tables *t;

	if (r->lpm) {
		peer_lpm_lookup(r->lpm, read4 + at, nh, BURST);
		return;
	}
	if (r->lpm6) {
		peer_lpm6_lookup(r->lpm6, (const uint8_t(*)[16])wire6 + at, nh, BURST);
		return;
	}
	t = tables_current();
	if (six)
		fib6_lookup_burst(t->fib6[0], read6 + at, nh, BURST);
	else
		fib_lookup_burst(t->fib[0], read4 + at, nh, BURST);
	store_release(&q->c->epoch, t->epoch);
}

static void *reader(void *arg)
{
	struct reader *r = arg;
	u32 nh[BURST];

	measure_pin(options.core2);
	for (u32 at = 0; !load_acquire(&stop_reader); at = (at + BURST) % KEYS_READ) {
		u64 t0 = measure_tsc(), took;

		burst(r, at, nh);
		took = measure_tsc() - t0;
		r->worst = MAX(r->worst, took);
		r->bin[MIN(took / 64, STALL_BINS - 1ull)]++;
		r->bursts++;
		for (u32 i = 0; i < BURST; i++)
			r->wrong += !allowed(at + i, nh[i]);
	}
	return NULL;
}

/* --- the stream of changes: the same for all ------------------------------------------------- */

struct change {
	u32 route;
	u8 nh; /* 0: withdraw */
};

/* One table's place in the stream. Of three changes one gives a route another next hop, one
 * withdraws a route, one announces again what was withdrawn longest ago. */
struct stream {
	u64 seed;
	u32 step, n;
	u8 *nh; /* of each route now, 0 withdrawn */
	u32 gone[GONE], head, tail;
};

static struct stream *st;

static void stream_make(struct stream *s)
{
	*s = (struct stream){ .seed = 99, .n = six ? all.n6 : all.n4 };
	s->nh = malloc(s->n);
	if (!s->nh)
		report_cannot("out of memory");
	for (u32 i = 0; i < s->n; i++)
		s->nh[i] = six ? all.v6[i].nh : all.v4[i].nh;
}

static u32 present(void)
{
	u32 r;

	do
		r = (u32)(rng_next(&st->seed) % st->n);
	while (!st->nh[r]);
	return r;
}

static struct change next_change(void)
{
	u32 what = st->step++ % 3, r;
	u8 base;

	if (what == 1 && st->head - st->tail < GONE) {
		r = present();
		st->gone[st->head++ % GONE] = r;
		st->nh[r] = 0;
		return (struct change){ r, 0 };
	}
	r = what == 2 && st->head - st->tail >= GONE / 2 ? st->gone[st->tail++ % GONE] : present();
	base = six ? all.v6[r].nh : all.v4[r].nh;
	st->nh[r] = st->nh[r] == base ? base + 64 : base;
	return (struct change){ r, st->nh[r] };
}

/* Every QGM has seen the epoch: the acknowledgement, awaited every 64 changes, since routes come by
 * a ring of batches. (The peer has none.) A reader that the kernel took off its core is waited for
 * asleep. */
static void await_readers(void)
{
	u64 epoch = tables_current()->epoch;

	for (u32 i = 0; !tables_epoch_reached(epoch); i++) {
		if (i < 500)
			cpu_pause();
		else
			nanosleep(&(struct timespec){ 0, 20000 }, NULL);
	}
}

static void batch_pix(u32 n)
{
	static struct route4 v4[4096];
	static struct route6 v6[4096];

	for (u32 m = 0; m < n; m++) {
		struct change c = next_change();

		if (six) {
			v6[m] = all.v6[c.route];
			v6[m].nh = c.nh;
		} else {
			v4[m] = all.v4[c.route];
			v4[m].nh = c.nh;
		}
	}
	if (six)
		fib6_publish_mapped(v6, n, NULL);
	else
		fib4_publish(v4, n);
}

static void batch_peer(struct reader *r, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		struct change c = next_change();
		bool ok;

		if (six) {
			const struct route6 *p = &all.v6[c.route];
			u64 hi = __builtin_bswap64(p->addr.hi), lo = __builtin_bswap64(p->addr.lo);
			u8 w[16];

			memcpy(w, &hi, 8);
			memcpy(w + 8, &lo, 8);
			ok = c.nh ? peer_lpm6_add(r->lpm6, w, p->len, c.nh)
				  : peer_lpm6_del(r->lpm6, w, p->len);
		} else {
			const struct route4 *p = &all.v4[c.route];

			ok = c.nh ? peer_lpm_add(r->lpm, p->addr, p->len, c.nh)
				  : peer_lpm_del(r->lpm, p->addr, p->len);
		}
		r->refused += !ok;
	}
}

/* Rate of one slice in thousand updates a CPU second. */
static double slice(struct reader *r, bool pix, u32 batch)
{
	u64 t0, n = 0, ns;
	pthread_t t;

	stop_reader = false;
	r->h->q[0]->c->epoch = 0;
	store_release(&r->h->q[0]->door->up, 1);
	if (pthread_create(&t, NULL, reader, r))
		report_cannot("no thread");
	t0 = measure_cpu_ns();
	do {
		u64 until = n + MAX(batch, 64u); /* to ask for the time is a system call */

		for (; n < until; n += batch) {
			if (pix)
				batch_pix(batch);
			else
				batch_peer(r, batch);
		}
		if (pix)
			await_readers();
		ns = measure_cpu_ns() - t0;
	} while (ns < options.slice_ms * 1000000ull);
	store_release(&stop_reader, true);
	pthread_join(t, NULL);
	return (double)n * 1e6 / (double)ns;
}

static double percentile(const struct reader *r, double part)
{
	u64 seen = 0, want = (u64)((double)r->bursts * part);

	for (u32 i = 0; i < STALL_BINS; i++) {
		seen += r->bin[i];
		if (seen >= want)
			return (i + 1) * 64.0 / measure_tsc_ghz() / 1e3;
	}
	return STALL_BINS * 64.0 / measure_tsc_ghz() / 1e3;
}

struct world {
	struct reader r;
	struct stream s;
};

static double turn(struct world *w, bool pix, u32 batch)
{
	st = &w->s;
	return slice(&w->r, pix, batch);
}

static void compare(struct world *pix, struct world *peer, const char *bench, const char *name,
		    u32 batch, double target)
{
	struct series a = { 0 }, b = { 0 };
	char note[300], full[64];

	memset(pix->r.bin, 0, sizeof(pix->r.bin));
	memset(peer->r.bin, 0, sizeof(peer->r.bin));
	pix->r.worst = peer->r.worst = pix->r.bursts = peer->r.bursts = 0;
	for (u32 i = 0; i <= options.rounds; i++) {
		double x = turn(pix, true, batch), y = turn(peer, false, batch);

		if (i) {
			series_add(&a, x);
			series_add(&b, y);
		}
	}
	if (pix->r.wrong)
		report_wrong("%s: %lu wrong answers during updates", bench, pix->r.wrong);
	snprintf(full, sizeof(full), "%s/batch%u", bench, batch);
	snprintf(note, sizeof(note),
		 "wrong answers 0 : %lu, refused 0 : %lu; a burst of 32 took at most %.0f : %.0f "
		 "us, 99.9%% %.1f : "
		 "%.1f us; heaps in %s",
		 peer->r.wrong, peer->r.refused, (double)pix->r.worst / measure_tsc_ghz() / 1e3,
		 (double)peer->r.worst / measure_tsc_ghz() / 1e3, percentile(&pix->r, 0.999),
		 percentile(&peer->r, 0.999), memory_heap_pages());
	report_series(full, "kupdate/s", &a, name, &b, target, note);
}

/* PIX alone for three seconds. */
static void profile(struct world *w, u32 batch)
{
	options.slice_ms = 3000;
	printf("batch %u: %.1f kupdate/s\n", batch, turn(w, true, batch));
	exit(w->r.wrong != 0);
}

static void run(bool ipv6, const char *bench)
{
	static struct world pix, peer;
	struct hosted h;
	struct naive *t;
	const char *name;

	six = ipv6;
	routes_load(&all, !six, six);
	t = naive_make(&all);
	make_keys(t);
	naive_free(t);
	hosted_tables(&h, 512);
	if (!options.profile)
		peer_start(options.core, 1000, NULL);
	pix.r.h = peer.r.h = &h;
	stream_make(&pix.s);
	stream_make(&peer.s);
	if (six) {
		fib6_publish_mapped(all.v6, all.n6, NULL);
		if (options.profile)
			profile(&pix, options.batch);
		peer.r.lpm6 = fib6_peer(PEER_FIB6_SCALAR, &all);
		name = "rte_fib6 4B";
	} else {
		fib4_publish(all.v4, all.n4);
		if (options.profile)
			profile(&pix, options.batch);
		peer.r.lpm = fib4_peer(PEER_FIB_2B_SCALAR, &all);
		name = "rte_fib 2B";
	}
	if (!peer.r.lpm && !peer.r.lpm6)
		report_cannot("%s", name);
	for (u32 i = 0; i < ARRAY_SIZE(batches); i++)
		compare(&pix, &peer, bench, name, batches[i], 2);
}

void case_fib4_update(void)
{
	run(false, "fib4-update");
}

void case_fib6_update(void)
{
	run(true, "fib6-update");
}
