// SPDX-License-Identifier: MIT
/* report: results, points, complaints (report.h). */
#include "tools/bench/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *report_cpu(void)
{
	static char model[128];
	char line[256];
	FILE *f;

	if (model[0])
		return model;
	snprintf(model, sizeof(model), "unknown");
	f = fopen("/proc/cpuinfo", "r");
	while (f && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');

		if (!strncmp(line, "model name", 10) && colon) {
			colon[strcspn(colon, "\n")] = 0;
			snprintf(model, sizeof(model), "%s, %.2f GHz TSC", colon + 2,
				 measure_tsc_ghz());
			break;
		}
	}
	if (f)
		fclose(f);
	return model;
}

static void say(const char *prefix, const char *fmt, va_list ap)
{
	fflush(stdout);
	fputs(prefix, stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void report_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("  ", fmt, ap);
	va_end(ap);
}

void report_wrong(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("bench: WRONG: ", fmt, ap);
	va_end(ap);
	exit(1);
}

void report_cannot(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("bench: cannot: ", fmt, ap);
	va_end(ap);
	exit(2);
}

void report_point(const char *name, const char *fmt, ...)
{
	static char known[32][64];
	static unsigned nknown;
	const char *mode = "a";
	char path[512];
	unsigned i = 0;
	va_list ap;
	FILE *f;

	while (i < nknown && strcmp(known[i], name) != 0)
		i++;
	if (i == nknown && nknown < 32) {
		snprintf(known[nknown++], sizeof(known[0]), "%s", name);
		mode = "w";
	}
	snprintf(path, sizeof(path), "%s/%s.dat", options.outdir, name);
	f = fopen(path, mode);
	if (!f)
		report_cannot("%s: cannot write", path);
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	fputc('\n', f);
	fclose(f);
}

void report_series(const char *bench, const char *unit, const struct series *pix, const char *peer,
		   const struct series *theirs, double target, const char *note)
{
	struct result r = {
		.bench = bench,
		.unit = unit,
		.peer = peer,
		.cpu = report_cpu(),
		.note = note ? note : "",
		.pix = series_median(pix),
		.pix_min = series_min(pix),
		.pix_max = series_max(pix),
		.rounds = pix->n,
		.target = target,
	};
	char line[4096];

	if (theirs) {
		r.peer_value = series_median(theirs);
		r.peer_min = series_min(theirs);
		r.peer_max = series_max(theirs);
		r.ratio = series_pair_ratio(pix, theirs);
		if (r.ratio <= 0 && theirs->n == 1 && theirs->v[0] > 0) /* a slow set-up, once */
			r.ratio = r.pix / r.peer_value;
	}
	if (!result_json(&r, line, sizeof(line)))
		report_cannot("%s: result does not fit", bench);
	puts(line);
	fflush(stdout);
}

static struct series in_units(const struct report *rep, const struct series *cycles)
{
	double scale = rep->scale > 0 ? rep->scale : 1;
	struct series s = { 0 };

	for (unsigned i = 0; i < cycles->n; i++) {
		double per = cycles->v[i] * scale;

		series_add(&s, rep->kind == REPORT_CYCLES ? per : measure_tsc_ghz() * 1e3 / per);
	}
	return s;
}

void report_sides(const struct report *rep, struct side *sides, unsigned n)
{
	struct series pix, theirs;
	unsigned best = 1;
	char note[1024];
	size_t len;

	measure_sides(sides, n);
	pix = in_units(rep, &sides[0].cycles);
	len = (size_t)snprintf(note, sizeof(note), "%s%s%.2f : ", rep->note ? rep->note : "",
			       rep->note && rep->note[0] ? "; cycles " : "cycles ",
			       series_median(&sides[0].cycles) * (rep->scale > 0 ? rep->scale : 1));
	for (unsigned i = 1; i < n; i++) {
		if (series_median(&sides[i].cycles) < series_median(&sides[best].cycles))
			best = i;
	}
	for (unsigned i = 1; i < n && len < sizeof(note); i++)
		len += (size_t)snprintf(note + len, sizeof(note) - len, "%s%s %.2f",
					i > 1 ? ", " : "", sides[i].name,
					series_median(&sides[i].cycles) *
						(rep->scale > 0 ? rep->scale : 1));
	if (n > 1)
		theirs = in_units(rep, &sides[best].cycles);
	report_series(rep->bench, rep->unit, &pix, n > 1 ? sides[best].name : "",
		      n > 1 ? &theirs : NULL, rep->target, n > 1 ? note : rep->note);
}
