// SPDX-License-Identifier: MIT
/*
 * AF_UNIX stream sockets.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "apps/usertests/usertests.h"
#include "apps/usertests/ut.h"

static struct sockaddr_un address(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	strlcpy(a.sun_path, path, sizeof(a.sun_path));
	return a;
}

static int unix_socket(int flags)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | flags, 0);

	CHECK(fd >= 0);
	return fd;
}

static int listener(const char *path, int flags)
{
	struct sockaddr_un a = address(path);
	int fd = unix_socket(flags);

	CHECK_EQ(bind(fd, (void *)&a, sizeof(a)), 0);
	CHECK_EQ(listen(fd, 4), 0);
	return fd;
}

static int connected(const char *path)
{
	struct sockaddr_un a = address(path);
	int fd = unix_socket(0);

	CHECK_EQ(connect(fd, (void *)&a, sizeof(a)), 0);
	return fd;
}

static void pair_talks(void)
{
	int fd[2];
	char buf[32];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	CHECK_EQ(write(fd[0], "ping", 4), 4);
	CHECK_EQ(send(fd[1], "pong", 4, 0), 4);
	CHECK_EQ(recv(fd[1], buf, sizeof(buf), MSG_PEEK), 4);
	CHECK_EQ(read(fd[1], buf, sizeof(buf)), 4);
	CHECK(memcmp(buf, "ping", 4) == 0);
	CHECK_EQ(read(fd[0], buf, 2), 2);
	CHECK_EQ(read(fd[0], buf + 2, sizeof(buf)), 2);
	CHECK(memcmp(buf, "pong", 4) == 0);
	CHECK_ERR(recv(fd[0], buf, 1, MSG_DONTWAIT), EAGAIN);
	CHECK_EQ(shutdown(fd[0], SHUT_WR), 0);
	CHECK_EQ(read(fd[1], buf, 1), 0);
	CHECK_ERR(send(fd[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	CHECK_EQ(write(fd[1], "back", 4), 4); /* the other direction stays */
	CHECK_EQ(read(fd[0], buf, sizeof(buf)), 4);
	close(fd[1]);
	CHECK_EQ(read(fd[0], buf, 1), 0);
}

static void server(void)
{
	const char *path = ut_path("sock");
	int l = listener(path, 0);
	char buf[64];

	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			int fd = connected(path);
			CHECK_EQ(write(fd, "request", 7), 7);
			CHECK_EQ(read(fd, buf, sizeof(buf)), 8);
			_exit(memcmp(buf, "response", 8) == 0 ? 0 : 1);
		}
		struct sockaddr_un peer;
		socklen_t len = sizeof(peer);
		int fd = accept(l, (void *)&peer, &len);
		CHECK(fd >= 0 && peer.sun_family == AF_UNIX && len >= 2);
		struct {
			pid_t pid;
			unsigned uid, gid;
		} cred;
		len = sizeof(cred);
		CHECK_EQ(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len), 0);
		CHECK_EQ(cred.pid, pid);
		CHECK_EQ(read(fd, buf, sizeof(buf)), 7);
		CHECK_EQ(write(fd, "response", 8), 8);
		close(fd);
		ut_wait_exit(pid, 0);
	}
	struct stat st;
	CHECK_EQ(stat(path, &st), 0);
	CHECK(S_ISSOCK(st.st_mode));
	CHECK_EQ(unlink(path), 0);
}

