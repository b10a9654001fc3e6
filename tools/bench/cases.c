// SPDX-License-Identifier: MIT
/* The one table of benchmarks (cases.h). */
#include "tools/bench/cases.h"

const struct bench_case bench_cases[] = {
	{ "null-fwd-64", "fwd", case_null_fwd_64, false, "swap MACs between two null ports" },
	{ "null-fwd-64-copy", "fwd", case_null_fwd_copy, false, "the same, payload copied once" },
	{ "null-fwd-1500", "fwd", case_null_fwd_1500, false, "1500 bytes, copied once" },
	{ "null-fwd-2core", "fwd", case_null_fwd_2core, false, "two QGMs, two ports each" },
	{ "l2fwd-64k", "l2", case_l2fwd, false, "learning switch, 65,536 stations, VLANs" },
	{ "fib4-random", "fib4", case_fib4_random, false, "uniform over the covered space" },
	{ "fib4-uniform", "fib4", case_fib4_uniform, false, "a prefix, then an address in it" },
	{ "fib4-zipf", "fib4", case_fib4_zipf, false, "2^20 destinations, exponent 1" },
	{ "fib4-hot", "fib4", case_fib4_hot, false, "512 destinations" },
	{ "fib4-latency", "fib4", case_fib4_latency, false, "dependent lookups" },
	{ "fib-memory", "fib4", case_fib_memory, false, "bytes of the full tables" },
	{ "fib4-load", "fib4", case_fib4_load, false, "the full table from empty" },
	{ "fib4-load-lpm", "fib4", case_fib4_load_lpm, true, "the same against rte_lpm" },
	{ "fib4-update", "fib4", case_fib4_update, false, "changes while another core reads" },
	{ "fib6-update", "fib6", case_fib6_update, false, "changes while another core reads" },
	{ "fib6-uniform", "fib6", case_fib6_uniform, false, "a prefix, then an address in it" },
	{ "fib6-zipf", "fib6", case_fib6_zipf, false, "2^20 destinations, exponent 1" },
	{ "l3fwd4-random", "l3", case_l3fwd4_random, false, "IPv4 router, full table" },
	{ "l3fwd4-zipf", "l3", case_l3fwd4_zipf, false, "IPv4 router, full table" },
	{ "l3fwd6-random", "l3", case_l3fwd6_random, false, "IPv6 router, full table" },
	{ "fdb-64k", "fdb", case_fdb_64k, false, "65,536 stations" },
	{ "fdb-1m", "fdb", case_fdb_1m, false, "a million stations" },
	{ "toeplitz-v4", "steer", case_toeplitz_v4, false, "RSS hash of IPv4 flows" },
	{ "toeplitz-v6", "steer", case_toeplitz_v6, false, "RSS hash of IPv6 flows" },
	{ "ring-spsc", "ring", case_ring_spsc, false, "SPSC ring, one and two cores" },
	{ "ring-mpmc", "ring", case_ring_mpmc, false, "MPMC ring, one and two cores" },
	{ "pool-32", "ring", case_pool, false, "get and put of 32 buffers" },
	{ "false-sharing", "ring", case_false_sharing, false, "indices on one line or apart" },
	{ "tx-bulk", "fwd", case_tx_bulk, false, "bulk size against a modelled doorbell" },
	{ "memcpy", "fwd", case_memcpy, false, "copying by size" },
	{ "pipeline", "fwd", case_pipeline, false, "run to completion against a pipeline" },
	{ "pcap", "fwd", case_pcap, false, "capture file, two QGMs and a link, capture file" },
	{ "nic-ixgbe", "nic", case_nic_ixgbe, false, "the 82599's driver on its model" },
	{ "nic-i40e", "nic", case_nic_i40e, false, "the XL710's driver on its model" },
	{ "huge-pages", "fwd", case_pages, false, "2 MiB against 4 KiB pages" },
};

const unsigned bench_case_count = sizeof(bench_cases) / sizeof(bench_cases[0]);
