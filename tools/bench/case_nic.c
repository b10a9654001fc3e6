// SPDX-License-Identifier: MIT
/*
 * Drivers of real NICs on the models of their chips, beside DPDK's drivers of the same chips on
 * models of their own: cycles a packet for receiving and sending it again, in bursts of 1 to 64,
 * and for sending in bulks of 1 to 256, with the models' own work excluded (nic.h, nic_peer.h).
 *
 * What a register access costs on PCIe is not measured but added from the source documents (72.47
 * ns a write, 392.1 ns a read): the rate that a core would have.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tools/bench/cases.h"
#include "tools/bench/nic.h"
#include "tools/bench/nic_peer.h"
#include "tools/bench/peer/peer.h"

enum {
	BUFFERS = 4096,
	FRAME = 60,
	RING = 512,
	BATCH = 320,
	BULK_BATCH = 256,
	BATCHES = 41,
	PROFILE_BATCHES = 65536
};

/* Source documents, i7-4770K and X520; one core that sends to four ports. */
static const double write_ns = 72.47, read_ns = 392.1, documents = 59.52;

/* One of the two that are compared. */
struct party {
	struct nicsim *sim;
	struct nicsim_dev *dev;
	const u64 *sent;
	u32 (*forward)(u32 burst, u32 frames);
	u32 (*send)(u32 bulk, u32 frames);
	void (*begin)(void);
	void (*settle)(void);
	double (*writes)(u32 frames); /* a frame, of the last batch */
	u32 burst_min, burst_max;
};

static struct nic *ours;
static struct nic_peer *theirs;

/* --- PIX ------------------------------------------------------------------------------------- */

static double our_writes;

static u32 our_forward(u32 burst, u32 frames)
{
	struct packet *p[BURST_MAX];
	u32 done = 0, got;

	do {
		got = ours->port->ops->rx(ours->port, 0, ours->pc, p, burst);
		if (ours->port->ops->tx(ours->port, 0, p, got) != got)
			break;
		ours->port->ops->reclaim(ours->port, 0, ours->pc);
		done += got;
	} while (got && done < frames);
	return done;
}

static u32 our_send(u32 bulk, u32 frames)
{
	struct packet *p[BULK_BATCH];
	u32 done = 0, got, n;

	for (; done + bulk <= frames; done += bulk) {
		for (got = 0; got < bulk; got += n) {
			n = pool_get(ours->pc, p + got, MIN(bulk - got, (u32)BURST_MAX));
			if (!n)
				report_wrong("pool dry");
			for (u32 i = 0; i < n; i++)
				p[got + i]->len = FRAME;
		}
		if (ours->port->ops->tx(ours->port, 0, p, bulk) != bulk)
			break;
		ours->port->ops->reclaim(ours->port, 0, ours->pc);
	}
	return done;
}

static void our_begin(void)
{
	ours->timed = true;
}

static void our_settle(void)
{
	if (ours->reads)
		report_wrong("a register is read on the hot path");
	our_writes = ours->writes;
	nic_settle(ours);
}

static double our_writes_each(u32 frames)
{
	return our_writes / frames;
}

/* --- DPDK ------------------------------------------------------------------------------------ */

static u32 their_forward(u32 burst, u32 frames)
{
	return peer_nic_forward(burst, frames);
}

static u32 their_send(u32 bulk, u32 frames)
{
	return peer_nic_send(bulk, frames);
}

static void their_begin(void)
{
}

static void their_settle(void)
{
	nic_peer_settle(theirs);
}

static double their_writes_each(u32 frames)
{
	if (theirs->reads)
		report_say("%s reads %u registers a batch", theirs->name, theirs->reads);
	return (double)theirs->writes / frames;
}

/* --- batches --------------------------------------------------------------------------------- */

static void fill(const struct party *w, u32 count)
{
	u8 frame[FRAME] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56, 2, 0, 0, 0, 0, 1, 0x08, 0 };

	for (u32 i = 0; i < count; i++) {
		frame[20] = (u8)i;
		if (!nicsim_rx(w->dev, frame, FRAME))
			report_wrong("the model does not take a frame");
	}
	nicsim_run(w->sim, 0);
}

