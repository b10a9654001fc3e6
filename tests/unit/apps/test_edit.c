// SPDX-License-Identifier: MIT
/*
 * The line editor, watched through a terminal of one row: whatever is typed, the screen shows
 * prompt and line, and the cursor stands where the editor believes it to be.
 */
#include "tests/unit/unit.h"

#include "apps/pash/edit.h"

#define COLUMNS 8192

/* Of ECMA-48 what the editor uses. */
struct screen {
	char row[COLUMNS + 1];
	unsigned column;
	size_t read; /* of the output */
};

static struct edit e;
static struct text out;
static struct screen screen;

static void screen_clear(void)
{
	memset(screen.row, ' ', COLUMNS);
	screen.column = 0;
}

static void screen_run(void)
{
	const char *s = text_str(&out);

	for (; screen.read < out.len; screen.read++) {
		char c = s[screen.read];

		if (c == '\r') {
			screen.column = 0;
		} else if (c == '\n') {
			screen_clear();
		} else if (c == '\b') {
			assert_true(screen.column > 0);
			screen.column--;
		} else if (c == '\a') {
			continue;
		} else if (c == 27) {
			if (strncmp(s + screen.read, "\x1b[K", 3) == 0) {
				memset(screen.row + screen.column, ' ', COLUMNS - screen.column);
				screen.read += 2;
			} else if (strncmp(s + screen.read, "\x1b[H\x1b[2J", 7) == 0) {
				screen_clear();
				screen.read += 6;
			} else {
				fail_msg("unexpected escape sequence");
			}
		} else {
			assert_true((unsigned char)c >= ' ' && c != 127);
			assert_true(screen.column < COLUMNS);
			screen.row[screen.column++] = c;
		}
	}
	text_clear(&out);
	screen.read = 0;
}

static void check_screen(void)
{
	unsigned prompt = (unsigned)strlen(e.prompt), end = COLUMNS;

	screen_run();
	assert_int_equal(strlen(e.line), e.len);
	assert_true(e.cursor <= e.len && e.first <= e.cursor);
	while (end && screen.row[end - 1] == ' ')
		end--;
	if (e.searching)
		return;
	assert_memory_equal(screen.row, e.prompt, prompt);
	assert_int_equal(screen.column, prompt + e.cursor - e.first);
	if (e.width)
		assert_true(screen.column < e.width && end <= e.width);
	for (unsigned i = prompt; i < end || i - prompt < e.len - e.first; i++) {
		unsigned at = i - prompt + e.first;
		char want = at < e.len ? e.line[at] : ' ';

		if (i >= end && e.width && i + 1 >= e.width)
			break;
		if ((unsigned char)want < ' ' || want == 127)
			want = '?';
		assert_int_equal(screen.row[i], want);
	}
}

static enum edit_event feed(const char *s)
{
	enum edit_event last = EDIT_NONE;

	for (; *s; s++) {
		last = edit_feed(&e, (unsigned char)*s);
		if (last == EDIT_NONE)
			check_screen();
	}
	return last;
}

static int setup(void **state)
{
	(void)state;
	memset(&screen, 0, sizeof(screen));
	screen_clear();
	edit_init(&e, &out);
	edit_start(&e, "pix> ");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	edit_free(&e);
	text_free(&out);
	return 0;
}

static void test_typing(void **state)
{
	(void)state;
	edit_feed(&e, 's');
	edit_feed(&e, 'h');
	assert_string_equal(text_str(&out),
			    "pix> sh"); /* an echo and nothing else: scripts rely on it */
	assert_int_equal(feed("ow version"), EDIT_NONE);
	assert_int_equal(feed("\r"), EDIT_ENTER);
	assert_string_equal(e.line, "show version");
	assert_int_equal(edit_feed(&e, '\n'), EDIT_NONE); /* CR LF is one end of line */
	edit_start(&e, "pix> ");
	assert_int_equal(feed("a\n"), EDIT_ENTER);
	edit_start(&e, "pix> ");
	assert_int_equal(feed("\n"), EDIT_ENTER);
}

