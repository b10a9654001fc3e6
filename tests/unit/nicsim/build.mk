# SPDX-License-Identifier: MIT
# Models of NICs: the core and each chip.

XL710_RIG := tests/unit/nicsim/xl710_rig.c $(NICSIM_SRC)

XL710_TESTS := $(patsubst tests/unit/nicsim/test_%.c,%,$(wildcard tests/unit/nicsim/test_xl710_*.c))
UNIT += $(XL710_TESTS)
$(foreach t,$(XL710_TESTS),$(eval UNIT_$(t)_SRC := tests/unit/nicsim/test_$(t).c $$(XL710_RIG)))

RIG_82599 := tests/unit/nicsim/rig_82599.c $(NICSIM_SRC)

TESTS_82599 := $(patsubst tests/unit/nicsim/test_82599_%.c,%,$(wildcard tests/unit/nicsim/test_82599_*.c))
UNIT += $(TESTS_82599:%=nicsim_82599_%)
$(foreach t,$(TESTS_82599),$(eval UNIT_nicsim_82599_$(t)_SRC := tests/unit/nicsim/test_82599_$(t).c $$(RIG_82599)))
