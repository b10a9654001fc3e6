# SPDX-License-Identifier: MIT
# The system tests: the real image under QEMU (pytest). TESTS="-k icmp" chooses some.

TEST_IMAGES := $(B)/pix.elf $(B)/pix.iso $(B)/nicsim/nicsim
PYTEST = B=$(B) PIX_TEST_LOGS=$(B)/test-logs $(PY) -m pytest -q -p no:cacheprovider --durations=0

.PHONY: test system-test
system-test: deps $(TEST_IMAGES) ## the system tests alone; TESTS="-k icmp" chooses some
	$(PYTEST) --junit-xml=$(B)/system-test.xml tests/system $(TESTS)

test: deps ## unit and system tests, within 15 minutes on 2 cores
	@r=0; $(MAKE) --no-print-directory unit || r=1; \
	$(MAKE) --no-print-directory -s race || r=1; \
	$(MAKE) --no-print-directory -s fuzz-short || r=1; \
	$(MAKE) --no-print-directory system-test || r=1; exit $$r

# What is too long for every commit: shard k of n takes every n-th suite of the list.
LONG := malformed conservation boots x2apic igb vf order mass exhaustion reuse load fib conform faults
LONG += vfio volume fuzz
SHARD ?= 1/1
.PHONY: test-long $(LONG:%=long-%)
test-long: deps $(TEST_IMAGES) ## soak, fuzz and repeated boots; SHARD=k/n
	@k=$(firstword $(subst /, ,$(SHARD))); n=$(lastword $(subst /, ,$(SHARD))); i=0; r=0; \
	for t in $(LONG); do i=$$((i + 1)); \
		[ $$((i % n)) -eq $$((k % n)) ] || continue; \
		echo "== $$t"; $(MAKE) --no-print-directory long-$$t || r=1; done; exit $$r

long-malformed:
	PIX_FRAMES=1000000 $(PYTEST) tests/system/test_malformed.py tests/system/test_malformed6.py
long-conservation:
	PIX_COUNT=1000000 $(PYTEST) tests/system/test_conservation.py
# Once more on a newer QEMU, which has x2APIC.
long-x2apic:
	PIX_QEMU=$$(tools/newer_qemu.sh 10 $(B)-qemu10) $(PYTEST) $(addprefix tests/system/,test_x2apic.py test_cores.py \
		test_survive.py test_machine.py)
# A NIC that QEMU 7.2 lacks.
long-igb:
	PIX_QEMU=$$(tools/newer_qemu.sh 10 $(B)-qemu10) $(PYTEST) tests/system/test_igb.py
# Virtual functions by vfio-user, with message-signalled interrupts; by x-pci-proxy-dev they run in
# `make test`, on the stock QEMU: that of the newer one dies at boot.
long-vf: $(B)/nicsim/nicsim
	PIX_QEMU=$$(tools/newer_qemu.sh 11 $(B)-qemu11) $(PYTEST) tests/system/test_ixgbevf.py -k vectors
# 10^8 frames on threads and 1400 simulated schedules.
long-order: $(B)/unit/steer_order
	ORDER_LONG=1 $(B)/unit/steer_order
# 2x10^9 packets through the engine in one host process, every counter exact.
long-mass: $(B)/unit/qgm_mass
	MASS_PACKETS=1000000000 $(B)/unit/qgm_mass
# 10^6 next hops deleted and made again under traffic.
long-reuse: $(B)/unit/re_reuse
	$(B)/unit/re_reuse 1000000
# The full tables through the control door.
long-load: $(B)/unit/re_load $(ROUTES4) $(ROUTES6)
	$(B)/unit/re_load $(ROUTES4) $(ROUTES6)
# Every IPv4 address of the full table, 10^8 of IPv6; 10^9 lookups during 10^7 updates; 100 times
# withdrawn and restored. In forty parts; FIB_PART=3/40 is one of them.
FIB_PART ?= $(addsuffix /40,$(shell seq 40))
long-fib: $(B)/unit/re_fib_full $(B)/unit/re_fib6_full $(ROUTES4) $(ROUTES6)
	for p in $(FIB_PART); do FIB_LONG=1 FIB_PART=$$p $(B)/unit/re_fib_full && \
		FIB_LONG=1 FIB_PART=$$p $(B)/unit/re_fib6_full || exit 1; done
# Drivers by others on the models of NICs: DPDK on the stock QEMU, Linux on one with vfio-user.
long-conform: $(B)/nicsim/nicsim
	PACKAGES="dpdk-dev busybox-static" tools/deps.sh
	PIX_CONFORM=1000000 $(PYTEST) tests/interop
# The image on the models over vfio-user, every queue and vector of it.
long-vfio: $(B)/nicsim/nicsim
	tools/newer_qemu.sh 11 $(B)-qemu11
	PIX_VFIO=20000 $(PYTEST) tests/system/test_vfio.py
# 10^8 frames through each of the drivers and its chip's model, each accounted for.
long-volume: $(VOLUME:%=$(B)/unit/%_volume)
	for p in $^; do $$p 100000000 || exit 1; done
# Drivers and models of NICs against each other, for hours if asked to.
long-fuzz:
	$(MAKE) --no-print-directory -s fuzz FUZZ_SECONDS=$${FUZZ_SECONDS:-600}
long-exhaustion:
	PIX_FLOOD=200000 $(PYTEST) tests/system/test_exhaustion.py
long-boots:
	for i in 1 2 3 4 5 6 7 8 9 10; do $(PYTEST) tests/system/test_boot.py || exit 1; done
