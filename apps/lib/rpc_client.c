// SPDX-License-Identifier: MIT
/* The calling side of line-JSON, see rpc.h. */
#include "apps/lib/rpc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int rpc_path(char *buf, size_t n, const char *name)
{
	const char *dir = getenv("PIX_RUN");
	int len = snprintf(buf, n, "%s/%s", dir ? dir : "/run", name);

	return len < 0 || (size_t)len >= n ? -ENAMETOOLONG : 0;
}

int rpc_connect(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static long now_ms(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Waits for events until the deadline (negative: for ever). 0, -ETIMEDOUT, -errno. */
static int wait_for(int fd, short events, long deadline)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = events };
		long left = deadline < 0 ? -1 : deadline - now_ms();
		int r;

		if (deadline >= 0 && left < 0)
			return -ETIMEDOUT;
		r = poll(&p, 1, (int)left);
		if (r > 0)
			return 0;
		if (r < 0 && errno != EINTR)
			return -errno;
	}
}

static int send_all(int fd, const char *s, size_t n, long deadline)
{
	while (n) {
		ssize_t r = send(fd, s, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (r < 0 && errno == EAGAIN) {
			int err = wait_for(fd, POLLOUT, deadline);

			if (err)
				return err;
			continue;
		}
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		s += r;
		n -= (size_t)r;
	}
	return 0;
}

static int receive_line(int fd, char **line, long deadline)
{
	size_t used = 0, size = 0;
	char *buf = NULL, *nl;
	int err;

	for (;;) {
		ssize_t r;

		if (used + 1 >= size) {
			size_t want = size ? size * 2 : 4096;
			char *more = want > RPC_REPLY_MAX * 2 ? NULL : realloc(buf, want);

			err = want > RPC_REPLY_MAX * 2 ? -EMSGSIZE : -ENOMEM;
			if (!more)
				break;
			buf = more;
			size = want;
		}
		err = wait_for(fd, POLLIN, deadline);
		if (err)
			break;
		r = read(fd, buf + used, size - used - 1);
		if (r < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		err = r < 0 ? -errno : -EPIPE;
		if (r <= 0)
			break;
		nl = memchr(buf + used, '\n', (size_t)r);
		used += (size_t)r;
		if (nl) {
			*nl = '\0';
			*line = buf;
			return 0;
		}
	}
	free(buf);
	return err;
}

int rpc_call(int fd, const char *request, char **reply, int timeout_ms)
{
	long deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
	int err = send_all(fd, request, strlen(request), deadline);

	*reply = NULL;
	if (!err)
		err = send_all(fd, "\n", 1, deadline);
	return err ? err : receive_line(fd, reply, deadline);
}

int rpc_query(const char *socket_name, const char *request, struct json_doc *doc, int timeout_ms)
{
	char path[108], *reply;
	int fd, err = rpc_path(path, sizeof(path), socket_name);

	memset(doc, 0, sizeof(*doc));
	fd = err ? err : rpc_connect(path);
	if (fd < 0)
		return fd;
	err = rpc_call(fd, request, &reply, timeout_ms);
	close(fd);
	if (err)
		return err;
	err = json_parse(doc, reply, strlen(reply));
	free(reply);
	return err;
}
