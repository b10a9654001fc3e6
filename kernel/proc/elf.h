// SPDX-License-Identifier: MIT
/*
 * Checks the headers of an ELF64 executable and says what to map: static, ET_EXEC, x86-64. Pure:
 * works on bytes in memory, also on the host. References: System V gABI 4.1 chapters 4 and 5, and
 * the x86-64 psABI 1.0.
 */
#pragma once

#include "kernel/types.h"

#define ELF_SEGMENTS_MAX 16

enum elf_prot { /* PF_X, PF_W and PF_R of p_flags; PF_* names bits of page faults elsewhere */
		ELF_PF_X = 1,
		ELF_PF_W = 2,
		ELF_PF_R = 4,
};

struct elf_segment {
	u64 vaddr;  /* first byte in memory */
	u64 memsz;  /* bytes in memory; those past filesz are zero */
	u64 offset; /* of the first byte in the file; equal to vaddr modulo 4096 */
	u64 filesz;
	u32 flags; /* ELF_PF_*; never both ELF_PF_W and ELF_PF_X */
};

struct elf_image {
	u64 entry;
	u64 end;  /* first page address above all segments: where brk starts */
	u64 phdr; /* address of the program headers in memory, 0 = not loaded */
	u32 phnum;
	u32 nsegments;
	struct elf_segment segment[ELF_SEGMENTS_MAX]; /* ascending, no page in common */
	const char *error;                            /* after -ENOEXEC: what is wrong */
};

/*
 * Reads the headers of a file of size bytes. Segments must lie in [lo, hi). 0; or -ENOEXEC with
 * image->error for anything that is not a loadable static program.
 */
int elf_parse(const void *file, size_t size, u64 lo, u64 hi, struct elf_image *image);
