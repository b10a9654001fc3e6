// SPDX-License-Identifier: MIT
/*
 * The table of everything that can be configured, and how words are matched against it. To add an
 * item: a row here, its meaning in model.c, its rules in check.c.
 */
#include "apps/confd/schema.h"

#include "apps/lib/netaddr.h"
#include "apps/lib/words.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define BRIDGE_NUMBER_MAX 30 /* br<N> is bridge domain N + 1 of 1..31 */

static const struct schema schemas[] = {
	{ "system", SCHEMA_NODE, TYPE_WORD, 0, 0, "this router itself" },
	{ "system host-name", SCHEMA_LEAF, TYPE_WORD, 0, 0,
	  "name of this router, shown in the prompt" },
	{ "system host-name <name>", SCHEMA_VALUE, TYPE_HOSTNAME, 0, 0,
	  "letters, digits and hyphens, at most 63" },

	{ "interfaces", SCHEMA_NODE, TYPE_WORD, 0, 0, "ports: addresses, bridges, MTU" },
	{ "interfaces <interface>", SCHEMA_NODE, TYPE_INTERFACE, 0, 0,
	  "eth0, eth1, ... in PCI order" },
	{ "interfaces <interface> description", SCHEMA_LEAF, TYPE_WORD, 0, 0, "free text" },
	{ "interfaces <interface> description <text>", SCHEMA_VALUE, TYPE_TEXT, 0, 0,
	  "text, in double quotes if it has blanks" },
	{ "interfaces <interface> address", SCHEMA_LIST, TYPE_WORD, 0, 0,
	  "IPv4 address of the router; several allowed" },
	{ "interfaces <interface> address <address/length>", SCHEMA_VALUE, TYPE_IFADDR, 0, 0,
	  "IPv4 address and prefix length, such as 10.0.0.1/24" },
	{ "interfaces <interface> bridge", SCHEMA_LEAF, TYPE_WORD, 0, 0,
	  "make it a port of a bridge" },
	{ "interfaces <interface> bridge <bridge>", SCHEMA_VALUE, TYPE_BRIDGE, 0, 0,
	  "br0 ... br30" },
	{ "interfaces <interface> mtu", SCHEMA_LEAF, TYPE_WORD, 0, 0,
	  "largest IP packet in bytes" },
	{ "interfaces <interface> mtu <number>", SCHEMA_VALUE, TYPE_NUMBER, 68, 9216,
	  "bytes, 68..9216, default 1500" },
	{ "interfaces <interface> disable", SCHEMA_FLAG, TYPE_WORD, 0, 0,
	  "take it out of service" },

	{ "bridges", SCHEMA_NODE, TYPE_WORD, 0, 0, "learning switches" },
	{ "bridges <bridge>", SCHEMA_NODE, TYPE_BRIDGE, 0, 0, "br0 ... br30" },
	{ "bridges <bridge> ageing", SCHEMA_LEAF, TYPE_WORD, 0, 0,
	  "when a silent station is forgotten" },
	{ "bridges <bridge> ageing <seconds>", SCHEMA_VALUE, TYPE_NUMBER, 1, 1000000,
	  "seconds, 1..1000000, default 300" },

	{ "routes", SCHEMA_NODE, TYPE_WORD, 0, 0, "routes given by hand" },
	{ "routes static", SCHEMA_NODE, TYPE_WORD, 0, 0, "static IPv4 routes" },
	{ "routes static <prefix>", SCHEMA_NODE, TYPE_PREFIX, 0, 0,
	  "destination, such as 10.9.0.0/16 or 0.0.0.0/0" },
	{ "routes static <prefix> next-hop", SCHEMA_LEAF, TYPE_WORD, 0, 0, "send to this router" },
	{ "routes static <prefix> next-hop <address>", SCHEMA_VALUE, TYPE_ADDRESS, 0, 0,
	  "IPv4 address of a neighbour" },
	{ "routes static <prefix> blackhole", SCHEMA_FLAG, TYPE_WORD, 0, 0, "discard silently" },
	{ "routes static <prefix> unreachable", SCHEMA_FLAG, TYPE_WORD, 0, 0,
	  "discard and answer ICMP net unreachable" },
	{ "routes static <prefix> distance", SCHEMA_LEAF, TYPE_WORD, 0, 0,
	  "preference, the lowest wins" },
	{ "routes static <prefix> distance <number>", SCHEMA_VALUE, TYPE_NUMBER, 1, 255,
	  "1..255, default 1" },
};