static void test_keys(void **state)
{
	static const struct {
		const char *keys, *line;
		unsigned cursor;
	} cases[] = {
		{ "abc\x01x", "xabc", 1 },
		{ "abc\x01\x05x", "abcx", 4 },
		{ "abc\x1b[D\x1b[Dx", "axbc", 2 },
		{ "abc\x1b[D\x1b[D\x1b[Cx", "abxc", 3 },
		{ "abc\x02\x02x\x06y", "axbyc", 4 },
		{ "abc\x7f\x08", "a", 1 },
		{ "abc\x01\x04", "bc", 0 },
		{ "abc\x1b[Hx\x1b[Fy", "xabcy", 5 },
		{ "abc\x1b[1~x\x1b[4~y", "xabcy", 5 },
		{ "abc\x1bOHx\x1bOFy", "xabcy", 5 },
		{ "abc\x01\x1b[3~", "bc", 0 },
		{ "one two\x17", "one ", 4 },
		{ "one two  \x17three", "one three", 9 },
		{ "one two\x17\x17\x17", "", 0 },
		{ "one two\x15x", "x", 1 },
		{ "one two\x02\x02\x02\x0b", "one ", 4 },
		{ "one two\x02\x02\x02\x0b\x01\x19", "twoone ", 3 },
		{ "abc\x0c", "abc", 3 },
		{ "abc\x1b[99;5Xd", "abcd", 4 },
		{ "abc\x1b[1;5Dd", "abdc", 3 },
		{ "a\x1b\x1b[Db", "a[Db", 4 }, /* ESC ESC is swallowed, the rest is text */
		{ "\"a?b\"", "\"a?b\"", 5 },
		{ "a\x16?", "a?", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		feed(cases[i].keys);
		if (strcmp(e.line, cases[i].line) != 0 || e.cursor != cases[i].cursor)
			fail_msg("case %zu: \"%s\", cursor %u", i, e.line, e.cursor);
		feed("\x05\x15");
	}
}

static void test_events(void **state)
{
	(void)state;
	assert_int_equal(feed("\t"), EDIT_COMPLETE);
	assert_int_equal(feed("?"), EDIT_HELP);
	assert_int_equal(feed("ab"), EDIT_NONE);
	assert_int_equal(feed("\x04"), EDIT_NONE); /* not the end: the line is not empty */
	assert_int_equal(feed("\x03"), EDIT_INTERRUPT);
	edit_start(&e, "pix> ");
	assert_string_equal(e.line, "");
	assert_int_equal(feed("\x04"), EDIT_END);
}

static void test_history(void **state)
{
	(void)state;
	edit_remember(&e, "one");
	edit_remember(&e, "two");
	edit_remember(&e, "two");
	edit_remember(&e, "");
	assert_int_equal(e.histories, 2);
	feed("new\x1b[A");
	assert_string_equal(e.line, "two");
	feed("\x10");
	assert_string_equal(e.line, "one");
	feed("\x10");
	assert_string_equal(e.line, "one");
	feed("\x1b[B\x0e");
	assert_string_equal(e.line, "new");
	feed("\x0e\x15\x12w");
	assert_true(e.searching);
	assert_int_equal(feed("\r"), EDIT_ENTER);
	assert_string_equal(e.line, "two");
	for (int i = 0; i < 3 * EDIT_HISTORY_MAX; i++) {
		char line[16];

		snprintf(line, sizeof(line), "line %d", i);
		edit_remember(&e, line);
	}
	assert_int_equal(e.histories, EDIT_HISTORY_MAX);
	assert_string_equal(e.history[0], "line 299");
}

static void test_narrow(void **state)
{
	(void)state;
	e.width = 20;
	edit_start(&e, "pix> ");
	screen_clear();
	screen.column = 0;
	text_clear(&out);
	edit_redraw(&e);
	feed("show interfaces eth0 | match something\x01\x1b[C\x1b[C\x05\x17\x17\x01xyz\x0b");
	assert_string_equal(e.line, "xyz");
}

static void test_full(void **state)
{
	(void)state;
	for (int i = 0; i < EDIT_LINE_MAX + 50; i++)
		edit_feed(&e, 'x');
	check_screen();
	assert_int_equal(e.len, EDIT_LINE_MAX);
	feed("\x01y\x04z");
	assert_int_equal(e.len, EDIT_LINE_MAX);
}

/* Any bytes: the terminal and the editor always agree. */
static void test_random_bytes(void **state)
{
	static const char likely[] =
		"ab \"\x01\x02\x04\x05\x06\x0b\x0c\x0e\x10\x12\x15\x17\x19\x7f\x08\x1b[ABCDH3~;";
	unsigned seed = 20150901;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		seed = seed * 1664525 + 1013904223;
		unsigned char c =
			seed >> 30 ? (unsigned char)likely[(seed >> 8) % (sizeof(likely) - 1)]
				   : (unsigned char)(seed >> 16);
		switch (edit_feed(&e, c)) {
		case EDIT_ENTER:
			edit_remember(&e, e.line);
			/* fallthrough */
		case EDIT_INTERRUPT:
		case EDIT_END:
			screen_run();
			e.width = seed & 1 ? 0 : 34 + (seed >> 20) % 60;
			screen_clear();
			edit_start(&e, seed & 2 ? "pix> " : "router-with-a-name# ");
			break;
		case EDIT_COMPLETE:
		case EDIT_HELP:
			edit_insert(&e, "word ", 5);
			break;
		case EDIT_NONE:
			break;
		}
		if (!e.searching)
			check_screen();
		else
			screen_run();
	}
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_typing), T(test_keys), T(test_events),       T(test_history),
		T(test_narrow), T(test_full), T(test_random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
