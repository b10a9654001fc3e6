# SPDX-License-Identifier: MIT

UNIT += fe_vlan
UNIT_fe_vlan_SRC := tests/unit/fe/test_vlan.c tests/unit/fe/rig.c
UNIT_fe_vlan_QGM := $(QGM_SRC)
