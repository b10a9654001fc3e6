// SPDX-License-Identifier: MIT
/*
 * Every pointer argument of every system call, pointed at everything it must not point at: NULL,
 * unmapped, kernel, data plane, not canonical, the end of a mapping, a page without the right, a
 * length that wraps. The answer must be EFAULT (EINVAL where the length is what is wrong), the
 * caller and the kernel live on.
 */
#include "apps/usertests/usertests.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pix/dev.h>

enum { PAGE = 4096 };

enum flags {
	WRITES = 1,  /* the kernel stores through the pointer */
	COUNTS = 2,  /* returns a count: part of a buffer may do */
	NULL_OK = 4, /* a NULL pointer is allowed */
	HAS_LEN = 8, /* the length is the caller's */
	STRING = 16, /* ends at a NUL */
	PIX_ONLY = 32,
};

struct probe {
	const char *name;
	long (*call)(void *p, size_t n);
	size_t need; /* bytes that the kernel looks at */
	unsigned flags;
};

static int pipe_fd[2], pair_fd[2], listen_fd, zero_fd, file_fd, dir_fd, stat_fd, epipe_fd[2];

/* --- the calls, each with one argument under test ------------------------------------------ */

#define CALL(name, ...)                      \
	static long name(void *p, size_t n)  \
	{                                    \
		(void)n;                     \
		(void)p;                     \
		return ut_call(__VA_ARGS__); \
	}

static char good[256];
static struct iovec good_iov = { good, 16 };

CALL(do_read, SYS_read, zero_fd, p, n)
CALL(do_read_file, SYS_read, file_fd, p, n)
CALL(do_pread, SYS_pread64, file_fd, p, n, 0L)
CALL(do_write, SYS_write, pipe_fd[1], p, n)
CALL(do_readv, SYS_readv, zero_fd, p, 2L)
CALL(do_writev, SYS_writev, pipe_fd[1], p, 2L)
CALL(do_open, SYS_open, p, 0L, 0L)
CALL(do_openat, SYS_openat, -100L, p, 0L, 0L)
CALL(do_stat_path, SYS_stat, p, good)
CALL(do_stat_buf, SYS_stat, "/", p)
CALL(do_lstat_path, SYS_lstat, p, good)
CALL(do_lstat_buf, SYS_lstat, "/", p)
CALL(do_fstat, SYS_fstat, file_fd, p)
CALL(do_access, SYS_access, p, 0L)
CALL(do_poll, SYS_poll, p, 2L, 0L)
CALL(do_ppoll_time, SYS_ppoll, &(struct pollfd){ .fd = -1 }, 1L, p, 0L, 8L)
CALL(do_getcwd, SYS_getcwd, p, 64L)
CALL(do_getdents, 217L, dir_fd, p, n)
CALL(do_readlink_path, SYS_readlink, p, good, 16L)
CALL(do_uname, SYS_uname, p)
CALL(do_nanosleep, SYS_nanosleep, p, 0L)
CALL(do_clock_gettime, SYS_clock_gettime, 1L, p)
CALL(do_clock_getres, 229L, 1L, p)
CALL(do_clock_nanosleep, 230L, 1L, 0L, p, 0L)
CALL(do_gettimeofday, 96L, p, 0L)
CALL(do_pipe, SYS_pipe, p)
CALL(do_pipe2, SYS_pipe2, p, 0L)
CALL(do_sigaction_new, SYS_rt_sigaction, 10L, p, 0L, 8L)
CALL(do_sigaction_old, SYS_rt_sigaction, 10L, 0L, p, 8L)
CALL(do_sigmask_new, SYS_rt_sigprocmask, 0L, p, 0L, 8L)
CALL(do_sigmask_old, SYS_rt_sigprocmask, 0L, 0L, p, 8L)
CALL(do_sigsuspend, SYS_rt_sigsuspend, p, 8L)
CALL(do_getrandom, SYS_getrandom, p, n, 0L)
CALL(do_execve_path, SYS_execve, p, 0L, 0L)
CALL(do_execve_argv, SYS_execve, ut_self, p, 0L)
CALL(do_chdir, SYS_chdir, p)
CALL(do_mkdir, SYS_mkdir, p, 0700L)
CALL(do_rmdir, SYS_rmdir, p)
CALL(do_unlink, SYS_unlink, p)
CALL(do_rename_from, SYS_rename, p, "/tmp/x")
CALL(do_getrlimit, 97L, 7L, p)
CALL(do_sysinfo, 99L, p)
CALL(do_bind, SYS_bind, pair_fd[0], p, 16L)
CALL(do_connect, SYS_connect, pair_fd[0], p, 16L)
CALL(do_getsockname, SYS_getsockname, listen_fd, p, &(int){ 16 })
CALL(do_getsockname_len, SYS_getsockname, listen_fd, good, p)
CALL(do_getpeername, SYS_getpeername, pair_fd[0], p, &(int){ 16 })
CALL(do_socketpair, SYS_socketpair, 1L, 1L, 0L, p)
CALL(do_setsockopt, SYS_setsockopt, pair_fd[0], 1L, 2L, p, 4L)
CALL(do_getsockopt, SYS_getsockopt, pair_fd[0], 1L, 3L, p, &(int){ 4 })
CALL(do_getsockopt_len, SYS_getsockopt, pair_fd[0], 1L, 3L, good, p)
CALL(do_sendto, SYS_sendto, pair_fd[0], p, n, 0x4040L, 0L, 0L)
CALL(do_sendmsg, SYS_sendmsg, pair_fd[0], p, 0x4040L)
CALL(do_arch_prctl, 158L, 0x1003L, p)
CALL(do_info, SYS_ioctl, stat_fd, (long)PIX_IOC_INFO, p)
CALL(do_list, SYS_ioctl, stat_fd, (long)PIX_IOC_LIST, p)
CALL(do_snapshot, SYS_ioctl, stat_fd, (long)PIX_IOC_SNAPSHOT, p)

