// SPDX-License-Identifier: MIT
/* Configurations kept in /run, so that a restarted confd goes on where it was: see store.h. */
#include "apps/confd/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first lines of a saved text; comments to the parser. */
#define SAVED_AT   "# committed at second "
#define RETURNS_AT "# unless confirmed, taken back at second "

static void saved_name(char buf[128], const char *path, unsigned number)
{
	if (number)
		snprintf(buf, 128, "%.110s.%u", path, number);
	else
		snprintf(buf, 128, "%.110s", path);
}

static int write_file(const char *path, const struct text *t)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), r = 0;

	if (fd < 0)
		return -errno;
	for (size_t done = 0; !r && done < t->len;) {
		ssize_t n = write(fd, t->s + done, t->len - done);

		if (n <= 0)
			r = n < 0 ? -errno : -EIO;
		else
			done += (size_t)n;
	}
	close(fd);
	return r;
}

int store_save(const struct store *s, const char *path, bool shift)
{
	struct text out = { 0 };
	char name[128], older[128], fresh[128];
	int r;

	snprintf(fresh, sizeof(fresh), "%.110s.new", path);
	text_printf(&out, SAVED_AT "%llu\n", (unsigned long long)s->running_since_s);
	if (s->confirm_at_s)
		text_printf(&out, RETURNS_AT "%llu\n", (unsigned long long)s->confirm_at_s);
	conf_print(s->running.root, &out);
	r = out.failed ? -ENOMEM : write_file(fresh, &out);
	text_free(&out);
	if (r)
		return r;
	for (unsigned i = HISTORY_MAX; shift && i > 0; i--) {
		saved_name(older, path, i);
		saved_name(name, path, i - 1);
		rename(name, older); /* those that are there */
	}
	return rename(fresh, path) < 0 ? -errno : 0;
}

static int read_file(const char *path, struct text *t)
{
	char chunk[1024];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		text_add(t, chunk, (size_t)n);
	close(fd);
	return n < 0 || t->failed ? -EIO : 0;
}

/* The number behind a mark at the beginning of a line of comments, or 0. */
static u64 saved_number(const struct text *t, const char *mark)
{
	const char *p = text_str(t);

	while (*p == '#') {
		if (strncmp(p, mark, strlen(mark)) == 0)
			return strtoull(p + strlen(mark), NULL, 10);
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	return 0;
}

int store_restore(struct store *s, const char *path, struct conf_error *err)
{
	struct text in = { .max = CONF_TEXT_MAX };
	char name[128];
	int r = read_file(path, &in);

	if (!r && store_boot(s, text_str(&in), in.len, "restart", err))
		r = -EINVAL;
	if (!r) {
		s->running_since_s = saved_number(&in, SAVED_AT);
		s->confirm_at_s = saved_number(&in, RETURNS_AT);
	}
	text_free(&in);
	for (unsigned i = 1; !r && i <= HISTORY_MAX; i++) {
		saved_name(name, path, i);
		if (read_file(name, &in))
			break;
		s->history[s->histories++] =
			(struct history_entry){ .text = in.s,
						.uptime_s = saved_number(&in, SAVED_AT) };
		in = (struct text){ .max = CONF_TEXT_MAX }; /* the history owns the former one */
	}
	text_free(&in);
	return r;
}
