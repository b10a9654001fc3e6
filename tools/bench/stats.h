// SPDX-License-Identifier: MIT
/*
 * stats: the arithmetic of the benchmarks and the line of JSON that each result becomes. Pure; the
 * unit test bench_stats has cases with known answers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { STATS_ROUNDS_MAX = 101 };

/* Values of the rounds of one side, in the order in which they were taken. */
struct series {
	unsigned n;
	double v[STATS_ROUNDS_MAX];
};

/* Adds a value. False (and unchanged) when it is full, not finite, or negative. */
bool series_add(struct series *s, double v);

/* Of an empty series all are 0. The median of an even number is the mean of the middle two. */
double series_median(const struct series *s);
double series_min(const struct series *s);
double series_max(const struct series *s);

/* Median of n values; reorders them. */
double stats_median(double *v, unsigned n);

/* Median of a.v[i] / b.v[i]: rounds are pairs. 0 when the numbers of rounds differ, are 0, or a
 * value of b is 0. */
double series_pair_ratio(const struct series *a, const struct series *b);

/* One result. Empty peer: no peer (peer values and ratio are written as null). */
struct result {
	const char *bench, *unit, *peer, *cpu, *note;
	double pix, pix_min, pix_max;
	double peer_value, peer_min, peer_max;
	double ratio;  /* pix / peer_value, the median over pairs */
	double target; /* of the ratio; 0: none */
	unsigned rounds;
};

/* In this unit a smaller figure is the better one (cycles, seconds, bytes). */
bool unit_lower_is_better(const char *unit);

/* Is the target met? True when there is none. */
bool result_reached(const struct result *r);

/* The object as one line without newline into buf; returns its length, 0 when it does not fit. */
size_t result_json(const struct result *r, char *buf, size_t size);
