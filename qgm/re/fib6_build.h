// SPDX-License-Identifier: MIT
/*
 * fib6_build: makes the lines of an IPv6 table agree with the prefixes. Internal to qgm/re/fib6*;
 * generic side, control lock held.
 */
#pragma once

#include "qgm/re/fib6_pool.h"
#include "qgm/re/fib6_trie.h"

/* What the writer keeps of one table, from its first prefix to its last. */
struct fib6_writer {
	struct f6_trie trie;
	struct f6_pool pool;
	u32 most;                /* prefixes at most since it was built anew */
	struct fib6 *blank;      /* for the next version, or NULL */
	struct fib6_batch *idle; /* of the batch before, with its list; or NULL */
};

/*
 * Is most of the block free, or are most prefixes gone? Then f6_build() makes all anew: changes
 * that are put into lines one by one leave directories and lines that their rest does not need.
 */
bool f6_build_wanted(const struct fib6_writer *w);

/*
 * The value of the root for what the trie holds now; `root` is the value of the published table.
 * Only nodes on the way to dirty prefixes are touched. 0 or -ENOMEM; then f6_pool_abort() must
 * follow.
 */
int f6_build(struct fib6_writer *w, u32 *root);
