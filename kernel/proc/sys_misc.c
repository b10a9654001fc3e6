// SPDX-License-Identifier: MIT
/*
 * System calls about time and the system as a whole; see kernel/proc/syscall.h.
 */
#include "kernel/clock.h"
#include "kernel/errno.h"
#include "kernel/fs/memdev.h"
#include "kernel/lib/string.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/phys.h"
#include "kernel/power.h"
#include "kernel/printk.h"
#include "kernel/proc/process.h"
#include "kernel/proc/syscall.h"

#define NSEC 1000000000ull

enum clock_id {
	CLOCK_REALTIME = 0,
	CLOCK_MONOTONIC = 1,
	CLOCK_PROCESS_CPUTIME_ID = 2,
	CLOCK_THREAD_CPUTIME_ID = 3,
	CLOCK_MONOTONIC_RAW = 4,
	CLOCK_REALTIME_COARSE = 5,
	CLOCK_MONOTONIC_COARSE = 6,
	CLOCK_BOOTTIME = 7,
	TIMER_ABSTIME = 1,
};

struct timespec {
	s64 sec;
	s64 nsec;
};

static u64 wall_ns(void)
{
	return clock_wall_boot() * NSEC + clock_ns();
}

/* False: no such clock. */
static bool read_clock(u64 id, u64 *ns)
{
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*ns = wall_ns();
		return true;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = clock_ns();
		return true;
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_THREAD_CPUTIME_ID:
		*ns = thread_cpu_ns(thread_this()) + clock_ns() - thread_this()->run_start;
		return true;
	default:
		return false;
	}
}

static int put_timespec(u64 uts, u64 ns)
{
	struct timespec ts = { (s64)(ns / NSEC), (s64)(ns % NSEC) };

	return copy_to_user((void *)uts, &ts, sizeof(ts));
}

static int get_timespec(u64 uts, u64 *ns)
{
	struct timespec ts;

	if (copy_from_user(&ts, (const void *)uts, sizeof(ts)) < 0)
		return -EFAULT;
	if (ts.sec < 0 || ts.nsec < 0 || ts.nsec >= (s64)NSEC)
		return -EINVAL;
	u64 sec = ts.sec < 4000000000 ? (u64)ts.sec : 4000000000; /* 126 years are enough */
	*ns = sec * NSEC + (u64)ts.nsec;
	return 0;
}

/* Sleeps until clock_ns() reaches deadline: 0, or -EINTR. */
static int sleep_until(u64 deadline)
{
	struct waitq never;

	waitq_init(&never);
	int err = wait_event_deadline(&never, clock_ns() >= deadline, deadline);
	return err == -ETIMEDOUT ? 0 : err;
}

static s64 sleep_for(u64 ns, u64 urem)
{
	u64 deadline = clock_ns() + ns;
	int err = ns ? sleep_until(deadline) : 0;

	if (err == -EINTR && urem) {
		u64 now = clock_ns();
		if (put_timespec(urem, now < deadline ? deadline - now : 0) < 0)
			return -EFAULT;
	}
	return err;
}

s64 sys_nanosleep(const struct syscall_args *a)
{
	u64 ns;
	int err = get_timespec(a->a0, &ns);

	return err ? err : sleep_for(ns, a->a1);
}

s64 sys_clock_nanosleep(const struct syscall_args *a)
{
	u64 ns, now;

	if (a->a0 == CLOCK_PROCESS_CPUTIME_ID || a->a0 == CLOCK_THREAD_CPUTIME_ID ||
	    !read_clock(a->a0, &now) || (a->a1 & ~(u64)TIMER_ABSTIME))
		return -EINVAL;
	int err = get_timespec(a->a2, &ns);
	if (err)
		return err;
	if (!(a->a1 & TIMER_ABSTIME))
		return sleep_for(ns, a->a3);
	return ns > now ? sleep_until(clock_ns() + (ns - now)) : 0;
}

s64 sys_clock_gettime(const struct syscall_args *a)
{
	u64 ns;

	if (!read_clock(a->a0, &ns))
		return -EINVAL;
	return put_timespec(a->a1, ns);
}

s64 sys_clock_getres(const struct syscall_args *a)
{
	u64 ns;

	if (!read_clock(a->a0, &ns))
		return -EINVAL;
	return a->a1 ? put_timespec(a->a1, 1) : 0;
}

