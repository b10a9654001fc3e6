// SPDX-License-Identifier: MIT
/*
 * File descriptors: the table of a process from small numbers to open files. Each process has its
 * own, and one thread, so there is no lock; fork copies it, exec closes what is marked.
 */
#include "kernel/errno.h"
#include "kernel/fs/file.h"
#include "kernel/mm/heap.h"
#include "kernel/proc/process.h"

struct fd_table *fd_table_new(void)
{
	return kzalloc(sizeof(struct fd_table));
}

struct fd_table *fd_table_copy(const struct fd_table *from)
{
	struct fd_table *t = kmalloc(sizeof(*t));

	if (!t)
		return NULL;
	*t = *from;
	for (int fd = 0; fd < FD_MAX; fd++)
		if (t->file[fd])
			file_get(t->file[fd]);
	return t;
}

static bool marked(const struct fd_table *t, int fd)
{
	return t->cloexec[fd / 64] >> (fd % 64) & 1;
}

static void mark(struct fd_table *t, int fd, bool on)
{
	t->cloexec[fd / 64] &= ~(1ull << (fd % 64));
	if (on)
		t->cloexec[fd / 64] |= 1ull << (fd % 64);
}

/* Empties one place; the file is put last, as its release may sleep. */
static void drop(struct fd_table *t, int fd)
{
	struct file *f = t->file[fd];

	t->file[fd] = NULL;
	mark(t, fd, false);
	if (f)
		file_put(f);
}

void fd_table_free(struct fd_table *t)
{
	for (int fd = 0; fd < FD_MAX; fd++)
		drop(t, fd);
	kfree(t);
}

void fd_close_exec(struct fd_table *t)
{
	for (int fd = 0; fd < FD_MAX; fd++)
		if (marked(t, fd))
			drop(t, fd);
}

static struct fd_table *mine(void)
{
	return process_this()->fds;
}

struct file *fd_file(int fd)
{
	return fd >= 0 && fd < FD_MAX ? mine()->file[fd] : NULL;
}

int fd_install(struct file *f, int from, bool cloexec)
{
	struct fd_table *t = mine();

	for (int fd = from; fd < FD_MAX; fd++) {
		if (t->file[fd])
			continue;
		t->file[fd] = f;
		mark(t, fd, cloexec);
		return fd;
	}
	return -EMFILE;
}

int fd_close(int fd)
{
	if (!fd_file(fd))
		return -EBADF;
	drop(mine(), fd);
	return 0;
}

int fd_replace(int to, struct file *f, bool cloexec)
{
	struct fd_table *t = mine();

	if (to < 0 || to >= FD_MAX)
		return -EBADF;
	file_get(f);
	drop(t, to);
	t->file[to] = f;
	mark(t, to, cloexec);
	return to;
}

bool fd_get_cloexec(int fd)
{
	return marked(mine(), fd);
}

void fd_set_cloexec(int fd, bool on)
{
	mark(mine(), fd, on);
}
