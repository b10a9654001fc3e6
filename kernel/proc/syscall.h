// SPDX-License-Identifier: MIT
/*
 * System calls: the numbers and register convention of Linux x86-64. Number in rax, arguments in
 * rdi, rsi, rdx, r10, r8, r9, the result or -errno in rax; rcx and r11 are lost.
 *
 * Each sys_* function runs in the calling process's thread with interrupts on. Arguments are as the
 * user gave them: pointers are checked by the copy routines, small integers are cut down here.
 */
#pragma once

#include "kernel/types.h"

struct trapframe;

/* The six arguments. */
struct syscall_args {
	u64 a0, a1, a2, a3, a4, a5;
	struct trapframe *frame; /* for fork, execve, rt_sigreturn */
};

typedef s64 (*syscall_fn)(const struct syscall_args *a);

/* STAR, LSTAR, SFMASK and EFER.SCE of this generic core. */
void syscall_init_cpu(void);

/* From syscall.asm: runs the call in frame. True: SYSRETQ may return to the user. */
bool syscall_dispatch(struct trapframe *frame);

/* files: kernel/proc/sys_file.c, sys_fd.c, sys_path.c */
s64 sys_read(const struct syscall_args *a);
s64 sys_write(const struct syscall_args *a);
s64 sys_readv(const struct syscall_args *a);
s64 sys_writev(const struct syscall_args *a);
s64 sys_pread64(const struct syscall_args *a);
s64 sys_pwrite64(const struct syscall_args *a);
s64 sys_lseek(const struct syscall_args *a);
s64 sys_ioctl(const struct syscall_args *a);
s64 sys_poll(const struct syscall_args *a);
s64 sys_ppoll(const struct syscall_args *a);
s64 sys_getdents64(const struct syscall_args *a);
s64 sys_close(const struct syscall_args *a);
s64 sys_dup(const struct syscall_args *a);
s64 sys_dup2(const struct syscall_args *a);
s64 sys_dup3(const struct syscall_args *a);
s64 sys_fcntl(const struct syscall_args *a);
s64 sys_pipe(const struct syscall_args *a);
s64 sys_pipe2(const struct syscall_args *a);
s64 sys_open(const struct syscall_args *a);
s64 sys_openat(const struct syscall_args *a);
s64 sys_creat(const struct syscall_args *a);
s64 sys_stat(const struct syscall_args *a);
s64 sys_lstat(const struct syscall_args *a);
s64 sys_fstat(const struct syscall_args *a);
s64 sys_newfstatat(const struct syscall_args *a);
s64 sys_access(const struct syscall_args *a);
s64 sys_faccessat(const struct syscall_args *a);
s64 sys_readlink(const struct syscall_args *a);
s64 sys_getcwd(const struct syscall_args *a);
s64 sys_chdir(const struct syscall_args *a);
s64 sys_mkdir(const struct syscall_args *a);
s64 sys_rmdir(const struct syscall_args *a);
s64 sys_unlink(const struct syscall_args *a);
s64 sys_unlinkat(const struct syscall_args *a);
s64 sys_rename(const struct syscall_args *a);
s64 sys_ftruncate(const struct syscall_args *a);
s64 sys_fsync(const struct syscall_args *a);
s64 sys_umask(const struct syscall_args *a);

/* memory: sys_mem.c */
s64 sys_mmap(const struct syscall_args *a);
s64 sys_munmap(const struct syscall_args *a);
s64 sys_mprotect(const struct syscall_args *a);
s64 sys_brk(const struct syscall_args *a);

/* processes and signals: sys_proc.c */
s64 sys_fork(const struct syscall_args *a);
s64 sys_clone(const struct syscall_args *a);
s64 sys_execve(const struct syscall_args *a);
s64 sys_exit(const struct syscall_args *a);
s64 sys_wait4(const struct syscall_args *a);
s64 sys_kill(const struct syscall_args *a);
s64 sys_tgkill(const struct syscall_args *a);
s64 sys_getpid(const struct syscall_args *a);
s64 sys_getppid(const struct syscall_args *a);
s64 sys_zero(const struct syscall_args *a);
s64 sys_getpgid(const struct syscall_args *a);
s64 sys_setpgid(const struct syscall_args *a);
s64 sys_getpgrp(const struct syscall_args *a);
s64 sys_getsid(const struct syscall_args *a);
s64 sys_setsid(const struct syscall_args *a);
s64 sys_sched_yield(const struct syscall_args *a);
s64 sys_arch_prctl(const struct syscall_args *a);
s64 sys_set_tid_address(const struct syscall_args *a);
s64 sys_rt_sigaction(const struct syscall_args *a);
s64 sys_rt_sigprocmask(const struct syscall_args *a);
s64 sys_rt_sigpending(const struct syscall_args *a);
s64 sys_rt_sigsuspend(const struct syscall_args *a);
s64 sys_rt_sigreturn(const struct syscall_args *a);
s64 sys_pause(const struct syscall_args *a);

/* time and the system: sys_misc.c */
s64 sys_nanosleep(const struct syscall_args *a);
s64 sys_clock_nanosleep(const struct syscall_args *a);
s64 sys_clock_gettime(const struct syscall_args *a);
s64 sys_clock_getres(const struct syscall_args *a);
s64 sys_gettimeofday(const struct syscall_args *a);
s64 sys_time(const struct syscall_args *a);
s64 sys_uname(const struct syscall_args *a);
s64 sys_sysinfo(const struct syscall_args *a);
s64 sys_getrandom(const struct syscall_args *a);
s64 sys_reboot(const struct syscall_args *a);
s64 sys_getrlimit(const struct syscall_args *a);

/* sockets: kernel/net/socket.c */
s64 sys_socket(const struct syscall_args *a);
s64 sys_socketpair(const struct syscall_args *a);
s64 sys_bind(const struct syscall_args *a);
s64 sys_listen(const struct syscall_args *a);
s64 sys_accept(const struct syscall_args *a);
s64 sys_accept4(const struct syscall_args *a);
s64 sys_connect(const struct syscall_args *a);
s64 sys_sendto(const struct syscall_args *a);
s64 sys_recvfrom(const struct syscall_args *a);
s64 sys_sendmsg(const struct syscall_args *a);
s64 sys_recvmsg(const struct syscall_args *a);
s64 sys_shutdown(const struct syscall_args *a);
s64 sys_getsockname(const struct syscall_args *a);
s64 sys_getpeername(const struct syscall_args *a);
s64 sys_setsockopt(const struct syscall_args *a);
s64 sys_getsockopt(const struct syscall_args *a);
