# SPDX-License-Identifier: MIT
# Commands that run the image: demo, run, the guest benchmark, and lint.

.PHONY: deps demo run bench-guest bench-guest-idle lint check-headers
deps: ## install the Debian packages that are missing
	@tools/deps.sh

demo: deps $(B)/pix.elf $(B)/nicsim/nicsim ## forward real traffic through the image under QEMU; BREAK=arp|checksum|ttl must fail
	@B=$(B) $(PY) tools/demo.py

run: deps $(B)/pix.elf ## boot the image under QEMU with the serial console in the terminal
	@B=$(B) tools/run.sh

# The load generator and the instruction counter of the guest benchmark: plain host programs.
GUEST_GEN  := $(B)/bench_guest/gen
GUEST_INSN := $(B)/bench_guest/insn.so
$(GUEST_GEN): tools/bench_guest/gen.c
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) -std=gnu17 -O2 -g -I. $(WARN) $< -o $@

$(GUEST_INSN): tools/bench_guest/insn.c
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) -std=gnu17 -O2 -g -fPIC -shared $(WARN) $< -o $@

bench-guest: deps $(B)/pix.elf $(GUEST_GEN) $(GUEST_INSN) ## PIX against Linux as the guest of one QEMU; FULL=1, CASE=e1000-1
	@B=$(B) $(PY) tools/bench_guest/bench.py

bench-guest-idle: deps $(B)/pix.elf $(GUEST_GEN) ## polling, hybrid and interrupt-driven QGMs in the guest, side by side
	@B=$(B) $(PY) tools/bench_guest/idle.py

# The full table for tests and benchmarks, from libloc-database; made at build time, never committed.
ROUTES4 := $(B)/routes/prefixes4.txt
ROUTES6 := $(B)/routes/prefixes6.txt
$(ROUTES4) $(ROUTES6) &: tools/routes/extract.py
	$(call say,ROUTES)$(PY) $< $(B)/routes

.PHONY: routes
routes: $(ROUTES4) $(ROUTES6) ## extract the full table into build/routes/

lint: deps ## format, include rules, headers alone, warnings, cppcheck, clang-tidy
	@B=$(B) $(PY) tools/lint/lint.py

include tools/bench/build.mk
include tools/nicsim/build.mk

# For tools that compile as the build does: the value of a variable.
print-%:
	@echo '$($*)'
