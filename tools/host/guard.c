// SPDX-License-Identifier: MIT
/*
 * The stack protector of freestanding objects on the host: they are compiled with
 * -mstack-protector-guard=global, because the default guard (%gs:0x28) faults outside of the
 * kernel.
 */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

uintptr_t __stack_chk_guard = 0x5f0d1a2b3c4d00ffull;
