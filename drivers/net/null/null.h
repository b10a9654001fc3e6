// SPDX-License-Identifier: MIT
/*
 * The null port: no device behind it. Rx hands out as many frames as it was told to, round robin
 * over templates; Tx swallows. It takes every buffer from the pool, copies the frame into it as DMA
 * would, fills the metadata that a NIC driver fills, and its Tx holds buffers until reclaim: no
 * short cut for benchmarks.
 */
#pragma once

#include "qgm/port.h"

enum { NULL_PATCH = 16 };

struct null_frame {
	const u8 *data; /* at least 64 bytes can be read, whatever len is */
	u16 len;
};

/* Boot CPU: register a null port; `state` is null_state_bytes() of ENV_PRIVATE memory, `p` from
 * port_alloc(). 0 or port_register()'s error. */
size_t null_state_bytes(void);
int null_port_create(struct port *p, void *state);

/* Owner QGM or before start: produce `count` more frames (~0: without end) from the templates, at
 * most `per_poll` (1..64) a poll. */
void null_port_generate(struct port *p, const struct null_frame *frames, u32 nframes, u64 count,
			u32 per_poll);

/* The same from one template of at most 64 bytes, in which 16 bytes at `at` are another patch in
 * each frame, round robin: many flows in little memory. */
void null_port_generate_patched(struct port *p, const struct null_frame *template, u32 at,
				const u8 (*patch)[NULL_PATCH], u32 npatches, u64 count,
				u32 per_poll);

/* The same without the copy: `len` bytes of whatever the buffer holds. For measuring what the
 * engine costs without its traffic; the buffers hold frames already. */
void null_port_generate_bare(struct port *p, u16 len, u64 count, u32 per_poll);

/* Before start: Tx copies each frame into memory of its own before it forgets it, as a device reads
 * what it sends. Off at first. */
void null_port_read_sent(struct port *p, bool on);

u64 null_port_swallowed(const struct port *p);
