// SPDX-License-Identifier: MIT
/*
 * One PCI function in detail (drivers/bus/pci_caps.c) on a fake configuration space that behaves as
 * PCI 3.0 chapter 6 says: hard-wired BAR bits, read-only fields, capability lists, also looped.
 */
#include "tests/unit/unit.h"
#include "drivers/bus/pci_caps.h"

static struct {
	u8 byte[256];
	u32 bar_mask[6]; /* bits of each BAR that can be written */
	u8 table[4096];  /* what kmmio_map() gives: an MSI-X table */
	u64 mapped;
	u16 commands_seen; /* all bits that were ever set in COMMAND */
	u64 slept_ns;
} fake;
static struct device dev;

static u32 get(u16 off, unsigned bytes)
{
	u32 v = 0;

	while (bytes--)
		v = v << 8 | fake.byte[off + bytes];
	return v;
}

static void set(u16 off, unsigned bytes, u32 v)
{
	for (unsigned i = 0; i < bytes; i++)
		fake.byte[off + i] = (u8)(v >> 8 * i);
}

u8 pci_cfg_rd8(struct device *d, u16 off)
{
	(void)d;
	return (u8)get(off, 1);
}

u16 pci_cfg_rd16(struct device *d, u16 off)
{
	(void)d;
	assert_int_equal(off & 1, 0);
	return (u16)get(off, 2);
}

u32 pci_cfg_rd32(struct device *d, u16 off)
{
	(void)d;
	assert_int_equal(off & 3, 0);
	return get(off, 4);
}

void pci_cfg_wr8(struct device *d, u16 off, u8 v)
{
	(void)d;
	set(off, 1, v);
}

void pci_cfg_wr16(struct device *d, u16 off, u16 v)
{
	(void)d;
	if (off == PCI_COMMAND)
		fake.commands_seen |= v;
	set(off, 2, v);
}

void pci_cfg_wr32(struct device *d, u16 off, u32 v)
{
	(void)d;
	if (off >= 0x10 && off < 0x28) {
		u32 mask = fake.bar_mask[(off - 0x10) / 4];

		/* Sizing with decoding on would move the device over the memory of others. */
		assert_int_equal(get(PCI_COMMAND, 2) & 3, 0);
		v = (v & mask) | (get(off, 4) & ~mask);
	}
	set(off, 4, v);
}

void *kmmio_map(u64 pa, u64 len, unsigned flags);
void *kmmio_map(u64 pa, u64 len, unsigned flags)
{
	(void)flags;
	assert_true(len <= sizeof(fake.table));
	fake.mapped = pa;
	return fake.table;
}

void clock_delay_ns(u64 ns);
void clock_delay_ns(u64 ns)
{
	fake.slept_ns += ns;
}

static int setup(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	memset(&dev, 0, sizeof(dev));
	return 0;
}

static void bar(unsigned i, u32 value, u32 mask)
{
	set((u16)(0x10 + 4 * i), 4, value);
	fake.bar_mask[i] = mask;
}

static void test_bars(void **state)
{
	(void)state;
	set(PCI_COMMAND, 2, 7);
	bar(0, 0xfeb80000, 0xfffe0000); /* 128 KiB of memory */
	bar(1, 0xc001, 0xffffffc0);     /* 64 I/O ports */
	bar(2, 0xe000000c, 0xfff00000); /* 1 MiB, 64 bits, prefetchable, at 896 GiB + */
	bar(3, 0x000000e0, 0xffffffff);
	bar(4, 0xd001, 0x0000ffe0); /* 32 ports, upper half hard-wired to 0 */
	pci_size_bars(&dev);
	assert_true(dev.bar[0].base == 0xfeb80000 && dev.bar[0].size == 0x20000 && !dev.bar[0].io);
	assert_true(dev.bar[1].base == 0xc000 && dev.bar[1].size == 64 && dev.bar[1].io);
	assert_true(dev.bar[2].base == 0xe0e0000000ull && dev.bar[2].size == 0x100000);
	assert_true(dev.bar[2].is64 && dev.bar[2].prefetchable && !dev.bar[2].io);
	assert_int_equal(dev.bar[3].size, 0);
	assert_true(dev.bar[4].base == 0xd000 && dev.bar[4].size == 32);
	assert_int_equal(dev.bar[5].size, 0);
	/* All as it was. */
	assert_int_equal(get(PCI_COMMAND, 2), 7);
	assert_int_equal(get(0x10, 4), 0xfeb80000);
	assert_int_equal(get(0x14, 4), 0xc001);
	assert_int_equal(get(0x18, 4), 0xe000000c);
	assert_int_equal(get(0x1c, 4), 0xe0);
}

static void test_huge_bar(void **state)
{
	(void)state;
	bar(0, 0x0000000c, 0x00000000); /* 16 GiB: no bit of the low half can be written */
	bar(1, 0x00000004, 0xfffffffc);
	pci_size_bars(&dev);
	assert_true(dev.bar[0].base == 4ull << 32 && dev.bar[0].size == 16ull << 30);
}

/* A 64-bit BAR in the last register has no upper half to read. */
static void test_64_bit_bar_at_the_end(void **state)
{
	(void)state;
	bar(5, 0x80000004, 0xffff0000);
	pci_size_bars(&dev);
	assert_true(dev.bar[5].base == 0x80000000 && dev.bar[5].size == 0x10000);
}

