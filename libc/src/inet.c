// SPDX-License-Identifier: MIT
/*
 * Addresses as text. inet_pton is strict (POSIX.1-2017): IPv4 is four decimal parts of 0..255
 * without leading zeros, IPv6 is RFC 4291 2.2. inet_ntop writes IPv6 as RFC 5952 4 says: lower
 * case, no leading zeros, the longest run of two or more zero fields (the first of equals) becomes
 * "::".
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool parse_v4(const char *s, unsigned char out[4])
{
	for (int i = 0; i < 4; i++) {
		unsigned v = 0;
		int n = 0;

		for (; isdigit((unsigned char)*s) && n < 3; n++)
			v = v * 10 + (unsigned)(*s++ - '0');
		if (n == 0 || v > 255 || (n > 1 && s[-n] == '0'))
			return false;
		out[i] = (unsigned char)v;
		if (*s++ != (i < 3 ? '.' : '\0'))
			return false;
	}
	return true;
}

static unsigned hex_value(char c)
{
	return isdigit((unsigned char)c) ? (unsigned)(c - '0')
					 : (unsigned)(tolower((unsigned char)c) - 'a' + 10);
}

/* Fields go to the front of a[]; with "::" at field gap, those after it are moved to the end. */
static bool parse_v6(const char *s, unsigned char out[16])
{
	unsigned char a[16] = { 0 };
	int at = 0, gap = -1;

	if (s[0] == ':' && s[1] != ':')
		return false;
	while (*s) {
		const char *field = s;
		unsigned v = 0;
		int n = 0;

		if (s[0] == ':' && s[1] == ':') {
			if (gap >= 0)
				return false;
			gap = at;
			s += 2;
			continue;
		}
		if (at && *s == ':' && gap != at)
			field = ++s;
		if (at > 14)
			return false;
		for (; isxdigit((unsigned char)*s) && n < 4; n++)
			v = v << 4 | hex_value(*s++);
		if (*s == '.' && at <= 12 && parse_v4(field, a + at)) {
			at += 4;
			break;
		}
		if (n == 0 || (*s && *s != ':'))
			return false;
		a[at++] = (unsigned char)(v >> 8);
		a[at++] = (unsigned char)v;
	}
	if (gap < 0 ? at != 16 : at > 14)
		return false;
	memset(out, 0, 16);
	memcpy(out, a, gap < 0 ? 16 : (size_t)gap);
	if (gap >= 0)
		memcpy(out + 16 - (at - gap), a + gap, (size_t)(at - gap));
	return true;
}

int inet_pton(int family, const char *restrict s, void *restrict out)
{
	unsigned char a[16];
	bool ok;

	if (family == AF_INET)
		ok = parse_v4(s, a);
	else if (family == AF_INET6)
		ok = parse_v6(s, a);
	else {
		errno = EAFNOSUPPORT;
		return -1;
	}
	if (ok)
		memcpy(out, a, family == AF_INET ? 4 : 16);
	return ok;
}

static void print_v6(const unsigned char *a, char *s, size_t n)
{
	int best = -1, best_len = 1;
	size_t used = 0;

	for (int i = 0; i < 8; i++) {
		int len = 0;

		while (i + len < 8 && !a[2 * (i + len)] && !a[2 * (i + len) + 1])
			len++;
		if (len > best_len) {
			best = i;
			best_len = len;
		}
		i += len;
	}
	if (best == 0 && (best_len == 6 || (best_len == 5 && a[10] == 0xff && a[11] == 0xff))) {
		/* IPv4-compatible and IPv4-mapped, RFC 5952 5 */
		snprintf(s, n, "::%s%u.%u.%u.%u", best_len == 5 ? "ffff:" : "", a[12], a[13], a[14],
			 a[15]);
		return;
	}
	for (int i = 0; i < 8; i++) {
		if (i == best) {
			used += (size_t)snprintf(s + used, n - used, "::");
			i += best_len - 1;
			continue;
		}
		used += (size_t)snprintf(s + used, n - used, "%s%x",
					 i && i != best + best_len ? ":" : "",
					 a[2 * i] << 8 | a[2 * i + 1]);
	}
}

const char *inet_ntop(int family, const void *restrict addr, char *restrict s, socklen_t n)
{
	const unsigned char *a = addr;
	char buf[INET6_ADDRSTRLEN];

	if (family == AF_INET)
		snprintf(buf, sizeof(buf), "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
	else if (family == AF_INET6)
		print_v6(a, buf, sizeof(buf));
	else {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	if (strlcpy(s, buf, n) >= n) {
		errno = ENOSPC;
		return NULL;
	}
	return s;
}

char *inet_ntoa(struct in_addr a)
{
	static char buf[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &a, buf, sizeof(buf));
	return buf;
}

int inet_aton(const char *s, struct in_addr *out)
{
	return inet_pton(AF_INET, s, out) == 1;
}
