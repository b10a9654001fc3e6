// SPDX-License-Identifier: MIT
/*
 * printf's formatter: d i u o x X c s p f F %, flags - + space # 0, width, precision, * for both,
 * lengths hh h l ll j z t (ISO C17 7.21.6.1). %f is exact for the integer part and to 2^-64 in the
 * fraction, rounded half to even. %n does not exist on purpose; unknown conversions are an error.
 */
#include "libc/src/format.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct spec {
	bool left, plus, space, alt, zero;
	int width, precision; /* precision -1: none given */
	int length;           /* bytes of the integer argument */
};

struct sink {
	format_out out;
	void *ctx;
	size_t total;
};

static void put(struct sink *k, const char *s, size_t n)
{
	if (n)
		k->out(k->ctx, s, n);
	k->total += n;
}

static void put_fill(struct sink *k, char c, int n)
{
	char block[32];

	memset(block, c, sizeof(block));
	for (; n > 0; n -= (int)sizeof(block))
		put(k, block, n > (int)sizeof(block) ? sizeof(block) : (size_t)n);
}

/* prefix, zeros, body with blanks or zeros around them. */
static void put_field(struct sink *k, const struct spec *s, const char *prefix, int zeros,
		      const char *body, size_t n)
{
	size_t used = strlen(prefix) + (size_t)zeros + n;
	int pad = used < (size_t)s->width ? s->width - (int)used : 0;

	if (!s->left && !s->zero)
		put_fill(k, ' ', pad);
	put(k, prefix, strlen(prefix));
	if (!s->left && s->zero)
		put_fill(k, '0', pad);
	put_fill(k, '0', zeros);
	put(k, body, n);
	if (s->left)
		put_fill(k, ' ', pad);
}

/* Digits of v ending at end; returns their start. */
static char *digits(char *end, uint64_t v, unsigned base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (; v; v /= base)
		*--end = set[v % base];
	return end;
}

static void put_integer(struct sink *k, struct spec *s, char conv, uint64_t v, bool negative)
{
	unsigned base = conv == 'o' ? 8 : conv == 'x' || conv == 'X' ? 16 : 10;
	char buf[24], *p = digits(buf + sizeof(buf), v, base, conv == 'X');
	int n = (int)(buf + sizeof(buf) - p);
	int want = s->precision < 0 ? 1 : s->precision;
	const char *prefix = "";

	if (conv == 'd')
		prefix = negative ? "-" : s->plus ? "+" : s->space ? " " : "";
	else if (s->alt && base == 16 && v)
		prefix = conv == 'X' ? "0X" : "0x";
	else if (s->alt && base == 8 && want <= n)
		want = n + 1;
	if (s->precision >= 0)
		s->zero = false;
	put_field(k, s, prefix, want > n ? want - n : 0, p, (size_t)n);
}

static int64_t arg_signed(const struct spec *s, va_list *ap)
{
	switch (s->length) {
	case 1:
		return (signed char)va_arg(*ap, int);
	case 2:
		return (short)va_arg(*ap, int);
	case 8:
		return va_arg(*ap, long);
	default:
		return va_arg(*ap, int);
	}
}

static uint64_t arg_unsigned(const struct spec *s, va_list *ap)
{
	switch (s->length) {
	case 1:
		return (unsigned char)va_arg(*ap, int);
	case 2:
		return (unsigned short)va_arg(*ap, int);
	case 8:
		return va_arg(*ap, unsigned long);
	default:
		return va_arg(*ap, unsigned);
	}
}

enum { DOUBLE_WORDS = 36, BASE1E9 = 1000000000 };

/* The integer part m * 2^e (or m >> -e) as text ending at end. */
static char *double_integer(char *end, uint64_t m, int e, bool carry)
{
	uint32_t w[DOUBLE_WORDS] = { 0 };
	int used;

	if (e < 0)
		m = e > -64 ? m >> -e : 0;
	w[0] = (uint32_t)(m % BASE1E9);
	w[1] = (uint32_t)(m / BASE1E9 % BASE1E9);
	w[2] = (uint32_t)(m / BASE1E9 / BASE1E9);
	for (; e > 0; e--) {
		uint32_t over = 0;

		for (int i = 0; i < DOUBLE_WORDS; i++) {
			uint32_t v = w[i] * 2 + over;

			over = v >= BASE1E9;
			w[i] = over ? v - BASE1E9 : v;
		}
	}
	for (int i = 0; carry && i < DOUBLE_WORDS; i++) {
		carry = ++w[i] == BASE1E9;
		if (carry)
			w[i] = 0;
	}
	for (used = DOUBLE_WORDS; used > 1 && !w[used - 1]; used--)
		;
	for (int i = 0; i < used; i++) {
		char *p = digits(end, w[i], 10, false), *stop = end - (i < used - 1 ? 9 : 1);

		while (p > stop)
			*--p = '0';
		end = p;
	}
	return end;
}

/* prec digits of the fraction; returns true when rounding carries into the integer part. A tie goes
 * to the even digit; bits below 2^-64 only say that it is none. */
