// SPDX-License-Identifier: MIT
/* Panic's state, for handlers that have to behave differently then. */
#pragma once

#include "kernel/types.h"

/* Has some core of the generic partition begun to panic? Any generic core, any context. */
bool panic_in_progress(void);
