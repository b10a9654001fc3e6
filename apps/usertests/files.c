// SPDX-License-Identifier: MIT
/*
 * Files, directories, descriptors, pipes, poll and the terminal.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "apps/usertests/usertests.h"
#include "apps/usertests/ut.h"

static void regular_file(void)
{
	const char *path = ut_path("file");
	char buf[64];
	struct stat st;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0644);

	CHECK(fd >= 0);
	CHECK_ERR(open(path, O_RDWR | O_CREAT | O_EXCL, 0644), EEXIST);
	CHECK_EQ(write(fd, "hello, world", 12), 12);
	CHECK_EQ(lseek(fd, 7, SEEK_SET), 7);
	CHECK_EQ(read(fd, buf, sizeof(buf)), 5);
	CHECK(memcmp(buf, "world", 5) == 0);
	CHECK_EQ(read(fd, buf, sizeof(buf)), 0);
	CHECK_EQ(lseek(fd, 10000, SEEK_SET), 10000);
	CHECK_EQ(write(fd, "end", 3), 3); /* a hole before it */
	CHECK_EQ(pread(fd, buf, 4, 9998), 4);
	CHECK(memcmp(buf, "\0\0en", 4) == 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK(S_ISREG(st.st_mode) && st.st_size == 10003);
	CHECK_EQ(ftruncate(fd, 5), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_END), 5);
	CHECK_EQ(ftruncate(fd, 20), 0);
	CHECK_EQ(pread(fd, buf, 20, 0), 20);
	CHECK(memcmp(buf, "hello\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20) == 0);
	CHECK_ERR(lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_ERR(lseek(fd, 0, 9), EINVAL);
	close(fd);
	fd = open(path, O_WRONLY | O_APPEND);
	CHECK_EQ(write(fd, "++", 2), 2);
	CHECK_ERR(read(fd, buf, 1), EBADF);
	close(fd);
	fd = open(path, O_RDONLY);
	CHECK_EQ(pread(fd, buf, 30, 0), 22);
	CHECK_ERR(write(fd, "x", 1), EBADF);
	CHECK_EQ(unlink(path), 0);
	CHECK_EQ(pread(fd, buf, 5, 0), 5); /* still there for who has it open */
	CHECK(memcmp(buf, "hello", 5) == 0);
	close(fd);
	CHECK_ERR(open(path, O_RDONLY), ENOENT);
	CHECK_ERR(unlink(path), ENOENT);
}

static void names(void)
{
	const char *dir = ut_path("d"), *sub = ut_path("d/s"), *file = ut_path("d/s/f");
	char cwd[256], where[256];
	struct stat st;

	CHECK_EQ(mkdir(dir, 0755), 0);
	CHECK_ERR(mkdir(dir, 0755), EEXIST);
	CHECK_EQ(mkdir(sub, 0755), 0);
	int fd = open(file, O_WRONLY | O_CREAT, 0600);
	CHECK(fd >= 0);
	close(fd);
	CHECK_ERR(rmdir(dir), ENOTEMPTY);
	CHECK_ERR(rmdir(file), ENOTDIR);
	CHECK_ERR(unlink(sub), EISDIR);
	CHECK_ERR(open(sub, O_WRONLY), EISDIR);
	CHECK_ERR(open(file, O_RDONLY | O_DIRECTORY), ENOTDIR);
	CHECK(getcwd(cwd, sizeof(cwd)));
	CHECK_EQ(chdir(sub), 0);
	CHECK(getcwd(where, sizeof(where)) && strcmp(where, sub) == 0);
	CHECK_EQ(stat("f", &st), 0);
	CHECK_EQ(stat("../s/./f", &st), 0);
	CHECK_EQ(stat("../../d/s//f", &st), 0);
	CHECK_ERR(stat("f/", &st), ENOTDIR);
	CHECK_ERR(stat("f/x", &st), ENOTDIR);
	CHECK_ERR(stat("nothing", &st), ENOENT);
	CHECK_ERR(stat("", &st), ENOENT);
	CHECK_ERR(chdir("f"), ENOTDIR);
	CHECK_EQ(rename("f", "g"), 0);
	CHECK_ERR(stat("f", &st), ENOENT);
	CHECK_EQ(rename("g", "../h"), 0);
	CHECK_ERR(rename("nothing", "x"), ENOENT);
	CHECK_ERR(rename(dir, ut_path("d/s/below")), EINVAL);
	CHECK_EQ(chdir(cwd), 0);
	CHECK_EQ(unlink(ut_path("d/h")), 0);
	CHECK_EQ(rmdir(ut_path("d/s")), 0);
	CHECK_EQ(rmdir(ut_path("d")), 0);
}

static void long_names(void)
{
	static char name[6000];
	struct stat st;

	memset(name, 'n', sizeof(name) - 1);
	CHECK_ERR(stat(name, &st), ENAMETOOLONG);
	name[300] = 0;
	CHECK_ERR(stat(name, &st), ENAMETOOLONG);
}

static void directory_list(void)
{
	char buf[1024];
	int fd = open("/", O_RDONLY | O_DIRECTORY);
	bool dev = false, tmp = false;
	long n;

	CHECK(fd >= 0);
	while ((n = ut_raw(217, fd, (long)buf, sizeof(buf), 0, 0, 0)) > 0)
		for (long at = 0; at < n; at += *(unsigned short *)(void *)(buf + at + 16)) {
			dev |= strcmp(buf + at + 19, "dev") == 0 && buf[at + 18] == 4;
			tmp |= strcmp(buf + at + 19, "tmp") == 0;
		}
	CHECK_EQ(n, 0);
	CHECK(dev && tmp);
	CHECK_EQ(ut_raw(217, fd, (long)buf, 8, 0, 0, 0), 0); /* at the end */
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	CHECK_EQ(ut_raw(217, fd, (long)buf, 8, 0, 0, 0), -EINVAL);
	CHECK_ERR(read(fd, buf, 10), EISDIR);
	int file = open("/dev/null", O_RDONLY);
	CHECK_EQ(ut_raw(217, file, (long)buf, 100, 0, 0, 0), -ENOTDIR);
}

static void read_only_tree(void)
{
	CHECK_ERR(open("/bin/new", O_WRONLY | O_CREAT, 0600), EROFS);
	CHECK_ERR(open("/sbin/init", O_WRONLY), EROFS);
	CHECK_ERR(unlink("/sbin/init"), EROFS);
	CHECK_ERR(mkdir("/new", 0700), EROFS);
	CHECK_ERR(rmdir("/bin"), EROFS);
	CHECK_ERR(unlink("/dev/null"), EROFS);
	CHECK_ERR(rename("/sbin/init", "/tmp/init"), EROFS);
	CHECK_ERR(access("/sbin/init", W_OK), EROFS);
	CHECK_EQ(access("/sbin/init", X_OK), 0);
}

static void descriptors(void)
{
	int fd = open("/dev/null", O_RDWR), n = 0;
	struct stat st;

	CHECK(fd >= 0);
	CHECK_EQ(dup2(fd, 77), 77);
	CHECK_EQ(dup2(fd, fd), fd);
	CHECK_EQ(fcntl(77, F_GETFD), 0);
	CHECK_EQ(fcntl(77, F_SETFD, FD_CLOEXEC), 0);
	CHECK_EQ(fcntl(77, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(dup3(fd, 78, O_CLOEXEC), 78);
	CHECK_EQ(fcntl(78, F_GETFD), FD_CLOEXEC);
	CHECK_ERR(dup3(fd, fd, 0), EINVAL);
	CHECK_ERR(dup2(99, 5), EBADF);
	CHECK_ERR(dup2(fd, -1), EBADF);
	CHECK_ERR(dup2(fd, 1 << 20), EBADF);
	CHECK_EQ(fcntl(fd, F_DUPFD, 100), 100);
	CHECK_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	CHECK_EQ(close(77), 0);
	CHECK_ERR(close(77), EBADF);
	CHECK_ERR(close(-1), EBADF);
	CHECK_ERR(fstat(-5, &st), EBADF);
	CHECK_ERR(fcntl(fd, 999), EINVAL);
	if (!ut_on_pix())
		return; /* the limit may be a million */
	while (n < 5000 && (fd = dup(0)) >= 0)
		n++;
	CHECK(n < 5000 && errno == EMFILE);
	CHECK_EQ(close(50), 0);
	CHECK_EQ(dup(0), 50); /* the lowest free one */
}

static void devices(void)
{
	char buf[64];
	struct stat st;
	int fd = open("/dev/null", O_RDWR);

	CHECK_EQ(read(fd, buf, sizeof(buf)), 0);
	CHECK_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK(S_ISCHR(st.st_mode));
	CHECK_ERR(ioctl(fd, 0x5401, buf), ENOTTY);
	fd = open("/dev/zero", O_RDONLY);
	memset(buf, 1, sizeof(buf));
	CHECK_EQ(read(fd, buf, sizeof(buf)), sizeof(buf));
	CHECK(buf[0] == 0 && buf[63] == 0);
	fd = open("/dev/full", O_RDWR);
	CHECK_ERR(write(fd, buf, 1), ENOSPC);
	fd = open("/dev/urandom", O_RDONLY);
	char a[64], b[64];
	CHECK_EQ(read(fd, a, sizeof(a)), sizeof(a));
	CHECK_EQ(read(fd, b, sizeof(b)), sizeof(b));
	CHECK(memcmp(a, b, sizeof(a)) != 0 && memcmp(a, buf, sizeof(a)) != 0);
}

static void pipes(void)
{
	int fd[2];
	char buf[256];

	CHECK_EQ(pipe2(fd, O_NONBLOCK), 0);
	CHECK_ERR(read(fd[0], buf, 1), EAGAIN);
	CHECK_ERR(read(fd[1], buf, 1), EBADF);
	CHECK_ERR(write(fd[0], buf, 1), EBADF);
	CHECK_ERR(lseek(fd[0], 0, SEEK_SET), ESPIPE);
	long total = 0, n;
	while ((n = write(fd[1], buf, sizeof(buf))) > 0)
		total += n;
	CHECK(errno == EAGAIN && total >= 4096);
	long back = 0;
	while ((n = read(fd[0], buf, sizeof(buf))) > 0)
		back += n;
	CHECK_EQ(back, total);
	CHECK_EQ(write(fd[1], "last", 4), 4);
	close(fd[1]);
	CHECK_EQ(read(fd[0], buf, sizeof(buf)), 4);
	CHECK_EQ(read(fd[0], buf, sizeof(buf)), 0); /* end of file */
	CHECK_EQ(pipe(fd), 0);
	close(fd[0]);
	signal(SIGPIPE, SIG_IGN);
	CHECK_ERR(write(fd[1], "x", 1), EPIPE);
	signal(SIGPIPE, SIG_DFL);
	pid_t pid = fork();
	if (pid == 0) {
		write(fd[1], "x", 1);
		_exit(1);
	}
	ut_wait_signal(pid, SIGPIPE);
	CHECK_ERR(pipe2(fd, 12345), EINVAL);
}

/* Much data through a pipe, in pieces that match on neither side. */
static void pipe_stream(void)
{
	enum { TOTAL = 300000 };
	static unsigned char buf[7001];
	int fd[2];
	unsigned at = 0;
	ssize_t n;

	CHECK_EQ(pipe(fd), 0);
	pid_t pid = fork();
	if (pid == 0) {
		close(fd[0]);
		for (unsigned sent = 0; sent < TOTAL;) {
			unsigned len =
				sent % 5000 + 1 < TOTAL - sent ? sent % 5000 + 1 : TOTAL - sent;
			for (unsigned i = 0; i < len; i++)
				buf[i] = (unsigned char)((sent + i) * 7 >> 3);
			CHECK_EQ(write(fd[1], buf, len), len);
			sent += len;
		}
		_exit(0);
	}
	close(fd[1]);
	while ((n = read(fd[0], buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++, at++)
			CHECK_EQ(buf[i], (unsigned char)(at * 7 >> 3));
	CHECK_EQ(at, TOTAL);
	ut_wait_exit(pid, 0);
}

static void vectors(void)
{
	int fd[2];
	char a[4], b[8];
	struct iovec out[3] = { { (char *)(uintptr_t) "ab", 2 },
				{ NULL, 0 },
				{ (char *)(uintptr_t) "cdefgh", 6 } };
	struct iovec in[2] = { { a, sizeof(a) }, { b, sizeof(b) } };

	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(writev(fd[1], out, 3), 8);
	CHECK_EQ(readv(fd[0], in, 2), 8);
	CHECK(memcmp(a, "abcd", 4) == 0 && memcmp(b, "efgh", 4) == 0);
}

static void polling(void)
{
	int fd[2];
	char c;

	CHECK_EQ(pipe(fd), 0);
	struct pollfd p[3] = { { fd[0], POLLIN, 0 }, { fd[1], POLLOUT, 0 }, { -1, POLLIN, 99 } };
	CHECK_EQ(poll(p, 3, 1000), 1);
	CHECK(p[0].revents == 0 && p[1].revents == POLLOUT && p[2].revents == 0);
	uint64_t before = ut_now_ms();
	CHECK_EQ(poll(p, 1, 30), 0);
	CHECK(ut_now_ms() - before >= 30);
	CHECK_EQ(poll(NULL, 0, 1), 0);
	pid_t pid = fork();
	if (pid == 0) {
		ut_sleep_ms(20);
		_exit(write(fd[1], "x", 1) == 1 ? 0 : 1);
	}
	CHECK_EQ(poll(p, 1, 5000), 1);
	CHECK_EQ(p[0].revents, POLLIN);
	CHECK_EQ(read(fd[0], &c, 1), 1);
	ut_wait_exit(pid, 0);
	pid = fork();
	if (pid == 0) {
		ut_sleep_ms(20);
		_exit(0);
	}
	close(fd[1]); /* the child holds the last writer */
	CHECK_EQ(poll(p, 1, -1), 1);
	CHECK(p[0].revents & POLLHUP);
	ut_wait_exit(pid, 0);
	p[0].fd = 200;
	CHECK_EQ(poll(p, 1, 0), 1);
	CHECK_EQ(p[0].revents, POLLNVAL);
}

static void terminal(void)
{
	struct termios t, raw;
	struct winsize ws;
	int fd = open("/dev/console", O_RDWR);

	CHECK(fd >= 0 && isatty(fd));
	CHECK_EQ(tcgetattr(fd, &t), 0);
	CHECK((t.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG));
	raw = t;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 1;
	CHECK_EQ(tcsetattr(fd, TCSANOW, &raw), 0);
	struct termios now;
	CHECK_EQ(tcgetattr(fd, &now), 0);
	CHECK((now.c_lflag & (ICANON | ECHO)) == 0 && now.c_cc[VTIME] == 1);
	CHECK_EQ(tcsetattr(fd, TCSANOW, &t), 0);
	CHECK_EQ(ioctl(fd, TIOCGWINSZ, &ws), 0);
	CHECK(ws.ws_row > 0 && ws.ws_col > 0);
	CHECK_ERR(ioctl(fd, 0x1234, NULL), ENOTTY);
	CHECK_ERR(ioctl(fd, TIOCGWINSZ, (void *)8), EFAULT);
	CHECK_ERR(lseek(fd, 0, SEEK_SET), ESPIPE);
}

const struct test tests_files[] = {
	{ "regular-file", regular_file, 0, 0 },
	{ "names", names, 0, 0 },
	{ "long-names", long_names, 0, 0 },
	{ "directory-list", directory_list, 0, 0 },
	{ "read-only-tree", read_only_tree, 0, UT_PIX },
	{ "descriptors", descriptors, 0, 0 },
	{ "devices", devices, 0, 0 },
	{ "pipes", pipes, 0, 0 },
	{ "pipe-stream", pipe_stream, 0, 0 },
	{ "vectors", vectors, 0, 0 },
	{ "polling", polling, 0, 0 },
	{ "terminal", terminal, 0, UT_PIX },
	{ NULL, NULL, 0, 0 },
};
