// SPDX-License-Identifier: MIT
/*
 * Drivers of real NICs on the models of their chips: cycles a packet for receiving and sending it
 * again, in bursts of 1 to 64, with the model's own work excluded (nic.h). What a register access
 * costs on PCIe is not measured but added from the source documents (72.47 ns a write): the rate
 * that a core would have.
 */
#include <stdio.h>
#include <string.h>

#include "tools/bench/cases.h"
#include "tools/bench/nic.h"

enum { BUFFERS = 4096, FRAME = 60, BATCH = 448, BATCHES = 40 };

static const double write_ns = 72.47; /* source document, i7-4770K and X520 */

struct cost {
	double cycles; /* a packet */
	double writes;
	u64 packets;
};

static void fill(struct nic *n, u32 count)
{
	u8 frame[FRAME] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56, 2, 0, 0, 0, 0, 1, 0x08, 0 };

	for (u32 i = 0; i < count; i++) {
		frame[20] = (u8)i;
		if (!nicsim_rx(n->dev, frame, FRAME))
			report_wrong("the model does not take a frame");
	}
	nicsim_run(n->sim, 0);
}

/* A batch that lies in the ring, received and sent in bursts. */
static void batch(struct nic *n, u32 burst, struct cost *c)
{
	struct packet *p[BURST_MAX];
	u64 sent = n->sent, begin, cycles;
	u32 done = 0, got;

	fill(n, BATCH);
	n->timed = true;
	begin = measure_tsc();
	do {
		got = n->port->ops->rx(n->port, 0, n->pc, p, burst);
		if (n->port->ops->tx(n->port, 0, p, got) != got)
			break;
		n->port->ops->reclaim(n->port, 0, n->pc);
		done += got;
	} while (got == burst && done < BATCH);
	cycles = measure_tsc() - begin;
	c->cycles += (double)cycles;
	c->writes += n->writes;
	if (n->reads)
		report_wrong("a register is read on the hot path");
	nic_settle(n);
	/* The buffers of this batch come back, and the ring is full again. */
	begin = measure_tsc();
	n->timed = true;
	n->port->ops->reclaim(n->port, 0, n->pc);
	c->cycles += (double)(measure_tsc() - begin);
	nic_settle(n);
	if (done != BATCH || n->sent - sent != BATCH)
		report_wrong("%u of %u frames received, %llu sent", done, BATCH,
			     (unsigned long long)(n->sent - sent));
	c->packets += done;
}

static struct cost measure(struct nic *n, u32 burst)
{
	struct cost c = { 0 };

	for (u32 i = 0; i < BATCHES; i++)
		batch(n, burst, &c);
	c.cycles /= (double)c.packets;
	c.writes /= (double)c.packets;
	return c;
}

static void run(const char *bench, struct nic *n)
{
	struct series cycles = { 0 }, rate = { 0 };
	double ghz = measure_tsc_ghz();

	report_point(bench, "# burst\tcycles a packet\tregister writes\tMpps a core with them");
	for (u32 burst = 1; burst <= BURST_MAX; burst *= 2) {
		struct cost best = measure(n, burst);

		for (u32 r = 0; r < options.rounds; r++) {
			struct cost c = measure(n, burst);

			best = c.cycles < best.cycles ? c : best;
			if (burst == 32) {
				series_add(&cycles, c.cycles);
				series_add(&rate, 1e3 / (c.cycles / ghz + c.writes * write_ns));
			}
		}
		report_point(bench, "%u\t%.1f\t%.3f\t%.2f", burst, best.cycles, best.writes,
			     1e3 / (best.cycles / ghz + best.writes * write_ns));
	}
	report_series(
		bench, "cycles", &cycles, "", NULL, 0,
		"rx and tx of 60-byte frames in bursts of 32, on the model, whose own work is "
		"not counted");
	char name[64];

	snprintf(name, sizeof(name), "%s-line", bench);
	report_series(name, "Mpps", &rate, "", NULL, 0,
		      "a core with register writes of 72.47 ns added; the source documents had "
		      "59.52 Mpps");
}

void case_nic_ixgbe(void)
{
	run("nic-ixgbe",
	    nic_make("82599,mac=52:54:00:12:34:56", &ixgbe_driver, 0x8086, 0x10fb, BUFFERS));
}

void case_nic_i40e(void)
{
	run("nic-i40e",
	    nic_make("xl710,mac=52:54:00:12:34:56", &i40e_driver, 0x8086, 0x1583, BUFFERS));
}
