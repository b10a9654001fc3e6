# SPDX-License-Identifier: MIT

FIB4      := $(filter-out $(wildcard qgm/re/fib6*.c),$(wildcard qgm/re/fib*.c)) qgm/cpu.c
RE_TABLES := $(FIB4) qgm/re/nexthop.c qgm/re/garbage.c

UNIT += re_checksum
UNIT_re_checksum_SRC := tests/unit/re/test_checksum.c
UNIT_re_checksum_QGM := qgm/re/checksum.c

UNIT += re_fib
UNIT_re_fib_SRC := tests/unit/re/test_fib.c tests/unit/re/fake_env.c
UNIT_re_fib_QGM := $(RE_TABLES)

UNIT += re_fib_large
UNIT_re_fib_large_SRC := tests/unit/re/test_fib_large.c tests/unit/re/fake_env.c tests/unit/re/naive4.c
UNIT_re_fib_large_QGM := $(RE_TABLES)

FIB6 := $(wildcard qgm/re/fib6*.c) qgm/re/garbage.c qgm/cpu.c

UNIT += re_fib6
UNIT_re_fib6_SRC := tests/unit/re/test_fib6.c tests/unit/re/fake_env.c
UNIT_re_fib6_QGM := $(FIB6)

UNIT += re_fib6_trie
UNIT_re_fib6_trie_SRC := tests/unit/re/test_fib6_trie.c tests/unit/re/fake_env.c
UNIT_re_fib6_trie_QGM := $(FIB6)

UNIT += re_btree
UNIT_re_btree_SRC := tests/unit/re/test_btree.c tests/unit/re/fake_env.c
UNIT_re_btree_QGM := qgm/re/btree.c qgm/re/undo.c

UNIT += re_nexthop
UNIT_re_nexthop_SRC := tests/unit/re/test_nexthop.c tests/unit/re/fake_env.c
UNIT_re_nexthop_QGM := $(RE_TABLES)

# One QGM around the routing engine, all of it but the loop.
RE_FAKE := tests/unit/re/fake_env.c tests/unit/re/fake_engine.c tests/unit/re/fates.c tests/unit/re/frames.c \
	tests/unit/re/ops.c tests/unit/re/six.c tests/unit/re/ways.c tests/unit/re/fake_steer.c
RE_ALL  := $(wildcard qgm/re/*.c) $(wildcard qgm/control*.c) qgm/timer.c qgm/drop.c qgm/cpu.c \
	qgm/steer/flow.c

define re_unit
UNIT += re_$(1)
UNIT_re_$(1)_SRC := tests/unit/re/test_$(1).c $(RE_FAKE)
UNIT_re_$(1)_QGM := $(RE_ALL)
endef
$(foreach t,control ifset routes paths load rebuild,$(eval $(call re_unit,$(t))))
$(foreach t,wide input input6 icmp icmp6 neigh fragment reasm ways,$(eval $(call re_unit,$(t))))
# Literal operations by the dozen: the sanitized build keeps each on the stack.
UNIT_re_control_CFLAGS := -Wno-frame-larger-than
UNIT_re_ifset_CFLAGS := -Wno-frame-larger-than
UNIT_re_routes_CFLAGS := -Wno-frame-larger-than
UNIT_re_rebuild_CFLAGS := -Wno-frame-larger-than

# In the whole data plane.
UNIT += re_world
UNIT_re_world_SRC := tests/unit/re/test_world.c tests/unit/re/frames.c tests/unit/re/ops.c tests/unit/qgm/flows.c
UNIT_re_world_QGM := $(QGM_SRC)

# Large tables in a small region: sizes, which the sanitizers' own memory does not change.
UNIT += re_small
UNIT_re_small_SRC := tests/unit/re/test_small.c
UNIT_re_small_QGM := $(QGM_SRC)
UNIT_re_small_NOSAN := 1

# What a flood of fragments costs: real time, so not under the sanitizers.
UNIT += re_smack
UNIT_re_smack_SRC := tests/unit/re/test_smack.c $(wildcard drivers/net/null/*.c)
UNIT_re_smack_QGM := $(QGM_SRC)
UNIT_re_smack_NOSAN := 1

UNIT += re_reuse
UNIT_re_reuse_SRC := tests/unit/re/test_reuse.c
UNIT_re_reuse_QGM := $(QGM_SRC)
UNIT_re_reuse_LDLIBS := -lpthread

# The full table; FIB_LONG=1: every address, 10^9 lookups.
UNIT += re_fib_full
UNIT_re_fib_full_SRC := tests/unit/re/test_fib_full.c tests/unit/re/fib_churn.c tests/unit/re/naive4.c
UNIT_re_fib_full_QGM := $(QGM_SRC)
UNIT_re_fib_full_CFLAGS = -DFIB_ROUTES='"$(ROUTES4)"'
UNIT_re_fib_full_LDLIBS := -lpthread
# Writer and readers wait for each other: on a machine that does other things it takes three times as long.
UNIT_re_fib_full_TIMEOUT := 1500
$(B)/unit/re_fib_full.ok $(B)/unit/re_fib_full.san.ok: | $(B)/routes/prefixes4.txt

UNIT += re_fib6_full
UNIT_re_fib6_full_SRC := tests/unit/re/test_fib6_full.c tests/unit/re/fib6_churn.c tests/unit/re/naive6.c
UNIT_re_fib6_full_QGM := $(QGM_SRC)
UNIT_re_fib6_full_CFLAGS = -DFIB_ROUTES='"$(ROUTES6)"'
UNIT_re_fib6_full_LDLIBS := -lpthread
UNIT_re_fib6_full_TIMEOUT := 1500
$(B)/unit/re_fib6_full.ok $(B)/unit/re_fib6_full.san.ok: | $(B)/routes/prefixes6.txt