enum work { FORWARD, SEND };

static u32 frames_of(enum work work)
{
	return work == FORWARD ? BATCH : BULK_BATCH;
}

/* Work that lies ready, done in bursts; cycles a frame. */
static double batch(const struct party *w, enum work work, u32 burst)
{
	u32 frames = frames_of(work), done;
	u64 before = *w->sent, begin;
	double cycles;

	if (work == FORWARD)
		fill(w, frames);
	w->begin();
	begin = measure_tsc();
	done = work == FORWARD ? w->forward(burst, frames) : w->send(burst, frames);
	cycles = (double)(measure_tsc() - begin);
	w->settle();
	if (done != frames || *w->sent - before != frames)
		report_wrong("%u of %u frames done, %llu sent", done, frames,
			     (unsigned long long)(*w->sent - before));
	return cycles / frames;
}

static double median_batch(const struct party *w, enum work work, u32 burst)
{
	double v[BATCHES];

	for (u32 i = 0; i < BATCHES; i++)
		v[i] = batch(w, work, burst);
	return stats_median(v, BATCHES);
}

/* A batch of theirs with each register access seen. */
static void count_theirs(const struct party *w, enum work work, u32 burst)
{
	u32 frames = frames_of(work), done;

	if (work == FORWARD)
		fill(w, frames);
	nic_peer_count(theirs, true);
	done = work == FORWARD ? w->forward(burst, frames) : w->send(burst, frames);
	nic_peer_count(theirs, false);
	nicsim_run(w->sim, 0);
	if (done != frames)
		report_wrong("%s: %u of %u frames", theirs->name, done, frames);
}

/* --- results --------------------------------------------------------------------------------- */

/* Million frames a second of a core to which register accesses cost what they do on PCIe. */
static double line(double cycles, double writes, double reads)
{
	return 1e3 / (cycles / measure_tsc_ghz() + writes * write_ns + reads * read_ns);
}

struct sweep {
	struct series cycles[2]; /* PIX, DPDK */
	struct series mpps[2];   /* with the writes */
	struct series with_read; /* PIX, with a register read a burst besides */
	double writes[2];        /* a frame */
};

static void measure(const struct party party[2], enum work work, u32 burst, struct sweep *s)
{
	u32 parties = work == FORWARD && (burst < party[1].burst_min || burst > party[1].burst_max)
			      ? 1
			      : 2;

	memset(s, 0, sizeof(*s));
	if (parties > 1)
		count_theirs(&party[1], work, burst);
	for (u32 r = 0; r <= options.rounds; r++) {
		for (u32 i = 0; i < parties; i++) {
			double cycles = median_batch(&party[i], work, burst);

			s->writes[i] = party[i].writes(frames_of(work));
			if (!r) /* warm-up */
				continue;
			series_add(&s->cycles[i], cycles);
			series_add(&s->mpps[i], line(cycles, s->writes[i], 0));
			if (!i)
				series_add(&s->with_read, line(cycles, s->writes[0], 1.0 / burst));
		}
	}
}

static const char *suffixed(const char *bench, const char *suffix)
{
	static char name[64];

	snprintf(name, sizeof(name), "%s%s", bench, suffix);
	return name;
}

static void forwarding(const char *bench, const struct party party[2])
{
	struct sweep s;
	char note[240];

	report_point(bench, "# burst\tPIX\t%s", theirs->name);
	for (u32 burst = 1; burst <= BURST_MAX; burst *= 2) {
		measure(party, FORWARD, burst, &s);
		report_point(bench, "%u\t%.1f\t%.1f", burst, series_median(&s.cycles[0]),
			     s.cycles[1].n ? series_median(&s.cycles[1]) : NAN);
		if (burst != 32)
			continue;
		snprintf(note, sizeof(note),
			 "rx and tx of 60-byte frames in bursts of 32, each on a model of its own, "
			 "whose work is not counted; register writes a packet %.3f : %.3f",
			 s.writes[0], s.writes[1]);
		report_series(bench, "cycles", &s.cycles[0], theirs->name, &s.cycles[1], 1, note);
		report_series(suffixed(bench, "-line"), "Mpps", &s.mpps[0], theirs->name,
			      &s.mpps[1], 1,
			      "a core with register writes of 72.47 ns added; the source documents "
			      "had 59.52 Mpps");
	}
}

