# SPDX-License-Identifier: MIT

UNIT += qgm_ring
UNIT_qgm_ring_SRC := tests/unit/qgm/test_ring.c
UNIT_qgm_ring_QGM := qgm/ring.c

UNIT += qgm_bridge
UNIT_qgm_bridge_SRC := tests/unit/qgm/test_bridge.c tests/unit/qgm/flows.c
UNIT_qgm_bridge_QGM := $(QGM_SRC)
