// SPDX-License-Identifier: MIT
/* The table of commands and the matching of lines: see grammar.h. */
#include "apps/pash/grammar.h"

#include "apps/lib/netaddr.h"
#include "apps/pash/commands.h"
#include "apps/pash/show.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define OP   MODE_OPERATION
#define CONF MODE_CONFIGURE
#define BOTH MODE_BOTH

static const struct command commands[] = {
	/* operation */
	{ "clear", BOTH, .help = "forget what was learned" },
	{ "clear arp", BOTH, .help = "all neighbours", .run = cmd_clear_arp },
	{ "clear neighbors", BOTH, .help = "the same", .run = cmd_clear_arp },
	{ "configure", OP, .help = "change the configuration", .run = cmd_configure },
	{ "exit", BOTH, .help = "leave this mode or the shell", .run = cmd_exit },
	{ "ping", BOTH, .help = "send ICMP echo requests" },
	{ "ping <host>", BOTH, .help = "IPv4 or IPv6 address", .type = WORD_HOST, .run = cmd_ping },
	{ "ping <host> count", BOTH, .help = "how many (default 5)" },
	{ "ping <host> count <number>", BOTH, .help = "requests", .type = WORD_NUMBER, .min = 1,
	  .max = 1000000, .run = cmd_ping, .again = "ping <host>" },
	{ "ping <host> interface", BOTH, .help = "where a link-local address is" },
	{ "ping <host> interface <interface>", BOTH, .help = "its name", .type = WORD_INTERFACE,
	  .run = cmd_ping, .again = "ping <host>" },
	{ "ping <host> size", BOTH, .help = "bytes of data (default 56)" },
	{ "ping <host> size <number>", BOTH, .help = "bytes", .type = WORD_NUMBER, .min = 0,
	  .max = 9000, .run = cmd_ping, .again = "ping <host>" },
	{ "ping <host> ttl", BOTH, .help = "hops that it may go" },
	{ "ping <host> ttl <number>", BOTH, .help = "hops", .type = WORD_NUMBER, .min = 1,
	  .max = 255, .run = cmd_ping, .again = "ping <host>" },
	{ "poweroff", OP, .help = "switch the machine off, at once", .run = cmd_poweroff },
	{ "quit", BOTH, .help = NULL, .run = cmd_exit },
	{ "reboot", OP, .help = "restart the machine, at once", .run = cmd_reboot },
	{ "restart", OP, .help = "end a service; it is started again" },
	{ "restart <service>", OP, .help = "its name, see \"show services\"", .type = WORD_TEXT,
	  .run = cmd_restart },
	{ "run", OP, .help = NULL },
	{ "run", CONF, .help = "a command of operation mode, such as run show configuration" },
	{ "run <program>", BOTH, .help = "a program of /bin and its arguments", .type = WORD_REST,
	  .run = cmd_run },

	{ "show", BOTH, .help = "print what the system knows" },
	{ "show arp", BOTH, .help = "neighbours", .show = &show_arp },
	{ "show arp counters", BOTH, .help = "ARP packets by what became of them, conflicts",
	  .show = &show_arp_counters },
	{ "show bridges", BOTH, .help = "learning switches", .show = &show_bridges },
	{ "show configuration", BOTH, .help = "what runs; in configure mode, the candidate",
	  .run = cmd_show_configuration },
	{ "show configuration <path>", BOTH, .help = "a part of it", .type = WORD_CONF,
	  .run = cmd_show_configuration },
	{ "show conservation", BOTH, .help = "account for every packet and buffer",
	  .show = &show_conservation },
	{ "show cpu", BOTH, .help = "cores: partition, interrupts, wakes, load",
	  .show = &show_cpu },
	{ "show drops", BOTH, .help = "dropped packets by reason", .show = &show_drops },
	{ "show history", BOTH, .help = "committed configurations", .show = &show_history },
	{ "show interfaces", BOTH, .help = "interfaces and their counters",
	  .show = &show_interfaces },
	{ "show interfaces <interface>", BOTH, .help = "one of them", .type = WORD_INTERFACE,
	  .show = &show_interfaces },
	{ "show interfaces <interface> detail", BOTH,
	  .help = "with queues, module and the statistics of its NIC", .show = &show_interfaces },
	{ "show interfaces <interface> registers", BOTH, .help = "registers of its NIC, now",
	  .show = &show_registers },
	{ "show ip", BOTH, .help = "IPv4" },
	{ "show ip route", BOTH, .help = "routes", .show = &show_routes },
	{ "show ip route vrf", BOTH, .help = "of another table than the default one" },
	{ "show ip route vrf <vrf>", BOTH, .help = "name of a VRF, or all", .type = WORD_VRF,
	  .show = &show_routes },
	{ "show ip route vrf <vrf> <prefix>", BOTH,
	  .help = "an address: its longest match; a prefix: exactly that one", .type = WORD_ROUTE,
	  .show = &show_routes },
	{ "show ip route <prefix>", BOTH,
	  .help = "an address: its longest match; a prefix: exactly that one", .type = WORD_ROUTE,
	  .show = &show_routes },
	{ "show ipv6", BOTH, .help = "IPv6" },
	{ "show ipv6 route", BOTH, .help = "routes", .show = &show_routes },
	{ "show ipv6 route vrf", BOTH, .help = "of another table than the default one" },
	{ "show ipv6 route vrf <vrf>", BOTH, .help = "name of a VRF, or all", .type = WORD_VRF,
	  .show = &show_routes },
	{ "show ipv6 route vrf <vrf> <prefix>", BOTH,
	  .help = "an address: its longest match; a prefix: exactly that one", .type = WORD_ROUTE6,
	  .show = &show_routes },
	{ "show ipv6 route <prefix>", BOTH,
	  .help = "an address: its longest match; a prefix: exactly that one", .type = WORD_ROUTE6,
	  .show = &show_routes },
	{ "show log", BOTH, .help = "messages of the system since its start", .show = &show_log },
	{ "show mac", BOTH, .help = "stations that the bridges learned", .show = &show_mac },
	{ "show memory", BOTH, .help = "memory and packet buffers", .show = &show_memory },
	{ "show neighbors", BOTH, .help = "neighbours of both families", .show = &show_neighbors },
	{ "show neighbors <interface>", BOTH, .help = "of one interface", .type = WORD_INTERFACE,
	  .show = &show_neighbors },
	{ "show qgm", BOTH, .help = "Queue Group Managers: load, packets, stages",
	  .show = &show_qgm },
	{ "show router-advertisement", BOTH, .help = "what IPv6 hosts are told, and how often",
	  .show = &show_ra },
	{ "show router-advertisement <interface>", BOTH, .help = "of one interface",
	  .type = WORD_INTERFACE, .show = &show_ra },
	{ "show routes", BOTH, .help = "all tables" },
	{ "show routes summary", BOTH, .help = "how many routes, by table and protocol",
	  .show = &show_route_summary },
	{ "show services", BOTH, .help = "programs that init keeps running",
	  .show = &show_services },
	{ "show steering", BOTH, .help = "who works on what a port receives",
	  .show = &show_steering },
	{ "show steering flows", BOTH, .help = "rules for single flows", .show = &show_flows },
	{ "show version", BOTH, .help = "system and machine", .show = &show_version },
	{ "show vrfs", BOTH, .help = "routing tables of their own", .show = &show_vrfs },
	{ "terminal", BOTH, .help = "this terminal" },
	{ "terminal length", BOTH, .help = "lines of a page" },
	{ "terminal length <number>", BOTH, .help = "lines, 0: no paging", .type = WORD_NUMBER,
	  .min = 0, .max = 1000, .run = cmd_terminal_length },

	{ "traceroute", BOTH, .help = "ask each router on the way to answer" },
	{ "traceroute <host>", BOTH, .help = "IPv4 or IPv6 address", .type = WORD_HOST,
	  .run = cmd_traceroute },
	{ "traceroute <host> interface", BOTH, .help = "where a link-local address is" },
	{ "traceroute <host> interface <interface>", BOTH, .help = "its name",
	  .type = WORD_INTERFACE, .run = cmd_traceroute, .again = "traceroute <host>" },
	{ "traceroute <host> hops", BOTH, .help = "how far at most (default 30)" },
	{ "traceroute <host> hops <number>", BOTH, .help = "hops", .type = WORD_NUMBER, .min = 1,
	  .max = 255, .run = cmd_traceroute, .again = "traceroute <host>" },

	/* configuration */
	{ "commit", CONF, .help = "make the candidate run, whole or not at all",
	  .run = cmd_commit },
	{ "commit check", CONF, .help = "only test it", .run = cmd_commit_check },
	{ "commit confirmed", CONF,
	  .help = "take it back in 10 minutes unless another commit confirms it",
	  .run = cmd_commit_confirmed },
	{ "commit confirmed <number>", CONF, .help = "minutes", .type = WORD_NUMBER, .min = 1,
	  .max = 1440, .run = cmd_commit_confirmed },
	{ "compare", CONF, .help = "what a commit would change", .run = cmd_compare },
	{ "compare <number>", CONF, .help = "against the N-th last committed", .type = WORD_NUMBER,
	  .min = 0, .max = 99, .run = cmd_compare },
	{ "delete", CONF, .help = "remove a part of the candidate" },
	{ "delete <path>", CONF, .help = "what to remove", .type = WORD_DELETE, .run = cmd_delete },
	{ "discard", CONF, .help = "forget all uncommitted changes", .run = cmd_discard },
	{ "rollback", CONF, .help = "load an earlier configuration into the candidate" },
	{ "rollback <number>", CONF, .help = "0: what runs, 1: the one before, ...",
	  .type = WORD_NUMBER, .min = 0, .max = 99, .run = cmd_rollback },
	{ "set", CONF, .help = "add to the candidate or change it" },
	{ "set <path>", CONF, .help = "what to set", .type = WORD_SET, .run = cmd_set },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

const char *command_word(const struct command *row)
{
	const char *space = strrchr(row->path, ' ');

	return space ? space + 1 : row->path;
}

bool command_ends(const struct command *row)
{
	return row && (row->run || row->show);
}

bool command_open(const struct command *row)
{
	return row && (row->type == WORD_SET || row->type == WORD_DELETE ||
		       row->type == WORD_CONF || row->type == WORD_REST);
}

const struct command *command_next(const struct command *row, unsigned mode, unsigned i)
{
	const char *path = !row ? "" : row->again ? row->again : row->path;
	size_t n = strlen(path), skip = n ? n + 1 : 0;

	for (size_t k = 0; k < COMMANDS; k++) {
		const char *p = commands[k].path;

		if (!(commands[k].modes & mode) || strncmp(p, path, n) != 0 || (n && p[n] != ' '))
			continue;
		if (!strchr(p + skip, ' ') && i-- == 0)
			return &commands[k];
	}
	return NULL;
}

static int fail(struct match_error *err, unsigned at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct match_error *err, unsigned at, const char *fmt, ...)
{
	va_list ap;

	err->at = at;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

static int check_number(const struct command *row, const char *word, unsigned at,
			struct match_error *err)
{
	unsigned long long v = 0;
	const char *p = word;

	for (; *p >= '0' && *p <= '9' && v < 1ull << 40; p++)
		v = v * 10 + (unsigned long long)(*p - '0');
	if (*word && !*p && v >= row->min && v <= row->max)
		return 0;
	return fail(err, at, "\"%.64s\" is not a number from %u to %u", word, row->min, row->max);
}

static int check_value(const struct command *row, const char *word, unsigned at,
		       struct match_error *err)
{
	struct pix_ip ip;
	uint8_t len;
	bool v6 = row->type == WORD_ROUTE6;

	switch (row->type) {
	case WORD_NUMBER:
		return check_number(row, word, at, err);
	case WORD_HOST:
		if (netaddr_parse_ip(word, &ip))
			return fail(err, at,
				    "\"%.64s\" is not an IPv4 or IPv6 address, such as 10.0.0.1",
				    word);
		return 0;
	case WORD_ROUTE:
	case WORD_ROUTE6:
		if ((netaddr_parse_ip(word, &ip) && netaddr_parse_ipnet(word, &ip, &len)) ||
		    pix_ip_is4(ip) == v6)
			return fail(err, at,
				    "\"%.64s\" is not an IPv%d address or prefix, such as %s", word,
				    v6 ? 6 : 4, v6 ? "2001:db8::/32" : "10.0.0.0/8");
		return 0;
	case WORD_FIXED:
	case WORD_INTERFACE:
	case WORD_TEXT:
	case WORD_VRF:
	case WORD_SET:
	case WORD_DELETE:
	case WORD_CONF:
	case WORD_REST:
		break;
	}
	return 0;
}

/* "arp, bridges, ...": what may follow a row, as far as it fits. Returns how many may. */
enum { LIST = 160 };
static unsigned list_next(const struct command *row, unsigned mode, char list[LIST])
{
	const struct command *next;
	unsigned len = 0, count = 0;

	list[0] = 0;
	for (unsigned i = 0; (next = command_next(row, mode, i)); i++) {
		if (!next->help)
			continue;
		if (len + 32 < LIST)
			len += (unsigned)snprintf(list + len, LIST - len, "%s%s", len ? ", " : "",
						  command_word(next));
		else if (len + 6 < LIST && list[len - 1] != '.')
			len += (unsigned)snprintf(list + len, LIST - len, ", ...");
		count++;
	}
	return count;
}

static int fail_unknown(const struct command *row, unsigned mode, const char *word, unsigned at,
			struct match_error *err)
{
	const struct command *next, *best = NULL;
	unsigned nearest = UINT_MAX;
	char list[LIST];

	if (row && !command_next(row, mode, 0))
		return fail(err, at, "unexpected \"%.64s\"; nothing follows \"%s\"", word,
			    command_word(row));
	for (unsigned i = 0; (next = command_next(row, mode, i)); i++) {
		unsigned d = next->type == WORD_FIXED && next->help
				     ? word_nearness(word, command_word(next))
				     : UINT_MAX;

		if (d < nearest) {
			nearest = d;
			best = next;
		}
	}
	if (best)
		return fail(err, at, "unknown word \"%.64s\"; did you mean \"%s\"?", word,
			    command_word(best));
	for (unsigned i = 0; !row && (next = command_next(NULL, mode ^ MODE_BOTH, i)); i++)
		if (strcmp(word, command_word(next)) == 0)
			return fail(err, at,
				    "\"%.64s\" is a command of %s mode; enter \"%s\" first", word,
				    mode == MODE_CONFIGURE ? "operation" : "configure",
				    mode == MODE_CONFIGURE ? "exit" : "configure");
	if (row && list_next(row, mode, list))
		return fail(err, at, "unknown word \"%.64s\"; expected: %s", word, list);
	return fail(err, at, "unknown word \"%.64s\"; \"?\" lists what can be typed", word);
}

/* ""c" is ambiguous: configuration, conservation, cpu" */
static void fail_ambiguous(const struct command *row, unsigned mode, const char *word, unsigned at,
			   struct match_error *err)
{
	const struct command *next;
	char list[160] = "";
	unsigned len = 0;

	for (unsigned i = 0; (next = command_next(row, mode, i)); i++)
		if (next->type == WORD_FIXED && next->help && len + 24 < sizeof(list) &&
		    strncmp(command_word(next), word, strlen(word)) == 0)
			len += (unsigned)snprintf(list + len, sizeof(list) - len, "%s%s",
						  len ? ", " : "", command_word(next));
	fail(err, at, "\"%.64s\" is ambiguous: %s", word, list);
}

/* The row for one word below `row`; NULL with *err. */
static const struct command *match_word(const struct command *row, unsigned mode, const char *word,
					unsigned at, struct match_error *err)
{
	const struct command *next, *found = NULL, *value = NULL;
	size_t n = strlen(word);
	unsigned matches = 0;

	for (unsigned i = 0; (next = command_next(row, mode, i)); i++) {
		if (next->type != WORD_FIXED) {
			value = next;
			continue;
		}
		if (strcmp(command_word(next), word) == 0)
			return next;
		if (!n || !next->help || strncmp(command_word(next), word, n) != 0)
			continue;
		found = next;
		matches++;
	}
	if (matches == 1)
		return found;
	if (matches)
		fail_ambiguous(row, mode, word, at, err);
	else if (value && check_value(value, word, at, err) == 0)
		return value;
	else if (!value)
		fail_unknown(row, mode, word, at, err);
	return NULL;
}

unsigned command_borrow(struct words *w, unsigned n, unsigned mode)
{
	static const char *const borrowed[] = { "show", "ping", "traceroute" };

	if (mode != MODE_CONFIGURE || n < 1 || strcmp(w->word[0], "run") != 0)
		return mode;
	for (size_t i = 0; i < sizeof(borrowed) / sizeof(borrowed[0]); i++) {
		size_t len = w->count > 1 ? strlen(w->word[1]) : 0;

		if (len > 1 && strncmp(borrowed[i], w->word[1], len) == 0) {
			words_shift(w);
			return MODE_OPERATION;
		}
	}
	return mode;
}

int command_match(const struct words *w, unsigned n, unsigned mode, struct args *a,
		  const struct command **last, struct match_error *err)
{
	const struct command *row = NULL;

	a->command = NULL;
	a->count = 0;
	a->words = w;
	for (unsigned i = 0; i < n; i++) {
		if (!command_open(row)) {
			row = match_word(row, mode, w->word[i], w->start[i], err);
			if (!row)
				return -1;
		}
		if (row->type == WORD_FIXED)
			continue;
		a->row[a->count] = row;
		a->word[a->count] = i;
		a->value[a->count++] = w->word[i];
	}
	*last = row;
	if (command_ends(row))
		a->command = row;
	return 0;
}

void command_incomplete(const struct command *last, unsigned mode, const struct words *w,
			unsigned n, unsigned line_len, struct match_error *err)
{
	char list[LIST];
	unsigned count = list_next(last, mode, list);

	fail(err, n ? w->end[n - 1] + 1 : line_len, "incomplete: after \"%s\" comes %s%s",
	     n ? w->word[n - 1] : "", count > 1 ? "one of " : "", list);
}

const char *args_get(const struct args *a, const char *path)
{
	for (unsigned i = 0; i < a->count; i++)
		if (strcmp(a->row[i]->path, path) == 0)
			return a->value[i];
	return NULL;
}
