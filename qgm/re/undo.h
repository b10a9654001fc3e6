// SPDX-License-Identifier: MIT
/*
 * undo: what makes a control transaction all or nothing. Every change of the writer's bookkeeping
 * is recorded here before it is made; a rollback restores the bytes in reverse order and frees what
 * was allocated, a commit frees what was given up. Generic side, control lock held.
 */
#pragma once

#include "qgm/compiler.h"

struct undo_chunk;

struct undo {
	struct undo_chunk *top; /* newest */
	u64 serial;             /* of this transaction, never the same again */
};

enum { UNDO_SAVE_MAX = 1024 }; /* bytes of one record */

void undo_begin(struct undo *u);

/* Remember the `bytes` at `p`, which the caller is going to change. 0 or -ENOMEM. */
int undo_save(struct undo *u, void *p, size_t bytes);

/* Zeroed heap memory that a rollback frees. NULL: no memory. */
void *undo_alloc(struct undo *u, size_t bytes);

/* Heap memory that the commit frees; readable until then. 0 or -ENOMEM (then it stays). */
int undo_free(struct undo *u, void *p, size_t bytes);

void undo_commit(struct undo *u);
void undo_rollback(struct undo *u);
