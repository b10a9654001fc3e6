// SPDX-License-Identifier: MIT
/* The operator's terminal: see term.h. Input is standard input, output standard output. */
#include "apps/pash/term.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios saved;
static bool have_saved, raw;

void term_raw(void)
{
	struct termios t;

	if (raw || tcgetattr(0, &t) < 0)
		return;
	if (!have_saved) {
		saved = t;
		have_saved = true;
	}
	t.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON | ISTRIP);
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	t.c_oflag |= OPOST | ONLCR;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	raw = tcsetattr(0, TCSADRAIN, &t) == 0;
}

void term_cooked(void)
{
	if (raw && have_saved)
		tcsetattr(0, TCSADRAIN, &saved);
	raw = false;
}

unsigned term_columns(void)
{
	struct winsize w = { 0 };

	return ioctl(1, TIOCGWINSZ, &w) == 0 ? w.ws_col : 0;
}

int term_read(void)
{
	unsigned char c;
	ssize_t n;

	while ((n = read(0, &c, 1)) < 0 && (errno == EINTR || errno == EAGAIN)) {
		struct pollfd p = { .fd = 0, .events = POLLIN };

		if (errno == EAGAIN)
			poll(&p, 1, -1);
	}
	return n == 1 ? c : -1;
}

bool term_write(const char *s, size_t n)
{
	while (n) {
		ssize_t done = write(1, s, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && errno == EAGAIN) {
			struct pollfd p = { .fd = 1, .events = POLLOUT };

			poll(&p, 1, -1);
			continue;
		}
		if (done <= 0)
			return false;
		s += done;
		n -= (size_t)done;
	}
	return true;
}

/* The first `lines` lines; returns their bytes. */
static size_t take_lines(const char *s, size_t n, unsigned lines)
{
	size_t i = 0;

	while (i < n && lines)
		lines -= s[i++] == '\n';
	return i;
}

void term_page(const char *s, size_t n, unsigned lines)
{
	unsigned want = lines > 1 ? lines - 1 : 1;

	while (lines && n) {
		size_t part = take_lines(s, n, want);

		if (!term_write(s, part))
			return;
		s += part;
		n -= part;
		if (!n)
			return;
		term_write("--More--", 8);
		int c = term_read();
		term_write("\r\x1b[K", 4);
		if (c < 0 || c == 'q' || c == 'Q' || c == 3)
			return;
		want = c == '\r' || c == '\n' ? 1 : lines > 1 ? lines - 1 : 1;
	}
	term_write(s, n);
}
