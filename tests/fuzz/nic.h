// SPDX-License-Identifier: MIT
/*
 * Fuzz targets of NICs and their drivers (libFuzzer), in process:
 *
 *	NAME_driver  the device attacks: bytes decide what it writes into the driver's DMA memory,
 *what registers read, which faults it has, when it vanishes (nic_driver.c) NAME_model   the driver
 *attacks: bytes are register accesses, memory, configuration space and frames, on a device that a
 *driver has brought up (nic_model.c)
 *
 * An input is a sequence of operations, one byte each with its operands behind it; a short one
 *reads as zeroes. fuzz_CHIP.c says which driver and device.
 */
#pragma once

#include "tests/unit/drivers/rig.h"

struct fuzz_chip {
	const char *spec; /* of nicsim */
	bool guest;       /* its first virtual function */
	/* Or another device: fresh, of the variant that the input's last byte says; and as a bus
	 * resets it when it is plugged in again. */
	struct model *(*model)(u32 variant);
	void (*reset)(struct model *m);
	u32 variants;
	bool runts; /* frames of less than a header are the engine's to drop */
	const struct net_driver *driver;
	u16 vendor, device;
	u32 queues;
};
extern const struct fuzz_chip fuzz_chip;

/* What is left of the input. */
struct fuzz_in {
	const u8 *p;
	size_t n;
};
u8 in8(struct fuzz_in *in);
u16 in16(struct fuzz_in *in);
u32 in32(struct fuzz_in *in);

/* The world: a port that is up, with link, and its own turns (as qgm/ports.c). */
void fuzz_begin(const struct fuzz_in *in);
void fuzz_turn(u32 cycles);
void fuzz_restart(bool again); /* the operator's stop, and start */
/* The device is gone, or comes back as a bus plugs it in. */
void fuzz_plug(bool in);
/* The device is reset from outside and well: it stops, and every buffer is back. */
void fuzz_end(void);
/* The same without a driver: the model alone is destroyed. */
void fuzz_drop(void);

u32 fuzz_queues(void);
struct pool_cache *fuzz_cache(u32 queue);
void fuzz_send(u32 queue, u32 len);
void fuzz_inject(struct fuzz_in *in);
/* Arm one of the model's faults. */
void fuzz_fault(u8 which, u64 count, u64 arg);
/* A place of `bytes` in memory that the device may reach. */
u8 *fuzz_place(struct fuzz_in *in, u32 bytes, u64 *iova);
/* Write some of the input's bytes there. */
void fuzz_scribble(struct fuzz_in *in);
