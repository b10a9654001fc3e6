// SPDX-License-Identifier: MIT
/* Services, see service.h. */
#include "apps/init/service.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static char *next_word(char **p)
{
	char *word;

	*p += strspn(*p, " \t\r");
	if (!**p || **p == '#')
		return NULL;
	word = *p;
	*p += strcspn(*p, " \t\r");
	if (**p)
		*(*p)++ = '\0';
	return word;
}

static int fail(char error[96], const char *text, const char *word)
{
	snprintf(error, 96, "%s%.40s", text, word);
	return -EINVAL;
}

/* One line, already in s->text. 1: a service, 0: nothing on it, -EINVAL. */
static int parse_line(struct services *all, struct service *s, char error[96])
{
	char *p = s->text, *kind = next_word(&p), *word;
	unsigned n = 0;

	if (!kind)
		return 0;
	if (strcmp(kind, "console") != 0 && strcmp(kind, "service") != 0)
		return fail(error, "neither 'service' nor 'console': ", kind);
	s->console = kind[0] == 'c';
	s->name = next_word(&p);
	while ((word = next_word(&p))) {
		if (n == SERVICE_ARGS)
			return fail(error, "too many arguments from ", word);
		s->argv[n++] = word;
	}
	if (!s->name || !n)
		return fail(error, "a name and a program are expected after ", kind);
	if (s->argv[0][0] != '/')
		return fail(error, "not an absolute path: ", s->argv[0]);
	for (unsigned i = 0; i < all->count; i++) {
		if (strcmp(all->s[i].name, s->name) == 0)
			return fail(error, "second service of the name ", s->name);
	}
	return 1;
}

int services_parse(struct services *all, const char *text, unsigned *line, char error[96])
{
	struct service scratch, *s;

	memset(all, 0, sizeof(*all));
	for (*line = 1; *text; ++*line) {
		size_t n = strcspn(text, "\n");
		int r;

		if (n >= SERVICE_TEXT)
			return fail(error, "line too long", "");
		s = all->count < SERVICES_MAX ? &all->s[all->count] : &scratch;
		memset(s, 0, sizeof(*s));
		memcpy(s->text, text, n);
		r = parse_line(all, s, error);
		if (r < 0)
			return r;
		if (r && s == &scratch)
			return fail(error, "too many services at ", s->name);
		all->count += (unsigned)r;
		text += n + (text[n] == '\n');
	}
	return 0;
}

void service_ended(struct service *s, int status, uint64_t now)
{
	bool left = s->console && WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
		    now - s->started >= CONSOLE_LEFT_MS;

	if (left || now - s->started >= BACKOFF_GOOD_MS || !s->delay)
		s->delay = BACKOFF_MIN_MS;
	else if ((s->delay *= 2) > BACKOFF_MAX_MS)
		s->delay = BACKOFF_MAX_MS;
	s->pid = 0;
	s->last_status = status;
	s->restarts++;
	s->start_at = now + (left ? 0 : s->delay);
}
