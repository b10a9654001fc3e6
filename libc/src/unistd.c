// SPDX-License-Identifier: MIT
/*
 * System calls that need no more than their number: files, processes, memory, terminals. Every
 * function returns -1 and sets errno on failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc/src/syscall.h"

ssize_t read(int fd, void *buf, size_t n)
{
	return sys_call(SYS_read, fd, buf, n);
}

ssize_t write(int fd, const void *buf, size_t n)
{
	return sys_call(SYS_write, fd, buf, n);
}

ssize_t pread(int fd, void *buf, size_t n, off_t off)
{
	return sys_call(SYS_pread64, fd, buf, n, off);
}

ssize_t pwrite(int fd, const void *buf, size_t n, off_t off)
{
	return sys_call(SYS_pwrite64, fd, buf, n, off);
}

ssize_t readv(int fd, const struct iovec *iov, int n)
{
	return sys_call(SYS_readv, fd, iov, n);
}

ssize_t writev(int fd, const struct iovec *iov, int n)
{
	return sys_call(SYS_writev, fd, iov, n);
}

int close(int fd)
{
	return (int)sys_call(SYS_close, fd);
}

off_t lseek(int fd, off_t off, int whence)
{
	return sys_call(SYS_lseek, fd, off, whence);
}

int dup(int fd)
{
	return (int)sys_call(SYS_dup, fd);
}

int dup2(int from, int to)
{
	return (int)sys_call(SYS_dup2, from, to);
}

int dup3(int from, int to, int flags)
{
	return (int)sys_call(SYS_dup3, from, to, flags);
}

int pipe2(int fd[2], int flags)
{
	return (int)sys_call(SYS_pipe2, fd, flags);
}

int ftruncate(int fd, off_t len)
{
	return (int)sys_call(SYS_ftruncate, fd, len);
}

int fsync(int fd)
{
	return (int)sys_call(SYS_fsync, fd);
}

int access(const char *path, int mode)
{
	return (int)sys_call(SYS_access, path, mode);
}

int unlink(const char *path)
{
	return (int)sys_call(SYS_unlink, path);
}

int rmdir(const char *path)
{
	return (int)sys_call(SYS_rmdir, path);
}

int rename(const char *from, const char *to)
{
	return (int)sys_call(SYS_rename, from, to);
}

int link(const char *from, const char *to)
{
	return (int)sys_call(SYS_link, from, to);
}

int symlink(const char *target, const char *path)
{
	return (int)sys_call(SYS_symlink, target, path);
}

ssize_t readlink(const char *restrict path, char *restrict buf, size_t n)
{
	return sys_call(SYS_readlink, path, buf, n);
}

int chdir(const char *path)
{
	return (int)sys_call(SYS_chdir, path);
}

int stat(const char *restrict path, struct stat *restrict st)
{
	return (int)sys_call(SYS_stat, path, st);
}

int lstat(const char *restrict path, struct stat *restrict st)
{
	return (int)sys_call(SYS_lstat, path, st);
}

int fstat(int fd, struct stat *st)
{
	return (int)sys_call(SYS_fstat, fd, st);
}

int chmod(const char *path, mode_t mode)
{
	return (int)sys_call(SYS_chmod, path, mode);
}

int mkdir(const char *path, mode_t mode)
{
	return (int)sys_call(SYS_mkdir, path, mode);
}

mode_t umask(mode_t mask)
{
	return (mode_t)sys_call(SYS_umask, mask);
}

pid_t fork(void)
{
	return (pid_t)sys_call(SYS_fork);
}

int execve(const char *path, char *const *argv, char *const *envp)
{
	return (int)sys_call(SYS_execve, path, argv, envp);
}

pid_t getpid(void)
{
	return (pid_t)sys_call(SYS_getpid);
}

pid_t getppid(void)
{
	return (pid_t)sys_call(SYS_getppid);
}

pid_t getpgrp(void)
{
	return (pid_t)sys_call(SYS_getpgrp);
}

pid_t getpgid(pid_t pid)
{
	return (pid_t)sys_call(SYS_getpgid, pid);
}

int setpgid(pid_t pid, pid_t pgid)
{
	return (int)sys_call(SYS_setpgid, pid, pgid);
}

pid_t setsid(void)
{
	return (pid_t)sys_call(SYS_setsid);
}

uid_t getuid(void)
{
	return (uid_t)sys_call(SYS_getuid);
}

uid_t geteuid(void)
{
	return (uid_t)sys_call(SYS_geteuid);
}

gid_t getgid(void)
{
	return (gid_t)sys_call(SYS_getgid);
}

gid_t getegid(void)
{
	return (gid_t)sys_call(SYS_getegid);
}

int sethostname(const char *name, size_t n)
{
	return (int)sys_call(SYS_sethostname, name, n);
}

unsigned alarm(unsigned s)
{
	return (unsigned)sys_call(SYS_alarm, s);
}

int pause(void)
{
	return (int)sys_call(SYS_pause);
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *ru)
{
	return (pid_t)sys_call(SYS_wait4, pid, status, options, ru);
}

int getrusage(int who, struct rusage *ru)
{
	return (int)sys_call(SYS_getrusage, who, ru);
}

int uname(struct utsname *u)
{
	return (int)sys_call(SYS_uname, u);
}

ssize_t getrandom(void *buf, size_t n, unsigned flags)
{
	return sys_call(SYS_getrandom, buf, n, flags);
}

int mprotect(void *addr, size_t len, int prot)
{
	return (int)sys_call(SYS_mprotect, addr, len, prot);
}

int munmap(void *addr, size_t len)
{
	return (int)sys_call(SYS_munmap, addr, len);
}

void sync(void)
{
	sys_raw(SYS_sync);
}

int pipe(int fd[2])
{
	return pipe2(fd, 0);
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return (int)sys_call(SYS_open, path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return (int)sys_call(SYS_openat, dir, path, flags, mode);
}

int creat(const char *path, mode_t mode)
{
	return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int fcntl(int fd, int cmd, ...)
{
	va_list ap;
	long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	return (int)sys_call(SYS_fcntl, fd, cmd, arg);
}

int ioctl(int fd, unsigned long req, ...)
{
	va_list ap;
	long arg;

	va_start(ap, req);
	arg = va_arg(ap, long);
	va_end(ap);
	return (int)sys_call(SYS_ioctl, fd, req, arg);
}

long syscall(long nr, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	return sys_call(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int remove(const char *path)
{
	return unlink(path) && (errno != EISDIR || rmdir(path)) ? -1 : 0;
}

/* The kernel counts the NUL and gives no pointer. */
char *getcwd(char *buf, size_t n)
{
	return sys_call(SYS_getcwd, buf, n) < 0 ? NULL : buf;
}

