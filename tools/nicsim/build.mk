# SPDX-License-Identifier: MIT
# Register-level models of NICs. NICSIM_SRC is what unit tests of drivers and models link:
#
#   UNIT_ixgbe_SRC := ... $(NICSIM_SRC)

NICSIM_SRC := $(filter-out tools/nicsim/main.c,$(wildcard tools/nicsim/*.c tools/nicsim/*/*.c))
