// SPDX-License-Identifier: MIT
/*
 * cases: the one table of benchmarks (cases.c). A case is a function that measures and reports one
 * or more results whose names start with its own; it runs in a process of its own, pinned to
 * options.core.
 */
#pragma once

#include "tools/bench/report.h"

struct bench_case {
	const char *name;
	const char *family;
	void (*run)(void);
	bool full; /* of make bench-full only */
	const char *what;
};

extern const struct bench_case bench_cases[];
extern const unsigned bench_case_count;

/* case_ring.c */
void case_ring_spsc(void);
void case_ring_mpmc(void);
void case_pool(void);
void case_false_sharing(void);

/* case_fib4.c, case_fib4_update.c */
void case_fib4_random(void);
void case_fib4_uniform(void);
void case_fib4_zipf(void);
void case_fib4_hot(void);
void case_fib4_latency(void);
void case_fib4_load(void);
void case_fib4_load_lpm(void);
void case_fib4_update(void);
void case_fib_memory(void);

/* case_fib6.c */
void case_fib6_uniform(void);
void case_fib6_zipf(void);
void case_fib6_update(void);

/* case_fdb.c */
void case_fdb_64k(void);
void case_fdb_1m(void);

/* case_fwd.c */
void case_null_fwd_64(void);
void case_null_fwd_copy(void);
void case_null_fwd_1500(void);
void case_null_fwd_2core(void);
void case_pipeline(void);
void case_pages(void);

/* case_l3.c, case_l2.c */
void case_l3fwd4_random(void);
void case_l3fwd4_zipf(void);
void case_l3fwd6_random(void);
void case_l2fwd(void);

/* case_toeplitz.c */
void case_toeplitz_v4(void);
void case_toeplitz_v6(void);

/* case_wire.c */
void case_pcap(void);

/* case_tx.c, case_memcpy.c */
void case_tx_bulk(void);
void case_memcpy(void);

/* case_nic.c */
void case_nic_ixgbe(void);
void case_nic_i40e(void);
