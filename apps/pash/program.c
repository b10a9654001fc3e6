// SPDX-License-Identifier: MIT
/* Commands that start another program, or stop the machine. */
#include "apps/pash/commands.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apps/lib/rpc.h"

enum { INIT_TIMEOUT_MS = 1000, INIT_STOP_S = 5 };

static void on_child(char *const argv[])
{
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	execv(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Run to its end; ^C goes to the program only. */
static void spawn(struct session *s, char *const argv[])
{
	int status = 0;

	if (s->flush)
		s->flush(s);
	if (s->cooked)
		s->cooked(s, true);
	void (*old)(int) = signal(SIGINT, SIG_IGN);
	pid_t pid = fork();
	if (pid == 0)
		on_child(argv);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	signal(SIGINT, old);
	if (s->cooked)
		s->cooked(s, false);
	if (pid < 0)
		session_fail(s, "cannot start %s: %s", argv[0], strerror(errno));
	else if (WIFSIGNALED(status))
		session_fail(s, "%s was ended by signal %d", argv[0], WTERMSIG(status));
	else if (WEXITSTATUS(status))
		s->failed = true;
}

/* A program's arguments as they are put together. */
struct command_line {
	char text[10][64]; /* program, four options, address */
	char *argv[11];
	unsigned count;
};

static void add(struct command_line *c, const char *word)
{
	snprintf(c->text[c->count], sizeof(c->text[0]), "%s", word);
	c->argv[c->count] = c->text[c->count];
	c->argv[++c->count] = NULL;
}

/* "-c 3" if the line has that option. */
static void add_option(struct command_line *c, const char *letter, const char *value)
{
	if (!value)
		return;
	add(c, letter);
	add(c, value);
}

void cmd_ping(struct session *s, const struct args *a)
{
	const char *count = args_get(a, "ping <host> count <number>");
	const char *size = args_get(a, "ping <host> size <number>");
	const char *ttl = args_get(a, "ping <host> ttl <number>");
	struct command_line c = { .count = 0 };

	add(&c, "/bin/ping");
	add_option(&c, "-c", count ? count : "5");
	add_option(&c, "-s", size);
	add_option(&c, "-t", ttl);
	add_option(&c, "-I", args_get(a, "ping <host> interface <interface>"));
	add(&c, args_get(a, "ping <host>"));
	spawn(s, c.argv);
}

void cmd_traceroute(struct session *s, const struct args *a)
{
	struct command_line c = { .count = 0 };

	add(&c, "/bin/traceroute");
	add_option(&c, "-m", args_get(a, "traceroute <host> hops <number>"));
	add_option(&c, "-I", args_get(a, "traceroute <host> interface <interface>"));
	add(&c, args_get(a, "traceroute <host>"));
	spawn(s, c.argv);
}

void cmd_run(struct session *s, const struct args *a)
{
	static const char *const dirs[] = { "", "/bin/", "/sbin/" };
	char *argv[ARGS_MAX + 1];
	char path[WORD_BYTES + 8];

	for (unsigned i = 0; i < a->count; i++)
		argv[i] = a->words->word[a->word[i]];
	argv[a->count] = NULL;
	for (size_t i = strchr(argv[0], '/') ? 0 : 1; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", dirs[i], argv[0]);
		if (access(path, X_OK) == 0) {
			argv[0] = path;
			spawn(s, argv);
			return;
		}
		if (!i)
			break;
	}
	session_fail_at(s, a->words->start[a->word[0]], "there is no program \"%.64s\"", argv[0]);
}

/* init ends the services first, this shell among them; without init the machine stops at once. */
static void stop(struct session *s, int how, const char *what)
{
	struct json_doc doc = { 0 };
	char request[40];
	int r;

	text_printf(&s->out, "%s\n", what);
	if (s->flush)
		s->flush(s);
	snprintf(request, sizeof(request), "{\"cmd\":\"%s\"}", what);
	r = rpc_query("init.sock", request, &doc, INIT_TIMEOUT_MS);
	if (!r && json_get_bool(doc.root, "ok", false))
		sleep(INIT_STOP_S);
	json_doc_free(&doc);
	sync();
	if (reboot(how) < 0)
		session_fail(s, "%s: %s", what, strerror(errno));
}

void cmd_reboot(struct session *s, const struct args *a)
{
	(void)a;
	stop(s, RB_AUTOBOOT, "reboot");
}

void cmd_poweroff(struct session *s, const struct args *a)
{
	(void)a;
	stop(s, RB_POWER_OFF, "poweroff");
}

void cmd_terminal_length(struct session *s, const struct args *a)
{
	s->length = (unsigned)strtoul(a->value[0], NULL, 10);
}
