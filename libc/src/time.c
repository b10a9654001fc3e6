// SPDX-License-Identifier: MIT
/*
 * Clocks, sleeping, and the calendar. Dates follow the proleptic Gregorian calendar; days are
 * counted in eras of 400 years that begin on 1 March, so that the leap day is the last of its year.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "libc/src/syscall.h"

enum { DAYS_PER_ERA = 146097, DAYS_TO_EPOCH = 719468 /* 0000-03-01 to 1970-01-01 */ };

int clock_gettime(clockid_t clk, struct timespec *ts)
{
	return (int)sys_call(SYS_clock_gettime, clk, ts);
}

int clock_settime(clockid_t clk, const struct timespec *ts)
{
	return (int)sys_call(SYS_clock_settime, clk, ts);
}

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	struct timespec ts;

	(void)tz;
	if (clock_gettime(CLOCK_REALTIME, &ts))
		return -1;
	tv->tv_sec = ts.tv_sec;
	tv->tv_usec = ts.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *t)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_REALTIME, &ts))
		return -1;
	if (t)
		*t = ts.tv_sec;
	return ts.tv_sec;
}

int nanosleep(const struct timespec *req, struct timespec *rem)
{
	return (int)sys_call(SYS_nanosleep, req, rem);
}

int usleep(useconds_t us)
{
	struct timespec ts = { us / 1000000, (long)(us % 1000000) * 1000 };

	return nanosleep(&ts, NULL);
}

/* Returns the seconds not slept when a signal came. */
unsigned sleep(unsigned s)
{
	struct timespec ts = { s, 0 };

	if (nanosleep(&ts, &ts) == 0)
		return 0;
	return (unsigned)ts.tv_sec + (ts.tv_nsec > 0);
}

struct tm *gmtime_r(const time_t *restrict t, struct tm *restrict out)
{
	static const short before[12] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	long days = *t / 86400, secs = *t % 86400, era, y;
	unsigned doe, yoe, doy, mp;
	int leap;

	if (secs < 0) {
		secs += 86400;
		days--;
	}
	out->tm_wday = (int)((days % 7 + 11) % 7); /* 1970-01-01 was a Thursday */
	days += DAYS_TO_EPOCH;
	era = (days >= 0 ? days : days - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	doe = (unsigned)(days - era * DAYS_PER_ERA);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153; /* month, March = 0 */
	y = (long)yoe + era * 400 + (mp >= 10);
	out->tm_mon = (int)(mp < 10 ? mp + 2 : mp - 10);
	out->tm_mday = (int)(doy - (153 * mp + 2) / 5 + 1);
	if (y - 1900 > INT32_MAX || y - 1900 < INT32_MIN) {
		errno = EOVERFLOW;
		return NULL;
	}
	out->tm_year = (int)(y - 1900);
	leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	out->tm_yday = before[out->tm_mon] + out->tm_mday - 1 + (leap && out->tm_mon > 1);
	out->tm_hour = (int)(secs / 3600);
	out->tm_min = (int)(secs / 60 % 60);
	out->tm_sec = (int)(secs % 60);
	out->tm_isdst = 0;
	return out;
}

struct tm *localtime_r(const time_t *restrict t, struct tm *restrict out)
{
	return gmtime_r(t, out);
}

struct tm *gmtime(const time_t *t)
{
	static struct tm tm;

