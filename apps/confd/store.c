// SPDX-License-Identifier: MIT
/* Candidate, running, history, commit: see store.h. */
#include "apps/confd/store.h"

#include "apps/lib/pixdev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CONFIRM_RETRY_S 10

u64 store_now(void)
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
		    int error, const char *words)
{
	char subject[64];

	if (failed < count && *words)
		return conf_fail(err, -1, "%s: %s",
				 op_subject(subject, sizeof(subject), &ops[failed]), words);
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

/* The model speaks of the same ports as the kernel, and the kernel has all its other interfaces. */
static bool still_true(const struct model *m, const struct inventory *inv)
{
	u32 others = 0;

	for (u32 i = 0; i < inv->count; i++)
		others += inv->iface[i].kind != PIX_IF_PORT && inv->iface[i].mode != PIX_IF_UNUSED;
	for (u32 i = 0; i < m->ifaces; i++) {
		const struct pix_iface *is = inventory_find(inv, m->iface[i].name);

		if (!is || is->id != m->iface[i].id)
			return false;
	}
	return m->iface && m->ifaces == m->ports + others && inv->count >= m->ifaces;
}

/* What the kernel has; read from it once, then kept up to date by each commit. */
static int need_applied(struct store *s, const struct inventory *inv, struct conf_error *err)
{
	char names[MODEL_VRFS][PIX_NAME];

	if (still_true(&s->applied, inv))
		return 0;
	memcpy(names, s->applied.vrf, sizeof(names)); /* the kernel has numbers only */
	model_free(&s->applied);
	int r = model_read(&s->applied, inv);
	if (r)
		return conf_fail(err, -1, "cannot read the tables of the data plane: %s",
				 strerror(-r));
	memcpy(s->applied.vrf, names, sizeof(names));
	return 0;
}

/* Check the candidate and send its transaction. On success the new model is s->applied. */
static int apply(struct store *s, const struct conf *c, bool check_only,
		 struct commit_result *result, struct conf_error *err)
{
	struct inventory inv;
	static struct model next; /* one thread; a frame would be full of it */
	struct pix_op *ops = NULL;
	static char words[PIXDEV_WHY];
	u32 failed = 0;
	int n, r = inventory_read(&inv);

	if (r)
		return conf_fail(err, -1, "cannot list the interfaces: /dev/pix/stat: %s",
				 strerror(-r));
	r = -1;
	memset(&next, 0, sizeof(next));
	if (conf_check(c, &inv, err, &result->warn) || need_applied(s, &inv, err) ||
	    model_build(&next, c, &inv, &s->applied, err))
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
				   &failed, words);

		if (e == -ETIMEDOUT && !check_only) /* published all the same: no way back */
			text_printf(&result->warn,
				    "a core of the data plane did not confirm the change within "
				    "a second, see: show qgm\n");
		else if (e) {
			fail_txn(err, ops, (u32)n, failed, e, words);
			goto out;
		}
	}
	r = 0;
	if (!check_only) {
		model_free(&s->applied);
		s->applied = next;
		memset(&next, 0, sizeof(next));
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
	if (result->lines)
		s->running_since_s = store_now();
	result->confirmed = s->confirm_at_s != 0;
	s->confirm_at_s = 0;
	conf_free(&s->running);
	s->running = next;
	return 0;
}

int store_commit_confirmed(struct store *s, unsigned minutes, struct commit_result *result,
			   struct conf_error *err)
{
	if (store_commit(s, false, result, err))
		return -1;
	if (result->lines)
		s->confirm_at_s = store_now() + (u64)minutes * 60;
	return 0;
}

int store_tick(struct store *s, u64 now_s, struct conf_error *err)
{
	struct commit_result result;
	struct conf mine = s->candidate;
	bool changed;

	if (!s->confirm_at_s || now_s < s->confirm_at_s)
		return 0;
	changed = store_changed(s);
	memset(&result, 0, sizeof(result));
	s->candidate = (struct conf){ 0 };
	int r = store_rollback(s, 1, err) || store_commit(s, false, &result, err) ? -1 : 1;
	text_free(&result.warn);
	if (r < 0)
		s->confirm_at_s = now_s + CONFIRM_RETRY_S;
	if (r < 0 || changed) { /* what somebody is about to change stays */
		conf_free(&s->candidate);
		s->candidate = mine;
	} else {
		conf_free(&mine);
	}
	return r;
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
