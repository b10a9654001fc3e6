// SPDX-License-Identifier: MIT
/* The text screen and the keyboard's decoder: the parts of drivers/char/ that touch no hardware. */
#include "tests/unit/unit.h"
#include "drivers/char/font.h"
#include "drivers/char/scancode.h"
#include "drivers/char/vt.h"

enum { COLS = 10, ROWS = 4 };

static struct vt vt;
static u8 cell[COLS * ROWS], shown[COLS * ROWS];
static char display[ROWS][COLS + 1];
static u32 draws, cursors;

static void draw(u32 x, u32 y, u8 ch, bool cursor)
{
	assert_true(x < COLS && y < ROWS);
	assert_true(ch >= 0x20 && ch <= 0x7f);
	display[y][x] = (char)ch;
	draws++;
	cursors += cursor;
}

static int setup(void **state)
{
	(void)state;
	memset(display, 0, sizeof(display));
	vt_init(&vt, COLS, ROWS, cell, shown, draw);
	draws = 0;
	return 0;
}

static void type(const char *s)
{
	vt_write(&vt, s, strlen(s));
}

static void row(unsigned y, const char *want)
{
	char padded[COLS + 1];

	snprintf(padded, sizeof(padded), "%-10s", want);
	assert_string_equal(display[y], padded);
}

static void test_text_and_wrap(void **state)
{
	(void)state;
	type("abc\r\ndefghijklmnop");
	row(0, "abc");
	row(1, "defghijklm");
	row(2, "nop");
	type("\b\bX");
	row(2, "nXp");
	type("\r\tY");
	row(2, "nXp     Y");
}

/* The last column holds its character; the next one wraps, CR LF does not make two lines. */
static void test_last_column(void **state)
{
	(void)state;
	type("0123456789\r\nx");
	row(0, "0123456789");
	row(1, "x");
}

static void test_scroll(void **state)
{
	(void)state;
	type("1\r\n2\r\n3\r\n4\r\n5\r\n6");
	row(0, "3");
	row(3, "6");
	assert_int_equal(vt.y, ROWS - 1);
}

/* Only what changes is drawn. */
static void test_draws_little(void **state)
{
	(void)state;
	type("aaaa\r\naaaa\r\naaaa\r\naaaa");
	draws = 0;
	type("\r\n");
	assert_true(draws <= 6); /* the last row, and the cursor */
	draws = 0;
	type("");
	assert_int_equal(draws, 0);
}

static void test_editing_sequences(void **state)
{
	(void)state;
	type("abcdef\x1b[3D\x1b[K");
	row(0, "abc");
	type("\x1b[2;4HZ\x1b[H\x1b[1CQ");
	row(1, "   Z");
	row(0, "aQc");
	type("\x1b[2J\x1b[Hnew");
	row(0, "new");
	row(1, "");
	type("\x1b[1;32mx\x1b[0m");
	row(0, "newx");
	type("\x1b[99A\x1b[99D\x1b[99B\x1b[99C");
	assert_int_equal(vt.y, ROWS - 1);
	assert_int_equal(vt.x, COLS - 1);
	type("\x1b[99;99H\x1b[0;0H");
	assert_int_equal(vt.x + vt.y, 0);
	type("ab\x1b[1K");
	row(0, "   x");
}

/* Any bytes: nothing outside of the screen is touched (draw() and ASan look). */
static void test_noise(void **state)
{
	u32 rng = 1;

	(void)state;
	for (u32 i = 0; i < 20000; i++) {
		char buf[32];

		for (u32 k = 0; k < sizeof(buf); k++) {
			static const char often[] = "\x1b[[;0123456789ABCDHJKm\r\n\t\b";

			rng = rng * 1103515245 + 12345;
			buf[k] = rng & 1 << 20 ? often[(rng >> 8) % (sizeof(often) - 1)]
					       : (char)(rng >> 16);
		}
		vt_write(&vt, buf, sizeof(buf));
		assert_true(vt.x <= COLS && vt.y < ROWS);
	}
}

static void test_font(void **state)
{
	(void)state;
	for (u32 a = 0x21; a < 0x7f; a++) {
		bool blank = true;

		for (u32 y = 0; y < FONT_ROWS; y++) {
			assert_int_equal(font_glyphs[a - FONT_FIRST][y] & ~0x1f, 0);
			blank &= !font_glyphs[a - FONT_FIRST][y];
		}
		assert_false(blank);
		for (u32 b = a + 1; b < 0x7f; b++)
			assert_memory_not_equal(font_glyphs[a - FONT_FIRST],
						font_glyphs[b - FONT_FIRST], FONT_ROWS);
	}
	assert_int_equal(font_row(' ', 5), 0);
	assert_memory_equal(font_glyphs[FONT_LAST - FONT_FIRST], "\x1f\x1f\x1f\x1f\x1f\x1f\x1f\x1f",
			    8);
	assert_int_equal(font_row(200, 0), font_row(FONT_LAST, 0));
}

/* --- keyboard ------------------------------------------------------------------------------ */

static struct scancode keys;

static void press(const char *codes, size_t n, const char *want, size_t want_n)
{
	char got[64];
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += scancode_decode(&keys, (u8)codes[i], got + len);
	assert_int_equal(len, want_n);
	assert_memory_equal(got, want, want_n);
}

#define PRESS(codes, want) press(codes, sizeof(codes) - 1, want, sizeof(want) - 1)

static void test_keys(void **state)
{
	(void)state;
	memset(&keys, 0, sizeof(keys));
	PRESS("\x19\x99\x17\x97\x2d\xad\x1c\x9c", "pix\r");
	PRESS("\x2a\x19\x99\xaa\x19", "Pp"); /* shift, released */
	PRESS("\x36\x02\x03\xb6\x02", "!@1");
	PRESS("\x3a\xba\x1e\x02\x2a\x1e\x02\xaa\x3a\xba\x1e",
	      "A1a!a");                                /* caps lock: letters only */
	PRESS("\x1d\x2e\x26\x9d\x2e", "\x03\x0c\x63"); /* Ctrl-C, Ctrl-L */
	PRESS("\xe0\x1d\x20\xe0\x9d\x20", "\x04\x64"); /* right Ctrl */
	PRESS("\x38\x30\xb8\x30", "\x1b\x62\x62");     /* Alt-b */
	PRESS("\x0e\x0f\x01\x39", "\x7f\t\x1b ");
	PRESS("\xe0\x48\xe0\xc8\xe0\x50\xe0\x4d\xe0\x4b", "\x1b[A\x1b[B\x1b[C\x1b[D");
	PRESS("\xe0\x47\xe0\x4f\xe0\x53\xe0\x49\xe0\x51", "\x1b[H\x1b[F\x1b[3~\x1b[5~\x1b[6~");
	PRESS("\xe0\x2a\xe0\x48\xe0\xc8\xe0\xaa\x1e", "\x1b[Aa"); /* fake shifts do not stick */
	PRESS("\xe1\x1d\x45\xe1\x9d\xc5\x1e", "a");               /* Pause */
	PRESS("\xe0\x35\xe0\x1c\x2a\xe0\x35\xaa", "/\r/");        /* keypad */
	PRESS("\x58\x7f\xff", "");
	PRESS("\x2b\x2a\x2b\x0c\x28\xaa", "\\|_\"");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		T(test_text_and_wrap),       T(test_last_column),         T(test_scroll),
		T(test_draws_little),        T(test_editing_sequences),   T(test_noise),
		cmocka_unit_test(test_font), cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests_name("char", tests, NULL, NULL);
}
