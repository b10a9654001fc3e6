// SPDX-License-Identifier: MIT
/* Candidate, running, history, commit: see store.h. */
#include "apps/confd/store.h"

#include "apps/lib/pixdev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static u64 uptime_s(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec;
}

int store_init(struct store *s)
{
	memset(s, 0, sizeof(*s));
	if (conf_init(&s->running))
		return -ENOMEM;
	if (conf_init(&s->candidate)) {
		conf_free(&s->running);
		return -ENOMEM;
	}
	return 0;
}

void store_free(struct store *s)
{
	for (unsigned i = 0; i < s->histories; i++)
		free(s->history[i].text);
	model_free(&s->applied);
	conf_free(&s->running);
	conf_free(&s->candidate);
}

bool store_changed(const struct store *s)
{
	struct text out = { 0 };
	unsigned lines = conf_diff(&s->running, &s->candidate, &out);

	text_free(&out);
	return lines != 0;
}

const char *store_host_name(const struct store *s)
{
	const char *name = conf_value(conf_child(s->running.root, "system"), "host-name");

	return name ? name : "pix";
}

static const char *why(int error)
{
	switch (error) {
	case -EINVAL:
		return "the engine refuses it as invalid";
	case -EEXIST:
		return "it exists already or overlaps with another one";
	case -ENOENT:
	case -ENODEV:
		return "it does not exist";
	case -ENOSPC:
	case -ENOMEM:
		return "there is no memory left for it";
	case -EBUSY:
		return "another transaction is under way";
	case -ERANGE:
		return "the port cannot do it";
	default:
		return strerror(-error);
	}
}

/* Turn the kernel's refusal into a sentence. */
static int fail_txn(struct conf_error *err, const struct pix_op *ops, u32 count, u32 failed,
		    int error)
{
	char subject[48];

	if (failed < count)
		return conf_fail(err, -1, "%s: %s (%s)",
				 op_subject(subject, sizeof(subject), &ops[failed]),
				 why(ops[failed].error ? ops[failed].error : error),
				 strerror(ops[failed].error ? -ops[failed].error : -error));
	if (error == -ENOENT || error == -ENODEV)
		return conf_fail(err, -1, "the data plane cannot be reached: /dev/pix/config: %s",
				 strerror(-error));
	return conf_fail(err, -1, "the transaction failed: %s", why(error));
}

/* What the kernel has; read from it once, then kept up to date by each commit. */
static int need_applied(struct store *s, const struct inventory *inv, struct conf_error *err)
{
	if (s->applied.iface && s->applied.ifaces == inv->count)
		return 0;
	model_free(&s->applied);
	int r = model_read(&s->applied, inv);
	return r ? conf_fail(err, -1, "cannot read the tables of the data plane: %s", strerror(-r))
		 : 0;
}

/* Check the candidate and send its transaction. On success the new model is s->applied. */
static int apply(struct store *s, const struct conf *c, bool check_only,
		 struct commit_result *result, struct conf_error *err)
{
	struct inventory inv;
	struct model next = { 0 };
	struct pix_op *ops = NULL;
	u32 failed = 0;
	int n, r = inventory_read(&inv);

	if (r)
		return conf_fail(err, -1, "cannot list the interfaces: /dev/pix/stat: %s",
				 strerror(-r));
	r = -1;
	if (conf_check(c, &inv, err, &result->warn) || need_applied(s, &inv, err) ||
	    model_build(&next, c, &inv, err))
		goto out;
	n = model_diff(&s->applied, &next, &ops);
	if (n < 0) {
		conf_fail(err, -1, "no memory to apply the configuration");
		goto out;
	}
	result->operations = (u32)n;
	if ((u32)n > PIX_TXN_MAX) {
		conf_fail(err, -1, "the commit needs %d operations; one transaction has %u at most",
			  n, PIX_TXN_MAX);
		goto out;
	}
	if (n) {
		int e = pixdev_txn(ops, (u32)n, check_only ? PIX_TXN_CHECK : 0, &result->epoch,
				   &failed);

		if (e) {
			fail_txn(err, ops, (u32)n, failed, e);
			goto out;
		}
	}
	r = 0;
	if (!check_only) {
		struct model old = s->applied;

		s->applied = next;
		next = old;
	}
out:
	free(ops);
	model_free(&next);
	inventory_free(&inv);
	return r;
}

static void push_history(struct store *s, char *text)
{
	if (s->histories == HISTORY_MAX)
		free(s->history[--s->histories].text);
	memmove(&s->history[1], &s->history[0], s->histories * sizeof(s->history[0]));
	s->history[0] = (struct history_entry){ .text = text, .uptime_s = s->running_since_s };
	s->histories++;
}

