// SPDX-License-Identifier: MIT
/* Rules about steering, see check.h. */
#include "apps/confd/check.h"

#include "apps/lib/netaddr.h"

#include <stdlib.h>
#include <string.h>

/* `workers` share the work of two modes only. */
static int check_mode(struct checker *k, const struct conf_node *n, const char *of)
{
	const struct conf_node *workers = conf_child(n, "workers");
	const char *mode = conf_value(n, "mode");

	if (workers && !mode)
		return check_fail(k, workers, "steering%s has workers and no mode: rps or pipeline",
				  of);
	if (workers && strcmp(mode, "run-to-completion") == 0)
		return check_fail(k, workers,
				  "steering%s is run-to-completion, which has no workers", of);
	return 0;
}

static bool has_ports(const char *protocol)
{
	static const char *const with[] = { "tcp", "udp", "sctp", "6", "17", "33", "132", "136" };

	for (size_t i = 0; protocol && i < sizeof(with) / sizeof(with[0]); i++)
		if (strcmp(with[i], protocol) == 0)
			return true;
	return false;
}

static int check_flow(struct checker *k, const struct conf_node *n)
{
	const char *src = conf_value(n, "source"), *dst = conf_value(n, "destination"),
		   *protocol = conf_value(n, "protocol");
	const struct conf_node *port = conf_child(n, "source-port");
	struct pix_ip a, b;

	if (!port)
		port = conf_child(n, "destination-port");
	if (!src && !dst && !protocol)
		return check_fail(k, n,
				  "flow \"%s\" matches everything: source, destination or protocol "
				  "is missing",
				  n->word);
	if (src && dst && netaddr_parse_ip(src, &a) == 0 && netaddr_parse_ip(dst, &b) == 0 &&
	    pix_ip_is4(a) != pix_ip_is4(b))
		return check_fail(k, conf_child(n, "destination")->child,
				  "flow \"%s\" goes from \"%s\" to \"%s\": two families", n->word,
				  src, dst);
	if (port && !has_ports(protocol))
		return check_fail(k, port,
				  "flow \"%s\" has a %s; its protocol has to be tcp, udp or "
				  "sctp",
				  n->word, port->word);
	if (!conf_child(n, "qgm"))
		return check_fail(k, n, "flow \"%s\" goes nowhere: qgm is missing", n->word);
	return 0;
}

/* Two rules that match the same: the words that decide. */
static bool same_flow(const struct conf_node *a, const struct conf_node *b)
{
	static const char *const words[] = { "source", "destination", "protocol", "source-port",
					     "destination-port" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *x = conf_value(a, words[i]), *y = conf_value(b, words[i]);

		if (!x != !y || (x && strcmp(x, y) != 0))
			return false;
	}
	return true;
}

int check_steering(struct checker *k)
{
	const struct conf_node *all = conf_child(k->conf->root, "steering"), *n, *other;
	const struct conf_node *ports = conf_child(all, "interface"),
			       *flows = conf_child(all, "flow");
	u32 count = 0;

	if (check_mode(k, all, ""))
		return -1;
	for (n = ports ? ports->child : NULL; n; n = n->next) {
		if (!inventory_port(k->inv, n->word))
			return check_fail(k, n, "interface \"%s\" of steering is no port", n->word);
		if (check_mode(k, n, " of this port"))
			return -1;
	}
	for (n = flows ? flows->child : NULL; n; n = n->next) {
		if (++count > PIX_FLOWS_MAX)
			return check_fail(k, n, "flow \"%s\" is one too many: there are %d at most",
					  n->word, PIX_FLOWS_MAX);
		if (check_flow(k, n))
			return -1;
		for (other = flows->child; other != n; other = other->next)
			if (same_flow(n, other))
				return check_fail(k, n, "flows \"%s\" and \"%s\" match the same",
						  other->word, n->word);
	}
	return 0;
}
