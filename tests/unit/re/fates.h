// SPDX-License-Identifier: MIT
/* One frame through the engine of fake_engine.h, and the one thing that becomes of it. */
#pragma once

#include "tests/unit/re/fake_engine.h"

/* It ends as `why`, is counted so and by nothing else, and causes nothing. */
void fate_dropped(u16 port, const void *frame, u16 len, enum drop_reason why);

/* It goes to the host stack, whole, in class `cls`. */
void fate_punted(u16 port, const void *frame, u16 len, enum pix_punt_class cls);

/* It leaves by one port, which is returned. */
u16 fate_forwarded(u16 port, const void *frame, u16 len);

/* All drops, whatever the reason. */
u32 fate_drops(void);
