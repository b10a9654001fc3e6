// SPDX-License-Identifier: MIT
/*
 * Experiments of the source documents on one core: Tx in bulks of 1 to 256 frames to a port whose
 * doorbell costs 72.47 ns (the price of an MMIO write over PCIe there), with and without a read of
 * a register (392.1 ns) for each bulk, and copying by size.
 */
#include <stdio.h>
#include <string.h>

#include "tools/bench/cases.h"
#include "tools/bench/hosted.h"

enum { BUFFERS = 256 };

static const double write_ns = 72.47, read_ns = 392.1;

/* --- Tx bulk --------------------------------------------------------------------------------- */

struct bulk {
	struct port *port;
	struct qgm *q;
	u32 n;
	u64 registers; /* TSC cycles that accesses to them take, a bulk */
};

static u64 send_bulks(void *arg, u64 packets)
{
	struct bulk *b = arg;
	struct packet *p[256];
	u64 done = 0;

	while (done < packets) {
		u64 until;

		for (u32 got = 0; got < b->n;) {
			u32 n = pool_get(b->q->pc, p + got, MIN(b->n - got, (u32)BURST_MAX));

			if (!n)
				report_wrong("tx-bulk: pool dry");
			for (u32 i = 0; i < n; i++)
				p[got + i]->len = 60;
			got += n;
		}
		if (b->port->ops->tx(b->port, 0, p, b->n) != b->n)
			report_wrong("tx-bulk: the null port refuses frames");
		for (until = __builtin_ia32_rdtsc() + b->registers; __builtin_ia32_rdtsc() < until;)
			;
		b->port->ops->reclaim(b->port, 0, b->q->pc);
		done += b->n;
	}
	return done;
}

void case_tx_bulk(void)
{
	struct series first = { 0 }, last = { 0 }, reading = { 0 };
	struct hosted h;

	hosted_make(&h, 64, 1, 1, PAGES_BEST);
	report_point("tx-bulk",
		     "# bulk\twith a doorbell\twith a doorbell and a register read\twithout");
	for (u32 n = 1; n <= 256; n *= 2) {
		const double ns[3] = { write_ns, write_ns + read_ns, 0 };
		struct bulk bulk[3];
		struct side s[3] = { { "with", send_bulks, &bulk[0], { 0 } },
				     { "with a read", send_bulks, &bulk[1], { 0 } },
				     { "without", send_bulks, &bulk[2], { 0 } } };
		double rate[3];

		for (u32 i = 0; i < 3; i++)
			bulk[i] = (struct bulk){ h.port[1], h.q[0], n,
						 (u64)(ns[i] * measure_tsc_ghz()) };
		measure_sides(s, 3);
		for (u32 i = 0; i < 3; i++)
			rate[i] = measure_tsc_ghz() * 1e3 / series_median(&s[i].cycles);
		report_point("tx-bulk", "%u\t%.2f\t%.2f\t%.2f", n, rate[0], rate[1], rate[2]);
		for (u32 i = 0; i < s[0].cycles.n && (n == 1 || n == 256); i++)
			series_add(n == 1 ? &first : &last,
				   measure_tsc_ghz() * 1e3 / s[0].cycles.v[i]);
		for (u32 i = 0; i < s[1].cycles.n && n == 256; i++)
			series_add(&reading, measure_tsc_ghz() * 1e3 / s[1].cycles.v[i]);
	}
	report_series("tx-bulk", "Mpps", &last, "bulk 1", &first, 0,
		      "bulk 256 : bulk 1, doorbell of 72.47 ns once a bulk; curve in tx-bulk.svg; "
		      "the source documents had 59.52 Mpps on one core");
	report_series("tx-bulk/read", "Mpps", &last, "with a register read a bulk", &reading, 0,
		      "bulk 256, without and with a read of a register (392.1 ns) a bulk");
}

/* --- copying --------------------------------------------------------------------------------- */

struct copy {
	u8 *from, *to;
	u32 len, stride;
	u32 way;
};

static inline void copy_movsb(u8 *to, const u8 *from, u64 n)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static inline void copy_words(u8 *to, const u8 *from, u32 n)
{
	for (u32 i = 0; i < n; i += 16) {
		u64 a, b;

		memcpy(&a, from + i, 8);
		memcpy(&b, from + i + 8, 8);
		memcpy(to + i, &a, 8);
		memcpy(to + i + 8, &b, 8);
		__asm__ volatile("" : : : "memory");
	}
}

static u64 run_copy(void *arg, u64 copies)
{
	const struct copy *c = arg;

	for (u64 i = 0; i < copies; i++) {
		size_t at = i % BUFFERS * c->stride;

		if (c->way == 0)
			memcpy(c->to + at, c->from + at, c->len);
		else if (c->way == 1)
			copy_movsb(c->to + at, c->from + at, c->len);
		else
			copy_words(c->to + at, c->from + at, c->len);
		__asm__ volatile("" : : : "memory");
	}
	return copies;
}

void case_memcpy(void)
{
	static const u32 sizes[] = { 64, 128, 256, 512, 1024, 1504, 2048, 4096, 9216 };
	enum { STRIDE = 10240 + 64 };
	u8 *mem = memory_map(2ul * BUFFERS * STRIDE, PAGES_BEST, NULL);
	struct copy c[3];

	report_point("memcpy", "# bytes\tC library\trep movsb\t8-byte words");
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct side s[3] = { { "C library", run_copy, &c[0], { 0 } },
				     { "rep movsb", run_copy, &c[1], { 0 } },
				     { "8-byte words", run_copy, &c[2], { 0 } } };
		char bench[32];

		for (u32 k = 0; k < 3; k++)
			c[k] = (struct copy){ mem, mem + (size_t)BUFFERS * STRIDE, sizes[i], STRIDE,
					      k };
		measure_sides(s, 3);
		report_point("memcpy", "%u\t%.1f\t%.1f\t%.1f", sizes[i],
			     series_median(&s[0].cycles), series_median(&s[1].cycles),
			     series_median(&s[2].cycles));
		snprintf(bench, sizeof(bench), "memcpy/%u", sizes[i]);
		if (sizes[i] == 64 || sizes[i] == 1504 || sizes[i] == 9216)
			report_series(bench, "cycles", &s[0].cycles, "rep movsb", &s[1].cycles, 0,
				      "256 buffers in turn; curve in memcpy.svg");
	}
}
