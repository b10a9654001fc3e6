// SPDX-License-Identifier: MIT
/*
 * A program of our libc alone (crt0, system calls, linking as every app), run on the host by
 * test_native.c: `native CASE` checks one corner and exits with 0, or says which line failed.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define CHECK(x)                                                                 \
	do {                                                                     \
		if (!(x)) {                                                      \
			printf("line %d: %s (errno %d)\n", __LINE__, #x, errno); \
			return 1;                                                \
		}                                                                \
	} while (0)
#define FAILS(x, err) CHECK((errno = 0, (x) == -1) && errno == (err))

static char *self;

static int test_args(int argc, char **argv)
{
	CHECK(argc == 4);
	CHECK(argv[argc] == NULL);
	CHECK(((unsigned long)__builtin_frame_address(0) & 15) ==
	      0); /* the ABI's stack alignment */
	printf("%s|%s|%s|%s\n", argv[2], argv[3], getenv("PIXTEST"), getenv("NOTHERE") ? "?" : "-");
	return 0;
}

static int test_fork(void)
{
	char *again[] = { self, (char *)(size_t) "code7", NULL }, name[512], *slash;
	pid_t pid;
	int st;

	if (fork() == 0)
		_exit(42);
	CHECK(wait(&st) > 0 && WIFEXITED(st) && WEXITSTATUS(st) == 42);
	if (fork() == 0)
		execv(self, again);
	CHECK(wait(&st) > 0 && WIFEXITED(st) && WEXITSTATUS(st) == 7);
	if (fork() == 0)
		execl(self, "x", "code7", (char *)NULL);
	CHECK(wait(&st) > 0 && WEXITSTATUS(st) == 7);
	strlcpy(name, self, sizeof(name));
	slash = strrchr(name, '/');
	*slash = '\0';
	CHECK(setenv("PATH", "/nonexistent:", 1) == 0);
	CHECK(setenv("PATH", name, 1) == 0);
	again[0] = slash + 1;
	if (fork() == 0)
		execvp(slash + 1, again);
	CHECK(wait(&st) > 0 && WEXITSTATUS(st) == 7);
	FAILS(execvp("no-such-program", again), ENOENT);
	pid = fork();
	if (pid == 0)
		return pause();
	CHECK(waitpid(-1, &st, WNOHANG) == 0);
	CHECK(kill(pid, SIGTERM) == 0 && waitpid(pid, &st, 0) == pid);
	CHECK(WIFSIGNALED(st) && WTERMSIG(st) == SIGTERM);
	FAILS(wait(&st), ECHILD);
	return 0;
}

static int test_pipes(void)
{
	struct pollfd p;
	char buf[8];
	int fd[2], other;

	CHECK(pipe2(fd, O_NONBLOCK | O_CLOEXEC) == 0);
	CHECK(fcntl(fd[0], F_GETFD) == FD_CLOEXEC);
	CHECK(fcntl(fd[0], F_GETFL) & O_NONBLOCK);
	FAILS(read(fd[0], buf, 8), EAGAIN);
	p = (struct pollfd){ .fd = fd[0], .events = POLLIN };
	CHECK(poll(&p, 1, 0) == 0);
	CHECK(write(fd[1], "abc", 3) == 3);
	CHECK(poll(&p, 1, -1) == 1 && p.revents == POLLIN);
	CHECK(ppoll(&p, 1, &(struct timespec){ 0, 0 }, NULL) == 1);
	other = dup(fd[0]);
	CHECK(dup2(other, 50) == 50 && dup3(other, 51, O_CLOEXEC) == 51);
	CHECK(read(50, buf, 8) == 3 && memcmp(buf, "abc", 3) == 0);
	CHECK(close(fd[1]) == 0 && read(51, buf, 8) == 0);
	FAILS(close(fd[1]), EBADF);
	FAILS(tcgetattr(fd[0], &(struct termios){ 0 }), ENOTTY);
	CHECK(!isatty(fd[0]));
	return 0;
}

static int pass_descriptor(int by, int fd)
{
	char byte = 'x', control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return (int)sendmsg(by, &m, 0);
}

static int take_descriptor(int from)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int fd;

	if (recvmsg(from, &m, 0) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_type != SCM_RIGHTS || CMSG_NXTHDR(&m, c))
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

