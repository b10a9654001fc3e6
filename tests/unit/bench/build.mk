# SPDX-License-Identifier: MIT

UNIT += bench_stats
UNIT_bench_stats_SRC := tests/unit/bench/test_stats.c tools/bench/stats.c
UNIT_bench_stats_LDLIBS := -lm
