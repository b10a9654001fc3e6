// SPDX-License-Identifier: MIT
/* When the machine became a router: the moment at which the start-up configuration was applied. */
#pragma once

#include "kernel/types.h"

/* The start-up configuration is in force: prints `boot: ready in N ms` the first time. */
void net_ready(void);

/* Nanoseconds from machine start to net_ready(), 0 before. */
u64 net_ready_ns(void);
