# SPDX-License-Identifier: MIT
# Models of NICs: the core and each chip.

XL710_RIG := tests/unit/nicsim/xl710_rig.c $(NICSIM_SRC)

XL710_TESTS := $(patsubst tests/unit/nicsim/test_%.c,%,$(wildcard tests/unit/nicsim/test_xl710_*.c))
UNIT += $(XL710_TESTS)
$(foreach t,$(XL710_TESTS),$(eval UNIT_$(t)_SRC := tests/unit/nicsim/test_$(t).c $$(XL710_RIG)))