static long do_recvfrom(void *p, size_t n)
{
	ut_call(SYS_sendto, pair_fd[0], good, 64L, 0x4040L, 0L, 0L);
	return ut_call(SYS_recvfrom, pair_fd[1], p, n, 0x40L, 0L, 0L);
}

static long do_recvmsg(void *p, size_t n)
{
	(void)n;
	ut_call(SYS_sendto, pair_fd[0], good, 64L, 0x4040L, 0L, 0L);
	return ut_call(SYS_recvmsg, pair_fd[1], p, 0x40L);
}

static long do_readv_buffer(void *p, size_t n)
{
	struct iovec v[2] = { { p, n }, { p, n } };

	return ut_call(SYS_readv, zero_fd, v, 2L);
}

static long do_writev_buffer(void *p, size_t n)
{
	struct iovec v[2] = { { p, n }, { p, n } };

	return ut_call(SYS_writev, pipe_fd[1], v, 2L);
}

static long do_sendmsg_iov(void *p, size_t n)
{
	struct msghdr m = { .msg_iov = p, .msg_iovlen = 1 };

	(void)n;
	return ut_call(SYS_sendmsg, pair_fd[0], &m, 0x4040L);
}

static long do_execve_argv_string(void *p, size_t n)
{
	char *argv[] = { "program", p, NULL };

	(void)n;
	return ut_call(SYS_execve, ut_self, argv, 0L);
}

static long do_wait4(void *p, size_t n)
{
	(void)n;
	long pid = ut_call(SYS_fork);

	if (pid == 0)
		_exit(3);
	long r = ut_call(SYS_wait4, pid, p, 0L, 0L);
	ut_call(SYS_wait4, pid, 0L, 0L, 0L); /* in case the first did not reap it */
	return r;
}

/* A list whose buffer is bad, though the structure is good. */
static long do_list_buffer(void *p, size_t n)
{
	struct pix_list l = { .what = PIX_LIST_CPU,
			      .elem_size = sizeof(struct pix_cpu),
			      .max = 4,
			      .buf = (u64)(uintptr_t)p };

	(void)n;
	return ut_call(SYS_ioctl, stat_fd, (long)PIX_IOC_LIST, &l);
}

