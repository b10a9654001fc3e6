// SPDX-License-Identifier: MIT
/*
 * Pipes, and the byte queue that they and stream sockets are made of.
 */
#pragma once

#include "kernel/fs/file.h"
#include "kernel/types.h"

/* A queue of bytes, a power of two long. Its owner's lock guards it. */
struct byteq {
	u8 *buf;
	u32 size;
	u32 head, tail; /* run free; head - tail bytes are in it */
};

int byteq_init(struct byteq *q, u32 size); /* 0 or -ENOMEM */
void byteq_free(struct byteq *q);
static inline u32 byteq_used(const struct byteq *q)
{
	return q->head - q->tail;
}
static inline u32 byteq_room(const struct byteq *q)
{
	return q->size - (q->head - q->tail);
}
/* Up to n bytes from or to user memory; how many, or -EFAULT (nothing was taken or added). */
s64 byteq_write_user(struct byteq *q, const void *ubuf, size_t n);
s64 byteq_read_user(struct byteq *q, void *ubuf, size_t n, bool peek);

/* Two files, [0] to read from and [1] to write to; flags: O_NONBLOCK. 0 or -ENOMEM. */
int pipe_create(struct file *end[2], unsigned flags);
