// SPDX-License-Identifier: MIT
#include "drivers/char/scancode.h"

enum {
	SC_CTRL = 0x1d,
	SC_SHIFT_LEFT = 0x2a,
	SC_SHIFT_RIGHT = 0x36,
	SC_ALT = 0x38,
	SC_CAPS = 0x3a,
	SC_KEYPAD_SLASH = 0x35,
	SC_KEYPAD_ENTER = 0x1c,
	SC_EXTENDED = 0xe0,
	SC_PAUSE = 0xe1,
	SC_RELEASE = 0x80,
};

/* Index: scan code 00h..39h; 0: no character. */
static const char plain[] = "\0\x1b"
			    "1234567890-=\x7f\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\x1b"
			      "!@#$%^&*()_+\x7f\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";
/* Keypad 47h..53h without Num Lock is the cursor block; with an E0h prefix it always is. */
static const char cursor[] = "HA\0\0D\0C\0FB\0\0\0";

static unsigned put(char *out, const char *text)
{
	unsigned n = 0;

	for (; text[n]; n++)
		out[n] = text[n];
	return n;
}

static unsigned cursor_key(u8 code, char *out)
{
	switch (code) {
	case 0x49:
		return put(out, "\x1b[5~");
	case 0x51:
		return put(out, "\x1b[6~");
	case 0x52:
		return put(out, "\x1b[2~");
	case 0x53:
		return put(out, "\x1b[3~");
	default:
		break;
	}
	if (code < 0x47 || code > 0x53 || !cursor[code - 0x47])
		return 0;
	out[0] = 0x1b;
	out[1] = '[';
	out[2] = cursor[code - 0x47];
	return 3;
}

/* Keys that change what others mean; true when code was one. */
static bool modifier(struct scancode *s, u8 code, bool down, bool extended)
{
	switch (code) {
	case SC_SHIFT_LEFT:
		if (!extended) /* E0 2A is a fake shift around cursor keys */
			s->shift_left = down;
		return true;
	case SC_SHIFT_RIGHT:
		if (!extended)
			s->shift_right = down;
		return true;
	case SC_CTRL:
		*(extended ? &s->ctrl_right : &s->ctrl_left) = down;
		return true;
	case SC_ALT:
		s->alt = down;
		return true;
	case SC_CAPS:
		s->caps ^= down;
		return true;
	default:
		return false;
	}
}

unsigned scancode_decode(struct scancode *s, u8 code, char out[SCANCODE_BYTES_MAX])
{
	bool extended = s->extended, down = !(code & SC_RELEASE), shift;
	unsigned n = 0;
	char c;

	if (s->skip) {
		s->skip--;
		return 0;
	}
	if (code == SC_PAUSE) {
		s->skip = 2;
		return 0;
	}
	s->extended = code == SC_EXTENDED;
	if (s->extended)
		return 0;
	code &= (u8)~SC_RELEASE;
	if (modifier(s, code, down, extended) || !down)
		return 0;
	if (extended && code != SC_KEYPAD_ENTER && code != SC_KEYPAD_SLASH)
		return cursor_key(code, out);
	if (code >= sizeof(plain) - 1)
		return cursor_key(code, out);
	shift = s->shift_left || s->shift_right;
	c = plain[code];
	if (c >= 'a' && c <= 'z')
		shift ^= s->caps;
	if (shift && !extended)
		c = shifted[code];
	if (!c)
		return 0;
	if (s->ctrl_left || s->ctrl_right) {
		if (c == ' ' || c == '@')
			c = 0;
		else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= '_'))
			c &= 0x1f;
	}
	if (s->alt)
		out[n++] = 0x1b;
	out[n++] = c;
	return n;
}
