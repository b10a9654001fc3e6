// SPDX-License-Identifier: MIT
/*
 * From a SYSCALL instruction to the function that does the work, and back. The table has Linux's
 * numbers (arch/x86/entry/syscalls/syscall_64.tbl); an empty place answers -ENOSYS, with a line in
 * the log that is limited to one a second.
 */
#include "kernel/proc/syscall.h"

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/arch/x86_64/trap.h"
#include "kernel/clock.h"
#include "kernel/errno.h"
#include "kernel/printk.h"
#include "kernel/proc/process.h"

/* clang-format off */
static const syscall_fn table[] = {
	[0] = sys_read,			[1] = sys_write,
	[2] = sys_open,			[3] = sys_close,
	[4] = sys_stat,			[5] = sys_fstat,
	[6] = sys_lstat,		[7] = sys_poll,
	[8] = sys_lseek,		[9] = sys_mmap,
	[10] = sys_mprotect,		[11] = sys_munmap,
	[12] = sys_brk,			[13] = sys_rt_sigaction,
	[14] = sys_rt_sigprocmask,	[15] = sys_rt_sigreturn,
	[16] = sys_ioctl,		[17] = sys_pread64,
	[18] = sys_pwrite64,		[19] = sys_readv,
	[20] = sys_writev,		[21] = sys_access,
	[22] = sys_pipe,		[24] = sys_sched_yield,
	[32] = sys_dup,			[33] = sys_dup2,
	[34] = sys_pause,		[35] = sys_nanosleep,
	[39] = sys_getpid,		[41] = sys_socket,
	[42] = sys_connect,		[43] = sys_accept,
	[44] = sys_sendto,		[45] = sys_recvfrom,
	[46] = sys_sendmsg,		[47] = sys_recvmsg,
	[48] = sys_shutdown,		[49] = sys_bind,
	[50] = sys_listen,		[51] = sys_getsockname,
	[52] = sys_getpeername,		[53] = sys_socketpair,
	[54] = sys_setsockopt,		[55] = sys_getsockopt,
	[56] = sys_clone,		[57] = sys_fork,
	[58] = sys_fork /* vfork */,	[59] = sys_execve,
	[60] = sys_exit,		[61] = sys_wait4,
	[62] = sys_kill,		[63] = sys_uname,
	[72] = sys_fcntl,		[74] = sys_fsync,
	[77] = sys_ftruncate,		[79] = sys_getcwd,
	[80] = sys_chdir,		[82] = sys_rename,
	[83] = sys_mkdir,		[84] = sys_rmdir,
	[85] = sys_creat,		[87] = sys_unlink,
	[89] = sys_readlink,		[95] = sys_umask,
	[96] = sys_gettimeofday,	[97] = sys_getrlimit,
	[99] = sys_sysinfo,		[102] = sys_zero /* getuid */,
	[104] = sys_zero /* getgid */,	[107] = sys_zero /* geteuid */,
	[108] = sys_zero /* getegid */,	[109] = sys_setpgid,
	[110] = sys_getppid,		[111] = sys_getpgrp,
	[112] = sys_setsid,		[121] = sys_getpgid,
	[124] = sys_getsid,		[127] = sys_rt_sigpending,
	[130] = sys_rt_sigsuspend,	[158] = sys_arch_prctl,
	[162] = sys_zero /* sync */,	[169] = sys_reboot,
	[186] = sys_getpid /* gettid */, [201] = sys_time,
	[217] = sys_getdents64,		[218] = sys_set_tid_address,
	[228] = sys_clock_gettime,	[229] = sys_clock_getres,
	[230] = sys_clock_nanosleep,	[231] = sys_exit /* exit_group */,
	[234] = sys_tgkill,		[257] = sys_openat,
	[262] = sys_newfstatat,		[263] = sys_unlinkat,
	[269] = sys_faccessat,		[271] = sys_ppoll,
	[288] = sys_accept4,		[292] = sys_dup3,
	[293] = sys_pipe2,		[318] = sys_getrandom,
};
/* clang-format on */

enum { NSYSCALLS = sizeof(table) / sizeof(table[0]), LOG_INTERVAL_NS = 1000000000 };

/* kernel/arch/x86_64/syscall.asm */
void syscall_entry(void);

void syscall_init_cpu(void)
{
	/* SYSCALL: CS 0x08, SS 0x10; SYSRETQ: CS 0x10 + 16 = 0x20 | 3, SS 0x10 + 8 = 0x18 | 3. */
	wrmsr(MSR_STAR, (u64)(SEL_KCODE | SEL_KDATA << 16) << 32);
	wrmsr(MSR_LSTAR, (u64)syscall_entry);
	wrmsr(MSR_SFMASK, RFLAGS_IF | RFLAGS_DF | RFLAGS_AC | 0x100 /* TF */ | 0x4000 /* NT */);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
}

static s64 unknown(u64 number)
{
	static u64 next_log; /* a race costs a line more or less */
	struct process *p = process_this();
	u64 now = clock_ns();

	if (now >= next_log) {
		next_log = now + LOG_INTERVAL_NS;
		printk("proc: %s[%u]: system call %lu is not implemented\n", p->name, p->pid,
		       (unsigned long)number);
	}
	return -ENOSYS;
}

/* Calls that a handler with SA_RESTART does not restart, after signal(7). */
static bool never_restarts(u64 number)
{
	switch (number) {
	case 7:   /* poll */
	case 34:  /* pause */
	case 35:  /* nanosleep */
	case 130: /* rt_sigsuspend */
	case 230: /* clock_nanosleep */
	case 271: /* ppoll */
		return true;
	default:
		return false;
	}
}

static bool sysret_ok(const struct trapframe *f)
{
	return f->rip == f->rcx && f->rflags == f->r11 && f->rip < USER_END && f->cs == SEL_UCODE &&
	       f->ss == SEL_UDATA;
}

bool syscall_dispatch(struct trapframe *frame)
{
	u64 number = frame->rax;
	struct syscall_args a = { frame->rdi, frame->rsi, frame->rdx, frame->r10,
				  frame->r8,  frame->r9,  frame };

	irq_on();
	s64 r = number < NSYSCALLS && table[number] ? table[number](&a) : unknown(number);
	if (r == -EINTR && !never_restarts(number))
		process_this()->restart = (u32)number + 1;
	frame->rax = (u64)r;
	irq_off();
	process_user_return(frame);
	return sysret_ok(frame);
}
