// SPDX-License-Identifier: MIT
/*
 * The line discipline; see kernel/fs/ldisc.h. Sections in comments are those of POSIX.1-2017,
 * chapter 11. Input waits in one ring of 16-bit cells: the character, and marks for the end of a
 * line and for end-of-file, which takes a place in the ring but is never delivered.
 */
#include "kernel/fs/ldisc.h"

#include "kernel/lib/string.h"

#define LDISC_EOL 0x100 /* the character ends a line */
#define LDISC_EOF 0x200 /* no character: end of file was typed here */

void ldisc_init(struct ldisc *l, void (*emit)(void *arg, const char *s, size_t n), void *arg)
{
	memset(l, 0, sizeof(*l));
	l->emit = emit;
	l->arg = arg;
	l->t.c_iflag = ICRNL | IUTF8;
	l->t.c_oflag = OPOST | ONLCR;
	l->t.c_cflag = B115200 | CS8 | CREAD | HUPCL;
	l->t.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
	l->t.c_cc[VINTR] = 'C' & 0x1f;
	l->t.c_cc[VQUIT] = '\\' & 0x1f;
	l->t.c_cc[VERASE] = 0x7f;
	l->t.c_cc[VKILL] = 'U' & 0x1f;
	l->t.c_cc[VEOF] = 'D' & 0x1f;
	l->t.c_cc[VMIN] = 1;
	l->t.c_cc[VSUSP] = 'Z' & 0x1f;
	l->t.c_cc[VWERASE] = 'W' & 0x1f;
	l->t.c_cc[VREPRINT] = 'R' & 0x1f;
}

static bool lflag(const struct ldisc *l, u32 flag)
{
	return (l->t.c_lflag & flag) != 0;
}

/* Whether c is the control character of that index; 0 disables one (11.1.9: _POSIX_VDISABLE). */
static bool is_cc(const struct ldisc *l, u8 c, enum termios_cc which)
{
	return l->t.c_cc[which] != 0 && l->t.c_cc[which] == c;
}

static bool is_control(u8 c)
{
	return (c < 0x20 && c != '\t' && c != '\n') || c == 0x7f;
}

static void echo(struct ldisc *l, u8 c)
{
	if (c == '\n') {
		if (lflag(l, ECHO) || (lflag(l, ECHONL) && lflag(l, ICANON)))
			ldisc_output(l, "\n", 1);
		return;
	}
	if (!lflag(l, ECHO))
		return;
	if (is_control(c) && lflag(l, ECHOCTL)) {
		char pair[2] = { '^', (char)(c ^ 0x40) };
		l->emit(l->arg, pair, 2);
	} else {
		l->emit(l->arg, (const char *)&c, 1);
	}
}

/* Continuation bytes of UTF-8 take no column of their own. */
static bool is_continuation(const struct ldisc *l, u16 c)
{
	return (l->t.c_iflag & IUTF8) && (c & 0xc0) == 0x80;
}

static void put(struct ldisc *l, u16 cell)
{
	l->ring[l->head++ % LDISC_SIZE] = cell;
}

/* Takes back the last character of the unfinished line, with its echo. False: the line is empty. */
static bool erase_one(struct ldisc *l)
{
	u16 c;

	if (l->head == l->line)
		return false;
	do {
		c = l->ring[--l->head % LDISC_SIZE];
	} while (is_continuation(l, c) && l->head != l->line);
	if (lflag(l, ECHO) && lflag(l, ECHOE)) {
		unsigned columns = is_control((u8)c) && lflag(l, ECHOCTL) ? 2 : 1;
		while (columns--)
			l->emit(l->arg, "\b \b", 3);
	}
	return true;
}

static void erase_word(struct ldisc *l)
{
	bool in_word = false;

	while (l->head != l->line) {
		u8 c = (u8)l->ring[(l->head - 1) % LDISC_SIZE];
		bool space = c == ' ' || c == '\t';
		if (in_word && space)
			return;
		in_word = in_word || !space;
		erase_one(l);
	}
}

static void reprint(struct ldisc *l)
{
	ldisc_output(l, "^R\n", 3);
	for (u32 i = l->line; i != l->head; i++)
		echo(l, (u8)l->ring[i % LDISC_SIZE]);
}

/* 11.1.9 Special Characters, ISIG. */
static enum ldisc_event signal_event(const struct ldisc *l, u8 c)
{
	if (is_cc(l, c, VINTR))
		return LDISC_SIGINT;
	if (is_cc(l, c, VQUIT))
		return LDISC_SIGQUIT;
	if (is_cc(l, c, VSUSP))
		return LDISC_SIGTSTP;
	return LDISC_NONE;
}

