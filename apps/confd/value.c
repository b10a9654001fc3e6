// SPDX-License-Identifier: MIT
/* The checks of single values and their canonical spelling, see schema.h. */
#include "apps/confd/schema.h"

#include "apps/lib/netaddr.h"
#include "libc/include/pix/dev.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VLAN_MAX 4094
#define QGM_MAX  63

/* N of "eth<N>" without leading zeros, or -1. */
static long name_number(const char *word, const char *stem, long max)
{
	size_t n = strlen(stem);
	long v = 0;

	if (strncmp(word, stem, n) != 0 || !word[n] || (word[n] == '0' && word[n + 1]))
		return -1;
	for (const char *p = word + n; *p; p++) {
		if (*p < '0' || *p > '9' || v > max)
			return -1;
		v = v * 10 + (*p - '0');
	}
	return v <= max ? v : -1;
}

/* What kind of address cannot belong to a host, or NULL. */
static const char *not_unicast(u32 a)
{
	if (a >> 24 == 0)
		return "in 0.0.0.0/8";
	if (a >> 24 == 127)
		return "a loopback address";
	if (a == 0xffffffffu)
		return "the limited broadcast address";
	if (a >> 28 == 14)
		return "a multicast address";
	if (a >> 28 == 15)
		return "in the reserved class E";
	return NULL;
}

/* The same of either family. */
static const char *not_host(struct pix_ip ip)
{
	if (pix_ip_is4(ip))
		return not_unicast(pix_ip_to4(ip));
	if (pix_ip6_multicast(ip))
		return "a multicast address";
	if (pix_ip_none(ip))
		return "the unspecified address";
	if (!ip.hi && ip.lo == 1)
		return "the loopback address";
	return NULL;
}

/* An address that does not parse: what may be meant. */
static int fail_address(const char *word, const char *what, struct conf_error *err)
{
	if (strncmp(word, "::ffff:", 7) == 0 && strchr(word, '.'))
		return conf_fail(err, -1, "\"%.64s\" is an IPv4 address: write it as %.32s", word,
				 word + 7);
	if (strchr(word, '%'))
		return conf_fail(err, -1,
				 "\"%.64s\": the interface of a link-local address stands behind "
				 "the word \"interface\"",
				 word);
	return conf_fail(err, -1, "\"%.64s\" is not an IPv4 or IPv6 %s", word, what);
}

/* IPv4 has addresses in a network that no host may have. */
static int check_ifaddr4(const char *word, u32 a, u8 len, struct conf_error *err)
{
	u32 mask = netaddr_mask(len);
	char net[NETADDR_PREFIX];

	netaddr_print_prefix(net, a & mask, len);
	if (len < 31 && !(a & ~mask))
		return conf_fail(err, -1, "\"%.64s\" is the network itself, not an address in it",
				 word);
	if (len < 31 && (a | mask) == 0xffffffffu)
		return conf_fail(err, -1, "\"%.64s\" is the broadcast address of %s", word, net);
	return 0;
}

/* RFC 4291 2.6.1: the first address of a subnet is all its routers' (not on a /127, RFC 6164). */
static int check_ifaddr6(const char *word, struct pix_ip ip, u8 len, struct conf_error *err)
{
	struct pix_ip net = netaddr_network(ip, len);

	if (pix_ip_linklocal(ip) && len != 64 && len != 128)
		return conf_fail(err, -1,
				 "\"%.64s\": the prefix length of a link-local address is 64",
				 word);
	if (len < 127 && pix_ip_eq(net, ip))
		return conf_fail(err, -1,
				 "\"%.64s\" is the network itself (its routers' anycast address)",
				 word);
	return 0;
}

