// SPDX-License-Identifier: MIT
/*
 * pash: the shell of PIX.
 *
 *	pash               on a terminal: line editing; else lines from standard input
 *	pash -c LINE       run one line; exit code 0, or 1 after an error
 */
#include "apps/pash/complete.h"
#include "apps/pash/confd.h"
#include "apps/pash/edit.h"
#include "apps/pash/grammar.h"
#include "apps/pash/term.h"

#include "apps/lib/pixdev.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFD_WAIT_MS 10000

static struct edit edit;
static struct text screen; /* of the editor */

static void flush(struct session *s)
{
	if (s->tty && s->length && !s->filters.no_more)
		term_page(text_str(&s->out), s->out.len, s->length);
	else
		term_write(text_str(&s->out), s->out.len);
	if (s->out.failed)
		term_write("(the output is too large)\n", 26);
	text_free(&s->out);
}

static void cooked(struct session *s, bool on)
{
	if (!s->tty)
		return;
	if (on)
		term_cooked();
	else
		term_raw();
}

static void make_prompt(struct session *s)
{
	snprintf(s->prompt, sizeof(s->prompt), "%s%c ", s->host,
		 s->mode == MODE_CONFIGURE ? '#' : '>');
	s->indent = (unsigned)strlen(s->prompt);
}

static void banner(struct session *s)
{
	struct pix_info i;

	if (pixdev_info(&i)) {
		text_puts(&s->out, "\nPIX");
	} else {
		i.version[sizeof(i.version) - 1] = 0;
		text_printf(&s->out, "\nPIX %s: %u core%s, %u QGM%s, %u port%s", i.version, i.cpus,
			    i.cpus == 1 ? "" : "s", i.qgms, i.qgms == 1 ? "" : "s", i.ports,
			    i.ports == 1 ? "" : "s");
	}
	text_puts(&s->out, ". \"?\" lists what can be typed, Tab completes.\n");
}

static void print_candidates(const struct candidates *c, bool help)
{
	text_putc(&screen, '\n');
	if (c->error[0]) {
		text_pad(&screen, ' ', strlen(edit.prompt) + c->at);
		text_printf(&screen, "^\n%s\n", c->error);
	} else {
		candidates_print(c, help, &screen);
	}
	edit_redraw(&edit);
}

/* Tab: insert what is certain, else list. */
static void on_tab(struct session *s)
{
	static struct candidates c;
	const char *word;

	complete(s, edit.line, edit.cursor, &c);
	unsigned common = candidates_common(&c, &word), typed = edit.cursor - c.begin, real = 0;
	for (unsigned i = 0; i < c.count; i++)
		real += !c.item[i].value;
	if (word && common > typed)
		edit_insert(&edit, word + typed, common - typed);
	if (real == 1 && c.count == 1)
		edit_insert(&edit, " ", 1);
	else if (real == 1 && word && common >= typed && typed)
		edit_insert(&edit, " ", 1);
	else if (!word || common <= typed)
		print_candidates(&c, false);
	candidates_free(&c);
}

static void on_help(struct session *s)
{
	static struct candidates c;

	complete(s, edit.line, edit.cursor, &c);
	if (!c.count && !c.error[0])
		snprintf(c.error, sizeof(c.error), "nothing is expected here");
	c.at = c.error[0] && !c.at ? edit.cursor : c.at;
	text_putc(&screen, '?');
	print_candidates(&c, true);
	candidates_free(&c);
}

/* One line from the terminal; false at the end of the session. */
static bool read_line(struct session *s)
{
	edit.width = term_columns();
	edit_start(&edit, s->prompt);
	for (;;) {
		term_write(text_str(&screen), screen.len);
		text_clear(&screen);
		int c = term_read();
		if (c < 0)
			return false;
		switch (edit_feed(&edit, (unsigned char)c)) {
		case EDIT_NONE:
			break;
		case EDIT_ENTER:
			term_write(text_str(&screen), screen.len);
			text_clear(&screen);
			return true;
		case EDIT_INTERRUPT:
			edit_start(&edit, s->prompt);
			break;
		case EDIT_END:
			if (s->mode == MODE_OPERATION)
				return false;
			snprintf(edit.line, sizeof(edit.line), "exit");
			return true;
		case EDIT_COMPLETE:
			on_tab(s);
			break;
		case EDIT_HELP:
			on_help(s);
			break;
		}
	}
}

static void interactive(struct session *s)
{
	term_raw();
	edit_init(&edit, &screen);
	banner(s);
	confd_status(s, CONFD_WAIT_MS, true);
	flush(s);
	while (!s->done) {
		make_prompt(s);
		if (!read_line(s))
			break;
		edit_remember(&edit, edit.line);
		session_run(s, edit.line);
		flush(s);
		confd_status(s, 0, false);
		text_clear(&s->out);
	}
	term_cooked();
	edit_free(&edit);
}

static int batch(struct session *s)
{
	char *line = NULL;
	size_t room = 0;
	bool failed = false;
	ssize_t n;

	while (!s->done && (n = getline(&line, &room, stdin)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = 0;
		session_run(s, line);
		flush(s);
		failed |= s->failed;
	}
	free(line);
	return failed;
}

int main(int argc, char **argv)
{
	static struct session s;
	int r = 0;

	session_init(&s);
	s.flush = flush;
	s.cooked = cooked;
	s.tty = isatty(0) && isatty(1);
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "-c") == 0) {
		s.tty = false;
		session_run(&s, argv[2]);
		flush(&s);
		r = s.failed;
	} else if (argc > 1) {
		fprintf(stderr, "usage: pash [-c LINE]\n");
		r = 2;
	} else if (s.tty) {
		interactive(&s);
	} else {
		r = batch(&s);
	}
	session_free(&s);
	return r;
}
