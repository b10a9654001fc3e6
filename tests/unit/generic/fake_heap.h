// SPDX-License-Identifier: MIT
/* The kernel's heap on the host, with failures on command and a count of what is held. */
#pragma once

#include "kernel/mm/heap.h"

extern long fake_heap_held;       /* objects */
extern long fake_heap_fail_after; /* that many more allocations succeed; negative: all */
