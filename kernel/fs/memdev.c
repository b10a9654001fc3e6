// SPDX-License-Identifier: MIT
/*
 * /dev/null, /dev/zero, /dev/full, /dev/random, /dev/urandom and /dev/kmsg: devices without
 * hardware. Threads of processes only.
 */
#include "kernel/fs/memdev.h"

#include "kernel/errno.h"
#include "kernel/fs/dev.h"
#include "kernel/lib/random.h"
#include "kernel/mm/aspace.h"
#include "kernel/printk.h"
#include "kernel/sched/thread.h"

enum { PIECE = 256, LARGE = 4096, KMSG_MAX = 1024 };

static s64 null_read(struct file *f, void *ubuf, size_t n, u64 off)
{
	(void)f;
	(void)ubuf;
	(void)n;
	(void)off;
	return 0;
}

static s64 null_write(struct file *f, const void *ubuf, size_t n, u64 off)
{
	(void)f;
	(void)ubuf;
	(void)off;
	return (s64)n;
}

static s64 zero_read(struct file *f, void *ubuf, size_t n, u64 off)
{
	(void)f;
	(void)off;
	for (size_t done = 0; done < n; done += LARGE) {
		size_t part = n - done < LARGE ? n - done : LARGE;
		if (zero_user((u8 *)ubuf + done, part) < 0)
			return done ? (s64)done : -EFAULT;
		thread_resched();
	}
	return (s64)n;
}

static s64 full_write(struct file *f, const void *ubuf, size_t n, u64 off)
{
	(void)f;
	(void)ubuf;
	(void)n;
	(void)off;
	return -ENOSPC;
}

s64 random_to_user(void *ubuf, size_t n)
{
	u8 buf[PIECE];

	for (size_t done = 0; done < n; done += PIECE) {
		size_t part = n - done < PIECE ? n - done : PIECE;
		random_bytes(buf, part);
		if (copy_to_user((u8 *)ubuf + done, buf, part) < 0)
			return done ? (s64)done : -EFAULT;
		thread_resched();
	}
	return (s64)n;
}

static s64 random_read(struct file *f, void *ubuf, size_t n, u64 off)
{
	(void)f;
	(void)off;
	return random_to_user(ubuf, n);
}

/* The kernel log from its oldest byte; the file position counts bytes since boot. */
static s64 kmsg_read(struct file *f, void *ubuf, size_t n, u64 off)
{
	char buf[PIECE];
	u64 next = off;
	size_t got = log_read(off, buf, n < PIECE ? n : PIECE, &next);

	if (got && copy_to_user(ubuf, buf, got) < 0)
		return -EFAULT;
	f->pos = next - got; /* the caller adds got; bytes that were overwritten are skipped */
	return (s64)got;
}

/* A program's words into the log, as Linux has it: at most KMSG_MAX bytes a write. What is no text
 * would be for the terminals to obey: '?'. */
static s64 kmsg_write(struct file *f, const void *ubuf, size_t n, u64 off)
{
	char buf[KMSG_MAX];

	(void)f;
	(void)off;
	if (n > sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, n) < 0)
		return -EFAULT;
	for (size_t i = 0; i < n; i++) {
		if (((u8)buf[i] < ' ' && buf[i] != '\n' && buf[i] != '\t') || buf[i] == 127)
			buf[i] = '?';
	}
	log_write(buf, n);
	return (s64)n;
}

static const struct file_ops null_ops = { .read = null_read, .write = null_write };
static const struct file_ops zero_ops = { .read = zero_read, .write = null_write };
static const struct file_ops full_ops = { .read = zero_read, .write = full_write };
static const struct file_ops random_ops = { .read = random_read, .write = null_write };
static const struct file_ops kmsg_ops = { .read = kmsg_read, .write = kmsg_write };

static const struct memdev {
	const char *path;
	const struct file_ops *ops;
} memdevs[] = {
	{ "/dev/null", &null_ops },     { "/dev/zero", &zero_ops },      { "/dev/full", &full_ops },
	{ "/dev/random", &random_ops }, { "/dev/urandom", &random_ops }, { "/dev/kmsg", &kmsg_ops },
};

/* arg is an index + 1 into memdevs. */
static int memdev_open(struct file *f, unsigned flags, void *arg)
{
	(void)flags;
	f->ops = memdevs[(u64)arg - 1].ops;
	return 0;
}

int memdev_init(void)
{
	for (u64 i = 0; i < sizeof(memdevs) / sizeof(memdevs[0]); i++) {
		int err = dev_register(memdevs[i].path, memdev_open, (void *)(i + 1));
		if (err)
			return err;
	}
	return 0;
}
