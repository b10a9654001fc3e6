// SPDX-License-Identifier: MIT
/*
 * The boot loaders' information, read on the early tables (first 4 GiB) and copied. Both formats
 * are checked against their own lengths; what does not fit is left out and said so.
 */
#include "kernel/bootinfo.h"
#include "kernel/bootinfo_init.h"
#include "kernel/lib/string.h"
#include "kernel/mm/layout.h"
#include "kernel/printk.h"

struct boot_info boot_info;

#define EARLY_LIMIT (4ull << 30)

/* Loader memory on the early tables; NULL above them. */
static const void *early(paddr_t pa, u64 len)
{
	return pa && pa < EARLY_LIMIT && len <= EARLY_LIMIT - pa ? (const void *)(DIRECT_MAP + pa)
								 : NULL;
}

static void add_mem(paddr_t base, u64 len, u32 type)
{
	struct boot_info *b = &boot_info;

	if (b->nmem == BOOT_MEM_MAX) {
		printk("boot: memory map too long, %016lx left out\n", base);
		return;
	}
	b->mem[b->nmem++] = (struct boot_mem){ base, len, type };
}

static void add_module(paddr_t base, u64 len, const char *name, size_t max)
{
	struct boot_info *b = &boot_info;
	struct boot_module *m = &b->modules[b->nmodules];
	size_t n = name ? strnlen(name, max) : 0;

	if (b->nmodules == BOOT_MODULES_MAX) {
		printk("boot: too many modules, one left out\n");
		return;
	}
	m->base = base;
	m->len = len;
	if (n >= sizeof(m->name))
		n = sizeof(m->name) - 1;
	memcpy(m->name, name, n);
	m->name[n] = 0;
	b->nmodules++;
}

static void set_cmdline(const char *text, size_t max)
{
	size_t n = text ? strnlen(text, max) : 0;

	if (n >= sizeof(boot_info.cmdline))
		n = sizeof(boot_info.cmdline) - 1;
	memcpy(boot_info.cmdline, text, n);
	boot_info.cmdline[n] = 0;
}

/* --- PVH: Xen public/arch-x86/hvm/start_info.h --- */

enum { HVM_MAGIC = 0x336ec578 };

struct hvm_start_info {
	u32 magic, version, flags, nr_modules;
	u64 modlist_paddr, cmdline_paddr, rsdp_paddr;
	u64 memmap_paddr; /* from version 1 */
	u32 memmap_entries, reserved;
};

struct hvm_modlist_entry {
	u64 paddr, size, cmdline_paddr, reserved;
};

struct hvm_memmap_entry {
	u64 addr, size;
	u32 type, reserved;
};

static bool parse_pvh(paddr_t info)
{
	const struct hvm_start_info *si = early(info, sizeof(*si));
	const struct hvm_memmap_entry *mm;
	const struct hvm_modlist_entry *mod;

	boot_info.loader = "pvh";
	if (!si || si->magic != HVM_MAGIC || si->version < 1)
		return false;
	set_cmdline(early(si->cmdline_paddr, 1), sizeof(boot_info.cmdline));
	boot_info.rsdp = si->rsdp_paddr;
	mm = early(si->memmap_paddr, si->memmap_entries * sizeof(*mm));
	for (u32 i = 0; mm && i < si->memmap_entries; i++)
		add_mem(mm[i].addr, mm[i].size, mm[i].type);
	mod = early(si->modlist_paddr, si->nr_modules * sizeof(*mod));
	for (u32 i = 0; mod && i < si->nr_modules; i++)
		add_module(mod[i].paddr, mod[i].size, early(mod[i].cmdline_paddr, 1), 63);
	return true;
}

/* --- Multiboot2 specification 2.0, section 3.6 --- */

enum mb2_tag_type {
	MB2_END = 0,
	MB2_CMDLINE = 1,
	MB2_MODULE = 3,
	MB2_MMAP = 6,
	MB2_FRAMEBUFFER = 8,
	MB2_EFI64 = 12,
	MB2_ACPI_OLD = 14,
	MB2_ACPI_NEW = 15,
	MB2_EFI_MMAP = 17,
};

struct mb2_tag {
	u32 type, size;
};

struct mb2_module {
	struct mb2_tag tag;
	u32 start, end;
	char name[];
};

struct mb2_mmap {
	struct mb2_tag tag;
	u32 entry_size, entry_version;
};

