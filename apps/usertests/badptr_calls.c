// SPDX-License-Identifier: MIT
/*
 * The pointer arguments of the system calls, for badptr.c: good values for everything else.
 */
#include "apps/usertests/badptr.h"
#include "apps/usertests/usertests.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYS_newfstatat      262
#define SYS_getdents64      217
#define SYS_time            201
#define SYS_gettimeofday    96
#define SYS_sysinfo         99
#define SYS_getrlimit       97
#define SYS_arch_prctl      158
#define SYS_clock_getres    229
#define SYS_clock_nanosleep 230
#define ARCH_GET_FS         0x1003

static int pipe_fd[2], file_fd, dir_fd, pair[2], listen_fd, name_fd;
static char good[4096];
static struct iovec good_iov = { good, 16 };
static struct sockaddr_un listen_addr = { .sun_family = AF_UNIX };
static socklen_t good_len = 16;

static void pipe_fill(struct badptr *b)
{
	(void)b;
	CHECK_EQ(write(pipe_fd[1], "0123456789abcdef", 16), 16);
}

/* What a failed read did not take is still there; what a failed write left over goes. */
static void pipe_check_unread(struct badptr *b)
{
	char buf[32];

	(void)b;
	CHECK_EQ(read(pipe_fd[0], buf, sizeof(buf)), 16);
	CHECK(memcmp(buf, "0123456789abcdef", 16) == 0);
}

static void pair_fill(struct badptr *b)
{
	(void)b;
	CHECK_EQ(write(pair[1], "0123456789abcdef", 16), 16);
}

static void pair_drain(struct badptr *b)
{
	char buf[64];

	(void)b;
	while (recv(pair[0], buf, sizeof(buf), MSG_DONTWAIT) > 0)
		continue;
}

static void file_rewind(struct badptr *b)
{
	(void)b;
	lseek(b->nr == SYS_getdents64 ? dir_fd : file_fd, 0, SEEK_SET);
}

static int client_fd;

/* A connection that waits for accept(). */
static void connect_client(struct badptr *b)
{
	(void)b;
	client_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK(client_fd >= 0);
	CHECK_EQ(connect(client_fd, (void *)&listen_addr, sizeof(listen_addr)), 0);
	good_len = 16;
}

static void close_client(struct badptr *b)
{
	(void)b;
	close(client_fd);
}

static void child_to_reap(struct badptr *b)
{
	(void)b;
	if (fork() == 0)
		_exit(0);
}

static void reap_rest(struct badptr *b)
{
	(void)b;
	while (waitpid(-1, NULL, 0) > 0)
		continue;
}

static void reset_len(struct badptr *b)
{
	(void)b;
	good_len = 16;
}

static void prepare(void)
{
	int flags = O_RDWR | O_CREAT | O_TRUNC;

	CHECK_EQ(pipe(pipe_fd), 0);
	file_fd = open(ut_path("badptr"), flags, 0600);
	CHECK(file_fd >= 0);
	CHECK_EQ(write(file_fd, good, sizeof(good)), sizeof(good));
	CHECK_EQ(unlink(ut_path("badptr")), 0);
	dir_fd = open("/", O_RDONLY | O_DIRECTORY);
	CHECK(dir_fd >= 0);
	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	listen_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	name_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strlcpy(listen_addr.sun_path, ut_path("badptr.sock"), sizeof(listen_addr.sun_path));
	CHECK_EQ(bind(listen_fd, (void *)&listen_addr, sizeof(listen_addr)), 0);
	CHECK_EQ(listen(listen_fd, 8), 0);
}

#define G ((long)good)

static struct badptr calls[96];
static unsigned ncalls;

static struct badptr *add(const char *name, long nr, int which, enum badptr_dir dir, size_t size,
			  unsigned flags)
{
	struct badptr *b = &calls[ncalls++];

	CHECK(ncalls <= sizeof(calls) / sizeof(calls[0]));
	b->name = name;
	b->nr = nr;
	b->which = which;
	b->dir = (unsigned char)dir;
	b->size = size;
	b->flags = (unsigned char)flags;
	return b;
}

static struct badptr *args(struct badptr *b, long a0, long a1, long a2, long a3, long a4, long a5)
{
	long a[6] = { a0, a1, a2, a3, a4, a5 };

	memcpy(b->arg, a, sizeof(a));
	return b;
}

static void hooks(struct badptr *b, void (*setup)(struct badptr *),
		  void (*cleanup)(struct badptr *))
{
	b->setup = setup;
	b->cleanup = cleanup;
}

