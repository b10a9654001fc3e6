# SPDX-License-Identifier: MIT

UNIT += steer_toeplitz
UNIT_steer_toeplitz_SRC := tests/unit/steer/test_toeplitz.c
UNIT_steer_toeplitz_QGM := $(wildcard qgm/steer/toeplitz*.c) qgm/cpu.c

# On threads, too: the sanitized build finds what ASan can; tests/race has ThreadSanitizer.
UNIT += steer_order
UNIT_steer_order_SRC := tests/unit/steer/test_order.c tests/unit/steer/order.c
UNIT_steer_order_QGM := $(QGM_SRC)
UNIT_steer_order_LDLIBS := -lpthread

UNIT += steer_steer
UNIT_steer_steer_SRC := tests/unit/steer/test_steer.c
UNIT_steer_steer_QGM := $(QGM_SRC)
UNIT_steer_steer_CFLAGS := -Wno-frame-larger-than
