// SPDX-License-Identifier: MIT
/* /dev/pix on the real system: see pixdev.h. */
#include "apps/lib/pixdev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LIST_CHUNK    256u
#define LIST_MAX      (1u << 21) /* elements of one table */
#define LOG_MAX       (4u << 20)
#define BOOT_TEXT_MAX (4u << 20)

static int pixdev_open(const char *name, int flags)
{
	const char *dir = getenv("PIX_DEV");
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "/dev/pix", name);
	int fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int stat_ioctl(unsigned cmd, unsigned long arg)
{
	int fd = pixdev_open("stat", O_RDONLY), r = 0;

	if (fd < 0)
		return fd;
	if (ioctl(fd, cmd, arg) < 0)
		r = -errno;
	close(fd);
	return r;
}

int pixdev_info(struct pix_info *out)
{
	memset(out, 0, sizeof(*out));
	out->size = sizeof(*out);
	return stat_ioctl(PIX_IOC_INFO, (unsigned long)out);
}

int pixdev_snapshot(struct pix_snapshot *out)
{
	memset(out, 0, sizeof(*out));
	return stat_ioctl(PIX_IOC_SNAPSHOT, (unsigned long)out);
}

int pixdev_registers(u16 port)
{
	return stat_ioctl(PIX_IOC_REGISTERS, port);
}

/* Read on from element *have until the table ends; it may grow meanwhile. */
static int list_read(int fd, enum pix_what what, u16 port, u32 elem_size, char **buf, u32 *have)
{
	bool by_cursor = port || what == PIX_LIST_ROUTE;
	u64 cursor[4] = { port };
	u32 room = 0;

	for (*have = 0;;) {
		if (*have == room) {
			if (room >= LIST_MAX)
				return -E2BIG;
			room = room ? room * 2 : LIST_CHUNK;
			char *more = realloc(*buf, (size_t)room * elem_size);
			if (!more)
				return -ENOMEM;
			*buf = more;
		}
		struct pix_list l = { .what = what,
				      .elem_size = elem_size,
				      .start = *have,
				      .max = room - *have,
				      .buf = (u64)(uintptr_t)(*buf + (size_t)*have * elem_size) };
		memcpy(l.cursor, cursor, sizeof(cursor));
		if (ioctl(fd, PIX_IOC_LIST, &l) < 0)
			return -errno;
		if (l.count > l.max)
			return -EPROTO;
		memcpy(cursor, l.cursor, sizeof(cursor));
		*have += l.count;
		/* a list that goes on by its cursor ends where nothing is left of it */
		if (!l.count || (!by_cursor && *have >= l.total))
			return 0;
	}
}

int pixdev_list(enum pix_what what, u32 elem_size, void **array, u32 *count)
{
	return pixdev_list_port(what, 0, elem_size, array, count);
}

int pixdev_list_port(enum pix_what what, u16 port, u32 elem_size, void **array, u32 *count)
{
	char *buf = NULL;
	int fd = pixdev_open("stat", O_RDONLY);

	*array = NULL;
	*count = 0;
	if (fd < 0)
		return fd;
	int r = list_read(fd, what, port, elem_size, &buf, count);
	close(fd);
	if (r || !*count) {
		free(buf);
		*count = 0;
		return r;
	}
	*array = buf;
	return 0;
}

/* Held open: one process owns the configuration. */
static int config_fd = -1;

static int config_ioctl(unsigned cmd, void *arg)
{
	if (config_fd < 0)
		config_fd = pixdev_open("config", O_RDWR);
	if (config_fd < 0)
		return config_fd;
	return ioctl(config_fd, cmd, arg) < 0 ? -errno : 0;
}

int pixdev_txn(struct pix_op *ops, u32 count, u32 flags, u64 *epoch, u32 *failed,
	       char why[PIXDEV_WHY])
{
	struct pix_txn txn = { .op_size = sizeof(*ops),
			       .count = count,
			       .ops = (u64)(uintptr_t)ops,
			       .flags = flags,
			       .failed = count };
	int r = config_ioctl(PIX_IOC_TXN, &txn);

	*epoch = txn.epoch;
	*failed = txn.failed < count ? txn.failed : count;
	snprintf(why, PIXDEV_WHY, "%.*s", (int)sizeof(txn.why), txn.why);
	return r;
}

int pixdev_boot_config(char **text, size_t *len, char source[32])
{
	size_t room = 64 << 10;

	for (;;) {
		char *buf = malloc(room);
		struct pix_text t = { .buf = (u64)(uintptr_t)buf, .len = room };

		if (!buf)
			return -ENOMEM;
		int r = config_ioctl(PIX_IOC_BOOT_CONFIG, &t);
		if (r || t.len > BOOT_TEXT_MAX) {
			free(buf);
			return r ? r : -E2BIG;
		}
		if (t.len <= room) {
			memcpy(source, t.source, 32);
			source[31] = 0;
			*text = buf;
			*len = t.len;
			return 0;
		}
		free(buf);
		room = t.len;
	}
}

int pixdev_ready(void)
{
	return config_ioctl(PIX_IOC_READY, NULL);
}

int pixdev_log(char **text, size_t *len)
{
	int fd = pixdev_open("log", O_RDONLY), r = 0;
	char *buf = NULL;
	size_t have = 0, room = 0;

	if (fd < 0)
		return fd;
	while (have < LOG_MAX) {
		if (room - have < 4096) {
			room = room ? room * 2 : 16384;
			char *more = realloc(buf, room);
			if (!more) {
				r = -ENOMEM;
				break;
			}
			buf = more;
		}
		ssize_t n = read(fd, buf + have, room - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			r = n < 0 ? -errno : 0;
			break;
		}
		have += (size_t)n;
	}
	close(fd);
	if (r) {
		free(buf);
		return r;
	}
	*text = buf;
	*len = have;
	return 0;
}