	return gmtime_r(t, &tm);
}

struct tm *localtime(const time_t *t)
{
	return gmtime(t);
}

/* Fields may be out of their ranges; they are brought back into *tm. */
time_t timegm(struct tm *tm)
{
	long mon = tm->tm_mon, y = tm->tm_year + 1900L + mon / 12, era, days;
	unsigned long yoe, doy;
	time_t t;

	mon %= 12;
	if (mon < 0) {
		mon += 12;
		y--;
	}
	y -= mon < 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = (unsigned long)(y - era * 400);
	doy = (153 * (unsigned long)(mon < 2 ? mon + 10 : mon - 2) + 2) / 5;
	days = era * DAYS_PER_ERA + (long)(yoe * 365 + yoe / 4 - yoe / 100 + doy) - DAYS_TO_EPOCH;
	t = (days + tm->tm_mday - 1) * 86400 + tm->tm_hour * 3600L + tm->tm_min * 60L + tm->tm_sec;
	return gmtime_r(&t, tm) ? t : -1;
}

time_t mktime(struct tm *tm)
{
	return timegm(tm);
}

static const char *const day_names[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
					 "Thursday", "Friday", "Saturday" };
static const char *const month_names[] = { "January",   "February", "March",    "April",
					   "May",       "June",     "July",     "August",
					   "September", "October",  "November", "December" };

/* One conversion as text into buf (64 bytes). */
static int time_field(char *buf, char conv, const struct tm *tm)
{
	int h12 = tm->tm_hour % 12 ? tm->tm_hour % 12 : 12;
	struct tm copy = *tm;

	switch (conv) {
	case 'a':
		return snprintf(buf, 64, "%.3s", day_names[(unsigned)tm->tm_wday % 7]);
	case 'A':
		return snprintf(buf, 64, "%s", day_names[(unsigned)tm->tm_wday % 7]);
	case 'b':
		return snprintf(buf, 64, "%.3s", month_names[(unsigned)tm->tm_mon % 12]);
	case 'B':
		return snprintf(buf, 64, "%s", month_names[(unsigned)tm->tm_mon % 12]);
	case 'd':
		return snprintf(buf, 64, "%02d", tm->tm_mday);
	case 'D':
		return snprintf(buf, 64, "%02d/%02d/%02d", tm->tm_mon + 1, tm->tm_mday,
				tm->tm_year % 100);
	case 'e':
		return snprintf(buf, 64, "%2d", tm->tm_mday);
	case 'F':
		return snprintf(buf, 64, "%d-%02d-%02d", tm->tm_year + 1900, tm->tm_mon + 1,
				tm->tm_mday);
	case 'H':
		return snprintf(buf, 64, "%02d", tm->tm_hour);
	case 'I':
		return snprintf(buf, 64, "%02d", h12);
	case 'j':
		return snprintf(buf, 64, "%03d", tm->tm_yday + 1);
	case 'm':
		return snprintf(buf, 64, "%02d", tm->tm_mon + 1);
	case 'M':
		return snprintf(buf, 64, "%02d", tm->tm_min);
	case 'n':
		return snprintf(buf, 64, "\n");
	case 'p':
		return snprintf(buf, 64, "%s", tm->tm_hour < 12 ? "AM" : "PM");
	case 'R':
		return snprintf(buf, 64, "%02d:%02d", tm->tm_hour, tm->tm_min);
	case 's':
		return snprintf(buf, 64, "%ld", timegm(&copy));
	case 'S':
		return snprintf(buf, 64, "%02d", tm->tm_sec);
	case 't':
		return snprintf(buf, 64, "\t");
	case 'T':
		return snprintf(buf, 64, "%02d:%02d:%02d", tm->tm_hour, tm->tm_min, tm->tm_sec);
	case 'y':
		return snprintf(buf, 64, "%02d", tm->tm_year % 100);
	case 'Y':
		return snprintf(buf, 64, "%d", tm->tm_year + 1900);
	case 'z':
		return snprintf(buf, 64, "+0000");
	case 'Z':
		return snprintf(buf, 64, "UTC");
	default:
		return snprintf(buf, 64, "%%%s", conv == '%' ? "" : "?");
	}
}

size_t strftime(char *restrict s, size_t n, const char *restrict fmt, const struct tm *restrict tm)
{
	size_t used = 0;

	for (; *fmt; fmt++) {
		char buf[64] = { *fmt };
		size_t len = 1;

		if (*fmt == '%' && fmt[1])
			len = (size_t)time_field(buf, *++fmt, tm);
		if (used + len + 1 > n)
			return 0;
		memcpy(s + used, buf, len);
		used += len;
	}
	if (!n)
		return 0;
	s[used] = '\0';
	return used;
}