int store_commit(struct store *s, bool check_only, struct commit_result *result,
		 struct conf_error *err)
{
	struct text old = { 0 }, diff = { 0 };
	struct conf next;

	memset(result, 0, sizeof(*result));
	result->lines = conf_diff(&s->running, &s->candidate, &diff);
	text_free(&diff);
	if (check_only)
		return apply(s, &s->candidate, true, result, err);
	/* Everything that needs memory first: after the transaction nothing may fail. */
	conf_print(s->running.root, &old);
	if (old.failed || conf_copy(&next, &s->candidate)) {
		text_free(&old);
		return conf_fail(err, -1, "no memory to commit");
	}
	if (apply(s, &s->candidate, false, result, err)) {
		text_free(&old);
		conf_free(&next);
		return -1;
	}
	/* POINT OF NO RETURN: the engine has it. */
	if (result->lines && s->booted)
		push_history(s, old.s);
	else
		text_free(&old);
	conf_free(&s->running);
	s->running = next;
	s->running_since_s = uptime_s();
	return 0;
}

void store_discard(struct store *s)
{
	struct conf copy;

	if (conf_copy(&copy, &s->running))
		return;
	conf_free(&s->candidate);
	s->candidate = copy;
}

int store_rollback(struct store *s, u64 n, struct conf_error *err)
{
	struct conf c;

	if (n == 0) {
		store_discard(s);
		return 0;
	}
	if (n > s->histories)
		return conf_fail(err, 0, "there is no configuration %llu; rollback 0 to %u",
				 (unsigned long long)n, s->histories);
	const char *text = s->history[n - 1].text;
	if (conf_init(&c))
		return conf_fail(err, -1, "no memory");
	if (conf_parse(&c, text, strlen(text), err)) {
		conf_free(&c);
		return -1;
	}
	conf_free(&s->candidate);
	s->candidate = c;
	return 0;
}

int store_boot(struct store *s, const char *text, size_t len, const char *source,
	       struct conf_error *err)
{
	struct commit_result result;
	struct conf c;
	int r = -1;

	snprintf(s->boot_source, sizeof(s->boot_source), "%.31s", source);
	memset(&result, 0, sizeof(result));
	if (conf_init(&c))
		return conf_fail(err, -1, "no memory");
	if (conf_parse(&c, text, len, err) == 0) {
		conf_free(&s->candidate);
		s->candidate = c;
		r = store_commit(s, false, &result, err);
	} else {
		conf_free(&c);
	}
	text_free(&result.warn);
	if (r == 0)
		return 0;
	if (err->line)
		snprintf(s->boot_error, sizeof(s->boot_error), "line %u: %s", err->line, err->text);
	else
		snprintf(s->boot_error, sizeof(s->boot_error), "%s", err->text);
	return -1;
}

/* The first line of a saved text; a comment to the parser. */
#define SAVED_AT "# committed at second "

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

int store_save(const struct store *s, const char *path)
{
	struct text out = { 0 };
	char name[128], older[128], fresh[128];
	int r;

	snprintf(fresh, sizeof(fresh), "%.110s.new", path);
	text_printf(&out, SAVED_AT "%llu\n", (unsigned long long)s->running_since_s);
	conf_print(s->running.root, &out);
	r = out.failed ? -ENOMEM : write_file(fresh, &out);
	text_free(&out);
	if (r)
		return r;
	for (unsigned i = HISTORY_MAX; i > 0; i--) {
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

static u64 saved_at(const struct text *t)
{
	size_t n = strlen(SAVED_AT);

	return strncmp(text_str(t), SAVED_AT, n) == 0 ? strtoull(t->s + n, NULL, 10) : 0;
}

int store_restore(struct store *s, const char *path, struct conf_error *err)
{
	struct text in = { .max = CONF_TEXT_MAX };
	char name[128];
	int r = read_file(path, &in);

	if (!r && store_boot(s, text_str(&in), in.len, "restart", err))
		r = -EINVAL;
	if (!r)
		s->running_since_s = saved_at(&in);
	text_free(&in);
	for (unsigned i = 1; !r && i <= HISTORY_MAX; i++) {
		saved_name(name, path, i);
		if (read_file(name, &in))
			break;
		s->history[s->histories++] =
			(struct history_entry){ .text = in.s, .uptime_s = saved_at(&in) };
		in = (struct text){ .max = CONF_TEXT_MAX }; /* the history owns the former one */
	}
	text_free(&in);
	return r;
}