#define SCHEMAS (sizeof(schemas) / sizeof(schemas[0]))

const char *schema_word(const struct schema *row)
{
	const char *space = strrchr(row->path, ' ');

	return space ? space + 1 : row->path;
}

unsigned schema_order(const struct schema *row)
{
	return row ? (unsigned)(row - schemas) + 1 : 0;
}

static bool is_child(const struct schema *parent, const struct schema *row)
{
	size_t n = 0;

	if (parent) {
		n = strlen(parent->path);
		if (strncmp(row->path, parent->path, n) != 0 || row->path[n] != ' ')
			return false;
		n++;
	}
	return !strchr(row->path + n, ' ');
}

const struct schema *schema_child(const struct schema *parent, unsigned i)
{
	/* Children stand behind their parent in the table. */
	for (unsigned k = schema_order(parent); k < SCHEMAS; k++)
		if (is_child(parent, &schemas[k]) && i-- == 0)
			return &schemas[k];
	return NULL;
}

/* "unknown word "x" below "interfaces eth0"; did you mean "address"?" */
static void fail_unknown(const struct schema *parent, const char *word, struct conf_error *err)
{
	const struct schema *row, *best = NULL;
	unsigned nearest = UINT_MAX;

	for (unsigned i = 0; (row = schema_child(parent, i)); i++) {
		unsigned d =
			row->type == TYPE_WORD ? word_nearness(word, schema_word(row)) : UINT_MAX;

		if (d < nearest) {
			nearest = d;
			best = row;
		}
	}
	if (best)
		conf_fail(err, -1, "unknown word \"%.64s\"; did you mean \"%s\"?", word,
			  schema_word(best));
	else if (parent && !schema_child(parent, 0))
		conf_fail(err, -1, "unexpected \"%.64s\"; nothing follows \"%s\"", word,
			  schema_word(parent));
	else
		conf_fail(err, -1, "unknown word \"%.64s\"", word);
}

static void fail_ambiguous(const struct schema *parent, const char *word, struct conf_error *err)
{
	const struct schema *row;
	char list[160] = "";
	size_t len = 0;

	for (unsigned i = 0; (row = schema_child(parent, i)); i++)
		if (row->type == TYPE_WORD && len + 24 < sizeof(list) &&
		    strncmp(schema_word(row), word, strlen(word)) == 0)
			len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
						len ? ", " : "", schema_word(row));
	conf_fail(err, -1, "\"%.64s\" is ambiguous: %s", word, list);
}

static const struct schema *match_fixed(const struct schema *parent, const char *word, bool abbrev,
					bool *ambiguous, struct conf_error *err)
{
	const struct schema *row, *found = NULL;
	size_t n = strlen(word);
	unsigned matches = 0;

	*ambiguous = false;
	for (unsigned i = 0; (row = schema_child(parent, i)); i++) {
		if (row->type != TYPE_WORD)
			continue;
		if (strcmp(schema_word(row), word) == 0)
			return row;
		if (!abbrev || !n || strncmp(schema_word(row), word, n) != 0)
			continue;
		found = row;
		matches++;
	}
	if (matches < 2)
		return found;
	*ambiguous = true;
	fail_ambiguous(parent, word, err);
	return NULL;
}