static int check_ifaddr(const char *word, char *canon, struct conf_error *err)
{
	struct pix_ip ip;
	u8 len;

	if (netaddr_parse_ipnet(word, &ip, &len)) {
		if (netaddr_parse_ip(word, &ip) == 0)
			return conf_fail(err, -1,
					 "\"%.64s\" lacks its prefix length, such as %.42s/%d",
					 word, word, pix_ip_is4(ip) ? 24 : 64);
		return fail_address(
			word, "address with prefix length, such as 10.0.0.1/24 or 2001:db8::1/64",
			err);
	}
	if (not_host(ip))
		return conf_fail(err, -1, "\"%.64s\" cannot be an interface's address: it is %s",
				 word, not_host(ip));
	if (!len)
		return conf_fail(err, -1, "\"%.64s\": the prefix length of an interface is 1..%u",
				 word, netaddr_bits(ip));
	if (pix_ip_is4(ip) ? check_ifaddr4(word, pix_ip_to4(ip), len, err)
			   : check_ifaddr6(word, ip, len, err))
		return -1;
	netaddr_print_ipnet(canon, ip, len);
	return 0;
}

static int check_prefix(const char *word, char *canon, struct conf_error *err)
{
	struct pix_ip ip, net;
	char text[NETADDR_NET];
	u8 len;

	if (netaddr_parse_ipnet(word, &ip, &len))
		return fail_address(word, "prefix, such as 10.9.0.0/16 or 2001:db8::/32", err);
	net = netaddr_network(ip, len);
	if (!pix_ip_eq(net, ip))
		return conf_fail(err, -1, "\"%.64s\" has host bits set; did you mean %s?", word,
				 netaddr_print_ipnet(text, net, len));
	if (pix_ip_is4(ip) ? pix_ip_to4(ip) >> 28 == 14 : pix_ip6_multicast(ip))
		return conf_fail(err, -1, "\"%.64s\" is a multicast prefix; only unicast is routed",
				 word);
	if (pix_ip_is4(ip) ? pix_ip_to4(ip) >> 24 == 127 : !ip.hi && ip.lo == 1)
		return conf_fail(err, -1, "\"%.64s\" is a loopback prefix and is never routed",
				 word);
	if (!pix_ip_is4(ip) && len >= 10 && pix_ip_linklocal(ip))
		return conf_fail(err, -1,
				 "\"%.64s\" is link-local: such addresses are never routed", word);
	netaddr_print_ipnet(canon, ip, len);
	return 0;
}

static int check_address(const struct schema *row, const char *word, char *canon,
			 struct conf_error *err)
{
	bool only6 = row->type == TYPE_ADDRESS6;
	struct pix_ip ip;

	if (netaddr_parse_ip(word, &ip) || (only6 && pix_ip_is4(ip))) {
		if (only6)
			return conf_fail(err, -1,
					 "\"%.64s\" is not an IPv6 address, such as 2001:db8::53",
					 word);
		return fail_address(word, "address, such as 10.0.0.2 or 2001:db8::2", err);
	}
	if (not_host(ip))
		return conf_fail(err, -1, "\"%.64s\" cannot be a %s: it is %s", word,
				 only6 ? "server" : "neighbour", not_host(ip));
	netaddr_print_ip(canon, ip);
	return 0;
}

/* The decimal number at *p, cut after five digits. */
static unsigned take_number(const char **p)
{
	unsigned v = 0, n = 0;

	for (; **p >= '0' && **p <= '9' && n < 5; n++)
		v = v * 10 + (unsigned)(*(*p)++ - '0');
	return v;
}

/* Put a range into a sorted list and join it with those that it touches. */
static unsigned add_range(struct pix_vlan_range *r, unsigned n, struct pix_vlan_range fresh)
{
	unsigned first = 0, last;

	while (first < n && r[first].to + 1 < fresh.from)
		first++;
	for (last = first; last < n && r[last].from <= fresh.to + 1; last++) {
		fresh.from = r[last].from < fresh.from ? r[last].from : fresh.from;
		fresh.to = r[last].to > fresh.to ? r[last].to : fresh.to;
	}
	memmove(&r[first + 1], &r[last], (n - last) * sizeof(*r));
	r[first] = fresh;
	return n - (last - first) + 1;
}

static int parse_ranges(const char *word, unsigned least, unsigned most,
			struct pix_vlan_range *range, unsigned max)
{
	struct pix_vlan_range all[CONF_WORD / 2 + 1];
	unsigned n = 0;

