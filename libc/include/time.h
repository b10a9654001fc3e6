// SPDX-License-Identifier: MIT
/* Clocks and calendar time (ISO C17 7.27, POSIX.1-2017). There is one time zone: UTC. */
#pragma once

#include <sys/types.h>

struct timespec {
	time_t tv_sec;
	long tv_nsec;
};

struct tm {
	int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst;
};

#define CLOCK_REALTIME  0
#define CLOCK_MONOTONIC 1
#define CLOCK_BOOTTIME  7
#define TIMER_ABSTIME   1

time_t time(time_t *t);
int clock_gettime(clockid_t clk, struct timespec *ts);
int clock_settime(clockid_t clk, const struct timespec *ts);
int nanosleep(const struct timespec *req, struct timespec *rem);
struct tm *gmtime(const time_t *t);
struct tm *gmtime_r(const time_t *restrict t, struct tm *restrict out);
struct tm *localtime(const time_t *t);
struct tm *localtime_r(const time_t *restrict t, struct tm *restrict out);
time_t timegm(struct tm *tm);
time_t mktime(struct tm *tm);
/* Conversions: a A b B d e F H j M m n p S s T t Y y Z z D R I %. Returns 0 when it does not fit.
 */
size_t strftime(char *restrict s, size_t n, const char *restrict fmt, const struct tm *restrict tm);
