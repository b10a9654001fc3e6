# SPDX-License-Identifier: MIT
# Models of NICs: the core and each chip.

# The core on its small test device: configuration space, DMA, interrupts, faults, wires, and both
# protocols against a fake QEMU.
UNIT += nicsim_core
UNIT_nicsim_core_SRC := tests/unit/nicsim/test_core.c tests/unit/nicsim/bench.c $(NICSIM_SRC)

UNIT += nicsim_wire
UNIT_nicsim_wire_SRC := tests/unit/nicsim/test_wire.c tests/unit/nicsim/bench.c $(NICSIM_SRC)

UNIT += nicsim_attach
UNIT_nicsim_attach_SRC := tests/unit/nicsim/test_attach.c tests/unit/nicsim/bench.c $(NICSIM_SRC)

XL710_RIG := tests/unit/nicsim/xl710_rig.c $(NICSIM_SRC)

XL710_TESTS := $(patsubst tests/unit/nicsim/test_%.c,%,$(wildcard tests/unit/nicsim/test_xl710_*.c))
UNIT += $(XL710_TESTS)
$(foreach t,$(XL710_TESTS),$(eval UNIT_$(t)_SRC := tests/unit/nicsim/test_$(t).c $$(XL710_RIG)))

RIG_82599 := tests/unit/nicsim/rig_82599.c $(NICSIM_SRC)

TESTS_82599 := $(patsubst tests/unit/nicsim/test_82599_%.c,%,$(wildcard tests/unit/nicsim/test_82599_*.c))
UNIT += $(TESTS_82599:%=nicsim_82599_%)
$(foreach t,$(TESTS_82599),$(eval UNIT_nicsim_82599_$(t)_SRC := tests/unit/nicsim/test_82599_$(t).c $$(RIG_82599)))

UNIT += nicsim_82576
UNIT_nicsim_82576_SRC := tests/unit/nicsim/test_82576.c $(NICSIM_SRC)