static const struct probe probes[] = {
	{ "read", do_read, 64, WRITES | COUNTS | HAS_LEN },
	{ "read_file", do_read_file, 64, WRITES | COUNTS | HAS_LEN },
	{ "pread64", do_pread, 64, WRITES | COUNTS | HAS_LEN },
	{ "write", do_write, 64, COUNTS | HAS_LEN },
	{ "readv_buffer", do_readv_buffer, 64, WRITES | COUNTS | HAS_LEN },
	{ "writev_buffer", do_writev_buffer, 64, COUNTS | HAS_LEN },
	{ "readv", do_readv, 32, 0 },
	{ "writev", do_writev, 32, 0 },
	{ "open", do_open, 8, STRING },
	{ "openat", do_openat, 8, STRING },
	{ "stat_path", do_stat_path, 8, STRING },
	{ "stat_buf", do_stat_buf, 144, WRITES },
	{ "lstat_path", do_lstat_path, 8, STRING },
	{ "lstat_buf", do_lstat_buf, 144, WRITES },
	{ "fstat", do_fstat, 144, WRITES },
	{ "access", do_access, 8, STRING },
	{ "poll", do_poll, 16, WRITES },
	{ "ppoll_time", do_ppoll_time, 16, NULL_OK },
	{ "getcwd", do_getcwd, 2, WRITES },
	{ "getdents64", do_getdents, 256, WRITES | COUNTS | HAS_LEN },
	{ "readlink", do_readlink_path, 8, STRING },
	{ "uname", do_uname, 390, WRITES },
	{ "nanosleep", do_nanosleep, 16, 0 },
	{ "clock_gettime", do_clock_gettime, 16, WRITES },
	{ "clock_getres", do_clock_getres, 16, WRITES | NULL_OK },
	{ "clock_nanosleep", do_clock_nanosleep, 16, 0 },
	{ "gettimeofday", do_gettimeofday, 16, WRITES | NULL_OK },
	{ "pipe", do_pipe, 8, WRITES },
	{ "pipe2", do_pipe2, 8, WRITES },
	{ "wait4", do_wait4, 4, WRITES | NULL_OK },
	{ "rt_sigaction_new", do_sigaction_new, 32, NULL_OK },
	{ "rt_sigaction_old", do_sigaction_old, 32, WRITES | NULL_OK },
	{ "rt_sigprocmask_new", do_sigmask_new, 8, NULL_OK },
	{ "rt_sigprocmask_old", do_sigmask_old, 8, WRITES | NULL_OK },
	{ "rt_sigsuspend", do_sigsuspend, 8, 0 },
	{ "getrandom", do_getrandom, 64, WRITES | COUNTS | HAS_LEN },
	{ "execve_path", do_execve_path, 8, STRING },
	{ "execve_argv", do_execve_argv, 16, NULL_OK | STRING },
	{ "execve_argv_string", do_execve_argv_string, 16, NULL_OK | STRING },
	{ "chdir", do_chdir, 8, STRING },
	{ "mkdir", do_mkdir, 8, STRING },
	{ "rmdir", do_rmdir, 8, STRING },
	{ "unlink", do_unlink, 8, STRING },
	{ "rename", do_rename_from, 8, STRING },
	{ "getrlimit", do_getrlimit, 16, WRITES },
	{ "sysinfo", do_sysinfo, 112, WRITES },
	{ "bind", do_bind, 16, 0 },
	{ "connect", do_connect, 16, 0 },
	{ "getsockname", do_getsockname, 2, WRITES },
	{ "getsockname_len", do_getsockname_len, 4, WRITES },
	{ "getpeername", do_getpeername, 2, WRITES },
	{ "socketpair", do_socketpair, 8, WRITES },
	{ "setsockopt", do_setsockopt, 4, 0 },
	{ "getsockopt", do_getsockopt, 4, WRITES },
	{ "getsockopt_len", do_getsockopt_len, 4, WRITES },
	{ "sendto", do_sendto, 64, COUNTS | HAS_LEN },
	{ "recvfrom", do_recvfrom, 64, WRITES | COUNTS | HAS_LEN },
	{ "sendmsg", do_sendmsg, 56, 0 },
	{ "sendmsg_iov", do_sendmsg_iov, 16, 0 },
	{ "recvmsg", do_recvmsg, 56, WRITES },
	{ "arch_prctl", do_arch_prctl, 8, WRITES },
	{ "ioctl_info", do_info, sizeof(struct pix_info), PIX_ONLY },
	{ "ioctl_list", do_list, sizeof(struct pix_list), PIX_ONLY },
	{ "ioctl_list_buffer", do_list_buffer, sizeof(struct pix_cpu), WRITES | PIX_ONLY },
	{ "ioctl_snapshot", do_snapshot, sizeof(struct pix_snapshot), WRITES | PIX_ONLY },
};

/* --- the bad places ------------------------------------------------------------------------- */

static char *pages; /* 0: read-write; 1: unmapped; 2: read-only; 3: no access */

static bool make_pages(void)
{
	pages = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		return ut_fail("mmap");
	memset(pages, 'x', PAGE);
	return !munmap(pages + PAGE, PAGE) && !mprotect(pages + 2 * PAGE, PAGE, PROT_READ) &&
	       !mprotect(pages + 3 * PAGE, PAGE, PROT_NONE);
}

