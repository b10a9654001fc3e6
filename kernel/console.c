// SPDX-License-Identifier: MIT
/* The list of consoles and the way of typed bytes to the terminal. */
#include "kernel/console.h"
#include "kernel/clock.h"
#include "kernel/lib/string.h"
#include "kernel/logview.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"
#include "qgm/atomic.h"

static struct console *consoles; /* under lock */
static struct spinlock lock = SPINLOCK_INIT("console");
static void (*input)(char c);

/* Write text to one console, or to all with c NULL, with \n as \r\n. Lock held. */
static void emit(struct console *only, const char *buf, size_t n)
{
	while (n) {
		size_t run = 0;

		while (run < n && buf[run] != '\n')
			run++;
		for (struct console *c = consoles; c; c = c->next) {
			if (only && c != only)
				continue;
			if (run)
				c->write(buf, run);
			if (run < n)
				c->write("\r\n", 2);
		}
		if (run < n)
			run++;
		buf += run;
		n -= run;
	}
}

static void emit_all(const char *buf, size_t n)
{
	emit(NULL, buf, n);
}

static struct logview view = { .read = log_read,
			       .write = emit_all,
			       .clock = clock_ns }; /* under lock */

void console_log(void)
{
	u64 flags = spin_lock_irqsave(&lock);

	logview_news(&view);
	spin_unlock_irqrestore(&lock, flags);
}

void console_write_raw(const char *buf, size_t n)
{
	u64 flags = spin_lock_irqsave(&lock);

	for (struct console *c = consoles; c; c = c->next)
		c->write(buf, n);
	logview_printed(&view, buf, n);
	spin_unlock_irqrestore(&lock, flags);
}

void console_reading(bool begins)
{
	u64 flags = spin_lock_irqsave(&lock);

	logview_reading(&view, begins);
	spin_unlock_irqrestore(&lock, flags);
}

void console_writing(bool begins)
{
	u64 flags = spin_lock_irqsave(&lock);

	logview_writing(&view, begins);
	spin_unlock_irqrestore(&lock, flags);
}

/* Give a new console what the others have shown of the log. */
static void replay(struct console *c)
{
	char piece[256];
	u64 at = 0;
	size_t n;

	while (at < view.shown &&
	       (n = log_read(at, piece, MIN(sizeof(piece), view.shown - at), &at)))
		emit(c, piece, n);
}

void console_register(struct console *c)
{
	u64 flags = spin_lock_irqsave(&lock);
	struct console **p = &consoles;

	while (*p && strcmp((*p)->name, c->name))
		p = &(*p)->next;
	if (*p) {
		c->next = (*p)->next;
		*p = c;
	} else {
		c->next = NULL;
		*p = c;
		replay(c);
	}
	spin_unlock_irqrestore(&lock, flags);
}

void console_set_input(void (*fn)(char c))
{
	/* Pairs with the acquire in console_input: what fn needs is set up before. */
	store_release(&input, fn);
}

void console_input(char c)
{
	void (*fn)(char) = load_acquire(&input);

	if (fn)
		fn(c);
}

void console_break_locks(void)
{
	lock.locked = 0;
	lock.holder = 0;
	logview_break(&view);
}
