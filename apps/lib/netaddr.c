// SPDX-License-Identifier: MIT
/* Addresses to and from text, see netaddr.h. */
#include "apps/lib/netaddr.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Decimal without leading zeros, at most max. Returns the end or NULL. */
static const char *parse_small(const char *s, unsigned max, unsigned *v)
{
	const char *p = s;

	for (*v = 0; *p >= '0' && *p <= '9' && p - s < 3; p++)
		*v = *v * 10 + (unsigned)(*p - '0');
	if (p == s || *v > max || (p - s > 1 && *s == '0'))
		return NULL;
	return p;
}

/* Returns the end or NULL. */
static const char *parse_v4(const char *s, uint32_t *addr)
{
	uint32_t a = 0;

	for (int i = 0; i < 4; i++) {
		unsigned v;

		if (i && *s++ != '.')
			return NULL;
		s = parse_small(s, 255, &v);
		if (!s)
			return NULL;
		a = a << 8 | v;
	}
	*addr = a;
	return s;
}

int netaddr_parse_v4(const char *s, uint32_t *addr)
{
	uint32_t a;

	s = parse_v4(s, &a);
	if (!s || *s)
		return -EINVAL;
	*addr = a;
	return 0;
}

int netaddr_parse_iface(const char *s, uint32_t *addr, uint8_t *len)
{
	uint32_t a;
	unsigned v;

	s = parse_v4(s, &a);
	if (!s || *s != '/')
		return -EINVAL;
	s = parse_small(s + 1, 32, &v);
	if (!s || *s)
		return -EINVAL;
	*addr = a;
	*len = (uint8_t)v;
	return 0;
}

int netaddr_parse_prefix(const char *s, uint32_t *addr, uint8_t *len)
{
	uint8_t n = 32;
	uint32_t a;

	if (netaddr_parse_v4(s, &a) && netaddr_parse_iface(s, &a, &n))
		return -EINVAL;
	if (a & ~netaddr_mask(n))
		return -EINVAL;
	*addr = a;
	*len = n;
	return 0;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int netaddr_parse_mac(const char *s, uint8_t mac[6])
{
	uint8_t m[6];

	for (int i = 0; i < 6; i++) {
		int hi = hex_value(s[0]), lo = hi < 0 ? -1 : hex_value(s[1]);

		if (lo < 0 || s[2] != (i < 5 ? ':' : '\0'))
			return -EINVAL;
		m[i] = (uint8_t)(hi << 4 | lo);
		s += 3;
	}
	memcpy(mac, m, 6);
	return 0;
}

char *netaddr_print_v4(char buf[NETADDR_V4], uint32_t a)
{
	snprintf(buf, NETADDR_V4, "%u.%u.%u.%u", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
	return buf;
}

char *netaddr_print_prefix(char buf[NETADDR_PREFIX], uint32_t a, uint8_t len)
{
	snprintf(buf, NETADDR_PREFIX, "%u.%u.%u.%u/%u", a >> 24, a >> 16 & 255, a >> 8 & 255,
		 a & 255, len % 100u);
	return buf;
}

char *netaddr_print_mac(char buf[NETADDR_MAC], const uint8_t m[6])
{
	snprintf(buf, NETADDR_MAC, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4],
		 m[5]);
	return buf;
}

uint32_t netaddr_mask(uint8_t len)
{
	return len ? ~(uint32_t)0 << (32 - len) : 0;
}

bool netaddr_is_unicast(uint32_t addr)
{
	uint32_t top = addr >> 24;

	return top >= 1 && top <= 223 && top != 127;
}