/* Editing characters of canonical mode; true if c was one. 11.1.6 Canonical Mode. */
static bool edit(struct ldisc *l, u8 c)
{
	if (is_cc(l, c, VERASE) || (c == '\b' && l->t.c_cc[VERASE] == 0x7f)) {
		erase_one(l);
	} else if (is_cc(l, c, VKILL)) {
		while (erase_one(l))
			continue;
		if (lflag(l, ECHO) && lflag(l, ECHOK) && !lflag(l, ECHOE))
			ldisc_output(l, "\n", 1);
	} else if (lflag(l, IEXTEN) && is_cc(l, c, VWERASE)) {
		erase_word(l);
	} else if (lflag(l, IEXTEN) && is_cc(l, c, VREPRINT)) {
		reprint(l);
	} else {
		return false;
	}
	return true;
}

static enum ldisc_event input_canonical(struct ldisc *l, u8 c)
{
	if (edit(l, c))
		return LDISC_NONE;

	u32 used = l->head - l->tail;
	bool eof = is_cc(l, c, VEOF);
	bool eol = c == '\n' || is_cc(l, c, VEOL) || is_cc(l, c, VEOL2);

	/* The last place is kept for the end of the line, so that a full ring can be read. */
	if (used >= LDISC_SIZE || (used == LDISC_SIZE - 1 && !eof && !eol)) {
		l->dropped++;
		return LDISC_NONE;
	}
	if (eof) {
		put(l, LDISC_EOF | LDISC_EOL);
		l->line = l->head;
		return LDISC_READABLE;
	}
	echo(l, c);
	put(l, eol ? c | LDISC_EOL : c);
	if (!eol)
		return LDISC_NONE;
	l->line = l->head;
	return LDISC_READABLE;
}

static enum ldisc_event input_raw(struct ldisc *l, u8 c)
{
	if (l->head - l->tail >= LDISC_SIZE) {
		l->dropped++;
		return LDISC_READABLE;
	}
	echo(l, c);
	put(l, c);
	l->line = l->head;
	return LDISC_READABLE;
}

enum ldisc_event ldisc_input(struct ldisc *l, char ch)
{
	u8 c = (u8)ch;

	if (lflag(l, ISIG)) {
		enum ldisc_event sig = signal_event(l, c);
		if (sig != LDISC_NONE) {
			if (!lflag(l, NOFLSH))
				ldisc_flush(l);
			echo(l, c);
			return sig;
		}
	}
	/* 11.2.2 Input Modes */
	if (c == '\r') {
		if (l->t.c_iflag & IGNCR)
			return LDISC_NONE;
		if (l->t.c_iflag & ICRNL)
			c = '\n';
	} else if (c == '\n' && (l->t.c_iflag & INLCR)) {
		c = '\r';
	}
	return lflag(l, ICANON) ? input_canonical(l, c) : input_raw(l, c);
}

u32 ldisc_pending(const struct ldisc *l)
{
	return l->line - l->tail;
}

bool ldisc_readable(const struct ldisc *l)
{
	u32 n = ldisc_pending(l);

	/* 11.1.7 Non-Canonical Mode: MIN counts, TIME is taken as 0. */
	if (!lflag(l, ICANON) && l->t.c_cc[VMIN] > 1)
		return n >= l->t.c_cc[VMIN];
	return n > 0;
}

size_t ldisc_read(struct ldisc *l, char *dst, size_t n, bool *eof)
{
	size_t got = 0;

	*eof = false;
	while (got < n && l->tail != l->line) {
		u16 cell = l->ring[l->tail++ % LDISC_SIZE];
		if (cell & LDISC_EOF) {
			*eof = got == 0;
			break;
		}
		dst[got++] = (char)cell;
		if (cell & LDISC_EOL) {
			/* "abc^D": what was typed before is the line, the mark goes with it. */
			break;
		}
		if (l->tail != l->line && (l->ring[l->tail % LDISC_SIZE] & LDISC_EOF)) {
			l->tail++;
			break;
		}
	}
	return got;
}

void ldisc_output(struct ldisc *l, const char *s, size_t n)
{
	if ((l->t.c_oflag & (OPOST | ONLCR)) != (OPOST | ONLCR)) {
		l->emit(l->arg, s, n);
		return;
	}
	while (n > 0) {
		const char *nl = memchr(s, '\n', n);
		size_t run = nl ? (size_t)(nl - s) : n;
		if (run)
			l->emit(l->arg, s, run);
		if (!nl)
			return;
		l->emit(l->arg, "\r\n", 2);
		s += run + 1;
		n -= run + 1;
	}
}

void ldisc_flush(struct ldisc *l)
{
	l->head = l->line = l->tail = 0;
}

void ldisc_set(struct ldisc *l, const struct termios *t, bool flush)
{
	bool was_canonical = lflag(l, ICANON);

	l->t = *t;
	if (flush)
		ldisc_flush(l);
	/* Leaving canonical mode, the unfinished line becomes readable as it is. */
	if (was_canonical && !lflag(l, ICANON))
		l->line = l->head;
}
