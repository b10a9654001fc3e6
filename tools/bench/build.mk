# SPDX-License-Identifier: MIT
# The hosted data plane: benchmarks of the image's own objects against DPDK, natively.

BENCH      := $(B)/bench/bench
BENCH_SRC  := $(wildcard tools/bench/*.c)
BENCH_PEER := $(wildcard tools/bench/peer/*.c)
BENCH_HOST := $(BENCH_SRC:%.c=$(B)/host/%.o)
BENCH_NET  := $(patsubst %.c,$(B)/obj/%.o,$(wildcard drivers/net/null/*.c))
# Drivers of NICs and the models of their chips, for the host.
BENCH_NIC  := $(patsubst %.c,$(B)/host/%.o,$(wildcard drivers/net/ixgbe/*.c drivers/net/i40e/*.c) \
	$(wildcard drivers/net/ring/*.c drivers/net/owner/*.c) \
	$(filter-out tools/nicsim/main.c,$(wildcard tools/nicsim/*.c tools/nicsim/*/*.c)))

# What the program has instead of DPDK's libraries (peer_nic.c).
BENCH_OWN  := rte_pci_map_device rte_pci_unmap_device rte_pci_read_config rte_pci_write_config \
	rte_cpu_get_flag_enabled

# The peers are compiled as their users compile them: for this machine, at -O3, with DPDK's flags.
DPDK_CFLAGS = $(shell pkg-config --cflags libdpdk 2>/dev/null)
DPDK_LIBS   = $(shell pkg-config --libs libdpdk 2>/dev/null)
$(B)/bench/peer/%.o: tools/bench/peer/%.c tools/bench/build.mk | bench-deps
	@mkdir -p $(@D)
	$(call say,CC)$(CC) -std=gnu17 -O3 -g -I. -MD -MP -fno-pie $(DPDK_CFLAGS) -march=native -Wall -Wextra -Werror \
		-Wno-cast-qual -Wno-maybe-uninitialized -c $< -o $@

$(BENCH_HOST): HOST_EXTRA = -Wno-frame-larger-than -D_GNU_SOURCE
$(B)/host/tools/bench/macswap.o: HOST_EXTRA = -mssse3 -D_GNU_SOURCE

$(BENCH): $(BENCH_HOST) $(BENCH_PEER:tools/bench/%.c=$(B)/bench/%.o) $(QGM_SRC:%.c=$(B)/obj/%.o) \
		$(BENCH_NET) $(BENCH_NIC) $(B)/host/libpixhost.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) -no-pie -g -o $@ $^ $(BENCH_OWN:%=-Wl,--export-dynamic-symbol=%) $(DPDK_LIBS) -lpthread -lm

.PHONY: bench bench-full bench-report bench-deps
bench-deps: ## install the Debian packages of the benchmarks' peers
	@PACKAGES="dpdk dpdk-dev libdpdk-dev gnuplot-nox pkg-config" tools/deps.sh

bench: bench-deps routes $(BENCH) ## native benchmarks against DPDK, at most 20 minutes; B=fib4-random runs one
	@$(PY) tools/bench/bench.py --build $(B) $(BENCH_ONE)

bench-full: bench-deps routes $(BENCH) ## all of them, the long ones too
	@$(PY) tools/bench/bench.py --build $(B) --full $(BENCH_ONE)

bench-report: bench ## the same, then plots and tables into docs/bench/ and README.md
	@$(PY) tools/bench/bench.py --build $(B) --report
