# SPDX-License-Identifier: MIT

UNIT += steer_toeplitz
UNIT_steer_toeplitz_SRC := tests/unit/steer/test_toeplitz.c
UNIT_steer_toeplitz_QGM := $(wildcard qgm/steer/toeplitz*.c) qgm/cpu.c
