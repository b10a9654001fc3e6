// SPDX-License-Identifier: MIT
/* End of the machine's day. Generic cores, any context; consoles have been written by then. */
#pragma once

#include "kernel/types.h"

/* ACPI S5 by the FADT's PM1 registers (QEMU: also the known ports). Halts if that fails. */
void power_off(void) __noreturn;
/* FADT reset register, keyboard controller, port 0xcf9, triple fault: in this order. */
void power_reset(void) __noreturn;
