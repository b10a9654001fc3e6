// SPDX-License-Identifier: MIT
/*
 * trap: a range of addresses that a driver of others takes for the registers of its device. While
 * the range is closed each access faults, is decoded and handed to a function; while it is open
 * it is plain memory, so that a driver is timed without what stands behind the registers.
 *
 * x86-64, aligned accesses of 4 bytes by MOV, which is what a volatile access in C becomes; any
 * other instruction ends the program. Faults of several threads are served one at a time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct trap {
	uint32_t (*read)(void *arg, uint64_t off);
	void (*write)(void *arg, uint64_t off, uint32_t v);
	void *arg;
	uint8_t *base; /* out */
	uint64_t size; /* bytes, a multiple of the page size */
};

/* One range a process. Closed. Ends the program when it cannot be. */
void trap_make(struct trap *t);

void trap_open(const struct trap *t);
void trap_close(const struct trap *t);