const struct schema *schema_match(const struct schema *parent, const char *word, bool abbrev,
				  char *canon, struct conf_error *err)
{
	const struct schema *row;
	bool ambiguous;

	row = match_fixed(parent, word, abbrev, &ambiguous, err);
	if (row)
		snprintf(canon, CONF_WORD, "%s", schema_word(row));
	if (row || ambiguous)
		return row;
	/* At most one value row per level, so that its complaint is the one to show. */
	for (unsigned i = 0; (row = schema_child(parent, i)); i++)
		if (row->type != TYPE_WORD)
			return value_check(row, word, canon, err) == 0 ? row : NULL;
	fail_unknown(parent, word, err);
	return NULL;
}

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

static int check_ifaddr(const char *word, char *canon, struct conf_error *err)
{
	char net[NETADDR_PREFIX];
	u32 a, mask;
	u8 len;

	if (netaddr_parse_iface(word, &a, &len)) {
		if (netaddr_parse_v4(word, &a) == 0)
			return conf_fail(err, -1,
					 "\"%.64s\" lacks its prefix length, such as %.32s/24",
					 word, word);
		return conf_fail(
			err, -1,
			"\"%.64s\" is not an IPv4 address with prefix length, such as 10.0.0.1/24",
			word);
	}
	if (not_unicast(a))
		return conf_fail(err, -1, "\"%.64s\" cannot be an interface's address: it is %s",
				 word, not_unicast(a));
	if (!len)
		return conf_fail(err, -1, "\"%.64s\": the prefix length of an interface is 1..32",
				 word);
	mask = netaddr_mask(len);
	netaddr_print_prefix(net, a & mask, len);
	if (len < 31 && !(a & ~mask))
		return conf_fail(err, -1, "\"%.64s\" is the network itself, not an address in it",
				 word);
	if (len < 31 && (a | mask) == 0xffffffffu)
		return conf_fail(err, -1, "\"%.64s\" is the broadcast address of %s", word, net);
	netaddr_print_prefix(canon, a, len);
	return 0;
}

static int check_prefix(const char *word, char *canon, struct conf_error *err)
{
	char net[NETADDR_PREFIX];
	u32 a;
	u8 len;

	if (netaddr_parse_iface(word, &a, &len))
		return conf_fail(err, -1, "\"%.64s\" is not an IPv4 prefix, such as 10.9.0.0/16",
				 word);
	if (a & ~netaddr_mask(len))
		return conf_fail(err, -1, "\"%.64s\" has host bits set; did you mean %s?", word,
				 netaddr_print_prefix(net, a & netaddr_mask(len), len));
	if (a >> 28 == 14)
		return conf_fail(err, -1, "\"%.64s\" is a multicast prefix; only unicast is routed",
				 word);
	if (a >> 24 == 127)
		return conf_fail(err, -1, "\"%.64s\" is a loopback prefix and is never routed",
				 word);
	netaddr_print_prefix(canon, a, len);
	return 0;
}

static int check_address(const char *word, char *canon, struct conf_error *err)
{
	u32 a;

	if (netaddr_parse_v4(word, &a))
		return conf_fail(err, -1, "\"%.64s\" is not an IPv4 address, such as 10.0.0.2",
				 word);
	if (not_unicast(a))
		return conf_fail(err, -1, "\"%.64s\" cannot be a neighbour: it is %s", word,
				 not_unicast(a));
	netaddr_print_v4(canon, a);
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

int value_check(const struct schema *row, const char *word, char *canon, struct conf_error *err)
{
	switch (row->type) {
	case TYPE_INTERFACE:
		if (name_number(word, "eth", 9999) < 0)
			return conf_fail(err, -1,
					 "\"%.64s\" is not an interface name, such as eth0", word);
		snprintf(canon, CONF_WORD, "%s", word);
		return 0;
	case TYPE_BRIDGE:
		if (name_number(word, "br", BRIDGE_NUMBER_MAX) < 0)
			return conf_fail(err, -1, "\"%.64s\" is not a bridge: br0 to br%d", word,
					 BRIDGE_NUMBER_MAX);
		snprintf(canon, CONF_WORD, "%s", word);
		return 0;
	case TYPE_ADDRESS:
		return check_address(word, canon, err);
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
