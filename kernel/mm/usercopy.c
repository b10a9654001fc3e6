// SPDX-License-Identifier: MIT
/*
 * The only code that touches user memory by its user address; see kernel/mm/aspace.h. Each copy is
 * one `rep movsb` or `rep stosb` with an entry in the exception table: a fault that the page-fault
 * handler cannot resolve continues behind it, with the count that was left. SMAP is lifted around
 * that one instruction. Runs in a process's thread on a generic core, interrupts on.
 */
#include "kernel/mm/aspace.h"

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/trap.h"
#include "kernel/errno.h"
#include "kernel/lib/string.h"
#include "kernel/plant.h"

/* A kernel thread (no process) has no user memory: its root must not be touched by mistake. */
bool user_range_ok(const void *uptr, size_t n)
{
	u64 a = (u64)uptr;

	return aspace_current() && a <= USER_END && n <= USER_END - a;
}

/* Planted bug "efault": a copy that was cut short counts as done. */
static bool plant_efault;

void usercopy_init(void)
{
	plant_efault = planted("efault");
}

/* The bytes not copied. dst or src is a checked user range. */
static size_t copy_raw(void *dst, const void *src, size_t n)
{
	user_access_begin();
	__asm__ volatile("1: rep movsb\n2:\n" EX_TABLE("1b", "2b")
			 : "+D"(dst), "+S"(src), "+c"(n)
			 :
			 : "memory");
	user_access_end();
	return plant_efault ? 0 : n;
}

int copy_from_user(void *dst, const void *usrc, size_t n)
{
	if (n == 0)
		return 0;
	if (!user_range_ok(usrc, n) || copy_raw(dst, usrc, n) != 0)
		return -EFAULT;
	return 0;
}

int copy_to_user(void *udst, const void *src, size_t n)
{
	if (n == 0)
		return 0;
	if (!user_range_ok(udst, n) || copy_raw(udst, src, n) != 0)
		return -EFAULT;
	return 0;
}

int zero_user(void *udst, size_t n)
{
	if (n == 0)
		return 0;
	if (!user_range_ok(udst, n))
		return -EFAULT;
	user_access_begin();
	__asm__ volatile("1: rep stosb\n2:\n" EX_TABLE("1b", "2b")
			 : "+D"(udst), "+c"(n)
			 : "a"(0)
			 : "memory");
	user_access_end();
	return n ? -EFAULT : 0;
}

s64 strncpy_from_user(char *dst, const char *usrc, size_t n)
{
	size_t done = 0;

	while (done < n) {
		/* Up to the end of the page, so that a string just below a hole is read whole. */
		size_t part = PAGE_SIZE - ((u64)(usrc + done) & (PAGE_SIZE - 1));
		if (part > n - done)
			part = n - done;
		if (copy_from_user(dst + done, usrc + done, part) < 0)
			return -EFAULT;
		char *nul = memchr(dst + done, 0, part);
		if (nul)
			return nul - dst;
		done += part;
	}
	return -ENAMETOOLONG;
}
