// SPDX-License-Identifier: MIT
/*
 * Random bytes for processes and the kernel.
 */
#pragma once

#include "kernel/types.h"

/* n bytes. Any thread of a generic core, interrupts on or off. */
void random_bytes(void *buf, size_t n);

/* Adds what an event's time tells to the next key. Any context. */
void random_stir(u64 event);

/* The ChaCha20 block function (RFC 8439 section 2.3): 64 bytes from 16 words of state. Pure. */
void chacha20_block(const u32 state[16], u8 out[64]);
