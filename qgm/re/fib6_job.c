// SPDX-License-Identifier: MIT
/* fib6_job: the list of jobs of a build, pieces of the pool taken and given back (fib6_job.h).
 * Generic side, control lock held. */
#include "qgm/re/fib6_job.h"

#include "qgm/env.h"

void f6_job_add(struct f6_build *b, const struct f6_job *j)
{
	if (b->jobs == b->cap) {
		u32 cap = b->cap ? b->cap * 2 : 16;
		struct f6_job *more = env_heap_alloc(cap * sizeof(*more));

		if (!more) {
			b->failed = true;
			return;
		}
		if (b->jobs)
			__builtin_memcpy(more, b->job, b->jobs * sizeof(*more));
		env_heap_free(b->job, b->cap * sizeof(*more));
		b->job = more;
		b->cap = cap;
	}
	b->job[b->jobs++] = *j;
}

u32 f6_piece(struct f6_build *b, u32 order)
{
	u32 line = f6_pool_take(&b->w->pool, order);

	b->failed |= line == F6_NONE;
	return line;
}

void f6_tree_drop(struct f6_build *b, u32 v)
{
	u32 line = f6_node_line(v), n = F6_WIDE_RUNS, last = 0;
	const u32 *value;

	if (!(v & F6_NODE))
		return;
	if (v & (F6_DIR | F6_WIDE)) {
		value = ((const struct f6_line *)f6_mem(b, line))->value;
		if (v & F6_DIR) {
			value = (const u32 *)f6_mem(b, line);
			n = 1u << f6_dir_bits(v);
		}
		for (u32 i = 0; i < n; i++) {
			if (!(value[i] & F6_NODE) || value[i] == last)
				continue; /* entries share lines */
			last = value[i];
			f6_tree_drop(b, last);
		}
	}
	f6_pool_drop(&b->w->pool, line);
}