s64 sys_gettimeofday(const struct syscall_args *a)
{
	u64 ns = wall_ns();
	s64 tv[2] = { (s64)(ns / NSEC), (s64)(ns % NSEC / 1000) };
	s32 tz[2] = { 0, 0 };

	if (a->a0 && copy_to_user((void *)a->a0, tv, sizeof(tv)) < 0)
		return -EFAULT;
	if (a->a1 && copy_to_user((void *)a->a1, tz, sizeof(tz)) < 0)
		return -EFAULT;
	return 0;
}

s64 sys_time(const struct syscall_args *a)
{
	s64 now = (s64)(wall_ns() / NSEC);

	if (a->a0 && copy_to_user((void *)a->a0, &now, sizeof(now)) < 0)
		return -EFAULT;
	return now;
}

s64 sys_uname(const struct syscall_args *a)
{
	struct {
		char sysname[65], nodename[65], release[65], version[65], machine[65], domain[65];
	} u = { "PIX", "pix", "0.1.0", "PIX networking operating system", "x86_64", "(none)" };

	return copy_to_user((void *)a->a0, &u, sizeof(u));
}

/* struct sysinfo of Linux x86-64. */
struct sysinfo {
	s64 uptime;
	u64 loads[3];
	u64 totalram, freeram, sharedram, bufferram;
	u64 totalswap, freeswap;
	u16 procs, pad[3];
	u64 totalhigh, freehigh;
	u32 mem_unit, pad2;
};
_Static_assert(sizeof(struct sysinfo) == 112, "sysinfo ABI");

s64 sys_sysinfo(const struct syscall_args *a)
{
	struct phys_stats s;
	phys_stats(&s);
	struct sysinfo si = {
		.uptime = (s64)(clock_ns() / NSEC),
		.totalram = s.total_pages * PAGE_SIZE,
		.freeram = s.free_pages * PAGE_SIZE,
		.procs = (u16)process_count(),
		.mem_unit = 1,
	};

	return copy_to_user((void *)a->a0, &si, sizeof(si));
}

s64 sys_getrandom(const struct syscall_args *a)
{
	enum { GRND_NONBLOCK = 1, GRND_RANDOM = 2, GRND_INSECURE = 4 };

	if (a->a2 & ~(u64)(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	if (!user_range_ok((void *)a->a0, a->a1))
		return -EFAULT;
	return random_to_user((void *)a->a0, a->a1 < INT32_MAX ? a->a1 : INT32_MAX);
}

s64 sys_reboot(const struct syscall_args *a)
{
	enum { MAGIC2 = 672274793, MAGIC2A = 85072278, MAGIC2B = 369367448, MAGIC2C = 537993216 };
	u32 magic2 = (u32)a->a1;

	if ((u32)a->a0 != 0xfee1dead ||
	    (magic2 != MAGIC2 && magic2 != MAGIC2A && magic2 != MAGIC2B && magic2 != MAGIC2C))
		return -EINVAL;
	switch ((u32)a->a2) {
	case 0x01234567: /* LINUX_REBOOT_CMD_RESTART */
		printk("system: restart\n");
		power_reset();
	case 0x4321fedc: /* LINUX_REBOOT_CMD_POWER_OFF */
	case 0xcdef0123: /* LINUX_REBOOT_CMD_HALT */
		printk("system: power off\n");
		power_off();
	case 0x89abcdef: /* LINUX_REBOOT_CMD_CAD_ON */
	case 0:          /* LINUX_REBOOT_CMD_CAD_OFF */
		return 0;
	default:
		return -EINVAL;
	}
}

s64 sys_getrlimit(const struct syscall_args *a)
{
	enum { RLIMIT_STACK = 3, RLIMIT_NPROC = 6, RLIMIT_NOFILE = 7, RLIM_NLIMITS = 16 };
	u64 limit[2] = { ~0ull, ~0ull };

	if (a->a0 >= RLIM_NLIMITS)
		return -EINVAL;
	if (a->a0 == RLIMIT_STACK)
		limit[0] = limit[1] = USER_STACK;
	else if (a->a0 == RLIMIT_NPROC)
		limit[0] = limit[1] = PROC_MAX;
	else if (a->a0 == RLIMIT_NOFILE)
		limit[0] = limit[1] = FD_MAX;
	return copy_to_user((void *)a->a1, limit, sizeof(limit));
}