	for (const char *p = word;; p++) {
		struct pix_vlan_range r;

		if (*p < '0' || *p > '9')
			return -1;
		unsigned from = take_number(&p), to = from;
		if (*p == '-' && p[1] >= '0' && p[1] <= '9') {
			p++;
			to = take_number(&p);
		}
		if ((*p && *p != ',') || n == CONF_WORD / 2)
			return -1;
		if (from < least || to < least || from > most || to > most)
			return -2;
		if (from > to)
			return -3;
		r = (struct pix_vlan_range){ (u16)from, (u16)to };
		n = add_range(all, n, r);
		if (!*p)
			break;
	}
	if (n > max)
		return -4;
	memcpy(range, all, n * sizeof(*all));
	return (int)n;
}

int value_vlans(const char *word, struct pix_vlan_range *range, unsigned max)
{
	return parse_ranges(word, 1, VLAN_MAX, range, max);
}

u64 value_qgms(const char *word)
{
	struct pix_vlan_range r[PIX_IF_VLANS];
	int n = parse_ranges(word, 0, QGM_MAX, r, PIX_IF_VLANS);
	u64 bits = 0;

	for (int i = 0; i < n; i++)
		for (unsigned q = r[i].from; q <= r[i].to; q++)
			bits |= 1ull << q;
	return bits;
}

/* In order, without overlaps. */
static int check_ranges(const char *word, bool vlans, char *canon, struct conf_error *err)
{
	struct pix_vlan_range r[PIX_IF_VLANS];
	int n = vlans ? value_vlans(word, r, PIX_IF_VLANS)
		      : parse_ranges(word, 0, QGM_MAX, r, PIX_IF_VLANS);
	const char *what = vlans ? "VLAN" : "QGM";
	size_t len = 0;

	switch (n) {
	case -1:
		return conf_fail(err, -1, "\"%.64s\" is not a list of %ss, such as %s", word, what,
				 vlans ? "10 or 10,20-30" : "1 or 0-3,5");
	case -2:
		return conf_fail(err, -1, "\"%.64s\" is out of range: %ss are %d to %d", word, what,
				 vlans, vlans ? VLAN_MAX : QGM_MAX);
	case -3:
		return conf_fail(err, -1,
				 "\"%.64s\": a range goes from the lower to the higher VLAN", word);
	case -4:
		return conf_fail(err, -1, "\"%.64s\" has more than %d ranges", word, PIX_IF_VLANS);
	}
	for (int i = 0; i < n; i++) {
		len += (size_t)snprintf(canon + len, CONF_WORD - len, "%s%u", i ? "," : "",
					r[i].from);
		if (r[i].to != r[i].from)
			len += (size_t)snprintf(canon + len, CONF_WORD - len, "-%u", r[i].to);
	}
	return 0;
}

static int check_name(const char *word, const char *whose, char *canon, struct conf_error *err)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < n; i++) {
		char c = word[i] | 32;

		if (!(c >= 'a' && c <= 'z') && !(i && ((word[i] >= '0' && word[i] <= '9') ||
						       word[i] == '-' || word[i] == '_')))
			return conf_fail(
				err, -1,
				"\"%.64s\" is not a name of a VRF: a letter, then letters, "
				"digits, - and _",
				word);
	}
	if (!n || n > 15)
		return conf_fail(err, -1, "\"%.64s\" is not a name%s%s: 1 to 15 characters", word,
				 *whose ? " " : "", whose);
	memcpy(canon, word, n + 1);
	return 0;
}

static int check_number(const struct schema *row, const char *word, char *canon,
			struct conf_error *err)
{
	u64 v = 0;
	const char *p = word;

	for (; *p >= '0' && *p <= '9' && v <= 0xffffffffu; p++)
		v = v * 10 + (u64)(*p - '0');
	if (!*word || *p)
		return conf_fail(err, -1, "\"%.64s\" is not a number from %u to %u", word, row->min,
				 row->max);
	if (v < row->min || v > row->max)
		return conf_fail(err, -1, "\"%.64s\" is out of range: from %u to %u", word,
				 row->min, row->max);
	snprintf(canon, CONF_WORD, "%u", (u32)v);
	return 0;
}