static int test_sockets(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX }, b;
	socklen_t n = sizeof(b);
	int sv[2], fd, listener, client, server, type;
	char buf[16];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	CHECK(pass_descriptor(sv[0], sv[0]) == 1);
	fd = take_descriptor(sv[1]);
	CHECK(fd > sv[1]);
	CHECK(send(fd, "hello", 5, MSG_NOSIGNAL) == 5);
	CHECK(recv(sv[1], buf, 16, MSG_DONTWAIT) == 5);
	FAILS(recv(sv[1], buf, 16, MSG_DONTWAIT), EAGAIN);
	close(sv[0]);
	CHECK(shutdown(fd, SHUT_WR) == 0 && read(sv[1], buf, 1) == 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "/tmp/pixnative.%d", getpid());
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(bind(listener, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(listener, 5) == 0);
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(connect(client, (struct sockaddr *)&a, sizeof(a)) == 0);
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	CHECK(server >= 0);
	CHECK(getsockname(server, (struct sockaddr *)&b, &n) == 0 &&
	      strcmp(a.sun_path, b.sun_path) == 0);
	n = sizeof(b);
	CHECK(getpeername(client, (struct sockaddr *)&b, &n) == 0);
	n = sizeof(type);
	CHECK(getsockopt(client, SOL_SOCKET, SO_TYPE, &type, &n) == 0 && type == SOCK_STREAM);
	FAILS(connect(client, (struct sockaddr *)&a, sizeof(a)), EISCONN);
	CHECK(unlink(a.sun_path) == 0);
	FAILS(connect(client, (struct sockaddr *)&a, sizeof(a)), ENOENT);
	FAILS(socket(77, SOCK_STREAM, 0), EAFNOSUPPORT);
	return 0;
}

static int test_memory(void)
{
	char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	     *end;
	int st;

	CHECK(p != MAP_FAILED);
	p[8191] = 1;
	CHECK(mprotect(p + 4096, 4096, PROT_READ) == 0);
	if (fork() == 0) {
		p[8191] = 2;
		_exit(0);
	}
	CHECK(wait(&st) > 0 && WIFSIGNALED(st) && WTERMSIG(st) == SIGSEGV);
	CHECK(munmap(p, 8192) == 0);
	CHECK(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED &&
	      errno == EINVAL);
	end = sbrk(0);
	CHECK(sbrk(10000) == end && (char *)sbrk(0) == end + 10000);
	memset(end, 7, 10000);
	CHECK(brk(end) == 0 && sbrk(0) == end);
	CHECK(sysconf(_SC_PAGESIZE) == 4096);
	CHECK(getrandom(&st, sizeof(st), 0) == sizeof(st));
	return 0;
}

