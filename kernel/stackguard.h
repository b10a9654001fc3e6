// SPDX-License-Identifier: MIT
/* The stack protector's start-up: once, boot CPU, from a function without protector. */
#pragma once

#include "kernel/types.h"

void stackguard_init(void);

/* Is rip where a function ended that found its guard overwritten? */
bool stackguard_tripped(u64 rip);
