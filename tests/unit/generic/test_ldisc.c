// SPDX-License-Identifier: MIT
/* The line discipline: what is typed, what is echoed, what is read. */
#include "tests/unit/unit.h"

#include "kernel/fs/ldisc.h"

static struct ldisc l;
static char echoed[65536];
static size_t nechoed;

static void emit(void *arg, const char *s, size_t n)
{
	assert_ptr_equal(arg, &l);
	assert_true(nechoed + n < sizeof(echoed));
	memcpy(echoed + nechoed, s, n);
	nechoed += n;
	echoed[nechoed] = 0;
}

static int start(void **state)
{
	(void)state;
	nechoed = 0;
	echoed[0] = 0;
	ldisc_init(&l, emit, &l);
	return 0;
}

static enum ldisc_event type(const char *s)
{
	enum ldisc_event last = LDISC_NONE;

	while (*s)
		last = ldisc_input(&l, *s++);
	return last;
}

/* Reads up to n and compares; want NULL: end of file. */
static void reads(size_t n, const char *want)
{
	char buf[512];
	bool eof;
	size_t got = ldisc_read(&l, buf, n, &eof);

	assert_int_equal(eof, want == NULL);
	assert_int_equal(got, want ? strlen(want) : 0);
	if (want)
		assert_memory_equal(buf, want, got);
}

static void raw(u8 min)
{
	struct termios t = l.t;

	t.c_lflag &= ~(u32)(ICANON | ECHO | ISIG);
	t.c_iflag &= ~(u32)ICRNL;
	t.c_cc[VMIN] = min;
	ldisc_set(&l, &t, false);
}

static void a_line(void **state)
{
	(void)state;
	assert_int_equal(type("hello"), LDISC_NONE);
	assert_false(ldisc_readable(&l));
	assert_int_equal(type("\r"), LDISC_READABLE);
	assert_true(ldisc_readable(&l));
	assert_int_equal(ldisc_pending(&l), 6);
	assert_string_equal(echoed, "hello\r\n");
	reads(100, "hello\n");
	assert_false(ldisc_readable(&l));
}

static void one_line_a_read(void **state)
{
	(void)state;
	type("one\ntwo\nthr");
	reads(2, "on");
	reads(100, "e\n");
	reads(100, "two\n");
	assert_false(ldisc_readable(&l));
	type("ee\n");
	reads(100, "three\n");
}

static void erasing(void **state)
{
	(void)state;
	type("abc\x7f\x7fx\n");
	assert_string_equal(echoed, "abc\b \b\b \bx\r\n");
	reads(100, "ax\n");
	type("\x7f\x7f\n"); /* nothing to erase: the line before is out of reach */
	reads(100, "\n");
	type("one two  three  \x17x\n");
	reads(100, "one two  x\n");
	type("all of it\x15new\n");
	reads(100, "new\n");
	type("ab\b\n"); /* backspace too */
	reads(100, "a\n");
	nechoed = 0;
	type("\x01\x7f"); /* a control character takes two columns */
	assert_string_equal(echoed, "^A\b \b\b \b");
	type("\xc3\xa4\x7f\n"); /* two bytes of UTF-8 are one character */
	reads(100, "\n");
}

static void end_of_file(void **state)
{
	(void)state;
	assert_int_equal(type("\x04"), LDISC_READABLE);
	reads(100, NULL);
	assert_false(ldisc_readable(&l));
	type("abc\x04");
	reads(100, "abc");
	assert_false(ldisc_readable(&l));
	type("de\x04");
	reads(2, "de"); /* the mark goes with the bytes before it */
	assert_false(ldisc_readable(&l));
	type("f\n\x04");
	reads(100, "f\n");
	reads(100, NULL);
}

static void signals(void **state)
{
	(void)state;
	assert_int_equal(type("abc\x03"), LDISC_SIGINT);
	assert_string_equal(echoed, "abc^C");
	assert_int_equal(type("\x1c"), LDISC_SIGQUIT);
	assert_int_equal(type("\x1a"), LDISC_SIGTSTP);
	type("x\n");
	reads(100, "x\n"); /* the half line went with the signal */
	struct termios t = l.t;
	t.c_lflag |= NOFLSH;
	ldisc_set(&l, &t, false);
	type("keep\x03\n");
	reads(100, "keep\n");
	t.c_lflag &= ~(u32)ISIG;
	ldisc_set(&l, &t, false);
	assert_int_equal(type("\x03\n"), LDISC_READABLE);
	reads(100, "\x03\n");
	t.c_lflag |= ISIG;
	t.c_cc[VINTR] = 0; /* disabled */
	ldisc_set(&l, &t, false);
	assert_int_equal(type("\x03\n"), LDISC_READABLE);
}

