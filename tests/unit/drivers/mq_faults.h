// SPDX-License-Identifier: MIT
/* Faults of a chip of nicsim, on the bench for drivers with several queues (mq.h). */
#pragma once

#include "tests/unit/drivers/mq_chip.h"

enum { NOTICE_MS = 250, BACK_MS = 1000 };

/* The tests that all chips pass; their faults have the same names. */
int mq_faults_run(void);

/* Arm a fault of the model, 0: disarm; how often it happened. */
void fault_set(const char *name, u64 count, u64 arg);
u64 fault_hits(const char *name);

/* A frame in and out, whole; n of them. */
void fault_works(void);
void fault_traffic(u32 n);

/* The device is reset for it, noticed in `notice_ms` at most, and works. */
void fault_is_reset(const char *what, u32 notice_ms);

/* The fault costs one frame, by name, and nothing else. */
void fault_one_bad_frame(const char *fault, u64 arg);

/* A receive or transmit queue that stands still for it, at several points. */
void fault_rx(const char *fault, u32 notice_ms);
void fault_tx(const char *fault, u64 count);

/* The port stops and starts while it lasts. */
void fault_restarts(const char *fault);
