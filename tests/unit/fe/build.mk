# SPDX-License-Identifier: MIT

UNIT += fe_vlan
UNIT_fe_vlan_SRC := tests/unit/fe/test_vlan.c tests/unit/fe/rig.c
UNIT_fe_vlan_QGM := $(QGM_SRC)

UNIT += fe_irb
UNIT_fe_irb_SRC := tests/unit/fe/test_irb.c tests/unit/fe/rig.c
UNIT_fe_irb_QGM := $(QGM_SRC)

UNIT += fe_guard
UNIT_fe_guard_SRC := tests/unit/fe/test_guard.c tests/unit/fe/rig.c
UNIT_fe_guard_QGM := $(QGM_SRC)
