// SPDX-License-Identifier: MIT
/* getopt as POSIX.1-2017 has it: options first, "--" ends them, ':' after a letter takes a value.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char *optarg;
int optind = 1, opterr = 1, optopt;

static int complain(const char *const *argv, const char *what, const char *opts)
{
	if (opterr && opts[0] != ':')
		fprintf(stderr, "%s: %s -- '%c'\n", argv[0], what, optopt);
	return '?';
}

int getopt(int argc, char *const argv[], const char *opts)
{
	static int at;
	const char *spec;
	char *word;

	optarg = NULL;
	if (!at) {
		if (optind >= argc || argv[optind][0] != '-' || !argv[optind][1])
			return -1;
		if (strcmp(argv[optind], "--") == 0) {
			optind++;
			return -1;
		}
		at = 1;
	}
	word = argv[optind];
	optopt = (unsigned char)word[at++];
	spec = optopt == ':' ? NULL : strchr(opts, optopt);
	if (spec && spec[1] == ':') {
		optarg = word[at] ? word + at : optind + 1 < argc ? argv[++optind] : NULL;
		optind++;
		at = 0;
		if (optarg)
			return optopt;
		complain((const char *const *)argv, "option needs a value", opts);
		return opts[0] == ':' ? ':' : '?';
	}
	if (!word[at]) {
		optind++;
		at = 0;
	}
	if (!spec)
		return complain((const char *const *)argv, "unknown option", opts);
	return optopt;
}