static void add_io(void)
{
	long r = pipe_fd[0], w = pipe_fd[1];

	hooks(args(add("read", SYS_read, 1, BP_OUT, 16, 0), r, 0, 16, 0, 0, 0), pipe_fill,
	      pipe_check_unread);
	args(add("write", SYS_write, 1, BP_IN, 16, 0), w, 0, 16, 0, 0, 0);
	hooks(args(add("readv", SYS_readv, 1, BP_IN, 16, 0), r, 0, 1, 0, 0, 0), pipe_fill,
	      pipe_check_unread);
	args(add("writev", SYS_writev, 1, BP_IN, 16, 0), w, 0, 1, 0, 0, 0);
	args(add("read of a file", SYS_read, 1, BP_OUT, 4096, BP_PIX), file_fd, 0, 4096, 0, 0, 0)
		->setup = file_rewind;
	args(add("pread64", SYS_pread64, 1, BP_OUT, 16, BP_PIX), file_fd, 0, 16, 0, 0, 0);
	args(add("pwrite64", SYS_pwrite64, 1, BP_IN, 16, BP_PIX), file_fd, 0, 16, 0, 0, 0);
	args(add("poll", SYS_poll, 0, BP_OUT, 8, 0), 0, 1, 0, 0, 0, 0);
	args(add("ppoll time", SYS_ppoll, 2, BP_IN, 16, BP_NULL_OK), 0, 0, 0, 0, 8, 0);
	args(add("getdents64", SYS_getdents64, 1, BP_OUT, 24, 0), dir_fd, 0, 4096, 0, 0, 0)->setup =
		file_rewind;
	args(add("pipe", SYS_pipe, 0, BP_OUT, 8, 0), 0, 0, 0, 0, 0, 0);
	args(add("pipe2", SYS_pipe2, 0, BP_OUT, 8, 0), 0, 0, 0, 0, 0, 0);
	args(add("FIONBIO", SYS_ioctl, 2, BP_IN, 4, 0), r, 0x5421, 0, 0, 0, 0);
}

static void add_paths(void)
{
	static const char root[] = "/";
	long path = (long)root;

	args(add("open", SYS_open, 0, BP_STR, 2, 0), 0, 0, 0, 0, 0, 0);
	args(add("openat", SYS_openat, 1, BP_STR, 2, 0), -100, 0, 0, 0, 0, 0);
	args(add("stat path", SYS_stat, 0, BP_STR, 2, 0), 0, G, 0, 0, 0, 0);
	args(add("stat", SYS_stat, 1, BP_OUT, 144, 0), path, 0, 0, 0, 0, 0);
	args(add("lstat path", SYS_lstat, 0, BP_STR, 2, 0), 0, G, 0, 0, 0, 0);
	args(add("lstat", SYS_lstat, 1, BP_OUT, 144, 0), path, 0, 0, 0, 0, 0);
	args(add("fstat", SYS_fstat, 1, BP_OUT, 144, 0), file_fd, 0, 0, 0, 0, 0);
	args(add("newfstatat path", SYS_newfstatat, 1, BP_STR, 2, 0), -100, 0, G, 0, 0, 0);
	args(add("newfstatat", SYS_newfstatat, 2, BP_OUT, 144, 0), -100, path, 0, 0, 0, 0);
	args(add("access", SYS_access, 0, BP_STR, 2, 0), 0, 0, 0, 0, 0, 0);
	args(add("chdir", SYS_chdir, 0, BP_STR, 2, 0), 0, 0, 0, 0, 0, 0);
	args(add("mkdir", SYS_mkdir, 0, BP_STR, 2, 0), 0, 0700, 0, 0, 0, 0);
	args(add("rmdir", SYS_rmdir, 0, BP_STR, 2, 0), 0, 0, 0, 0, 0, 0);
	args(add("unlink", SYS_unlink, 0, BP_STR, 2, 0), 0, 0, 0, 0, 0, 0);
	args(add("rename old", SYS_rename, 0, BP_STR, 2, 0), 0, path, 0, 0, 0, 0);
	args(add("rename new", SYS_rename, 1, BP_STR, 2, 0), path, 0, 0, 0, 0, 0);
	args(add("readlink path", SYS_readlink, 0, BP_STR, 2, 0), 0, G, 16, 0, 0, 0);
	args(add("getcwd", SYS_getcwd, 0, BP_OUT, 2, 0), 0, 4096, 0, 0, 0, 0);
	args(add("execve path", SYS_execve, 0, BP_STR, 2, 0), 0, 0, 0, 0, 0, 0);
	args(add("execve argv", SYS_execve, 1, BP_IN, 8, BP_NULL_OK), (long)ut_program(), 0, 0, 0,
	     0, 0);
	args(add("execve envp", SYS_execve, 2, BP_IN, 8, BP_NULL_OK), (long)ut_program(), 0, 0, 0,
	     0, 0);
}

