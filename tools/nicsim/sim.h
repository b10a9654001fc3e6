// SPDX-License-Identifier: MIT
/*
 * The other side of device.h: what attachments, wires, tests and the program call. A struct nicsim
 * is the NICs of one machine with their common clock; devices are made by text as on the command
 * line ("82599,mac=52:54:00:12:34:56,id=nic0"). One thread.
 *
 *	attachment --nicsim_cfg_*, nicsim_bar_*, nicsim_mem_*--> core --> model
 *	wire       --nicsim_rx------------------------------->
 *	loop, test --nicsim_run, nicsim_advance-------------->
 */
#pragma once

#include <stdio.h>

#include "tools/nicsim/device.h"

enum { NICSIM_DEVS = 64 };

struct nicsim {
	struct nicsim_dev *dev[NICSIM_DEVS]; /* PFs and functions alone; VFs hang below their PF */
	u32 ndevs;
	/* Clock in ns: virtual (now), or a function. */
	u64 now;
	u64 (*clock)(void *arg);
	void *clock_arg;
	/* work() right after each BAR write (in process), or left to nicsim_run() (attachments:
	 * the answer goes first). */
	bool eager;
	bool in_work;
	FILE *log; /* errors and traces as they come; NULL: silent */
};

/* All models that the program has, NULL at the end (models.c). */
extern const struct nicsim_model *const nicsim_models[];
const struct nicsim_model *nicsim_model_find(const char *name);

/* A machine with a virtual clock at 0 ns, eager, silent. */
struct nicsim *nicsim_create(void);
void nicsim_destroy(struct nicsim *sim);

/*
 * Make a device: "MODEL[,mac=..][,id=..][,seed=N][,trace][,fault=NAME[:COUNT[:ARG]]][,vfs=N]
 * [,msi=off][,own options]". vfs: that many VFs are on from the beginning. msi=off: no MSI and
 * MSI-X capabilities. NULL and a sentence in why (whysize bytes) if it cannot be. bars32: the
 * attachment places 32-bit BARs only.
 */
struct nicsim_dev *nicsim_add(struct nicsim *sim, const char *spec, bool bars32, char *why,
			      size_t whysize);
/* The same for a model that is not in the table (tests). */
struct nicsim_dev *nicsim_add_model(struct nicsim *sim, const struct nicsim_model *model,
				    const char *options, bool bars32, char *why, size_t whysize);
struct nicsim_dev *nicsim_find(struct nicsim *sim, const char *id);

/* --- accesses of the CPU -------------------------------------------------------------------- */

/* Configuration space, 1, 2 or 4 bytes; outside of it or unaligned reads give all ones. */
u32 nicsim_cfg_read(struct nicsim_dev *dev, u32 off, u32 size);
void nicsim_cfg_write(struct nicsim_dev *dev, u32 off, u32 size, u32 v);

/* BAR and offset, 1, 2, 4 or 8 bytes. COMMAND.MEM (I/O: .IO) is checked. */
u64 nicsim_bar_read(struct nicsim_dev *dev, u32 bar, u64 off, u32 size);
void nicsim_bar_write(struct nicsim_dev *dev, u32 bar, u64 off, u32 size, u64 v);
/* Which BAR holds the bus address, with its offset; -1: none. */
int nicsim_bar_at(const struct nicsim_dev *dev, u64 addr, bool io, u64 *off);
/* Bus address that the guest gave a BAR. */
u64 nicsim_bar_address(const struct nicsim_dev *dev, u32 bar);

/* PCI reset of the function. */
void nicsim_reset(struct nicsim_dev *dev);
/* Function-level reset, as written to the PCIe capability (the core calls it itself then). */
void nicsim_flr(struct nicsim_dev *dev);

/* --- memory --------------------------------------------------------------------------------- */

/* Guest RAM that the function reaches; regions do not overlap. false: table is full, overlap,
 * size 0 or wraps. */
bool nicsim_mem_add(struct nicsim_dev *dev, u64 gpa, u64 size, void *ptr);
/* false: no such region. */
bool nicsim_mem_del(struct nicsim_dev *dev, u64 gpa, u64 size);
void nicsim_mem_clear(struct nicsim_dev *dev);

/* --- wire ----------------------------------------------------------------------------------- */

/* A frame arrives; false: the NIC did not take it (dark, removed, or the model says no). */
bool nicsim_rx(struct nicsim_dev *dev, const u8 *frame, u32 len);
bool nicsim_rx_ready(struct nicsim_dev *dev);
/* The partner's light goes on or off. */
void nicsim_light_set(struct nicsim_dev *dev, bool on);

/* --- time ----------------------------------------------------------------------------------- */

/* Timers that are due, then work of all devices until none has any (at most `rounds` rounds; 0: no
 * limit). True: there is more. */
bool nicsim_run(struct nicsim *sim, u32 rounds);
/* Move the virtual clock, stopping at each deadline on the way. */
void nicsim_advance(struct nicsim *sim, u64 ns);
/* The earliest deadline, ~0: none. */
u64 nicsim_deadline(const struct nicsim *sim);

/* --- reports and faults --------------------------------------------------------------------- */

const char *nicsim_error_name(enum nicsim_error kind); /* "dma", "tail"... */
/* Print the error report, a line each; returns how many errors there were. */
u64 nicsim_report(const struct nicsim_dev *dev, FILE *to);
void nicsim_errors_clear(struct nicsim_dev *dev);

/*
 * Arm fault `name`: it happens the next `count` times (0: disarm, ~0: always) with `arg`. Of the
 * core: "removed" (reads give all ones, writes vanish, no DMA, no frames), "dark" (no light),
 * "tx-lost" and "rx-lost" (a frame is lost on the wire). False: neither core nor model know it.
 */
bool nicsim_fault_set(struct nicsim_dev *dev, const char *name, u64 count, u64 arg);
/* How often it has happened. */
u64 nicsim_fault_hits(const struct nicsim_dev *dev, const char *name);

/* --- between the core's own files ----------------------------------------------------------- */

void nicsim_config_build(struct nicsim_dev *dev);
void nicsim_config_reset(struct nicsim_dev *dev);
void nicsim_msix_reset(struct nicsim_dev *dev);
/* Masks or enables changed: send what was pending, set the line. */
void nicsim_irq_update(struct nicsim_dev *dev);
void nicsim_work(struct nicsim_dev *dev);
struct nicsim_dev *nicsim_dev_make(struct nicsim *sim, const struct nicsim_model *model,
				   struct nicsim_option *options, bool bars32,
				   struct nicsim_dev *pf, u32 vf, char *why, size_t whysize);
void nicsim_dev_free(struct nicsim_dev *dev);
void nicsim_fault_free(struct nicsim_dev *dev);
struct nicsim_option *nicsim_options_parse(const char *text, char *why, size_t whysize);
void nicsim_options_free(struct nicsim_option *o);
