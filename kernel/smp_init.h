// SPDX-License-Identifier: MIT
/* Start-up of kernel/smp.h, in this order. Boot CPU. */
#pragma once

#include "kernel/smp.h"

/* NUMA nodes of the free memory, by SRAT. */
void smp_assign_nodes(void);
/* cpus[] from the MADT. */
void smp_list(void);
/* Partitions, by default or by pix.cores=. */
void smp_deal(void);

/* Wake the APs: INIT to all, then (10 ms later, other work in between) start-up IPIs to all. */
void smp_send_init(void);
void smp_start(void);
/* A CPU that did not come up, and QGM numbers without such ones. */
void smp_lost(struct cpu *c);
void smp_renumber(void);

/* Let the parked generic APs enter the scheduler. */
void smp_release_generic(void);

/* Entered by the trampoline on each AP, with the index of its stack. */
void ap_main(u32 index);