/* RFC 1123 2.1: labels of letters, digits and hyphens; a whole name may have dots. */
static int check_hostname(const char *word, char *canon, struct conf_error *err)
{
	size_t n = strlen(word);

	for (size_t i = 0; i < n; i++) {
		char c = word[i];
		bool alnum =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		bool inner = i && i + 1 < n && word[i - 1] != '.' && word[i + 1] != '.';

		if (!alnum && !((c == '-' || c == '.') && inner))
			return conf_fail(
				err, -1,
				"\"%.64s\" is not a host name: letters, digits and inner hyphens",
				word);
	}
	if (!n || n > 63)
		return conf_fail(err, -1, "\"%.64s\" is not a host name: 1 to 63 characters", word);
	memcpy(canon, word, n + 1);
	return 0;
}

static int check_text(const char *word, char *canon, struct conf_error *err)
{
	size_t n = strlen(word);

	if (n > 127)
		return conf_fail(err, -1, "the text is longer than 127 bytes");
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)word[i] < ' ' || word[i] == 127)
			return conf_fail(err, -1, "the text has a control character (byte %zu)",
					 i + 1);
	memcpy(canon, word, n + 1);
	return 0;
}

static bool is_interface(const char *word)
{
	return strcmp(word, "lo") == 0 || name_number(word, "eth", 9999) >= 0 ||
	       name_number(word, "br", BRIDGE_NUMBER_MAX) >= 0;
}

/* eth0, br0, lo; with `vlans` also eth0.100, eth0.100.200. */
static int check_interface(const char *word, bool vlans, char *canon, struct conf_error *err)
{
	const char *dot = strchr(word, '.');
	char base[16];
	bool good;

	snprintf(base, sizeof(base), "%.*s", dot ? (int)(dot - word) : 15, word);
	good = strlen(word) < 16 && is_interface(dot ? base : word);
	for (int i = 0; good && dot && i < 2; i++) {
		unsigned vlan = 0, n = 0;

		for (dot++; *dot >= '0' && *dot <= '9' && n < 5; n++)
			vlan = vlan * 10 + (unsigned)(*dot++ - '0');
		good = vlans && n && dot[-(int)n] != '0' && vlan <= VLAN_MAX &&
		       (!*dot || (*dot == '.' && !i));
		if (!*dot)
			dot = NULL;
	}
	if (good) {
		snprintf(canon, CONF_WORD, "%s", word);
		return 0;
	}
	if (!vlans && strchr(word, '.') && is_interface(base))
		return conf_fail(
			err, -1,
			"\"%.64s\": a sub-interface is configured as interfaces %s vif VLAN", word,
			base);
	return conf_fail(err, -1, "\"%.64s\" is not an interface name, such as %s", word,
			 vlans ? "eth0 or eth0.100" : "eth0");
}

int value_check(const struct schema *row, const char *word, char *canon, struct conf_error *err)
{
	switch (row->type) {
	case TYPE_INTERFACE:
		return check_interface(word, false, canon, err);
	case TYPE_ANY_INTERFACE:
		return check_interface(word, true, canon, err);
	case TYPE_BRIDGE:
		if (name_number(word, "br", BRIDGE_NUMBER_MAX) < 0)
			return conf_fail(err, -1, "\"%.64s\" is not a bridge: br0 to br%d", word,
					 BRIDGE_NUMBER_MAX);
		snprintf(canon, CONF_WORD, "%s", word);
		return 0;
	case TYPE_ADDRESS:
	case TYPE_ADDRESS6:
		return check_address(row, word, canon, err);
	case TYPE_VLANS:
	case TYPE_QGMS:
		return check_ranges(word, row->type == TYPE_VLANS, canon, err);
	case TYPE_VRF:
		return check_name(word, "of a VRF", canon, err);
	case TYPE_NAME:
		return check_name(word, "", canon, err);
	case TYPE_IFADDR:
		return check_ifaddr(word, canon, err);
	case TYPE_PREFIX:
		return check_prefix(word, canon, err);
	case TYPE_NUMBER:
		return check_number(row, word, canon, err);
	case TYPE_HOSTNAME:
		return check_hostname(word, canon, err);
	case TYPE_TEXT:
		return check_text(word, canon, err);
	case TYPE_WORD:
		break;
	}
	return conf_fail(err, -1, "\"%.64s\" is not expected here", word);
}
