// SPDX-License-Identifier: MIT
/*
 * The surroundings of the table writer in unit tests: heap and arena on malloc (so that ASan sees
 * every misuse), each with a count of live blocks; the n-th allocation from now fails on request.
 */
#pragma once

#include "tests/unit/unit.h"

#include "qgm/arena.h"
#include "qgm/env.h"
#include "qgm/tables.h"

extern long fake_live;          /* blocks of heap and arena that are not free */
extern long fake_fail_after;    /* allocations until one fails; < 0: none fails */
extern long fake_failed;        /* allocations that were refused */
extern const char *fake_plants; /* names of planted bugs, or NULL */

extern bool fake_settled; /* tables_settled() */
extern u64 fake_passed;   /* epoch that every QGM has passed */

/* Every QGM has passed the newest epoch: free what was retired. Returns how many objects. */
u32 fake_grace(void);

/* Free the current root and all that is retired; for the leak count at a test's end. */
void fake_tables_reset(void);
