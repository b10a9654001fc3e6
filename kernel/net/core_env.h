// SPDX-License-Identifier: MIT
/*
 * What the image's engine environment leaves for the generic side: log lines and crash records.
 */
#pragma once

#include "kernel/types.h"
#include "qgm/compiler.h"

enum { CORE_LOG_LINES = 128 };

struct core_log_line {
	u32 seq; /* number + 1 once complete */
	u32 qgm;
	char text[120];
};

/* Many writers (QGMs), one reader (the door thread); lines may be lost when it is slow. DP_CTL. */
struct core_log {
	u32 head __cacheline;
	struct core_log_line line[CORE_LOG_LINES] __cacheline;
};

/* Why a QGM stopped; written once by its core, read by anyone. DP_COUNTERS. */
struct core_crash {
	u32 set;
	int line;
	const char *what; /* text of the image */
	const char *file;
	u64 rip, rsp, rbp, cr2, vector, error;
} __cacheline;

/* Boot CPU, before any other function of qgm/env.h. */
int core_env_init(void);

/* The next log line after *pos (advanced); false when there is none. Door thread only. */
bool core_log_next(u32 *pos, u32 *qgm, char *text, size_t n);

/* NULL while the QGM has not crashed. */
const struct core_crash *core_crash_get(u32 qgm);