static void sending(const char *bench, const struct party party[2])
{
	const char *points = suffixed(bench, "-tx");
	char dat[64], name[80];
	struct sweep s;

	snprintf(dat, sizeof(dat), "%s", points);
	report_point(dat,
		     "# bulk\tPIX\t%s\tPIX if it read a head register a bulk\tsource documents",
		     theirs->name);
	for (u32 bulk = 1; bulk <= BULK_BATCH; bulk *= 2) {
		measure(party, SEND, bulk, &s);
		report_point(dat, "%u\t%.2f\t%.2f\t%.2f\t%.2f", bulk, series_median(&s.mpps[0]),
			     series_median(&s.mpps[1]), series_median(&s.with_read), documents);
		if (bulk != 1 && bulk != 32 && bulk != 256)
			continue;
		snprintf(name, sizeof(name), "%s/%u", dat, bulk);
		report_series(
			name, "Mpps", &s.mpps[0], theirs->name, &s.mpps[1], 0,
			"Tx of new 60-byte frames, a core with 72.47 ns a register write; the "
			"source documents had 59.52 Mpps on one core");
		snprintf(name, sizeof(name), "%s/%u-read", dat, bulk);
		report_series(name, "Mpps", &s.mpps[0],
			      "PIX if it read a head register (392.1 ns) a bulk", &s.with_read, 0,
			      "PIX reads none: completion is in memory");
	}
}

/* PIX alone, for a profiler: what counts is in the functions of the driver and of the pool. */
static void profile(const char *spec, const struct net_driver *drv, u16 device)
{
	static double v[PROFILE_BATCHES];
	struct party us = { .forward = our_forward, .begin = our_begin, .settle = our_settle };
	u64 end = measure_tsc() + (u64)(options.slice_ms * 1e6 * measure_tsc_ghz());
	u32 burst = options.batch > 1 ? options.batch : 32, n = 0;

	ours = nic_make(spec, drv, 0x8086, device, BUFFERS);
	us.sim = ours->sim;
	us.dev = ours->dev;
	us.sent = &ours->sent;
	for (; measure_tsc() < end; n++)
		v[n % PROFILE_BATCHES] = batch(&us, FORWARD, burst);
	report_say("%s: %.2f cycles a packet, the median of batches", spec,
		   stats_median(v, MIN(n, (u32)PROFILE_BATCHES)));
}

/* their_min: their vector code receives multiples of it only; and it posts at most 32 buffers a
 * call, so that larger bursts run the ring dry. */
static void run(const char *bench, const char *model, const struct net_driver *drv, u16 device,
		u32 their_min)
{
	char spec[64];

	snprintf(spec, sizeof(spec), "%s,mac=52:54:00:12:34:56", model);
	if (options.profile) {
		profile(spec, drv, device);
		return;
	}
	ours = nic_make(spec, drv, 0x8086, device, BUFFERS);
	theirs = nic_peer_make(spec, 0x8086, device, RING);

	const struct party party[2] = {
		{ ours->sim, ours->dev, &ours->sent, our_forward, our_send, our_begin, our_settle,
		  our_writes_each, 1, BURST_MAX },
		{ theirs->sim, theirs->dev, &theirs->sent, their_forward, their_send, their_begin,
		  their_settle, their_writes_each, their_min, 32 },
	};

	forwarding(bench, party);
	sending(bench, party);
}

void case_nic_ixgbe(void)
{
	run("nic-ixgbe", "82599", &ixgbe_driver, 0x10fb, 4);
}

void case_nic_i40e(void)
{
	run("nic-i40e", "xl710", &i40e_driver, 0x1583, 8);
}