int gethostname(char *name, size_t n)
{
	struct utsname u;

	if (uname(&u))
		return -1;
	if (strlcpy(name, u.nodename, n) >= n) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	return wait4(pid, status, options, NULL);
}

pid_t wait(int *status)
{
	return wait4(-1, status, 0, NULL);
}

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	return (void *)sys_call(SYS_mmap, addr, len, prot, flags, fd, off);
}

/* The brk system call returns the break in force, also when it refuses. */
int brk(void *end)
{
	if ((void *)sys_raw(SYS_brk, end) != end) {
		errno = ENOMEM;
		return -1;
	}
	return 0;
}

void *sbrk(intptr_t by)
{
	char *now = (char *)sys_raw(SYS_brk, 0);

	return by && brk(now + by) ? (void *)-1 : now;
}

long sysconf(int name)
{
	if (name == _SC_PAGESIZE)
		return 4096;
	if (name == _SC_CLK_TCK)
		return 100;
	errno = EINVAL;
	return -1;
}

int poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	return (int)sys_call(SYS_poll, fds, n, timeout_ms);
}

/* The kernel writes the time left into its argument; POSIX leaves the caller's alone. */
int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
	struct timespec ts = timeout ? *timeout : (struct timespec){ 0 };

	return (int)sys_call(SYS_ppoll, fds, n, timeout ? &ts : NULL, mask, sizeof(*mask));
}

int reboot(int cmd)
{
	return (int)sys_call(SYS_reboot, 0xfee1dead, 672274793, cmd, 0);
}
