// SPDX-License-Identifier: MIT
/* Routing of interrupt lines; see ioapic.h. */
#include "kernel/arch/x86_64/ioapic.h"
#include "kernel/acpi.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/errno.h"
#include "kernel/mm/paging.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"

enum ioapic_reg { IOREGSEL = 0x00, IOWIN = 0x10 };       /* 3.1 */
enum ioapic_index { IOAPICVER = 0x01, IOREDTBL = 0x10 }; /* 3.2 */
enum { REDIR_ACTIVE_LOW = 1 << 13, REDIR_LEVEL = 1 << 15, REDIR_MASKED = 1 << 16 };

struct ioapic {
	volatile u32 *regs;
	u32 gsi_base, lines;
};

static struct ioapic ioapics[ACPI_IOAPIC_MAX];
static unsigned count;
static struct spinlock lock = SPINLOCK_INIT("ioapic");

static u32 reg_read(struct ioapic *a, u32 index)
{
	a->regs[IOREGSEL / 4] = index;
	return a->regs[IOWIN / 4];
}

static void reg_write(struct ioapic *a, u32 index, u32 v)
{
	a->regs[IOREGSEL / 4] = index;
	a->regs[IOWIN / 4] = v;
}

static struct ioapic *find(u32 gsi, u32 *line)
{
	for (unsigned i = 0; i < count; i++) {
		if (gsi >= ioapics[i].gsi_base && gsi - ioapics[i].gsi_base < ioapics[i].lines) {
			*line = gsi - ioapics[i].gsi_base;
			return &ioapics[i];
		}
	}
	return NULL;
}

/* The 8259s deliver nothing any more: move them away from the exceptions and mask all. */
static void pic_disable(void)
{
	outb(0x20, 0x11), outb(0xa0, 0x11); /* ICW1: initialise, ICW4 follows */
	outb(0x21, 0x20), outb(0xa1, 0x28); /* ICW2: vectors */
	outb(0x21, 4), outb(0xa1, 2);       /* ICW3: cascade */
	outb(0x21, 1), outb(0xa1, 1);       /* ICW4: 8086 mode */
	outb(0x21, 0xff), outb(0xa1, 0xff);
}

int ioapic_init(void)
{
	pic_disable();
	for (unsigned i = 0; i < acpi.nioapics; i++) {
		struct ioapic *a = &ioapics[count];

		a->regs = kmmio_map(acpi.ioapics[i].base, 0x20, PT_UC | PT_W);
		if (!a->regs)
			return -ENOMEM;
		a->gsi_base = acpi.ioapics[i].gsi_base;
		a->lines = (reg_read(a, IOAPICVER) >> 16 & 0xff) + 1;
		for (u32 n = 0; n < a->lines; n++)
			reg_write(a, IOREDTBL + 2 * n, REDIR_MASKED);
		printk("ioapic: id %u, GSI %u..%u\n", acpi.ioapics[i].id, a->gsi_base,
		       a->gsi_base + a->lines - 1);
		count++;
	}
	return count ? 0 : -ENODEV;
}

static const struct acpi_override *override_of(u32 gsi)
{
	for (unsigned i = 0; i < acpi.noverrides; i++)
		if (acpi.overrides[i].gsi == gsi)
			return &acpi.overrides[i];
	return NULL;
}

int ioapic_route(u32 gsi, u8 vector, u32 apic_id, bool level, bool masked, bool *is_level)
{
	const struct acpi_override *o = override_of(gsi);
	u32 line, low = vector;
	struct ioapic *a = find(gsi, &line);

	if (!a)
		return -ENODEV;
	if (o)
		level = o->level;
	if (o ? o->active_low : level)
		low |= REDIR_ACTIVE_LOW;
	if (level)
		low |= REDIR_LEVEL;
	if (masked)
		low |= REDIR_MASKED;
	u64 flags = spin_lock_irqsave(&lock);

	reg_write(a, IOREDTBL + 2 * line, REDIR_MASKED);
	reg_write(a, IOREDTBL + 2 * line + 1, apic_id << 24);
	reg_write(a, IOREDTBL + 2 * line, low);
	spin_unlock_irqrestore(&lock, flags);
	if (is_level)
		*is_level = level;
	return 0;
}

void ioapic_mask(u32 gsi, bool masked)
{
	u32 line;
	struct ioapic *a = find(gsi, &line);

	if (!a)
		return;
	u64 flags = spin_lock_irqsave(&lock);
	u32 low = reg_read(a, IOREDTBL + 2 * line);

	reg_write(a, IOREDTBL + 2 * line, masked ? low | REDIR_MASKED : low & ~(u32)REDIR_MASKED);
	spin_unlock_irqrestore(&lock, flags);
}

u32 ioapic_gsi_count(void)
{
	u32 max = 0;

	for (unsigned i = 0; i < count; i++)
		if (ioapics[i].gsi_base + ioapics[i].lines > max)
			max = ioapics[i].gsi_base + ioapics[i].lines;
	return max;
}

u32 ioapic_isa_gsi(u8 irq, bool *level)
{
	for (unsigned i = 0; i < acpi.noverrides; i++) {
		if (acpi.overrides[i].irq == irq) {
			*level = acpi.overrides[i].level;
			return acpi.overrides[i].gsi;
		}
	}
	*level = false;
	return irq;
}
