// SPDX-License-Identifier: MIT
/* Addresses of either family to and from text, and what masks and kinds they have. See netaddr.h.
 */
#include "apps/lib/netaddr.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { GROUPS = 8 };

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One group of 1..4 hex digits. Returns the end or NULL. */
static const char *parse_group(const char *s, uint16_t *group)
{
	unsigned v = 0;
	int n = 0;

	for (; n < 5 && hex_value(*s) >= 0; n++)
		v = v << 4 | (unsigned)hex_value(*s++);
	*group = (uint16_t)v;
	return n >= 1 && n <= 4 ? s : NULL;
}

/* The text up to `end` as eight groups. */
static bool parse_v6(const char *s, const char *end, uint16_t out[GROUPS])
{
	uint16_t group[GROUPS] = { 0 };
	int n = 0, gap = -1;

	if (end - s >= 2 && s[0] == ':' && s[1] == ':') {
		gap = 0;
		s += 2;
	}
	while (s < end) {
		const char *next;
		char tail[NETADDR_V4];
		uint32_t v4;

		if (n == GROUPS)
			return false;
		if (n <= GROUPS - 2 && memchr(s, '.', (size_t)(end - s)) &&
		    !memchr(s, ':', (size_t)(end - s))) {
			if (end - s >= NETADDR_V4)
				return false;
			memcpy(tail, s, (size_t)(end - s));
			tail[end - s] = 0;
			if (netaddr_parse_v4(tail, &v4))
				return false;
			group[n++] = (uint16_t)(v4 >> 16);
			group[n++] = (uint16_t)v4;
			break;
		}
		next = parse_group(s, &group[n]);
		if (!next || next > end)
			return false;
		n++;
		s = next;
		if (s == end)
			break;
		if (*s++ != ':' || s == end)
			return false;
		if (*s == ':') {
			if (gap >= 0)
				return false;
			gap = n;
			s++;
		}
	}
	/* RFC 4291 2.2: "::" stands for one or more groups */
	if (gap < 0 ? n != GROUPS : n == GROUPS)
		return false;
	memset(out, 0, GROUPS * sizeof(*out));
	if (gap < 0)
		gap = n;
	memcpy(out, group, (size_t)gap * sizeof(*out));
	memcpy(out + GROUPS - (n - gap), group + gap, (size_t)(n - gap) * sizeof(*out));
	return true;
}

static int parse_any(const char *s, const char *end, struct pix_ip *ip)
{
	uint16_t g[GROUPS];
	char v4_text[NETADDR_V4];
	uint32_t v4;
	struct pix_ip a = { 0, 0 };

	if (!memchr(s, ':', (size_t)(end - s))) {
		if (end - s >= NETADDR_V4)
			return -EINVAL;
		memcpy(v4_text, s, (size_t)(end - s));
		v4_text[end - s] = 0;
		if (netaddr_parse_v4(v4_text, &v4))
			return -EINVAL;
		*ip = pix_ip4(v4);
		return 0;
	}
	if (!parse_v6(s, end, g))
		return -EINVAL;
	for (int i = 0; i < 4; i++) {
		a.hi = a.hi << 16 | g[i];
		a.lo = a.lo << 16 | g[i + 4];
	}
	if (pix_ip_is4(a))
		return -EINVAL;
	*ip = a;
	return 0;
}

int netaddr_parse_ip(const char *s, struct pix_ip *ip)
{
	return parse_any(s, s + strlen(s), ip);
}

int netaddr_parse_ipnet(const char *s, struct pix_ip *ip, uint8_t *len)
{
	const char *slash = strchr(s, '/'), *p;
	struct pix_ip a;
	unsigned v = 0;

	if (!slash || parse_any(s, slash, &a))
		return -EINVAL;
	for (p = slash + 1; *p >= '0' && *p <= '9' && p - slash <= 3; p++)
		v = v * 10 + (unsigned)(*p - '0');
	if (*p || p == slash + 1 || (slash[1] == '0' && slash[2]) || v > netaddr_bits(a))
		return -EINVAL;
	*ip = a;
	*len = (uint8_t)v;
	return 0;
}

static unsigned group_of(struct pix_ip ip, int i)
{
	return (unsigned)((i < 4 ? ip.hi >> (48 - 16 * i) : ip.lo >> (48 - 16 * (i - 4))) & 0xffff);
}

static size_t print(char *buf, size_t room, struct pix_ip ip)
{
	int best = -1, best_len = 1, run = 0; /* RFC 5952 4.2.2: one group alone is not shortened */
	size_t n = 0;

	if (pix_ip_is4(ip)) {
		netaddr_print_v4(buf, pix_ip_to4(ip));
		return strlen(buf);
	}
	for (int i = 0; i < GROUPS; i++) {
		run = group_of(ip, i) ? 0 : run + 1;
		if (run > best_len) {
			best_len = run;
			best = i + 1 - run;
		}
	}
	buf[0] = 0;
	for (int i = 0; i < GROUPS; i++) {
		if (i == best) {
			n += (size_t)snprintf(buf + n, room - n, "::");
			i += best_len - 1;
			continue;
		}
		n += (size_t)snprintf(buf + n, room - n, "%s%x", n && buf[n - 1] != ':' ? ":" : "",
				      group_of(ip, i));
	}
	return n;
}

char *netaddr_print_ip(char buf[NETADDR_IP], struct pix_ip ip)
{
	buf[0] = 0;
	if (!pix_ip_none(ip))
		print(buf, NETADDR_IP, ip);
	return buf;
}

char *netaddr_print_ipnet(char buf[NETADDR_NET], struct pix_ip ip, uint8_t len)
{
	size_t n = print(buf, NETADDR_NET, ip);

	snprintf(buf + n, NETADDR_NET - n, "/%u", len);
	return buf;
}

uint8_t netaddr_bits(struct pix_ip ip)
{
	return pix_ip_is4(ip) ? 32 : 128;
}

struct pix_ip netaddr_network(struct pix_ip ip, uint8_t len)
{
	struct pix_ip mask = pix_ip_mask(pix_ip_is4(ip) ? 96u + len : len);

	return (struct pix_ip){ ip.hi & mask.hi, ip.lo & mask.lo };
}

bool netaddr_covers(struct pix_ip net, uint8_t len, struct pix_ip ip)
{
	return pix_ip_is4(net) == pix_ip_is4(ip) && len <= netaddr_bits(net) &&
	       pix_ip_eq(netaddr_network(net, len), netaddr_network(ip, len));
}

bool netaddr_is_host(struct pix_ip ip)
{
	if (pix_ip_is4(ip))
		return netaddr_is_unicast(pix_ip_to4(ip));
	return !pix_ip6_multicast(ip) && (ip.hi || ip.lo > 1);
}

struct pix_ip netaddr_solicited_node(struct pix_ip ip)
{
	return (struct pix_ip){ 0xff02ull << 48, 0x1ff000000ull | (ip.lo & 0xffffff) };
}

struct pix_ip netaddr_link_local(const uint8_t m[6])
{
	u64 id = (u64)(m[0] ^ 2) << 56 | (u64)m[1] << 48 | (u64)m[2] << 40 | 0xfffeull << 24 |
		 (u64)m[3] << 16 | (u64)m[4] << 8 | m[5];

	return (struct pix_ip){ 0xfe80ull << 48, id };
}