static void add_process(void)
{
	long sig = 10;

	args(add("rt_sigpending", SYS_rt_sigpending, 0, BP_OUT, 8, 0), 0, 8, 0, 0, 0, 0);
	args(add("rt_sigaction act", SYS_rt_sigaction, 1, BP_IN, 32, BP_NULL_OK), sig, 0, 0, 8, 0,
	     0);
	args(add("rt_sigaction old", SYS_rt_sigaction, 2, BP_OUT, 32, BP_NULL_OK), sig, 0, 0, 8, 0,
	     0);
	args(add("rt_sigprocmask set", SYS_rt_sigprocmask, 1, BP_IN, 8, BP_NULL_OK), 0, 0, 0, 8, 0,
	     0);
	args(add("rt_sigprocmask old", SYS_rt_sigprocmask, 2, BP_OUT, 8, BP_NULL_OK), 0, 0, 0, 8, 0,
	     0);
	args(add("rt_sigsuspend", SYS_rt_sigsuspend, 0, BP_IN, 8, 0), 0, 8, 0, 0, 0, 0);
	args(add("nanosleep", SYS_nanosleep, 0, BP_IN, 16, 0), 0, 0, 0, 0, 0, 0);
	args(add("clock_nanosleep", SYS_clock_nanosleep, 2, BP_IN, 16, 0), 1, 0, 0, 0, 0, 0);
	args(add("clock_gettime", SYS_clock_gettime, 1, BP_OUT, 16, 0), 1, 0, 0, 0, 0, 0);
	args(add("clock_getres", SYS_clock_getres, 1, BP_OUT, 16, BP_NULL_OK), 1, 0, 0, 0, 0, 0);
	args(add("gettimeofday", SYS_gettimeofday, 0, BP_OUT, 16, BP_NULL_OK), 0, 0, 0, 0, 0, 0);
	args(add("time", SYS_time, 0, BP_OUT, 8, BP_NULL_OK), 0, 0, 0, 0, 0, 0);
	hooks(args(add("wait4 status", SYS_wait4, 1, BP_OUT, 4, BP_NULL_OK), -1, 0, 0, 0, 0, 0),
	      child_to_reap, reap_rest);
	hooks(args(add("wait4 rusage", SYS_wait4, 3, BP_OUT, 144, BP_NULL_OK), -1, 0, 0, 0, 0, 0),
	      child_to_reap, reap_rest);
	args(add("uname", SYS_uname, 0, BP_OUT, 390, 0), 0, 0, 0, 0, 0, 0);
	args(add("sysinfo", SYS_sysinfo, 0, BP_OUT, 112, 0), 0, 0, 0, 0, 0, 0);
	args(add("getrandom", SYS_getrandom, 0, BP_OUT, 16, BP_PIX), 0, 16, 0, 0, 0, 0);
	args(add("getrlimit", SYS_getrlimit, 1, BP_OUT, 16, 0), 7, 0, 0, 0, 0, 0);
	args(add("arch_prctl", SYS_arch_prctl, 1, BP_OUT, 8, 0), ARCH_GET_FS, 0, 0, 0, 0, 0);
}

static void add_sockets(void)
{
	long s = pair[0], len = (long)&good_len;

	args(add("socketpair", SYS_socketpair, 3, BP_OUT, 8, 0), AF_UNIX, SOCK_STREAM, 0, 0, 0, 0);
	args(add("bind", SYS_bind, 1, BP_IN, 16, 0), name_fd, 0, 16, 0, 0, 0);
	args(add("connect", SYS_connect, 1, BP_IN, 16, 0), name_fd, 0, 16, 0, 0, 0);
	hooks(args(add("accept addr", SYS_accept, 1, BP_OUT, 2, BP_NULL_OK), listen_fd, 0, len, 0,
		   0, 0),
	      connect_client, close_client);
	hooks(args(add("accept length", SYS_accept, 2, BP_OUT, 4, 0), listen_fd, G, 0, 0, 0, 0),
	      connect_client, close_client);
	hooks(args(add("accept4 addr", SYS_accept4, 1, BP_OUT, 2, BP_NULL_OK), listen_fd, 0, len, 0,
		   0, 0),
	      connect_client, close_client);
	args(add("sendto", SYS_sendto, 1, BP_IN, 16, 0), s, 0, 16, 0, 0, 0);
	args(add("sendto addr", SYS_sendto, 4, BP_IN, 16, BP_NULL_OK), s, G, 16, 0, 0, 16);
	hooks(args(add("recvfrom", SYS_recvfrom, 1, BP_OUT, 16, 0), s, 0, 16, 0, 0, 0), pair_fill,
	      pair_drain);
	hooks(args(add("recvfrom length", SYS_recvfrom, 5, BP_OUT, 4, 0), s, G, 16, 0, G, 0),
	      pair_fill, pair_drain);
	args(add("sendmsg", SYS_sendmsg, 1, BP_IN, 56, 0), s, 0, 0, 0, 0, 0);
	hooks(args(add("recvmsg", SYS_recvmsg, 1, BP_IN, 56, 0), s, 0, 0, 0, 0, 0), pair_fill,
	      pair_drain);
	args(add("getsockname", SYS_getsockname, 1, BP_OUT, 8, 0), listen_fd, 0, len, 0, 0, 0)
		->setup = reset_len;
	args(add("getsockname length", SYS_getsockname, 2, BP_OUT, 4, 0), listen_fd, G, 0, 0, 0, 0);
	args(add("getpeername length", SYS_getpeername, 2, BP_OUT, 4, 0), s, G, 0, 0, 0, 0);
	args(add("setsockopt", SYS_setsockopt, 3, BP_IN, 4, 0), s, SOL_SOCKET, SO_SNDBUF, 0, 4, 0);
	args(add("getsockopt", SYS_getsockopt, 3, BP_OUT, 4, 0), s, SOL_SOCKET, SO_TYPE, 0, len, 0)
		->setup = reset_len;
	args(add("getsockopt length", SYS_getsockopt, 4, BP_OUT, 4, 0), s, SOL_SOCKET, SO_TYPE, G,
	     0, 0);
}