static bool open_files(void)
{
	static const char *const files[] = { "/etc/init.conf", "/etc/hostname", "/etc/passwd" };

	for (int i = 0; i < 3 && (i == 0 || file_fd < 0); i++)
		file_fd = open(files[i], O_RDONLY);
	if (chdir("/"))
		return false;
	zero_fd = open("/dev/zero", O_RDONLY);
	dir_fd = open("/", O_RDONLY);
	stat_fd = open("/dev/pix/stat", O_RDONLY);
	listen_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	return file_fd >= 0 && zero_fd >= 0 && dir_fd >= 0 && listen_fd >= 0 && !pipe(pipe_fd) &&
	       !pipe(epipe_fd) && !socketpair(AF_UNIX, SOCK_STREAM, 0, pair_fd);
}

/* The answer to a bad pointer: EFAULT; for a buffer that begins well, what fitted. */
static bool fair(const struct probe *p, const char *where, long r, bool part, bool length)
{
	if (r == -EFAULT || (length && (r == -EINVAL || r == -ENOMEM || r == -EMSGSIZE)))
		return true;
	/* Some kernels do what fits before they notice; more than the mapping holds fits nowhere.
	 */
	if (part && (p->flags & COUNTS) && r >= 0 && (size_t)r < 2 * p->need)
		return true;
	if (length && (p->flags & COUNTS) && r >= 0 && r <= PAGE)
		return true;
	return ut_fail("%s: %s answered %ld", p->name, where, r);
}

static bool probe_one(const struct probe *p)
{
	static const struct {
		const char *name;
		uintptr_t at;
	} outside[] = {
		{ "kernel text", 0xffffffff80101000 },   { "kernel map", 0xffff800000100000 },
		{ "data plane", 0xffffc00000000000 },    { "kernel stack", 0xffffd00000001000 },
		{ "not canonical", 0x0000800000000000 }, { "top bit", 0x8000000000000000 },
		{ "last byte", 0xffffffffffffffff },     { "last user byte", 0x00007fffffffffff },
	};
	char *edge = pages + PAGE - 1;
	bool good_so_far = true;

	memset(pages, 'x', PAGE); /* no string ends before the mapping does */
	if (!(p->flags & NULL_OK))
		good_so_far &= fair(p, "NULL", p->call(NULL, p->need), false, false);
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		good_so_far &= fair(p, outside[i].name, p->call((void *)outside[i].at, p->need),
				    false, false);
	good_so_far &= fair(p, "unmapped", p->call(pages + PAGE, p->need), false, false);
	good_so_far &= fair(p, "no access", p->call(pages + 3 * PAGE, p->need), false, false);
	good_so_far &= fair(p, "end of mapping", p->call(edge, p->need), true, false);
	if (p->flags & WRITES)
		good_so_far &=
			fair(p, "read-only", p->call(pages + 2 * PAGE, p->need), false, false);
	if (p->flags & HAS_LEN)
		good_so_far &= fair(p, "wrapping length", p->call(pages, (size_t)-16), false, true);
	return good_so_far;
}

static bool bad_pointers(void)
{
	bool good_so_far = true;

	if (!make_pages() || !open_files())
		return ut_fail("set-up: errno %d", errno);
	for (size_t i = 0; i < sizeof(probes) / sizeof(probes[0]); i++) {
		if (!(probes[i].flags & PIX_ONLY) || stat_fd >= 0)
			good_so_far &= probe_one(&probes[i]);
	}
	return good_so_far && good_iov.iov_len == 16;
}

/* The kernel must not have been talked into writing elsewhere: the same calls with good pointers
 * still work, and the page beside the buffer is untouched. */
static bool good_pointers(void)
{
	if (!make_pages() || !open_files())
		return ut_fail("set-up: errno %d", errno);
	memset(pages, 0x5a, PAGE);
	if (read(zero_fd, pages + 64, 64) != 64 || pages[63] != 0x5a || pages[128] != 0x5a ||
	    pages[64] || pages[127])
		return ut_fail("read wrote beside its buffer");
	if (read(zero_fd, pages + PAGE - 64, 64) != 64)
		return ut_fail("read up to the end of a mapping");
	if (write(pipe_fd[1], pages + PAGE - 8, 8) != 8 || read(pipe_fd[0], pages, 8) != 8)
		return ut_fail("pipe up to the end of a mapping");
	return true;
}

const struct usertest pointer_tests[] = {
	{ "bad_pointers", bad_pointers, 0 },
	{ "good_pointers", good_pointers, 0 },
	{ NULL, NULL, 0 },
};
