// SPDX-License-Identifier: MIT
/*
 * Services: the configuration's text into structures, and how long to wait before a restart. Pure;
 * the processes are main.c's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SERVICES_MAX = 16,
	SERVICE_ARGS = 8,
	SERVICE_TEXT = 256,
	BACKOFF_MIN_MS = 100,
	BACKOFF_MAX_MS = 30000,
	BACKOFF_GOOD_MS = 10000, /* ran this long: it is healthy, start over */
	CONSOLE_LEFT_MS = 500,   /* sooner than that nobody typed "exit" */
};

struct service {
	char text[SERVICE_TEXT]; /* the words, cut by NULs */
	const char *name;
	char *argv[SERVICE_ARGS + 1]; /* argv[0] is the program's path */
	bool console;
	int pid;           /* 0: not running */
	uint64_t started;  /* ms */
	uint64_t start_at; /* ms, when not running */
	uint64_t delay;    /* ms before the next restart */
	unsigned restarts;
	int last_status; /* of wait */
};

struct services {
	unsigned count;
	struct service s[SERVICES_MAX];
};

/* Reads the text of init.conf. 0, or -EINVAL with *line (from 1) and a sentence in error. */
int services_parse(struct services *all, const char *text, unsigned *line, char error[96]);
/*
 * The service ended at now with that wait status: sets start_at, delay, restarts. A program that
 * ended by itself without an error on the console (the operator left) starts again at once; but not
 * one that ends as soon as it starts, since its console is gone.
 */
void service_ended(struct service *s, int status, uint64_t now);