static void socket_errors(void)
{
	const char *path = ut_path("err"), *other = ut_path("other");
	struct sockaddr_un a = address(path), b = address(other), none = address("/no/such/dir/s");
	int fd = unix_socket(0), l = listener(path, 0);

	CHECK_ERR(bind(fd, (void *)&a, sizeof(a)), EADDRINUSE);
	CHECK_ERR(bind(fd, (void *)&none, sizeof(none)), ENOENT);
	CHECK_ERR(bind(fd, (void *)&a, 1), EINVAL);
	CHECK_ERR(connect(fd, (void *)&b, sizeof(b)), ENOENT);
	CHECK_ERR(accept(fd, NULL, NULL), EINVAL);
	CHECK_ERR(listen(fd, 1), EINVAL);
	if (ut_on_pix()) /* as POSIX says; Linux has no objection */
		CHECK_ERR(shutdown(fd, SHUT_WR), ENOTCONN);
	CHECK_ERR(send(fd, "x", 1, MSG_NOSIGNAL), ENOTCONN);
	CHECK_ERR(listen(0, 1), ENOTSOCK);
	CHECK_ERR(listen(99, 1), EBADF);
	CHECK_ERR(socket(99, SOCK_STREAM, 0), EAFNOSUPPORT);
	CHECK_ERR(socket(AF_UNIX, 9, 0), ESOCKTNOSUPPORT);
	CHECK_EQ(connect(fd, (void *)&a, sizeof(a)), 0);
	CHECK_ERR(connect(fd, (void *)&a, sizeof(a)), EISCONN);
	int c = accept4(l, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	CHECK(c >= 0);
	CHECK_EQ(fcntl(c, F_GETFD), FD_CLOEXEC);
	CHECK(fcntl(c, F_GETFL) & O_NONBLOCK);
	CHECK_ERR(read(c, &a, 1), EAGAIN);
	close(l);
	int again = unix_socket(0);
	CHECK_ERR(connect(again, (void *)&a, sizeof(a)), ECONNREFUSED);
	CHECK_EQ(unlink(path), 0);
	CHECK_ERR(open(path, O_RDONLY), ENOENT);
}

static void backlog(void)
{
	const char *path = ut_path("backlog");
	struct sockaddr_un a = address(path);
	int l = listener(path, SOCK_NONBLOCK), n = 0, fd, err = 0;

	CHECK_ERR(accept(l, NULL, NULL), EAGAIN);
	while (n < 50) {
		fd = unix_socket(SOCK_NONBLOCK);
		if (connect(fd, (void *)&a, sizeof(a)) < 0) {
			err = errno;
			break;
		}
		n++;
	}
	CHECK(n >= 4 && n <= 6);
	CHECK_EQ(err, EAGAIN);
	struct pollfd p = { l, POLLIN, 0 };
	CHECK_EQ(poll(&p, 1, 0), 1);
	for (int i = 0; i < n; i++)
		CHECK(accept(l, NULL, NULL) >= 0);
	CHECK_ERR(accept(l, NULL, NULL), EAGAIN);
	CHECK_EQ(poll(&p, 1, 0), 0);
	/* Waiting connections that nobody accepts end with the listener. */
	fd = connected(path);
	close(l);
	char c;
	CHECK(read(fd, &c, 1) <= 0);
	CHECK_EQ(unlink(path), 0);
}

static void socket_names(void)
{
	const char *path = ut_path("name");
	struct sockaddr_un a;
	socklen_t len = sizeof(a);
	int l = listener(path, 0), fd = connected(path);

	CHECK_EQ(getpeername(fd, (void *)&a, &len), 0);
	CHECK(a.sun_family == AF_UNIX && strcmp(a.sun_path, path) == 0);
	len = sizeof(a);
	CHECK_EQ(getsockname(fd, (void *)&a, &len), 0);
	CHECK_EQ(len, 2);
	len = 4; /* cut, but the whole length is told */
	CHECK_EQ(getsockname(l, (void *)&a, &len), 0);
	CHECK(len > 10);
	len = sizeof(a);
	CHECK_ERR(getpeername(l, (void *)&a, &len), ENOTCONN);
	CHECK_EQ(unlink(path), 0);
}

/* Both directions at once, more than the queues hold. */
static void socket_stream(void)
{
	enum { TOTAL = 500000 };
	static unsigned char buf[9973];
	int fd[2];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	pid_t pid = fork();
	int mine = fd[pid == 0];
	close(fd[pid != 0]);
	CHECK_EQ(fcntl(mine, F_SETFL, O_NONBLOCK), 0);
	unsigned sent = 0, got = 0;
	while (sent < TOTAL || got < TOTAL) {
		struct pollfd p = { mine, (short)((sent < TOTAL ? POLLOUT : 0) | POLLIN), 0 };
		CHECK_EQ(poll(&p, 1, 10000), 1);
		if (p.revents & POLLIN) {
			ssize_t n = read(mine, buf, sizeof(buf));
			CHECK(n > 0);
			for (ssize_t i = 0; i < n; i++, got++)
				CHECK_EQ(buf[i], (unsigned char)(got * 13 >> 2));
		}
		if (p.revents & POLLOUT && sent < TOTAL) {
			unsigned len = TOTAL - sent < sizeof(buf) ? TOTAL - sent : sizeof(buf);
			for (unsigned i = 0; i < len; i++)
				buf[i] = (unsigned char)((sent + i) * 13 >> 2);
			ssize_t n = write(mine, buf, len);
			if (n < 0)
				CHECK_EQ(errno, EAGAIN);
			else
				sent += (unsigned)n;
		}
	}
	if (pid == 0)
		_exit(0);
	ut_wait_exit(pid, 0);
}

static void socket_poll(void)
{
	int fd[2];
	char c;

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	struct pollfd p = { fd[0], POLLIN | POLLOUT, 0 };
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLOUT);
	CHECK_EQ(write(fd[1], "x", 1), 1);
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLIN | POLLOUT);
	CHECK_EQ(read(fd[0], &c, 1), 1);
	close(fd[1]);
	p.events = POLLIN;
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLIN | POLLHUP);
	signal(SIGPIPE, SIG_IGN);
	CHECK_ERR(write(fd[0], "x", 1), EPIPE);
}

const struct test tests_sockets[] = {
	{ "socket-pair", pair_talks, 0, 0 },      { "socket-server", server, 0, 0 },
	{ "socket-errors", socket_errors, 0, 0 }, { "socket-backlog", backlog, 0, 0 },
	{ "socket-names", socket_names, 0, 0 },   { "socket-stream", socket_stream, 0, 0 },
	{ "socket-poll", socket_poll, 0, 0 },     { NULL, NULL, 0, 0 },
};
