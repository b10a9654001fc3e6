// SPDX-License-Identifier: MIT
/*
 * Planted bugs: `pix.plant=NAME[,NAME]` on the command line makes the code misbehave in a
 * documented way, so that a test can prove that it catches the fault. Ask once at start-up and
 * keep the answer; never on a hot path.
 */
#pragma once

#include "kernel/types.h"

/* Was this bug planted? Generic cores and the boot CPU. */
bool planted(const char *name);
