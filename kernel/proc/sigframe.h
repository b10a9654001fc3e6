// SPDX-License-Identifier: MIT
/*
 * The frame that a signal handler runs on.
 */
#pragma once

#include "kernel/proc/signal.h"

/*
 * Saves the user state of frame below the user's stack pointer and makes frame the start of the
 * handler of *a, which gets (sig, siginfo, ucontext). addr: of the fault. 0 or -EFAULT: the stack
 * is not writable or the handler is not a user address (frame is unchanged).
 */
int sigframe_push(struct trapframe *frame, const struct sigaction *a, int sig, u64 addr,
		  u64 old_mask);

/* rt_sigreturn(2): the state back from the user's stack, every privileged bit sanitised. 0 or
 * -EFAULT. */
int sigframe_pop(struct trapframe *frame, u64 *mask);
