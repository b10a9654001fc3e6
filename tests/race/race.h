// SPDX-License-Identifier: MIT
/* Race tests: one function a structure; each returns 0, or 2 when it saw wrong data itself. */
#pragma once

#include "qgm/compiler.h"

/* Bugs planted by the command line. */
extern const char *race_planted;

int race_ring(void);
int race_mpmc(void);
int race_msgring(void);
int race_framering(void);
int race_tables(void);
int race_fdb(void);
int race_engine(void);
int race_order(void);
int race_naps(void);
int race_routes(void);
int race_fib(void);
int race_fib6(void);

/* Run fn(arg) on a thread each and wait for all. */
struct race_thread {
	void *(*fn)(void *);
	void *arg;
};
void race_threads(const struct race_thread *t, u32 n);
