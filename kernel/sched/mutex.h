// SPDX-License-Identifier: MIT
/*
 * A sleeping lock for threads of generic cores: its holder may copy from and to user memory and
 * may sleep. Never taken by interrupt handlers. Not recursive (taking it twice panics).
 */
#pragma once

#include "kernel/sched/wait.h"
#include "kernel/types.h"

struct mutex {
	struct waitq wq;
	struct thread *owner; /* NULL = free; atomic */
};

void mutex_init(struct mutex *m);
void mutex_lock(struct mutex *m);
void mutex_unlock(struct mutex *m);
