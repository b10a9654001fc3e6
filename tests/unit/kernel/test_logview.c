// SPDX-License-Identifier: MIT
/* The log and programs on one terminal: no line of either is torn. */
#include "tests/unit/unit.h"
#include "kernel/logview.h"

enum { LOG = 4096 };

static char logged[1 << 16], screen[1 << 17];
static u64 log_end, ns;
static size_t screen_len;

static size_t log_from(u64 off, char *buf, size_t n, u64 *next)
{
	size_t got = 0;

	if (log_end > LOG && off < log_end - LOG)
		off = log_end - LOG;
	while (got < n && off < log_end)
		buf[got++] = logged[off++];
	*next = off;
	return got;
}

static void to_screen(const char *buf, size_t n)
{
	assert_true(screen_len + n < sizeof(screen));
	memcpy(screen + screen_len, buf, n);
	screen_len += n;
	screen[screen_len] = 0;
}

static u64 now(void)
{
	return ns;
}

static struct logview view;

static int fresh(void **state)
{
	(void)state;
	view = (struct logview){ .read = log_from, .write = to_screen, .clock = now };
	log_end = screen_len = 0;
	screen[0] = 0;
	ns = 1;
	return 0;
}

static void kernel_says(const char *text)
{
	memcpy(logged + log_end, text, strlen(text));
	log_end += strlen(text);
	logview_news(&view);
}

/* What the tty does for a program's write(), in two pieces. */
static void program_writes(const char *text, const char *meanwhile)
{
	size_t n = strlen(text), half = n / 2;

	logview_writing(&view, true);
	to_screen(text, half);
	logview_printed(&view, text, half);
	if (meanwhile)
		kernel_says(meanwhile);
	to_screen(text + half, n - half);
	logview_printed(&view, text + half, n - half);
	logview_writing(&view, false);
}

static void test_boot(void **state)
{
	(void)state;
	kernel_says("boot: two ");
	assert_string_equal(screen, "boot: two ");
	kernel_says("pieces\n");
	program_writes("# ", "more\n");
	assert_string_equal(screen, "boot: two pieces\n# "); /* held: inside of a write */
	logview_reading(&view, true);
	assert_string_equal(screen, "boot: two pieces\n# \r\x1b[Kmore\n# ");
}

static void test_at_the_prompt(void **state)
{
	(void)state;
	program_writes("hello\r\npix> ", NULL);
	logview_reading(&view, true);
	logview_printed(&view, "sh", 2); /* typed */
	to_screen("sh", 2);
	kernel_says("net: eth3: ");
	assert_string_equal(screen, "hello\r\npix> sh");
	kernel_says("link up\n");
	assert_string_equal(screen, "hello\r\npix> sh\r\x1b[Knet: eth3: link up\npix> sh");
}

static void test_json_is_not_torn(void **state)
{
	(void)state;
	logview_reading(&view, true);
	logview_reading(&view, false);
	program_writes("{\"a\": 1,\r\n\"b\": 2}\r\n", "net: eth3: link down\n");
	kernel_says("net: eth3: link up\n");
	assert_string_equal(screen, "{\"a\": 1,\r\n\"b\": 2}\r\n");
	program_writes("pix> ", NULL);
	logview_reading(&view, true);
	assert_string_equal(screen, "{\"a\": 1,\r\n\"b\": 2}\r\npix> \r\x1b[K"
				    "net: eth3: link down\nnet: eth3: link up\npix> ");
}

static void test_a_long_command(void **state)
{
	(void)state;
	logview_reading(&view, true);
	logview_reading(&view, false);
	kernel_says("one\n");
	ns += LOGVIEW_HOLD_NS - 1;
	program_writes("reply\r\n", NULL);
	assert_string_equal(screen, "reply\r\n");
	ns += 1;
	program_writes("reply\r\n", "two\n");
	assert_string_equal(screen, "reply\r\nreply\r\none\ntwo\n");
	kernel_says("three\n"); /* the time counts anew */
	assert_string_equal(screen, "reply\r\nreply\r\none\ntwo\n");
}

static void test_a_line_too_long(void **state)
{
	static char line[LOGVIEW_LINE + 10];

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	program_writes(line, NULL);
	logview_reading(&view, true);
	kernel_says("news\n");
	assert_string_equal(screen + sizeof(line) - 1, "\nnews\n");
}

static void test_a_flood(void **state)
{
	char text[32];
	unsigned shown = 0, n;

	(void)state;
	logview_reading(&view, true);
	logview_reading(&view, false);
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(text, sizeof(text), "line %u\n", i);
		kernel_says(text);
	}
	assert_int_equal(screen_len, 0);
	logview_reading(&view, true);
	assert_true(screen_len <= LOGVIEW_MAX + 64);
	assert_true(strstr(screen, "bytes of the log not shown)\nline "));
	for (char *s = strstr(screen, "\nline "); s; s = strstr(s + 1, "\nline ")) {
		assert_int_equal(sscanf(s, "\nline %u\n", &n), 1);
		assert_true(!shown || n == shown + 1);
		shown = n;
	}
	assert_int_equal(shown, 2999);
}

static void test_panic(void **state)
{
	(void)state;
	program_writes("pix> ", NULL);
	logview_reading(&view, true);
	logview_reading(&view, false);
	logview_writing(&view, true);
	kernel_says("last words\n");
	logview_break(&view);
	kernel_says("panic: ");
	assert_string_equal(screen, "pix> \nlast words\npanic: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_boot, fresh),
		cmocka_unit_test_setup(test_at_the_prompt, fresh),
		cmocka_unit_test_setup(test_json_is_not_torn, fresh),
		cmocka_unit_test_setup(test_a_long_command, fresh),
		cmocka_unit_test_setup(test_a_line_too_long, fresh),
		cmocka_unit_test_setup(test_a_flood, fresh),
		cmocka_unit_test_setup(test_panic, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
