// SPDX-License-Identifier: MIT
/*
 * ELF64 header checks; see kernel/proc/elf.h. Nothing in the file is trusted: offsets and sizes are
 * compared with what is left, never added first. Headers are copied out, as the file need not be
 * aligned.
 */
#include "kernel/proc/elf.h"

#include "kernel/errno.h"
#include "kernel/lib/string.h"

struct elf64_ehdr {
	u8 e_ident[16];
	u16 e_type;
	u16 e_machine;
	u32 e_version;
	u64 e_entry;
	u64 e_phoff;
	u64 e_shoff;
	u32 e_flags;
	u16 e_ehsize;
	u16 e_phentsize;
	u16 e_phnum;
	u16 e_shentsize;
	u16 e_shnum;
	u16 e_shstrndx;
};
_Static_assert(sizeof(struct elf64_ehdr) == 64, "Elf64_Ehdr");

struct elf64_phdr {
	u32 p_type;
	u32 p_flags;
	u64 p_offset;
	u64 p_vaddr;
	u64 p_paddr;
	u64 p_filesz;
	u64 p_memsz;
	u64 p_align;
};
_Static_assert(sizeof(struct elf64_phdr) == 56, "Elf64_Phdr");

enum elf_constants {
	EI_CLASS = 4,
	EI_DATA = 5,
	EI_VERSION = 6,
	ELFCLASS64 = 2,
	ELFDATA2LSB = 1,
	EV_CURRENT = 1,
	ET_EXEC = 2,
	EM_X86_64 = 62,
	PT_LOAD = 1,
	PT_INTERP = 3,
	ELF_PHNUM_MAX = 64,
	ELF_PAGE = 4096,
};

static int bad(struct elf_image *image, const char *why)
{
	image->error = why;
	return -ENOEXEC;
}

static u64 page_down(u64 a)
{
	return a & ~(u64)(ELF_PAGE - 1);
}

static u64 page_up(u64 a)
{
	return page_down(a + ELF_PAGE - 1);
}

static int check_ehdr(const struct elf64_ehdr *eh, size_t size, struct elf_image *image)
{
	if (memcmp(eh->e_ident, "\177ELF", 4) != 0)
		return bad(image, "no ELF magic");
	if (eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_ident[EI_DATA] != ELFDATA2LSB ||
	    eh->e_ident[EI_VERSION] != EV_CURRENT || eh->e_version != EV_CURRENT)
		return bad(image, "not a little-endian ELF64 file");
	if (eh->e_machine != EM_X86_64)
		return bad(image, "not for x86-64");
	if (eh->e_type != ET_EXEC)
		return bad(image, "not a static executable (ET_EXEC)");
	if (eh->e_phentsize != sizeof(struct elf64_phdr))
		return bad(image, "bad program header size");
	if (eh->e_phnum == 0 || eh->e_phnum > ELF_PHNUM_MAX)
		return bad(image, "bad number of program headers");
	u64 table = (u64)eh->e_phnum * sizeof(struct elf64_phdr);
	if (eh->e_phoff > size || table > size - eh->e_phoff)
		return bad(image, "program headers outside of the file");
	return 0;
}

static int add_segment(const struct elf64_phdr *ph, size_t size, u64 lo, u64 hi,
		       struct elf_image *image)
{
	if (ph->p_memsz == 0)
		return 0;
	if (ph->p_filesz > ph->p_memsz)
		return bad(image, "segment larger in the file than in memory");
	if (ph->p_offset > size || ph->p_filesz > size - ph->p_offset)
		return bad(image, "segment outside of the file");
	if (ph->p_vaddr < lo || ph->p_vaddr >= hi || ph->p_memsz > hi - ph->p_vaddr)
		return bad(image, "segment outside of the user address range");
	if ((ph->p_vaddr ^ ph->p_offset) & (ELF_PAGE - 1))
		return bad(image, "segment address and offset differ modulo the page size");
	if ((ph->p_flags & ELF_PF_W) && (ph->p_flags & ELF_PF_X))
		return bad(image, "segment both writable and executable");
	if (image->nsegments == ELF_SEGMENTS_MAX)
		return bad(image, "too many segments");
	/* gABI: PT_LOAD entries ascend by address; so one comparison finds every overlap. */
	if (page_down(ph->p_vaddr) < image->end)
		return bad(image, "segments overlap, share a page, or are not in order");
	image->segment[image->nsegments++] = (struct elf_segment){
		.vaddr = ph->p_vaddr,
		.memsz = ph->p_memsz,
		.offset = ph->p_offset,
		.filesz = ph->p_filesz,
		.flags = ph->p_flags & (ELF_PF_R | ELF_PF_W | ELF_PF_X),
	};
	image->end = page_up(ph->p_vaddr + ph->p_memsz);
	return 0;
}

/* Where the program headers lie in memory, for AT_PHDR. */
static u64 loaded_address(const struct elf_image *image, u64 offset, u64 len)
{
	for (u32 i = 0; i < image->nsegments; i++) {
		const struct elf_segment *s = &image->segment[i];
		if (offset >= s->offset && offset - s->offset <= s->filesz &&
		    len <= s->filesz - (offset - s->offset))
			return s->vaddr + (offset - s->offset);
	}
	return 0;
}

int elf_parse(const void *file, size_t size, u64 lo, u64 hi, struct elf_image *image)
{
	struct elf64_ehdr eh;

	memset(image, 0, sizeof(*image));
	if (size < sizeof(eh))
		return bad(image, "file shorter than an ELF header");
	memcpy(&eh, file, sizeof(eh));
	int err = check_ehdr(&eh, size, image);
	if (err)
		return err;

	for (u32 i = 0; i < eh.e_phnum; i++) {
		struct elf64_phdr ph;
		memcpy(&ph, (const u8 *)file + eh.e_phoff + i * sizeof(ph), sizeof(ph));
		if (ph.p_type == PT_INTERP)
			return bad(image, "needs a dynamic linker");
		if (ph.p_type != PT_LOAD)
			continue;
		err = add_segment(&ph, size, lo, hi, image);
		if (err)
			return err;
	}

	bool entry_ok = false;
	for (u32 i = 0; i < image->nsegments; i++) {
		const struct elf_segment *s = &image->segment[i];
		if ((s->flags & ELF_PF_X) && eh.e_entry >= s->vaddr &&
		    eh.e_entry - s->vaddr < s->memsz)
			entry_ok = true;
	}
	if (!entry_ok)
		return bad(image, "entry point not in an executable segment");
	image->entry = eh.e_entry;
	image->phnum = eh.e_phnum;
	image->phdr =
		loaded_address(image, eh.e_phoff, (u64)eh.e_phnum * sizeof(struct elf64_phdr));
	return 0;
}
