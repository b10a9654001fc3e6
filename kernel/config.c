// SPDX-License-Identifier: MIT
/*
 * Where the start-up configuration text comes from: a boot module named "pix.config", else QEMU's
 * fw_cfg file opt/pix/config (QEMU docs/specs/fw_cfg.rst; port access, no DMA). Boot CPU, once.
 */
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/bootinfo.h"
#include "kernel/bootinfo_init.h"
#include "kernel/lib/string.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/phys.h"
#include "kernel/printk.h"

enum { FW_CFG_SELECT = 0x510, FW_CFG_DATA = 0x511 };
enum { FW_CFG_SIGNATURE = 0, FW_CFG_FILE_DIR = 0x19 };
enum { CONFIG_MAX = 4 << 20 };

struct fw_cfg_file {
	be32 size;
	be16 select, reserved;
	char name[56];
};

static char *text;
static size_t text_len;

const char *boot_config(size_t *len)
{
	*len = text_len;
	return text;
}

static void fw_cfg_read(void *to, size_t n)
{
	for (u8 *p = to; n; n--)
		*p++ = inb(FW_CFG_DATA);
}

static bool fw_cfg_present(void)
{
	char sig[4];

	outw(FW_CFG_SELECT, FW_CFG_SIGNATURE);
	fw_cfg_read(sig, sizeof(sig));
	return !memcmp(sig, "QEMU", 4);
}

static void from_fw_cfg(void)
{
	be32 count;
	struct fw_cfg_file f;
	u32 n;

	if (!fw_cfg_present())
		return;
	outw(FW_CFG_SELECT, FW_CFG_FILE_DIR);
	fw_cfg_read(&count, sizeof(count));
	n = be32_to_cpu(count);
	while (n--) {
		fw_cfg_read(&f, sizeof(f));
		if (!strncmp(f.name, "opt/pix/config", sizeof(f.name)))
			break;
	}
	if (n == ~0u)
		return;
	n = be32_to_cpu(f.size);
	if (n > CONFIG_MAX) {
		printk("config: opt/pix/config is too long (%u bytes), ignored\n", n);
		return;
	}
	text = kmalloc(n + 1);
	if (!text) {
		printk("config: no memory for %u bytes\n", n);
		return;
	}
	outw(FW_CFG_SELECT, be16_to_cpu(f.select));
	fw_cfg_read(text, n);
	text[n] = 0;
	text_len = n;
	printk("config: %u bytes from fw_cfg\n", n);
}

static bool from_module(void)
{
	for (unsigned i = 0; i < boot_info.nmodules; i++) {
		const struct boot_module *m = &boot_info.modules[i];

		if (strcmp(m->name, "pix.config") || m->len > CONFIG_MAX)
			continue;
		text = kmalloc(m->len + 1);
		if (!text)
			return false;
		memcpy(text, phys_to_virt(m->base), m->len);
		text[m->len] = 0;
		text_len = m->len;
		printk("config: %lu bytes from boot module\n", m->len);
		return true;
	}
	return false;
}

void config_init(void)
{
	if (!from_module())
		from_fw_cfg();
}
