// SPDX-License-Identifier: MIT
/* Who the CPUs are and which partition owns them; starting them is in arch/x86_64/smp_start.c. */
#include "kernel/smp.h"
#include "kernel/acpi.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/lapic.h"
#include "kernel/cmdline.h"
#include "kernel/mm/memmap.h"
#include "kernel/mm/phys.h"
#include "kernel/printk.h"
#include "kernel/smp_init.h"
#include "qgm/qgm.h"

struct cpu cpus[CPU_MAX];
u32 ncpus = 1, ncpus_online = 1, nqgm;
bool smp_shared_mode;

static u32 domains[NODE_MAX];
static int ndomains;

/* Proximity domains are any numbers; nodes are dense, in order of appearance. */
static int node_of_domain(u32 domain)
{
	for (int i = 0; i < ndomains; i++)
		if (domains[i] == domain)
			return i;
	if (ndomains == NODE_MAX)
		return 0;
	domains[ndomains] = domain;
	return ndomains++;
}

void smp_assign_nodes(void)
{
	for (unsigned i = 0; i < acpi.nnode_mem; i++)
		memmap_set_node(&memmap, acpi.node_mem[i].base, acpi.node_mem[i].len,
				node_of_domain(acpi.node_mem[i].domain));
}

static u32 left_out; /* CPUs beyond CPU_MAX */

static void add(const struct acpi_cpu *a)
{
	struct cpu *c = &cpus[ncpus];

	if (ncpus == CPU_MAX) {
		left_out++;
		return;
	}
	c->self = c;
	c->id = ncpus++;
	c->apic_id = a->apic_id;
	c->acpi_uid = a->uid;
	c->node = node_of_domain(a->domain);
	c->qgm_id = ~0u;
}

void smp_list(void)
{
	cpus[0].apic_id = lapic_id();
	for (unsigned i = 0; i < acpi.ncpus; i++) {
		if (acpi.cpus[i].apic_id == cpus[0].apic_id) {
			cpus[0].acpi_uid = acpi.cpus[i].uid;
			cpus[0].node = node_of_domain(acpi.cpus[i].domain);
			continue;
		}
		add(&acpi.cpus[i]);
	}
	left_out += acpi.cpus_ignored;
	if (left_out)
		printk("smp: %u CPUs beyond %u stay off\n", left_out, CPU_MAX);
}

/* APIC id bits below the core: two threads of a core differ in these only (CPUID.0Bh, level 0). */
static u32 smt_shift(void)
{
	u32 max, a, b, c, d;

	cpuid(0, 0, &max, &b, &c, &d);
	if (max < 0xb)
		return 0;
	cpuid(0xb, 0, &a, &b, &c, &d);
	return (c >> 8 & 0xff) == 1 ? a & 31 : 0;
}

/* QGM numbers are dense; without any QGM core, CPU 0 runs QGM 0 in the shared mode. */
static void number_qgms(void)
{
	u32 over = 0;

	nqgm = 0;
	for (u32 i = 0; i < ncpus; i++) {
		if (cpus[i].partition != PART_QGM)
			continue;
		if (nqgm < QGM_MAX) {
			cpus[i].qgm_id = nqgm++;
			continue;
		}
		cpus[i].partition = PART_OFF;
		over++;
	}
	if (over)
		printk("smp: %u cores stay off: at most %u QGMs\n", over, QGM_MAX);
	if (nqgm)
		return;
	smp_shared_mode = true;
	nqgm = 1;
	cpus[0].shared_qgm = true;
	cpus[0].qgm_id = 0;
}

void smp_deal(void)
{
	char text[256];
	enum partition part[CPU_MAX];
	size_t at;
	u32 shift = smt_shift();

	for (u32 i = 0; i < ncpus; i++)
		cpus[i].partition = cpus[i].apic_id >> shift == cpus[0].apic_id >> shift
					    ? PART_GENERIC
					    : PART_QGM;
	if (cmdline_get("pix.cores", text, sizeof(text)) > 0) {
		if (cores_parse(text, ncpus, part, &at))
			printk("smp: pix.cores=%s: not understood at \"%s\", using the default\n",
			       text, text + at);
		else
			for (u32 i = 0; i < ncpus; i++)
				cpus[i].partition = part[i];
	}
	number_qgms();
}

void smp_lost(struct cpu *c)
{
	c->partition = PART_OFF;
	c->qgm_id = ~0u;
}

void smp_renumber(void)
{
	if (!smp_shared_mode)
		number_qgms();
}

struct cpu *cpu_of_qgm(u32 q)
{
	for (u32 i = 0; i < ncpus; i++)
		if (cpus[i].qgm_id == q)
			return &cpus[i];
	return NULL;
}
