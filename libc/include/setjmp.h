// SPDX-License-Identifier: MIT
/* Non-local jumps (ISO C17 7.13): rbx, rbp, r12-r15, rsp, rip. The signal mask is not saved. */
#pragma once

typedef unsigned long jmp_buf[8];

int setjmp(jmp_buf env) __attribute__((returns_twice));
void longjmp(jmp_buf env, int val) __attribute__((noreturn));
