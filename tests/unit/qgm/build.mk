# SPDX-License-Identifier: MIT

UNIT += qgm_ring
UNIT_qgm_ring_SRC := tests/unit/qgm/test_ring.c
UNIT_qgm_ring_QGM := qgm/ring.c
