// SPDX-License-Identifier: MIT
/*
 * execve(2): a new program in the calling process. Everything that can fail is done before the old
 * program is touched. The initial stack is laid out as the System V ABI for x86-64 (1.0, section
 * 3.4.1) says:
 *
 *   USER_END
 *     path, argument and environment strings, 16 random bytes
 *     auxiliary vector ... AT_NULL
 *     0, environment pointers (ascending)
 *     0, argument pointers
 *     argc                              <- rsp, 16-byte aligned
 */
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/errno.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/random.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/printk.h"
#include "kernel/proc/elf.h"
#include "kernel/proc/process.h"

enum { ARGS_MAX = 512, AUX_WORDS = 2 * 16, RANDOM_BYTES = 16 };

enum auxv_type {
	AT_NULL = 0,
	AT_PHDR = 3,
	AT_PHENT = 4,
	AT_PHNUM = 5,
	AT_PAGESZ = 6,
	AT_ENTRY = 9,
	AT_UID = 11,
	AT_EUID = 12,
	AT_GID = 13,
	AT_EGID = 14,
	AT_CLKTCK = 17,
	AT_SECURE = 23,
	AT_RANDOM = 25,
	AT_EXECFN = 31,
};

/* The strings of one exec: argv, then envp, in bytes[]; offset[] says where each starts. */
struct exec_args {
	u32 argc, envc;
	u32 used;
	u32 offset[2 * ARGS_MAX];
	char bytes[ARG_BYTES];
};

static int add_user_string(struct exec_args *a, u32 index, u64 ustr)
{
	s64 n = strncpy_from_user(a->bytes + a->used, (const char *)ustr, ARG_BYTES - a->used);

	if (n < 0)
		return n == -ENAMETOOLONG ? -E2BIG : (int)n;
	a->offset[index] = a->used;
	a->used += (u32)n + 1;
	return 0;
}

/* Copies the strings of a NULL-ended array of user pointers; *n counts them. */
static int add_user_array(struct exec_args *a, u64 uarray, u32 first, u32 *n)
{
	for (*n = 0; uarray; (*n)++, uarray += 8) {
		u64 ustr;
		if (copy_from_user(&ustr, (const void *)uarray, sizeof(ustr)) < 0)
			return -EFAULT;
		if (ustr == 0)
			return 0;
		if (*n == ARGS_MAX)
			return -E2BIG;
		int err = add_user_string(a, first + *n, ustr);
		if (err)
			return err;
	}
	return 0;
}

static int collect_args(struct exec_args *a, const char *path, u64 uargv, u64 uenvp)
{
	a->used = 0;
	a->argc = a->envc = 0;
	if (!uargv) {
		a->used = (u32)strlcpy(a->bytes, path, ARG_BYTES) + 1;
		a->offset[0] = 0;
		a->argc = 1;
	}
	u32 n = 0;
	int err = uargv ? add_user_array(a, uargv, 0, &n) : 0;
	if (err)
		return err;
	a->argc += n;
	return add_user_array(a, uenvp, a->argc, &a->envc);
}

static int map_segments(struct aspace *as, const struct inode *file, const struct elf_image *image)
{
	for (u32 i = 0; i < image->nsegments; i++) {
		const struct elf_segment *s = &image->segment[i];
		struct vma v = {
			.start = s->vaddr & PAGE_MASK,
			.end = (s->vaddr + s->memsz + PAGE_SIZE - 1) & PAGE_MASK,
			.prot = (u8)((s->flags & ELF_PF_R ? PROT_READ : 0) |
				     (s->flags & ELF_PF_W ? PROT_WRITE : 0) |
				     (s->flags & ELF_PF_X ? PROT_EXEC : 0)),
			.kind = VMA_FILE,
			.file = file->data,
			.file_off = s->offset & PAGE_MASK,
			.file_end = s->offset + s->filesz,
		};
		int err = aspace_map(as, &v);
		if (err)
			return err;
	}
	as->brk_start = as->brk = image->end;
	struct vma stack = { .start = USER_END - USER_STACK,
			     .end = USER_END,
			     .prot = PROT_READ | PROT_WRITE,
			     .kind = VMA_ANON };
	return aspace_map(as, &stack);
}

static u64 *put_aux(u64 *w, enum auxv_type type, u64 value)
{
	*w++ = type;
	*w++ = value;
	return w;
}

