// SPDX-License-Identifier: MIT
/*
 * The log ring: bytes at absolute positions, the newest LOG_RING_BYTES of them held. Everything
 * that goes in also goes to the consoles (logview.h says when).
 */
#include "kernel/printk.h"
#include "kernel/console.h"
#include "kernel/lib/format.h"
#include "kernel/spinlock.h"

enum { PIECE_MAX = 512 };

static char ring[LOG_RING_BYTES];
static u64 end; /* bytes ever written; under lock */
static struct spinlock lock = SPINLOCK_INIT("log");

static void append(const char *text, size_t n)
{
	u64 flags = spin_lock_irqsave(&lock);

	for (size_t i = 0; i < n; i++)
		ring[end++ % LOG_RING_BYTES] = text[i];
	spin_unlock_irqrestore(&lock, flags);
}

void log_write(const char *text, size_t n)
{
	append(text, n);
	console_log();
}

void vprintk(const char *fmt, va_list ap)
{
	char text[PIECE_MAX];
	size_t n = kvsnprintf(text, sizeof(text), fmt, ap);

	if (n >= sizeof(text))
		n = sizeof(text) - 1;
	log_write(text, n);
}

void printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
}

void log_range(u64 *oldest, u64 *newest)
{
	u64 flags = spin_lock_irqsave(&lock);

	*newest = end;
	*oldest = end > LOG_RING_BYTES ? end - LOG_RING_BYTES : 0;
	spin_unlock_irqrestore(&lock, flags);
}

size_t log_read(u64 off, char *buf, size_t n, u64 *next)
{
	u64 flags = spin_lock_irqsave(&lock);
	u64 oldest = end > LOG_RING_BYTES ? end - LOG_RING_BYTES : 0;
	size_t got = 0;

	if (off < oldest)
		off = oldest;
	while (got < n && off < end)
		buf[got++] = ring[off++ % LOG_RING_BYTES];
	spin_unlock_irqrestore(&lock, flags);
	if (next)
		*next = off;
	return got;
}

void printk_break_locks(void)
{
	lock.locked = 0;
	lock.holder = 0;
	console_break_locks();
}
