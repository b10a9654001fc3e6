// SPDX-License-Identifier: MIT
/*
 * Text to numbers: the strto* family (ISO C17 7.22.1) on one parser, and strtod. strtod collects
 * 19 digits and scales in 80-bit arithmetic: within one unit of the last place.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

struct number {
	uint64_t value;
	bool negative, overflow;
};

static int digit_value(int c)
{
	if (isdigit(c))
		return c - '0';
	if (isalpha(c))
		return tolower(c) - 'a' + 10;
	return INT_MAX;
}

/* Blank, sign, prefix, digits. *end is s itself when there is no number. */
static struct number parse_integer(const char *s, char **end, int base)
{
	struct number n = { 0 };
	const char *p = s, *first;

	if (end)
		*end = (char *)(uintptr_t)s;
	if (base < 0 || base == 1 || base > 36) {
		errno = EINVAL;
		return n;
	}
	while (isspace((unsigned char)*p))
		p++;
	if (*p == '-' || *p == '+')
		n.negative = *p++ == '-';
	if ((base == 0 || base == 16) && p[0] == '0' && (p[1] == 'x' || p[1] == 'X') &&
	    isxdigit((unsigned char)p[2])) {
		p += 2;
		base = 16;
	}
	if (base == 0)
		base = *p == '0' ? 8 : 10;
	for (first = p; digit_value((unsigned char)*p) < base; p++) {
		uint64_t v;

		if (__builtin_mul_overflow(n.value, (uint64_t)base, &v) ||
		    __builtin_add_overflow(v, (uint64_t)digit_value((unsigned char)*p), &v))
			n.overflow = true;
		else
			n.value = v;
	}
	if (end && p != first)
		*end = (char *)(uintptr_t)p;
	return n;
}

unsigned long strtoul(const char *s, char **end, int base)
{
	struct number n = parse_integer(s, end, base);

	if (n.overflow) {
		errno = ERANGE;
		return ULONG_MAX;
	}
	return n.negative ? 0 - n.value : n.value;
}

long strtol(const char *s, char **end, int base)
{
	struct number n = parse_integer(s, end, base);
	uint64_t limit = (uint64_t)LONG_MAX + n.negative;

	if (n.overflow || n.value > limit) {
		errno = ERANGE;
		return n.negative ? LONG_MIN : LONG_MAX;
	}
	return (long)(n.negative ? 0 - n.value : n.value);
}

long long strtoll(const char *s, char **end, int base)
{
	return strtol(s, end, base);
}

unsigned long long strtoull(const char *s, char **end, int base)
{
	return strtoul(s, end, base);
}

intmax_t strtoimax(const char *s, char **end, int base)
{
	return strtol(s, end, base);
}

uintmax_t strtoumax(const char *s, char **end, int base)
{
	return strtoul(s, end, base);
}

int atoi(const char *s)
{
	return (int)strtol(s, NULL, 10);
}

long atol(const char *s)
{
	return strtol(s, NULL, 10);
}

long long atoll(const char *s)
{
	return strtol(s, NULL, 10);
}

/* Digits with one point into v * 10^exp10. Returns the end, NULL without a digit. */
static const char *parse_decimal(const char *p, uint64_t *v, int *exp10)
{
	bool any = false, point = false;

	for (*v = 0, *exp10 = 0;; p++) {
		if (*p == '.' && !point) {
			point = true;
			continue;
		}
		if (!isdigit((unsigned char)*p))
			break;
		any = true;
		if (*v <= (UINT64_MAX - 9) / 10) {
			*v = *v * 10 + (uint64_t)(*p - '0');
			*exp10 -= point;
		} else if (!point && *exp10 < 100000) {
			++*exp10;
		}
	}
	return any ? p : NULL;
}

static long double scale10(long double x, int e)
{
	bool down = e < 0;
	long double p = 10, f = 1;

	for (e = down ? -e : e; e; e >>= 1, p *= p) {
		if (e & 1)
			f *= p;
	}
	return down ? x / f : x * f;
}

double strtod(const char *s, char **end)
{
	const char *p = s, *q;
	bool negative = false;
	uint64_t v;
	int exp10;
	double r;

	if (end)
		*end = (char *)(uintptr_t)s;
	while (isspace((unsigned char)*p))
		p++;
	if (*p == '-' || *p == '+')
		negative = *p++ == '-';
	q = parse_decimal(p, &v, &exp10);
	if (!q) {
		if (strncasecmp(p, "inf", 3) != 0 && strncasecmp(p, "nan", 3) != 0)
			return 0;
		r = tolower((unsigned char)*p) == 'i' ? __builtin_inf() : __builtin_nan("");
		q = p + 3;
	} else {
		const char *e = q + 1;

		if ((*q == 'e' || *q == 'E') &&
		    (isdigit((unsigned char)*e) ||
		     ((*e == '+' || *e == '-') && isdigit((unsigned char)e[1])))) {
			char *after;
			long x = strtol(e, &after, 10);

			q = after;
			exp10 += x > 100000 ? 100000 : x < -100000 ? -100000 : (int)x;
		}
		if (exp10 > 5000 || exp10 < -5000)
			exp10 = exp10 < 0 ? -5000 : 5000; /* beyond long double on both sides */
		r = v ? (double)scale10((long double)v, exp10) : 0;
		if (r == __builtin_inf() || (v && r == 0))
			errno = ERANGE;
	}
	if (end)
		*end = (char *)(uintptr_t)q;
	return negative ? -r : r;
}
