# SPDX-License-Identifier: MIT
# Register-level models of NICs. NICSIM_SRC is what unit tests of drivers and models link:
#
#   UNIT_ixgbe_SRC := ... $(NICSIM_SRC)
#
# The program is $(B)/nicsim/nicsim, and nicsim.san with ASan and UBSan.

NICSIM_SRC  := $(filter-out tools/nicsim/main.c,$(wildcard tools/nicsim/*.c tools/nicsim/*/*.c))
NICSIM_PROG := $(B)/nicsim/nicsim

$(NICSIM_PROG): $(NICSIM_SRC:%.c=$(B)/host/%.o) $(B)/host/tools/nicsim/main.o
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) -no-pie -g -o $@ $^

$(NICSIM_PROG).san: $(NICSIM_SRC:%.c=$(B)/san/%.o) $(B)/san/tools/nicsim/main.o
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) -no-pie -g $(SAN) -o $@ $^

.PHONY: nicsim
nicsim: $(NICSIM_PROG) $(NICSIM_PROG).san
all: $(NICSIM_PROG)
