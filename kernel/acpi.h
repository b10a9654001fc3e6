// SPDX-License-Identifier: MIT
/*
 * What we use of ACPI's static tables (ACPI 6.4, chapter 5): MADT, SRAT, MCFG, FADT, HPET. No AML.
 * The parser is pure: it reads through a map function, checks lengths and checksums, and never
 * reads past a table.
 */
#pragma once

#include "kernel/types.h"

enum {
	ACPI_CPU_MAX = 256,
	ACPI_IOAPIC_MAX = 16,
	ACPI_OVERRIDE_MAX = 24,
	ACPI_NODE_MEM_MAX = 64,
	ACPI_MCFG_MAX = 8,
};

struct acpi_cpu {
	u32 uid;
	u32 apic_id;
	u32 domain; /* SRAT proximity domain, 0 without SRAT */
};

struct acpi_ioapic {
	u8 id;
	paddr_t base;
	u32 gsi_base;
};

/* An ISA interrupt that is not at its identity GSI, or not edge/high (5.2.12.5). */
struct acpi_override {
	u8 irq;
	u32 gsi;
	bool active_low;
	bool level;
};

struct acpi_node_mem {
	paddr_t base;
	u64 len;
	u32 domain;
};

/* One ECAM window (PCI Firmware 3.0, 4.1.2). */
struct acpi_mcfg {
	paddr_t base;
	u16 segment;
	u8 bus_start, bus_end;
};

struct acpi_info {
	bool found; /* an RSDP with a good checksum */
	paddr_t lapic_base;
	unsigned ncpus; /* enabled in the MADT */
	struct acpi_cpu cpus[ACPI_CPU_MAX];
	unsigned cpus_ignored; /* beyond ACPI_CPU_MAX */
	unsigned nioapics;
	struct acpi_ioapic ioapics[ACPI_IOAPIC_MAX];
	unsigned noverrides;
	struct acpi_override overrides[ACPI_OVERRIDE_MAX];
	unsigned nnode_mem;
	struct acpi_node_mem node_mem[ACPI_NODE_MEM_MAX];
	unsigned nmcfg;
	struct acpi_mcfg mcfg[ACPI_MCFG_MAX];
	paddr_t hpet_base; /* 0: none */
	u32 pm_timer_port; /* 0: none */
	bool pm_timer_32bit;
	u32 pm1a_cnt, pm1b_cnt; /* ports, 0: none */
	bool reset_supported;
	u8 reset_space; /* 0 memory, 1 I/O */
	paddr_t reset_addr;
	u8 reset_value;
	bool has_8042; /* FADT boot flags; true when the FADT does not say */
	bool s5_valid;
	u8 s5_typa, s5_typb; /* SLP_TYP for S5, from the DSDT's _S5_ package */
	unsigned bad_tables; /* checksum or length wrong: skipped */
};

extern struct acpi_info acpi;

/*
 * Parse everything reachable from the RSDP into *out. `map` returns a pointer to len readable
 * bytes at pa, or NULL. Returns 0, or -ENOENT for a bad RSDP, -EINVAL for a bad root table.
 */
typedef const void *(*acpi_map_fn)(paddr_t pa, u64 len);
int acpi_parse(const void *rsdp, size_t rsdp_len, acpi_map_fn map, struct acpi_info *out);
