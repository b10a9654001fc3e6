// SPDX-License-Identifier: MIT
/*
 * Bytes -> parse -> print -> parse is the identity, in both forms, for any bytes.
 *
 *	fuzz_conf              20,000 mutations of the cases of tests/unit/apps/cases
 *	fuzz_conf N [SEED]     N mutations
 *	fuzz_conf -            one input from standard input (for afl and the like)
 */
#include "apps/confd/conf.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX 65536

static void die(const char *what, const char *s, size_t n)
{
	fprintf(stderr, "%s for this input:\n", what);
	fwrite(s, 1, n, stderr);
	fputc('\n', stderr);
	abort();
}

/* Returns whether it was a configuration. */
static int one(const char *s, size_t n)
{
	struct conf_error err = { 0 };
	struct conf c, copy;

	if (conf_init(&c))
		abort();
	if (conf_parse(&c, s, n, &err)) {
		if (!err.text[0] || strnlen(err.text, sizeof(err.text)) == sizeof(err.text))
			die("no error text", s, n);
		conf_free(&c);
		return 0;
	}
	for (int form = 0; form < 2; form++) {
		struct text first = { 0 }, again = { 0 }, diff = { 0 };

		(form ? conf_print_set : conf_print)(c.root, &first);
		if (conf_init(&copy))
			abort();
		if (conf_parse(&copy, text_str(&first), first.len, &err))
			die("what was printed does not parse", s, n);
		(form ? conf_print_set : conf_print)(copy.root, &again);
		if (first.len != again.len ||
		    memcmp(text_str(&first), text_str(&again), first.len) != 0 ||
		    conf_diff(&c, &copy, &diff) || c.nodes != copy.nodes)
			die("printing and parsing changed it", s, n);
		text_free(&first);
		text_free(&again);
		text_free(&diff);
		conf_free(&copy);
	}
	conf_free(&c);
	return 1;
}

static unsigned seed = 1;

static unsigned dice(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static size_t mutate(char *s, size_t n)
{
	static const char *const word[] = { "{",           "}",      ";",      " ",
					    "\n",          "set ",   "\"",     "\\",
					    "#",           "/*",     "*/",     "interfaces",
					    "eth0",        "mtu",    "1500",   "address",
					    "10.0.0.1/24", "routes", "static", "version 1;" };

	for (unsigned k = 1 + dice(4); k; k--) {
		size_t at = n ? dice((unsigned)n) : 0;

		switch (dice(5)) {
		case 0: /* another byte */
			if (n)
				s[at] = (char)dice(256);
			break;
		case 1: /* without a stretch */
			if (n) {
				size_t gone = 1 + dice((unsigned)(n - at));

				if (gone > 12)
					gone = 12;
				if (gone > n - at)
					gone = n - at;
				memmove(s + at, s + at + gone, n - at - gone);
				n -= gone;
			}
			break;
		case 2: /* a stretch twice */
			if (n && n < INPUT_MAX / 4) {
				size_t more = 1 + dice((unsigned)(n - at));

				memmove(s + at + more, s + at, n - at);
				n += more;
			}
			break;
		default: { /* a word of the language */
			const char *w = word[dice(sizeof(word) / sizeof(word[0]))];
			size_t len = strlen(w);

			if (n + len < INPUT_MAX) {
				memmove(s + at + len, s + at, n - at);
				memcpy(s + at, w, len);
				n += len;
			}
		}
		}
	}
	return n;
}

int main(int argc, char **argv)
{
	static char input[INPUT_MAX], cases[32][INPUT_MAX / 4];
	size_t size[32], count = 0, good = 0;
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20000;
	glob_t g;

	if (argc > 1 && strcmp(argv[1], "-") == 0) {
		one(input, fread(input, 1, sizeof(input), stdin));
		return 0;
	}
	if (argc > 2)
		seed = (unsigned)strtoul(argv[2], NULL, 10);
	if (glob("tests/unit/apps/cases/conf-*.in", 0, NULL, &g))
		return 1;
	for (size_t i = 0; i < g.gl_pathc && count < 32; i++) {
		FILE *f = fopen(g.gl_pathv[i], "rb");

		if (!f)
			return 1;
		size[count] = fread(cases[count], 1, sizeof(cases[0]), f);
		count++;
		fclose(f);
	}
	globfree(&g);
	for (unsigned i = 0; i < rounds; i++) {
		unsigned k = dice((unsigned)count);
		size_t n = size[k];

		memcpy(input, cases[k], n);
		for (unsigned m = dice(3); m; m--)
			n = mutate(input, n);
		good += (size_t)one(input, n);
	}
	printf("%u inputs, %zu of them configurations\n[  PASSED  ] 1 test(s).\n", rounds, good);
	return good > rounds / 20 ? 0 : 1; /* mutations that nothing accepts would test nothing */
}
