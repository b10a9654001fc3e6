// SPDX-License-Identifier: MIT
/* The stack protector's start-up: once, boot CPU, from a function without protector. */
#pragma once

void stackguard_init(void);