static void cap(u8 at, u8 id, u8 next)
{
	fake.byte[at] = id;
	fake.byte[at + 1] = next;
}

static void test_capabilities(void **state)
{
	(void)state;
	set(PCI_STATUS, 2, 0x10);
	fake.byte[0x34] = 0x41; /* the low bits are reserved */
	cap(0x40, 0x01, 0x50);
	cap(0x50, 0x09, 0x60);
	cap(0x60, 0x11, 0x72);
	cap(0x70, 0x09, 0x80);
	cap(0x80, 0x05, 0);
	set(0x62, 2, 0x8003);
	set(0x64, 4, 0x00002004);
	pci_read_caps(&dev);
	assert_int_equal(dev.cap_pm, 0x40);
	assert_int_equal(dev.cap_msix, 0x60);
	assert_int_equal(dev.cap_msi, 0x80);
	assert_int_equal(dev.cap_pcie, 0);
	assert_int_equal(dev.msix_entries, 4);
	assert_int_equal(dev.msix_bar, 4);
	assert_int_equal(dev.msix_offset, 0x2000);
	assert_int_equal(pci_cap_find(&dev, 0x09, 0), 0x50);
	assert_int_equal(pci_cap_find(&dev, 0x09, 0x50), 0x70);
	assert_int_equal(pci_cap_find(&dev, 0x09, 0x70), 0);
	set(PCI_STATUS, 2, 0);
	assert_int_equal(pci_cap_find(&dev, 0x09, 0), 0);
}

static void test_capability_loops_end(void **state)
{
	(void)state;
	set(PCI_STATUS, 2, 0x10);
	fake.byte[0x34] = 0x40;
	cap(0x40, 0x01, 0x50);
	cap(0x50, 0x03, 0x40);
	assert_int_equal(pci_cap_find(&dev, 0x11, 0), 0);
	fake.byte[0x51] = 0x10; /* into the header */
	assert_int_equal(pci_cap_find(&dev, 0x11, 0), 0);
}

static void test_msix(void **state)
{
	const u32 *e = (const u32 *)fake.table;

	(void)state;
	assert_int_equal(pci_msix_set(&dev, 0, 1, 2), -19);
	dev.cap_msix = 0x60;
	dev.msix_entries = 3;
	dev.msix_bar = 1;
	dev.msix_offset = 0x800;
	dev.bar[1] = (struct dev_bar){ .base = 0xfe000000, .size = 0x1000 };
	((u32 *)fake.table)[3] = 1; /* masked after reset */
	assert_int_equal(pci_msix_set(&dev, 2, 0x1fee01000ull, 0x41), 0);
	assert_int_equal(fake.mapped, 0xfe000820);
	assert_int_equal(e[0], 0xfee01000);
	assert_int_equal(e[1], 1);
	assert_int_equal(e[2], 0x41);
	assert_int_equal(e[3], 0);
	assert_int_equal(get(0x62, 2), 0x8000); /* enabled, function not masked */
	assert_int_equal(pci_msix_set(&dev, 3, 0, 0), -19);
	dev.bar[1].size = 0x820; /* entry 2 would lie outside */
	assert_int_equal(pci_msix_set(&dev, 2, 0, 0), -19);
	dev.bar[1].io = true;
	assert_int_equal(pci_msix_set(&dev, 0, 0, 0), -19);
}

static void test_msi(void **state)
{
	(void)state;
	assert_int_equal(pci_msi_set(&dev, 1, 2), -19);
	dev.cap_msi = 0x80;
	set(0x82, 2, 0x01f0); /* 64 bits, maskable, 32 messages asked for */
	set(0x90, 4, 0xffffffff);
	assert_int_equal(pci_msi_set(&dev, 0xfee02000, 0x52), 0);
	assert_int_equal(get(0x84, 4), 0xfee02000);
	assert_int_equal(get(0x88, 4), 0);
	assert_int_equal(get(0x8c, 2), 0x52);
	assert_int_equal(get(0x90, 4), 0);
	assert_int_equal(get(0x82, 2), 0x0181); /* enabled, one message */
	set(0x82, 2, 0x0000);                   /* 32 bits */
	assert_int_equal(pci_msi_set(&dev, 1ull << 32, 0x52), -19);
	assert_int_equal(pci_msi_set(&dev, 0xfee03000, 0x53), 0);
	assert_int_equal(get(0x88, 2), 0x53);
}

static void test_enable(void **state)
{
	(void)state;
	dev.cap_pm = 0x40;
	set(0x44, 2, 0x0103); /* D3hot */
	set(PCI_COMMAND, 2, PCI_COMMAND_INTX_DISABLE);
	dev_enable(&dev);
	assert_int_equal(get(0x44, 2), 0x0100);
	assert_true(fake.slept_ns >= 10000000);
	assert_int_equal(get(PCI_COMMAND, 2), 0x0406);
	pci_intx_enable(&dev, true);
	assert_int_equal(get(PCI_COMMAND, 2), 0x0006);
	dev_disable(&dev);
	assert_int_equal(get(PCI_COMMAND, 2), 0x0402);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		T(test_bars),
		T(test_huge_bar),
		T(test_64_bit_bar_at_the_end),
		T(test_capabilities),
		T(test_capability_loops_end),
		T(test_msix),
		T(test_msi),
		T(test_enable),
	};

	return cmocka_run_group_tests_name("pci", tests, NULL, NULL);
}
