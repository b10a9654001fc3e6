// SPDX-License-Identifier: MIT
/*
 * The terminal: the line discipline (kernel/fs/ldisc.h) between the consoles and the processes.
 *
 * Input comes from interrupt handlers, so the discipline's state is under a spinlock taken with
 * interrupts off; readers copy into a kernel buffer first and to the user outside of the lock.
 * Output goes out in pieces, without that lock, so that a slow serial line delays no interrupt for
 * longer than one piece; the log's lines come between programs' (kernel/logview.h). Echoes are
 * written from the interrupt handler.
 *
 * ^C goes to the foreground process group (TIOCSPGRP); as long as nobody has set one, to the group
 * of the process that read last.
 */
#include "kernel/fs/tty.h"

#include "kernel/clock.h"
#include "kernel/console.h"
#include "kernel/errno.h"
#include "kernel/fs/dev.h"
#include "kernel/fs/ldisc.h"
#include "kernel/fs/poll.h"
#include "kernel/mm/aspace.h"
#include "kernel/proc/process.h"

enum { TTY_PIECE = 128 };

static struct tty {
	struct spinlock lock; /* ldisc, foreground */
	struct ldisc ldisc;
	struct waitq wait;
	struct winsize size;
	u32 foreground; /* process group, 0 = none set */
	u32 last_reader;
} tty;

static void emit(void *arg, const char *s, size_t n)
{
	(void)arg;
	console_write_raw(s, n);
}

/* [irq] */
static void tty_input(char c)
{
	u64 flags = spin_lock_irqsave(&tty.lock);
	enum ldisc_event ev = ldisc_input(&tty.ldisc, c);
	u32 group = tty.foreground ? tty.foreground : tty.last_reader;

	spin_unlock_irqrestore(&tty.lock, flags);
	switch (ev) {
	case LDISC_SIGINT:
		signal_send_group(group, SIGINT);
		break;
	case LDISC_SIGQUIT:
		signal_send_group(group, SIGQUIT);
		break;
	case LDISC_SIGTSTP:
		signal_send_group(group, SIGTSTP);
		break;
	case LDISC_READABLE:
		waitq_wake_all(&tty.wait);
		break;
	case LDISC_NONE:
		break;
	}
}

static s64 take(char *buf, size_t n)
{
	u64 flags = spin_lock_irqsave(&tty.lock);
	bool eof = false;
	s64 r = -EAGAIN;

	if (ldisc_readable(&tty.ldisc)) {
		size_t got = ldisc_read(&tty.ldisc, buf, n, &eof);
		r = (s64)got;
	}
	spin_unlock_irqrestore(&tty.lock, flags);
	return r;
}

/* Raw mode with MIN 0: TIME tenths of a second, 0 = at once. The answer of a read is then 0. */
static bool read_may_be_empty(u64 *deadline)
{
	const struct termios *t = &tty.ldisc.t;

	*deadline = 0;
	if ((t->c_lflag & ICANON) || t->c_cc[VMIN] > 0)
		return false;
	*deadline = clock_ns() + t->c_cc[VTIME] * 100000000ull;
	return true;
}

static s64 tty_read(struct file *f, void *ubuf, size_t n, u64 off)
{
	char buf[TTY_PIECE];
	u64 deadline;

	(void)off;
	if (n == 0)
		return 0;
	if (n > sizeof(buf))
		n = sizeof(buf);
	/* Nothing is taken from the line that could not be delivered. */
	if (zero_user(ubuf, n) < 0)
		return -EFAULT;
	tty.last_reader = process_this()->pgid;
	bool empty_ok = read_may_be_empty(&deadline);
	s64 r = take(buf, n);
	while (r == -EAGAIN && !(f->flags & O_NONBLOCK)) {
		int err;

		console_reading(true);
		err = wait_event_deadline(&tty.wait, ldisc_readable(&tty.ldisc), deadline);
		console_reading(false);
		if (err)
			return err == -ETIMEDOUT && empty_ok ? 0 : err;
		r = take(buf, n);
	}
	if (r > 0 && copy_to_user(ubuf, buf, (size_t)r) < 0)
		return -EFAULT;
	return r;
}

