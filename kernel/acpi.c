// SPDX-License-Identifier: MIT
/*
 * ACPI's static tables (ACPI 6.4, chapter 5; HPET 1.0a, 3.2.4; PCI Firmware 3.0, 4.1.2). Fields are
 * read byte-wise from checked tables, since the tables are packed and unaligned. Pure: host tests
 * feed it built and broken tables.
 */
#include "kernel/acpi.h"
#include "kernel/errno.h"
#include "kernel/lib/string.h"

struct acpi_info acpi;

enum { HEADER = 36, TABLE_MAX = 4 << 20 };

static u64 get(const u8 *p, int bytes)
{
	u64 v = 0;

	for (int i = bytes; i-- > 0;)
		v = v << 8 | p[i];
	return v;
}

static u8 checksum(const u8 *p, u64 n)
{
	u8 sum = 0;

	while (n--)
		sum += *p++;
	return sum;
}

/* --- MADT, 5.2.12 --- */

enum madt_type {
	MADT_LAPIC = 0,
	MADT_IOAPIC = 1,
	MADT_OVERRIDE = 2,
	MADT_LAPIC_ADDR = 5,
	MADT_X2APIC = 9
};
enum { MADT_ENABLED = 1 };

static void add_cpu(struct acpi_info *a, u32 uid, u32 apic_id, u32 flags)
{
	if (!(flags & MADT_ENABLED))
		return;
	/* The same CPU may be listed in both forms. */
	for (unsigned i = 0; i < a->ncpus; i++)
		if (a->cpus[i].apic_id == apic_id)
			return;
	if (a->ncpus == ACPI_CPU_MAX) {
		a->cpus_ignored++;
		return;
	}
	a->cpus[a->ncpus++] = (struct acpi_cpu){ uid, apic_id, 0 };
}

static void add_override(struct acpi_info *a, const u8 *e)
{
	u32 flags = get(e + 8, 2);

	if (a->noverrides == ACPI_OVERRIDE_MAX)
		return;
	a->overrides[a->noverrides++] = (struct acpi_override){
		.irq = e[3],
		.gsi = get(e + 4, 4),
		.active_low = (flags & 3) == 3,
		.level = (flags >> 2 & 3) == 3,
	};
}

static void madt_entry(struct acpi_info *a, const u8 *e, u8 len)
{
	switch (e[0]) {
	case MADT_LAPIC:
		if (len >= 8)
			add_cpu(a, e[2], e[3], get(e + 4, 4));
		break;
	case MADT_X2APIC:
		if (len >= 16)
			add_cpu(a, get(e + 12, 4), get(e + 4, 4), get(e + 8, 4));
		break;
	case MADT_IOAPIC:
		if (len >= 12 && a->nioapics < ACPI_IOAPIC_MAX)
			a->ioapics[a->nioapics++] =
				(struct acpi_ioapic){ e[2], get(e + 4, 4), get(e + 8, 4) };
		break;
	case MADT_OVERRIDE:
		if (len >= 10)
			add_override(a, e);
		break;
	case MADT_LAPIC_ADDR:
		if (len >= 12)
			a->lapic_base = get(e + 4, 8);
		break;
	default:
		break;
	}
}

static void parse_madt(struct acpi_info *a, const u8 *t, u64 len)
{
	if (len < 44)
		return;
	a->lapic_base = get(t + 36, 4);
	for (u64 at = 44; at + 2 <= len; at += t[at + 1]) {
		if (t[at + 1] < 2 || at + t[at + 1] > len) {
			a->bad_tables++;
			return;
		}
		madt_entry(a, t + at, t[at + 1]);
	}
}

/* --- SRAT, 5.2.16 --- */

enum srat_type { SRAT_CPU = 0, SRAT_MEMORY = 1, SRAT_X2APIC = 2 };

static void set_domain(struct acpi_info *a, u32 apic_id, u32 domain)
{
	for (unsigned i = 0; i < a->ncpus; i++)
		if (a->cpus[i].apic_id == apic_id)
			a->cpus[i].domain = domain;
}

