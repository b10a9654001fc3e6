# SPDX-License-Identifier: MIT

UNIT += qgm_ring
UNIT_qgm_ring_SRC := tests/unit/qgm/test_ring.c
UNIT_qgm_ring_QGM := qgm/ring.c qgm/msgring.c qgm/framering.c qgm/drop.c

UNIT += qgm_bridge
UNIT_qgm_bridge_SRC := tests/unit/qgm/test_bridge.c tests/unit/qgm/flows.c
UNIT_qgm_bridge_QGM := $(QGM_SRC)

UNIT += qgm_jumbo
UNIT_qgm_jumbo_SRC := tests/unit/qgm/test_jumbo.c
UNIT_qgm_jumbo_QGM := $(QGM_SRC)

UNIT += qgm_pool
UNIT_qgm_pool_SRC := tests/unit/qgm/test_pool.c
UNIT_qgm_pool_QGM := $(QGM_SRC)

UNIT += qgm_timer
UNIT_qgm_timer_SRC := tests/unit/qgm/test_timer.c
UNIT_qgm_timer_QGM := qgm/timer.c

UNIT += qgm_tables
UNIT_qgm_tables_SRC := tests/unit/qgm/test_tables.c
UNIT_qgm_tables_QGM := $(QGM_SRC)

UNIT += qgm_sleep
UNIT_qgm_sleep_SRC := tests/unit/qgm/test_sleep.c
UNIT_qgm_sleep_QGM := $(QGM_SRC)

UNIT += qgm_fdb
UNIT_qgm_fdb_SRC := tests/unit/qgm/test_fdb.c
UNIT_qgm_fdb_QGM := $(QGM_SRC)

UNIT += qgm_door
UNIT_qgm_door_SRC := tests/unit/qgm/test_door.c
UNIT_qgm_door_QGM := $(QGM_SRC)

# 10^8 packets; the sanitized forms of the same walks are in qgm_bridge and re_world.
UNIT += qgm_mass
UNIT_qgm_mass_SRC := tests/unit/qgm/test_mass.c $(wildcard drivers/net/null/*.c)
UNIT_qgm_mass_QGM := $(QGM_SRC)
UNIT_qgm_mass_TIMEOUT := 600
UNIT_qgm_mass_NOSAN := 1

UNIT += qgm_ports
UNIT_qgm_ports_SRC := tests/unit/qgm/test_ports.c
UNIT_qgm_ports_QGM := $(QGM_SRC)

UNIT += qgm_receive
UNIT_qgm_receive_SRC := tests/unit/qgm/test_receive.c
UNIT_qgm_receive_QGM := qgm/receive.c qgm/receive_avx2.c qgm/cpu.c

UNIT += qgm_sent
UNIT_qgm_sent_SRC := tests/unit/qgm/test_sent.c
UNIT_qgm_sent_QGM := qgm/sent_avx512.c qgm/cpu.c
