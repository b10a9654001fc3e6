// SPDX-License-Identifier: MIT
/* kvsnprintf: integers, characters and strings. Pure: links into host tests as it is. */
#include "kernel/lib/format.h"

struct out {
	char *buf;
	size_t n, len;
};

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->n)
		o->buf[o->len] = c;
	o->len++;
}

static void pad(struct out *o, char c, int count)
{
	while (count-- > 0)
		put(o, c);
}

struct spec {
	bool left, zero, plus, space, alt;
	int width, prec; /* prec -1: none */
};

static void put_text(struct out *o, const struct spec *s, const char *text)
{
	int len = 0;

	if (!text)
		text = "(null)";
	while ((s->prec < 0 || len < s->prec) && text[len])
		len++;
	if (!s->left)
		pad(o, ' ', s->width - len);
	for (int i = 0; i < len; i++)
		put(o, text[i]);
	if (s->left)
		pad(o, ' ', s->width - len);
}

static void put_number(struct out *o, const struct spec *s, u64 v, unsigned base, bool upper,
		       const char *prefix)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char tmp[24];
	int n = 0, zeros, plen = 0, total;

	while (prefix[plen])
		plen++;
	if (v || s->prec != 0) {
		do {
			tmp[n++] = digits[v % base];
			v /= base;
		} while (v);
	}
	zeros = s->prec > n ? s->prec - n : 0;
	if (s->prec < 0 && s->zero && !s->left && s->width > n + plen)
		zeros = s->width - n - plen;
	total = n + zeros + plen;
	if (!s->left)
		pad(o, ' ', s->width - total);
	for (int i = 0; i < plen; i++)
		put(o, prefix[i]);
	pad(o, '0', zeros);
	while (n)
		put(o, tmp[--n]);
	if (s->left)
		pad(o, ' ', s->width - total);
}

/* Argument of the size that the length letters ask for; a va_list goes by pointer. */
struct args {
	va_list ap;
};

static u64 get_unsigned(struct args *a, int size)
{
	switch (size) {
	case -2:
		return (u8)va_arg(a->ap, unsigned);
	case -1:
		return (u16)va_arg(a->ap, unsigned);
	case 0:
		return va_arg(a->ap, unsigned);
	default:
		return va_arg(a->ap, u64);
	}
}

static s64 get_signed(struct args *a, int size)
{
	switch (size) {
	case -2:
		return (s8)va_arg(a->ap, int);
	case -1:
		return (s16)va_arg(a->ap, int);
	case 0:
		return va_arg(a->ap, int);
	default:
		return va_arg(a->ap, s64);
	}
}

/* Flags, width, precision and length after '%'. Returns the position of the conversion letter. */
static const char *parse_spec(const char *p, struct spec *s, int *size, struct args *a)
{
	*s = (struct spec){ .prec = -1 };
	for (;; p++) {
		if (*p == '-')
			s->left = true;
		else if (*p == '0')
			s->zero = true;
		else if (*p == '+')
			s->plus = true;
		else if (*p == ' ')
			s->space = true;
		else if (*p == '#')
			s->alt = true;
		else
			break;
	}
	if (*p == '*') {
		s->width = va_arg(a->ap, int);
		if (s->width < 0) {
			s->left = true;
			s->width = -s->width;
		}
		p++;
	}
	while (*p >= '0' && *p <= '9')
		s->width = s->width * 10 + (*p++ - '0');
	if (*p == '.') {
		s->prec = 0;
		p++;
		if (*p == '*') {
			s->prec = va_arg(a->ap, int);
			p++;
		}
		while (*p >= '0' && *p <= '9')
			s->prec = s->prec * 10 + (*p++ - '0');
	}
	for (*size = 0;; p++) {
		if (*p == 'h')
			(*size)--;
		else if (*p == 'l' || *p == 'z' || *p == 't' || *p == 'j')
			*size = 1;
		else
			return p;
	}
}

static void put_signed(struct out *o, const struct spec *s, s64 v)
{
	const char *sign = v < 0 ? "-" : s->plus ? "+" : s->space ? " " : "";

	put_number(o, s, v < 0 ? -(u64)v : (u64)v, 10, false, sign);
}

/* One conversion. Returns false when the letter is unknown. */
static bool convert(struct out *o, char letter, struct spec *s, int size, struct args *a)
{
	switch (letter) {
	case 'd':
	case 'i':
		put_signed(o, s, get_signed(a, size));
		return true;
	case 'u':
		put_number(o, s, get_unsigned(a, size), 10, false, "");
		return true;
	case 'o':
		put_number(o, s, get_unsigned(a, size), 8, false, s->alt ? "0" : "");
		return true;
	case 'x':
		put_number(o, s, get_unsigned(a, size), 16, false, s->alt ? "0x" : "");
		return true;
	case 'X':
		put_number(o, s, get_unsigned(a, size), 16, true, s->alt ? "0X" : "");
		return true;
	case 'p':
		put_number(o, s, (u64)va_arg(a->ap, void *), 16, false, "0x");
		return true;
	case 's':
		put_text(o, s, va_arg(a->ap, const char *));
		return true;
	case 'c': {
		char one[2] = { (char)va_arg(a->ap, int), 0 };

		if (one[0])
			put_text(o, s, one);
		else
			put(o, 0);
		return true;
	}
	case '%':
		put(o, '%');
		return true;
	default:
		return false;
	}
}

int kvsnprintf(char *buf, size_t n, const char *fmt, va_list ap)
{
	struct out o = { buf, n, 0 };
	struct args a;

	va_copy(a.ap, ap);
	while (*fmt) {
		const char *start = fmt;
		struct spec s;
		int size;

		if (*fmt != '%') {
			put(&o, *fmt++);
			continue;
		}
		fmt = parse_spec(fmt + 1, &s, &size, &a);
		if (*fmt && convert(&o, *fmt, &s, size, &a)) {
			fmt++;
			continue;
		}
		if (*fmt)
			fmt++;
		while (start < fmt)
			put(&o, *start++);
	}
	va_end(a.ap);
	if (n)
		buf[o.len < n ? o.len : n - 1] = 0;
	return (int)o.len;
}

int ksnprintf(char *buf, size_t n, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = kvsnprintf(buf, n, fmt, ap);
	va_end(ap);
	return len;
}
