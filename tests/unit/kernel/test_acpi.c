// SPDX-License-Identifier: MIT
/*
 * The ACPI parser on tables built here byte by byte from the specification's layouts, and on
 * broken ones: wrong checksums, wrong lengths, entries that run over the end, random bytes.
 * "Physical memory" is an exact-size heap block per table, so that ASan sees any read past one.
 */
#include "tests/unit/unit.h"
#include "kernel/acpi.h"

enum { TABLES = 16 };

static struct table {
	paddr_t pa;
	uint8_t *mem;
	size_t len;
} tables[TABLES];
static unsigned ntables;

static const void *map(paddr_t pa, u64 len)
{
	for (unsigned i = 0; i < ntables; i++)
		if (pa >= tables[i].pa && pa - tables[i].pa + len <= tables[i].len)
			return tables[i].mem + (pa - tables[i].pa);
	return NULL;
}

static void put(uint8_t *p, u64 v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static void fix(uint8_t *p, size_t len, size_t at)
{
	uint8_t sum = 0;

	p[at] = 0;
	for (size_t i = 0; i < len; i++)
		sum += p[i];
	p[at] = (uint8_t)-sum;
}

/* A table of len bytes; the body follows the 36-byte header. Returns its memory. */
static uint8_t *new_table(const char *sig, paddr_t pa, size_t len, uint8_t revision)
{
	struct table *t = &tables[ntables++];

	assert_true(ntables <= TABLES);
	t->pa = pa;
	t->len = len;
	t->mem = calloc(1, len);
	memcpy(t->mem, sig, 4);
	put(t->mem + 4, len, 4);
	t->mem[8] = revision;
	return t->mem;
}

static void finish(void)
{
	for (unsigned i = 0; i < ntables; i++)
		fix(tables[i].mem, tables[i].len, 9);
}

static uint8_t rsdp[36];

static void make_rsdp(paddr_t rsdt, paddr_t xsdt)
{
	memset(rsdp, 0, sizeof(rsdp));
	memcpy(rsdp, "RSD PTR ", 8);
	put(rsdp + 16, rsdt, 4);
	if (xsdt) {
		rsdp[15] = 2;
		put(rsdp + 20, 36, 4);
		put(rsdp + 24, xsdt, 8);
	}
	fix(rsdp, 20, 8);
	if (xsdt)
		fix(rsdp, 36, 32);
}

static int tear_down(void **state)
{
	(void)state;
	while (ntables)
		free(tables[--ntables].mem);
	return 0;
}

/* MADT of a 3-CPU machine: one disabled, one in both forms, two overrides, one I/O APIC. */
static void make_madt(void)
{
	static const uint8_t body[] = {
		0x00, 0x00, 0xe0, 0xfe, 1,    0, 0,    0, /* local APIC address, flags */
		0,    8,    0,    0,    1,    0, 0,    0, /* CPU uid 0, id 0 */
		0,    8,    1,    4,    1,    0, 0,    0, /* uid 1, id 4 */
		0,    8,    2,    5,    0,    0, 0,    0, /* disabled */
		9,    16,   0,    0,    4,    0, 0,    0,    1,    0, 0, 0, 1,
		0,    0,    0, /* id 4 again, x2APIC form */
		9,    16,   0,    0,    0x2c, 1, 0,    0,    1,    0, 0, 0, 7,
		0,    0,    0,                                              /* id 300, uid 7 */
		1,    12,   2,    0,    0,    0, 0xc0, 0xfe, 24,   0, 0, 0, /* I/O APIC id 2,
									       GSI 24.. */
		2,    10,   0,    0,    2,    0, 0,    0,    0,    0, /* IRQ 0 -> GSI 2, conforms */
		2,    10,   0,    9,    9,    0, 0,    0,    0x0d, 0, /* IRQ 9 level, high */
		2,    10,   0,    11,   11,   0, 0,    0,    0x0f, 0, /* IRQ 11 level, low */
		4,    6,    0xff, 0,    0,    1,                      /* NMI: not used */
	};

	memcpy(new_table("APIC", 0x2000, 36 + sizeof(body), 3) + 36, body, sizeof(body));
}

static void make_srat(void)
{
	uint8_t *t = new_table("SRAT", 0x3000, 48 + 16 + 24 + 40 + 40, 3), *e = t + 48;

	e[0] = 0, e[1] = 16, e[2] = 1, e[3] = 4, e[4] = 1; /* CPU id 4: domain 1 */
	e += 16;
	e[0] = 2, e[1] = 24, e[4] = 9;
	put(e + 8, 300, 4); /* CPU id 300: domain 9 */
	e[12] = 1;
	e += 24;
	e[0] = 1, e[1] = 40, e[2] = 1;
	put(e + 8, 0x100000000ull, 8);
	put(e + 16, 0x80000000ull, 8);
	e[28] = 1;
	e += 40;
	e[0] = 1, e[1] = 40; /* disabled */
	put(e + 16, 4096, 8);
}

static void make_rest(void)
{
	static const uint8_t dsdt[] = {
		0x10, 0x05, '_', 'S', '5', '_',  0x12, /* a name, no package yet */
		0x08, '_',  'S', '5', '_', 0x12, 0x06, 0x04, 0x0a, 0x05, 0x01, 0, 0, 0,
		0,    0,    0,   0,   0,   0,    0,    0,    0,    0,    0,    0, 0
	};
	uint8_t *t = new_table("MCFG", 0x4000, 44 + 16, 1);

	put(t + 44, 0xb0000000, 8);
	t[44 + 10] = 0, t[44 + 11] = 255;
	t = new_table("HPET", 0x5000, 56, 1);
	put(t + 44, 0xfed00000, 8);
	t = new_table("FACP", 0x6000, 244, 3);
	put(t + 64, 0x604, 4);
	put(t + 76, 0x608, 4);
	t[91] = 4;
	put(t + 109, 2, 2);
	put(t + 112, 1 << 10, 4);
	t[116] = 1;
	put(t + 120, 0xcf9, 8);
	t[128] = 0x0f;
	put(t + 40, 0x7000, 4);
	memcpy(new_table("DSDT", 0x7000, 36 + sizeof(dsdt), 1) + 36, dsdt, sizeof(dsdt));
}

static void make_roots(void)
{
	static const paddr_t list[] = { 0x3000, 0x2000, 0x4000, 0x5000, 0x6000, 0xdead000 };
	uint8_t *x = new_table("XSDT", 0x1000, 36 + 8 * 6, 1),
		*r = new_table("RSDT", 0x1800, 36 + 4 * 6, 1);

	for (int i = 0; i < 6; i++) {
		put(x + 36 + 8 * i, list[i], 8);
		put(r + 36 + 4 * i, list[i], 4);
	}
}

static void make_machine(void)
{
	make_madt();
	make_srat();
	make_rest();
	make_roots();
	finish();
}

static void check_machine(const struct acpi_info *a)
{
	assert_true(a->found);
	assert_int_equal(a->lapic_base, 0xfee00000);
	assert_int_equal(a->ncpus, 3);
	assert_int_equal(a->cpus[1].apic_id, 4);
	assert_int_equal(a->cpus[1].domain, 1);
	assert_int_equal(a->cpus[2].apic_id, 300);
	assert_int_equal(a->cpus[2].uid, 7);
	assert_int_equal(a->cpus[2].domain, 9);
	assert_int_equal(a->nioapics, 1);
	assert_int_equal(a->ioapics[0].base, 0xfec00000);
	assert_int_equal(a->ioapics[0].gsi_base, 24);
	assert_int_equal(a->noverrides, 3);
	assert_int_equal(a->overrides[0].gsi, 2);
	assert_false(a->overrides[0].level);
	assert_true(a->overrides[1].level && !a->overrides[1].active_low);
	assert_true(a->overrides[2].level && a->overrides[2].active_low);
	assert_int_equal(a->nnode_mem, 1);
	assert_int_equal(a->node_mem[0].base, 0x100000000ull);
	assert_int_equal(a->node_mem[0].domain, 1);
	assert_int_equal(a->nmcfg, 1);
	assert_int_equal(a->mcfg[0].base, 0xb0000000);
	assert_int_equal(a->mcfg[0].bus_end, 255);
	assert_int_equal(a->hpet_base, 0xfed00000);
	assert_int_equal(a->pm1a_cnt, 0x604);
	assert_int_equal(a->pm_timer_port, 0x608);
	assert_true(a->reset_supported && a->reset_space == 1);
	assert_int_equal(a->reset_addr, 0xcf9);
	assert_int_equal(a->reset_value, 0x0f);
	assert_true(a->has_8042);
	assert_true(a->s5_valid);
	assert_int_equal(a->s5_typa, 5);
	assert_int_equal(a->s5_typb, 1);
	assert_int_equal(a->bad_tables, 0);
}

static void test_xsdt(void **state)
{
	static struct acpi_info a;

	(void)state;
	make_machine();
	make_rsdp(0x1800, 0x1000);
	assert_int_equal(acpi_parse(rsdp, 36, map, &a), 0);
	check_machine(&a);
}

static void test_rsdt(void **state)
{
	static struct acpi_info a;

	(void)state;
	make_machine();
	make_rsdp(0x1800, 0);
	assert_int_equal(acpi_parse(rsdp, 20, map, &a), 0);
	check_machine(&a);
}

static void test_bad_rsdp(void **state)
{
	static struct acpi_info a;

	(void)state;
	make_machine();
	make_rsdp(0x1800, 0x1000);
	rsdp[3] ^= 1;
	assert_true(acpi_parse(rsdp, 36, map, &a) < 0);
	make_rsdp(0x1800, 0x1000);
	rsdp[8]++;
	assert_true(acpi_parse(rsdp, 36, map, &a) < 0);
	assert_true(acpi_parse(NULL, 36, map, &a) < 0);
	assert_true(acpi_parse(rsdp, 8, map, &a) < 0);
	make_rsdp(0x9999, 0x9999);
	assert_true(acpi_parse(rsdp, 36, map, &a) < 0);
	make_rsdp(0x2000, 0); /* a table, but no root table */
	assert_true(acpi_parse(rsdp, 36, map, &a) < 0);
	assert_false(a.found);
}

static void test_bad_checksum(void **state)
{
	static struct acpi_info a;

	(void)state;
	make_machine();
	make_rsdp(0x1800, 0x1000);
	tables[0].mem[50]++; /* MADT */
	assert_int_equal(acpi_parse(rsdp, 36, map, &a), 0);
	assert_int_equal(a.ncpus, 0);
	assert_true(a.bad_tables > 0);
	assert_int_equal(a.hpet_base, 0xfed00000);
}

/* An entry of length 0 must not loop, one that runs over the end must not be read. */
static void test_bad_entries(void **state)
{
	static struct acpi_info a;

	(void)state;
	make_machine();
	make_rsdp(0x1800, 0x1000);
	tables[0].mem[44 + 8 + 1] = 0;
	finish();
	assert_int_equal(acpi_parse(rsdp, 36, map, &a), 0);
	assert_int_equal(a.ncpus, 1);
	assert_int_equal(a.bad_tables, 1);
	tables[0].mem[44 + 8 + 1] = 255;
	finish();
	assert_int_equal(acpi_parse(rsdp, 36, map, &a), 0);
	assert_int_equal(a.ncpus, 1);
}

static void test_lengths(void **state)
{
	static struct acpi_info a;

	(void)state;
	make_machine();
	make_rsdp(0x1800, 0x1000);
	for (unsigned t = 0; t < ntables; t++) {
		static const u32 bad[] = { 0, 8, 35, 36, 37, 48, 0xffffffff };

		for (unsigned i = 0; i < 7; i++) {
			u32 len = (u32)tables[t].len;

			put(tables[t].mem + 4, bad[i], 4);
			if (bad[i] >= 36 && bad[i] < len)
				fix(tables[t].mem, bad[i], 9);
			acpi_parse(rsdp, 36, map, &a);
			put(tables[t].mem + 4, len, 4);
			fix(tables[t].mem, len, 9);
		}
	}
	assert_int_equal(acpi_parse(rsdp, 36, map, &a), 0);
	check_machine(&a);
}

static void test_random_bytes(void **state)
{
	static struct acpi_info a;
	unsigned seed = 20;

	(void)state;
	print_message("seed %u\n", seed);
	for (int round = 0; round < 3000; round++) {
		make_machine();
		make_rsdp(0x1800, 0x1000);
		for (int k = 0; k < 6; k++) {
			struct table *t = &tables[rand_r(&seed) % ntables];

			t->mem[10 + rand_r(&seed) % (t->len - 10)] = (uint8_t)rand_r(&seed);
		}
		finish();
		acpi_parse(rsdp, 36, map, &a);
		assert_true(a.ncpus <= ACPI_CPU_MAX && a.nioapics <= ACPI_IOAPIC_MAX);
		tear_down(state);
	}
}

static void test_many_cpus(void **state)
{
	static struct acpi_info a;
	uint8_t *t;

	(void)state;
	t = new_table("APIC", 0x2000, 44 + 300 * 16, 3);
	for (int i = 0; i < 300; i++) {
		uint8_t *e = t + 44 + 16 * i;

		e[0] = 9, e[1] = 16;
		put(e + 4, 1000 + i, 4);
		e[8] = 1;
	}
	put(new_table("RSDT", 0x1800, 40, 1) + 36, 0x2000, 4);
	finish();
	make_rsdp(0x1800, 0);
	assert_int_equal(acpi_parse(rsdp, 20, map, &a), 0);
	assert_int_equal(a.ncpus, ACPI_CPU_MAX);
	assert_int_equal(a.cpus_ignored, 300 - ACPI_CPU_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_xsdt, tear_down),
		cmocka_unit_test_teardown(test_rsdt, tear_down),
		cmocka_unit_test_teardown(test_bad_rsdp, tear_down),
		cmocka_unit_test_teardown(test_bad_checksum, tear_down),
		cmocka_unit_test_teardown(test_bad_entries, tear_down),
		cmocka_unit_test_teardown(test_lengths, tear_down),
		cmocka_unit_test_teardown(test_random_bytes, tear_down),
		cmocka_unit_test_teardown(test_many_cpus, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