struct mb2_mmap_entry {
	u64 addr, len;
	u32 type, zero;
};

struct mb2_framebuffer {
	struct mb2_tag tag;
	u64 addr;
	u32 pitch, width, height;
	u8 bpp, type;
	u16 reserved;
	u8 red_pos, red_size, green_pos, green_size, blue_pos, blue_size;
};

static void mb2_framebuffer(const struct mb2_framebuffer *t)
{
	struct boot_fb *fb = &boot_info.fb;

	/* Without a card GRUB reports 640x480 with 1 bit per pixel, indexed: not a framebuffer. */
	if (t->tag.size < 31 || !t->addr || !t->pitch || !t->width || !t->height)
		return;
	if (t->type == 2)
		fb->type = FB_TEXT;
	else if (t->type == 1 && t->bpp >= 15 && t->tag.size >= 37)
		fb->type = FB_RGB;
	else
		return;
	fb->base = t->addr;
	fb->pitch = t->pitch;
	fb->width = t->width;
	fb->height = t->height;
	fb->bpp = t->bpp;
	if (fb->type == FB_TEXT)
		return;
	fb->red_pos = t->red_pos, fb->red_size = t->red_size;
	fb->green_pos = t->green_pos, fb->green_size = t->green_size;
	fb->blue_pos = t->blue_pos, fb->blue_size = t->blue_size;
}

static void mb2_mmap(const struct mb2_mmap *t)
{
	u32 n = t->entry_size >= sizeof(struct mb2_mmap_entry) && t->tag.size > sizeof(*t)
			? (t->tag.size - sizeof(*t)) / t->entry_size
			: 0;

	for (u32 i = 0; i < n; i++) {
		const struct mb2_mmap_entry *e =
			(const void *)((const u8 *)(t + 1) + (u64)i * t->entry_size);

		add_mem(e->addr, e->len, e->type);
	}
}

static void mb2_rsdp(const struct mb2_tag *t)
{
	u32 n = t->size - sizeof(*t);

	if (n > sizeof(boot_info.rsdp_copy))
		n = sizeof(boot_info.rsdp_copy);
	memcpy(boot_info.rsdp_copy, t + 1, n);
	boot_info.rsdp_copied = true;
}

static void mb2_tag(const struct mb2_tag *t)
{
	const struct mb2_module *m = (const void *)t;

	switch (t->type) {
	case MB2_CMDLINE:
		set_cmdline((const char *)(t + 1), t->size - sizeof(*t));
		break;
	case MB2_MODULE:
		if (t->size >= sizeof(*m) && m->end > m->start)
			add_module(m->start, m->end - m->start, m->name, t->size - sizeof(*m));
		break;
	case MB2_MMAP:
		if (t->size >= sizeof(struct mb2_mmap))
			mb2_mmap((const void *)t);
		break;
	case MB2_FRAMEBUFFER:
		mb2_framebuffer((const void *)t);
		break;
	case MB2_ACPI_NEW:
		mb2_rsdp(t);
		break;
	case MB2_ACPI_OLD:
		if (!boot_info.rsdp_copied)
			mb2_rsdp(t);
		break;
	case MB2_EFI64:
	case MB2_EFI_MMAP:
		boot_info.uefi = true;
		break;
	default:
		break;
	}
}

static bool parse_mb2(paddr_t info)
{
	const u32 *head = early(info, 8);
	const u8 *p, *end;

	boot_info.loader = "multiboot2";
	if (!head || (info & 7) || head[0] < 16 || !early(info, head[0]))
		return false;
	p = (const u8 *)head + 8;
	end = (const u8 *)head + head[0];
	while (end - p >= (long)sizeof(struct mb2_tag)) {
		const struct mb2_tag *t = (const void *)p;

		if (t->type == MB2_END)
			return true;
		if (t->size < sizeof(*t) || t->size > (u64)(end - p))
			return false;
		mb2_tag(t);
		p += ALIGN_UP((u64)t->size, 8ull);
	}
	return true;
}

void bootinfo_init(u32 loader, paddr_t info)
{
	bool ok = false;

	if (loader == BOOT_PVH)
		ok = parse_pvh(info);
	else if (loader == BOOT_MULTIBOOT2)
		ok = parse_mb2(info);
	if (!ok)
		panic("boot: loader %u gave no information that makes sense (at %016lx)", loader,
		      info);
	if (!boot_info.nmem)
		panic("boot: no memory map from %s", boot_info.loader);
}
