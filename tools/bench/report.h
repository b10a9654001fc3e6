// SPDX-License-Identifier: MIT
/*
 * report: what a case tells: results as lines of JSON on the standard output (tools/bench/bench.py
 * collects and prints them), points of plots into files, and words for people on the standard
 * error output. A wrong answer ends the program with exit 1.
 */
#pragma once

#include "tools/bench/measure.h"

enum report_unit {
	REPORT_CYCLES, /* cycles per unit of work, times `scale` */
	REPORT_RATE,   /* million units of work a second */
};

struct report {
	const char *bench;
	const char *unit;
	enum report_unit kind;
	double scale;  /* units of work that one reported unit has; 0 means 1 */
	double target; /* 0: none */
	const char *note;
};

/* Measure sides[0] (PIX) against the others, report it against the best of them, and the rest in
 * the note. With n = 1: no peer. */
void report_sides(const struct report *rep, struct side *sides, unsigned n);

/* A result from ready series; peer "" and NULL: none. */
void report_series(const char *bench, const char *unit, const struct series *pix, const char *peer,
		   const struct series *theirs, double target, const char *note);

/* A line of an own data file build/bench/NAME.dat (the first call truncates it). */
void report_point(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Something for people. */
void report_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A wrong answer, a lost packet: says so, exits 1. */
void report_wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* The case cannot run here (a missing file, no memory): says so, exits 2. */
void report_cannot(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Model name of the CPU. */
const char *report_cpu(void);
