// SPDX-License-Identifier: MIT
/*
 * System calls about memory; see kernel/proc/syscall.h. Nothing is ever writable and executable:
 * asking for both is -EACCES.
 */
#include "kernel/errno.h"
#include "kernel/fs/vfs.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/phys.h"
#include "kernel/proc/process.h"
#include "kernel/proc/syscall.h"

enum mmap_flags {
	MAP_SHARED = 0x01,
	MAP_PRIVATE = 0x02,
	MAP_TYPE = 0x0f,
	MAP_FIXED = 0x10,
	MAP_ANONYMOUS = 0x20,
	MAP_FIXED_NOREPLACE = 0x100000,
};

static int check_prot(u64 prot)
{
	if (prot & ~(u64)(PROT_READ | PROT_WRITE | PROT_EXEC))
		return -EINVAL;
	return (prot & PROT_WRITE) && (prot & PROT_EXEC) ? -EACCES : 0;
}

/* Whether [va, va + len) is a page-aligned range of the user half. */
static bool range_ok(u64 va, u64 len)
{
	return !(va % PAGE_SIZE) && va >= USER_MIN && va < USER_END && len <= USER_END - va;
}

/* Where a mapping goes; 0 with *err when nowhere. */
static u64 choose_address(struct aspace *as, u64 hint, u64 len, u64 flags, int *err)
{
	bool fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);

	*err = 0;
	if (fixed && hint % PAGE_SIZE)
		*err = -EINVAL;
	else if (fixed && !range_ok(hint, len))
		*err = hint >= USER_MIN ? -ENOMEM : -EPERM;
	else if ((flags & MAP_FIXED_NOREPLACE) && !vma_free_range(&as->vmas, hint, hint + len))
		*err = -EEXIST;
	else if (flags & MAP_FIXED)
		*err = aspace_unmap(as, hint, len);
	if (*err)
		return 0;
	if (fixed)
		return hint;
	hint &= PAGE_MASK;
	if (hint && range_ok(hint, len) && vma_free_range(&as->vmas, hint, hint + len))
		return hint;
	u64 va = aspace_find_gap(as, len);
	*err = va ? 0 : -ENOMEM;
	return va;
}

/* As Linux's overcommit heuristic: what cannot be there even alone is refused at once. */
static bool beyond_memory(u64 len)
{
	struct phys_stats s;

	phys_stats(&s);
	return len / PAGE_SIZE > s.total_pages;
}

static int map_anonymous(struct aspace *as, u64 va, u64 len, u8 prot)
{
	struct vma v = { .start = va, .end = va + len, .prot = prot, .kind = VMA_ANON };

	return aspace_map(as, &v);
}

/* Devices map their own frames into an area that is there already. */
static int map_device_file(struct aspace *as, struct file *f, u64 va, u64 len, u8 prot, u64 off)
{
	struct vma v = { .start = va, .end = va + len, .prot = prot, .kind = VMA_DEVICE };
	int err = aspace_map(as, &v);

	if (err)
		return err;
	err = f->ops->mmap(f, va, len, prot, off);
	if (err)
		aspace_unmap(as, va, len);
	return err;
}

/* Whether f may be mapped that way. */
static int check_file(const struct file *f, u64 prot, u64 flags, bool regular)
{
	if (!f->ops->mmap)
		return -ENODEV;
	if (!file_readable(f))
		return -EACCES;
	if ((flags & MAP_TYPE) == MAP_SHARED && (prot & PROT_WRITE) &&
	    (regular || !file_writable(f)))
		return -EACCES;
	return 0;
}

s64 sys_mmap(const struct syscall_args *a)
{
	struct aspace *as = aspace_current();
	u64 flags = a->a3, off = a->a5;
	u64 len = (a->a1 + PAGE_SIZE - 1) & PAGE_MASK;
	bool anonymous = flags & MAP_ANONYMOUS;
	struct file *f = anonymous ? NULL : fd_file((int)a->a4);
	int err = check_prot(a->a2);

	if (a->a1 == 0)
		return -EINVAL;
	if (len == 0 || len > USER_END || (anonymous && beyond_memory(len)))
		return -ENOMEM;
	if (err)
		return err;
	if ((flags & MAP_TYPE) != MAP_PRIVATE && (flags & MAP_TYPE) != MAP_SHARED)
		return -EINVAL;
	if (anonymous && (flags & MAP_TYPE) == MAP_SHARED)
		return -EOPNOTSUPP; /* memory shared over fork does not exist */
	if (!anonymous && !f)
		return -EBADF;
	if (!anonymous && (off % PAGE_SIZE || off + len < off))
		return -EINVAL;
	bool regular = f && f->inode && (f->inode->mode & S_IFMT) == S_IFREG;
	if (f)
		err = check_file(f, a->a2, flags, regular);
	if (err)
		return err;
	u64 va = choose_address(as, a->a0, len, flags, &err);
	if (err)
		return err;
	u8 prot = (u8)a->a2;
	if (anonymous)
		err = map_anonymous(as, va, len, prot);
	else if (regular)
		err = f->ops->mmap(f, va, len, prot, off);
	else
		err = map_device_file(as, f, va, len, prot, off);
	return err ? err : (s64)va;
}

s64 sys_munmap(const struct syscall_args *a)
{
	u64 len = (a->a1 + PAGE_SIZE - 1) & PAGE_MASK;

	if (len == 0 || !range_ok(a->a0, len))
		return -EINVAL;
	return aspace_unmap(aspace_current(), a->a0, len);
}

s64 sys_mprotect(const struct syscall_args *a)
{
	u64 len = (a->a1 + PAGE_SIZE - 1) & PAGE_MASK;
	int err = check_prot(a->a2);

	if (a->a0 % PAGE_SIZE)
		return -EINVAL;
	if (a->a1 == 0)
		return 0;
	if (len == 0 || !range_ok(a->a0, len))
		return -ENOMEM;
	if (err)
		return err;
	return aspace_protect(aspace_current(), a->a0, len, (u8)a->a2);
}

s64 sys_brk(const struct syscall_args *a)
{
	return (s64)aspace_brk(aspace_current(), a->a0);
}
