// SPDX-License-Identifier: MIT
/* The POSIX system calls that have no header of their own. -1 and errno on failure. */
#pragma once

#include <sys/types.h>

#define STDIN_FILENO  0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
#define R_OK          4
#define W_OK          2
#define X_OK          1
#define F_OK          0
#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif
#define _SC_PAGESIZE 30
#define _SC_CLK_TCK  2

ssize_t read(int fd, void *buf, size_t n);
ssize_t write(int fd, const void *buf, size_t n);
ssize_t pread(int fd, void *buf, size_t n, off_t off);
ssize_t pwrite(int fd, const void *buf, size_t n, off_t off);
int close(int fd);
off_t lseek(int fd, off_t off, int whence);
int dup(int fd);
int dup2(int from, int to);
int dup3(int from, int to, int flags);
int pipe(int fd[2]);
int pipe2(int fd[2], int flags);
int ftruncate(int fd, off_t len);
int fsync(int fd);
void sync(void);

int access(const char *path, int mode);
int unlink(const char *path);
int rmdir(const char *path);
int link(const char *from, const char *to);
int symlink(const char *target, const char *path);
ssize_t readlink(const char *restrict path, char *restrict buf, size_t n);
int chdir(const char *path);
char *getcwd(char *buf, size_t n);
int isatty(int fd);

pid_t fork(void);
int execve(const char *path, char *const argv[], char *const envp[]);
int execv(const char *path, char *const argv[]);
int execvp(const char *file, char *const argv[]); /* PATH, by default /bin:/sbin */
int execl(const char *path, const char *arg, ...) __attribute__((sentinel));
void _exit(int code) __attribute__((noreturn));
pid_t getpid(void);
pid_t getppid(void);
pid_t getpgrp(void);
pid_t getpgid(pid_t pid);
int setpgid(pid_t pid, pid_t pgid);
pid_t setsid(void);
pid_t tcgetpgrp(int fd);
int tcsetpgrp(int fd, pid_t pgid);
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
int sethostname(const char *name, size_t n);
int gethostname(char *name, size_t n);

unsigned sleep(unsigned s);
int usleep(useconds_t us);
unsigned alarm(unsigned s);
int pause(void);
long sysconf(int name);
int brk(void *end);
void *sbrk(intptr_t by);
long syscall(long nr, ...); /* raw call with errno handling; numbers in sys/syscall.h */

extern char *optarg;
extern int optind, opterr, optopt;
/* POSIX getopt: stops at the first operand, "--" ends the options. */
int getopt(int argc, char *const argv[], const char *opts);
