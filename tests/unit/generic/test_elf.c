// SPDX-License-Identifier: MIT
/* The ELF header checks: a good program, each field wrong once, and random damage. */
#include "tests/unit/unit.h"

#include <elf.h>

#include "kernel/errno.h"
#include "kernel/proc/elf.h"

enum { SIZE = 0x4000 };
#define LO 0x10000ull
#define HI 0x100000000ull

static struct image {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[4];
	unsigned char rest[SIZE - sizeof(Elf64_Ehdr) - 4 * sizeof(Elf64_Phdr)];
} good, file;
static struct elf_image out;

static Elf64_Phdr load(unsigned flags, u64 vaddr, u64 offset, u64 filesz, u64 memsz)
{
	return (Elf64_Phdr){ .p_type = PT_LOAD,
			     .p_flags = flags,
			     .p_vaddr = vaddr,
			     .p_offset = offset,
			     .p_filesz = filesz,
			     .p_memsz = memsz,
			     .p_align = 4096 };
}

static int start(void **state)
{
	(void)state;
	memset(&good, 0, sizeof(good));
	memcpy(good.eh.e_ident, ELFMAG, SELFMAG);
	good.eh.e_ident[EI_CLASS] = ELFCLASS64;
	good.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	good.eh.e_ident[EI_VERSION] = EV_CURRENT;
	good.eh.e_type = ET_EXEC;
	good.eh.e_machine = EM_X86_64;
	good.eh.e_version = EV_CURRENT;
	good.eh.e_entry = 0x401010;
	good.eh.e_phoff = offsetof(struct image, ph);
	good.eh.e_phentsize = sizeof(Elf64_Phdr);
	good.eh.e_phnum = 4;
	good.ph[0] = load(4, 0x400000, 0, 0x400, 0x400);
	good.ph[1] = load(4 | 1, 0x401000, 0x1000, 0x800, 0x800);
	good.ph[2] = load(4 | 2, 0x402e00, 0x2e00, 0x300, 0x5000);
	good.ph[3] = (Elf64_Phdr){ .p_type = PT_GNU_STACK, .p_flags = 6 };
	file = good;
	return 0;
}

static int parse(void)
{
	int err = elf_parse(&file, sizeof(file), LO, HI, &out);

	if (err) {
		assert_int_equal(err, -ENOEXEC);
		assert_non_null(out.error);
	}
	return err;
}

static void good_program(void **state)
{
	(void)state;
	assert_int_equal(parse(), 0);
	assert_int_equal(out.entry, 0x401010);
	assert_int_equal(out.nsegments, 3);
	assert_int_equal(out.end, 0x408000);
	assert_int_equal(out.phdr, 0x400000 + offsetof(struct image, ph));
	assert_int_equal(out.phnum, 4);
	assert_int_equal(out.segment[2].vaddr, 0x402e00);
	assert_int_equal(out.segment[2].memsz, 0x5000);
	assert_int_equal(out.segment[2].filesz, 0x300);
	assert_int_equal(out.segment[1].flags, ELF_PF_R | ELF_PF_X);
}

#define BAD(field, value)                            \
	do {                                         \
		file = good;                         \
		file.field = (value);                \
		assert_int_equal(parse(), -ENOEXEC); \
	} while (0)

static void bad_headers(void **state)
{
	(void)state;
	BAD(eh.e_ident[0], 0x7e);
	BAD(eh.e_ident[EI_CLASS], ELFCLASS32);
	BAD(eh.e_ident[EI_DATA], ELFDATA2MSB);
	BAD(eh.e_ident[EI_VERSION], 0);
	BAD(eh.e_version, 2);
	BAD(eh.e_type, ET_DYN);
	BAD(eh.e_type, ET_REL);
	BAD(eh.e_machine, EM_AARCH64);
	BAD(eh.e_phentsize, 32);
	BAD(eh.e_phnum, 0);
	BAD(eh.e_phnum, 65);
	BAD(eh.e_phnum, 0xffff);
	BAD(eh.e_phoff, SIZE - 100);
	BAD(eh.e_phoff, SIZE + 1);
	BAD(eh.e_phoff, ~0ull);
	BAD(eh.e_entry, 0x400000); /* not executable */
	BAD(eh.e_entry, 0x402000); /* nowhere */
	BAD(eh.e_entry, 0xffffffff80000000);
}

static void bad_segments(void **state)
{
	(void)state;
	BAD(ph[0].p_type, PT_INTERP);
	BAD(ph[2].p_filesz, 0x5001);
	BAD(ph[1].p_offset, ~0ull & ~0xfffull);
	BAD(ph[1].p_filesz, ~0ull);
	BAD(ph[2].p_memsz, ~0ull);
	BAD(ph[2].p_memsz, HI);
	BAD(ph[0].p_vaddr, 0);
	BAD(ph[2].p_vaddr, HI + 0xe00);
	BAD(ph[2].p_vaddr, 0xffffffff80000e00);
	BAD(ph[2].p_vaddr, 0x402d00); /* not congruent to the offset */
	BAD(ph[2].p_flags, 7);        /* W and X */
	BAD(ph[2].p_vaddr, 0x401e00); /* shares the page of the text */
	BAD(ph[0].p_vaddr, 0x405000); /* not in order */
	BAD(ph[1].p_memsz, 0x2000);   /* runs into the next one */
}

static void short_files(void **state)
{
	(void)state;
	for (size_t n = 0; n < 0x3100; n++) {
		char *copy = malloc(n + 1);
		memcpy(copy, &good, n);
		assert_int_equal(elf_parse(copy, n, LO, HI, &out), -ENOEXEC);
		free(copy);
	}
	assert_int_equal(elf_parse(&good, 0x3100, LO, HI, &out), 0);
}

static void empty_segment(void **state)
{
	(void)state;
	file.ph[3] = load(4, 0, 0, 0, 0);
	assert_int_equal(parse(), 0);
	assert_int_equal(out.nsegments, 3);
}

/* What is accepted after random damage must still be safe to map. */
static void random_damage(void **state)
{
	unsigned accepted = 0;

	(void)state;
	srand(1);
	for (int round = 0; round < 200000; round++) {
		unsigned char *p = (unsigned char *)&file;
		file = good;
		for (int k = 0; k < 3; k++)
			p[(unsigned)rand() % (sizeof(good.eh) + sizeof(good.ph))] =
				(unsigned char)rand();
		if (elf_parse(&file, sizeof(file), LO, HI, &out) < 0)
			continue;
		accepted++;
		u64 last = 0;
		for (u32 i = 0; i < out.nsegments; i++) {
			const struct elf_segment *s = &out.segment[i];
			assert_true(s->vaddr >= LO && s->vaddr + s->memsz <= HI);
			assert_true(s->filesz <= s->memsz && s->offset + s->filesz <= sizeof(file));
			assert_true((s->vaddr & ~0xfffull) >= last);
			assert_true((s->flags & 3) != 3);
			last = (s->vaddr + s->memsz + 0xfff) & ~0xfffull;
		}
		assert_true(out.end == last && out.entry >= LO && out.entry < last);
	}
	assert_in_range(accepted, 1000, 199000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(good_program, start),
		cmocka_unit_test_setup(bad_headers, start),
		cmocka_unit_test_setup(bad_segments, start),
		cmocka_unit_test_setup(short_files, start),
		cmocka_unit_test_setup(empty_segment, start),
		cmocka_unit_test_setup(random_damage, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