static s64 tty_write(struct file *f, const void *ubuf, size_t n, u64 off)
{
	char buf[TTY_PIECE];
	size_t done = 0;
	bool fault = false;

	(void)f;
	(void)off;
	console_writing(true);
	while (done < n) {
		size_t part = n - done < sizeof(buf) ? n - done : sizeof(buf);

		fault = copy_from_user(buf, (const char *)ubuf + done, part) < 0;
		if (fault)
			break;
		ldisc_output(&tty.ldisc, buf, part);
		done += part;
		if (wait_interrupted())
			break;
		thread_resched();
	}
	console_writing(false);
	return fault && !done ? -EFAULT : (s64)done;
}

static unsigned tty_poll(struct file *f, struct poll_table *pt)
{
	(void)f;
	poll_wait(pt, &tty.wait);
	return POLLOUT | (ldisc_readable(&tty.ldisc) ? POLLIN : 0);
}

static int set_termios(unsigned cmd, unsigned long arg)
{
	struct termios t;

	if (copy_from_user(&t, (const void *)arg, sizeof(t)) < 0)
		return -EFAULT;
	u64 flags = spin_lock_irqsave(&tty.lock);
	ldisc_set(&tty.ldisc, &t, cmd == TCSETSF);
	spin_unlock_irqrestore(&tty.lock, flags);
	waitq_wake_all(&tty.wait);
	return 0;
}

static int flush_input(unsigned long queue)
{
	if (queue > 2)
		return -EINVAL;
	if (queue == 1) /* TCOFLUSH: output is never queued */
		return 0;
	u64 flags = spin_lock_irqsave(&tty.lock);
	ldisc_flush(&tty.ldisc);
	spin_unlock_irqrestore(&tty.lock, flags);
	return 0;
}

static int get_u32(u32 value, unsigned long arg)
{
	return copy_to_user((void *)arg, &value, sizeof(value));
}

static int tty_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	u32 group;

	(void)f;
	switch (cmd) {
	case TCGETS:
		return copy_to_user((void *)arg, &tty.ldisc.t, sizeof(tty.ldisc.t));
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios(cmd, arg);
	case TCFLSH:
		return flush_input(arg);
	case TIOCGWINSZ:
		return copy_to_user((void *)arg, &tty.size, sizeof(tty.size));
	case TIOCSWINSZ:
		return copy_from_user(&tty.size, (const void *)arg, sizeof(tty.size));
	case TIOCSCTTY:
		tty.foreground = process_this()->pgid;
		return 0;
	case TIOCGPGRP:
		/* Nobody has claimed the terminal: whoever asks may think that it is his. */
		return get_u32(tty.foreground ? tty.foreground : process_this()->pgid, arg);
	case TIOCSPGRP:
		if (copy_from_user(&group, (const void *)arg, sizeof(group)) < 0)
			return -EFAULT;
		if (group == 0 || group > 0x7fffffff)
			return -EINVAL;
		tty.foreground = group;
		return 0;
	case FIONREAD:
		return get_u32(ldisc_pending(&tty.ldisc), arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_ops tty_ops = {
	.read = tty_read,
	.write = tty_write,
	.poll = tty_poll,
	.ioctl = tty_ioctl,
};

static int tty_open(struct file *f, unsigned flags, void *arg)
{
	(void)flags;
	(void)arg;
	f->ops = &tty_ops;
	return 0;
}

int tty_init(void)
{
	static const char *const names[] = { "/dev/console", "/dev/tty", "/dev/ttyS0" };

	tty.lock = (struct spinlock)SPINLOCK_INIT("tty");
	waitq_init(&tty.wait);
	ldisc_init(&tty.ldisc, emit, NULL);
	tty.size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int err = dev_register(names[i], tty_open, NULL);
		if (err)
			return err;
	}
	console_set_input(tty_input);
	return 0;
}
