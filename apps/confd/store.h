// SPDX-License-Identifier: MIT
/*
 * The configurations that confd holds: what runs, the candidate, and what ran before.
 *
 *	set, delete, rollback N -> candidate -- commit: check, build, one transaction --> running ->
 *history
 *
 * There is one candidate for all sessions. The kernel never sees text: a commit becomes the
 * operations that lead from the applied model to the new one, and is applied whole or not at all.
 */
#pragma once

#include "apps/confd/model.h"

#define HISTORY_MAX 32

struct history_entry {
	char *text;   /* brace tree */
	u64 uptime_s; /* when it was committed, in seconds since the system started */
};

struct store {
	struct conf running, candidate;
	struct model applied;                      /* what the kernel has */
	struct history_entry history[HISTORY_MAX]; /* [0]: the one before running */
	unsigned histories;
	u64 running_since_s;
	u64 confirm_at_s; /* when an unconfirmed commit is taken back, 0: none is */
	bool booted; /* from now on each commit leaves the former configuration in the history */
	char boot_source[32];
	char boot_error[CONF_ERROR_TEXT +
			64]; /* why the start-up configuration was refused, or "" */
};

struct commit_result {
	unsigned lines; /* set lines that differ */
	u32 operations;
	u64 epoch;        /* 0: nothing to tell to the kernel */
	bool confirmed;   /* it confirmed the commit before it */
	struct text warn; /* sentences, one per line; caller frees */
};

int store_init(struct store *s); /* 0 or -errno */
void store_free(struct store *s);

u64 store_now(void); /* seconds since the system started */

/* Test the candidate; without check_only make it run. 0, or -1 with *err and nothing changed. */
int store_commit(struct store *s, bool check_only, struct commit_result *result,
		 struct conf_error *err);
/*
 * The same, but unless another commit confirms it within `minutes`, what ran before comes back.
 * store_tick() has to be called at confirm_at_s: 1 it was taken back, 0 it is not time, -1 with
 * *err when that failed; it is tried again ten seconds later.
 */
int store_commit_confirmed(struct store *s, unsigned minutes, struct commit_result *result,
			   struct conf_error *err);
int store_tick(struct store *s, u64 now_s, struct conf_error *err);

void store_discard(struct store *s); /* candidate := running */
/* candidate := running (0) or the n-th committed before it. 0 or -1 with *err. */
int store_rollback(struct store *s, u64 n, struct conf_error *err);
/* Candidate and running differ. */
bool store_changed(const struct store *s);
const char *store_host_name(const struct store *s); /* "pix" if none is configured */

/*
 * Apply the text of the start. A bad one is refused whole: *err, boot_error, running stays empty;
 * the candidate keeps what could be read, so that it can be mended. 0 or -1.
 */
int store_boot(struct store *s, const char *text, size_t len, const char *source,
	       struct conf_error *err);

/*
 * Keep the running text in `path` for a restart of confd; with `shift`, what was there becomes
 * `path`.1 and so on up to HISTORY_MAX. Restore reads them again: 0, -EINVAL with *err (refused as
 * at the start), or -errno.
 */
int store_save(const struct store *s, const char *path, bool shift);
int store_restore(struct store *s, const char *path, struct conf_error *err);
