// SPDX-License-Identifier: MIT
/* A store over the faked kernel (confd_rig.h). */
#include "tests/unit/apps/confd_rig.h"

struct store store;

int store_setup(void **state)
{
	(void)state;
	fake_reset();
	assert_int_equal(store_init(&store), 0);
	store.booted = true;
	return 0;
}

int store_teardown(void **state)
{
	(void)state;
	store_free(&store);
	return 0;
}

void load(const char *text)
{
	struct conf_error err = { 0 };
	struct conf c;

	assert_int_equal(conf_init(&c), 0);
	if (conf_parse(&c, text, strlen(text), &err))
		fail_msg("line %u: %s", err.line, err.text);
	conf_free(&store.candidate);
	store.candidate = c;
}

int commit(bool check, struct commit_result *r, struct conf_error *err)
{
	memset(err, 0, sizeof(*err));
	int e = store_commit(&store, check, r, err);

	text_free(&r->warn);
	return e;
}

void must_commit(const char *text)
{
	struct commit_result r;
	struct conf_error err;

	load(text);
	if (commit(false, &r, &err))
		fail_msg("%s\n%s", err.text, text);
}

void expect_running(const char *want)
{
	struct text out = { 0 };

	conf_print_set(store.running.root, &out);
	assert_string_equal(text_str(&out), want);
	text_free(&out);
}
