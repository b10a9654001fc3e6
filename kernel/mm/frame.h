// SPDX-License-Identifier: MIT
/*
 * How many address spaces hold a frame: copy-on-write fork shares single pages. A frame from
 * phys_alloc() has one holder and costs nothing here; the counts of further holders are kept in
 * tables that are made when the first frame of their 2 MiB is shared. Generic cores, any context.
 */
#pragma once

#include "kernel/types.h"

/* One more holder. 0, or -ENOMEM (nothing changed; also at 65535 holders). */
int frame_ref(paddr_t pa);
/* One holder less; the last one frees the frame. */
void frame_unref(paddr_t pa);
/* Whether more than one address space holds it. */
bool frame_shared(paddr_t pa);