static void srat_entry(struct acpi_info *a, const u8 *e, u8 len)
{
	switch (e[0]) {
	case SRAT_CPU:
		if (len >= 16 && (get(e + 4, 4) & 1))
			set_domain(a, e[3], e[2] | (u32)get(e + 9, 3) << 8);
		break;
	case SRAT_X2APIC:
		if (len >= 24 && (get(e + 12, 4) & 1))
			set_domain(a, get(e + 8, 4), get(e + 4, 4));
		break;
	case SRAT_MEMORY:
		if (len >= 40 && (get(e + 28, 4) & 1) && get(e + 16, 8) &&
		    a->nnode_mem < ACPI_NODE_MEM_MAX)
			a->node_mem[a->nnode_mem++] =
				(struct acpi_node_mem){ get(e + 8, 8), get(e + 16, 8),
							get(e + 2, 4) };
		break;
	default:
		break;
	}
}

static void parse_srat(struct acpi_info *a, const u8 *t, u64 len)
{
	for (u64 at = 48; at + 2 <= len; at += t[at + 1]) {
		if (t[at + 1] < 2 || at + t[at + 1] > len) {
			a->bad_tables++;
			return;
		}
		srat_entry(a, t + at, t[at + 1]);
	}
}

/* --- MCFG and HPET --- */

static void parse_mcfg(struct acpi_info *a, const u8 *t, u64 len)
{
	for (u64 at = 44; at + 16 <= len && a->nmcfg < ACPI_MCFG_MAX; at += 16)
		a->mcfg[a->nmcfg++] = (struct acpi_mcfg){
			.base = get(t + at, 8),
			.segment = get(t + at + 8, 2),
			.bus_start = t[at + 10],
			.bus_end = t[at + 11],
		};
}

static void parse_hpet(struct acpi_info *a, const u8 *t, u64 len)
{
	/* Base address: a generic address structure at 40; space 0 is memory. */
	if (len >= 56 && t[40] == 0)
		a->hpet_base = get(t + 44, 8);
}

/* --- FADT, 5.2.9 --- */

enum {
	FADT_PM1A_CNT = 64,
	FADT_PM1B_CNT = 68,
	FADT_PM_TMR = 76,
	FADT_PM_TMR_LEN = 91,
	FADT_BOOT_ARCH = 109,
	FADT_FLAGS = 112,
	FADT_RESET_REG = 116,
	FADT_RESET_VALUE = 128,
	FADT_X_DSDT = 140,
	FADT_DSDT = 40,
	FADT_FLAG_TMR_EXT = 1 << 8,
	FADT_FLAG_RESET = 1 << 10,
	FADT_ARCH_8042 = 1 << 1,
};

/*
 * SLP_TYPa and SLP_TYPb of S5. There is no AML interpreter: in the DSDT's bytes, Name(_S5_,
 * Package(){a, b, ...}) is 08 ['\'] "_S5_" 12 PkgLength NumElements, then integers
 * (20.2.2, 20.2.3).
 */
static void find_s5(struct acpi_info *a, const u8 *d, u64 len)
{
	for (u64 i = HEADER + 2; i + 12 < len; i++) {
		u64 at = i + 4;
		u8 value[2];

		if (memcmp(d + i, "_S5_", 4) || d[at] != 0x12 ||
		    (d[i - 1] != 0x08 && !(d[i - 1] == '\\' && d[i - 2] == 0x08)))
			continue;
		at += 1 + 1 + (d[at + 1] >> 6) + 1; /* opcode, PkgLength bytes, element count */
		for (int k = 0; k < 2; k++) {
			if (at + 2 > len)
				return;
			if (d[at] == 0x0a) { /* BytePrefix */
				value[k] = d[at + 1];
				at += 2;
			} else if (d[at] <= 1) { /* ZeroOp, OneOp */
				value[k] = d[at++];
			} else {
				return;
			}
		}
		a->s5_valid = true;
		a->s5_typa = value[0];
		a->s5_typb = value[1];
		return;
	}
}