static void raw_mode(void **state)
{
	(void)state;
	raw(1);
	assert_int_equal(type("a"), LDISC_READABLE);
	assert_string_equal(echoed, "");
	type("\x03\r\x7f\x04");
	reads(100, "a\x03\r\x7f\x04");
	assert_false(ldisc_readable(&l));
	raw(3);
	type("ab");
	assert_false(ldisc_readable(&l));
	type("c");
	assert_true(ldisc_readable(&l));
	reads(2, "ab");
	reads(2, "c");
	raw(0);
	assert_false(ldisc_readable(&l));
}

static void mode_changes(void **state)
{
	(void)state;
	type("half");
	assert_false(ldisc_readable(&l));
	struct termios canonical = l.t;
	raw(1);
	assert_true(ldisc_readable(&l));
	reads(100, "half");
	type("xyz");
	ldisc_set(&l, &canonical, true); /* TCSETSF */
	assert_false(ldisc_readable(&l));
	type("new\n");
	reads(100, "new\n");
}

/* More than fits: the rest is dropped and counted, the end of the line still gets in. */
static void overflow(void **state)
{
	static char buf[LDISC_SIZE + 10];
	bool eof;

	(void)state;
	for (int i = 0; i < LDISC_SIZE + 100; i++)
		ldisc_input(&l, 'x');
	assert_int_equal(l.dropped, 101);
	assert_int_equal(type("\n"), LDISC_READABLE);
	assert_int_equal(type("\n"), LDISC_NONE);
	assert_int_equal(ldisc_read(&l, buf, sizeof(buf), &eof), LDISC_SIZE);
	assert_int_equal(buf[LDISC_SIZE - 1], '\n');
	type("again\n");
	reads(100, "again\n");
	raw(1);
	for (int i = 0; i < LDISC_SIZE + 5; i++)
		ldisc_input(&l, 'y');
	assert_int_equal(ldisc_pending(&l), LDISC_SIZE);
}

static void output(void **state)
{
	struct termios t = l.t;

	(void)state;
	ldisc_output(&l, "a\n\nb", 4);
	assert_string_equal(echoed, "a\r\n\r\nb");
	nechoed = 0;
	t.c_oflag &= ~(u32)OPOST;
	ldisc_set(&l, &t, false);
	ldisc_output(&l, "a\n\nb", 4);
	assert_string_equal(echoed, "a\n\nb");
}

static void echo_flags(void **state)
{
	struct termios t = l.t;

	(void)state;
	t.c_lflag &= ~(u32)ECHO;
	ldisc_set(&l, &t, false);
	type("secret\n");
	assert_string_equal(echoed, "");
	reads(100, "secret\n");
	t.c_lflag |= ECHONL;
	ldisc_set(&l, &t, false);
	type("secret\n");
	assert_string_equal(echoed, "\r\n");
}

/* Random keys and mode changes: indices stay in order, reads end. */
static void random_keys(void **state)
{
	(void)state;
	srand(2);
	for (int i = 0; i < 300000; i++) {
		char buf[64];
		bool eof;
		struct termios t = l.t;

		nechoed = 0;
		if (rand() % 500 == 0) {
			t.c_lflag ^= (u32)(1 << rand() % 16);
			t.c_iflag ^= (u32)(1 << rand() % 10);
			ldisc_set(&l, &t, rand() % 4 == 0);
		}
		ldisc_input(&l, (char)(rand() % 3 ? rand() % 32 : rand()));
		if (rand() % 20 == 0 && ldisc_readable(&l))
			ldisc_read(&l, buf, (size_t)(rand() % 64), &eof);
		assert_true(l.line - l.tail <= LDISC_SIZE && l.head - l.line <= LDISC_SIZE &&
			    l.head - l.tail <= LDISC_SIZE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_line, start),
		cmocka_unit_test_setup(one_line_a_read, start),
		cmocka_unit_test_setup(erasing, start),
		cmocka_unit_test_setup(end_of_file, start),
		cmocka_unit_test_setup(signals, start),
		cmocka_unit_test_setup(raw_mode, start),
		cmocka_unit_test_setup(mode_changes, start),
		cmocka_unit_test_setup(overflow, start),
		cmocka_unit_test_setup(output, start),
		cmocka_unit_test_setup(echo_flags, start),
		cmocka_unit_test_setup(random_keys, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
