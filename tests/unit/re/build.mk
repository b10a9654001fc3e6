# SPDX-License-Identifier: MIT

RE_TABLES := qgm/re/fib.c qgm/re/nexthop.c qgm/re/garbage.c

UNIT += re_checksum
UNIT_re_checksum_SRC := tests/unit/re/test_checksum.c
UNIT_re_checksum_QGM := qgm/re/checksum.c

UNIT += re_fib
UNIT_re_fib_SRC := tests/unit/re/test_fib.c tests/unit/re/fake_env.c
UNIT_re_fib_QGM := $(RE_TABLES)

UNIT += re_nexthop
UNIT_re_nexthop_SRC := tests/unit/re/test_nexthop.c tests/unit/re/fake_env.c
UNIT_re_nexthop_QGM := $(RE_TABLES)