/* Everything below the strings, in kernel memory first. The number of words, 0: no memory. */
static u64 *build_vectors(const struct exec_args *a, const struct elf_image *image, u64 strings,
			  u64 random, u64 execfn, u64 *nwords)
{
	u64 *words = kmalloc((3 + a->argc + a->envc + AUX_WORDS) * sizeof(u64));
	u64 *w = words;

	if (!words)
		return NULL;
	*w++ = a->argc;
	for (u32 i = 0; i < a->argc; i++)
		*w++ = strings + a->offset[i];
	*w++ = 0;
	for (u32 i = 0; i < a->envc; i++)
		*w++ = strings + a->offset[a->argc + i];
	*w++ = 0;
	w = put_aux(w, AT_PHDR, image->phdr);
	w = put_aux(w, AT_PHENT, 56);
	w = put_aux(w, AT_PHNUM, image->phnum);
	w = put_aux(w, AT_PAGESZ, PAGE_SIZE);
	w = put_aux(w, AT_ENTRY, image->entry);
	w = put_aux(w, AT_UID, 0);
	w = put_aux(w, AT_EUID, 0);
	w = put_aux(w, AT_GID, 0);
	w = put_aux(w, AT_EGID, 0);
	w = put_aux(w, AT_CLKTCK, 100);
	w = put_aux(w, AT_SECURE, 0);
	w = put_aux(w, AT_RANDOM, random);
	w = put_aux(w, AT_EXECFN, execfn);
	w = put_aux(w, AT_NULL, 0);
	*nwords = (u64)(w - words);
	return words;
}

/* Writes the initial stack into the new address space; *rsp is its lowest word. */
static int build_stack(struct aspace *as, const struct exec_args *a, const struct elf_image *image,
		       const char *path, u64 *rsp)
{
	u8 random[RANDOM_BYTES];
	size_t path_len = strlen(path) + 1;
	u64 execfn = USER_END - path_len;
	u64 random_va = (execfn - RANDOM_BYTES) & ~15ull;
	u64 strings = (random_va - a->used) & ~15ull;
	u64 nwords;

	random_bytes(random, sizeof(random));
	u64 *words = build_vectors(a, image, strings, random_va, execfn, &nwords);
	if (!words)
		return -ENOMEM;
	*rsp = (strings - nwords * sizeof(u64)) & ~15ull;
	int err = aspace_write(as, execfn, path, path_len);
	if (!err)
		err = aspace_write(as, random_va, random, sizeof(random));
	if (!err)
		err = aspace_write(as, strings, a->bytes, a->used);
	if (!err)
		err = aspace_write(as, *rsp, words, nwords * sizeof(u64));
	kfree(words);
	return err;
}

/* The program's file and headers. NULL with *err. */
static struct inode *open_program(const char *path, struct elf_image *image, int *err)
{
	struct process *p = process_this();
	struct inode *file = vfs_lookup(p->cwd, path, true, err);

	if (!file)
		return NULL;
	if ((file->mode & S_IFMT) != S_IFREG || !(file->mode & 0111) || !file->data) {
		*err = -EACCES;
	} else {
		*err = elf_parse(file->data, file->size, USER_MIN, 1ull << 32, image);
		if (*err)
			printk("proc: %s[%u]: exec of %s: %s\n", p->name, p->pid, path,
			       image->error);
	}
	if (*err) {
		inode_put(file);
		return NULL;
	}
	return file;
}

/* POINT OF NO RETURN: the old program is gone. */
static void start_program(struct process *p, struct aspace *as, const char *path, u64 entry,
			  u64 rsp, struct trapframe *frame)
{
	struct aspace *old = p->as;
	struct thread *t = p->thread;
	const char *base = strrchr(path, '/');

	p->as = as;
	thread_set_root(t, as->root);
	if (old)
		aspace_free(old);
	fd_close_exec(p->fds);
	signal_reset_handlers(p);
	strlcpy(p->name, base ? base + 1 : path, sizeof(p->name));
	strlcpy(t->name, p->name, sizeof(t->name));

	u64 flags = irq_save();
	fpu_init_area(t->fpu);
	fpu_restore(t->fpu);
	wrmsr(MSR_FS_BASE, 0);
	wrmsr(MSR_KERNEL_GS_BASE, 0);
	t->fs_base = t->gs_base = 0;
	irq_restore(flags);

	memset(frame, 0, sizeof(*frame));
	frame->rip = entry;
	frame->rsp = rsp;
	frame->cs = SEL_UCODE;
	frame->ss = SEL_UDATA;
	frame->rflags = RFLAGS_IF | 2;
}

static int load_program(const char *path, struct exec_args *args, struct trapframe *frame)
{
	struct elf_image image;
	u64 rsp = 0;
	int err;
	struct inode *file = open_program(path, &image, &err);

	if (!file)
		return err;
	struct aspace *as = aspace_new();
	err = as ? map_segments(as, file, &image) : -ENOMEM;
	if (!err)
		err = build_stack(as, args, &image, path, &rsp);
	inode_put(file); /* its bytes are part of the image and stay */
	if (err) {
		if (as)
			aspace_free(as);
		return err;
	}
	start_program(process_this(), as, path, image.entry, rsp, frame);
	return 0;
}

int process_exec(const char *path, u64 uargv, u64 uenvp, struct trapframe *frame)
{
	struct exec_args *args = kmalloc(sizeof(*args));

	if (!args)
		return -ENOMEM;
	int err = collect_args(args, path, uargv, uenvp);
	if (!err)
		err = load_program(path, args, frame);
	kfree(args);
	return err;
}
