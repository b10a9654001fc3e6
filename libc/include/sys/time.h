// SPDX-License-Identifier: MIT
/* struct timeval and the calls that use it (Linux x86-64 ABI). */
#pragma once

#include <sys/types.h>

struct timeval {
	time_t tv_sec;
	suseconds_t tv_usec;
};

int gettimeofday(struct timeval *restrict tv, void *restrict tz);
