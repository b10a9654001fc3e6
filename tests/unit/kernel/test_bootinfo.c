// SPDX-License-Identifier: MIT
/*
 * The boot loaders' information, built byte by byte: both formats, and broken ones. Physical memory
 * below 1 MiB is the fake machine's RAM.
 */
#include "tests/unit/kernel/fake_machine.h"
#include "kernel/bootinfo.h"
#include "kernel/bootinfo_init.h"
#include "kernel/mm/layout.h"
#include "kernel/printk.h"

enum { RAM = 1 << 20, INFO = 0x5000 };

static u8 *at(paddr_t pa)
{
	return (u8 *)(DIRECT_MAP + pa);
}

void printk(const char *fmt, ...)
{
	(void)fmt;
}

static int group_set_up(void **state)
{
	(void)state;
	fake_ram(0, RAM);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	memset(at(0), 0, RAM);
	memset(&boot_info, 0, sizeof(boot_info));
	return 0;
}

static void put(paddr_t pa, u64 v, int bytes)
{
	memcpy(at(pa), &v, bytes);
}

/* --- PVH --- */

static void make_pvh(u32 version, u32 entries)
{
	put(INFO, 0x336ec578, 4);
	put(INFO + 4, version, 4);
	put(INFO + 12, 1, 4);      /* modules */
	put(INFO + 16, 0x6000, 8); /* module list */
	put(INFO + 24, 0x7000, 8); /* command line */
	put(INFO + 32, 0xf5a0, 8); /* RSDP */
	put(INFO + 40, 0x8000, 8); /* memory map */
	put(INFO + 48, entries, 4);
	put(0x6000, 0x200000, 8);
	put(0x6008, 1234, 8);
	put(0x6010, 0x7800, 8);
	memcpy(at(0x7000), "pix.selftest", 13);
	memcpy(at(0x7800), "pix.config", 11);
	for (u32 i = 0; i < entries; i++) {
		put(0x8000 + 24 * i, 0x100000ull * i, 8);
		put(0x8008 + 24 * i, 0x100000, 8);
		put(0x8010 + 24 * i, 1 + i % 2, 4);
	}
}

static void test_pvh(void **state)
{
	(void)state;
	make_pvh(1, 3);
	bootinfo_init(BOOT_PVH, INFO);
	assert_string_equal(boot_info.loader, "pvh");
	assert_string_equal(boot_info.cmdline, "pix.selftest");
	assert_int_equal(boot_info.rsdp, 0xf5a0);
	assert_int_equal(boot_info.nmem, 3);
	assert_int_equal(boot_info.mem[1].base, 0x100000);
	assert_int_equal(boot_info.mem[1].type, BOOT_MEM_RESERVED);
	assert_int_equal(boot_info.nmodules, 1);
	assert_int_equal(boot_info.modules[0].len, 1234);
	assert_string_equal(boot_info.modules[0].name, "pix.config");
	assert_int_equal(boot_info.fb.type, FB_NONE);
}

static void test_pvh_bad(void **state)
{
	(void)state;
	make_pvh(0, 3); /* version 0 has no memory map */
	expect_panic("no information that makes sense", bootinfo_init(BOOT_PVH, INFO));
	make_pvh(1, 0);
	expect_panic("no memory map", bootinfo_init(BOOT_PVH, INFO));
	make_pvh(1, 3);
	put(INFO, 0x12345678, 4);
	expect_panic("no information that makes sense", bootinfo_init(BOOT_PVH, INFO));
	expect_panic("no information that makes sense", bootinfo_init(BOOT_PVH, 5ull << 30));
	expect_panic("no information that makes sense", bootinfo_init(BOOT_UNKNOWN, INFO));
}

static void test_pvh_long(void **state)
{
	(void)state;
	make_pvh(1, BOOT_MEM_MAX + 20);
	memset(at(0x7000), 'x', 2040); /* and no NUL before the module's name */
	bootinfo_init(BOOT_PVH, INFO);
	assert_int_equal(boot_info.nmem, BOOT_MEM_MAX);
	assert_true(strlen(boot_info.cmdline) < sizeof(boot_info.cmdline));
}

/* --- Multiboot2 --- */

static paddr_t tail;

static void mb2_begin(void)
{
	tail = INFO + 8;
}

/* One tag with its body; returns where the body starts. */
static paddr_t tag(u32 type, u32 body)
{
	paddr_t pa = tail;

	put(pa, type, 4);
	put(pa + 4, 8 + body, 4);
	tail += ALIGN_UP(8ull + body, 8ull);
	return pa + 8;
}

static void mb2_end(void)
{
	tag(0, 0);
	put(INFO, tail - INFO, 4);
}

static void mmap_tag(void)
{
	paddr_t pa = tag(6, 8 + 2 * 32);

	put(pa, 32, 4); /* entries may be longer than the 24 bytes we know */
	for (int i = 0; i < 2; i++) {
		put(pa + 8 + 32 * i, i ? 0x100000000ull : 0x100000, 8);
		put(pa + 16 + 32 * i, 0x4000000, 8);
		put(pa + 24 + 32 * i, 1, 4);
	}
}

static void text_tag(u32 type, u32 skip, const char *text)
{
	memcpy(at(tag(type, skip + (u32)strlen(text) + 1) + skip), text, strlen(text) + 1);
}