/* Pointers inside of structures that are themselves good. */
static void indirect(void)
{
	struct iovec bad = { (void *)0x0000900000000000ul, 16 };
	struct msghdr m = { .msg_iov = &bad, .msg_iovlen = 1 };
	char *argv[] = { good, (char *)0xffffffff80200000ul, NULL };

	CHECK_EQ(ut_raw(SYS_writev, pipe_fd[1], (long)&bad, 1, 0, 0, 0), -EFAULT);
	CHECK_EQ(ut_raw(SYS_sendmsg, pair[0], (long)&m, 0, 0, 0, 0), -EFAULT);
	m.msg_iov = (struct iovec *)8;
	CHECK_EQ(ut_raw(SYS_sendmsg, pair[0], (long)&m, 0, 0, 0, 0), -EFAULT);
	CHECK_EQ(ut_raw(SYS_execve, (long)ut_program(), (long)argv, 0, 0, 0, 0), -EFAULT);
	m.msg_iov = &good_iov;
	CHECK_EQ(ut_raw(SYS_sendmsg, pair[0], (long)&m, 0, 0, 0, 0), 16);
	pair_drain(NULL);
}

/* Lengths that wrap around the end of the address space. */
static void wrapping(void)
{
	CHECK_EQ(ut_raw(SYS_write, pipe_fd[1], G, -1, 0, 0, 0), -EFAULT);
	CHECK_EQ(ut_raw(SYS_write, pipe_fd[1], G, -G, 0, 0, 0), -EFAULT);
	CHECK_EQ(ut_raw(SYS_read, file_fd, G, -1, 0, 0, 0), -EFAULT);
	CHECK_EQ(ut_raw(SYS_pread64, file_fd, G, -4096, 0, 0, 0), -EFAULT);
	CHECK_EQ(ut_raw(SYS_munmap, (long)0x100000000, -4096, 0, 0, 0, 0), -EINVAL);
	CHECK_EQ(ut_raw(SYS_mmap, 0, -1, 3, 0x22, -1, 0), -ENOMEM);
	CHECK_EQ(ut_raw(SYS_mmap, 0, -8192, 3, 0x22, -1, 0), -ENOMEM);
	CHECK_EQ(ut_raw(SYS_mprotect, (long)0x100000000, -4096, 3, 0, 0, 0), -ENOMEM);
	CHECK_EQ(ut_raw(SYS_bind, name_fd, G, -1, 0, 0, 0), -EINVAL);
	CHECK_EQ(ut_raw(SYS_poll, G, -1, 0, 0, 0, 0), -EINVAL);
	CHECK_EQ(ut_raw(SYS_readv, file_fd, G, -1, 0, 0, 0), -EINVAL);
	if (!ut_on_pix())
		return; /* Linux cuts these lengths down first */
	CHECK_EQ(ut_raw(SYS_getrandom, G, -1, 0, 0, 0, 0), -EFAULT);
	CHECK_EQ(ut_raw(SYS_sendto, pair[0], G, -1, 0, 0, 0), -EFAULT);
	CHECK_EQ(ut_raw(SYS_recvfrom, pair[0], G, -1, MSG_DONTWAIT, 0, 0), -EFAULT);
}

unsigned badptr_table(struct badptr **table)
{
	memset(good, 'g', sizeof(good));
	prepare();
	add_io();
	add_paths();
	add_process();
	add_sockets();
	indirect();
	wrapping();
	*table = calls;
	return ncalls;
}
