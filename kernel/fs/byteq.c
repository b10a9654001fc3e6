// SPDX-License-Identifier: MIT
/*
 * A queue of bytes between user programs; see kernel/fs/pipe.h. The indices move only when a copy
 * has wholly succeeded.
 */
#include "kernel/errno.h"
#include "kernel/fs/pipe.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/heap.h"

int byteq_init(struct byteq *q, u32 size)
{
	*q = (struct byteq){ .buf = user_memory_left() ? kmalloc(size) : NULL, .size = size };
	return q->buf ? 0 : -ENOMEM;
}

void byteq_free(struct byteq *q)
{
	kfree(q->buf);
	*q = (struct byteq){ 0 };
}

s64 byteq_write_user(struct byteq *q, const void *ubuf, size_t n)
{
	u32 room = byteq_room(q), at = q->head & (q->size - 1);

	if (n > room)
		n = room;
	size_t first = q->size - at < n ? q->size - at : n;
	if (copy_from_user(q->buf + at, ubuf, first) < 0 ||
	    copy_from_user(q->buf, (const u8 *)ubuf + first, n - first) < 0)
		return -EFAULT;
	q->head += (u32)n;
	return (s64)n;
}

s64 byteq_read_user(struct byteq *q, void *ubuf, size_t n, bool peek)
{
	u32 used = byteq_used(q), at = q->tail & (q->size - 1);

	if (n > used)
		n = used;
	size_t first = q->size - at < n ? q->size - at : n;
	if (copy_to_user(ubuf, q->buf + at, first) < 0 ||
	    copy_to_user((u8 *)ubuf + first, q->buf, n - first) < 0)
		return -EFAULT;
	if (!peek)
		q->tail += (u32)n;
	return (s64)n;
}