static int test_files(void)
{
	char dir[] = "/tmp/pixnativeXXXXXX", buf[32];
	struct stat st;
	int fd;

	snprintf(dir, sizeof(dir), "/tmp/pixn%d", getpid());
	CHECK(mkdir(dir, 0755) == 0 && chdir(dir) == 0);
	CHECK(getcwd(buf, sizeof(buf)) && strcmp(buf, dir) == 0);
	CHECK(getcwd(buf, 3) == NULL && errno == ERANGE);
	fd = open("f", O_RDWR | O_CREAT | O_EXCL, 0600);
	CHECK(fd >= 0 && write(fd, "0123456789", 10) == 10);
	CHECK(lseek(fd, -3, SEEK_END) == 7 && read(fd, buf, 9) == 3 && buf[0] == '7');
	CHECK(pwrite(fd, "x", 1, 2) == 1 && pread(fd, buf, 2, 1) == 2 && buf[1] == 'x');
	CHECK(ftruncate(fd, 5) == 0 && fstat(fd, &st) == 0 && st.st_size == 5);
	CHECK(S_ISREG(st.st_mode) && (st.st_mode & 0777) == 0600 && fsync(fd) == 0 &&
	      close(fd) == 0);
	FAILS(open("f", O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	CHECK(rename("f", "g") == 0 && access("f", F_OK) == -1 && stat("g", &st) == 0);
	CHECK(symlink("g", "s") == 0 && readlink("s", buf, sizeof(buf)) == 1 && buf[0] == 'g');
	CHECK(lstat("s", &st) == 0 && S_ISLNK(st.st_mode));
	CHECK(remove("s") == 0 && remove("g") == 0 && chdir("/") == 0 && remove(dir) == 0);
	FAILS(stat(dir, &st), ENOENT);
	return 0;
}

static volatile int caught;
static void *volatile fault_address;

static void on_signal(int sig)
{
	caught = sig;
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	(void)context;
	caught = sig;
	fault_address = info->si_addr;
	_exit(info->si_addr == (void *)0x1234 ? 9 : 10);
}

static long nanoseconds(const struct timespec *t)
{
	return t->tv_sec * 1000000000 + t->tv_nsec;
}

static int test_signals(void)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct timespec ts = { 5, 0 }, rem, begin, end;
	sigset_t block, none;
	int st, r, tries = 0;

	CHECK(sigaction(SIGALRM, &act, NULL) == 0);
	/* On a host that stands still the alarm may come before the sleep: once more then. */
	do {
		caught = 0;
		rem = (struct timespec){ 0 };
		CHECK(clock_gettime(CLOCK_MONOTONIC, &begin) == 0);
		alarm(1);
		r = nanosleep(&ts, &rem);
	} while (r == 0 && caught == SIGALRM && ++tries < 10);
	CHECK(r == -1 && errno == EINTR && caught == SIGALRM);
	CHECK(clock_gettime(CLOCK_MONOTONIC, &end) == 0);
	CHECK(nanoseconds(&rem) > 0 && nanoseconds(&rem) < 5000000000);
	CHECK(nanoseconds(&rem) + nanoseconds(&end) - nanoseconds(&begin) >= 5000000000);
	sigemptyset(&block);
	sigemptyset(&none);
	CHECK(sigaddset(&block, SIGUSR1) == 0 && sigismember(&block, SIGUSR1) == 1);
	FAILS(sigaddset(&block, 65), EINVAL);
	CHECK(sigaction(SIGUSR1, &act, NULL) == 0 && sigprocmask(SIG_BLOCK, &block, NULL) == 0);
	CHECK(raise(SIGUSR1) == 0 && caught == SIGALRM);
	FAILS(sigsuspend(&none), EINTR);
	CHECK(caught == SIGUSR1);
	act.sa_sigaction = on_fault;
	act.sa_flags = SA_SIGINFO;
	CHECK(sigaction(SIGSEGV, &act, NULL) == 0);
	if (fork() == 0) {
		*(volatile int *)0x1234 = 1;
		_exit(0);
	}
	CHECK(wait(&st) > 0 && WIFEXITED(st) && WEXITSTATUS(st) == 9);
	return 0;
}

static void say_first(void)
{
	printf("first registered, last run\n");
}

static void say_second(void)
{
	printf("second\n");
}

static int test_exit(void)
{
	atexit(say_first);
	atexit(say_second);
	printf("not flushed by hand\n");
	return 5;
}

static int __attribute__((noinline)) smash(volatile char *p, int n)
{
	for (int i = 0; i < n; i++)
		p[i] = 'A';
	return p[0];
}

static int __attribute__((noinline)) test_smash(void)
{
	char small[16];

	return smash(small, 64);
}

static int test_misc(void)
{
	struct utsname u;
	struct timespec a, b;

	CHECK(uname(&u) == 0 && u.sysname[0] && strcmp(u.machine, "x86_64") == 0);
	CHECK(clock_gettime(CLOCK_MONOTONIC, &a) == 0 && usleep(2000) == 0);
	CHECK(clock_gettime(CLOCK_MONOTONIC, &b) == 0);
	CHECK(nanoseconds(&b) - nanoseconds(&a) >= 2000000);
	CHECK(time(NULL) > 1600000000 && getpid() > 0 && getppid() > 0);
	FAILS(syscall(9999), ENOSYS);
	CHECK(syscall(39) == getpid());
	return 0;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	self = argv[0];
	if (strcmp(name, "args") == 0)
		return test_args(argc, argv);
	if (strcmp(name, "fork") == 0)
		return test_fork();
	if (strcmp(name, "pipes") == 0)
		return test_pipes();
	if (strcmp(name, "sockets") == 0)
		return test_sockets();
	if (strcmp(name, "memory") == 0)
		return test_memory();
	if (strcmp(name, "files") == 0)
		return test_files();
	if (strcmp(name, "signals") == 0)
		return test_signals();
	if (strcmp(name, "misc") == 0)
		return test_misc();
	if (strcmp(name, "exit") == 0)
		return test_exit();
	if (strcmp(name, "code7") == 0)
		return 7;
	if (strcmp(name, "abort") == 0)
		abort();
	if (strcmp(name, "assert") == 0)
		assert(argc > 99);
	if (strcmp(name, "smash") == 0)
		return test_smash();
	return 99;
}