static bool double_fraction(char *s, int prec, uint64_t m, int e)
{
	bool odd = e <= 0 && e > -64 && (m >> -e & 1), sticky = false;
	uint64_t f = 0;

	if (e < 0 && e > -64) {
		f = m << (64 + e);
	} else if (e <= -64 && e > -128) {
		f = m >> (-e - 64);
		sticky = e < -64 && (m << (128 + e)) != 0;
	} else if (e <= -128) {
		sticky = m != 0;
	}
	for (int i = 0; i < prec; i++) {
		unsigned __int128 v = (unsigned __int128)f * 10;

		s[i] = (char)('0' + (int)(v >> 64));
		odd = (s[i] & 1) != 0;
		f = (uint64_t)v;
	}
	if (f < 1ul << 63 || (f == 1ul << 63 && !sticky && !odd))
		return false;
	while (prec-- > 0) {
		if (s[prec] != '9') {
			s[prec]++;
			return false;
		}
		s[prec] = '0';
	}
	return true;
}

static void put_double(struct sink *k, struct spec *s, char conv, double x)
{
	char body[312 + 1 + 64], *mid = body + 312, *p;
	int prec = s->precision < 0 ? 6 : s->precision > 63 ? 63 : s->precision;
	uint64_t bits, m;
	const char *sign;
	int e;

	memcpy(&bits, &x, 8);
	sign = bits >> 63 ? "-" : s->plus ? "+" : s->space ? " " : "";
	e = (int)(bits >> 52 & 0x7ff);
	m = bits & ((1ul << 52) - 1);
	if (e == 0x7ff) {
		s->zero = false;
		put_field(k, s, sign, 0,
			  m             ? conv == 'F' ? "NAN" : "nan"
			  : conv == 'F' ? "INF"
					: "inf",
			  3);
		return;
	}
	if (e)
		m |= 1ul << 52;
	else
		e = 1;
	e -= 1075;
	*mid = '.';
	p = double_integer(mid, m, e, double_fraction(mid + 1, prec, m, e));
	put_field(k, s, sign, 0, p, (size_t)(mid - p) + (prec || s->alt ? 1u + (unsigned)prec : 0));
}

static void put_string(struct sink *k, struct spec *s, const char *str)
{
	if (!str)
		str = "(null)";
	s->zero = false;
	put_field(k, s, "", 0, str,
		  s->precision < 0 ? strlen(str) : strnlen(str, (size_t)s->precision));
}

/* Digits or '*'. Returns -1 on a number above INT_MAX. */
static int parse_number(const char **f, va_list *ap)
{
	int v = 0;

	if (**f == '*') {
		++*f;
		return va_arg(*ap, int);
	}
	while (isdigit((unsigned char)**f)) {
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, **f - '0', &v))
			return INT_MIN;
		++*f;
	}
	return v;
}

static const char *parse_flags(const char *f, struct spec *s)
{
	for (;; f++) {
		if (*f == '-')
			s->left = true;
		else if (*f == '+')
			s->plus = true;
		else if (*f == ' ')
			s->space = true;
		else if (*f == '#')
			s->alt = true;
		else if (*f == '0')
			s->zero = true;
		else
			return f;
	}
}

static const char *parse_length(const char *f, struct spec *s)
{
	s->length = 4;
	if (*f == 'h') {
		s->length = 2;
		if (*++f == 'h') {
			s->length = 1;
			f++;
		}
	} else if (*f == 'l' || *f == 'j' || *f == 'z' || *f == 't') {
		s->length = 8;
		if (*f++ == 'l' && *f == 'l')
			f++;
	}
	return f;
}

/* One conversion after its flags and sizes. False: unknown. */
static bool convert(struct sink *k, struct spec *s, char conv, va_list *ap)
{
	int64_t v;
	char c;

	switch (conv) {
	case 'd':
	case 'i':
		v = arg_signed(s, ap);
		put_integer(k, s, 'd', v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0);
		return true;
	case 'u':
	case 'o':
	case 'x':
	case 'X':
		put_integer(k, s, conv, arg_unsigned(s, ap), false);
		return true;
	case 'p':
		s->length = 8;
		s->alt = true;
		put_integer(k, s, 'x', (uint64_t)va_arg(*ap, void *), false);
		return true;
	case 'c':
		c = (char)va_arg(*ap, int);
		s->zero = false;
		put_field(k, s, "", 0, &c, 1);
		return true;
	case 's':
		put_string(k, s, va_arg(*ap, const char *));
		return true;
	case 'f':
	case 'F':
		put_double(k, s, conv, va_arg(*ap, double));
		return true;
	case '%':
		put(k, "%", 1);
		return true;
	default:
		return false;
	}
}

int format(format_out out, void *ctx, const char *fmt, va_list args)
{
	struct sink k = { .out = out, .ctx = ctx };
	bool ok = true;
	va_list ap;

	va_copy(ap, args);
	while (ok && *fmt) {
		struct spec s = { .precision = -1 };
		size_t n = (size_t)(strchrnul(fmt, '%') - fmt);

		put(&k, fmt, n);
		fmt += n;
		if (!*fmt)
			break;
		fmt = parse_flags(fmt + 1, &s);
		s.width = parse_number(&fmt, &ap);
		if (s.width < 0 && s.width != INT_MIN) {
			s.left = true;
			s.width = -s.width;
		}
		if (*fmt == '.') {
			fmt++;
			s.precision = parse_number(&fmt, &ap);
			if (s.precision < 0 && s.precision != INT_MIN)
				s.precision = -1;
		}
		if (s.width == INT_MIN || s.precision == INT_MIN) {
			k.total = (size_t)INT_MAX + 1;
			break;
		}
		fmt = parse_length(fmt, &s);
		ok = convert(&k, &s, *fmt, &ap);
		fmt++;
	}
	va_end(ap);
	if (!ok || k.total > INT_MAX) {
		errno = ok ? EOVERFLOW : EINVAL;
		return -1;
	}
	return (int)k.total;
}