static void fb_tag(u8 type, u8 bpp, u64 base, u32 colours)
{
	paddr_t pa = tag(8, 23 + colours);

	put(pa, base, 8);
	put(pa + 8, 4096, 4);
	put(pa + 12, 1024, 4);
	put(pa + 16, 768, 4);
	put(pa + 20, bpp, 1);
	put(pa + 21, type, 1);
	if (colours)
		memcpy(at(pa + 24), (u8[]){ 16, 8, 8, 8, 0, 8 }, 6);
}

static void test_mb2(void **state)
{
	(void)state;
	mb2_begin();
	text_tag(1, 0, "pix.idle=spin");
	text_tag(2, 0, "GRUB 2.06"); /* loader name: not used */
	text_tag(3, 8, "pix.config");
	put(INFO + 8 + 24 + 24 + 8, 0x9000, 4);
	put(INFO + 8 + 24 + 24 + 12, 0x9100, 4);
	mmap_tag();
	fb_tag(1, 32, 0x80000000, 8);
	memcpy(at(tag(14, 20)), "RSD PTR old", 11);
	memcpy(at(tag(15, 36)), "RSD PTR new", 11);
	tag(12, 8); /* EFI 64-bit system table */
	mb2_end();
	bootinfo_init(BOOT_MULTIBOOT2, INFO);
	assert_string_equal(boot_info.cmdline, "pix.idle=spin");
	assert_int_equal(boot_info.nmodules, 1);
	assert_string_equal(boot_info.modules[0].name, "pix.config");
	assert_int_equal(boot_info.modules[0].base, 0x9000);
	assert_int_equal(boot_info.modules[0].len, 0x100);
	assert_int_equal(boot_info.nmem, 2);
	assert_int_equal(boot_info.mem[1].base, 0x100000000ull);
	assert_int_equal(boot_info.fb.type, FB_RGB);
	assert_int_equal(boot_info.fb.width, 1024);
	assert_int_equal(boot_info.fb.red_pos, 16);
	assert_int_equal(boot_info.fb.blue_size, 8);
	assert_true(boot_info.rsdp_copied && boot_info.uefi);
	assert_memory_equal(boot_info.rsdp_copy, "RSD PTR new", 11);
}

static void check_fb(u8 type, u8 bpp, u64 base, u32 colours, enum boot_fb_type want)
{
	memset(&boot_info, 0, sizeof(boot_info));
	mb2_begin();
	mmap_tag();
	fb_tag(type, bpp, base, colours);
	mb2_end();
	bootinfo_init(BOOT_MULTIBOOT2, INFO);
	assert_int_equal(boot_info.fb.type, want);
}

static void test_framebuffers(void **state)
{
	(void)state;
	check_fb(1, 24, 0xfd000000, 8, FB_RGB);
	check_fb(2, 16, 0xb8000, 0, FB_TEXT);
	check_fb(0, 1, 0xa0000, 8, FB_NONE);    /* what GRUB says without a card */
	check_fb(1, 8, 0xfd000000, 8, FB_NONE); /* no RGB of 8 bits */
	check_fb(1, 32, 0, 8, FB_NONE);
	check_fb(1, 32, 0xfd000000, 0, FB_NONE); /* colour positions missing */
	check_fb(9, 32, 0xfd000000, 8, FB_NONE);
}

static void test_mb2_bad(void **state)
{
	paddr_t last;

	(void)state;
	mb2_begin();
	mmap_tag();
	last = tail;
	text_tag(1, 0, "abc");
	mb2_end();
	put(last + 4, 0, 4); /* a tag of no length */
	expect_panic("no information that makes sense", bootinfo_init(BOOT_MULTIBOOT2, INFO));
	put(last + 4, 0x7fffffff, 4); /* a tag that runs over the end */
	expect_panic("no information that makes sense", bootinfo_init(BOOT_MULTIBOOT2, INFO));
	put(last + 4, 12, 4);
	put(INFO, last - INFO + 12, 4); /* no end tag: the total size ends it as well */
	bootinfo_init(BOOT_MULTIBOOT2, INFO);
	assert_string_equal(boot_info.cmdline, "abc");
	put(INFO, 8, 4);
	expect_panic("no information that makes sense", bootinfo_init(BOOT_MULTIBOOT2, INFO));
	expect_panic("no information that makes sense", bootinfo_init(BOOT_MULTIBOOT2, INFO + 1));
}

static void test_many_modules(void **state)
{
	(void)state;
	mb2_begin();
	mmap_tag();
	for (int i = 0; i < BOOT_MODULES_MAX + 3; i++) {
		paddr_t pa = tag(3, 8 + 200);

		put(pa, 0x9000, 4);
		put(pa + 4, 0x9000 + (i ? 16 : 0), 4); /* the first is empty: left out */
		memset(at(pa + 8), 'm', 200);          /* long name without NUL */
	}
	mb2_end();
	bootinfo_init(BOOT_MULTIBOOT2, INFO);
	assert_int_equal(boot_info.nmodules, BOOT_MODULES_MAX);
	assert_int_equal(strlen(boot_info.modules[0].name), sizeof(boot_info.modules[0].name) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_pvh, set_up),
		cmocka_unit_test_setup(test_pvh_bad, set_up),
		cmocka_unit_test_setup(test_pvh_long, set_up),
		cmocka_unit_test_setup(test_mb2, set_up),
		cmocka_unit_test_setup(test_framebuffers, set_up),
		cmocka_unit_test_setup(test_mb2_bad, set_up),
		cmocka_unit_test_setup(test_many_modules, set_up),
	};

	return cmocka_run_group_tests(tests, group_set_up, NULL);
}