/* The whole table at pa with a good checksum, or NULL. */
static const u8 *table(paddr_t pa, acpi_map_fn map, u64 *len, struct acpi_info *a)
{
	const u8 *t = pa ? map(pa, HEADER) : NULL;

	if (!t)
		return NULL;
	*len = get(t + 4, 4);
	t = *len >= HEADER && *len <= TABLE_MAX ? map(pa, *len) : NULL;
	if (!t || checksum(t, *len)) {
		a->bad_tables++;
		return NULL;
	}
	return t;
}

static void parse_fadt(struct acpi_info *a, const u8 *t, u64 len, acpi_map_fn map)
{
	u64 dsdt_len, dsdt = 0;
	u32 flags;
	const u8 *d;

	if (len < 116)
		return;
	flags = get(t + FADT_FLAGS, 4);
	a->pm1a_cnt = get(t + FADT_PM1A_CNT, 4);
	a->pm1b_cnt = get(t + FADT_PM1B_CNT, 4);
	if (t[FADT_PM_TMR_LEN] == 4)
		a->pm_timer_port = get(t + FADT_PM_TMR, 4);
	a->pm_timer_32bit = flags & FADT_FLAG_TMR_EXT;
	/* The flag exists from ACPI 2.0 (FADT revision 3). */
	a->has_8042 = t[8] < 3 || (get(t + FADT_BOOT_ARCH, 2) & FADT_ARCH_8042);
	if (len > FADT_RESET_VALUE && (flags & FADT_FLAG_RESET)) {
		a->reset_space = t[FADT_RESET_REG];
		a->reset_addr = get(t + FADT_RESET_REG + 4, 8);
		a->reset_value = t[FADT_RESET_VALUE];
		a->reset_supported = a->reset_space <= 1 && a->reset_addr;
	}
	if (len >= FADT_X_DSDT + 8)
		dsdt = get(t + FADT_X_DSDT, 8);
	if (!dsdt)
		dsdt = get(t + FADT_DSDT, 4);
	d = table(dsdt, map, &dsdt_len, a);
	if (d)
		find_s5(a, d, dsdt_len);
}

static void dispatch(struct acpi_info *a, const u8 *t, u64 len, acpi_map_fn map)
{
	if (!memcmp(t, "APIC", 4))
		parse_madt(a, t, len);
	else if (!memcmp(t, "MCFG", 4))
		parse_mcfg(a, t, len);
	else if (!memcmp(t, "HPET", 4))
		parse_hpet(a, t, len);
	else if (!memcmp(t, "FACP", 4))
		parse_fadt(a, t, len, map);
}

/* --- RSDP and root table, 5.2.5 - 5.2.8 --- */

int acpi_parse(const void *rsdp, size_t rsdp_len, acpi_map_fn map, struct acpi_info *a)
{
	const u8 *r = rsdp, *root;
	u64 len, at;
	unsigned width = 4;

	memset(a, 0, sizeof(*a));
	a->lapic_base = 0xfee00000;
	a->has_8042 = true;
	if (!r || rsdp_len < 20 || memcmp(r, "RSD PTR ", 8) || checksum(r, 20))
		return -ENOENT;
	at = get(r + 16, 4);
	if (r[15] >= 2 && rsdp_len >= 36 && !checksum(r, 36) && get(r + 24, 8)) {
		at = get(r + 24, 8);
		width = 8;
	}
	root = table(at, map, &len, a);
	if (!root || memcmp(root, width == 8 ? "XSDT" : "RSDT", 4))
		return -EINVAL;
	a->found = true;
	/* SRAT refers to the MADT's CPUs: it comes in a second round. */
	for (int round = 0; round < 2; round++) {
		for (at = HEADER; at + width <= len; at += width) {
			u64 tlen;
			const u8 *t = table(get(root + at, width), map, &tlen, a);

			if (!t)
				continue;
			if (round == 0)
				dispatch(a, t, tlen, map);
			else if (!memcmp(t, "SRAT", 4))
				parse_srat(a, t, tlen);
		}
	}
	return 0;
}
